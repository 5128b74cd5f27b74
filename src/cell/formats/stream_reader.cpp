// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/internal/stream_reader.h"

#include "cell/formats/internal/long_reads.h"

namespace ward::formats {

bool StreamReader::content(Member& member, Sink& sink) {
    sink.begin();
    std::uint64_t base = 0;
    bool whole = true;
    while (true) {
        Unpacked stream = unpack(rest_, sink, base, member);
        base += stream.used;
        rest_ = rest_.subspan(static_cast<std::size_t>(stream.used));
        if (stream.fault) {
            member.faults.push_back(std::move(*stream.fault));
            whole = false;
            break;
        }
        rest_ = rest_.subspan(static_cast<std::size_t>(find_filled(rest_, 0, sink.budget())));
        // Thousands of empty streams are work too.
        if (auto status = sink.budget().time(64); !status) {
            member.faults.push_back(std::move(status).error());
            whole = false;
            break;
        }
        if (!begins(rest_)) break;
    }
    // Behind a fault there may be anything: more of the broken stream, most likely.
    if (!whole) rest_ = {};
    auto content = sink.finish();
    if (content) member.content = *content;
    else member.faults.push_back(std::move(content).error());
    return true;
}

bool StreamReader::next(Member& member, Sink& sink) {
    member.clear();
    if (!content_done_) {
        content_done_ = true;
        return content(member, sink);
    }
    if (rest_.empty()) return false;
    member.name = "trailing data";
    member.content = rest_;
    rest_ = {};
    return true;
}

}  // namespace ward::formats
