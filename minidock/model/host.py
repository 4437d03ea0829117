"""The machine that Docker runs on: what was there before any container.

```
            ┌──────────── Docker host ────────────┐
 gateway ───┤ eth0   addresses, routes            │   resolv.conf, /etc/hosts,
 (outside)  │ lo     listening processes          │   ip_local_port_range
            └─────────────────────────────────────┘
```

Docker reads these facts: routes keep the default pools away from the host's networks,
nameservers go into every container, listening sockets make a bind fail. What somebody
did to the firewall is a fact, too: Docker writes its own rules between and around it.

Invariants: interface names and indices are unique; every route's device exists; the
changes of the firewall stand in the order in which they were made.
"""

from dataclasses import dataclass

from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.topology.interface import InterfaceKind

__all__ = [
    "VIRTUAL_LINKS",
    "FirewallChange",
    "HostFacts",
    "HostInterface",
    "HostRoute",
    "Listener",
    "UfwFacts",
    "UfwRule",
    "sample_host",
]


VIRTUAL_LINKS = frozenset(
    {
        InterfaceKind.MACVLAN,
        InterfaceKind.IPVLAN,
        InterfaceKind.VLAN,
        InterfaceKind.DUMMY,
    }
)
"""The kinds of links that a kernel may lack, since each is a module of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostInterface:
    """One network card; ``peer`` is what `ip link` shows behind an ``@``."""

    name: str
    index: int
    mac: MAC
    addresses: tuple[tuple[Address, int], ...] = ()
    mtu: int = 1500
    peer: str = ""
    netns: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRoute:
    """One route; no destination means default, no gateway means directly attached."""

    destination: Prefix | None
    device: str
    gateway: Address | None = None
    source: Address | None = None
    kernel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A process on the host that listens on a port; no address means every address."""

    protocol: str
    port: int
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallChange:
    """One ``iptables`` command that somebody ran on the host, and that did something.

    A rule that was named by its number is written out, as the numbers change.
    """

    turn: int = -1
    """The World's sequence when it ran: Docker's steps with lower numbers came before;
    -1 is before Docker started."""
    family: int = 4
    words: tuple[str, ...]
    """What followed ``iptables`` or, for family 6, ``ip6tables``."""
    above: tuple[tuple[str, ...], ...] = ()
    """For a rule put at a number: the rules, as words, that stood from there on."""
    which: int = 1
    """For a rule taken away by its number: which of several that are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UfwRule:
    """One rule of ``ufw``, as it shows it; see ufw(8).

    >>> UfwRule(action="deny", port="8080").protocol
    ''
    """

    action: str
    """allow, deny, reject or limit."""
    direction: str = "in"
    """in, out, or fwd for ``ufw route``."""
    protocol: str = ""
    """tcp or udp; "" for both, or for all where there is no port."""
    source: str = ""
    """A network or an address; "" for anywhere."""
    source_port: str = ""
    destination: str = ""
    port: str = ""
    """80, 80,443 or 8000:8100; "" for every port."""
    interface_in: str = ""
    interface_out: str = ""
    comment: str = ""
    six: bool = False
    """Whether it is the twin for IPv6, or names an IPv6 address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UfwFacts:
    """What ``ufw`` keeps in its files: whether it is on, its defaults, its rules."""

    enabled: bool = False
    incoming: str = "deny"
    outgoing: str = "allow"
    routed: str = "deny"
    logging: bool = True
    rules: tuple[UfwRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Everything that Docker finds on the host; see the module's picture."""

    hostname: str
    interfaces: tuple[HostInterface, ...]
    routes: tuple[HostRoute, ...]
    kernel: str = "6.1.0"
    operating_system: str = "Debian GNU/Linux 12 (bookworm)"
    cpus: int = 2
    memory: int = 4 * 1024**3
    registry: bool = True
    """Whether image registries can be reached: the built-in catalogue."""
    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    resolv_options: tuple[str, ...] = ()
    resolv_conf: str | None = None
    """The text of /etc/resolv.conf where it says more than the three fields above."""
    hosts_file: str = "127.0.0.1\tlocalhost\n"
    port_range: tuple[int, int] = (32768, 60999)
    listeners: tuple[Listener, ...] = ()
    sctp: bool = True
    link_kinds: frozenset[InterfaceKind] = VIRTUAL_LINKS
    """Which of the virtual links the kernel can make."""
    netns: str = ""
    """The name under /run/netns of the namespace that the host itself runs in."""
    outside_servers: tuple[str, ...] = ()
    """The addresses beyond the host's cards at which a DNS server answers (by UDP)."""
    outside_names: tuple[tuple[str, str], ...] = ()
    """What those servers know: (name, address); all other names do not exist."""
    sysctls: tuple[tuple[str, str], ...] = ()
    """Settings of the kernel that somebody wrote after Docker did (`sysctl -w`)."""
    outside_routes: tuple[HostRoute, ...] = ()
    """Routes that the machines behind eth0 have, such as one to a bridge's subnet via
    this host."""
    firewall: tuple[FirewallChange, ...] = ()
    """What was done to the firewall by others than Docker, oldest first."""
    legacy_firewall: bool = False
    """Whether ``iptables`` is iptables-legacy, which has its own store of rules."""
    ufw: UfwFacts = UfwFacts()

    @property
    def resolv_text(self) -> str:
        """The text of the host's own /etc/resolv.conf."""
        if self.resolv_conf is not None:
            return self.resolv_conf
        lines = [f"nameserver {server}" for server in self.nameservers]
        lines += [f"search {' '.join(self.search)}"] if self.search else []
        options = " ".join(self.resolv_options)
        lines += [f"options {options}"] if options else []
        return "".join(f"{line}\n" for line in lines)


def sample_host() -> HostFacts:
    """The host of every lesson: one card, 192.0.2.2/24, behind the router 192.0.2.1.

    The addresses are TEST-NET-1 of RFC 5737, which no real network uses. The names
    outside are those that RFC 2606 keeps for examples; their addresses are made up, of
    TEST-NET-2 and -3 (RFC 5737) and 2001:db8::/32 (RFC 3849). DNS servers are the
    router, and the public ones that people type after ``--dns``.

    >>> sample_host().interfaces[0].name
    'eth0'
    """
    eth0 = HostInterface(
        name="eth0",
        index=2,
        mac=MAC.parse("52:54:00:00:02:02"),
        addresses=((Address.parse("192.0.2.2"), 24),),
    )
    return HostFacts(
        hostname="docker-host",
        interfaces=(eth0,),
        routes=(
            HostRoute(
                destination=None, device="eth0", gateway=Address.parse("192.0.2.1")
            ),
            HostRoute(
                destination=Prefix.parse("192.0.2.0/24"),
                device="eth0",
                source=Address.parse("192.0.2.2"),
                kernel=True,
            ),
        ),
        nameservers=("192.0.2.1",),
        search=("example.test",),
        outside_servers=("192.0.2.1", "1.1.1.1", "8.8.4.4", "8.8.8.8", "9.9.9.9"),
        outside_names=(
            ("example.com", "198.51.100.80"),
            ("example.com", "2001:db8:1::80"),
            ("www.example.com", "198.51.100.80"),
            ("example.net", "198.51.100.81"),
            ("example.org", "203.0.113.80"),
            ("example.org", "2001:db8:2::80"),
        ),
    )
