"""Network interfaces: what one line of `ip link` stands for.

```
  host namespace                             container's namespace
┌───────────────────────────────┐          ┌──────────────────────┐
│ docker0 (bridge)  172.17.0.1  │          │ eth0 (veth)          │
│   │ port                      │   peer   │   172.17.0.2         │
│ veth1a2b3c4 (veth) ◀──────────┼──────────┼─▶                    │
│ eth0 (physical)   lo          │          │ lo                   │
└───────────────────────────────┘          └──────────────────────┘
```

A *veth* is a cable with two ends, a *bridge* is a switch in software; a veth whose
``master`` is a bridge is plugged into it as a *port*.

A *macvlan*, an *ipvlan* and a *vlan* have no other end but a ``parent``, the interface
whose wire they use; it may be in another namespace. A macvlan has a MAC of its own, an
ipvlan shares its parent's, a vlan tags its frames (802.1Q). A *dummy* is a card that
leads nowhere.

```
  host: eth0 (physical) ───────────── the wire
          ├─ (macvlan) eth0 of web      own MAC, the same wire
          └─ (macvlan) eth0 of db
```

A *vxlan* is a port of a bridge whose other side is other hosts: it wraps each frame in
UDP (RFC 7348) with its *VNI* and sends it to the *VTEP* that the forwarding database
names for the frame's MAC.

```
  overlay namespace 1-4f5e...           host                      another host
  br0 ─┬─ veth0 ══ eth0 of a container
       └─ vxlan0 (vni 256) ──▶ UDP 4789 from 192.0.2.2 ──▶ 192.0.2.3 ──▶ its vxlan0
```

Invariants: an interface has an index of at least 1 and a name of at most 15 octets (the
kernel's limit); only a veth has a peer; only a port of a bridge has a port number; only
a macvlan, ipvlan or vlan has a parent; only a vxlan has a VNI.

The words are those of iproute2 and of the kernel (``operstate``: RFC 2863). Docker
calls the container's end the endpoint's *interface*.
"""

from dataclasses import dataclass
from enum import StrEnum

from minidock.net.address import V4, V6, Address
from minidock.net.mac import MAC

__all__ = ["Interface", "InterfaceAddress", "InterfaceKind"]

_LONGEST_NAME = 15


