"""Interfaces: flags, states and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.net.address import V6, Address
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind


def bridge(**more):
    return Interface(name="docker0", index=3, kind=InterfaceKind.BRIDGE, **more)


def test_a_bridge_without_a_port_has_no_carrier_and_is_down():
    empty = bridge(carrier=False)
    assert empty.flags == ("NO-CARRIER", "BROADCAST", "MULTICAST", "UP")
    assert empty.operstate == "DOWN"


def test_a_bridge_in_use_is_up():
    assert bridge().flags == ("BROADCAST", "MULTICAST", "UP", "LOWER_UP")
    assert bridge().operstate == "UP"


def test_an_interface_that_is_switched_off_has_neither_up_nor_no_carrier():
    off = bridge(up=False, carrier=False)
    assert off.flags == ("BROADCAST", "MULTICAST")
    assert off.operstate == "DOWN"


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("127.0.0.1", "host"),
        ("::1", "host"),
        ("172.17.0.1", "global"),
        ("169.254.34.68", "global"),
        ("fe80::1", "link"),
        ("fd00::1", "global"),
    ],
)
def test_only_ipv6_link_local_addresses_have_scope_link(text, scope):
    assert InterfaceAddress(address=Address.parse(text), length=8).scope == scope


def test_ipv6_has_no_broadcast_address():
    added = InterfaceAddress.with_broadcast(Address.parse("fd00::2"), 64)
    assert added.broadcast is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_the_broadcast_address_is_the_last_of_the_subnet(value, length):
    added = InterfaceAddress.with_broadcast(Address(value), length)
    size = 2 ** (32 - length)
    assert added.broadcast.value == value // size * size + size - 1


@given(st.lists(st.sampled_from(["10.0.0.1", "fd00::1", "fe80::1", "10.9.9.9"])))
def test_every_address_of_an_interface_is_of_one_family(texts):
    addresses = tuple(
        InterfaceAddress(address=Address.parse(text), length=8) for text in texts
    )
    item = bridge(addresses=addresses)
    assert sorted(map(str, item.of_family(4) + item.of_family(V6))) == sorted(
        map(str, addresses)
    )
    assert item.first(V6) == next(iter(item.of_family(V6)), None)


def test_a_child_knows_that_it_is_its_parent_that_is_down():
    child = Interface(
        name="eth0",
        index=9,
        kind=InterfaceKind.MACVLAN,
        parent="docker0",
        parent_index=3,
        parent_namespace="",
        carrier=False,
    )
    assert (child.operstate, child.link_index) == ("LOWERLAYERDOWN", 3)
    assert child.flags[0] == "NO-CARRIER"


def test_nobody_asks_for_macs_where_nobody_could_answer():
    dummy = Interface(name="dm-1", index=9, kind=InterfaceKind.DUMMY)
    l3 = Interface(name="eth0", index=10, kind=InterfaceKind.IPVLAN, mode="l3")
    l2 = Interface(name="eth0", index=10, kind=InterfaceKind.IPVLAN, mode="l2")
    assert ["NOARP" in item.flags for item in (dummy, l3, l2)] == [True, True, False]
