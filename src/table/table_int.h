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

/* How most of the service's complaints about parameters begin. */
#define TABLE_INVALID "One or more parameter values were invalid: "

/* ... and those about a table or index that is busy. */
#define TABLE_IN_USE \
	"Attempt to change a resource which is still in use: "

/* Limits of the service. */
#define TABLE_MAX_PROJECTED 100

/* Raise that this version does not know a member of the request. */
extern void table_refuse_member(const char *member) pg_attribute_noreturn();

/* ... if the request has one of these, which end with NULL. */
extern void table_refuse_members(const DdbJson *request,
								 const char *const *members);

/* The first element of a list, which may be NULL. */
extern const DdbJson *table_first(const DdbJson *list);

/* ------------------------------------------------------------- schemas */

typedef enum TableSchemaKind
{
	TABLE_SCHEMA_TABLE,
	TABLE_SCHEMA_LOCAL_INDEX,
	TABLE_SCHEMA_GLOBAL_INDEX
} TableSchemaKind;

/* AttributeDefinitions, in which many names are looked up. */
typedef struct TableDefinitions
{
	const DdbJson *list;
	const DdbJson **elements;	/* by place */
	DdbLookup	names;
} TableDefinitions;

extern TableDefinitions table_read_definitions(const DdbJson *list);

/*
 * A member of every element of a list, "" where it is absent; "more" is the
 * room that is left for others.
 */
extern DdbLookup table_collect(const DdbJson *list, const char *member, int more);
extern void table_collect_more(DdbLookup *lookup, const DdbJson *list,
							   const char *member);

/* Every name is defined, none twice, and their roles are in order. */
extern void table_check_key_schema(TableSchemaKind kind, const DdbJson *schema,
								   const TableDefinitions *definitions);

/* What holds for each global index of a request. */
extern void table_check_global_index(const DdbJson *index,
									 const TableDefinitions *definitions,
									 bool on_demand);

/* Its Projection, and that of a local index. */
extern void table_check_projection(const DdbJson *index);

/* How many attributes that names. */
extern int	table_projected_count(const DdbJson *definition);
extern void table_check_projected_count(int count);

/* The type of an attribute; DDB_TYPE_COUNT when it is not defined. */
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

/* "Schema:[SchemaElement: key{a:S:HASH}]": one there is, and a request's. */
extern const char *table_print_keys(TableKeySchema schema);
extern const char *table_print_schema(const DdbJson *schema,
									  const TableDefinitions *definitions);

/* Is the attribute one of a key schema? */
extern bool table_schema_names(const DdbJson *schema, const char *name);

/* ---------------------------------------------------------- throughput */

/* Is every request paid for?  Of a definition or a request of CreateTable. */
extern bool table_is_on_demand(const DdbJson *definition);

/*
 * Members of a request, of the table or, where index is not NULL, of that
 * index.  Each may be NULL, which nothing is wrong with.
 */
extern void table_check_units(const DdbJson *throughput, const char *index);
extern void table_check_quota(const DdbJson *throughput);
extern void table_check_maxima(const DdbJson *maxima, const char *index,
							   bool is_new);
extern void table_check_no_maxima(const DdbJson *maxima, const char *billing);

/* What a table or index can take at once. */
typedef struct TableWarmth
{
	int64		read;
	int64		write;
} TableWarmth;

extern TableWarmth table_warmth(const DdbJson *definition, bool on_demand);

/*
 * What is shown of the WarmThroughput of a table or index that is being made:
 * one that asks for more than it would have anyway is UPDATING at once.  That
 * is recorded (2025) of tables, and taken over for indexes.
 */
extern DdbTableStatus table_warmth_status_of_new(const DdbJson *definition,
												 bool on_demand);

/* WarmThroughput is not less than the table or index has anyway. */
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

/* The key's ARN; NULL where the specification asks for no key. */
extern char *table_encryption_key(const DdbJson *encryption);

extern char *table_encryption_json(const DdbJson *encryption);

/* --------------------------------------------------------- definitions */

/* Members of a definition: their new values, or NULL for those that go. */
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

/* The last word on a member is what counts. */
extern void table_set_member(TableMembers *members, const char *name,
							 const char *json);

/* A definition with these members changed; old may be NULL. */
extern char *table_definition(const DdbJson *old, const TableMembers *members);

/* AttributeDefinitions, sorted by name. */
extern char *table_attributes_json(const DdbJson *definitions);

/* The same with those added that the keys need and it lacks. */
extern char *table_more_attributes_json(const DdbJson *definitions,
										const DdbJson *more,
										const DdbJson *schema);

/* The definition of an index as a request describes it. */
extern char *table_index_definition(const DdbJson *index);

/* The same with one of its members replaced, as a tree. */
extern DdbJson *table_replace_member(const DdbJson *definition, const char *name,
									 DdbJson *value);

/* Values as JSON text: any, a string, a time as the service shows times. */
extern char *table_tree_json(const DdbJson *json);
extern char *table_string_json(const char *string);
extern char *table_time_json(TimestampTz time);

/*
 * Show a table or index (index_name may be NULL) in a status as long as
 * dynamo.control_plane_delay says.
 */
extern void table_show_status(const char *table_name, const char *index_name,
							  DdbTableStatus status);

/* -------------------------------------------------------- descriptions */

/* LocalSecondaryIndexes and GlobalSecondaryIndexes, where there are any. */
extern void table_write_indexes(DdbJsonWriter *writer, const DdbTable *table);

/* ------------------------------------------------------------- changes */

/* What becomes of one global index. */
typedef struct TableIndexChange
{
	const char *name;
	const char *definition;		/* NULL where it is deleted */
	DdbTableStatus status;		/* shown of it: CREATING, UPDATING, DELETING;
								 * ACTIVE for a change that takes no time */
} TableIndexChange;

/* UpdateTable, as far as it is known what it does. */
typedef struct TableChange
{
	const DdbJson *request;
	const DdbTable *table;		/* as it was before */
	bool		was_on_demand;
	bool		on_demand;		/* after the change */

	TableMembers	members;		/* of the table's definition */
	List	   *indexes;		/* TableIndexChange * */

	/* In the answer. */
	bool		updating;		/* the table is UPDATING */
	bool		show_new;		/* what it will be, rather than what it was */
	DdbTableDescription description;
} TableChange;

/*
 * What a change of throughput or billing mode makes of the definition of the
 * table or an index.  throughput is the request's, NULL where each request is
 * paid for.
 */
extern void table_change_throughput(TableMembers *members,
									const TableChange *change,
									const DdbJson *definition,
									const DdbJson *throughput);

/* Is that the throughput that it has already?  index is NULL for the table. */
extern void table_check_throughput_differs(const DdbJson *definition,
										   const char *index,
										   const DdbJson *throughput);

/*
 * The definition that was, as UpdateTable answers it: the units are those
 * before a change, its dates those of the new definition.
 */
extern DdbJson *table_announce_throughput(DdbJson *old, const DdbJson *new);

/*
 * GlobalSecondaryIndexUpdates, in the order in which it is judged: what can be
 * told without the table; which indexes there are, and their states; the
 * rest.
 */
extern void table_check_index_updates(const DdbJson *request);
extern void table_check_index_targets(const TableChange *change);
extern void table_check_every_index_has_throughput(const TableChange *change);
extern void table_plan_index_updates(TableChange *change);

/* Does the request create or delete an index? */
extern bool table_remakes_index(const DdbJson *request);

/* Carry it out, when the table's definition has been changed. */
extern void table_apply_index_changes(const TableChange *change);

#endif							/* DDB_TABLE_TABLE_INT_H */
