// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/type.h"

#include "cell/formats/cpio.h"
#include "cell/formats/tar.h"
#include "core/cursor.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace ward::formats {

namespace {

using namespace std::string_view_literals;

struct Name {
    Type type;
    std::string_view name;
};
constexpr Name kNames[] = {
    {Type::empty, "empty"}, {Type::data, "data"}, {Type::zip, "zip"}, {Type::gzip, "gzip"}, {Type::xz, "xz"},
    {Type::zstd, "zstd"}, {Type::bzip2, "bzip2"}, {Type::tar, "tar"}, {Type::ar, "ar"}, {Type::deb, "deb"},
    {Type::cpio, "cpio"}, {Type::seven_zip, "7z"}, {Type::rar, "rar"},
    {Type::cab, "cab"}, {Type::arj, "arj"}, {Type::lha, "lha"}, {Type::rpm, "rpm"},
    {Type::lz4, "lz4"}, {Type::lzip, "lzip"}, {Type::lzop, "lzop"}, {Type::compress, "compress"},
    {Type::squashfs, "squashfs"}, {Type::xar, "xar"}, {Type::dmg, "dmg"}, {Type::chm, "chm"}, {Type::pdf, "pdf"},
    {Type::ole, "ole"}, {Type::elf, "elf"}, {Type::pe, "pe"}, {Type::dos, "dos"}, {Type::macho, "macho"},
    {Type::java_class, "java-class"}, {Type::dex, "dex"}, {Type::wasm, "wasm"},
    {Type::python_bytecode, "python-bytecode"}, {Type::iso9660, "iso9660"},
    {Type::rtf, "rtf"}, {Type::lnk, "lnk"}, {Type::sqlite, "sqlite"}, {Type::png, "png"}, {Type::jpeg, "jpeg"},
    {Type::gif, "gif"}, {Type::bmp, "bmp"}, {Type::tiff, "tiff"}, {Type::webp, "webp"}, {Type::ico, "ico"},
    {Type::riff, "riff"}, {Type::ogg, "ogg"}, {Type::flac, "flac"}, {Type::mp3, "mp3"}, {Type::mp4, "mp4"},
    {Type::matroska, "matroska"}, {Type::ttf, "ttf"}, {Type::woff, "woff"}, {Type::text, "text"},
    {Type::utf16, "utf16"}, {Type::shell, "shell"}, {Type::python, "python"}, {Type::perl, "perl"},
    {Type::ruby, "ruby"}, {Type::javascript, "javascript"}, {Type::php, "php"}, {Type::lua, "lua"},
    {Type::tcl, "tcl"}, {Type::awk, "awk"}, {Type::powershell, "powershell"}, {Type::script, "script"},
    {Type::html, "html"}, {Type::xml, "xml"}, {Type::json, "json"}, {Type::asp, "asp"}, {Type::jsp, "jsp"},
    {Type::mail, "mail"}, {Type::pem, "pem"},
};
constexpr bool names_are_in_order() {
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (static_cast<std::size_t>(kNames[i].type) != i) return false;
    }
    return true;
}
static_assert(names_are_in_order() && std::size(kNames) == static_cast<std::size_t>(Type::pem) + 1);

