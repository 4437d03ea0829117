"""The commands that build a Machine on a real Linux, and those that remove it again.

```
 minidock            = the Docker host       ip netns add minidock
 ├─ docker0          = a network's bridge    ip -n minidock link add docker0 type bridge
 │   └─ veth1a2b3c4 ══ eth0                  the four steps, see attach_steps
 └─ eth0 ══ eth0     = the way out           in minidock+outside, as the host's router
 minidock-1-4f5e6d   = an overlay network    ip netns add minidock-1-4f5e6d7c8b
 └─ br0 ── vxlan0    = its way to others     made on the host, where its UDP stays
 minidock-web        = a container's sandbox ip netns add minidock-web
```

Everything happens in network namespaces of its own, so nothing else on the computer
changes, and deleting the namespaces removes all of it: both ends of a veth pair, the
bridges, routes and rules. It needs root, and the module br_netfilter, without which
frames on a bridge do not meet iptables. Containers that share a namespace (``--network
host`` or ``container:other``) need none of their own.

Two settings differ from a Docker host, so that the result works at once and the same
everywhere: IPv6 addresses are used without the check for duplicates, which takes a
second, and nothing filters by reverse path, which some distributions switch on.

Invariants: a namespace is created before it is used; ``remove`` names exactly the
namespaces that ``build`` creates; commands of one stage that run in different
namespaces do not need each other, but that the host's come first: it makes the cables.

Docker does the same through netlink, without calling any of these programs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from minidock.firewall.render import save
from minidock.host.machine import host_namespace, machine, sandbox
from minidock.host.routes import ways_back
from minidock.host.rules import container_rules, rules
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Route
from minidock.views.linux_cables import (
    cables_of,
    given_addresses,
    long_steps,
    quoted,
    route_added,
    short_steps,
    shown,
    written,
)
from minidock.views.linux_command import Command
from minidock.views.linux_overlays import overlay_devices
from minidock.views.linux_settings import early_settings, late_settings

__all__ = [
    "FAR_AWAY",
    "PREFIX",
    "Step",
    "attach_steps",
    "build",
    "cards",
    "firewall",
    "linux",
    "netns_name",
    "netns_names",
    "outside_name",
    "remove",
    "stages",
]

PREFIX = "minidock"

Firewall = Mapping[str, Mapping[int, str]]
"""By the namespace's name and the family: what iptables-restore is to read."""

FAR_AWAY = Address.parse("198.51.100.7")
"""Somebody beyond the host's router; TEST-NET-2 of RFC 5737."""

_RESTORE = {V4: "iptables-restore", V6: "ip6tables-restore"}


class Step(NamedTuple):
    """One command, and which of the four steps it belongs to."""

    name: str
    command: str


def attach_steps(world: World, container: Container, prefix: str = "") -> list[Step]:
    """The four steps of creating a container's network, for each of its networks.

    Without a prefix the commands are for the host itself, and the sandbox is called
    like the container; with one they fit what :func:`build` creates.
    """
    space, host = sandbox(world, container), host_namespace(world)
    there = f"{prefix}-{container.name}" if prefix else container.name
    return [
        Step(name, str(command))
        for cable in cables_of(Machine(host=host, sandboxes=(space,)))
        for name, command in long_steps(cable, prefix, there)
    ]


def linux(world: World, prefix: str = PREFIX) -> tuple[list[str], list[str]]:
    """The commands that build a World's machine and firewall, and that remove them."""
    built = machine(world)
    made = build(built, firewall(world), prefix, ways_back=ways_back(world))
    return [str(item) for item in made], [str(item) for item in remove(built, prefix)]


def firewall(world: World) -> dict[str, dict[int, str]]:
    """What iptables-restore reads in each namespace, by its name and the family."""
    found = {"": {V4: save(rules(world)), V6: save(rules(world, V6))}}
    for space in machine(world).sandboxes:
        container = world.containers.get(world.names.get(space.owner, ""))
        if container is not None:
            found[space.name] = {V4: save(container_rules(world, container))}
    written = {name: _written(texts) for name, texts in found.items()}
    return {name: texts for name, texts in written.items() if texts}


