// SPDX-License-Identifier: Apache-2.0
#include "gate/cells.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ward::gate {

namespace {

constexpr std::uint64_t kHalfBytes = 8 * kMiB;
constexpr std::uint64_t kArenaBytes = wire::kArenaHeaderBytes + wire::kProgressSlots * kHalfBytes;
constexpr std::size_t kMaxBatchItems = 256;
constexpr std::uint64_t kBatchBytes = 4 * kMiB;       // enough to hide the round trip
constexpr std::size_t kMaxBatchDescriptors = 8;       // the cell holds two batches' descriptors open at once
constexpr std::uint64_t kMaxAnswerBytes = 64 * kMiB;  // verdicts of one message; a flood ends the cell
constexpr std::chrono::milliseconds kLookInterval{250};
constexpr std::chrono::milliseconds kGrace{2'000};    // the cell keeps max_time itself; this is for one that does not
constexpr std::chrono::seconds kReadyTime{20};

Verdict gap_verdict(const Object& object, Code code, std::string why) {
    Verdict verdict;
    verdict.gaps.push_back(Gap{Where{object.path, 0, {}}, code, std::move(why)});
    return verdict;
}

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

}  // namespace

ScanLane::ScanLane(ScanSetup setup, Answer answer) : setup_{std::move(setup)}, answer_{std::move(answer)} {}

ScanLane::~ScanLane() {
    for (auto& half : halves_) {
        for (const auto& item : half.items) {
            if (item.descriptor >= 0) ::close(item.descriptor);
        }
    }
    if (arena_ != nullptr) ::munmap(arena_, kArenaBytes);
    if (arena_descriptor_ >= 0) ::close(arena_descriptor_);
}

void ScanLane::start_from(std::string path, std::string argument) {
    program_ = std::move(path);
    argument_ = std::move(argument);
}

std::uint8_t* ScanLane::arena_of(std::uint32_t slot) const { return arena_ + wire::kArenaHeaderBytes + slot * kHalfBytes; }

std::atomic<std::uint64_t>& ScanLane::progress(std::uint32_t slot) const {
    // A page of our own memory that both sides see; atomics of this size are lock-free on both architectures.
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
    return *std::launder(static_cast<std::atomic<std::uint64_t>*>(static_cast<void*>(arena_ + 8UL * slot)));
}

Status ScanLane::ensure_cell() {
    if (arena_ == nullptr) {
        arena_descriptor_ = ::memfd_create("ward-arena", MFD_CLOEXEC);
        if (arena_descriptor_ < 0 || ::ftruncate(arena_descriptor_, static_cast<off_t>(kArenaBytes)) != 0) {
            return fail(Code::io, "cannot make the arena: {}", errno_words(errno));
        }
        void* memory = ::mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_SHARED, arena_descriptor_, 0);
        if (memory == MAP_FAILED) return fail(Code::io, "cannot map the arena: {}", errno_words(errno));
        arena_ = static_cast<std::uint8_t*>(memory);
    }
    if (process_) return done();
    auto started = program_.empty() ? Process::start(Program::cell, Duty::scan)
                                    : Process::start_file(program_, Duty::scan, argument_);
    if (!started) return std::move(started).error();
    process_.emplace(std::move(started).value());
    ++cells_started_;
    Buffer body;
    Encoder out{body};
    wire::encode(setup_.limits, out);
    wire::encode(setup_.externals, out);
    out.u8(setup_.spool >= 0 ? 1 : 0);
    std::vector<int> descriptors{setup_.database, arena_descriptor_};
    if (setup_.spool >= 0) descriptors.push_back(setup_.spool);
    if (auto sent = process_->send(wire::Kind::scan_setup, body, descriptors); !sent) {
        process_.reset();
        return std::move(sent).error();
    }
    if (auto ready = process_->wait_ready(kReadyTime); !ready) {
        process_.reset();
        return std::move(ready).error();
    }
    auto answer = process_->receive(Process::Clock::now() + kReadyTime, kMaxAnswerBytes);
    if (!answer) {
        process_.reset();
        return std::move(answer).error();
    }
    if (answer->kind == wire::Kind::failed) {
        Error error{Code::io, {}};
        Decoder in{answer->body};
        process_.reset();
        WARD_TRY(wire::decode_error(in, error));
        return error;
    }
    if (answer->kind != wire::Kind::scan_ready) {
        process_.reset();
        return fail(Code::malformed, "the cell answered out of turn");
    }
    last_change_ = Process::Clock::now();
    return done();
}

