"""One Docker host under random commands, against a model of four dictionaries.

The machine sends what a person would: it creates, starts, stops, connects and removes,
in any order, also what must be refused. After every step the World's own invariants
hold; a refused command has changed nothing; and when all is removed, the ledgers are
those of the first World.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from minidock.commands.invariants import broken
from minidock.engine import Engine

NAMES = st.sampled_from(["c1", "c2", "c3", "c4"])
NETWORKS = st.sampled_from(["bridge", "net1", "net2", "tiny"])
SUBNETS = {"net1": None, "net2": None, "tiny": "10.9.0.0/29"}
PORTS = st.sampled_from([None, 8080, 8081, 0])


@dataclass
class Modelled:
    """What a naive bystander would remember of one container."""

    network: str
    port: int | None
    running: bool = False
    extra: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)
    """Networks that it could not join while running: its next start tries again."""

    @property
    def networks(self) -> set[str]:
        return {self.network} | self.extra


class Host(RuleBasedStateMachine):
    era = "28"

    def __init__(self):
        super().__init__()
        self.docker = Engine(self.era)
        self.docker("pull nginx")
        self.first = self.docker.world
        self.containers: dict[str, Modelled] = {}
        self.networks = {"bridge"}

    def send(self, method, path, body=None):
        before = self.docker.world
        response = self.docker.api(method, path, body)
        if response.status >= 400 and not path.endswith(("/start", "/restart")):
            ledgers = ["containers", "networks", "pools", "members", "ports", "names"]
            if path.endswith("/connect"):
                ledgers.remove("containers")  # one that runs notes the network
            for name in ledgers:
                assert getattr(before, name) == getattr(self.docker.world, name), path
        return response.status

    @rule(name=st.sampled_from(["net1", "net2", "tiny"]))
    def create_network(self, name):
        subnet = SUBNETS[name]
        ipam = {"Config": [{"Subnet": subnet}]} if subnet else None
        body = {"Name": name, "CheckDuplicate": True, "IPAM": ipam}
        status = self.send("POST", "/networks/create", body)
        assert status == (409 if name in self.networks else 201)
        self.networks.add(name)

    @rule(name=NETWORKS)
    def remove_network(self, name):
        used = any(c.running and name in c.networks for c in self.containers.values())
        status = self.send("DELETE", f"/networks/{name}")
        if name == "bridge" or (name in self.networks and used):
            assert status == 403
        else:
            assert status == (204 if name in self.networks else 404)
            self.networks.discard(name)

    @rule(name=NAMES, network=NETWORKS, port=PORTS)
    def create(self, name, network, port):
        bindings = {} if port is None else {"80/tcp": [{"HostPort": str(port or "")}]}
        body = {
            "Image": "nginx",
            "HostConfig": {"NetworkMode": network, "PortBindings": bindings},
        }
        status = self.send("POST", f"/containers/create?name={name}", body)
        assert status == (409 if name in self.containers else 201)
        if status == 201:
            self.containers[name] = Modelled(network, port)

    @rule(name=NAMES)
    def start(self, name):
        status = self.send("POST", f"/containers/{name}/start")
        model = self.containers.get(name)
        if model is None:
            assert status == 404
        elif model.running:
            assert status == 304
        elif status == 204:
            model.extra |= model.noted
            model.noted.clear()
            assert model.networks <= self.networks
            model.running = True
        else:
            assert status in {404, 500, 403}
            assert not self.shown(name)["State"]["Running"]

    @rule(name=NAMES)
    def stop(self, name):
        model = self.containers.get(name)
        status = self.send("POST", f"/containers/{name}/stop?t=0")
        wanted = 404 if model is None else 204 if model.running else 304
        assert status == wanted
        if model is not None:
            model.running = False

    @rule(name=NAMES, force=st.booleans())
    def remove(self, name, force):
        model = self.containers.get(name)
        status = self.send("DELETE", f"/containers/{name}?force={int(force)}")
        if model is None:
            assert status == 404
        elif model.running and not force:
            assert status == 409
        else:
            assert status == 204
            del self.containers[name]

    @rule(name=NAMES, network=NETWORKS)
    def connect(self, name, network):
        model = self.containers.get(name)
        path = f"/networks/{network}/connect"
        status = self.send("POST", path, {"Container": name})
        if model is None or (model.running and network not in self.networks):
            assert status == 404
        elif model.running and network in model.networks:
            assert status == 403
        elif status != 200:
            model.noted.add(network)
        elif network != model.network:
            # A network that does not exist yet is taken from one that does not run.
            model.extra.add(network)
            model.noted.discard(network)

    @precondition(lambda self: any(c.running for c in self.containers.values()))
    @rule()
    def undo(self):
        before = self.docker.world
        self.docker.api("POST", "/networks/create", {"Name": "undone"})
        if self.docker.world is not before:
            self.docker.back()
        assert self.docker.world == before

    def shown(self, name):
        return self.docker.api("GET", f"/containers/{name}/json").body

    @invariant()
    def the_world_is_in_order(self):
        assert broken(self.docker.world) == []

    @invariant()
    def who_runs_is_who_was_started(self):
        rows = self.docker.api("GET", "/containers/json").body
        running = {row["Names"][0].lstrip("/") for row in rows}
        assert running == {k for k, c in self.containers.items() if c.running}

    @invariant()
    def no_address_of_a_network_is_held_twice(self):
        for network in self.docker.api("GET", "/networks").body:
            shown = self.docker.api("GET", f"/networks/{network['Id']}").body
            members = shown["Containers"].values()
            addresses = [m["IPv4Address"] for m in members if m["IPv4Address"]]
            assert len(addresses) == len(set(addresses))

    def teardown(self):
        for name in list(self.containers):
            self.send("DELETE", f"/containers/{name}?force=1")
        for name in self.networks - {"bridge"}:
            assert self.send("DELETE", f"/networks/{name}") == 204
        world = self.docker.world
        assert world.pools == self.first.pools
        assert set(world.ports.holdings()) == set()
        assert world.space.subnets() == self.first.space.subnets()
        assert not world.containers
        assert not world.names


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
def test_a_host_stays_in_order_whatever_is_asked_of_it(era):
    machine = type("HostOf", (Host,), {"era": era})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
