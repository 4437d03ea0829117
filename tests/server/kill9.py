"""Kill a server in the middle of a load, again and again, and look at what is left.

```
python -m tests.server.kill9 --rounds 100

clients ──▶ minidock serve --state FILE ──▶ answers: what must be there
                  ✕ SIGKILL
            FILE read by itself           every acknowledged change is in it, every
                                          change that was under way is in it or not
            minidock serve --state FILE   the same networks and containers answer
after some rounds: remove everything      the ledgers are those of a fresh engine
```

Each client changes objects of its own names only, so what it was told is exactly what
must be there; pools and ports are everybody's.
"""

import argparse
import contextlib
import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from minidock.commands.invariants import broken
from minidock.engine import Engine
from minidock.model.world import World
from minidock.registry.sqlite import SqliteStore
from minidock.runtime.reboot import start_daemon

CLIENTS = 4
ROUNDS_PER_FILE = 10


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(connection: http.client.HTTPConnection, method, path, body=None):
    """The status and the JSON of one call."""
    data = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json"} if data else {}
    connection.request(method, path, body=data, headers=headers)
    answer = connection.getresponse()
    raw = answer.read()
    plain = answer.headers.get("Content-Type", "") != "application/json"
    progress = raw.count(b"\n") > 1  # a pull's
    return answer.status, {} if not raw or plain or progress else json.loads(raw)


# --- what a client knows --------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A container as a client knows it; an id of "" is one it never heard."""

    id: str
    running: bool
    networks: frozenset[str]

    def fits(self, other: "Box") -> bool:
        known = not self.id or self.id == other.id
        same = (self.running, self.networks) == (other.running, other.networks)
        return known and same


@dataclass
class Known:
    """Everything of one client: names to network ids, names to containers."""

    networks: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)

    def copy(self) -> "Known":
        return Known(dict(self.networks), dict(self.boxes))

    def fits(self, other: "Known") -> bool:
        return (
            self.networks.keys() == other.networks.keys()
            and self.boxes.keys() == other.boxes.keys()
            and all(not v or other.networks[k] == v for k, v in self.networks.items())
            and all(box.fits(other.boxes[name]) for name, box in self.boxes.items())
        )


Effect = Callable[[Known, str], None]


@dataclass(frozen=True)
class Step:
    """A call, and what it does to what is known: given the id in the answer."""

    kind: str
    method: str
    path: str
    effect: Effect
    body: object = None


class Client(threading.Thread):
    """Makes one change after the other until the server is gone."""

    def __init__(self, number: int, path: Path, known: Known, seed: int) -> None:
        super().__init__(daemon=True)
        self._prefix = f"t{number}-"
        self._number = number
        self._path = path
        self._random = random.Random(seed)
        self.known = known
        self.under_way: Step | None = None
        self.acknowledged: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.fault = ""
        self.ended = False

    def run(self) -> None:
        connection = UnixConnection(self._path)
        with contextlib.closing(connection):
            while not self.fault:
                self.under_way = step = self._next()
                try:
                    status, body = call(connection, step.method, step.path, step.body)
                except (OSError, http.client.HTTPException):
                    break  # killed; nobody knows about this one
                if 200 <= status < 300:
                    step.effect(self.known, body.get("Id", ""))
                    self.acknowledged[step.kind] += 1
                else:
                    self.refused[status] += 1
                    if status >= 500 and "port" not in str(body):
                        self.fault = f"{step.method} {step.path}: {status} {body}"
                self.under_way = None
        self.ended = True

    def _pick(self) -> str:
        return f"{self._prefix}{self._random.randrange(6)}"

    def _next(self) -> Step:
        known, choose = self.known, self._random.choice
        name = self._pick()
        if self._random.random() < 0.35:
            if name not in known.networks:
                return self._create_network(name)
            if self._random.random() < 0.4:
                return Step(
                    "network rm",
                    "DELETE",
                    f"/networks/{name}",
                    lambda k, _: _remove_network(k, name),
                )
        if name not in known.boxes:
            return self._create(name)
        box = known.boxes[name]
        others = [n for n in known.networks if n not in box.networks]
        if self._random.random() < 0.3 and others:
            return _connect(name, choose(others))
        if self._random.random() < 0.15 and len(box.networks) > 1:
            return _disconnect(name, choose(sorted(box.networks)))
        if self._random.random() < 0.3:
            return Step(
                "rm -f",
                "DELETE",
                f"/containers/{name}?force=1",
                lambda k, _: k.boxes.pop(name) and None,
            )
        return _toggle(name, box, kill=self._random.random() < 0.3)

    def _create_network(self, name: str) -> Step:
        body: dict[str, object] = {"Name": name}
        if self._random.random() < 0.5:
            third = self._number * 8 + int(name[-1])
            body["IPAM"] = {"Config": [{"Subnet": f"10.{third}.0.0/24"}]}
        return Step(
            "network create",
            "POST",
            "/networks/create",
            lambda k, made: k.networks.__setitem__(name, made),
            body,
        )

    def _create(self, name: str) -> Step:
        network = self._random.choice(["bridge", *self.known.networks])
        always = self._random.random() < 0.3
        fixed = str(20000 + self._number * 100 + int(name[-1]))
        host_port = self._random.choice(["", fixed, fixed])
        host = {
            "NetworkMode": network,
            "PortBindings": {"80/tcp": [{"HostPort": host_port}]},
            "RestartPolicy": {"Name": "always" if always else "no"},
        }
        body = {"Image": "nginx", "ExposedPorts": {"80/tcp": {}}, "HostConfig": host}
        return Step(
            "create",
            "POST",
            f"/containers/create?name={name}",
            lambda k, made: k.boxes.__setitem__(
                name, Box(made, False, frozenset({network}))
            ),
            body,
        )


