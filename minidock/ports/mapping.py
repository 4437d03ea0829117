"""From what a container asks to the host ports it gets: publish and withdraw.

```
 ExposedPorts      {"80/tcp"}          ┐
 PortBindings      {"80/tcp": [8080]}  ├─▶ wanted ─▶ requests ─▶ claim  ─▶ bind
 PublishAllPorts   no                  ┘             │           a port    a socket
                                                     │
      up to 17.12:  0.0.0.0             one request ─┘
      20.10:        0.0.0.0, then ::    two requests: the ports may differ
      28:           0.0.0.0 and ::      one request: the same port on both
```

A *request* wants one host port on one or more addresses. A host port that is not exact
is tried up to ten times, because the kernel may refuse the socket; each try moves the
cursor on. If one request fails, all that was claimed before is given back.

Invariants: a refusal leaves nothing claimed; ``withdraw`` after ``publish`` gives the
same holdings as before.

Docker's name: "programming external connectivity", in libnetwork's bridge driver.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from minidock.eras import Era
from minidock.errors import Refusal
from minidock.net.address import V4, V6, Address
from minidock.ports.refusals import (
    cannot_listen,
    daemon_cannot_bind,
    no_such_protocol,
    proxy_cannot,
)
from minidock.ports.sockets import HostSockets, Listener, bind_fault, overlap
from minidock.ports.spec import PROTOCOLS
from minidock.ports.table import ANY_V4, ANY_V6, PortTable
from minidock.ports.wanted import Wanted

__all__ = ["Attempt", "Endpoint", "PortMapping", "attempt", "publish", "withdraw"]

_TRIES = 10
_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132}  # IANA's; the order of 28


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMapping:
    """One host port of one endpoint, with the socket behind it."""

    container_port: int
    protocol: str
    container_address: Address
    host_ip: Address
    host_port: int

    @property
    def listener(self) -> Listener:
        """The socket on the host."""
        return Listener(self.host_ip, self.protocol, self.host_port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What publishing needs to know of a container's endpoint and its network."""

    container_v4: Address | None = None
    container_v6: Address | None = None
    default_host_ip: Address = ANY_V4
    """The network's ``host_binding_ipv4``; the daemon's ``--ip`` on `bridge`."""
    userland_proxy: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How far publishing came: the table with its cursors moved, whatever happened."""

    table: PortTable
    mappings: tuple[PortMapping, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One host port on these addresses, each leading to a container address."""

    wanted: Wanted
    targets: tuple[tuple[Address, Address], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """Where a request is served, and by whose rules."""

    endpoint: Endpoint
    host: HostSockets
    era: Era


def publish(
    table: PortTable,
    wanted: Sequence[Wanted],
    endpoint: Endpoint,
    host: HostSockets,
    *,
    era: Era,
) -> tuple[PortTable, tuple[PortMapping, ...]]:
    """Claim and bind all host ports of an endpoint, in the era's order.

    Cost: O(ports wanted). Use :func:`attempt` to keep the moved cursors of a refusal.

    >>> from minidock.eras import era_named
    >>> from minidock.ports.wanted import wanted_ports
    >>> web = Endpoint(container_v4=Address.parse("172.17.0.2"))
    >>> table = PortTable()
    >>> asked = wanted_ports(["80/tcp"], {"80/tcp": [{"HostPort": "8080"}]})
    >>> table, mappings = publish(table, asked, web, HostSockets(), era=era_named("28"))
    >>> [f"{m.host_ip} {m.host_port}" for m in mappings]
    ['0.0.0.0 8080', ':: 8080']
    >>> publish(table, asked, web, HostSockets(), era=era_named("28"))
    Traceback (most recent call last):
    ...
    minidock.errors.PortTaken: Bind for 0.0.0.0:8080 failed: port is already allocated
    """
    outcome = attempt(table, wanted, endpoint, host, era=era)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.table, outcome.mappings


def withdraw(table: PortTable, mappings: Sequence[PortMapping]) -> PortTable:
    """Give all host ports of an endpoint back; O(ports).

    >>> withdraw(PortTable(), ()) == PortTable()
    True
    """
    for mapping in mappings:
        table = table.release(mapping.host_ip, mapping.protocol, mapping.host_port)
    return table


def attempt(
    table: PortTable,
    wanted: Sequence[Wanted],
    endpoint: Endpoint,
    host: HostSockets,
    *,
    era: Era,
) -> Attempt:
    """Like :func:`publish`, but a refusal is returned, and the cursors it moved stay.

    Docker is odd here: what fails to start has still moved the cursors on.
    """
    site = _Site(endpoint=endpoint, host=host, era=era)
    mappings: list[PortMapping] = []
    for request in _requests(wanted, site):
        outcome = _serve(table, request, site)
        if outcome.refusal is not None:
            return replace(outcome, table=withdraw(outcome.table, mappings))
        table = outcome.table
        mappings += outcome.mappings
    return Attempt(table=table, mappings=tuple(mappings))


def _requests(wanted: Sequence[Wanted], site: _Site) -> Iterator[_Request]:
    if site.era.exact_ports_first:
        wanted = sorted(wanted, key=_exact_first)
    if not site.era.one_ephemeral_port:
        for one in wanted:
            for target in _targets(one, site):
                yield _Request(wanted=one, targets=(target,))
        return
    for _, alike in groupby(wanted, key=_but_for_address):
        group = tuple(alike)
        together = tuple(target for one in group for target in _targets(one, site))
        if together:
            yield _Request(wanted=group[0], targets=together)


def _but_for_address(wanted: Wanted) -> tuple[int, ...]:
    """What bindings that get one host port for all their addresses have in common."""
    return (
        wanted.container_port,
        _NUMBERS.get(wanted.protocol, 0),
        wanted.first,
        wanted.last,
    )


def _exact_first(wanted: Wanted) -> tuple[object, ...]:
    """28's order: fixed host ports before ranges, which may contain them."""
    host_ip = wanted.host_ip
    unset = (0, 0) if host_ip is None else (host_ip.family, host_ip.value)
    return (not wanted.is_exact, *_but_for_address(wanted), unset)


def _targets(wanted: Wanted, site: _Site) -> Iterator[tuple[Address, Address]]:
    """Host address and container address of each mapping that one binding becomes."""
    v4, v6 = site.endpoint.container_v4, site.endpoint.container_v6
    asked = wanted.host_ip
    chosen = site.endpoint.default_host_ip if asked is None else asked
    if not site.era.both_families:
        if v4 is not None:  # 17.12 knows one address and one mapping
            yield chosen, v4
        return
    if chosen.family == V4 and v4 is not None:
        yield chosen, v4
    # An IPv4-only container is reachable over IPv6 through the proxy, and only so.
    behind = v4 if v6 is None and site.endpoint.userland_proxy else v6
    if behind is None:
        return
    if chosen.family == V6:
        yield chosen, behind
    elif asked is None and chosen == ANY_V4 and site.host.ipv6:
        yield ANY_V6, behind


def _serve(table: PortTable, request: _Request, site: _Site) -> Attempt:
    """Claim and bind one request's port, trying again where that may help."""
    wanted = request.wanted
    if wanted.protocol not in PROTOCOLS:
        return Attempt(table=table, refusal=no_such_protocol(wanted, site.era))
    # Up to 27 a range counts as chosen by hand and is not tried again.
    together = site.era.one_ephemeral_port
    chosen = wanted.is_exact if together else wanted.first != 0
    outcome = Attempt(table=table)
    for _ in range(1 if chosen else _TRIES):
        outcome = _try(outcome.table, request, site)
        if outcome.refusal is None:
            break
    return outcome


def _try(table: PortTable, request: _Request, site: _Site) -> Attempt:
    wanted = request.wanted
    addresses = tuple(host_ip for host_ip, _ in request.targets)
    try:
        claimed, port = table.claim_all(
            addresses, wanted.protocol, wanted.first, wanted.last
        )
    except Refusal as refusal:
        return Attempt(table=table, refusal=refusal)
    mappings = tuple(
        PortMapping(
            container_port=wanted.container_port,
            protocol=wanted.protocol,
            container_address=container_address,
            host_ip=host_ip,
            host_port=port,
        )
        for host_ip, container_address in request.targets
    )
    fault = _bind(table, mappings, wanted, site)
    if fault is not None:
        return Attempt(table=withdraw(claimed, mappings), refusal=fault)
    return Attempt(table=claimed, mappings=mappings)


def _bind(
    table: PortTable, mappings: tuple[PortMapping, ...], wanted: Wanted, site: _Site
) -> Refusal | None:
    """Open the sockets; the table is the one from before the claim."""
    era, proxy = site.era, site.endpoint.userland_proxy
    for mapping in mappings:
        listener = mapping.listener
        fault = bind_fault(site.host, table, listener, dual_stack=not era.both_families)
        if fault and era.one_ephemeral_port:
            behind = mapping.container_address
            return daemon_cannot_bind(
                listener, behind, wanted, fault, userland_proxy=proxy
            )
        if fault:
            return proxy_cannot(listener, fault, era, userland_proxy=proxy)
    # Sockets of one request may overlap: the kernel lets both bind (SO_REUSEADDR), but
    # only udp goes on from there; listening on the second one fails.
    for one, other in combinations(mappings, 2):
        if wanted.protocol != "udp" and overlap(one.host_ip, other.host_ip):
            return cannot_listen(other.listener)
    return None
