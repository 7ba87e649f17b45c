/*
 * op_query.c
 *	  Query and Scan.
 */
#include "postgres.h"

#include "api/api_int.h"

#define TOO_MANY_CONDITIONS "Conditions can be of length 1 or 2 only"
#define INVALID "One or more parameter values were invalid: "

typedef struct ReadState
{
	const char *table_name;
	DdbPage		page;
	DdbExpressions expressions;
	List	   *key_conditions; /* Query */
	DdbValue   *start_key;
	const char *index_name;		/* NULL: the table */
	pg_uuid_t	table_id;		/* what the first step has read: */
	const char *index_spec;		/* "" for the table itself */
	bool		started;
} ReadState;

static void prepare_query(DdbCall *call);
static void prepare_scan(DdbCall *call);
static void prepare_page(DdbCall *call);
static void prepare_start_key(DdbCall *call);
static void prepare_key_conditions(DdbCall *call);
static void check_segments(const DdbCall *call);
static void check_select(const DdbCall *call);
static bool step(DdbCall *call);
static const DdbIndex *find_index(const DdbCall *call, const DdbTable *table);
static bool is_the_same(const ReadState *state, const char *index_spec);
static void start(DdbCall *call);
static void start_query(DdbCall *call);
static void start_scan(DdbCall *call);
static void check_query_filter(const DdbCall *call);
static void check_all_attributes(const DdbCall *call);
static void check_projection(const DdbCall *call);
static bool needs_fetch(const DdbCall *call);
static const char *print_unprojected(const DdbProjection *projection,
									 const DdbIndex *index);
static void finish(DdbCall *call);

const DdbHandler ddb_op_query = {
	.state_size = sizeof(ReadState), .prepare = prepare_query, .step = step
};

const DdbHandler ddb_op_scan = {
	.state_size = sizeof(ReadState), .prepare = prepare_scan, .step = step
};

static bool
is_query(const DdbCall *call)
{
	return call->operation->id == DDB_OPERATION_QUERY;
}

static void
prepare_query(DdbCall *call)
{
	const DdbJson *request = call->request;
	ReadState  *state = call->state;

	ddb_expr_check_mix(call->operation, request);
	state->page.terms.filter = ddb_legacy_filter(call->operation, request,
												 "QueryFilter");
	ddb_legacy_check_conditional_operator(call->operation, request);
	state->page.terms.projection =
		ddb_legacy_attributes_to_get(call->operation, request);
	prepare_start_key(call);
	if (ddb_json_get(request, "KeyConditionExpression") == NULL &&
		ddb_json_get(request, "KeyConditions") == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Either the KeyConditions or KeyConditionExpression parameter "
				  "must be specified in the request.");
	ddb_expr_parse(call->operation, request, &state->expressions);
	prepare_key_conditions(call);
	check_select(call);
	prepare_page(call);
}

static void
prepare_scan(DdbCall *call)
{
	const DdbJson *request = call->request;
	ReadState  *state = call->state;

	ddb_expr_check_mix(call->operation, request);
	state->page.terms.projection =
		ddb_legacy_attributes_to_get(call->operation, request);
	state->page.terms.filter = ddb_legacy_filter(call->operation, request,
												 "ScanFilter");
	ddb_legacy_check_conditional_operator(call->operation, request);
	prepare_start_key(call);
	check_segments(call);
	ddb_expr_parse(call->operation, request, &state->expressions);
	check_select(call);
	prepare_page(call);
}

static void
prepare_page(DdbCall *call)
{
	ReadState  *state = call->state;
	DdbPageTerms *terms = &state->page.terms;

	state->table_name = api_request_table(call->request);
	state->index_name = ddb_request_string(call->request, "IndexName", NULL);
	state->page.context = call->context;
	if (state->expressions.filter != NULL)
		terms->filter = state->expressions.filter;
	if (state->expressions.projection != NULL)
		terms->projection = state->expressions.projection;
	terms->count_only =
		strcmp(ddb_request_string(call->request, "Select", ""), "COUNT") == 0;
	terms->consistent = ddb_request_bool(call->request, "ConsistentRead", false);
	terms->limit = ddb_request_int(call->request, "Limit", 0);
	if (!terms->consistent)
		ddb_call_relax(call);
}

