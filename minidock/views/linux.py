"""The commands that build a Machine on a real Linux, and those that remove it again.

```
 minidock            = the Docker host       ip netns add minidock
 ├─ docker0          = a network's bridge    ip -n minidock link add docker0 type bridge
 │   └─ veth1a2b3c4 ══ eth0                  the four steps, see attach_steps
 └─ eth0 ══ eth0     = the way out           in minidock+outside, as the host's router
 minidock-web        = a container's sandbox ip netns add minidock-web
```

Everything happens in network namespaces of its own, so nothing else on the computer
changes, and deleting the namespaces removes all of it: both ends of a veth pair, the
bridges, routes and rules. It needs root.

Invariants: a namespace is created before it is used; ``remove`` names exactly the
namespaces that ``build`` creates.

Docker does the same through netlink, without calling any of these programs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from minidock.firewall.render import commands
from minidock.host.machine import host_namespace, machine, sandbox
from minidock.host.rules import container_rules, rules
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Route

__all__ = ["PREFIX", "Step", "attach_steps", "build", "firewall", "linux", "remove"]

PREFIX = "minidock"

# Settings that every namespace has of its own; the rest belongs to the real host.
_OWN_SETTINGS = (
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.conf.",
    "net.ipv6.conf.",
)


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
    ports = {item.index: item for item in host.interfaces if item.master}
    there = f"{prefix}-{container.name}" if prefix else container.name
    return [
        step
        for item in space.interfaces
        if item.peer_index in ports
        for step in _four_steps(ports[item.peer_index], space, item, prefix, there)
    ]


def linux(world: World, prefix: str = PREFIX) -> tuple[list[str], list[str]]:
    """The commands that build a World's machine and firewall, and that remove them."""
    built = machine(world)
    return build(built, firewall(world), prefix), remove(built, prefix)


def firewall(world: World) -> dict[str, tuple[str, ...]]:
    """The `iptables` commands of each namespace, by its name."""
    found = {"": commands(rules(world)) + commands(rules(world, V6))}
    for space in machine(world).sandboxes:
        container = world.containers.get(world.names.get(space.owner, ""))
        if container is not None:
            found[space.name] = commands(container_rules(world, container))
    return {name: words for name, words in found.items() if words}


def build(
    machine: Machine,
    firewall: Mapping[str, Sequence[str]] | None = None,
    prefix: str = PREFIX,
) -> list[str]:
    """The commands that build a machine in namespaces of its own; O(its size)."""
    return [
        *(f"ip netns add {name}" for name in _netns_names(machine, prefix)),
        *(line for space in machine.namespaces for line in _start(space, prefix)),
        *(line for item in _cards(machine) for line in _card(machine, item, prefix)),
        *(
            line
            for item in machine.host.interfaces
            if item.kind is InterfaceKind.BRIDGE
            for line in _bridge(machine.host, item, prefix)
        ),
        *(
            step.command
            for _, port, space, item in machine.pairs()
            for step in _four_steps(port, space, item, prefix, _netns(space, prefix))
        ),
        *(
            f"ip netns exec {_netns(space, prefix)} {line}"
            for space in machine.namespaces
            for line in (firewall or {}).get(space.name, ())
        ),
    ]


def remove(machine: Machine, prefix: str = PREFIX) -> list[str]:
    """The commands that remove what :func:`build` made."""
    return [f"ip netns delete {name}" for name in _netns_names(machine, prefix)]


# --- namespaces -----------------------------------------------------------------------


def _netns(space: Namespace, prefix: str) -> str:
    return f"{prefix}-{space.owner or space.name}" if space.name else prefix


def _outside(prefix: str) -> str:
    # No container's name has a plus sign, so this is never a sandbox.
    return f"{prefix}+outside"


def _netns_names(machine: Machine, prefix: str) -> list[str]:
    names = [_netns(space, prefix) for space in machine.namespaces]
    return [*names, _outside(prefix)] if _cards(machine) else names


def _start(space: Namespace, prefix: str) -> Iterator[str]:
    name = _netns(space, prefix)
    for setting in ("all", "default"):
        if space.sysctl(f"net.ipv6.conf.{setting}.disable_ipv6") == "1":
            yield _write(name, f"net.ipv6.conf.{setting}.disable_ipv6", "1")
    if space.sysctl("net.ipv6.conf.lo.disable_ipv6") == "0":
        yield _write(name, "net.ipv6.conf.lo.disable_ipv6", "0")
    for key, value in _settings(space):
        if not key.startswith("net.ipv4.conf.") or key.startswith("net.ipv4.conf.all."):
            yield _write(name, key, value)
    yield f"ip -n {name} link set lo up"


