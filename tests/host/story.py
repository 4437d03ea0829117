"""Worlds built by hand, turn by turn, for tests of what is read off a World."""

from dataclasses import replace

from minidock.eras import era_named
from minidock.ipam.space import Space
from minidock.model.container import Container, Endpoint, LinkOpening
from minidock.model.daemon import daemon_options
from minidock.model.document import Document
from minidock.model.host import sample_host
from minidock.model.ids import IdSource
from minidock.model.maps import Map
from minidock.model.network import BridgeSettings, Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping
from minidock.ports.table import PortTable


def published(to, *ports):
    """Mappings from ``host_ip:host_port/container_port/protocol`` words."""
    for word in ports:
        outside, port, protocol = word.split("/")
        host_ip, host_port = outside.rsplit(":", 1)
        yield PortMapping(
            container_port=int(port),
            protocol=protocol,
            container_address=Address.parse(to),
            host_ip=Address.parse(host_ip.strip("[]") or "0.0.0.0"),
            host_port=int(host_port),
        )


def opening(parent, child, port):
    number, protocol = port.split("/")
    return LinkOpening(
        bridge="docker0",
        parent=Address.parse(parent),
        child=Address.parse(child),
        port=int(number),
        protocol=protocol,
    )


class Story:
    """A World that grows; each call is one of Docker's turns."""

    def __init__(self, era="20.10", *flags, docker0="172.17.0.0/16", docker0_6=""):
        chosen = era_named(era)
        self.world = World(
            era=chosen,
            daemon=daemon_options(flags),
            host=sample_host(),
            ids=IdSource("story"),
            space=Space.create(choice=chosen.subnet_choice),
            ports=PortTable(),
        )
        daemon = self.world.daemon
        facts = {"icc": daemon.icc, "masquerade": daemon.ip_masq, "default": True}
        self.network("bridge", docker0, docker0_6, device="docker0", **facts)

    def _turn(self):
        self.world = replace(self.world, sequence=self.world.sequence + 1)
        return self.world.sequence

    def network(
        self,
        name,
        subnet,
        subnet6="",
        *,
        network_id="",
        device="",
        internal=False,
        **facts,
    ):
        network_id = network_id or f"{name:0<64}"
        made = Network(
            id=network_id,
            name=name,
            driver="bridge",
            created=0,
            sequence=self._turn(),
            enable_ipv4=bool(subnet),
            enable_ipv6=bool(subnet6),
            internal=internal,
            pool=NetworkPool(subnet=Prefix.parse(subnet)) if subnet else None,
            pool6=NetworkPool(subnet=Prefix.parse(subnet6)) if subnet6 else None,
            bridge=BridgeSettings(
                name=device or f"br-{network_id[:12]}", mac=MAC(0), index=3, **facts
            ),
        )
        self.world = replace(
            self.world, networks=self.world.networks.set(network_id, made)
        )

    def endpoint(self, network, address, *ports, address6="", openings=()):
        found = next(n for n in self.world.networks.values() if n.name == network)
        mappings = tuple(
            mapping
            for word in ports
            for mapping in published(address6 if "[" in word else address, word)
        )
        return Endpoint(
            network=network,
            network_id=found.id,
            id="e" * 64,
            address=Address.parse(address),
            address6=Address.parse(address6) if address6 else None,
            sequence=self._turn(),
            mappings=mappings,
            mapped=self._turn() if mappings or openings else 0,
            openings=tuple(openings),
        )

    def run(self, name, address, *ports, network="bridge", mode="", **facts):
        endpoints = (
            (self.endpoint(network, address, *ports, **facts),) if address else ()
        )
        return self.put(name, endpoints, mode=mode)

    def put(self, name, endpoints, *, mode=""):
        made = Container(
            id=name,
            name=name,
            created=0,
            sequence=self._turn(),
            image="busybox",
            image_id="",
            path="sleep",
            config=Document(),
            host_config=Document({"NetworkMode": mode}),
            hostname=name,
            endpoints=tuple(endpoints),
            sandbox=f"sandbox of {name}",
        )
        self.world = replace(
            self.world, containers=self.world.containers.set(name, made)
        )
        return made

    def remove(self, *names):
        for name in names:
            containers = self.world.containers.delete(name)
            self.world = replace(self.world, containers=containers)

    def remove_all(self):
        self.world = replace(self.world, containers=Map())
