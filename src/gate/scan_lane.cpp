// SPDX-License-Identifier: Apache-2.0
#include "gate/cells.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace ward::gate {

namespace {

constexpr std::uint64_t kHalfBytes = 8 * kMiB;
constexpr std::uint64_t kArenaBytes = wire::kProgressSlots * kHalfBytes;
constexpr std::size_t kMaxBatchItems = 256;
constexpr std::uint64_t kBatchBytes = 4 * kMiB;       // enough to hide the round trip
constexpr std::size_t kMaxBatchDescriptors = 8;       // the cell holds two batches' descriptors open at once
// A batch's message is one packet, and two of them fit into the channel: so the gate never blocks in sending while the cell
// blocks in answering.
constexpr std::uint64_t kMaxBatchMessage = 96 * kKiB;
constexpr std::uint64_t kItemMessage = 80;            // an item without its texts
constexpr std::uint64_t kMaxPathBytes = 64 * kKiB;
constexpr std::uint64_t kMaxAnswerBytes = 64 * kMiB;  // verdicts of one message; a flood ends the cell
constexpr std::chrono::milliseconds kLookInterval{250};
constexpr std::chrono::milliseconds kGrace{2'000};    // the cell keeps max_time itself; this is for one that does not
constexpr std::chrono::seconds kReadyTime{20};

std::uint64_t item_message(const Object& object) { return kItemMessage + object.path.size() + object.program.size(); }

Verdict gap_verdict(const Object& object, Code code, std::string why) {
    Verdict verdict;
    verdict.gaps.push_back(Gap{Where{object.path, 0, {}}, code, std::move(why)});
    return verdict;
}

void close_all(const std::vector<int>& descriptors) {
    for (const int descriptor : descriptors) ::close(descriptor);
}

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

}  // namespace

ScanLane::ScanLane(ScanSetup setup, Answer answer) : setup_{std::move(setup)}, answer_{std::move(answer)} {}

ScanLane::~ScanLane() {
    for (auto& half : halves_) {
        for (const auto& item : half.items) close_all(item.descriptors);
    }
    if (arena_ != nullptr) ::munmap(arena_, kArenaBytes);
    if (arena_descriptor_ >= 0) ::close(arena_descriptor_);
    if (progress_ != nullptr) ::munmap(progress_, wire::kProgressBytes);
    if (progress_descriptor_ >= 0) ::close(progress_descriptor_);
}

void ScanLane::start_from(std::string path, std::string argument) {
    program_ = std::move(path);
    argument_ = std::move(argument);
}

std::uint8_t* ScanLane::arena_of(std::uint32_t slot) const { return arena_ + slot * kHalfBytes; }

std::atomic<std::uint64_t>& ScanLane::progress(std::uint32_t slot) const {
    // A page of our own memory that both sides see; atomics of this size are lock-free on both architectures.
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
    return *std::launder(static_cast<std::atomic<std::uint64_t>*>(static_cast<void*>(progress_ + 8UL * slot)));
}

Status ScanLane::make_arena() {
    if (arena_ != nullptr) return done();
    arena_descriptor_ = ::memfd_create("ward-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    progress_descriptor_ = ::memfd_create("ward-progress", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (arena_descriptor_ < 0 || ::ftruncate(arena_descriptor_, static_cast<off_t>(kArenaBytes)) != 0 ||
        progress_descriptor_ < 0 || ::ftruncate(progress_descriptor_, static_cast<off_t>(wire::kProgressBytes)) != 0) {
        return fail(Code::io, "cannot make the arena: {}", errno_words(errno));
    }
    void* page = ::mmap(nullptr, wire::kProgressBytes, PROT_READ | PROT_WRITE, MAP_SHARED, progress_descriptor_, 0);
    void* memory = ::mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_SHARED, arena_descriptor_, 0);
    if (page != MAP_FAILED) progress_ = static_cast<std::uint8_t*>(page);
    if (memory != MAP_FAILED) arena_ = static_cast<std::uint8_t*>(memory);
    if (page == MAP_FAILED || memory == MAP_FAILED) return fail(Code::io, "cannot map the arena: {}", errno_words(errno));
    // What is mapped writable stays so; nobody can map it so again. A cell that fell cannot change the bytes of the objects
    // that a fresh one will be given, and can take no page away from under us.
    constexpr int kSize = F_SEAL_SHRINK | F_SEAL_GROW;
    if (::fcntl(arena_descriptor_, F_ADD_SEALS, kSize | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0 ||
        ::fcntl(progress_descriptor_, F_ADD_SEALS, kSize | F_SEAL_SEAL) != 0) {
        return fail(Code::io, "cannot seal the arena: {}", errno_words(errno));
    }
    return done();
}

Status ScanLane::ensure_cell() {
    if (process_) return done();
    auto started = start_cell();
    if (!started) process_.reset();
    return started;
}

Status ScanLane::start_cell() {
    WARD_TRY(make_arena());
    process_.emplace(WARD_TRY(program_.empty() ? Process::start(Program::cell, Duty::scan)
                                               : Process::start_file(program_, Duty::scan, argument_)));
    ++cells_started_;
    wire::ScanStart start;
    start.limits = setup_.limits;
    start.externals = setup_.externals;
    start.has_database = setup_.database >= 0;
    start.arena_bytes = kArenaBytes;
    start.has_spool = setup_.spool >= 0;
    start.manner = setup_.manner;
    Buffer body;
    Encoder out{body};
    wire::encode(start, out);
    std::vector<int> descriptors;
    if (start.has_database) descriptors.push_back(setup_.database);
    descriptors.push_back(arena_descriptor_);
    descriptors.push_back(progress_descriptor_);
    if (start.has_spool) descriptors.push_back(setup_.spool);
    descriptors.insert(descriptors.end(), setup_.fed.begin(), setup_.fed.end());
    WARD_TRY(process_->wait_ready(kReadyTime));
    WARD_TRY(process_->send(wire::Kind::scan_setup, body, descriptors));
    const auto answer = WARD_TRY(process_->receive(Process::Clock::now() + kReadyTime, kMaxAnswerBytes));
    Decoder in{answer.body};
    if (answer.kind == wire::Kind::failed) {
        Error error{Code::io, {}};
        WARD_TRY(wire::decode_error(in, error));
        return error;
    }
    if (answer.kind != wire::Kind::scan_ready) return fail(Code::malformed, "the cell answered out of turn");
    rules_ = in.u64().value_or(0);
    watch_from_here();
    return done();
}

// Until `half` of the lane that is being filled can take the object.
Status ScanLane::room_for(const Object& object, std::uint64_t bytes, std::size_t descriptors) {
    const Half& half = halves_[filling_];
    const bool full = half.items.size() >= kMaxBatchItems || half.used + bytes > kHalfBytes ||
                      half.message + item_message(object) > kMaxBatchMessage || half.descriptors + descriptors > kMaxBatchDescriptors;
    if (!half.in_flight && full) WARD_TRY(submit());
    // submit() moved on to the other half, which may still be at work.
    if (halves_[filling_].in_flight) WARD_TRY(wait_for(filling_));
    return done();
}

bool ScanLane::refuse(const Object& object) {
    if (object.path.size() + object.program.size() <= kMaxPathBytes) return false;
    answer_(object, gap_verdict(object, Code::over_limit, "its path is longer than 64 KiB"));
    return true;
}

void ScanLane::put(Object object, std::vector<int> descriptors, std::uint64_t bytes) {
    Half& half = halves_[filling_];
    half.message += item_message(object);
    half.descriptors += descriptors.size();
    ++half.unanswered;
    const bool in_arena = descriptors.empty();
    half.items.push_back({std::move(object), std::move(descriptors), half.used, bytes, false, false});
    // Eight bytes apart, so that readers of words need not care.
    if (in_arena) half.used += (bytes + 15) & ~std::uint64_t{7};
}

Status ScanLane::add(Object object, int descriptor) {
    const auto closed = std::unique_ptr<int, void (*)(int*)>{&descriptor, [](int* number) {
        if (*number >= 0) ::close(*number);
    }};
    if (refuse(object)) return done();
    const bool small = object.bytes <= kMaxSmallBytes;
    auto room = ensure_cell();
    if (room) room = room_for(object, small ? kMaxSmallBytes + 1 : 0, small ? 0 : 1);
    if (small && room) {
        // One byte more than expected is asked for, so a file that grew is seen, and then handed over as a large one.
        std::uint8_t* place = arena_of(filling_) + halves_[filling_].used;
        std::uint64_t got = 0;
        while (got <= kMaxSmallBytes) {
            const ssize_t count = ::pread(descriptor, place + got, kMaxSmallBytes + 1 - got, static_cast<off_t>(got));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                answer_(object, gap_verdict(object, Code::io, "cannot be read: " + errno_words(errno)));
                return done();
            }
            if (count == 0) break;
            got += static_cast<std::uint64_t>(count);
            // Most files are read whole at once; asking again for the end costs a call for each file.
            if (got == object.bytes) break;
        }
        if (got <= kMaxSmallBytes) {
            put(std::move(object), {}, got);
            return halves_[filling_].used >= kBatchBytes ? submit() : done();
        }
        room = room_for(object, 0, 1);
    }
    if (!room) {
        answer_(object, gap_verdict(object, room.error().code, room.error().text));
        return give_up(std::move(room).error());
    }
    const std::uint64_t size = object.bytes;
    put(std::move(object), {std::exchange(descriptor, -1)}, size);
    // Large files are worth a batch of their own: work can begin.
    return submit();
}

