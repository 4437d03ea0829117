"""Each fault that a cluster could have is found, and a cluster in order has none."""

import pytest

from minidock.cluster.checks import Registry, at_any_moment, at_rest, left_over
from minidock.model.cluster import Node, Peer
from minidock.model.network import (
    Network,
    NetworkPool,
    OverlaySettings,
    OverlaySubnet,
)
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.overlay import keys
from minidock.overlay.records import (
    Holding,
    Holdings,
    dump_holder,
    dump_holdings,
    dump_network,
    dump_node,
    dump_overlay,
    dump_peer,
)
from minidock.registry.memory import MemoryStore

NODE = "192.0.2.2:2376"
POOL = "GlobalDefault/10.0.0.0/24"
RED, WEB = "a" * 64, "e" * 64


def settings(vni=256):
    subnet = Prefix.parse("10.0.0.0/24")
    return OverlaySettings(
        subnets=(OverlaySubnet(subnet, Address.parse("10.0.0.1"), vni),)
    )


def network(network_id=RED, name="red", subnet="10.0.0.0/24"):
    pool = NetworkPool(
        subnet=Prefix.parse(subnet),
        gateway=Prefix.parse(subnet).address(1),
        space="GlobalDefault",
    )
    return Network(
        id=network_id,
        name=name,
        driver="overlay",
        created=0,
        sequence=0,
        scope="global",
        pool=pool,
    )


def web(endpoint_id=WEB, container="c" * 64, name="web", address="10.0.0.2", mac=2):
    return Peer(
        endpoint_id=endpoint_id,
        network_id=RED,
        container_id=container,
        name=name,
        advertise=NODE,
        vtep=Address.parse("192.0.2.2"),
        address=Address.parse(address),
        length=24,
        mac=MAC(mac),
    )


def in_order():
    """One host, one network, one container on it."""
    store = MemoryStore()
    node = Node(advertise=NODE, hostname="host0", vtep=Address.parse("192.0.2.2"))
    held = Holdings({"10.0.0.0/24": Holding(RED, "red")})
    numbers = Holdings({"256": Holding(f"{RED}/10.0.0.0/24")}, 256)
    store.put(keys.node(NODE), dump_node(node, "t"))
    store.put(keys.SUBNETS, dump_holdings(held, "t"))
    store.put(keys.VNIS, dump_holdings(numbers, "t"))
    store.put(keys.overlay(RED), dump_overlay(settings(), "t"))
    store.put(keys.network(RED), dump_network(network(), "t"))
    store.put(keys.endpoint(RED, WEB), dump_peer(web()))
    store.put(keys.address(POOL, "10.0.0.2"), dump_holder(WEB, NODE))
    store.put(keys.container("web"), dump_holder("c" * 64, NODE))
    store.put("somebody/elses", "text")
    return store


def found(store, *checks):
    registry = Registry.read(store.list(""))
    return [text for check in checks for text in check(registry)]


def test_a_registry_in_order_has_no_fault():
    assert found(in_order(), at_any_moment, at_rest) == []


def hold_subnets(store, **owners):
    held = {
        subnet.replace("_", ".").removeprefix("s").replace("to", "/"): Holding(owner)
        for subnet, owner in owners.items()
    }
    store.put(keys.SUBNETS, dump_holdings(Holdings(held), "t"))


def second_network(store, *, vni=257, name="green", subnet="10.0.1.0/24"):
    store.put(keys.overlay("b" * 64), dump_overlay(settings(vni), "t"))
    store.put(
        keys.network("b" * 64), dump_network(network("b" * 64, name, subnet), "t")
    )


MOMENT = {
    "the subnets 10.0.0.0/24 and 10.0.0.128/25 overlap": lambda store: hold_subnets(
        store, s10_0_0_0to24=RED, s10_0_0_128to25="b"
    ),
    "VNI 256 belongs to two networks": lambda store: second_network(store, vni=256),
    "two networks are called red": lambda store: second_network(store, name="red"),
    "two endpoints have one address": lambda store: store.put(
        keys.endpoint(RED, "f" * 64), dump_peer(web("f" * 64, mac=3))
    ),
    "two endpoints have one MAC": lambda store: store.put(
        keys.endpoint(RED, "f" * 64), dump_peer(web("f" * 64, address="10.0.0.3"))
    ),
    "two containers are called web": lambda store: store.put(
        keys.endpoint(RED, "f" * 64), dump_peer(web("f" * 64, "d" * 64))
    ),
}


@pytest.mark.parametrize("fault", MOMENT)
def test_what_two_hold_is_found_at_any_moment(fault):
    store = in_order()
    MOMENT[fault](store)
    assert any(text.startswith(fault) for text in found(store, at_any_moment))


REST = {
    "subnet 10.0.0.0/24 is held by a network": lambda s: s.delete(keys.network(RED)),
    "VNI 256 is held by a network that is not": lambda s: s.delete(keys.network(RED)),
    "the overlay entry aaaaaaaaaaaa has no": lambda s: s.delete(keys.network(RED)),
    "network red has no overlay entry": lambda s: s.delete(keys.overlay(RED)),
    "network red does not hold its subnet": lambda s: s.delete(keys.SUBNETS),
    "network aaaaaaaaaaaa does not hold its VNI": lambda s: s.delete(keys.VNIS),
    "VNI 256 is held for 10.0.0.0/24, which": lambda s: s.put(
        keys.overlay(RED), dump_overlay(settings(300), "t")
    ),
    "address 10.0.0.2 is held by an endpoint that": lambda s: s.delete(
        keys.endpoint(RED, WEB)
    ),
    "address 10.0.0.9 is held by web, which has": lambda s: s.put(
        keys.address(POOL, "10.0.0.9"), dump_holder(WEB, NODE)
    ),
    "endpoint web does not hold its 10.0.0.2": lambda s: s.delete(
        keys.address(POOL, "10.0.0.2")
    ),
    "the container of endpoint web does not hold": lambda s: s.delete(
        keys.container("web")
    ),
    "endpoint web is on 192.0.2.2:2376, which is": lambda s: s.delete(keys.node(NODE)),
    "address 10.0.0.2 of GlobalDefault/10.0.0.0/24 is held by": lambda s: s.delete(
        keys.node(NODE)
    ),
    "the name web is held by 192.0.2.2:2376": lambda s: s.delete(keys.node(NODE)),
    "endpoint web is on a network that is not": lambda s: s.delete(keys.network(RED)),
}


@pytest.mark.parametrize("fault", REST)
def test_what_is_left_half_done_is_found_at_rest(fault):
    store = in_order()
    REST[fault](store)
    assert any(text.startswith(fault) for text in found(store, at_rest))


def test_everything_that_is_left_over_is_named_once():
    left = found(in_order(), left_over)
    assert len(left) == 7
    assert "a subnet is left: 10.0.0.0/24" in left


def test_an_empty_registry_has_nothing_left_over():
    assert found(MemoryStore(), at_any_moment, at_rest, left_over) == []
