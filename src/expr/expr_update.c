/*
 * expr_update.c
 *	  Applying an update to an item.
 *
 * Every path and every right-hand side refers to the item as it was before the
 * update.  So the work is done in two steps.  First, each action, in order,
 * becomes an edit: a path and its new value, or NULL for a removal.  All
 * run-time errors are raised in this step.  Then one walk rebuilds the maps
 * and lists that lead to edits.  Everything else is shared with the old item.
 *
 * Edits are sorted by path, so the edits below one map or list are adjacent
 * and list indexes ascend.  The paths neither overlap nor conflict: no edit
 * lies below another, and the edits below one value use either only names or
 * only indexes.
 */
#include "postgres.h"

#include "core/pause.h"
#include "expr/expr_int.h"

/* Bytes in addition to names and values, as measured at the service's limit. */
#define UPDATE_OVERHEAD 3
#define ASSIGNMENT_OVERHEAD 19	/* SET, ADD */
#define REMOVAL_OVERHEAD 2		/* REMOVE, DELETE */

/* With up to this many edits, each edit searches the map sequentially. */
#define FEW_EDITS 16

typedef struct UpdateRun
{
	const DdbUpdate *update;
	const DdbOperation *operation;
	const DdbValue *item;
	DdbDocument document;		/* the same item */
} UpdateRun;

typedef struct Edit
{
	const DdbPath *path;
	DdbValue   *value;			/* NULL: the path is removed */
} Edit;

static const DdbValue *least_value(const DdbNode *node);
static bool is_removal(const DdbAction *action);
static int64 size_of_names(const DdbPath *path);
static int64 size_of_values(const DdbNode *node);
static Edit make_edit(UpdateRun *run, const DdbAction *action);
static void check_parent(UpdateRun *run, const DdbPath *path);
static void check_depth(const UpdateRun *run, const Edit *edit);
static DdbValue *compute_operand(UpdateRun *run, const DdbNode *node);
static DdbValue *compute_present(UpdateRun *run, const DdbNode *node);
static DdbValue *compute_list(UpdateRun *run, const DdbNode *node);
static bool is_computed_list(UpdateRun *run, const DdbNode *node);
static DdbValue *compute_sum(UpdateRun *run, const DdbNode *node);
static DdbValue *add_values(const UpdateRun *run, DdbValue *old, DdbValue *addend);
static DdbValue *delete_values(const UpdateRun *run, DdbValue *old,
							   DdbValue *removed);
static DdbValue *number_or_error(const UpdateRun *run, DdbNumberStatus status,
								 DdbText number);
static DdbValue *append_lists(const UpdateRun *run, const DdbValue *left,
							  const DdbValue *right);
static void operand_error(const UpdateRun *run) pg_attribute_noreturn();
static int	compare_edits(const void *left, const void *right);
static void look_up_attributes(DdbLookup *names, const DdbValue *map, int edits);
static DdbValue *rebuild(const DdbValue *old, const Edit *edits, int count,
						 int depth);
static DdbValue *rebuild_map(const DdbValue *old, const Edit *edits, int count,
							 int depth);
static DdbValue *rebuild_list(const DdbValue *old, const Edit *edits, int count,
							  int depth);

const DdbProjection *
ddb_update_targets(const DdbUpdate *update)
{
	static const DdbProjection none = {.count = 0};

	return update == NULL ? &none : &update->targets;
}

List *
ddb_update_paths(const DdbUpdate *update)
{
	return update == NULL ? NIL : update->paths;
}

const DdbValue *
ddb_update_literal(const DdbUpdate *update, DdbText name)
{
	ListCell   *lc;

	if (update == NULL)
		return NULL;
	foreach(lc, update->actions)
	{
		const DdbAction *action = lfirst(lc);
		const DdbPath *path = &action->target->path;

		if (action->kind != DDB_ACTION_SET && action->kind != DDB_ACTION_ADD)
			continue;
		if (path->count == 1 && ddb_text_equal(path->elements[0].name, name))
			return least_value(action->value);
	}
	return NULL;
}

