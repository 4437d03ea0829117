"""Hosts of a cluster without a registry: what each one decided is told to the others.

```
Host a ── "docker run ..." ──▶ World a ── entries_of ──▶ facts ── learn ──▶ World b
```
"""

from collections.abc import Iterable, Iterator, Sequence

from minidock.commands.cluster import join, learn
from minidock.commands.invariants import broken
from minidock.engine import Engine
from minidock.ipam.defaults import GLOBAL_POOLS
from minidock.model.cluster import Cluster, Coordination, Peer
from minidock.model.event import Event
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.overlay import keys, records
from minidock.overlay.facts import Fact
from minidock.overlay.records import Holding, Holdings

__all__ = ["Host", "difference", "entries_of"]


class Host:
    """An engine that has joined a cluster."""

    def __init__(
        self,
        number: int = 2,
        era: str = "20.10",
        *,
        swarm: bool = False,
        pools: Sequence[tuple[Prefix, int]] = GLOBAL_POOLS,
    ) -> None:
        self.docker = Engine(era, seed=f"host{number}")
        mode = Coordination.SWARM if swarm else Coordination.STORE
        self.world = join(
            self.docker.world,
            advertise=f"192.0.2.{number}:2376",
            vtep=Address.parse(f"192.0.2.{number}"),
            hostname=f"host{number}",
            mode=mode,
            pools=pools,
        )

    @property
    def world(self) -> World:
        """Its World now."""
        return self.docker.world

    @world.setter
    def world(self, world: World) -> None:
        self.docker._life.history.keep(world)

    @property
    def cluster(self) -> Cluster:
        """What it knows of the cluster."""
        assert self.world.cluster is not None
        return self.world.cluster

    def __call__(self, line: str) -> str:
        """What a command that works prints; its World is in order afterwards."""
        result = self.docker(line)
        assert result.ok, result
        self.check()
        return str(result).strip()

    def refused(self, line: str) -> str:
        """What a command that is refused says, without the client's words."""
        result = self.docker(line)
        assert not result.ok, result
        self.check()
        text = result.stderr.partition("Error response from daemon: ")[2]
        return text.splitlines()[0] if text else result.stderr

    def learn(self, facts: Iterable[Fact]) -> tuple[Event, ...]:
        """Take in facts; the World is in order afterwards."""
        outcome = learn(self.world, facts, self.docker.now)
        self.world = outcome.world
        self.check()
        return outcome.events

    def check(self) -> None:
        """Its World is in order."""
        assert broken(self.world) == []

    def entries(self) -> dict[str, str]:
        """What it wants the registry to hold."""
        return dict(entries_of(self.world))

    def hear(self, *others: "Host") -> None:
        """Learn all that others want the registry to hold."""
        for other in others:
            self.learn(Fact(key, text) for key, text in other.entries().items())


def entries_of(world: World) -> Iterator[tuple[str, str]]:
    """The entries that stand for what a host knows and has, the naive way."""
    cluster = world.cluster
    assert cluster is not None
    here = cluster.advertise
    for network in world.networks.values():
        if network.overlay is None:
            continue
        yield keys.network(network.id), records.dump_network(network, "t")
        yield keys.overlay(network.id), records.dump_overlay(network.overlay, "t")
        for container_id, endpoint_id in world.members.get(network.id, {}).items():
            container = world.containers[container_id]
            endpoint = container.endpoint_on(network.id)
            assert endpoint is not None
            assert endpoint.address is not None
            assert endpoint.mac is not None
            peer = Peer(
                endpoint_id=endpoint_id,
                network_id=network.id,
                container_id=container_id,
                name=container.name,
                advertise=here,
                vtep=cluster.vtep,
                address=endpoint.address,
                length=endpoint.length,
                mac=endpoint.mac,
                aliases=endpoint.settings.aliases or (),
            )
            yield keys.endpoint(network.id, endpoint_id), records.dump_peer(peer)
            pool = next(p for p in network.pools_of(4) if peer.address in p.subnet)
            place = keys.address(pool.key, str(peer.address))
            yield place, records.dump_holder(endpoint_id, here)
    owners = {
        text: Holding(owner, name)
        for text, (owner, name) in cluster.subnet_owners.items()
    }
    yield keys.SUBNETS, records.dump_holdings(Holdings(owners), "t")
    vnis = {text: Holding(owner) for text, owner in cluster.vnis.items()}
    held = Holdings(vnis, cluster.last_vni)
    yield keys.VNIS, records.dump_holdings(held, "t")
    for container in world.containers.values():
        name = keys.container(container.name)
        yield name, records.dump_holder(container.id, here)
    for node in cluster.nodes.values():
        yield keys.node(node.advertise), records.dump_node(node, "t")


def difference(before: dict[str, str], after: dict[str, str]) -> list[Fact]:
    """What changed in a registry."""
    gone = [Fact(key, None) for key in before if key not in after]
    new = [Fact(key, text) for key, text in after.items() if before.get(key) != text]
    return gone + new
