/*
 * table_throughput.c
 *	  ProvisionedThroughput, OnDemandThroughput and WarmThroughput: checks,
 *	  storage and description.
 *
 * All three are stored and shown, and nothing is throttled by them.
 */
#include "postgres.h"

#include "table/table_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "pgtime.h"

#define MAX_UNITS INT64CONST(1000000000000)

/* The throughput of an on-demand table or index from the start. */
#define WARM_READ_UNITS 12000
#define WARM_WRITE_UNITS 4000
#define WARM_DOCUMENTATION \
	"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html"

/* After this number of decreases in a day, one is allowed each hour. */
#define FREE_DECREASES 4
#define DECREASE_SECONDS 3600

static const char *const unit_members[] = {
	"ReadCapacityUnits", "WriteCapacityUnits"
};
static const char *const maximum_members[] = {
	"MaxReadRequestUnits", "MaxWriteRequestUnits"
};
static const char *const warm_members[] = {
	"ReadUnitsPerSecond", "WriteUnitsPerSecond"
};

static const char *for_what(const char *index);
static TableWarmth warmth_unasked(const DdbJson *definition, bool on_demand);
static int64 now_in_seconds(void);
static int	decreases_today(const DdbJson *throughput);
static void check_decreases(const DdbJson *throughput, int count);
static const char *long_date(int64 seconds);
static void write_units(DdbJsonWriter *writer, int64 reads, int64 writes);
static void write_if_set(DdbJsonWriter *writer, const DdbJson *object,
						 const char *member);

bool
table_is_on_demand(const DdbJson *definition)
{
	const char *mode = ddb_request_string(definition, "TableThroughputMode",
										  "PROVISIONED");

	return strcmp(ddb_request_string(definition, "BillingMode", mode),
				  "PAY_PER_REQUEST") == 0;
}

/* -------------------------------------------------------------- checks */

void
table_check_units(const DdbJson *throughput, const char *index)
{
	int			i;

	for (i = 0; throughput != NULL && i < lengthof(unit_members); i++)
	{
		int64		units = ddb_request_int(throughput, unit_members[i], 0);

		if (units > MAX_UNITS)
			ddb_error(DDB_ERROR_VALIDATION, "Given value " INT64_FORMAT
					  " for %s is out of bounds%s%s", units, unit_members[i],
					  index != NULL ? " for index " : "",
					  index != NULL ? index : "");
	}
}

void
table_check_quota(const DdbJson *throughput)
{
	int			i;

	for (i = 0; throughput != NULL && i < lengthof(unit_members); i++)
	{
		int64		units = ddb_request_int(throughput, unit_members[i], 0);

		if (units > DDB_TABLE_MAX_UNITS)
			ddb_error(DDB_ERROR_LIMIT_EXCEEDED,
					  "The requested %s, " INT64_FORMAT ", is above the per table "
					  "maximum for the account in %s. Per table maximum: %d. Refer to "
					  "the Amazon DynamoDB Developer Guide for current limits and how "
					  "to request higher limits.", unit_members[i], units,
					  ddb_setting_region, DDB_TABLE_MAX_UNITS);
	}
}

/* -1 removes a maximum.  A new table or index has none to remove. */
void
table_check_maxima(const DdbJson *maxima, const char *index, bool is_new)
{
	int			i;

	for (i = 0; maxima != NULL && i < lengthof(maximum_members); i++)
	{
		int64		units = ddb_request_int(maxima, maximum_members[i], 1);

		if (units < 1 && (is_new || units != -1))
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Requested %s for OnDemandThroughput %s is "
					  "outside of valid range", maximum_members[i], for_what(index));
	}
}

/* billing ends the sentence, which differs between operations. */
void
table_check_no_maxima(const DdbJson *maxima, const char *billing)
{
	int			i;

	for (i = 0; maxima != NULL && i < lengthof(maximum_members); i++)
	{
		if (ddb_json_get(maxima, maximum_members[i]) != NULL)
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "%s for OnDemandThroughput cannot be specified "
					  "when %s", maximum_members[i], billing);
	}
}