static void
prepare_start_key(DdbCall *call)
{
	ReadState  *state = call->state;
	const DdbJson *json = ddb_json_get(call->request, "ExclusiveStartKey");
	DdbValueError error;

	if (json == NULL)
		return;
	state->start_key = ddb_item_from_json(json, &error);
	if (state->start_key != NULL)
		return;

	/* Messages about numbers and sets of them, and duplicates, stand alone. */
	if (error.class == DDB_VALUE_ERROR_NUMBER ||
		strstr(error.message, "number set") != NULL ||
		strstr(error.message, "contains duplicates") != NULL)
		ddb_error(DDB_ERROR_VALIDATION, "%s", error.message);
	ddb_error(DDB_ERROR_VALIDATION, "The provided starting key is invalid: %s",
			  error.message);
}

static void
prepare_key_conditions(DdbCall *call)
{
	ReadState  *state = call->state;
	int			count;

	if (state->expressions.key_condition != NULL)
		state->key_conditions =
			ddb_expr_key_conditions(call->operation,
									state->expressions.key_condition);
	else
		state->key_conditions = ddb_legacy_key_conditions(call->operation,
														  call->request);
	count = list_length(state->key_conditions);
	if (count == 0 || count > (ddb_json_get(call->request, "IndexName") != NULL ?
							   2 * DDB_INDEX_PART_MAX : DDB_KEY_MAX))
		ddb_error(DDB_ERROR_VALIDATION, TOO_MANY_CONDITIONS);
}

static void
check_segments(const DdbCall *call)
{
	int64		segment = ddb_request_int(call->request, "Segment", -1);
	int64		total = ddb_request_int(call->request, "TotalSegments", -1);

	if (segment >= 0 && total < 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The TotalSegments parameter is required but was not present in "
				  "the request when Segment parameter is present");
	if (segment < 0 && total >= 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The Segment parameter is required but was not present in the "
				  "request when parameter TotalSegments is present");
	if (segment >= 0 && segment >= total)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The Segment parameter is zero-based and must be less than "
				  "parameter TotalSegments: Segment: " INT64_FORMAT
				  " is not less than TotalSegments: " INT64_FORMAT,
				  segment, total);
}

static void
check_select(const DdbCall *call)
{
	const char *select = ddb_request_string(call->request, "Select", NULL);
	const char *projection = NULL;

	if (select == NULL)
		return;
	if (ddb_json_get(call->request, "ProjectionExpression") != NULL)
		projection = "ProjectionExpression";
	else if (ddb_json_get(call->request, "AttributesToGet") != NULL)
		projection = "AttributesToGet";

	if (strcmp(select, "SPECIFIC_ATTRIBUTES") == 0)
	{
		if (projection == NULL)
			ddb_validation_error(call->operation, DDB_VALIDATION_SELECT,
								 "Must specify the AttributesToGet or ProjectionExpression "
								 "when choosing to get SPECIFIC_ATTRIBUTES");
	}
	else if (projection != NULL)
		ddb_validation_error(call->operation, DDB_VALIDATION_SELECT,
							 "Cannot specify the %s when choosing to get %s",
							 projection,
							 strcmp(select, "COUNT") == 0 ? "only the Count" : select);
	if (strcmp(select, "ALL_PROJECTED_ATTRIBUTES") == 0 &&
		ddb_json_get(call->request, "IndexName") == NULL)
		ddb_validation_error(call->operation, DDB_VALIDATION_SELECT,
							 "ALL_PROJECTED_ATTRIBUTES can be used only when Querying "
							 "using an IndexName");
}

