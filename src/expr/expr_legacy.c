/*
 * expr_legacy.c
 *	  Expected, QueryFilter, ScanFilter, KeyConditions, AttributesToGet and
 *	  AttributeUpdates, checked by their own rules and converted into the trees
 *	  of expressions.
 *
 * Attribute names are not paths here: a dot is part of the name.  Comparisons
 * have the same meaning as in expressions; only their errors differ.
 */
#include "postgres.h"

#include "core/pause.h"
#include "expr/expr_int.h"

/* The beginning of nearly every error in this file. */
#define INVALID "One or more parameter values were invalid: "

/* One attribute of Expected, a filter or KeyConditions. */
typedef struct LegacyEntry
{
	const DdbOperation *operation;
	const DdbJson *json;		/* its name is the attribute's name */
	DdbComparison comparison;
	int			count;
	DdbValue  **arguments;
} LegacyEntry;

static DdbCondition *lower_conditions(const DdbOperation *operation,
									  const DdbJson *request,
									  const DdbJson *entries,
									  void (*read) (LegacyEntry *entry));
static void read_expected(LegacyEntry *entry);
static void read_expected_comparison(LegacyEntry *entry);
static void read_expected_existence(LegacyEntry *entry);
static void read_comparison(LegacyEntry *entry);
static void check_argument_count(const LegacyEntry *entry, int count);
static void read_arguments(LegacyEntry *entry, const DdbJson *list);
static void check_same_type(const LegacyEntry *entry);
static void check_types(const LegacyEntry *entry);
static void check_bounds(const LegacyEntry *entry);
static DdbNode *lower_entry(const LegacyEntry *entry, DdbNode *path);
static DdbNode *lower_not_contains(DdbNode *contains, DdbText attribute);
static void check_distinct_names(const DdbOperation *operation,
								 const DdbJson *names);
static DdbAction *read_attribute_update(const DdbOperation *operation,
										const DdbJson *json);
static void check_attribute_update(const DdbOperation *operation,
								   DdbActionKind kind, const DdbValue *value);

/* -------------------------------------------------- Expected and filters */

DdbCondition *
ddb_legacy_expected(const DdbOperation *operation, const DdbJson *request)
{
	return lower_conditions(operation, request,
							ddb_json_get(request, "Expected"), read_expected);
}

DdbCondition *
ddb_legacy_filter(const DdbOperation *operation, const DdbJson *request,
				  const char *parameter)
{
	return lower_conditions(operation, request,
							ddb_json_get(request, parameter), read_comparison);
}

void
ddb_legacy_check_conditional_operator(const DdbOperation *operation,
									  const DdbJson *request)
{
	const char *parameter = ddb_expression_parameters(operation)->conditional;
	const DdbJson *entries;

	if (parameter == NULL ||
		ddb_json_get(request, "ConditionalOperator") == NULL)
		return;
	entries = ddb_json_get(request, parameter);
	if (entries == NULL || entries->count == 0)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 "ConditionalOperator cannot be used without Filter or Expected");
	if (entries->count == 1)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 "ConditionalOperator can only be used when Filter or Expected has two or more elements");
}

static DdbCondition *
lower_conditions(const DdbOperation *operation, const DdbJson *request,
				 const DdbJson *entries, void (*read) (LegacyEntry *entry))
{
	const char *joint = ddb_request_string(request, "ConditionalOperator", "AND");
	DdbCondition *condition;

	if (entries == NULL || entries->count == 0)
		return NULL;
	condition = palloc0(sizeof(DdbCondition));
	condition->root = ddb_node_make(strcmp(joint, "OR") == 0 ? DDB_NODE_OR :
									DDB_NODE_AND);
	ddb_json_foreach(json, entries)
	{
		LegacyEntry entry = {.operation = operation, .json = json};
		DdbNode    *path = ddb_node_make_attribute(json->name);

		read(&entry);
		ddb_node_append(condition->root, lower_entry(&entry, path));
		condition->paths = lappend(condition->paths, &path->path);
	}
	return condition;
}

