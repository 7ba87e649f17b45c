/*
 * http_server.c
 *	  libmicrohttpd's callbacks, and what keeps hostile clients in bounds.
 *
 * Memory: a body is only read once room for all of it is reserved, so those
 * that are let in can be completed; the others wait unread, suspended.  See
 * http_memory.c.
 *
 * Time: libmicrohttpd's own time-out counts inactivity, which a client that
 * sends a byte now and then never shows.  Here the deadline of a request runs
 * from the end of the answer before it, or from the connection's start.  A
 * client that does not read its answer has the same time since it last took
 * some, and so much for the whole.
 *
 * The access handler is called again in every run for a request that is
 * complete and not answered; suspending and resuming costs more than that, so
 * only requests that wait for locks are suspended.
 */
#include "postgres.h"

#ifdef __linux__
#include <linux/tcp.h>
#include <netinet/in.h>
#endif
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bgworker/http_framing.h"
#include "bgworker/http_linger.h"
#include "bgworker/http_memory.h"
#include "bgworker/http_response.h"
#include "bgworker/http_server.h"
#include "bgworker/server.h"
#include "core/clock.h"
#include "core/guc.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/memutils.h"

/* Descriptors kept for files of the database. */
#define RESERVED_DESCRIPTORS 1200

/* Runs of libmicrohttpd in one go while there is progress. */
#define MAX_RUNS 8

/*
 * A client has dynamo.idle_timeout to read an answer, and a second more for so
 * many bytes of it.
 */
#define SLOWEST_READER 65536

/* A client that sends nothing more is looked for after so many microseconds. */
#define END_AFTER 1000000

/* Connections that are refused are told of once in a while. */
#define REPORT_MICROSECONDS INT64CONST(60000000)

/* Bytes of a body beyond the largest that are read before it is answered. */
#define MAX_DROPPED ((size_t) 67108864)

/* How a body grows when its size was not announced. */
#define BODY_INITIAL_SIZE 4096

typedef struct HttpConnection
{
	dlist_node	node;
	int			fd;
	int64		since;			/* start of the wait for a complete request */
	bool		waiting;		/* for one */
	bool		sending;		/* an answer */
	int64		send_deadline;	/* for all of it */
	int64		send_progress;	/* when the client was last seen to take some */
	uint64		acknowledged;	/* bytes that it had taken then */
	bool		loopback;		/* it arrived at a loopback address */
} HttpConnection;

static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection,
								 const char *url, const char *method,
								 const char *version, const char *upload,
								 size_t *upload_size, void **state);
static enum MHD_Result begin_request(HttpServer *server,
									 struct MHD_Connection *connection,
									 const char *url, const char *method,
									 const char *version, void **state);
static enum MHD_Result refuse_early(HttpRequest *request, int status,
									const char *body);
static bool may_connect(int fd);
static bool arrived_at_loopback(int fd);
static bool is_pending(HttpServer *server);
static void sweep_starved(HttpServer *server);
static enum MHD_Result receive_body(HttpServer *server, HttpRequest *request,
									const char *upload, size_t *upload_size);
static bool append_body(HttpRequest *request, const char *data, size_t len);
static enum MHD_Result go_on(HttpServer *server, HttpRequest *request);
static enum MHD_Result send_answer(HttpServer *server, HttpRequest *request);
static enum MHD_Result refuse(HttpRequest *request, int status,
							  const char *body);
static void suspend(HttpServer *server, HttpRequest *request);
static void on_completed(void *arg, struct MHD_Connection *connection,
						 void **state, enum MHD_RequestTerminationCode code);
static void end_request(HttpServer *server, HttpRequest *request);
static void feed_starved(HttpServer *server);
static void on_connection(void *arg, struct MHD_Connection *connection,
						  void **context,
						  enum MHD_ConnectionNotificationCode code);
static int	connection_fd(struct MHD_Connection *connection);
static HttpConnection *connection_of(struct MHD_Connection *connection);
static void set_sending(const HttpRequest *request);
static void set_waiting(struct MHD_Connection *connection, bool waiting);
static void sweep_waiting(const HttpConnection *connection, int64 now,
						  int64 idle_timeout);
