# SPDX-License-Identifier: Apache-2.0
# Debian packages only; docs/dependencies.md says why each, and which folder wraps it.
find_package(Threads REQUIRED)

# A static library from a Debian -dev package (a shared one under sanitizers would do too, but one way is enough).
function(ward_static_library target archive header)
    find_library(${target}_archive NAMES ${archive} REQUIRED)
    find_path(${target}_include NAMES ${header} REQUIRED)
    add_library(${target} STATIC IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${${target}_archive})
    target_include_directories(${target} SYSTEM INTERFACE ${${target}_include})
endfunction()

ward_static_library(sqlite3 libsqlite3.a sqlite3.h)
target_link_libraries(sqlite3 INTERFACE m)
ward_static_library(zlib libz.a zlib.h)
ward_static_library(libdeflate libdeflate.a libdeflate.h)
ward_static_library(lzma liblzma.a lzma.h)
target_link_libraries(lzma INTERFACE Threads::Threads)
ward_static_library(zstd libzstd.a zstd.h)
ward_static_library(bzip2 libbz2.a bzlib.h)
ward_static_library(crypto libcrypto.a openssl/sha.h)
ward_static_library(edit libedit.a histedit.h)
ward_static_library(tinfo libtinfo.a term.h)
ward_static_library(bsd libbsd.a bsd/bsd.h)
ward_static_library(md libmd.a md5.h)
target_link_libraries(bsd INTERFACE md)
target_link_libraries(edit INTERFACE tinfo bsd)

if(WARD_TESTS)
    find_package(GTest REQUIRED)
endif()
