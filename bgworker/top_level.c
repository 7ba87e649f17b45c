/*
 * top_level.c
 *	  Statements that start transactions of their own.
 *
 * SPI cannot execute them, because it works inside the caller's transaction.  So
 * this file does what a backend does for a simple query: it runs a portal at top
 * level.
 */
#include "postgres.h"

#include "access/xact.h"
#include "bgworker/top_level.h"
#include "core/compat.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

void
ddb_execute_top_level(const char *sql)
{
	/* This outlives the transactions; after an error, until the next call. */
	static MemoryContext context = NULL;
	MemoryContext old = CurrentMemoryContext;
	RawStmt    *statement;
	List	   *planned;
	Portal		portal;

	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "dynamo top level",
										ALLOCSET_SMALL_SIZES);
	MemoryContextReset(context);
	sql = MemoryContextStrdup(context, sql);
	debug_query_string = sql;
	pgstat_report_activity(STATE_RUNNING, sql);

	/*
	 * The statement ends and starts transactions, and PostgreSQL does not allow
	 * a security context to last beyond a transaction.  While the statement
	 * runs code of index expressions, it sets its own security context.
	 */
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	SetUserIdAndSecContext(ddb_meta_owner(), 0);
	MemoryContextSwitchTo(context);
	statement = linitial_node(RawStmt, pg_parse_query(sql));
	PushActiveSnapshot(GetTransactionSnapshot());
	planned = pg_plan_queries(pg_analyze_and_rewrite_fixedparams(statement, sql, NULL, 0, NULL),
							  sql, 0, NULL);
	PopActiveSnapshot();

	portal = CreateNewPortal();
	portal->visible = false;
	PortalDefineQuery(portal, NULL, sql, CreateCommandTag(statement->stmt),
					  planned, NULL);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	(void) ddb_compat_portal_run(portal, None_Receiver);
	PortalDrop(portal, false);
	CommitTransactionCommand();
	SetUserIdAndSecContext(GetSessionUserId(), 0);

	debug_query_string = NULL;
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(old);
	MemoryContextReset(context);
}
