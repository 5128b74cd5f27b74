// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/container.h"

#include "cell/formats/ar.h"
#include "cell/formats/bzip2.h"
#include "cell/formats/cpio.h"
#include "cell/formats/gzip.h"
#include "cell/formats/tar.h"
#include "cell/formats/xz.h"
#include "cell/formats/zip.h"
#include "cell/formats/zstd.h"

namespace ward::formats {

void Member::clear() {
    name.clear();
    content = {};
    faults.clear();
    orphan = false;
}

void Container::fault(Error error) {
    if (faults_.size() < kMaxFaults) {
        faults_.push_back(std::move(error));
        return;
    }
    ++more_faults_;
    faults_.back() = fail(Code::malformed, "and {} more faults of this container", more_faults_ + 1);
}

std::unique_ptr<Container> open_container(Type type, Bytes bytes, const Limits& limits) {
    switch (type) {
        case Type::zip: return std::make_unique<ZipReader>(bytes, limits);
        case Type::gzip: return std::make_unique<GzipReader>(bytes);
        case Type::xz: return std::make_unique<XzReader>(bytes);
        case Type::zstd: return std::make_unique<ZstdReader>(bytes);
        case Type::bzip2: return std::make_unique<Bzip2Reader>(bytes);
        case Type::tar: return std::make_unique<TarReader>(bytes);
        case Type::ar:
        case Type::deb: return std::make_unique<ArReader>(bytes);
        case Type::cpio: return std::make_unique<CpioReader>(bytes);
        default: return nullptr;
    }
}

}  // namespace ward::formats
