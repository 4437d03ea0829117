"""What a registry costs over its bare client.

Run ``python -m benchmarks.registry``. Every row asks one real server the same thing, in
turn by the client alone and by the store, and gives the ratio of the medians, so the
server's own time and the machine's speed are in both. The goal is a ratio of 1.2.
"""

import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

ROUNDS = 200
ENTRIES = 100
VALUE = '{"token": "' + "x" * 200 + '"}'
GOAL = 1.2

Verb = Callable[[int], object]
"""One call; the number is another one each time."""


class Row(NamedTuple):
    name: str
    ours: float
    bare: float
    """Medians in milliseconds."""

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def compared(name: str, ours: Verb, bare: Verb, rounds: int = ROUNDS) -> Row:
    """Medians of both, asked in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    numbers = count()
    for turn in range(2 * rounds):
        verb = (ours, bare)[turn % 2]
        number = next(numbers)
        start = perf_counter()
        verb(number)
        times[turn % 2].append(perf_counter() - start)
    return Row(name, median(times[0]) * 1e3, median(times[1]) * 1e3)


@contextmanager
def real_etcd() -> Iterator[tuple[str, int]]:
    """The URL and the port of an etcd of our own."""
    from tests.registry.servers import EtcdServer

    with tempfile.TemporaryDirectory(prefix="bench-etcd-") as folder:
        server = EtcdServer(Path(folder))
        server.start()
        try:
            yield server.url, server.port
        finally:
            server.kill()


def over_etcd3gw() -> list[Row]:
    """The store in etcd beside etcd3gw's client."""
    from etcd3gw.client import Etcd3Client

    from minidock.registry.urls import open_store

    with real_etcd() as (url, port):
        client = Etcd3Client("127.0.0.1", port, timeout=5, api_path="/v3/")
        store = open_store(url)
        for number in range(ENTRIES):
            store.put(f"list/{number:04d}", VALUE)
        versions = {"ours": store.put("ours", VALUE), "bare": store.put("bare", VALUE)}

        def swap(_: int) -> None:
            versions["ours"] = store.compare_and_swap("ours", VALUE, versions["ours"])

        def bare_swap(_: int) -> None:
            reply = client.transaction(swap_of("bare/", versions["bare"]))
            versions["bare"] = int(reply["header"]["revision"])

        rows = [
            compared(
                "get",
                lambda _: store.get("ours"),
                lambda _: client.get("bare/", metadata=True),
            ),
            compared(
                "put",
                lambda n: store.put(f"put/{n % 50}", VALUE),
                lambda n: client.put(f"bput/{n % 50}/", VALUE),
            ),
            compared(
                "create",
                lambda n: store.create(f"create/{n}", VALUE),
                lambda n: client.create(f"bcreate/{n}/", VALUE),
            ),
            compared("compare and swap", swap, bare_swap),
            compared(
                f"list {ENTRIES}",
                lambda _: store.list("list"),
                lambda _: client.get_prefix("list/"),
            ),
            compared(
                "delete",
                lambda n: store.delete(f"create/{n}"),
                lambda n: client.delete(f"bcreate/{n}/"),
            ),
        ]
        store.close()
        return rows


def swap_of(key: str, version: int) -> dict[str, Any]:
    """The transaction that etcd3gw has no verb for: by version, not by value."""
    from etcd3gw.utils import _encode

    name = _encode(key)
    return {
        "compare": [
            {"key": name, "target": "MOD", "result": "EQUAL", "mod_revision": version}
        ],
        "success": [{"request_put": {"key": name, "value": _encode(VALUE)}}],
        "failure": [],
    }