def _written(texts: Mapping[int, str]) -> dict[int, str]:
    return {family: text for family, text in texts.items() if text}


def build(
    machine: Machine,
    firewall: Firewall | None = None,
    prefix: str = PREFIX,
    *,
    ways_back: Iterable[Route] = (),
) -> list[Command]:
    """The commands that build a machine in namespaces of its own; O(its size)."""
    found = stages(machine, firewall, prefix, ways_back=ways_back)
    return [line for stage in found for line in stage]


def stages(
    machine: Machine,
    firewall: Firewall | None = None,
    prefix: str = PREFIX,
    *,
    quick: bool = False,
    ways_back: Iterable[Route] = (),
    alone: bool = True,
) -> list[list[Command]]:
    """The commands in four stages: names, settings, cables, rules.

    Quick ones make each cable with its far end in the sandbox, since moving it takes
    the kernel ten times as long as all the rest; what stands in the end is the same.
    ``ways_back`` are routes that machines outside have to what lies behind the host.
    A host that is not ``alone`` gets no cards and no outside: somebody else joins it
    with other hosts (:mod:`minidock.views.linux_hosts`).
    """
    names = netns_names(machine, prefix)
    if not alone:
        names = [netns_name(space, prefix) for space in machine.namespaces]
    cables = [
        Command(netns_name(space, prefix), "ip", "link set lo up")
        for space in machine.namespaces
    ]
    cables += _outside(machine, prefix) if alone else ()
    cables += _cables(machine, prefix, quick=quick)
    cables += [route_added(outside_name(prefix), route) for route in ways_back]
    return [
        [Command("", "ip", f"netns add {name}") for name in names],
        list(_settings(machine, prefix, alone=alone)),
        cables,
        [
            Command(netns_name(space, prefix), _RESTORE[family], text=text)
            for space in machine.namespaces
            for family, text in (firewall or {}).get(space.name, {}).items()
        ],
    ]


def remove(machine: Machine, prefix: str = PREFIX) -> list[Command]:
    """The commands that remove what :func:`build` made."""
    return [
        Command("", "ip", f"netns delete {name}")
        for name in netns_names(machine, prefix)
    ]


# --- namespaces -----------------------------------------------------------------------


def netns_name(space: Namespace, prefix: str = PREFIX) -> str:
    """What `ip netns` calls a namespace of the machine."""
    return f"{prefix}-{space.owner or space.name}" if space.name else prefix


def outside_name(prefix: str = PREFIX) -> str:
    """What `ip netns` calls the namespace beyond the host's cards.

    >>> outside_name()
    'minidock+outside'
    """
    # No container's name has a plus sign, so this is never a sandbox.
    return f"{prefix}+outside"


def netns_names(machine: Machine, prefix: str = PREFIX) -> list[str]:
    """All namespaces of a machine: the host, the sandboxes, what is outside."""
    names = [netns_name(space, prefix) for space in machine.namespaces]
    return [*names, outside_name(prefix)] if cards(machine) else names


def _settings(machine: Machine, prefix: str, *, alone: bool) -> Iterator[Command]:
    for space in machine.namespaces:
        yield from written(netns_name(space, prefix), early_settings(space))
    if cards(machine) and alone:
        yield from written(outside_name(prefix), early_settings(Namespace(name="")))


def _cables(machine: Machine, prefix: str, *, quick: bool) -> Iterator[Command]:
    host = machine.host
    for item in host.interfaces:
        if item.kind in _MADE:
            yield from _device(host, item, prefix)
    for space in machine.overlays:
        yield from overlay_devices(space, netns_name(space, prefix), prefix)
    for cable in cables_of(machine):
        there = netns_name(cable.space, prefix)
        steps = short_steps if quick else long_steps
        for _, command in steps(cable, prefix, there):
            yield command