// Bytes at a fixed place. The first that fits decides, so the longer of two that begin alike comes first.
struct Magic {
    Type type;
    std::size_t offset;
    std::string_view bytes;
};
constexpr Magic kMagics[] = {
    {Type::zip, 0, "PK\x03\x04"sv},
    {Type::zip, 0, "PK\x05\x06"sv},          // without members
    {Type::zip, 0, "PK\x07\x08PK\x03\x04"sv},  // the first part of a split archive
    {Type::zip, 0, "PK00PK\x03\x04"sv},      // meant to be split, but one part was enough
    {Type::gzip, 0, "\x1f\x8b\x08"sv},
    {Type::xz, 0, "\xfd\x37zXZ\x00"sv},
    {Type::seven_zip, 0, "7z\xbc\xaf\x27\x1c"sv},
    {Type::rar, 0, "Rar!\x1a\x07"sv},
    {Type::rar, 0, "RE~^"sv},
    {Type::cab, 0, "MSCF\x00\x00\x00\x00"sv},
    {Type::arj, 0, "\x60\xea"sv},
    {Type::lha, 2, "-lh"sv},
    {Type::lha, 2, "-lz"sv},
    {Type::rpm, 0, "\xed\xab\xee\xdb"sv},
    {Type::deb, 0, "!<arch>\ndebian-binary"sv},
    {Type::ar, 0, "!<arch>\n"sv},
    {Type::ar, 0, "!<thin>\n"sv},
    {Type::lz4, 0, "\x04\x22\x4d\x18"sv},
    {Type::lz4, 0, "\x02\x21\x4c\x18"sv},
    {Type::lzip, 0, "LZIP"sv},
    {Type::lzop, 0, "\x89LZO\x00\x0d\x0a\x1a\x0a"sv},
    {Type::compress, 0, "\x1f\x9d"sv},
    {Type::squashfs, 0, "hsqs"sv},
    {Type::squashfs, 0, "sqsh"sv},
    {Type::xar, 0, "xar!\x00"sv},
    {Type::chm, 0, "ITSF\x03\x00\x00\x00"sv},
    {Type::ole, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv},
    {Type::elf, 0, "\x7f\x45LF"sv},
    {Type::macho, 0, "\xfe\xed\xfa\xce"sv},
    {Type::macho, 0, "\xfe\xed\xfa\xcf"sv},
    {Type::macho, 0, "\xce\xfa\xed\xfe"sv},
    {Type::macho, 0, "\xcf\xfa\xed\xfe"sv},
    {Type::dex, 0, "dex\n0"sv},
    {Type::wasm, 0, "\x00\x61sm"sv},
    {Type::rtf, 0, "{\\rt"sv},
    {Type::lnk, 0, "\x4c\x00\x00\x00\x01\x14\x02\x00"sv},
    {Type::sqlite, 0, "SQLite format 3\x00"sv},
    {Type::png, 0, "\x89PNG\x0d\x0a\x1a\x0a"sv},
    {Type::jpeg, 0, "\xff\xd8\xff"sv},
    {Type::gif, 0, "GIF87a"sv},
    {Type::gif, 0, "GIF89a"sv},
    {Type::tiff, 0, "II*\x00"sv},
    {Type::tiff, 0, "MM\x00*"sv},
    {Type::ico, 0, "\x00\x00\x01\x00"sv},
    {Type::ogg, 0, "OggS\x00"sv},
    {Type::flac, 0, "fLaC\x00"sv},
    {Type::mp3, 0, "ID3"sv},
    {Type::mp4, 4, "ftyp"sv},
    {Type::matroska, 0, "\x1a\x45\xdf\xa3"sv},
    {Type::ttf, 0, "\x00\x01\x00\x00\x00"sv},
    {Type::ttf, 0, "OTTO"sv},
    {Type::woff, 0, "wOFF"sv},
    {Type::woff, 0, "wOF2"sv},
    {Type::iso9660, 32769, "CD001"sv},
};

struct Interpreter {
    std::string_view name;  // a version may follow: "python3.11"
    Type type;
};
constexpr Interpreter kInterpreters[] = {
    {"sh", Type::shell}, {"bash", Type::shell}, {"dash", Type::shell}, {"ash", Type::shell}, {"ksh", Type::shell},
    {"zsh", Type::shell}, {"busybox", Type::shell}, {"python", Type::python}, {"pypy", Type::python},
    {"perl", Type::perl}, {"ruby", Type::ruby}, {"node", Type::javascript}, {"nodejs", Type::javascript},
    {"php", Type::php}, {"lua", Type::lua}, {"luajit", Type::lua}, {"tclsh", Type::tcl}, {"wish", Type::tcl},
    {"expect", Type::tcl}, {"awk", Type::awk}, {"gawk", Type::awk}, {"mawk", Type::awk}, {"nawk", Type::awk},
    {"pwsh", Type::powershell}, {"powershell", Type::powershell},
};

constexpr std::size_t kTextSampleBytes = 4096;  // enough to tell text from data; a later NUL byte changes nothing for a reader

bool has_at(std::string_view text, std::size_t offset, std::string_view wanted) {
    return text.size() >= offset && text.substr(offset, wanted.size()) == wanted;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view wanted) {
    return text.size() >= wanted.size() && equal_ignoring_case(text.substr(0, wanted.size()), wanted);
}

// A frame of user data may come first (RFC 8878, section 3.1.2); lz4 has the same, so what follows must be a zstd frame.
bool is_zstd(Bytes bytes) {
    constexpr std::uint32_t kFrame = 0xfd2fb528;
    constexpr std::uint32_t kSkippable = 0x184d2a50;  // its last four bits are free
    Cursor cursor{bytes};
    for (int frames = 0; frames < 16; ++frames) {
        const auto magic = cursor.u32le();
        if (!magic) return false;
        if (*magic == kFrame) return true;
        if ((*magic & 0xfffffff0U) != kSkippable) return false;
        const auto size = cursor.u32le();
        if (!size || !cursor.skip(*size)) return false;
    }
    return false;
}

