"""What people do to the host's firewall by ``iptables``, between Docker's own rules.

```
iptables -I DOCKER-USER 1 -j DROP   ──read_call──▶  Call ──┐
                     Docker's and others' rules so far ──┼──▶ HostFacts.firewall + 1
                     the World's sequence, now ──────────┘    or iptables' refusal
```

Like an address or a route, such a change is a fact that Docker finds: the reading of
the rules (:mod:`minidock.host.rules`) takes it in its turn between Docker's steps. So a
rule of Docker's that somebody deleted stays away until Docker writes it again.

Invariant: a change that is kept did something when it was made; a refused one is not
kept. Limits: Docker does not notice that its chains are gone, where a real engine
refuses to publish a port; chains are not renamed.
"""

from collections.abc import Iterator
from dataclasses import replace

from minidock.errors import ProgramRefusal
from minidock.firewall.command import NO_FILTERING, Call, bad_words, plainly
from minidock.firewall.extensions import RESET, Reject
from minidock.firewall.rule import (
    ChecksumFill,
    Dnat,
    InInterface,
    Jump,
    Masquerade,
    OutInterface,
    Protocol,
    Rule,
    Snat,
    Verdict,
)
from minidock.firewall.ruleset import BUILT_IN, Ruleset
from minidock.firewall.words import words_of
from minidock.model.host import FirewallChange, HostFacts

__all__ = ["with_call"]

_GONE = "No chain/target/match by that name."
_NO_SUCH_RULE = "Bad rule (does a matching rule exist in that chain?)."
_TOO_BIG = {"-D": "deletion", "-I": "insertion", "-R": "replacement"}
# The built-in chains of nat in which the kernel can do each translation.
_NATS: dict[type, tuple[str, ...]] = {
    Dnat: ("PREROUTING", "OUTPUT"),
    Snat: ("POSTROUTING", "INPUT"),
    Masquerade: ("POSTROUTING",),
}


def with_call(host: HostFacts, call: Call, rules: Ruleset, turn: int) -> HostFacts:
    """The host after an ``iptables`` command, given its rules of that family so far.

    Raises:
        ProgramRefusal: iptables would refuse; its text and exit status.
    """
    changes = tuple(
        replace(change, turn=turn, family=call.family)
        for change in _changes(call, rules)
    )
    return replace(host, firewall=(*host.firewall, *changes)) if changes else host


def _changes(call: Call, rules: Ruleset) -> Iterator[FirewallChange]:
    """What has to be remembered; turn and family are filled in by the caller."""
    table = rules.table(call.table)
    chains = {chain.name: chain for chain in table.chains}
    match call.operation:
        case "-N":
            if call.chain in chains:
                raise plainly(call.family, "Chain already exists.")
            yield _change(call, "-N", call.chain)
        case "-F" | "-Z" if call.chain and call.chain not in chains:
            raise plainly(call.family, _GONE)
        case "-F":
            yield _change(call, "-F", *_named(call))
        case "-X":
            _check_removable(call, rules)
            yield _change(call, "-X", *_named(call))
        case "-P":
            yield _change(call, "-P", call.chain, str(call.policy))
        case "-A" | "-I" | "-R":
            if call.chain not in chains:
                raise plainly(call.family, _GONE)
            for rule in call.rules:
                _check_rule(call, rule, rules)
            yield from _putting(call, chains[call.chain].rules)
        case "-D":
            there = chains[call.chain].rules if call.chain in chains else ()
            yield from _taking(call, there)


def _change(call: Call, *words: str) -> FirewallChange:
    option = () if call.table == "filter" else ("-t", call.table)
    return FirewallChange(words=(*option, *words))


def _named(call: Call) -> tuple[str, ...]:
    return (call.chain,) if call.chain else ()


def _putting(call: Call, there: tuple[Rule, ...]) -> Iterator[FirewallChange]:
    place = call.number
    if place > len(there) + (call.operation == "-I"):
        raise plainly(call.family, f"Index of {_TOO_BIG[call.operation]} too big.")
    if call.operation == "-R":
        yield _without(call, there, place)
    above = there[place - (call.operation != "-R") :] if place else ()
    for rule in call.rules:
        if not place:
            yield _change(call, "-A", call.chain, *words_of(rule))
            continue
        put = _change(call, "-I", call.chain, str(place), *words_of(rule))
        yield replace(put, above=tuple(words_of(found) for found in above))
        above = (rule, *above)


def _taking(call: Call, there: tuple[Rule, ...]) -> Iterator[FirewallChange]:
    if call.number:
        if call.number > len(there):
            raise plainly(call.family, f"Index of {_TOO_BIG['-D']} too big.")
        yield _without(call, there, call.number)
    for rule in call.rules:
        if rule not in there:
            raise plainly(call.family, _NO_SUCH_RULE)
        yield _change(call, "-D", call.chain, *words_of(rule))