@contextmanager
def double_of_consul() -> Iterator[int]:
    """The port of Consul's double, in a process of its own."""
    command = [sys.executable, "-m", "tests.registry.consul_double"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def over_py_consul() -> list[Row]:
    """The store in Consul beside py-consul's client, both at Consul's double."""
    from consul import Consul

    from minidock.registry.urls import open_store

    with double_of_consul() as port:
        client = Consul("127.0.0.1", port)
        store = open_store(f"consul://127.0.0.1:{port}")
        for number in range(ENTRIES):
            store.put(f"list/{number:04d}", VALUE)
        versions = {"ours": store.put("ours", VALUE)}
        client.kv.put("bare/", VALUE)
        versions["bare"] = int(client.kv.get("bare/")[1]["ModifyIndex"])
        coded, flags = b64encode(VALUE.encode()).decode(), count(1)

        def swap(_: int) -> None:
            versions["ours"] = store.compare_and_swap("ours", VALUE, versions["ours"])

        def bare_swap(_: int) -> None:
            cas = {"Verb": "cas", "Key": "bare/", "Value": coded}
            wanted = [{"KV": {**cas, "Index": versions["bare"], "Flags": next(flags)}}]
            reply = client.txn.put(wanted)
            versions["bare"] = int(reply["Results"][0]["KV"]["ModifyIndex"])

        rows = [
            compared(
                "get", lambda _: store.get("ours"), lambda _: client.kv.get("bare/")
            ),
            compared(
                "put",
                lambda n: store.put(f"put/{n % 50}", VALUE),
                lambda n: client.kv.put(f"bput/{n % 50}/", VALUE),
            ),
            compared(
                "create",
                lambda n: store.create(f"create/{n}", VALUE),
                lambda n: client.kv.put(f"bcreate/{n}/", VALUE, cas=0),
            ),
            compared("compare and swap", swap, bare_swap),
            compared(
                f"list {ENTRIES}",
                lambda _: store.list("list"),
                lambda _: client.kv.get("list/", recurse=True),
            ),
            compared(
                "delete",
                lambda n: store.delete(f"create/{n}"),
                lambda n: client.kv.delete(f"bcreate/{n}/"),
            ),
        ]
        store.close()
        client.http.session.close()
        return rows


def over_kazoo() -> list[Row]:
    """The store in ZooKeeper beside kazoo's client."""
    from kazoo.client import KazooClient

    from minidock.registry.urls import open_store
    from tests.registry.zookeeper_server import ZooKeeperServer

    value = VALUE.encode()
    with tempfile.TemporaryDirectory(prefix="bench-zookeeper-") as folder:
        server = ZooKeeperServer(Path(folder))
        server.start()
        client = KazooClient(f"127.0.0.1:{server.port}")
        client.start()
        store = open_store(server.url)
        for number in range(ENTRIES):
            store.put(f"list/{number:04d}", VALUE)
            client.create(f"/blist/{number:04d}", value, makepath=True)
        for number in range(50):
            store.put(f"put/{number}", VALUE)
            client.create(f"/bput/{number}", value, makepath=True)
        for number in range(4 * ROUNDS):
            store.put(f"warm/{number}", VALUE)  # the guards are there
        store.put("create/first", VALUE)
        client.create("/bcreate/first", value, makepath=True)
        client.create("/bare", value)
        versions = {"ours": store.put("ours", VALUE), "bare": 0}

        def swap(_: int) -> None:
            versions["ours"] = store.compare_and_swap("ours", VALUE, versions["ours"])

        def bare_swap(_: int) -> None:
            versions["bare"] = client.set("/bare", value, versions["bare"]).version

        def bare_list(_: int) -> None:
            names = client.get_children("/blist")
            for reply in [client.get_async(f"/blist/{name}") for name in names]:
                reply.get()

        rows = [
            compared("get", lambda _: store.get("ours"), lambda _: client.get("/bare")),
            compared(
                "put",
                lambda n: store.put(f"put/{n % 50}", VALUE),
                lambda n: client.set(f"/bput/{n % 50}", value),
            ),
            compared(
                "create",
                lambda n: store.create(f"create/{n}", VALUE),
                lambda n: client.create(f"/bcreate/{n}", value),
            ),
            compared("compare and swap", swap, bare_swap),
            compared(f"list {ENTRIES}", lambda _: store.list("list"), bare_list),
            compared(
                "delete",
                lambda n: store.delete(f"create/{n}"),
                lambda n: client.delete(f"/bcreate/{n}"),
            ),
        ]
        store.close()
        client.stop()
        client.close()
        server.kill()
        return rows


def show(title: str, rows: list[Row]) -> None:
    """A table of one client."""
    print(f"{title:24}{'ours, ms':>10}{'bare, ms':>10}{'ratio':>8}")
    for row in rows:
        note = "" if row.ratio <= GOAL else f"  above {GOAL}"
        print(f"{row.name:24}{row.ours:10.3f}{row.bare:10.3f}{row.ratio:8.2f}{note}")


def main() -> None:
    """Print a table for each store whose server and client are here."""
    if shutil.which("etcd"):
        show("etcd over etcd3gw", over_etcd3gw())
    else:
        print("etcd is not installed")
    if Path("/usr/share/java/zookeeper.jar").exists() and shutil.which("java"):
        show("ZooKeeper over kazoo", over_kazoo())
    else:
        print("ZooKeeper is not installed")
    if find_spec("consul"):
        show("Consul over py-consul", over_py_consul())
    else:
        print("py-consul is not installed")


if __name__ == "__main__":
    main()
