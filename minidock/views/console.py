"""What the tools on the Docker host print, for looking at what Docker built.

```
host_command(world, "ip -br addr; ip route")
     │  split at ;          split at |
     ▼
 ip, bridge ─┐
 sysctl, cat ┼─▶ a text from the Machine    ──▶ sort, grep, head, wc -l ──▶ stdout
 ss, ps      │
 iptables-save, iptables -L, -S ─▶ a text from the Ruleset
```

The answer is None where a reading cannot know it: a command that changes something,
needs traffic, or shows what a World does not have. A shell line is answered wholly or
not at all.

Invariant: nothing here changes the World.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

from minidock.errors import NotFound, ProgramRefusal
from minidock.firewall.command import read_call
from minidock.firewall.render import LEGACY, NFT, save
from minidock.firewall.ruleset import Ruleset
from minidock.host.machine import host_namespace, namespace_of
from minidock.host.rules import container_rules, rules
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.topology.namespace import Namespace
from minidock.views.bridge import bridge
from minidock.views.iproute import ip
from minidock.views.iptables_list import listed
from minidock.views.sockets import processes, ss
from minidock.views.sysctl import read_file, sysctl

__all__ = ["ConsoleOutput", "container_command", "host_command"]

_TABLES = re.compile(r"(?:/\S*/)?(ip6?)tables(?:-(nft|legacy))?$")
_OTHER_STORE = (
    "# Warning: {0}tables-legacy tables present, "
    "use {0}tables-legacy-save to see them\n"
)
_SAVE = re.compile(r"(?:/\S*/)?(ip6?)tables(?:-(nft|legacy))?-save$")


class ConsoleOutput(NamedTuple):
    """What a command printed, and its exit status."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0
    why: str = ""
    """Of a refusal: what was asked, which rule refused, what would work."""

    @classmethod
    def of(cls, outputs: Sequence[Self]) -> Self:
        """What several commands of one line print; their status is that of the last.

        >>> ConsoleOutput.of([ConsoleOutput("a", code=1), ConsoleOutput("b")])
        ConsoleOutput(stdout='ab', stderr='', code=0, why='')
        """
        return cls(
            "".join(output.stdout for output in outputs),
            "".join(output.stderr for output in outputs),
            outputs[-1].code,
            outputs[-1].why,
        )


class _Place(NamedTuple):
    """Where a command runs: a namespace, and the rules and files seen there."""

    space: Namespace
    rules: Callable[[int], Ruleset]
    files: dict[str, str]
    sandboxes: tuple[str, ...]
    legacy: bool = False
    """Whether the rules are in the kernel's older store."""


def host_command(world: World, line: str) -> ConsoleOutput | None:
    """What a shell line prints on the Docker host, or None where nobody can tell.

    Cost: that of the Machine, O(n log n) in networks and containers.
    """
    place = _Place(
        host_namespace(world),
        lambda family: rules(world, family),
        _host_files(world),
        _sandboxes(world),
        legacy=world.host.legacy_firewall,
    )
    return _line(place, line)


def container_command(
    world: World, container_id: str, line: str
) -> ConsoleOutput | None:
    """What a host's tool prints in a container's network namespace, or None.

    Only what belongs to the network namespace is answered, not the container's files.
    """
    container = world.containers.get(container_id)
    space = namespace_of(world, container) if container else None
    if container is None or space is None:
        return None
    place = _Place(
        space,
        _rules_inside(world, container),
        {},
        _sandboxes(world),
        legacy=world.host.legacy_firewall,
    )
    return _line(place, line)


def _sandboxes(world: World) -> tuple[str, ...]:
    """The names of the files with which Docker keeps namespaces alive."""
    running = (item for item in world.containers.values() if item.state.running)
    names = {item.sandbox[:12] for item in running if item.network_mode != "host"}
    # All containers in host mode share one file.
    host = {"default" for item in world.containers.values() if _in_host_mode(item)}
    return tuple(sorted((names | host) - {""}))


def _in_host_mode(container: Container) -> bool:
    return container.state.running and container.network_mode == "host"


def _rules_inside(world: World, container: Container) -> Callable[[int], Ruleset]:
    if container.network_mode == "host":
        return lambda family: rules(world, family)
    return lambda family: container_rules(world, container, family)


def _host_files(world: World) -> dict[str, str]:
    host = world.host
    return {
        "/etc/resolv.conf": host.resolv_text,
        "/etc/hosts": host.hosts_file,
        "/etc/hostname": f"{host.hostname}\n",
    }


# --- the shell ------------------------------------------------------------------------