Status ScanLane::add_bytes(Object object, Bytes bytes) {
    WARD_CHECK(bytes.size() <= kMaxSmallBytes);
    if (refuse(object)) return done();
    auto room = ensure_cell();
    if (room) room = room_for(object, kMaxSmallBytes + 1, 0);
    if (!room) {
        answer_(object, gap_verdict(object, room.error().code, room.error().text));
        return give_up(std::move(room).error());
    }
    if (!bytes.empty()) std::memcpy(arena_of(filling_) + halves_[filling_].used, bytes.data(), bytes.size());
    put(std::move(object), {}, bytes.size());
    return halves_[filling_].used >= kBatchBytes ? submit() : done();
}

Status ScanLane::add_process(Object object, const std::array<int, wire::kProcessDescriptors>& descriptors) {
    std::vector<int> given{descriptors.begin(), descriptors.end()};
    WARD_CHECK(object.process != 0);
    if (refuse(object)) {
        close_all(given);
        return done();
    }
    // Alone: a cell that falls over another object finds no memory of a process at hand.
    auto room = finish();
    if (room) room = ensure_cell();
    if (!room) {
        close_all(given);
        answer_(object, gap_verdict(object, room.error().code, room.error().text));
        return give_up(std::move(room).error());
    }
    put(std::move(object), std::move(given), 0);
    return submit();
}

