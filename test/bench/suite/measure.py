"""One measurement, of ddbload or of pgbench, and the two side by side.

A measurement is a dict: rate (requests/s), p50_us, p95_us, p99_us, p999_us,
server_cpu_us and client_cpu_us for a request, and what the machine did beside
it: other_cores, steal_cores.  One in which anything failed is refused.
"""

import contextlib
import dataclasses
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

from works import Table

WARMUP = 0.5
SESSION_WARMUP = 8          # transactions of each session of pgbench: five are planned anew
LONGEST_WARMUP = 20
FIGURES = ("rate", "p50_us", "p95_us", "p99_us", "p999_us", "server_cpu_us", "client_cpu_us",
           "other_cores", "steal_cores")


class Refused(Exception):
    """A measurement with errors, which is none."""


class Bench:
    """Measures on a server, for so many seconds and rounds."""

    def __init__(self, server, usage, seconds, rounds):
        self.server = server
        self.usage = usage
        self.seconds = seconds
        self.rounds = rounds
        self.tables = {}
        self.verified = set()
        self.seed = 0

    # Tables

    def table(self, items, item_size=400, gsis=0):
        """Made when it is first asked for."""
        name = f"bench_{items}_{item_size}_{gsis}"
        if name not in self.tables:
            table = Table(name, items, item_size)
            self.driver(*table.arguments, "--workload", "create", "--gsis", gsis)
            self.driver(*table.arguments, "--workload", "load", "--connections", 16)
            self.server.sql(f"VACUUM ANALYZE {table.sql_name}")
            self.server.sql("CHECKPOINT")
            self.tables[name] = table
        return self.tables[name]

    def drop_tables(self):
        for table in self.tables.values():
            self.driver(*table.arguments, "--workload", "drop")

    def bytes_of(self, table):
        return int(self.server.sql(f"SELECT pg_total_relation_size('{table.sql_name}')"))

    def check_count(self, table):
        """Whatever was written was written to the items that are there."""
        count = int(self.server.sql(f"SELECT count(*) FROM {table.sql_name}"))
        if count != table.items:
            raise Refused(f"{table.name} has {count} items instead of {table.items}")

    # ddbload

    def driver(self, *arguments):
        done = subprocess.run(self.server.driver(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode != 0:
            raise Refused("ddbload: " + " ".join(
                line[:300].removeprefix("ddbload: ") for line in done.stderr.splitlines()[:2]))
        return done.stdout

    def over_http(self, table, workload, connections, *more, seconds=None, per_second=30000):
        """A pool of which each request is sent once, as far as that can be known."""
        self.seed += 1
        seconds = seconds or self.seconds
        pool = min(200000, max(2000, int(per_second * (seconds + WARMUP))))
        result = json.loads(self.driver(
            *table.arguments, "--workload", workload, "--connections", connections, "--duration", seconds,
            "--warmup", WARMUP, "--pool", pool, "--seed", self.seed, "--server-pid", self.server.pid, *more))
        if result["reconnects"] > 0:
            raise Refused(f"ddbload: {result['reconnects']} connections were closed")
        result["rate"] = result["rps"]
        return result

    @contextlib.contextmanager
    def background(self, table, workload, connections, failures):
        """A load that goes on meanwhile; whether it may fail."""
        command = self.server.driver(*table.arguments, "--workload", workload, "--connections", connections,
                                     "--pool", 20000, "--warmup", 0, "--duration", 600)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as load:
            try:
                # it has made its requests when it is connected
                while load.poll() is None and len(os.listdir(f"/proc/{load.pid}/fd")) < connections + 4:
                    time.sleep(0.05)
                time.sleep(WARMUP)
                yield
            finally:
                load.terminate()
                error = load.communicate()[1]
        if load.returncode != 0 and not failures:
            raise Refused(f"beside it, ddbload: {error[:300]}")

    # pgbench

    def in_sql(self, table, scripts, connections, seconds=None, warm=None, ready=None):
        scans = self.whole_scans(table)
        seconds = seconds or self.seconds
        with tempfile.TemporaryDirectory() as directory:
            command = [self.server.program("pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "1",
                       "-T", "3600", "-l", "--log-prefix", os.path.join(directory, "log"),
                       "-D", "item=" + self.item(table)]
            pgbench = self.start_pgbench(command, directory, scripts)
            try:
                self.wait_until_connected(pgbench, connections)
                self.wait_until_warm(connections)
                if warm:
                    warm()
                before = self.usage(self.server.pid, pgbench.pid)
                time.sleep(seconds)
                after = self.usage(self.server.pid, pgbench.pid)
                if ready:
                    ready()
                # to pgbench this is the end of its -T
                pgbench.send_signal(signal.SIGALRM)
                output = pgbench.communicate(timeout=120)[0]
            finally:
                if pgbench.poll() is None:
                    pgbench.kill()
                    pgbench.wait()
            refuse_failed(pgbench.returncode, output)
            latencies = read_log(os.path.join(directory, f"log.{pgbench.pid}"), before.time, after.time)
        if not latencies:
            if seconds > 20:
                raise Refused(f"pgbench: no transaction ended within {seconds} seconds")
            return self.in_sql(table, scripts, connections, 4 * seconds, warm, ready)
        if self.whole_scans(table) != scans:
            raise Refused("pgbench: a plan without an index, which would be no comparison")
        return {"rate": len(latencies) / (after.time - before.time), **percentiles(latencies),
                **after.since(before, len(latencies))}

    def whole_scans(self, table):
        return self.server.sql("SELECT seq_scan FROM pg_stat_user_tables"
                               f" WHERE relid = '{table.sql_name}'::regclass")

    def item(self, table):
        return self.driver(*table.arguments, "--workload", "item").strip()

    def start_pgbench(self, command, directory, scripts):
        for number, (weight, script) in enumerate(scripts):
            path = os.path.join(directory, f"script{number}")
            with open(path, "w", encoding="utf-8") as file:
                file.write(script)
            command += ["-f", f"{path}@{weight}"]
        return subprocess.Popen(command + [self.server.load_connection], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True,
                                env=dict(self.server.environment, PGAPPNAME="bench"))

    def wait_until_connected(self, pgbench, connections):
        limit = time.time() + 120
        while int(self.server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bench'"
                                  " AND query_start IS NOT NULL")) < connections:
            if pgbench.poll() is not None or time.time() > limit:
                pgbench.kill()
                raise Refused(f"pgbench: {complaints(pgbench.communicate()[0])}")
            time.sleep(0.05)

    def wait_until_warm(self, connections):
        """Sessions report what they have committed about once in a second."""
        commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        before = int(self.server.sql(commits))
        limit = time.time() + LONGEST_WARMUP
        time.sleep(WARMUP)
        while int(self.server.sql(commits)) - before < SESSION_WARMUP * connections and time.time() < limit:
            time.sleep(0.1)

    def verify(self, work, table):
        """The script's keys are those of the table: its select finds what it should."""
        if not work.rows or (work.name, table.name) in self.verified:
            return
        (_, script), = work.script(table)
        settings, query = script.rsplit("\n", 2)[:2]
        script = (f"{settings}\nSELECT 1 / (count(*) = {min(work.rows, table.page)})::integer AS right FROM "
                  f"({query.rstrip(';')}) AS rows \\gset\n")
        with tempfile.TemporaryDirectory() as directory:
            pgbench = self.start_pgbench([self.server.program("pgbench"), "-n", "-M", "prepared", "-t", "20"],
                                         directory, [(1, script)])
            refuse_failed(pgbench.wait(), pgbench.stdout.read())
        self.verified.add((work.name, table.name))

    # Side by side

    def compare(self, work, table, connections, seconds=None, rounds=None, hot=0, ready=None, warm=None):
        """Rounds of both, in turns; the one that is first in a round is second in
        the next.  ready() is called before each and at the end, warm() when the
        server's processes are there."""
        self.verify(work, table)
        # what those before have left behind
        self.server.sql(f"VACUUM {table.sql_name}")
        both = {"dynamo": [], "pgbench": []}
        touched = dataclasses.replace(table, items=hot or table.items)
        more = [*(("--dist", "zipf") if work.zipf else ()), *(("--hot", hot) if hot else ())]
        for number in range(rounds or self.rounds):
            for side in sorted(both, reverse=number % 2 == 1):
                if ready:
                    ready()
                # so that both write whole pages into the WAL as often
                self.server.sql("CHECKPOINT")
                if side == "dynamo":
                    if warm:
                        warm()
                    result = self.over_http(table, work.workload, connections, *more, seconds=seconds,
                                            per_second=work.per_second)
                else:
                    result = self.in_sql(table, work.script(touched), connections, seconds, warm, ready)
                both[side].append(result)
        if ready:
            ready()
        if work.puts:
            self.mend_keys(table)
        return row(work, table, connections, both)

    def mend_keys(self, table):
        """pgbench writes one item everywhere; the others get their keys back, or
        queries would find rows that do not agree with themselves."""
        self.server.sql(f"UPDATE {table.sql_name} SET item = item || jsonb_build_object("
                        "'pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('S', sk))"
                        " WHERE item #>> '{pk,S}' <> pk OR item #>> '{sk,S}' <> sk")

    def scan(self, table, connections=1):
        """Bytes of items: pages of 1 MB against COPY."""
        both = {"dynamo": [], "pgbench": []}
        bytes_copied = self.copy_bytes(table)
        for number in range(self.rounds):
            for side in sorted(both, reverse=number % 2 == 1):
                if side == "dynamo":
                    result = self.over_http(table, "scanall", connections)
                    result["bytes_per_second"] = result["rps"] * result["body_bytes"]
                else:
                    result = self.copy(table, bytes_copied)
                both[side].append(result)
        return both

    def copy_command(self, table, times):
        return [self.server.program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1",
                "-c", "SELECT 1", *["-c", f"COPY (SELECT item FROM {table.sql_name}) TO STDOUT"] * times,
                self.server.load_connection]

    def copy_bytes(self, table):
        with subprocess.Popen(self.copy_command(table, 1), stdout=subprocess.PIPE,
                              env=self.server.environment) as psql:
            psql.stdout.readline()
            size = sum(len(piece) for piece in iter(lambda: psql.stdout.read(1 << 20), b""))
        if psql.returncode != 0:
            raise Refused("psql: COPY failed")
        return size

    def copy(self, table, size):
        """So often that it takes as long as other measurements; what the
        connection costs is taken off."""
        nothing = self.copies(table, 0)
        times = 1
        while True:
            result = self.copies(table, times)
            seconds = result["seconds"] - nothing["seconds"]
            if seconds >= self.seconds:
                return {**result, "rate": times / seconds, "bytes_per_second": times * size / seconds}
            times = int(times * self.seconds / max(seconds, 0.01) * 1.2) + 1

    def copies(self, table, times):
        before = self.usage(self.server.pid, 0)
        done = subprocess.run(self.copy_command(table, times), stdout=subprocess.DEVNULL,
                              env=self.server.environment, check=False)
        after = self.usage(self.server.pid, 0)
        if done.returncode != 0:
            raise Refused("psql: COPY failed")
        return {"seconds": after.time - before.time, **after.since(before, max(times, 1))}


def refuse_failed(status, output):
    failed = re.search(r"number of failed transactions: (\d+)", output)
    if status != 0 or "aborted" in output or (failed and int(failed.group(1)) > 0):
        raise Refused(f"pgbench: {complaints(output)}")


def complaints(output):
    """The first that was said of errors, on one line."""
    lines = [line for line in output.splitlines() if re.search("error|fail|abort|FATAL", line, re.I)]
    return " ".join(line.removeprefix("pgbench: ") for line in lines[:2])[:500] or output[-300:]


def read_log(path, begin, end):
    """Latencies in us of the transactions that ended in this time, in order."""
    latencies = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if begin <= int(fields[4]) + int(fields[5]) / 1e6 < end:
                latencies.append(int(fields[2]))
    return sorted(latencies)


def percentiles(latencies):
    def at(share):
        return latencies[min(len(latencies) - 1, int(share * len(latencies)))]
    return {"p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99), "p999_us": at(0.999)}


def medians(results, figures=FIGURES):
    return {figure: statistics.median(result[figure] for result in results)
            for figure in figures if all(figure in result for result in results)}


def row(work, table, connections, both):
    summary = {side: medians(results) for side, results in both.items()}
    return {"work": work.name, "connections": connections, "items": table.items, "item_size": table.item_size,
            **summary, "ratio": summary["dynamo"]["rate"] / summary["pgbench"]["rate"], "rounds": both}
