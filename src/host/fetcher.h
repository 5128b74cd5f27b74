// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "model/fetch.h"

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ward::host {

// ward-fetch, the one program of Ward that opens connections, as a child that is asked for one file after another.
//
//     auto fetcher = WARD_TRY(Fetcher::start(setup, stop));
//     const wire::FetchEnd end = WARD_TRY(fetcher.fetch(job, file, {may_ask, answered, begin, moving}));
//
// What it says is checked for form here; what may be asked, and where bytes may be written, the caller decides at each step.
// An error of fetch means that the child is gone; the object is then only good for destruction. One thread.
class Fetcher {
public:
    struct Steps {
        // Before each request, so that it can be recorded; an error refuses it.
        std::function<Result<wire::FetchRoute>(const std::string& url)> may_ask;
        std::function<void(const wire::FetchAnswer&)> answered;
        // The answer holds the file, or the rest of it: prepares the file and gives the offset to write at. An error ends the child.
        std::function<Result<std::uint64_t>(const wire::FetchAnswer&)> begin;
        std::function<Status(std::uint64_t bytes)> moving;
    };

    // `stop` ends whatever is under way.
    static Result<Fetcher> start(const wire::FetchSetup& setup, const std::atomic<bool>& stop);
    Fetcher(Fetcher&& other) noexcept
        : channel_{std::move(other.channel_)}, pid_{std::exchange(other.pid_, -1)}, layers_{std::move(other.layers_)}, stop_{other.stop_} {}
    Fetcher& operator=(Fetcher&&) = delete;
    ~Fetcher();

    Result<wire::FetchEnd> fetch(const wire::FetchJob& job, int file, const Steps& steps);

    pid_t pid() const { return pid_; }
    const std::vector<wire::Layer>& layers() const { return layers_; }

private:
    struct Message {
        wire::FetchKind kind{};
        Buffer body;
    };

    Fetcher(Descriptor channel, pid_t pid, const std::atomic<bool>& stop) : channel_{std::move(channel)}, pid_{pid}, stop_{&stop} {}
    Status send(wire::FetchKind kind, Bytes body, int descriptor = -1);
    Result<Message> receive();
    std::string end();

    Descriptor channel_;
    pid_t pid_ = -1;
    std::vector<wire::Layer> layers_;
    const std::atomic<bool>* stop_;
};

}  // namespace ward::host
