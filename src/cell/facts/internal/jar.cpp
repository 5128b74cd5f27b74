// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/jar.h"

#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/zip_parts.h"
#include "core/text.h"

#include <map>
#include <memory>

namespace ward::facts {

namespace {

constexpr std::string_view kManifest = "META-INF/MANIFEST.MF";
constexpr std::string_view kMaven = "META-INF/maven/";
constexpr std::string_view kProperties = "/pom.properties";
constexpr std::uint64_t kMaxTextBytes = 1 * kMiB;     // a manifest lists each signed class
constexpr std::uint64_t kMaxInnerBytes = 64 * kMiB;   // of a jar that has to be unpacked
constexpr std::uint64_t kMaxAllInnerBytes = 512 * kMiB;
constexpr std::size_t kMaxInner = 4096;               // jars in one file, at all depths
constexpr std::uint32_t kMaxDepth = 4;                // an ear, a war, a jar, and one inside it
constexpr FileParts::Ends kInnerEnds{0, kJarEnds.tail};

using Fields = std::map<std::string, std::string, std::less<>>;

// java.util.Properties, as far as Maven writes it.
Fields properties_of(std::string_view text) {
    Fields fields;
    std::string_view line;
    while (next_line(text, line)) {
        line = trim(line);
        const auto end = line.find_first_of("=:");
        if (line.empty() || line.front() == '#' || line.front() == '!' || end == std::string_view::npos) continue;
        fields.emplace(trim(line.substr(0, end)), trim(line.substr(end + 1)));
    }
    return fields;
}

// The main section; a line that begins with a blank goes on with the one before. Names regardless of case.
Fields main_section_of(std::string_view text) {
    Fields fields;
    std::string_view line;
    std::string* last = nullptr;
    while (next_line(text, line) && !line.empty()) {
        if (line.front() == ' ') {
            if (last != nullptr) *last += line.substr(1);
            continue;
        }
        const auto colon = line.find(':');
        last = nullptr;
        if (colon == std::string_view::npos) continue;
        last = &fields.emplace(to_lower_ascii(line.substr(0, colon)), trim(line.substr(colon + 1))).first->second;
    }
    return fields;
}

std::string_view field(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    // `${...}` was to be replaced when it was built, and was not.
    return found == fields.end() || found->second.find("${") != std::string::npos ? std::string_view{} : std::string_view{found->second};
}

std::optional<std::string> or_none(std::string_view text) { return text.empty() ? std::nullopt : std::optional<std::string>{text}; }

// "commons-lang-2.4.jar" → commons-lang and 2.4; nothing when no number follows a hyphen.
std::optional<std::pair<std::string_view, std::string_view>> parts_of_name(std::string_view name) {
    name = base_name(name);
    name = name.substr(0, name.rfind('.'));
    for (auto at = name.find('-'); at != std::string_view::npos; at = name.find('-', at + 1)) {
        if (at > 0 && at + 1 < name.size() && name[at + 1] >= '0' && name[at + 1] <= '9') return std::pair{name.substr(0, at), name.substr(at + 1)};
    }
    return std::nullopt;
}

// One archive on the work list.
struct Jar {
    std::string name;                // of the file, or inside it: "BOOT-INF/lib/a.jar", and "!/" between two
    std::unique_ptr<Buffer> memory;  // of one that was unpacked
    FileParts file;
    std::uint32_t depth;
};

class JarReader {
public:
    JarReader(Told& told, const JarBroken& broken) : told_{told}, broken_{broken} {}

    bool run(FileParts file, std::string_view name) {
        open_.push_back({std::string{name}, nullptr, std::move(file), 0});
        while (!open_.empty()) {
            Jar jar = std::move(open_.back());
            open_.pop_back();
            if (auto read = read_one(jar); !read && !jar.file.waiting()) tell(jar, std::move(read).error());
            waiting_ = waiting_ || jar.file.waiting();
        }
        return !waiting_;
    }

private:
    static std::string_view inside(const Jar& jar) { return jar.depth == 0 ? std::string_view{} : std::string_view{jar.name}; }
    void tell(const Jar& jar, Error error) { broken_(inside(jar), std::move(error)); }

    Status read_one(Jar& jar) {
        const auto entries = WARD_TRY(read_zip_directory(jar.file));
        const ZipEntry* manifest = nullptr;
        bool named = false;
        std::vector<const ZipEntry*> inner;
        for (const auto& entry : entries) {
            if (entry.name == kManifest) manifest = &entry;
            if (is_jar(entry.name) && entry.size != 0) inner.push_back(&entry);
            const auto at = entry.name.find(kMaven);
            if (at == std::string_view::npos || !entry.name.ends_with(kProperties)) continue;
            if (const auto text = text_of(jar, entry)) named = add_maven(jar, entry.name.substr(at + kMaven.size()), as_text(*text)) || named;
        }
        if (!named && !jar.file.waiting()) {
            std::optional<Buffer> text;
            if (manifest != nullptr) text = text_of(jar, *manifest);
            if (!text || !add_manifest(jar, as_text(*text))) add_by_name(jar);
        }
        for (const ZipEntry* entry : inner) open_inner(jar, *entry);
        return done();
    }

