/*
 * api_request.c
 *	  Parts of requests and answers that several operations share.
 */
#include "postgres.h"

#include "api/api_int.h"

const char *
api_request_table(const DdbJson *request)
{
	return ddb_table_name_of(api_request_table_as_given(request));
}

const char *
api_request_table_as_given(const DdbJson *request)
{
	return ddb_request_string(request, "TableName", "");
}

DdbResource *
api_resource_of_table(const char *table_name)
{
	DdbResource *resource = palloc0(sizeof(DdbResource));

	resource->table_name = table_name;
	return resource;
}

void
api_write_description(DdbCall *call, const char *member, const DdbTable *table,
					  DdbTableDescription description)
{
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, member);
	ddb_table_describe(&call->writer, table, description);
	ddb_json_end_object(&call->writer);
}

/* ------------------------------------------------------------------ writes */

void
api_check_return_old_only(const DdbCall *call)
{
	const char *mode = ddb_request_string(call->request, "ReturnValues", "NONE");

	if (strcmp(mode, "NONE") != 0 && strcmp(mode, "ALL_OLD") != 0)
		ddb_validation_error(call->operation, DDB_VALIDATION_RETURN_VALUES,
							 "ReturnValues can only be ALL_OLD or NONE");
}

void
api_prepare_write(const DdbCall *call, DdbItemActionKind kind, ApiWrite *write)
{
	const DdbJson *request = call->request;
	DdbItemAction *action = &write->action;
	DdbExpressions expressions = {0};

	action->kind = kind;
	action->operation = call->operation;
	action->table_name = api_request_table(request);
	action->show_item = api_shows_item(request);
	write->return_values = ddb_request_string(request, "ReturnValues", "NONE");
	write->report = ddb_capacity_report(request);
	action->wants_images = write->report != DDB_CAPACITY_NONE ||
		!api_returns(write, "NONE");
	action->condition = ddb_legacy_expected(call->operation, request);
	ddb_legacy_check_conditional_operator(call->operation, request);
	ddb_expr_parse(call->operation, request, &expressions);
	if (expressions.condition != NULL)
		action->condition = expressions.condition;
	if (expressions.update != NULL)
		action->update = expressions.update;
}

bool
api_returns(const ApiWrite *write, const char *return_values)
{
	return strcmp(write->return_values, return_values) == 0;
}

bool
api_shows_item(const DdbJson *request)
{
	return strcmp(ddb_request_string(request, "ReturnValuesOnConditionCheckFailure",
									 "NONE"), "ALL_OLD") == 0;
}

void
api_write_attributes(DdbCall *call, const DdbKey *key, const Jsonb *item)
{
	ddb_json_name(&call->writer, "Attributes");
	(void) ddb_item_show(&call->writer, key, item, NULL);
}

void
api_write_old_item(DdbCall *call, const ApiWrite *write, const DdbItemWrite *done)
{
	ddb_json_begin_object(&call->writer);
	if (done->old != NULL && api_returns(write, "ALL_OLD"))
		api_write_attributes(call, &done->key, done->old);
	api_write_consumption(call, write, done);
	ddb_json_end_object(&call->writer);
}

void
api_write_consumption(DdbCall *call, const ApiWrite *write,
					  const DdbItemWrite *done)
{
	const char *metrics = NULL;

	if (write->report != DDB_CAPACITY_NONE)
	{
		DdbCapacity capacity = ddb_capacity_of_write(done->key.table, done->old,
													 done->new);

		ddb_capacity_write_member(&call->writer, write->report,
								  api_request_table_as_given(call->request),
								  &capacity);
	}
	if (api_wants_metrics(call->request))
		metrics = ddb_item_collection_metrics(&done->key, call->writer.stored_form);
	if (metrics != NULL)
		ddb_json_raw_member(&call->writer, "ItemCollectionMetrics", metrics);
}

bool
api_wants_metrics(const DdbJson *request)
{
	return strcmp(ddb_request_string(request, "ReturnItemCollectionMetrics", "NONE"),
				  "SIZE") == 0;
}