bool is_bzip2(std::string_view text) {
    if (!text.starts_with("BZh") || text.size() < 10 || text[3] < '1' || text[3] > '9') return false;
    const auto block = text.substr(4, 6);
    return block == "\x31\x41\x59\x26\x53\x59"sv || block == "\x17\x72\x45\x38\x50\x90"sv;  // the second: no blocks at all
}

// An arj header begins with its size, and its own first field may not be larger.
bool is_arj(Bytes bytes) {
    const auto size = u16le_at(bytes, 2);
    return size && *size >= 30 && *size <= 2600 && bytes.size() > 4 && bytes[4] >= 30 && bytes[4] <= *size;
}

// "-lh5-", "-lzs-": a digit or letter, and a second dash.
bool is_lha(std::string_view text) { return has_at(text, 6, "-") && text[5] > ' ' && text[5] < '\x7f'; }

// Both begin alike: a class file's version is at least 45, a fat Mach-O has fewer than 45 architectures.
std::optional<Type> class_or_fat(Bytes bytes) {
    Cursor cursor{bytes};
    const auto magic = cursor.u32be();
    const auto count = cursor.u32be();
    if (!magic || !count || *magic != 0xcafebabe) return std::nullopt;
    return (*count & 0xffff) >= 45 ? Type::java_class : Type::macho;
}

std::optional<Type> riff(std::string_view text) {
    if (!text.starts_with("RIFF") || text.size() < 12) return std::nullopt;
    return has_at(text, 8, "WEBP") ? Type::webp : Type::riff;
}

// A program for DOS points to the header of the real one at 60.
std::optional<Type> pe_or_dos(Bytes bytes) {
    const auto text = as_text(bytes);
    if (!text.starts_with("MZ") && !text.starts_with("ZM")) return std::nullopt;
    const auto offset = u32le_at(bytes, 60);
    if (offset && *offset < bytes.size() && has_at(text, *offset, "PE\0\0"sv)) return Type::pe;
    return bytes.size() >= 28 ? std::optional{Type::dos} : std::nullopt;
}

// A bitmap names its own header size at 14; 26 bytes are the least.
bool is_bmp(Bytes bytes) {
    const auto header = u32le_at(bytes, 14);
    return header && as_text(bytes).starts_with("BM") && (*header == 12 || (*header >= 40 && *header <= 124));
}

// CPython: a magic number whose last two bytes are CR LF, then flags that are small or a time.
bool is_python_bytecode(Bytes bytes) {
    return bytes.size() >= 16 && bytes[2] == '\r' && bytes[3] == '\n' && bytes[1] >= 0x0c && bytes[1] <= 0x0f &&
           bytes[4] <= 3 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0;
}

// Everything that a line of text may hold: no control characters but TAB, LF, VT, FF, CR, BS and ESC.
bool is_text_byte(std::uint8_t byte) {
    return byte >= 0x20 ? byte != 0x7f : (byte >= 8 && byte <= 13) || byte == 0x1b;
}

bool is_utf16(Bytes sample) {
    if (sample.size() < 4) return false;
    if ((sample[0] == 0xff && sample[1] == 0xfe) || (sample[0] == 0xfe && sample[1] == 0xff)) return true;
    // Without a mark: text of mostly Latin letters has a zero in every second byte.
    std::size_t zeros[2] = {0, 0};
    for (std::size_t i = 0; i < sample.size(); ++i) {
        if (sample[i] == 0) ++zeros[i & 1];
        else if (!is_text_byte(sample[i])) return false;
    }
    const std::size_t half = sample.size() / 2;
    return (zeros[0] == 0 && zeros[1] * 10 >= half * 9) || (zeros[1] == 0 && zeros[0] * 10 >= half * 9);
}