static bool socket_shows(int fd, short events);
static bool is_unread(HttpConnection *connection, int64 now,
					  int64 idle_timeout);
static uint64 bytes_acknowledged(int fd);
static void on_log(void *arg, const char *format, va_list args)
			pg_attribute_printf(2, 0);
static void on_panic(void *arg, const char *file, unsigned int line,
					 const char *reason);
static int	raise_descriptor_limit(void);

void
http_server_start(HttpServer *server, pgsocket listener, int max_connections)
{
	const union MHD_DaemonInfo *info;

	server->listener = listener;
	server->connection_limit =
		Min(max_connections,
			Max(raise_descriptor_limit() - RESERVED_DESCRIPTORS, 64));
	for (int i = 0; i < HTTP_PHASES; i++)
		dlist_init(&server->queues[i]);
	dlist_init(&server->connections);
	MHD_set_panic_func(on_panic, NULL);
	server->daemon =
		MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
						 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
						 0, NULL, NULL, on_access, server,
						 MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
						 MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_CONNECTION_MEMORY,
						 MHD_OPTION_CONNECTION_LIMIT,
						 (unsigned int) server->connection_limit,
						 MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
						 MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
						 MHD_OPTION_END);
	if (server->daemon == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not start libmicrohttpd")));
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->epoll_fd = info->listen_fd;
}

bool
http_server_is_full(const HttpServer *server)
{
	return server->connection_count >= server->connection_limit;
}

bool
http_server_accept(HttpServer *server)
{
	struct sockaddr_storage address;
	socklen_t	length = sizeof(address);
	int			fd = accept4(server->listener, (struct sockaddr *) &address, &length,
							 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	if (!may_connect(fd))
	{
		closesocket(fd);
		return true;
	}
	/* Where it fails the descriptor is closed. */
	(void) MHD_add_connection(server->daemon, fd, (struct sockaddr *) &address,
							  length);
	return true;
}

/*
 * Strangers are kept out while every access key is accepted.  The settings may
 * have changed since the listening socket was opened.
 */
static bool
may_connect(int fd)
{
	static int64 reported_at = 0;
	int64		now = ddb_clock_monotonic();

	if (ddb_setting_auth_mode != DDB_AUTH_ANY ||
		ddb_setting_allow_unauthenticated || arrived_at_loopback(fd))
		return true;
	if (reported_at == 0 || now - reported_at >= REPORT_MICROSECONDS)
		ereport(LOG,
				(errmsg("dynamo refuses connections from beyond loopback: any access key would be accepted"),
				 errhint("Set dynamo.allow_unauthenticated = on if the network keeps strangers out.")));
	reported_at = now;
	return false;
}

static bool
arrived_at_loopback(int fd)
{
	struct sockaddr_storage address;
	socklen_t	length = sizeof(address);

	return getsockname(fd, (struct sockaddr *) &address, &length) == 0 &&
		ddb_listener_is_loopback((struct sockaddr *) &address);
}

bool
http_server_is_loopback(struct MHD_Connection *connection)
{
	const HttpConnection *its_connection = connection_of(connection);

	return its_connection == NULL || its_connection->loopback;
}

void
http_server_run(HttpServer *server)
{
	int			idle_runs = 0;
	int			runs;

	/*
	 * A connection may have more to do at once although its descriptor does
	 * not become readable again, as it has been read.  libmicrohttpd's own
	 * word for that (is_pending) is always yes while requests wait for their
	 * answers; then two runs without any progress are the sign.
	 */
	for (runs = 0; runs < MAX_RUNS; runs++)
	{
		server->progress = false;
		(void) MHD_run(server->daemon);
		idle_runs = server->progress ? 0 : idle_runs + 1;
		if (server->active == server->suspended ?
			!is_pending(server) : idle_runs == 2)
			return;
	}
	SetLatch(MyLatch);
}

static bool
is_pending(HttpServer *server)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	return MHD_get_timeout(server->daemon, &timeout) == MHD_YES && timeout == 0;
}

