"""Worlds made by hand, for readings that must not depend on the commands.

:class:`Lab` adds one thing after the other, with the indices that a kernel would give.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from minidock.eras import era_named
from minidock.ipam.space import Space
from minidock.model.container import Container, Endpoint, EndpointSettings, State
from minidock.model.daemon import DaemonOptions
from minidock.model.document import freeze
from minidock.model.host import HostFacts, HostInterface, HostRoute, sample_host
from minidock.model.ids import IdSource
from minidock.model.network import BridgeSettings, Network, NetworkPool, ParentLink
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping
from minidock.ports.table import PortTable
from minidock.topology.interface import InterfaceKind

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"


def recorded(name, number):
    """The output of one step of a recording."""
    found = json.loads((RECORDINGS / name).read_text())
    return found["steps"][number]["stdout"]


def mac_at(number):
    return MAC(0x0242_0000_0000 | number)


def lab_host(mac, gateway="192.0.2.1"):
    """The host of the recordings: eth0 is a veth whose other end is outside."""
    card = HostInterface(
        name="eth0",
        index=2,
        mac=MAC.parse(mac),
        addresses=((Address.parse("192.0.2.2"), 24),),
        peer="if2",
        netns="dkup",
    )
    own = HostRoute(
        destination=Prefix.parse("192.0.2.0/24"),
        device="eth0",
        source=Address.parse("192.0.2.2"),
        kernel=True,
    )
    default = HostRoute(destination=None, device="eth0", gateway=Address.parse(gateway))
    return HostFacts(
        hostname="vm",
        netns="dk",
        interfaces=(card,),
        routes=(default, own),
        nameservers=("192.0.2.1",),
        search=("example.test",),
    )


@dataclass
class Lab:
    """A World that grows; ``world`` is its present value."""

    host: HostFacts = field(default_factory=sample_host)
    daemon: DaemonOptions = field(default_factory=DaemonOptions)
    era: str = "20.10"

    def __post_init__(self):
        self.world = World(
            era=era_named(self.era),
            daemon=self.daemon,
            host=self.host,
            ids=IdSource("lab"),
            space=Space(pools=(), choice=era_named(self.era).subnet_choice),
            ports=PortTable(),
        )
        for name, driver in (("host", "host"), ("none", "null")):
            self._add(
                Network(id=name * 16, name=name, driver=driver, created=0, sequence=0)
            )

    def _add(self, network):
        networks = self.world.networks.set(network.id, network)
        self.world = replace(self.world, networks=networks)
        return network

    def _turn(self):
        self.world = replace(self.world, sequence=self.world.sequence + 1)
        return self.world.sequence

    def _index(self):
        index = self.world.next_index
        self.world = replace(self.world, next_index=index + 1)
        return index

    def network(
        self, name, subnet, *, gateway=None, subnet6="", mac=None, bridge="", **more
    ):
        """A bridge network; ``more`` goes to the bridge's settings or the network."""
        pool = Prefix.parse(subnet)
        first = Address.parse(gateway) if gateway else pool.address(1)
        pool6 = Prefix.parse(subnet6) if subnet6 else None
        index = self._index()
        settings = BridgeSettings(
            name=bridge or f"br-{name}",
            mac=MAC.parse(mac) if mac else mac_at(index),
            index=index,
            default=name == "bridge",
            **{k: more.pop(k) for k in list(more) if hasattr(BridgeSettings, k)},
        )
        return self._add(
            Network(
                id=f"{name}-id",
                name=name,
                driver="bridge",
                created=0,
                sequence=self._turn(),
                pool=NetworkPool(subnet=pool, gateway=first),
                pool6=pool6 and NetworkPool(subnet=pool6, gateway=pool6.address(1)),
                enable_ipv6=bool(pool6),
                bridge=settings,
                **more,
            )
        )

    def on_parent(self, name, subnet, *, parent="eth0", kind="macvlan", mode="bridge"):
        """A network whose containers hang on a card of the host."""
        pool = Prefix.parse(subnet)
        return self._add(
            Network(
                id=f"{name}-id",
                name=name,
                driver=kind,
                created=0,
                sequence=self._turn(),
                pool=NetworkPool(subnet=pool, gateway=pool.address(1)),
                parent=ParentLink(name=parent, kind=InterfaceKind(kind), mode=mode),
            )
        )

    def docker0(self, mac="02:42:00:00:00:03", **more):
        return self.network(
            "bridge", "172.17.0.0/16", mac=mac, bridge="docker0", **more
        )

    def container(self, name, *, mode="bridge", status="running", sysctls=None):
        number = self._turn()
        self.world = replace(self.world, next_sandbox=self.world.next_sandbox + 1)
        container = Container(
            id=f"{name}-id",
            name=name,
            created=0,
            sequence=number,
            image="busybox",
            image_id="sha256:0",
            path="sleep",
            config=freeze({}),
            host_config=freeze({"NetworkMode": mode, "Sysctls": sysctls or {}}),
            hostname=name,
            sandbox=f"{number:064x}"[::-1],
            sandbox_index=self.world.next_sandbox - 1,
            state=State(status=status, pid=1000 + number),
        )
        self._keep(container)
        self.world = replace(self.world, names=self.world.names.set(name, container.id))
        return container

    def _keep(self, container):
        containers = self.world.containers.set(container.id, container)
        self.world = replace(self.world, containers=containers)

    def attach(
        self, name, network, address, *, veth="", veth_mac=None, address6="", **more
    ):
        """Connect a running container; its interface is eth0, eth1 ... unless told."""
        container = self.world.containers[f"{name}-id"]
        net = self.world.networks[f"{network}-id"]
        index, host_index = self._index(), self._index() if net.bridge else 0
        ip = Address.parse(address)
        prefix = net.interface_prefix
        endpoint = Endpoint(
            network=network,
            network_id=net.id,
            id=f"{name}-{network}",
            address=ip,
            length=net.pool.subnet.length,
            gateway=net.pool.gateway,
            address6=Address.parse(address6) if address6 else None,
            length6=net.pool6.subnet.length if address6 else 0,
            gateway6=net.pool6.gateway if address6 else None,
            mac=MAC.from_ipv4(ip),
            interface=more.pop("interface", f"{prefix}{container.next_interface}"),
            index=index,
            host_index=host_index,
            host_interface=(veth or f"veth{host_index:07x}") if net.bridge else "",
            host_mac=MAC.parse(veth_mac) if veth_mac else mac_at(host_index),
            sequence=self._turn(),
            mapped=self._turn(),
            settings=EndpointSettings(
                ipam_config=freeze({"LinkLocalIPs": more.pop("link_local", [])}),
                gateway_priority=more.pop("gateway_priority", 0),
            ),
            mappings=tuple(more.pop("mappings", ())),
        )
        assert not more, more
        self._keep(
            replace(
                container,
                endpoints=(*container.endpoints, endpoint),
                next_interface=container.next_interface + 1,
            )
        )
        if net.bridge:
            self._add(replace(net, bridge=replace(net.bridge, had_ports=True)))
        return endpoint

    def run(self, name, network, address, **more):
        """A container with one endpoint."""
        self.container(name, mode=network)
        return self.attach(name, network, address, **more)

    def expose(self, name, port):
        container = self.world.containers[f"{name}-id"]
        self._keep(replace(container, config=freeze({"ExposedPorts": {port: {}}})))

    def remove(self, name):
        containers = self.world.containers.delete(f"{name}-id")
        self.world = replace(
            self.world, containers=containers, names=self.world.names.delete(name)
        )


def mapping(host_ip, host_port, address, port=80, protocol="tcp"):
    return PortMapping(
        container_port=port,
        protocol=protocol,
        container_address=Address.parse(address),
        host_ip=Address.parse(host_ip),
        host_port=host_port,
    )


def web_on_docker0():
    """The notes' example: one container with -p 80:80 on the default bridge."""
    lab = Lab(lab_host("52:9f:cc:32:79:6c"))
    lab.docker0("02:42:05:39:2a:32")
    both = [mapping(ip, 80, "172.17.0.2") for ip in ("0.0.0.0", "::")]
    lab.run(
        "web",
        "bridge",
        "172.17.0.2",
        veth="vethab852c9",
        veth_mac="1a:50:56:91:c5:f8",
        mappings=both,
    )
    return lab
