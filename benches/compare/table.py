"""The table: Penstock, without and with its cache, beside the limit and what one would build in a day."""

import load
import servers
import system
from workloads import WORKLOADS

# So few that all are in the cache when they are measured, also the largest.
HIT_FORMS = 20
READY = {"limit": "/metadata", "node": "/odata/$metadata", "fastapi": "/odata/$metadata"}
TABLES = [
    ("Requests a second (the ratio is better above 1)", "rate", "{:.0f}"),
    ("Server CPU, ms a request (better below 1)", "server_ms", "{:.3f}"),
    ("Server and database CPU, ms a request (better below 1)", "cpu_ms", "{:.3f}"),
    ("Median time of an answer, ms (better below 1)", "p50_ms", "{:.2f}"),
    ("99th percentile of the time of an answer, ms (better below 1)", "p99_ms", "{:.2f}"),
]


def start(processes, postgres, binary, names):
    """The limit is the first; the others are quoted as multiples of it."""
    ours = servers.penstock(processes, binary, postgres)
    servers.wait(processes, ours, "/health/ready")
    metadata = processes.file("metadata.xml")
    metadata.write_bytes(ours.get("/odata/v4/bench/$metadata")[1])
    all_servers = {
        "limit": lambda: servers.limit(processes, postgres, metadata),
        "penstock": lambda: ours,
        "cached": lambda: servers.penstock(
            processes, binary, postgres, "cached", cache=servers.CACHE_BY_DEFAULT, forms=HIT_FORMS
        ),
        "node": lambda: servers.node(processes, postgres, metadata),
        "fastapi": lambda: servers.fastapi(processes, postgres, metadata),
    }
    started = [make() for name, make in all_servers.items() if name in ("limit", "penstock", *names)]
    for server in started:
        servers.wait(processes, server, READY.get(server.name, "/health/ready"))
    return started


def command(processes, postgres, binary, options):
    started = start(processes, postgres, binary, options.servers.split(","))
    names = options.workloads.split(",") if options.workloads else list(WORKLOADS)
    figures = load.rounds(processes, started, postgres.pid(), names, options.scale, options)
    for figure in (one for rounds in figures.values() for one in rounds):
        figure["cpu_ms"] = figure["server_ms"] + figure["database_ms"]
        figure["p50_ms"], figure["p99_ms"] = figure["p50_us"] / 1000, figure["p99_us"] / 1000
    limit, *others = (server.name for server in started)
    for title, key, form in TABLES:
        print(f"\n**{title}**\n\n| | {limit} | {' | '.join(others)} |\n|---|---:|{'---:|' * len(others)}")
        for name in names:
            ratios = [load.ratio(figures, name, other, limit, key) for other in others]
            cells = ["" if ratio is None else f"{ratio:.3g}" for ratio in ratios]
            base = form.format(load.median(figures, name, limit, key))
            print(f"| {WORKLOADS[name][0]} | {base} | {' | '.join(cells)} |")
    memory = [f"{server.name} {system.tree(server.process.pid)[1] / 2**20:.0f}" for server in started]
    print(f"\nResident at the end, MiB: {', '.join(memory)}.")
