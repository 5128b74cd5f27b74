rule rsh_nc_exec {
    meta:
        title = "Netcat starts a shell on its connection"
        why = "Netcat hands its network connection to a shell: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        // The option, then address and port; or the other way round.
        $option_first = /(^|[^A-Za-z0-9_.-])(nc|ncat|netcat|nc\.traditional|nc\.openbsd)\s{1,4}([^\n|;&'"]{0,60}\s)?(-[a-df-zA-Z]{0,6}[ec]|--exec|--sh-exec)[\s=]{1,4}["']?(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?["']?\s{1,4}[^\n|;]{0,20}([0-9]{1,3}\.[0-9]{1,3}\.|\$\{?\w|[A-Za-z0-9-]{1,60}\.[A-Za-z0-9.-]{2,80}\s{1,4}[0-9$]|localhost)/
        $address_first = /(^|[^A-Za-z0-9_.-])(nc|ncat|netcat|nc\.traditional|nc\.openbsd)\s{1,4}(-[a-zA-Z]{1,6}\s{1,4}){0,4}([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\$\{?\w{1,20}\}?|[A-Za-z0-9-]{1,60}\.[A-Za-z0-9.-]{2,80})\s{1,4}(-p\s{0,4})?[0-9$][\w{}]{0,20}\s{1,4}(-[a-zA-Z]{1,6}\s{1,4}){0,4}(-[a-df-zA-Z]{0,6}[ec]|--exec|--sh-exec)[\s=]{1,4}["']?(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b/
        $listen = /(^|[^A-Za-z0-9_.-])(nc|ncat|netcat|nc\.traditional)\s{1,4}(-[a-zA-Z]{0,8}\s{1,4}){0,4}-{1,2}[a-zA-Z]{0,8}l[a-zA-Z]{0,8}\s{1,4}([^\n|;&'"]{0,40}\s)?(-p\s{0,4})?[0-9$][\w{}]{0,20}\s{1,4}([^\n|;&'"]{0,40}\s)?(-[a-zA-Z]{0,6}[ec]|--exec|--sh-exec)[\s=]{1,4}["']?(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b/
        $listen_joined = /(^|[^A-Za-z0-9_.-])(nc|ncat|netcat)\s{1,4}-[a-zA-Z]{0,8}l[a-zA-Z]{0,8}\s{1,4}(-p\s{0,4})?([0-9]{1,5}\s{1,4})?-?[a-zA-Z]{0,4}e\s{1,4}["']?(\/usr)?\/bin\/(ba|z|k|da|a)?sh\b/
    condition:
        filesize < 1MB and any of them
}
