/*
 * store_plan.c
 *	  Kept plans, each bound to the index it is meant for.
 *
 * A plan that statistics could change is a plan that one day reads the whole
 * table.  So statements are planned generically, once, and while that happens
 * the planner is shown a single index of the table and has the alternatives
 * to an ordered index scan switched off.  Invalidation (an autovacuum's ANALYZE
 * is enough) makes PostgreSQL plan again at the next use; therefore plan_get()
 * asks for the cached plan itself, with the planner bound as before, right
 * before each execution.  The execution then finds it valid: its locks are held
 * already, so no further invalidation is received.
 *
 * An ordered index scan returns its rows in order without computing what they are
 * ordered by.  So the column that a plan has only for that is removed, and
 * index_key() is not computed for every row that is read.
 *
 * Pinned plans live in the context of the table's descriptor and go with it.
 */
#include "postgres.h"

#include "core/inject.h"
#include "jit/jit.h"
#include "nodes/parsenodes.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "store/store_int.h"
#include "utils/memutils.h"
#include "utils/plancache.h"

typedef struct DdbPlanSet
{
	int			first[STATEMENT_KINDS]; /* of the plans of a kind, by shape */
	int			count;
	KeptPlan	plans[FLEXIBLE_ARRAY_MEMBER];
} DdbPlanSet;

/* What the planner is bound to; relid is InvalidOid most of the time. */
static struct
{
	Oid			relid;
	Oid			index;
}			binding;

/* The planner's switches, as they are while it is bound. */
typedef struct PlannerSwitches
{
	bool		seqscan;
	bool		bitmapscan;
	bool		indexscan;
	bool		sort;
	bool		incremental_sort;
	bool		jit;
} PlannerSwitches;

static get_relation_info_hook_type previous_hook = NULL;
static set_rel_pathlist_hook_type previous_pathlist_hook = NULL;
static planner_hook_type previous_planner_hook = NULL;

static void prepare_plan(DdbTable *table, Statement statement);
static void make_plan_set(DdbTable *table);
static void free_plans(void *arg);
static void keep_bound_index(PlannerInfo *root, Oid relid, bool inhparent,
							 RelOptInfo *rel);
static void keep_index_paths(PlannerInfo *root, RelOptInfo *rel, Index rti,
							 RangeTblEntry *rte);
static PlannedStmt *plan_without_junk(Query *query, const char *text,
									  int options, ParamListInfo parameters);

void
ddb_store_init(void)
{
	previous_hook = get_relation_info_hook;
	get_relation_info_hook = keep_bound_index;
	previous_pathlist_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = keep_index_paths;
	previous_planner_hook = planner_hook;
	planner_hook = plan_without_junk;
}

static PlannerSwitches
set_switches(PlannerSwitches new)
{
	PlannerSwitches old = {
		enable_seqscan, enable_bitmapscan, enable_indexscan, enable_sort,
		enable_incremental_sort, jit_enabled
	};

	enable_seqscan = new.seqscan;
	enable_bitmapscan = new.bitmapscan;
	enable_indexscan = new.indexscan;
	enable_sort = new.sort;
	enable_incremental_sort = new.incremental_sort;
	jit_enabled = new.jit;
	return old;
}

static KeptPlan *
plan_of(DdbPlanSet *set, Statement statement)
{
	return &set->plans[set->first[statement.kind] + statement.shape];
}

const KeptPlan *
plan_get(DdbTable *table, Statement statement)
{
	static const PlannerSwitches bound = {.indexscan = true};
	PlannerSwitches old;
	KeptPlan   *kept;

	if (table->plans == NULL)
		make_plan_set(table);
	kept = plan_of(table->plans, statement);
	/* The table may have been altered since it was planned for. */
	if (kept->plan == NULL || !SPI_plan_is_valid(kept->plan))
		check_columns(table);
	if (kept->plan == NULL)
		prepare_plan(table, statement);

	old = set_switches(bound);
	if (!ddb_fault("unpinned_index"))
	{
		binding.relid = table->relid;
		binding.index = kept->index;
	}
	PG_TRY();
	{
		CachedPlan *cached = SPI_plan_get_cached_plan(kept->plan);

		if (cached == NULL)
			elog(ERROR, "no plan for statement %d of shape %d on table \"%s\"",
				 statement.kind, statement.shape, table->name);
		ReleaseCachedPlan(cached, CurrentResourceOwner);
	}
	PG_FINALLY();
	{
		binding.relid = InvalidOid;
		set_switches(old);
	}
	PG_END_TRY();
	return kept;
}