    // Nothing when it cannot be had, which is told, or is waited for.
    std::optional<Buffer> text_of(Jar& jar, const ZipEntry& entry) {
        FileParts& file = jar.file;
        auto text = unpack_zip_member(file, entry, kMaxTextBytes);
        if (text) return std::move(*text);
        if (!file.waiting()) tell(jar, std::move(text).error());
        return std::nullopt;
    }

    void add(const Jar& jar, std::string_view ecosystem, std::string name, std::string_view version) {
        told_.all.push_back({ecosystem, std::move(name), or_none(version), std::nullopt, std::string{inside(jar)}});
    }

    // `place`: GROUP/ARTIFACT/pom.properties
    bool add_maven(const Jar& jar, std::string_view place, std::string_view text) {
        const Fields fields = properties_of(text);
        const auto parts = split(place, '/');
        std::string_view group = field(fields, "groupId");
        std::string_view artifact = field(fields, "artifactId");
        if (group.empty() && parts.size() == 3) group = parts[0];
        if (artifact.empty() && parts.size() == 3) artifact = parts[1];
        if (group.empty() || artifact.empty()) return false;
        add(jar, "Maven", fmt::format("{}:{}", group, artifact), field(fields, "version"));
        return true;
    }

    bool add_manifest(const Jar& jar, std::string_view text) {
        const Fields fields = main_section_of(text);
        const std::string_view title = field(fields, "implementation-title");
        std::string_view bundle = field(fields, "bundle-symbolicname");
        bundle = trim(bundle.substr(0, bundle.find(';')));
        std::string_view version = field(fields, "implementation-version");
        // The bundle's name is one word; a title may be anything.
        if (!bundle.empty()) {
            const std::string_view bundle_version = field(fields, "bundle-version");
            if (!bundle_version.empty()) version = bundle_version;
            add(jar, "jar", std::string{bundle}, version);
            return true;
        }
        if (title.empty() || version.empty()) return false;
        add(jar, "jar", std::string{title}, version);
        return true;
    }

    void add_by_name(const Jar& jar) {
        if (const auto parts = parts_of_name(jar.name)) add(jar, "jar", std::string{parts->first}, parts->second);
    }

    void open_inner(Jar& jar, const ZipEntry& entry) {
        const std::string name = jar.depth == 0 ? std::string{entry.name} : fmt::format("{}!/{}", jar.name, entry.name);
        const auto refuse = [&](Error error) { broken_(name, std::move(error)); };
        if (jar.depth + 1 == kMaxDepth) return refuse(fail(Code::over_limit, "archives in archives more than {} deep", kMaxDepth));
        if (++inner_ > kMaxInner) {
            if (inner_ == kMaxInner + 1) refuse(fail(Code::over_limit, "more than {} archives in one", kMaxInner));
            return;
        }
        if (entry.stored()) {
            const auto at = zip_data_at(jar.file, entry);
            if (!at && jar.file.waiting()) return;
            auto file = at ? jar.file.inside(*at, entry.size, kInnerEnds) : Result<FileParts>{at.error()};
            if (!file) return refuse(std::move(file).error());
            // What lies in memory that this jar owns is not kept for the one inside.
            if (jar.memory == nullptr) {
                open_.push_back({name, nullptr, std::move(*file), jar.depth + 1});
                return;
            }
        }
        auto content = unpack_zip_member(jar.file, entry, kMaxInnerBytes);
        if (!content && jar.file.waiting()) return;
        if (!content) return refuse(std::move(content).error());
        unpacked_ += content->size();
        if (unpacked_ > kMaxAllInnerBytes) return refuse(fail(Code::over_limit, "archives inside of more than {}", human_bytes(kMaxAllInnerBytes)));
        auto memory = std::make_unique<Buffer>(std::move(*content));
        FileParts file{Bytes{*memory}};
        open_.push_back({name, std::move(memory), std::move(file), jar.depth + 1});
    }

    Told& told_;
    const JarBroken& broken_;
    std::vector<Jar> open_;
    std::size_t inner_ = 0;
    std::uint64_t unpacked_ = 0;
    bool waiting_ = false;
};

}  // namespace

bool is_jar(std::string_view name) {
    const std::string_view end = name.substr(name.size() - std::min<std::size_t>(name.size(), 4));
    return equal_ignoring_case(end, ".jar") || equal_ignoring_case(end, ".war") || equal_ignoring_case(end, ".ear");
}

bool read_jar(FileParts& file, std::string_view name, Told& told, const JarBroken& broken) {
    return JarReader{told, broken}.run(file, name);
}

}  // namespace ward::facts
