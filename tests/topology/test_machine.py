"""The machine's invariants: each kind of damage is found and named."""

from dataclasses import replace

import pytest
from hypothesis import given

from minidock.host.machine import machine
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.machine import broken
from minidock.topology.namespace import FdbEntry, Namespace, Route
from tests.topology.strategies_topology import labs
from tests.topology.worlds import web_on_docker0


@pytest.fixture
def sound():
    return machine(web_on_docker0().world)


def with_host(built, **changes):
    return replace(built, host=replace(built.host, **changes))


def changed(space, name, **changes):
    """The interfaces of a namespace, one of them changed."""
    return tuple(
        replace(item, **changes) if item.name == name else item
        for item in space.interfaces
    )


def test_a_machine_that_stands_is_sound(sound):
    assert broken(sound) == []


def test_two_interfaces_of_one_name_are_found(sound):
    eth0 = sound.host.interface("eth0")
    twin = with_host(
        sound, interfaces=(*sound.host.interfaces, replace(eth0, index=99))
    )
    assert "host: two interfaces are called eth0" in broken(twin)


def test_two_interfaces_of_one_index_are_found(sound):
    interfaces = changed(sound.host, "docker0", index=2)
    assert broken(with_host(sound, interfaces=interfaces)) == [
        "host: two interfaces have index 2"
    ]


def test_a_port_of_a_missing_bridge_is_found(sound):
    interfaces = changed(sound.host, "vethab852c9", master="br-gone")
    assert broken(with_host(sound, interfaces=interfaces)) == [
        "host: vethab852c9 is a port of br-gone, which is no bridge here"
    ]


def test_a_veth_whose_peer_is_gone_is_found(sound):
    assert broken(replace(sound, sandboxes=())) == []  # the peer is outside then
    emptied = replace(sound.sandboxes[0], interfaces=(), routes=())
    assert broken(replace(sound, sandboxes=(emptied,))) == [
        "vethab852c9 has no peer that points back at it"
    ]


def test_a_veth_whose_peer_points_elsewhere_is_found(sound):
    interfaces = changed(sound.sandboxes[0], "eth0", peer_index=2)
    turned = replace(sound.sandboxes[0], interfaces=interfaces)
    assert sorted(broken(replace(sound, sandboxes=(turned,)))) == [
        "eth0 has no peer that points back at it",
        "vethab852c9 has no peer that points back at it",
    ]


def test_a_card_cannot_be_a_port(sound):
    card = Interface(
        name="eth1", index=9, kind=InterfaceKind.PHYSICAL, master="docker0"
    )
    added = with_host(sound, interfaces=(*sound.host.interfaces, card))
    assert broken(added) == ["host: eth1 is a port but no veth"]


@pytest.mark.parametrize(
    "change",
    [
        {"routes": (Route(destination=Prefix.parse("10.0.0.0/8"), device="gone"),)},
        {"fdb": (FdbEntry(MAC(1), "gone"),)},
    ],
)
def test_a_device_that_does_not_exist_is_found(sound, change):
    found = broken(with_host(sound, **change))
    assert found == ["host: something points at gone, which does not exist"]


def test_two_namespaces_of_one_name_are_found(sound):
    twins = replace(sound, sandboxes=sound.sandboxes * 2)
    assert any("two namespaces are called" in fault for fault in broken(twins))


def test_a_sandbox_is_found_by_its_container(sound):
    assert sound.sandbox("web").owner == "web"
    assert sound.sandbox("nosuch") is None


def test_a_setting_that_is_not_recorded_has_no_value():
    assert Namespace(name="").sysctl("net.ipv4.tcp_syncookies") is None


@given(labs(parents=True))
def test_every_veth_pair_joins_a_port_of_the_host_with_a_sandbox(lab):
    built = machine(lab.world)
    pairs = list(built.pairs())
    ports = [item for item in built.host.interfaces if item.master]
    assert [port.name for _, port, _, _ in pairs] == [item.name for item in ports]
    for _, port, space, item in pairs:
        assert (item.peer_index, item.peer_namespace) == (port.index, "")
        assert (port.peer_index, port.peer_namespace) == (item.index, space.name)


# -- children of an interface ----------------------------------------------------------


@pytest.fixture
def wired():
    """Two macvlan children of eth0, in two namespaces."""
    lab = web_on_docker0()
    lab.on_parent("lan", "10.9.0.0/24")
    lab.run("c1", "lan", "10.9.0.2")
    lab.run("c2", "lan", "10.9.0.3")
    return machine(lab.world)


def with_child(built, owner, **changes):
    """The machine with one child changed."""
    spaces = tuple(
        replace(space, interfaces=changed(space, "eth0", **changes))
        if space.owner == owner
        else space
        for space in built.sandboxes
    )
    return replace(built, sandboxes=spaces)


def test_a_parent_and_its_children_are_sound(wired):
    assert broken(wired) == []
    assert [space.owner for space, _ in wired.children("eth0")] == ["c1", "c2"]


@pytest.mark.parametrize("change", [{"parent": "eth7"}, {"parent_index": 99}])
def test_a_child_without_its_parent_is_found(wired, change):
    (fault,) = broken(with_child(wired, "c1", **change))
    assert fault.startswith("eth0 has no parent")


def test_children_of_two_kinds_are_found(wired):
    mixed = with_child(wired, "c2", kind=InterfaceKind.IPVLAN)
    assert broken(mixed) == ["eth0 has children of two kinds"]


def test_a_veth_has_no_parent(sound):
    faults = broken(with_child(sound, "web", parent="eth0"))
    assert faults == ["eth0 is no veth that could have a parent"]
