"""The machine: the Docker host's namespace and those of its containers, wired together.

```
Machine ── host         lo, eth0, docker0, br-..., veth...
        ├─ sandboxes    one per running container with a network stack of its own
        │               lo, eth0 ──(veth)── a port of a bridge on the host
        └─ overlays     one per overlay network that a container here is on
                        br0 with vxlan0 and a veth of each container
```

Invariants, each checked by :func:`broken`: names of namespaces are unique; within one,
names and indices of interfaces are; every veth has exactly one peer and the two point
at each other, unless the peer is outside the machine; every port's bridge exists, and
the port is a veth or a vxlan; the parent of every macvlan, ipvlan and vlan exists, and
has children of one kind only (the kernel hands a frame to one of the two); every route,
FDB entry and neighbour has its device; a vxlan has a VNI and an address to send from,
and only a vxlan has entries that name another host.

Docker has no name for the whole; it calls a namespace a *sandbox*.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Namespace

__all__ = ["Machine", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Everything that stands on one Docker host; see the module's picture."""

    host: Namespace
    sandboxes: tuple[Namespace, ...] = ()
    overlays: tuple[Namespace, ...] = ()
    """The namespaces of the overlay networks, named ``1-`` and the start of the id."""

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """The host's namespace, those of the containers, those of overlay networks."""
        return (self.host, *self.sandboxes, *self.overlays)

    def sandbox(self, owner: str) -> Namespace | None:
        """The namespace of the container with this name, or None; O(n)."""
        return next((item for item in self.sandboxes if item.owner == owner), None)

    def children(self, parent: str) -> Iterator[tuple[Namespace, Interface]]:
        """What uses the wire of an interface of the host, by its name; O(n)."""
        for space in self.namespaces:
            for item in space.interfaces:
                if item.parent == parent and item.parent_namespace == self.host.name:
                    yield space, item

    def pairs(self) -> Iterator[tuple[Namespace, Interface, Namespace, Interface]]:
        """Every veth pair inside the machine; O(n).

        The end that is a port of a bridge (on the host, or in an overlay network's
        namespace) comes first, then the one in a sandbox.
        """
        ends = {
            (space.name, item.index): (space, item)
            for space in self.sandboxes
            for item in space.interfaces
        }
        for here in (self.host, *self.overlays):
            for item in here.interfaces:
                other = ends.get((item.peer_namespace or "", item.peer_index))
                if item.kind is InterfaceKind.VETH and other is not None:
                    yield here, item, *other


def broken(machine: Machine) -> list[str]:
    """The invariants that do not hold, in words; [] for a sound machine; O(n).

    >>> broken(Machine(host=Namespace(name="")))
    []
    >>> docker0 = Interface(name="docker0", index=1, kind=InterfaceKind.BRIDGE)
    >>> broken(Machine(host=Namespace(name="", interfaces=(docker0, docker0))))
    ['host: two interfaces are called docker0', 'host: two interfaces have index 1']
    """
    faults = _twice("two namespaces are called", [n.name for n in machine.namespaces])
    for space in machine.namespaces:
        where = space.owner or space.name or "host"
        faults += [f"{where}: {fault}" for fault in _broken_namespace(space)]
    return faults + list(_broken_pairs(machine)) + list(_broken_parents(machine))


def _twice(text: str, values: list[str]) -> list[str]:
    return [f"{text} {v}" for v, count in sorted(Counter(values).items()) if count > 1]


def _broken_namespace(space: Namespace) -> Iterator[str]:
    names = [item.name for item in space.interfaces]
    yield from _twice("two interfaces are called", names)
    indices = [str(item.index) for item in space.interfaces]
    yield from _twice("two interfaces have index", indices)
    for item in space.interfaces:
        if item.master:
            bridge = space.interface(item.master)
            if bridge is None or bridge.kind is not InterfaceKind.BRIDGE:
                yield f"{item.name} is a port of {item.master}, which is no bridge here"
            if item.kind not in {InterfaceKind.VETH, InterfaceKind.VXLAN}:
                yield f"{item.name} is a port but no veth"
    yield from _broken_tunnels(space)
    devices = {route.device for route in space.routes}
    devices |= {entry.device for entry in space.fdb}
    devices |= {neighbour.device for neighbour in space.neighbours}
    for device in sorted(devices - set(names)):
        yield f"something points at {device}, which does not exist"


def _broken_tunnels(space: Namespace) -> Iterator[str]:
    tunnels = set()
    for item in space.interfaces:
        if item.kind is InterfaceKind.VXLAN:
            tunnels.add(item.name)
            if not 0 < item.vni < 1 << 24:
                yield f"{item.name} has no VNI that fits 24 bits"
            if item.vtep is None:
                yield f"{item.name} has no address to send from"
        elif item.vni:
            yield f"{item.name} is no vxlan that could have a VNI"
    for entry in space.fdb:
        if entry.remote is not None and entry.device not in tunnels:
            yield f"{entry.device} is no vxlan that could lead to {entry.remote}"


def _broken_pairs(machine: Machine) -> Iterator[str]:
    inside = {space.name for space in machine.namespaces}
    ends = {
        (space.name, item.index): (space.name, item)
        for space in machine.namespaces
        for item in space.interfaces
    }
    for (space, index), (_, item) in ends.items():
        if item.kind is not InterfaceKind.VETH or item.peer_namespace not in inside:
            continue
        _, peer = ends.get((item.peer_namespace, item.peer_index), ("", None))
        if peer is None or (peer.peer_namespace, peer.peer_index) != (space, index):
            yield f"{item.name} has no peer that points back at it"


_ON_PARENT = {InterfaceKind.MACVLAN, InterfaceKind.IPVLAN, InterfaceKind.VLAN}


def _broken_parents(machine: Machine) -> Iterator[str]:
    spaces = {space.name: space for space in machine.namespaces}
    kinds: dict[tuple[str, str], InterfaceKind] = {}
    for space in machine.namespaces:
        for item in space.interfaces:
            if item.kind not in _ON_PARENT:
                if item.parent:
                    yield f"{item.name} is no {item.kind} that could have a parent"
                continue
            where = item.parent_namespace or ""
            parent = spaces[where].interface(item.parent) if where in spaces else None
            if parent is None or parent.index != item.parent_index:
                yield f"{item.name} has no parent {item.parent or 'at all'}"
                continue
            # VLANs tell frames apart by their tags, so they stand beside any child.
            if item.kind is InterfaceKind.VLAN:
                continue
            if kinds.setdefault((where, parent.name), item.kind) is not item.kind:
                yield f"{parent.name} has children of two kinds"
