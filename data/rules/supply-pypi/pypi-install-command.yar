rule pypi_install_command {
    meta:
        title = "Set-up script whose install command downloads or reports"
        why = "pip runs this while it installs the package, with the rights of whoever installs it, before anything of the package is used."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
    strings:
        $command = /\b(setuptools|distutils)\.command\.(install|develop|egg_info|build_py|build|sdist|bdist_egg)\b/
        $class = /\bcmdclass\b/
        $pipe = /def run\(self[^)\n]{0,20}\):[^\x00]{0,800}\b(system|popen|Popen|run|call|check_call|check_output)\s{0,2}\([^\n]{0,80}\b(curl|wget)\s[^\n]{1,200}(\|\s{0,3}|&&\s{0,3})(sudo\s{1,2})?(sh|bash|python3?|chmod|\.\/|\/tmp\/)/
        $powershell = /def run\(self[^)\n]{0,20}\):[^\x00]{0,800}\b(system|popen|Popen|run|call|check_call|check_output)\s{0,2}\([^\n]{0,40}powershell[^\n]{0,120}(hidden|-enc\w{0,12}\s|DownloadString|DownloadFile|\biex\b|Invoke-)/ nocase
        $fetched = /def run\(self[^)\n]{0,20}\):[^\x00]{0,800}\b(urlretrieve|urlopen|requests\.get)\s{0,2}\([^\x00]{1,400}\b(system|popen|Popen|startfile|execv|call|check_call)\s{0,2}\(\s{0,2}[frb]{0,2}\[?['"]?(\/tmp\/|\/dev\/shm\/|\/var\/tmp\/|chmod|start\s|\.\/\.|~\/\.)/
        $executed = /def run\(self[^)\n]{0,20}\):[^\x00]{0,800}\b(exec|eval)\s{0,2}\([^\n]{0,80}\b(urlopen|requests\.get|b64decode)\s{0,2}\(/
        $reported = /def run\(self[^)\n]{0,20}\):[^\x00]{0,400}\b(gethostname|getuser|getlogin|platform\.node|uname)\s{0,2}\([^\x00]{1,600}\b(requests\.(get|post)|urlopen|HTTPSConnection|HTTPConnection|sendto|gethostbyname)\s{0,2}\(/
    condition:
        filesize < 256KB and $command and $class and any of ($pipe, $powershell, $fetched, $executed, $reported)
}
