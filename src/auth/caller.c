/*
 * caller.c
 *	  The caller on whose behalf an operation is executed.
 */
#include "postgres.h"

#include "auth/caller.h"
#include "core/guc.h"
#include "miscadmin.h"

const char *
ddb_caller_principal(DdbCaller *caller)
{
	if (caller->principal == NULL)
		caller->principal = psprintf("arn:%s:iam::%s:user/%s",
									 ddb_settings_partition(),
									 ddb_setting_account_id,
									 GetUserNameFromId(caller->role, true));
	return caller->principal;
}
