/*
 * value.c
 *	  Attribute values in memory: made, compared, measured.
 *
 * The recursions here need no guard: no value is deeper than
 * DDB_VALUE_MAX_LEVEL, plus the level that an update may add before its
 * result is measured.
 */
#include "postgres.h"

#include "core/pause.h"
#include "value/base64.h"
#include "value/jsonb_entry_int.h"
#include "value/value.h"
#include "value/value_int.h"

/* Up to this number of members, each one is compared with each other. */
#define COMPARE_ALL_LIMIT 16

const DdbText ddb_type_tags[DDB_TYPE_COUNT] = {
	[DDB_TYPE_S] = {"S", 1},
	[DDB_TYPE_N] = {"N", 1},
	[DDB_TYPE_B] = {"B", 1},
	[DDB_TYPE_BOOL] = {"BOOL", 4},
	[DDB_TYPE_NULL] = {"NULL", 4},
	[DDB_TYPE_SS] = {"SS", 2},
	[DDB_TYPE_NS] = {"NS", 2},
	[DDB_TYPE_BS] = {"BS", 2},
	[DDB_TYPE_L] = {"L", 1},
	[DDB_TYPE_M] = {"M", 1}
};

static DdbValue *make_value(DdbType type, int count);
static bool equal_sets(const DdbValue *left, const DdbValue *right);
static bool equal_lists(const DdbValue *left, const DdbValue *right);
static bool equal_maps(const DdbValue *left, const DdbValue *right);
static int	compare_elements(const void *left, const void *right, void *order);
static DdbAttribute *sort_attributes(const DdbValue *map);
static int	compare_attributes(const void *left, const void *right);

/* --------------------------------------------------------------- types */

const char *
ddb_type_tag(DdbType type)
{
	return ddb_type_tags[type].data;
}

DdbType
ddb_type_of_element(DdbType set_type)
{
	Assert(ddb_type_is_set(set_type));
	if (set_type == DDB_TYPE_SS)
		return DDB_TYPE_S;
	return set_type == DDB_TYPE_NS ? DDB_TYPE_N : DDB_TYPE_B;
}

/* -------------------------------------------------------- construction */

DdbValue *
ddb_value_make_text(DdbType type, DdbText text)
{
	DdbValue   *value = make_value(type, 0);

	Assert(ddb_type_is_scalar_key(type));
	value->text = text;
	return value;
}

DdbValue *
ddb_value_make_bool(bool boolean)
{
	DdbValue   *value = make_value(DDB_TYPE_BOOL, 0);

	value->boolean = boolean;
	return value;
}

DdbValue *
ddb_value_make_null(void)
{
	return make_value(DDB_TYPE_NULL, 0);
}

void
ddb_value_order_map(DdbValue *map)
{
	if (map->count > COMPARE_ALL_LIMIT)
		map->attributes = sort_attributes(map);
}

DdbValue *
ddb_value_make_map(int count, DdbAttribute *attributes)
{
	DdbValue   *value = make_value(DDB_TYPE_M, count);

	value->attributes = attributes;
	return value;
}

DdbValue *
ddb_value_make_list(int count, DdbValue **values)
{
	DdbValue   *value = make_value(DDB_TYPE_L, count);

	value->values = values;
	return value;
}

DdbValue *
ddb_value_make_set(DdbType type, int count, DdbText *elements)
{
	DdbValue   *value = make_value(type, count);

	Assert(ddb_type_is_set(type));
	value->elements = elements;
	return value;
}

bool
ddb_name_list_contains(const DdbNameList *list, DdbText name)
{
	for (int i = 0; i < list->count; i++)
	{
		if (ddb_text_equal(list->names[i], name))
			return true;
	}
	return false;
}

DdbValue *
ddb_value_get(const DdbValue *map, DdbText name)
{
	for (int i = 0; i < map->count; i++)
	{
		if (ddb_text_equal(map->attributes[i].name, name))
			return map->attributes[i].value;
	}
	return NULL;
}

static DdbValue *
make_value(DdbType type, int count)
{
	DdbValue   *value = palloc0(sizeof(DdbValue));

	value->type = type;
	value->count = count;
	return value;
}

