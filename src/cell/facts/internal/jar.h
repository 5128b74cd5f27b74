// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/file_parts.h"
#include "cell/facts/internal/software.h"

#include <functional>

namespace ward::facts {

// Does a name say that it is an archive of Java's?
bool is_jar(std::string_view name);

inline constexpr FileParts::Ends kJarEnds{2 * kKiB, 24 * kKiB};  // the manifest is the first member; a directory of some 250 members

// Adds the libraries in a jar, war or ear, and in those inside it: what Maven wrote down (META-INF/maven/GROUP/ARTIFACT/pom.properties, of
// which a jar that was merged from others has several), else what the manifest says (the JAR File Specification; OSGi Core 3.2),
// else the file's name. What of it is broken goes to `broken`, with the name of the jar inside; the rest is read.
// False while parts are waited for, and then nothing counts.
using JarBroken = std::function<void(std::string_view inside, Error error)>;
bool read_jar(FileParts& file, std::string_view name, Told& told, const JarBroken& broken);

}  // namespace ward::facts
