// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/cli.h"
#include "cell/modules/internal/cli_types.h"
#include "cell/modules/internal/declarations.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace ward::modules {

namespace {

enum PartNumber : std::uint8_t { kRootPart, kTablesPart, kUserStringsPart, kClassesPart };

constexpr Field kStream[] = {text("name"), integer("offset"), integer("size")};
constexpr Field kResource[] = {integer("offset"), integer("length"), text("name")};
constexpr Field kVersion[] = {integer("major"), integer("minor"), integer("build_number"), integer("revision_number")};
constexpr Field kAssembly[] = {structure("version", kVersion), text("name"), text("culture")};
constexpr Field kAssemblyRef[] = {structure("version", kVersion), text("public_key_or_token"), text("name")};
constexpr Field kParameter[] = {text("name"), text("type")};
constexpr Field kMethod[] = {integer("number_of_generic_parameters"),
                             array("generic_parameters", Type::text),
                             integer("number_of_parameters"),
                             array("parameters", kParameter),
                             text("return_type"),
                             integer("abstract"),
                             integer("final"),
                             integer("virtual"),
                             integer("static"),
                             text("visibility"),
                             text("name")};
constexpr Field kClass[] = {integer("number_of_generic_parameters"),
                            array("generic_parameters", Type::text),
                            integer("number_of_base_types"),
                            array("base_types", Type::text),
                            integer("number_of_methods"),
                            array("methods", kMethod),
                            integer("abstract"),
                            integer("sealed"),
                            text("visibility"),
                            text("type"),
                            text("name"),
                            text("namespace"),
                            text("fullname")};
constexpr Field kFields[] = {integer("is_dotnet"),
                             text("version"),
                             integer("number_of_streams"),
                             array("streams", kStream),
                             integer("number_of_guids"),
                             array("guids", Type::text),
                             text("module_name", kTablesPart),
                             integer("number_of_resources", kTablesPart),
                             array("resources", kResource, kTablesPart),
                             structure("assembly", kAssembly, kTablesPart),
                             integer("number_of_assembly_refs", kTablesPart),
                             array("assembly_refs", kAssemblyRef, kTablesPart),
                             integer("number_of_modulerefs", kTablesPart),
                             array("modulerefs", Type::text, kTablesPart),
                             text("typelib", kTablesPart),
                             integer("number_of_constants", kTablesPart),
                             array("constants", Type::text, kTablesPart),
                             integer("number_of_field_offsets", kTablesPart),
                             array("field_offsets", Type::integer, kTablesPart),
                             integer("number_of_user_strings", kUserStringsPart),
                             array("user_strings", Type::text, kUserStringsPart),
                             integer("number_of_classes", kClassesPart),
                             array("classes", kClass, kClassesPart)};

constexpr std::size_t kGuidBytes = 16;
// yara's limits.
constexpr std::size_t kMaxGuids = 16;
constexpr std::uint32_t kMaxMethods = 20'000;  // of a class
// Ours, of all lists in `classes` together. The largest library of Mono whose classes yara lists has 29,000.
constexpr std::uint64_t kMaxItems = 500'000;
// Ours, too: a string takes two bytes of the file and fifty of memory.
constexpr std::size_t kMaxUserStrings = 1'000'000;
constexpr std::uint32_t kTextConstant = 0x0e;  // ELEMENT_TYPE_STRING, section II.23.1.16

struct State {
    bool read = false;
    bool is_image = false;
    std::optional<Cli> cli;
};

const Cli* cli_of(Instance& in) {
    auto& state = in.state<State>();
    if (!state.read) {
        state.read = true;
        const auto image = PeImage::read(in.bytes());
        state.is_image = image.has_value();
        if (image) state.cli = Cli::read(*image);
    }
    return state.cli ? &*state.cli : nullptr;
}

Value text_or_nothing(std::optional<std::string_view> text) { return text ? Value{*text} : Value{}; }
Value number(std::size_t value) { return static_cast<std::int64_t>(value); }
Value truth(bool value) { return std::int64_t{value}; }

void set_count(Object& object, std::size_t count_field, std::size_t array_field) {
    object.set(count_field, number(object.child(array_field).size()));
}

std::string guid_text(Bytes bytes) {
    // The first three parts are little-endian numbers.
    constexpr std::array<std::size_t, kGuidBytes> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    std::string out;
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += to_hex(bytes.subspan(kOrder[i], 1));
    }
    return out;
}

