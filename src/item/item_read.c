/*
 * item_read.c
 *	  Writing items to a response.
 */
#include "postgres.h"

#include "item/item_int.h"

DdbValue *
ddb_item_project(const DdbKey *key, const Jsonb *item,
				 const DdbProjection *projection)
{
	DdbDocument document = {.jsonb = item};
	DdbValue   *projected = ddb_document_project(&document, projection->paths,
												 projection->count);

	if (document.malformed)
		ddb_store_malformed(key->table, key->datums);
	return projected;
}

int64
ddb_item_show(DdbJsonWriter *writer, const DdbKey *key, const Jsonb *item,
			  const DdbProjection *projection)
{
	bool		well_formed = true;
	int64		size;

	if (projection != NULL)
	{
		ddb_item_write(writer, ddb_item_project(key, item, projection));
		size = ddb_jsonb_item_size(item);
	}
	else
		well_formed = ddb_jsonb_write_projected(writer, item, NULL, &size);
	if (!well_formed || size < 0)
		ddb_store_malformed(key->table, key->datums);
	return size;
}
