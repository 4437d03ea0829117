"""`getent`: what the C library knows of a name or an address (glibc).

```
getent hosts db           172.18.0.3      db          one family: IPv6 if there is one
getent hosts 172.18.0.3   172.18.0.3      db.app      the reverse
getent ahosts db          172.18.0.3      STREAM db   as getaddrinfo gives it, for
                          172.18.0.3      DGRAM       each kind of socket
                          172.18.0.3      RAW
```

Exit status: 0, 1 for a wrong use, 2 if something was not found.
"""

from collections.abc import Sequence

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import hosts_file
from minidock.naming.resolver import hosts_entries, names_of, resolve
from minidock.net.address import V4, V6, Address
from minidock.runtime.finished import Finished

__all__ = ["getent"]

_FAMILIES = {"ahosts": 0, "ahostsv4": V4, "ahostsv6": V6}
_OTHER = frozenset(
    "aliases ethers group gshadow initgroups netgroup networks passwd protocols rpc "
    "services shadow".split()
)
_HINT = "Try `getent --help' or `getent --usage' for more information.\n"


def getent(world: World, container: Container, words: Sequence[str]) -> Finished:
    r"""What `getent DATABASE [KEY...]` prints.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> db = next(docker.world.containers_in_order())
    >>> getent(docker.world, db, ["getent", "hosts", "db"]).stdout
    '172.18.0.2      db\n'
    >>> getent(docker.world, db, ["getent", "hosts", "nosuch"]).code
    2
    """
    if len(words) < 2:
        return Finished(stderr=f"getent: wrong number of arguments\n{_HINT}", code=1)
    database, keys = words[1], words[2:]
    if database in _OTHER:
        return Finished(code=2)
    if database not in {"hosts", *_FAMILIES}:
        return Finished(stderr=f"Unknown database: {database}\n{_HINT}", code=1)
    if not keys:
        return Finished(stdout=_all(hosts_file(world, container)))
    shown = [
        _host(world, container, key)
        if database == "hosts"
        else _sockets(world, container, key, _FAMILIES[database])
        for key in keys
    ]
    return Finished(stdout="".join(shown), code=0 if all(shown) else 2)


def _line(address: Address, rest: str) -> str:
    return f"{address!s:<15} {rest}\n"


def _all(text: str) -> str:
    """Odd on purpose: of the IPv6 entries only ::1 is shown, and as 127.0.0.1."""
    lines = []
    for address, names in hosts_entries(text):
        local = address.is_loopback and address.family == V6
        shown = Address.parse("127.0.0.1") if local else address
        if shown.family == V4:
            lines.append(_line(shown, " ".join(names)))
    return "".join(lines)


def _host(world: World, container: Container, key: str) -> str:
    try:
        address = Address.parse(key)
    except NotationError:
        return _by_name(world, container, key)
    names = names_of(world, container, address)
    return _line(address, " ".join(names)) if names else ""


def _by_name(world: World, container: Container, key: str) -> str:
    """The IPv6 addresses, else the IPv4 ones."""
    for family in (V6, V4):
        found = resolve(world, container, key, family)
        if found:
            # Of an entry in /etc/hosts all names are shown.
            whole = found.entry.partition(" ")[2] if found.source == "hosts" else ""
            name = whole or found.full_name
            return "".join(_line(address, name) for address in found.addresses)
    return ""


def _sockets(world: World, container: Container, key: str, family: int) -> str:
    """The three kinds of sockets of each address; the first line has the name."""
    found = resolve(world, container, key, family)
    lines, name = [], found.full_name
    for address in found.addresses:
        for kind in ("STREAM", "DGRAM", "RAW"):
            lines.append(_line(address, f"{kind:<6} {name}"))
            name = ""
    return "".join(lines)