static bool
step(DdbCall *call)
{
	ReadState  *state = call->state;
	DdbPage    *page = &state->page;
	DdbTable   *table = api_open_table(state->table_name, AccessShareLock);
	const DdbIndex *index = find_index(call, table);
	const char *index_spec = index != NULL ? ddb_index_spec(table, index) : "";

	page->source = ddb_source_make(table, index);
	if (!state->started)
	{
		start(call);
		state->table_id = table->id;
		state->index_spec = MemoryContextStrdup(page->context, index_spec);
		state->started = true;
		ddb_json_begin_object(&call->writer);
		if (!page->terms.count_only)
		{
			ddb_json_name(&call->writer, "Items");
			ddb_json_begin_array(&call->writer);
		}
	}
	else if (!is_the_same(state, index_spec))
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");

	page->range.table = table;
	if (index != NULL)
		page->range.index = index - table->indexes;
	if (!ddb_page_read(page, &call->writer, call->budget))
		return false;
	finish(call);
	return true;
}

/*
 * Has nobody made another table or index of that name since the first step?  The
 * relation of the same index may be another: REINDEX CONCURRENTLY makes one.
 */
static bool
is_the_same(const ReadState *state, const char *index_spec)
{
	return memcmp(&state->table_id, &state->page.source.table->id,
				  sizeof(pg_uuid_t)) == 0 &&
		strcmp(state->index_spec, index_spec) == 0;
}

/* The index that is asked for, ready to be read; NULL for the table. */
static const DdbIndex *
find_index(const DdbCall *call, const DdbTable *table)
{
	const ReadState *state = call->state;
	const DdbIndex *index;

	if (state->index_name == NULL)
		return NULL;
	index = ddb_meta_find_index(table, state->index_name);
	if (index == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The table does not have the specified index: %s",
				  state->index_name);
	if ((index->status != DDB_TABLE_ACTIVE && index->status != DDB_TABLE_UPDATING) ||
		!OidIsValid(index->relid))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Cannot read from backfilling global secondary index: %s",
				  state->index_name);
	return index;
}

/* Check the request against the schema. */
static void
start(DdbCall *call)
{
	ReadState  *state = call->state;
	DdbPageTerms *terms = &state->page.terms;
	const DdbSource *source = &state->page.source;

	if (terms->consistent && source->index != NULL && source->index->is_global)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Consistent reads are not supported on global secondary indexes");
	if (is_query(call))
		start_query(call);
	else
		start_scan(call);
	if (terms->projection != NULL)
		api_check_paths(source->table, terms->projection->paths,
						terms->projection->count);
	if (is_query(call))
	{
		check_query_filter(call);
		check_all_attributes(call);
	}
	check_projection(call);
	api_check_condition_paths(source->table, terms->filter);
	terms->fetch = needs_fetch(call);
}

static void
start_query(DdbCall *call)
{
	ReadState  *state = call->state;
	const DdbSource *source = &state->page.source;
	DdbQueryTerms terms = {
		.conditions = state->key_conditions,
		.start_key = state->start_key,
		.descending = !ddb_request_bool(call->request, "ScanIndexForward", true),
	};

	/* Only a key of many attributes takes more than two. */
	if (list_length(state->key_conditions) > Max(source->key_count, DDB_KEY_MAX))
		ddb_error(DDB_ERROR_VALIDATION, TOO_MANY_CONDITIONS);
	ddb_query_make_range(source, &terms, &state->page.range);
}

static void
start_scan(DdbCall *call)
{
	ReadState  *state = call->state;
	const DdbSource *source = &state->page.source;
	DdbScanTerms terms = {
		.start_key = state->start_key,
		.segment = (int) ddb_request_int(call->request, "Segment", 0),
		.total_segments = (int) ddb_request_int(call->request, "TotalSegments", 1),
	};

	ddb_scan_check_start_key(source, &terms);
	check_all_attributes(call);
	ddb_scan_make_range(source, &terms, &state->page.range);
}

