// SPDX-License-Identifier: Apache-2.0
#include "doors/command_line.h"

int main(int argc, char** argv) { return ward::doors::run_command_line(argc, argv); }
