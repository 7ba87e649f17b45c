/*
 * workload.c
 *	  Items, requests on them, and the mixes of requests that can be run.
 *
 * Item i has pk = its partition (i / part) and sk = its place there (i % part).
 * Strings in keys are numbers of nine digits, the first of which tells where they
 * belong: pgbench can compute no other strings.
 * In index k it has g<k> and t<k>, the same of another permutation of the
 * items: neighbours in one index are far from each other in the others, and
 * every partition of an index has 'part' items too.  Even indexes have numbers
 * as sort keys.
 */
#include "ddbload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------- choice of items */

/* YCSB's scrambled Zipfian (Gray et al., theta 0.99). */
static uint64_t
zipf(uint64_t n)
{
	static uint64_t cached_n;
	static double zetan, eta, alpha;
	const double theta = 0.99;
	double		u, uz;
	uint64_t	v;

	if (cached_n != n)
	{
		zetan = 0;
		for (uint64_t i = 1; i <= n; i++)
			zetan += 1 / pow(i, theta);
		alpha = 1 / (1 - theta);
		eta = (1 - pow(2.0 / n, 1 - theta)) / (1 - (1 + pow(0.5, theta)) / zetan);
		cached_n = n;
	}
	u = (rng() >> 11) / 9007199254740992.0;
	uz = u * zetan;
	if (uz < 1)
		v = 0;
	else if (uz < 1 + pow(0.5, theta))
		v = 1;
	else
		v = n * pow(eta * u - eta + 1, alpha);
	v = (v ^ 0x5bd1e995) * 0x9e3779b97f4a7c15ull;
	return (v >> 13) % n;
}

static uint64_t
pick(void)
{
	if (opt.hot > 0)
		return rng() % opt.hot;
	return strcmp(opt.dist, "zipf") == 0 ? zipf(opt.items) : rng() % opt.items;
}

/* n distinct keys; a shared key inside one batch is an error of the API */
static void
pick_distinct(uint64_t *keys, int n)
{
	for (int k = 0; k < n; k++)
	{
again:
		keys[k] = pick();
		for (int j = 0; j < k; j++)
			if (keys[j] == keys[k])
				goto again;
	}
}

/* The n-th of count numbers in disorder: primes, one of which does not divide it. */
static uint64_t
shuffled(uint64_t n, uint64_t count)
{
	return n * (count % 48271 ? 48271 : 65537) % count;
}

/* ------------------------------------------------------------------- items */

static uint64_t
index_parts(void)
{
	return (opt.items + opt.part - 1) / opt.part;
}

/* The number of item i in index k. */
static uint64_t
permuted(uint64_t i, int k)
{
	static const uint64_t primes[MAX_GSIS] = {1, 7919, 104729, 1299709, 15485863};

	if (k > 1 && opt.items % primes[k - 1] == 0)
		die("the number of items must not be a multiple of %lu", primes[k - 1]);
	return i * primes[k - 1] % opt.items;
}

static uint64_t
index_hash(uint64_t i, int k)
{
	return permuted(i, k) % index_parts();
}

static uint64_t
index_range(uint64_t i, int k)
{
	return permuted(i, k) / index_parts();
}

static bool
range_is_number(int k)
{
	return k % 2 == 0;
}

static void
put_range_value(Buf *b, int k, char first_digit, uint64_t value)
{
	if (range_is_number(k))
		put_f(b, "{\"N\":\"%lu\"}", value);
	else
		put_f(b, "{\"S\":\"%c%08lu\"}", first_digit, value);
}

static void
put_key(Buf *b, uint64_t i)
{
	put_f(b, "{\"pk\":{\"S\":\"1%08lu\"},\"sk\":{\"S\":\"2%08lu\"}}",
		  i / opt.part, i % opt.part);
}

#define FIXED_SIZE 184			/* DynamoDB size of all but the text of "data" */

