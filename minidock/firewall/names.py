"""The names that iptables looks up in /etc/services and /etc/protocols, as a table.

```
--dport http ──▶ 80        -p 6 ──▶ tcp        --icmp-type echo-request ──▶ 8
dpt:http     ◀── 80        tcp  ◀── 6          icmp echo-request        ◀── 8
```

Only the names that people meet on a Docker host are here; iptables reads the computer's
own files, which have some hundreds.

Sources: IANA's registries of services, protocols, ICMP and ICMPv6 types.
"""

from minidock.net.address import V4, V6

__all__ = [
    "ICMP_TYPES",
    "PROTOCOLS",
    "SERVICES",
    "icmp_name",
    "icmp_number",
    "port_number",
    "protocol_name",
    "service_name",
]

SERVICES = {
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "bootps": 67,
    "bootpc": 68,
    "http": 80,
    "pop3": 110,
    "sunrpc": 111,
    "ntp": 123,
    "netbios-ns": 137,
    "netbios-dgm": 138,
    "netbios-ssn": 139,
    "imap2": 143,
    "snmp": 161,
    "bgp": 179,
    "ldap": 389,
    "https": 443,
    "microsoft-ds": 445,
    "submission": 587,
    "ldaps": 636,
    "imaps": 993,
    "pop3s": 995,
    "socks": 1080,
    "openvpn": 1194,
    "ms-sql-s": 1433,
    "nfs": 2049,
    "mysql": 3306,
    "postgresql": 5432,
    "amqp": 5672,
    "redis": 6379,
    "http-alt": 8080,
}

PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "tcp": 6,
    "udp": 17,
    "dccp": 33,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ipv6-icmp": 58,
    "sctp": 132,
    "udplite": 136,
}

ICMP_TYPES = {
    V4: {
        "echo-reply": 0,
        "destination-unreachable": 3,
        "source-quench": 4,
        "redirect": 5,
        "echo-request": 8,
        "router-advertisement": 9,
        "router-solicitation": 10,
        "time-exceeded": 11,
        "parameter-problem": 12,
        "timestamp-request": 13,
        "timestamp-reply": 14,
    },
    V6: {
        "destination-unreachable": 1,
        "packet-too-big": 2,
        "time-exceeded": 3,
        "parameter-problem": 4,
        "echo-request": 128,
        "echo-reply": 129,
        "router-solicitation": 133,
        "router-advertisement": 134,
        "neighbour-solicitation": 135,
        "neighbour-advertisement": 136,
        "redirect": 137,
    },
}
_ICMP_CODES = {
    V4: {
        "network-unreachable": (3, 0),
        "host-unreachable": (3, 1),
        "protocol-unreachable": (3, 2),
        "port-unreachable": (3, 3),
        "fragmentation-needed": (3, 4),
        "source-route-failed": (3, 5),
        "network-prohibited": (3, 9),
        "host-prohibited": (3, 10),
        "communication-prohibited": (3, 13),
        "ttl-zero-during-transit": (11, 0),
    },
    V6: {
        "no-route": (1, 0),
        "communication-prohibited": (1, 1),
        "address-unreachable": (1, 3),
        "port-unreachable": (1, 4),
    },
}
_OTHER_ICMP = {
    "ping": "echo-request",
    "pong": "echo-reply",
    "ttl-exceeded": "time-exceeded",
    "neighbor-solicitation": "neighbour-solicitation",
    "neighbor-advertisement": "neighbour-advertisement",
}
_OTHER_PROTOCOLS = {"icmpv6": "ipv6-icmp", "ipv6-auth": "ah", "ipv6-crypt": "esp"}
_SERVICE_OF = {number: name for name, number in SERVICES.items()}
_PROTOCOL_OF = {str(number): name for name, number in PROTOCOLS.items()}


def port_number(text: str) -> int | None:
    """The port that a number or a service's name stands for; None for neither.

    >>> port_number("http"), port_number("8080"), port_number("99999")
    (80, 8080, None)
    """
    if text.isascii() and text.isdecimal():
        number = int(text)
        return number if number <= 65535 else None
    return SERVICES.get(text)


def service_name(port: int) -> str:
    """The port's name, or its digits where it has none.

    >>> service_name(80), service_name(81)
    ('http', '81')
    """
    return _SERVICE_OF.get(port, str(port))


def protocol_name(text: str) -> str | None:
    """The protocol's one name; "" for every protocol, None for no protocol.

    >>> protocol_name("TCP"), protocol_name("17"), protocol_name("all")
    ('tcp', 'udp', '')
    >>> protocol_name("foo") is None
    True
    """
    name = text.lower()
    if name in {"all", "0"}:
        return ""
    name = _OTHER_PROTOCOLS.get(name, _PROTOCOL_OF.get(name, name))
    return name if name in PROTOCOLS else None


def icmp_number(text: str, family: int) -> tuple[int, int | None] | None:
    """The type, and the code if any, that a name stands for in this family, or None.

    >>> icmp_number("echo-request", 4), icmp_number("port-unreachable", 4)
    ((8, None), (3, 3))
    """
    name = _OTHER_ICMP.get(text, text)
    if name in ICMP_TYPES[family]:
        return ICMP_TYPES[family][name], None
    return _ICMP_CODES[family].get(name)


def icmp_name(number: int, family: int, code: int | None = None) -> str:
    """The name of a type, or of a type's code; ``type N`` where there is none.

    >>> icmp_name(8, 4), icmp_name(128, 6), icmp_name(3, 4, 4), icmp_name(99, 4)
    ('echo-request', 'echo-request', 'fragmentation-needed', 'type 99')
    """
    if code is not None:
        codes = _ICMP_CODES[family].items()
        found = [name for name, known in codes if known == (number, code)]
        return found[0] if found else f"type {number} code {code}"
    names = (name for name, known in ICMP_TYPES[family].items() if known == number)
    return next(names, f"type {number}")
