"""The variables that a legacy ``--link`` gives a container.

```
--link db:database, db exposes 5432 and has PASSWORD set
   DATABASE_PORT=tcp://172.17.0.2:5432          the default port
   DATABASE_PORT_5432_TCP=tcp://172.17.0.2:5432
   DATABASE_PORT_5432_TCP_ADDR, _PORT, _PROTO
   DATABASE_NAME=/web/database
   DATABASE_ENV_PASSWORD=...
```

The order of the ports, and so which one is the default, differs by era; a run of
consecutive ports also gives _START and _END variables. Docker's source: moby,
``daemon/links/links.go``. The alias is upper-cased and ``-`` becomes ``_``; nothing
else is changed, so a dot stays.
"""

from collections.abc import Sequence
from typing import NamedTuple

from minidock.eras import Era, LinkOrder
from minidock.model.container import Container
from minidock.model.world import World
from minidock.ports.wanted import port_of

__all__ = ["Port", "link_variables", "variables_of"]


class Port(NamedTuple):
    """An exposed port."""

    number: int
    protocol: str


def _sorted(ports: Sequence[Port], order: LinkOrder) -> list[Port]:
    if order is LinkOrder.BY_NUMBER:
        return sorted(ports, key=lambda p: (p.number, p.protocol != "tcp"))
    return sorted(ports, key=lambda p: (p.protocol != "tcp", p.protocol, p.number))


def _runs(ports: Sequence[Port], order: LinkOrder) -> list[list[Port]]:
    """Runs of consecutive numbers; before 28 the protocol did not matter."""
    runs: list[list[Port]] = []
    for port in ports:
        last = runs[-1][-1] if runs else None
        joins = last is not None and (
            last.number + 1 == port.number and last.protocol == port.protocol
            if order is LinkOrder.TCP_FIRST
            # Odd on purpose: one number in two protocols extends a run as well.
            else last.number <= port.number <= last.number + 1
        )
        if joins:
            runs[-1].append(port)
        else:
            runs.append([port])
    return runs


def _range_block(prefix: str, address: str, run: Sequence[Port]) -> list[str]:
    first, last = run[0], run[-1]
    head = f"{prefix}_PORT_{first.number}_{first.protocol.upper()}"
    tail = f"{prefix}_PORT_{first.number}_{last.protocol.upper()}"
    return [
        f"{head}_START={first.protocol}://{address}:{first.number}",
        f"{head}_ADDR={address}",
        f"{head}_PROTO={first.protocol}",
        f"{head}_PORT_START={first.number}",
        f"{tail}_END={last.protocol}://{address}:{last.number}",
        f"{tail}_PORT_END={last.number}",
    ]


def _port_block(prefix: str, address: str, port: Port) -> list[str]:
    head = f"{prefix}_PORT_{port.number}_{port.protocol.upper()}"
    return [
        f"{head}={port.protocol}://{address}:{port.number}",
        f"{head}_ADDR={address}",
        f"{head}_PORT={port.number}",
        f"{head}_PROTO={port.protocol}",
    ]


def _by_number(prefix: str, address: str, ports: list[Port]) -> list[str]:
    lines: list[str] = []
    for run in _runs(ports, LinkOrder.BY_NUMBER):
        if len(run) > 1:
            lines += _range_block(prefix, address, run)
    for port in ports:
        lines += _port_block(prefix, address, port)
    return lines


def _tcp_first(prefix: str, address: str, ports: list[Port]) -> list[str]:
    """Each range block stands after the first port that is outside the run."""
    lines: list[str] = []
    closed: list[Port] = []
    for run in _runs(ports, LinkOrder.TCP_FIRST):
        for place, port in enumerate(run):
            lines += _port_block(prefix, address, port)
            if place == 0 and len(closed) > 1:
                lines += _range_only(prefix, address, closed)
        closed = run
    if len(closed) > 1:
        lines += _range_only(prefix, address, closed)
    return lines


def _range_only(prefix: str, address: str, run: Sequence[Port]) -> list[str]:
    block = _range_block(prefix, address, run)
    return [line for line in block if "_START=" in line or "_END=" in line]


def variables_of(  # noqa: PLR0917 - a pure table of inputs, in the order Docker names them
    era: Era,
    parent: str,
    alias: str,
    address: str,
    ports: Sequence[Port],
    environment: Sequence[str],
) -> list[str]:
    """The variables of one link; O(ports log ports).

    >>> from minidock.eras import era_named
    >>> variables_of(era_named("28"), "web", "db", "172.17.0.2", [Port(80, "tcp")], [])
    ['DB_PORT=tcp://172.17.0.2:80', 'DB_PORT_80_TCP=tcp://172.17.0.2:80', \
'DB_PORT_80_TCP_ADDR=172.17.0.2', 'DB_PORT_80_TCP_PORT=80', \
'DB_PORT_80_TCP_PROTO=tcp', 'DB_NAME=/web/db']
    """
    # Of an alias with slashes, the variables carry the last part only.
    prefix = alias.rpartition("/")[2].upper().replace("-", "_")
    order = era.link_order
    ordered = _sorted(ports, order)
    lines: list[str] = []
    if ordered:
        first = ordered[0]
        lines.append(f"{prefix}_PORT={first.protocol}://{address}:{first.number}")
        spell = _by_number if order is LinkOrder.BY_NUMBER else _tcp_first
        lines += spell(prefix, address, ordered)
    lines.append(f"{prefix}_NAME=/{parent}/{alias}")
    for entry in environment:
        key, equals, _ = entry.partition("=")
        if equals and key not in {"HOME", "PATH"}:
            lines.append(f"{prefix}_ENV_{entry}")
    return lines


def link_variables(world: World, container: Container) -> list[str]:
    """All variables that a container's links give it, in the order of the links."""
    own = container.endpoint_on("bridge")
    if own is None or not own.attached:
        return []
    lines: list[str] = []
    for link in container.links:
        child = world.containers.get(link.child)
        place = child.endpoint_on("bridge") if child else None
        if child is None or place is None or place.address is None:
            continue
        ports = [
            Port(number, protocol)
            for number, protocol in map(port_of, child.config.document("ExposedPorts"))
        ]
        lines += variables_of(
            world.era,
            container.name,
            link.alias,
            str(place.address),
            ports,
            child.config.texts("Env"),
        )
    return lines
