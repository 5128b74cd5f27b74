// SPDX-License-Identifier: Apache-2.0
// A scan cell that is sealed by the same code as the true one and then misbehaves, as its second argument says, at each
// object that begins with "BAD". All others it answers honestly: the verdict's type repeats what the object held.
#include "cell/runtime/mapping.h"
#include "cell/runtime/start.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

namespace ward {
namespace {

using runtime::Channel;

struct Rogue {
    Channel channel;
    int arena_descriptor;
    Bytes arena;
    runtime::Mapping progress;
    wire::Batch batch;
    std::vector<int> descriptors;
    const wire::BatchItem* item = nullptr;

    void answer(std::uint32_t slot, const std::vector<std::pair<std::uint32_t, Verdict>>& verdicts) {
        Buffer body;
        Encoder out{body};
        out.u32(slot);
        out.u32(static_cast<std::uint32_t>(verdicts.size()));
        for (const auto& [index, verdict] : verdicts) {
            out.u32(index);
            encode(verdict, out);
        }
        channel.send(wire::Kind::verdicts, body);
    }
    void done(std::uint32_t slot) {
        Buffer body;
        Encoder{body}.u32(slot);
        channel.send(wire::Kind::batch_done, body);
    }
    void word(std::uint64_t value) {
        auto* words = static_cast<std::atomic<std::uint64_t>*>(static_cast<void*>(progress.start()));
        words[batch.progress_slot].store(value);
    }
};

void packet(std::size_t bytes, std::uint32_t kind, std::uint32_t more) {
    Buffer body(bytes, 0x5a);
    Buffer head;
    Encoder out{head};
    out.u32(kind);
    out.u32(more);
    std::memcpy(body.data(), head.data(), std::min(bytes, head.size()));
    iovec part{body.data(), body.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (::sendmsg(runtime::kChannel, &header, MSG_NOSIGNAL) < 0) ::_exit(0);
}

void send_descriptor() {
    Buffer head;
    Encoder out{head};
    out.u32(static_cast<std::uint32_t>(wire::Kind::verdicts));
    out.u32(0);
    iovec part{head.data(), head.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(item), &runtime::kChannel, sizeof(int));
    if (::sendmsg(runtime::kChannel, &header, MSG_NOSIGNAL) < 0) ::_exit(77);
}

// Reads the last page of the file again and again; it goes away when somebody cuts the file.
void read_for_ever(Rogue& rogue) {
    auto file = runtime::Mapping::whole(rogue.descriptors.at(rogue.item->descriptor));
    if (!file) ::_exit(78);
    const volatile std::uint8_t* last = &file->bytes().back();
    for (;;) static_cast<void>(*last);
}

// What a fallen cell would do to the objects that come after it.
void scribble_over_arena(Rogue& rogue) {
    void* memory = ::mmap(nullptr, rogue.arena.size(), PROT_READ | PROT_WRITE, MAP_SHARED, rogue.arena_descriptor, 0);
    if (memory != MAP_FAILED) std::memset(memory, 'X', rogue.arena.size());
    const char byte = 'X';
    if (::pwrite(rogue.arena_descriptor, &byte, 1, 0) == 1) ::_exit(81);
    __builtin_trap();
}

void eat_memory() {
    for (;;) {
        auto* part = new char[16 << 20];
        std::memset(part, 1, 16 << 20);
    }
}

const std::map<std::string_view, std::function<void(Rogue&)>> kBehaviours = {
    {"crash", [](Rogue&) { __builtin_trap(); }},
    {"leave", [](Rogue&) { ::_exit(0); }},
    {"leave-with-status", [](Rogue&) { ::_exit(5); }},
    {"break-promise", [](Rogue&) { ::_exit(wire::kExitBrokenPromise); }},
    {"hang", [](Rogue&) { for (;;) {} }},
    {"hang-and-play", [](Rogue& r) { for (std::uint64_t i = 0;; ++i) r.word(i); }},
    {"flood-parts", [](Rogue&) { for (;;) packet(wire::kMaxPacketBytes, 13, 1); }},
    {"flood-empty-parts", [](Rogue&) { for (;;) packet(wire::kPacketHeaderBytes, 13, 1); }},
    {"flood-nothing", [](Rogue& r) { for (;;) r.answer(r.batch.progress_slot, {}); }},
    {"short-packet", [](Rogue&) { packet(3, 13, 0); }},
    {"too-long-packet", [](Rogue&) { packet(wire::kMaxPacketBytes + 1, 13, 0); }},
    {"garbage", [](Rogue&) { packet(4000, 13, 0); }},
    {"unknown-kind", [](Rogue&) { packet(100, 9999, 0); }},
    {"out-of-turn", [](Rogue& r) { r.channel.send(wire::Kind::compiled, {}); }},
    {"ready-again", [](Rogue& r) { r.channel.send(wire::Kind::ready, {}); }},
    {"other-index", [](Rogue& r) { r.answer(r.batch.progress_slot, {{4'000'000, {}}}); }},
    {"answer-twice", [](Rogue& r) { r.answer(r.batch.progress_slot, {{r.item->index, {}}, {r.item->index, {}}}); }},
    {"other-slot", [](Rogue& r) { r.answer(r.batch.progress_slot + 1, {{r.item->index, {}}}); }},
    {"done-early", [](Rogue& r) { r.done(r.batch.progress_slot); }},
    {"many-members", [](Rogue& r) { Verdict v; v.members = 4'000'000'000; r.answer(r.batch.progress_slot, {{r.item->index, v}}); }},
    {"deep-members", [](Rogue& r) { Verdict v; v.gaps.push_back({{"", 0, std::vector<std::string>(60, "x")}, Code::io, "x"});
                                    r.answer(r.batch.progress_slot, {{r.item->index, v}}); }},
    {"send-descriptor", [](Rogue&) { send_descriptor(); }},
    {"eat-memory", [](Rogue&) { eat_memory(); }},
    {"forbidden-call", [](Rogue&) { ::syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
    {"scribble", scribble_over_arena},
    {"cut-file", read_for_ever},
};

[[noreturn]] void serve(Channel channel, std::string_view behaviour) {
    const auto setup = channel.receive();
    Decoder in{setup.body};
    const auto start = wire::decode_scan_start(in);
    if (!start || setup.descriptors.size() < 2) ::_exit(79);
    if (behaviour == "refuse-setup") runtime::send_failed(channel, fail(Code::malformed, "the database is broken"));
    if (behaviour == "die-at-setup") __builtin_trap();
    const std::size_t first = start->has_database ? 1 : 0;
    const int arena = setup.descriptors[first];
    // Mapped by hand, so that the descriptor stays open for mischief.
    void* memory = ::mmap(nullptr, start->arena_bytes, PROT_READ, MAP_SHARED, arena, 0);
    auto progress = runtime::Mapping::shared(setup.descriptors[first + 1], wire::kProgressBytes);
    if (memory == MAP_FAILED || !progress) ::_exit(80);
    channel.send(wire::Kind::scan_ready, {});
    Rogue rogue{std::move(channel), arena, Bytes{static_cast<std::uint8_t*>(memory), start->arena_bytes},
                std::move(progress).value(), {}, {}, nullptr};
    for (;;) {
        const auto message = rogue.channel.receive();
        Decoder body{message.body};
        rogue.batch = wire::decode_batch(body).value();
        rogue.descriptors = message.descriptors;
        std::vector<std::pair<std::uint32_t, Verdict>> verdicts;
        if (behaviour == "die-at-once") __builtin_trap();
        for (const auto& item : rogue.batch.items) {
            rogue.item = &item;
            rogue.word(item.index);
            std::string_view text = "large";
            if (item.descriptor == wire::BatchItem::kNoDescriptor) {
                text = as_text(rogue.arena.subspan(item.offset, item.bytes));
            }
            if (text.starts_with("BAD") || behaviour == "cut-file") kBehaviours.at(behaviour)(rogue);
            Verdict verdict;
            verdict.type = text.substr(0, 100);
            if (item.object.process != 0) verdict.type = fmt::format("{} of {} with {}", item.index, rogue.batch.items.size(), rogue.descriptors.size());
            // Gaps name the object as the cell likes; the gate knows better.
            if (text.starts_with("GAP")) verdict.gaps.push_back({{"/etc/shadow", 0, {"inside"}}, Code::malformed, "a gap"});
            verdicts.emplace_back(item.index, std::move(verdict));
        }
        rogue.answer(rogue.batch.progress_slot, verdicts);
        if (behaviour == "never-done") for (;;) {}
        rogue.done(rogue.batch.progress_slot);
    }
}

}  // namespace
}  // namespace ward

int main(int argc, char** argv) {
    using namespace ward;
    const std::string_view behaviour = argc > 2 ? argv[2] : "";
    runtime::SealPlan plan = *runtime::plan_of("scan");
    if (behaviour == "eat-memory") plan.max_memory_bytes = 128 * kMiB;
    if (behaviour == "never-ready") for (;;) {}
    serve(runtime::start(plan), behaviour);
}
