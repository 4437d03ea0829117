"""One network namespace, made ready for packets: its tables in the form of questions.

```
 Namespace                              Stack
 interfaces, addresses   ─────────▶     is this address mine?   by which device?
 routes                  ─────────▶     what is the best route? (longest prefix first)
 sockets                 ─────────▶     who listens on this port?
 sysctls                 ─────────▶     does it forward?  localnet?  reverse path?
 rules, per family       ─────────▶     what does a chain decide?
```

Invariants: nothing changes after it was made; every answer is that of the namespace's
own tables. Linux keeps own addresses in a routing table of their own, ``local``, which
is asked before all others.

Cost: building is O(size of the namespace); each question is O(1), a route O(lengths).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from minidock.firewall.evaluate import Firewall
from minidock.firewall.render import text_of
from minidock.firewall.rule import Rule
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface
from minidock.topology.namespace import Namespace, Route, Socket

__all__ = ["RouteTable", "Stack"]

_LOOPBACK_TOP = 127


class RouteTable:
    """The routes of one family: a dictionary per prefix length, the longest first.

    >>> from minidock.net.prefix import Prefix
    >>> near = Route(destination=Prefix.parse("10.0.0.0/8"), device="eth1")
    >>> far = Route(destination=Prefix.parse("0.0.0.0/0"), device="eth0")
    >>> table = RouteTable([far, near])
    >>> table.best(Address.parse("10.1.2.3")).device
    'eth1'
    >>> RouteTable([near]).best(Address.parse("192.0.2.1")) is None
    True
    """

    __slots__ = ("_lengths",)

    def __init__(self, routes: Iterable[Route]) -> None:
        lengths: dict[int, tuple[int, dict[int, Route]]] = {}
        for route in routes:
            prefix = route.destination
            shift = prefix.bits - prefix.length
            _, known = lengths.setdefault(prefix.length, (shift, {}))
            # Of two equal routes the one that was added first wins.
            known.setdefault(prefix.network >> shift, route)
        self._lengths = [lengths[length] for length in sorted(lengths, reverse=True)]

    def best(self, target: Address) -> Route | None:
        """The route with the longest prefix that the target lies in, or None."""
        value = target.value
        for shift, routes in self._lengths:
            route = routes.get(value >> shift)
            if route is not None:
                return route
        return None


class Stack:
    """A namespace as packets meet it; see the module's picture."""

    __slots__ = (
        "_local",
        "_own",
        "_primaries",
        "_sockets",
        "_sysctls",
        "_texts",
        "bridged_through_iptables",
        "checks_reverse_path",
        "devices",
        "forwards",
        "key",
        "place",
        "ports",
        "routes",
        "space",
        "walls",
    )

    def __init__(
        self,
        space: Namespace,
        place: str,
        walls: Mapping[int, Firewall],
        key: str | None = None,
    ) -> None:
        self.key = space.name if key is None else key
        self.space = space
        self.place = place
        self._primaries = dict(_primaries(space.interfaces))
        self.walls = dict(walls)
        self._texts: dict[int, str] = {}
        self.devices: dict[str, Interface] = {i.name: i for i in space.interfaces}
        self._own: dict[int, dict[int, str]] = {V4: {}, V6: {}}
        for device in space.interfaces:
            for item in device.addresses:
                self._own[item.address.family][item.address.value] = device.name
        self.routes = {
            family: RouteTable(space.routes_of(family)) for family in (V4, V6)
        }
        self.ports: dict[str, list[Interface]] = {}
        for device in space.interfaces:
            if device.master:
                self.ports.setdefault(device.master, []).append(device)
        self._sysctls = dict(space.sysctls)
        self.forwards = {
            V4: self._sysctls.get("net.ipv4.ip_forward") == "1",
            V6: self._sysctls.get("net.ipv6.conf.all.forwarding") == "1",
        }
        self.bridged_through_iptables = {
            V4: self._sysctls.get("net.bridge.bridge-nf-call-iptables") == "1",
            V6: self._sysctls.get("net.bridge.bridge-nf-call-ip6tables") == "1",
        }
        self.checks_reverse_path = any(
            key.endswith(".rp_filter") and value != "0" for key, value in space.sysctls
        )
        self._sockets: dict[tuple[str, int], list[Socket]] = {}
        for socket in space.sockets:
            self._sockets.setdefault((socket.protocol, socket.port), []).append(socket)
        self._local: dict[int, Callable[[int], bool]] = {
            V4: _locals4(self._own[V4]),
            V6: self._own[V6].__contains__,
        }

    def is_local(self, address: Address) -> bool:
        """Whether a packet to this address ends here."""
        return self._local[address.family](address.value)

    def has(self, address: Address) -> bool:
        """Whether one of its devices has the address (127/8 is no device's)."""
        return address.value in self._own[address.family]

    def primary_of(self, address: Address) -> Address:
        """The address that is used towards an own address: its subnet's first.

        A second address of one subnet on a device is *secondary* (IPv4); the kernel's
        route to it names the first one as the source.
        """
        return self._primaries.get(address, address)

    def device_of(self, address: Address) -> str:
        """The device that has an address; lo for all of 127/8."""
        return self._own[address.family].get(address.value, "lo")

    def local(self, family: int) -> Callable[[int], bool]:
        """The same question about numbers, for rules that ask for LOCAL."""
        return self._local[family]

    def setting(self, name: str, default: str = "0") -> str:
        """The value of a kernel setting."""
        return self._sysctls.get(name, default)

    def takes_localnet(self, device: str) -> bool:
        """Whether 127/8 may be used on a device that is not lo (``route_localnet``)."""
        return "1" in {
            self.setting("net.ipv4.conf.all.route_localnet"),
            self.setting(f"net.ipv4.conf.{device}.route_localnet"),
        }

    def reverse_path(self, device: str) -> int:
        """How the way back is checked: 0 not, 1 strictly, 2 loosely (RFC 3704)."""
        one = self.setting(f"net.ipv4.conf.{device}.rp_filter")
        return max(int(self.setting("net.ipv4.conf.all.rp_filter")), int(one))

    def route(self, target: Address) -> Route | None:
        """The route towards an address that is not one of its own."""
        found = self.routes[target.family].best(target)
        if found is not None and not self.devices[found.device].up:
            return None
        return found

    def source_towards(self, route: Route, target: Address) -> Address | None:
        """The address that it sends from on this route (RFC 6724 for IPv6)."""
        if route.source is not None:
            return route.source
        return self._source_on(route.device, route.gateway or target, target)

    def _source_on(
        self, device: str, next_hop: Address, target: Address
    ) -> Address | None:
        if target.family == V6:
            return self._source6(device, target)
        here = self.devices[device].of_family(V4)
        for item in here:
            shift = 32 - item.length
            if item.address.value >> shift == next_hop.value >> shift:
                return item.address
        if here:
            return here[0].address
        return self.any_address()

    def _source6(self, device: str, target: Address) -> Address | None:
        """RFC 6724, 5: the target itself, the same scope, the same device, likeness.

        Every address of the stack may be chosen, but for a target on the link only.
        """
        near = target.is_link_local
        found = [
            (item.address, name == device)
            for name, item6 in self.devices.items()
            for item in item6.of_family(V6)
            if name == device or not (near or item.address.is_link_local)
        ]

        def rank(pair: tuple[Address, bool]) -> tuple[bool, bool, bool, int]:
            address, leaves = pair
            common = 128 - (address.value ^ target.value).bit_length()
            scope = address.is_link_local is near and not address.is_loopback
            return address == target, scope, leaves, common

        best = max(found, key=rank, default=None)
        if best is None or (best[0].is_loopback and not target.is_loopback):
            return None
        return best[0]

    def any_address(self) -> Address | None:
        """The first IPv4 address of any device but lo, in the kernel's order."""
        for device in self.devices.values():
            for item in device.of_family(V4):
                if item.scope == "global":
                    return item.address
        return None

    def listener(self, protocol: str, target: Address, port: int) -> Socket | None:
        """Who gets what comes for a port of an address; exact addresses go first."""
        fitting = [
            socket
            for socket in self._sockets.get((protocol, port), ())
            if socket.address is None
            or socket.address == target
            or _takes_all(socket.address, target)
        ]
        exact = (socket for socket in fitting if socket.address == target)
        return next(exact, fitting[0] if fitting else None)

    def with_sockets(self, sockets: Iterable[Socket]) -> "Stack":
        """The same stack with these programs listening."""
        space = replace(self.space, sockets=tuple(sockets))
        return Stack(space, self.place, self.walls, self.key)

    def masquerade(self, device: str, target: Address) -> Address | None:
        """The address that MASQUERADE gives to what leaves by a device for a target.

        Odd on purpose: on lo it is the first address of another device, since 127.0.0.1
        is not valid beyond the host (the kernel's ``inet_select_addr``).
        """
        if device == "lo" and target.family == V4:
            return self.any_address()
        route = self.routes[target.family].best(target)
        known = route is not None and route.device == device
        gateway = route.gateway if route is not None and known else None
        return self._source_on(device, gateway or target, target)

    def text_of(self, rule: Rule) -> str:
        """A rule as a line of ``iptables-save``; made once."""
        text = self._texts.get(id(rule))
        if text is None:
            text = self._texts[id(rule)] = text_of(rule)
        return text


def _primaries(
    devices: Iterable[Interface],
) -> Iterator[tuple[Address, Address]]:
    for device in devices:
        first: dict[Prefix, Address] = {}
        for item in device.of_family(V4):
            subnet = Prefix.of(item.address, item.length)
            primary = first.setdefault(subnet, item.address)
            if primary != item.address:
                yield item.address, primary


def _takes_all(address: Address, target: Address) -> bool:
    return address.is_unspecified and address.family == target.family


def _locals4(own: dict[int, str]) -> Callable[[int], bool]:
    """Own addresses, and all of 127/8, which lo's address brings with it."""

    def is_local(value: int) -> bool:
        return value in own or value >> 24 == _LOOPBACK_TOP

    return is_local
