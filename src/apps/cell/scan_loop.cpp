// SPDX-License-Identifier: Apache-2.0
#include "apps/cell/loops.h"
#include "cell/match/rules.h"
#include "cell/runtime/mapping.h"
#include "cell/scan/scanner.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ward {

namespace {

using Clock = std::chrono::steady_clock;

// Answers are collected for so long, so that many small objects cost one message and a crash costs little work.
constexpr std::size_t kAnswerBytes = 64 * kKiB;
constexpr std::chrono::milliseconds kAnswerTime{100};

// What the gate gave at the start; held for the life of the cell.
struct Setup {
    wire::ScanStart start;
    std::optional<runtime::Mapping> database;
    runtime::Mapping arena;
    runtime::Mapping progress;
    int spool = -1;
    std::vector<runtime::Mapping> fed;  // in the order of start.manner.fed_modules
};

Result<Setup> take_setup(const runtime::Channel::Message& message) {
    if (message.kind != wire::Kind::scan_setup) return fail(Code::malformed, "the gate spoke out of turn");
    Decoder in{message.body};
    wire::ScanStart start = WARD_TRY(wire::decode_scan_start(in));
    const auto& given = message.descriptors;
    const std::size_t wanted = 2U + (start.has_database ? 1U : 0U) + (start.has_spool ? 1U : 0U) + start.manner.fed_modules.size();
    if (given.size() != wanted) return fail(Code::malformed, "{} descriptors came, not {}", given.size(), wanted);
    std::size_t next = 0;
    std::optional<runtime::Mapping> database;
    if (start.has_database) database.emplace(WARD_TRY(runtime::Mapping::whole(given[next++])));
    auto arena = WARD_TRY(runtime::Mapping::whole(given[next++]));
    auto progress = WARD_TRY(runtime::Mapping::shared(given[next++], wire::kProgressBytes));
    const int spool = start.has_spool ? given[next++] : -1;
    std::vector<runtime::Mapping> fed;
    while (next < given.size()) fed.push_back(WARD_TRY(runtime::Mapping::whole(given[next++])));
    return Setup{std::move(start), std::move(database), std::move(arena), std::move(progress), spool, std::move(fed)};
}

// Verdicts of one batch, sent in parts.
class Answers {
public:
    Answers(runtime::Channel& channel, std::uint32_t slot) : channel_{channel}, slot_{slot} {}

    void add(std::uint32_t index, const Verdict& verdict) {
        Encoder out{body_};
        out.u32(index);
        encode(verdict, out);
        ++count_;
        if (body_.size() >= kAnswerBytes || Clock::now() - last_ >= kAnswerTime) send();
    }
    void send() {
        if (count_ == 0) return;
        Buffer message;
        Encoder out{message};
        out.u32(slot_);
        out.u32(count_);
        message.insert(message.end(), body_.begin(), body_.end());
        channel_.send(wire::Kind::verdicts, message);
        body_.clear();
        count_ = 0;
        last_ = Clock::now();
    }

private:
    runtime::Channel& channel_;
    std::uint32_t slot_;
    Buffer body_;
    std::uint32_t count_ = 0;
    Clock::time_point last_ = Clock::now();
};

Verdict verdict_of(scan::Scanner& scanner, const Setup& setup, const wire::BatchItem& item, std::span<const int> descriptors) {
    const auto unread = [](const Error& error) {
        Verdict verdict;
        verdict.gaps.push_back({{}, error.code, error.text});
        return verdict;
    };
    if (item.descriptor == wire::BatchItem::kNoDescriptor) {
        const auto bytes = slice(setup.arena.bytes(), item.offset, item.bytes);
        return bytes ? scanner.scan(item.object, *bytes) : unread(bytes.error());
    }
    if (item.descriptor >= descriptors.size()) return unread(fail(Code::malformed, "no such descriptor came"));
    if (item.object.process != 0) {
        if (descriptors.size() - item.descriptor < wire::kProcessDescriptors) return unread(fail(Code::malformed, "a descriptor of the process did not come"));
        const auto given = descriptors.subspan(item.descriptor, wire::kProcessDescriptors);
        Verdict verdict = scanner.scan(item.object, {given[0], given[1], given[2]});
        for (const int descriptor : given) ::close(descriptor);
        return verdict;
    }
    const auto file = runtime::Mapping::whole(descriptors[item.descriptor]);
    return file ? scanner.scan(item.object, file->bytes()) : unread(file.error());
}

void scan_batch(runtime::Channel& channel, scan::Scanner& scanner, const Setup& setup, const wire::Batch& batch,
                std::span<const int> descriptors) {
    // The gate reads these words while we work: the index of the object that we are at.
    auto* words = static_cast<std::atomic<std::uint64_t>*>(static_cast<void*>(setup.progress.start()));
    Answers answers{channel, batch.progress_slot};
    for (const auto& item : batch.items) {
        words[batch.progress_slot].store(item.index, std::memory_order_relaxed);
        answers.add(item.index, verdict_of(scanner, setup, item, descriptors));
    }
    answers.send();
    Buffer body;
    Encoder{body}.u32(batch.progress_slot);
    channel.send(wire::Kind::batch_done, body);
}

Status serve(runtime::Channel& channel) {
    Setup setup = WARD_TRY(take_setup(channel.receive()));
    std::optional<match::RuleScanner> rules;
    if (setup.database) rules.emplace(WARD_TRY(match::RuleScanner::open(setup.database->bytes())));
    std::map<std::string, Bytes, std::less<>> fed;
    for (std::size_t i = 0; i < setup.fed.size(); ++i) fed[setup.start.manner.fed_modules[i]] = setup.fed[i].bytes();
    auto scanner = WARD_TRY(scan::Scanner::open(rules ? &*rules : nullptr, setup.start.limits, setup.start.externals, setup.spool,
                                                setup.start.manner, std::move(fed)));
    Buffer body;
    Encoder{body}.u64(rules ? rules->rules() : 0);
    channel.send(wire::Kind::scan_ready, body);
    for (;;) {
        const auto message = channel.receive();
        if (message.kind != wire::Kind::scan_batch) return fail(Code::malformed, "the gate spoke out of turn");
        Decoder in{message.body};
        scan_batch(channel, scanner, setup, WARD_TRY(wire::decode_batch(in)), message.descriptors);
    }
}

}  // namespace

void serve_scan(runtime::Channel channel) {
    // It only ends by an error, of which nothing can be gone on from: the gate starts another cell if it likes.
    const auto ended = serve(channel);
    runtime::send_failed(channel, ended.error());
    ::_exit(0);
}

}  // namespace ward
