"""What macvlan and ipvlan networks do to a host: nothing, but for their children."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.firewall.ruleset import Ruleset
from minidock.host.rules import container_rules, rules
from minidock.topology.interface import InterfaceKind
from minidock.topology.machine import broken
from minidock.views.iproute import ip
from minidock.views.mermaid import mermaid
from minidock.views.scene import scene
from minidock.views.svg import svg
from minidock.views.text import text
from tests.drivers.parented import ERAS, SESSIONS, docker, lan, must, run

CHILDREN = {InterfaceKind.MACVLAN, InterfaceKind.IPVLAN}


def seen(engine):
    """The host as whoever is not interested in children sees it."""
    host = engine.machine().host
    cards = tuple(replace(item, watches=False) for item in host.interfaces)
    firewall = [rules(engine.world, family) for family in (4, 6)]
    return cards, host.routes, host.sockets, host.sysctls, firewall


@pytest.mark.parametrize("era", ERAS)
def test_a_macvlan_network_puts_nothing_on_the_host(era):
    engine = docker(era)
    before = seen(engine)
    lan(engine, "--gateway 192.0.2.1")
    run(engine, "web", "lan", "-p 8080:80")
    assert seen(engine) == before


def test_the_card_takes_frames_for_its_children():
    engine = docker("20.10")
    lan(engine)
    run(engine, "web", "lan", "--ip 192.0.2.77")
    host = engine.machine().host
    assert host.interface("eth0").watches
    entries = [str(entry.mac) for entry in host.fdb if entry.device == "eth0"]
    assert entries[0] == "02:42:c0:00:02:4d"


def test_names_are_resolved_as_on_every_user_network():
    engine = docker()
    lan(engine)
    run(engine, "web", "lan", "--network-alias www")
    container = next(iter(engine.world.containers.values()))
    assert container_rules(engine.world, container) != Ruleset()
    assert "nameserver 127.0.0.11" in must(engine, "exec web cat /etc/resolv.conf")


def test_ip_shows_a_child_with_the_index_of_its_parent():
    engine = docker("20.10")
    lan(engine)
    run(engine, "web", "lan", "--ip 192.0.2.77")
    shown = ip(engine.machine().sandbox("web"), ["-d", "link", "show", "eth0"])
    first, second, third = shown.splitlines()
    assert ": eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500" in first
    assert "02:42:c0:00:02:4d" in second
    assert third.startswith("    macvlan mode bridge bcqueuelen 1000 ")


def test_ip_shows_a_sub_interface_with_the_name_of_what_it_is_on():
    engine = docker("20.10")
    must(engine, "network create -d macvlan -o parent=eth0.50 tagged")
    shown = ip(engine.machine().host, ["-d", "link", "show", "eth0.50"])
    assert "eth0.50@eth0: " in shown
    assert "vlan protocol 802.1Q id 50 <REORDER_HDR>" in shown


def test_ipv6_is_on_where_a_child_has_such_an_address():
    engine = docker("20.10")
    subnets = "--ipv6 --subnet 192.0.2.0/24 --subnet fd00:5::/64"
    must(engine, f"network create -d macvlan -o parent=eth0 {subnets} mv6")
    run(engine, "web", "mv6")
    space = engine.machine().sandbox("web")
    addresses = [str(a) for a in space.interface("eth0").addresses]
    assert addresses == [
        "192.0.2.2/24",
        "fd00:5::2/64",
        "fe80::42:c0ff:fe00:202/64",
    ]
    assert engine.machine().host.sysctl("net.ipv6.conf.all.forwarding") == "0"


def test_a_tree_names_the_parent_and_the_mode():
    engine = docker()
    lan(engine)
    must(engine, "network create -d macvlan lonely")
    shown = text(scene(engine.world), 200)
    assert "network lan 192.0.2.0/24, macvlan, on eth0, mode bridge" in shown
    assert "a dummy: no way out" in shown


def test_a_picture_leads_from_the_card_to_the_network_and_its_children():
    engine = docker()
    lan(engine)
    run(engine, "web", "lan")
    lines = {edge.id: edge for edge in scene(engine.world).edges}
    assert lines["child:lan"].source == "card:eth0"
    assert lines["cable:web/eth0"].kind == "child"
    assert not any(edge.kind == "route" for edge in lines.values() if "lan" in edge.id)


# -- laws ------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ERAS), SESSIONS)
def test_whatever_stands_on_a_card_the_machine_is_sound_and_can_be_drawn(era, lines):
    engine = docker(era, daemon_args=["--experimental"])
    start = seen(engine)
    for line in lines:
        engine(line)
    machine = engine.machine()
    assert broken(machine) == []
    drawing = scene(engine.world)
    assert all((text(drawing), svg(drawing), mermaid(drawing)))
    for container in list(engine.world.containers.values()):
        must(engine, f"rm -f {container.name}")
    for network in list(engine.world.networks.values()):
        if not network.predefined:
            must(engine, f"network rm {network.name}")
    assert [i.name for i in seen(engine)[0]] == [i.name for i in start[0]]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ERAS), SESSIONS)
def test_every_macvlan_and_ipvlan_has_its_parent_and_no_end_on_the_host(era, lines):
    engine = docker(era, daemon_args=["--experimental"])
    for line in lines:
        engine(line)
    machine = engine.machine()
    children = [
        item
        for space in machine.sandboxes
        for item in space.interfaces
        if item.kind in CHILDREN
    ]
    for item in children:
        parent = machine.host.interface(item.parent)
        assert (item.parent_index, item.mtu) == (parent.index, parent.mtu)
        assert item.peer_index == 0
        assert (item.mac == parent.mac) == (
            item.kind is InterfaceKind.IPVLAN or item.mode == "passthru"
        )
    assert all(item.kind not in CHILDREN for item in machine.host.interfaces)