/*
 * A sum is always a number, and list_append() always returns a list.  The
 * result of if_not_exists() depends on the item, as the value of a path does.
 */
static const DdbValue *
least_value(const DdbNode *node)
{
	static const DdbValue number = {
		.type = DDB_TYPE_N, .text = {.data = "0", .len = 1}
	};
	static const DdbValue list = {.type = DDB_TYPE_L};

	if (node->kind == DDB_NODE_VALUE)
		return node->value;
	if (ddb_node_info[node->kind].group == DDB_GROUP_ARITHMETIC)
		return &number;
	return node->kind == DDB_NODE_LIST_APPEND ? &list : NULL;
}

/*
 * The size counts what the update writes, as given in the request: names and
 * values, and some bytes for every action.  The key does not count.  Neither
 * do attributes that the update leaves alone (live answers of 2026; older
 * records said they do).
 */
int64
ddb_update_size(const DdbUpdate *update)
{
	int64		size = UPDATE_OVERHEAD;
	ListCell   *lc;

	if (update == NULL)
		return size;
	foreach(lc, update->actions)
	{
		const DdbAction *action = lfirst(lc);

		size += is_removal(action) ? REMOVAL_OVERHEAD : ASSIGNMENT_OVERHEAD;
		if (action->kind != DDB_ACTION_REMOVE)
			size += size_of_names(&action->target->path) +
				size_of_values(action->value);
	}
	return size;
}

/*
 * If there is no item, an update that only removes does not create one.  Paths
 * without a parent are no error then.  A live answer shows this for REMOVE;
 * DELETE from sets and AttributeUpdates do the same by analogy.
 */
bool
ddb_update_makes_item(const DdbUpdate *update)
{
	ListCell   *lc;

	if (update == NULL || update->actions == NIL)
		return true;
	foreach(lc, update->actions)
	{
		if (!is_removal(lfirst(lc)))
			return true;
	}
	return false;
}

static bool
is_removal(const DdbAction *action)
{
	return action->kind == DDB_ACTION_REMOVE ||
		action->kind == DDB_ACTION_DELETE;
}

static int64
size_of_names(const DdbPath *path)
{
	int64		size = 0;

	for (int i = 0; i < path->count; i++)
	{
		if (path->elements[i].name.data != NULL)
			size += ddb_text_decoded_length(path->elements[i].name);
	}
	return size;
}

/* Counts only values in the request.  A path in an operand adds nothing. */
static int64
size_of_values(const DdbNode *node)
{
	int64		size = node->kind == DDB_NODE_VALUE ? ddb_value_size(node->value) : 0;

	for (const DdbNode *child = node->first; child != NULL; child = child->next)
		size += size_of_values(child);
	return size;
}

DdbValue *
ddb_update_apply(const DdbUpdate *update, const DdbOperation *operation,
				 const DdbValue *item)
{
	UpdateRun	run = {
		.update = update,
		.operation = operation,
		.item = item,
		.document = {.item = item},
	};
	int			count = 0;
	Edit	   *edits;
	DdbLookup	names;
	ListCell   *lc;

	if (update == NULL || update->actions == NIL)
		return ddb_value_make_map(item->count, item->attributes);

	look_up_attributes(&names, item, list_length(update->actions));
	run.document.names = &names;
	edits = palloc(list_length(update->actions) * sizeof(Edit));
	foreach(lc, update->actions)
		edits[count++] = make_edit(&run, lfirst(lc));
	qsort(edits, count, sizeof(Edit), compare_edits);
	return rebuild(item, edits, count, 0);
}

/* --------------------------------------------------- actions to edits */