Status ScanLane::finish() {
    if (!halves_[filling_].items.empty() && !halves_[filling_].in_flight) WARD_TRY(submit());
    while (!in_flight_.empty()) WARD_TRY(wait_for(in_flight_.front()));
    return done();
}

Status ScanLane::submit() {
    const std::uint32_t slot = filling_;
    Half& half = halves_[slot];
    if (half.items.empty()) return done();
    half.in_flight = true;
    in_flight_.push_back(slot);
    filling_ = (slot + 1) % wire::kProgressSlots;
    if (in_flight_.size() == 1) watch_from_here();
    // The cell may have died of an earlier batch, with nothing left that needed a fresh one.
    if (auto ready = ensure_cell(); !ready) return give_up(std::move(ready).error());
    if (auto sent = pump(); !sent) return recover(std::move(sent).error());
    return done();
}

// Sends what may be sent now. Behind a batch that goes one by one nothing is sent, so that a death has one cause.
Status ScanLane::pump() {
    for (const std::uint32_t slot : in_flight_) {
        if (!halves_[slot].sent) WARD_TRY(send_half(slot));
        if (halves_[slot].one_by_one) break;
    }
    return done();
}

// The oldest batch in flight is watched anew: its cell has just begun with it.
void ScanLane::watch_from_here() {
    furthest_ = 0;
    last_change_ = Process::Clock::now();
}