/* throughput is NULL for on-demand billing. */
void
table_check_warm(const DdbJson *warm, const char *index, const DdbJson *throughput)
{
	static const int on_demand[] = {WARM_READ_UNITS, WARM_WRITE_UNITS};
	int			i;

	for (i = 0; warm != NULL && i < lengthof(warm_members); i++)
	{
		int64		units = ddb_request_int(warm, warm_members[i], PG_INT64_MAX);

		if (throughput == NULL && units < on_demand[i])
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Requested %s for WarmThroughput %s is lower than "
					  "initial throughput for OnDemand. See: %s", warm_members[i],
					  for_what(index), WARM_DOCUMENTATION);
		if (throughput != NULL &&
			units < ddb_request_int(throughput, unit_members[i], 0))
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Requested %s for WarmThroughput %s is lower than "
					  "%s of ProvisionedThroughput", warm_members[i],
					  for_what(index), unit_members[i]);
	}
}

void
table_check_warmer(const DdbJson *warm, const char *index, TableWarmth now)
{
	const int64 current[] = {now.read, now.write};
	int			i;

	for (i = 0; i < lengthof(warm_members); i++)
	{
		if (ddb_request_int(warm, warm_members[i], PG_INT64_MAX) < current[i])
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Requested %s for WarmThroughput %s is lower than "
					  "current WarmThroughput, decreasing WarmThroughput is not "
					  "supported", warm_members[i], for_what(index));
	}
}

static const char *
for_what(const char *index)
{
	return index != NULL ? psprintf("for index : %s", index) : "for table";
}

/* -------------------------------------------------------------- warmth */

/*
 * The maximum that was requested or provisioned so far.  Definitions store it when
 * the throughput changes.
 */
TableWarmth
table_warmth(const DdbJson *definition, bool on_demand)
{
	return table_warmth_asked(ddb_json_get(definition, "WarmThroughput"),
							  warmth_unasked(definition, on_demand));
}

static TableWarmth
warmth_unasked(const DdbJson *definition, bool on_demand)
{
	const DdbJson *provisioned = ddb_json_get(definition, "ProvisionedThroughput");
	TableWarmth	warmth = {0};

	if (on_demand)
		warmth = (TableWarmth) {WARM_READ_UNITS, WARM_WRITE_UNITS};
	if (provisioned != NULL)
	{
		warmth.read = Max(warmth.read,
						  ddb_request_int(provisioned, "ReadCapacityUnits", 0));
		warmth.write = Max(warmth.write,
						   ddb_request_int(provisioned, "WriteCapacityUnits", 0));
	}
	return warmth;
}

DdbTableStatus
table_warmth_status_of_new(const DdbJson *definition, bool on_demand)
{
	TableWarmth	asked = table_warmth(definition, on_demand);
	TableWarmth	unasked = warmth_unasked(definition, on_demand);

	return asked.read > unasked.read || asked.write > unasked.write ?
		DDB_TABLE_UPDATING : DDB_TABLE_CREATING;
}

TableWarmth
table_warmth_asked(const DdbJson *warm, TableWarmth now)
{
	if (warm != NULL)
	{
		now.read = Max(now.read, ddb_request_int(warm, warm_members[0], 0));
		now.write = Max(now.write, ddb_request_int(warm, warm_members[1], 0));
	}
	return now;
}

char *
table_warmth_json(TableWarmth warmth)
{
	return psprintf("{\"%s\":" INT64_FORMAT ",\"%s\":" INT64_FORMAT "}",
					warm_members[0], warmth.read, warm_members[1], warmth.write);
}

/* ------------------------------------------------------------- changes */

void
table_change_throughput(TableMembers *members, const TableChange *change,
						const DdbJson *definition, const DdbJson *throughput)
{
	const DdbJson *old = ddb_json_get(definition, "ProvisionedThroughput");

	/* Nothing was provisioned, which is less than any throughput. */
	if (old == NULL)
		old = ddb_json_make(DDB_JSON_OBJECT);
	table_set_member(members, "ProvisionedThroughput",
					 table_throughput_json(old, throughput));
	table_set_member(members, "WarmThroughput",
					 table_warmth_json(table_warmth(definition, change->was_on_demand)));
	if (change->on_demand != change->was_on_demand)
		table_set_member(members, "OnDemandThroughput", NULL);
}

