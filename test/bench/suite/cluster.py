"""The server under test: a private cluster that scripts/up makes, or one that
is there already.

The private one is started in different ways: with other settings, with a slow
disk (../slow_disk.c), with a limit on its memory.
"""

import os
import pwd
import re
import secrets
import shutil
import subprocess
import time

from huge_pages import HugePages

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.dirname(HERE)
TOP = os.path.dirname(os.path.dirname(BENCH))
DRIVER = os.path.join(BENCH, "ddbload")

ROLE = "bench"


class Failure(Exception):
    """Nothing can be measured."""


def output_of(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout.strip()


def from_scripts(commands):
    """What shell commands print that know scripts/lib.sh."""
    return output_of(["bash", "-c", f'. "$0"; {commands}', os.path.join(TOP, "scripts", "lib.sh")])


def as_user(owner, command):
    if os.geteuid() == 0 and owner != "root":
        return ["runuser", "-u", owner, "--"] + command
    return command


def owner_of(path):
    return pwd.getpwuid(os.stat(path).st_uid).pw_name


def build_driver():
    output_of(as_user(owner_of(BENCH), ["make", "-s", "-C", BENCH]))


class Server:
    """What the measurements need to know: endpoint, pid, where the programs of
    PostgreSQL are, how psql and pgbench connect."""

    private = False
    data = None

    def __init__(self):
        self.programs = from_scripts("find_postgres; echo $pg_bin")
        self.pid = 0

    def program(self, name):
        path = os.path.join(self.programs, name)
        return path if os.path.exists(path) else name

    def psql(self, *arguments):
        return ([self.program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"] + list(arguments) + [self.connection])

    def sql(self, statement):
        return output_of(self.psql("-c", statement), env=self.environment)

    def driver(self, *arguments):
        return [DRIVER, "--endpoint", self.endpoint, "--access-key", "K", "--secret-key", "S", *map(str, arguments)]


class GivenServer(Server):
    def __init__(self, endpoint, connection):
        super().__init__()
        self.endpoint = endpoint
        self.connection = self.load_connection = connection
        self.environment = dict(os.environ)
        self.pid = int(self.sql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))
        self.data = self.sql("SHOW data_directory")
        self.way = "the connection that was given"

    def destroy(self):
        pass


class PrivateServer(Server):
    private = True

    def __init__(self, directory, install, socket, keep):
        super().__init__()
        for variable in [name for name in os.environ if name.startswith("PG") and name != "PG_CONFIG"]:
            del os.environ[variable]
        self.directory = directory
        self.data = os.path.join(directory, "pgdata")
        self.keep = keep
        self.http_port, self.port = from_scripts("free_ports 2").split()
        self.endpoint = f"http://127.0.0.1:{self.http_port}"
        self.huge_pages = HugePages()
        self.made = False
        self.options = ["--data", directory]
        self.up_options = self.options + ["--port", self.http_port, "--pg-port", self.port]
        if not install:
            self.up_options.append("--no-install")
        self.socket = socket

    def create(self):
        self.made = True
        output_of([os.path.join(TOP, "scripts", "up")] + self.up_options)
        self.owner = owner_of(self.data)
        with open(os.path.join(self.data, "dynamo.conf"), encoding="utf-8") as file:
            directory = re.search(r"^unix_socket_directories = '(.*)'", file.read(), re.M).group(1)
        self.environment = dict(os.environ, PGPASSWORD=secrets.token_hex(16))
        local = f"host={directory} port={self.port} dbname=dynamo"
        self.connection = f"{local} user=postgres"
        self.load_connection = f"host=127.0.0.1 port={self.port} dbname=dynamo user={ROLE}"
        self.way = "TCP on 127.0.0.1, as the HTTP clients"
        if self.socket:
            self.load_connection = f"{local} user={ROLE}"
            self.way = "a Unix socket"
        # md5: a handshake of SCRAM takes a tenth of a second for 64 connections
        self.sql(f"SET password_encryption = 'md5'; CREATE ROLE {ROLE} LOGIN IN ROLE dynamo_service "
                 f"PASSWORD '{self.environment['PGPASSWORD']}'")
        rules = os.path.join(self.data, "pg_hba.conf")
        with open(rules, encoding="utf-8") as file:
            others = file.read()
        self.write("pg_hba.conf", f"local all {ROLE} md5\nhost all {ROLE} 127.0.0.1/32 md5\n" + others)
        self.write("bench.conf", "")
        with open(os.path.join(self.data, "postgresql.conf"), encoding="utf-8") as file:
            settings = file.read()
        self.write("postgresql.conf", settings + "include 'bench.conf'\n")
        self.stop()
        self.preload = self.build_slow_disk()

    def write(self, name, text):
        command = as_user(self.owner, ["tee", os.path.join(self.data, name)])
        subprocess.run(command, input=text, stdout=subprocess.DEVNULL, text=True, check=True)

    def build_slow_disk(self):
        """Where the owner of the cluster can read it."""
        target = os.path.join(self.directory, "slow_disk.so")
        compiled = output_of(["mktemp"])
        output_of(["cc", "-O2", "-shared", "-fPIC", "-o", compiled, os.path.join(BENCH, "slow_disk.c"), "-ldl"])
        shutil.copyfile(compiled, target)
        os.unlink(compiled)
        os.chmod(target, 0o755)
        return target

    def start(self, settings, fsync_us=0, read_us=0, group=None, wait=True):
        """With these settings; the disk as slow as said; in this control group."""
        if group:
            self.forget_files()
        self.write("bench.conf", "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self.huge_pages.reserve(int(output_of(as_user(self.owner, [
            self.program("postgres"), "-D", self.data, "-C", "shared_memory_size_in_huge_pages"]), cwd="/")))
        command = [self.program("pg_ctl"), "start", "-s", "-w" if wait else "-W", "-t", "120",
                   "-D", self.data, "-l", os.path.join(self.directory, "server.log")]
        if fsync_us or read_us:
            command = ["env", f"LD_PRELOAD={self.preload}", f"SLOW_FSYNC_US={fsync_us}",
                       f"SLOW_READ_US={read_us}"] + command
        command = as_user(self.owner, command)
        if group:
            command = ["sh", "-c", 'echo $$ >"$0" && exec "$@"', group.members] + command
        # not captured: the server would keep the pipe
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                          cwd="/").returncode != 0:
            raise Failure(f"PostgreSQL did not start: see {self.directory}/server.log")
        if wait:
            self.wait_until_served()

    def wait_until_served(self):
        output_of(self.driver("--workload", "ready"))
        with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as file:
            self.pid = int(file.readline())

    def is_up(self):
        return os.path.exists(os.path.join(self.data, "postmaster.pid"))

    def stop(self):
        """At once if it must: PostgreSQL 15 does not end while it recovers from a crash."""
        for mode in ("fast", "immediate"):
            command = [self.program("pg_ctl"), "stop", "-s", "-w", "-t", "60", "-m", mode, "-D", self.data]
            done = subprocess.run(as_user(self.owner, command), capture_output=True, check=False, cwd="/")
            if done.returncode == 0 or not self.is_up():
                return
        raise Failure(f"PostgreSQL does not stop: see {self.directory}/server.log")

    def forget_files(self):
        """Out of the page cache with the data, while the server is down: what is
        there already would not count as a control group's."""
        os.sync()
        for directory, _, names in os.walk(os.path.join(self.data, "base")):
            for name in names:
                descriptor = os.open(os.path.join(directory, name), os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)

    def destroy(self):
        if not self.made:
            return
        subprocess.run([os.path.join(TOP, "scripts", "down")] + self.options, stdout=subprocess.DEVNULL, check=False)
        self.huge_pages.give_back()
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)


