"""What a run has found: Markdown for people, JSON for programs, plots."""

import json
import os
import shutil
import statistics
import subprocess

from works import BY_NAME

SHOWN_SETTINGS = (
    "server_version", "fsync", "full_page_writes", "synchronous_commit", "wal_sync_method", "wal_level",
    "wal_compression", "shared_buffers", "max_wal_size", "checkpoint_timeout", "autovacuum", "commit_delay",
    "max_connections", "huge_pages", "ssl", "jit", "debug_assertions",
)


def settings_of(server):
    names = ", ".join(f"'{name}'" for name in SHOWN_SETTINGS)
    lines = server.sql(f"SELECT name, current_setting(name) FROM pg_settings WHERE name IN ({names})"
                       " OR name LIKE 'dynamo.%' ORDER BY name LIKE 'dynamo.%', name")
    return dict(line.split("|", 1) for line in lines.splitlines())


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(cell if isinstance(cell, str) else number(cell) for cell in cells) + " |"
              for cells in rows]
    return "\n".join(lines) + "\n"


def milliseconds(side):
    return " / ".join(number(side[name] / 1000) for name in ("p50_us", "p95_us", "p99_us", "p999_us"))


HEAD = ("requests/s", "pgbench", "ratio", "p50 / p95 / p99 / p99.9 ms", "pgbench", "server CPU us", "pgbench",
        "others' cores")


def cells(row):
    dynamo, pgbench = row["dynamo"], row["pgbench"]
    others = max(side["other_cores"] + side["steal_cores"] for side in (dynamo, pgbench))
    return [dynamo["rate"], pgbench["rate"], row["ratio"], milliseconds(dynamo), milliseconds(pgbench),
            dynamo["server_cpu_us"], pgbench["server_cpu_us"], others]


def rows_of(results, section):
    return [row for row in results["rows"] if row["section"] == section]


def title(row):
    return BY_NAME[row["work"]].title if row["work"] in BY_NAME else row["work"]


def head_of(results):
    machine, settings, options = results["machine"], results["settings"], results["options"]
    build = ("a release build" if settings.get("debug_assertions") == "off"
             else "a build of PostgreSQL WITH ASSERTIONS: not for comparison")
    memory = {True: "in huge pages", None: "in pages of unknown size"}.get(
        results["huge_pages"], "in pages of 4 kB, which pgbench's sessions, but not dynamo's workers, have yet to map:"
        " its figures are not what sessions of a pool would have")
    return f"""# dynamo against pgbench

{results['date']}, commit {results['commit']}.

{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Linux {machine['kernel']}; data on {machine['file_system']}; load average before the start {' '.join(machine['load_average'])}.
{results['version']}, {build} (PostgreSQL: {results['cflags']}). pgbench connects through {results['way']}. Shared memory is {memory}.

The same cluster, the same tables, uniformly spread keys (YCSB: zipfian, theta 0.99), {options['rounds']} rounds of {options['seconds']} s (less beside the base of
{options['base']} connections), in which ddbload and pgbench take turns, a checkpoint before each. Figures are medians. ddbload and `pgbench -M prepared` have one thread each. pgbench binds keys and item as
parameters; it writes the same item every time. Server CPU is that of all PostgreSQL processes, those that ended included, for a request. "Others' cores": used by anything else on the machine, stolen time included.

{', '.join(f'{name} = {value}' for name, value in settings.items())}
"""


