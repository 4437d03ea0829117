"""A firewall's chains as tables, and the rules that a packet's journey met.

```
 filter FORWARD                policy DROP
 (8) 1  every packet           → DOCKER-USER         (8): hop 8 came this way
     2  every packet           → DOCKER-FORWARD
 filter DOCKER                 asked by FORWARD 2
     1  -d 172.18.0.2/32 ...   ACCEPT
```

Chains stand below those that ask them. Of long chains the first rules are shown, and
those that a journey met.

Invariants: a rule is shown at most once; the numbers are those of ``iptables -L
--line-numbers``; of every chain it is said how many rules are not shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from minidock.firewall.render import text_of
from minidock.firewall.rule import Jump, Rule
from minidock.firewall.ruleset import BUILT_IN, Chain, Ruleset, Table
from minidock.firewall.words import quoted, target_words, words_of
from minidock.packet.trace import Layer, Trace

__all__ = ["ChainTable", "Row", "marks", "rule_tables"]

_ORDER = ("raw", "mangle", "nat", "filter", "security")
_MOST = 24
_DEEPEST = 4

Marks = Mapping[str, tuple[int, ...]]
"""Which hops of a journey met a rule or a policy; the key is the entry of a hop."""


class Row(NamedTuple):
    """A rule: what a packet must be like, and what then happens to it."""

    number: int
    matches: str
    target: str
    jump: bool
    hops: tuple[int, ...] = ()


class ChainTable(NamedTuple):
    """A chain with the rows that are shown."""

    table: str
    name: str
    note: str
    """Its policy, or who asks it."""
    depth: int
    """How many jumps it is away from a built-in chain."""
    rows: tuple[Row, ...]
    left_out: int
    hops: tuple[int, ...] = ()
    """The hops at which its policy decided."""


def marks(trace: Trace) -> Marks:
    """The entries that decided on the asking host, with the jumps that led to them.

    >>> marks(Trace(source="a", target="b", protocol="tcp", outcome="dropped", why=""))
    {}
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    for hop in trace.hops:
        if hop.layer in {Layer.FIREWALL, Layer.NAT} and not hop.space:
            for entry in (*hop.path, hop.entry):
                found[entry].append(hop.number)
    return {entry: tuple(numbers) for entry, numbers in found.items()}


def rule_tables(
    ruleset: Ruleset, met: Marks | None = None, *, most: int = _MOST
) -> tuple[ChainTable, ...]:
    r"""The chains of a ruleset, in the order of the packet's way; O(rules).

    Args:
        ruleset: the rules.
        met: what a journey met (:func:`marks`): only chains that it met are shown.
        most: so many rules of a chain, beside those that were met.

    >>> from minidock.firewall.render import parse
    >>> text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n"
    >>> for chain in rule_tables(parse(text)):
    ...     print(chain.table, chain.name, chain.note, chain.rows[0][:3])
    filter INPUT policy DROP (1, '-i lo', 'ACCEPT')
    """
    tables = sorted(ruleset.tables, key=lambda table: _ORDER.index(table.name))
    shown = (item for table in tables for item in _chains(table, met or {}, most))
    if met is None:
        return tuple(shown)
    return tuple(item for item in shown if item.hops or any(r.hops for r in item.rows))


def _chains(table: Table, met: Marks, most: int) -> Iterator[ChainTable]:
    chains = {chain.name: chain for chain in table.chains}
    asked = _asked(table)
    seen: set[str] = set()
    firsts = [chain for chain in table.chains if chain.name in BUILT_IN[table.name]]
    others = [chain for chain in table.chains if chain not in firsts]
    for first in (*firsts, *others):
        for chain, depth in _below(first, chains, seen, 0):
            decides = chain.rules or chain.policy is None or chain.policy != "ACCEPT"
            if decides:
                note = f"policy {chain.policy}" if chain.policy else ""
                note = note or f"asked by {asked.get(chain.name, 'nobody')}"
                rows, decided = _rows(table.name, chain, met, most)
                yield ChainTable(
                    table=table.name,
                    name=chain.name,
                    note=note,
                    depth=depth,
                    rows=rows,
                    left_out=len(chain.rules) - len(rows),
                    hops=decided,
                )


def _asked(table: Table) -> Mapping[str, str]:
    """Which rules jump to each chain, such as "FORWARD 2, OUTPUT 1, 3"."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for chain in table.chains:
        told: set[str] = set()
        for number, rule in enumerate(chain.rules, 1):
            if isinstance(rule.target, Jump):
                name = rule.target.chain
                where = "" if name in told else f"{chain.name} "
                found[name].append(f"{where}{number}")
                told.add(name)
    return {name: ", ".join(asking) for name, asking in found.items()}


def _below(
    chain: Chain, chains: Mapping[str, Chain], seen: set[str], depth: int
) -> Iterator[tuple[Chain, int]]:
    """A chain and those that it asks, each once; no chain asks itself."""
    if chain.name in seen:
        return
    seen.add(chain.name)
    yield chain, min(depth, _DEEPEST)
    for rule in chain.rules:
        if isinstance(rule.target, Jump):
            yield from _below(chains[rule.target.chain], chains, seen, depth + 1)


def _rows(
    table: str, chain: Chain, met: Marks, most: int
) -> tuple[tuple[Row, ...], tuple[int, ...]]:
    """The rows that are shown, and the hops at which the policy decided."""
    prefix = "" if table == "filter" else f"-t {table} "
    rows = []
    left_to_find = dict(met)
    for number, rule in enumerate(chain.rules, 1):
        # Of two equal rules the first one decides.
        hops = left_to_find.pop(f"{prefix}{text_of(rule)}", ()) if met else ()
        if number <= most or hops:
            rows.append(_row(number, rule, hops))
    decided = met.get(f"{prefix}:{chain.name} {chain.policy}", ())
    return tuple(rows), decided


def _row(number: int, rule: Rule, hops: Iterable[int]) -> Row:
    target = target_words(rule.target)
    asks = words_of(rule)[: -len(target) - 1]
    matches = quoted(asks) or "every packet"
    jump = isinstance(rule.target, Jump)
    return Row(number, matches, quoted(target), jump, tuple(hops))
