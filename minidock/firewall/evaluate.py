"""What a ruleset decides about one packet, and which rule it was.

```
 chain DOCKER, 10,000 rules        grouped by the fields that a rule asks for exactly
 -d .2 ! -i br -o br tcp 80  ─┐    (dst/32, out, proto, dport): (.2, br, tcp, 80) [1]
 -d .3 ! -i br -o br tcp 80  ─┼──▶                              (.3, br, tcp, 80) [2]
 ! -i br -o br -j DROP       ─┘    (out):                       (br)              [3]
```

A packet is looked up once per group, whatever the number of rules; what is found is
read in the order of the chain, and the rest of each rule is tested then. Packet
classifiers call this *tuple space search* (Srinivasan, Suri, Varghese 1999). For
display a chain keeps its order; here only its meaning counts.

Invariants: the verdict is that of reading every rule from top to bottom; a decision
names the rule that made it, or none where a chain's policy did.

Cost: building is O(rules); a decision is O(groups + rules that match exactly) a chain.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from minidock.firewall.extensions import Log
from minidock.firewall.matching import TESTS, Facts, Test, holds, is_negated
from minidock.firewall.rule import (
    ChecksumFill,
    Destination,
    DestinationPort,
    InInterface,
    Jump,
    Match,
    OutInterface,
    Protocol,
    Rule,
    Source,
    SourcePort,
    Target,
    Verdict,
)
from minidock.firewall.ruleset import Chain, Ruleset, Table

__all__ = ["Decision", "Firewall", "linear"]


class Decision(NamedTuple):
    """What happens, and the rule that said so; no rule: the policy of the chain."""

    target: Target
    rule: Rule | None = None
    path: tuple[Rule, ...] = ()
    """The jumps that led to the rule."""


# --- groups of rules ------------------------------------------------------------------

_Field: TypeAlias = tuple[str, int]
"""A field that a rule asks for exactly; for addresses, how many bits are left out."""


def _exact(match: Match) -> tuple[_Field, int | str] | None:
    """The field and the value that a match asks for, if it asks for exactly one."""
    match match:
        case Source(prefix, False):
            shift = prefix.bits - prefix.length
            return ("source", shift), prefix.network >> shift
        case Destination(prefix, False):
            shift = prefix.bits - prefix.length
            return ("target", shift), prefix.network >> shift
        case InInterface(name, False) if not name.endswith("+"):
            return ("came_in", 0), name
        case OutInterface(name, False) if not name.endswith("+"):
            return ("goes_out", 0), name
        case Protocol(name, False):
            return ("protocol", 0), name
        case SourcePort(first, last, False) if first == last:
            return ("source_port", 0), first
        case DestinationPort(first, last, False) if first == last:
            return ("target_port", 0), first
        case _:
            return None


_Key: TypeAlias = int | str | tuple[int | str, ...]
_Getter: TypeAlias = Callable[[Facts], object]
_Rest: TypeAlias = tuple[tuple[Test, Match, bool], ...]
_Entry: TypeAlias = tuple[int, Rule, Target, _Rest]
"""A rule in its chain: its place, itself, its target, and what is left to test."""


def _getter(shape: tuple[_Field, ...]) -> _Getter:
    """The function that takes a shape's fields out of a packet."""
    places = [Facts._fields.index(name) for name, _ in shape]
    shifts = [shift for _, shift in shape]
    if not places:
        return _nothing
    plain = itemgetter(*places)
    if not any(shifts):
        return plain
    if len(places) == 1:
        return lambda facts: plain(facts) >> shifts[0]
    return lambda facts: tuple(
        [
            value >> shift if shift else value
            for value, shift in zip(plain(facts), shifts, strict=True)
        ]
    )


def _nothing(facts: Facts) -> tuple[()]:
    """The key of rules that ask for no field exactly."""
    del facts
    return ()


class _Index:
    """A chain, its rules grouped by what they ask for exactly."""

    __slots__ = ("_few", "_groups", "policy")

    def __init__(self, chain: Chain) -> None:
        self.policy = chain.policy
        self._few: list[_Entry] | None = None
        self._groups: list[tuple[_Getter, dict[object, list[_Entry]]]] = []
        if len(chain.rules) <= _FEW:
            self._few = [
                (place, rule, rule.target, tuple(map(_question, rule.matches)))
                for place, rule in enumerate(chain.rules)
            ]
            return
        groups: dict[tuple[_Field, ...], dict[object, list[_Entry]]] = {}
        for place, rule in enumerate(chain.rules):
            shape, key, rest = _taken_apart(rule)
            entry = (place, rule, rule.target, rest)
            groups.setdefault(shape, {}).setdefault(key, []).append(entry)
        self._groups = [(_getter(shape), group) for shape, group in groups.items()]

    def candidates(self, facts: Facts) -> list[_Entry]:
        """The rules whose exact fields fit, in the order of the chain."""
        if self._few is not None:
            return self._few
        found: list[_Entry] | None = None
        merged = False
        for getter, group in self._groups:
            entries = group.get(getter(facts))
            if entries is None:
                continue
            if found is None:
                found = entries
            else:
                found = [*found, *entries]
                merged = True
        if found is None:
            return _NO_ENTRIES
        return sorted(found, key=_PLACE) if merged else found