/* ---------------------------------------------------------- comparison */

bool
ddb_value_equal(const DdbValue *left, const DdbValue *right)
{
	if (left->type != right->type)
		return false;

	switch (left->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			/* Equal numbers have equal canonical texts. */
			return ddb_text_equal(left->text, right->text);
		case DDB_TYPE_BOOL:
			return left->boolean == right->boolean;
		case DDB_TYPE_NULL:
			return true;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return equal_sets(left, right);
		case DDB_TYPE_L:
			return equal_lists(left, right);
		case DDB_TYPE_M:
			return equal_maps(left, right);
	}
	return false;
}

int
ddb_value_compare(const DdbValue *left, const DdbValue *right)
{
	Assert(left->type == right->type && ddb_type_is_scalar_key(left->type));
	if (left->type == DDB_TYPE_N)
		return ddb_number_compare(left->text, right->text);
	return ddb_text_compare(left->text, right->text);
}

/* The service returns sets in this order (live answers of 2026). */
DdbElementOrder
ddb_element_order(DdbType set_type)
{
	Assert(ddb_type_is_set(set_type));
	return set_type == DDB_TYPE_NS ? ddb_number_compare : ddb_text_compare;
}

/* Most sets are in order already, because they come from stored items. */
bool
ddb_elements_sort(DdbText *elements, int count, DdbElementOrder order)
{
	int			i = 1;

	while (i < count && order(elements[i - 1], elements[i]) < 0)
		i++;
	if (i >= count)
		return true;

	qsort_arg(elements, count, sizeof(DdbText), compare_elements, &order);
	for (i = 1; i < count; i++)
	{
		if (order(elements[i - 1], elements[i]) == 0)
			return false;
	}
	return true;
}

static int
compare_elements(const void *left, const void *right, void *order)
{
	DDB_PAUSE_POINT();
	return (*(DdbElementOrder *) order) (*(const DdbText *) left,
										 *(const DdbText *) right);
}

