rule wipe_by_country {
    meta:
        title = "Package that destroys files depending on the country"
        why = "The code asks where this machine stands and, if the answer is the wrong one, removes or overwrites the files of whoever uses it."
        severity = "critical"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2022-23812"
    strings:
        $place = /\b(api\.ipgeolocation\.io|ipapi\.co|ip-api\.com|ipinfo\.io|ipwho\.is|ipwhois\.app|freegeoip\.app|geoplugin\.net|ifconfig\.co|get\.geojs\.io|api\.country\.is)\b/
        $place_hidden = "ipgeolocation.io" base64
        $zone = "resolvedOptions().timeZone"
        $zone_shell = /(timedatectl|\/etc\/timezone|\/etc\/localtime)\b[^\n]{0,60}\bgrep\b/
        $country = /\bcountry(_name|_code|Code|Name|_iso)?\b['"\]\)]{0,4}[^\n]{0,40}(==|\.includes|\.match|\.test|\.indexOf|\bin [\[(]|\.lower\(\)|\.toLowerCase)/
        $country_hidden = "country_name" base64
        $country_shell = /\/country\b[^\n]{0,60}(\bgrep\b|==?)/
        $country_list = /\b(country|countries|cc|region)(_\w{1,8})?\s{0,3}(=|in)\s{0,3}[(\[][ '"]{1,3}[A-Z]{2}['"],/
        $zone_list = /(Europe\/Moscow|Europe\/Minsk|Europe\/Kiev|Europe\/Kyiv|Asia\/Tehran|Asia\/Jerusalem|Asia\/Shanghai|Asia\/Pyongyang)/
        $rm = /\brm\s{1,3}-(rf|fr|Rf|r)\s{1,3}(--no-preserve-root\s{1,3})?["']?(\/|~|\$HOME|\$\{HOME\})["']?\/?\*?(\s|['"`;&)]|$)/
        $rm_node = /\b(rmSync|rmdirSync|rmSync|rm|rimraf|rimraf\.sync|removeSync|emptyDirSync)\s{0,2}\(\s{0,2}(['"`]\/['"`]|(os\.)?homedir\(\)|process\.env\.HOME|['"`]\.\.?\/['"`])/
        $rm_python = /\bshutil\.rmtree\s{0,2}\(\s{0,2}(['"]\/['"]|os\.path\.expanduser\s?\(\s?['"]~|Path\.home\(\))/
        // Each file of a folder gets the same few characters.
        $overwrite = /\bwriteFile(Sync)?\s{0,2}\(\s{0,2}[^\n,]{1,60},\s{0,2}(['"`][^'"`\n]{0,8}['"`]|Buffer\.from\(['"`][A-Za-z0-9+\/=]{0,16}['"`]|Buffer\.alloc\(|crypto\.randomBytes\()/
        $readdir = /\breaddir(Sync)?\s{0,2}\(/
        $overwrite_python = /\bos\.walk\s{0,2}\([^\x00]{1,300}\bopen\s{0,2}\([^\n]{1,60}['"]wb?['"]\s{0,2}\)[^\x00]{1,80}\.write\s{0,2}\(\s{0,2}(b?['"][^'"\n]{0,8}['"]|os\.urandom)/
    condition:
        filesize < 2MB and
        (any of ($place, $place_hidden) or (($zone or $zone_shell) and $zone_list)) and
        (any of ($country*) or $zone_list) and
        (any of ($rm*) or ($overwrite and $readdir) or $overwrite_python)
}
