"""What an answer costs over a socket, beside the real engine and a well-known server.

Run ``python -m benchmarks.server``. Two peers: Docker 20.10, whose medians were
recorded once on a machine of this kind and are constants here, and starlette on uvicorn
(httptools, uvloop) that serves the same cached JSON, measured in this run, in turn with
ours. Both servers are processes of their own; this one only asks.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from statistics import median
from typing import NamedTuple

NETWORKS, CONTAINERS = 20, 100
CLIENTS = 32
MANY = 10_000

UVICORN = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
BODY = open(sys.argv[2], "rb").read()
async def networks(request):
    return Response(BODY, media_type="application/json")
app = Starlette(routes=[Route("/v1.51/networks", networks)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error",
            access_log=False)
"""


class Row(NamedTuple):
    name: str
    ours: float
    peer: float
    goal: float
    """The ratio that is not to be exceeded."""
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.ours / self.peer


class Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.socket.sendall(head.encode() + data)
        return self.answer()

    def answer(self) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if b"chunked" in head:
            while not body.endswith(b"0\r\n\r\n"):
                body += self.socket.recv(1 << 20)
        elif length:
            while len(body) < int(length[1]):
                body += self.socket.recv(1 << 20)
        return head + b"\r\n\r\n" + body


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """A server's port and process number."""
    command = [sys.executable, "-m", "minidock", "serve", "-H", "tcp://127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r":(\d+)$", process.stdout.readline().strip())
        assert found is not None
        port = int(found[1])
        Client(port).ask("GET", "/info")  # wait for the engine
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


@contextmanager
def uvicorn_served(body: bytes) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [sys.executable, "-c", UVICORN, str(port), file.name]
        process = subprocess.Popen(command)
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()


def timed(work: Callable[[int], object], times: int) -> float:
    """The median of one call, in milliseconds."""
    spent = []
    for number in range(times):
        started = time.perf_counter()
        work(number)
        spent.append(time.perf_counter() - started)
    return median(spent) * 1e3


def rate(port: int, path: str, seconds: float = 2.0) -> float:
    """Answers a second on keep-alive with 32 connections, each asking 16 at once."""
    burst = 16
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * burst
    length = len(Client(port).ask("GET", path)) * burst
    counts = [0] * CLIENTS
    end = time.monotonic() + seconds

    def client(number: int) -> None:
        asked = Client(port).socket
        while time.monotonic() < end:
            asked.sendall(request)
            left = length
            while left > 0:
                left -= len(asked.recv(1 << 20))
            counts[number] += burst

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def first_answer() -> tuple[float, float]:
    """From exec to the first answer, in milliseconds; the memory then, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/d.sock"
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "minidock", "serve", "-H", f"unix://{path}"],
            stdout=subprocess.DEVNULL,
        )
        client = socket.socket(socket.AF_UNIX)
        while True:
            try:
                client.connect(path)
                break
            except OSError:
                time.sleep(0.0005)
        client.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).endswith(b"OK")
        spent = (time.perf_counter() - started) * 1e3
        used = memory(process.pid)
        client.close()
        process.terminate()
        process.wait()
    return spent, used


def memory(pid: int) -> float:
    """What a process holds, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def rows() -> Iterator[Row]:
    # In turn with an interpreter that does nothing: 60 ms are five of those, and a busy
    # machine slows both.
    starts, bare = [], []
    for _ in range(9):
        starts.append(first_answer())
        bare.append(
            timed(lambda _: subprocess.run([sys.executable, "-c", ""], check=True), 1)
        )
    name = "exec to first answer, to bare Python"
    yield Row(name, median(s[0] for s in starts), median(bare), 5)
    yield Row("memory at first answer", median(s[1] for s in starts), 30, 1, "MB")
    with served() as (port, pid):
        client = Client(port)
        yield Row(
            "GET /_ping", timed(lambda _: client.ask("GET", "/_ping"), 2000), 0.13, 1
        )
        yield from _changes(client)
        if os.environ.get("DOCKER_CLI") or which("docker"):
            yield _run_by_cli(port)
        yield from _beside_uvicorn(port, client)
    with served() as (port, pid):
        client = Client(port)
        client.ask("POST", "/images/create?fromImage=nginx&tag=latest")
        for number in range(MANY):
            client.ask("POST", f"/containers/create?name=c{number}", {"Image": "nginx"})
        yield Row("memory with 10,000 containers", memory(pid), 200, 1, "MB")


def _changes(client: Client) -> Iterator[Row]:
    """Against Docker's recorded medians."""
    ask = client.ask
    ask("POST", "/images/create?fromImage=nginx&tag=latest")
    made = timed(
        lambda n: ask("POST", "/networks/create", {"Name": f"n{n}"}), NETWORKS - 3
    )
    yield Row("network create, to Docker's 85 ms", made, 85, 2 / 85)
    listed = timed(lambda _: ask("GET", "/v1.51/networks"), 1000)
    yield Row("GET /networks with 20, to Docker's", listed, 0.4, 0.75)

    def create_and_start(number: int) -> None:
        ask("POST", f"/containers/create?name=c{number}", {"Image": "nginx"})
        assert b" 204 " in ask("POST", f"/containers/c{number}/start")

    started = timed(create_and_start, CONTAINERS)
    yield Row("create and start, to Docker's 208 ms", started, 208, 4 / 208)
    listed = timed(lambda _: ask("GET", "/v1.51/containers/json?all=1"), 200)
    yield Row("list of 100 containers, to Docker's", listed, 3.8, 2 / 3.8)


def _run_by_cli(port: int) -> Row:
    environment = {**os.environ, "DOCKER_HOST": f"tcp://127.0.0.1:{port}"}

    def run(_: int) -> None:
        subprocess.run(
            ["docker", "run", "-d", "nginx"],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )

    return Row("docker run -d by its CLI, to 219 ms", timed(run, 15), 219, 40 / 219)


def _beside_uvicorn(port: int, client: Client) -> Iterator[Row]:
    answer = client.ask("GET", "/v1.51/networks")
    listed = re.search(rb"\[\{.*\}\]", answer, re.DOTALL)
    assert listed is not None
    try:
        import uvicorn  # noqa: F401
    except ImportError:
        return
    with uvicorn_served(listed[0]) as peer:
        pairs = [
            (rate(port, "/v1.51/networks"), rate(peer, "/v1.51/networks"))
            for _ in range(3)
        ]
    ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
    yield Row(
        "us an answer: GET /networks, to uvicorn", 1e6 / ours, 1e6 / theirs, 1, "us"
    )
    yield Row("requests a second, 5,000 to ours", 5000, ours, 1, "1/s")


def main() -> int:
    """Print the table; the number of goals that were missed."""
    print(f"{'':40} {'ours':>9} {'other':>9}      ratio  goal")
    missed = 0
    for row in rows():
        met = row.ratio <= row.goal
        missed += not met
        print(
            f"{row.name:40} {row.ours:9.3f} {row.peer:9.3f} {row.unit:4} "
            f"{row.ratio:6.3f} {row.goal:6.3f}  {'met' if met else 'MISSED'}",
            flush=True,
        )
    return missed


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