void fill_root(Instance& in, Object& root) {
    const Cli* cli = cli_of(in);
    if (in.state<State>().is_image) root.set(field(kFields, "is_dotnet"), truth(cli != nullptr));
    if (cli == nullptr) return;
    root.set(field(kFields, "version"), text_or_nothing(cli->version()));
    Object& streams = root.child(field(kFields, "streams"));
    for (const Cli::Stream& stream : cli->streams()) {
        Object& item = streams.add();
        item.set(field(kStream, "name"), stream.name);
        item.set(field(kStream, "offset"), number(stream.offset));
        item.set(field(kStream, "size"), number(stream.size));
    }
    set_count(root, field(kFields, "number_of_streams"), field(kFields, "streams"));
    if (const auto& stream = cli->guids()) {
        Object& guids = root.child(field(kFields, "guids"));
        const PeImage& image = cli->image();
        for (std::uint64_t at = 0; at + kGuidBytes <= stream->size && image.has(stream->offset + at, kGuidBytes); at += kGuidBytes) {
            if (guids.size() == kMaxGuids) break;
            guids.add(Value{in.keep(guid_text(image.bytes.subspan(static_cast<std::size_t>(stream->offset + at), kGuidBytes)))});
        }
        set_count(root, field(kFields, "number_of_guids"), field(kFields, "guids"));
    }
}

void set_version(const Cli& cli, Object& version, Cli::Table table, std::uint32_t row, std::size_t first_column) {
    constexpr std::array kParts{field(kVersion, "major"), field(kVersion, "minor"), field(kVersion, "build_number"),
                                field(kVersion, "revision_number")};
    for (std::size_t i = 0; i < kParts.size(); ++i) {
        if (const auto value = cli.number(table, row, first_column + i)) version.set(kParts[i], number(*value));
    }
}

void fill_resources(const Cli& cli, Object& root) {
    Object& resources = root.child(field(kFields, "resources"));
    const auto base = cli.image().rva_to_offset(cli.resources_address());
    for (std::uint32_t row = 1; row <= cli.rows(Cli::manifest_resource); ++row) {
        const auto place = cli.number(Cli::manifest_resource, row, 0);
        const auto implementation = cli.number(Cli::manifest_resource, row, 3);
        if (!place) break;
        const auto length = implementation == 0U && base ? cli.image().number(*base + *place, 4) : std::nullopt;
        const auto name = cli.text(cli.number(Cli::manifest_resource, row, 2));
        if (!length && !name) {
            resources.add(Value{});
            continue;
        }
        Object& item = resources.add();
        item.set(field(kResource, "name"), text_or_nothing(name));
        if (!length) continue;  // it is in another file
        item.set(field(kResource, "offset"), number(*base + *place + 4));
        item.set(field(kResource, "length"), number(*length));
    }
    if (cli.has(Cli::manifest_resource)) set_count(root, field(kFields, "number_of_resources"), field(kFields, "resources"));
}

// The text of the last GuidAttribute on the assembly itself. Row 0 passes for the first.
std::optional<std::string_view> typelib_of(const Cli& cli) {
    std::optional<std::string_view> out;
    for (std::uint32_t row = 1; row <= cli.rows(Cli::custom_attribute); ++row) {
        const auto parent = cli.number(Cli::custom_attribute, row, 0);
        const auto type = cli.number(Cli::custom_attribute, row, 1);
        if (!parent || !type || Cli::decode(Cli::has_custom_attribute, *parent).table != Cli::assembly) continue;
        const Cli::Row constructor = Cli::decode(Cli::custom_attribute_type, *type);
        if (constructor.table != Cli::member_ref) continue;
        const auto owner = cli.number(Cli::member_ref, std::max(constructor.row, 1U), 0);
        if (!owner) continue;
        const Cli::Row attribute = Cli::decode(Cli::member_ref_parent, *owner);
        if (attribute.table != Cli::type_ref) continue;
        const auto place = cli.number(Cli::type_ref, std::max(attribute.row, 1U), 1);
        if (!place) continue;
        const auto name = cli.text(place);
        if (name && !name->starts_with("GuidAttribute")) continue;  // yara lets one pass whose name is not there
        // Two bytes of a mark and one of length (section II.23.3).
        const auto value = cli.blob(cli.number(Cli::custom_attribute, row, 2));
        if (!value || value->size() < 3 || (*value)[0] != 1 || (*value)[1] != 0 || (*value)[2] > value->size() - 3) continue;
        const std::string_view text = as_text(value->subspan(3, (*value)[2]));
        out = text.substr(0, text.find('\0'));
    }
    return out;
}

