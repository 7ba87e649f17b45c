/*
 * client.c
 *	  Connections, each with one request under way, and the run that keeps them
 *	  busy.
 *
 * A run is one period of measurement, or several: SIGUSR1 ends one and begins
 * the next.  A period is reported when it is over, as a JSON object on a line;
 * a run that has met errors reports nothing more.
 */
#define _GNU_SOURCE
#include "ddbload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ------------------------------------------------------------ connections */

typedef struct
{
	int			fd;
	const char *out;
	size_t		outlen;			/* what is still to be written */
	bool		want_out;
	int			op;
	double		start;
	/* response */
	char		head[8192];
	size_t		headlen;
	bool		in_body, chunked, close_after;
	int			status;
	size_t		body_left;		/* of the body, or of the current chunk */
	int			chunk_state;	/* 0 size line, 1 data, 2 CRLF after data, 3 trailer */
	char		line[64];
	int			linelen;
	size_t		body_len;		/* received so far */
	char		first[400];		/* first bytes of the body, for messages */
	char		last[256];		/* and the last */
	size_t		last_len;
	char		start_key[200]; /* of the next page, with "scanall" */
	Buf			own;			/* the request, where it is made on the way (load) */
} Conn;

static int	epfd;

static int
dial(void)
{
	static struct addrinfo *ai;
	int			fd, one = 1;

	if (!ai)
	{
		struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

		if (getaddrinfo(opt.host, opt.port, &hints, &ai) != 0)
			die("cannot resolve %s", opt.host);
	}
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0)
	{
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
watch(Conn *c, bool out, int how)
{
	struct epoll_event ev = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};

	c->want_out = out;
	if (epoll_ctl(epfd, how, c->fd, &ev) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

static void
flush_out(Conn *c)
{
	while (c->outlen > 0)
	{
		ssize_t		n = send(c->fd, c->out, c->outlen, MSG_NOSIGNAL);

		if (n < 0)
		{
			if (errno == EAGAIN)
				break;
			return;				/* the read side sees the end of the connection */
		}
		c->out += n;
		c->outlen -= n;
	}
	if (c->want_out != (c->outlen > 0))
		watch(c, c->outlen > 0, EPOLL_CTL_MOD);
}

static void
begin(Conn *c, int op, const char *p, size_t len)
{
	c->op = op;
	c->out = p;
	c->outlen = len;
	c->headlen = 0;
	c->in_body = c->chunked = c->close_after = false;
	c->status = 0;
	c->body_len = c->body_left = c->last_len = 0;
	c->chunk_state = c->linelen = 0;
	c->start = now();
	flush_out(c);
}

static void
parse_head(Conn *c)
{
	char	   *p = c->head;

	c->head[c->headlen] = 0;
	if (sscanf(p, "HTTP/1.%*d %d", &c->status) != 1)
		c->status = 599;
	while ((p = strstr(p, "\r\n")) && p[2] != '\r')
	{
		p += 2;
		if (strncasecmp(p, "content-length:", 15) == 0)
			c->body_left = strtoul(p + 15, NULL, 10);
		else if (strncasecmp(p, "transfer-encoding: chunked", 26) == 0)
			c->chunked = true;
		else if (strncasecmp(p, "connection: close", 17) == 0)
			c->close_after = true;
	}
	c->in_body = true;
}

/* Keep the last bytes of the body. */
static void
keep_last(Conn *c, const char *p, size_t n)
{
	size_t		keep;

	if (n > sizeof c->last)
	{
		p += n - sizeof c->last;
		n = sizeof c->last;
	}
	keep = sizeof c->last - n < c->last_len ? sizeof c->last - n : c->last_len;
	memmove(c->last, c->last + c->last_len - keep, keep);
	memcpy(c->last + keep, p, n);
	c->last_len = keep + n;
}

/* Feed received bytes; true when the response is complete. */
static bool
feed(Conn *c, const char *p, size_t n)
{
	while (n > 0 && !c->in_body)
	{
		if (c->headlen >= sizeof c->head - 1)
			die("response head too long");
		c->head[c->headlen++] = *p++;
		n--;
		if (c->headlen >= 4 && memcmp(c->head + c->headlen - 4, "\r\n\r\n", 4) == 0)
			parse_head(c);
	}
	if (!c->in_body)
		return false;
	for (;;)
	{
		if (!c->chunked || c->chunk_state == 1)
		{
			size_t		take = n < c->body_left ? n : c->body_left;

			if (c->body_len < sizeof c->first - 1)
			{
				size_t		keep = sizeof c->first - 1 - c->body_len;

				memcpy(c->first + c->body_len, p, keep < take ? keep : take);
			}
			keep_last(c, p, take);
			c->body_len += take;
			c->body_left -= take;
			p += take;
			n -= take;
			if (c->body_left > 0)
				return false;
			if (!c->chunked)
				return true;
			c->chunk_state = 2;
		}
		if (n == 0)
			return false;
		/* a line of the chunked framing */
		while (n > 0 && *p != '\n')
		{
			if (*p != '\r' && c->linelen < (int) sizeof c->line - 1)
				c->line[c->linelen++] = *p;
			p++, n--;
		}
		if (n == 0)
			return false;
		p++, n--;
		c->line[c->linelen] = 0;
		if (c->chunk_state == 2)
			c->chunk_state = 0;
		else if (c->chunk_state == 3 && c->linelen == 0)
			return true;
		else if (c->chunk_state == 0)
		{
			c->body_left = strtoul(c->line, NULL, 16);
			c->chunk_state = c->body_left > 0 ? 1 : 3;
		}
		c->linelen = 0;
	}
}

/* -------------------------------------------------------- single requests */

/* Send one request and wait for the answer; the status, or -1. */
static int
exchange(Conn *c, const Buf *request)
{
	static char buf[65536];
	int			flags = fcntl(c->fd, F_GETFL);
	ssize_t		got;
	bool		done = false;

	fcntl(c->fd, F_SETFL, flags & ~O_NONBLOCK);
	if (send(c->fd, request->p, request->len, MSG_NOSIGNAL) == (ssize_t) request->len)
		while (!done && (got = recv(c->fd, buf, sizeof buf, 0)) > 0)
			done = feed(c, buf, got);
	return done ? c->status : -1;
}

/* Send one request on a connection of its own; the status, or -1. */
int
call(const char *op, const char *body, char *reply, size_t cap)
{
	Buf			request = {0};
	static Conn c;
	int			status;

	memset(&c, 0, sizeof c);
	if ((c.fd = dial()) < 0)
		return -1;
	sign_request(&request, op, body, strlen(body));
	status = exchange(&c, &request);
	close(c.fd);
	free(request.p);
	if (reply)
	{
		c.first[c.body_len < sizeof c.first ? c.body_len : sizeof c.first - 1] = 0;
		snprintf(reply, cap, "%s", c.first);
	}
	return status;
}

/* ---------------------------------------------------------------- periods */

static struct
{
	double		from, seconds;
	Usage		before, after;
	Hist		by_op[NOPS], total;
	uint64_t	body_bytes;
}			period;

static Usage idle_before, idle_after;

static bool measuring;
static uint64_t errors, reconnects;
static int	messages_left = 3;

static volatile sig_atomic_t next_period, asked_to_stop;

static void
handle_signal(int signal)
{
	if (signal == SIGUSR1)
		next_period = true;
	else
		asked_to_stop = true;
}

static void
begin_period(void)
{
	memset(&period, 0, sizeof period);
	period.before = usage_now(false);
	period.from = now();
	measuring = true;
}

static void
end_period(void)
{
	period.seconds = now() - period.from;
	period.after = usage_now(false);
	measuring = false;
}

static void
report_period(void)
{
	const Hist *h = &period.total;
	const Usage *u0 = &period.before, *u1 = &period.after;
	Usage		mem = usage_now(true);

	if (errors > 0)
		die("%lu of the answers were errors: no figures", errors);
	if (h->n == 0)
		die("no request was answered in this period");
	printf("{\"workload\":\"%s\",\"connections\":%d,\"items\":%lu,\"item_size\":%lu,\"dist\":\"%s\","
		   "\"seconds\":%.3f,\"requests\":%lu,\"rps\":%.1f,",
		   opt.workload, opt.connections, opt.items, opt.item_size, opt.dist, period.seconds, h->n, h->n / period.seconds);
	printf("\"mean_us\":%.1f,\"p50_us\":%.1f,\"p95_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"by_op\":{",
		   h->sum / h->n * 1e6, hist_us(h, .5), hist_us(h, .95), hist_us(h, .99), hist_us(h, .999));
	for (int i = 0, first = 1; i < NOPS; i++)
		if (period.by_op[i].n)
		{
			h = &period.by_op[i];
			printf("%s\"%s\":{\"n\":%lu,\"p50_us\":%.1f,\"p95_us\":%.1f,\"p99_us\":%.1f}", first ? "" : ",",
				   ops[i].name, h->n, hist_us(h, .5), hist_us(h, .95), hist_us(h, .99));
			first = 0;
		}
	h = &period.total;
	printf("},\"errors\":0,\"reconnects\":%lu,\"body_bytes\":%.0f,", reconnects, (double) period.body_bytes / h->n);
	printf("\"client_cpu_us\":%.2f,\"other_cores\":%.2f,\"steal_cores\":%.2f", (u1->self - u0->self) / h->n * 1e6,
		   (u1->busy - u0->busy - (u1->self - u0->self) - (u1->server - u0->server)) / period.seconds,
		   (u1->steal - u0->steal) / period.seconds);
	if (opt.server_pids)
		printf(",\"server_cpu_us\":%.2f,\"server_cores\":%.2f,\"rss_mb\":%.1f,\"pss_mb\":%.1f",
			   (u1->server - u0->server) / h->n * 1e6, (u1->server - u0->server) / period.seconds,
			   mem.rss_kb / 1024.0, mem.pss_kb / 1024.0);
	if (opt.server_pids && opt.idle > 0)
		printf(",\"idle\":%d,\"idle_private_kb\":%.2f,\"idle_rss_kb\":%.2f", opt.idle,
			   ((double) idle_after.private_kb - idle_before.private_kb) / opt.idle,
			   ((double) idle_after.rss_kb - idle_before.rss_kb) / opt.idle);
	printf("}\n");
	fflush(stdout);
}

/* Where the next page starts: at the beginning again when this was the last. */
static void
note_start_key(Conn *c)
{
	static const char name[] = "\"LastEvaluatedKey\":";
	char	   *found = memmem(c->last, c->last_len, name, strlen(name));

	c->start_key[0] = 0;
	if (found)
	{
		size_t		len = c->last + c->last_len - 1 - (found + strlen(name));

		if (len >= sizeof c->start_key)
			die("LastEvaluatedKey is too long");
		memcpy(c->start_key, found + strlen(name), len);	/* all but the last brace */
		c->start_key[len] = 0;
	}
}

static void
finish(Conn *c)
{
	const Op   *op = &ops[c->op];
	double		t = now() - c->start;
	uint64_t	items = op->min_items == ITEMS_OF_PAGE ? page_items() : (uint64_t) op->min_items;

	c->first[c->body_len < sizeof c->first ? c->body_len : sizeof c->first - 1] = 0;
	if (c->status != 200 || c->body_len < items * opt.item_size ||
		(op->max_body && c->body_len > op->max_body))
	{
		errors++;
		if (messages_left-- > 0)
			fprintf(stderr, "ddbload: %s: status %d, %zu bytes: %s\n", op->name, c->status, c->body_len, c->first);
	}
	if (c->op == OP_SCANALL)
		note_start_key(c);
	if (!measuring)
		return;
	period.body_bytes += c->body_len;
	hist_add(&period.by_op[c->op], t);
	hist_add(&period.total, t);
}

/* ---------------------------------------------------------------- running */

#define DRAIN_LIMIT 20			/* seconds to wait for the last responses */

static Conn *conns;
static bool loading;			/* the workload is "load": no pool, no time limit */
static bool scanning;			/* it is "scanall": what to send is in the answers */
static double stopped;			/* when the time was over: only wait for what is outstanding */

/* Give an idle connection its next request; false when there is none. */
static bool
next_request(Conn *c)
{
	static Buf	body;
	const Req  *r;

	if (stopped)
		return false;
	if (scanning)
	{
		body.len = 0;
		put_scan(&body, c - conns, opt.connections, c->start_key);
		c->own.len = 0;
		sign_request(&c->own, ops[OP_SCANALL].api, body.p, body.len);
		begin(c, OP_SCANALL, c->own.p, c->own.len);
		return true;
	}
	if (!loading)
	{
		if (!(r = pool_next()))
			return false;
		if (opt.token)
		{
			/* one that was sent before would not be done again */
			body.len = 0;
			ops[r->op].gen(&body);
			c->own.len = 0;
			sign_request(&c->own, ops[r->op].api, body.p, body.len);
			begin(c, r->op, c->own.p, c->own.len);
		}
		else
			begin(c, r->op, pool_bytes(r), r->len);
		return true;
	}
	body.len = 0;
	if (!load_batch(&body))
		return false;
	c->own.len = 0;
	sign_request(&c->own, "BatchWriteItem", body.p, body.len);
	begin(c, OP_BATCH, c->own.p, c->own.len);
	return true;
}

static void
reconnect(Conn *c)
{
	close(c->fd);
	reconnects++;
	for (int i = 0; (c->fd = dial()) < 0; i++)
	{
		if (i == 50)
			die("cannot connect again: %s", strerror(errno));
		usleep(20000);
	}
	watch(c, false, EPOLL_CTL_ADD);
}

/* Something has happened on a connection; false when it has nothing to do any more. */
static bool
serve(Conn *c, uint32_t events)
{
	static char buf[1 << 18];
	ssize_t		got;

	if (events & EPOLLOUT)
		flush_out(c);
	if (!(events & ~EPOLLOUT))
		return true;
	got = recv(c->fd, buf, sizeof buf, 0);
	if (got < 0 && errno == EAGAIN)
		return true;
	if (got <= 0)
	{
		c->status = 598;		/* closed by the server, which owed a response */
		finish(c);
		reconnect(c);
		return next_request(c);
	}
	if (!feed(c, buf, got))
		return true;
	finish(c);
	if (c->close_after)
		reconnect(c);
	return next_request(c);
}

/* A period goes on, if not forever, until there is something to report. */
static bool
time_is_over(double measured)
{
	return measured >= opt.duration &&
		(period.total.n > 0 || measured >= opt.duration + DRAIN_LIMIT);
}

/* Begin, change and end periods as time and signals say. */
static void
keep_time(double begun)
{
	double		t = now();

	if (loading || stopped)
		return;
	if (!measuring && t >= begun + opt.warmup)
		begin_period();
	if (measuring && (asked_to_stop || time_is_over(t - begun - opt.warmup)))
	{
		end_period();
		stopped = t;
	}
	else if (measuring && next_period)
	{
		next_period = false;
		end_period();
		report_period();
		begin_period();
	}
}

static int
connect_all(void)
{
	int			active = 0;

	for (int i = 0; i < opt.connections; i++)
	{
		if ((conns[i].fd = dial()) < 0)
			die("cannot connect to %s:%s: %s", opt.host, opt.port, strerror(errno));
		watch(&conns[i], false, EPOLL_CTL_ADD);
	}
	for (int i = 0; i < opt.connections; i++)
		active += next_request(&conns[i]);
	return active;
}

/* As many open files as the connections are. */
static void
allow_files(int count)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= (rlim_t) count)
		return;
	limit.rlim_cur = count;
	if (limit.rlim_max < (rlim_t) count)
		limit.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("%d open files: %s (ulimit -n)", count, strerror(errno));
}

