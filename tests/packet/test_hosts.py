"""Journeys between containers of different hosts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.host.machine import machine
from minidock.host.peers import other_hosts
from minidock.model.maps import Map
from minidock.packet.journey import journey
from minidock.packet.reach import reachability
from minidock.packet.trace import Layer, Outcome
from minidock.runtime.servers import Request, page_of, says
from minidock.topology.machine import broken
from minidock.views.trace_json import trace_json
from tests.packet.hosts import Hosts, two_hosts


@pytest.fixture(scope="module")
def worlds():
    return two_hosts().worlds


def tunnel(trace, *, reply=False):
    """The hops at which a frame was wrapped and unwrapped."""
    return [
        hop for hop in trace.hops if hop.layer is Layer.TUNNEL and hop.reply is reply
    ]


# --- there and back -------------------------------------------------------------------


@pytest.mark.parametrize("in_full", [False, True])
def test_a_container_reaches_one_of_another_host_and_is_seen_as_itself(
    worlds, in_full
) -> None:
    trace = journey(
        worlds[0], "c2", "10.0.0.3:80", others=worlds[1:] if in_full else ()
    )
    assert trace.delivered
    assert (trace.server, str(trace.seen)) == ("c3", "10.0.0.2")


def test_a_frame_grows_by_fifty_octets_between_two_vteps(worlds) -> None:
    wrapped, unwrapped = tunnel(journey(worlds[0], "c2", "10.0.0.3:80"))
    assert str(wrapped.before) == "tcp 10.0.0.2:40000 > 10.0.0.3:80 SYN"
    outer = wrapped.after
    assert (str(outer.source), str(outer.target)) == ("192.0.2.2", "192.0.2.3")
    assert (outer.protocol, outer.target_port, outer.vni) == ("udp", 4789, 256)
    assert outer.size - wrapped.before.size == 50
    assert wrapped.entry == "02:42:0a:00:00:03 dev vxlan0 dst 192.0.2.3 self permanent"
    assert unwrapped.after == wrapped.before
    assert "VNI 256" in unwrapped.decision


def test_the_answer_takes_the_tunnel_of_the_other_host(worlds) -> None:
    wrapped, unwrapped = tunnel(journey(worlds[0], "c2", "10.0.0.3"), reply=True)
    assert wrapped.place.startswith("host2")
    assert unwrapped.place.startswith("host1")


def test_the_vxlan_answers_arp_for_other_hosts(worlds) -> None:
    trace = journey(worlds[0], "c2", "10.0.0.3")
    asked = next(hop for hop in trace.hops if hop.layer is Layer.NEIGHBOUR)
    assert asked.decision == "ARP asks for 10.0.0.3: vxlan0 answers for c3"
    assert asked.entry == "10.0.0.3 dev vxlan0 lladdr 02:42:0a:00:00:03 PERMANENT"


def test_json_has_the_vni_of_packets_outside_only(worlds) -> None:
    found = trace_json(journey(worlds[0], "c2", "10.0.0.3:80"))["hops"]
    vnis = {hop["after"]["target"]: hop["after"]["vni"] for hop in found}
    assert vnis["192.0.2.3"] == 256
    assert vnis["10.0.0.3"] is None


def test_containers_of_one_host_need_no_tunnel() -> None:
    hosts = two_hosts()
    hosts.run(0, "c4", "10.0.0.4", "ov")
    trace = journey(hosts.worlds[0], "c2", "10.0.0.4:80")
    assert trace.delivered
    assert not tunnel(trace)


def test_the_way_outside_does_not_lead_through_the_overlay(worlds) -> None:
    trace = journey(worlds[0], "c2", "198.51.100.80:80")
    assert trace.delivered
    assert str(trace.seen) == "192.0.2.2"
    assert not tunnel(trace)


def test_two_subnets_of_a_network_are_joined_by_the_senders_host() -> None:
    hosts = Hosts(2).network("ov", "10.0.0.0/24", "10.0.1.0/24")
    hosts.run(0, "c2", "10.0.0.2", "ov")
    hosts.run(1, "c3", "10.0.1.3", "ov", subnet=1)
    trace = journey(hosts.worlds[0], "c2", "10.0.1.3:80")
    assert trace.delivered, trace.why
    there, back = tunnel(trace)[0].after, tunnel(trace, reply=True)[0].after
    assert (there.vni, back.vni) == (257, 256)
    assert trace.final.ttl == 63


def test_an_internal_network_crosses_hosts_but_not_the_border() -> None:
    hosts = Hosts(2).network("in", "10.0.0.0/24", internal=True)
    hosts.run(0, "c2", "10.0.0.2", "in").run(1, "c3", "10.0.0.3", "in")
    world = hosts.worlds[0]
    assert journey(world, "c2", "10.0.0.3:80").delivered
    assert journey(world, "c2", "198.51.100.80").outcome is Outcome.UNREACHABLE


def test_hosts_behind_different_routers_are_joined_by_them() -> None:
    hosts = two_hosts(
        vteps=["192.0.2.2", "198.51.100.3"], routers=["192.0.2.1", "198.51.100.1"]
    )
    for others in ([], hosts.worlds[1:]):
        trace = journey(hosts.worlds[0], "c2", "10.0.0.3:80", others=others)
        assert trace.delivered, trace.why
        assert any(hop.place == "outside" for hop in trace.hops)


# --- engines on one computer ----------------------------------------------------------


@pytest.mark.parametrize("vtep", ["127.0.0.1", "192.0.2.2"])
@pytest.mark.parametrize("in_full", [False, True])
def test_engines_may_share_an_address(vtep, in_full) -> None:
    first, second = two_hosts(vteps=[vtep, vtep], shared=True).worlds
    trace = journey(first, "c2", "10.0.0.3:80", others=[second] if in_full else ())
    assert trace.delivered, trace.why
    assert trace.server == "c3"
    _, unwrapped = tunnel(trace)
    assert "another engine at this VTEP" in unwrapped.decision


def test_an_engine_has_the_address_that_it_advertises() -> None:
    first, second = two_hosts(shared=True).worlds
    trace = journey(first, "c2", "10.0.0.3:80", others=[second])
    assert trace.delivered, trace.why


# --- what goes wrong ------------------------------------------------------------------


def test_nobody_answers_for_an_address_that_no_host_has(worlds) -> None:
    trace = journey(worlds[0], "c2", "10.0.0.99:80")
    assert trace.outcome is Outcome.UNREACHABLE
    assert "no VTEP for 10.0.0.99" in trace.why


def test_a_stale_entry_leads_to_nobody(worlds) -> None:
    first, _ = worlds
    gone = two_hosts()
    gone(1, "rm -f c3").run(1, "c9", "10.0.0.9", "ov")
    trace = journey(first, "c2", "10.0.0.3:80", others=[gone.worlds[1]])
    assert trace.outcome is Outcome.DROPPED
    assert "nobody there has the MAC 02:42:0a:00:00:03" in trace.why


def test_a_host_that_has_left_the_network_drops_its_frames(worlds) -> None:
    gone = two_hosts()
    gone(1, "rm -f c3")
    trace = journey(worlds[0], "c2", "10.0.0.3:80", others=[gone.worlds[1]])
    assert trace.outcome is Outcome.DROPPED
    assert "no network with the VNI 256" in trace.why


def test_a_host_that_does_not_know_the_asker_cannot_answer(worlds) -> None:
    first, second = worlds
    forgot = replace(second, cluster=replace(second.cluster, peers=Map()))
    trace = journey(first, "c2", "10.0.0.3:80", others=[forgot])
    assert trace.outcome is Outcome.DROPPED
    assert trace.why.startswith("the request arrived, but its answer is lost: no VTEP")


def test_a_rule_against_vxlan_is_named_with_the_host_that_has_it() -> None:
    hosts = two_hosts()
    hosts.engines[1].host_command("iptables -A INPUT -p udp --dport 4789 -j DROP")
    first, second = hosts.worlds
    trace = journey(first, "c2", "10.0.0.3:80", others=[second])
    assert trace.outcome is Outcome.DROPPED
    assert "within UDP 4789 (VXLAN)" in trace.why
    assert "lost at host2" in trace.why
    hosts.engines[1].host_command("iptables -F INPUT")
    for wall in ("iptables -P INPUT DROP", "ufw enable"):
        hosts.engines[1].host_command(wall)
        trace = journey(hosts.worlds[0], "c2", "10.0.0.3:80", others=hosts.worlds[1:])
        assert "ufw allow 4789/udp" in trace.remedy
    # From afar nobody knows the other host's rules.
    assert journey(first, "c2", "10.0.0.3:80").delivered


@settings(deadline=None)
@given(
    ends=st.permutations(range(3)),
    size=st.integers(28, 1450),
    port=st.sampled_from(["", ":80", ":81", ":53/udp"]),
)
def test_what_comes_out_of_a_tunnel_is_what_went_in_and_outside_it_is_fifty_octets_more(
    three, ends, size, port
) -> None:
    source, target, _ = ends
    options = {} if port.endswith(("80", "81")) else {"size": size}
    others = [world for world in three if world is not three[source]]
    trace = journey(
        three[source], f"c{source}", f"10.0.0.1{target}{port}", others=others, **options
    )
    for reply in (False, True):
        wrapped, unwrapped = tunnel(trace, reply=reply)
        assert unwrapped.after == wrapped.before
        assert wrapped.after.size == wrapped.before.size + 50
        assert wrapped.after.vni == unwrapped.before.vni == 256
    there, back = (tunnel(trace, reply=reply)[0].after for reply in (False, True))
    assert (there.source, there.target) == (back.target, back.source)
    assert there.target_port == back.target_port == 4789


@pytest.fixture(scope="module")
def three():
    hosts = Hosts(3).network("ov", "10.0.0.0/24")
    for number in range(3):
        hosts.run(number, f"c{number}", f"10.0.0.1{number}", "ov")
    return hosts.worlds


def test_what_does_not_fit_beside_the_headers_is_refused_at_once(worlds) -> None:
    options = {"may_fragment": False}
    small = journey(worlds[0], "c2", "10.0.0.3", size=1450, **options)
    assert small.delivered
    assert tunnel(small)[0].after.size == 1500
    large = journey(worlds[0], "c2", "10.0.0.3", size=1451, **options)
    assert large.outcome is Outcome.TOO_BIG
    assert "mtu is 1450" in large.why


def test_encryption_takes_26_octets_more() -> None:
    hosts = Hosts(2).network("ov", "10.0.0.0/24", encrypted=True)
    hosts.run(0, "c2", "10.0.0.2", "ov").run(1, "c3", "10.0.0.3", "ov")
    world = hosts.worlds[0]
    large = journey(world, "c2", "10.0.0.3", size=1425, may_fragment=False)
    assert large.outcome is Outcome.TOO_BIG
    assert journey(world, "c2", "10.0.0.3", size=1424, may_fragment=False).delivered


def test_a_larger_mtu_makes_packets_outside_that_are_cut_up() -> None:
    hosts = Hosts(2).network("ov", "10.0.0.0/24", mtu=1500)
    hosts.run(0, "c2", "10.0.0.2", "ov").run(1, "c3", "10.0.0.3", "ov")
    trace = journey(hosts.worlds[0], "c2", "10.0.0.3", size=1500, may_fragment=False)
    assert trace.delivered
    assert any("cut into 2 pieces" in hop.decision for hop in trace.hops)


def test_an_overlay_address_means_nothing_to_the_host_and_outside(worlds) -> None:
    for source in ("host", "outside"):
        trace = journey(worlds[0], source, "10.0.0.3:80")
        assert not trace.delivered
        assert "no route to 10.0.0.3" in trace.why


# --- what is asked there --------------------------------------------------------------


def test_programs_of_other_hosts_answer_as_their_images_do() -> None:
    hosts = two_hosts()
    hosts.run(1, "who", "10.0.0.4", "ov", "traefik/whoami")
    hosts.run(1, "red", "10.0.0.5", "ov", "redis")
    world = hosts.worlds[0]
    web = journey(world, "c2", "10.0.0.3:80")
    assert "You reached the container c3" in page_of(world, web, Request(host="")).body
    who = journey(world, "c2", "10.0.0.4:80")
    lines = page_of(world, who, Request(host="who")).body.splitlines()
    assert {"IP: 10.0.0.4", "RemoteAddr: 10.0.0.2:40000"} <= set(lines)
    red = journey(world, "c2", "10.0.0.5:6379")
    assert says(world, red, "PING\n") == "+PONG\r\n"
    assert journey(world, "c2", "10.0.0.3:81").outcome is Outcome.REFUSED


def test_the_matrix_has_the_containers_of_other_hosts(worlds) -> None:
    here = reachability(worlds[0])
    assert here.sources == ("c2", "host", "outside")
    assert here.outcome("c2", "c3:80/tcp") is Outcome.DELIVERED
    assert here.outcome("outside", "c3:80/tcp") is Outcome.UNREACHABLE
    both = reachability(worlds[0], worlds[1:])
    assert both.outcome("c3", "c2") is Outcome.DELIVERED
    assert both.outcome("c3", "outside") is Outcome.DELIVERED
    assert both.trace("c3", "c2").delivered


# --- machines -------------------------------------------------------------------------


def test_machines_of_hosts_and_of_their_peers_are_sound() -> None:
    hosts = (
        Hosts(3)
        .network("ov", "10.0.0.0/24", "10.0.1.0/24")
        .network("two", "10.0.9.0/24")
    )
    hosts.run(0, "c1", "10.0.0.2", "ov").run(1, "c2", "10.0.1.3", "ov", subnet=1)
    hosts.run(2, "c3", "10.0.9.2", "two").join(2, "c3", "10.0.0.4", "ov")
    hosts.run(2, "c4", "10.0.0.5", "ov")
    for world in hosts.worlds:
        assert broken(machine(world)) == []
        known = other_hosts(world)
        assert [broken(host.machine) for host in known] == [[]] * len(known)
    hosts = other_hosts(hosts.worlds[0])
    assert [(host.name, str(host.vtep)) for host in hosts] == [
        ("host2", "192.0.2.3"),
        ("host3", "192.0.2.4"),
    ]


def test_the_stand_in_of_a_host_has_the_entries_that_the_host_has() -> None:
    hosts = two_hosts()
    hosts.run(0, "c4", "10.0.0.4", "ov")
    first, second = hosts.worlds
    (known,) = other_hosts(first)
    (real,) = machine(second).overlays
    (thought,) = known.machine.overlays
    assert thought.neighbours == real.neighbours
    remote = [entry for entry in real.fdb if entry.remote]
    assert [entry for entry in thought.fdb if entry.remote] == remote
    assert len(remote) == 2