void fill_tables(Instance& in, Object& root) {
    const Cli* cli = cli_of(in);
    if (cli == nullptr) return;
    root.set(field(kFields, "module_name"), text_or_nothing(cli->text(cli->number(Cli::module, 1, 1))));
    fill_resources(*cli, root);

    if (cli->has(Cli::assembly)) {
        Object& assembly = root.child(field(kFields, "assembly"));
        set_version(*cli, assembly.child(field(kAssembly, "version")), Cli::assembly, 1, 1);
        assembly.set(field(kAssembly, "name"), text_or_nothing(cli->text(cli->number(Cli::assembly, 1, 7))));
        const auto culture = cli->text(cli->number(Cli::assembly, 1, 8));
        if (culture && !culture->empty()) assembly.set(field(kAssembly, "culture"), *culture);
    }

    Object& references = root.child(field(kFields, "assembly_refs"));
    for (std::uint32_t row = 1; row <= cli->rows(Cli::assembly_ref); ++row) {
        if (!cli->number(Cli::assembly_ref, row, 0)) break;
        Object& item = references.add();
        set_version(*cli, item.child(field(kAssemblyRef, "version")), Cli::assembly_ref, row, 0);
        const auto key = cli->blob(cli->number(Cli::assembly_ref, row, 5));
        if (!key) continue;
        if (!key->empty()) item.set(field(kAssemblyRef, "public_key_or_token"), as_text(*key));
        item.set(field(kAssemblyRef, "name"), text_or_nothing(cli->text(cli->number(Cli::assembly_ref, row, 6))));
    }
    if (cli->has(Cli::assembly_ref)) set_count(root, field(kFields, "number_of_assembly_refs"), field(kFields, "assembly_refs"));

    Object& modules = root.child(field(kFields, "modulerefs"));
    for (std::uint32_t row = 1; row <= cli->rows(Cli::module_ref); ++row) {
        if (const auto name = cli->text(cli->number(Cli::module_ref, row, 0))) modules.add(Value{*name});
    }
    if (cli->has(Cli::module_ref)) set_count(root, field(kFields, "number_of_modulerefs"), field(kFields, "modulerefs"));

    root.set(field(kFields, "typelib"), text_or_nothing(typelib_of(*cli)));

    Object& constants = root.child(field(kFields, "constants"));
    for (std::uint32_t row = 1; row <= cli->rows(Cli::constant); ++row) {
        if (cli->number(Cli::constant, row, 0) != kTextConstant || cli->number(Cli::constant, row, 1) != 0U) continue;
        if (const auto value = cli->blob(cli->number(Cli::constant, row, 3))) constants.add(Value{as_text(*value)});
    }
    if (cli->has(Cli::constant)) set_count(root, field(kFields, "number_of_constants"), field(kFields, "constants"));

    Object& offsets = root.child(field(kFields, "field_offsets"));
    for (std::uint32_t row = 1; row <= cli->rows(Cli::field_rva); ++row) {
        const auto address = cli->number(Cli::field_rva, row, 0);
        if (!address) break;
        if (const auto offset = cli->image().rva_to_offset(*address)) offsets.add(number(*offset));
    }
    if (cli->has(Cli::field_rva)) set_count(root, field(kFields, "number_of_field_offsets"), field(kFields, "field_offsets"));
}

void fill_user_strings(Instance& in, Object& root) {
    const Cli* cli = cli_of(in);
    if (cli == nullptr || !cli->user_strings()) return;
    const Cli::Stream& stream = *cli->user_strings();
    const PeImage& image = cli->image();
    if (stream.size == 0 || !image.has(stream.offset, stream.size)) return;
    // A string that begins in the heap may end behind it.
    Bytes rest = image.bytes.subspan(static_cast<std::size_t>(stream.offset));
    const std::size_t behind = rest.size() - stream.size;
    if (rest[0] != 0) return;
    rest = rest.subspan(1);
    Object& texts = root.child(field(kFields, "user_strings"));
    Deadline* deadline = in.environment().deadline;
    while (rest.size() > behind && texts.size() < kMaxUserStrings && (deadline == nullptr || !deadline->passed())) {
        const auto length = compressed(rest);
        if (!length || *length > rest.size()) break;
        // The last byte tells whether there are special characters (section II.24.2.4). Being 0 or 1, it passes for an empty string
        // of its own, which yara takes it for.
        const std::uint32_t bytes = *length == 0 ? 0 : *length - 1;
        if (bytes > 0) texts.add(Value{as_text(rest.first(bytes))});
        rest = rest.subspan(bytes);
    }
    set_count(root, field(kFields, "number_of_user_strings"), field(kFields, "user_strings"));
}