/* Computes the value first: its errors precede those of the path. */
static Edit
make_edit(UpdateRun *run, const DdbAction *action)
{
	Edit		edit = {.path = &action->target->path};
	DdbValue   *value = NULL;
	DdbValue   *old;

	if (action->kind == DDB_ACTION_SET)
		value = compute_present(run, action->value);
	check_parent(run, edit.path);
	old = ddb_document_resolve(&run->document, edit.path);

	switch (action->kind)
	{
		case DDB_ACTION_SET:
			edit.value = value;
			break;
		case DDB_ACTION_REMOVE:
			edit.value = NULL;
			break;
		case DDB_ACTION_ADD:
			edit.value = add_values(run, old, action->value->value);
			break;
		case DDB_ACTION_DELETE:
			edit.value = delete_values(run, old, action->value->value);
			break;
	}
	check_depth(run, &edit);
	return edit;
}

/* The parent must be a map for a name and a list for an index. */
static void
check_parent(UpdateRun *run, const DdbPath *path)
{
	DdbPath		parent = {.count = path->count - 1, .elements = path->elements};
	const DdbPathElement *leaf = &path->elements[path->count - 1];
	const DdbValue *container;

	if (parent.count == 0)
		return;
	container = ddb_document_resolve(&run->document, &parent);
	if (container == NULL ||
		container->type != (leaf->name.data != NULL ? DDB_TYPE_M : DDB_TYPE_L))
		ddb_validation_error(run->operation, DDB_VALIDATION_OTHER,
							 "The document path provided in the update expression is invalid for update");
}

/* The value of a top-level attribute is at level 1. */
static void
check_depth(const UpdateRun *run, const Edit *edit)
{
	if (edit->value != NULL &&
		edit->path->count - 1 + ddb_value_depth(edit->value) > DDB_VALUE_MAX_LEVEL)
		ddb_validation_error(run->operation, DDB_VALIDATION_OTHER,
							 "Nesting Levels have exceeded supported limits");
}

/* Returns NULL only for a path that does not exist in the item. */
static DdbValue *
compute_operand(UpdateRun *run, const DdbNode *node)
{
	if (node->kind == DDB_NODE_VALUE)
		return node->value;
	if (node->kind == DDB_NODE_PATH)
		return ddb_document_resolve(&run->document, &node->path);
	if (node->kind == DDB_NODE_LIST_APPEND)
		return compute_list(run, node);
	if (node->kind == DDB_NODE_IF_NOT_EXISTS)
	{
		DdbValue   *value = compute_operand(run, node->first);

		/* the default is not evaluated if the path exists */
		return value != NULL ? value : compute_present(run, node->last);
	}
	return compute_sum(run, node);
}

static DdbValue *
compute_present(UpdateRun *run, const DdbNode *node)
{
	DdbValue   *value = compute_operand(run, node);

	if (value == NULL)
		ddb_validation_error(run->operation, DDB_VALIDATION_OTHER,
							 "The provided expression refers to an attribute that does not exist in the item");
	return value;
}

/*
 * A chain of list_append() calls, possibly with if_not_exists() in between,
 * keeps only one intermediate result at a time.
 */
static DdbValue *
compute_list(UpdateRun *run, const DdbNode *node)
{
	DdbValue   *left = compute_present(run, node->first);
	DdbValue   *right = compute_present(run, node->last);
	DdbValue   *result;

	if (left->type != DDB_TYPE_L || right->type != DDB_TYPE_L)
		operand_error(run);
	result = append_lists(run, left, right);
	if (is_computed_list(run, node->first))
		pfree(left->values);
	if (is_computed_list(run, node->last))
		pfree(right->values);
	return result;
}

/*
 * Returns whether this action built the list and so may free it.  An example
 * is if_not_exists(a, list_append(b, c)).
 */
static bool
is_computed_list(UpdateRun *run, const DdbNode *node)
{
	if (node->kind == DDB_NODE_IF_NOT_EXISTS)
		return ddb_document_resolve(&run->document, &node->first->path) == NULL &&
			is_computed_list(run, node->last);
	return node->kind == DDB_NODE_LIST_APPEND;
}

