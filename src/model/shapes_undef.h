/*
 * shapes_undef.h
 *	  Ends an inclusion of shapes.def, which is included several times with
 *	  different meanings.  No include guard on purpose.
 */
#undef DDB_STRING
#undef DDB_ENUM
#undef DDB_BOOLEAN
#undef DDB_INTEGER
#undef DDB_LONG
#undef DDB_BLOB
#undef DDB_LIST
#undef DDB_MAP
#undef DDB_STRUCTURE
#undef DDB_REQUIRED
#undef DDB_OPTIONAL