def _settings(space: Namespace) -> Iterator[tuple[str, str]]:
    """The settings of a namespace, but for those that switch IPv6 off or on."""
    for key, value in space.sysctls:
        if key.startswith(_OWN_SETTINGS) and not key.endswith("disable_ipv6"):
            yield key, value


def _write(netns: str, key: str, value: str) -> str:
    return f"ip netns exec {netns} sysctl -qw {key}={value}"


# --- the host's side ------------------------------------------------------------------


def _cards(machine: Machine) -> list[Interface]:
    """The host's own interfaces: neither lo, nor a bridge, nor a port of one."""
    inside = {space.name for space in machine.namespaces}
    virtual = {InterfaceKind.LOOPBACK, InterfaceKind.BRIDGE}
    return [
        item
        for item in machine.host.interfaces
        if item.kind not in virtual and item.peer_namespace not in inside
    ]


def _card(machine: Machine, item: Interface, prefix: str) -> Iterator[str]:
    """A card becomes a veth pair; the other end plays the host's routers."""
    host, outside = _netns(machine.host, prefix), _outside(prefix)
    yield (
        f"ip -n {host} link add {item.name} index {item.index} address {item.mac} "
        f"mtu {item.mtu} type veth peer name {item.name} netns {outside}"
    )
    for space in (host, outside):
        yield f"ip -n {space} link set {item.name} up"
    for address in item.addresses:
        if address.scope == "global":
            yield f"ip -n {host} addr add {address} dev {item.name}"
    own = [route for route in machine.host.routes if route.device == item.name]
    for route in own:
        if not route.kernel:
            yield _route(host, route)
    for gateway in {route.gateway: route for route in own if route.gateway}:
        for address in item.addresses:
            if gateway.family == address.address.family and address.scope == "global":
                there = f"{gateway}/{address.length}"
                yield f"ip -n {outside} addr add {there} dev {item.name}"
                break


def _bridge(host: Namespace, item: Interface, prefix: str) -> Iterator[str]:
    yield (
        f"ip -n {prefix} link add {item.name} index {item.index} "
        f"address {item.mac} type bridge"
    )
    for address in item.addresses:
        if address.address != item.mac.link_local:
            yield f"ip -n {prefix} addr add {_given(address)} dev {item.name}"
    key = f"net.ipv4.conf.{item.name}.route_localnet"
    if host.sysctl(key) == "1":
        yield _write(prefix, key, "1")
    yield f"ip -n {prefix} link set {item.name} up"


# --- a container's side ---------------------------------------------------------------


def _four_steps(
    port: Interface, space: Namespace, item: Interface, prefix: str, there: str
) -> Iterator[Step]:
    host = f"ip -n {prefix}" if prefix else "ip"
    inside = f"ip -n {there}"
    # Until it has moved, the container's end needs a name that is free on the host.
    other = f"{port.name}p"
    mtu = f" mtu {port.mtu}" if port.mtu != 1500 else ""
    # On a real host the kernel chooses indices; somebody may have ours already.
    mine = f" index {port.index} address {port.mac}" if prefix else ""
    theirs = f" index {item.index}" if prefix else ""

    def step(name: str, *lines: str) -> Iterator[Step]:
        return (Step(name, line) for line in lines)

    yield from step(
        "create a veth pair",
        f"{host} link add {port.name}{mine}{mtu} "
        f"type veth peer name {other}{theirs} address {item.mac}{mtu}",
    )
    yield from step(
        "attach one end to the bridge",
        f"{host} link set {port.name} master {port.master}",
        f"{host} link set {port.name} up",
    )
    yield from step(
        "move the other end into the sandbox and rename it",
        f"{host} link set {other} netns {there}",
        f"{inside} link set {other} name {item.name}",
    )
    yield from step("give it its addresses and routes", *_own_side(space, item, there))


def _own_side(space: Namespace, item: Interface, there: str) -> Iterator[str]:
    key = f"net.ipv6.conf.{item.name}.disable_ipv6"
    if item.of_family(V6):
        yield _write(there, key, "0")
    for address in item.addresses:
        if address.address != item.mac.link_local:
            yield f"ip -n {there} addr add {_given(address)} dev {item.name}"
    yield f"ip -n {there} link set {item.name} up"
    for route in space.routes:
        if route.device == item.name and not route.kernel:
            yield _route(there, route)


def _given(address: InterfaceAddress) -> str:
    """An address with what Docker says about it: its broadcast address, or nodad."""
    if address.address.family == V4:
        return f"{address} broadcast +" if address.broadcast else str(address)
    return f"{address} nodad" if address.nodad else str(address)


def _route(netns: str, route: Route) -> str:
    family = "" if route.family == V4 else "-6 "
    target = "default" if route.is_default else str(route.destination)
    via = f"via {route.gateway} " if route.gateway else ""
    return f"ip -n {netns} {family}route add {target} {via}dev {route.device}"
