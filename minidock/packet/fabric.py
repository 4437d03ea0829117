"""The fabric: every stack of one or more hosts, and what each device is plugged into.

```
 web ── eth0 ═══ veth1 ─┐                       ┌─ wire ── eth0 of another host
                        ├─ docker0 ── eth0 ─────┤
 db ─── eth0 ═══ veth2 ─┘   (host)   │          └─ wire ── outside: router, and the rest
        └──── one segment ────┘      └ app's eth0, a macvlan on the same wire
```

A *segment* is what a frame can reach without being routed: a bridge with all that is
plugged into its ports, or the wire outside. Whoever asks for an address (ARP, neighbour
discovery) asks its segment.

The stack ``outside`` stands for the router that the host's default route names, and for
everybody behind it: every address that no host here has is taken to be out there, to
listen on every port, and to know its way back to what is on the wire; not to the
subnets of containers, unless somebody gave it such a route.

A *child* (macvlan, ipvlan) has no cable: it uses the wire of its parent, a card of the
host. The kernel keeps the two apart, so a child and its host do not hear each other,
although both hear everybody else on the wire.

Hosts meet on their wires only. An overlay network's namespace is one more stack with
bridges; its tunnels go through the stack of its host: see
:mod:`minidock.packet.overlays`.

Invariants: both ends of every cable know each other; a device is in one segment.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from minidock.firewall.evaluate import Firewall
from minidock.net.address import V4, V6, Address
from minidock.net.mac import MAC
from minidock.packet.overlays import Overlays
from minidock.packet.parts import End, Site
from minidock.packet.stack import Stack
from minidock.packet.trace import OUTSIDE
from minidock.packet.wires import is_card, router, subnets, wires
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Namespace, Route

__all__ = ["End", "Fabric", "Site", "fabric"]


class _Segment:
    """What one frame reaches, and who there has which address."""

    __slots__ = ("members", "owners")

    def __init__(self, members: Sequence[End]) -> None:
        self.members = tuple(members)
        self.owners: dict[tuple[int, int], End] = {}
        for member in members:
            for item in member.device.addresses:
                key = (item.address.family, item.address.value)
                self.owners.setdefault(key, member)


class Fabric:
    """Stacks and cables; see the module's picture."""

    __slots__ = (
        "_cables",
        "_careful",
        "_children",
        "_hosts",
        "_overlays",
        "_segments",
        "_takers",
        "outside",
        "stacks",
    )

    def __init__(self, sites: Sequence[Site]) -> None:
        self.stacks: dict[str, Stack] = {}
        self._hosts: list[Stack] = []
        self._careful: set[str] = set()
        self._children: dict[tuple[str, str], list[End]] = {}
        self._takers: dict[tuple[str, str], End] = {}
        self._cables: dict[tuple[str, str], End] = {}
        self._segments: dict[tuple[str, str], _Segment] = {}
        self._overlays = Overlays()
        cards: list[End] = []
        owners = Counter(s.owner for o in sites for s in o.machine.sandboxes)
        twice = {name for name, times in owners.items() if times > 1}
        for site in sites:
            at_home = site.at_home or len(sites) == 1
            cards += self._add_site(site, "" if at_home else f"{site.place}/", twice)
        self.outside = Stack(self._world_outside(cards, sites), OUTSIDE, {})
        self.stacks[OUTSIDE] = self.outside
        self._add_wires(cards)

    def _add_site(self, site: Site, prefix: str, twice: set[str]) -> Iterator[End]:
        for space in site.machine.namespaces:
            # A container's name says enough, unless two hosts have one of that name.
            place = f"{prefix}{space.owner}" if space.owner in twice else space.owner
            if not space.owner:
                place = f"{site.place} {space.name}".rstrip()
            found = {f: site.rulesets.get((space.name, f)) for f in (V4, V6)}
            walls = {f: Firewall(rules) for f, rules in found.items() if rules}
            stack = Stack(space, place, walls, prefix + space.name)
            self.stacks[stack.key] = stack
        host = self.stacks[prefix]
        self._hosts.append(host)
        if site.careful_proxy:
            self._careful.add(host.key)
        for here, one, there, two in site.machine.pairs():
            first = End(self.stacks[prefix + here.name], one)
            second = End(self.stacks[prefix + there.name], two)
            self._cables[first.stack.key, one.name] = second
            self._cables[second.stack.key, two.name] = first
        for space in site.machine.sandboxes:
            for child in space.interfaces:
                if child.parent:
                    key = (host.key, child.parent)
                    end = End(self.stacks[prefix + space.name], child)
                    self._children.setdefault(key, []).append(end)
        for space in site.machine.overlays:
            self._overlays.add(host, self.stacks[prefix + space.name])
        for space in (site.machine.host, *site.machine.overlays):
            stack = self.stacks[prefix + space.name]
            for bridge in stack.devices.values():
                if bridge.kind is InterfaceKind.BRIDGE:
                    self._add_segment(stack, bridge)
        yield from (
            End(host, device)
            for device in host.devices.values()
            if is_card(device) and (host.key, device.name) not in self._cables
        )

    def _add_segment(self, host: Stack, bridge: Interface) -> None:
        plugged = [
            self._cables[host.key, port.name]
            for port in host.ports.get(bridge.name, ())
            if (host.key, port.name) in self._cables
        ]
        segment = _Segment([End(host, bridge), *plugged])
        for member in segment.members:
            self._segments[member.stack.key, member.device.name] = segment
        self._overlays.plug(host, bridge.name, segment.members)

    def _world_outside(self, cards: Sequence[End], sites: Sequence[Site]) -> Namespace:
        """What stands beyond the cards: one device a wire, with the routers' addresses.

        It knows what is on each wire, which includes the subnets of a card's children.
        """
        found = wires(cards)
        routes = [
            Route(destination=subnet, device=name, kernel=True)
            for name, plugged in found.items()
            for subnet in sorted(
                {
                    subnet
                    for card in plugged
                    for end in (card, *filter(_answers, self._children_of(card)))
                    for subnet in subnets(end.device)
                },
                key=str,
            )
        ]
        given = [route for site in sites for route in site.ways_back]
        return Namespace(
            name=OUTSIDE,
            owner=OUTSIDE,
            interfaces=tuple(
                router(name, number, plugged, [*map(self._children_of, plugged)])
                for number, (name, plugged) in enumerate(found.items())
            ),
            routes=(*routes, *given),
            sysctls=(("net.ipv4.ip_forward", "0"),),
        )

    def _add_wires(self, cards: Sequence[End]) -> None:
        """Cards with a common subnet share a wire; the outside is on every one."""
        for name, plugged in wires(cards).items():
            routers = [End(self.outside, self.outside.devices[name])]
            if plugged[0].device.kind is InterfaceKind.DUMMY:
                routers = []
            self._add_wire(routers, plugged)

    def _add_wire(self, routers: Sequence[End], plugged: Sequence[End]) -> None:
        """One wire, as each of its ends hears it.

        Odd: in mode passthru a child gets every frame that comes for its parent, which
        hears broadcasts only. So the others find the parent, but no answer to one of
        its own questions comes back.
        """
        children = {card: self._children_of(card) for card in plugged}
        everybody = [c for f in children.values() for c in f if _answers(c)]
        for end in routers:
            self._hears(end, [end, *plugged, *everybody])
        for card in plugged:
            own = children[card]
            strangers = [child for child in everybody if child not in own]
            taker = next(filter(_takes_all, own), None)
            if taker is not None:
                self._takers[card.stack.key, card.device.name] = taker
                self._hears(card, [card])
            else:
                self._hears(card, [*routers, *plugged, *strangers])
            for child in own:
                siblings = [s for s in own if s is child or _are_joined(child, s)]
                others = [end for end in plugged if end is not card]
                self._hears(child, [*routers, *others, *strangers, *siblings])

    def _children_of(self, card: End) -> list[End]:
        return self._children.get((card.stack.key, card.device.name), [])

    def _hears(self, end: End, members: Sequence[End]) -> None:
        self._segments[end.stack.key, end.device.name] = _Segment(members)

    @property
    def host(self) -> Stack:
        """The first host's own stack."""
        return self._hosts[0]

    @property
    def hosts(self) -> tuple[Stack, ...]:
        """The hosts' own stacks."""
        return tuple(self._hosts)

    def has_careful_proxy(self, host: Stack) -> bool:
        """Whether docker-proxy answers UDP from the address that was asked there."""
        return host.key in self._careful

    def other_end(self, stack: Stack, device: str) -> End | None:
        """What a cable leads to; None for a device that is no cable inside."""
        return self._cables.get((stack.key, device))

    def segment(self, stack: Stack, device: str) -> tuple[End, ...]:
        """Who can be reached over a device without a router, itself included."""
        found = self._segments.get((stack.key, device))
        return found.members if found is not None else ()

    def neighbour(self, stack: Stack, device: str, address: Address) -> End | None:
        """Who answers when a device asks for an address; O(1) for who has it there.

        Linux answers for each of its addresses on every device (``arp_ignore`` 0), so
        the device that has the address is only preferred.
        """
        segment = self._segments.get((stack.key, device))
        if segment is None:
            return None
        found = segment.owners.get((address.family, address.value))
        if found is not None:
            return None if found.stack is stack else found
        others = [end for end in segment.members if end.stack is not stack]
        for member in others:
            if member.stack.has(address):
                return member
        tunnel = self.answering(stack, device, address)
        if tunnel is not None:
            mac = self._overlays.mac_of(tunnel, address)
            return self._overlays.owner_of(tunnel, mac, address) if mac else None
        for member in others:
            if member.stack is self.outside and self.is_outside(address):
                return member
        return None

    # --- tunnels ----------------------------------------------------------------------

    def answering(self, stack: Stack, device: str, address: Address) -> End | None:
        """The vxlan that answers a device for an endpoint of another host."""
        tunnel = self._overlays.near(stack, device)
        if tunnel is None or self._overlays.mac_of(tunnel, address) is None:
            return None
        segment = self._segments[stack.key, device]
        own = (address.family, address.value) in segment.owners
        return None if own else tunnel

    def has_tunnel(self, stack: Stack, device: str) -> bool:
        """Whether a device is on the segment of a bridge with a tunnel."""
        return self._overlays.near(stack, device) is not None

    def tunnel_of(self, stack: Stack, bridge: str) -> End | None:
        """The vxlan that is a port of a bridge."""
        return self._overlays.bridges.get((stack.key, bridge))

    def vtep_of(self, tunnel: End, mac: MAC) -> Address | None:
        """Behind which VTEP a MAC is, as a vxlan knows."""
        return self._overlays.vtep_of(tunnel, mac)

    def home_of(self, stack: Stack) -> Stack | None:
        """The host's own stack, for the namespace of an overlay network."""
        return self._overlays.homes.get(stack.key)

    def tunnel_at(
        self, host: Stack, vxlan: Interface, mac: MAC, sender: Stack, vtep: Address
    ) -> End | None:
        """The vxlan at which a frame comes out that arrived at a host."""
        return self._overlays.tunnel_at(host, vxlan, mac, sender, vtep)

    def heard_by(self, end: End, target: Address) -> End:
        """Who gets a frame for this end: itself, or a child.

        In mode passthru it gets all, in ipvlan's l3 modes what is for its address.
        """
        for child in self._children_of(end):
            if not _answers(child) and child.stack.has(target):
                return child
        return self._takers.get((end.stack.key, end.device.name), end)

    def is_deaf(self, stack: Stack, device: str) -> bool:
        """Whether a child in mode passthru gets what comes for this card."""
        return (stack.key, device) in self._takers

    def is_relative(self, stack: Stack, device: str, address: Address) -> bool:
        """Whether one is a macvlan child, the other its parent: they do not talk."""
        for (host, parent), children in self._children.items():
            if (host, parent) == (stack.key, device):
                return any(child.stack.has(address) for child in children)
            if any((c.stack.key, c.device.name) == (stack.key, device)
                   for c in children):  # fmt: skip
                return self.stacks[host].has(address)
        return False

    def is_outside(self, address: Address) -> bool:
        """Whether an address belongs to nobody here, and so to somebody out there."""
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return False
        if self.outside.is_local(address):
            return True
        if any(_has(host, address) for host in self._hosts):
            return False
        if self._overlays.has(address):
            return False
        children = (child for ends in self._children.values() for child in ends)
        return not any(child.stack.has(address) for child in children)


