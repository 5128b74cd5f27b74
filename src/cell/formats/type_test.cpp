// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/type.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace std::string_literals;

std::string pe(bool with_mark) {
    std::string program(256, '\0');
    program.replace(0, 2, "MZ");
    program[60] = '\x80';
    if (with_mark) program.replace(0x80, 4, "PE\0\0"s);
    return program;
}

TEST(DetectType, GoesByContent) {
    struct Case { std::string content; Type want; };
    const Case cases[] = {
        {"", Type::empty},
        {"\0"s, Type::data},
        {"\x7f" "ELF\2\1\1"s, Type::elf},
        {"\x7f" "EL"s, Type::data},
        {pe(true), Type::pe},
        {pe(false), Type::dos},
        {"MZ", Type::text},
        {"PK\3\4rest", Type::zip},
        {"PK\5\6"s + std::string(18, '\0'), Type::zip},
        {"PK00PK\3\4", Type::zip},
        {"PK and more text", Type::text},
        {"\x1f\x8b\x08\x00"s, Type::gzip},
        {"\x1f\x8b\x07\x00"s, Type::data},
        {"\xfd" "7zXZ\0"s, Type::xz},
        {"\x28\xb5\x2f\xfd\x20"s, Type::zstd},
        {"\x50\x2a\x4d\x18\x01\0\0\0x\x28\xb5\x2f\xfd"s, Type::zstd},
        {"\x50\x2a\x4d\x18\x01\0\0\0x"s, Type::data},
        {"BZh91AY&SY....", Type::bzip2},
        {"BZh9 is how it begins", Type::text},
        {"7z\xbc\xaf\x27\x1c", Type::seven_zip},
        {"Rar!\x1a\x07\x01", Type::rar},
        {"MSCF\0\0\0\0"s, Type::cab},
        {"!<arch>\ndebian-binary   ", Type::deb},
        {"!<arch>\nmain.o/", Type::ar},
        {"!<thin>\n/", Type::ar},
        {to_string(Bytes{testing::cpio_packed({}, testing::CpioForm::svr4)}), Type::cpio},
        {to_string(Bytes{testing::cpio_packed({}, testing::CpioForm::portable)}), Type::cpio},
        {to_string(Bytes{testing::cpio_packed({}, testing::CpioForm::old_little)}), Type::cpio},
        {to_string(Bytes{testing::cpio_packed({}, testing::CpioForm::old_big)}), Type::cpio},
        {"070701 is a number\n", Type::text},
        {std::string(200, '0').replace(0, 6, "070701"), Type::text},
        {"\xc7\x71" + std::string(40, '\0'), Type::data},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Type::ole},
        {"%PDF-1.7\n", Type::pdf},
        {"garbage before\n%PDF-1.4\n%\xe2\xe3", Type::pdf},
        {"{\\rtf1\\ansi}", Type::rtf},
        {"\xca\xfe\xba\xbe\0\0\0\x34"s, Type::java_class},
        {"\xca\xfe\xba\xbe\0\0\0\x02"s, Type::macho},
        {"\x00" "asm\1\0\0\0"s, Type::wasm},
        {"SQLite format 3\0"s, Type::sqlite},
        {"\x89PNG\r\n\x1a\n", Type::png},
        {"RIFF....WEBPVP8", Type::webp},
        {"RIFF....WAVEfmt", Type::riff},
        {"\xa7\x01\r\n\0\0\0\0........"s, Type::data},
        {"\xa7\x0d\r\n\0\0\0\0........"s, Type::python_bytecode},
        {to_string(Bytes{testing::tarred({{.name = "a"}})}), Type::tar},
        {to_string(Bytes{testing::tarred({{.name = "a", .magic = ""}})}), Type::tar},
        {to_string(Bytes{testing::tarred({{.name = "a", .magic = "", .good_checksum = false}})}), Type::data},
        {to_string(Bytes{testing::tarred({{.name = "a", .good_checksum = false}})}), Type::tar},
        {"just words\n", Type::text},
        {"caf\xc3\xa9\n", Type::text},
        {"caf\xe9 in Latin-1\n", Type::text},
        {"bell\a", Type::data},
        {"\xff\xfeh\0i\0"s, Type::utf16},
        {"h\0e\0l\0l\0o\0"s, Type::utf16},
        {"\0h\0e\0l\0l\0o"s, Type::utf16},
        {"#!/bin/sh\necho", Type::shell},
        {"#! /usr/bin/env bash\n", Type::shell},
        {"#!/usr/bin/env -S A=1 python3.11 -u\n", Type::python},
        {"#!/usr/bin/perl -w\n", Type::perl},
        {"#!/opt/tool/run\n", Type::script},
        {"#!", Type::script},
        {"#!/usr/bin/shiny\n", Type::script},
        {"#!/bin/sh\n\x01\x02\x00payload"s, Type::shell},
        {"\xef\xbb\xbf#!/bin/sh\n", Type::shell},
        {"<?php eval(1);", Type::php},
        {"<html><body><?PHP echo 1 ?>", Type::php},
        {"  <!DOCTYPE html>\n<p>", Type::html},
        {"<?xml version=\"1.0\"?><a/>", Type::xml},
        {"<?xml version=\"1.0\"?><html xmlns=''>", Type::html},
        {"<%@ page language=\"java\" %>", Type::jsp},
        {"<% eval request %>", Type::asp},
        {"<3 you", Type::text},
        {"{\"a\": 1}", Type::json},
        {"[1, 2]", Type::json},
        {"{ body }", Type::text},
        {"[section]\nkey=1", Type::text},
        {"-----BEGIN CERTIFICATE-----\n", Type::pem},
        {"From: a@b\nSubject: x\n", Type::mail},
        {"\x89\x01\x02\x03\x04", Type::data},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.content.substr(0, 20));
        EXPECT_EQ(type_name(detect(as_bytes(c.content))), type_name(c.want));
    }
}

TEST(DetectType, KnowsWhatItCannotOpen) {
    EXPECT_TRUE(is_sealed(Type::seven_zip));
    EXPECT_TRUE(is_sealed(Type::ole));
    EXPECT_FALSE(is_sealed(Type::zip));
    EXPECT_FALSE(is_sealed(Type::tar));
    EXPECT_FALSE(is_sealed(Type::deb));
    EXPECT_FALSE(is_sealed(Type::cpio));
    EXPECT_FALSE(is_sealed(Type::elf));
    EXPECT_FALSE(is_sealed(Type::text));
}

}  // namespace
}  // namespace ward::formats
