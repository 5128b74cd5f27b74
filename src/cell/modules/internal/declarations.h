// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/module.h"

namespace ward::modules {

// One line a module, each defined in the file of its name; registry.cpp lists them.
extern const Declaration kConsole;
extern const Declaration kCuckoo;
extern const Declaration kDex;
extern const Declaration kDotnet;
extern const Declaration kElf;
extern const Declaration kHash;
extern const Declaration kMacho;
extern const Declaration kMagic;
extern const Declaration kMath;
extern const Declaration kPe;
extern const Declaration kString;
extern const Declaration kTests;
extern const Declaration kTime;

}  // namespace ward::modules