Status ScanLane::room_for(std::uint64_t bytes, bool descriptor) {
    const Half& half = halves_[filling_];
    const bool full = half.items.size() >= kMaxBatchItems || half.used + bytes > kHalfBytes ||
                      (descriptor && half.descriptors >= kMaxBatchDescriptors);
    if (!half.in_flight && full) WARD_TRY(submit());
    // submit() moved on to the other half, which may still be at work.
    if (halves_[filling_].in_flight) WARD_TRY(wait_for(filling_));
    return done();
}

Status ScanLane::add(Object object, int descriptor) {
    auto closed = std::unique_ptr<int, void (*)(int*)>{&descriptor, [](int* number) {
        if (*number >= 0) ::close(*number);
    }};
    if (auto ready = ensure_cell(); !ready) return std::move(ready).error();
    const bool small = object.bytes <= kMaxSmallBytes;
    WARD_TRY(room_for(small ? kMaxSmallBytes + 1 : 0, !small));
    Half& half = halves_[filling_];
    if (small) {
        // One byte more than expected is asked for, so a file that grew is seen, and then handed over as a large one.
        std::uint8_t* place = arena_of(filling_) + half.used;
        std::uint64_t got = 0;
        while (got <= kMaxSmallBytes) {
            const ssize_t count = ::pread(descriptor, place + got, kMaxSmallBytes + 1 - got, static_cast<off_t>(got));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                const int error = errno;
                answer_(object, gap_verdict(object, Code::io, "cannot be read: " + errno_words(error)));
                return done();
            }
            if (count == 0) break;
            got += static_cast<std::uint64_t>(count);
            // Most files are read whole at once; asking again for the end costs a call for each file.
            if (got == object.bytes) break;
        }
        if (got <= kMaxSmallBytes) {
            half.items.push_back({std::move(object), -1, half.used, got, false});
            // Eight bytes apart, so that readers of words need not care.
            half.used += (got + 15) & ~std::uint64_t{7};
            ++half.unanswered;
            if (half.used >= kBatchBytes) return submit();
            return done();
        }
        WARD_TRY(room_for(0, true));
    }
    Half& now = halves_[filling_];
    const std::uint64_t size = object.bytes;
    now.items.push_back({std::move(object), std::exchange(descriptor, -1), 0, size, false});
    ++now.descriptors;
    ++now.unanswered;
    // Large files are worth a batch of their own: work can begin.
    return submit();
}

Status ScanLane::add_bytes(Object object, Bytes bytes) {
    WARD_CHECK(bytes.size() <= kMaxSmallBytes);
    WARD_TRY(ensure_cell());
    WARD_TRY(room_for(kMaxSmallBytes + 1, false));
    Half& half = halves_[filling_];
    if (!bytes.empty()) std::memcpy(arena_of(filling_) + half.used, bytes.data(), bytes.size());
    half.items.push_back({std::move(object), -1, half.used, bytes.size(), false});
    half.used += (bytes.size() + 15) & ~std::uint64_t{7};
    ++half.unanswered;
    return done();
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
    if (in_flight_.size() == 1) last_change_ = Process::Clock::now();
    if (auto sent = send_half(slot); !sent) return recover(sent.error());
    return done();
}

