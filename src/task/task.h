/*
 * task.h
 *	  The list of background tasks: see task.def.
 */
#ifndef DDB_TASK_TASK_H
#define DDB_TASK_TASK_H

#include "meta/job.h"

typedef enum DdbTaskClass
{
	DDB_CLASS_NONE,
#define DDB_TASK_CLASS(id, ...) DDB_CLASS_##id,
#define DDB_TASK(...)
#include "task/task.def"
#undef DDB_TASK_CLASS
#undef DDB_TASK
	DDB_CLASS_COUNT
} DdbTaskClass;

/* How the jobs of a class are processed: the columns of DDB_TASK_CLASS. */
typedef struct DdbTaskClassInfo
{
	enum
	{
		DDB_LANE_TURNS,
		DDB_LANE_QUEUE
	}			lane;
	enum
	{
		DDB_TASK_ROLE_OWNER,
		DDB_TASK_ROLE_REQUESTS
	}			role;
	enum
	{
		DDB_LOOKS_WOKEN,
		DDB_LOOKS_PACED
	}			looks;
	int64		idle;			/* milliseconds */
} DdbTaskClassInfo;

typedef struct DdbTask
{
	const char *name;
	const char *action;
	DdbTaskClass task_class;
	bool		shown;
	bool		told;			/* the next step sees an error */
	DdbStep		(*step) (DdbJob *job);
	const char *due;
} DdbTask;

extern DdbTaskClassInfo ddb_task_class_info(DdbTaskClass task_class);

/* Returns the finder for the jobs of a class. */
extern DdbJobFinder *ddb_task_finder(DdbTaskClass task_class);

/* Returns the task of a job. */
extern const DdbTask *ddb_task_of(const DdbJob *job);

#endif							/* DDB_TASK_TASK_H */
