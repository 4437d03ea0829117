"""Journeys of containers on the wire of a card: modes, VLANs, and two hosts."""

from dataclasses import replace

import pytest

from minidock.net.address import V6, Address
from minidock.packet.conversation import converse, request, source_for
from minidock.packet.fabric import fabric
from minidock.packet.notes import Notes
from minidock.packet.site import site_of
from minidock.packet.trace import Layer, Outcome
from tests.packet.lab import Lab

SUBNET = "--subnet 192.0.2.0/24 --gateway 192.0.2.1"
ALL = [
    *(("macvlan", f"macvlan_mode={mode}") for mode in ("bridge", "private", "vepa")),
    *(("ipvlan", f"ipvlan_mode={mode}") for mode in ("l2", "l3", "l3s")),
    *(("ipvlan", f"ipvlan_flag={flag}") for flag in ("private", "vepa")),
]


def on_one_card(driver, option, *, parent="eth0", more=""):
    return Lab(
        f"network create -d {driver} {SUBNET} -o parent={parent} -o {option} {more} lan",
        "run -d --name web -p 8080:80 --network lan --ip 192.0.2.10 nginx",
        "run -d --name db --network lan --ip 192.0.2.11 redis",
        era="28",
    )


@pytest.mark.parametrize(("driver", "option"), ALL)
def test_a_child_and_its_host_do_not_hear_each_other_in_any_mode(driver, option):
    lab = on_one_card(driver, option)
    for source, target in (("host", "192.0.2.10:80"), ("web", "192.0.2.2")):
        trace = lab.trace(source, target)
        assert trace.outcome is Outcome.UNREACHABLE
        assert driver in trace.why


@pytest.mark.parametrize(("driver", "option"), ALL)
def test_a_published_port_of_a_child_is_published_nowhere(driver, option):
    lab = on_one_card(driver, option)
    for source in ("host", "outside"):
        assert not lab.trace(source, "192.0.2.2:8080").delivered
    assert lab.docker("port web").stdout == ""


@pytest.mark.parametrize(("driver", "option"), ALL)
def test_siblings_hear_each_other_unless_they_are_kept_apart(driver, option):
    apart = option.endswith(("private", "vepa"))
    assert on_one_card(driver, option).trace("web", "db:6379").delivered is not apart


@pytest.mark.parametrize("mode", ["l3", "l3s"])
def test_nobody_on_the_wire_finds_a_child_that_answers_no_questions(mode):
    lab = on_one_card("ipvlan", f"ipvlan_mode={mode}")
    into = lab.trace("outside", "192.0.2.10:80")
    assert into.outcome is Outcome.UNREACHABLE
    assert f"mode {mode}" in into.why
    assert "route" in into.remedy
    out = lab.trace("web", "203.0.113.7:443")
    assert out.outcome is Outcome.DROPPED  # the request leaves, no answer finds it
    assert not lab.trace("web", "192.0.2.2").delivered


@pytest.mark.parametrize("mode", ["l3", "l3s"])
def test_a_route_through_the_host_leads_to_children_in_the_l3_modes(mode):
    lab = Lab(
        "network create -d ipvlan --subnet 10.60.0.0/24 -o parent=eth0 "
        f"-o ipvlan_mode={mode} far",
        "run -d --name web --network far --ip 10.60.0.10 nginx",
        era="28",
    )
    assert not lab.trace("outside", "10.60.0.10:80").delivered
    assert not lab.trace("web", "203.0.113.7:443").delivered
    lab.docker.outside_command("ip route add 10.60.0.0/24 via 192.0.2.2")
    assert lab.trace("outside", "10.60.0.10:80").delivered
    out = lab.trace("web", "203.0.113.7:443")
    assert out.delivered
    assert str(out.seen) == "10.60.0.10"
    assert not lab.trace("host", "10.60.0.10:80").delivered


def test_a_child_of_a_dummy_reaches_its_siblings_and_nobody_else():
    lab = Lab(
        "network create -d macvlan --subnet 10.9.0.0/24 alone",
        "run -d --name web --network alone nginx",
        "run -d --name db --network alone redis",
        era="28",
    )
    assert lab.trace("web", "db:6379").delivered
    assert not lab.trace("web", "203.0.113.7:443").delivered
    assert not lab.trace("outside", f"{lab.address('web')}:80").delivered


def test_an_internal_child_hears_the_wire_but_has_no_way_out_of_it():
    lab = on_one_card("macvlan", "macvlan_mode=bridge", more="--internal")
    assert lab.trace("web", "db:6379").delivered
    assert lab.trace("web", "203.0.113.7:443").outcome is Outcome.UNREACHABLE


# --- two hosts on one wire ------------------------------------------------------------


def second(world):
    """The World as that of another host on the wire."""
    own = Address.parse("192.0.2.3")
    (card,) = world.host.interfaces
    mac = type(card.mac).parse("52:54:00:00:02:03")
    card = replace(card, addresses=((own, 24),), mac=mac)
    routes = tuple(
        replace(route, source=own if route.source else None)
        for route in world.host.routes
    )
    host = replace(world.host, hostname="second", interfaces=(card,), routes=routes)
    return replace(world, host=host)


