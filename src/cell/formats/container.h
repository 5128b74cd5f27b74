// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/store.h"
#include "cell/formats/type.h"
#include "core/bytes.h"
#include "core/result.h"

#include <memory>
#include <string>
#include <vector>

namespace ward::formats {

// One thing inside a container.
struct Member {
    std::string name;           // as stored, so hostile; empty when the format keeps none
    Bytes content;              // a part of the container, or unpacked on top of the store
    std::vector<Error> faults;  // why the content is not all of it, or may be wrong; what came out stands all the same
    bool orphan = false;        // only a second look finds it (zip: a local header that the directory does not name)

    void clear();
};

// What every reader of a container is: bytes in, members out, one after the other.
//
//     const auto container = open_container(detect(bytes), bytes, limits);
//     while (container->next(member, sink)) { use(member); store.release(mark); }
//     for (const Error& fault : container->faults()) ...
//
// Keeps a view of the bytes. A member's content lives until the store is released below it. A reader never gives up
// silently: what it could not read is a fault of a member or of the container. It never calls the scanner.
class Container {
public:
    virtual ~Container() = default;
    // The next member; false at the end, and then faults() is complete. A member that is nothing but a name (a folder, a
    // link, a device) is passed over.
    virtual bool next(Member& member, Sink& sink) = 0;
    const std::vector<Error>& faults() const { return faults_; }

protected:
    // Beyond kMaxFaults they are only counted; a broken archive breaks in a thousand places.
    void fault(Error error);
    static constexpr std::size_t kMaxFaults = 32;

private:
    std::vector<Error> faults_;
    std::size_t more_faults_ = 0;
};

// The reader of that type over the bytes; nothing when there is none.
std::unique_ptr<Container> open_container(Type type, Bytes bytes, const Limits& limits);

}  // namespace ward::formats
