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

from minidock.errors import Conflict, InvalidParameter, NotFound, Refusal
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


def _option(words: Sequence[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words[:-1] else ""


def _interface(host: HostFacts, name: str) -> HostInterface:
    for card in host.interfaces:
        if card.name == name:
            return card
    raise NotFound(
        f'Cannot find device "{name}"',
        asked=f"change the device {name}",
        rule="the host has no such interface",
        remedy="one of " + ", ".join(card.name for card in host.interfaces),
    )


def _with_interface(host: HostFacts, card: HostInterface) -> HostFacts:
    cards = tuple(card if old.name == card.name else old for old in host.interfaces)
    return replace(host, interfaces=cards)


def _split(text: str) -> tuple[Address, int]:
    address, _, length = text.partition("/")
    parsed = Address.parse(address)
    return parsed, int(length) if length else parsed.bits


def _add_address(host: HostFacts, words: Sequence[str]) -> HostFacts:
    address, length = _split(words[0])
    card = _interface(host, _option(words, "dev"))
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
    card = _interface(host, _option(words, "dev"))
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
    gateway = Address.parse(via) if via else None
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
    raise InvalidParameter("Error: Nexthop has invalid gateway.")


def _remove_route(host: HostFacts, words: Sequence[str]) -> HostFacts:
    destination = _destination(words[0])
    left = tuple(r for r in host.routes if r.destination != destination)
    if len(left) == len(host.routes):
        raise NotFound("RTNETLINK answers: No such process")
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
    change = _CHANGES[_OBJECTS[words[1]], words[2]]
    try:
        return change(host, words[3:])
    except ValueError as error:
        if isinstance(error, Refusal):
            raise
        raise InvalidParameter(f"Error: {error}") from error


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
                raise NotFound("RTNETLINK answers: No such process")
            return replace(host, outside_routes=left)
        case _:
            raise InvalidParameter(
                f"minidock knows no {' '.join(words)!r} outside the host",
                asked="a command on a machine behind the host's card",
                rule="of the machines outside only their routes are modelled",
                remedy="ip route add 10.81.0.0/24 via 192.0.2.2, ip route del",
            )
    try:
        route = HostRoute(
            destination=_destination(target),
            device=host.interfaces[0].name,
            gateway=Address.parse(gateway),
        )
    except ValueError as error:
        raise InvalidParameter(f"Error: {error}") from error
    _device_towards(host, route.gateway)
    if any(r.destination == route.destination for r in host.outside_routes):
        raise Conflict("RTNETLINK answers: File exists")
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
