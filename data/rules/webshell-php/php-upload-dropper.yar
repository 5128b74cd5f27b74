rule php_upload_dropper {
    meta:
        title = "Bare PHP page that stores whatever is uploaded"
        why = "The page takes a file and keeps it under the sender's own name, with no check of type, size or login: the usual first step before a larger web shell is uploaded."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $tag = "<?php" nocase
        $form = "multipart/form-data" nocase
        $field = /type\s{0,3}=\s{0,3}\\?['"]?file\b/ nocase
        $move = /\b(move_uploaded_file|copy|rename)\s{0,5}\(\s{0,5}@?\$_FILES\s{0,3}[\[{][^;]{1,40}tmp_name['"]?\s{0,3}[\]}]\s{0,5},/ nocase
        $move_variable = /\b(move_uploaded_file|copy)\s{0,5}\(\s{0,5}\$\w{1,30}\s{0,5}(\[['"]?tmp_name['"]?\]\s{0,5})?,/ nocase
        $own_name = /(\.\s{0,3}|,\s{0,5}|=\s{0,5}|basename\s?\(\s?)\$_FILES\s{0,3}[\[{][^\]}]{1,30}[\]}]\s{0,3}[\[{]\s{0,3}['"]?name['"]?\s{0,3}[\]}]/ nocase
        // What an upload page of a real program has.
        $check_session = "session_start" nocase
        $check_session_use = "$_SESSION" nocase
        $check_suffix = "PATHINFO_EXTENSION" nocase
        $check_suffix2 = "pathinfo(" nocase
        $check_list = "in_array(" nocase
        $check_image = "getimagesize" nocase
        $check_type = "finfo" nocase
        $check_size = /\[\s?['"]size['"]\s?\]/
        $check_type2 = /\[\s?['"]type['"]\s?\]/
        $check_include = /\b(require|include)(_once)?[\s(]{1,3}['"]/ nocase
        $check_nonce = /csrf|nonce/ nocase
        $check_random = /random_bytes|uniqid\(|tempnam\(/ nocase
        $check_class = /\b(namespace|class)\s[A-Za-z_\\]{2,60}[\s;{]/
    condition:
        filesize < 8KB and ($tag or uint16(0) == 0x3f3c) and $form and $field and ($move or $move_variable) and $own_name and
        not any of ($check_*)
}
