// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ward::modules {

// The metadata of a program for the Common Language Infrastructure, which .NET runs (ECMA-335, 6th edition, partition II,
// sections 22 to 24): streams, tables and heaps.
//
//     const auto cli = Cli::read(image);
//     if (!cli) return;                                                        // not a .NET program
//     for (std::uint32_t row = 1; row <= cli->rows(Cli::module_ref); ++row) {
//         const auto name = cli->text(cli->number(Cli::module_ref, row, 0));   // column 0 of the table, a place in #Strings
//     }
//
// Rows count from 1, as in the metadata; 0 stands for none. Columns are those of section 22, from 0.
// What yara takes for a .NET program is one here. Keeps a view of the bytes, which the caller keeps alive.
class Cli {
public:
    enum Table : std::uint8_t {
        module = 0x00,
        type_ref = 0x01,
        type_def = 0x02,
        field = 0x04,
        method_def = 0x06,
        param = 0x08,
        interface_impl = 0x09,
        member_ref = 0x0a,
        constant = 0x0b,
        custom_attribute = 0x0c,
        standalone_sig = 0x11,
        event = 0x14,
        property = 0x17,
        decl_security = 0x0e,
        module_ref = 0x1a,
        type_spec = 0x1b,
        field_rva = 0x1d,
        assembly = 0x20,
        assembly_ref = 0x23,
        file = 0x26,
        exported_type = 0x27,
        manifest_resource = 0x28,
        nested_class = 0x29,
        generic_param = 0x2a,
        method_spec = 0x2b,
        generic_param_constraint = 0x2c,
    };
    // How a column names rows of several tables at once (section 24.2.6).
    enum Coded : std::uint8_t {
        type_def_or_ref,
        has_constant,
        has_custom_attribute,
        has_field_marshal,
        has_decl_security,
        member_ref_parent,
        has_semantics,
        method_def_or_ref,
        member_forwarded,
        implementation,
        custom_attribute_type,
        resolution_scope,
        type_or_method_def,
    };

    struct Stream {
        std::string_view name;
        std::uint64_t offset;  // in the file
        std::uint32_t size;
    };
    struct Row {
        std::uint8_t table;  // kNoTable when the column names none
        std::uint32_t row;
        bool operator==(const Row&) const = default;
    };
    static constexpr std::uint8_t kNoTable = 0xff;
    // yara's limits.
    static constexpr std::uint32_t kMaxRows = 15'000;     // of a table
    static constexpr std::size_t kMaxTextBytes = 1024;  // a longer text is none

    static std::optional<Cli> read(const PeImage& image);

    const std::optional<std::string_view>& version() const { return version_; }  // that a zero byte ends
    const std::vector<Stream>& streams() const { return streams_; }
    std::uint64_t resources_address() const { return resources_address_; }  // relative to the image; 0 for none

    // Are all tables read? yara reads none from the first on that has more than kMaxRows, or that it does not know.
    bool complete() const { return complete_; }
    bool has(Table table) const { return tables_[table].row_bytes != 0; }  // though it may have no rows
    std::uint32_t rows(Table table) const { return tables_[table].rows; }
    // A number of a row; nothing when the file has no such row.
    std::optional<std::uint32_t> number(Table table, std::uint32_t row, std::size_t column) const;
    // What a number of a coded column names.
    static Row decode(Coded coded, std::uint32_t number);

    // The text at a place of #Strings, the bytes at one of #Blob; nothing when they are not there as a whole.
    std::optional<std::string_view> text(std::optional<std::uint32_t> index) const;
    std::optional<Bytes> blob(std::optional<std::uint32_t> index) const;

    const std::optional<Stream>& guids() const { return guids_; }
    const std::optional<Stream>& user_strings() const { return user_strings_; }
    const PeImage& image() const { return image_; }

private:
    static constexpr std::size_t kMaxColumns = 9;
    struct Place {
        std::uint32_t rows = 0;
        std::uint32_t row_bytes = 0;
        std::uint64_t offset = 0;
        std::array<std::uint8_t, kMaxColumns> at{};
        std::array<std::uint8_t, kMaxColumns> width{};
    };

    explicit Cli(const PeImage& image) : image_{image} {}
    void read_streams(std::uint64_t root);
    void read_tables(const Stream& stream);

    PeImage image_;
    std::optional<std::string_view> version_;
    std::vector<Stream> streams_;
    std::uint64_t resources_address_ = 0;
    std::array<Place, 64> tables_{};
    bool complete_ = false;
    std::optional<Stream> strings_;
    std::optional<Stream> blobs_;
    std::optional<Stream> guids_;
    std::optional<Stream> user_strings_;
};

// An unsigned number of section II.23.2, of one, two or four bytes; moves `bytes` behind it. Nothing when it is cut short.
std::optional<std::uint32_t> compressed(Bytes& bytes);
// The same with a sign.
std::optional<std::int32_t> compressed_signed(Bytes& bytes);

}  // namespace ward::modules
