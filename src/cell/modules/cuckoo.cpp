// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include "core/json_read.h"
#include "core/text.h"

#include <array>

namespace ward::modules {

namespace {

// The report of a sandbox that the caller of the scan gives, kept as it was parsed.
class Report {
public:
    // A null where there is no report, or none that could be read.
    const JsonNode& of(Bytes data) {
        if (data.data() != data_.data() || data.size() != data_.size()) static_cast<void>(read(data));
        return root_;
    }

    Status read(Bytes data) {
        data_ = data;
        root_ = JsonNode{};
        if (data.empty()) return done();  // no report: as yara
        JsonNode root = WARD_TRY(read_json(as_text(data)));
        if (!root.is_object() && !root.is_array()) return fail(Code::malformed, "the JSON is neither an object nor an array");
        root_ = std::move(root);
        return done();
    }

private:
    Bytes data_;
    JsonNode root_;
};

// Of the thread, since it is the same for all files of a scan; which asks check_data() before, so that what lies in the place of
// an older report is read anew.
Report& report() {
    thread_local Report one;
    return one;
}

const JsonNode& root_of(Instance& in) {
    static const JsonNode none;
    const auto& data = in.environment().data;
    const auto found = data.find("cuckoo");
    return found == data.end() ? none : report().of(found->second);
}

// Walks down from the root of the report; the items of an array, or none.
const JsonNode::Items& list(Instance& in, std::initializer_list<std::string_view> path) {
    static const JsonNode::Items none;
    const JsonNode* node = &root_of(in);
    for (const auto key : path) {
        node = node->find(key);
        if (node == nullptr) return none;
    }
    return node->items();
}

const std::string* text_of(const JsonNode& item, std::string_view key) {
    const JsonNode* member = item.find(key);
    return member == nullptr ? nullptr : member->text();
}

// yara sees a text up to its first zero byte, and what ends where the text begins is no match.
bool matches(const Instance& in, const Value& regex, const std::string* text) {
    if (text == nullptr || !in.environment().last_match) return false;
    const auto end = in.environment().last_match(std::get<Regex>(regex), std::string_view{*text}.substr(0, text->find('\0')));
    return end && *end > 0;
}

template <class Holds>
Value any(Instance& in, const JsonNode::Items& items, Holds holds) {
    for (const auto& item : items) {
        if (in.environment().deadline != nullptr && in.environment().deadline->passed(16)) break;
        if (holds(item)) return std::int64_t{1};
    }
    return std::int64_t{0};
}

Value any_text(Instance& in, const JsonNode::Items& items, const Value& regex) {
    return any(in, items, [&](const JsonNode& item) { return matches(in, regex, item.text()); });
}

Value dns_lookup(Instance& in, const Object&, std::span<const Value> arguments) {
    // Older reports have the list `dns` alone, newer ones `domains` too, which then counts whatever it is.
    const JsonNode* network = root_of(in).find("network");
    const bool newer = network != nullptr && network->find("domains") != nullptr;
    return any(in, list(in, {"network", newer ? "domains" : "dns"}), [&](const JsonNode& item) {
        return text_of(item, "ip") != nullptr && matches(in, arguments[0], text_of(item, newer ? "domain" : "hostname"));
    });
}

template <class Allowed>
Value http(Instance& in, const Value& regex, Allowed allowed) {
    return any(in, list(in, {"network", "http"}), [&](const JsonNode& item) {
        const std::string* method = text_of(item, "method");
        return method != nullptr && allowed(std::string_view{*method}.substr(0, method->find('\0'))) && matches(in, regex, text_of(item, "uri"));
    });
}

bool is_get(std::string_view method) { return equal_ignoring_case(method, "get"); }
bool is_post(std::string_view method) { return equal_ignoring_case(method, "post"); }

Value http_get(Instance& in, const Object&, std::span<const Value> arguments) { return http(in, arguments[0], is_get); }

Value http_post(Instance& in, const Object&, std::span<const Value> arguments) { return http(in, arguments[0], is_post); }

Value http_request(Instance& in, const Object&, std::span<const Value> arguments) {
    return http(in, arguments[0], [](std::string_view method) { return is_get(method) || is_post(method); });
}

Value http_user_agent(Instance& in, const Object&, std::span<const Value> arguments) {
    return any(in, list(in, {"network", "http"}), [&](const JsonNode& item) { return matches(in, arguments[0], text_of(item, "user-agent")); });
}

Value host(Instance& in, const Object&, std::span<const Value> arguments) { return any_text(in, list(in, {"network", "hosts"}), arguments[0]); }

Value connection(Instance& in, std::string_view protocol, std::span<const Value> arguments) {
    return any(in, list(in, {"network", protocol}), [&](const JsonNode& item) {
        const JsonNode* port = item.find("dport");
        // yara keeps 32 bits of it.
        return port != nullptr && port->integer() != nullptr && static_cast<std::int32_t>(*port->integer()) == std::get<std::int64_t>(arguments[1]) &&
               matches(in, arguments[0], text_of(item, "dst"));
    });
}

Value tcp(Instance& in, const Object&, std::span<const Value> arguments) { return connection(in, "tcp", arguments); }

Value udp(Instance& in, const Object&, std::span<const Value> arguments) { return connection(in, "udp", arguments); }

Value key_access(Instance& in, const Object&, std::span<const Value> arguments) {
    return any_text(in, list(in, {"behavior", "summary", "keys"}), arguments[0]);
}

Value file_access(Instance& in, const Object&, std::span<const Value> arguments) {
    return any_text(in, list(in, {"behavior", "summary", "files"}), arguments[0]);
}

Value mutex(Instance& in, const Object&, std::span<const Value> arguments) {
    return any_text(in, list(in, {"behavior", "summary", "mutexes"}), arguments[0]);
}

Status accept(Bytes data) { return report().read(data); }

using Run = Value (*)(Instance&, const Object&, std::span<const Value>);
constexpr std::array<Signature, 1> form(std::string_view arguments, Run run) { return {{{arguments, Type::integer, run}}}; }

constexpr auto kDnsLookup = form("r", dns_lookup);
constexpr auto kHttpGet = form("r", http_get);
constexpr auto kHttpPost = form("r", http_post);
constexpr auto kHttpRequest = form("r", http_request);
constexpr auto kHttpUserAgent = form("r", http_user_agent);
constexpr auto kHost = form("r", host);
constexpr auto kTcp = form("ri", tcp);
constexpr auto kUdp = form("ri", udp);
constexpr auto kKeyAccess = form("r", key_access);
constexpr auto kFileAccess = form("r", file_access);
constexpr auto kMutex = form("r", mutex);

constexpr Field kNetwork[] = {
    function("dns_lookup", kDnsLookup), function("http_get", kHttpGet), function("http_post", kHttpPost),
    function("http_request", kHttpRequest), function("http_user_agent", kHttpUserAgent), function("host", kHost),
    function("tcp", kTcp), function("udp", kUdp),
};
constexpr Field kRegistry[] = {function("key_access", kKeyAccess)};
constexpr Field kFilesystem[] = {function("file_access", kFileAccess)};
constexpr Field kSync[] = {function("mutex", kMutex)};
constexpr Field kFields[] = {
    structure("network", kNetwork), structure("registry", kRegistry), structure("filesystem", kFilesystem), structure("sync", kSync),
};

void fill(Instance&, Object& root) {
    for (std::size_t i = 0; i < std::size(kFields); ++i) static_cast<void>(root.child(i));
}

constexpr Part kParts[] = {fill};

}  // namespace

const Declaration kCuckoo{"cuckoo", kFields, kParts, accept};

}  // namespace ward::modules