// What is unanswered of a half, or the first of it.
Status ScanLane::send_half(std::uint32_t slot) {
    Half& half = halves_[slot];
    wire::Batch batch;
    batch.progress_slot = slot;
    std::vector<int> descriptors;
    for (std::size_t i = 0; i < half.items.size(); ++i) {
        Pending& item = half.items[i];
        if (item.answered) continue;
        if (half.one_by_one && !batch.items.empty()) break;
        item.sent = true;
        wire::BatchItem sent;
        sent.index = static_cast<std::uint32_t>(i);
        sent.object = item.object;
        sent.bytes = item.bytes;
        if (!item.descriptors.empty()) {
            sent.descriptor = static_cast<std::uint32_t>(descriptors.size());
            descriptors.insert(descriptors.end(), item.descriptors.begin(), item.descriptors.end());
        } else {
            sent.offset = slot * kHalfBytes + item.offset;
        }
        batch.items.push_back(std::move(sent));
    }
    half.sent = true;
    progress(slot).store(batch.items.front().index, std::memory_order_relaxed);
    Buffer body;
    Encoder out{body};
    wire::encode(batch, out);
    return process_->send(wire::Kind::scan_batch, body, descriptors);
}

Status ScanLane::wait_for(std::uint32_t slot) {
    while (halves_[slot].in_flight) WARD_TRY(step());
    return done();
}

Status ScanLane::step() {
    WARD_CHECK(!in_flight_.empty());
    if (setup_.stop_at && Process::Clock::now() >= *setup_.stop_at) {
        process_.reset();
        settle_all({Code::over_limit, "the time of the whole run ended while it was looked through"});
        return done();
    }
    if (setup_.stop != nullptr && *setup_.stop) {
        process_.reset();
        settle_all({Code::over_limit, "the scan was interrupted while it was looked through"});
        return done();
    }
    bool timed_out = false;
    auto message = process_->receive(Process::Clock::now() + kLookInterval, kMaxAnswerBytes, &timed_out);
    if (message) {
        last_change_ = Process::Clock::now();
        auto taken = take(*message);
        if (taken) taken = pump();
        if (taken) return done();
        process_->end();
        return recover(std::move(taken).error());
    }
    if (!timed_out) return recover(std::move(message).error());
    // A cell works through a batch in its order. Only a step forward is progress, so that one which plays with the word
    // wins no more time than there are objects.
    const std::uint32_t slot = in_flight_.front();
    const std::uint64_t now = progress(slot).load(std::memory_order_relaxed);
    if (now > furthest_ && now < halves_[slot].items.size()) {
        furthest_ = now;
        last_change_ = Process::Clock::now();
        return done();
    }
    const auto still = Process::Clock::now() - last_change_;
    if (still < setup_.limits.max_time + kGrace) return done();
    process_->end();
    return recover(fail(Code::over_limit, "was still at work after {:.0f} s and was ended",
                        std::chrono::duration<double>(still).count()));
}

