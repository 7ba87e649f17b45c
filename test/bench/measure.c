/*
 * measure.c
 *	  Histograms of latencies, processor time and memory.
 */
#include "ddbload.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void
hist_add(Hist *h, double sec)
{
	uint64_t	v = sec * 1e9;
	int			e = v < SUB ? 0 : 63 - __builtin_clzll(v) - 6;
	int			k = e == 0 ? (int) v : e * SUB + (int) (v >> (e - 1)) - SUB;

	if (k >= NBUCKETS)
		k = NBUCKETS - 1;
	h->bucket[k]++;
	h->n++;
	h->sum += sec;
}

double
hist_us(const Hist *h, double q)
{
	uint64_t	need = ceil(q * h->n), seen = 0;

	for (int k = 0; k < NBUCKETS; k++)
		if ((seen += h->bucket[k]) >= need && need > 0)
		{
			int			e = k / SUB;

			return (e == 0 ? k : ((double) (k % SUB + SUB + 0.5) * pow(2, e - 1))) / 1e3;
		}
	return 0;
}

static double tick;				/* of the clock that counts processor time, per second */

/* Sum over the processes named by --server-pid and all their descendants. */
static void
server_usage(Usage *u, bool memory)
{
	enum {MAXP = 8192};
	static int	pid[MAXP], ppid[MAXP];
	static double cpu[MAXP];
	static bool mine[MAXP];
	int			n = 0;
	bool		grown = true;
	DIR		   *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d)) && n < MAXP)
	{
		char		path[300], line[1024], *p;
		unsigned long ut, st;
		long		cut, cst;
		FILE	   *f;

		if (!isdigit((unsigned char) e->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		if (!(f = fopen(path, "r")))
			continue;
		if (fgets(line, sizeof line, f) && (p = strrchr(line, ')')) &&
			sscanf(p + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
				   &ppid[n], &ut, &st, &cut, &cst) == 5)
		{
			pid[n] = atoi(e->d_name);
			cpu[n] = (ut + st + cut + cst) / tick;
			mine[n] = false;
			for (const char *s = opt.server_pids; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
				if (atoi(s) == pid[n])
					mine[n] = true;
			n++;
		}
		fclose(f);
	}
	if (d)
		closedir(d);
	while (grown)
	{
		grown = false;
		for (int i = 0; i < n; i++)
			for (int j = 0; !mine[i] && j < n; j++)
				if (mine[j] && pid[j] == ppid[i])
					mine[i] = grown = true;
	}
	for (int i = 0; i < n; i++)
	{
		char		path[64], line[256];
		unsigned long kb;
		FILE	   *f;

		if (!mine[i])
			continue;
		u->server += cpu[i];
		if (!memory)
			continue;
		snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid[i]);
		if (!(f = fopen(path, "r")))
			continue;
		while (fgets(line, sizeof line, f))
		{
			if (sscanf(line, "Rss: %lu", &kb) == 1)
				u->rss_kb += kb;
			else if (sscanf(line, "Pss: %lu", &kb) == 1)
				u->pss_kb += kb;
			else if (sscanf(line, "Private_Clean: %lu", &kb) == 1 ||
					 sscanf(line, "Private_Dirty: %lu", &kb) == 1)
				u->private_kb += kb;
		}
		fclose(f);
	}
}

Usage
usage_now(bool memory)
{
	Usage		u = {0};
	struct rusage ru;
	unsigned long us = 0, ni = 0, sy = 0, id, io, irq = 0, sirq = 0, steal = 0;
	FILE	   *f = fopen("/proc/stat", "r");

	tick = sysconf(_SC_CLK_TCK);
	if (f)
	{
		if (fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu",
				   &us, &ni, &sy, &id, &io, &irq, &sirq, &steal) < 8)
			steal = 0;
		fclose(f);
	}
	u.busy = (us + ni + sy + irq + sirq) / tick;
	u.steal = steal / tick;
	getrusage(RUSAGE_SELF, &ru);
	u.self = ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
		(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
	if (opt.server_pids)
		server_usage(&u, memory);
	return u;
}