def _without(call: Call, there: tuple[Rule, ...], number: int) -> FirewallChange:
    """The rule of this number is taken away: by its words, as numbers change."""
    rule = there[number - 1]
    taken = _change(call, "-D", call.chain, *words_of(rule))
    return replace(taken, which=there[:number].count(rule))


def _check_removable(call: Call, rules: Ruleset) -> None:
    table = rules.table(call.table)
    targets = {
        rule.target.chain
        for chain in table.chains
        for rule in chain.rules
        if isinstance(rule.target, Jump)
    }
    made = {chain.name: chain for chain in table.chains}
    if call.chain and call.chain not in made:
        raise plainly(call.family, _GONE)
    for name in [call.chain] if call.chain else list(made):
        built_in = name in BUILT_IN[call.table]
        if built_in and not call.chain:
            continue
        if built_in or name in targets or made[name].rules:
            raise ProgramRefusal(
                bad_words(
                    call.family, " CHAIN_DEL failed (Device or resource busy)"
                ).text.splitlines()[0]
                + f": chain {name}",
                code=4,
                rule="only an empty chain that nothing jumps to can be deleted",
                remedy=f"-F {name}, and delete the rules that jump to it",
            )


def _check_rule(call: Call, rule: Rule, rules: Ruleset) -> None:
    """Refuse what iptables or the kernel refuse for this chain."""
    if isinstance(rule.target, Jump):
        _check_jump(call, rule, rule.target.chain, rules)
    if call.table == "nat" and rule.target is Verdict.DROP:
        raise bad_words(call.family, NO_FILTERING)
    for match in rule.matches:
        if isinstance(match, InInterface) and rule.chain in {"OUTPUT", "POSTROUTING"}:
            raise bad_words(call.family, f"Can't use -i with {rule.chain}\n")
        if isinstance(match, OutInterface) and rule.chain in {"INPUT", "PREROUTING"}:
            raise bad_words(call.family, f"Can't use -o with {rule.chain}\n")
    _check_target(call, rule)


def _check_target(call: Call, rule: Rule) -> None:
    target, built_in = rule.target, rule.chain in BUILT_IN[rule.table]
    if isinstance(target, Dnat | Snat | Masquerade):
        here = rule.table == "nat" and not built_in
        if not here and (rule.table != "nat" or rule.chain not in _NATS[type(target)]):
            raise _invalid(call, rule)
        ported = _protocols(rule) & {"tcp", "udp", "sctp", "dccp"}
        if isinstance(target, Dnat | Snat) and target.port and not ported:
            text = "Need TCP, UDP, SCTP or DCCP with port specification"
            raise bad_words(call.family, text)
    if isinstance(target, Reject) and (
        rule.table != "filter"
        or (target.kind == RESET and "tcp" not in _protocols(rule))
    ):
        raise _invalid(call, rule)
    if isinstance(target, ChecksumFill) and rule.table != "mangle":
        raise _invalid(call, rule)


def _protocols(rule: Rule) -> set[str]:
    return {match.name for match in rule.matches if isinstance(match, Protocol)}


def _check_jump(call: Call, rule: Rule, name: str, rules: Ruleset) -> None:
    chains = {chain.name: chain for chain in rules.table(call.table).chains}
    if name not in chains or name in BUILT_IN[call.table]:
        raise bad_words(call.family, f"Chain '{name}' does not exist")
    seen: set[str] = set()
    open_ends = [name]
    while open_ends:
        found = open_ends.pop()
        if found == rule.chain:
            raise _invalid(call, rule, "Too many links")
        seen.add(found)
        open_ends += [
            other.target.chain
            for other in chains[found].rules
            if isinstance(other.target, Jump) and other.target.chain not in seen
        ]


def _invalid(call: Call, rule: Rule, why: str = "Invalid argument") -> ProgramRefusal:
    """What the kernel itself refuses, so that iptables cannot say more."""
    did = {"-A": "APPEND", "-I": "INSERT", "-R": "REPLACE"}[call.operation]
    first = bad_words(call.family, f" RULE_{did} failed ({why})").text.splitlines()[0]
    return ProgramRefusal(
        f"{first}: rule in chain {rule.chain}",
        code=4,
        asked=f"put a rule into {rule.chain} of the table {rule.table}",
        rule="the kernel has no use for this target in this chain",
        remedy="DNAT in nat PREROUTING and OUTPUT, MASQUERADE in nat POSTROUTING, "
        "REJECT in filter",
    )
