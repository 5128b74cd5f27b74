// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/container.h"

#include <cstdint>

namespace ward::formats {

// Reads ar archives: static libraries and Debian packages (ar(5), deb(5)); GNU's long names, BSD's, and GNU's thin archives,
// whose members lie elsewhere, but for the tables.
//
// Members are views. The tables of symbols and of names are members like any other: nothing forbids to hide content there.
// Behind a broken header nobody reads on, but somebody may carve: what is left is a member of its own, "trailing data".
// Keeps a view of the bytes. One thread.
class ArReader : public Container {
public:
    explicit ArReader(Bytes bytes);
    bool next(Member& member, Sink& sink) override;

private:
    std::string name_of(std::string_view field, Bytes& content);

    Bytes bytes_;
    std::uint64_t at_ = 0;
    bool thin_ = false;
    Bytes names_;  // GNU's table of long names, once it was met
};

}  // namespace ward::formats
