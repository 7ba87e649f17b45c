/*
 * table_tasks.h
 *	  What is done to tables in the background: the steps of task.def.
 *
 * What has still to be done follows from the catalog and from PostgreSQL's, so
 * whoever is interrupted anywhere goes on by looking.
 */
#ifndef DDB_TABLE_TABLE_TASKS_H
#define DDB_TABLE_TABLE_TASKS_H

#include "meta/job.h"

/* Drop a table or an index that somebody was using when it was deleted. */
extern DdbStep ddb_table_drop_step(DdbJob *job);
extern DdbStep ddb_table_drop_index_step(DdbJob *job);

/* Take a secondary index nearer to being ACTIVE. */
extern DdbStep ddb_table_build_index_step(DdbJob *job);

#endif							/* DDB_TABLE_TABLE_TASKS_H */
