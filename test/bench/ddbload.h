/*
 * ddbload.h
 *	  What the files of the load driver share.
 */
#ifndef DDBLOAD_H
#define DDBLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

/* ---------------------------------------------------- ddbload.c: options */

#define MAX_CONNECTIONS 4000
#define MAX_IDLE 20000

typedef struct
{
	char		host[128];
	char		port[8];
	const char *access_key, *secret_key, *region, *table, *workload, *dist;
	const char *server_pids;
	int			connections;
	int			idle;			/* connections that are opened, used once and kept */
	double		duration, warmup;
	uint64_t	items, part, item_size, pool, seed, hot;
	uint64_t	first;			/* item of "new"; 0: the one behind all others */
	double		t0;				/* CLOCK_MONOTONIC of the server's exec, for "ready" */
	int			gsis;			/* indexes that "create" makes */
	int			index;			/* the one that queries, updates and addindex mean */
	bool		token;			/* transactions have a ClientRequestToken */
} Options;

extern Options opt;

extern noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern double now(void);
extern uint64_t rng(void);

/* ---------------------------------------------------- request.c: requests */

typedef struct
{
	char	   *p;
	size_t		len, cap;
} Buf;

extern void put_mem(Buf *b, const void *p, size_t n);
extern void put_f(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Append one complete signed HTTP request to 'out'. */
extern void sign_request(Buf *out, const char *op, const char *body, size_t bodylen);

/* -------------------------------------------------- workload.c: workloads */

#define MAX_GSIS 5				/* an item has keys for so many */

enum
{
	OP_PUT, OP_NEW, OP_GET, OP_DELETE, OP_UPDATE, OP_UPDATEKEY, OP_DROPKEY, OP_CONDPUT,
	OP_QUERY, OP_QUERYGSI, OP_BATCH, OP_TRANSACT,
	OP_TRANSACTUPDATE, OP_TRANSACTGET, OP_SCAN, OP_SCANALL, OP_LIST, NOPS
};

typedef struct
{
	const char *name, *api;
	void		(*gen) (Buf *);
	int			min_items;		/* a 200 with a smaller body than this many items is bad */
	size_t		max_body;		/* ... or with a larger one than this, if not 0 */
} Op;

#define ITEMS_OF_PAGE (-1)		/* as min_items: as many as a query asks for */

extern const Op ops[NOPS];
extern uint64_t page_items(void);

typedef struct
{
	size_t		off, len;
	int			op;
} Req;

/* All requests of a run, and the next one of them; NULL when there is none. */
extern void build_pool(void);
extern const Req *pool_next(void);
extern const char *pool_bytes(const Req *req);

extern void put_item(Buf *b, uint64_t i);

/* The next batch of "load"; false when all items have been sent. */
extern bool load_batch(Buf *body);

/* The key of index k as CreateTable and UpdateTable describe it. */
extern void put_index(Buf *b, int k);
extern void put_attributes(Buf *b, int k);

/* A page of one of 'segments' parallel scans, behind a key unless it is "". */
extern void put_scan(Buf *b, int segment, int segments, const char *start);

/* A Query of one item of index k. */
extern void put_index_probe(Buf *b, int k);

/* -------------------------------------------------- measure.c: measuring */

/* 128 buckets per power of two of nanoseconds: better than 1 % */
#define SUB 128
#define NBUCKETS (SUB * 40)

typedef struct
{
	uint64_t	n, bucket[NBUCKETS];
	double		sum;
} Hist;

extern void hist_add(Hist *h, double sec);
extern double hist_us(const Hist *h, double q);

/* Processor time in seconds, and memory. */
typedef struct
{
	double		server, self, busy, steal;
	uint64_t	rss_kb, pss_kb,
				private_kb;		/* of no other process */
} Usage;

extern Usage usage_now(bool memory);

/* -------------------------------------------------- client.c: connections */

extern void run_load(void);

/* Send one request on a connection of its own; the status, or -1. */
extern int	call(const char *op, const char *body, char *reply, size_t cap);

/* ----------------------------------------------- table.c: single requests */

extern void run_create(void);
extern void run_drop(void);
extern void run_add_index(void);
extern void run_drop_index(void);
extern void run_ready(void);
extern void run_item(void);

#endif							/* DDBLOAD_H */
