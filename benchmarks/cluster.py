"""How a cluster grows: time, messages and memory until every host knows its peers.

```
python -m benchmarks.cluster --hosts 10,30,100,300,1000

each host is on ten networks, each network on ten hosts, with ten containers of each:
100 endpoints a host, 90 peers on each of its networks
```

Hosts are real sessions over one store in memory, with a World each; whole engines would
measure the answering of requests. The endpoints are written as a session writes them.
Measured is what grows: hearing of all peers, and joining.
"""

import argparse
import time
import tracemalloc
from collections import Counter

from minidock.commands.boot import boot
from minidock.commands.cluster import join, learn
from minidock.eras import DEFAULT_ERA
from minidock.model.cluster import Node, Peer
from minidock.model.daemon import DaemonOptions
from minidock.model.host import sample_host
from minidock.model.network import Network, NetworkPool, OverlaySettings, OverlaySubnet
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.overlay import keys
from minidock.overlay.records import (
    GLOBAL_SPACE,
    dump_holder,
    dump_network,
    dump_overlay,
    dump_peer,
)
from minidock.overlay.session import Session
from minidock.registry.memory import MemoryStore

GROUP = 10
"""Hosts of a network, networks of a host, and containers of each on each."""
FIRST = Address.parse("192.0.2.2").value


class Counting(MemoryStore):
    """Counts the questions, and the changes that the watches tell."""

    def __init__(self):
        super().__init__()
        self.asked = Counter()

    def get(self, key):
        self.asked["questions"] += 1
        return super().get(key)

    def create(self, key, value, lease=None):
        self.asked["questions"] += 1
        return super().create(key, value, lease)

    def list(self, prefix, after=""):
        self.asked["questions"] += 1
        listing = super().list(prefix, after)
        self.asked["entries"] += len(listing.entries)
        return listing


def network_of(number):
    """The id and the value of one network, with a /24 of its own."""
    subnet = Prefix.parse(f"10.{number // 256}.{number % 256}.0/24")
    pool = NetworkPool(subnet=subnet, gateway=subnet.address(1), space=GLOBAL_SPACE)
    overlay = OverlaySettings(
        subnets=(OverlaySubnet(subnet, subnet.address(1), 256 + number),)
    )
    return Network(
        id=f"{number:064x}",
        name=f"n{number}",
        driver="overlay",
        created=0,
        sequence=0,
        scope="global",
        pool=pool,
        overlay=overlay,
    )


class Host:
    """A session, and the World that learns from it."""

    def __init__(self, number, store, base):
        self.number = number
        self.vtep = Address(FIRST + number)
        self.advertise = f"{self.vtep}:2376"
        node = Node(advertise=self.advertise, hostname=f"h{number}", vtep=self.vtep)
        self.session = Session(store, node, identity=f"id{number}")
        self.session.open()
        self.world = join(base, advertise=self.advertise, vtep=self.vtep)
        self.hear()

    def hear(self):
        facts = self.session.news(self.world)
        self.world = learn(self.world, facts, 0).world
        return len(facts)

    def follow(self, networks):
        """As a host does that gets its first container on each of them."""
        for network in networks:
            facts = self.session.refresh(network)
            self.world = learn(self.world, facts, 0).world

    @property
    def peers(self):
        return sum(map(len, self.world.cluster.peers.values()))


def write_endpoints(store, host, networks):
    """What the sessions of the host's containers would write: two entries each."""
    for network in networks:
        subnet = network.pool.subnet
        place = host.number % GROUP
        for container in range(GROUP):
            address = subnet.address(2 + place * GROUP + container)
            endpoint = f"{host.number:032x}{address.value:032x}"
            peer = Peer(
                endpoint_id=endpoint,
                network_id=network.id,
                container_id=endpoint,
                name=f"c{host.number}-{address}",
                advertise=host.advertise,
                vtep=host.vtep,
                address=address,
                length=24,
                mac=MAC(0x0242_0000_0000 + address.value),
                image="nginx",
                listening=(("tcp", 80),),
            )
            holder = dump_holder(endpoint, host.advertise)
            store.create(keys.address(network.pool.key, str(address)), holder)
            store.create(keys.endpoint(network.id, endpoint), dump_peer(peer))


def measure(count):
    """One cluster of so many hosts."""
    store = Counting()
    base = boot(DEFAULT_ERA, DaemonOptions(), sample_host(), "bench", 0)
    networks = [network_of(number) for number in range(count)]
    for network in networks:
        store.put(keys.network(network.id), dump_network(network, network.id))
        store.put(keys.overlay(network.id), dump_overlay(network.overlay, network.id))
    hosts = [Host(number, store, base) for number in range(count)]

    def own(host):
        group = host.number // GROUP * GROUP
        return networks[group : group + GROUP]

    for host in hosts:
        host.follow(own(host))
    store.asked.clear()
    begin = time.perf_counter()
    for host in hosts:
        write_endpoints(store, host, own(host))
    written = time.perf_counter() - begin
    begin = time.perf_counter()
    told = sum(host.hear() for host in hosts)
    heard = time.perf_counter() - begin
    expected = min(count, GROUP) - 1
    per_network = expected * GROUP
    assert all(host.peers >= per_network * GROUP for host in hosts if count >= GROUP)
    endpoints = count * GROUP * GROUP

    # One host more: what it costs to join where the first group is.
    store.asked.clear()
    begin = time.perf_counter()
    late = Host(count, store, base)
    entered = time.perf_counter() - begin
    entry_cost = dict(store.asked)
    store.asked.clear()
    begin = time.perf_counter()
    late.follow(networks[:GROUP])
    joined = time.perf_counter() - begin
    join_cost = dict(store.asked)
    return {
        "hosts": count,
        "endpoints": endpoints,
        "write s": written,
        "news": told,
        "hear s": heard,
        "us/news": heard / max(told, 1) * 1e6,
        "enter s": entered,
        "enter entries": entry_cost.get("entries", 0),
        "join s": joined,
        "join entries": join_cost.get("entries", 0),
    }


def memory(count):
    """Octets of one peer in one host's World."""
    store = Counting()
    base = boot(DEFAULT_ERA, DaemonOptions(), sample_host(), "bench", 0)
    networks = [network_of(number) for number in range(GROUP)]
    for network in networks:
        store.put(keys.network(network.id), dump_network(network, network.id))
    hosts = [Host(number, store, base) for number in range(count)]
    hosts[0].follow(networks)
    for host in hosts[1:]:
        write_endpoints(store, host, networks)
    tracemalloc.start()
    hosts[0].hear()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / max(hosts[0].peers, 1)


def main(words=None):
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", default="10,30")
    options = parser.parse_args(words)
    rows = [measure(int(count)) for count in options.hosts.split(",")]
    columns = list(rows[0])
    print("  ".join(f"{name:>13}" for name in columns))
    for row in rows:
        cells = (row[name] for name in columns)
        print(
            "  ".join(
                f"{cell:13.3f}" if isinstance(cell, float) else f"{cell:13,}"
                for cell in cells
            )
        )
    print(f"memory of one peer in a World and its session: {memory(10):,.0f} octets")


if __name__ == "__main__":
    main()
