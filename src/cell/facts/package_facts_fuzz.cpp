// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/rpm.h"
#include "cell/facts/internal/sqlite_file.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as each database of a package manager, and as one package of rpm's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    for (const char* name : {"/lib/apk/db/installed", "/var/lib/dpkg/status", "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                             "/usr/lib/sysimage/rpm/Packages.db", "/usr/lib/sysimage/rpm/Packages"}) {
        testing::fuzz_parser(parse_packages, {name}, bytes);
    }
    // The second half as the log of the first.
    if (auto file = SqliteFile::open(bytes.first(size / 2)); file && file->add_log(bytes.subspan(size / 2))) {
        file->each_row(1, [](std::int64_t, ward::Bytes record) { (void)read_sqlite_record(record); }, [](const ward::Error&) {});
    }
    (void)read_rpm_header(bytes);
    return 0;
}
