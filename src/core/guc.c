/*
 * guc.c
 *	  The settings, dynamo.*, from the list in setting.def.
 */
#include "postgres.h"

#include <limits.h>
#include <unistd.h>

#include "core/compat.h"
#include "core/guc.h"
#include "core/inject.h"
#include "miscadmin.h"

#define DDB_SETTING_BOOL(variable, name, ...) bool ddb_setting_##variable;
#define DDB_SETTING_INT(variable, name, ...) int ddb_setting_##variable;
#define DDB_SETTING_STRING(variable, name, ...) char *ddb_setting_##variable;
#define DDB_SETTING_ENUM(variable, name, boot, ...) int ddb_setting_##variable = boot;
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING
#undef DDB_SETTING_ENUM

#define DDB_SETTING_BOOL(variable, name, ...)
#define DDB_SETTING_INT(variable, name, ...)
#define DDB_SETTING_STRING(variable, name, ...)
#define DDB_SETTING_ENUM(variable, name, boot, context, description, details, ...) \
static const struct config_enum_entry variable##_options[] = {__VA_ARGS__ {NULL, 0, false}};
#define DDB_OPTION(word, enumerator) {word, enumerator, false},
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING
#undef DDB_SETTING_ENUM
#undef DDB_OPTION

#ifdef DDB_FAULTS
char	   *ddb_fault_name = NULL;
#endif

/*
 * PGC_POSTMASTER settings cannot be defined when a session loads the library
 * after server start.  They have no effect then, and become PGC_SUSET.
 */
static GucContext
effective_context(GucContext context)
{
	if (context == PGC_POSTMASTER && !process_shared_preload_libraries_in_progress)
		return PGC_SUSET;
	return context;
}

void
ddb_settings_define(void)
{
#define DDB_SETTING_BOOL(variable, name, boot, context, description, details) \
	DefineCustomBoolVariable("dynamo." name, description, details, \
							 &ddb_setting_##variable, boot, \
							 effective_context(context), 0, NULL, NULL, NULL);
#define DDB_SETTING_INT(variable, name, boot, min, max, unit, context, description, details) \
	DefineCustomIntVariable("dynamo." name, description, details, \
							&ddb_setting_##variable, boot, min, max, \
							effective_context(context), unit, NULL, NULL, NULL);
#define DDB_SETTING_STRING(variable, name, boot, context, description, details) \
	DefineCustomStringVariable("dynamo." name, description, details, \
							   &ddb_setting_##variable, boot, \
							   effective_context(context), 0, NULL, NULL, NULL);
#define DDB_SETTING_ENUM(variable, name, boot, context, description, details, ...) \
	DefineCustomEnumVariable("dynamo." name, description, details, \
							 &ddb_setting_##variable, boot, variable##_options, \
							 effective_context(context), 0, NULL, NULL, NULL);
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING
#undef DDB_SETTING_ENUM

#ifdef DDB_FAULTS
	DefineCustomStringVariable("dynamo.fault",
							   "Fault that is switched on, for tests of tests.",
							   NULL, &ddb_fault_name, "", PGC_SUSET, 0,
							   NULL, NULL, NULL);
#endif

	MarkGUCPrefixReserved("dynamo");
}

const char *
ddb_settings_partition(void)
{
	if (strncmp(ddb_setting_region, "cn-", 3) == 0)
		return "aws-cn";
	if (strncmp(ddb_setting_region, "us-gov-", 7) == 0)
		return "aws-us-gov";
	return "aws";
}

void
ddb_settings_pin_common(void)
{
	static const DdbPin pins[] = {
		{"role", "none"},
		{"search_path", "pg_catalog, pg_temp"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"default_table_access_method", "heap"},
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		DDB_COMPAT_TIMEOUT_PINS
		{"session_replication_role", "origin"},
		{"plan_cache_mode", "auto"},
		{"jit", "off"},
	};

	ddb_settings_pin(pins, lengthof(pins));
}

void
ddb_settings_pin(const DdbPin *pins, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		SetConfigOption(pins[i].name, pins[i].value, PGC_SUSET, PGC_S_OVERRIDE);
}

int
ddb_settings_worker_count(void)
{
	long		processors;

	if (ddb_setting_workers >= 0)
		return Min(ddb_setting_workers, DDB_MAX_WORKERS);
	processors = sysconf(_SC_NPROCESSORS_ONLN);
	return Max(1, (int) Min(processors, DDB_MAX_WORKERS));
}
