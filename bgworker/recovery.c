/*
 * recovery.c
 *	  Answers while there are no workers yet.
 *
 * Workers need a consistent database.  Until recovery has reached that state, no
 * process would accept connections, and clients would hang.  So the flusher, which
 * has nothing to flush then, answers them, unless recovery takes only a moment.
 * It does not use libmicrohttpd, because it answers every request alike and closes
 * the connection.
 *
 * An answer is sent when the end of a request's headers has been read.  Then the
 * connection is read until the client closes it or its time is over.  If unread
 * data were left when it is closed, the kernel would discard the answer.
 */
#include "postgres.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgworker/http_response.h"
#include "bgworker/server.h"
#include "core/clock.h"
#include "libdeflate.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"

#define MAX_VISITORS 256
#define CHECK_MILLISECONDS 100
#define VISIT_MICROSECONDS (INT64CONST(5) * 1000000)

/* An ordinary start takes less time, and its clients can wait. */
#define GRACE_MICROSECONDS (INT64CONST(1) * 1000000)

/* Time that clients have to read their answers after recovery. */
#define FAREWELL_MICROSECONDS (INT64CONST(1) * 1000000)

static const char end_of_headers[] = "\r\n\r\n";

/* A connection. */
typedef struct Visitor
{
	pgsocket	sock;
	int64		deadline;
	int			matched;		/* bytes of end_of_headers that were the last */
	bool		answered;
} Visitor;

static Visitor visitors[MAX_VISITORS];
static int	visitor_count = 0;

static void wait_for_visitors(bool accepting);
static void accept_visitors(void);
static void serve(void);
static bool read_from(Visitor *visitor);
static bool notice_end(Visitor *visitor, const char *bytes, ssize_t count);
static void answer(Visitor *visitor);
static void close_all(void);

void
ddb_recovery_answer(void)
{
	int64		start = ddb_clock_monotonic();
	int64		end = 0;

	while (end == 0 || (visitor_count > 0 && ddb_clock_monotonic() < end))
	{
		bool		accepting = end == 0 &&
			ddb_clock_monotonic() >= start + GRACE_MICROSECONDS;

		wait_for_visitors(accepting);
		CHECK_FOR_INTERRUPTS();
		if (!PostmasterIsAlive())
			proc_exit(1);
		if (end == 0 && pg_atomic_read_u32(&ddb_server->consistent) != 0)
			end = ddb_clock_monotonic() + FAREWELL_MICROSECONDS;
		else if (accepting)
			accept_visitors();
		serve();
	}
	close_all();
}

/* A signal ends the wait.  The end of recovery sends none, so it is short. */
static void
wait_for_visitors(bool accepting)
{
	struct pollfd sockets[MAX_VISITORS + 1];
	int			i;

	for (i = 0; i < visitor_count; i++)
		sockets[i] = (struct pollfd) {.fd = visitors[i].sock, .events = POLLIN};
	/* An invalid socket is left out. */
	sockets[i] = (struct pollfd) {
		.fd = accepting && visitor_count < MAX_VISITORS ?
		ddb_server_socket : PGINVALID_SOCKET,
		.events = POLLIN
	};
	(void) poll(sockets, visitor_count + 1, CHECK_MILLISECONDS);
}

static void
accept_visitors(void)
{
	while (ddb_server_socket != PGINVALID_SOCKET && visitor_count < MAX_VISITORS)
	{
		pgsocket	sock = accept4(ddb_server_socket, NULL, NULL,
								   SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (sock == PGINVALID_SOCKET)
			return;
		visitors[visitor_count++] = (Visitor) {
			.sock = sock, .deadline = ddb_clock_monotonic() + VISIT_MICROSECONDS
		};
	}
}

static void
serve(void)
{
	int			kept = 0;
	int			i;

	for (i = 0; i < visitor_count; i++)
	{
		if (read_from(&visitors[i]))
			visitors[kept++] = visitors[i];
		else
			closesocket(visitors[i].sock);
	}
	visitor_count = kept;
}

/* Returns whether the connection is still open. */
static bool
read_from(Visitor *visitor)
{
	char		buffer[8192];
	ssize_t		count = recv(visitor->sock, buffer, sizeof(buffer), 0);

	if (count == 0 || ddb_clock_monotonic() >= visitor->deadline)
		return false;
	if (count < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
	if (!visitor->answered && notice_end(visitor, buffer, count))
		answer(visitor);
	return true;
}

static bool
notice_end(Visitor *visitor, const char *bytes, ssize_t count)
{
	const int	length = sizeof(end_of_headers) - 1;

	for (; count > 0 && visitor->matched < length; bytes++, count--)
	{
		if (*bytes == end_of_headers[visitor->matched])
			visitor->matched++;
		else
			visitor->matched = *bytes == end_of_headers[0] ? 1 : 0;
	}
	return visitor->matched == length;
}

/* It is short enough for the buffer of a new connection. */
static void
answer(Visitor *visitor)
{
	char		id[HTTP_ID_LENGTH + 1];
	char		body[512];
	char		head[512];
	int			length;

	length = snprintf(body, sizeof(body),
					  "{\"__type\":\"%s%s\",\"%s\":\"The database is starting or in recovery; "
					  "it is served as soon as it is consistent.\"}",
					  ddb_error_prefix(DDB_ERROR_SERVICE_UNAVAILABLE),
					  ddb_error_name(DDB_ERROR_SERVICE_UNAVAILABLE),
					  ddb_error_member(DDB_ERROR_SERVICE_UNAVAILABLE));
	http_request_id(id);
	snprintf(head, sizeof(head),
			 "HTTP/1.1 %d Service Unavailable\r\n"
			 "Server: Server\r\n"
			 "Content-Type: application/x-amz-json-1.0\r\n"
			 "Content-Length: %d\r\n"
			 "Connection: close\r\n"
			 "x-amzn-RequestId: %s\r\n"
			 "x-amz-crc32: %u\r\n\r\n",
			 ddb_error_status(DDB_ERROR_SERVICE_UNAVAILABLE), length, id,
			 libdeflate_crc32(0, body, length));
	(void) send(visitor->sock, head, strlen(head), MSG_NOSIGNAL | MSG_MORE);
	(void) send(visitor->sock, body, length, MSG_NOSIGNAL);
	(void) shutdown(visitor->sock, SHUT_WR);
	visitor->answered = true;
}

static void
close_all(void)
{
	while (visitor_count > 0)
		closesocket(visitors[--visitor_count].sock);
}
