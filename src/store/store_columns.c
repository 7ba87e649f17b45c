/*
 * store_columns.c
 *	  Checks whether the columns of a table are still as they were created.
 *
 * An item table is an ordinary table, and its owner may alter it.  Everything
 * here takes the value of a column for what its type says, so a column of
 * another type has to be noticed before the first of them is looked at.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static const char *column_name(const DdbTable *table, int column);
static Oid	wanted_type(const DdbTable *table, int column);

void
check_columns(const DdbTable *table)
{
	int			column;

	for (column = 0; column <= table->key_count; column++)
	{
		const char *name = column_name(table, column);
		AttrNumber	number = get_attnum(table->relid, name);

		if (number == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table \"%s\" has no column \"%s\" any more",
							table->name, name),
					 errhint("Give the column of %s its name back.",
							 quoted_heap(table))));
		check_column_type(table, column, get_atttype(table->relid, number));
	}
}

/* A domain, or varchar for text, is read as the type it is made of. */
void
check_column_type(const DdbTable *table, int column, Oid type)
{
	Oid			wanted = wanted_type(table, column);

	if (type == wanted || IsBinaryCoercible(type, wanted))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of table \"%s\" is of type %s instead of %s",
					column_name(table, column), table->name,
					format_type_be(type), format_type_be(wanted)),
			 errhint("Change it back with ALTER TABLE %s ALTER COLUMN %s TYPE %s.",
					 quoted_heap(table), column_name(table, column),
					 format_type_be(wanted))));
}

/* The key's columns, then the item. */
static const char *
column_name(const DdbTable *table, int column)
{
	if (column == table->key_count)
		return "item";
	return column == 0 ? "pk" : "sk";
}

static Oid
wanted_type(const DdbTable *table, int column)
{
	return column == table->key_count ? JSONBOID : key_column_type(table, column);
}