/* Reads an attribute of Expected, in either of its two forms. */
static void
read_expected(LegacyEntry *entry)
{
	const DdbJson *json = entry->json;
	const DdbJson *list = ddb_json_get(json, "AttributeValueList");

	if (list != NULL && ddb_json_get(json, "Value") != NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Value and AttributeValueList cannot be used together for Attribute: %.*s",
							 json->name.len, json->name.data);
	if (ddb_json_get(json, "ComparisonOperator") != NULL)
	{
		read_expected_comparison(entry);
		return;
	}
	if (list != NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "AttributeValueList can only be used with a ComparisonOperator for Attribute: %.*s",
							 json->name.len, json->name.data);
	read_expected_existence(entry);
}

static DdbComparison
find_comparison(const DdbJson *json)
{
	const char *name = ddb_request_string(json, "ComparisonOperator", "");
	DdbComparison comparison;

	for (comparison = 0; comparison < DDB_COMPARISON_COUNT; comparison++)
	{
		if (strcmp(ddb_comparison_info[comparison].name, name) == 0)
			return comparison;
	}
	Assert(false);				/* the model allows no other name */
	return DDB_COMPARISON_EQ;
}

static void
read_expected_comparison(LegacyEntry *entry)
{
	const DdbJson *json = entry->json;
	const DdbJson *list = ddb_json_get(json, "AttributeValueList");
	const DdbJson *value = ddb_json_get(json, "Value");
	const DdbComparisonInfo *info;

	entry->comparison = find_comparison(json);
	info = &ddb_comparison_info[entry->comparison];
	if (ddb_json_get(json, "Exists") != NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Exists and ComparisonOperator cannot be used together for Attribute: %.*s",
							 json->name.len, json->name.data);
	if (info->min_arguments > 0 && list == NULL && value == NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %.*s",
							 info->name, json->name.len, json->name.data);

	check_argument_count(entry,
						 list != NULL ? list->count : value != NULL);
	if (list != NULL)
		read_arguments(entry, list);
	else if (value != NULL)
	{
		entry->arguments = palloc(sizeof(DdbValue *));
		entry->arguments[0] = ddb_validate_value(entry->operation, value);
		entry->count = 1;
	}
	check_same_type(entry);
	check_types(entry);
	check_bounds(entry);
}

/* Reads {Value, Exists}: the attribute equals the value, or is absent. */
static void
read_expected_existence(LegacyEntry *entry)
{
	const DdbJson *json = entry->json;
	const DdbJson *value = ddb_json_get(json, "Value");
	bool		is_null = ddb_json_get(json, "Exists") == NULL;
	bool		exists = ddb_request_bool(json, "Exists", true);

	if (exists && value == NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Value must be provided when Exists is %s for Attribute: %.*s",
							 is_null ? "null" : "true",
							 json->name.len, json->name.data);
	if (!exists && value != NULL)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Value cannot be used when Exists is false for Attribute: %.*s",
							 json->name.len, json->name.data);
	if (!exists)
	{
		entry->comparison = DDB_COMPARISON_NULL;
		return;
	}
	entry->comparison = DDB_COMPARISON_EQ;
	entry->arguments = palloc(sizeof(DdbValue *));
	entry->arguments[0] = ddb_validate_value(entry->operation, value);
	entry->count = 1;
}

/* Reads an attribute of a filter or of KeyConditions. */
static void
read_comparison(LegacyEntry *entry)
{
	const DdbJson *list = ddb_json_get(entry->json, "AttributeValueList");

	entry->comparison = find_comparison(entry->json);
	if (list != NULL)
		read_arguments(entry, list);
	check_argument_count(entry, entry->count);
	check_same_type(entry);
	check_types(entry);
	check_bounds(entry);
}

static void
check_argument_count(const LegacyEntry *entry, int count)
{
	const DdbComparisonInfo *info = &ddb_comparison_info[entry->comparison];

	if (count < info->min_arguments || count > info->max_arguments)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "Invalid number of argument(s) for the %s ComparisonOperator",
							 info->name);
}

