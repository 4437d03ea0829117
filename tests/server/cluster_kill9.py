"""Kill hosts and the store in the middle of a load, and look what is left.

```
python -m tests.server.cluster_kill9 --store etcd --seconds 60

clients ──▶ three minidock serve ──▶ etcd or ZooKeeper
   ✕ SIGKILL a host     it starts again with its state
   ✕ SIGKILL the store  it starts again with its data
in the end: every acknowledged change is there (lost 0), no address, subnet or VNI is
held twice (duplicates 0), the registry holds nothing that no host has (leaked 0)
```

Each client changes objects of its own names only, so what it was told is exactly what
must be there; networks, addresses and VNIs are everybody's.
"""

import argparse
import contextlib
import http.client
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from minidock.overlay import keys
from minidock.overlay.records import load_holder, load_holdings, load_peer
from minidock.registry.errors import Unavailable
from minidock.registry.store import Store
from minidock.registry.urls import open_store
from tests.registry.servers import ServerProcess, free_port
from tests.server.kill9 import Box, Client, Known, Step, call

HOSTS = 3
CLIENTS = 2
"""For each host."""
_SHARED = "everybodys"


class Host:
    """One ``minidock serve`` with a state of its own."""

    def __init__(self, folder: Path, number: int, url: str) -> None:
        self.number = number
        self.port = free_port()
        self._folder = folder
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with (self._folder / f"log{self.number}").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "minidock", "serve"),
                    *("-H", f"tcp://127.0.0.1:{self.port}"),
                    *("--state", str(self._folder / f"state{self.number}.db")),
                    f"--cluster-store={self._url}",
                    f"--cluster-advertise=192.0.2.{10 + self.number}:2376",
                ],
                stdout=log,
                stderr=log,
            )
        self.ask("GET", "/networks")

    def ask(self, method: str, path: str, body=None):
        for _ in range(900):
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with contextlib.closing(self.connection()) as connection:
                    return call(connection, method, path, body)
            except (ConnectionError, TimeoutError, http.client.HTTPException):
                time.sleep(0.05)
        log = (self._folder / f"log{self.number}").read_text()
        raise AssertionError(f"host {self.number} is gone or dumb: {log[-3000:]}")

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=30)


class ClusterClient(Client):
    """Changes networks that span hosts and containers of one host, whatever dies."""

    def __init__(self, host: Host, number: int, seed: int, over) -> None:
        super().__init__(number, Path(), Known(), seed)
        self._host = host
        self._prefix = f"h{host.number}t{number}-"
        self._over = over
        self.unknown = 0
        self.errors: dict[str, str] = {}
        """Why containers did not start, in the host's words."""
        self.trouble: Counter[str] = Counter()

    def run(self) -> None:
        try:
            while not self._over.is_set() and not self.fault:
                with contextlib.closing(self._host.connection()) as connection:
                    self._work(connection)
            self.ended = True
        except AssertionError as error:
            self.fault = str(error)

    def _work(self, connection: http.client.HTTPConnection) -> None:
        while not self._over.is_set():
            step = self._next()
            try:
                status, body = call(connection, step.method, step.path, step.body)
            except (OSError, http.client.HTTPException):
                self.unknown += 1
                self._look_again(step)
                return
            if 200 <= status < 300:
                step.effect(self.known, body.get("Id", ""))
                self.acknowledged[step.kind] += 1
            else:
                self.refused[status] += 1
                text = str(body.get("message", body))
                self.trouble[f"{step.kind} {status} {text[:60]}"] += 1
                time.sleep(0.02)

    def _look_again(self, step: Step) -> None:
        """A change whose answer was lost is made or not; nothing else is."""
        if self._over.is_set():
            # what it was is checked like everything else, with both outcomes allowed
            self.under_way = step
            return
        done = self.known.copy()
        step.effect(done, "")
        for known in (done, self.known):
            _host_died(known)
        for _ in range(400):
            if self._over.is_set():
                self.under_way = step
                return
            try:
                there = self.there()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            for name, box in there.boxes.items():
                if _comes_back(name):  # if it was ever started
                    for known in (done, self.known):
                        if name in known.boxes:
                            same = replace(known.boxes[name], running=box.running)
                            known.boxes[name] = same
            for known in (done, self.known):
                if known.fits(there):
                    self.known = there
                    return
            time.sleep(0.05)  # another host's change is on its way
        self.fault = f"{self._prefix}: {self.known} or {done} is now {there}"

    def there(self) -> Known:
        """What the host has under this client's names."""
        with contextlib.closing(self._host.connection()) as connection:
            _, networks = call(connection, "GET", "/networks")
            _, boxes = call(connection, "GET", "/containers/json?all=1")
            found = Known()
            for item in networks:
                if item["Name"].startswith(self._prefix):
                    found.networks[item["Name"]] = item["Id"]
            for item in boxes:
                name = item["Names"][0].removeprefix("/")
                if name.startswith(self._prefix):
                    _, shown = call(connection, "GET", f"/containers/{name}/json")
                    if shown["State"]["Error"]:
                        self.errors[name] = shown["State"]["Error"]
                    found.boxes[name] = Box(
                        shown["Id"],
                        shown["State"]["Running"],
                        frozenset(shown["NetworkSettings"]["Networks"]),
                    )
            return found

    def _create_network(self, name: str) -> Step:
        return Step(
            "network create",
            "POST",
            "/networks/create",
            lambda k, made: k.networks.__setitem__(name, made),
            {"Name": name, "Driver": "overlay", "Attachable": True},
        )

    def _create(self, name: str) -> Step:
        network = self._random.choice([_SHARED, _SHARED, *self.known.networks])
        policy = {"Name": "always" if _comes_back(name) else "no"}
        host = {"NetworkMode": network, "RestartPolicy": policy}
        body = {"Image": "nginx", "HostConfig": host}
        return Step(
            "create",
            "POST",
            f"/containers/create?name={name}",
            lambda k, made: k.boxes.__setitem__(
                name, Box(made, False, frozenset({network}))
            ),
            body,
        )


