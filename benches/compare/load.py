"""Load on one server at a time, and the check that all servers answer alike."""

import json
import pathlib
import statistics
import sys

import system
import workloads

LUA = pathlib.Path(__file__).parent / "wrk.lua"


def ask(processes, server, paths, connections, seconds):
    """wrk's figures for these paths."""
    wrk = system.install("wrk", "wrk")
    file = processes.file("paths", "\n".join(paths) + "\n")
    options = ["-t", 1, "-c", connections, "-d", f"{seconds}s", "--timeout", "30s", "--latency", "-s", LUA]
    output = system.run(wrk, *options, f"http://127.0.0.1:{server.port}", "--", file)
    line = next(line for line in output.splitlines() if line.startswith("FIGURES "))
    figures = json.loads(line.removeprefix("FIGURES "))
    if figures["errors"] or not figures["requests"]:
        log = processes.log(server.name)
        system.fail(f"{server.name} has not answered all of {paths[0]} and the like: {figures}\n{log}")
    return figures


def measured(processes, server, database_pid, paths, connections, seconds):
    """The same, with the milliseconds of CPU time for each request, of server and database."""
    ask(processes, server, paths, connections, 1)
    before = [system.tree(pid)[0] for pid in (server.process.pid, database_pid)]
    figures = ask(processes, server, paths, connections, seconds)
    after = [system.tree(pid)[0] for pid in (server.process.pid, database_pid)]
    number = figures["requests"]
    for name, then, now in zip(("server_ms", "database_ms"), before, after):
        figures[name] = (now - then) * 1000 / number
    figures["rate"], figures["answer_bytes"] = number / figures["seconds"], figures["bytes"] / number
    return figures


def content(body):
    """What an answer must share with that of the other servers: total, keys, and keys of expanded rows."""
    answer = json.loads(body)
    rows = answer.get("value", [answer])
    return answer.get("@odata.count"), [(row["Id"], [order["Id"] for order in row.get("Orders", [])]) for row in rows]


def check(servers, name, pairs, times=20):
    """Some answers of every server must be the first one's, and not all of them empty."""
    found = 0
    for pair in pairs[:times]:
        expected = None
        for server in servers:
            path = server.path(pair)
            status, body = server.get(path)
            if status != 200:
                system.fail(f"{server.name} answers {path} with {status}")
            if name == "metadata":
                found += 1
                continue
            this = content(body)
            if expected not in (None, this):
                system.fail(f"{server.name} answers {path} in another way than {servers[0].name}")
            expected = this
            found += len(this[1]) + (this[0] or 0)
    if not found:
        system.fail(f"{name} finds nothing")


def rounds(processes, servers, database_pid, names, scale, options):
    """All figures: for each workload and server, a list with one entry for each round. Within a round, one server is
    asked right after the other; their order turns from round to round."""
    figures = {}
    for name in names:
        pairs = workloads.targets(name, scale)
        check(servers, name, pairs)
        for number in range(options.rounds):
            turn = number % len(servers)
            for server in servers[turn:] + servers[:turn]:
                paths = [server.path(pair) for pair in pairs[: server.forms]]
                one = measured(processes, server, database_pid, paths, options.connections, options.seconds)
                figures.setdefault((name, server.name), []).append(one)
        rates = [f"{server.name} {median(figures, name, server.name, 'rate'):.0f}/s" for server in servers]
        print(f"{name}: {', '.join(rates)}", file=sys.stderr)
    return figures


def median(figures, name, server, key):
    return statistics.median(one[key] for one in figures[name, server])


def ratio(figures, name, server, other, key):
    """The median over the rounds of the ratio within each round; nothing where there is nothing to divide by."""
    pairs = zip(figures[name, server], figures[name, other])
    ratios = [one[key] / two[key] for one, two in pairs if two[key] > 0]
    return statistics.median(ratios) if ratios else None
