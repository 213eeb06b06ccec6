"""From the start of the process to the first 200 of /health/ready, with 20 entity sets in one database; the size of the
program; and its resident memory, after the start and while 64 clients read pages of 2,000 rows."""

import re
import statistics
import threading
import time

import load
import servers
import system
import workloads

SETS = 20
CLIENTS = 64
STARTS = 10


def folder_of_20_sets(processes):
    """The five sets of the data set, four times, each under another name."""
    folder = processes.file("metadata-20")
    folder.mkdir()
    files = sorted((servers.BENCHES / "metadata" / "bench").glob("*.toml"))
    entities = [file for file in files if file.name != "service.toml"]
    service = next(file for file in files if file.name == "service.toml").read_text("utf-8")
    (folder / "service.toml").write_text(service, encoding="utf-8")
    for number in range(SETS):
        file, copy = entities[number % len(entities)], number // len(entities)
        text = re.sub(r'^(set|target) = "(\w+)"$', rf'\1 = "\g<2>{copy}"', file.read_text("utf-8"), flags=re.MULTILINE)
        # The first type is that of the entity, the others are those of properties.
        text = re.sub(r'^type = "(\w+)"$', rf'type = "\g<1>{copy}"', text, count=1, flags=re.MULTILINE)
        (folder / f"{copy}_{file.name}").write_text(text, encoding="utf-8")
    return folder


def largest_memory(processes, server, scale, seconds):
    """The most resident bytes seen while the clients read."""
    paths = [server.path(pair) for pair in workloads.targets("page", scale)]
    reading = threading.Thread(target=load.ask, args=(processes, server, paths, CLIENTS, seconds))
    reading.start()
    most = 0
    while reading.is_alive():
        most = max(most, system.tree(server.process.pid)[1])
        time.sleep(0.02)
    reading.join()
    return most


def command(processes, postgres, binary, options):
    folder = folder_of_20_sets(processes)
    times = []
    for number in range(STARTS):
        started = time.perf_counter()
        server = servers.penstock(processes, binary, postgres, f"start-{number}", folder=folder)
        servers.wait(processes, server, "/health/ready")
        times.append((time.perf_counter() - started) * 1000)
        resident = system.tree(server.process.pid)[1]
        processes.stop(server.process)
    server = servers.penstock(processes, binary, postgres)
    servers.wait(processes, server, "/health/ready")
    most = largest_memory(processes, server, options.scale, options.seconds)
    middle = statistics.median(times)
    print("\n| | found | wanted |\n|---|---:|---:|")
    print(f"| start to ready with {SETS} sets, ms: median of {STARTS} | {middle:.0f} | below 100 |")
    print(f"| the slowest of them | {max(times):.0f} | |")
    print(f"| size of the program, MB | {binary.stat().st_size / 1e6:.1f} | below 25 |")
    print(f"| resident after the start, MB | {resident / 1e6:.0f} | |")
    print(f"| resident at most, {CLIENTS} clients reading pages of 2,000 rows, MB | {most / 1e6:.0f} | below 150 |")