@dataclass
class Report:
    """What was seen."""

    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    hosts_killed: int = 0
    stores_killed: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.leaked or self.faults)

    def __str__(self) -> str:
        total = sum(self.acknowledged.values())
        lines = [
            f"killed: {self.hosts_killed} hosts, {self.stores_killed} times the store",
            f"commands acknowledged: {total} {dict(self.acknowledged)}",
            f"refused: {dict(self.refused)}; answers lost: {self.unknown}",
            *(f"  {count} x {text}" for text, count in self.trouble.most_common(8)),
        ]
        lines.append(
            f"lost {len(self.lost)}, duplicates {len(self.duplicates)}, "
            f"leaked {len(self.leaked)}, other faults {len(self.faults)}"
        )
        wrong = [*self.lost, *self.duplicates, *self.leaked, *self.faults]
        return "\n".join(lines + wrong[:20])


def run(server: ServerProcess, url: str, seconds: float, seed: int) -> Report:
    """One load with all its kills."""
    choose = random.Random(seed)
    report = Report()
    over = threading.Event()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hosts = [Host(folder, number, url) for number in range(HOSTS)]
        try:
            for host in hosts:
                host.ask("POST", "/images/create?fromImage=nginx&tag=latest")
            body = {"Name": _SHARED, "Driver": "overlay", "Attachable": True}
            assert hosts[0].ask("POST", "/networks/create", body)[0] == 201
            clients = [
                ClusterClient(host, number, choose.randrange(1 << 30), over)
                for host in hosts
                for number in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            _kill(server, hosts, report, choose, seconds)
            over.set()
            for client in clients:
                client.join(timeout=60)
                report.acknowledged += client.acknowledged
                report.refused += client.refused
                report.trouble += client.trouble
                report.unknown += client.unknown
                report.faults += [client.fault] if client.fault else []
            _settle(url, hosts)
            _check_clients(clients, report)
            with contextlib.closing(open_store(url)) as store:
                _check_registry(store, hosts, report)
                _remove_all(hosts)
                _check_empty(store, report)
        finally:
            over.set()
            for host in hosts:
                host.end(signal.SIGKILL)
    return report


def _kill(server, hosts, report: Report, choose, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(choose.uniform(0.5, 3.0))
        if choose.random() < 0.5:
            host = choose.choice(hosts)
            host.end(signal.SIGKILL)
            time.sleep(choose.uniform(0, 0.5))
            host.start()
            report.hosts_killed += 1
        else:
            server.kill()
            time.sleep(choose.uniform(0, 0.5))
            server.start()
            report.stores_killed += 1


def _settle(url: str, hosts: list[Host]) -> None:
    """Wait until every host reaches the store again, by a command that needs it."""
    for host in hosts:
        body = {"Name": f"settled{host.number}", "Driver": "overlay"}
        for _ in range(300):
            if host.ask("POST", "/networks/create", body)[0] == 201:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"host {host.number} finds no way back to {url}")
        for _ in range(300):
            if host.ask("DELETE", f"/networks/settled{host.number}")[0] == 204:
                break
            time.sleep(0.1)


def _check_clients(clients: list[ClusterClient], report: Report) -> None:
    for client in clients:
        allowed = [client.known]
        if client.under_way is not None:
            done = client.known.copy()
            client.under_way.effect(done, "")
            allowed.append(done)
        for attempt in range(40):
            there = client.there()
            if any(known.fits(there) for known in allowed):
                break
            if attempt < 39:
                time.sleep(0.05)
        else:
            report.lost += _differences(client.known, there)
            report.lost += [f"  {name}: {why}" for name, why in client.errors.items()]


def _comes_back(name: str) -> bool:
    """Whether a container has a restart policy."""
    return int(name[-1]) % 3 == 0


def _host_died(known: Known) -> None:
    """A daemon that was killed stops what runs when it starts again."""
    for name, box in known.boxes.items():
        known.boxes[name] = replace(box, running=False)


def _differences(told: Known, there: Known) -> list[str]:
    found = []
    for kind in ("networks", "boxes"):
        old, new = getattr(told, kind), getattr(there, kind)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                found.append(f"{name}: told {old.get(name)}, has {new.get(name)}")
    return found


def _check_registry(store: Store, hosts: list[Host], report: Report) -> None:
    """What stands in the registry is what the hosts have, and nothing twice."""
    there: dict[str, str] = {}
    ids: dict[str, dict[str, str]] = {}
    for host in hosts:
        for item in host.ask("GET", "/containers/json?all=1")[1]:
            name = item["Names"][0].removeprefix("/")
            if name in ids.setdefault("names", {}):
                report.duplicates.append(f"two containers are called {name}")
            ids["names"][name] = item["Id"]
            _, shown = host.ask("GET", f"/containers/{item['Id']}/json")
            for network, place in shown["NetworkSettings"]["Networks"].items():
                address = place["IPAddress"]
                if not address or network == "bridge":
                    continue
                if address in there:
                    report.duplicates.append(
                        f"{address} is {name}'s and {there[address]}'s"
                    )
                there[address] = place["EndpointID"]
    for key, entry in store.list(keys.addresses("GlobalDefault")).entries:
        address = key.rpartition("/")[2]
        owner, _ = load_holder(key, entry.value)
        if there.get(address) != owner:
            report.leaked.append(f"{key} is held by {owner}, which no host has")
        else:
            del there[address]
    report.lost += [f"{a} of {o} is not held in the registry" for a, o in there.items()]
    networks = {key.rpartition("/")[2] for key, _ in store.list(keys.NETWORKS).entries}
    endpoints = store.list(f"{keys.ROOT}/endpoint").entries
    for key, entry in endpoints:
        peer = load_peer(key, "", entry.value)
        if ids.get("names", {}).get(peer.name) != peer.container_id:
            report.leaked.append(f"the endpoint {key} of {peer.name} is nobody's")
    for key, entry in store.list(keys.CONTAINERS).entries:
        name = key.rpartition("/")[2]
        if ids.get("names", {}).get(name) != load_holder(key, entry.value)[0]:
            report.leaked.append(f"the name {name} is nobody's")
    for key in (keys.SUBNETS, keys.VNIS):
        for what, holding in load_holdings(key, store.get(key).value).held.items():
            if holding.owner.partition("/")[0] not in networks:
                report.leaked.append(
                    f"{what} is held by {holding.owner}, which is gone"
                )


def _remove_all(hosts: list[Host]) -> None:
    for host in hosts:
        for item in host.ask("GET", "/containers/json?all=1")[1]:
            host.ask("DELETE", f"/containers/{item['Id']}?force=1")
    for host in hosts:
        for item in host.ask("GET", "/networks")[1]:
            if item["Driver"] == "overlay":
                host.ask("DELETE", f"/networks/{item['Id']}")


def _check_empty(store: Store, report: Report) -> None:
    left = [key for key, _ in store.list(keys.ROOT).entries]
    report.leaked += [
        f"{key} is left when all is removed"
        for key in left
        if key not in {keys.SUBNETS, keys.VNIS}
    ]
    for key in (keys.SUBNETS, keys.VNIS):
        held = load_holdings(key, store.get(key).value).held
        report.leaked += [f"{what} is left when all is removed" for what in held]


def _store(name: str, folder: Path) -> tuple[ServerProcess, str]:
    if name == "etcd":
        from tests.registry.servers import EtcdServer

        etcd = EtcdServer(folder)
        return etcd, etcd.url
    from tests.registry.zookeeper_server import ZooKeeperServer

    zookeeper = ZooKeeperServer(folder)
    return zookeeper, zookeeper.url


def main() -> int:
    """Run one load as the words say."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", choices=("etcd", "zk"), default="etcd")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server, url = _store(options.store, Path(name))
        server.start()
        try:
            report = run(server, url, options.seconds, options.seed)
        except Unavailable as error:
            print(f"the store does not answer: {error.text}")
            return 2
        finally:
            server.kill()
    print(f"{options.store}, {options.seconds:.0f} s, seed {options.seed}")
    print(report)
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
