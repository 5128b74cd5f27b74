// SPDX-License-Identifier: Apache-2.0
// What OpenSSL and c-ares hold calls to, but ward-fetch never makes: the C library's name service and the loading of modules.
// In a static program they would look for shared libraries of the machine. Linked as an object, in front of the C library.
// No header of the C library is included, because some of these are declared there with attributes of their own.
#include <cerrno>
#include <cstddef>

extern "C" {

void* dlopen(const char*, int) { return nullptr; }
void* dlsym(void*, const char*) { return nullptr; }
int dlclose(void*) { return -1; }
char* dlerror() {
    static char text[] = "ward-fetch loads nothing";
    return text;
}
int dladdr(const void*, void*) { return 0; }

constexpr int kNameUnknown = -2;  // EAI_NONAME
int getaddrinfo(const char*, const char*, const void*, void**) { return kNameUnknown; }
void freeaddrinfo(void*) {}
const char* gai_strerror(int) { return "ward-fetch asks c-ares"; }
int getnameinfo(const void*, unsigned, char*, unsigned, char*, unsigned, int) { return kNameUnknown; }
void* gethostbyname(const char*) { return nullptr; }
void* getservbyname(const char*, const char*) { return nullptr; }
int getservbyname_r(const char*, const char*, void*, char*, std::size_t, void** result) {
    *result = nullptr;
    return ENOENT;
}
int getservbyport_r(int, const char*, void*, char*, std::size_t, void** result) {
    *result = nullptr;
    return ENOENT;
}

}  // extern "C"