Status ScanLane::take(const Process::Message& message) {
    Decoder in{message.body};
    const std::uint32_t slot = in_flight_.front();
    Half& half = halves_[slot];
    if (message.kind == wire::Kind::batch_done) {
        const std::uint32_t said = WARD_TRY(in.u32());
        WARD_TRY(in.end());
        const auto open = std::count_if(half.items.begin(), half.items.end(),
                                        [](const Pending& item) { return item.sent && !item.answered; });
        if (said != slot || open != 0) {
            return fail(Code::malformed, "the cell ended a batch with {} objects unanswered", open);
        }
        half.sent = false;
        watch_from_here();
        drop_finished();
        return done();
    }
    if (message.kind != wire::Kind::verdicts) return fail(Code::malformed, "the cell answered out of turn");
    if (WARD_TRY(in.u32()) != slot) return fail(Code::malformed, "the cell answered for another batch");
    const std::uint32_t count = WARD_TRY(in.count(24));
    // Or a cell could keep us waiting with messages that say nothing.
    if (count == 0) return fail(Code::malformed, "the cell answered nothing");
    // Nothing of a message is believed until all of it has been checked.
    std::map<std::size_t, Verdict> verdicts;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t index = WARD_TRY(in.u32());
        Verdict verdict = WARD_TRY(decode_verdict(in, setup_.manner));
        if (index >= half.items.size() || !half.items[index].sent || half.items[index].answered) {
            return fail(Code::malformed, "the cell answered for an object it was not asked about");
        }
        const auto too_deep = [&](const std::vector<std::string>& members) {
            return members.size() > setup_.limits.max_depth + 1U;
        };
        if (verdict.members > setup_.limits.max_members + 1U ||
            std::any_of(verdict.matches.begin(), verdict.matches.end(), [&](const Match& m) { return too_deep(m.members); }) ||
            std::any_of(verdict.gaps.begin(), verdict.gaps.end(), [&](const Gap& g) { return too_deep(g.where.members); })) {
            return fail(Code::malformed, "the cell's answer breaks the limits it was given");
        }
        // A cell may say where inside the object; which object it is, we know.
        for (auto& gap : verdict.gaps) gap.where.path = half.items[index].object.path;
        if (!verdicts.emplace(index, std::move(verdict)).second) {
            return fail(Code::malformed, "the cell answered twice for an object");
        }
    }
    WARD_TRY(in.end());
    for (auto& [index, verdict] : verdicts) settle(half, index, std::move(verdict));
    return done();
}

void ScanLane::settle(Half& half, std::size_t index, Verdict verdict) {
    Pending& item = half.items[index];
    item.answered = true;
    --half.unanswered;
    close_all(std::exchange(item.descriptors, {}));
    answer_(item.object, std::move(verdict));
}

// Batches of which all is answered, from the oldest on.
void ScanLane::drop_finished() {
    while (!in_flight_.empty() && halves_[in_flight_.front()].unanswered == 0) {
        halves_[in_flight_.front()] = Half{};
        in_flight_.pop_front();
        watch_from_here();
    }
}

// The cell is dead. What it may have died of goes to a fresh one object by object; an object that it was given alone is a
// gap. The progress word would name the object in work at once, but it is the cell's to write, and a cell that fell could
// have others blamed.
Status ScanLane::recover(Error reason) {
    for (;;) {
        process_.reset();
        drop_finished();
        if (in_flight_.empty()) return done();
        Half& half = halves_[in_flight_.front()];
        const auto suspect = [](const Pending& item) { return item.sent && !item.answered; };
        if (std::count_if(half.items.begin(), half.items.end(), suspect) == 1) {
            const auto found = std::find_if(half.items.begin(), half.items.end(), suspect);
            settle(half, static_cast<std::size_t>(found - half.items.begin()),
                   gap_verdict(found->object, reason.code, reason.text));
            drop_finished();
            if (in_flight_.empty()) return done();
        } else {
            half.one_by_one = true;
        }
        for (Half& each : halves_) {
            each.sent = false;
            for (Pending& item : each.items) item.sent = false;
        }
        if (auto started = ensure_cell(); !started) return give_up(std::move(started).error());
        auto sent = pump();
        if (sent) return done();
        reason = std::move(sent).error();
    }
}

// Everything that waits becomes a gap.
void ScanLane::settle_all(const Error& reason) {
    for (auto& half : halves_) {
        for (std::size_t i = 0; i < half.items.size(); ++i) {
            if (half.items[i].answered) continue;
            settle(half, i, gap_verdict(half.items[i].object, reason.code, reason.text));
        }
        half = Half{};
    }
    in_flight_.clear();
}

// No cell can be started.
Status ScanLane::give_up(Error reason) {
    settle_all(reason);
    return reason;
}

}  // namespace ward::gate
