/*
 * http_memory.c
 *	  dynamo.request_memory: what the requests of a worker may take together.
 *
 * A request counts with its body, from before that is read, and with its
 * memory context: inflated text, tree, values, answer.  What it will be is
 * not known before, so it is measured while it grows.
 *
 * A request that finds no room gives back everything but its body and is read
 * again when others have gone; after dynamo.idle_timeout it fails.  One at a
 * time may outgrow the limit, so that the largest request is possible at all,
 * whatever small ones are there: server->outsized.  It counts with what it had
 * when it reached the limit, and keeps no small one out.
 */
#include "postgres.h"

#include "bgworker/http_memory.h"
#include "bgworker/http_response.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/guc.h"
#include "utils/memutils.h"

/*
 * Requests up to this size may use all of the memory, larger ones three
 * quarters: a few large bodies that come slowly, or never, must not keep
 * everybody out.
 */
#define SMALL_REQUEST ((size_t) 65536)

/* The one that may outgrow the limit is refused when it is larger than this. */
#define LARGEST_REQUEST (16 * HTTP_MAX_BODY)

/*
 * An answer of many items, in a buffer that doubles.  One may grow although
 * the limit is reached, and that should not keep answers of one item waiting.
 */
#define LARGEST_ANSWER (2 * HTTP_MAX_BODY)

static size_t memory_limit(size_t wanted);
static size_t measure(const HttpRequest *request);
static bool take(HttpServer *server, HttpRequest *request, size_t taken);
static void count(HttpServer *server, HttpRequest *request, size_t taken);

/*
 * What is announced, or, for a body in chunks, as much as it may become.
 *
 * A body that a connection's buffer can hold does not wait here, but when it is
 * complete and to be parsed.  libmicrohttpd may have all of it: were the
 * connection suspended then, libmicrohttpd would read from the socket first
 * when that is over, and if it found the end of what the client sends, it would
 * drop the request and those that the client has sent behind it.
 */
bool
http_memory_reserve_body(HttpServer *server, HttpRequest *request, size_t so_far)
{
	size_t		wanted = request->announced > 0 ? request->announced : so_far;
	size_t		others = server->memory - request->reserved;
	bool		must_wait = wanted > HTTP_CONNECTION_MEMORY;

	if (must_wait && request->announced == 0)
		wanted = HTTP_MAX_BODY;
	if (wanted <= request->reserved)
		return true;
	if (must_wait && others > 0 && others + wanted > memory_limit(wanted))
		return false;
	count(server, request, wanted);
	return true;
}

static size_t
memory_limit(size_t wanted)
{
	size_t		limit = (size_t) ddb_setting_request_memory * 1024;

	return wanted > SMALL_REQUEST ? limit / 4 * 3 : limit;
}

bool
http_memory_may_read(HttpServer *server, HttpRequest *request)
{
	size_t		wanted = Max(request->wanted, request->reserved);

	return server->outsized == NULL ||
		server->memory - request->reserved + wanted <= memory_limit(wanted) ||
		http_memory_wait_is_over(request);
}

bool
http_memory_may_run(HttpServer *server, HttpRequest *request, bool one_item)
{
	bool		is_short = one_item ?
		server->memory > memory_limit(0) + LARGEST_ANSWER :
		http_memory_is_short(server);

	if (!is_short || server->sending == 0)
		return true;
	request->expired = http_memory_wait_is_over(request);
	return request->expired;
}

bool
http_memory_is_short(const HttpServer *server)
{
	return server->memory > memory_limit(HTTP_MAX_BODY);
}

bool
http_memory_wait_is_over(HttpRequest *request)
{
	int64		now = ddb_clock_monotonic();

	if (request->wait_until == 0)
		request->wait_until = now + (int64) ddb_setting_idle_timeout * 1000000;
	return now >= request->wait_until;
}

void
http_memory_grown(HttpServer *server, HttpRequest *request)
{
	size_t		taken = measure(request);

	if (taken <= request->reserved || take(server, request, taken))
		return;
	request->wanted = 2 * taken;
	request->starved = true;
	ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
			  "There is no memory for the request at present.");
}

static size_t
measure(const HttpRequest *request)
{
	return request->body_size +
		(request->context != NULL ? MemoryContextMemAllocated(request->context, true) : 0);
}

/* Returns whether there is room for so much, and counts it if so. */
static bool
take(HttpServer *server, HttpRequest *request, size_t taken)
{
	if (server->memory - request->reserved + taken <= memory_limit(taken))
	{
		count(server, request, taken);
		return true;
	}
	if (server->outsized == NULL)
		server->outsized = request;
	return server->outsized == request &&
		taken <= Max(LARGEST_REQUEST, memory_limit(0));
}

static void
count(HttpServer *server, HttpRequest *request, size_t taken)
{
	server->memory = server->memory - request->reserved + taken;
	request->reserved = taken;
	if (server->outsized == request)
		server->outsized = NULL;
}

bool
http_memory_put_off(HttpServer *server, HttpRequest *request)
{
	bool		is_too_large = server->outsized == request;

	if (!request->starved)
		return false;
	request->starved = false;
	MemoryContextDeleteChildren(request->context);
	count(server, request, measure(request));
	if (is_too_large)
	{
		http_response_too_large(request);
		return true;
	}
	if (http_memory_wait_is_over(request))
		return false;
	http_phase_enter(request, HTTP_READY);
	return true;
}

void
http_memory_settle(HttpServer *server, HttpRequest *request)
{
	size_t		taken = measure(request);

	if (request->phase != HTTP_READY)
		request->wait_until = 0;
	if (!take(server, request, taken) && server->outsized != request)
		count(server, request, taken);
}

void
http_memory_release(HttpServer *server, HttpRequest *request)
{
	count(server, request, 0);
}
