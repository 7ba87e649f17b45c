"""The parts of a run.  Each takes what it measures from the Run and adds to its
results; what it says about a target goes through Run.target()."""

import statistics
import subprocess
import time

from cluster import MemoryGroup
from measure import medians
from processes import workers
from works import BY_NAME, TRANSACT_UPDATE, WORKS

IDLE = 2000
MOST_MEMORY = 128 << 20         # bytes of items in a table of large ones
READ_US = 200                   # that a read takes in "slow_read"
FSYNC_US = 2000
WORKERS = (2, 4, 8)
LEAST_CACHE = 16 << 20          # a new process may need some of it


def works_of(run, *names):
    return [work for work in WORKS
            if (not names or work.name in names) and (not run.only or work.name in run.only)]


def connections_section(run):
    """Every work, on few and on many connections."""
    base = run.base_connections
    for work in works_of(run):
        table = run.bench.table(run.items, gsis=work.gsis)
        for connections in [base] if work.zipf else run.connections:
            if connections == base and not work.zipf:
                row = run.compare(work, table, connections)
            else:
                row = run.compare(work, table, connections, seconds=run.seconds / 2, rounds=run.few_rounds)
            if row and connections == base:
                judge(run, work, row)
        run.attempt(f"{work.name}: items", lambda table=table: run.bench.check_count(table))
    if not run.only or "scan" in run.only:
        run.attempt("scan", lambda: scan(run))
    run.results["workers"] = list(workers(run.server.pid).values())


def judge(run, work, row):
    where = f"{work.title}, {row['connections']} connections"
    if work.ratio:
        run.target(f"{where}: throughput", row["ratio"], f">= {work.ratio}", row["ratio"] >= work.ratio)
    if work.cpu_us:
        used = row["dynamo"]["server_cpu_us"]
        run.target(f"{where}: server CPU, us", used, f"<= {work.cpu_us}", used <= work.cpu_us)


def scan(run):
    both = run.bench.scan(run.bench.table(run.items))
    summary = {side: medians(results, ("rate", "bytes_per_second", "server_cpu_us", "other_cores", "steal_cores"))
               for side, results in both.items()}
    ratio = summary["dynamo"]["bytes_per_second"] / summary["pgbench"]["bytes_per_second"]
    # a COPY is the whole table
    for side, items in (("dynamo", None), ("pgbench", run.items)):
        size = statistics.median(result["bytes_per_second"] for result in both[side])
        summary[side]["cpu_us_per_mb"] = (statistics.median(
            result["server_cpu_us"] * result["rate"] / result["bytes_per_second"] * 1e6 for result in both[side]))
        summary[side]["mb_per_second"] = size / 1e6
        if items:
            summary[side]["items_per_second"] = summary[side]["rate"] * items
    run.results["scan"] = {**summary, "ratio": ratio, "rounds": both}
    run.say(f"scan: {summary['dynamo']['mb_per_second']:.0f} MB/s, COPY"
            f" {summary['pgbench']['mb_per_second']:.0f} MB/s, ratio {ratio:.2f}")
    run.target("Scan in pages of 1 MB: bytes/s against COPY", ratio, ">= 0.5", ratio >= 0.5)


