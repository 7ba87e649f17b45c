/*
 * table_int.h
 *	  What the operations on tables share: CreateTable, UpdateTable and the
 *	  descriptions they answer.
 *
 * A definition is the jsonb object that the catalog keeps of a table or an
 * index (store/README.md); here it is a tree, or JSON text in stored form.
 */
#ifndef DDB_API_TABLE_INT_H
#define DDB_API_TABLE_INT_H

#include "api/api_int.h"
#include "value/lookup.h"

/* How most of the service's complaints about parameters begin. */
#define API_INVALID "One or more parameter values were invalid: "

/* ... and those about a table or index that is busy. */
#define API_IN_USE \
	"Attempt to change a resource which is still in use: "

/* Limits of the service. */
#define API_MAX_LOCAL_INDEXES 5
#define API_MAX_GLOBAL_INDEXES 20
#define API_MAX_PROJECTED 100
#define API_MAX_TABLE_UNITS 40000
#define API_MAX_ACCOUNT_UNITS 80000

/* Raise that this version does not know a member of the request. */
extern void api_refuse_member(const char *member) pg_attribute_noreturn();

/* ... if the request has one of these, which end with NULL. */
extern void api_refuse_members(const DdbJson *request,
							   const char *const *members);

/* Elements of a list, which may be NULL. */
extern const DdbJson *api_first(const DdbJson *list);

#define api_foreach(element, list) \
	for (element = api_first(list); element != NULL; element = element->next)

/* ------------------------------------------------------------- schemas */

typedef enum ApiSchemaKind
{
	API_SCHEMA_TABLE,
	API_SCHEMA_LOCAL_INDEX,
	API_SCHEMA_GLOBAL_INDEX
} ApiSchemaKind;

/* AttributeDefinitions, in which many names are looked up. */
typedef struct ApiDefinitions
{
	const DdbJson *list;
	const DdbJson **elements;	/* by place */
	DdbLookup	names;
} ApiDefinitions;

extern ApiDefinitions api_read_definitions(const DdbJson *list);

/*
 * A member of every element of a list, "" where it is absent; "more" is the
 * room that is left for others.
 */
extern DdbLookup api_collect(const DdbJson *list, const char *member, int more);
extern void api_collect_more(DdbLookup *lookup, const DdbJson *list,
							 const char *member);

/* Every name is defined, none twice, and their roles are in order. */
extern void api_check_key_schema(ApiSchemaKind kind, const DdbJson *schema,
								 const ApiDefinitions *definitions);

/* What holds for each global index of a request. */
extern void api_check_global_index(const DdbJson *index,
								   const ApiDefinitions *definitions,
								   bool on_demand);

/* Its Projection, and that of a local index. */
extern void api_check_projection(const DdbJson *index);

/* How many attributes that names. */
extern int	api_projected_count(const DdbJson *definition);
extern void api_check_projected_count(int count);

/* The type of an attribute; DDB_TYPE_COUNT when it is not defined. */
extern DdbType api_defined_type(const ApiDefinitions *definitions,
								const char *name);

/* "[a, b]": the AttributeNames of a list. */
extern const char *api_print_names(const DdbJson *list);

/* The attributes of a key: the first hash_count are HASH, the others RANGE. */
typedef struct ApiKeySchema
{
	const DdbKeyAttribute *keys;
	int			count;
	int			hash_count;
} ApiKeySchema;

/* "Schema:[SchemaElement: key{a:S:HASH}]": one there is, and a request's. */
extern const char *api_print_keys(ApiKeySchema schema);
extern const char *api_print_schema(const DdbJson *schema,
									const ApiDefinitions *definitions);

/* Is the attribute one of a key schema? */
extern bool api_schema_names(const DdbJson *schema, const char *name);

/* ---------------------------------------------------------- throughput */

/* Is every request paid for?  Of a definition or a request of CreateTable. */
extern bool api_is_on_demand(const DdbJson *definition);

/*
 * Members of a request, of the table or, where index is not NULL, of that
 * index.  Each may be NULL, which nothing is wrong with.
 */
extern void api_check_units(const DdbJson *throughput, const char *index);
extern void api_check_quota(const DdbJson *throughput);
extern void api_check_maxima(const DdbJson *maxima, const char *index,
							 bool is_new);
extern void api_check_no_maxima(const DdbJson *maxima, const char *billing);

/* What a table or index can take at once. */
typedef struct ApiWarmth
{
	int64		read;
	int64		write;
} ApiWarmth;

extern ApiWarmth api_warmth(const DdbJson *definition, bool on_demand);

/*
 * What is shown of the WarmThroughput of a table or index that is being made:
 * one that asks for more than it would have anyway is UPDATING at once.  That
 * is recorded (2025) of tables, and taken over for indexes.
 */
extern DdbTableStatus api_warmth_status_of_new(const DdbJson *definition,
											   bool on_demand);

/* WarmThroughput is not less than the table or index has anyway. */
extern void api_check_warm(const DdbJson *warm, const char *index,
						   const DdbJson *throughput);
extern void api_check_warmer(const DdbJson *warm, const char *index,
							 ApiWarmth now);

/* JSON text for definitions. */
extern char *api_throughput_json(const DdbJson *old,
								 const DdbJson *throughput);
extern char *api_maxima_json(const DdbJson *old, const DdbJson *maxima);
extern char *api_warmth_json(ApiWarmth warmth);
extern ApiWarmth api_warmth_asked(const DdbJson *warm, ApiWarmth now);

