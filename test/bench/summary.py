"""Medians of runs of ddbload.

Reads lines of a workload, a variant and ddbload's JSON, separated by tabs;
writes a table of the workloads and variants in the order they came in, with
ratios to the variant named by --base.
"""
import argparse
import json
import statistics
import sys

COLUMNS = (
    ("us of CPU", "server_cpu_us", 1),
    ("requests/s", "rps", 1),
    ("p50 ms", "p50_us", 1000),
    ("p95 ms", "p95_us", 1000),
    ("p99 ms", "p99_us", 1000),
)


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for _, key, _ in COLUMNS}


def cell(value, unit, base):
    number = value / unit
    text = f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
    return text if base is None else f"{text} ({value / base:.2f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", help="the variant that ratios refer to")
    parser.add_argument("--name", default="variant")
    options = parser.parse_args()

    runs = {}
    for line in sys.stdin:
        workload, variant, result = line.rstrip("\n").split("\t")
        runs.setdefault(workload, {}).setdefault(variant, []).append(json.loads(result))

    print("| | " + " | ".join([options.name] + [title for title, _, _ in COLUMNS]) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for workload, variants in runs.items():
        summary = {variant: medians(results) for variant, results in variants.items()}
        for variant in sorted(summary):
            base = summary.get(options.base)
            cells = [
                cell(summary[variant][key], unit, base[key] if base and number < 2 else None)
                for number, (_, key, unit) in enumerate(COLUMNS)
            ]
            print(f"| {workload} | {variant} | " + " | ".join(cells) + " |")


main()
