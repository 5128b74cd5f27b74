// SPDX-License-Identifier: Apache-2.0
#include "model/snapshots.h"

namespace ward {

namespace {

constexpr std::uint32_t kMaxProcessTextBytes = 4 * 1024 * 1024;  // the maps of a process with 30,000 mappings

template <class Item, class Write>
void encode_list(const std::vector<Item>& items, Encoder& out, Write write) {
    out.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) write(item);
}

// `item_bytes`: the fewest that an item takes, so that a false count cannot exceed what is there.
template <class Item, class Read>
Result<std::vector<Item>> decode_list(Bytes bytes, std::uint32_t item_bytes, Read read) {
    std::vector<Item> items;
    if (bytes.empty()) return items;
    Decoder in{bytes};
    const std::uint32_t count = WARD_TRY(in.count(item_bytes));
    items.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) items.push_back(WARD_TRY(read(in)));
    WARD_TRY(in.end());
    return items;
}

Result<FolderEntry> read_entry(Decoder& in) {
    FolderEntry entry;
    entry.path = WARD_TRY(in.text());
    entry.mode = WARD_TRY(in.u32());
    entry.uid = WARD_TRY(in.u32());
    entry.gid = WARD_TRY(in.u32());
    entry.modified = WARD_TRY(in.i64());
    entry.size = WARD_TRY(in.u64());
    entry.link = WARD_TRY(in.text());
    entry.capabilities = WARD_TRY(in.text());
    return entry;
}

Result<TreeFile> read_tree_file(Decoder& in) {
    TreeFile file;
    file.path = WARD_TRY(in.text());
    file.text = WARD_TRY(in.text());
    file.readable = WARD_TRY(in.u8()) != 0;
    return file;
}

Result<ProcessFacts> read_process(Decoder& in) {
    ProcessFacts process;
    process.pid = WARD_TRY(in.u32());
    process.stat = WARD_TRY(in.text());
    process.status = WARD_TRY(in.text());
    process.cmdline = WARD_TRY(in.text());
    process.cgroup = WARD_TRY(in.text());
    const std::uint8_t state = WARD_TRY(in.u8());
    if (state > static_cast<std::uint8_t>(ProcessFacts::Exe::denied)) {
        return fail(Code::malformed, "no state of a program has the number {}", state);
    }
    process.exe_state = static_cast<ProcessFacts::Exe>(state);
    process.exe = WARD_TRY(in.text());
    process.net_namespace = WARD_TRY(in.text());
    return process;
}

Result<ProcessText> read_process_text(Decoder& in) {
    ProcessText item;
    item.pid = WARD_TRY(in.u32());
    item.text = WARD_TRY(in.text(kMaxProcessTextBytes));
    return item;
}

Result<SocketHolder> read_holder(Decoder& in) {
    SocketHolder holder;
    holder.pid = WARD_TRY(in.u32());
    holder.inode = WARD_TRY(in.u64());
    return holder;
}

}  // namespace

void encode(const std::vector<FolderEntry>& entries, Encoder& out) {
    encode_list(entries, out, [&](const FolderEntry& entry) {
        out.text(entry.path);
        out.u32(entry.mode);
        out.u32(entry.uid);
        out.u32(entry.gid);
        out.i64(entry.modified);
        out.u64(entry.size);
        out.text(entry.link);
        out.text(entry.capabilities);
    });
}
void encode(const std::vector<TreeFile>& files, Encoder& out) {
    encode_list(files, out, [&](const TreeFile& file) {
        out.text(file.path);
        out.text(file.text);
        out.u8(file.readable ? 1 : 0);
    });
}
void encode(const std::vector<ProcessFacts>& processes, Encoder& out) {
    encode_list(processes, out, [&](const ProcessFacts& process) {
        out.u32(process.pid);
        out.text(process.stat);
        out.text(process.status);
        out.text(process.cmdline);
        out.text(process.cgroup);
        out.u8(static_cast<std::uint8_t>(process.exe_state));
        out.text(process.exe);
        out.text(process.net_namespace);
    });
}
void encode(const std::vector<ProcessText>& texts, Encoder& out) {
    encode_list(texts, out, [&](const ProcessText& item) {
        out.u32(item.pid);
        out.text(item.text);
    });
}
void encode(const std::vector<SocketHolder>& holders, Encoder& out) {
    encode_list(holders, out, [&](const SocketHolder& holder) {
        out.u32(holder.pid);
        out.u64(holder.inode);
    });
}

Result<std::vector<FolderEntry>> decode_folder(Bytes bytes) { return decode_list<FolderEntry>(bytes, 40, read_entry); }
Result<std::vector<TreeFile>> decode_tree(Bytes bytes) { return decode_list<TreeFile>(bytes, 9, read_tree_file); }
Result<std::vector<ProcessFacts>> decode_processes(Bytes bytes) {
    return decode_list<ProcessFacts>(bytes, 29, read_process);
}
Result<std::vector<ProcessText>> decode_process_texts(Bytes bytes) {
    return decode_list<ProcessText>(bytes, 8, read_process_text);
}
Result<std::vector<SocketHolder>> decode_sockets(Bytes bytes) { return decode_list<SocketHolder>(bytes, 12, read_holder); }

}  // namespace ward
