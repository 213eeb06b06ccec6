"""What the server itself adds to the time of a 25-row list view, at one connection: the median time of the request less
the median time of the same statement, prepared, over the same kind of connection to the same database.

pgbench measures the statement, wrk the request; both wait for each answer before they ask again. So what is counted as
the server's includes its HTTP, the client's socket, and two more changes of the running thread.
"""

import statistics
import subprocess

import database
import load
import servers
import system
import workloads

STATEMENT = """\\set skip 25 * random(0, 39)
SELECT id, order_no, status, order_date, total, currency FROM orders
ORDER BY order_date DESC, id DESC LIMIT 25 OFFSET :skip;
"""


def statement_us(processes, postgres, seconds):
    """The median of pgbench's log, whose third column is microseconds."""
    script, prefix = processes.file("statement.sql", STATEMENT), processes.file("pgbench")
    for old in prefix.parent.glob("pgbench.*"):
        old.unlink()
    options = ["-n", "-M", "prepared", "-c", 1, "-T", seconds, "-l", f"--log-prefix={prefix}", "-f", script]
    address = ["-h", "127.0.0.1", "-p", postgres.port, "-U", "postgres", postgres.name]
    system.run(database.programs() / "pgbench", *options, *address, stderr=subprocess.DEVNULL)
    lines = next(prefix.parent.glob("pgbench.*")).read_text("utf-8").splitlines()
    return statistics.median(int(line.split()[2]) for line in lines)


def command(processes, postgres, binary, options):
    ours = servers.penstock(processes, binary, postgres)
    servers.wait(processes, ours, "/health/ready")
    paths = [ours.path(pair) for pair in workloads.targets("list_uncounted", options.scale)]
    asks = {
        "statement": lambda: statement_us(processes, postgres, options.seconds),
        "request": lambda: load.ask(processes, ours, paths, 1, options.seconds)["p50_us"],
        "health": lambda: load.ask(processes, ours, ["/health/live"], 1, options.seconds)["p50_us"],
    }
    for ask in asks.values():
        ask()
    rounds = [{name: ask() for name, ask in asks.items()} for _ in range(options.rounds)]
    middle = {name: statistics.median(one[name] for one in rounds) for name in asks}
    added = [one["request"] - one["statement"] for one in rounds]
    by_round = ", ".join(f"{one:.0f}" for one in added)
    print("\n| List view of 25 rows, one connection | µs |\n|---|---:|")
    print(f"| median time of the request | {middle['request']:.0f} |")
    print(f"| median time of its statement alone | {middle['statement']:.0f} |")
    print(f"| added by the server, median of the rounds ({by_round}) | {statistics.median(added):.0f} |")
    print(f"| for comparison, a request that does nothing, `/health/live` | {middle['health']:.0f} |")