def hosts(create, *, first="--ip 192.0.2.65", other="--ip 192.0.2.129"):
    """``web`` on one host, ``db`` on the other, each on a network made alike."""
    one = Lab(create, f"run -d --name web --network lan {first} nginx", era="28")
    two = Lab(create, f"run -d --name db --network lan {other} redis", era="28")
    return fabric([site_of(one.docker.world), site_of(second(two.docker.world))])


def stack_of(both, owner):
    return next(s for s in both.stacks.values() if s.space.owner == owner)


def ask(both, source, target, port=0):
    """How a question between two hosts ends, and the hops on its way."""
    notes = Notes()
    there = Address.parse(target)
    asker = both.hosts[0] if source == "host" else stack_of(both, source)
    own = source_for(asker, there)
    assert own is not None
    packet = request("tcp" if port else "icmp", own, there, port)
    return converse(both, asker, packet, notes), notes.hops


def macvlan(parent="eth0", mode="bridge", more=SUBNET):
    return (
        f"network create -d macvlan {more} -o parent={parent} "
        f"-o macvlan_mode={mode} lan"
    )


@pytest.mark.parametrize("mode", ["bridge", "private", "vepa"])
def test_containers_of_two_hosts_on_one_wire_reach_each_other(mode):
    # Each mode is about the children of one card; these are children of two.
    both = hosts(macvlan(mode=mode))
    ending, hops = ask(both, "web", "192.0.2.129", 6379)
    assert ending.outcome is Outcome.DELIVERED
    assert ending.server.place.endswith("db")
    assert str(ending.seen) == "192.0.2.65"
    layers = {hop.layer for hop in hops}
    assert Layer.NAT not in layers
    assert Layer.NEIGHBOUR in layers


def test_a_child_reaches_the_other_host_although_not_its_own():
    both = hosts(macvlan())
    for target, outcome in (
        ("192.0.2.3", Outcome.DELIVERED),
        ("192.0.2.2", Outcome.UNREACHABLE),
    ):
        assert ask(both, "web", target)[0].outcome is outcome
    assert ask(both, "host", "192.0.2.129", 6379)[0].outcome is Outcome.DELIVERED
    assert ask(both, "host", "192.0.2.65", 80)[0].outcome is Outcome.UNREACHABLE


def test_two_hosts_reach_each_other_over_ipv6_too():
    v6 = f"{SUBNET} --ipv6 --subnet fd00:2::/64 --gateway fd00:2::1"
    both = hosts(
        macvlan(more=v6),
        first="--ip 192.0.2.65 --ip6 fd00:2::65",
        other="--ip 192.0.2.129 --ip6 fd00:2::129",
    )
    ending, _ = ask(both, "web", "fd00:2::129", 6379)
    assert ending.outcome is Outcome.DELIVERED
    assert ending.seen.family == V6


def test_a_vlan_is_one_wire_for_two_hosts_if_their_tags_are_the_same():
    apart = "--subnet 10.50.0.0/24 --gateway 10.50.0.1"
    wire = {"first": "--ip 10.50.0.65", "other": "--ip 10.50.0.129"}
    both = hosts(macvlan("eth0.50", more=apart), **wire)
    ending, _ = ask(both, "web", "10.50.0.129", 6379)
    assert ending.outcome is Outcome.DELIVERED


def test_two_hosts_with_other_tags_or_dummies_do_not_meet():
    apart = "--subnet 10.50.0.0/24 --gateway 10.50.0.1"
    for one, two in (("eth0.50", "eth0.51"), ("eth0", "eth0.50"), ("", "")):
        first, other = (
            Lab(
                f"network create -d macvlan {apart} "
                f"{f'-o parent={parent}' if parent else ''} lan",
                f"run -d --name {name} --network lan --ip {address} redis",
                era="28",
            ).docker.world
            for parent, name, address in (
                (one, "web", "10.50.0.65"), (two, "db", "10.50.0.129")
            )
        )  # fmt: skip
        both = fabric([site_of(first), site_of(second(other))])
        ending, _ = ask(both, "web", "10.50.0.129", 6379)
        assert ending.outcome is Outcome.UNREACHABLE, (one, two)


def test_in_ipvlans_l3_modes_two_hosts_find_no_child_of_the_other():
    line = f"network create -d ipvlan {SUBNET} -o parent=eth0 -o ipvlan_mode={{}} lan"
    for mode, outcome in (
        ("l2", Outcome.DELIVERED),
        ("l3", Outcome.UNREACHABLE),
        ("l3s", Outcome.UNREACHABLE),
    ):
        ending, _ = ask(hosts(line.format(mode)), "web", "192.0.2.129", 6379)
        assert ending.outcome is outcome


@pytest.mark.parametrize("parent", ["-o parent=eth0", ""])
def test_host_means_the_host_and_not_the_router_that_a_child_has_as_gateway(parent):
    lab = Lab(
        f"network create -d macvlan {SUBNET} {parent} lan",
        "run -d --name web --network lan --ip 192.0.2.77 redis",
        era="28",
    )
    trace = lab.trace("web", "host:22")
    assert trace.hops[0].decision == "the host is 192.0.2.2 from here"
    assert trace.outcome is Outcome.UNREACHABLE