static void
read_arguments(LegacyEntry *entry, const DdbJson *list)
{

	entry->arguments = palloc(list->count * sizeof(DdbValue *));
	ddb_json_foreach(element, list)
		entry->arguments[entry->count++] =
			ddb_validate_value(entry->operation, element);
}

static void
check_same_type(const LegacyEntry *entry)
{
	int			i;

	for (i = 1; i < entry->count; i++)
	{
		if (entry->arguments[i]->type != entry->arguments[0]->type)
			ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
								 INVALID "AttributeValues inside AttributeValueList must be of same type");
	}
}

static void
check_types(const LegacyEntry *entry)
{
	const DdbComparisonInfo *info = &ddb_comparison_info[entry->comparison];

	if (entry->count > 0 &&
		(info->types & (1 << entry->arguments[0]->type)) == 0)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 INVALID "ComparisonOperator %s is not valid for %s AttributeValue type",
							 info->name,
							 ddb_type_tag(entry->arguments[0]->type));
}

/* Only bounds of an ordered type can be in the wrong order. */
static void
check_bounds(const LegacyEntry *entry)
{
	if (entry->comparison == DDB_COMPARISON_BETWEEN && entry->arguments != NULL &&
		ddb_type_is_scalar_key(entry->arguments[0]->type) &&
		ddb_value_compare(entry->arguments[0], entry->arguments[1]) > 0)
		ddb_validation_error(entry->operation, DDB_VALIDATION_LEGACY,
							 "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
}

static DdbNode *
lower_entry(const LegacyEntry *entry, DdbNode *path)
{
	DdbNode    *node = ddb_node_make(ddb_comparison_info[entry->comparison].kind);
	int			i;

	ddb_node_append(node, path);
	for (i = 0; i < entry->count; i++)
		ddb_node_append(node, ddb_node_make_value(entry->arguments[i]));
	if (entry->comparison == DDB_COMPARISON_NOT_CONTAINS)
		return lower_not_contains(node, entry->json->name);
	return node;
}

/* NOT alone would be true for an absent attribute. */
static DdbNode *
lower_not_contains(DdbNode *contains, DdbText attribute)
{
	DdbNode    *negation = ddb_node_make(DDB_NODE_NOT);
	DdbNode    *exists = ddb_node_make(DDB_NODE_ATTRIBUTE_EXISTS);
	DdbNode    *both = ddb_node_make(DDB_NODE_AND);

	ddb_node_append(negation, contains);
	ddb_node_append(exists, ddb_node_make_attribute(attribute));
	ddb_node_append(both, exists);
	ddb_node_append(both, negation);
	return both;
}

/* ---------------------------------------------------------- KeyConditions */

List *
ddb_legacy_key_conditions(const DdbOperation *operation, const DdbJson *request)
{
	const DdbJson *entries = ddb_json_get(request, "KeyConditions");
	List	   *conditions = NIL;

	if (entries == NULL)
		return NIL;
	ddb_json_foreach(json, entries)
	{
		LegacyEntry entry = {.operation = operation, .json = json};
		DdbKeyCondition *condition = palloc0(sizeof(DdbKeyCondition));

		read_comparison(&entry);
		condition->attribute = json->name;
		condition->comparison = entry.comparison;
		condition->count = entry.count;
		condition->operands = entry.arguments;
		condition->legacy = true;
		conditions = lappend(conditions, condition);
	}
	return conditions;
}

/* -------------------------------------------------------- AttributesToGet */

DdbProjection *
ddb_legacy_attributes_to_get(const DdbOperation *operation,
							 const DdbJson *request)
{
	const DdbJson *names = ddb_json_get(request, "AttributesToGet");
	DdbProjection *projection;

	if (names == NULL)
		return NULL;
	check_distinct_names(operation, names);
	projection = palloc(sizeof(DdbProjection));
	projection->count = 0;
	projection->paths = palloc(names->count * sizeof(DdbPath));
	ddb_json_foreach(name, names)
	{
		DDB_PAUSE_POINT();
		projection->paths[projection->count++] =
			ddb_node_make_attribute(name->text)->path;
	}
	return projection;
}

typedef struct NamePosition
{
	DdbText		name;
	int			position;
} NamePosition;

static int
compare_names(const void *left, const void *right)
{
	const NamePosition *one = left;
	const NamePosition *two = right;
	int			order = ddb_text_compare(one->name, two->name);

	DDB_PAUSE_POINT();
	return order != 0 ? order : one->position - two->position;
}

/* The list may be long, so sort it to find the first repeated name. */
static void
check_distinct_names(const DdbOperation *operation, const DdbJson *names)
{
	NamePosition *sorted = palloc(names->count * sizeof(NamePosition));
	const NamePosition *repeated = NULL;
	int			count = 0;
	int			i;

	ddb_json_foreach(name, names)
	{
		sorted[count].name = name->text;
		sorted[count].position = count;
		count++;
	}
	qsort(sorted, count, sizeof(NamePosition), compare_names);
	for (i = 1; i < count; i++)
	{
		if (ddb_text_equal(sorted[i - 1].name, sorted[i].name) &&
			(repeated == NULL || sorted[i].position < repeated->position))
			repeated = &sorted[i];
	}
	if (repeated != NULL)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 INVALID "Duplicate value in attribute name: %.*s",
							 repeated->name.len, repeated->name.data);
	pfree(sorted);
}