void
http_server_sweep(HttpServer *server, int64 idle_timeout)
{
	int64		now = ddb_clock_monotonic();
	dlist_iter	iter;

	dlist_foreach(iter, &server->connections)
	{
		HttpConnection *connection = dlist_container(HttpConnection, node, iter.cur);

		/* After SHUT_RDWR libmicrohttpd cleans up. */
		if (connection->sending && is_unread(connection, now, idle_timeout))
			(void) shutdown(connection->fd, SHUT_RDWR);
		else if (connection->waiting && !connection->sending)
			sweep_waiting(connection, now, idle_timeout);
	}
	sweep_starved(server);
}

/*
 * libmicrohttpd does not learn of an end that comes together with data: its
 * epoll is edge-triggered, and it stops reading when it gets less than it has
 * room for.  SHUT_RD makes it read again.  A client that has closed its half
 * may have sent requests that are still to be read: they are read first.
 */
static void
sweep_waiting(const HttpConnection *connection, int64 now, int64 idle_timeout)
{
	int64		age = now - connection->since;

	if (age > idle_timeout)
		(void) shutdown(connection->fd, SHUT_RDWR);
	else if (age > END_AFTER && socket_shows(connection->fd, POLLRDHUP))
		(void) shutdown(connection->fd, SHUT_RD);
}

/* Does the client take nothing of its answer, or too little? */
static bool
is_unread(HttpConnection *connection, int64 now, int64 idle_timeout)
{
	uint64		acknowledged = bytes_acknowledged(connection->fd);

	if (acknowledged != connection->acknowledged)
	{
		connection->acknowledged = acknowledged;
		connection->send_progress = now;
	}
	return now > connection->send_deadline ||
		now - connection->send_progress > idle_timeout;
}

/*
 * Bytes of all answers that the other side has taken; where the system does not
 * say, nothing: then the client has the time for the whole answer only.
 */
static uint64
bytes_acknowledged(int fd)
{
#ifdef __linux__
	struct tcp_info info = {0};
	socklen_t	length = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0)
		return info.tcpi_bytes_acked;
#endif
	return 0;
}

/*
 * The turn of those whose connection is gone would only be waited for; one that
 * has just closed its half still reads.  Those who have waited too long are
 * told so when the rest of their body has come.
 */
static void
sweep_starved(HttpServer *server)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &server->queues[HTTP_STARVED])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		request->abandoned = socket_shows(connection_fd(request->connection), 0);
		request->expired = http_memory_wait_is_over(request);
		if (!request->abandoned && !request->expired)
			continue;
		set_waiting(request->connection, true);
		http_phase_enter(request, HTTP_RECEIVING);
		http_server_resume(server, request);
	}
}

static enum MHD_Result
on_access(void *arg, struct MHD_Connection *connection, const char *url,
		  const char *method, const char *version, const char *upload,
		  size_t *upload_size, void **state)
{
	HttpServer *server = arg;
	HttpRequest *request = *state;

	if (request == NULL || *upload_size > 0 || request->phase == HTTP_RECEIVING ||
		request->phase == HTTP_ANSWERED)
		server->progress = true;
	if (request == NULL)
		return begin_request(server, connection, url, method, version, state);
	if (*upload_size > 0)
		return receive_body(server, request, upload, upload_size);
	return go_on(server, request);
}

/* The headers are there. */
static enum MHD_Result
begin_request(HttpServer *server, struct MHD_Connection *connection,
			  const char *url, const char *method, const char *version,
			  void **state)
{
	static const char bad_request[] =
		"{\"__type\":\"com.amazon.coral.service#SerializationException\"}";
	HttpRequest *request = calloc(1, sizeof(HttpRequest));
	HttpFraming framing = http_framing(connection, version);

	if (request == NULL)
		return MHD_NO;
	*state = request;
	request->connection = connection;
	request->phase = HTTP_RECEIVING;
	request->queues = server->queues;
	request->url = url;
	strlcpy(request->method, method, sizeof(request->method));
	http_request_id(request->id);
	server->active++;

	if (framing.bad || framing.too_large)
		return refuse_early(request, MHD_HTTP_BAD_REQUEST, bad_request);
	request->announced = framing.length;
	if (request->announced > HTTP_MAX_BODY)
		return refuse_early(request, MHD_HTTP_CONTENT_TOO_LARGE, "");
	return MHD_YES;
}

