"""The servers that are compared: how each is built, started and asked."""

import http.client
import os
import pathlib
import shutil
import sys
import time

import system

BENCHES = system.ROOT / "benches"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", system.ROOT / "target"))
# To the database, of each server.
CONNECTIONS = 8
CACHE_OFF = "\n[cache]\noff = true\n"
CACHE_BY_DEFAULT = ""


class Server:
    """A running server. `path` makes the path of a request from a pair of the workloads; `forms` is how many pairs of
    each workload it is asked for, all if none."""

    def __init__(self, name, port, process, path, forms=None):
        self.name, self.port, self.process, self.path, self.forms = name, port, process, path, forms

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def wait(processes, server, path):
    """Until it answers; gives the seconds since the call."""
    started = time.perf_counter()
    while True:
        try:
            if server.get(path)[0] == 200:
                return time.perf_counter() - started
        except OSError:
            pass
        if server.process.poll() is not None or time.perf_counter() - started > 60:
            system.fail(f"{server.name} does not start: {processes.log(server.name)}")
        time.sleep(0.0005)


def build_penstock():
    system.run("cargo", "build", "--locked", "--quiet", "--profile", "dist", cwd=system.ROOT)
    return TARGET / "dist" / "penstock"


def service_folder(processes, name, cache):
    """A copy of the metadata with a policy of its own for what is kept."""
    folder = processes.file(f"metadata-{name}")
    folder.mkdir()
    for file in (BENCHES / "metadata" / "bench").glob("*.toml"):
        text = file.read_text("utf-8") + (cache if file.name == "service.toml" else "")
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def penstock(processes, binary, postgres, name="penstock", folder=None, cache=CACHE_OFF, more="", forms=None):
    """Without its cache, if nothing else is said; `cache` is what the metadata say of it, `more` further settings."""
    port = system.free_port()
    folder = folder or service_folder(processes, name, cache)
    settings = f"""
version = 1
listen = "127.0.0.1:{port}"
token_key = "compared"
log = {{ level = "warn" }}
sources.bench = {{ url = "{postgres.url("postgres")}", pool_max = {CONNECTIONS} }}
services.bench = {{ metadata = ["{folder}"], anonymous = true }}
{more}"""
    process = processes.start(name, binary, "serve", "--config", processes.file(f"{name}.toml", settings))
    return Server(name, port, process, lambda pair: f"/odata/v4/bench/{pair[0]}", forms)


def limit(processes, postgres, metadata):
    folder = BENCHES / "limit"
    target = TARGET / "limit"
    system.run("cargo", "build", "--locked", "--quiet", "--release", "--target-dir", target, cwd=folder)
    port = system.free_port()
    database = f"host=127.0.0.1 port={postgres.port} user=postgres dbname={postgres.name}"
    command = [target / "release" / "limit", f"127.0.0.1:{port}", database, CONNECTIONS, metadata]
    return Server("limit", port, processes.start("limit", *command), lambda pair: f"/{pair[1]}")


def fastapi(processes, postgres, metadata):
    folder = BENCHES / "peers" / "fastapi"
    tools = TARGET / "peers" / "fastapi"
    wanted = (folder / "requirements.txt").read_text("utf-8")
    installed = tools / "requirements.txt"
    if not installed.exists() or installed.read_text("utf-8") != wanted:
        system.run(sys.executable, "-m", "venv", "--clear", tools)
        system.run(tools / "bin" / "pip", "install", "--quiet", "-r", folder / "requirements.txt")
        installed.write_text(wanted, encoding="utf-8")
    port, workers = system.free_port(), os.cpu_count()
    environment = {
        **os.environ,
        "DATABASE": postgres.url("postgresql+asyncpg"),
        "POOL": str(max(1, CONNECTIONS // workers)),
        "METADATA": str(metadata),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["--workers", workers, "--port", port, "--no-access-log", "--log-level", "warning"]
    process = processes.start("fastapi", tools / "bin" / "uvicorn", "app:app", *options, cwd=folder, env=environment)
    return Server("fastapi", port, process, lambda pair: f"/odata/{pair[0]}")


def node(processes, postgres, metadata):
    folder, tools = BENCHES / "peers" / "node", TARGET / "peers" / "node"
    program = system.install("node", "nodejs")
    wanted = (folder / "package-lock.json").read_text("utf-8")
    installed = tools / "package-lock.json"
    if not (tools / "installed").exists() or installed.read_text("utf-8") != wanted:
        shutil.rmtree(tools, ignore_errors=True)
        tools.mkdir(parents=True)
        for name in ["package.json", "package-lock.json"]:
            shutil.copy(folder / name, tools)
        system.run(system.install("npm", "npm"), "ci", "--silent", "--no-audit", "--no-fund", cwd=tools)
        (tools / "installed").touch()
    # Node looks for packages beside the program.
    shutil.copy(folder / "server.js", tools)
    port, workers = system.free_port(), os.cpu_count()
    environment = {
        **os.environ,
        "DATABASE": postgres.url("postgres"),
        "POOL": str(max(1, CONNECTIONS // workers)),
        "METADATA": str(metadata),
        "PORT": str(port),
        "WORKERS": str(workers),
        "NODE_ENV": "production",
    }
    process = processes.start("node", program, "server.js", cwd=tools, env=environment)
    return Server("node", port, process, lambda pair: f"/odata/{pair[0]}")