std::string_view base_name(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

Type interpreter_type(std::string_view line) {
    const auto parts = words(line);
    std::size_t at = 0;
    if (parts.empty()) return Type::script;
    std::string_view name = base_name(parts[0]);
    // `#!/usr/bin/env -S A=b python3 -u`
    if (name == "env") {
        for (at = 1; at < parts.size(); ++at) {
            if (!parts[at].starts_with('-') && parts[at].find('=') == std::string_view::npos) break;
        }
        if (at == parts.size()) return Type::script;
        name = base_name(parts[at]);
    }
    for (const auto& known : kInterpreters) {
        if (!name.starts_with(known.name)) continue;
        const auto version = name.substr(known.name.size());
        if (version.find_first_not_of("0123456789.-") == std::string_view::npos) return known.type;
    }
    return Type::script;
}

bool is_json(std::string_view text) {
    if (text.size() < 2 || (text[0] != '{' && text[0] != '[')) return false;
    const std::string_view inner = trim(text.substr(1));
    if (inner.empty()) return false;
    if (text[0] == '{') return inner[0] == '"' || inner[0] == '}';
    return inner[0] == '{' || inner[0] == '[' || inner[0] == ']' || inner[0] == '"' || inner[0] == '-' ||
           (inner[0] >= '0' && inner[0] <= '9');
}

Type markup(std::string_view text) {
    for (const auto start : {"<?php"sv, "<?="sv}) {
        if (starts_with_ignoring_case(text, start)) return Type::php;
    }
    // PHP that begins as a page.
    const std::string lower = to_lower_ascii(text);
    if (lower.find("<?php") != std::string::npos) return Type::php;
    if (lower.starts_with("<%@ page") || lower.starts_with("<%@page") || lower.starts_with("<jsp:")) return Type::jsp;
    if (lower.starts_with("<%")) return Type::asp;
    for (const auto start : {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv, "<script"sv, "<title"sv}) {
        if (lower.starts_with(start)) return Type::html;
    }
    if (lower.starts_with("<?xml") || lower.starts_with("<svg") || lower.starts_with("<!doctype")) {
        return lower.find("<html") != std::string::npos ? Type::html : Type::xml;
    }
    // A comment may come before the page.
    if (lower.starts_with("<!--") && lower.find("<html") != std::string::npos) return Type::html;
    return Type::text;
}

Type text_kind(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.starts_with("#!")) {
        std::string_view rest = text.substr(2);
        std::string_view line;
        next_line(rest, line);
        return interpreter_type(line);
    }
    text = trim(text);
    if (text.starts_with('<')) return markup(text);
    if (is_json(text)) return Type::json;
    if (text.starts_with("-----BEGIN ")) return Type::pem;
    for (const auto start : {"Return-Path: "sv, "Received: "sv, "Delivered-To: "sv, "MIME-Version: "sv, "From: "sv}) {
        if (starts_with_ignoring_case(text, start)) return Type::mail;
    }
    return Type::text;
}

std::optional<Type> by_magic(Bytes bytes) {
    const auto text = as_text(bytes);
    for (const auto& magic : kMagics) {
        if (!has_at(text, magic.offset, magic.bytes)) continue;
        // Two bytes alone are too little evidence.
        if (magic.type == Type::arj && !is_arj(bytes)) continue;
        if (magic.type == Type::lha && !is_lha(text)) continue;
        return magic.type;
    }
    return std::nullopt;
}

}  // namespace

std::string_view type_name(Type type) { return kNames[static_cast<std::size_t>(type)].name; }

bool is_sealed(Type type) { return type >= Type::seven_zip && type <= Type::ole; }

Type detect(Bytes bytes) {
    if (bytes.empty()) return Type::empty;
    const Bytes head = bytes.first(std::min<std::size_t>(bytes.size(), 64 * kKiB));
    if (const auto type = by_magic(head)) return *type;
    if (is_bzip2(as_text(head))) return Type::bzip2;
    if (is_zstd(head)) return Type::zstd;
    if (const auto type = class_or_fat(head)) return *type;
    if (const auto type = riff(as_text(head))) return *type;
    if (const auto type = pe_or_dos(head)) return *type;
    if (is_bmp(head)) return Type::bmp;
    if (is_python_bytecode(head)) return Type::python_bytecode;
    if (CpioReader::looks_like_cpio(head)) return Type::cpio;
    if (TarReader::looks_like_tar(head)) return Type::tar;
    // Readers of PDF look for the mark in the first kilobyte (ISO 32000-1, annex H.3, note 13).
    if (as_text(head).substr(0, 1024).find("%PDF-") != std::string_view::npos) return Type::pdf;

    const Bytes sample = head.first(std::min(head.size(), kTextSampleBytes));
    if (is_utf16(sample)) return Type::utf16;
    if (std::all_of(sample.begin(), sample.end(), is_text_byte)) return text_kind(as_text(sample));
    // A script runs whatever follows its first line.
    if (as_text(sample).starts_with("#!")) return text_kind(as_text(sample));
    if (as_text(sample).find("<?php") != std::string_view::npos && as_text(sample).starts_with("<")) return Type::php;
    return Type::data;
}

}  // namespace ward::formats
