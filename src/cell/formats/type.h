// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <string_view>

namespace ward::formats {

// What content is. Decided by the content alone: a name is an attacker's choice (docs/formats.md lists the evidence of each).
enum class Type : std::uint8_t {
    empty, data,
    // Opened by a reader of this folder.
    zip, gzip, xz, zstd, bzip2, tar, ar, deb, cpio,
    // Hold packed content that nothing here opens yet.
    seven_zip, rar, cab, arj, lha, rpm, lz4, lzip, lzop, compress, squashfs, xar, dmg, chm, pdf, ole,
    // Programs.
    elf, pe, dos, macho, java_class, dex, wasm, python_bytecode,
    // Other binary content.
    iso9660, rtf, lnk, sqlite, png, jpeg, gif, bmp, tiff, webp, ico, riff, ogg, flac, mp3, mp4, matroska, ttf, woff,
    // Text.
    text, utf16, shell, python, perl, ruby, javascript, php, lua, tcl, awk, powershell, script,
    html, xml, json, asp, jsp, mail, pem,
};

// "zip", "7z", "text": what a verdict and the external `filetype` carry.
std::string_view type_name(Type type);

// Looks at the first 64 KiB at most (iso9660 and squashfs included).
Type detect(Bytes bytes);

// Packed content, and no reader: whoever scans it has seen only the wrapping.
bool is_sealed(Type type);

}  // namespace ward::formats
