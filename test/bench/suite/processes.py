"""What /proc tells: processor time and memory of a server and of others."""

import glob
import os
import re
import time

TICK = os.sysconf("SC_CLK_TCK")


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def table():
    """pid: (parent, seconds of processor time with those of ended children)"""
    processes = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        fields = read(path).rpartition(")")[2].split()
        if fields:
            processes[int(path.split("/")[2])] = (int(fields[1]), sum(map(int, fields[11:15])) / TICK)
    return processes


def family(root, processes):
    members = {root}
    while True:
        more = {pid for pid, (parent, _) in processes.items() if parent in members} - members
        if not more:
            return members
        members |= more


class Usage:
    """Processor time until now: of a server, of one client, of the machine."""

    def __init__(self, server, client):
        processes = table()
        self.time = time.time()
        self.server = sum(processes[pid][1] for pid in family(server, processes) if pid in processes)
        self.client = processes.get(client, (0, 0))[1]
        fields = [int(field) / TICK for field in read("/proc/stat").split("\n", 1)[0].split()[1:9]]
        self.busy = sum(fields[:3]) + fields[5] + fields[6]
        self.steal = fields[7]

    def since(self, before, count):
        """The figures of a period in which so many requests were answered."""
        seconds = self.time - before.time
        server = self.server - before.server
        client = self.client - before.client
        return {
            "server_cpu_us": server / count * 1e6,
            "client_cpu_us": client / count * 1e6,
            "other_cores": (self.busy - before.busy - server - client) / seconds,
            "steal_cores": (self.steal - before.steal) / seconds,
        }


def workers(server):
    """pid: memory in kB of each HTTP worker"""
    found = {}
    for pid in sorted(family(server, table())):
        if not read(f"/proc/{pid}/cmdline").startswith("postgres: dynamo worker"):
            continue
        sizes = dict(re.findall(r"^(\w+):\s+(\d+) kB", read(f"/proc/{pid}/smaps_rollup"), re.M))
        if sizes:
            found[pid] = {
                "rss_kb": int(sizes["Rss"]),
                "pss_kb": int(sizes["Pss"]),
                "private_kb": int(sizes["Private_Clean"]) + int(sizes["Private_Dirty"]),
            }
    return found


def machine(directory):
    """What the report says about the machine; directory is where the data lies."""
    model = re.search(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), re.M)
    return {
        "processor": model.group(1) if model else "unknown",
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory.group(1)) / 1048576, 1) if memory else 0,
        "kernel": os.uname().release,
        "load_average": read("/proc/loadavg").split()[:3],
        "file_system": file_system(directory) if directory else "unknown",
    }


def file_system(directory):
    best = ("", "unknown")
    for line in read("/proc/mounts").splitlines():
        device, mount, kind = line.split()[:3]
        if (directory + "/").startswith(mount.rstrip("/") + "/") and len(mount) >= len(best[0]):
            best = (mount, f"{kind} on {device}")
    return best[1]