static DdbValue *
compute_sum(UpdateRun *run, const DdbNode *node)
{
	DdbValue   *left = compute_present(run, node->first);
	DdbValue   *right = compute_present(run, node->last);
	DdbText		number = {.data = NULL};
	DdbNumberStatus status;

	Assert(ddb_node_info[node->kind].group == DDB_GROUP_ARITHMETIC);
	if (left->type != DDB_TYPE_N || right->type != DDB_TYPE_N)
		operand_error(run);
	if (node->kind == DDB_NODE_PLUS)
		status = ddb_number_add(left->text, right->text, &number);
	else
		status = ddb_number_subtract(left->text, right->text, &number);
	return number_or_error(run, status, number);
}

/* Computes the result of ADD.  Only AttributeUpdates can append to lists. */
static DdbValue *
add_values(const UpdateRun *run, DdbValue *old, DdbValue *addend)
{
	if (old == NULL)
		return addend;
	if (old->type != addend->type)
		operand_error(run);
	if (old->type == DDB_TYPE_N)
	{
		DdbText		number = {.data = NULL};
		DdbNumberStatus status;

		status = ddb_number_add(old->text, addend->text, &number);
		return number_or_error(run, status, number);
	}
	if (old->type == DDB_TYPE_L)
		return append_lists(run, old, addend);
	return ddb_value_unite_sets(old, addend);
}

static DdbValue *
delete_values(const UpdateRun *run, DdbValue *old, DdbValue *removed)
{
	if (old == NULL)
		return NULL;
	if (old->type != removed->type)
		operand_error(run);
	return ddb_value_subtract_sets(old, removed);
}

static DdbValue *
number_or_error(const UpdateRun *run, DdbNumberStatus status, DdbText number)
{
	if (status != DDB_NUMBER_OK)
		ddb_validation_error(run->operation, DDB_VALIDATION_NUMBER, "%s",
							 ddb_number_message(status, number));
	return ddb_value_make_text(DDB_TYPE_N, number);
}

static void
operand_error(const UpdateRun *run)
{
	ddb_validation_error(run->operation, DDB_VALIDATION_OTHER, "%s",
						 run->update->legacy ?
						 "Type mismatch for attribute to update" :
						 "An operand in the update expression has an incorrect data type");
}

/* ------------------------------------------------------------------ lists */

/*
 * An element counts at least two bytes, so a longer list cannot be part of any
 * item.  Without this limit, one short expression could fill the memory.
 */
static DdbValue *
append_lists(const UpdateRun *run, const DdbValue *left, const DdbValue *right)
{
	int			count = left->count + right->count;
	DdbValue  **values;
	int			i;

	if (count > DDB_ITEM_MAX_SIZE / 2)
		ddb_validation_error(run->operation, DDB_VALIDATION_OTHER,
							 "Item size to update has exceeded the maximum allowed size");
	values = palloc(count * sizeof(DdbValue *));
	for (i = 0; i < left->count; i++)
		values[i] = left->values[i];
	for (i = 0; i < right->count; i++)
		values[left->count + i] = right->values[i];
	return ddb_value_make_list(count, values);
}

/* -------------------------------------------------------- edits to an item */

static int
compare_path_elements(const DdbPathElement *left, const DdbPathElement *right)
{
	if (left->name.data == NULL || right->name.data == NULL)
		return left->index < right->index ? -1 : left->index > right->index;
	return ddb_text_compare(left->name, right->name);
}

static int
compare_edits(const void *left, const void *right)
{
	const DdbPath *one = ((const Edit *) left)->path;
	const DdbPath *two = ((const Edit *) right)->path;
	int			order = 0;
	int			i;

	for (i = 0; order == 0 && i < one->count && i < two->count; i++)
		order = compare_path_elements(&one->elements[i], &two->elements[i]);
	return order;
}

/*
 * Returns how many edits, from the first one on, share its path element at
 * this depth.
 */
