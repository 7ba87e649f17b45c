/*
 * api_write.c
 *	  Writing one item that is looked at first.
 *
 * The key is locked before anything is read, present or absent, so no other
 * write of ours comes between the test of the condition and the write.  Plain
 * SQL takes no such lock: a row it inserts meanwhile is noticed by the insert,
 * and everything is done again with that row as the old item.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/inject.h"
#include "miscadmin.h"

static bool try_write(ApiItemWrite *write);
static void check_condition(ApiItemWrite *write);
static bool same_jsonb(const Jsonb *left, const Jsonb *right);

void
api_write_item(ApiItemWrite *write)
{
	ddb_store_lock_key(&write->key);
	while (!try_write(write))
		CHECK_FOR_INTERRUPTS();
}

/* False when a row appeared under our hands. */
static bool
try_write(ApiItemWrite *write)
{
	write->old = ddb_store_get_for_update(&write->key);
	check_condition(write);
	write->new = write->compute(write, write->old);

	if (write->new == NULL && write->old == NULL)
		return true;
	api_check_collection(&write->key, write->old, write->new);
	if (write->new == NULL)
		ddb_store_delete(&write->key);
	else if (write->old == NULL)
		return ddb_store_insert(&write->key, write->new);
	else if (!same_jsonb(write->old, write->new))
		ddb_store_update(&write->key, write->new);
	return true;
}

static void
check_condition(ApiItemWrite *write)
{
	DdbDocument document = {.jsonb = write->old};
	bool		holds = ddb_condition_evaluate(write->condition, &document);
	DdbJsonWriter writer;

	if (document.malformed)
		ddb_store_malformed(write->key.table, write->key.datums);
	if (holds || ddb_fault("condition_ignored"))
		return;
	if (!write->show_item || write->old == NULL)
		ddb_error(DDB_ERROR_CONDITIONAL_CHECK_FAILED,
				  "The conditional request failed");

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "Item");
	if (!ddb_jsonb_write_item(&writer, write->old))
		ddb_store_malformed(write->key.table, write->key.datums);
	ddb_json_end_object(&writer);
	ddb_error_extras(DDB_ERROR_CONDITIONAL_CHECK_FAILED, writer.buf.data,
					 "The conditional request failed");
}

static bool
same_jsonb(const Jsonb *left, const Jsonb *right)
{
	return VARSIZE(left) == VARSIZE(right) &&
		memcmp(left, right, VARSIZE(left)) == 0;
}

void
api_write_capacity(DdbCall *call, const ApiItemWrite *write,
				   DdbCapacityReport report)
{
	DdbCapacity capacity;

	if (report == DDB_CAPACITY_NONE)
		return;
	capacity = ddb_capacity_of_write(write->key.table, write->old, write->new);
	ddb_capacity_write_member(&call->writer, report,
							  api_request_table_as_given(call->request),
							  &capacity);
}

void
api_write_attributes(DdbCall *call, const DdbKey *key, const Jsonb *item)
{
	ddb_json_name(&call->writer, "Attributes");
	if (!ddb_jsonb_write_item(&call->writer, item))
		ddb_store_malformed(key->table, key->datums);
}

void
api_check_return_old_only(const DdbCall *call)
{
	const char *mode = ddb_request_string(call->request, "ReturnValues", "NONE");

	if (strcmp(mode, "NONE") != 0 && strcmp(mode, "ALL_OLD") != 0)
		ddb_validation_error(call->operation, DDB_VALIDATION_RETURN_VALUES,
							 "ReturnValues can only be ALL_OLD or NONE");
}

void
api_write_terms(const DdbCall *call, ApiWriteTerms *terms)
{
	const DdbJson *request = call->request;

	terms->table_name = api_request_table(request);
	terms->return_values = ddb_request_string(request, "ReturnValues", "NONE");
	terms->show_item =
		strcmp(ddb_request_string(request, "ReturnValuesOnConditionCheckFailure",
								  "NONE"), "ALL_OLD") == 0;
	terms->report = ddb_capacity_report(request);
	terms->condition = ddb_legacy_expected(call->operation, request);
	ddb_legacy_check_conditional_operator(call->operation, request);
	ddb_expr_parse(call->operation, request, &terms->expressions);
	if (terms->expressions.condition != NULL)
		terms->condition = terms->expressions.condition;
}

bool
api_returns(const ApiWriteTerms *terms, const char *return_values)
{
	return strcmp(terms->return_values, return_values) == 0;
}