def connections_part(results):
    rows = rows_of(results, "connections")
    if not rows:
        return ""
    baselines = "; ".join(f"{work.title}: {work.baseline}" for work in BY_NAME.values()
                          if any(row["work"] == work.name for row in rows))
    text = f"\n## Requests\n\n{baselines}.\n\n"
    text += table(("", "connections") + HEAD,
                  [[title(row), str(row["connections"])] + cells(row) for row in rows])
    scan = results.get("scan")
    if scan:
        dynamo, copy = scan["dynamo"], scan["pgbench"]
        text += (f"\nScan in pages of 1 MB, 1 connection: {number(dynamo['mb_per_second'])} MB/s and "
                 f"{number(dynamo['cpu_us_per_mb'])} us of server CPU for a MB; `COPY (SELECT item ...) TO STDOUT`: "
                 f"{number(copy['mb_per_second'])} MB/s and {number(copy['cpu_us_per_mb'])} us. "
                 f"Ratio {scan['ratio']:.2f}.\n")
    if results.get("workers"):
        text += "\nMemory of a worker after that (RSS with shared memory / PSS / its own): " + ", ".join(
            " / ".join(number(worker[size] / 1024) for size in ("rss_kb", "pss_kb", "private_kb")) + " MB"
            for worker in results["workers"]) + ".\n"
    return text


def simple_part(results, section, heading, columns):
    """columns: [(title, function of a row)]"""
    rows = rows_of(results, section)
    if not rows:
        return ""
    return f"\n## {heading}\n\n" + table(
        [""] + [name for name, _ in columns] + list(HEAD),
        [[title(row)] + [value(row) for _, value in columns] + cells(row) for row in rows])


def transactions_part(results):
    rows = results.get("transactions")
    if not rows:
        return ""
    return "\n## Transactions of four updates\n\n" + table(
        ("keys", "connections", "TransactWriteItems/s", "with a token", "pgbench, pipelined", "ratio", "server CPU us",
         "pgbench", "TransactGetItems/s"),
        [[row["keys"], str(row["connections"]), row["dynamo"]["rate"], median(row["token"], "rate"), row["pgbench"]["rate"],
          row["ratio"], row["dynamo"]["server_cpu_us"], row["pgbench"]["server_cpu_us"],
          median(row["gets"], "rate")]
         for row in rows])


def median(results, figure):
    return statistics.median(result[figure] for result in results)


def others_part(results):
    text = ""
    if "disturbed" in results:
        text += "\n## What must not hold GetItem up\n\n16 connections.\n\n" + table(
            ("", "requests/s", "p50 ms", "p99 ms", "p99.9 ms"),
            [[name, median(measured, "rate")]
             + [median(measured, figure) / 1000 for figure in ("p50_us", "p99_us", "p999_us")]
             for name, measured in results["disturbed"].items()])
    if "idle" in results:
        idle = results["idle"]
        text += (f"\n## Idle connections\n\nGetItem: {number(median(idle['alone'], 'rate'))} requests/s alone, "
                 f"{number(median(idle['beside'], 'rate'))} beside {idle['beside'][0]['idle']:,} idle connections, "
                 f"which take {number(idle['kb'])} kB each.\n")
    if "memory" in results:
        text += "\n## Memory of the workers\n\nPrivate memory of each, MB, after so many mixed requests:\n\n" + table(
            ("requests", "workers"),
            [[f"{point['requests']:,}", ", ".join(f"{worker['private_kb'] / 1024:.1f}" for worker in point["workers"])]
             for point in every_nth(results["memory"], 10)])
    if "start" in results:
        text += ("\n## Start\n\nFrom `pg_ctl start` to the first answer: "
                 + ", ".join(f"{seconds:.2f}" for seconds in results["start"]) + " s.\n")
    return text


