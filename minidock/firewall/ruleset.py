"""The firewall of one network namespace: tables of chains of rules, and how they grow.

```
Ruleset (IPv4)
├── filter   INPUT ▸ACCEPT   FORWARD ▸DROP   OUTPUT ▸ACCEPT   DOCKER  DOCKER-USER ...
└── nat      PREROUTING  INPUT  OUTPUT  POSTROUTING           DOCKER
             └─────── built in: have a policy ─────┘          └ made: entered by Jump

   insert ──▶ ┌──────────┐
   (the top)  │ rule     │  a packet meets the rules from top to bottom;
              │ rule     │  the first match with a verdict decides
   append ──▶ └──────────┘
```

Nobody writes a ruleset as a whole; it grows by the steps of
:mod:`minidock.firewall.steps`, and :meth:`Ruleset.program` takes a list of them.

Invariants, named by :func:`minidock.firewall.invariants.broken`: tables and chains
stand in the order in which ``iptables-save`` prints them; exactly the built-in chains
have a policy; every jump leads to a chain of its own table, and no way of jumps leads
back to where it began.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from minidock.errors import Conflict, InvalidParameter, NotFound
from minidock.firewall.rule import Jump, Rule, Verdict
from minidock.firewall.steps import (
    Add,
    Empty,
    NewChain,
    Place,
    Put,
    SetPolicy,
    Step,
    Take,
    Unmake,
)
from minidock.net.address import V4

__all__ = [
    "BUILT_IN",
    "Chain",
    "Ruleset",
    "Table",
    "steps_of",
]

# Tables as iptables-nft walks them, chains as a packet meets them.
BUILT_IN: dict[str, tuple[str, ...]] = {
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
    "raw": ("PREROUTING", "OUTPUT"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
}


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain; only a built-in one has a policy."""

    name: str
    rules: tuple[Rule, ...] = ()
    policy: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its built-in chains in packet order, then the others by name."""

    name: str
    chains: tuple[Chain, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in BUILT_IN:
            raise NotFound(
                f"can't initialize iptables table `{self.name}': Table does not exist "
                "(do you need to insmod?)",
                asked=f"use the table {self.name}",
                rule="the kernel has a fixed list of tables",
                remedy=f"one of {', '.join(BUILT_IN)}",
            )
        given = {chain.name: chain for chain in self.chains}
        fixed = BUILT_IN[self.name]
        chains = [given.pop(name, Chain(name, (), Verdict.ACCEPT)) for name in fixed]
        chains += sorted(given.values(), key=lambda chain: chain.name)
        object.__setattr__(self, "chains", tuple(chains))

    def chain(self, name: str) -> Chain:
        """The chain of this name.

        >>> Table("nat").chain("POSTROUTING").policy
        <Verdict.ACCEPT: 'ACCEPT'>
        >>> Table("nat").chain("FORWARD")
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: iptables: No chain/target/match by that name.
        """
        for chain in self.chains:
            if chain.name == name:
                return chain
        raise _no_chain(self.name, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """All tables of one family in one namespace; see the module's picture.

    A table is there from the first time something was put into it, as in the kernel.
    """

    family: int = V4
    tables: tuple[Table, ...] = ()

    def __post_init__(self) -> None:
        order = list(BUILT_IN)
        ordered = sorted(self.tables, key=lambda table: order.index(table.name))
        object.__setattr__(self, "tables", tuple(ordered))

    def __bool__(self) -> bool:
        return bool(self.tables)

    def __iter__(self) -> Iterator[Rule]:
        for table in self.tables:
            for chain in table.chains:
                yield from chain.rules

    def table(self, name: str) -> Table:
        """The table of this name; one that nobody touched has only built-in chains."""
        for table in self.tables:
            if table.name == name:
                return table
        return Table(name)

    def chain(self, table: str, name: str) -> Chain:
        """A chain of a table, or NotFound."""
        return self.table(table).chain(name)

    def rules(self, table: str, chain: str) -> tuple[Rule, ...]:
        """The rules of a chain, top to bottom; () where there is no such chain."""
        found = (c.rules for c in self.table(table).chains if c.name == chain)
        return next(found, ())

    def __contains__(self, rule: Rule) -> bool:
        return rule in self.rules(rule.table, rule.chain)

    def with_table(self, name: str) -> "Ruleset":
        """With this table there, be it empty: what looking at it does to the kernel."""
        return _with_table(self, self.table(name))

    def new_chain(self, table: str, name: str) -> "Ruleset":
        """With a new, empty chain (``iptables -N``).

        >>> Ruleset().new_chain("nat", "DOCKER").new_chain("nat", "DOCKER")
        Traceback (most recent call last):
        ...
        minidock.errors.Conflict: iptables: Chain already exists.
        """
        if any(chain.name == name for chain in self.table(table).chains):
            raise Conflict(
                "iptables: Chain already exists.",
                asked=f"make the chain {name} in the table {table}",
                rule="chains of a table have different names",
                remedy="use the chain that is there",
            )
        return _with_chain(self, table, Chain(name))

    def append(self, rule: Rule) -> "Ruleset":
        """With the rule at the bottom of its chain, even twice (``iptables -A``)."""
        chain = _chain_for(self, rule)
        return _with_rules(self, rule.table, chain, (*chain.rules, rule))

    def insert(self, rule: Rule) -> "Ruleset":
        """With the rule at the top of its chain, even twice (``iptables -I``)."""
        chain = _chain_for(self, rule)
        return _with_rules(self, rule.table, chain, (rule, *chain.rules))

    def delete(self, rule: Rule) -> "Ruleset":
        """Without the first rule like this one (``iptables -D``); O(rules of it).

        >>> from minidock.firewall.rule import rule
        >>> Ruleset().delete(rule("filter", "INPUT", target=Verdict.DROP))
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: iptables: Bad rule (does a matching rule exist \
in that chain?).
        """
        chain = self.chain(rule.table, rule.chain)
        if rule not in chain.rules:
            raise NotFound(
                "iptables: Bad rule (does a matching rule exist in that chain?).",
                asked=f"delete a rule from {rule.chain}",
                rule="a rule is deleted by writing it exactly as it stands",
                remedy="look at the chain's rules, and copy one",
            )
        rules = list(chain.rules)
        rules.remove(rule)
        return _with_rules(self, rule.table, chain, rules)

    def set_policy(self, table: str, chain: str, policy: Verdict) -> "Ruleset":
        """With this policy on a built-in chain (``iptables -P``)."""
        if chain not in BUILT_IN.get(table, ()):
            raise _not_built_in(chain, policy)
        found = replace(self.chain(table, chain), policy=policy)
        return _with_chain(self, table, found)

    def program(self, steps: Iterable[Step], *, forgiving: bool = False) -> "Ruleset":
        """After all these steps, in order; O(rules + steps).

        A forgiving program passes over a rule whose chain is gone: so does Docker when
        somebody took its chains away.

        >>> from minidock.firewall.rule import rule
        >>> jump = rule("filter", "FORWARD", target=Jump("DOCKER"))
        >>> made = NewChain("filter", "DOCKER")
        >>> after = Ruleset().program([made, Put(jump), Put(jump)])
        >>> len(after.rules("filter", "FORWARD"))
        1
        >>> Ruleset().program([Put(jump)])
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: iptables: No chain/target/match by that name.
        """
        draft = _Draft(self, forgiving=forgiving)
        for step in steps:
            draft.take(step)
        return draft.finished()


class _Draft:
    """A ruleset while it is being programmed: chains are frozen once, at the end."""

    def __init__(self, start: Ruleset, *, forgiving: bool) -> None:
        self._family = start.family
        self._forgiving = forgiving
        self._tables = {table.name: _open(table) for table in start.tables}

    def take(self, step: Step) -> None:
        """Take one step."""
        match step:
            case NewChain(table, name):
                self._table(table).setdefault(name, _Desk(Chain(name)))
            case SetPolicy(table=table, chain=name, policy=policy):
                if name not in BUILT_IN.get(table, ()):
                    raise _not_built_in(name, policy)
                self._table(table)[name].policy = policy
            case Put(rule) | Add(rule=rule) | Take(rule=rule):
                desk = self._table(rule.table).get(rule.chain)
                if desk is not None and self._fits(rule):
                    desk.take(step)
                elif not self._forgiving:
                    raise _no_chain(rule.table, rule.chain)
            case Empty(table, name):
                for found, desk in self._table(table).items():
                    if name in {"", found}:
                        desk.clear()
            case Unmake(table, name):
                self._unmake(table, name)

    def finished(self) -> Ruleset:
        """The ruleset after all steps."""
        tables = (
            Table(name, tuple(desk.chain(chain) for chain, desk in desks.items()))
            for name, desks in self._tables.items()
        )
        return Ruleset(family=self._family, tables=tuple(tables))

    def _table(self, name: str) -> "dict[str, _Desk]":
        if name not in self._tables:
            self._tables[name] = _open(Table(name))
        return self._tables[name]

    def _fits(self, rule: Rule) -> bool:
        """Whether the rule may stand here; raises what iptables would refuse."""
        if rule.family not in {None, self._family}:
            raise _other_family(rule, self._family)
        target = rule.target
        return not isinstance(target, Jump) or target.chain in self._table(rule.table)

    def _unmake(self, table: str, name: str) -> None:
        desks = self._table(table)
        targets = {
            rule.target.chain
            for desk in desks.values()
            for rule in desk.rules
            if isinstance(rule.target, Jump)
        }
        for found in [name] if name else list(desks):
            desk = desks.get(found)
            busy = found in targets or found in BUILT_IN[table]
            if desk is not None and not busy and not desk.rules:
                del desks[found]


def _open(table: Table) -> "dict[str, _Desk]":
    return {chain.name: _Desk(chain) for chain in table.chains}


class _Desk:
    """A chain while it is being programmed."""

    def __init__(self, chain: Chain) -> None:
        self.policy = chain.policy
        self.rules = deque(chain.rules)
        self._there = Counter(chain.rules)

    def chain(self, name: str) -> Chain:
        return Chain(name, tuple(self.rules), self.policy)

    def clear(self) -> None:
        self.rules.clear()
        self._there.clear()

    def take(self, step: Put | Add | Take) -> None:
        match step:
            case Put(rule, place):
                self._put(rule, place)
            case Add(rule=rule):
                self.rules.insert(self._place_of(step), rule)
                self._there[rule] += 1
            case Take(rule=rule, which=which):
                self._remove(rule, which)

    def _put(self, rule: Rule, place: Place) -> None:
        if self._there[rule]:
            if place is not Place.RAISE:
                return
            self._remove(rule)
        self._there[rule] += 1
        if place is Place.APPEND:
            self.rules.append(rule)
        else:
            self.rules.appendleft(rule)

    def _place_of(self, step: Add) -> int:
        for rule in step.above:
            if self._there[rule]:
                return self.rules.index(rule)
        return step.number - 1 if step.number else len(self.rules)

    def _remove(self, rule: Rule, which: int = 1) -> None:
        if not self._there[rule]:
            return
        places = [n for n, found in enumerate(self.rules) if found == rule]
        del self.rules[places[min(which, len(places)) - 1]]
        self._there[rule] -= 1


def steps_of(ruleset: Ruleset) -> tuple[Step, ...]:
    """The steps that build it from nothing: chains first, as jumps need them."""
    steps: list[Step] = []
    for table in ruleset.tables:
        made = [chain for chain in table.chains if chain.policy is None]
        steps += [NewChain(table.name, chain.name) for chain in made]
        steps += [
            SetPolicy(table=table.name, chain=chain.name, policy=chain.policy)
            for chain in table.chains
            if chain.policy not in {None, Verdict.ACCEPT}
        ]
        steps += [step for chain in table.chains for step in _filling(chain)]
    return tuple(steps)


def _filling(chain: Chain) -> Iterator[Step]:
    there: set[Rule] = set()
    for rule in chain.rules:
        yield Add(rule=rule) if rule in there else Put(rule)
        there.add(rule)


def _chain_for(ruleset: Ruleset, rule: Rule) -> Chain:
    """The chain that the rule goes into, or the refusal to put it there."""
    if rule.family not in {None, ruleset.family}:
        raise _other_family(rule, ruleset.family)
    table = ruleset.table(rule.table)
    if isinstance(rule.target, Jump):
        table.chain(rule.target.chain)
    return table.chain(rule.chain)


def _with_rules(
    ruleset: Ruleset, table: str, chain: Chain, rules: Iterable[Rule]
) -> Ruleset:
    return _with_chain(ruleset, table, replace(chain, rules=tuple(rules)))


def _with_chain(ruleset: Ruleset, table: str, chain: Chain) -> Ruleset:
    others = (old for old in ruleset.table(table).chains if old.name != chain.name)
    return _with_table(ruleset, Table(table, (*others, chain)))


def _with_table(ruleset: Ruleset, table: Table) -> Ruleset:
    others = (old for old in ruleset.tables if old.name != table.name)
    return replace(ruleset, tables=(*others, table))


def _no_chain(table: str, name: str) -> NotFound:
    return NotFound(
        "iptables: No chain/target/match by that name.",
        asked=f"use the chain {name} of the table {table}",
        rule="a chain must be made before a rule can stand in it or jump to it",
        remedy=f"iptables -t {table} -N {name}",
    )


def _not_built_in(chain: str, policy: Verdict) -> InvalidParameter:
    return InvalidParameter(
        "iptables: Bad built-in chain name.",
        asked=f"set the policy of {chain} to {policy}",
        rule="only built-in chains have a policy",
        remedy="a last rule that decides, in a chain you made",
    )


def _other_family(rule: Rule, family: int) -> InvalidParameter:
    return InvalidParameter(
        f"host/network not found: the rule is for IPv{rule.family}",
        rule=f"this is the firewall of IPv{family}",
        remedy="iptables for IPv4 addresses, ip6tables for IPv6 addresses",
    )
