// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include <magic.h>

#include <array>

namespace ward::modules {

namespace {

// libmagic with the database it reads from memory. It keeps a view of that, and changes nothing in it.
class Library {
public:
    Library() = default;
    ~Library() { close(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    Status open(Bytes database) {
        if (cookie_ != nullptr && database.data() == database_.data() && database.size() == database_.size()) return done();
        close();
        if (database.empty()) return fail(Code::not_found, "the module magic was given no database");
        cookie_ = ::magic_open(MAGIC_NONE);
        if (cookie_ == nullptr) return fail(Code::io, "libmagic cannot start");
        // It does not write, but takes pointers that would let it.
        std::array<void*, 1> buffers{const_cast<std::uint8_t*>(database.data())};
        std::array<std::size_t, 1> sizes{database.size()};
        if (::magic_load_buffers(cookie_, buffers.data(), sizes.data(), 1) != 0) {
            close();
            return fail(Code::unsupported, "the database of the module magic is of another version than libmagic {}", ::magic_version());
        }
        database_ = database;
        return done();
    }

    // What libmagic says of the bytes; nothing when it fails.
    std::optional<std::string> ask(Bytes bytes, int flags) {
        if (cookie_ == nullptr || ::magic_setflags(cookie_, flags) != 0) return {};
        const char* answer = ::magic_buffer(cookie_, bytes.data(), bytes.size());
        if (answer == nullptr) return {};
        return answer;
    }

private:
    void close() {
        if (cookie_ != nullptr) ::magic_close(cookie_);
        cookie_ = nullptr;
    }

    magic_t cookie_ = nullptr;
    Bytes database_;
};

// Of the thread, since loading takes longer than asking, and is needed once for all files.
Library& library() {
    thread_local Library one;
    return one;
}

// The answers for one file, each found once.
struct Answers {
    std::optional<Value> type;
    std::optional<Value> mime_type;
};

Value ask(Instance& in, std::optional<Value>& answer, int flags) {
    if (!answer) {
        answer = Value{};
        const auto& data = in.environment().data;
        const auto found = data.find("magic");
        // An empty file is nothing to ask about: as yara.
        if (!in.bytes().empty() && found != data.end() && library().open(found->second)) {
            if (auto text = library().ask(in.bytes(), flags)) answer = in.keep(std::move(*text));
        }
    }
    return *answer;
}

Value type(Instance& in, const Object&, std::span<const Value>) { return ask(in, in.state<Answers>().type, MAGIC_NONE); }

Value mime_type(Instance& in, const Object&, std::span<const Value>) { return ask(in, in.state<Answers>().mime_type, MAGIC_MIME_TYPE); }

Status accept(Bytes data) { return library().open(data); }

constexpr Signature kMimeType[] = {{"", Type::text, mime_type}};
constexpr Signature kType[] = {{"", Type::text, type}};
constexpr Field kFields[] = {function("mime_type", kMimeType), function("type", kType)};

}  // namespace

const Declaration kMagic{"magic", kFields, {}, accept, [](Bytes) { return true; }};

}  // namespace ward::modules
