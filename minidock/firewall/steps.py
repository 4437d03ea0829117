"""The steps by which a firewall grows: one run of ``iptables`` each.

```
 Docker looks first:   iptables -C ... || iptables -I ...     Put, NewChain
 people do not:        iptables -A, -I, -D, -F, -X            Add, Take, Empty, Unmake
 both:                 iptables -P                            SetPolicy
```

Invariant: taking Docker's steps twice is taking them once, but for a raised rule.

Docker calls the check before the run *Exists* (libnetwork, ``iptables``).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from minidock.firewall.rule import Rule, Verdict

__all__ = [
    "Add",
    "Empty",
    "NewChain",
    "Place",
    "Put",
    "SetPolicy",
    "Step",
    "Take",
    "Unmake",
]


class Place(StrEnum):
    """Where :class:`Put` puts a rule."""

    APPEND = "append"  # at the bottom, unless it is there already
    INSERT = "insert"  # at the top, unless it is there already
    RAISE = "raise"  # at the top, even if that means moving it


@dataclass(frozen=True, slots=True)
class NewChain:
    """Make a chain, unless it is there."""

    table: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """Decide what happens to packets that leave a built-in chain undecided."""

    table: str
    chain: str
    policy: Verdict


@dataclass(frozen=True, slots=True)
class Put:
    """Put a rule into its chain; like Docker, first look whether it is there."""

    rule: Rule
    place: Place = Place.APPEND


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Put a rule into its chain, even if one like it is there (-A, -I)."""

    rule: Rule
    number: int = 0
    """Which rule it becomes, from 1; 0 stands for the last."""
    above: tuple[Rule, ...] = ()
    """The rules that stood from there on when it was put: the first of them that is
    still there says where it belongs, and without any the number does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Take a rule out of its chain (-D); nothing if it is not there."""

    rule: Rule
    which: int = 1
    """Of several that are alike: the first, the second ..."""


@dataclass(frozen=True, slots=True)
class Empty:
    """Take all rules out of a chain (-F); of all chains where none is named."""

    table: str
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Unmake:
    """Take an empty chain away that nothing jumps to (-X); all such without a name."""

    table: str
    chain: str = ""


Step: TypeAlias = NewChain | SetPolicy | Put | Add | Take | Empty | Unmake
