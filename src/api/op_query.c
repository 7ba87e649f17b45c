/*
 * op_query.c
 *	  Query and Scan.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct ReadState
{
	const char *table_name;
	DdbPage		page;
	DdbExpressions expressions;
	List	   *key_conditions; /* Query */
	DdbValue   *start_key;
	pg_uuid_t	table_id;		/* of the table the first step has read */
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
static bool start(DdbCall *call, DdbTable *table);
static bool start_query(DdbCall *call, DdbTable *table);
static void start_scan(DdbCall *call, DdbTable *table);
static void check_query_filter(const DdbCall *call, const DdbTable *table);
static void finish(DdbCall *call, const DdbTable *table);

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
	state->page.context = call->context;
	if (state->expressions.filter != NULL)
		terms->filter = state->expressions.filter;
	if (state->expressions.projection != NULL)
		terms->projection = state->expressions.projection;
	terms->count_only =
		strcmp(ddb_request_string(call->request, "Select", ""), "COUNT") == 0;
	terms->consistent = ddb_request_bool(call->request, "ConsistentRead", false);
	terms->limit = ddb_request_int(call->request, "Limit", 0);
	call->durable = terms->consistent;
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
	if (count == 0 || count > 2)
		ddb_error(DDB_ERROR_VALIDATION, "Conditions can be of length 1 or 2 only");
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
	DdbTable   *table = api_open_table(state->table_name, AccessShareLock);

	if (!state->started)
	{
		bool		matches = start(call, table);

		ddb_json_begin_object(&call->writer);
		if (!state->page.terms.count_only)
		{
			ddb_json_name(&call->writer, "Items");
			ddb_json_begin_array(&call->writer);
		}
		if (!matches)
		{
			finish(call, table);
			return true;
		}
	}
	else if (memcmp(&table->id, &state->table_id, sizeof(pg_uuid_t)) != 0)
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");

	state->page.range.table = table;
	if (!ddb_page_read(&state->page, &call->writer, call->budget))
		return false;
	finish(call, table);
	return true;
}

/* Check the request against the table; false when nothing can match. */
static bool
start(DdbCall *call, DdbTable *table)
{
	ReadState  *state = call->state;
	const DdbPageTerms *terms = &state->page.terms;
	const char *index = ddb_request_string(call->request, "IndexName", NULL);
	bool		matches = true;

	if (index != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The table does not have the specified index: %s", index);
	if (is_query(call))
		matches = start_query(call, table);
	else
		start_scan(call, table);
	if (terms->projection != NULL)
		api_check_paths(table, terms->projection->paths, terms->projection->count);
	if (is_query(call))
		check_query_filter(call, table);
	api_check_condition_paths(table, terms->filter);
	state->table_id = table->id;
	state->started = true;
	return matches;
}

static bool
start_query(DdbCall *call, DdbTable *table)
{
	ReadState  *state = call->state;
	DdbQueryTerms terms = {
		.conditions = state->key_conditions,
		.start_key = state->start_key,
		.descending = !ddb_request_bool(call->request, "ScanIndexForward", true),
	};

	return ddb_query_make_range(table, &terms, &state->page.range);
}

static void
start_scan(DdbCall *call, DdbTable *table)
{
	ReadState  *state = call->state;
	DdbScanTerms terms = {
		.start_key = state->start_key,
		.segment = (int) ddb_request_int(call->request, "Segment", 0),
		.total_segments = (int) ddb_request_int(call->request, "TotalSegments", 1),
	};

	ddb_scan_make_range(table, &terms, &state->page.range);
}

/* A Query's filter may not name key attributes. */
static void
check_query_filter(const DdbCall *call, const DdbTable *table)
{
	ReadState  *state = call->state;
	const char *parameter = state->expressions.filter != NULL ?
		"Filter Expression" : "QueryFilter";
	ListCell   *cell;
	int			i;

	foreach(cell, ddb_condition_paths(state->page.terms.filter))
	{
		const DdbPath *path = lfirst(cell);

		for (i = 0; i < table->key_count; i++)
		{
			if (ddb_text_equal(path->elements[0].name, table->keys[i].name))
				ddb_error(DDB_ERROR_VALIDATION,
						  "%s can only contain non-primary key attributes: "
						  "Primary key attribute: %s", parameter,
						  table->keys[i].name.data);
		}
	}
}

static void
finish(DdbCall *call, const DdbTable *table)
{
	ReadState  *state = call->state;
	const DdbPage *page = &state->page;

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
							  table->name,
							  ddb_capacity_read_units(page->bytes,
													  page->terms.consistent));
	ddb_json_end_object(&call->writer);
}