def _line(place: _Place, line: str) -> ConsoleOutput | None:
    """Commands one after the other; the last one's status is the line's."""
    outputs = []
    for command in line.split(";"):
        output = _pipeline(place, command)
        if output is None:
            return None
        outputs.append(output)
    return ConsoleOutput(
        "".join(output.stdout for output in outputs),
        "".join(output.stderr for output in outputs),
        outputs[-1].code,
    )


def _pipeline(place: _Place, command: str) -> ConsoleOutput | None:
    try:
        stages = [shlex.split(stage) for stage in command.split("|")]
    except ValueError:
        return None
    if not all(stages) or any(set("$<>&`") & set(word) for word in stages[0]):
        return None
    output = _program(place, stages[0])
    for stage in stages[1:]:
        text = _filtered(stage, output.stdout) if output else None
        if output is None or text is None:
            return None
        # A pipe's status is its last command's; of these only grep has one to tell.
        code = int(stage[0] == "grep" and not text)
        output = ConsoleOutput(text, output.stderr, code)
    return output


def _filtered(stage: list[str], text: str) -> str | None:
    lines = text.splitlines(keepends=True)
    match stage:
        case ["sort"]:
            return "".join(sorted(lines))
        case ["wc", "-l"]:
            return f"{len(lines)}\n"
        case ["head" | "tail" as end, count] if count.lstrip("-n").isdecimal():
            number = int(count.lstrip("-n"))
            return "".join(lines[:number] if end == "head" else lines[-number:])
        case ["grep", pattern]:
            return "".join(line for line in lines if _matches(pattern, line))
        case ["grep", "-v", pattern]:
            return "".join(line for line in lines if not _matches(pattern, line))
        case _:
            return None


def _matches(pattern: str, line: str) -> bool:
    """As grep's basic expressions: + ? ( ) { } and the bar are plain letters there."""
    plain = re.sub(r"([+?(){}|])", r"\\\1", pattern)
    return re.search(plain, line.rstrip("\n")) is not None


# --- the programs ---------------------------------------------------------------------


def _program(place: _Place, words: list[str]) -> ConsoleOutput | None:
    name, *arguments = words
    try:
        if tool := _TABLES.match(name):
            return _listed(place, tool, arguments)
        if saved := _SAVE.match(name):
            text = _saved(place, saved, arguments)
            if text is not None and place.legacy and saved[2] == "nft":
                return ConsoleOutput(text, _OTHER_STORE.format(saved[1]))
        else:
            text = _text(place, name, arguments)
    except ProgramRefusal as refusal:
        return ConsoleOutput(stderr=f"{refusal}\n", code=refusal.code)
    except NotFound as refusal:
        return ConsoleOutput(stderr=f"{refusal}\n", code=1)
    return None if text is None else ConsoleOutput(text)


def _text(place: _Place, name: str, arguments: list[str]) -> str | None:
    match name, arguments:
        case "ip", _:
            return ip(place.space, arguments)
        case "bridge", _:
            return bridge(place.space, arguments)
        case "sysctl", _:
            return sysctl(place.space, arguments)
        case "ss", _:
            return ss(place.space, arguments)
        case "ls", ["/var/run/docker/netns" | "/run/docker/netns"]:
            return "".join(f"{name}\n" for name in place.sandboxes)
        case "cat", _:
            return _files(place, arguments)
        case "hostname", []:
            return place.files.get("/etc/hostname")
        case "ps", ["-eo", "args"] if not place.space.name:
            return processes(place.space)
        case _:
            return None


def _files(place: _Place, paths: list[str]) -> str | None:
    texts = [place.files.get(path) or read_file(place.space, path) for path in paths]
    known = [text for text in texts if text is not None]
    return "".join(known) if known and len(known) == len(texts) else None


def _listed(
    place: _Place, program: re.Match[str], arguments: list[str]
) -> ConsoleOutput | None:
    call = read_call(arguments, V4 if program[1] == "ip" else V6)
    if not call.reads:
        return None
    found = _rules_in(place, program[2], call.family)
    return ConsoleOutput(listed(call, found))


def _rules_in(place: _Place, store: str | None, family: int) -> Ruleset:
    """The rules in a store: those of the one that is not in use are none."""
    other = {"nft": place.legacy, "legacy": not place.legacy}
    return Ruleset(family=family) if other.get(store or "") else place.rules(family)


def _saved(place: _Place, program: re.Match[str], arguments: list[str]) -> str | None:
    family = V4 if program[1] == "ip" else V6
    legacy = program[2] == "legacy" or (place.legacy and not program[2])
    backend = LEGACY if legacy else NFT
    found = _rules_in(place, program[2], family)
    match arguments:
        case []:
            return save(found, backend=backend)
        case ["-t" | "--table", table]:
            return save(found, table=table, backend=backend)
        case _:
            return None