/* A Query's filter may not name key attributes of what is queried. */
static void
check_query_filter(const DdbCall *call)
{
	const ReadState *state = call->state;
	const DdbSource *source = &state->page.source;
	const char *parameter = state->expressions.filter != NULL ?
		"Filter Expression" : "QueryFilter";
	ListCell   *cell;
	int			i;

	foreach(cell, ddb_condition_paths(state->page.terms.filter))
	{
		const DdbPath *path = lfirst(cell);

		for (i = 0; i < source->key_count; i++)
		{
			if (ddb_text_equal(path->elements[0].name, source->keys[i].name))
				ddb_error(DDB_ERROR_VALIDATION,
						  "%s can only contain non-primary key attributes: "
						  "Primary key attribute: %s", parameter,
						  source->keys[i].name.data);
		}
	}
}

static bool
selects_all(const DdbCall *call)
{
	return strcmp(ddb_request_string(call->request, "Select", ""),
				  "ALL_ATTRIBUTES") == 0;
}

/* A global index has what is projected, and nothing is fetched for it. */
static void
check_all_attributes(const DdbCall *call)
{
	const ReadState *state = call->state;
	const DdbIndex *index = state->page.source.index;

	if (index != NULL && index->is_global && index->projected != NULL &&
		selects_all(call))
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Select type ALL_ATTRIBUTES is not supported for global "
				  "secondary index %s because its projection type is not ALL",
				  index->name.data);
}

static void
check_projection(const DdbCall *call)
{
	const ReadState *state = call->state;
	const DdbIndex *index = state->page.source.index;
	const DdbProjection *projection = state->page.terms.projection;
	const char *unprojected;

	if (index == NULL || !index->is_global || index->projected == NULL ||
		projection == NULL)
		return;
	unprojected = print_unprojected(projection, index);
	if (unprojected != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Global secondary index %s does not project %s",
				  index->name.data, unprojected);
}

/*
 * Must rows of a local index be fetched from the table?  What is asked for
 * decides; a filter sees the index's attributes alone.
 */
static bool
needs_fetch(const DdbCall *call)
{
	const ReadState *state = call->state;
	const DdbIndex *index = state->page.source.index;
	const DdbProjection *projection = state->page.terms.projection;

	if (index == NULL || index->is_global || index->projected == NULL)
		return false;
	return selects_all(call) ||
		(projection != NULL && print_unprojected(projection, index) != NULL);
}

/* "[a, b]": top-level names that the index does not have; NULL: it has all. */
static const char *
print_unprojected(const DdbProjection *projection, const DdbIndex *index)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < projection->count; i++)
	{
		DdbText		name = projection->paths[i].elements[0].name;

		if (!ddb_name_list_contains(index->projected, name))
			appendStringInfo(&buf, "%s%.*s", buf.len > 0 ? ", " : "[",
							 name.len, name.data);
	}
	if (buf.len == 0)
		return NULL;
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

static void
finish(DdbCall *call)
{
	ReadState  *state = call->state;
	const DdbPage *page = &state->page;
	const DdbIndex *index = page->source.index;
	double		units = ddb_capacity_read_units(page->bytes, page->terms.consistent);
	DdbCapacity capacity = {.table = index != NULL ? page->fetch_units : units};

	if (index != NULL)
		ddb_capacity_add_index(&capacity, index->name.data, index->is_global, units);
	if (!page->terms.count_only)
		ddb_json_end_array(&call->writer);
	ddb_json_name(&call->writer, "Count");
	ddb_json_int(&call->writer, page->count);
	ddb_json_name(&call->writer, "ScannedCount");
	ddb_json_int(&call->writer, page->scanned_count);
	if (page->last_key != NULL)
	{
		ddb_json_name(&call->writer, "LastEvaluatedKey");
		ddb_item_write(&call->writer, page->last_key);
	}
	ddb_capacity_write_member(&call->writer, ddb_capacity_report(call->request),
							  api_request_table_as_given(call->request), &capacity);
	ddb_json_end_object(&call->writer);
}
