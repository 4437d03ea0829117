"""Stacks, segments and wires."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.packet.conversation import converse, request
from minidock.packet.fabric import fabric
from minidock.packet.notes import Notes
from minidock.packet.site import site_of
from minidock.packet.stack import RouteTable
from minidock.packet.trace import Outcome
from minidock.topology.namespace import Route
from tests.packet.lab import Lab


def routes():
    prefixes = st.builds(
        Prefix.of, st.integers(0, 2**32 - 1).map(Address), st.integers(0, 32)
    )
    return st.lists(
        st.builds(lambda p, n: Route(destination=p, device=f"eth{n}"), prefixes,
                  st.integers(0, 9)),
        max_size=8,
    )  # fmt: skip


@given(routes(), st.integers(0, 2**32 - 1).map(Address))
def test_the_best_route_is_the_one_with_the_longest_prefix(given_routes, target):
    fitting = [r for r in given_routes if target in r.destination]
    best = RouteTable(given_routes).best(target)
    longest = max((r.destination.length for r in fitting), default=-1)
    naive = next((r for r in fitting if r.destination.length == longest), None)
    assert best == naive


def two_hosts():
    """Two Docker hosts on one wire, with the same default bridge each."""
    one = Lab("run -d --name web -p 8080:80 nginx").docker.world
    two = Lab("run -d --name web nginx").docker.world
    card = two.host.interfaces[0]
    other = replace(
        two.host,
        hostname="second",
        interfaces=(replace(card, addresses=((Address.parse("192.0.2.3"), 24),),
                            mac=type(card.mac).parse("52:54:00:00:02:03")),),
        routes=tuple(
            replace(r, source=Address.parse("192.0.2.3") if r.source else None)
            for r in two.host.routes
        ),
    )  # fmt: skip
    return one, replace(two, host=other)


def test_hosts_on_one_wire_reach_each_others_published_ports():
    one, two = two_hosts()
    both = fabric([site_of(one), site_of(two)])
    second = next(s for s in both.stacks.values() if s.place == "second/web")
    packet = request(
        "tcp", Address.parse("172.17.0.2"), Address.parse("192.0.2.2"), 8080
    )
    ending = converse(both, second, packet, Notes())
    assert ending.outcome is Outcome.DELIVERED
    assert ending.server.place == "docker-host/web"
    assert str(ending.seen) == "192.0.2.3"  # masqueraded by its own host


def test_containers_of_two_hosts_do_not_reach_each_other_by_their_own_addresses():
    # They even have the same address: what one host calls 172.17.0.2 the other has, too.
    one, two = two_hosts()
    both = fabric([site_of(one), site_of(two)])
    second = next(s for s in both.stacks.values() if s.place == "second/web")
    packet = request(
        "tcp", Address.parse("172.17.0.2"), Address.parse("172.17.0.99"), 80
    )
    assert converse(both, second, packet, Notes()).outcome is Outcome.UNREACHABLE
