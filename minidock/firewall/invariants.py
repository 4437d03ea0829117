"""What must hold of every ruleset, and the names of what does not.

```
 Ruleset ──▶ broken ──▶ ()                                 sound
                        ("filter: a rule jumps to ...",)   each fault as a sentence
```

The kernel refuses most of these rulesets; a value built by hand is only data, and so is
checked where a test or a reader wants to know.

Invariants: those that :mod:`minidock.firewall.ruleset` promises. Docker has no name for
them; in iptables they are the errors of ``iptables-restore``.
"""

from collections.abc import Iterator

from minidock.firewall.rule import Jump
from minidock.firewall.ruleset import BUILT_IN, Ruleset, Table

__all__ = ["broken"]


def broken(ruleset: Ruleset) -> tuple[str, ...]:
    """The invariants that do not hold, each as a sentence; () for a sound ruleset."""
    return tuple(
        fault for table in ruleset.tables for fault in _faults(table, ruleset.family)
    )


def _faults(table: Table, family: int) -> Iterator[str]:
    jumps: dict[str, set[str]] = {}
    for chain in table.chains:
        if (chain.policy is not None) != (chain.name in BUILT_IN[table.name]):
            yield f"{table.name} {chain.name}: only built-in chains have a policy"
        jumps[chain.name] = {
            rule.target.chain for rule in chain.rules if isinstance(rule.target, Jump)
        }
        if any(
            (rule.table, rule.chain) != (table.name, chain.name) for rule in chain.rules
        ):
            yield f"{table.name} {chain.name}: holds a rule of another chain"
        if any(rule.family not in {None, family} for rule in chain.rules):
            yield f"{table.name} {chain.name}: holds a rule of the other family"
    for name in sorted(set().union(*jumps.values()) - set(jumps)):
        yield f"{table.name}: a rule jumps to {name}, which is not there"
    for name in jumps:
        if _returns_to(name, jumps):
            yield f"{table.name} {name}: its jumps lead back to itself"


def _returns_to(start: str, jumps: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    open_ends = set(jumps[start])
    while open_ends:
        name = open_ends.pop()
        if name == start:
            return True
        seen.add(name)
        open_ends |= jumps.get(name, set()) - seen
    return False