def every_nth(points, most):
    step = max(1, len(points) // most)
    chosen = points[::step]
    return chosen if chosen[-1] is points[-1] else chosen + [points[-1]]


def targets_part(results):
    if not results["targets"]:
        return ""
    return "\n## Targets\n\n" + table(
        ("", "measured", "wanted", ""),
        [[target["what"], target["measured"], target["wanted"], "met" if target["met"] else "**missed**"]
         for target in results["targets"]])


def markdown(results):
    workers = [("workers", lambda row: str(row.get("workers", "")))]
    text = head_of(results) + targets_part(results) + connections_part(results)
    text += simple_part(results, "sizes", "Size of the items",
                        [("bytes", lambda row: f"{row['item_size']:,}"), ("items", lambda row: f"{row['items']:,}")])
    text += simple_part(results, "tables", "Size of the table", [("items", lambda row: f"{row['items']:,}")])
    text += transactions_part(results) + others_part(results)
    text += simple_part(results, "slow_fsync", "A disk that takes 2 ms for a flush", [])
    text += simple_part(results, "slow_read", "A quarter of the data in shared_buffers, 200 us for reading a page",
                        workers)
    text += simple_part(results, "cold", "Data four times shared_buffers and page cache (a control group)", workers)
    for name in ("skipped", "refused"):
        if results[name]:
            text += f"\n## {name.capitalize()}\n\n" + "".join(f"* {line}\n" for line in results[name])
    return text


def write_data(path, rows, key):
    with open(path, "w", encoding="utf-8") as file:
        for row in sorted(rows, key=lambda row: row[key]):
            figures = [row[side][figure] for side in ("dynamo", "pgbench") for figure in ("rate", "p50_us", "p99_us")]
            file.write(" ".join(str(figure) for figure in [row[key], *figures]) + "\n")


def plot(directory, results):
    """SVG by gnuplot; the lines are kept as files too."""
    panels = {}
    for row in rows_of(results, "connections"):
        panels.setdefault(row["work"], []).append(row)
    panels = {name: rows for name, rows in panels.items() if len(rows) > 1}
    sizes = {}
    for row in rows_of(results, "tables"):
        sizes.setdefault(row["work"], []).append(row)
    sizes = {name: rows for name, rows in sizes.items() if len(rows) > 1}
    scripts = []
    if panels:
        scripts.append(("throughput", grid(panels, directory, "connections", "requests/s", 2,
                                           [("dynamo", 2), ("pgbench", 5)], "set yrange [0:*]")))
    if sizes:
        scripts.append(("latency", grid(sizes, directory, "items", "ms", 10,
                                        [("dynamo p50", "($3/1000)"), ("dynamo p99", "($4/1000)"),
                                         ("pgbench p50", "($6/1000)"), ("pgbench p99", "($7/1000)")],
                                        "set yrange [0:*]")))
    for name, script in scripts:
        path = os.path.join(directory, name + ".gnuplot")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script.format(output=name + ".svg"))
        if shutil.which("gnuplot"):
            subprocess.run(["gnuplot", os.path.basename(path)], cwd=directory, check=True)
    return bool(shutil.which("gnuplot")) or not scripts


def grid(panels, directory, key, unit, base, lines, more):
    columns = min(3, len(panels))
    height = (len(panels) + columns - 1) // columns
    script = [f"set terminal svg size {columns * 380},{height * 290} font 'sans,11' background 'white'",
              "set output '{output}'", f"set multiplot layout {height},{columns}",
              f"set logscale x {base}", f"set xlabel '{key}'", f"set ylabel '{unit}'",
              "set key above", "set grid", "set style data linespoints", more]
    for work, rows in panels.items():
        name = f"{key}-{work}.dat"
        write_data(os.path.join(directory, name), rows, key)
        values = sorted(row[key] for row in rows)
        ticks = ", ".join(f'"{value:,}" {value}' for value in values)
        script += [f"set title \"{BY_NAME[work].title}\"", f"set xtics ({ticks})",
                   f"set xrange [{values[0] * 0.8}:{values[-1] * 1.25}]",
                   "plot " + ", ".join(f"'{name}' using 1:{column} title '{label}'" for label, column in lines)]
    return "\n".join(script + ["unset multiplot", ""])


def write(directory, results):
    with open(os.path.join(directory, "bench.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    with open(os.path.join(directory, "bench.md"), "w", encoding="utf-8") as file:
        file.write(markdown(results))
    return plot(directory, results)
