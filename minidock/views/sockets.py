"""Who listens on the host: the texts of `ss -l` and of `ps -eo args`.

```
Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
tcp   LISTEN 0      4096         0.0.0.0:8080      0.0.0.0:*
```

Each column is as wide as its longest cell (the header's too, unless ``-H``); addresses
are pushed to the right, so that all colons stand in one line. With ``-p`` the owner of
a socket is shown; the process ids of proxies are not decided anywhere, so they are
made up here, one after the other.
"""

from collections.abc import Iterator, Sequence

from minidock.net.address import V4, V6, Address
from minidock.topology.namespace import Namespace, Socket

__all__ = ["processes", "ss"]

_KNOWN = set("lntupH")
_RIGHT = {4, 6}
"""The columns of addresses."""
_HEADER = (
    *("Netid", "State", "Recv-Q", "Send-Q"),
    *("Local Address:", "Port", "Peer Address:", "Port", "Process"),
)
_BACKLOG = 4096
"""How many connections may wait: what Go asks for, net.core.somaxconn."""
_FIRST_PID = 20001
_DESCRIPTOR = 4
"""A proxy's socket comes after its three standard streams and a pipe."""


def ss(space: Namespace, words: Sequence[str]) -> str | None:
    r"""What `ss` prints; None unless it asks for listeners, as numbers.

    >>> ss(Namespace(name="", sockets=(Socket("tcp", 80),)), ["-lntH"])
    'LISTEN 0      4096   *:80 *:*\n'
    >>> ss(Namespace(name=""), ["-t"]) is None
    True
    """
    letters = set("".join(word.removeprefix("-") for word in words))
    plain = all(word.startswith("-") and word[1:2] != "-" for word in words)
    if not plain or not {"l", "n"} <= letters <= _KNOWN or not letters & {"t", "u"}:
        return None
    protocols = [name for name in ("udp", "tcp") if name[0] in letters]
    pids = {item: _FIRST_PID + turn for turn, item in enumerate(space.sockets)}
    owned = pids if "p" in letters else {}
    rows = [_row(item, owned.get(item, 0)) for item in _shown(space, protocols)]
    if "H" not in letters:
        rows.insert(0, _HEADER)
    # One protocol needs no column that tells which.
    return _table(rows, first=0 if len(protocols) > 1 else 1)


def processes(space: Namespace) -> str:
    """What `ps -eo args` prints: dockerd, its proxies, what the containers run."""
    return "".join(f"{line}\n" for line in ("COMMAND", *space.processes))


def _shown(space: Namespace, protocols: Sequence[str]) -> list[Socket]:
    def order(item: Socket) -> tuple[int, int, int]:
        # The kernel walks through IPv4's sockets, then IPv6's.
        family = item.address.family if item.address else V6
        return protocols.index(item.protocol), family, item.port

    shown = (item for item in space.sockets if item.protocol in protocols)
    return sorted(shown, key=order)


def _row(item: Socket, pid: int) -> tuple[str, ...]:
    tcp = item.protocol == "tcp"
    owner = f'users:(("{item.owner}",pid={pid},fd={_DESCRIPTOR}))'
    everyone = item.address and Address(0, item.address.family)
    return (
        item.protocol,
        "LISTEN" if tcp else "UNCONN",
        f"{0:<6}",
        f"{_BACKLOG if tcp else 0:<6}",
        _with_colon(item.address),
        str(item.port),
        _with_colon(everyone),
        "*",
        f" {owner}" if pid and item.owner else "",
    )


def _with_colon(address: Address | None) -> str:
    if address is None:
        return "*:"
    return f"{address}:" if address.family == V4 else f"[{address}]:"


def _table(rows: Sequence[Sequence[str]], first: int) -> str:
    if not rows:
        return ""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "".join("".join(_cells(row, widths, first)) + "\n" for row in rows)


def _cells(row: Sequence[str], widths: Sequence[int], first: int) -> Iterator[str]:
    for column in range(first, len(row)):
        glued = column in {first, 5, 7, 8}
        yield "" if glued else " "
        if column in _RIGHT:
            yield row[column].rjust(widths[column])
        else:
            yield row[column].ljust(widths[column])