def _outside(machine: Machine, prefix: str) -> Iterator[Command]:
    """The cards, and what is beyond them."""
    if cards(machine):
        yield Command(outside_name(prefix), "ip", "link set lo up")
        far = f"addr add {FAR_AWAY}/32 dev lo"
        yield Command(outside_name(prefix), "ip", far)
    for item in cards(machine):
        yield from _card(machine, item, prefix)
        yield from _routers_of_children(machine, item, outside_name(prefix))


# --- the host's side ------------------------------------------------------------------


_MADE = {InterfaceKind.BRIDGE, InterfaceKind.VLAN, InterfaceKind.DUMMY}
"""What Docker makes on the host itself."""


def cards(machine: Machine) -> list[Interface]:
    """The host's own interfaces: neither lo, nor made by Docker, nor a port."""
    inside = {space.name for space in machine.namespaces}
    virtual = {InterfaceKind.LOOPBACK, *_MADE}
    return [
        item
        for item in machine.host.interfaces
        if item.kind not in virtual and item.peer_namespace not in inside
    ]


def _card(machine: Machine, item: Interface, prefix: str) -> Iterator[Command]:
    """A card becomes a veth pair; the other end plays the host's routers."""
    host, outside = netns_name(machine.host, prefix), outside_name(prefix)
    yield Command(
        host,
        "ip",
        f"link add {quoted(item.name)} index {item.index} address {item.mac} "
        f"mtu {item.mtu} type veth "
        f"peer name {quoted(item.name)} mtu {item.mtu} netns {outside}",
    )
    for space in (host, outside):
        yield Command(space, "ip", f"link set {quoted(item.name)} up")
    device = quoted(item.name)
    for address in item.addresses:
        if address.scope == "global":
            yield Command(host, "ip", f"addr add {shown(address)} dev {device}")
    own = [route for route in machine.host.routes if route.device == item.name]
    for route in own:
        if not route.kernel:
            yield route_added(host, route)
    # The routers know what is on the host's own link and nothing of its bridges.
    for gateway in {route.gateway: route for route in own if route.gateway}:
        for address in item.addresses:
            if gateway.family == address.address.family and address.scope == "global":
                there = f"{gateway}/{address.length}"
                yield Command(outside, "ip", f"addr add {there} dev {device}")
                break


def _routers_of_children(
    machine: Machine, card: Interface, outside: str
) -> Iterator[Command]:
    """Outside knows the subnets of a card's children, and plays their routers, too."""
    known = {Prefix.of(own.address, own.length) for own in card.addresses}
    device = quoted(card.name)
    found: dict[str, None] = {}
    for space, child in machine.children(card.name):
        subnets = {Prefix.of(own.address, own.length) for own in child.addresses}
        for subnet in sorted(subnets - known, key=str):
            found[f"route replace {subnet} dev {device}"] = None
        for route in space.routes:
            gateway = route.gateway
            if gateway is None or route.device != child.name:
                continue
            if not any(gateway in subnet for subnet in known):
                found[f"addr replace {gateway}/{gateway.bits} dev {device}"] = None
    yield from (Command(outside, "ip", line) for line in found)


def _device(host: Namespace, item: Interface, prefix: str) -> Iterator[Command]:
    """A bridge, or what a macvlan network without a card of its own hangs on."""
    below = f"link {quoted(item.parent)} " if item.parent else ""
    tag = f" id {item.tag}" if item.tag else ""
    yield Command(
        prefix,
        "ip",
        f"link add {below}{quoted(item.name)} index {item.index} "
        f"address {item.mac} type {item.kind}{tag}",
    )
    yield from given_addresses(item, prefix)
    yield from written(prefix, late_settings(host, item.name))
    yield Command(prefix, "ip", f"link set {quoted(item.name)} up")