static void
prepare_plan(DdbTable *table, Statement statement)
{
	StatementText text = statement_text(table, statement);
	KeptPlan   *kept = plan_of(table->plans, statement);
	SPIPlanPtr	plan;

	plan = SPI_prepare_cursor(text.text, text.parameter_count, text.parameters,
							  CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", text.text,
			 SPI_result_code_string(SPI_result));
	kept->parameter_count = text.parameter_count;
	memcpy(kept->parameters, text.parameters, sizeof(kept->parameters));
	kept->index = text.index;
	kept->plan = plan;
}

static void
make_plan_set(DdbTable *table)
{
	MemoryContextCallback *callback;
	int			first[STATEMENT_KINDS];
	int			count = 0;
	int			i;

	for (i = 0; i < STATEMENT_KINDS; i++)
	{
		first[i] = count;
		count += statement_shapes(table, i);
	}
	callback = MemoryContextAllocZero(table->context, sizeof(*callback));
	table->plans = MemoryContextAllocZero(table->context,
										  offsetof(DdbPlanSet, plans) +
										  count * sizeof(KeptPlan));
	table->plans->count = count;
	memcpy(table->plans->first, first, sizeof(first));
	callback->func = free_plans;
	callback->arg = table->plans;
	MemoryContextRegisterResetCallback(table->context, callback);
}

/* The descriptor goes: its plans live in the plan cache's own contexts. */
static void
free_plans(void *arg)
{
	DdbPlanSet *set = arg;
	int			i;

	for (i = 0; i < set->count; i++)
	{
		if (set->plans[i].plan != NULL)
			SPI_freeplan(set->plans[i].plan);
	}
}

/* get_relation_info_hook */
static void
keep_bound_index(PlannerInfo *root, Oid relid, bool inhparent, RelOptInfo *rel)
{
	ListCell   *cell;

	if (previous_hook)
		previous_hook(root, relid, inhparent, rel);
	if (relid != binding.relid)
		return;
	foreach(cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		if (index->indexoid != binding.index)
			rel->indexlist = foreach_delete_current(rel->indexlist, cell);
	}
}

/*
 * set_rel_pathlist_hook
 *
 * A path that is disabled only has a high cost, and on a table of billions of rows an
 * ordered scan of the index may cost even more.  So the paths of the bound table are
 * replaced by paths of its index only.
 */
static void
keep_index_paths(PlannerInfo *root, RelOptInfo *rel, Index rti,
				 RangeTblEntry *rte)
{
	List	   *paths;
	ListCell   *cell;

	if (previous_pathlist_hook)
		previous_pathlist_hook(root, rel, rti, rte);
	if (rte->rtekind != RTE_RELATION || rte->relid != binding.relid ||
		rel->indexlist == NIL)
		return;
	paths = rel->pathlist;
	rel->pathlist = NIL;
	create_index_paths(root, rel);
	rel->partial_pathlist = NIL;
	foreach(cell, rel->pathlist)
	{
		if (!IsA(lfirst(cell), IndexPath))
			rel->pathlist = foreach_delete_current(rel->pathlist, cell);
	}
	if (rel->pathlist == NIL)
		rel->pathlist = paths;
}

/*
 * planner_hook
 *
 * ORDER BY an expression that is not selected adds a junk column, which is computed
 * for every row although the index provides the order.  If the plan is only an index
 * scan, the column is not used.
 */
static PlannedStmt *
plan_without_junk(Query *query, const char *text, int options,
				  ParamListInfo parameters)
{
	PlannedStmt *result = previous_planner_hook ?
		previous_planner_hook(query, text, options, parameters) :
		standard_planner(query, text, options, parameters);
	Plan	   *plan = result->planTree;
	ListCell   *cell;

	if (!OidIsValid(binding.relid) || result->commandType != CMD_SELECT ||
		!IsA(plan, IndexScan) || ((IndexScan *) plan)->indexid != binding.index)
		return result;
	foreach(cell, plan->targetlist)
	{
		if (((TargetEntry *) lfirst(cell))->resjunk)
			plan->targetlist = foreach_delete_current(plan->targetlist, cell);
	}
	return result;
}