def sizes_section(run):
    """Items of 4 kB and 100 kB."""
    for size in run.item_sizes:
        items = max(500, min(run.items, MOST_MEMORY // size) // 100 * 100)
        for work in works_of(run, "get", "put", "update", "query"):
            run.compare(work, run.bench.table(items, size), run.base_connections, rounds=run.few_rounds)


def tables_section(run):
    """Small and large tables."""
    for work in works_of(run, "get", "put"):
        rows = []
        for items in run.table_sizes:
            row = run.compare(work, run.bench.table(items), run.base_connections)
            rows += [row] if row else []
        if len(rows) < 2:
            continue
        used = [row["dynamo"]["server_cpu_us"] for row in (rows[0], rows[-1])]
        run.target(f"{work.title}, {rows[0]['items']:,} to {rows[-1]['items']:,} items: growth of CPU for a request",
                   used[1] / used[0], "<= 1.3", used[1] / used[0] <= 1.3)


def transactions_section(run):
    """Four updates in a transaction: keys of the whole table and of 8 items,
    without and with a ClientRequestToken; and four gets."""
    table = run.bench.table(run.items)
    rows = []
    for name, hot in (("cold", 0), ("hot", 8)):
        def measure(name=name, hot=hot):
            row = run.bench.compare(TRANSACT_UPDATE, table, run.base_connections, hot=hot)
            more = ("--hot", hot) if hot else ()
            row["keys"] = name
            row["token"] = [run.bench.over_http(table, "transactupdate", run.base_connections, "--token", *more)
                            for _ in range(run.rounds)]
            row["gets"] = [run.bench.over_http(table, "transactget", run.base_connections, *more)
                           for _ in range(run.rounds)]
            rows.append(row)
        run.attempt(f"transactions, {name}", measure)
    run.results["transactions"] = rows


def idle_section(run):
    """Active connections beside many idle ones."""
    table = run.bench.table(run.items)
    alone, beside = [], []
    for _ in range(run.rounds):
        alone.append(run.bench.over_http(table, "get", run.base_connections, per_second=50000))
        beside.append(run.bench.over_http(table, "get", run.base_connections, "--idle", IDLE, per_second=50000))
    share = statistics.median(result["rate"] for result in beside) / statistics.median(
        result["rate"] for result in alone)
    # memory that was taken once is not taken again: the first is what they need
    memory = beside[0]["idle_private_kb"]
    run.results["idle"] = {"alone": alone, "beside": beside, "share": share, "kb": memory}
    run.target(f"GetItem, {run.base_connections} connections beside {IDLE:,} idle ones: throughput, of that alone",
               share, ">= 0.9", share >= 0.9)
    run.target("memory for an idle connection, kB", memory, "<= 40", memory <= 40)


def disturbed_section(run):
    """GetItem on 16 connections, alone and beside what might hold it up."""
    table = run.bench.table(run.items)
    results = {}

    def beside(workload, connections, failures=False):
        def measure():
            with run.bench.background(table, workload, connections, failures):
                return run.bench.over_http(table, "get", 16, per_second=50000)
        return measure

    def locked():
        with subprocess.Popen(run.server.psql("-c", f"BEGIN; SELECT 1 FROM {table.sql_name} FOR UPDATE;"
                                              " SELECT pg_sleep(600)"), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              env=dict(run.server.environment, PGAPPNAME="disturbing")) as holder:
            time.sleep(1)
            try:
                # their writes are refused as long as the items are locked
                return beside("update", 32, failures=True)()
            finally:
                # psql would go, and what it began would stay
                run.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                               " WHERE application_name = 'disturbing'")
                holder.wait()

    cases = {
        "alone": lambda: run.bench.over_http(table, "get", 16, per_second=50000),
        "beside 2 connections that scan": beside("scanall", 2),
        "beside 16 connections that write": beside("put", 16),
        "beside 32 that write items locked by psql": locked,
    }
    for _ in range(run.rounds):
        for name, measure in cases.items():
            results.setdefault(name, []).append(measure())
    run.results["disturbed"] = results
    alone, scanning = [statistics.median(result["p99_us"] for result in results[name]) / 1000
                       for name in list(cases)[:2]]
    run.target("GetItem, 16 connections beside 2 that scan: p99, ms", scanning, "<= 5", scanning <= 5)
    run.target("... against its p99 alone", scanning / alone, "<= 3", scanning <= 3 * alone)


def memory_section(run):
    """The memory of the workers in the course of many mixed requests."""
    table = run.bench.table(run.items)
    done, points = 0, []
    while done < run.mixed_requests:
        done += run.bench.over_http(table, "mixed", run.base_connections, seconds=5 * run.seconds)["requests"]
        points.append({"requests": done, "workers": list(workers(run.server.pid).values())})
        run.say(f"memory: {done:,} requests, "
                + ", ".join(f"{worker['private_kb'] / 1024:.1f} MB" for worker in points[-1]["workers"]))
    run.results["memory"] = points
    # what is kept for reuse is there after a tenth of them
    early = next(point for point in points if point["requests"] >= run.mixed_requests / 10)
    growth = max(sum(worker["private_kb"] for worker in points[-1]["workers"]) / 1024
                 - sum(worker["private_kb"] for worker in early["workers"]) / 1024, 0) / len(early["workers"])
    run.target(f"memory of a worker, from {early['requests']:,} to {done:,} mixed requests: growth, MB",
               growth, "<= 2", growth <= 2)


def start_section(run):
    """From pg_ctl start to the first answer."""
    times = []
    for _ in range(max(3, run.rounds)):
        run.server.stop()
        begun = time.monotonic()        # the clock of ddbload
        run.server.start(run.settings, wait=False)
        answer = run.bench.driver("--workload", "ready", "--t0", begun)
        times.append(float(answer.split('"ms":')[1].rstrip("}\n")) / 1000)
        run.server.wait_until_served()
    run.results["start"] = times
    run.target("pg_ctl start to the first answer, s", statistics.median(times), "<= 1",
               statistics.median(times) <= 1)


def slow_fsync_section(run):
    """Writes, where the disk needs 2 ms for a flush."""
    run.restart(fsync_us=FSYNC_US)
    table = run.bench.table(run.items)
    for work in works_of(run, "put", "update", "transact"):
        row = run.compare(work, table, run.base_connections)
        if row and work.name == "put":
            run.target(f"PutItem, {run.base_connections} connections, a flush takes {FSYNC_US / 1000:.0f} ms",
                       row["ratio"], ">= 1.0", row["ratio"] >= 1)
    run.restart()


def slow_read_section(run):
    """GetItem where a quarter of the data is in shared_buffers, and every other
    page takes READ_US to read."""
    table = run.bench.table(run.cold_items)
    buffers = run.bench.bytes_of(table) // 4
    for count in WORKERS:
        run.restart({"shared_buffers": kilobytes(buffers), "dynamo.workers": count}, read_us=READ_US)
        row = run.compare(BY_NAME["get"], table, run.base_connections, rounds=run.few_rounds)
        if row:
            row["workers"] = count
    run.restart()


def cold_section(run):
    """GetItem where the data are four times as large as shared_buffers and the
    page cache together: a control group limits what the server may keep."""
    group = MemoryGroup()
    reason = group.create()
    if reason:
        run.skip("cold", reason)
        return
    table = run.bench.table(run.cold_items)
    share = run.bench.bytes_of(table) // 8
    if share < LEAST_CACHE:
        run.skip("cold", f"{table.items:,} items are too few: the cache would be smaller than {LEAST_CACHE >> 20} MB")
        group.remove()
        return

    def limit():
        # what else is needed is granted, so that the cache is as large on either side
        group.limit_cache(share)

    try:
        for count in WORKERS:
            run.restart({"shared_buffers": kilobytes(share), "dynamo.workers": count}, group=group)
            # shared_buffers are filled, and count as what is needed
            run.bench.over_http(table, "get", run.base_connections)
            row = run.compare(BY_NAME["get"], table, run.base_connections, rounds=run.few_rounds,
                              ready=group.lift, warm=limit)
            if row:
                row["workers"] = count
                if count == WORKERS[0]:
                    run.target(f"GetItem, {run.base_connections} connections, data four times the memory,"
                               f" {count} workers", row["ratio"], ">= 0.5", row["ratio"] >= 0.5)
    finally:
        try:
            run.restart()
        finally:
            group.remove()


def kilobytes(size):
    return f"{max(size // 1024, 1024)}kB"


# name: (what it does, whether it has to restart the server)
SECTIONS = {
    "connections": (connections_section, False),
    "sizes": (sizes_section, False),
    "tables": (tables_section, False),
    "transactions": (transactions_section, False),
    "idle": (idle_section, False),
    "disturbed": (disturbed_section, False),
    "memory": (memory_section, False),
    "start": (start_section, True),
    "slow_fsync": (slow_fsync_section, True),
    "slow_read": (slow_read_section, True),
    "cold": (cold_section, True),
}
