# SPDX-License-Identifier: Apache-2.0
# Flags for every target: the language level, warnings, hardening, and what makes builds from two folders equal.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# Run paths would write the build folder into the programs.
set(CMAKE_SKIP_RPATH ON)

find_program(WARD_CCACHE ccache)
if(WARD_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${WARD_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${WARD_CCACHE})
endif()

# Neither the source nor the build folder may reach the programs (docs/architecture.md, "Same bits twice").
add_compile_options(
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
    -ffile-prefix-map=${CMAKE_BINARY_DIR}=b
    -Werror=date-time)

add_compile_definitions(WARD_VERSION="${PROJECT_VERSION}")

add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough)
# Designated initialisers leave the rest at its default on purpose; gcc 12 warns of that all the same.
add_compile_options(-Wno-missing-field-initializers)
if(WARD_WARNINGS_AS_ERRORS)
    add_compile_options(-Werror)
endif()

# _FORTIFY_SOURCE needs the optimiser and disturbs sanitizers.
add_compile_options(-fstack-protector-strong -fno-omit-frame-pointer -fstack-clash-protection -fcf-protection)
if(WARD_SANITIZE)
    add_compile_options(-fsanitize=${WARD_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${WARD_SANITIZE})
    # gcc 12 reports false maybe-uninitialized inside the standard library under sanitizers.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
else()
    add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
if(WARD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -g1")
