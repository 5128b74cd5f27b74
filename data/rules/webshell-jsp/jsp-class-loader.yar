rule jsp_class_loader {
    meta:
        title = "JSP web shell: loads classes sent in the request"
        why = "This page runs any Java code that a visitor sends, without leaving it on disk."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $page_xml = /<jsp:(scriptlet|declaration|expression)/ nocase
        $define = /define(Class|AnonymousClass)\s{0,8}\(|"defineClass"|"define"\s{0,8}\+\s{0,8}"Class"/
        $request = /request\s{0,8}\.\s{0,8}get(Parameter|Header|Reader|InputStream|Attribute|Cookies|QueryString)/
        $instance = /\.\s{0,8}newInstance\s{0,8}\(/
        $invoke = /\.\s{0,8}invoke\s{0,8}\(/
    condition:
        filesize < 512KB and ($page or $page_xml) and $define and $request and ($instance or $invoke)
}