class MemoryGroup:
    """A control group whose memory is limited, page cache included."""

    def __init__(self):
        name = f"dynamo-bench-{os.getpid()}"
        if os.path.exists("/sys/fs/cgroup/memory/memory.limit_in_bytes"):
            self.path = f"/sys/fs/cgroup/memory/{name}"
            self.limit_file, self.unlimited = "memory.limit_in_bytes", "-1"
            self.used_file = "memory.usage_in_bytes"
            self.files, self.shared = "total_cache", "total_shmem"
        else:
            self.path = f"/sys/fs/cgroup/{name}"
            self.limit_file, self.unlimited = "memory.max", "max"
            self.used_file = "memory.current"
            self.files, self.shared = "file", "shmem"
        self.members = os.path.join(self.path, "cgroup.procs")

    def create(self):
        """None, or why it cannot be."""
        try:
            os.mkdir(self.path)
            self.lift()
            return None
        except OSError as error:
            self.remove()
            return f"no control group for memory can be made here ({error.strerror}: {self.path})"

    def read(self, name):
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return file.read()

    def page_cache(self):
        """Files in memory; shared memory, which the kernel counts with them, is not one."""
        sizes = dict(line.split() for line in self.read("memory.stat").splitlines())
        return int(sizes[self.files]) - int(sizes[self.shared])

    def limit_cache(self, size):
        """What else is used now may stay.  The kernel takes pages back as it sets
        the limit, but not always at once."""
        for _ in range(50):
            try:
                self.write_limit(int(self.read(self.used_file)) - self.page_cache() + size)
                return
            except OSError:
                time.sleep(0.2)
        raise Failure(f"the page cache cannot be limited to {size} bytes")

    def lift(self):
        self.write_limit(self.unlimited)

    def write_limit(self, limit):
        with open(os.path.join(self.path, self.limit_file), "w", encoding="utf-8") as file:
            file.write(str(limit))

    def remove(self):
        for _ in range(100):
            try:
                os.rmdir(self.path)
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.1)
