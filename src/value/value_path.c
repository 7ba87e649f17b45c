/*
 * value_path.c
 *	  Document paths: printed, followed, projected.
 *
 * A projection sorts its paths, which puts those with a common beginning side
 * by side and list indexes in ascending order.  What each path shares with
 * its neighbours is then rebuilt once, from the item's attributes down.
 */
#include "postgres.h"

#include "core/pause.h"
#include "value/value.h"
#include "value/value_int.h"

/*
 * An attribute of more bytes of jsonb than this is kept as a tree.  A smaller
 * one is rebuilt as quickly as it is found.  The size of an item limits the
 * number of larger ones, so a linked list of them is enough.
 */
#define LARGE_ATTRIBUTE 256

struct DdbBuilt
{
	DdbText		name;
	DdbValue   *value;
	DdbBuilt   *next;
};

/* Neighbouring paths that agree in their first "depth" elements. */
typedef struct PathRun
{
	const DdbPath **paths;
	int			count;
	int			depth;
} PathRun;

static DdbValue *get_from_tree(const DdbDocument *document, DdbText name);
static DdbValue *get_from_row(DdbDocument *document, DdbText name);
static bool equal_elements(const DdbPathElement *left,
						   const DdbPathElement *right);
static bool is_index(const DdbPathElement *element);
static DdbValue *follow(const DdbValue *value, const DdbPathElement *element);
static int	compare_path_elements(const DdbPathElement *left,
								  const DdbPathElement *right);
static DdbValue *project_attributes(DdbDocument *document, PathRun run);
static DdbValue *project_value(DdbValue *value, PathRun run);
static DdbValue *project_map(const DdbValue *map, PathRun run);
static DdbValue *project_list(const DdbValue *list, PathRun run);
static const DdbPathElement *next_run(PathRun *rest, PathRun *run);
static bool ends_here(PathRun run);

bool
ddb_path_equal(const DdbPath *left, const DdbPath *right)
{
	if (left->count != right->count)
		return false;
	for (int i = 0; i < left->count; i++)
	{
		if (!equal_elements(&left->elements[i], &right->elements[i]))
			return false;
	}
	return true;
}

const char *
ddb_path_print(const DdbPath *path)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '[');
	for (int i = 0; i < path->count; i++)
	{
		const DdbPathElement *element = &path->elements[i];

		if (i > 0)
			appendStringInfoString(&text, ", ");
		if (is_index(element))
			appendStringInfo(&text, "[%u]", element->index);
		else
			appendBinaryStringInfo(&text, element->name.data, element->name.len);
	}
	appendStringInfoChar(&text, ']');
	return text.data;
}

DdbValue *
ddb_document_get(DdbDocument *document, DdbText name)
{
	if (document->visible != NULL &&
		!ddb_name_list_contains(document->visible, name))
		return NULL;
	if (document->item != NULL)
		return get_from_tree(document, name);
	return document->jsonb != NULL ? get_from_row(document, name) : NULL;
}

static DdbValue *
get_from_tree(const DdbDocument *document, DdbText name)
{
	int			place;

	if (document->names == NULL || document->names->count == 0)
		return ddb_value_get(document->item, name);
	place = ddb_lookup_find(document->names, name);
	return place < 0 ? NULL : document->item->attributes[place].value;
}

/* After one malformed attribute no other attribute is returned. */
static DdbValue *
get_from_row(DdbDocument *document, DdbText name)
{
	DdbBuilt   *built;
	DdbValue   *value;
	int			len;

	if (document->malformed)
		return NULL;
	for (built = document->built; built != NULL; built = built->next)
	{
		if (ddb_text_equal(built->name, name))
			return built->value;
	}
	if (!ddb_jsonb_build(document->jsonb, name, &value, &len))
		document->malformed = true;
	else if (len > LARGE_ATTRIBUTE)
	{
		built = palloc(sizeof(DdbBuilt));
		*built = (DdbBuilt) {name, value, document->built};
		document->built = built;
	}
	return value;
}

bool
ddb_document_scalar(const DdbDocument *document, DdbText name, DdbType type,
					DdbText *text)
{
	const DdbValue *value;

	if (document->jsonb != NULL)
		return ddb_jsonb_scalar(document->jsonb, name, type, text);
	value = document->item != NULL ? ddb_value_get(document->item, name) : NULL;
	if (value == NULL || value->type != type)
		return false;
	*text = value->text;
	return true;
}

DdbValue *
ddb_document_resolve(DdbDocument *document, const DdbPath *path)
{
	DdbValue   *value = ddb_document_get(document, path->elements[0].name);

	for (int i = 1; i < path->count && value != NULL; i++)
		value = follow(value, &path->elements[i]);
	return value;
}

