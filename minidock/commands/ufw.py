"""``ufw`` on the Docker host: the firewall that people believe guards published ports.

```
ufw deny 8080  ──▶ UfwFacts.rules + 1 (+ 1 for IPv6)
                   └─ if enabled ──▶ HostFacts.firewall: ufw-user-input ... -j DROP
```

ufw keeps its rules in files whether it is switched on or not; switched on, it writes
them into chains of its own (:mod:`minidock.commands.ufw_chains`).

Invariants: each rule is kept once for each family; switched off, ufw has no rule in the
kernel. Questions ("Proceed with operation (y|n)?") are answered with y.

Source: ufw(8); texts and exit codes of ufw 0.36.2.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from minidock.commands import ufw_chains
from minidock.commands.ufw_words import Wanted, bad_syntax, read_rule, refused, spoken
from minidock.firewall.ruleset import Ruleset
from minidock.firewall.words import read_rule as read_words
from minidock.model.host import FirewallChange, HostFacts, UfwFacts, UfwRule
from minidock.net.address import V4, V6

__all__ = ["ufw"]

_PROCEED = "Proceed with operation (y|n)? "
_ACTIONS = ("allow", "deny", "reject", "limit")

Rules = Callable[[int], Ruleset]


def ufw(
    host: HostFacts, words: Sequence[str], turn: int, rules: Rules
) -> tuple[HostFacts, str]:
    """The host after a ``ufw`` command, and what it prints.

    Args:
        host: the host as it is.
        words: what follows ``ufw``.
        turn: the World's sequence, now.
        rules: the host's rules by family, to see what is there already.

    Raises:
        ProgramRefusal: ufw refuses; its text and exit status.
    """
    forced = "--force" in words
    words = [word for word in words if word not in {"--force", "--dry-run"}]
    match words:
        case ["enable"]:
            facts = replace(host.ufw, enabled=True)
            text = "Firewall is active and enabled on system startup\n"
            return _written(host, facts, turn, rules), text
        case ["disable"]:
            text = "Firewall stopped and disabled on system startup\n"
            return _stopped(host, replace(host.ufw, enabled=False), turn), text
        case ["reload"]:
            if not host.ufw.enabled:
                return host, "Firewall not enabled (skipping reload)\n"
            return _written(host, host.ufw, turn, rules), "Firewall reloaded\n"
        case ["reset"]:
            asked = f"Resetting all rules to installed defaults. {_PROCEED}\n"
            return _stopped(host, UfwFacts(), turn), "" if forced else asked
        case ["logging", "on" | "off" | "low" as level]:
            facts = replace(host.ufw, logging=level != "off")
            text = "Logging enabled\n" if facts.logging else "Logging disabled\n"
            return _written(host, facts, turn, rules), text
        case ["default", *rest]:
            facts, text = _with_default(host.ufw, rest)
            return _written(host, facts, turn, rules), text
        case ["delete", number] if number.isdecimal():
            facts, text = _without_number(host.ufw, int(number), forced=forced)
            return _written(host, facts, turn, rules), text
        case []:
            raise bad_syntax("not enough args")
        case _:
            facts, text = _with_rule(host.ufw, read_rule(words))
            return _written(host, facts, turn, rules), text


# --- ufw's own files ------------------------------------------------------------------


def _with_default(facts: UfwFacts, words: Sequence[str]) -> tuple[UfwFacts, str]:
    ways = {"incoming": "incoming", "outgoing": "outgoing", "routed": "routed"}
    policy, way = (*words, "incoming")[:2] if words else ("", "")
    if policy not in _ACTIONS[:3] or way not in ways or len(words) > 2:
        raise bad_syntax("Invalid syntax")
    text = (
        f"Default {way} policy changed to '{policy}'\n"
        "(be sure to update your rules accordingly)\n"
    )
    match way:
        case "incoming":
            return replace(facts, incoming=policy), text
        case "outgoing":
            return replace(facts, outgoing=policy), text
        case _:
            return replace(facts, routed=policy), text


def _with_rule(facts: UfwFacts, wanted: Wanted) -> tuple[UfwFacts, str]:
    texts: list[str] = []
    for rule in wanted.rules:
        if wanted.delete:
            facts, said = _deleted(facts, rule)
        else:
            facts, said = _added(facts, rule, wanted.place)
        texts.append(f"{said} (v6)\n" if rule.six else f"{said}\n")
    return facts, "".join(texts)


def _added(facts: UfwFacts, rule: UfwRule, place: int) -> tuple[UfwFacts, str]:
    kept = list(facts.rules)
    like = [_same(old, rule) for old in kept]
    if True in like:
        at = like.index(True)
        if kept[at] == rule:
            return facts, "Skipping adding existing rule"
        kept[at] = rule
        said = "Rule updated"
    elif place:
        family = [at for at, old in enumerate(kept) if old.six == rule.six]
        if place > max(len(family), 1):
            raise refused(f"Invalid position '{place}'")
        kept.insert(family[place - 1] if family else len(kept), rule)
        said = "Rule inserted"
    else:
        kept.append(rule)
        said = "Rule added"
    if not facts.enabled:
        said = "Rules updated"
    return replace(facts, rules=tuple(kept)), said


def _same(one: UfwRule, other: UfwRule) -> bool:
    """Whether they are about the same packets."""
    return replace(one, action="", comment="") == replace(other, action="", comment="")


def _deleted(facts: UfwFacts, rule: UfwRule) -> tuple[UfwFacts, str]:
    found = [
        old for old in facts.rules if _same(old, rule) and old.action == rule.action
    ]
    if not found:
        return facts, "Could not delete non-existent rule"
    left = tuple(old for old in facts.rules if old not in found)
    said = "Rule deleted" if facts.enabled else "Rules updated"
    return replace(facts, rules=left), said


def _without_number(
    facts: UfwFacts, number: int, *, forced: bool
) -> tuple[UfwFacts, str]:
    # Numbered as they are listed: all of IPv4 first.
    listed = sorted(facts.rules, key=lambda rule: rule.six)
    if not 0 < number <= len(listed):
        raise refused(f"Could not find rule '{number}'")
    rule = listed[number - 1]
    left = tuple(old for old in facts.rules if old != rule)
    said = "Rule deleted" if facts.enabled else "Rules updated"
    text = f"{said} (v6)\n" if rule.six else f"{said}\n"
    asked = "" if forced else f"Deleting:\n {spoken(rule)}\n{_PROCEED}"
    return replace(facts, rules=left), asked + text


# --- the kernel -----------------------------------------------------------------------


def _written(host: HostFacts, facts: UfwFacts, turn: int, rules: Rules) -> HostFacts:
    """The host with these facts, and with the rules for them if ufw is on."""
    if not facts.enabled:
        return replace(host, ufw=facts)
    made = [
        FirewallChange(turn=turn, family=family, words=words)
        for family in ufw_chains.FAMILIES
        for words in _lines(facts, family, rules(family))
    ]
    kept = tuple(change for change in host.firewall if not _fills(change))
    return replace(host, ufw=facts, firewall=(*kept, *made))


def _lines(facts: UfwFacts, family: int, there: Ruleset) -> Iterator[ufw_chains.Words]:
    known = {chain.name for chain in there.table("filter").chains}
    for words in ufw_chains.chains(family):
        if words[1] not in known:
            yield words
    for words in ufw_chains.hooks(family):
        if read_words("filter", words[1], words[2:], family) not in there:
            yield words
    yield from ufw_chains.policies(facts)
    yield from ufw_chains.fill(facts, family)
    for rule in facts.rules:
        if rule.six == (family == V6):
            yield from ufw_chains.user(rule)


def _stopped(host: HostFacts, facts: UfwFacts, turn: int) -> HostFacts:
    if not host.ufw.enabled:
        return replace(host, ufw=facts)
    made = [
        FirewallChange(turn=turn, family=family, words=words)
        for family in ufw_chains.FAMILIES
        for words in ufw_chains.emptied(family)
    ]
    kept = tuple(change for change in host.firewall if not _fills(change))
    return replace(host, ufw=facts, firewall=(*kept, *made))


def _fills(change: FirewallChange) -> bool:
    """Whether it put a rule into a chain of ufw's, which ufw flushes each time."""
    prefix = "ufw-" if change.family == V4 else "ufw6-"
    return change.words[0] in {"-A", "-I"} and change.words[1].startswith(prefix)