def _remove_network(known: Known, name: str) -> None:
    del known.networks[name]


def _connect(name: str, network: str) -> Step:
    def effect(known: Known, _: str) -> None:
        box = known.boxes[name]
        known.boxes[name] = replace(box, networks=box.networks | {network})

    path = f"/networks/{network}/connect"
    return Step("connect", "POST", path, effect, {"Container": name})


def _disconnect(name: str, network: str) -> Step:
    def effect(known: Known, _: str) -> None:
        box = known.boxes[name]
        known.boxes[name] = replace(box, networks=box.networks - {network})

    path = f"/networks/{network}/disconnect"
    return Step("disconnect", "POST", path, effect, {"Container": name})


def _toggle(name: str, box: Box, *, kill: bool) -> Step:
    verb = ("kill" if kill else "stop") if box.running else "start"

    def effect(known: Known, _: str) -> None:
        box = known.boxes[name]
        known.boxes[name] = replace(box, running=verb == "start")

    return Step(verb, "POST", f"/containers/{name}/{verb}", effect)


# --- what is there --------------------------------------------------------------------


def found(world: World, prefix: str) -> Known:
    """What a World holds under a client's names."""
    networks = {n.name: n.id for n in world.networks.values()}
    boxes = {
        c.name: Box(
            c.id, c.state.running, frozenset(place.network for place in c.endpoints)
        )
        for c in world.containers.values()
    }
    return Known(
        {name: value for name, value in networks.items() if name.startswith(prefix)},
        {name: value for name, value in boxes.items() if name.startswith(prefix)},
    )


@dataclass
class Report:
    """What was seen."""

    rounds: int = 0
    restarts: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    under_way: int = 0
    under_way_saved: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = sum(self.acknowledged.values())
        lines = [
            f"kill -9: {self.rounds} times; ended in good order: {self.restarts} times",
            f"acknowledged changes: {total} {dict(self.acknowledged)}",
            f"refused: {dict(self.refused)}",
            f"under way when killed: {self.under_way}",
            f"of these saved, though nobody was told: {self.under_way_saved}",
            f"faults: {len(self.faults)}",
        ]
        return "\n".join(lines + self.faults[:20])


class Server:
    """``minidock serve`` as a process."""

    def __init__(self, folder: Path, era: str) -> None:
        self.socket = folder / "d.sock"
        self.state = folder / "state.db"
        self._log = (folder / "log").open("a")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "minidock", "serve"),
                *("-H", f"unix://{self.socket}", "--state", str(self.state)),
                *("--era", era),
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self.ask("GET", "/networks")  # answers only once the file is read

    def ask(self, method: str, path: str, body=None):
        """One call on a connection of its own; waits for a server that is starting."""
        for _ in range(600):
            if self._process.poll() is not None:
                break
            try:
                with contextlib.closing(UnixConnection(self.socket)) as connection:
                    return call(connection, method, path, body)
            except (ConnectionError, FileNotFoundError):
                time.sleep(0.05)
        msg = f"the server is gone or dumb: {Path(self._log.name).read_text()}"
        raise AssertionError(msg)

    def end(self, number: signal.Signals) -> None:
        """Send the signal and wait for the end."""
        self._process.send_signal(number)
        self._process.wait(timeout=30)
        self._log.close()