// Fills `classes`. In a sound file a method belongs to one class, and a parameter to one method; one that says otherwise could ask
// for more of them than it has bytes, so the items of all lists together are limited.
class Classes {
public:
    Classes(Instance& in, const Cli& cli)
        : in_{in},
          cli_{cli},
          names_{cli, in.environment().deadline},
          left_{std::min<std::uint64_t>(cli.image().bytes.size() / 4 + 4096, kMaxItems)} {
        for (std::uint32_t row = 1; row <= cli.rows(Cli::generic_param); ++row) {
            const auto owner = cli.number(Cli::generic_param, row, 2);
            if (owner) parameters_[*owner].push_back(cli.text(cli.number(Cli::generic_param, row, 3)).value_or(""));
        }
        // One without a name, and yara knows none of them.
        std::erase_if(parameters_, [](const auto& item) { return std::ranges::count(item.second, std::string_view{}) > 0; });
        for (std::uint32_t row = 1; row <= cli.rows(Cli::interface_impl); ++row) {
            if (const auto owner = cli.number(Cli::interface_impl, row, 0)) interfaces_[*owner].push_back(row);
        }
    }

    void fill(Object& classes) {
        for (std::uint32_t row = 1; row <= cli_.rows(Cli::type_def); ++row) {
            const auto flags = cli_.number(Cli::type_def, row, 0);
            if (!flags) break;
            const auto found = names_.definition(row);
            if (plain_name(found.name).empty() || found.name == "<Module>") continue;  // that has what belongs to no class
            if (!take()) return;  // also when the names are spent
            fill_class(classes.add(), row, *flags, found);
        }
    }

private:
    bool take() {
        if (left_ == 0 || names_.spent()) return false;
        --left_;
        return true;
    }

    // Texts come again and again: one copy serves.
    std::string_view keep(std::string text) {
        const auto there = kept_.find(text);
        return there != kept_.end() ? *there : *kept_.insert(in_.keep(std::move(text))).first;
    }

    std::span<const std::string_view> parameters_of(Cli::Row owner) const {
        const std::uint32_t number = owner.row << 1 | (owner.table == Cli::method_def ? 1 : 0);
        const auto found = parameters_.find(number);
        return found == parameters_.end() ? std::span<const std::string_view>{} : found->second;
    }

    void fill_names(Object& list, std::span<const std::string_view> names) {
        for (const std::string_view name : names) {
            if (take()) list.add(Value{name});
        }
    }

    void fill_class(Object& item, std::uint32_t row, std::uint32_t flags, const TypeNames::Definition& found) {
        static constexpr std::string_view kVisibilities[] = {"internal",  "public",   "public",            "private",
                                                             "protected", "internal", "private protected", "protected internal"};
        item.set(field(kClass, "fullname"), keep(found.full_name));
        item.set(field(kClass, "name"), plain_name(found.name));
        if (found.scope) item.set(field(kClass, "namespace"), keep(*found.scope));
        item.set(field(kClass, "visibility"), kVisibilities[flags & 7]);
        item.set(field(kClass, "type"), std::string_view{(flags & 0x20) != 0 ? "interface" : "class"});
        item.set(field(kClass, "abstract"), truth((flags & 0x80) != 0));
        item.set(field(kClass, "sealed"), truth((flags & 0x100) != 0));

        const auto parameters = parameters_of({Cli::type_def, row});
        fill_names(item.child(field(kClass, "generic_parameters")), parameters);
        set_count(item, field(kClass, "number_of_generic_parameters"), field(kClass, "generic_parameters"));

        Object& bases = item.child(field(kClass, "base_types"));
        add_base(bases, cli_.number(Cli::type_def, row, 3), parameters);
        if (const auto found_interfaces = interfaces_.find(row); found_interfaces != interfaces_.end()) {
            for (const std::uint32_t at : found_interfaces->second) add_base(bases, cli_.number(Cli::interface_impl, at, 1), parameters);
        }
        set_count(item, field(kClass, "number_of_base_types"), field(kClass, "base_types"));

        Object& methods = item.child(field(kClass, "methods"));
        const std::uint32_t first = cli_.number(Cli::type_def, row, 5).value_or(0);
        const std::uint32_t behind = cli_.number(Cli::type_def, row + 1, 5).value_or(cli_.rows(Cli::method_def) + 1);
        if (first == 0 || (behind > first && behind - first > kMaxMethods)) return;
        for (std::uint32_t method = first; method < behind; ++method) {
            if (!take() || !fill_method(methods, method, parameters)) break;
        }
        set_count(item, field(kClass, "number_of_methods"), field(kClass, "methods"));
    }

