/*
 * key_problem.c
 *	  The service's error texts for values that cannot be keys.
 */
#include "postgres.h"

#include "query/query.h"

const char *
ddb_key_value_problem(const DdbKeyAttribute *attribute, DdbKeyPart part,
					  const DdbValue *value)
{
	int64		size = ddb_value_size(value);

	if (value->type != DDB_TYPE_N && value->text.len == 0)
		return psprintf("One or more parameter values are not valid. "
						"The AttributeValue for a key attribute cannot contain an "
						"empty %s value. Key: %s",
						value->type == DDB_TYPE_S ? "string" : "binary",
						attribute->name.data);
	return ddb_key_part_fits(part, size) ? NULL : ddb_key_size_problem(part);
}

const char *
ddb_key_size_problem(DdbKeyPart part)
{
	switch (part)
	{
		case DDB_KEY_HASH:
			return "One or more parameter values were invalid: Size of hashkey has "
				"exceeded the maximum size limit of2048 bytes";
		case DDB_KEY_RANGE:
			return "One or more parameter values were invalid: Aggregated size of all "
				"range keys has exceeded the size limit of 1024 bytes";
	}
	elog(ERROR, "unknown part %d of a key", part);
}