/* ------------------------------------------------------- AttributeUpdates */

DdbUpdate *
ddb_legacy_attribute_updates(const DdbOperation *operation,
							 const DdbJson *request)
{
	const DdbJson *entries = ddb_json_get(request, "AttributeUpdates");
	DdbUpdate  *update;

	if (entries == NULL)
		return NULL;
	update = palloc0(sizeof(DdbUpdate));
	update->legacy = true;
	update->targets.paths = palloc(entries->count * sizeof(DdbPath));
	ddb_json_foreach(json, entries)
	{
		DdbAction  *action = read_attribute_update(operation, json);

		update->actions = lappend(update->actions, action);
		update->targets.paths[update->targets.count++] = action->target->path;
	}
	return update;
}

/* Converts PUT to SET, and DELETE without a value to REMOVE. */
static DdbAction *
read_attribute_update(const DdbOperation *operation, const DdbJson *json)
{
	DdbAction  *action = palloc0(sizeof(DdbAction));
	const DdbJson *value = ddb_json_get(json, "Value");
	const char *name = ddb_request_string(json, "Action", "PUT");

	action->kind = DDB_ACTION_SET;
	if (strcmp(name, "ADD") == 0)
		action->kind = DDB_ACTION_ADD;
	else if (strcmp(name, "DELETE") == 0)
		action->kind = value == NULL ? DDB_ACTION_REMOVE : DDB_ACTION_DELETE;

	if (value == NULL && action->kind != DDB_ACTION_REMOVE)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 INVALID "Only DELETE action is allowed when no attribute value is specified");
	if (json->name.len == 0)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 INVALID "Empty attribute name");
	action->target = ddb_node_make_attribute(json->name);
	if (value != NULL)
	{
		action->value = ddb_node_make_value(ddb_validate_value(operation, value));
		check_attribute_update(operation, action->kind, action->value->value);
	}
	return action;
}

static void
check_attribute_update(const DdbOperation *operation, DdbActionKind kind,
					   const DdbValue *value)
{
	bool		is_set = ddb_type_is_set(value->type);

	if (kind == DDB_ACTION_DELETE && !is_set)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 INVALID "DELETE action with value is not supported for the type %s",
							 ddb_type_tag(value->type));
	if (kind == DDB_ACTION_ADD && !is_set &&
		value->type != DDB_TYPE_N && value->type != DDB_TYPE_L)
		ddb_validation_error(operation, DDB_VALIDATION_LEGACY,
							 INVALID "ADD action is not supported for the type %s",
							 ddb_type_tag(value->type));
}
