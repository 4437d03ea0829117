"""A command that runs in a network namespace, and many of them as few.

```
 ip -n minidock-web addr add 10.7.0.2/24 dev eth0 ┐     ip -n minidock-web -batch - <<
 ip -n minidock-web link set eth0 up              ├──▶  addr add 10.7.0.2/24 dev eth0
 ip -n minidock-web route add default via 10.7.0.1┘     link set eth0 up
                                                        route add default via 10.7.0.1
```

A program that starts costs the kernel more than what it does to a network, so many
commands are fastest as few programs that read them from their standard input.

Invariant: :func:`batched` keeps what is done in each namespace, and its order.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

__all__ = ["Command", "batched", "chains"]


class Command(NamedTuple):
    r"""A program with its words; ``netns`` "" is where one stands, ``text`` its input.

    >>> print(Command("box", "ip", "link set lo up"))
    ip -n box link set lo up
    >>> print(Command("box", "sysctl", "-qw net.ipv4.ip_forward=1"))
    ip netns exec box sysctl -qw net.ipv4.ip_forward=1
    >>> print(Command("box", "iptables-restore", text="*nat\nCOMMIT\n"))
    ip netns exec box iptables-restore <<'END'
    *nat
    COMMIT
    END
    """

    netns: str
    program: str
    words: str = ""
    text: str = ""

    def __str__(self) -> str:
        line = f"{self._start()} {self.words}".rstrip()
        return f"{line} <<'END'\n{self.text}END" if self.text else line

    def _start(self) -> str:
        if not self.netns:
            return self.program
        if self.program == "ip":
            return f"ip -n {self.netns}"
        return f"ip netns exec {self.netns} {self.program}"


def batched(commands: Iterable[Command]) -> list[Command]:
    """The same as few commands, namespace after namespace in the order of first use.

    Only for commands that do not need those of another namespace which come later.

    >>> up = Command("box", "ip", "link set lo up")
    >>> away = Command("box", "ip", "link del eth0")
    >>> for item in batched([up, Command("", "ip", "netns add other"), away]):
    ...     print(item)
    ip -n box -batch - <<'END'
    link set lo up
    link del eth0
    END
    ip -batch - <<'END'
    netns add other
    END
    >>> batched([])
    []
    """
    return [item for chain in chains(commands) for item in chain]


def chains(commands: Iterable[Command]) -> list[list[Command]]:
    """The commands of :func:`batched`, those of each namespace for themselves."""
    spaces: dict[str, list[Command]] = {}
    for command in commands:
        spaces.setdefault(command.netns, []).append(command)
    return [list(_joined(own)) for own in spaces.values()]


def _joined(commands: list[Command]) -> Iterator[Command]:
    for (netns, program, flags), group in groupby(commands, key=_kind):
        run = list(group)
        if program == "ip":
            text = "".join(f"{item.words}\n" for item in run)
            yield Command(netns, "ip", "-batch -", text)
        elif program == "sysctl":
            keys = " ".join(item.words.partition(" ")[2] for item in run)
            yield Command(netns, "sysctl", f"{flags} {keys}")
        else:
            yield from run


def _kind(command: Command) -> tuple[str, str, str]:
    """Commands that follow each other and agree in this become one."""
    flags = command.words.partition(" ")[0] if command.program == "sysctl" else ""
    return command.netns, command.program, flags