class InterfaceKind(StrEnum):
    """What an interface is, in the words of `ip -d link` where it has one."""

    LOOPBACK = "loopback"
    PHYSICAL = "physical"
    BRIDGE = "bridge"
    VETH = "veth"
    MACVLAN = "macvlan"
    IPVLAN = "ipvlan"
    VLAN = "vlan"
    DUMMY = "dummy"
    VXLAN = "vxlan"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceAddress:
    """An address on an interface, with the length of its subnet's prefix.

    ``tentative`` addresses are still being checked for duplicates (RFC 4862, 5.4);
    ``nodad`` ones are used without that check, which is how Docker adds them.
    """

    address: Address
    length: int
    broadcast: Address | None = None
    tentative: bool = False
    nodad: bool = False

    @classmethod
    def with_broadcast(cls, address: Address, length: int) -> "InterfaceAddress":
        """The address as Docker adds it: with the broadcast address, if there is one.

        IPv6 has no broadcast, and neither have point-to-point subnets (RFC 3021).

        >>> first = InterfaceAddress.with_broadcast(Address.parse("172.17.0.2"), 16)
        >>> str(first.broadcast)
        '172.17.255.255'
        >>> InterfaceAddress.with_broadcast(Address.parse("10.0.0.0"), 31).broadcast
        """
        if address.family == V6 or length > 30:
            return cls(address=address, length=length)
        hosts = (1 << (32 - length)) - 1
        return cls(
            address=address, length=length, broadcast=Address(address.value | hosts)
        )

    @property
    def scope(self) -> str:
        """How far the address is valid: host, link or global.

        Only IPv6 derives it from the address; an IPv4 link-local address that Docker
        adds has scope global, since nobody says otherwise.
        """
        if self.address.is_loopback:
            return "host"
        if self.address.family == V6 and self.address.is_link_local:
            return "link"
        return "global"

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface; see the module's picture.

    >>> lo = Interface(name="lo", index=1, kind=InterfaceKind.LOOPBACK, mtu=65536)
    >>> lo.operstate, lo.flags
    ('UNKNOWN', ('LOOPBACK', 'UP', 'LOWER_UP'))
    >>> Interface(name="a" * 16, index=2, kind=InterfaceKind.BRIDGE)
    Traceback (most recent call last):
    ...
    ValueError: interface name 'aaaaaaaaaaaaaaaa' is longer than 15 octets
    """

    name: str
    index: int
    kind: InterfaceKind
    mac: MAC = MAC(0)  # noqa: RUF009  # a frozen value may be shared
    mtu: int = 1500
    up: bool = True
    carrier: bool = True
    addresses: tuple[InterfaceAddress, ...] = ()
    master: str = ""
    """The bridge that this veth is a port of, or ""."""
    port: int = 0
    """The number of the port on the bridge, from 1."""
    hairpin: bool = False
    """Whether the bridge may send a frame back through the port it came from."""
    peer_index: int = 0
    peer_namespace: str | None = None
    """The name of the namespace that the other end is in."""
    parent: str = ""
    """The name of the interface whose wire a macvlan, ipvlan or vlan uses."""
    parent_index: int = 0
    parent_namespace: str | None = None
    """The name of the namespace that the parent is in."""
    mode: str = ""
    """macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s."""
    flag: str = ""
    """ipvlan: bridge, private or vepa."""
    tag: int = 0
    """The VLAN id that a vlan's frames carry, 1-4094."""
    watches: bool = False
    """Whether it takes frames for MACs that are not its own (promiscuous)."""
    vni: int = 0
    """The number that a vxlan's frames carry, 1 to 2^24 - 1."""
    vtep: Address | None = None
    """The address of this host that a vxlan sends from."""
    data_port: int = 0
    """The UDP port that a vxlan sends to and hears."""
    answers_for_others: bool = False
    """Whether a vxlan answers ARP from its neighbour table and reports what it does not
    find (``proxy``, ``l2miss``, ``l3miss``)."""
    queue_length: int = 0
    """Shown as ``qlen``; Docker makes its links without a queue."""
    had_ports: bool = False
    """Whether a bridge ever had a port: the kernel then recomputed its limits."""

    def __post_init__(self) -> None:
        if len(self.name.encode()) > _LONGEST_NAME:
            raise ValueError(
                f"interface name {self.name!r} is longer than {_LONGEST_NAME} octets"
            )

    @property
    def operstate(self) -> str:
        """The state that `ip link` shows; a loopback never tells (RFC 2863)."""
        if not (self.up and self.carrier):
            return "LOWERLAYERDOWN" if self.up and self.parent else "DOWN"
        silent = {InterfaceKind.LOOPBACK, InterfaceKind.DUMMY}
        return "UNKNOWN" if self.kind in silent else "UP"

    @property
    def link_index(self) -> int:
        """The index behind the name in `ip link`: the peer's or the parent's."""
        return self.peer_index or self.parent_index

    @property
    def plugin(self) -> str:
        """The network plugin that has its other end; "" if none has.

        >>> far = {"peer_index": 5, "peer_namespace": "plugin weave"}
        >>> Interface(name="eth0", index=4, kind=InterfaceKind.VETH, **far).plugin
        'weave'
        """
        first, _, name = (self.peer_namespace or "").partition(" ")
        return name if first == "plugin" else ""

    @property
    def link_namespace(self) -> str | None:
        """The namespace in which that index counts."""
        return self.parent_namespace if self.parent else self.peer_namespace

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags between ``<`` and ``>``, in the order in which ip prints them."""
        loopback = self.kind is InterfaceKind.LOOPBACK
        no_carrier = ("NO-CARRIER",) if self.up and not self.carrier else ()
        medium = ("LOOPBACK",) if loopback else ("BROADCAST", *self._groups)
        up = ("UP",) if self.up else ()
        lower = ("LOWER_UP",) if self.up and self.carrier else ()
        return (*no_carrier, *medium, *up, *lower)

    @property
    def _groups(self) -> tuple[str, ...]:
        # There is nobody behind a dummy to ask for a MAC. (An ipvlan in an l3 mode does
        # not ask either: its parent's namespace routes for it.)
        if self.kind is InterfaceKind.DUMMY:
            return ("NOARP",)
        if self.kind is InterfaceKind.IPVLAN and self.mode != "l2":
            return ("MULTICAST", "NOARP")
        return ("MULTICAST",)

    def of_family(self, family: int) -> tuple[InterfaceAddress, ...]:
        """Its addresses of one family, in order."""
        return tuple(a for a in self.addresses if a.address.family == family)

    def first(self, family: int = V4) -> InterfaceAddress | None:
        """Its first address of a family, or None."""
        return next(iter(self.of_family(family)), None)
