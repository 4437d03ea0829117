"""A switch that learns: what it tells from frames, and what it does with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import NotFound
from minidock.host.machine import machine
from minidock.net.mac import MAC
from minidock.packet.trace import Layer
from minidock.topology.interface import InterfaceKind
from minidock.topology.namespace import Namespace
from minidock.topology.switch import AGEING, BROADCAST, Frame, Learned, Switch
from tests.packet.lab import Lab
from tests.topology.strategies_topology import labs

PORTS = ("veth1", "veth2", "veth3", "veth4")
BRIDGE = MAC(0x0242_0000_0001)
EMPTY = Switch(name="br0", ports=PORTS, own=frozenset({BRIDGE}))
ANNA, BERT, CARL = (MAC(0x0200_0000_0000 + number) for number in (1, 2, 3))
ALL_NODES = MAC.parse("33:33:00:00:00:01")

stations = st.sampled_from([ANNA, BERT, CARL])
targets = st.sampled_from([ANNA, BERT, CARL, BRIDGE, BROADCAST, ALL_NODES])
places = st.sampled_from([*PORTS, "br0"])
talk = st.lists(st.tuples(stations, targets, st.sampled_from(PORTS)), max_size=12)


def listened(said, switch=EMPTY):
    """The switch after these frames, one each second."""
    for moment, (source, target, port) in enumerate(said):
        switch, _ = switch.hear(Frame(source, target), port, now=moment)
    return switch


# --- examples -------------------------------------------------------------------------


def test_a_switch_floods_what_is_for_somebody_whom_it_never_heard():
    _, out = EMPTY.hear(Frame(ANNA, BERT), "veth1")
    assert out == ("veth2", "veth3", "veth4")


def test_the_answer_needs_one_port_only_since_the_question_was_heard():
    switch, out = EMPTY.hear(Frame(ANNA, BROADCAST), "veth1")
    assert out == ("veth2", "veth3", "veth4", "br0")
    switch, out = switch.hear(Frame(BERT, ANNA), "veth2")
    assert out == ("veth1",)
    _, out = switch.hear(Frame(ANNA, BERT), "veth1")
    assert out == ("veth2",)


def test_a_frame_for_a_mac_of_the_bridge_goes_up_to_the_host_only():
    assert EMPTY.hear(Frame(ANNA, BRIDGE), "veth1")[1] == ("br0",)


def test_a_frame_for_somebody_behind_its_own_port_goes_nowhere():
    switch = listened([(ANNA, BROADCAST, "veth1"), (BERT, BROADCAST, "veth1")])
    assert switch.hear(Frame(ANNA, BERT), "veth1")[1] == ()


def test_a_port_in_hairpin_mode_sends_a_frame_back():
    switch = Switch(name="br0", ports=PORTS, hairpins=frozenset({"veth1"}))
    switch = listened([(ANNA, BROADCAST, "veth1")], switch)
    assert switch.hear(Frame(ANNA, ANNA), "veth1")[1] == ("veth1",)


def test_a_frame_that_claims_to_come_from_a_group_is_dropped_and_teaches_nothing():
    for source in (BROADCAST, ALL_NODES, MAC(0)):
        assert EMPTY.hear(Frame(source, ANNA), "veth1") == (EMPTY, ())


def test_nobody_can_steal_the_mac_of_the_bridge_itself():
    switch, _ = EMPTY.hear(Frame(BRIDGE, BROADCAST), "veth1")
    assert switch.behind(BRIDGE) == "br0"
    assert switch.table == ()


def test_a_frame_at_a_port_that_is_not_there_is_refused():
    with pytest.raises(NotFound) as refused:
        EMPTY.hear(Frame(ANNA, BERT), "veth9")
    assert "veth1, veth2, veth3, veth4, br0" in refused.value.explain()


# --- laws -----------------------------------------------------------------------------


@given(talk, stations, targets, places)
def test_a_frame_never_leaves_by_the_port_that_it_came_in_by(said, who, whom, port):
    _, out = listened(said).hear(Frame(who, whom), port, now=20)
    assert port not in out
    assert len(set(out)) == len(out)


@given(talk, stations)
def test_whoever_was_heard_is_found_behind_the_port_where_that_was_last(said, who):
    last = [port for source, _, port in said if source == who][-1:]
    assert listened(said).behind(who, now=len(said)) == (last[0] if last else None)


@given(talk, stations, stations, places)
def test_whoever_was_heard_gets_a_frame_alone_and_a_stranger_is_looked_for_everywhere(
    said, who, whom, port
):
    switch = listened(said)
    _, out = switch.hear(Frame(who, whom), port, now=20)
    known = switch.behind(whom, now=20)
    if whom == who and port in PORTS:
        known = port  # it has just been heard there
    expected = PORTS if known is None else (known,)
    assert out == tuple(place for place in expected if place != port)


@given(talk, stations, places)
def test_a_broadcast_reaches_everybody_on_the_wire_and_the_host(said, who, port):
    _, out = listened(said).hear(Frame(who, BROADCAST), port, now=20)
    assert {*out, port} == {*PORTS, "br0"}


@given(talk, stations, st.integers(0, 2 * AGEING))
def test_whoever_is_silent_for_five_minutes_is_forgotten(said, who, later):
    switch = listened(said)
    moments = [moment for moment, (source, *_) in enumerate(said) if source == who]
    now = len(said) + later
    known = bool(moments) and now - moments[-1] < AGEING
    assert (switch.behind(who, now=now) is not None) is known


@given(talk, stations, targets, places)
def test_a_switch_that_hears_a_frame_changes_nothing_but_its_table(
    said, who, whom, port
):
    before = listened(said)
    after, _ = before.hear(Frame(who, whom), port, now=20)
    assert (after.name, after.ports, after.own) == (
        before.name,
        before.ports,
        before.own,
    )
    macs = [entry.mac for entry in after.table]
    assert len(set(macs)) == len(macs)
    assert not {*macs} & after.own


# --- the bridges of a machine ---------------------------------------------------------


@given(labs())
def test_every_bridge_of_a_machine_is_a_switch_with_all_its_ports(lab):
    host = machine(lab.world).host
    for item in host.interfaces:
        if item.kind is not InterfaceKind.BRIDGE:
            with pytest.raises(NotFound):
                Switch.of(host, item.name)
            continue
        switch = Switch.of(host, item.name)
        assert switch.behind(item.mac) == item.name
        ports = [*host.ports(item.name)]
        assert switch.ports == tuple(port.name for port in ports)
        assert all(switch.behind(port.mac) == item.name for port in ports)


def test_a_container_with_ipv6_has_been_heard_before_it_was_asked():
    lab = Lab(
        "network create --ipv6 --subnet fd00:5::/64 six",
        "run -d --name web --network six nginx",
    )
    built = lab.docker.machine()
    web = built.sandbox("web").interface("eth0")
    bridge = next(i.master for i in built.host.interfaces if i.kind == "veth")
    port = next(built.host.ports(bridge)).name
    assert Switch.of(built.host, bridge).table == (Learned(web.mac, port),)


LAB = Lab(
    "network create lab",
    *(f"run -d --name {name} --network lab nginx" for name in ("one", "two", "six")),
)


@given(st.permutations(["one", "two", "six", "host"]))
def test_a_trace_takes_the_port_that_a_switch_has_learned_from_the_question(ends):
    source, target = ends[:2]
    built = LAB.docker.machine()
    to = "172.18.0.1" if target == "host" else LAB.address(target)
    trace = LAB.trace(source, to)
    assert trace.delivered
    hop = next(hop for hop in trace.hops if hop.layer is Layer.BRIDGE)
    bridge = next(i.master for i in built.host.interfaces if i.kind == "veth")
    own = {e.name: e.mac for e in built.host.interfaces} | {"host": MAC(0)}

    def end(name):
        if name == "host":
            return own[bridge], bridge
        card = built.sandbox(name).interface("eth0")
        port = next(h for h, _, s, _ in ((p[1], 0, p[2], 0) for p in built.pairs())
                    if s.owner == name)  # fmt: skip
        return card.mac, port.name

    (asker, came), (asked, there) = end(source), end(target)
    switch = Switch.of(built.host, bridge)
    switch, heard = switch.hear(Frame(asker, BROADCAST), came)
    assert there in heard
    switch, back = switch.hear(Frame(asked, asker), there)
    assert back == (came,)
    _, out = switch.hear(Frame(asker, asked), came)
    assert out == (there,)
    assert f"{asked} dev {there} " in hop.entry


def test_a_switch_without_ports_can_still_be_asked():
    assert str(Switch(name="br0", ports=())) == "br0 has learned nothing yet"
    with pytest.raises(NotFound):
        Switch.of(Namespace(name=""), "br0")
