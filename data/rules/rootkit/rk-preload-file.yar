rule rk_preload_file {
    meta:
        title = "Preload list that names a hidden or temporary library"
        why = "A list for the dynamic loader names a library in a temporary or hidden place: every program that starts loads it, and such a library hides files, processes and connections from all of them."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
    strings:
        // The whole content is paths of libraries, and nothing else.
        $list = /^[\s:]{0,16}(\/[A-Za-z0-9_.+@${}\/-]{1,200}\.so(\.[0-9]{1,4}){0,4}[\s:]{1,16}){0,8}\/[A-Za-z0-9_.+@${}\/-]{1,200}\.so(\.[0-9]{1,4}){0,4}[\s:]{0,16}$/
        $temporary = /(^|[\s:])\/(tmp|var\/tmp|dev\/shm)\/[A-Za-z0-9_.+@${}\/-]{0,200}\.so/
        $hidden = /(^|[\s:])\/(usr|lib|lib32|lib64|etc|bin|sbin|var|dev|run|opt|boot|srv)(\/[A-Za-z0-9_.+@${}-]{1,60}){0,8}\/\.[A-Za-z0-9_+@-][A-Za-z0-9_.+@\/-]{0,200}\.so/
        // Where build tools keep a library before it is installed.
        $build = /\/\.libs\/[A-Za-z0-9_.+@-]{1,100}\.so/
    condition:
        filesize < 2KB and $list and ($temporary or $hidden) and not $build
}
