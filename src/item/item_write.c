/*
 * item_write.c
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

static void check_condition(const ApiItemWrite *write);
static bool same_jsonb(const Jsonb *left, const Jsonb *right);

void
api_write_item(ApiItemWrite *write)
{
	ddb_store_lock_key(&write->key);
	do
	{
		CHECK_FOR_INTERRUPTS();
		write->old = ddb_store_get_for_update(&write->key);
		check_condition(write);
		write->new = write->compute(write, write->old);
	} while (!api_store_item(write));
}

bool
api_store_item(ApiItemWrite *write)
{
	if (write->old != NULL)
		write->insert_lost = false;
	if (write->new == NULL && write->old == NULL)
		return true;
	api_check_collection(&write->key, write->old, write->new);
	if (write->new == NULL)
		ddb_store_delete(&write->key);
	else if (write->old != NULL)
	{
		if (!same_jsonb(write->old, write->new))
			ddb_store_update(&write->key, write->new);
	}
	else if (!ddb_store_insert(&write->key, write->new))
	{
		/*
		 * A row that cannot be seen the second time either is hidden from the
		 * current user, or a trigger does not want it.  Replacing it gets the
		 * former's error, and does in the latter case what the trigger says.
		 */
		if (!write->insert_lost)
		{
			write->insert_lost = true;
			return false;
		}
		ddb_store_put(&write->key, write->new);
	}
	return true;
}

static void
check_condition(const ApiItemWrite *write)
{
	DdbJsonWriter writer;

	if (api_condition_holds(write))
		return;
	if (!write->show_item || write->old == NULL)
		ddb_error(DDB_ERROR_CONDITIONAL_CHECK_FAILED, API_CONDITION_FAILED);

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "Item");
	if (!ddb_jsonb_write_item(&writer, write->old))
		ddb_store_malformed(write->key.table, write->key.datums);
	ddb_json_end_object(&writer);
	ddb_error_extras(DDB_ERROR_CONDITIONAL_CHECK_FAILED, writer.buf.data,
					 API_CONDITION_FAILED);
}

bool
api_condition_holds(const ApiItemWrite *write)
{
	DdbDocument document = {.jsonb = write->old};
	bool		holds = ddb_condition_evaluate(write->condition, &document);

	if (document.malformed)
		ddb_store_malformed(write->key.table, write->key.datums);
	return holds || ddb_fault("condition_ignored");
}

static bool
same_jsonb(const Jsonb *left, const Jsonb *right)
{
	return VARSIZE(left) == VARSIZE(right) &&
		memcmp(left, right, VARSIZE(left)) == 0;
}

void
api_check_update_targets(const DdbTable *table, const DdbUpdate *update)
{
	const DdbProjection *targets = ddb_update_targets(update);
	int			i;
	int			j;

	for (i = 0; i < targets->count; i++)
	{
		for (j = 0; j < table->key_count; j++)
		{
			if (ddb_text_equal(targets->paths[i].elements[0].name,
							   table->keys[j].name))
				ddb_error(DDB_ERROR_VALIDATION,
						  "One or more parameter values were invalid: "
						  "Cannot update attribute %s. This attribute is part of the key",
						  table->keys[j].name.data);
		}
	}
}

DdbValue *
api_apply_update(const DdbOperation *operation, const DdbUpdate *update,
				 const DdbKey *key, const Jsonb *old)
{
	DdbValue   *item;

	if (old == NULL && !ddb_update_makes_item(update))
		return NULL;
	item = old != NULL ? ddb_item_from_jsonb(old) : ddb_key_as_item(key);
	if (item == NULL)
		ddb_store_malformed(key->table, key->datums);
	item = ddb_update_apply(update, operation, item);
	api_check_index_keys_updated(key->table, update, item, old == NULL);
	return item;
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
