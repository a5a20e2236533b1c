/*
 * A disk that loses power, is full, or fails to flush: preloaded into the gateway, for the files in the folder
 * $SMSMUX_DISK_WATCH. Every change of them is noted in the file `log` of the folder $SMSMUX_DISK, before it is made, so
 * that the test can tell what had been flushed when the process was killed. While that folder has a file `full`, writes
 * fail with ENOSPC; while it has a file `failing`, flushes fail with EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, FLUSH = 3, RENAME = 4, REMOVE = 5 };

#define FILES 4096

/* How long a flush takes, as on a disk: so that the power is cut in between, too. */
#define FLUSH_MICROS 2000

static char names[FILES][256];
static const char *folder, *watched;
static int log_file = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
    folder = getenv("SMSMUX_DISK");
    watched = getenv("SMSMUX_DISK_WATCH");
    if (!folder || !watched) return;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/log", folder);
    log_file = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The name in the folder, of a file whose content has to survive; the shared memory of SQLite has not. */
static const char *name_of(const char *path) {
    if (log_file < 0 || !path) return NULL;
    size_t length = strlen(watched), end = strlen(path);
    if (strncmp(path, watched, length) || path[length] != '/') return NULL;
    if (end > 4 && !strcmp(path + end - 4, "-shm")) return NULL;
    return path + length + 1;
}

static const char *file(int fd) { return fd >= 0 && fd < FILES && *names[fd] ? names[fd] : NULL; }

static int opened(int fd, const char *path) {
    const char *name = name_of(path);
    if (fd >= 0 && fd < FILES) snprintf(names[fd], sizeof names[fd], "%s", name ? name : "");
    return fd;
}

static int is_there(const char *flag) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, flag);
    return access(path, F_OK) == 0;
}

static void put(const void *bytes, size_t length) {
    if (REAL(write)(log_file, bytes, length) != (ssize_t)length) abort();
}

/* Kind, length of the name, offset, length of the data; then the name and the data. */
static void note(uint8_t kind, const char *name, uint64_t offset, const void *data, uint64_t length) {
    uint64_t head[4] = {kind, strlen(name), offset, length};
    put(head, sizeof head);
    put(name, strlen(name));
    if (length) put(data, length);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(REAL(open)(path, flags, mode), path);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(REAL(open64)(path, flags, mode), path);
}

int close(int fd) {
    if (fd >= 0 && fd < FILES) *names[fd] = 0;
    return REAL(close)(fd);
}

static ssize_t changed(int fd, const void *data, size_t length, off_t offset, int at_end) {
    const char *name = file(fd);
    if (!name) return at_end ? REAL(write)(fd, data, length) : REAL(pwrite)(fd, data, length, offset);
    if (is_there("full")) {
        errno = ENOSPC;
        return -1;
    }
    pthread_mutex_lock(&lock);
    note(WRITE, name, at_end ? lseek(fd, 0, SEEK_CUR) : offset, data, length);
    ssize_t done = at_end ? REAL(write)(fd, data, length) : REAL(pwrite)(fd, data, length, offset);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *data, size_t length) { return changed(fd, data, length, 0, 1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return changed(fd, data, length, offset, 0); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return changed(fd, data, length, offset, 0); }

static int cut(int fd, off_t length) {
    const char *name = file(fd);
    if (!name) return REAL(ftruncate)(fd, length);
    pthread_mutex_lock(&lock);
    note(TRUNCATE, name, length, NULL, 0);
    int done = REAL(ftruncate)(fd, length);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

/* Nothing is flushed for real: the test takes from the log what would be on the disk. */
static int flushed(int fd) {
    const char *name = file(fd);
    if (!name) return REAL(fsync)(fd);
    if (is_there("failing")) {
        errno = EIO;
        return -1;
    }
    usleep(FLUSH_MICROS);
    pthread_mutex_lock(&lock);
    note(FLUSH, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return flushed(fd); }
int fdatasync(int fd) { return flushed(fd); }

int rename(const char *from, const char *to) {
    const char *name = name_of(from), *other = name_of(to);
    pthread_mutex_lock(&lock);
    if (name && other) note(RENAME, name, 0, other, strlen(other));
    int done = REAL(rename)(from, to);
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path) {
    const char *name = name_of(path);
    pthread_mutex_lock(&lock);
    if (name) note(REMOVE, name, 0, NULL, 0);
    int done = REAL(unlink)(path);
    pthread_mutex_unlock(&lock);
    return done;
}
