import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.firewall.rule import (
    ConnectionState,
    Destination,
    DestinationPort,
    Dnat,
    InInterface,
    OutInterface,
    Protocol,
    Source,
    SourcePort,
    Verdict,
    rule,
)
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from tests.firewall.strategies_firewall import families, matches

TEN = Prefix.parse("10.0.0.0/8")
SIX = Prefix.parse("fd00::/8")


def test_matches_stand_in_the_order_of_iptables_save():
    jumbled = (DestinationPort(80), Protocol("tcp"), OutInterface("o"), Source(TEN))
    made = rule("filter", "FORWARD", *jumbled, target=Verdict.DROP)
    assert made.matches == jumbled[::-1]


def test_a_rule_knows_the_family_of_its_addresses():
    assert rule("filter", "INPUT", Source(SIX), target=Verdict.DROP).family == V6
    assert (
        rule("filter", "INPUT", InInterface("lo"), target=Verdict.DROP).family is None
    )
    there = Dnat(Address.parse("172.17.0.2"), 80)
    assert rule("nat", "DOCKER", target=there).family == V4


def test_one_rule_for_both_families_is_refused():
    with pytest.raises(InvalidParameter, match="mix IPv4 and IPv6"):
        rule("filter", "INPUT", Source(TEN), Destination(SIX), target=Verdict.DROP)


@pytest.mark.parametrize(
    "protocol", [(), (Protocol("icmp"),), (Protocol("tcp", negated=True),)]
)
def test_a_port_without_a_protocol_that_has_ports_is_refused(protocol):
    with pytest.raises(InvalidParameter, match="ports need a protocol"):
        rule("filter", "INPUT", *protocol, DestinationPort(80), target=Verdict.DROP)


def test_two_conditions_on_one_field_are_refused():
    both = (InInterface("a"), InInterface("b"))
    with pytest.raises(InvalidParameter, match="multiple flags"):
        rule("filter", "INPUT", *both, target=Verdict.DROP)


@pytest.mark.parametrize(("first", "last"), [(70000, 0), (-1, 5), (5, 70000)])
def test_a_port_beyond_16_bits_is_refused(first, last):
    with pytest.raises(InvalidParameter, match="invalid port/service"):
        SourcePort(first, last)


def test_connection_states_are_a_set_in_iptables_order():
    assert ConnectionState(("DNAT", "NEW", "DNAT")).states == ("NEW", "DNAT")


@given(st.data())
def test_the_order_in_which_matches_are_written_does_not_matter(data):
    found = data.draw(matches(data.draw(families())))
    # Extensions keep their order, as iptables does; all others have a fixed place.
    fixed = [m for m in found if isinstance(m, Source | Destination | InInterface)]
    rest = [m for m in found if m not in fixed]
    one = rule("filter", "INPUT", *fixed, *rest, target=Verdict.DROP)
    other = rule("filter", "INPUT", *rest, *fixed[::-1], target=Verdict.DROP)
    assert one == other
    assert hash(one) == hash(other)
