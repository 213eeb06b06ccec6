"""Throughput of 1, 2 and 4 replicas behind nginx, in turn; and what one request costs, from which the rest follows."""

import os
import statistics

import load
import servers
import system
import workloads

REPLICAS = [1, 2, 4]
NGINX = """
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream replicas {{ {upstream} keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffers 16 64k;
    location / {{ proxy_pass http://replicas; }}
  }}
}}
"""


def proxy(processes, replicas):
    """Workers run as whoever started this: the temporary folder is theirs."""
    port = system.free_port()
    name = f"nginx-{port}"
    folder = processes.file(name)
    folder.mkdir()
    upstream = " ".join(f"server 127.0.0.1:{replica.port};" for replica in replicas)
    text = NGINX.format(workers=os.cpu_count(), folder=folder, upstream=upstream, port=port)
    user = "user root;\n" if os.geteuid() == 0 else ""
    file = processes.file(f"{name}.conf", user + text)
    process = processes.start(name, system.install("nginx", "nginx-light"), "-c", file, "-e", folder / "nginx.log")
    return servers.Server(name, port, process, replicas[0].path)


def statements(processes, binary, postgres, paths):
    """How many statements a server runs for these paths, from its start to its end. PostgreSQL has counted all of them
    only when the connections are closed."""
    before = postgres.statements()
    server = servers.penstock(processes, binary, postgres, f"counted-{system.free_port()}")
    servers.wait(processes, server, "/health/ready")
    for path in paths:
        server.get(path)
    processes.stop(server.process)
    return postgres.statements() - before


def print_costs(processes, binary, postgres, names, options):
    """What the model is made of. A hit is one of few answers that the cache certainly holds."""
    plain, cached = [
        servers.penstock(processes, binary, postgres, name, cache=cache)
        for name, cache in [("plain", servers.CACHE_OFF), ("hits", servers.CACHE_BY_DEFAULT)]
    ]
    base = statements(processes, binary, postgres, [])
    print("| | *s*: server CPU, ms | *h*: the same of a hit | *d*: database CPU, ms | statements | bytes |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in names:
        paths = [plain.path(pair) for pair in workloads.targets(name, options.scale)]
        number = (statements(processes, binary, postgres, paths[:100]) - base) / 100
        figures, hits = [
            load.measured(processes, server, postgres.pid(), of_server, options.connections, options.seconds)
            for server, of_server in [(plain, paths), (cached, paths[:10])]
        ]
        costs = [f"{of_one:.3f}" for of_one in (figures["server_ms"], hits["server_ms"], figures["database_ms"])]
        costs += [f"{number:.1f}", f"{figures['answer_bytes']:.0f}"]
        print(f"| {workloads.WORKLOADS[name][0]} | {' | '.join(costs)} |")
    for server in (plain, cached):
        processes.stop(server.process)


def print_rates(processes, replicas, names, options):
    proxies = [proxy(processes, replicas[:number]) for number in REPLICAS]
    print(f"| replicas | {' | '.join(f'{number}' for number in REPLICAS)} |\n|---|{'---:|' * len(REPLICAS)}")
    for each in proxies:
        servers.wait(processes, each, "/health/ready")
    for name in names:
        paths = [replicas[0].path(pair) for pair in workloads.targets(name, options.scale)]
        rates = {each: [] for each in proxies}
        for _ in range(options.rounds):
            for each in proxies:
                load.ask(processes, each, paths, options.connections * 2, 1)
                figures = load.ask(processes, each, paths, options.connections * 2, options.seconds)
                rates[each].append(figures["requests"] / figures["seconds"])
        cells = [f"{statistics.median(of_one):.0f}" for of_one in rates.values()]
        print(f"| {workloads.WORKLOADS[name][0]} | {' | '.join(cells)} |")
    for each in proxies:
        processes.stop(each.process)


def command(processes, postgres, binary, options):
    names = options.workloads.split(",") if options.workloads else ["list", "record", "page"]
    print("\n**One request, at one server without a proxy**\n")
    print_costs(processes, binary, postgres, names, options)
    redis, port = system.install("redis-server", "redis-server"), system.free_port()
    processes.start("redis", redis, "--port", port, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1")
    shared = f'cache.redis.url = "redis://127.0.0.1:{port}"'
    for label, cache, more in [
        ("without a cache", servers.CACHE_OFF, ""),
        ("with the cache as it is set by default", servers.CACHE_BY_DEFAULT, ""),
        ("with the same cache and a Redis shared by the replicas", servers.CACHE_BY_DEFAULT, shared),
    ]:
        replicas = []
        for number in range(max(REPLICAS)):
            name = f"replica-{number}-{label.replace(' ', '-')}"
            replicas.append(servers.penstock(processes, binary, postgres, name, cache=cache, more=more))
            servers.wait(processes, replicas[-1], "/health/ready")
        print(f"\n**Requests a second {label}, behind nginx, {options.connections * 2} connections**\n")
        print_rates(processes, replicas, names, options)
        for replica in replicas:
            processes.stop(replica.process)
