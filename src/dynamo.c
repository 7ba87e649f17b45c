/*
 * dynamo.c
 *	  The library's entry point, which initialises the modules.
 */
#include "postgres.h"

#include "bgworker/server.h"
#include "core/guc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "store/store.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	ddb_settings_define();
	ddb_store_init();
	if (process_shared_preload_libraries_in_progress)
		ddb_server_init();
}
