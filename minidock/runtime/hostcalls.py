"""Command lines on the Docker host that change it, cut out of a shell line.

```
"iptables -N mine && iptables -A mine -j DROP; ip addr"
 └─── changes ───┘   └────── changes ───────┘  └ reads ┘     host_calls ──▶ [HostCall]

 run(world, ["ufw", "deny", "8080"])  ──▶  the host's new facts, and what it prints
```

Reading commands are answered by :mod:`minidock.views.console`; these are the others.
What they change are facts that Docker finds (:class:`~minidock.model.host.HostFacts`),
so a change is kept as its words, and gives the same facts on the same World again.

Invariant: a line that changes nothing is no line of this module's.
"""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from minidock.commands import hostchanges
from minidock.commands.firewalling import with_call
from minidock.commands.ufw import ufw
from minidock.errors import ProgramRefusal
from minidock.firewall.command import read_call
from minidock.host.rules import rules
from minidock.model.host import HostFacts
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.views.ufw_status import ufw_text

__all__ = ["HostCall", "HostRun", "host_calls", "run"]

_TABLES = re.compile(r"(?:/\S*/)?ip(6?)tables(?:-(nft|legacy))?")
_UFW = re.compile(r"(?:/\S*/)?ufw")
_BETWEEN = re.compile(
    r"""\s*(;|&&|\n)\s*|((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^;&\n"']|&(?!&))+)"""
)
_YES = re.compile(r"^(?:yes|echo ['\"]?y(?:es)?['\"]?)\s*\|\s*")


class HostCall(NamedTuple):
    """One command of a shell line."""

    line: str
    words: tuple[str, ...]
    changes: bool
    """Whether it may change the host, so that a reading cannot answer it."""
    only_after_success: bool = False
    """Whether it stands after ``&&``."""


class HostRun(NamedTuple):
    """The host after a command, and what the command printed."""

    host: HostFacts
    stdout: str = ""


def host_calls(line: str) -> list[HostCall] | None:
    """The commands of a line; None if none of them changes anything.

    >>> [call.words[0] for call in host_calls("iptables -F && ip addr")]
    ['iptables', 'ip']
    >>> host_calls("iptables -L; ip addr") is None
    True
    """
    calls: list[HostCall] = []
    after = ""
    for match in _BETWEEN.finditer(line):
        if match[1]:
            after = match[1]
        elif match[2].strip():
            calls.append(_call(match[2].strip(), after == "&&"))
            after = ""
    return calls if any(call.changes for call in calls) else None


def _call(text: str, only_after_success: bool) -> HostCall:
    line = _YES.sub("", text)
    line = re.sub(r"^sudo\s+", "", line)
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    plain = not any(set("|<>$`") & set(word) for word in words)
    changes = bool(words) and plain and _changes(words)
    return HostCall(line, tuple(words), changes, only_after_success)


def _changes(words: Sequence[str]) -> bool:
    if _UFW.fullmatch(words[0]):
        return True
    if found := _TABLES.fullmatch(words[0]):
        try:
            return not read_call(words[1:], V6 if found[1] else V4).reads
        except ProgramRefusal:
            return True
    return hostchanges.is_change(words)


def run(world: World, verb: Sequence[str]) -> HostRun:
    """The host's facts after a verb, and what the command printed.

    A verb is a command line, or one of ``listen PROTOCOL PORT ADDRESS``, ``write FILE
    TEXT`` and ``outside COMMAND...``, which stand for what happens on the host and
    behind it.

    Raises:
        Refusal: the command refuses; nothing is changed.
    """
    name, *arguments = verb
    host = world.host
    if name == "listen":
        protocol, port, address = arguments
        return HostRun(hostchanges.with_listener(host, protocol, int(port), address))
    if name == "write":
        return HostRun(hostchanges.with_file(host, *arguments))
    if name == "outside":
        return HostRun(hostchanges.changed_outside(host, arguments))
    if found := _TABLES.fullmatch(name):
        return HostRun(_firewall(world, found, arguments))
    if _UFW.fullmatch(name):
        return _ufw(world, arguments)
    changed = hostchanges.changed(host, verb)
    if name == "sysctl" and changed is not None:
        return HostRun(changed, hostchanges.settings_text(arguments))
    return HostRun(host if changed is None else changed)


def _ufw(world: World, arguments: Sequence[str]) -> HostRun:
    said = ufw_text(world.host.ufw, arguments)
    if said is not None:
        return HostRun(world.host, said)
    found = ufw(world.host, arguments, world.sequence, lambda v: rules(world, v))
    return HostRun(*found)


def _firewall(
    world: World, program: re.Match[str], arguments: Sequence[str]
) -> HostFacts:
    family = V6 if program[1] else V4
    call = read_call(arguments, family)
    other = {
        "nft": world.host.legacy_firewall,
        "legacy": not world.host.legacy_firewall,
    }
    if other.get(program[2] or "", False):
        raise ProgramRefusal(
            f"{program[0]}: this store of rules is not in use",
            code=4,
            asked=f"change rules with {program[0]}",
            rule="a host here keeps its rules in one of the kernel's two stores",
            remedy=program[0].removesuffix(f"-{program[2]}"),
        )
    return with_call(world.host, call, rules(world, family), world.sequence)
