"""What a person changes on the host itself: addresses, routes, files, listeners.

Docker finds these facts and works around them; it never makes them. So they are not
commands to Docker but new :class:`~minidock.model.host.HostFacts`.

```
ip addr add 172.20.9.9/16 dev eth0   ──▶ an address, and the route that comes with it
ip route add 172.18.5.0/24 dev eth0  ──▶ a route
sysctl -w net.ipv4.ip_forward=0      ──▶ a setting of the kernel
```
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from minidock.errors import (
    Conflict,
    InvalidParameter,
    NotFound,
    ProgramRefusal,
)
from minidock.model.host import HostFacts, HostInterface, HostRoute, Listener
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.ports.spec import PROTOCOLS

__all__ = [
    "changed",
    "changed_outside",
    "is_change",
    "outside_text",
    "settings_text",
    "with_file",
    "with_listener",
    "with_resolv_conf",
]


_NOT_A_CARD = re.compile(r"lo|docker.+|br-.+|veth.+|vx-.+")
"""Interfaces that `ip link` may list, and that no person's command changes here."""


def _option(words: Sequence[str], name: str) -> str:
    if words[-1:] == [name]:
        raise ProgramRefusal(
            'Command line is not complete. Try option "help"',
            code=255,
            asked=f"ip ... {name}",
            rule=f"a word stands behind {name}",
            remedy={"dev": "dev eth0", "via": "via 192.0.2.1"}[name],
        )
    return words[words.index(name) + 1] if name in words else ""


def _device(words: Sequence[str], verb: str) -> str:
    name = _option(words, "dev")
    if not name:
        raise ProgramRefusal(
            'Not enough information: "dev" argument is required.',
            code=255,
            asked=f"ip addr {verb} {' '.join(words)}",
            rule="an address belongs to an interface",
            remedy=f"ip addr {verb} {words[0]} dev eth0",
        )
    return name


def _interface(host: HostFacts, name: str) -> HostInterface:
    for card in host.interfaces:
        if card.name == name:
            return card
    known = _NOT_A_CARD.fullmatch(name)
    raise NotFound(
        f'minidock cannot change "{name}"' if known else f'Cannot find device "{name}"',
        asked=f"change the device {name}",
        rule="the host's own cards are changed by hand; what Docker makes (docker0, "
        "br-..., veth...) follows from Docker's commands"
        if known
        else "the host has no such interface",
        remedy="one of " + ", ".join(card.name for card in host.interfaces),
    )


def _with_interface(host: HostFacts, card: HostInterface) -> HostFacts:
    cards = tuple(card if old.name == card.name else old for old in host.interfaces)
    return replace(host, interfaces=cards)


def _split(text: str) -> tuple[Address, int]:
    address, slash, digits = text.partition("/")
    try:
        parsed = Address.parse(address)
        length = int(digits) if slash else parsed.bits
        Prefix.of(parsed, length)
    except ValueError as error:
        raise ProgramRefusal(
            f'Error: any valid prefix is expected rather than "{text}".',
            asked=f"read {text}",
            rule="an address, a slash, and the number of leading bits that its network "
            "has: up to 32 of IPv4, up to 128 of IPv6",
            remedy="192.0.2.80/24",
        ) from error
    return parsed, length