void
put_item(Buf *b, uint64_t i)
{
	static char filler[1 << 19];
	uint64_t	n = opt.item_size > FIXED_SIZE ? opt.item_size - FIXED_SIZE : 1;

	if (!filler[0])
		for (size_t k = 0; k < sizeof filler; k++)
			filler[k] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"[rng() & 63];
	if (n > sizeof filler)
		die("item size too large");
	put_f(b, "{\"pk\":{\"S\":\"1%08lu\"},\"sk\":{\"S\":\"2%08lu\"}", i / opt.part, i % opt.part);
	for (int k = 1; k <= MAX_GSIS; k++)
	{
		put_f(b, ",\"g%d\":{\"S\":\"3%08lu\"},\"t%d\":", k, index_hash(i, k), k);
		put_range_value(b, k, '4', index_range(i, k));
	}
	put_f(b, ",\"cnt\":{\"N\":\"0\"},\"name\":{\"S\":\"user %06lu\"},\"on\":{\"BOOL\":true},"
		  "\"tags\":{\"L\":[{\"S\":\"red\"},{\"S\":\"blue\"}]},"
		  "\"addr\":{\"M\":{\"city\":{\"S\":\"Oslo\"},\"zip\":{\"N\":\"%04lu\"}}},\"data\":{\"S\":\"",
		  i % 1000000, 1000 + i % 9000);
	put_mem(b, filler + rng() % (sizeof filler - n + 1), n);
	put_f(b, "\"}}");
}

void
put_index(Buf *b, int k)
{
	put_f(b, "{\"IndexName\":\"gsi%d\",\"KeySchema\":[{\"AttributeName\":\"g%d\",\"KeyType\":\"HASH\"},"
		  "{\"AttributeName\":\"t%d\",\"KeyType\":\"RANGE\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}", k, k, k);
}

void
put_attributes(Buf *b, int k)
{
	put_f(b, "{\"AttributeName\":\"g%d\",\"AttributeType\":\"S\"},{\"AttributeName\":\"t%d\",\"AttributeType\":\"%s\"}",
		  k, k, range_is_number(k) ? "N" : "S");
}

void
put_index_probe(Buf *b, int k)
{
	put_f(b, "{\"TableName\":\"%s\",\"IndexName\":\"gsi%d\",\"Limit\":1,\"KeyConditionExpression\":\"g%d = :p\","
		  "\"ExpressionAttributeValues\":{\":p\":{\"S\":\"x\"}}}", opt.table, k, k);
}

/* -------------------------------------------------------------- operations */

static void
gen_put_of(Buf *b, uint64_t i)
{
	put_f(b, "{\"TableName\":\"%s\",\"Item\":", opt.table);
	put_item(b, i);
	put_f(b, "}");
}

static void
gen_put(Buf *b)
{
	gen_put_of(b, pick());
}

static void
gen_new(Buf *b)					/* items behind the others, each but once */
{
	static uint64_t made;

	gen_put_of(b, (opt.first ? opt.first : opt.items) + shuffled(made++, opt.pool));
}

static void
gen_key(Buf *b)					/* GetItem and DeleteItem */
{
	put_f(b, "{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, pick());
	put_f(b, "}");
}

static void
gen_update(Buf *b)				/* of an attribute that is in no key */
{
	put_f(b, "{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, pick());
	put_f(b, ",\"UpdateExpression\":\"SET cnt = cnt + :one\","
		  "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"}}}");
}

