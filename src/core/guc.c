/*
 * guc.c
 *	  The settings, dynamo.*, from the list in setting.def.
 */
#include "postgres.h"

#include <limits.h>
#include <unistd.h>

#include "core/guc.h"
#include "core/inject.h"
#include "miscadmin.h"

#define DDB_SETTING_BOOL(variable, name, ...) bool ddb_setting_##variable;
#define DDB_SETTING_INT(variable, name, ...) int ddb_setting_##variable;
#define DDB_SETTING_STRING(variable, name, ...) char *ddb_setting_##variable;
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING

int			ddb_setting_auth_mode = DDB_AUTH_ANY;

#ifdef DDB_FAULTS
char	   *ddb_fault_name = NULL;
#endif

static const struct config_enum_entry auth_modes[] = {
	{"any", DDB_AUTH_ANY, false},
	{NULL, 0, false}
};

/*
 * Settings that only count at start cannot be defined later, when the library
 * is loaded by a session: there they are shown as what they are, unused.
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
#define DDB_SETTING_BOOL(variable, name, boot, context, description) \
	DefineCustomBoolVariable("dynamo." name, description, NULL, \
							 &ddb_setting_##variable, boot, \
							 effective_context(context), 0, NULL, NULL, NULL);
#define DDB_SETTING_INT(variable, name, boot, min, max, unit, context, description) \
	DefineCustomIntVariable("dynamo." name, description, NULL, \
							&ddb_setting_##variable, boot, min, max, \
							effective_context(context), unit, NULL, NULL, NULL);
#define DDB_SETTING_STRING(variable, name, boot, context, description) \
	DefineCustomStringVariable("dynamo." name, description, NULL, \
							   &ddb_setting_##variable, boot, \
							   effective_context(context), 0, NULL, NULL, NULL);
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING

	DefineCustomEnumVariable("dynamo.auth_mode",
							 "How the access key of a request is judged.",
							 "any: every well-formed signature is accepted.",
							 &ddb_setting_auth_mode, DDB_AUTH_ANY, auth_modes,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
#ifdef DDB_FAULTS
	DefineCustomStringVariable("dynamo.fault",
							   "Fault that is switched on, for tests of tests.",
							   NULL, &ddb_fault_name, "", PGC_SUSET, 0,
							   NULL, NULL, NULL);
#endif

#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("dynamo");
#else
	EmitWarningsOnPlaceholders("dynamo");
#endif
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

int
ddb_settings_worker_count(void)
{
	long		processors;

	if (ddb_setting_workers >= 0)
		return Min(ddb_setting_workers, DDB_MAX_WORKERS);
	processors = sysconf(_SC_NPROCESSORS_ONLN);
	return Max(1, (int) Min(processors, DDB_MAX_WORKERS));
}
