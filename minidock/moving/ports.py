"""Host ports: which ones others hold on the target, and how to do without.

```
 web  -p 8080:80        there: shop holds 0.0.0.0:8080/tcp   taken
 web  -p 127.0.0.1:1:1  there: shop holds 10.0.0.1:1/tcp     free
```

Docker calls them *PortBindings*.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minidock.model.document import Document, Frozen
from minidock.moving.host import HostState, name_of

__all__ = ["Held", "held_ports", "port_conflicts", "without_ports"]

_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # compares


class Held(NamedTuple):
    """A host port, and who holds it."""

    address: str
    port: str
    protocol: str
    holder: str

    def __str__(self) -> str:
        return f"{self.port}/{self.protocol}"

    def clashes(self, other: "Held") -> bool:
        """Whether both cannot be bound at once."""
        if (self.port, self.protocol) != (other.port, other.protocol):
            return False
        everywhere = {self.address, other.address} & _EVERYWHERE
        return bool(everywhere) or self.address == other.address


def _bindings(name: str, ports: Document) -> Iterator[Held]:
    for inside, bindings in ports.items():
        protocol = inside.rpartition("/")[2]
        for binding in bindings if isinstance(bindings, tuple) else ():
            if isinstance(binding, Document) and binding.text("HostPort"):
                address, port = binding.text("HostIp"), binding.text("HostPort")
                yield Held(address, port, protocol, name)


def held_ports(target: HostState, except_for: Iterable[str]) -> tuple[Held, ...]:
    """The host ports that running containers have there, those of some names apart."""
    ours = frozenset(except_for)
    return tuple(
        held
        for container in target.containers
        if name_of(container) not in ours
        for held in _bindings(
            name_of(container), container.document("NetworkSettings").document("Ports")
        )
    )


def port_conflicts(container: Document, held: tuple[Held, ...]) -> Iterator[Held]:
    """Those of the held ports that a container asks for, too."""
    asked = container.document("HostConfig").document("PortBindings")
    for wanted in _bindings(name_of(container), asked):
        yield from (other for other in held if other.clashes(wanted))


def without_ports(host: Document, taken: tuple[Held, ...]) -> Document:
    """A HostConfig in which the target chooses instead of the taken ports."""
    bindings = host.document("PortBindings")
    free = {key: _freed(key, bindings[key], taken) for key in bindings}
    return host.with_entry("PortBindings", Document(free))


def _freed(inside: str, bindings: Frozen, taken: tuple[Held, ...]) -> Frozen:
    """Bindings whose port is no taken one; "" stands for any."""
    if not isinstance(bindings, tuple):
        return bindings
    freed: list[Frozen] = []
    for binding in bindings:
        if isinstance(binding, Document):
            wanted = next(_bindings("", Document({inside: (binding,)})), None)
            if wanted and any(wanted.clashes(other) for other in taken):
                binding = binding.with_entry("HostPort", "")  # noqa: PLW2901  # changed
        freed.append(binding)
    return tuple(freed)
