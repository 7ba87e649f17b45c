/*
 * op_query.c
 *	  Query and Scan.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct ReadState
{
	DdbItemPage page;
	bool		begun;			/* the answer has been started */
} ReadState;

static void query_prepare(DdbCall *call);
static void scan_prepare(DdbCall *call);
static void prepare_page(DdbCall *call, const DdbExpressions *expressions);
static DdbValue *read_start_key(const DdbCall *call);
static bool stands_alone(const DdbValueError *error);
static List *read_key_conditions(const DdbCall *call,
								 const DdbExpressions *expressions);
static void read_segments(const DdbCall *call, DdbScanTerms *terms);
static void check_select(const DdbCall *call);
static bool read_page_step(DdbCall *call);
static void finish(DdbCall *call);

const DdbHandler ddb_op_query = {
	.state_size = sizeof(ReadState), .prepare = query_prepare,
	.step = read_page_step
};

const DdbHandler ddb_op_scan = {
	.state_size = sizeof(ReadState), .prepare = scan_prepare,
	.step = read_page_step
};

static void
query_prepare(DdbCall *call)
{
	const DdbJson *request = call->request;
	DdbItemPage *page = &((ReadState *) call->state)->page;
	DdbExpressions expressions = {0};

	page->is_query = true;
	page->filter_name = "QueryFilter";
	ddb_expr_check_mix(call->operation, request);
	page->page.terms.filter = ddb_legacy_filter(call->operation, request,
												page->filter_name);
	ddb_legacy_check_conditional_operator(call->operation, request);
	page->page.terms.projection =
		ddb_legacy_attributes_to_get(call->operation, request);
	page->query.start_key = read_start_key(call);
	if (ddb_json_get(request, "KeyConditionExpression") == NULL &&
		ddb_json_get(request, "KeyConditions") == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Either the KeyConditions or KeyConditionExpression parameter "
				  "must be specified in the request.");
	ddb_expr_parse(call->operation, request, &expressions);
	page->query.conditions = read_key_conditions(call, &expressions);
	page->query.descending = !ddb_request_bool(request, "ScanIndexForward", true);
	check_select(call);
	prepare_page(call, &expressions);
}

static void
scan_prepare(DdbCall *call)
{
	const DdbJson *request = call->request;
	DdbItemPage *page = &((ReadState *) call->state)->page;
	DdbExpressions expressions = {0};

	page->filter_name = "ScanFilter";
	ddb_expr_check_mix(call->operation, request);
	page->page.terms.projection =
		ddb_legacy_attributes_to_get(call->operation, request);
	page->page.terms.filter = ddb_legacy_filter(call->operation, request,
												page->filter_name);
	ddb_legacy_check_conditional_operator(call->operation, request);
	page->scan.start_key = read_start_key(call);
	read_segments(call, &page->scan);
	ddb_expr_parse(call->operation, request, &expressions);
	check_select(call);
	prepare_page(call, &expressions);
}

static void
prepare_page(DdbCall *call, const DdbExpressions *expressions)
{
	DdbItemPage *page = &((ReadState *) call->state)->page;
	DdbPageTerms *terms = &page->page.terms;
	const char *select = ddb_request_string(call->request, "Select", "");

	page->table_name = api_request_table(call->request);
	page->index_name = ddb_request_string(call->request, "IndexName", NULL);
	page->select_all = strcmp(select, "ALL_ATTRIBUTES") == 0;
	page->page.context = call->context;
	if (expressions->filter != NULL)
	{
		terms->filter = expressions->filter;
		page->filter_name = "Filter Expression";
	}
	if (expressions->projection != NULL)
		terms->projection = expressions->projection;
	terms->count_only = strcmp(select, "COUNT") == 0;
	terms->consistent = ddb_request_bool(call->request, "ConsistentRead", false);
	terms->limit = ddb_request_int(call->request, "Limit", 0);
	if (!terms->consistent)
		ddb_call_relax(call);
}

/* Returns ExclusiveStartKey as an item, NULL if there is none. */
static DdbValue *
read_start_key(const DdbCall *call)
{
	const DdbJson *json = ddb_json_get(call->request, "ExclusiveStartKey");
	DdbValue   *start_key;
	DdbValueError error;

	if (json == NULL)
		return NULL;
	start_key = ddb_item_from_json(json, &error);
	if (start_key != NULL)
		return start_key;
	ddb_error(DDB_ERROR_VALIDATION, "%s%s",
			  stands_alone(&error) ? "" : "The provided starting key is invalid: ",
			  error.message);
}

/* Messages about numbers, sets of numbers and duplicates have no prefix. */
static bool
stands_alone(const DdbValueError *error)
{
	return error->class == DDB_VALUE_ERROR_NUMBER ||
		error->class == DDB_VALUE_ERROR_EMPTY_NUMBER_SET ||
		error->class == DDB_VALUE_ERROR_DUPLICATES;
}

static List *
read_key_conditions(const DdbCall *call, const DdbExpressions *expressions)
{
	int			most = ddb_json_get(call->request, "IndexName") != NULL ?
		2 * DDB_INDEX_PART_MAX : DDB_KEY_MAX;
	List	   *conditions;

	if (expressions->key_condition != NULL)
		conditions = ddb_expr_key_conditions(call->operation,
											 expressions->key_condition);
	else
		conditions = ddb_legacy_key_conditions(call->operation, call->request);
	if (conditions == NIL || list_length(conditions) > most)
		ddb_error(DDB_ERROR_VALIDATION, DDB_ITEM_TOO_MANY_CONDITIONS);
	return conditions;
}

static void
read_segments(const DdbCall *call, DdbScanTerms *terms)
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
	terms->segment = (int) Max(segment, 0);
	terms->total_segments = (int) Max(total, 1);
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
read_page_step(DdbCall *call)
{
	ReadState  *state = call->state;

	if (!state->begun)
	{
		ddb_json_begin_object(&call->writer);
		if (!state->page.page.terms.count_only)
		{
			ddb_json_name(&call->writer, "Items");
			ddb_json_begin_array(&call->writer);
		}
		state->begun = true;
	}
	if (!ddb_item_read_page(&state->page, &call->writer, call->budget))
		return false;
	finish(call);
	return true;
}

static void
finish(DdbCall *call)
{
	const ReadState *state = call->state;
	const DdbPage *page = &state->page.page;
	DdbCapacity capacity = ddb_item_page_capacity(&state->page);

	if (!page->terms.count_only)
		ddb_json_end_array(&call->writer);
	ddb_json_int_member(&call->writer, "Count", page->count);
	ddb_json_int_member(&call->writer, "ScannedCount", page->scanned_count);
	if (page->last_key != NULL)
	{
		ddb_json_name(&call->writer, "LastEvaluatedKey");
		ddb_item_write(&call->writer, page->last_key);
	}
	ddb_capacity_write_member(&call->writer, ddb_capacity_report(call->request),
							  api_request_table_as_given(call->request), &capacity);
	ddb_json_end_object(&call->writer);
}
