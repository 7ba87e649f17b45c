"""The works that are measured: each as ddbload does it, and as pgbench does it.

Item i has the keys that ddbload gives it: numbers of nine digits, so that
pgbench computes them and passes them as text, and the server has nothing to
compute.  Where a transaction touches several items they come from ascending
ranges of the table: any order would deadlock.
"""

import dataclasses
import functools

PART = 100                  # items in a partition, ddbload's default
PAGE = 20                   # items that a query asks for
THETA = 0.99                # of ddbload's --dist zipf


@dataclasses.dataclass(frozen=True)
class Table:
    """As ddbload fills it."""

    name: str
    items: int
    item_size: int

    @property
    def sql_name(self):
        return f"dynamo_data.{self.name}"

    @property
    def arguments(self):
        return ("--table", self.name, "--items", self.items, "--item-size", self.item_size)

    @property
    def page(self):
        """Items that a query returns: a response ends after 1 MB."""
        return min(PAGE, (1 << 20) // self.item_size)


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    title: str
    workload: str           # of ddbload
    script: object          # (table) -> [(weight, pgbench script)]
    baseline: str           # what pgbench does, in words
    ratio: float = 0        # that is aimed at, on 64 connections
    cpu_us: float = 0       # likewise, of the server for a request
    gsis: int = 0
    zipf: bool = False
    rows: int = 0           # that the script's last statement returns, at most a page
    puts: bool = False      # pgbench's item with its key has been put over others
    per_second: int = 30000     # requests made beforehand for a second


def keys(number="", low=0, high=1):
    """\\set commands for the key of an item from a part of the table."""
    return (f"\\set i{number} random({low}, {high - 1})\n"
            f"\\set p{number} 100000000 + :i{number} / {PART}\n"
            f"\\set s{number} 200000000 + :i{number} % {PART}\n")


def keys_of_parts(count, items):
    """One item from each of so many parts of the table."""
    width = items // count
    return "".join(keys(n, n * width, (n + 1) * width) for n in range(count))


def where(number=""):
    return f"WHERE pk = :p{number} AND sk = :s{number}"


@functools.lru_cache
def zeta(items):
    return sum(1 / i ** THETA for i in range(1, items + 1))


def zipf_keys(items):
    """As Gray et al. and ddbload do it; popular items lie anywhere."""
    zetan = zeta(items)
    eta = (1 - (2 / items) ** (1 - THETA)) / (1 - (1 + 0.5 ** THETA) / zetan)
    return (f"\\set u random(0, 999999999) / 1000000000.0\n"
            f"\\set i case when :u * {zetan} < 1 then 0 when :u * {zetan} < {1 + 0.5 ** THETA} then 1"
            f" else least({items - 1}, int({items} * pow({eta} * :u - {eta} + 1, {1 / (1 - THETA)}))) end\n"
            f"\\set i permute(:i, {items})\n"
            f"\\set p 100000000 + :i / {PART}\n"
            f"\\set s 200000000 + :i % {PART}\n")


def select(table):
    return f"SELECT item FROM {table.sql_name} {where()};\n"


def upsert(table, number=""):
    return (f"INSERT INTO {table.sql_name} (pk, sk, item) VALUES (:p{number}, :s{number}, :item) "
            "ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item;\n")


def increment(table, number=""):
    return (f"UPDATE {table.sql_name} SET item = jsonb_set(item, '{{cnt,N}}', "
            f"to_jsonb(((item #>> '{{cnt,N}}')::numeric + 1)::text)) {where(number)};\n")


def lock(table):
    return f"SELECT item FROM {table.sql_name} {where()} FOR UPDATE;\n"


def get_script(table):
    return [(1, keys(high=table.items) + select(table))]


def put_script(table):
    return [(1, keys(high=table.items) + upsert(table))]


def update_script(table):
    return [(1, keys(high=table.items) + "BEGIN;\n" + lock(table) + increment(table) + "COMMIT;\n")]


def condput_script(table):
    return [(1, keys(high=table.items) + "BEGIN;\n" + lock(table)
             + f"UPDATE {table.sql_name} SET item = :item {where()};\nCOMMIT;\n")]


def query_script(table):
    return [(1, f"\\set i random(0, {table.items - 1})\n"
             f"\\set p 100000000 + :i / {PART}\n"
             f"\\set s 200000000 + :i % {PART} % {PART - PAGE + 1}\n"
             f"SELECT item FROM {table.sql_name} WHERE pk = :p AND sk >= :s ORDER BY sk LIMIT {table.page};\n")]


def querygsi_script(table):
    """The index that the API reads; src/store/README.md describes its key."""
    parts = (table.items + PART - 1) // PART
    # pgbench takes a name behind a colon for a variable, in strings too
    spec = "hS2:g1 rS2:t1 kS2:pk kS2:sk".replace(":", r"\x3a")
    key = f"dynamo.index_key(item, E'{spec}')"
    partition = (r"int4send(dynamo.token(CAST(:g AS bytea) || '\x00'::bytea) # (-2147483648))"
                 r" || '\x01'::bytea || CAST(:g AS bytea)")
    return [(1, f"\\set i random(0, {table.items - 1})\n"
             f"\\set g 300000000 + :i % {parts}\n"
             f"\\set t 400000000 + :i / {parts} % {PART - PAGE + 1}\n"
             f"SELECT item FROM {table.sql_name} WHERE {key} >= {partition} || '\\x00'::bytea || CAST(:t AS bytea)"
             f" AND {key} < {partition} || '\\x01'::bytea AND item ? 'g1' AND item ? 't1'"
             f" ORDER BY {key} LIMIT {table.page};\n")]


def batch_script(table):
    rows = ", ".join(f"(:p{n}, :s{n}, :item)" for n in range(25))
    return [(1, keys_of_parts(25, table.items)
             + f"INSERT INTO {table.sql_name} (pk, sk, item) VALUES {rows} "
             "ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item;\n")]


def pipelined(statements):
    return "\\startpipeline\nBEGIN;\n" + "".join(statements) + "COMMIT;\n\\endpipeline\n"


def transact_script(table):
    return [(1, keys_of_parts(4, table.items) + pipelined([
        upsert(table, 0), upsert(table, 1), increment(table, 2),
        f"SELECT 1 FROM {table.sql_name} {where(3)} FOR SHARE;\n"]))]


def transactupdate_script(table):
    return [(1, keys_of_parts(4, table.items) + pipelined([increment(table, n) for n in range(4)]))]


def ycsb(reads, write):
    def script(table):
        both = [(reads, zipf_keys(table.items) + select(table))]
        if write:
            both.append((100 - reads, zipf_keys(table.items) + write(table)))
        return both
    return script


WORKS = [
    Work("get", "GetItem", "get", get_script, "select by key", ratio=0.9, cpu_us=18, rows=1, per_second=50000),
    Work("put", "PutItem", "put", put_script, "upsert", ratio=1.5, cpu_us=32, puts=True),
    Work("update", "UpdateItem with an expression", "update", update_script,
         "transaction: select for update, update", ratio=1.0),
    Work("condput", "PutItem with a condition", "condput", condput_script,
         "transaction: select for update, update", ratio=1.0, puts=True),
    Work("query", "Query of 20 items", "query", query_script, "range select", ratio=0.6, rows=PAGE),
    Work("querygsi", "Query of 20 items of a GSI", "querygsi", querygsi_script,
         "range select from the same index", ratio=0.6, gsis=1, rows=PAGE),
    Work("batchwrite", "BatchWriteItem of 25", "batchwrite", batch_script, "upsert of 25 rows", ratio=0.6,
         puts=True, per_second=5000),
    Work("transact", "TransactWriteItems of 4", "transact", transact_script,
         "transaction of 4 statements, pipelined", ratio=0.8, puts=True, per_second=15000),
    Work("ycsb-a", "YCSB A", "ycsb-a", ycsb(50, increment), "select by key, update", zipf=True),
    Work("ycsb-b", "YCSB B", "ycsb-b", ycsb(95, increment), "select by key, update", zipf=True),
    Work("ycsb-c", "YCSB C", "ycsb-c", ycsb(100, None), "select by key", zipf=True, per_second=50000),
    Work("ycsb-f", "YCSB F", "ycsb-f", ycsb(50, upsert), "select by key, upsert", zipf=True,
         puts=True),
]
BY_NAME = {work.name: work for work in WORKS}

TRANSACT_UPDATE = Work("transactupdate", "TransactWriteItems of 4 updates", "transactupdate",
                       transactupdate_script, "4 updates, pipelined", per_second=15000)
