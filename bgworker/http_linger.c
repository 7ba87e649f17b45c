/*
 * http_linger.c
 *	  Connections whose client still sends a request that will not be read.
 *
 * If a socket is closed while it has unread bytes, the kernel resets the
 * connection, and a client that is sending its body fails with a broken pipe
 * before it has read the answer.  So a second descriptor keeps the socket open
 * after libmicrohttpd has closed its own.  What arrives is discarded, up to a
 * number of bytes and for a limited time.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgworker/http_linger.h"
#include "core/clock.h"

/* Most connections that linger in a worker; others are just closed. */
#define MAX_LINGERING 64

/* What a client may send in all, and in one go. */
#define MAX_DROPPED ((size_t) 67108864)
#define PIECE ((size_t) 262144)

typedef struct Lingering
{
	int			fd;
	int64		since;
	size_t		dropped;
} Lingering;

static Lingering lingering[MAX_LINGERING];
static int	count = 0;

static bool drop(Lingering *one);

void
http_linger_add(int fd)
{
	int			copy;

	if (count == MAX_LINGERING)
		return;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return;
	lingering[count++] = (Lingering) {
		.fd = copy,.since = ddb_clock_monotonic()
	};
}

void
http_linger_run(int64 timeout)
{
	int64		now = count > 0 ? ddb_clock_monotonic() : 0;
	int			i;

	for (i = count - 1; i >= 0; i--)
	{
		if (now - lingering[i].since <= timeout && drop(&lingering[i]))
			continue;
		close(lingering[i].fd);
		lingering[i] = lingering[--count];
	}
}

bool
http_linger_is_busy(void)
{
	return count > 0;
}

/* Returns whether more may come. */
static bool
drop(Lingering *one)
{
	static char buffer[65536];
	size_t		limit = one->dropped + PIECE;
	ssize_t		got;

	while (one->dropped < limit)
	{
		got = recv(one->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (got <= 0)
			return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
		one->dropped += got;
	}
	return one->dropped < MAX_DROPPED;
}