def _has(host: Stack, address: Address) -> bool:
    """Whether it is a host's own address, or lies in a subnet of one of its bridges."""
    if host.is_local(address):
        return True
    route = host.routes[address.family].best(address)
    device = host.devices.get(route.device) if route and not route.gateway else None
    return device is not None and device.kind is InterfaceKind.BRIDGE


def fabric(sites: Iterable[Site]) -> Fabric:
    """The fabric of one or more hosts on one wire; O(their size).

    >>> from minidock.engine import Engine
    >>> one = fabric([Site(machine=Engine().machine())])
    >>> one.host.place, sorted(one.stacks)
    ('docker-host', ['', 'outside'])
    >>> one.other_end(one.host, "docker0") is None
    True
    """
    return Fabric(tuple(sites))


# --- the world outside ----------------------------------------------------------------


_JOINED = {"bridge", "l2", "l3", "l3s"}
"""Modes in which the children of one parent hear each other (kernel's macvlan.c)."""


def _are_joined(one: End, two: End) -> bool:
    """Whether two children of one parent hear each other."""
    modes = {one.device.mode or "bridge", two.device.mode or "bridge"}
    flags = {one.device.flag or "bridge", two.device.flag or "bridge"}
    return modes <= _JOINED and flags == {"bridge"}


def _takes_all(child: End) -> bool:
    return child.device.kind is InterfaceKind.MACVLAN and (
        child.device.mode == "passthru"
    )


def _answers(child: End) -> bool:
    """Whether it answers those who ask for its address; in l3 and l3s none does.

    The kernel gives such a child the flag NOARP (``ipvlan_main.c``).
    """
    return child.device.mode not in {"l3", "l3s"}
