"""Firewall values for the laws: rules of one family, and rulesets made of them."""

from hypothesis import strategies as st

from minidock.firewall.extensions import (
    REJECTIONS,
    TCP_FLAGS,
    Comment,
    DestinationRange,
    Direction,
    Limit,
    Log,
    MultiPort,
    OriginalDestination,
    OriginalPort,
    OriginalSource,
    PortSide,
    Reject,
    SourceRange,
    TcpFlags,
)
from minidock.firewall.rule import (
    PORT_PROTOCOLS,
    STATES,
    ChecksumFill,
    ConnectionState,
    Destination,
    DestinationPort,
    DestinationType,
    Dnat,
    IcmpType,
    InInterface,
    Jump,
    Masquerade,
    OutInterface,
    Protocol,
    Snat,
    Source,
    SourcePort,
    SourceType,
    Verdict,
    rule,
)
from minidock.firewall.ruleset import BUILT_IN, Ruleset
from minidock.firewall.steps import NewChain, Put
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

BITS = {V4: 32, V6: 128}
USER_CHAINS = ("DOCKER", "DOCKER-USER", "mine")
PORTS = st.integers(1, 65535)
INTERFACES = st.sampled_from(["docker0", "br-0123456789ab", "lo", "eth0", "br+"])


def families():
    return st.sampled_from([V4, V6])


def addresses(family):
    return st.integers(0, 2 ** BITS[family] - 1).map(
        lambda number: Address(number, family)
    )


def prefixes(family):
    # Length 0 matches everything, and iptables-save leaves it out.
    lengths = st.integers(1, BITS[family])
    return st.builds(Prefix.of, addresses(family), lengths)


def _ends():
    return st.tuples(PORTS, PORTS).map(sorted)


FREE_TEXT = st.text("abz09 ._\"'\\\\;$-", max_size=6)
"""What people write into comments and prefixes; words of one line."""


def _extensions(family):
    """Matches of modules that Docker's rules do not use."""
    host = addresses(family)
    ends = st.tuples(host, host).map(sorted)
    flag = st.booleans()
    return st.one_of(
        st.builds(Comment, FREE_TEXT),
        st.builds(Limit, st.integers(1, 99), st.just("min"), st.integers(1, 9)),
        st.builds(OriginalSource, prefixes(family), flag),
        st.builds(OriginalDestination, prefixes(family), flag),
        st.builds(lambda pair, no: OriginalPort(*pair, no), _ends(), flag),
        st.builds(Direction, st.sampled_from(["ORIGINAL", "REPLY"]), flag),
        st.builds(lambda pair, no: SourceRange(*pair, no), ends, flag),
        st.builds(lambda pair, no: DestinationRange(*pair, no), ends, flag),
    )


@st.composite
def matches(draw, family):
    """Matches that iptables would accept together."""
    flag = st.booleans()
    found = []
    for kind, value in (
        (Source, prefixes(family)),
        (Destination, prefixes(family)),
        (InInterface, INTERFACES),
        (OutInterface, INTERFACES),
        (ConnectionState, st.lists(st.sampled_from(STATES), min_size=1).map(tuple)),
        (SourceType, st.sampled_from(["LOCAL", "UNICAST"])),
        (DestinationType, st.sampled_from(["LOCAL", "BROADCAST"])),
    ):
        if draw(flag):
            found.append(kind(draw(value), draw(flag)))
    found += draw(st.lists(_extensions(family), max_size=2, unique_by=type))
    icmp = "icmp" if family == V4 else "ipv6-icmp"
    protocol = draw(st.sampled_from(["", icmp, *sorted(PORT_PROTOCOLS)]))
    if not protocol:
        return tuple(found)
    found.append(Protocol(protocol))
    if protocol == icmp and draw(flag):
        found.append(IcmpType(draw(st.integers(0, 255)), draw(flag)))
    if protocol in PORT_PROTOCOLS:
        for kind in (SourcePort, DestinationPort):
            if draw(flag):
                found.append(kind(*draw(_ends()), draw(flag)))
        if draw(flag):
            ranges = st.lists(_ends().map(tuple), min_size=1, max_size=3).map(tuple)
            side = draw(st.sampled_from(PortSide))
            found.append(MultiPort(draw(ranges), side, draw(flag)))
    if protocol == "tcp" and draw(flag):
        some = st.lists(st.sampled_from(TCP_FLAGS), unique=True).map(tuple)
        found.append(TcpFlags(draw(some), draw(some), draw(flag)))
    return tuple(draw(st.permutations(found)))


def targets(family):
    somewhere = st.tuples(st.none() | addresses(family), st.none() | PORTS).filter(any)
    return st.one_of(
        st.sampled_from(Verdict),
        st.sampled_from(USER_CHAINS).map(Jump),
        st.just(Masquerade()),
        st.just(ChecksumFill()),
        st.sampled_from(sorted(REJECTIONS[family])).map(Reject),
        st.builds(Log, FREE_TEXT, st.integers(0, 7)),
        somewhere.map(lambda end: Dnat(*end)),
        somewhere.map(lambda end: Snat(*end)),
    )


@st.composite
def rules(draw, family, *, chains=None):
    """A rule of this family, in one of these (table, chain) pairs."""
    table, chain = draw(st.sampled_from(chains or ALL_CHAINS))
    target = draw(targets(family))
    if isinstance(target, Jump) and chain == target.chain:
        target = Verdict.RETURN
    return rule(table, chain, *draw(matches(family)), target=target)


ALL_CHAINS = [
    (table, chain)
    for table in ("filter", "nat")
    for chain in (*BUILT_IN[table], *USER_CHAINS)
]


@st.composite
def rulesets(draw, family):
    """A ruleset whose tables have the user chains, and some rules in them."""
    chains = [NewChain(table, c) for table in ("filter", "nat") for c in USER_CHAINS]
    puts = draw(st.lists(rules(family).map(Put), max_size=12))
    return Ruleset(family=family).program([*chains, *puts])