/* To a place behind all the others, so that "querygsi" finds as many as before. */
static void
gen_updatekey(Buf *b)
{
	put_f(b, "{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, pick());
	put_f(b, ",\"UpdateExpression\":\"SET t%d = :t\",\"ExpressionAttributeValues\":{\":t\":", opt.index);
	put_range_value(b, opt.index, '5', opt.part + rng() % 10000000);
	put_f(b, "}}");
}

static void
gen_dropkey(Buf *b)				/* out of the index */
{
	put_f(b, "{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, pick());
	put_f(b, ",\"UpdateExpression\":\"REMOVE t%d\"}", opt.index);
}

static void
gen_condput(Buf *b)				/* the condition reads the old item and holds */
{
	put_f(b, "{\"TableName\":\"%s\",\"Item\":", opt.table);
	put_item(b, pick());
	put_f(b, ",\"ConditionExpression\":\"attribute_exists(pk) AND cnt >= :zero\","
		  "\"ExpressionAttributeValues\":{\":zero\":{\"N\":\"0\"}}}");
}

/* Items of a page: 20, or what a response of 1 MB holds. */
uint64_t
page_items(void)
{
	uint64_t	most = (1 << 20) / opt.item_size;

	return most < 20 ? most : 20;
}

static void
gen_query(Buf *b)
{
	uint64_t	i = pick();

	put_f(b, "{\"TableName\":\"%s\",\"KeyConditionExpression\":\"pk = :p AND sk >= :s\",\"Limit\":%lu,"
		  "\"ExpressionAttributeValues\":{\":p\":{\"S\":\"1%08lu\"},\":s\":{\"S\":\"2%08lu\"}}}",
		  opt.table, page_items(), i / opt.part, i % opt.part % (opt.part - 19));
}

static void
gen_querygsi(Buf *b)
{
	uint64_t	i = pick();

	put_f(b, "{\"TableName\":\"%s\",\"IndexName\":\"gsi%d\","
		  "\"KeyConditionExpression\":\"g%d = :p AND t%d >= :s\",\"Limit\":%lu,"
		  "\"ExpressionAttributeValues\":{\":p\":{\"S\":\"3%08lu\"},\":s\":",
		  opt.table, opt.index, opt.index, opt.index, page_items(), index_hash(i, opt.index));
	put_range_value(b, opt.index, '4', index_range(i, opt.index) % (opt.part - 19));
	put_f(b, "}}");
}

static void
put_batch(Buf *b, const uint64_t *keys, int n)
{
	put_f(b, "{\"RequestItems\":{\"%s\":[", opt.table);
	for (int k = 0; k < n; k++)
	{
		put_f(b, "%s{\"PutRequest\":{\"Item\":", k ? "," : "");
		put_item(b, keys[k]);
		put_f(b, "}}");
	}
	put_f(b, "]}}");
}

static void
gen_batchwrite(Buf *b)
{
	uint64_t	keys[25];

	pick_distinct(keys, 25);
	put_batch(b, keys, 25);
}

/* What comes before TransactItems; no run has a token of another. */
static void
put_token(Buf *b)
{
	static uint64_t run, count;

	if (!opt.token)
		return;
	if (run == 0)
		run = (uint64_t) (now() * 1e9) ^ (uint64_t) getpid() << 40;
	put_f(b, "\"ClientRequestToken\":\"%016lx-%lu\",", run, count++);
}

static void
gen_transact(Buf *b)			/* 2 puts, 1 update, 1 condition check */
{
	uint64_t	k[4];

	pick_distinct(k, 4);
	put_f(b, "{");
	put_token(b);
	put_f(b, "\"TransactItems\":[{\"Put\":{\"TableName\":\"%s\",\"Item\":", opt.table);
	put_item(b, k[0]);
	put_f(b, "}},{\"Put\":{\"TableName\":\"%s\",\"Item\":", opt.table);
	put_item(b, k[1]);
	put_f(b, "}},{\"Update\":{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, k[2]);
	put_f(b, ",\"UpdateExpression\":\"SET cnt = cnt + :one\","
		  "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"}}}},"
		  "{\"ConditionCheck\":{\"TableName\":\"%s\",\"Key\":", opt.table);
	put_key(b, k[3]);
	put_f(b, ",\"ConditionExpression\":\"attribute_exists(pk)\"}}]}");
}

static void
gen_transactupdate(Buf *b)		/* 4 updates */
{
	uint64_t	k[4];

	pick_distinct(k, 4);
	put_f(b, "{");
	put_token(b);
	put_f(b, "\"TransactItems\":[");
	for (int i = 0; i < 4; i++)
	{
		put_f(b, "%s{\"Update\":{\"TableName\":\"%s\",\"Key\":", i ? "," : "", opt.table);
		put_key(b, k[i]);
		put_f(b, ",\"UpdateExpression\":\"SET cnt = cnt + :one\","
			  "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"}}}}");
	}
	put_f(b, "]}");
}

static void
gen_transactget(Buf *b)			/* 4 gets */
{
	uint64_t	k[4];

	pick_distinct(k, 4);
	put_f(b, "{\"TransactItems\":[");
	for (int i = 0; i < 4; i++)
	{
		put_f(b, "%s{\"Get\":{\"TableName\":\"%s\",\"Key\":", i ? "," : "", opt.table);
		put_key(b, k[i]);
		put_f(b, "}}");
	}
	put_f(b, "]}");
}

static void
gen_scan(Buf *b)				/* one page, at most 1 MB, from a random place */
{
	put_f(b, "{\"TableName\":\"%s\",\"ExclusiveStartKey\":", opt.table);
	put_key(b, pick());
	put_f(b, "}");
}

void
put_scan(Buf *b, int segment, int segments, const char *start)
{
	put_f(b, "{\"TableName\":\"%s\"", opt.table);
	if (segments > 1)
		put_f(b, ",\"Segment\":%d,\"TotalSegments\":%d", segment, segments);
	if (*start)
		put_f(b, ",\"ExclusiveStartKey\":%s", start);
	put_f(b, "}");
}

static void
gen_scanall(Buf *b)				/* what follows depends on the answers */
{
	put_scan(b, 0, 1, "");
}

static void
gen_list(Buf *b)
{
	put_f(b, "{}");
}