DdbValue *
ddb_document_project(DdbDocument *document, const DdbPath *paths, int count)
{
	PathRun		run = {
		.paths = palloc(sizeof(DdbPath *) * Max(count, 1)),
		.count = count,
		.depth = 0
	};

	for (int i = 0; i < count; i++)
		run.paths[i] = &paths[i];
	if (count > 1)
		qsort(run.paths, count, sizeof(DdbPath *), ddb_path_compare);
	return project_attributes(document, run);
}

static bool
equal_elements(const DdbPathElement *left, const DdbPathElement *right)
{
	if (is_index(left) != is_index(right))
		return false;
	return is_index(left) ? left->index == right->index :
		ddb_text_equal(left->name, right->name);
}

static bool
is_index(const DdbPathElement *element)
{
	return element->name.data == NULL;
}

/* Returns the value one step down, or NULL if it does not exist. */
static DdbValue *
follow(const DdbValue *value, const DdbPathElement *element)
{
	if (!is_index(element))
		return value->type == DDB_TYPE_M ?
			ddb_value_get(value, element->name) : NULL;
	if (value->type != DDB_TYPE_L || element->index >= (uint32) value->count)
		return NULL;
	return value->values[element->index];
}

/* ---------------------------------------------------------- projection */

int
ddb_path_compare(const void *left, const void *right)
{
	const DdbPath *a = *(const DdbPath *const *) left;
	const DdbPath *b = *(const DdbPath *const *) right;

	DDB_PAUSE_POINT();
	for (int i = 0; i < a->count && i < b->count; i++)
	{
		int			order = compare_path_elements(&a->elements[i], &b->elements[i]);

		if (order != 0)
			return order;
	}
	return a->count - b->count;
}

/* Names before indexes, so that the order is total even for conflicts. */
static int
compare_path_elements(const DdbPathElement *left, const DdbPathElement *right)
{
	if (is_index(left) != is_index(right))
		return is_index(left) ? 1 : -1;
	if (!is_index(left))
		return ddb_text_compare(left->name, right->name);
	if (left->index == right->index)
		return 0;
	return left->index < right->index ? -1 : 1;
}

/* Projects the item itself, which unlike a nested map is kept when empty. */
static DdbValue *
project_attributes(DdbDocument *document, PathRun run)
{
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) * Max(run.count, 1));
	const DdbPathElement *element;
	PathRun		below;
	int			count = 0;

	while ((element = next_run(&run, &below)) != NULL)
	{
		DdbValue   *value = ddb_document_get(document, element->name);

		if (value != NULL)
			value = project_value(value, below);
		if (value == NULL)
			continue;
		attributes[count].name = element->name;
		attributes[count].value = value;
		count++;
	}
	return ddb_value_make_map(count, attributes);
}

/* What a run selects of the value that its common elements lead to. */
static DdbValue *
project_value(DdbValue *value, PathRun run)
{
	bool		by_index;

	if (ends_here(run))
		return value;
	by_index = is_index(&run.paths[0]->elements[run.depth]);
	if (value->type == DDB_TYPE_M && !by_index)
		return project_map(value, run);
	if (value->type == DDB_TYPE_L && by_index)
		return project_list(value, run);
	return NULL;
}

/* Both of these return NULL when nothing below them is selected. */
static DdbValue *
project_map(const DdbValue *map, PathRun run)
{
	DdbDocument document = {.item = map};
	DdbValue   *projected = project_attributes(&document, run);

	return projected->count > 0 ? projected : NULL;
}

static DdbValue *
project_list(const DdbValue *list, PathRun run)
{
	DdbValue  **values = palloc(sizeof(DdbValue *) * run.count);
	const DdbPathElement *element;
	PathRun		below;
	int			count = 0;

	while ((element = next_run(&run, &below)) != NULL)
	{
		DdbValue   *value = follow(list, element);

		if (value != NULL)
			value = project_value(value, below);
		if (value != NULL)
			values[count++] = value;
	}
	return count > 0 ? ddb_value_make_list(count, values) : NULL;
}

/*
 * Take the paths that agree in one more element off the rest; that element,
 * or NULL when nothing is left.
 */
static const DdbPathElement *
next_run(PathRun *rest, PathRun *run)
{
	const DdbPathElement *element;

	if (rest->count == 0)
		return NULL;

	element = &rest->paths[0]->elements[rest->depth];
	run->paths = rest->paths;
	run->depth = rest->depth + 1;
	run->count = 1;
	while (run->count < rest->count &&
		   equal_elements(element, &rest->paths[run->count]->elements[rest->depth]))
		run->count++;

	rest->paths += run->count;
	rest->count -= run->count;
	return element;
}

/* The shortest path of a run comes first. */
static bool
ends_here(PathRun run)
{
	return run.paths[0]->count == run.depth;
}
