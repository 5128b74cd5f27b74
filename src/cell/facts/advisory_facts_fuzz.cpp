// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/importer.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/sources.h"
#include "cell/formats/store.h"
#include "core/text.h"
#include "model/encode.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace ward;
using facts::testing::Sources;

void cross(const wire::ParseAnswer& answer) {
    Buffer encoded;
    Encoder out{encoded};
    wire::encode(answer, out);
    Decoder in{encoded};
    if (!wire::decode_parse_answer(in)) std::abort();
}

// As gzip holds what it could not pack (RFC 1951, 3.2.4); the checksum is wrong.
Buffer stored(Bytes bytes) {
    Buffer packed{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    bool last = false;
    while (!last) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), 0xffff);
        last = size == bytes.size();
        const auto low = static_cast<std::uint8_t>(size & 0xff);
        const auto high = static_cast<std::uint8_t>(size >> 8);
        packed.insert(packed.end(), {static_cast<std::uint8_t>(last), low, high, static_cast<std::uint8_t>(~low), static_cast<std::uint8_t>(~high)});
        packed.insert(packed.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        bytes = bytes.subspan(size);
    }
    packed.resize(packed.size() + 8);
    return packed;
}

// A host with something of each kind, against a database.
void judge(const Buffer& database, const char* id, const char* version, const char* manager) {
    Sources sources;
    sources.row("os_release", {{"id", id}, {"version_id", version}, {"release", version}, {"codename", "bookworm"}});
    for (const char* name : {"p", "bash", "linux-image-6.1.0-20-amd64", "kernel-core"}) {
        sources.row("packages", {{"manager", manager}, {"name", name}, {"source", name[0] == 'l' ? "linux-signed-amd64" : name}, {"version", "1.2-3"}, {"source_version", "1.2-3"}});
    }
    sources.row("software", {{"ecosystem", "npm"}, {"name", "q"}, {"version", "1.1.0"}}).row("software", {{"ecosystem", "PyPI"}, {"name", "A_b"}, {"version", "1"}});
    sources.row("kernel", {{"release", "6.1.0-20-amd64"}}).row("changelog_fixes", {{"source", "p"}, {"cve", "CVE-2024-0001"}, {"version", "1"}});
    sources.with("package", std::string{"p"}).advisories(database);
    for (const auto parser : {facts::parse_vulnerabilities, facts::parse_advisories, facts::parse_knowledge, facts::parse_end_of_life}) cross(sources.parse(parser));
}

}  // namespace

// The same bytes as a database, as a publisher's file that becomes one, as a changelog, and as rows of faults.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    const Buffer database{bytes.begin(), bytes.end()};
    judge(database, "debian", "12", "dpkg");
    judge(database, "rhel", "9", "rpm");

    auto store = formats::Store::open(-1);
    if (!store) std::abort();
    advisories::Builder builder;
    advisories::Importer importer{builder, *store};
    importer.add({"s", "S"}, bytes);
    const auto built = std::move(builder).finish();
    if (!built) std::abort();
    judge(*built, "debian", "12", "dpkg");

    cross(Sources{}.bytes("/usr/share/doc/a/changelog.Debian.gz", stored(bytes)).bytes("/usr/share/doc/b/changelog.gz", database).parse(facts::parse_changelog_fixes));

    // A line a row, its fields parted by '|'.
    Sources faults;
    std::size_t rows = 0;
    for (const auto line : split(as_text(bytes), '\n')) {
        if (++rows > 20) break;
        const auto fields = split(line, '|');
        const auto field = [&](std::size_t at) { return at < fields.size() ? std::string{fields[at]} : std::string{}; };
        const auto fixed_on = static_cast<std::int64_t>(std::hash<std::string_view>{}(line));
        faults.row("vulnerabilities", {{"state", "affected"}, {"manager", field(0)}, {"source", field(1)}, {"package", field(1)}, {"version", field(2)}, {"fixed_in", field(3)},
                                       {"packages", field(4)}, {"cve", field(5)}, {"ecosystem", "Debian:12"}, {"path", "/var/lib/dpkg/status"}, {"fixed_on", fixed_on}});
        faults.row("package_updates", {{"source", field(1)}, {"name", field(4)}, {"installed_version", field(2)}, {"security_version", field(6)}, {"candidate_version", field(7)}});
        faults.row("process_packages", {{"package", field(4)}, {"pid", fixed_on}, {"unit", field(5)}}).row("listening_sockets", {{"pid", fixed_on}, {"exposed", 1}, {"own_network", 1}});
    }
    cross(faults.parse(facts::parse_fixes));
    return 0;
}
