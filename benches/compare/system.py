"""What the commands need of the machine: packages, programs, ports, processes and their CPU time and memory."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def fail(message):
    sys.exit(f"benches/compare/run: {message}")


def run(*command, **options):
    """Runs a program to its end; gives what it printed."""
    result = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, **options)
    if result.returncode != 0:
        fail(f"{command[0]} ended with {result.returncode}")
    return result.stdout


def install(program, package):
    """The path of a program; the package is installed with apt-get if it is missing, without starting a service."""
    place = os.environ["PATH"] + ":/usr/sbin"
    found = shutil.which(program, path=place)
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(f"{program} is missing, and only root can install {package} with apt-get")
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    made = not policy.exists()
    if made:
        policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        policy.chmod(0o755)
    try:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0:
            run("apt-get", "update", "-qq")
            run(*command, env=environment)
    finally:
        if made:
            policy.unlink()
    return shutil.which(program, path=place) or fail(f"{package} brings no {program}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Processes:
    """Starts programs, and ends them all at the end, in the reverse order."""

    def __init__(self):
        self.running = []
        self.folder = tempfile.TemporaryDirectory(prefix="penstock-compare.")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self.stop(process)
        self.folder.cleanup()

    def file(self, name, text=None):
        """A path in the temporary folder, with a text in it."""
        path = pathlib.Path(self.folder.name, name)
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return path

    def start(self, name, *command, end=signal.SIGTERM, **options):
        """`end` is the signal upon which the program ends at once."""
        with open(self.file(f"{name}.log"), "ab") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, **options)
        process.end = end
        self.running.append(process)
        return process

    def stop(self, process):
        if process in self.running:
            self.running.remove(process)
        process.send_signal(process.end)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name):
        return self.file(f"{name}.log").read_text(encoding="utf-8", errors="replace")[-2000:]


def tree(pid):
    """CPU seconds so far, and resident bytes, of a process and all that it has started, also of those that ended."""
    processes = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        processes[int(folder.name)] = fields
    seconds, resident, waiting = 0.0, 0, [pid]
    while waiting:
        parent = waiting.pop()
        if parent not in processes:
            continue
        fields = processes[parent]
        seconds += sum(map(int, fields[11:15])) / TICKS
        resident += int(fields[21]) * PAGE_BYTES
        waiting += [child for child, of in processes.items() if int(of[1]) == parent]
    return seconds, resident