    void add_base(Object& bases, std::optional<std::uint32_t> number, std::span<const std::string_view> parameters) {
        if (!number || *number >> 2 == 0 || !take()) return;
        if (auto name = names_.of(Cli::decode(Cli::type_def_or_ref, *number), {parameters, {}})) bases.add(Value{keep(std::move(*name))});
    }

    // False at the end of the table.
    bool fill_method(Object& methods, std::uint32_t row, std::span<const std::string_view> type_parameters) {
        static constexpr std::string_view kVisibilities[] = {"private",   "private",            "private protected", "internal",
                                                             "protected", "protected internal", "public",            "private"};
        const auto flags = cli_.number(Cli::method_def, row, 2);
        if (!flags) return false;
        const auto name = cli_.text(cli_.number(Cli::method_def, row, 3));
        auto signature = cli_.blob(cli_.number(Cli::method_def, row, 4));
        if (!name || name->empty() || !signature || signature->empty()) return true;

        const TypeNames::Scope scope{type_parameters, parameters_of({Cli::method_def, row})};
        const bool generic = ((*signature)[0] & 0x10) != 0;  // section II.23.2.1
        *signature = signature->subspan(1);
        if (generic && !compressed(*signature)) return true;
        const auto count = compressed(*signature);
        if (!count || *count > TypeNames::kMaxParameters) return true;
        auto returned = names_.read(*signature, scope);
        if (!returned) return true;
        std::vector<std::string_view> types;
        const std::uint32_t first = cli_.number(Cli::method_def, row, 5).value_or(0);
        for (std::uint32_t i = 0; first != 0 && i < *count; ++i) {
            auto type = take() ? names_.read(*signature, scope) : std::nullopt;
            const bool row_is_cut = first + i <= cli_.rows(Cli::param) && !cli_.number(Cli::param, first + i, 2);
            if (!type || row_is_cut) return true;
            types.push_back(keep(std::move(*type)));
        }

        Object& item = methods.add();
        item.set(field(kMethod, "name"), *name);
        item.set(field(kMethod, "visibility"), kVisibilities[*flags & 7]);
        item.set(field(kMethod, "static"), truth((*flags & 0x10) != 0));
        item.set(field(kMethod, "final"), truth((*flags & 0x20) != 0));
        item.set(field(kMethod, "virtual"), truth((*flags & 0x40) != 0));
        item.set(field(kMethod, "abstract"), truth((*flags & 0x400) != 0));
        if (*name != ".ctor" && *name != ".cctor") item.set(field(kMethod, "return_type"), keep(std::move(*returned)));
        fill_names(item.child(field(kMethod, "generic_parameters")), scope.method_parameters);
        set_count(item, field(kMethod, "number_of_generic_parameters"), field(kMethod, "generic_parameters"));

        Object& parameters = item.child(field(kMethod, "parameters"));
        if (first == 0) return true;
        for (std::uint32_t i = 0; i < types.size(); ++i) {
            Object& parameter = parameters.add();
            parameter.set(field(kParameter, "type"), types[i]);
            // By the order of the rows, as yara has it: a row for what is returned (section II.22.33) counts, and those of the next
            // method follow.
            const auto place = cli_.number(Cli::param, first + i, 2);
            const auto parameter_name = cli_.text(place);
            parameter.set(field(kParameter, "name"), place ? text_or_nothing(parameter_name) : keep("P_" + std::to_string(i)));
        }
        set_count(item, field(kMethod, "number_of_parameters"), field(kMethod, "parameters"));
        return true;
    }

    Instance& in_;
    const Cli& cli_;
    TypeNames names_;
    std::uint64_t left_;
    std::map<std::uint32_t, std::vector<std::string_view>> parameters_;  // by the owner as the column has it
    std::map<std::uint32_t, std::vector<std::uint32_t>> interfaces_;     // rows by the class that has them
    std::unordered_set<std::string_view> kept_;
};

void fill_classes(Instance& in, Object& root) {
    const Cli* cli = cli_of(in);
    if (cli == nullptr || !cli->complete()) return;
    Classes{in, *cli}.fill(root.child(field(kFields, "classes")));
    set_count(root, field(kFields, "number_of_classes"), field(kFields, "classes"));
}

constexpr Part kParts[] = {fill_root, fill_tables, fill_user_strings, fill_classes};

}  // namespace

const Declaration kDotnet{"dotnet", kFields, kParts, nullptr, PeImage::is_loaded_program};

}  // namespace ward::modules
