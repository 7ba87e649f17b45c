/*
 * source.c
 *	  What a Query or Scan reads: a table or one of its secondary indexes.
 */
#include "postgres.h"

#include "query/query.h"

DdbSource
ddb_source_make(DdbTable *table, const DdbIndex *index)
{
	DdbSource	source = {.table = table, .index = index};
	int			i;
	int			j;

	source.hash_count = index != NULL ? index->hash_count : 1;
	source.key_count = index != NULL ? index->key_count : table->key_count;
	source.keys = index != NULL ? index->keys : table->keys;

	memcpy(source.position, source.keys,
		   source.key_count * sizeof(DdbKeyAttribute));
	source.position_count = source.key_count;
	for (i = 0; i < table->key_count; i++)
	{
		for (j = 0; j < source.key_count; j++)
		{
			if (ddb_text_equal(source.keys[j].name, table->keys[i].name))
				break;
		}
		if (j == source.key_count)
			source.position[source.position_count++] = table->keys[i];
	}
	return source;
}