/*
 * Answer without having read the body.  libmicrohttpd closes the connection
 * after that, and the client may still be sending.
 */
static enum MHD_Result
refuse_early(HttpRequest *request, int status, const char *body)
{
	http_linger_add(connection_fd(request->connection));
	return refuse(request, status, body);
}

void
http_server_begin_reading(HttpServer *server, HttpRequest *request)
{
	server->reading = request;
}

void
http_server_end_reading(HttpServer *server)
{
	HttpRequest *request = server->reading;

	server->reading = NULL;
	if (request->gone)
		end_request(server, request);
}

void
http_server_parsed(HttpServer *server, HttpRequest *request)
{
	free(request->body);
	request->body = NULL;
	request->body_size = 0;
	http_memory_settle(server, request);
	feed_starved(server);
}

static enum MHD_Result
receive_body(HttpServer *server, HttpRequest *request, const char *upload,
			 size_t *upload_size)
{
	if (request->abandoned)
		return MHD_NO;
	if (request->too_large || request->expired)
	{
		request->dropped += *upload_size;
		*upload_size = 0;
		return request->dropped <= MAX_DROPPED ? MHD_YES : MHD_NO;
	}
	if (!http_memory_reserve_body(server, request,
								  request->body_len + *upload_size))
	{
		set_waiting(request->connection, false);
		http_phase_enter(request, HTTP_STARVED);
		suspend(server, request);
		return MHD_YES;
	}
	if (request->body_len + *upload_size > HTTP_MAX_BODY)
		request->too_large = true;
	else if (!append_body(request, upload, *upload_size))
		return MHD_NO;
	*upload_size = 0;
	return MHD_YES;
}

static bool
append_body(HttpRequest *request, const char *data, size_t len)
{
	size_t		needed = request->body_len + len + 1;

	if (request->body == NULL)
	{
		request->body_size = request->announced > 0 ?
			request->announced + 1 : BODY_INITIAL_SIZE;
		request->body_size = Max(request->body_size, needed);
		request->body = malloc(request->body_size);
	}
	else if (needed > request->body_size)
	{
		char	   *larger;

		request->body_size = Max(needed, request->body_size * 2);
		larger = realloc(request->body, request->body_size);
		if (larger == NULL)
			free(request->body);
		request->body = larger;
	}
	if (request->body == NULL)
		return false;
	memcpy(request->body + request->body_len, data, len);
	request->body_len += len;
	request->body[request->body_len] = '\0';
	return true;
}

/* The body is complete: for the first time, or the answer is waited for. */
static enum MHD_Result
go_on(HttpServer *server, HttpRequest *request)
{
	switch (request->phase)
	{
		case HTTP_RECEIVING:
			if (request->too_large)
				return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "");
			set_waiting(request->connection, false);
			http_phase_enter(request, HTTP_READY);
			return MHD_YES;
		case HTTP_ANSWERED:
			return send_answer(server, request);
		case HTTP_LOCKED:
			if (!request->suspended)
				suspend(server, request);
			return MHD_YES;
		case HTTP_STARVED:
		case HTTP_READY:
		case HTTP_READING:
		case HTTP_READ:
		case HTTP_RUNNING:
		case HTTP_COMPRESSING:
		case HTTP_COMPLETE:
		case HTTP_FLUSHING:
			return MHD_YES;
	}
	return MHD_NO;
}

static enum MHD_Result
send_answer(HttpServer *server, HttpRequest *request)
{
	request->sending = true;
	server->sending++;
	set_sending(request);
	return http_response_queue(request);
}

/* From now on the client has to read. */
static void
set_sending(const HttpRequest *request)
{
	HttpConnection *connection = connection_of(request->connection);
	int64		now = ddb_clock_monotonic();

	if (connection == NULL)
		return;
	connection->sending = true;
	connection->send_progress = now;
	connection->send_deadline = now + (int64) ddb_setting_idle_timeout * 1000000 +
		(int64) (request->response_len / SLOWEST_READER * 1000000);
}

