/* Preloaded into the program under test: does something at the n-th file operation that matches.
 *
 * SHIM_OPS   comma-separated: write fsync close rename mkdir unlink (default: all)
 * SHIM_PATH  only operations on paths that contain this text
 * SHIM_AT    which matching operation, from 1 (default 0: none)
 * SHIM_DO    kill, after (kill once it is done), sleep (SHIM_MS), short, or an errno number;
 *            stop: SIGSTOP for the whole process at SHIM_AT, and then as sleep
 * SHIM_STICKY=1  from then on every matching operation
 * SHIM_LOG   file that receives a line "number operation path" for each matching operation
 * Only regular files opened for writing, and folders for fsync, count.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int count = 0;

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void Record(const char* operation, const char* path, int n) {
  const char* log = getenv("SHIM_LOG");
  if (!log) return;
  char line[4400];
  const int size = snprintf(line, sizeof line, "%d %s %s\n", n, operation, path);
  const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  static ssize_t (*put)(int, const void*, size_t);
  static int (*shut)(int);
  if (!put) put = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  if (!shut) shut = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (fd < 0 || put(fd, line, (size_t)size) != size) abort();
  shut(fd);
}

/* 0: go on; -1: kill afterwards; -2: write half; else the errno to fail with. */
static int Decide(const char* operation, const char* path) {
  const char *ops = getenv("SHIM_OPS"), *part = getenv("SHIM_PATH"), *at = getenv("SHIM_AT");
  const char *what = getenv("SHIM_DO"), *sticky = getenv("SHIM_STICKY"), *ms = getenv("SHIM_MS");
  if ((ops && !strstr(ops, operation)) || (part && !strstr(path, part))) return 0;
  const int n = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
  const int wanted = at ? atoi(at) : 0;
  Record(operation, path, n);
  if (wanted == 0 || !what || (n != wanted && !(sticky && n > wanted))) return 0;
  if (!strcmp(what, "kill")) raise(SIGKILL);
  if (!strcmp(what, "after")) return -1;
  if (!strcmp(what, "short")) return -2;
  if (!strcmp(what, "stop") && n == wanted) raise(SIGSTOP);
  if (!strcmp(what, "sleep") || !strcmp(what, "stop")) {
    const long t = ms ? atol(ms) : 1000;
    struct timespec left = {t / 1000, t % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0) {
    }
    return 0;
  }
  return atoi(what);
}

static int DecideFd(const char* operation, int fd) {
  struct stat st;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fstat(fd, &st) != 0) return 0;
  const int folder = S_ISDIR(st.st_mode) && !strcmp(operation, "fsync");
  if (!folder && (!S_ISREG(st.st_mode) || (flags & O_ACCMODE) == O_RDONLY)) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return Decide(operation, path);
}

#define AROUND(call, decided) \
  const int plan = (decided); \
  if (plan > 0) { \
    errno = plan; \
    return -1; \
  } \
  const __typeof__(call) done = (call); \
  if (plan == -1) raise(SIGKILL); \
  return done

ssize_t write(int fd, const void* data, size_t size) {
  REAL(ssize_t, "write", int, const void*, size_t);
  AROUND(real(fd, data, plan == -2 && size > 1 ? size / 2 : size), DecideFd("write", fd));
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  REAL(ssize_t, "pwrite", int, const void*, size_t, off_t);
  AROUND(real(fd, data, plan == -2 && size > 1 ? size / 2 : size, offset), DecideFd("write", fd));
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  AROUND(real(fd), DecideFd("fsync", fd));
}

int close(int fd) {
  REAL(int, "close", int);
  const int plan = DecideFd("close", fd);
  const int done = real(fd); /* the descriptor is gone in any case, as in Linux */
  if (plan == -1) raise(SIGKILL);
  if (plan > 0) errno = plan;
  return plan > 0 ? -1 : done;
}

int rename(const char* from, const char* to) {
  REAL(int, "rename", const char*, const char*);
  AROUND(real(from, to), Decide("rename", to));
}

int mkdir(const char* path, mode_t mode) {
  REAL(int, "mkdir", const char*, mode_t);
  AROUND(real(path, mode), Decide("mkdir", path));
}

int unlink(const char* path) {
  REAL(int, "unlink", const char*);
  AROUND(real(path), Decide("unlink", path));
}
