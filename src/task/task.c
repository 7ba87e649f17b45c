/*
 * task.c
 *	  The list of background tasks.
 */
#include "postgres.h"

#include "core/guc.h"
#include "meta/token.h"
#include "table/table_tasks.h"
#include "task/task.h"
#include "ttl/ttl.h"

#define SHOWN true
#define SILENT false
#define TOLD true
#define RETRIED false

static const DdbTask tasks[] = {
#define DDB_TASK_CLASS(...)
#define DDB_TASK(id, its_name, its_action, its_class, progress, failure, its_step, its_due) \
	{ \
		.name = its_name, .action = its_action, \
		.task_class = DDB_CLASS_##its_class, .shown = progress, \
		.told = failure, .step = its_step, .due = its_due, \
	},
#include "task/task.def"
#undef DDB_TASK_CLASS
#undef DDB_TASK
};

#define DDB_TASK(...)

/* A function instead of a table, because it reads settings. */
DdbTaskClassInfo
ddb_task_class_info(DdbTaskClass task_class)
{
	switch (task_class)
	{
#define DDB_TASK_CLASS(id, its_lane, its_role, its_looks, its_idle) \
		case DDB_CLASS_##id: \
			return (DdbTaskClassInfo) { \
				.lane = DDB_LANE_##its_lane, .role = DDB_TASK_ROLE_##its_role, \
				.looks = DDB_LOOKS_##its_looks, .idle = its_idle, \
			};
#include "task/task.def"
#undef DDB_TASK_CLASS
		case DDB_CLASS_NONE:
		case DDB_CLASS_COUNT:
			break;
	}
	elog(ERROR, "there is no class %d of tasks", (int) task_class);
}

DdbJobFinder *
ddb_task_finder(DdbTaskClass task_class)
{
	static DdbJobFinder *finders[DDB_CLASS_COUNT];

	if (finders[task_class] == NULL)
	{
		DdbDueQuery queries[lengthof(tasks)];
		int			count = 0;
		int			i;

		for (i = 0; i < lengthof(tasks); i++)
		{
			if (tasks[i].task_class == task_class)
				queries[count++] = (DdbDueQuery) {tasks[i].name, tasks[i].due};
		}
		finders[task_class] = ddb_meta_make_finder(queries, count);
	}
	return finders[task_class];
}

const DdbTask *
ddb_task_of(const DdbJob *job)
{
	int			i;

	for (i = 0; i < lengthof(tasks); i++)
	{
		if (strcmp(tasks[i].name, job->task) == 0)
			return &tasks[i];
	}
	elog(ERROR, "there is no task \"%s\"", job->task);
}
