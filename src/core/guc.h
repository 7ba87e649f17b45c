/*
 * guc.h
 *	  The settings, dynamo.*.
 */
#ifndef DDB_CORE_GUC_H
#define DDB_CORE_GUC_H

#include "postgres.h"
#include "utils/guc.h"

/* One variable per row of setting.def: ddb_setting_port, ... */
#define DDB_SETTING_BOOL(variable, name, ...) extern bool ddb_setting_##variable;
#define DDB_SETTING_INT(variable, name, ...) extern int ddb_setting_##variable;
#define DDB_SETTING_STRING(variable, name, ...) extern char *ddb_setting_##variable;
#define DDB_SETTING_ENUM(variable, name, boot, context, description, details, ...) \
	extern int ddb_setting_##variable;
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING
#undef DDB_SETTING_ENUM

/* The values of the ENUM settings: DDB_AUTH_ANY, ... */
#define DDB_SETTING_BOOL(variable, name, ...)
#define DDB_SETTING_INT(variable, name, ...)
#define DDB_SETTING_STRING(variable, name, ...)
#define DDB_SETTING_ENUM(variable, name, boot, context, description, details, ...) \
	enum {__VA_ARGS__};
#define DDB_OPTION(word, enumerator) enumerator,
#include "core/setting.def"
#undef DDB_SETTING_BOOL
#undef DDB_SETTING_INT
#undef DDB_SETTING_STRING
#undef DDB_SETTING_ENUM
#undef DDB_OPTION

/* The partition of AWS that dynamo.region is in: "aws", "aws-cn", ... */
extern const char *ddb_settings_partition(void);

/* Defines all settings; called when the library is loaded. */
extern void ddb_settings_define(void);

/* A setting and the value that it must have in one of our processes. */
typedef struct DdbPin
{
	const char *name;
	const char *value;
} DdbPin;

/*
 * Sets the given settings for the life of this process, overriding ALTER
 * DATABASE ... SET and ALTER ROLE ... SET.
 */
extern void ddb_settings_pin(const DdbPin *pins, int count);

/* The same for what all processes connected to the database pin. */
extern void ddb_settings_pin_common(void);

/* The maximum number of workers, and the number that is configured now. */
#define DDB_MAX_WORKERS 64
extern int	ddb_settings_worker_count(void);

#endif							/* DDB_CORE_GUC_H */
