"""Packets and how they change on the way."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from minidock.net.address import Address
from minidock.packet.packet import Packet, answer_to
from minidock.packet.tracking import Connections, Tracked, flow_of

ADDRESSES = st.integers(1, 2**32 - 2).map(Address)
PORTS = st.integers(1, 65535)


def packets():
    return st.builds(
        Packet,
        protocol=st.sampled_from(["tcp", "udp", "sctp"]),
        source=ADDRESSES,
        target=ADDRESSES,
        source_port=PORTS,
        target_port=PORTS,
        ttl=st.integers(2, 255),
        size=st.integers(28, 1500),
        kind=st.sampled_from(["SYN", "request", ""]),
    )


@given(packets(), ADDRESSES, PORTS)
def test_a_field_that_is_changed_on_the_way_changes_no_other(packet, address, port):
    assert packet.hopped() == replace(packet, ttl=packet.ttl - 1)
    moved = replace(packet, source=address, source_port=port)
    assert packet.sent_by(address, port) == moved
    led = replace(packet, target=address, target_port=port)
    assert packet.sent_to(address, port) == led


@given(packets())
def test_the_answer_to_an_answer_goes_the_way_of_the_request(packet):
    again = answer_to(answer_to(packet))
    assert flow_of(again) == flow_of(packet)


@given(packets(), st.none() | st.tuples(ADDRESSES, PORTS), st.none() | st.tuples(ADDRESSES, PORTS))  # fmt: skip
def test_whatever_nat_did_to_a_request_is_undone_to_its_answer(packet, led, sent):
    tracked = Tracked(packet, destination=led, source=sent)
    there = tracked.leaving(tracked.arriving(packet, reply=False), reply=False)
    back = answer_to(there)
    undone = tracked.leaving(tracked.arriving(back, reply=True), reply=True)
    assert flow_of(undone) == flow_of(packet).reversed()


@given(packets(), st.none() | st.tuples(ADDRESSES, PORTS), st.none() | st.tuples(ADDRESSES, PORTS))  # fmt: skip
def test_a_kernel_knows_a_flow_by_its_packets_of_both_directions(packet, led, sent):
    memory = Connections()
    tracked = Tracked(packet, destination=led, source=sent)
    memory.keep(tracked)
    there = tracked.leaving(tracked.arriving(packet, reply=False), reply=False)
    assert memory.find(flow_of(packet)) is not None
    assert memory.find(flow_of(answer_to(there))) is not None