class Trial:
    """Some rounds on one file."""

    def __init__(self, folder: Path, era: str, report: Report, seed: int) -> None:
        self._folder = folder
        self._era = era
        self._report = report
        self._random = random.Random(seed)
        self._known = [Known() for _ in range(CLIENTS)]

    def run(self, rounds: int) -> None:
        server = Server(self._folder, self._era)
        server.ask("POST", "/images/create?fromImage=nginx&tag=latest")
        for _ in range(rounds):
            server = self._round(server)
            if self._random.random() < 0.25:
                server = self._restarted(server)
        self._remove_all(server)

    def _restarted(self, server: Server) -> Server:
        """In good order; the next one begins from a snapshot, and we from the records."""
        server.end(signal.SIGTERM)
        left = self._world()
        self._report.restarts += 1
        self._report.faults += broken(left)
        server = Server(self._folder, self._era)
        self._check_server(server, start_daemon(left, time.time_ns()).world)
        return server

    def _round(self, server: Server) -> Server:
        report = self._report
        clients = [
            Client(number, server.socket, known, self._random.randrange(1 << 30))
            for number, known in enumerate(self._known)
        ]
        for client in clients:
            client.start()
        time.sleep(self._random.uniform(0.02, 0.6))
        server.end(signal.SIGKILL)
        for client in clients:
            client.join(timeout=30)
            assert client.ended, "a client broke or hangs"
            report.acknowledged += client.acknowledged
            report.refused += client.refused
            report.faults += [client.fault] if client.fault else []
        report.rounds += 1
        left = self._check_file(clients)
        server = Server(self._folder, self._era)
        self._check_server(server, start_daemon(left, time.time_ns()).world)
        return server

    def _check_file(self, clients: list[Client]) -> World:
        """The file holds what was acknowledged, and whole changes only."""
        report = self._report
        world = self._world()
        report.faults += broken(world)
        for number, client in enumerate(clients):
            there = found(world, f"t{number}-")
            step = client.under_way
            done = self._known[number].copy()
            if step is not None:
                report.under_way += 1
                step.effect(done, "")
            if self._known[number].fits(there):
                continue
            if step is not None and done.fits(there):
                report.under_way_saved += 1
                _learn(done, there)
                self._known[number] = done
                continue
            report.faults.append(
                f"round {report.rounds}, client {number}: knew {self._known[number]}, "
                f"under way {step}, found {there}"
            )
            self._known[number] = there
        return world

    def _world(self) -> World:
        store = SqliteStore(self._folder / "state.db")
        with contextlib.closing(store):
            return Engine(store=store).world

    def _check_server(self, server: Server, expected: World) -> None:
        """The next server shows what a restart makes of the file; nothing is doubled.

        Not all that should come back can: a network may be gone meanwhile.
        """
        report = self._report
        shown = {n["Name"]: n["Id"] for n in server.ask("GET", "/networks")[1]}
        containers = server.ask("GET", "/containers/json?all=1")[1]
        boxes = {c["Names"][0][1:]: c for c in containers}
        mine = [n for n in shown if n.startswith("t")]
        if len(mine) + len(boxes) != sum(
            len(k.networks) + len(k.boxes) for k in self._known
        ):
            report.faults.append(f"round {report.rounds}: something is left over")
        for known in self._known:
            for name, network_id in known.networks.items():
                if shown.get(name) != network_id:
                    report.faults.append(f"{name} is {shown.get(name)}")
            for name, box in list(known.boxes.items()):
                running = boxes[name]["State"] == "running"
                if running != expected.containers[box.id].state.running:
                    report.faults.append(f"{name}: {box}, {boxes[name]['State']}")
                known.boxes[name] = replace(box, running=running)
        held = Counter(
            (port["IP"], port["PublicPort"])
            for c in containers
            for port in c["Ports"]
            if "PublicPort" in port
        )
        held += Counter(
            (name, place["IPAddress"])
            for c in containers
            for name, place in c["NetworkSettings"]["Networks"].items()
            if place["IPAddress"]
        )
        report.faults += [f"{what} is held twice" for what, n in held.items() if n > 1]

    def _remove_all(self, server: Server) -> None:
        """Without containers and networks the ledgers are those of a fresh engine."""
        for known in self._known:
            for name in known.boxes:
                server.ask("DELETE", f"/containers/{name}?force=1")
            for name in known.networks:
                server.ask("DELETE", f"/networks/{name}")
        server.end(signal.SIGTERM)
        world, fresh = self._world(), Engine(self._era).world
        report = self._report
        report.faults += broken(world)
        left = {
            "ports": list(world.ports.holdings()),
            "containers": len(world.containers),
            "names": len(world.names),
            "networks": len(world.networks) - len(fresh.networks),
        }
        report.faults += [f"{what} leaked: {n}" for what, n in left.items() if n]
        for family in (4, 6):
            subnets = world.space.subnets(family)
            if subnets != fresh.space.subnets(family):
                report.faults.append(f"subnets leaked: {subnets}")
        held = {key: pool.restarted() for key, pool in world.pools.items()}
        if held != dict(fresh.pools):
            report.faults.append(f"addresses leaked: {held}")


def _learn(done: Known, there: Known) -> None:
    """The ids of what was made without an answer."""
    for name, network_id in there.networks.items():
        done.networks[name] = network_id
    for name, box in there.boxes.items():
        done.boxes[name] = replace(done.boxes[name], id=box.id)


def kill_often(
    rounds: int, *, seed: int = 0, per_file: int = ROUNDS_PER_FILE
) -> Report:
    """So many rounds, on files that take turns with the eras."""
    report = Report()
    eras = ["28", "20.10"]
    while rounds > 0:
        with tempfile.TemporaryDirectory(prefix="kill9-") as folder:
            trial = Trial(Path(folder), eras[0], report, seed + rounds)
            trial.run(min(rounds, per_file))
        rounds -= per_file
        eras.reverse()
        print(report, flush=True)
    return report


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    report = kill_often(given.rounds, seed=given.seed)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
