/*
 * meta_rights.c
 *	  The rights to change and to describe a table.
 *
 * Items are protected by the privileges on the heap.  A table as a whole
 * belongs to the role that made it.  Members of that role, of dynamo_service
 * and of dynamo_admin may change and delete it.  A table without such a role
 * was made before roles were recorded; it belongs to dynamo_service.
 *
 * A role without any privilege on the heap is no longer its owner.  So if a
 * role is dropped and a role with the same name is created, the new role does
 * not get the old role's tables.
 */
#include "postgres.h"

#include "fmgr.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

static bool is_member_of(const char *role);
static bool is_owner(Oid relid, const char *owner_role);
static bool has_any_privilege(Oid relid, Oid role);
static bool may_describe(Oid relid, const char *owner_role);

PG_FUNCTION_INFO_V1(dynamo_catalog_may_describe);

DdbUser
ddb_meta_become_owner(void)
{
	DdbUser		user;

	GetUserIdAndSecContext(&user.userid, &user.security_context);
	SetUserIdAndSecContext(ddb_meta_owner(),
						   user.security_context | SECURITY_LOCAL_USERID_CHANGE);
	return user;
}

void
ddb_meta_restore_user(DdbUser user)
{
	SetUserIdAndSecContext(user.userid, user.security_context);
}

bool
ddb_meta_may_change(const DdbTable *table)
{
	return is_owner(table->relid, table->owner_role);
}

bool
ddb_meta_may_describe(const DdbTable *table)
{
	return may_describe(table->relid, table->owner_role);
}

/* dynamo_catalog.may_describe(heap oid, owner_role text): used by views. */
Datum
dynamo_catalog_may_describe(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
	const char *owner_role = PG_ARGISNULL(1) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(1));

	PG_RETURN_BOOL(may_describe(relid, owner_role));
}

static bool
may_describe(Oid relid, const char *owner_role)
{
	return has_any_privilege(relid, GetUserId()) || is_owner(relid, owner_role);
}

static bool
is_owner(Oid relid, const char *owner_role)
{
	if (is_member_of(DDB_ROLE_SERVICE) || is_member_of(DDB_ROLE_ADMIN) ||
		is_member_of(DDB_ROLE_OWNER))
		return true;
	return owner_role != NULL && is_member_of(owner_role) &&
		has_any_privilege(relid, get_role_oid(owner_role, true));
}

/* Superusers are members of every role. */
static bool
is_member_of(const char *role)
{
	Oid			roleid = get_role_oid(role, true);

	return OidIsValid(roleid) && has_privs_of_role(GetUserId(), roleid);
}

static bool
has_any_privilege(Oid relid, Oid role)
{
	return OidIsValid(relid) && OidIsValid(role) &&
		pg_class_aclmask(relid, role, ACL_ALL_RIGHTS_RELATION, ACLMASK_ANY) != 0;
}
