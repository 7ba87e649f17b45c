/*
 * table_int.h
 *	  What the files of table/ share.
 *
 * A definition is the jsonb object that the catalog keeps of a table or an
 * index (store/README.md); here it is a tree, or JSON text in stored form.
 */
#ifndef DDB_TABLE_TABLE_INT_H
#define DDB_TABLE_TABLE_INT_H

#include "core/error.h"
#include "model/model.h"
#include "table/table.h"
#include "value/lookup.h"

/* The beginning of most of the service's errors about parameters. */
#define TABLE_INVALID "One or more parameter values were invalid: "

/* The beginning of its errors about a table or index that is in use. */
#define TABLE_IN_USE \
	"Attempt to change a resource which is still in use: "

/* Limits of the service. */
#define TABLE_MAX_PROJECTED 100

/* Raises the error for a member of a request that is not supported. */
extern void table_refuse_member(const char *member) pg_attribute_noreturn();

/* The same if the request has a member of this list, which ends with NULL. */
extern void table_refuse_members(const DdbJson *request,
								 const char *const *members);

/* Returns the first element of a list, which may be NULL. */
extern const DdbJson *table_first(const DdbJson *list);

/* ------------------------------------------------------------- schemas */

typedef enum TableSchemaKind
{
	TABLE_SCHEMA_TABLE,
	TABLE_SCHEMA_LOCAL_INDEX,
	TABLE_SCHEMA_GLOBAL_INDEX
} TableSchemaKind;

/* AttributeDefinitions, prepared for looking up many names. */
typedef struct TableDefinitions
{
	const DdbJson *list;
	const DdbJson **elements;	/* by position */
	DdbLookup	names;
} TableDefinitions;

extern TableDefinitions table_read_definitions(const DdbJson *list);

/*
 * Returns a lookup of a member of all elements of a list, with "" for an absent
 * member, and room for "more" other texts.
 */
extern DdbLookup table_collect(const DdbJson *list, const char *member, int more);
extern void table_collect_more(DdbLookup *lookup, const DdbJson *list,
							   const char *member);

/* Checks that each name is defined and unique, and the order of roles. */
extern void table_check_key_schema(TableSchemaKind kind, const DdbJson *schema,
								   const TableDefinitions *definitions);

/* Checks the global indexes of a request. */
extern void table_check_global_index(const DdbJson *index,
									 const TableDefinitions *definitions,
									 bool on_demand);

/* Checks the Projection of a global or local index. */
extern void table_check_projection(const DdbJson *index);

/* Returns the number of attributes that a Projection names. */
extern int	table_projected_count(const DdbJson *definition);
extern void table_check_projected_count(int count);

/* Returns the type of an attribute, DDB_TYPE_COUNT if it is not defined. */
extern DdbType table_defined_type(const TableDefinitions *definitions,
								  const char *name);

/* "[a, b]": the AttributeNames of a list. */
extern const char *table_print_names(const DdbJson *list);

/* The attributes of a key: the first hash_count are HASH, the others RANGE. */
typedef struct TableKeySchema
{
	const DdbKeyAttribute *keys;
	int			count;
	int			hash_count;
} TableKeySchema;

/* "Schema:[SchemaElement: key{a:S:HASH}]": of an index, and of a request. */
extern const char *table_print_keys(TableKeySchema schema);
extern const char *table_print_schema(const DdbJson *schema,
									  const TableDefinitions *definitions);

/* Returns whether the attribute is in a key schema. */
extern bool table_schema_names(const DdbJson *schema, const char *name);

/* ---------------------------------------------------------- throughput */

/* Returns whether a definition or CreateTable request has on-demand billing. */
extern bool table_is_on_demand(const DdbJson *definition);

/*
 * Check members of a request, of the table or, if index is not NULL, of that index.
 * Each member may be NULL.
 */
extern void table_check_units(const DdbJson *throughput, const char *index);
extern void table_check_quota(const DdbJson *throughput);
extern void table_check_maxima(const DdbJson *maxima, const char *index,
							   bool is_new);
extern void table_check_no_maxima(const DdbJson *maxima, const char *billing);

/* The throughput that a table or index can take at once. */
typedef struct TableWarmth
{
	int64		read;
	int64		write;
} TableWarmth;

extern TableWarmth table_warmth(const DdbJson *definition, bool on_demand);

/*
 * Returns the status of WarmThroughput of a table or index that is being created.
 * It is UPDATING if the request asks for more than the table or index has anyway.
 * This is recorded (2025) for tables, and assumed for indexes.
 */
extern DdbTableStatus table_warmth_status_of_new(const DdbJson *definition,
												 bool on_demand);

/* Checks that WarmThroughput is not less than the table or index has anyway. */
extern void table_check_warm(const DdbJson *warm, const char *index,
							 const DdbJson *throughput);
extern void table_check_warmer(const DdbJson *warm, const char *index,
							   TableWarmth now);

