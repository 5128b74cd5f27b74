// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cursor.h"
#include "model/query.h"
#include "model/row.h"
#include "model/scan_manner.h"
#include "model/verdict.h"

#include <cstddef>
#include <string>
#include <vector>

namespace ward {

// How nouns cross the wall. Little-endian; a text or list is a u32 count and its content. The writer is one of our
// programs, the reader trusts nothing: every count meets a limit and what is left before it meets an allocation.
//
//     Buffer out; Encoder{out}.text("abc");
//     Decoder in{bytes}; std::string text = WARD_TRY(in.text());
class Encoder {
public:
    explicit Encoder(Buffer& out) : out_{out} {}
    void u8(std::uint8_t value) { out_.push_back(value); }
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
    void real(double value);
    void text(std::string_view value);
    void bytes(Bytes value);
    void texts(const std::vector<std::string>& values);

private:
    Buffer& out_;
};

class Decoder {
public:
    static constexpr std::uint32_t kMaxTextBytes = 1U << 20;   // a path is 4 KiB, a line of a file rarely 64 KiB
    static constexpr std::uint32_t kMaxListItems = 1U << 20;   // rows of one part; larger answers come in parts

    explicit Decoder(Bytes bytes) : cursor_{bytes} {}
    Result<std::uint8_t> u8() { return cursor_.u8(); }
    Result<std::uint32_t> u32() { return cursor_.u32le(); }
    Result<std::uint64_t> u64() { return cursor_.u64le(); }
    Result<std::int64_t> i64();
    Result<double> real();
    Result<std::string> text(std::uint32_t max_bytes = kMaxTextBytes);
    Result<Bytes> bytes(std::uint32_t max_bytes);
    // A count of items that take at least `item_bytes` each, so it can never exceed what is left.
    Result<std::uint32_t> count(std::uint32_t item_bytes, std::uint32_t max_items = kMaxListItems);
    Result<std::vector<std::string>> texts(std::uint32_t max_items = kMaxListItems);
    std::uint64_t left() const { return cursor_.left(); }
    Status end() const;  // Code::malformed when bytes are left over

private:
    Cursor cursor_;
};

// Of all rows of one answer. An empty value takes one byte on the way and forty in memory, so the bytes of a message alone
// would let a cell that fell take all memory. The files of all packages of a large host are 5 million values.
inline constexpr std::uint64_t kMaxRowValues = 1U << 24;

// About what they take when they are encoded.
std::size_t encoded_bytes(const std::vector<std::string>& names);
std::size_t encoded_bytes(const PatternHit& hit);
std::size_t encoded_bytes(const Match& match);

void encode(const Where& where, Encoder& out);
void encode(const Gap& gap, Encoder& out);
void encode(const ScanManner& manner, Encoder& out);
void encode(const Match& match, Encoder& out);
void encode(const Verdict& verdict, Encoder& out);
void encode(const Value& value, Encoder& out);
void encode(const RowSet& rows, Encoder& out);
void encode(const TableShape& shape, Encoder& out);
void encode(const Constraint& constraint, Encoder& out);
void encode(const QueryResult& result, Encoder& out);

Result<Where> decode_where(Decoder& in);
Result<Gap> decode_gap(Decoder& in);
Result<ScanManner> decode_scan_manner(Decoder& in);
// `manner`: what was asked for; more than that is not taken.
Result<Match> decode_match(Decoder& in, const ScanManner& manner = {});
Result<Verdict> decode_verdict(Decoder& in, const ScanManner& manner = {});
Result<Value> decode_value(Decoder& in);
Result<RowSet> decode_rows(Decoder& in, std::uint64_t max_values = kMaxRowValues);
Result<TableShape> decode_shape(Decoder& in);
Result<Constraint> decode_constraint(Decoder& in);
Result<QueryResult> decode_result(Decoder& in);

}  // namespace ward