// All that is unanswered of a half: everything, or what a dead cell left.
Status ScanLane::send_half(std::uint32_t slot) {
    const Half& half = halves_[slot];
    wire::Batch batch;
    batch.progress_slot = slot;
    std::vector<int> descriptors;
    for (std::size_t i = 0; i < half.items.size(); ++i) {
        const Pending& item = half.items[i];
        if (item.answered) continue;
        wire::BatchItem sent;
        sent.index = static_cast<std::uint32_t>(i);
        sent.object = item.object;
        sent.bytes = item.bytes;
        if (item.descriptor >= 0) {
            sent.descriptor = static_cast<std::uint32_t>(descriptors.size());
            descriptors.push_back(item.descriptor);
        } else {
            sent.offset = wire::kArenaHeaderBytes + slot * kHalfBytes + item.offset;
        }
        batch.items.push_back(std::move(sent));
    }
    progress(slot).store(batch.items.empty() ? 0 : batch.items.front().index, std::memory_order_relaxed);
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
    const std::uint32_t slot = in_flight_.front();
    if (!process_) return recover(fail(Code::io, "the cell is gone"));
    bool timed_out = false;
    auto message = process_->receive(Process::Clock::now() + kLookInterval, kMaxAnswerBytes, &timed_out);
    if (message) {
        last_change_ = Process::Clock::now();
        if (auto taken = take(*message); !taken) {
            process_->end();
            return recover(taken.error());
        }
        return done();
    }
    if (!timed_out) return recover(message.error());
    const std::uint64_t now = (std::uint64_t{slot} << 32) | progress(slot).load(std::memory_order_relaxed);
    if (now != last_progress_) {
        last_progress_ = now;
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
        if (said != slot || half.unanswered != 0) {
            return fail(Code::malformed, "the cell ended a batch with {} objects unanswered", half.unanswered);
        }
        half = Half{};
        in_flight_.pop_front();
        return done();
    }
    if (message.kind != wire::Kind::verdicts) return fail(Code::malformed, "the cell answered out of turn");
    if (WARD_TRY(in.u32()) != slot) return fail(Code::malformed, "the cell answered for another batch");
    const std::uint32_t count = WARD_TRY(in.count(24));
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t index = WARD_TRY(in.u32());
        Verdict verdict = WARD_TRY(decode_verdict(in));
        if (index >= half.items.size() || half.items[index].answered) {
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
        settle(half, index, std::move(verdict));
    }
    return in.end();
}

void ScanLane::settle(Half& half, std::size_t index, Verdict verdict) {
    Pending& item = half.items[index];
    item.answered = true;
    --half.unanswered;
    if (item.descriptor >= 0) ::close(std::exchange(item.descriptor, -1));
    answer_(item.object, std::move(verdict));
}

// The cell is dead. The object it had in work pays for it; all others go to a fresh cell.
Status ScanLane::recover(const Error& reason) {
    process_.reset();
    while (!in_flight_.empty() && halves_[in_flight_.front()].unanswered == 0) {
        halves_[in_flight_.front()] = Half{};
        in_flight_.pop_front();
    }
    if (in_flight_.empty()) return done();
    const std::uint32_t slot = in_flight_.front();
    Half& half = halves_[slot];
    // The word is in memory that the cell writes, so it is a hint: what it names must be open still.
    std::size_t index = static_cast<std::size_t>(progress(slot).load(std::memory_order_relaxed));
    if (index >= half.items.size() || half.items[index].answered) {
        index = 0;
        while (half.items[index].answered) ++index;
    }
    settle(half, index, gap_verdict(half.items[index].object, reason.code, reason.text));
    if (half.unanswered == 0) {
        half = Half{};
        in_flight_.pop_front();
    }
    WARD_TRY(ensure_cell());
    for (const std::uint32_t open : std::deque<std::uint32_t>{in_flight_}) {
        if (auto sent = send_half(open); !sent) return recover(sent.error());
    }
    last_change_ = Process::Clock::now();
    return done();
}

}  // namespace ward::gate
