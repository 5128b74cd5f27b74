// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "host/root.h"
#include "model/gap.h"
#include "model/messages.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ward::host {

// A source as it was read: never looked into, only measured.
struct Source {
    wire::SourceBytes about;
    Buffer bytes;
    std::vector<Gap> gaps;  // what of a listing or snapshot could not be had, while the rest could
};

struct SourceLimits {
    std::uint64_t max_file_bytes = 64 * kMiB;  // a Packages index of a whole distribution has 50 MiB
    std::uint64_t max_package_database_bytes = 256 * kMiB;  // rpm's, which is one file: some 40 KiB a package, 4,000 packages
    std::uint64_t max_list_bytes = 128 * kMiB; // of listings and snapshots
    std::uint32_t max_names = 50'000;          // that one glob stands for
    std::uint32_t max_depth = 32;              // folders in folders that `**` and `tree:` go down
};

// Reads sources of all kinds (docs/facts.md) below a root.
//
//     SourceReader reader{std::move(root), limits};
//     for (const auto& name : reader.expand("/etc/cron.d/*", gaps)) use(reader.read(name));
//
// Reading always gives a source; what went wrong is its state. Any thread.
class SourceReader {
public:
    // `state`: where Ward keeps what it remembers of this root; empty when it has no past.
    SourceReader(Root root, SourceLimits limits, std::string state = {}) : root_{std::move(root)}, limits_{limits}, state_{std::move(state)} {}

    // The names that exist for a glob, sorted; the name itself when it is none.
    std::vector<std::string> expand(const std::string& pattern, std::vector<Gap>& gaps) const;
    // A slow source ends early when `stop` asks for it, with the state `failed`.
    Source read(const std::string& name, const std::stop_token& stop = {}) const;
    // This source will be read too: one walk over the disks then serves all that are expected. Say so before the first is read.
    void expect(const std::string& name) const;

    const Root& root() const { return root_; }

private:
    void expand_file(const std::string& pattern, std::vector<std::string>& names, std::vector<Gap>& gaps) const;
    void read_file(const std::string& path, Source& out) const;
    void read_part(const wire::FilePart& part, Source& out) const;
    void read_state(const std::string& name, Source& out) const;
    void read_stat(const std::string& path, Source& out) const;
    void read_list(const std::string& path, Source& out) const;
    void read_tree(const std::string& path, Source& out) const;
    Source read_walk(bool privileges, const std::stop_token& stop) const;

    // What a walk over all folders gave and nobody has asked for yet.
    struct Walked {
        std::mutex mutex;
        std::atomic<bool> both = false;
        std::optional<Source> privileges;
        std::optional<Source> software;
    };

    Root root_;
    SourceLimits limits_;
    std::string state_;
    std::unique_ptr<Walked> walked_ = std::make_unique<Walked>();
};

// Is it about the running system, so that a tree of files does not tell it?
bool is_live_source(std::string_view name);
bool is_glob(std::string_view name);
// May parts of it be asked for? Programs, shared libraries and what Java packs its own into; other files may hold secrets of their owner.
bool may_have_parts(std::string_view path, std::uint32_t mode);
// Does reading it take seconds, as a walk over all folders does?
bool is_slow_source(std::string_view name);

}  // namespace ward::host
