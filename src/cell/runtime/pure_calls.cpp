// SPDX-License-Identifier: Apache-2.0
// What libraries would ask the system for, refused without asking. SQLite carries a file system layer, xz and zstd carry
// thread pools, libmagic unpacks with other programs, and none of it is used here; linked with these, a cell program does not
// even hold the code that would do it.
// No header of the C library is included, because it declares some of these as macros or inline functions.
#include <cerrno>
#include <cstddef>

namespace {

int refused() {
    errno = EPERM;
    return -1;
}
template <class T>
T* none() {
    errno = EPERM;
    return nullptr;
}

}  // namespace

extern "C" {

// Files by their paths.
int open(const char*, int, ...) { return refused(); }
int open64(const char*, int, ...) { return refused(); }
int openat(int, const char*, int, ...) { return refused(); }
int openat64(int, const char*, int, ...) { return refused(); }
int creat(const char*, unsigned) { return refused(); }
int access(const char*, int) { return refused(); }
int stat(const char*, void*) { return refused(); }
int stat64(const char*, void*) { return refused(); }
int lstat(const char*, void*) { return refused(); }
int lstat64(const char*, void*) { return refused(); }
int mkdir(const char*, unsigned) { return refused(); }
int rmdir(const char*) { return refused(); }
int unlink(const char*) { return refused(); }
int rename(const char*, const char*) { return refused(); }
int utimes(const char*, const void*) { return refused(); }
int utime(const char*, const void*) { return refused(); }
int chmod(const char*, unsigned) { return refused(); }
int chown(const char*, unsigned, unsigned) { return refused(); }
int lchown(const char*, unsigned, unsigned) { return refused(); }
long readlink(const char*, char*, std::size_t) { return refused(); }
char* getcwd(char*, std::size_t) { return none<char>(); }
char* realpath(const char*, char*) { return none<char>(); }
void* opendir(const char*) { return none<void>(); }
void* fopen(const char*, const char*) { return none<void>(); }
void* fopen64(const char*, const char*) { return none<void>(); }
int mkstemp(char*) { return refused(); }
int mkstemp64(char*) { return refused(); }
void* tmpfile() { return none<void>(); }
void* tmpfile64() { return none<void>(); }

// Changes to open files: what a cell may write goes by pwrite into what it was given.
int fstat(int, void*) { return refused(); }
int fstat64(int, void*) { return refused(); }
int fchmod(int, unsigned) { return refused(); }
int fchown(int, unsigned, unsigned) { return refused(); }
int ftruncate(int, long) { return refused(); }
int ftruncate64(int, long) { return refused(); }
int fsync(int) { return refused(); }
int fdatasync(int) { return refused(); }
int fcntl(int, int, ...) { return refused(); }
int fcntl64(int, int, ...) { return refused(); }
int ioctl(int, unsigned long, ...) { return refused(); }
int dup2(int, int) { return refused(); }
int pipe2(int*, int) { return refused(); }
int select(int, void*, void*, void*, void*) { return refused(); }
unsigned umask(unsigned mask) { return mask; }

// Code from outside.
void* dlopen(const char*, int) { return nullptr; }
void* dlsym(void*, const char*) { return nullptr; }
int dlclose(void*) { return refused(); }
const char* dlerror() { return "a cell loads no code"; }

// Threads and processes.
int pthread_create(void*, const void*, void* (*)(void*), void*) { return EPERM; }
int pthread_join(unsigned long, void**) { return EPERM; }
int fork() { return refused(); }
int vfork() { return refused(); }
int system(const char*) { return refused(); }
void* popen(const char*, const char*) { return none<void>(); }
int execve(const char*, char* const*, char* const*) { return refused(); }
int execvp(const char*, char* const*) { return refused(); }
int execl(const char*, const char*, ...) { return refused(); }
int posix_spawn(int*, const char*, const void*, const void*, char* const*, char* const*) { return EPERM; }
int posix_spawnp(int*, const char*, const void*, const void*, char* const*, char* const*) { return EPERM; }
int waitpid(int, int*, int) { return refused(); }
unsigned sleep(unsigned seconds) { return seconds; }
int usleep(unsigned) { return refused(); }
int nanosleep(const void*, void*) { return refused(); }

// The network, and names.
int socket(int, int, int) { return refused(); }
int connect(int, const void*, unsigned) { return refused(); }
int bind(int, const void*, unsigned) { return refused(); }
int listen(int, int) { return refused(); }
int accept(int, void*, void*) { return refused(); }
int getaddrinfo(const char*, const char*, const void*, void**) { return -1; }
void freeaddrinfo(void*) {}
void* gethostbyname(const char*) { return nullptr; }

// Users. A cell has none, and numbers tell nothing.
unsigned getuid() { return 65534; }
unsigned geteuid() { return 65534; }
unsigned getgid() { return 65534; }
unsigned getegid() { return 65534; }
void* getpwnam(const char*) { return nullptr; }
void* getpwuid(unsigned) { return nullptr; }
void* getgrnam(const char*) { return nullptr; }
void* getgrgid(unsigned) { return nullptr; }

// Character sets, the log, settings from outside.
void* iconv_open(const char*, const char*) {
    errno = EINVAL;
    return reinterpret_cast<void*>(-1);
}
std::size_t iconv(void*, char**, std::size_t*, char**, std::size_t*) { return static_cast<std::size_t>(refused()); }
int iconv_close(void*) { return refused(); }
void syslog(int, const char*, ...) {}
char* getenv(const char*) { return nullptr; }
char* secure_getenv(const char*) { return nullptr; }

}  // extern "C"
