"""What a container wants of the host's ports, in the order the engine serves it.

```
 Config.ExposedPorts   {"443/tcp", "53/udp", "80/tcp"}
 PortBindings          {"80/tcp": ["8080"]}                  PublishAllPorts
                                                             no        yes
 served                                            443/tcp   -         pick one
                                                    80/tcp   8080      8080
                                                    53/udp   -         pick one
```

The engine starts from the *exposed* ports: a binding whose port is not exposed, word
for word, publishes nothing. The client exposes what it publishes, so this shows only
with hand-written requests.

Order: the highest container port first, tcp before the rest. Docker is odd here: its
comparison calls any two bindings of one tcp port "less" than each other, both ways, so
several bindings of one tcp port come out back to front; those of other protocols with
the highest host port first. (Where its comparison contradicts itself between ports,
Docker's order is left to chance; ours is the one above.)

Invariant: ``first == last`` (exact; 0 means "pick one") or ``first < last``.

Docker's name: ``nat.SortPortMap`` and the daemon's endpoint options.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from minidock.errors import NotationError
from minidock.net.address import V4, V6, Address
from minidock.ports.numbers import parse_number, parse_range, split_protocol
from minidock.ports.spec import PROTOCOLS, Binding, read_bindings

__all__ = ["Wanted", "host_address", "port_of", "wanted_ports"]

_MAPPED = 0xFFFF  # ::ffff:10.0.0.1 is 10.0.0.1 written as IPv6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One binding: a container port, and what is asked of the host."""

    container_port: int
    protocol: str
    """tcp, udp or sctp; Docker's number for anything else, "0"."""
    host_ip: Address | None = None
    """None: the network's default address."""
    first: int = 0
    last: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether one host port was chosen by hand."""
        return 0 < self.first == self.last


def port_of(key: str) -> tuple[int, str]:
    """Number and protocol that the engine reads from a key of a port map.

    Docker is odd here: what it cannot read counts as 0.

    >>> port_of("80/TCP"), port_of("80"), port_of("abc/tcp"), port_of("80/foo")
    ((80, 'tcp'), (80, 'tcp'), (0, 'tcp'), (80, '0'))
    """
    port, protocol = split_protocol(key)
    name = protocol.lower()
    try:
        number = parse_number(port)
    except NotationError:
        number = 0
    return number, name if name in (*PROTOCOLS, "icmp") else "0"


def host_address(text: str) -> Address | None:
    """The address a HostIp stands for; None where it is no address.

    >>> host_address("::ffff:10.0.0.1"), host_address("bad")
    (Address.parse('10.0.0.1'), None)
    """
    try:
        address = Address.parse(text)
    except NotationError:
        return None
    if address.family == V6 and address.value >> 32 == _MAPPED:
        return Address(address.value & 0xFFFFFFFF, V4)
    return address


def wanted_ports(
    exposed: Iterable[str],
    bindings: Mapping[str, object],
    *,
    publish_all: bool = False,
) -> tuple[Wanted, ...]:
    """The bindings to serve, in order; O(n log n).

    >>> asked = {"80/tcp": [{"HostPort": "8080"}, {"HostPort": "9000-9010"}]}
    >>> [(w.container_port, w.first, w.last) for w in wanted_ports(["80/tcp"], asked)]
    [(80, 9000, 9010), (80, 8080, 8080)]
    >>> wanted_ports([], asked)
    ()
    """
    return tuple(
        wanted
        for key in sorted(exposed, key=_highest_first)
        for wanted in _bindings_of(key, bindings, publish_all=publish_all)
    )


def _highest_first(key: str) -> tuple[int, bool, str]:
    number, protocol = port_of(key)
    return -number, protocol != "tcp", key


def _bindings_of(
    key: str, bindings: Mapping[str, object], *, publish_all: bool
) -> Iterator[Wanted]:
    number, protocol = port_of(key)
    asked = [
        _read(number, protocol, entry) for entry in read_bindings(bindings.get(key))
    ]
    if not asked and publish_all:
        asked = [Wanted(container_port=number, protocol=protocol)]
    if protocol == "tcp":
        asked.reverse()
    else:
        asked.sort(key=lambda wanted: -wanted.first)
    yield from asked


def _read(number: int, protocol: str, binding: Binding) -> Wanted:
    port, _ = split_protocol(binding["HostPort"])
    first, last = parse_range(port) if port else (0, 0)
    return Wanted(
        container_port=number,
        protocol=protocol,
        host_ip=host_address(binding["HostIp"]),
        first=first,
        last=last,
    )