/* JSON text for definitions. */
extern char *table_throughput_json(const DdbJson *old,
								   const DdbJson *throughput);
extern char *table_maxima_json(const DdbJson *old, const DdbJson *maxima);
extern char *table_warmth_json(TableWarmth warmth);
extern TableWarmth table_warmth_asked(const DdbJson *warm, TableWarmth now);

/* Members of descriptions. */
extern void table_write_throughput(DdbJsonWriter *writer,
								   const DdbJson *definition, bool on_demand);
extern void table_write_maxima(DdbJsonWriter *writer, const DdbJson *definition);
extern void table_write_warmth(DdbJsonWriter *writer, TableWarmth warmth,
							   const char *status);

/* ---------------------------------------------------------- encryption */

/* SSESpecification of a request, which may be NULL. */
extern void table_check_encryption(const DdbJson *encryption);

/* Returns the ARN of the key, NULL if the specification asks for none. */
extern char *table_encryption_key(const DdbJson *encryption);

extern char *table_encryption_json(const DdbJson *encryption);

/* --------------------------------------------------------- definitions */

/* Changes of a definition: new values of members, NULL to remove one. */
#define TABLE_MAX_MEMBERS 16

typedef struct TableMembers
{
	int			count;
	struct
	{
		const char *name;
		const char *json;
	}			members[TABLE_MAX_MEMBERS];
} TableMembers;

/* Sets a member.  The last call for a member counts. */
extern void table_set_member(TableMembers *members, const char *name,
							 const char *json);

/* Returns a definition with these members changed.  old may be NULL. */
extern char *table_definition(const DdbJson *old, const TableMembers *members);

/* AttributeDefinitions, sorted by name. */
extern char *table_attributes_json(const DdbJson *definitions);

/* The same, plus the attributes that the keys need. */
extern char *table_more_attributes_json(const DdbJson *definitions,
										const DdbJson *more,
										const DdbJson *schema);

/* Returns the definition of an index that a request describes. */
extern char *table_index_definition(const DdbJson *index);

/* Returns a definition, as a tree, with one member replaced. */
extern DdbJson *table_replace_member(const DdbJson *definition, const char *name,
									 DdbJson *value);

/* Values as JSON text: a string, a time in the service's form. */
extern char *table_string_json(const char *string);
extern char *table_time_json(TimestampTz time);

/*
 * Shows a table, or an index if index_name is not NULL, in a status for
 * dynamo.control_plane_delay.
 */
extern void table_show_status(const char *table_name, const char *index_name,
							  DdbTableStatus status);

/* -------------------------------------------------------- descriptions */

/* Writes LocalSecondaryIndexes and GlobalSecondaryIndexes, if there are any. */
extern void table_write_indexes(DdbJsonWriter *writer, const DdbTable *table);

/* ------------------------------------------------------------- changes */

/* The change of one global index. */
typedef struct TableIndexChange
{
	const char *name;
	const char *definition;		/* NULL: it is deleted */
	DdbTableStatus status;		/* shown: CREATING, UPDATING, DELETING;
								 * ACTIVE for a change that takes no time */
} TableIndexChange;

/* The plan of an UpdateTable. */
typedef struct TableChange
{
	const DdbJson *request;
	const DdbTable *table;		/* before the change */
	bool		was_on_demand;
	bool		on_demand;		/* after the change */

	TableMembers	members;		/* of the table's definition */
	List	   *indexes;		/* TableIndexChange * */

	/* In the answer. */
	bool		updating;		/* the table is UPDATING */
	bool		show_new;		/* the definition after the change, not before */
	DdbTableDescription description;
} TableChange;

/*
 * Applies a change of throughput or billing mode to the definition of the table or
 * an index.  throughput is the request's, NULL for on-demand billing.
 */
extern void table_change_throughput(TableMembers *members,
									const TableChange *change,
									const DdbJson *definition,
									const DdbJson *throughput);

/* Returns whether throughput is unchanged.  index is NULL for the table. */
extern void table_check_throughput_differs(const DdbJson *definition,
										   const char *index,
										   const DdbJson *throughput);

/*
 * Returns the definition that UpdateTable shows in its answer: the units are those
 * before the change, the dates those after it.
 */
extern DdbJson *table_announce_throughput(DdbJson *old, const DdbJson *new);

/*
 * Check GlobalSecondaryIndexUpdates, in the service's order: what needs no table;
 * which indexes exist, and their states; the rest.
 */
extern void table_check_index_updates(const DdbJson *request);
extern void table_check_index_targets(const TableChange *change);
extern void table_check_every_index_has_throughput(const TableChange *change);
extern void table_plan_index_updates(TableChange *change);

/* Returns whether the request creates or deletes an index. */
extern bool table_remakes_index(const DdbJson *request);

/* Carries out the index changes, after the table's definition has changed. */
extern void table_apply_index_changes(const TableChange *change);

#endif							/* DDB_TABLE_TABLE_INT_H */