static int
count_group(const Edit *edits, int count, int depth)
{
	int			i = 1;

	while (i < count &&
		   compare_path_elements(&edits[0].path->elements[depth],
								 &edits[i].path->elements[depth]) == 0)
		i++;
	return i;
}

/* Returns the value that replaces old, for edits that share one path. */
static DdbValue *
edit_child(DdbValue *old, const Edit *edits, int count, int depth)
{
	if (edits[0].path->count == depth + 1)
		return edits[0].value;
	return rebuild(old, edits, count, depth + 1);
}

/* Returns old with the edits applied to it, from path element "depth" on. */
static DdbValue *
rebuild(const DdbValue *old, const Edit *edits, int count, int depth)
{
	if (edits[0].path->elements[depth].name.data != NULL)
		return rebuild_map(old, edits, count, depth);
	return rebuild_list(old, edits, count, depth);
}

/* Fills names if there are many edits; otherwise leaves it empty. */
static void
look_up_attributes(DdbLookup *names, const DdbValue *map, int edits)
{
	int			i;

	ddb_lookup_init(names, edits > FEW_EDITS ? map->count : 0);
	for (i = 0; edits > FEW_EDITS && i < map->count; i++)
		ddb_lookup_add(names, map->attributes[i].name);
	ddb_lookup_sort(names);
}

static int
find_attribute(const DdbValue *map, const DdbLookup *names, DdbText name)
{
	int			i;

	if (names->count > 0)
		return ddb_lookup_find(names, name);
	DDB_PAUSE_POINT();
	for (i = 0; i < map->count; i++)
	{
		if (ddb_text_equal(map->attributes[i].name, name))
			return i;
	}
	return -1;
}

/* Old attributes keep their positions; new attributes are appended. */
static DdbValue *
rebuild_map(const DdbValue *old, const Edit *edits, int count, int depth)
{
	int			total = old->count;
	int			kept = 0;
	DdbAttribute *attributes = palloc((total + count) * sizeof(DdbAttribute));
	DdbLookup	names;
	int			i;
	int			group;

	look_up_attributes(&names, old, count);
	for (i = 0; i < total; i++)
		attributes[i] = old->attributes[i];
	for (i = 0; i < count; i += group)
	{
		DdbText		name = edits[i].path->elements[depth].name;
		int			place = find_attribute(old, &names, name);
		DdbValue   *value = place < 0 ? NULL : old->attributes[place].value;

		group = count_group(edits + i, count - i, depth);
		value = edit_child(value, edits + i, group, depth);
		if (place < 0)
			place = total++;
		attributes[place].name = name;
		attributes[place].value = value;
	}
	for (i = 0; i < total; i++)
	{
		if (attributes[i].value != NULL)
			attributes[kept++] = attributes[i];
	}
	return ddb_value_make_map(kept, attributes);
}

/*
 * Indexes refer to the old list.  Elements set beyond its end are appended in
 * the order of their indexes.  Removed elements are dropped last.
 */
static DdbValue *
rebuild_list(const DdbValue *old, const Edit *edits, int count, int depth)
{
	int			total = old->count;
	int			kept = 0;
	DdbValue  **values = palloc((total + count) * sizeof(DdbValue *));
	int			i;
	int			group;

	for (i = 0; i < total; i++)
		values[i] = old->values[i];
	for (i = 0; i < count; i += group)
	{
		uint32		index = edits[i].path->elements[depth].index;
		bool		is_old = index < (uint32) old->count;
		DdbValue   *value = is_old ? old->values[index] : NULL;

		group = count_group(edits + i, count - i, depth);
		value = edit_child(value, edits + i, group, depth);
		values[is_old ? (int) index : total++] = value;
	}
	for (i = 0; i < total; i++)
	{
		if (values[i] != NULL)
			values[kept++] = values[i];
	}
	return ddb_value_make_list(kept, values);
}
