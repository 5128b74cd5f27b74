rule jsp_script_engine {
    meta:
        title = "JSP web shell: evaluates a script from the request"
        why = "This page runs any script that a visitor sends, with the rights of the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $page_xml = /<jsp:(scriptlet|declaration|expression)/ nocase
        $engine = /ScriptEngineManager|ScriptEngineFactory|getEngineBy(Name|Extension|MimeType)|ELProcessor|GroovyShell|GroovyClassLoader|SpelExpressionParser|bsh\.Interpreter|MVEL\.|JexlEngine|JexlBuilder|ognl\.Ognl|createValueExpression|JavaScriptEngine/
        $direct = /(eval|evaluate|parseExpression|getValue|createValueExpression|createExpression|createScript|parseClass)\s{0,8}\([^;]{0,120}request\s{0,8}\.\s{0,8}get(Parameter|Header|Reader|QueryString)/
        // A variable, alone, that was read from the request before.
        $variable = /get(Parameter|Header)\s{0,8}\([^;]{1,120};[^%]{0,600}(eval|evaluate|parseExpression|createValueExpression|createExpression|createScript|parseClass|getValue)\s{0,8}\(\s{0,8}(new\s{1,8}String\s{0,8}\(\s{0,8})?[a-z_]\w{0,40}\s{0,8}[,)]/
    condition:
        filesize < 512KB and ($page or $page_xml) and $engine and ($direct or $variable)
}
