"""The database of the comparison: a private PostgreSQL with the data set, or one that runs already."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import system

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 1GB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 8GB
random_page_cost = 1.1
max_parallel_workers_per_gather = 0
jit = off
timezone = 'UTC'
"""


class Postgres:
    """`psql` and the servers reach it by host, port, user and name."""

    def __init__(self, port, name):
        self.port, self.name = port, name

    def url(self, scheme):
        return f"{scheme}://postgres@127.0.0.1:{self.port}/{self.name}"

    def ask(self, sql):
        return system.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url("postgres"), "-c", sql).strip()

    def pid(self):
        return int(pathlib.Path(self.ask("show data_directory"), "postmaster.pid").read_text("utf-8").split()[0])

    def statements(self):
        """How many statements were run so far, each a transaction of its own; those of open connections are missing.
        This question is one of them."""
        return int(self.ask("select xact_commit from pg_stat_database where datname = current_database()"))


def existing(address):
    port, _, name = address.rpartition("/")
    return Postgres(int(port.rpartition(":")[2]), name)


def programs():
    """Debian keeps the programs of the server out of the path; the newest version wins."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not folders and not shutil.which("initdb"):
        system.install("pg_ctlcluster", "postgresql")
        return programs()
    return folders[-1].parent if folders else pathlib.Path(shutil.which("initdb")).parent


def private(processes, folder, scale):
    """Starts the database of this scale; makes it when it is asked for the first time, in about a minute and a half."""
    bin_folder, data = programs(), pathlib.Path(folder, f"postgres-{scale:g}")
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"} if os.geteuid() == 0 else {}
    filled = data / "filled"
    if not filled.exists():
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        if as_user:
            shutil.chown(data, "postgres", "postgres")
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        system.run(bin_folder / "initdb", "-D", data, *options, **as_user)
        with open(data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(SETTINGS)
    port = system.free_port()
    # Nothing here must survive a loss of power.
    server = [bin_folder / "postgres", "-D", data, "-p", port, "-c", "fsync=off", "-c", "synchronous_commit=off"]
    process = processes.start("postgres", *server, end=signal.SIGINT, **as_user)
    postgres = Postgres(port, "postgres")
    for _ in range(300):
        ready = subprocess.run([bin_folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if ready.returncode == 0:
            break
        if process.poll() is not None:
            system.fail(f"PostgreSQL does not start: {processes.log('postgres')}")
        time.sleep(0.2)
    if not filled.exists():
        print(f"making the data set at scale {scale:g} in {data}", file=sys.stderr)
        postgres.ask("create database erp")
        script = pathlib.Path(__file__).parent / "erp.sql"
        system.run("psql", "-Xq", "-v", f"scale={scale}", "-f", script, Postgres(port, "erp").url("postgres"))
        filled.touch()
    return Postgres(port, "erp")