/* Connections that have had an answer and wait for the next request. */
static int *idle_fds;

static void
open_idle(void)
{
	static const char body[] = "{}";
	static Conn c;
	Buf			request = {0};

	if (opt.idle == 0)
		return;
	idle_before = usage_now(true);
	idle_fds = malloc(opt.idle * sizeof *idle_fds);
	sign_request(&request, "ListTables", body, strlen(body));
	for (int i = 0; i < opt.idle; i++)
	{
		memset(&c, 0, sizeof c);
		if ((c.fd = dial()) < 0)
			die("idle connection %d: %s", i, strerror(errno));
		if (exchange(&c, &request) != 200)
			die("idle connection %d: status %d", i, c.status);
		idle_fds[i] = c.fd;
	}
	idle_after = usage_now(true);
	free(request.p);
}

/* They must not have been closed. */
static void
check_idle(void)
{
	char		byte;

	for (int i = 0; i < opt.idle; i++)
		if (recv(idle_fds[i], &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN)
			errors++;
}

void
run_load(void)
{
	static struct epoll_event ev[1024];
	struct sigaction action = {.sa_handler = handle_signal};
	double		begun;
	int			active;

	conns = calloc(opt.connections, sizeof *conns);
	loading = strcmp(opt.workload, "load") == 0;
	scanning = strcmp(opt.workload, ops[OP_SCANALL].name) == 0;
	if (!loading && !scanning)
		build_pool();
	allow_files(opt.connections + opt.idle + 50);
	open_idle();
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll_create1: %s", strerror(errno));
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	if (loading)
		begin_period();
	begun = now();
	active = connect_all();
	while (active > 0 && !(stopped && now() > stopped + DRAIN_LIMIT))
	{
		int			n = epoll_wait(epfd, ev, 1024, 20);

		keep_time(begun);
		for (int i = 0; i < n; i++)
			active -= !serve(ev[i].data.ptr, ev[i].events);
	}
	if (measuring)				/* there were no more requests */
		end_period();
	errors += active;			/* unanswered */
	check_idle();
	report_period();
}
