/*
 * http_memory.c
 *	  dynamo.request_memory: the memory that all requests of a worker may use.
 *
 * A request counts with its body, which is reserved before it is read, and with
 * its memory context: the inflated text, the tree, the values, the answer.  Their
 * size is not known in advance, so it is measured while they grow.
 *
 * A request that finds no memory frees everything but its body.  It is read again
 * when other requests have ended, and fails after dynamo.idle_timeout.  One request
 * at a time may exceed the limit (server->outsized), so that the largest request
 * is possible although there are small ones.  It counts with what it had when it
 * reached the limit, so that it does not keep small requests out.
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
 * quarters: a few large bodies that arrive slowly, or never, must not keep all
 * other requests out.
 */
#define SMALL_REQUEST ((size_t) 65536)

/* The request that may exceed the limit is refused if it is larger than this. */
#define LARGEST_REQUEST (16 * HTTP_MAX_BODY)

/*
 * Memory for an answer of many items, whose buffer doubles.  One such answer may
 * grow although the limit is reached, and must not keep answers of one item
 * waiting.
 */
#define LARGEST_ANSWER (2 * HTTP_MAX_BODY)

static size_t memory_limit(size_t wanted);
static bool has_room(const HttpServer *server, const HttpRequest *request,
					 size_t taken);
static size_t measure(const HttpRequest *request);
static bool take(HttpServer *server, HttpRequest *request, size_t taken);
static void count(HttpServer *server, HttpRequest *request, size_t taken);

/*
 * Reserves the announced length, or, for a body in chunks, the maximum.
 *
 * A body that fits the buffer of a connection does not wait here, but when it is
 * complete, before it is parsed.  libmicrohttpd may have all of it already.  If
 * the connection were suspended then, libmicrohttpd would first read from the
 * socket after the suspension, and if it found that the client has closed its
 * half, it would drop this request and the requests that follow it.
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

	return server->outsized == NULL || has_room(server, request, wanted) ||
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

/*
 * A small request may be read although an answer has grown beyond the limit, for
 * the same reason that its own answer may grow then.
 */
static bool
has_room(const HttpServer *server, const HttpRequest *request, size_t taken)
{
	size_t		limit = memory_limit(taken);

	if (taken <= SMALL_REQUEST)
		limit += LARGEST_ANSWER;
	return server->memory - request->reserved + taken <= limit;
}

static size_t
measure(const HttpRequest *request)
{
	return request->body_size +
		(request->context != NULL ? MemoryContextMemAllocated(request->context, true) : 0);
}

/* Counts the size and returns true if there is memory for it. */
static bool
take(HttpServer *server, HttpRequest *request, size_t taken)
{
	if (has_room(server, request, taken))
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
