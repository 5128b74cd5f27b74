// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ward::facts {

// Where packages' files lie: /var/lib/dpkg/info/*.list name them as the package was built, the host may have moved them.
//
//     const DpkgFiles files{request};
//     for (const Source* list : files.lists()) use(DpkgFiles::package_of(*list), ...);
//
// Keeps views into the request.
class DpkgFiles {
public:
    // Takes from the sources: the lists, the diversions, and `stat:/bin` and its like, which tell whether /bin is a link.
    explicit DpkgFiles(const Request& request);

    const std::vector<const Source*>& lists() const { return lists_; }
    // "libc6:amd64", from the list's name.
    static std::string_view package_of(const Source& list);
    // The place of a listed file on this host: diverted (dpkg-divert(1)), and below /usr where /bin and its like are links.
    std::string real_path(std::string_view listed, std::string_view package) const;

    // The packages of some real paths; of several that share a file the first by name. Paths of none are left out.
    std::map<std::string, std::string> owners(const std::set<std::string>& paths) const;

private:
    struct Diversion {
        std::string_view to;
        std::string_view by;  // the package that keeps the place; ":" for none, so that all are moved
    };
    std::string below_usr(std::string_view path) const;

    std::vector<const Source*> lists_;
    std::unordered_map<std::string_view, Diversion> diversions_;
    std::vector<std::string_view> merged_;  // "/bin", "/lib" ...: links to their namesakes in /usr
};

}  // namespace ward::facts
