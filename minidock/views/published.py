"""The published ports of a container, as few as people would write them.

```
0.0.0.0:8000 ─▶ 80 ┐
0.0.0.0:8001 ─▶ 81 ┼─▶  Port 80-81/tcp  ◀── 0.0.0.0:8000-8001, [::]:8000-8001
[::]:8000    ─▶ 80 │
[::]:8001    ─▶ 81 ┘
```

Invariants: every mapping is in exactly one Port; no two Ports of a container could be
one: their host ports, or their container's, are no neighbours, or their host addresses
differ.

Docker calls the host's side of a mapping a *port binding*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from minidock.model.container import Container
from minidock.net.address import V6, Address
from minidock.ports.mapping import PortMapping

__all__ = ["Port", "published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Host sockets that lead to one port of a container, or a run of neighbours."""

    key: str
    sockets: tuple[str, ...]
    target: str
    local: bool = False
    """Whether only the host itself can reach it (a loopback address)."""


def published(container: Container) -> Iterator[Port]:
    """Its published ports: one Port for a run of neighbours, on all host addresses."""
    every = [item for endpoint in container.endpoints for item in endpoint.mappings]
    grouped: dict[_Run, list[Address]] = {}
    for address, run in sorted(_runs(every)):
        grouped.setdefault(run, []).append(address)
    for run, hosts in sorted(grouped.items()):
        outside = _span(run.outside, run.size)
        yield Port(
            key=f"{run.protocol}/{_host(hosts[0])}:{run.outside}",
            sockets=tuple(f"{_host(address)}:{outside}" for address in hosts),
            target=f"{_span(run.inside, run.size)}/{run.protocol}",
            local=all(address.is_loopback for address in hosts),
        )


class _Run(NamedTuple):
    """Neighbouring ports of a container behind neighbouring ports of the host."""

    inside: int
    outside: int
    size: int
    protocol: str


def _runs(mappings: Iterable[PortMapping]) -> Iterator[tuple[Address, _Run]]:
    """The longest runs, by host address; O(n log n)."""

    def lane(item: PortMapping) -> tuple[Address, str, int]:
        return item.host_ip, item.protocol, item.host_port - item.container_port

    ordered = sorted(mappings, key=lambda item: (lane(item), item.host_port))
    for (address, protocol, distance), group in groupby(ordered, key=lane):
        first = size = 0
        for item in group:
            if size and item.host_port == first + size:
                size += 1
                continue
            if size:
                yield address, _Run(first - distance, first, size, protocol)
            first, size = item.host_port, 1
        yield address, _Run(first - distance, first, size, protocol)


def _span(first: int, size: int) -> str:
    return str(first) if size == 1 else f"{first}-{first + size - 1}"


def _host(address: Address) -> str:
    return f"[{address}]" if address.family == V6 else str(address)
