/*
 * item_reasons.c
 *	  The reasons why transactions are cancelled, and other code that reading and
 *	  writing several items share.
 */
#include "postgres.h"

#include "access/xact.h"
#include "item/item_int.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#define CANCELED "Transaction cancelled, please refer cancellation reasons for " \
	"specific reasons [%s]"

/* The errors of an item that are reasons, and the codes of the reasons. */
static const struct
{
	DdbErrorType type;
	const char *code;
}			codes[] = {
	{DDB_ERROR_VALIDATION, "ValidationError"},
	{DDB_ERROR_CONDITIONAL_CHECK_FAILED, "ConditionalCheckFailed"},
	{DDB_ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "ItemCollectionSizeLimitExceeded"},
	{DDB_ERROR_PROVISIONED_THROUGHPUT_EXCEEDED, "ProvisionedThroughputExceeded"},
	{DDB_ERROR_THROTTLING, "ThrottlingError"},
};

static int	collect_from(int first, void (*code) (void *arg, int i), void *arg,
						 int count, DdbItemReason *reasons);
static DdbFailure canceled(const DdbItemReason *reasons, int count);
static void write_reason(DdbJsonWriter *writer, const DdbItemReason *reason);
static bool same_key(const DdbKey *left, const DdbKey *right);

void
item_collect_reasons(void (*code) (void *arg, int i), void *arg, int count,
					 DdbItemReason *reasons)
{
	int			next = 0;

	while (next < count)
		next = collect_from(next, code, arg, count, reasons);
}

/* Runs up to the first error.  Returns the number of the next call. */
static int
collect_from(int first, void (*code) (void *arg, int i), void *arg, int count,
			 DdbItemReason *reasons)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int i = first;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		for (; i < count; i++)
			code(arg, i);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!item_reason_of_error(error, &reasons[i]))
			ReThrowError(error);
		i++;
	}
	PG_END_TRY();
	return i;
}

bool
item_reason_of_error(const ErrorData *error, DdbItemReason *reason)
{
	bool		internal;
	DdbFailure	failure = ddb_error_classify(error, &internal);
	int			i;

	for (i = 0; !internal && i < lengthof(codes); i++)
	{
		if (failure.type != codes[i].type)
			continue;
		*reason = (DdbItemReason) {.code = codes[i].code, .message = failure.message};
		return true;
	}
	return false;
}

void
item_check_reasons(const DdbItemReason *reasons, int count)
{
	DdbFailure	failure;
	int			i;

	for (i = 0; i < count; i++)
	{
		if (reasons[i].code != NULL)
			break;
	}
	if (i == count)
		return;
	failure = canceled(reasons, count);
	ddb_error_extras(failure.type, failure.extras, "%s", failure.message);
}

void
item_check_first_reason(DdbItemReason *reasons, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (reasons[i].code != NULL)
			break;
	}
	for (i++; i < count; i++)
		reasons[i] = (DdbItemReason) {0};
	item_check_reasons(reasons, count);
}

DdbFailure
item_transaction_conflict(int count, int item)
{
	DdbItemReason  *reasons = palloc0(count * sizeof(DdbItemReason));
	int			i;

	for (i = 0; i < count; i++)
	{
		if (item >= 0 && i != item)
			continue;
		reasons[i].code = "TransactionConflict";
		reasons[i].message = "Transaction is ongoing for the item";
	}
	return canceled(reasons, count);
}

static DdbFailure
canceled(const DdbItemReason *reasons, int count)
{
	DdbFailure	failure = {.type = DDB_ERROR_TRANSACTION_CANCELED};
	DdbJsonWriter writer;
	StringInfoData list;
	int			i;

	initStringInfo(&list);
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "CancellationReasons");
	ddb_json_begin_array(&writer);
	for (i = 0; i < count; i++)
	{
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "",
						 reasons[i].code != NULL ? reasons[i].code : "None");
		write_reason(&writer, &reasons[i]);
	}
	ddb_json_end_array(&writer);
	ddb_json_end_object(&writer);
	failure.message = psprintf(CANCELED, list.data);
	failure.extras = writer.buf.data;
	return failure;
}

static void
write_reason(DdbJsonWriter *writer, const DdbItemReason *reason)
{
	ddb_json_begin_object(writer);
	ddb_json_string_member(writer, "Code",
						   reason->code != NULL ? reason->code : "None");
	if (reason->message != NULL)
		ddb_json_string_member(writer, "Message", reason->message);
	if (reason->item != NULL)
	{
		ddb_json_name(writer, "Item");
		if (!ddb_jsonb_write_item(writer, reason->item))
			ddb_error(DDB_ERROR_INTERNAL, "a stored item is not well-formed");
	}
	ddb_json_end_object(writer);
}

/* There are at most a hundred, so each can be compared with each other. */
void
item_check_distinct(const DdbKey *const *keys, int count)
{
	int			i;
	int			j;

	for (i = 0; i < count; i++)
	{
		for (j = 0; keys[i] != NULL && j < i; j++)
		{
			if (keys[j] != NULL && same_key(keys[i], keys[j]))
				ddb_error(DDB_ERROR_VALIDATION,
						  "Transaction request cannot include multiple operations "
						  "on one item");
		}
	}
}

static bool
same_key(const DdbKey *left, const DdbKey *right)
{
	int			i;

	/* A table that has just been changed may have several descriptors. */
	if (left->table->relid != right->table->relid)
		return false;
	for (i = 0; i < left->table->key_count; i++)
	{
		if (!ddb_value_equal(left->values[i], right->values[i]))
			return false;
	}
	return true;
}

void
item_check_transaction_size(int64 bytes)
{
	if (bytes > ITEM_TRANSACTION_MAX_BYTES)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The aggregate size of the items in the transaction cannot "
				  "exceed 4 MB");
}

int
item_compare_lock_order(uint64 left, uint64 right)
{
	return left < right ? -1 : left > right;
}