def _gateway(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise ProgramRefusal(
            f'Error: any valid address is expected rather than "{text}".',
            asked=f"a route via {text}",
            rule="via names the next router, by its address",
            remedy="via 192.0.2.1",
        ) from error


def _add_address(host: HostFacts, words: Sequence[str]) -> HostFacts:
    address, length = _split(words[0])
    card = _interface(host, _device(words, "add"))
    if (address, length) in card.addresses:
        raise Conflict(
            "RTNETLINK answers: File exists",
            asked=f"add {words[0]} to {card.name}",
            rule="an interface has each address once",
            remedy=f"ip addr show dev {card.name}, which lists them",
        )
    card = replace(card, addresses=(*card.addresses, (address, length)))
    route = HostRoute(
        destination=Prefix.of(address, length),
        device=card.name,
        source=address,
        kernel=True,
    )
    return replace(_with_interface(host, card), routes=(*host.routes, route))


def _remove_address(host: HostFacts, words: Sequence[str]) -> HostFacts:
    pair = _split(words[0])
    card = _interface(host, _device(words, "del"))
    if pair not in card.addresses:
        raise NotFound(
            "RTNETLINK answers: Cannot assign requested address",
            asked=f"remove {words[0]} from {card.name}",
            rule="an address is removed as it was added, with its length",
            remedy="one of " + ", ".join(f"{at}/{bits}" for at, bits in card.addresses),
        )
    left = tuple(item for item in card.addresses if item != pair)
    routes = tuple(
        route
        for route in host.routes
        if not (route.kernel and route.device == card.name and route.source == pair[0])
    )
    return replace(_with_interface(host, replace(card, addresses=left)), routes=routes)


def _destination(text: str) -> Prefix | None:
    if text == "default":
        return None
    address, length = _split(text)
    return Prefix.of(address, length)


def _add_route(host: HostFacts, words: Sequence[str]) -> HostFacts:
    via = _option(words, "via")
    gateway = _gateway(via) if via else None
    device = _option(words, "dev") or _device_towards(host, gateway)
    route = HostRoute(
        destination=_destination(words[0]), device=device, gateway=gateway
    )
    _interface(host, device)
    return replace(host, routes=(*host.routes, route))


def _device_towards(host: HostFacts, gateway: Address | None) -> str:
    for route in host.routes:
        if gateway and route.destination and gateway in route.destination:
            return route.device
    if gateway is None:
        raise ProgramRefusal(
            "RTNETLINK answers: No such device",
            code=2,
            asked="a route that says neither via nor dev",
            rule="a route says where a packet goes next: to a router, or out of a card",
            remedy="via 192.0.2.1, or dev eth0",
        )
    raise InvalidParameter(
        "Error: Nexthop has invalid gateway.",
        asked=f"a route via {gateway}",
        rule="the next router must be on a link of this machine",
        remedy="an address of " + ", ".join(_links(host)),
    )


def _links(host: HostFacts) -> list[str]:
    return [str(r.destination) for r in host.routes if r.kernel and r.destination]


def _no_such_route(text: str) -> NotFound:
    return NotFound(
        "RTNETLINK answers: No such process",
        asked=f"remove the route to {text}",
        rule="a route is removed by the prefix that it was added with",
        remedy="ip route, which lists them",
    )


def _remove_route(host: HostFacts, words: Sequence[str]) -> HostFacts:
    destination = _destination(words[0])
    left = tuple(r for r in host.routes if r.destination != destination)
    if len(left) == len(host.routes):
        raise _no_such_route(words[0])
    return replace(host, routes=left)


_CHANGES: dict[tuple[str, str], Callable[[HostFacts, Sequence[str]], HostFacts]] = {
    ("addr", "add"): _add_address,
    ("addr", "del"): _remove_address,
    ("route", "add"): _add_route,
    ("route", "del"): _remove_route,
}
_SETTING = re.compile(
    r"net\.ipv4\.ip_forward"
    r"|net\.ipv4\.conf\.[\w-]+\.(?:rp_filter|route_localnet)"
    r"|net\.ipv6\.conf\.(?:all|default)\.forwarding"
    r"|net\.bridge\.bridge-nf-call-ip6?tables"
)
_OBJECTS = {
    "address": "addr",
    "addr": "addr",
    "a": "addr",
    "route": "route",
    "r": "route",
}


def changed(host: HostFacts, words: Sequence[str]) -> HostFacts | None:
    """The host after an ``ip`` command, or None where the words change nothing.

    >>> from minidock.model.host import sample_host
    >>> line = "ip route add 172.18.5.0/24 dev eth0"
    >>> str(changed(sample_host(), line.split()).routes[-1].destination)
    '172.18.5.0/24'
    >>> changed(sample_host(), ["ip", "route"]) is None
    True
    """
    if not is_change(words):
        return None
    if words[0] == "sysctl":
        return _with_settings(host, words[1:])
    rest = [*words[3:]]
    if rest[0] in {"dev", "via"} and len(rest) > 2:  # ip takes them in any order
        rest = rest[2:] + rest[:2]
    return _CHANGES[_OBJECTS[words[1]], words[2]](host, rest)


def is_change(words: Sequence[str]) -> bool:
    """Whether it is an ``ip`` or ``sysctl`` command that changes something.

    >>> is_change("ip route add 10.0.0.0/8 dev eth0".split()), is_change(["ip", "addr"])
    (True, False)
    >>> is_change(["sysctl", "-w", "net.ipv4.ip_forward=0"])
    True
    """
    if words and words[0] == "sysctl":
        return any("=" in word for word in words[1:])
    if len(words) < 4 or words[0] != "ip":
        return False
    return (_OBJECTS.get(words[1], ""), words[2]) in _CHANGES


def _with_settings(host: HostFacts, words: Sequence[str]) -> HostFacts:
    """The host after ``sysctl -w NAME=VALUE ...`` (sysctl(8))."""
    known = dict(host.sysctls)
    for word in words:
        if word in {"-w", "-q", "-qw", "--write"}:
            continue
        name, _, value = word.partition("=")
        name = name.strip().replace("/", ".")
        if not _SETTING.fullmatch(name):
            raise NotFound(
                f"sysctl: cannot stat /proc/sys/{name.replace('.', '/')}: "
                "No such file or directory",
                asked=f"set {name}",
                rule="of the kernel's settings those are modelled that decide where "
                "packets go",
                remedy="net.ipv4.ip_forward, net.ipv4.conf.all.rp_filter, "
                "net.ipv4.conf.docker0.route_localnet, "
                "net.bridge.bridge-nf-call-iptables",
            )
        if value.strip() not in {"0", "1", "2"}:
            raise InvalidParameter(
                f'sysctl: setting key "{name}": Invalid argument',
                asked=f"set {name} to {value}",
                rule="the setting is a switch",
                remedy=f"sysctl -w {name}=1",
            )
        known.pop(name, None)
        known[name] = value.strip()
    return replace(host, sysctls=tuple(known.items()))


def settings_text(words: Sequence[str]) -> str:
    """What ``sysctl -w`` prints: each setting that it wrote, unless it is quiet."""
    if any(word.startswith("-") and "q" in word for word in words):
        return ""
    pairs = (word.partition("=") for word in words if "=" in word)
    return "".join(f"{name.replace('/', '.')} = {value}\n" for name, _, value in pairs)


def changed_outside(host: HostFacts, words: Sequence[str]) -> HostFacts:
    """The host's surroundings after ``ip route add`` or ``del`` on a machine there.

    >>> from minidock.model.host import sample_host
    >>> line = "ip route add 10.81.0.0/24 via 192.0.2.2"
    >>> there = changed_outside(sample_host(), line.split())
    >>> str(there.outside_routes[0].destination)
    '10.81.0.0/24'
    >>> changed_outside(there, line.split())
    Traceback (most recent call last):
    ...
    minidock.errors.Conflict: RTNETLINK answers: File exists

    Raises:
        Refusal: ip would refuse, or it is no such command.
    """
    match words:
        case ["ip", "route" | "r", "add", target, "via", gateway, *_]:
            pass
        case ["ip", "route" | "r", "del" | "delete", target, *_]:
            destination = _destination(target)
            left = tuple(r for r in host.outside_routes if r.destination != destination)
            if left == host.outside_routes:
                raise _no_such_route(target)
            return replace(host, outside_routes=left)
        case _:
            raise InvalidParameter(
                f"minidock knows no {' '.join(words)!r} outside the host",
                asked="a command on a machine behind the host's card",
                rule="of the machines outside only their routes are modelled",
                remedy="ip route add 10.81.0.0/24 via 192.0.2.2, ip route del",
            )
    route = HostRoute(
        destination=_destination(target),
        device=host.interfaces[0].name,
        gateway=_gateway(gateway),
    )
    _device_towards(host, route.gateway)
    if any(r.destination == route.destination for r in host.outside_routes):
        raise Conflict(
            "RTNETLINK answers: File exists",
            asked=f"add a route to {target}",
            rule="there is one route to each prefix",
            remedy=f"ip route del {target} first",
        )
    return replace(host, outside_routes=(*host.outside_routes, route))


def outside_text(host: HostFacts, words: Sequence[str]) -> str | None:
    """What ``ip route`` prints on a machine outside; None for other words."""
    if [*words] not in (["ip", "route"], ["ip", "r"], ["ip", "route", "show"]):
        return None
    return "".join(
        f"{route.destination or 'default'} via {route.gateway} dev {route.device}\n"
        for route in host.outside_routes
    )


def with_listener(
    host: HostFacts, protocol: str, port: int, address: str = ""
) -> HostFacts:
    """The host with one more process that listens; no address means every address.

    Raises:
        InvalidParameter: no such protocol or port.
    """
    if protocol not in PROTOCOLS or not 1 <= port <= 65535:
        raise InvalidParameter(
            f"nobody can listen on {port}/{protocol}",
            asked=f"listen on {port}/{protocol}",
            rule="a port is 1 to 65535, of tcp, udp or sctp",
            remedy='listen("tcp", 8080)',
        )
    where = Address.parse(address) if address else None
    listener = Listener(protocol=protocol, port=port, address=where)
    return replace(host, listeners=(*host.listeners, listener))


def with_file(host: HostFacts, name: str, text: str) -> HostFacts:
    """The host with this text in /etc/resolv.conf or /etc/hosts.

    Raises:
        InvalidParameter: Docker does not read that file.
    """
    if name == "/etc/resolv.conf":
        return with_resolv_conf(host, text)
    if name == "/etc/hosts":
        return replace(host, hosts_file=text)
    raise InvalidParameter(
        f"Docker does not read {name}",
        asked=f"write {name} on the host",
        rule="of the host's files only those that Docker reads are modelled",
        remedy="/etc/resolv.conf or /etc/hosts",
    )


def with_resolv_conf(host: HostFacts, text: str) -> HostFacts:
    r"""The host with this /etc/resolv.conf (resolv.conf(5)).

    >>> from minidock.model.host import sample_host
    >>> with_resolv_conf(sample_host(), "nameserver 127.0.0.53\n").nameservers
    ('127.0.0.53',)
    """
    servers: list[str] = []
    search: list[str] = []
    options: list[str] = []
    for line in text.splitlines():
        key, *values = line.split() or [""]
        if key == "nameserver":
            servers += values[:1]
        elif key in {"search", "domain"}:
            search = values
        elif key == "options":
            options += values
    return replace(
        host,
        nameservers=tuple(servers),
        search=tuple(search),
        resolv_options=tuple(options),
        resolv_conf=text,
    )