void
table_check_throughput_differs(const DdbJson *definition, const char *index,
							   const DdbJson *throughput)
{
	const DdbJson *old = ddb_json_get(definition, "ProvisionedThroughput");
	const char *what = index != NULL ? "index" : "table";
	int64		before[lengthof(unit_members)] = {0};
	int64		after[lengthof(unit_members)];
	int			i;

	for (i = 0; i < lengthof(unit_members); i++)
	{
		if (old != NULL)
			before[i] = ddb_request_int(old, unit_members[i], 0);
		after[i] = ddb_request_int(throughput, unit_members[i], 0);
	}
	if (before[0] != after[0] || before[1] != after[1])
		return;
	ddb_error(DDB_ERROR_VALIDATION,
			  "The provisioned throughput for the %s%s%s will not change. The "
			  "requested value equals the current value. "
			  "Current %s provisioned for the %s: " INT64_FORMAT ". "
			  "Requested %s: " INT64_FORMAT ". "
			  "Current %s provisioned for the %s: " INT64_FORMAT ". "
			  "Requested %s: " INT64_FORMAT ". Refer to the Amazon DynamoDB "
			  "Developer Guide for current limits and how to request higher limits.",
			  what, index != NULL ? " " : "", index != NULL ? index : "",
			  unit_members[0], what, before[0], unit_members[0], after[0],
			  unit_members[1], what, before[1], unit_members[1], after[1]);
}

/*
 * Returns ProvisionedThroughput for a definition that changes to the throughput of
 * a request, or to none if that is NULL.  It includes the dates of the last increase
 * and decrease, unless old is NULL because the table or index is new.
 */
char *
table_throughput_json(const DdbJson *old, const DdbJson *throughput)
{
	const char *now = table_time_json(ddb_clock_now());
	bool		increased = false;
	bool		decreased = false;
	int			decreases = old != NULL ? decreases_today(old) : 0;
	int64		units[lengthof(unit_members)] = {0};
	DdbJsonWriter writer;
	int			i;

	for (i = 0; throughput != NULL && i < lengthof(unit_members); i++)
	{
		int64		before = old != NULL ? ddb_request_int(old, unit_members[i], 0) : 0;

		units[i] = ddb_request_int(throughput, unit_members[i], 0);
		increased |= old != NULL && units[i] > before;
		decreased |= old != NULL && units[i] < before;
	}
	if (decreased && ddb_setting_limit_decreases)
		check_decreases(old, decreases);

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	if (increased)
	{
		ddb_json_raw_member(&writer, "LastIncreaseDateTime", now);
	}
	else
		write_if_set(&writer, old, "LastIncreaseDateTime");
	if (decreased)
	{
		ddb_json_raw_member(&writer, "LastDecreaseDateTime", now);
	}
	else
		write_if_set(&writer, old, "LastDecreaseDateTime");
	ddb_json_int_member(&writer, "NumberOfDecreasesToday",
						decreases + (decreased ? 1 : 0));
	write_units(&writer, units[0], units[1]);
	ddb_json_end_object(&writer);
	return writer.buf.data;
}

DdbJson *
table_announce_throughput(DdbJson *old, const DdbJson *new)
{
	const DdbJson *before = ddb_json_get(old, "ProvisionedThroughput");
	const DdbJson *after = ddb_json_get(new, "ProvisionedThroughput");
	DdbJsonWriter writer;

	if (before == NULL || after == NULL)
		return old;
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	write_if_set(&writer, after, "LastIncreaseDateTime");
	write_if_set(&writer, after, "LastDecreaseDateTime");
	ddb_json_int_member(&writer, "NumberOfDecreasesToday", decreases_today(before));
	write_units(&writer, ddb_request_int(before, unit_members[0], 0),
				ddb_request_int(before, unit_members[1], 0));
	ddb_json_end_object(&writer);
	return table_replace_member(old, "ProvisionedThroughput",
								ddb_json_parse(writer.buf.data, writer.buf.len));
}

/* The stored number counts decreases on the day of the last one. */
static int
decreases_today(const DdbJson *throughput)
{
	int64		last = ddb_request_int(throughput, "LastDecreaseDateTime", 0);

	if (last / SECS_PER_DAY != now_in_seconds() / SECS_PER_DAY)
		return 0;
	return (int) ddb_request_int(throughput, "NumberOfDecreasesToday", 0);
}

