/*
 * as_role.c
 *	  Runs a step of a request as the role of the request.
 */
#include "postgres.h"

#include "bgworker/as_role.h"
#include "commands/trigger.h"
#include "core/error.h"
#include "core/guc.h"
#include "core/inject.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/portal.h"

Oid
ddb_as_role_of_requests(void)
{
	const char *name = ddb_setting_default_role;
	Oid			role = get_role_oid(name, true);

	if (!OidIsValid(role))
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "role \"%s\", which dynamo.default_role names, does not exist",
				  name);
	if (superuser_arg(role))
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "role \"%s\", which dynamo.default_role names, is a superuser",
				  name);
	if (has_privs_of_role(role, ddb_meta_owner()))
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "role \"%s\", which dynamo.default_role names, owns the tables",
				  name);
	return role;
}

DdbAsRole
ddb_as_role_begin(Oid role)
{
	DdbAsRole	saved;

	GetUserIdAndSecContext(&saved.userid, &saved.security_context);
	if (saved.security_context != 0 || saved.userid != GetSessionUserId())
		elog(ERROR, "the role of an earlier request is still in force");
	saved.settings = NewGUCNestLevel();
	SetUserIdAndSecContext(role, SECURITY_LOCAL_USERID_CHANGE);
	return saved;
}

/*
 * The query of a cursor WITH HOLD is executed at the end of the transaction and
 * may call functions of users.  This does so as CommitTransaction() would, but
 * before the settings are restored.  Later requests have no use for the cursor.
 */
void
ddb_as_role_finish(const DdbAsRole *saved)
{
	do
		AfterTriggerFireDeferred();
	while (PreCommit_Portals(false));
	PortalHashTableDeleteAll();
	if (!ddb_fault("stale_settings"))
		AtEOXact_GUC(false, saved->settings);
}

void
ddb_as_role_end(const DdbAsRole *saved)
{
	if (!ddb_fault("stale_role"))
		SetUserIdAndSecContext(saved->userid, saved->security_context);
}
