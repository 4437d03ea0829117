"""What a person writes for the other end: a name or address, a port, a protocol.

```
 db:6379/tcp   172.17.0.2:80   [fd00::2]:53/udp   http://web/   host:8080   outside
 db            without a port it is a ping
```

Invariants: a port is 1 to 65535 and needs a protocol that has ports (tcp if none is
given); without a port it is a ping.
"""

from dataclasses import dataclass

from minidock.errors import InvalidParameter, NotationError
from minidock.net.address import Address

__all__ = ["Target", "read_target"]

_PROTOCOLS = ("tcp", "udp", "sctp", "icmp")
_SCHEMES = {"http": 80, "https": 443, "redis": 6379, "postgres": 5432, "mysql": 3306}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to reach: a name or a literal address, a port (0 for a ping), a protocol."""

    name: str
    port: int = 0
    protocol: str = "icmp"

    @property
    def literal(self) -> Address | None:
        """The address, if the name is one."""
        try:
            return Address.parse(self.name)
        except NotationError:
            return None

    def __str__(self) -> str:
        if not self.port:
            return self.name
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port}/{self.protocol}"


def read_target(text: str) -> Target:
    """The target that a text names.

    >>> str(read_target("db:6379")), str(read_target("[::1]:53/udp"))
    ('db:6379/tcp', '[::1]:53/udp')
    >>> read_target("http://web/index.html").port, read_target("web").protocol
    (80, 'icmp')
    >>> read_target("db:99999")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid port '99999' in db:99999
    """
    scheme, there, rest = text.partition("://")
    default = _SCHEMES.get(scheme, 0) if there else 0
    if there and not default:
        raise _refused(text, f"unknown scheme {scheme!r}", "http://web or web:80")
    place = rest.partition("/")[0] if there else text
    protocol = ""
    if not there and "/" in place:
        place, _, protocol = place.rpartition("/")
        protocol = protocol.lower()
        if protocol not in _PROTOCOLS:
            raise _refused(text, f"unknown protocol {protocol!r}", "db:53/udp")
    name, port = _split(place, text)
    number = _number(port, text) if port else default
    if not name:
        raise _refused(text, "no name", "db:6379/tcp, 172.17.0.2:80 or web")
    if number and protocol == "icmp":
        raise _refused(text, "icmp has no ports", f"{name} alone for a ping")
    if not number and protocol in {"tcp", "udp", "sctp"}:
        raise _refused(text, f"{protocol} needs a port", f"{name}:80/{protocol}")
    return Target(
        name=name,
        port=number,
        protocol=protocol or ("tcp" if number else "icmp"),
    )


def _split(place: str, text: str) -> tuple[str, str]:
    """The name, and the port as it was written."""
    if place.startswith("["):
        name, bracket, rest = place[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _refused(text, "a bracket is missing", "[fd00::2]:80")
        return name, rest[1:]
    if place.count(":") > 1:
        return place, ""  # an IPv6 address without a port
    name, _, port = place.partition(":")
    return name, port


def _number(port: str, text: str) -> int:
    number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 0
    if not 1 <= number <= 65535:
        raise _refused(text, f"invalid port {port!r}", "a port from 1 to 65535")
    return number


def _refused(text: str, fault: str, remedy: str) -> InvalidParameter:
    return InvalidParameter(
        f"{fault} in {text}",
        asked=f"reach {text}",
        rule="a target is NAME, NAME:PORT or NAME:PORT/PROTOCOL",
        remedy=remedy,
    )
