"""Hosts with overlay networks for tests, made by hand from bridge networks.

Containers are run on bridge networks by ordinary commands; at the end these networks
become overlays, and every host is told of the endpoints of the others.
"""

from dataclasses import replace

from minidock.engine import Engine
from minidock.host.listening import listening
from minidock.model.cluster import Cluster, Node, Peer
from minidock.model.host import sample_host
from minidock.model.maps import Map
from minidock.model.network import OverlaySettings, OverlaySubnet
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix

VTEPS = ("192.0.2.2", "192.0.2.3", "192.0.2.4")


def host_at(vtep, hostname, router="192.0.2.1"):
    """The host of every lesson, with another address and name."""
    sample = sample_host()
    address = Address.parse(vtep)
    (card,) = sample.interfaces
    default, own = sample.routes
    subnet = Prefix.of(address, 24)
    card = replace(
        card,
        addresses=((address, 24),),
        mac=MAC(card.mac.value & ~0xFF | address.value & 0xFF),
    )
    return replace(
        sample,
        hostname=hostname,
        interfaces=(card,),
        routes=(
            replace(default, gateway=Address.parse(router)),
            replace(own, destination=subnet, source=address),
        ),
    )


class Hosts:
    """A few hosts that share overlay networks."""

    def __init__(
        self, count=2, *, vteps=VTEPS, era="20.10", flags=(), shared=False, routers=()
    ):
        self.vteps = [Address.parse(v) for v in vteps[:count]]
        routers = routers or ["192.0.2.1"] * count
        self.engines = [
            Engine(
                era,
                daemon_args=flags,
                seed=f"host{number}",
                host=host_at(vtep, f"host{number + 1}", routers[number])
                if not shared
                else replace(sample_host(), hostname=f"host{number + 1}"),
            )
            for number, vtep in enumerate(vteps[:count])
        ]
        self.networks = {}
        for number in range(count):
            self(number, "network create -o com.docker.network.bridge.enable_icc=false"
                 " --subnet 172.30.0.0/16 docker_gwbridge")  # fmt: skip

    def __call__(self, host, *lines):
        for line in lines:
            output = self.engines[host](line)
            assert output.ok, f"{line}: {output.stderr}"
        return self

    def network(self, name, *subnets, internal=False, **settings):
        """An overlay network that all hosts know."""
        first = 256 + sum(len(found[0]) for found in self.networks.values())
        self.networks[name] = (subnets, internal, settings, first)
        for number in range(len(self.engines)):
            for turn, subnet in enumerate(subnets):
                gateway = Prefix.parse(subnet).network + 1
                self(number, f"network create --subnet {subnet} --gateway "
                     f"{Address(gateway)} {name}{'~' * turn}".replace("~", "-more"))  # fmt: skip
        return self

    def run(self, host, name, address, network, image="nginx", *, more="", subnet=0):
        """A container on one network; ``more`` are words for `docker run`."""
        self(host, f"run -d --name {name} --network {network}{'-more' * subnet} "
             f"--ip {address} {more} {image}")  # fmt: skip
        if not self.networks[network][1]:
            self(host, f"network connect docker_gwbridge {name}")
        return self

    def join(self, host, name, address, network):
        """One more network for a container."""
        return self(host, f"network connect --ip {address} {network} {name}")

    @property
    def worlds(self):
        """The hosts' Worlds, which know of each other."""
        alone = [self._overlaid(n) for n in range(len(self.engines))]
        return [self._told(number, alone) for number in range(len(alone))]

    def _overlaid(self, number):
        world = self.engines[number].world
        ids = {}
        networks = world.networks
        for name, (subnets, internal, settings, vni) in self.networks.items():
            first = None
            for turn in range(len(subnets)):
                mine = next(n for n in world.networks.values()
                            if n.name == name + "-more" * turn)  # fmt: skip
                ids[mine.id] = (name, internal)
                networks = networks.delete(mine.id)
                first = first if turn else mine
            overlay = OverlaySettings(
                subnets=tuple(
                    OverlaySubnet(prefix, Address(prefix.network + 1), vni + turn)
                    for turn, prefix in enumerate(map(Prefix.parse, subnets))
                ),
                **settings,
            )
            pools = [replace(first.pool, subnet=s.subnet, gateway=s.gateway)
                     for s in overlay.subnets]  # fmt: skip
            made = replace(
                first, id=f"{name:0<64}", driver="overlay", scope="global",
                bridge=None, overlay=overlay, internal=internal,
                pool=pools[0], more_pools=tuple(pools[1:]),
            )  # fmt: skip
            networks = networks.set(made.id, made)
        containers = world.containers
        for key, container in list(world.containers.items()):
            endpoints = tuple(self._endpoint(e, ids) for e in container.endpoints)
            containers = containers.set(key, replace(container, endpoints=endpoints))
        vtep = self.vteps[number]
        cluster = Cluster(
            advertise=f"{vtep}:{2376 + number}",
            vtep=vtep,
            nodes=Map(
                {
                    f"{v}:{2376 + n}": Node(
                        advertise=f"{v}:{2376 + n}", hostname=f"host{n + 1}", vtep=v
                    )
                    for n, v in enumerate(self.vteps)
                }
            ),
        )
        return replace(world, networks=networks, containers=containers, cluster=cluster)

    def _endpoint(self, endpoint, ids):
        if endpoint.network == "docker_gwbridge":
            return replace(endpoint, leads_out_as="gateway_x")
        if endpoint.network_id not in ids:
            return endpoint
        name, _ = ids[endpoint.network_id]
        return replace(
            endpoint, network=name, network_id=f"{name:0<64}", gateway=None,
            host_interface="", mappings=(),
            mac=MAC(0x0242_0000_0000 | endpoint.address.value),
        )  # fmt: skip

    def _told(self, number, worlds):
        world = worlds[number]
        peers = Map()
        for other in worlds:
            if other is world:
                continue
            for container in other.containers_in_order():
                for endpoint in container.endpoints:
                    if (network := other.networks[endpoint.network_id]).overlay:
                        peer = _peer(other, container, endpoint)
                        known = peers.get(network.id) or Map()
                        peers = peers.set(network.id, known.set(peer.endpoint_id, peer))
        return replace(world, cluster=replace(world.cluster, peers=peers))


def _peer(world, container, endpoint):
    return Peer(
        endpoint_id=endpoint.id,
        network_id=endpoint.network_id,
        container_id=container.id,
        name=container.name,
        advertise=world.cluster.advertise,
        vtep=world.cluster.vtep,
        address=endpoint.address,
        length=endpoint.length,
        mac=endpoint.mac,
        image=container.image,
        command=(container.path, *container.arguments),
        listening=tuple(
            dict.fromkeys((s.protocol, s.port) for s in listening(world, container))
        ),
    )


def two_hosts(**options):
    """c2 on the first host, c3 and its web server on the second, network ov."""
    hosts = Hosts(2, **options).network("ov", "10.0.0.0/24")
    hosts.run(0, "c2", "10.0.0.2", "ov", "busybox sleep 1d")
    return hosts.run(1, "c3", "10.0.0.3", "ov")
