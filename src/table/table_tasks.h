/*
 * table_tasks.h
 *	  The steps of background tasks on tables; see task.def.
 *
 * Our catalog and PostgreSQL's show what has still to be done.  So an interrupted
 * job continues by looking at them.
 */
#ifndef DDB_TABLE_TABLE_TASKS_H
#define DDB_TABLE_TABLE_TASKS_H

#include "meta/job.h"

/* Drop a table or an index that was in use when it was deleted. */
extern DdbStep ddb_table_drop_step(DdbJob *job);
extern DdbStep ddb_table_drop_index_step(DdbJob *job);

/* Does the next thing that makes a secondary index ACTIVE. */
extern DdbStep ddb_table_build_index_step(DdbJob *job);

#endif							/* DDB_TABLE_TABLE_TASKS_H */