_NO_ENTRIES: list[_Entry] = []
_PLACE = itemgetter(0)


_FEW = 4
"""Chains of up to so many rules are read in turn: grouping them would cost more."""


def _question(match: Match) -> tuple[Test, Match, bool]:
    return TESTS[type(match)], match, is_negated(match)


def _taken_apart(rule: Rule) -> tuple[tuple[_Field, ...], _Key, _Rest]:
    """The fields that a rule asks for exactly, their values, and what is left."""
    fields: list[_Field] = []
    values: list[int | str] = []
    rest: list[tuple[Test, Match, bool]] = []
    for match in rule.matches:
        found = _exact(match)
        if found is None:
            rest.append(_question(match))
        else:
            fields.append(found[0])
            values.append(found[1])
    key: _Key = values[0] if len(values) == 1 else tuple(values)
    return tuple(fields), key, tuple(rest)


class Firewall:
    r"""A ruleset, made ready to be asked about packets.

    >>> from minidock.firewall.render import parse
    >>> text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n"
    >>> wall = Firewall(parse(text))
    >>> packet = Facts("tcp", 1, 2, 40000, 80, 0, "lo", "", ("NEW",), lambda _: False)
    >>> decision = wall.decide("filter", "INPUT", packet)
    >>> print(decision.target, decision.rule is not None)
    ACCEPT True
    >>> wall.decide("filter", "INPUT", packet._replace(came_in="eth0"))
    Decision(target=<Verdict.DROP: 'DROP'>, rule=None, path=())
    """

    __slots__ = ("_asked", "_tables", "family")

    def __init__(self, ruleset: Ruleset) -> None:
        self.family = ruleset.family
        self._tables = {table.name: _indexed(table) for table in ruleset.tables}
        self._asked: dict[str, tuple[str, ...]] = {}
        for table, known in self._tables.items():
            for chain in known:
                self._asked[chain] = (*self._asked.get(chain, ()), table)

    def tables_at(self, chain: str) -> tuple[str, ...]:
        """The tables whose built-in chain of this name has rules, or drops."""
        return self._asked.get(chain, ())

    def has(self, table: str, chain: str) -> bool:
        """Whether a built-in chain can decide anything: it has rules, or drops."""
        return table in self._asked.get(chain, ())

    def decide(self, table: str, chain: str, facts: Facts) -> Decision:
        """What a built-in chain of a table decides about a packet."""
        chains = self._tables.get(table)
        index = chains.get(chain) if chains else None
        if chains is None or index is None:
            return _ACCEPTED
        found = _read(chains, index, facts, ())
        if found is not None:
            return found
        return _ACCEPTED if index.policy is Verdict.ACCEPT else _DROPPED


_GOES_ON = (ChecksumFill, Log)
"""Targets after which the next rule is read."""

_ACCEPTED = Decision(Verdict.ACCEPT)
_DROPPED = Decision(Verdict.DROP)


def _indexed(table: Table) -> dict[str, _Index]:
    """The chains of a table; built-in ones that decide nothing are left out."""
    return {
        chain.name: _Index(chain)
        for chain in table.chains
        if chain.rules or chain.policy is not Verdict.ACCEPT
    }


def _read(
    chains: dict[str, _Index], index: _Index, facts: Facts, path: tuple[Rule, ...]
) -> Decision | None:
    """The first decision of a chain; None where it returns to its caller."""
    for _, rule, target, rest in index.candidates(facts):
        if rest and not _all_hold(rest, facts):
            continue
        if type(target) is Jump:
            inner = chains[target.chain]
            found = _read(chains, inner, facts, (*path, rule))
            if found is not None:
                return found
        elif target is Verdict.RETURN:
            return None
        elif type(target) not in _GOES_ON:
            return Decision(target, rule, path)
    return None


def _all_hold(rest: _Rest, facts: Facts) -> bool:
    for test, match, negated in rest:  # noqa: SIM110 - all() with a generator costs double
        if test(match, facts) is negated:
            return False
    return True


def linear(ruleset: Ruleset, table: str, chain: str, facts: Facts) -> Decision:
    """The same decision by reading every rule in turn: O(rules), and plain to see.

    It is what the words of a chain mean; a law says that :class:`Firewall` agrees.
    """
    found = _in_turn(ruleset, table, ruleset.rules(table, chain), facts, ())
    if found is not None:
        return found
    policy = ruleset.table(table).chain(chain).policy
    return Decision(policy or Verdict.ACCEPT)


def _in_turn(
    ruleset: Ruleset,
    table: str,
    rules: Iterable[Rule],
    facts: Facts,
    path: tuple[Rule, ...],
) -> Decision | None:
    for rule in rules:
        if not all(holds(match, facts) for match in rule.matches):
            continue
        match rule.target:
            case Jump(name):
                inner = ruleset.rules(table, name)
                found = _in_turn(ruleset, table, inner, facts, (*path, rule))
                if found is not None:
                    return found
            case Verdict.RETURN:
                return None
            case ChecksumFill() | Log():
                continue
            case decided:
                return Decision(decided, rule, path)
    return None
