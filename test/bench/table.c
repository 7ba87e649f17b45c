/*
 * table.c
 *	  What is no load: the table and its indexes made and dropped, and the wait
 *	  for a server.
 */
#include "ddbload.h"

#include <stdio.h>
#include <unistd.h>

/* die() unless the server agrees. */
static void
demand(const char *op, Buf *body)
{
	char		reply[400];
	int			status;

	put_f(body, "%c", 0);
	status = call(op, body->p, reply, sizeof reply);
	if (status != 200)
		die("%s: %d %s", op, status, reply);
}

/* Until the server agrees, or does no longer. */
static void
wait_for(const char *op, Buf *body, bool agrees)
{
	char		reply[400];
	int			status;
	double		limit = now() + 600;

	put_f(body, "%c", 0);
	while (((status = call(op, body->p, reply, sizeof reply)) == 200) != agrees)
	{
		if (now() > limit)
			die("no end of waiting for %s: %d %s", op, status, reply);
		usleep(10000);
	}
}

/* An index can be read when it is ACTIVE. */
static void
wait_for_index(int k, bool there)
{
	Buf			b = {0};

	put_index_probe(&b, k);
	wait_for("Query", &b, there);
}

static void
put_table_name(Buf *b)
{
	b->len = 0;
	put_f(b, "{\"TableName\":\"%s\"}", opt.table);
}

static void
drop(bool must_exist)
{
	Buf			b = {0};

	put_table_name(&b);
	put_f(&b, "%c", 0);
	if (call("DescribeTable", b.p, NULL, 0) != 200 && !must_exist)
		return;
	put_table_name(&b);
	demand("DeleteTable", &b);
	put_table_name(&b);
	wait_for("DescribeTable", &b, false);
}

void
run_drop(void)
{
	drop(true);
}

void
run_create(void)
{
	Buf			b = {0};

	drop(false);
	put_f(&b, "{\"TableName\":\"%s\",\"BillingMode\":\"PAY_PER_REQUEST\","
		  "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}],"
		  "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},{\"AttributeName\":\"sk\",\"AttributeType\":\"S\"}",
		  opt.table);
	for (int k = 1; k <= opt.gsis; k++)
	{
		put_f(&b, ",");
		put_attributes(&b, k);
	}
	put_f(&b, "]");
	for (int k = 1; k <= opt.gsis; k++)
	{
		put_f(&b, k == 1 ? ",\"GlobalSecondaryIndexes\":[" : ",");
		put_index(&b, k);
	}
	put_f(&b, opt.gsis > 0 ? "]}" : "}");
	demand("CreateTable", &b);

	/* active when a GetItem is answered: TableStatus may lie beyond what call() keeps */
	b.len = 0;
	put_f(&b, "{\"TableName\":\"%s\",\"Key\":{\"pk\":{\"S\":\"x\"},\"sk\":{\"S\":\"x\"}}}", opt.table);
	wait_for("GetItem", &b, true);
	for (int k = 1; k <= opt.gsis; k++)
		wait_for_index(k, true);
}

void
run_add_index(void)
{
	Buf			b = {0};
	double		begun = now();

	put_f(&b, "{\"TableName\":\"%s\",\"AttributeDefinitions\":[", opt.table);
	put_attributes(&b, opt.index);
	put_f(&b, "],\"GlobalSecondaryIndexUpdates\":[{\"Create\":");
	put_index(&b, opt.index);
	put_f(&b, "}]}");
	demand("UpdateTable", &b);
	wait_for_index(opt.index, true);
	printf("{\"workload\":\"addindex\",\"index\":%d,\"seconds\":%.3f}\n", opt.index, now() - begun);
}

void
run_drop_index(void)
{
	Buf			b = {0};

	put_f(&b, "{\"TableName\":\"%s\",\"GlobalSecondaryIndexUpdates\":[{\"Delete\":{\"IndexName\":\"gsi%d\"}}]}",
		  opt.table, opt.index);
	demand("UpdateTable", &b);
	wait_for_index(opt.index, false);
}

/* The first item, as others than ddbload may want to write it. */
void
run_item(void)
{
	Buf			b = {0};

	put_item(&b, 0);
	printf("%.*s\n", (int) b.len, b.p);
}

void
run_ready(void)
{
	double		limit = now() + 60;
	int			status;

	while ((status = call("ListTables", "{}", NULL, 0)) != 200)
	{
		if (now() > limit)
			die("no 200 within 60 s, last status %d", status);
		usleep(1000);
	}
	printf("{\"workload\":\"ready\",\"ms\":%.1f}\n", (now() - opt.t0) * 1e3);
}