/* Members of descriptions. */
extern void api_write_throughput(DdbJsonWriter *writer,
								 const DdbJson *definition, bool on_demand);
extern void api_write_maxima(DdbJsonWriter *writer, const DdbJson *definition);
extern void api_write_warmth(DdbJsonWriter *writer, ApiWarmth warmth,
							 const char *status);

/* ---------------------------------------------------------- encryption */

/* SSESpecification of a request, which may be NULL. */
extern void api_check_encryption(const DdbJson *encryption);

/* The key's ARN; NULL where the specification asks for no key. */
extern char *api_encryption_key(const DdbJson *encryption);

extern char *api_encryption_json(const DdbJson *encryption);

/* --------------------------------------------------------- definitions */

/* Members of a definition: their new values, or NULL for those that go. */
#define API_MAX_MEMBERS 16

typedef struct ApiMembers
{
	int			count;
	struct
	{
		const char *name;
		const char *json;
	}			members[API_MAX_MEMBERS];
} ApiMembers;

/* The last word on a member is what counts. */
extern void api_set_member(ApiMembers *members, const char *name,
						   const char *json);

/* A definition with these members changed; old may be NULL. */
extern char *api_definition(const DdbJson *old, const ApiMembers *members);

/* AttributeDefinitions, sorted by name. */
extern char *api_attributes_json(const DdbJson *definitions);

/* The same with those added that the keys need and it lacks. */
extern char *api_more_attributes_json(const DdbJson *definitions,
									  const DdbJson *more,
									  const DdbJson *schema);

/* The definition of an index as a request describes it. */
extern char *api_index_definition(const DdbJson *index);

/* The same with one of its members replaced, as a tree. */
extern DdbJson *api_replace_member(const DdbJson *definition, const char *name,
								   DdbJson *value);

/* Values as JSON text: any, a string, a time as the service shows times. */
extern char *api_tree_json(const DdbJson *json);
extern char *api_string_json(const char *string);
extern char *api_time_json(TimestampTz time);

/*
 * Show a table or index (index_name may be NULL) in a status as long as
 * dynamo.control_plane_delay says.
 */
extern void api_show_status(const char *table_name, const char *index_name,
							DdbTableStatus status);

/* -------------------------------------------------------- descriptions */

/* What a description is to show that the table does not say. */
typedef struct ApiDescription
{
	bool		brief;			/* as of a table that is being deleted */
	bool		billing;		/* the billing mode is being changed */
	bool		encrypting;		/* so is the encryption */
	bool		warming;		/* and what the table is warm for */
} ApiDescription;

/*
 * One TableDescription object.  To show states that the table is not in, pass
 * a copy with them.
 */
extern void api_write_table_description(DdbJsonWriter *writer,
										const DdbTable *table,
										ApiDescription description);

/* LocalSecondaryIndexes and GlobalSecondaryIndexes, where there are any. */
extern void api_write_indexes(DdbJsonWriter *writer, const DdbTable *table);

/*
 * A copy of a descriptor, to show it in states that it is not in; what it
 * points to but for its indexes is shared.
 */
extern DdbTable *api_copy_table(const DdbTable *table);

/* ------------------------------------------------------------- changes */

/* What becomes of one global index. */
typedef struct ApiIndexChange
{
	const char *name;
	const char *definition;		/* NULL where it is deleted */
	DdbTableStatus status;		/* shown of it: CREATING, UPDATING, DELETING;
								 * ACTIVE for a change that takes no time */
} ApiIndexChange;

/* UpdateTable, as far as it is known what it does. */
typedef struct ApiTableChange
{
	const DdbJson *request;
	const DdbTable *table;		/* as it was before */
	bool		was_on_demand;
	bool		on_demand;		/* after the change */

	ApiMembers	members;		/* of the table's definition */
	List	   *indexes;		/* ApiIndexChange * */

	/* In the answer. */
	bool		updating;		/* the table is UPDATING */
	bool		show_new;		/* what it will be, rather than what it was */
	ApiDescription description;
} ApiTableChange;

/*
 * What a change of throughput or billing mode makes of the definition of the
 * table or an index.  throughput is the request's, NULL where each request is
 * paid for.
 */
extern void api_change_throughput(ApiMembers *members,
								  const ApiTableChange *change,
								  const DdbJson *definition,
								  const DdbJson *throughput);

/* Is that the throughput that it has already?  index is NULL for the table. */
extern void api_check_throughput_differs(const DdbJson *definition,
										 const char *index,
										 const DdbJson *throughput);

/*
 * The definition that was, as UpdateTable answers it: the units are those
 * before a change, its dates those of the new definition.
 */
extern DdbJson *api_announce_throughput(DdbJson *old, const DdbJson *new);

/*
 * GlobalSecondaryIndexUpdates, in the order in which it is judged: what can be
 * told without the table; which indexes there are, and their states; the
 * rest.
 */
extern void api_check_index_updates(const DdbJson *request);
extern void api_check_index_targets(const ApiTableChange *change);
extern void api_check_every_index_has_throughput(const ApiTableChange *change);
extern void api_plan_index_updates(ApiTableChange *change);

/* Does the request create or delete an index? */
extern bool api_remakes_index(const DdbJson *request);

/* Carry it out, when the table's definition has been changed. */
extern void api_apply_index_changes(const ApiTableChange *change);

#endif							/* DDB_API_TABLE_INT_H */
