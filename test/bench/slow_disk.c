/*
 * slow_disk.c
 *	  A disk as slow as one likes: with LD_PRELOAD, flushing a file takes at
 *	  least SLOW_FSYNC_US microseconds, and reading a page SLOW_READ_US.
 *
 * What the real disk needs counts towards that.  Only reads of 8 kB are meant:
 * those are PostgreSQL's pages, which it reads when they are not in
 * shared_buffers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PAGE 8192

static long fsync_us,
			read_us;

static void __attribute__((constructor))
read_environment(void)
{
	const char *value;

	if ((value = getenv("SLOW_FSYNC_US")))
		fsync_us = atol(value);
	if ((value = getenv("SLOW_READ_US")))
		read_us = atol(value);
}

/* The time at which an operation that begins now may end. */
static struct timespec
end_of(long us)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += us * 1000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return end;
}

/* errno stays what the operation made of it. */
static void
wait_until(struct timespec end)
{
	int			result = errno;

	/* by default the kernel may be 50 us late */
	prctl(PR_SET_TIMERSLACK, 1000);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
	errno = result;
}

static int
flush(const char *name, int fd)
{
	int			(*real) (int) = (int (*) (int)) dlsym(RTLD_NEXT, name);
	struct timespec end = end_of(fsync_us);
	int			result = real(fd);

	if (fsync_us > 0)
		wait_until(end);
	return result;
}

int
fsync(int fd)
{
	return flush("fsync", fd);
}

int
fdatasync(int fd)
{
	return flush("fdatasync", fd);
}

static ssize_t
read_at(const char *name, int fd, void *buf, size_t count, off_t offset)
{
	ssize_t		(*real) (int, void *, size_t, off_t) =
		(ssize_t (*) (int, void *, size_t, off_t)) dlsym(RTLD_NEXT, name);
	struct timespec end = end_of(read_us);
	ssize_t		result = real(fd, buf, count, offset);

	if (read_us > 0 && count == PAGE)
		wait_until(end);
	return result;
}

ssize_t
pread(int fd, void *buf, size_t count, off_t offset)
{
	return read_at("pread", fd, buf, count, offset);
}

ssize_t
pread64(int fd, void *buf, size_t count, off_t offset)
{
	return read_at("pread64", fd, buf, count, offset);
}