static enum MHD_Result
refuse(HttpRequest *request, int status, const char *body)
{
	http_phase_enter(request, HTTP_ANSWERED);
	request->status = status;
	request->content_type = body[0] != '\0' ? "application/json" : NULL;
	request->response = body;
	request->response_len = strlen(body);
	request->close = true;
	return http_response_queue(request);
}

static void
suspend(HttpServer *server, HttpRequest *request)
{
	request->suspended = true;
	server->suspended++;
	MHD_suspend_connection(request->connection);
}

void
http_server_resume(HttpServer *server, HttpRequest *request)
{
	if (!request->suspended)
		return;
	request->suspended = false;
	server->suspended--;
	server->progress = true;
	MHD_resume_connection(request->connection);
}

/* The answer is sent, or the client has gone. */
static void
on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	HttpServer *server = arg;
	HttpRequest *request = *state;

	server->progress = true;
	set_waiting(connection, true);
	if (request == NULL)
		return;
	*state = NULL;
	if (request == server->reading)
		request->gone = true;
	else
		end_request(server, request);
}

static void
end_request(HttpServer *server, HttpRequest *request)
{
	http_phase_leave(request);
	http_response_abandon(request);
	if (request->context != NULL)
		MemoryContextDelete(request->context);
	http_memory_release(server, request);
	if (request->sending)
		server->sending--;
	server->active--;
	free(request->body);
	free(request);
	feed_starved(server);
}

/* Let bodies go on that waited for memory, those first that waited longest. */
static void
feed_starved(HttpServer *server)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &server->queues[HTTP_STARVED])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!http_memory_reserve_body(server, request, HTTP_MAX_BODY))
			continue;
		http_phase_enter(request, HTTP_RECEIVING);
		set_waiting(request->connection, true);
		http_server_resume(server, request);
	}
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	HttpServer *server = arg;
	HttpConnection *its_connection = *context;

	server->progress = true;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
	{
		its_connection = calloc(1, sizeof(HttpConnection));
		if (its_connection == NULL)
			return;
		its_connection->fd = connection_fd(connection);
		its_connection->since = ddb_clock_monotonic();
		its_connection->waiting = true;
		its_connection->loopback = arrived_at_loopback(its_connection->fd);
		dlist_push_tail(&server->connections, &its_connection->node);
		server->connection_count++;
		*context = its_connection;
	}
	else if (its_connection != NULL)
	{
		dlist_delete(&its_connection->node);
		server->connection_count--;
		free(its_connection);
		*context = NULL;
	}
}

static int
connection_fd(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static HttpConnection *
connection_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Does the deadline for a complete request run? */
static void
set_waiting(struct MHD_Connection *connection, bool waiting)
{
	HttpConnection *its_connection = connection_of(connection);

	if (its_connection == NULL)
		return;
	its_connection->since = ddb_clock_monotonic();
	its_connection->waiting = waiting;
	its_connection->sending = false;
}

/* Is it in one of these states, or at its end in both directions? */
static bool
socket_shows(int fd, short events)
{
	struct pollfd state = {.fd = fd,.events = events};

	return poll(&state, 1, 0) > 0;
}

static void
on_log(void *arg, const char *format, va_list args)
{
	char		message[512];

	vsnprintf(message, sizeof(message), format, args);
	elog(DEBUG1, "libmicrohttpd: %s", message);
}

/*
 * libmicrohttpd would call abort(), which makes the postmaster restart
 * everything.
 */
static void
on_panic(void *arg, const char *file, unsigned int line, const char *reason)
{
	ereport(FATAL,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("libmicrohttpd gave up at %s:%u: %s", file, line,
					reason != NULL ? reason : "no reason given")));
}

/* Each connection is a descriptor: take all that we may have. */
static int
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024;
	limit.rlim_cur = limit.rlim_max;
	(void) setrlimit(RLIMIT_NOFILE, &limit);
	(void) getrlimit(RLIMIT_NOFILE, &limit);
	return (int) Min(limit.rlim_cur, 1000000);
}
