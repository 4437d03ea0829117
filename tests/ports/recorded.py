"""Drives the port table through a recorded session of a real engine.

Each step of the recording that concerns ports is done again here, and what the engine
answered is put beside what minidock answers: a list of `Check`, for tests to compare.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from minidock.eras import era_named
from minidock.errors import Refusal
from minidock.net.address import Address
from minidock.ports.listing import port_lines, ports_field, ports_json, ps_ports
from minidock.ports.mapping import Attempt, Endpoint, PortMapping, attempt, withdraw
from minidock.ports.sockets import HostSockets, Listener
from minidock.ports.spec import CliTexts, check_bindings, publish_options, read_bindings
from minidock.ports.table import ANY_V4, PortTable
from minidock.ports.wanted import wanted_ports

GOLDEN = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"
E20 = era_named("20.10")
IMAGES = {"web:1.0": ["443/tcp", "53/udp", "80/tcp"], "busybox": []}
PREFIX = re.compile(
    r"driver failed programming external connectivity on endpoint \S+ \(\w+\): "
)
CLIENTS = {"cli": CliTexts.V28, "cli20": CliTexts.V20}


class Check(NamedTuple):
    step: int
    kind: str
    recorded: object
    ours: object


@dataclass
class Container:
    exposed: object
    bindings: object
    publish_all: bool
    mappings: tuple[PortMapping, ...] | None = None  # None: not running
    address: Address = field(default_factory=lambda: Address.parse("172.17.0.2"))

    @property
    def ports(self):
        return (
            {}
            if self.mappings is None
            else ports_json(self.mappings, self.exposed or ())
        )


def load(name):
    path = GOLDEN / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


class Session:
    """A host with containers, one step after the other."""

    def __init__(self, steps):
        self.steps = steps
        self.checks = []
        self.containers = {}
        self.table = PortTable(conflicts=E20.port_conflicts)
        self.host = HostSockets(
            addresses=frozenset(
                [Address.parse("192.0.2.2"), Address.parse("172.17.0.1")]
            ),
            sctp=False,
        )

    def replay(self):
        for number, step in enumerate(self.steps):
            if step["kind"] == "note" and "8200/tcp and 8201/udp" in step["text"]:
                sockets = [Listener(ANY_V4, "tcp", 8200), Listener(ANY_V4, "udp", 8201)]
                self.host = HostSockets(
                    addresses=self.host.addresses,
                    listeners=frozenset(sockets),
                    sctp=False,
                )
            elif step["kind"] == "api":
                self._call(number, step)
            elif step["kind"] in CLIENTS:
                self._command(number, step)
        return self.checks

    def check(self, number, kind, recorded, ours):
        self.checks.append(Check(number, kind, recorded, ours))

    def start(self, container):
        asked = wanted_ports(
            container.exposed or (),
            container.bindings or {},
            publish_all=container.publish_all,
        )
        endpoint = Endpoint(container_v4=container.address)
        outcome: Attempt = attempt(self.table, asked, endpoint, self.host, era=E20)
        self.table = outcome.table
        if outcome.refusal is None:
            container.mappings = outcome.mappings
        return outcome.refusal

    def stop(self, name):
        container = self.containers[name]
        if container.mappings is not None:
            self.table = withdraw(self.table, container.mappings)
            container.mappings = None

    def remove(self, name):
        self.stop(name)
        del self.containers[name]

    # -- the command line ---------------------------------------------------------

    def _command(self, number, step):
        texts = CLIENTS[step["kind"]]
        if "xargs docker rm" in step["cmd"]:
            for name in list(self.containers):
                self.remove(name)
            return
        _, verb, *words = shlex.split(step["cmd"])
        if verb in {"run", "create"}:
            self._run(number, step, words, texts, starts=verb == "run")
        elif verb == "rm":
            self.remove(words[-1])
        elif verb == "stop":
            self.stop(words[-1])
        elif verb in {"start", "restart"}:
            if verb == "restart":
                self.stop(words[-1])
            self._check_start(number, step, self.containers[words[-1]])
        elif verb == "inspect" and "PortBindings" in step["cmd"]:
            self._inspect(number, step, words[-1])
        elif verb == "port":
            self._port(number, step, words, texts)
        elif verb == "ps" and "Ports" in step["cmd"]:
            self._ps(number, step, texts)

    def _run(self, number, step, words, texts, *, starts):
        publishes, exposes, flags, rest = [], [], set(), iter(words)
        name = f"step{number}"
        for word in rest:
            if word in {"-p", "--publish"}:
                publishes.append(next(rest))
            elif word == "--expose":
                exposes.append(next(rest))
            elif word == "--name":
                name = next(rest)
            elif word.startswith("-"):
                flags.add(word)
            else:
                image = word
                break
        if name in self.containers:
            return
        try:
            exposed, bindings = publish_options(publishes, exposes, texts)
        except Refusal as refusal:
            self.check(
                number, "client refusal", client_words(step, texts), refusal.text
            )
            return
        exposed = sorted({*exposed, *IMAGES[image]}) or None
        self.containers[name] = Container(exposed, bindings, "-P" in flags)
        if starts:
            self._check_start(number, step, self.containers[name])
        if "--rm" in flags:
            self.remove(name)

    def _check_start(self, number, step, container):
        refusal = self.start(container)
        recorded = ""
        if step.get("rc") or step.get("status", 204) >= 400:
            words = step["json"]["message"] if "json" in step else step["stderr"]
            words = words.partition("\n")[0].removeprefix("docker: ")
            recorded = PREFIX.sub(
                "", words.removeprefix("Error response from daemon: ")
            )
        self.check(number, "start", recorded, refusal.text if refusal else "")

    def _inspect(self, number, step, name):
        container = self.containers[name]
        recorded = (
            step["stdout"]
            .strip()
            .replace("} {", "}\x00{")
            .replace("} null", "}\x00null")
        )
        recorded = recorded.replace("null {", "null\x00{")
        asked, ports, exposed = (json.loads(part) for part in recorded.split("\x00"))
        kept = container.bindings and {
            key: None if value is None else list(read_bindings(value))
            for key, value in container.bindings.items()
        }
        self.check(number, "PortBindings", asked, kept)
        self.check(number, "NetworkSettings.Ports", ports, container.ports)
        self.check(number, "order of ports", list(ports), list(container.ports))
        keys = {key: {} for key in container.exposed} if container.exposed else None
        self.check(number, "ExposedPorts", exposed, keys)

    def _port(self, number, step, words, texts):
        if words[0] not in self.containers:
            return
        container = self.containers[words[0]]
        try:
            lines = port_lines(container.ports, *words, texts=texts)
        except Refusal as refusal:
            self.check(
                number, "docker port refusal", step["stderr"].strip(), refusal.text
            )
            return
        self.check(number, "docker port", step["stdout"].splitlines(), lines)

    def _ps(self, number, step, texts):
        for line in step["stdout"].splitlines():
            name = re.split(r"[: ]", line)[0]
            column = ps_ports(ports_field(self.containers[name].ports), texts)
            recorded = line[-len(column) :] if column else line.split()[-1]
            self.check(number, "docker ps", recorded, column or line.split()[-1])
            self.check(
                number, "docker ps has ports", "->" in line or "/" in line, bool(column)
            )

    # -- the REST API -------------------------------------------------------------

    def _call(self, number, step):
        if step["path"] == "/containers/json":
            for shown in step["json"]:
                container = self.containers[shown["Names"][0][1:]]
                order = [
                    by_container_port(shown["Ports"]),
                    by_container_port(ports_field(container.ports)),
                ]
                self.check(number, "list", *order)
        name = re.search(r"(?:name=|/containers/)(?!create|json)(\w+)", step["path"])
        if step["path"].startswith("/containers/create"):
            self._create(number, step, name[1])
        elif step["path"].endswith("/start"):
            self._check_start(number, step, self.containers[name[1]])
        elif step["method"] == "DELETE":
            self.remove(name[1])

    def _create(self, number, step, name):
        body = step["request"]
        host_config = body["HostConfig"]
        bindings = host_config.get("PortBindings")
        try:
            check_bindings(bindings or {})
        except Refusal as refusal:
            self.check(number, "create", step["json"].get("message"), refusal.text)
            return
        self.check(number, "create", step["json"].get("message"), None)
        exposed = sorted(body.get("ExposedPorts", {})) or None
        publish_all = host_config.get("PublishAllPorts", False)
        self.containers[name] = Container(exposed, bindings, publish_all)


def client_words(step, texts):
    """The refusal without what the client puts around it."""
    words = step["stderr"].removeprefix("docker: ")
    if texts is CliTexts.V20:
        return words.removesuffix(".\nSee 'docker run --help'.\n")
    return words.removesuffix("\n\nRun 'docker run --help' for more information\n")


def by_container_port(entries):
    """The engine yields container ports in any order; within one the order is fixed."""
    return sorted(entries, key=lambda entry: (entry["PrivatePort"], entry["Type"]))
