"""What a ruleset decides: examples, then the law that the index changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.firewall.evaluate import Firewall, linear
from minidock.firewall.invariants import broken
from minidock.firewall.matching import Facts, holds
from minidock.firewall.render import parse
from minidock.firewall.rule import (
    ConnectionState,
    DestinationType,
    InInterface,
    OutInterface,
    Verdict,
    rule,
)
from minidock.firewall.ruleset import BUILT_IN, Put, Ruleset
from minidock.net.address import V4, Address
from tests.firewall import strategies_firewall as strategies

WEB = Address.parse("172.17.0.2").value
CLIENT = Address.parse("192.0.2.9").value
DOCKER = """
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
"""


def facts(**changed):
    asked = Facts("tcp", CLIENT, WEB, 40000, 80, 0, "eth0", "docker0", ("NEW",), _no)
    return asked._replace(**changed)


def _no(value):
    return False


def test_the_first_rule_with_a_verdict_decides_and_is_named():
    decision = Firewall(parse(DOCKER)).decide("filter", "FORWARD", facts())
    assert decision.target is Verdict.ACCEPT
    assert decision.rule.chain == "DOCKER"
    assert [jump.chain for jump in decision.path] == ["FORWARD"]


def test_return_goes_back_to_the_rule_after_the_jump():
    # DOCKER-USER returns; without that, nothing after it would be read.
    decision = Firewall(parse(DOCKER)).decide("filter", "FORWARD", facts())
    assert decision.rule.chain != "DOCKER-USER"


def test_a_packet_that_no_rule_decides_meets_the_policy():
    decision = Firewall(parse(DOCKER)).decide(
        "filter", "FORWARD", facts(target_port=81)
    )
    assert (decision.target, decision.rule) == (Verdict.DROP, None)


def test_a_chain_that_nobody_touched_accepts():
    wall = Firewall(parse(DOCKER))
    assert wall.decide("nat", "PREROUTING", facts()).target is Verdict.ACCEPT
    assert not wall.has("nat", "PREROUTING")
    assert not wall.has("filter", "INPUT")


def test_a_plus_at_the_end_of_an_interface_stands_for_any_ending():
    assert holds(InInterface("br-+"), facts(came_in="br-1f2e"))
    assert not holds(InInterface("br-+"), facts(came_in="docker0"))
    assert holds(OutInterface("br-+", negated=True), facts())


def test_a_negated_state_holds_for_every_other_state():
    invalid = ConnectionState(("INVALID",), negated=True)
    assert holds(invalid, facts())
    assert not holds(invalid, facts(states=("INVALID",)))


def test_local_is_what_the_machine_says_is_its_own():
    local = DestinationType("LOCAL")
    assert not holds(local, facts())
    assert holds(local, facts(is_local=lambda value: value == WEB))


# --- laws -----------------------------------------------------------------------------


def sound():
    """Rulesets as the kernel takes them: no way of jumps leads back."""
    return strategies.rulesets(V4).filter(lambda ruleset: not broken(ruleset))


INTERFACES = ["docker0", "br-0123456789ab", "lo", "eth0", ""]


@st.composite
def packets(draw, ruleset):
    """Packets near what the ruleset's rules ask for, so that many of them match."""
    numbers = [0, 2**32 - 1]
    ports = [0, 80]
    for found in ruleset:
        for match in found.matches:
            prefix = getattr(match, "prefix", None)
            if prefix is not None:
                numbers += [prefix.first.value, prefix.last.value]
            ends = [getattr(match, name, None) for name in ("first", "last")]
            ports += [end for end in ends if isinstance(end, int)]
            numbers += [end.value for end in ends if isinstance(end, Address)]
    return Facts(
        draw(st.sampled_from(["tcp", "udp", "icmp", "sctp"])),
        draw(st.sampled_from(numbers)),
        draw(st.sampled_from(numbers)),
        draw(st.sampled_from(ports)),
        draw(st.sampled_from(ports)),
        draw(st.integers(0, 20)),
        draw(st.sampled_from(INTERFACES)),
        draw(st.sampled_from(INTERFACES)),
        draw(st.sampled_from([("NEW",), ("ESTABLISHED",), ("ESTABLISHED", "DNAT")])),
        lambda value: value % 2 == 0,
    )


@given(data=st.data())
def test_the_index_of_rules_decides_as_reading_every_rule_does(data):
    ruleset = data.draw(sound())
    wall = Firewall(ruleset)
    for table in ("filter", "nat"):
        for chain in BUILT_IN[table]:
            asked = data.draw(packets(ruleset))
            indexed = wall.decide(table, chain, asked)
            read = linear(ruleset, table, chain, asked)
            assert indexed.target == read.target
            assert indexed.rule == read.rule


@given(data=st.data())
def test_a_decision_names_a_rule_that_matches_the_packet(data):
    ruleset = data.draw(sound())
    asked = data.draw(packets(ruleset))
    decision = Firewall(ruleset).decide("filter", "FORWARD", asked)
    if decision.rule is not None:
        assert decision.rule in ruleset
        assert all(holds(match, asked) for match in decision.rule.matches)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_two_rules_that_match_the_upper_one_decides(place):
    verdicts = [Verdict.DROP, Verdict.DROP, Verdict.DROP]
    verdicts[place] = Verdict.ACCEPT
    shapes = [(InInterface("eth0"),), (OutInterface("docker0"),), ()]
    steps = [
        Put(rule("filter", "FORWARD", *matches, target=verdict))
        for matches, verdict in zip(shapes, verdicts, strict=True)
    ]
    decision = Firewall(Ruleset().program(steps)).decide("filter", "FORWARD", facts())
    assert decision.target is verdicts[0]