bool
ddb_value_set_contains(const DdbValue *set, const DdbValue *element)
{
	DdbElementOrder order = ddb_element_order(set->type);
	int			low = 0;
	int			high = set->count;

	if (ddb_type_of_element(set->type) != element->type)
		return false;
	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			found = order(set->elements[middle], element->text);

		if (found == 0)
			return true;
		if (found < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

DdbValue *
ddb_value_unite_sets(const DdbValue *left, const DdbValue *right)
{
	DdbElementOrder order = ddb_element_order(left->type);
	DdbText    *elements = palloc(sizeof(DdbText) * (left->count + right->count));
	int			count = 0;
	int			i = 0;
	int			j = 0;

	Assert(left->type == right->type);
	while (i < left->count || j < right->count)
	{
		int			found = i == left->count ? 1 : j == right->count ? -1 :
			order(left->elements[i], right->elements[j]);

		elements[count++] = found <= 0 ? left->elements[i] : right->elements[j];
		i += found <= 0;
		j += found >= 0;
	}
	return ddb_value_make_set(left->type, count, elements);
}

DdbValue *
ddb_value_subtract_sets(const DdbValue *left, const DdbValue *right)
{
	DdbElementOrder order = ddb_element_order(left->type);
	DdbText    *elements = palloc(sizeof(DdbText) * left->count);
	int			count = 0;
	int			j = 0;

	Assert(left->type == right->type);
	for (int i = 0; i < left->count; i++)
	{
		int			found = -1;

		while (j < right->count &&
			   (found = order(left->elements[i], right->elements[j])) > 0)
			j++;
		if (j == right->count || found < 0)
			elements[count++] = left->elements[i];
	}
	return count == 0 ? NULL : ddb_value_make_set(left->type, count, elements);
}

static bool
equal_sets(const DdbValue *left, const DdbValue *right)
{
	if (left->count != right->count)
		return false;
	for (int i = 0; i < left->count; i++)
	{
		if (!ddb_text_equal(left->elements[i], right->elements[i]))
			return false;
	}
	return true;
}

static bool
equal_lists(const DdbValue *left, const DdbValue *right)
{
	if (left->count != right->count)
		return false;
	for (int i = 0; i < left->count; i++)
	{
		if (!ddb_value_equal(left->values[i], right->values[i]))
			return false;
	}
	return true;
}

static bool
equal_maps(const DdbValue *left, const DdbValue *right)
{
	DdbAttribute *left_sorted;
	DdbAttribute *right_sorted;

	if (left->count != right->count)
		return false;

	if (left->count <= COMPARE_ALL_LIMIT)
	{
		for (int i = 0; i < left->count; i++)
		{
			DdbValue   *other = ddb_value_get(right, left->attributes[i].name);

			if (other == NULL ||
				!ddb_value_equal(left->attributes[i].value, other))
				return false;
		}
		return true;
	}

	DDB_PAUSE_POINT();
	left_sorted = sort_attributes(left);
	right_sorted = sort_attributes(right);
	for (int i = 0; i < left->count; i++)
	{
		if (!ddb_text_equal(left_sorted[i].name, right_sorted[i].name) ||
			!ddb_value_equal(left_sorted[i].value, right_sorted[i].value))
			return false;
	}
	return true;
}

/* Sorts attributes in jsonb's order; they are not copied if sorted already. */
static DdbAttribute *
sort_attributes(const DdbValue *map)
{
	DdbAttribute *sorted;
	int			i = 1;

	while (i < map->count &&
		   compare_attributes(&map->attributes[i - 1], &map->attributes[i]) < 0)
		i++;
	if (i >= map->count)
		return map->attributes;

	sorted = palloc(sizeof(DdbAttribute) * map->count);
	memcpy(sorted, map->attributes, sizeof(DdbAttribute) * map->count);
	qsort(sorted, map->count, sizeof(DdbAttribute), compare_attributes);
	return sorted;
}

static int
compare_attributes(const void *left, const void *right)
{
	DDB_PAUSE_POINT();
	return compare_names(((const DdbAttribute *) left)->name,
						 ((const DdbAttribute *) right)->name);
}

/* ----------------------------------------------------------- measuring */

int64
ddb_value_size(const DdbValue *value)
{
	int64		size = 0;

	switch (value->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return ddb_scalar_size(value->type, value->text);
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
			return 1;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			for (int i = 0; i < value->count; i++)
				size += ddb_scalar_size(ddb_type_of_element(value->type),
										value->elements[i]);
			return size;
		case DDB_TYPE_L:
			for (int i = 0; i < value->count; i++)
				size += DDB_VALUE_MEMBER_SIZE + ddb_value_size(value->values[i]);
			return DDB_VALUE_CONTAINER_SIZE + size;
		case DDB_TYPE_M:
			return DDB_VALUE_CONTAINER_SIZE + DDB_VALUE_MEMBER_SIZE * value->count +
				ddb_item_size(value);
	}
	return 0;
}

int64
ddb_item_size(const DdbValue *item)
{
	int64		size = 0;

	for (int i = 0; i < item->count; i++)
		size += ddb_text_decoded_length(item->attributes[i].name) +
			ddb_value_size(item->attributes[i].value);
	return size;
}

/* Max() evaluates its arguments twice: a call there would double per level. */
int
ddb_value_depth(const DdbValue *value)
{
	int			deepest = 0;

	if (value->type == DDB_TYPE_L || value->type == DDB_TYPE_M)
	{
		for (int i = 0; i < value->count; i++)
		{
			int			depth = ddb_value_depth(value->type == DDB_TYPE_L ?
												value->values[i] :
												value->attributes[i].value);

			deepest = Max(deepest, depth);
		}
	}
	return deepest + 1;
}

char *
ddb_value_print(const DdbValue *value)
{
	DdbText		text = value->text;

	if (value->type == DDB_TYPE_B)
		text = ddb_base64_encode(text);
	return psprintf("{%s:%.*s}", ddb_type_tag(value->type), text.len, text.data);
}

int64
ddb_scalar_size(DdbType type, DdbText text)
{
	if (type == DDB_TYPE_S)
		return ddb_text_decoded_length(text);
	return type == DDB_TYPE_N ? ddb_number_size(text) : text.len;
}
