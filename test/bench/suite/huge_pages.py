"""Shared memory in huge pages.

The sessions of pgbench are new in each measurement.  With pages of 4 kB each
of them would map the shared buffers page by page as it touches them, for
longer than the measurement takes; dynamo's workers, like sessions of a pool,
have done that long ago.  In huge pages it takes no time on either side.
"""

RESERVED = "/proc/sys/vm/nr_hugepages"


def read_number(path):
    with open(path, encoding="utf-8") as file:
        return int(file.read())


def free_pages():
    with open("/proc/meminfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("HugePages_Free:"):
                return int(line.split()[1])
    return 0


def in_use(pid):
    """Does the server have its shared memory in huge pages?  None: unknown."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
            return any(line.startswith(("Shared_Hugetlb:", "Private_Hugetlb:")) and line.split()[1] != "0"
                       for line in file)
    except OSError:
        return None


class HugePages:
    """What the system reserves; as before when it is given back."""

    def __init__(self):
        self.before = None

    def reserve(self, pages):
        """Without the right to do so, or without memory, PostgreSQL does without."""
        missing = pages - free_pages()
        if missing <= 0:
            return
        try:
            reserved = read_number(RESERVED)
            self.write(reserved + missing)
        except OSError:
            return
        if self.before is None:
            self.before = reserved

    def give_back(self):
        if self.before is not None:
            self.write(self.before)

    @staticmethod
    def write(pages):
        with open(RESERVED, "w", encoding="utf-8") as file:
            file.write(str(pages))