const Op	ops[NOPS] = {
	[OP_PUT] = {"put", "PutItem", gen_put, 0, 100},
	[OP_NEW] = {"new", "PutItem", gen_new, 0, 100},
	[OP_GET] = {"get", "GetItem", gen_key, 1, 0},
	[OP_DELETE] = {"delete", "DeleteItem", gen_key, 0, 100},
	[OP_UPDATE] = {"update", "UpdateItem", gen_update, 0, 100},
	[OP_UPDATEKEY] = {"updatekey", "UpdateItem", gen_updatekey, 0, 100},
	[OP_DROPKEY] = {"dropkey", "UpdateItem", gen_dropkey, 0, 100},
	[OP_CONDPUT] = {"condput", "PutItem", gen_condput, 0, 100},
	[OP_QUERY] = {"query", "Query", gen_query, ITEMS_OF_PAGE, 0},
	[OP_QUERYGSI] = {"querygsi", "Query", gen_querygsi, ITEMS_OF_PAGE, 0},
	[OP_BATCH] = {"batchwrite", "BatchWriteItem", gen_batchwrite, 0, 100},
	[OP_TRANSACT] = {"transact", "TransactWriteItems", gen_transact, 0, 100},
	[OP_TRANSACTUPDATE] = {"transactupdate", "TransactWriteItems", gen_transactupdate, 0, 100},
	[OP_TRANSACTGET] = {"transactget", "TransactGetItems", gen_transactget, 4, 0},
	[OP_SCAN] = {"scan", "Scan", gen_scan, 0, 0},
	[OP_SCANALL] = {"scanall", "Scan", gen_scanall, 0, 0},
	[OP_LIST] = {"list", "ListTables", gen_list, 0, 0},
};

/* Of a hundred requests so many are of each kind. */
static const struct
{
	const char *name;
	int			percent[NOPS];
}			mixes[] = {
	{"ycsb-a", {[OP_GET] = 50, [OP_UPDATE] = 50}},
	{"ycsb-b", {[OP_GET] = 95, [OP_UPDATE] = 5}},
	{"ycsb-c", {[OP_GET] = 100}},
	{"ycsb-f", {[OP_GET] = 50, [OP_PUT] = 50}},
	{"churn", {[OP_PUT] = 30, [OP_DELETE] = 20, [OP_UPDATEKEY] = 30, [OP_DROPKEY] = 20}},
	{"mixed", {[OP_GET] = 40, [OP_PUT] = 15, [OP_UPDATE] = 15, [OP_CONDPUT] = 5, [OP_QUERY] = 15,
	[OP_BATCH] = 4, [OP_TRANSACT] = 4, [OP_TRANSACTGET] = 2}},
};

/* ------------------------------------------------------------ request pool */

#define POOL_BYTES (256u << 20)

static Buf	arena;
static Req *reqs;
static size_t nreqs;
static size_t sent;

static void
add_request(int op)
{
	static Buf	body;

	body.len = 0;
	ops[op].gen(&body);
	reqs[nreqs].off = arena.len;
	reqs[nreqs].op = op;
	sign_request(&arena, ops[op].api, body.p, body.len);
	reqs[nreqs].len = arena.len - reqs[nreqs].off;
	nreqs++;
}

static const int *
find_mix(void)
{
	static int	alone[NOPS];

	for (int i = 0; i < NOPS; i++)
		if (strcmp(ops[i].name, opt.workload) == 0)
		{
			alone[i] = 100;
			return alone;
		}
	for (size_t i = 0; i < sizeof mixes / sizeof mixes[0]; i++)
		if (strcmp(mixes[i].name, opt.workload) == 0)
			return mixes[i].percent;
	die("unknown workload \"%s\"", opt.workload);
}

void
build_pool(void)
{
	const int  *percent = find_mix();

	reqs = malloc(opt.pool * sizeof *reqs);
	while (nreqs < opt.pool && arena.len < POOL_BYTES)
	{
		int			left = rng() % 100, op = 0;

		while ((left -= percent[op]) >= 0)
			op++;
		add_request(op);
	}
}

const Req *
pool_next(void)
{
	if (reqs[0].op != OP_NEW)
		return &reqs[sent++ % nreqs];
	return sent < nreqs ? &reqs[sent++] : NULL;	/* what is there is new no more */
}

const char *
pool_bytes(const Req *req)
{
	return arena.p + req->off;
}

bool
load_batch(Buf *body)
{
	static uint64_t next;		/* item to be sent */
	uint64_t	keys[25];
	int			max = opt.item_size > 30000 ? 5 : 25, n = 0;

	while (n < max && next < opt.items)
		keys[n++] = shuffled(next++, opt.items);
	if (n == 0)
		return false;
	put_batch(body, keys, n);
	return true;
}
