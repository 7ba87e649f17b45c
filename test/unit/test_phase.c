/*
 * test_phase.c
 *	  Which phase of a request follows which, and the queues of those that wait.
 */
#include "unit.h"

#include "bgworker/http_request.h"

/* One letter for each phase, in the order of the enum. */
static const char letters[] = "rsygalkzcfd";

/* From the phase of the first letter to those of the others. */
static const char *const legal_moves[] = {
	"rsyd",						/* receiving: starved, ready, answered */
	"sr",						/* starved: receiving */
	"yg",						/* ready: reading */
	"gyazc",					/* reading: ready, read, compressing, complete */
	"al",						/* read: running */
	"llkzc",					/* running: again, locked, compressing, complete */
	"kl",						/* locked: running */
	"zzc",						/* compressing: again, complete */
	"cfd",						/* complete: flushing, answered */
	"fd",						/* flushing: answered */
	"d",
};

/* Who waits where: requests that compress a response are among those that run. */
static const HttpPhase queue_of[HTTP_PHASES] = {
	[HTTP_STARVED] = HTTP_STARVED,
	[HTTP_READY] = HTTP_READY,
	[HTTP_READ] = HTTP_READ,
	[HTTP_RUNNING] = HTTP_RUNNING,
	[HTTP_LOCKED] = HTTP_LOCKED,
	[HTTP_COMPRESSING] = HTTP_RUNNING,
	[HTTP_FLUSHING] = HTTP_FLUSHING,
};

static dlist_head queues[HTTP_PHASES];

static void test_moves(void);
static void test_move(HttpPhase from, HttpPhase to);
static bool enter(HttpRequest *request, HttpPhase phase);
static bool waits_where_it_should(const HttpRequest *request);
static bool all_are_empty(void);
static void test_order(void);

int
main(void)
{
	test_moves();
	test_order();
	return unit_done();
}

static void
test_moves(void)
{
	unit_is_int(sizeof(letters) - 1, HTTP_PHASES, "a letter for each phase");
	for (int from = 0; from < HTTP_PHASES; from++)
	{
		for (int to = 0; to < HTTP_PHASES; to++)
			test_move(from, to);
	}
}

static void
test_move(HttpPhase from, HttpPhase to)
{
	HttpRequest request = {.phase = from,.queues = queues};
	bool		legal = strchr(legal_moves[from] + 1, letters[to]) != NULL;

	for (int i = 0; i < HTTP_PHASES; i++)
		dlist_init(&queues[i]);
	unit_is_int(enter(&request, to), legal, "from %s to %s", http_phase_name(from),
				http_phase_name(to));
	unit_is_int(request.phase, legal ? to : from, "where it is then");
	if (legal)
		unit_ok(waits_where_it_should(&request), "its queue");
	http_phase_leave(&request);
	unit_ok(all_are_empty(), "it can leave");
}

/* Returns whether that was legal. */
static bool
enter(HttpRequest *request, HttpPhase phase)
{
	bool		legal = true;
	DdbFailure	failure;

	UNIT_TRY();
	{
		http_phase_enter(request, phase);
	}
	UNIT_CATCH(failure);
	{
		legal = failure.type != DDB_ERROR_INTERNAL;
	}
	UNIT_END_TRY();
	return legal;
}

static bool
waits_where_it_should(const HttpRequest *request)
{
	HttpPhase	queue = queue_of[request->phase];

	/* HTTP_RECEIVING is no queue. */
	if (queue == HTTP_RECEIVING)
		return !request->queued;
	return request->queued &&
		dlist_head_node(&queues[queue]) == &request->node;
}

static bool
all_are_empty(void)
{
	for (int i = 0; i < HTTP_PHASES; i++)
	{
		if (!dlist_is_empty(&queues[i]))
			return false;
	}
	return true;
}

/* The last to come is the last to go, unless it is to stay the first. */
static void
test_order(void)
{
	HttpRequest one = {.phase = HTTP_READ,.queues = queues};
	HttpRequest two = {.phase = HTTP_READ,.queues = queues};
	dlist_head *running = &queues[HTTP_RUNNING];

	http_phase_enter(&one, HTTP_RUNNING);
	http_phase_enter(&two, HTTP_RUNNING);
	unit_ok(dlist_head_node(running) == &one.node, "first come, first served");
	http_phase_enter(&one, HTTP_RUNNING);
	unit_ok(dlist_head_node(running) == &two.node, "after a step the other's turn");
	http_phase_stay_first(&one);
	unit_ok(dlist_head_node(running) == &one.node, "or it stays the first");
	http_phase_leave(&one);
	http_phase_leave(&two);
	unit_ok(dlist_is_empty(running), "none is left");
}