static void
check_decreases(const DdbJson *throughput, int count)
{
	int64		last = ddb_request_int(throughput, "LastDecreaseDateTime", 0);

	if (count < FREE_DECREASES || now_in_seconds() >= last + DECREASE_SECONDS)
		return;
	ddb_error(DDB_ERROR_LIMIT_EXCEEDED,
			  "Subscriber limit exceeded: Provisioned throughput decreases are limited "
			  "within a given UTC day. After the first %d decreases, each subsequent "
			  "decrease in the same UTC day can be performed at most once every %d "
			  "seconds. Number of decreases today: %d. Last decrease at %s. Next "
			  "decrease can be made at %s",
			  FREE_DECREASES, DECREASE_SECONDS, count, long_date(last),
			  long_date(last + DECREASE_SECONDS));
}

/* "Wednesday, July 25, 2018 8:48:14 AM UTC" */
static const char *
long_date(int64 seconds)
{
	pg_time_t	time = seconds;
	struct pg_tm *tm = pg_gmtime(&time);
	char		day[64];
	char		rest[64];

	if (tm == NULL)
		return "";
	pg_strftime(day, sizeof(day), "%A, %B", tm);
	pg_strftime(rest, sizeof(rest), "%M:%S %p UTC", tm);
	return psprintf("%s %d, %d %d:%s", day, tm->tm_mday, tm->tm_year + 1900,
					(tm->tm_hour + 11) % 12 + 1, rest);
}

static int64
now_in_seconds(void)
{
	return ddb_clock_unix_microseconds(ddb_clock_now()) / USECS_PER_SEC;
}

/* Merges the members.  Returns NULL if no maximum is left. */
char *
table_maxima_json(const DdbJson *old, const DdbJson *maxima)
{
	DdbJsonWriter writer;
	bool		any = false;
	int			i;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	for (i = 0; i < lengthof(maximum_members); i++)
	{
		int64		units = -1;

		if (old != NULL)
			units = ddb_request_int(old, maximum_members[i], units);
		if (maxima != NULL)
			units = ddb_request_int(maxima, maximum_members[i], units);
		if (units == -1)
			continue;
		any = true;
		ddb_json_int_member(&writer, maximum_members[i], units);
	}
	ddb_json_end_object(&writer);
	return any ? writer.buf.data : NULL;
}

/* -------------------------------------------------------- descriptions */

void
table_write_throughput(DdbJsonWriter *writer, const DdbJson *definition,
					   bool on_demand)
{
	const DdbJson *throughput = ddb_json_get(definition, "ProvisionedThroughput");
	int64		units[lengthof(unit_members)] = {0};
	int			i;

	for (i = 0; !on_demand && throughput != NULL && i < lengthof(unit_members); i++)
		units[i] = ddb_request_int(throughput, unit_members[i], 0);

	ddb_json_name(writer, "ProvisionedThroughput");
	ddb_json_begin_object(writer);
	write_if_set(writer, throughput, "LastIncreaseDateTime");
	write_if_set(writer, throughput, "LastDecreaseDateTime");
	ddb_json_int_member(writer, "NumberOfDecreasesToday",
						throughput != NULL ? decreases_today(throughput) : 0);
	write_units(writer, units[0], units[1]);
	ddb_json_end_object(writer);
}

void
table_write_maxima(DdbJsonWriter *writer, const DdbJson *definition)
{
	write_if_set(writer, definition, "OnDemandThroughput");
}

void
table_write_warmth(DdbJsonWriter *writer, TableWarmth warmth, const char *status)
{
	ddb_json_name(writer, "WarmThroughput");
	ddb_json_begin_object(writer);
	ddb_json_int_member(writer, warm_members[0], warmth.read);
	ddb_json_int_member(writer, warm_members[1], warmth.write);
	ddb_json_string_member(writer, "Status", status);
	ddb_json_end_object(writer);
}

static void
write_units(DdbJsonWriter *writer, int64 reads, int64 writes)
{
	ddb_json_int_member(writer, unit_members[0], reads);
	ddb_json_int_member(writer, unit_members[1], writes);
}

static void
write_if_set(DdbJsonWriter *writer, const DdbJson *object, const char *member)
{
	const DdbJson *value = object != NULL ? ddb_json_get(object, member) : NULL;

	if (value == NULL)
		return;
	ddb_json_tree_member(writer, member, value);
}
