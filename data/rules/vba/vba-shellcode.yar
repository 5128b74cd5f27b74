rule vba_shellcode {
    meta:
        title = "Office macro that runs machine code"
        why = "The macro puts machine code into memory and starts it inside Office or another program."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1055/"
    strings:
        $memory = /Declare[ \t]{1,4}(PtrSafe[ \t]{1,4})?(Function|Sub)[ \t]{1,4}[^\r\n]{0,80}\b(VirtualAlloc(Ex)?|VirtualProtect(Ex)?|HeapCreate|NtAllocateVirtualMemory|NtMapViewOfSection|MapViewOfFile|VirtualAlloc2)\b/ nocase
        $copy = /Declare[ \t]{1,4}(PtrSafe[ \t]{1,4})?(Function|Sub)[ \t]{1,4}[^\r\n]{0,80}\b(RtlMoveMemory|WriteProcessMemory|NtWriteVirtualMemory|RtlCopyMemory|UuidFromString[AW]?|memcpy|RtlIpv4StringToAddress[AW]?)\b/ nocase
        $start = /Declare[ \t]{1,4}(PtrSafe[ \t]{1,4})?(Function|Sub)[ \t]{1,4}[^\r\n]{0,80}\b(CreateThread|CreateRemoteThread(Ex)?|NtCreateThreadEx|QueueUserAPC|SetThreadContext|EnumSystemLocales[AW]?|EnumSystemCodePages[AW]?|EnumDateFormats[AW]?|EnumTimeFormats[AW]?|EnumChildWindows|EnumDesktops[AW]?|EnumDesktopWindows|EnumUILanguages[AW]?|EnumResourceTypes[AW]?|EnumThreadWindows|EnumWindows|CallWindowProc[AW]?|SetTimer|CreateTimerQueueTimer|CertEnumSystemStore|CreateFiber|GrayString[AW]?|LineDDA|RtlCreateUserThread|DispatchMessage[AW]?)\b/ nocase
        $array = /\bArray[ \t]{0,4}\([ \t]{0,4}((-?[0-9]{1,5}|&H[0-9a-f]{1,2})[ \t]{0,4},[ \t_\r\n]{0,8}){30}/ nocase
        $hex = /"&H"[ \t]{0,2}[&+][ \t]{0,2}Mid\$?\(/ nocase
        $sure = /Declare[ \t]{1,4}(PtrSafe[ \t]{1,4})?(Function|Sub)[ \t]{1,4}[^\r\n]{0,80}\b(CreateRemoteThread(Ex)?|CreateThread|NtCreateThreadEx|QueueUserAPC)\b/ nocase
    condition:
        filesize < 2MB and $memory and $copy and ($sure or $start and ($array or $hex))
}
