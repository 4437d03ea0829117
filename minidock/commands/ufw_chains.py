"""What ``ufw`` writes into the kernel's firewall, as ``iptables`` command lines.

```
INPUT    ─▶ ufw-before-logging-input ─▶ ufw-before-input ─▶ ... ─▶ ufw-track-input
                                           │ lo, answers, ping: ACCEPT
                                           └▶ ufw-user-input     ufw allow, ufw deny
FORWARD  ─▶ the same with -forward, appended: below all that Docker put there before
```

ufw's rules for "incoming" hang in INPUT, where packets for the host itself come by. A
published port is forwarded, so it never meets them. ``ufw route`` writes into FORWARD,
but below Docker's rules, which have accepted the packet by then.

Simplified: ``limit`` counts nothing and lets through; IPv6's rules look neither at
routing headers nor at hop limits.

Source: the rules that ufw 0.36.2 was seen to leave in a kernel.
"""

from collections.abc import Iterator

from minidock.model.host import UfwFacts, UfwRule
from minidock.net.address import V4, V6

__all__ = [
    "FAMILIES",
    "Words",
    "chains",
    "emptied",
    "fill",
    "hooks",
    "policies",
    "user",
]

Words = tuple[str, ...]
FAMILIES = (V4, V6)

_WAYS = ("input", "forward", "output")
_STAGES = ("before-logging", "before", "after", "after-logging", "reject", "track")
_NEW = "-m conntrack --ctstate NEW"
_RARELY = "-m limit --limit 3/min --limit-burst 10"
_BLOCK = '--log-prefix "[UFW BLOCK] "'
_CHAIN_OF = {"in": "user-input", "out": "user-output", "fwd": "user-forward"}


def _prefix(family: int) -> str:
    return "ufw" if family == V4 else "ufw6"


def _words(line: str) -> Words:
    """The words of a line; the one free text in quotes stays one word."""
    plain, *quoted = line.split('"')
    words = plain.split()
    if quoted:
        words += [quoted[0], *quoted[1].split()]
    return tuple(words)


def chains(family: int) -> Iterator[Words]:
    """The chains, each of which may be there already."""
    name = _prefix(family)
    for stage in _STAGES:
        yield from (("-N", f"{name}-{stage}-{way}") for way in _WAYS)
    yield from (("-N", chain) for chain in _passing(family))


def _passing(family: int) -> Iterator[str]:
    """The chains that are taken away when ufw is switched off."""
    name = _prefix(family)
    yield from (f"{name}-skip-to-policy-{way}" for way in _WAYS)
    yield from (f"{name}-user-{way}" for way in _WAYS)
    yield from (f"{name}-user-logging-{way}" for way in _WAYS)
    for end in ("logging-deny", "logging-allow", "user-limit", "user-limit-accept"):
        yield f"{name}-{end}"
    if family == V4:
        yield f"{name}-not-local"


def hooks(family: int) -> Iterator[Words]:
    """The jumps from the built-in chains."""
    name = _prefix(family)
    for way in _WAYS:
        for stage in _STAGES:
            yield ("-A", way.upper(), "-j", f"{name}-{stage}-{way}")


def emptied(family: int) -> Iterator[Words]:
    """Switched off: the chains that jumps lead to stay, empty; the others go."""
    yield from (("-X", chain) for chain in _passing(family))
    yield from (("-P", way.upper(), "ACCEPT") for way in _WAYS)


def policies(facts: UfwFacts) -> Iterator[Words]:
    """What the built-in chains do in the end."""
    for way, word in _defaults(facts).items():
        yield ("-P", way.upper(), "ACCEPT" if word == "allow" else "DROP")


def _defaults(facts: UfwFacts) -> dict[str, str]:
    return {"input": facts.incoming, "forward": facts.routed, "output": facts.outgoing}


def fill(facts: UfwFacts, family: int) -> Iterator[Words]:
    """The rules of all chains but the user's."""
    name = _prefix(family)
    lines = _before4() if family == V4 else _before6()
    for line in (*lines, *_after(family)):
        yield _words("-A " + line.replace("@", f"{name}-"))
    for way, word in _defaults(facts).items():
        for line in _by_default(way, word, facts):
            yield _words("-A " + line.replace("@", f"{name}-"))
    for line in _limits(facts, family):
        yield _words("-A " + line.replace("@", f"{name}-"))


def _before4() -> Iterator[str]:
    yield "@before-input -i lo -j ACCEPT"
    yield "@before-output -o lo -j ACCEPT"
    for way in _WAYS:
        yield f"@before-{way} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield "@before-input -m conntrack --ctstate INVALID -j @logging-deny"
    yield "@before-input -m conntrack --ctstate INVALID -j DROP"
    for way in ("input", "forward"):
        for number in (3, 11, 12, 8):
            yield f"@before-{way} -p icmp -m icmp --icmp-type {number} -j ACCEPT"
    yield "@before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT"
    yield "@before-input -j @not-local"
    for kind in ("LOCAL", "MULTICAST", "BROADCAST"):
        yield f"@not-local -m addrtype --dst-type {kind} -j RETURN"
    yield f"@not-local {_RARELY} -j @logging-deny"
    yield "@not-local -j DROP"
    for group, port in (("224.0.0.251", 5353), ("239.255.255.250", 1900)):
        yield f"@before-input -d {group}/32 -p udp -m udp --dport {port} -j ACCEPT"
    yield from (f"@before-{way} -j @user-{way}" for way in _WAYS)


def _before6() -> Iterator[str]:
    icmp = "-p ipv6-icmp -m icmp6 --icmpv6-type"
    yield "@before-input -i lo -j ACCEPT"
    yield "@before-output -o lo -j ACCEPT"
    for way in _WAYS:
        yield f"@before-{way} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield f"@before-input {icmp} 129 -j ACCEPT"
    yield "@before-input -m conntrack --ctstate INVALID -j @logging-deny"
    yield "@before-input -m conntrack --ctstate INVALID -j DROP"
    errors, echo = (1, 2, 3, 4), (128, 129)
    multicast, routers, mobile = (130, 131, 132, 143), (151, 152, 153), range(144, 148)
    for way, kinds in (
        ("forward", (*errors, *echo)),
        ("input", (*errors, 128, 133, 134, 135, 136, 141, 142)),
        ("output", (*errors, *echo, 133, 136, 135, 134, 141, 142)),
    ):
        here = f"@before-{way} {icmp}"
        yield from (f"{here} {kind} -j ACCEPT" for kind in kinds)
        if way == "forward":
            continue
        near = f"@before-{way} -s fe80::/10 {icmp}"
        yield from (f"{near} {kind} -j ACCEPT" for kind in multicast)
        yield from (f"{here} {kind} -j ACCEPT" for kind in (148, 149))
        yield from (f"{near} {kind} -j ACCEPT" for kind in routers)
        if way == "input":
            yield from (f"{here} {kind} -j ACCEPT" for kind in mobile)
    link = "-s fe80::/10 -d fe80::/10 -p udp -m udp"
    yield f"@before-input {link} --sport 547 --dport 546 -j ACCEPT"
    for group, port in (("ff02::fb", 5353), ("ff02::f", 1900)):
        yield f"@before-input -d {group}/128 -p udp -m udp --dport {port} -j ACCEPT"
    for way in _WAYS:
        yield f"@before-{way} -j @user-{way}"


def _after(family: int) -> Iterator[str]:
    """Noise of local networks goes to the policy without a line in the log."""
    dhcp = (67, 68) if family == V4 else (546, 547)
    for protocol, ports in (("udp", (137, 138)), ("tcp", (139, 445)), ("udp", dhcp)):
        for port in ports:
            match = f"-p {protocol} -m {protocol} --dport {port}"
            yield f"@after-input {match} -j @skip-to-policy-input"
    if family == V4:
        broadcast = "-m addrtype --dst-type BROADCAST"
        yield f"@after-input {broadcast} -j @skip-to-policy-input"


def _by_default(way: str, word: str, facts: UfwFacts) -> Iterator[str]:
    """What depends on the default of one way: allow, deny or reject."""
    target = {"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT"}[word]
    yield f"@skip-to-policy-{way} -j {target}"
    if word == "reject":
        yield f"@reject-{way} -j REJECT"
    if word == "allow":
        for protocol in ("tcp", "udp"):
            yield f"@track-{way} -p {protocol} {_NEW} -j ACCEPT"
    elif facts.logging:
        yield f"@after-logging-{way} {_RARELY} -j LOG {_BLOCK}"


def _limits(facts: UfwFacts, family: int) -> Iterator[str]:
    if facts.logging:
        yield f"@logging-deny -m conntrack --ctstate INVALID {_RARELY} -j RETURN"
        yield f"@logging-deny {_RARELY} -j LOG {_BLOCK}"
        yield f'@logging-allow {_RARELY} -j LOG --log-prefix "[UFW ALLOW] "'
        limit = '--log-prefix "[UFW LIMIT BLOCK] "'
        yield f"@user-limit -m limit --limit 3/min -j LOG {limit}"
    else:
        yield from (f"@user-logging-{way} -j RETURN" for way in _WAYS)
    kind = "icmp-port-unreachable" if family == V4 else "icmp6-port-unreachable"
    yield f"@user-limit -j REJECT --reject-with {kind}"
    yield "@user-limit-accept -j ACCEPT"


def user(rule: UfwRule) -> Iterator[Words]:
    """One of ufw's own rules: two for a port without a protocol, tcp and udp.

    >>> for words in user(UfwRule(action="deny", port="8080")):
    ...     print(*words)
    -A ufw-user-input -p tcp --dport 8080 -j DROP
    -A ufw-user-input -p udp --dport 8080 -j DROP
    """
    name = _prefix(V6 if rule.six else V4)
    protocols = [rule.protocol]
    if not rule.protocol and (rule.port or rule.source_port):
        protocols = ["tcp", "udp"]
    for protocol in protocols:
        words = ["-A", f"{name}-{_CHAIN_OF[rule.direction]}"]
        for option, value in (
            ("-s", rule.source),
            ("-d", rule.destination),
            ("-i", rule.interface_in),
            ("-o", rule.interface_out),
            ("-p", protocol),
        ):
            words += [option, value] if value else []
        words += _ports("s", rule.source_port) + _ports("d", rule.port)
        yield (*words, *_target(rule, protocol, name))


def _ports(side: str, ports: str) -> list[str]:
    if not ports:
        return []
    if "," in ports or ":" in ports:
        return ["-m", "multiport", f"--{side}ports", ports]
    return [f"--{side}port", ports]


def _target(rule: UfwRule, protocol: str, name: str) -> list[str]:
    match rule.action:
        case "allow":
            return ["-j", "ACCEPT"]
        case "deny":
            return ["-j", "DROP"]
        case "limit":
            return ["-j", f"{name}-user-limit-accept"]
        case _:
            reset = ["--reject-with", "tcp-reset"] if protocol == "tcp" else []
            return ["-j", "REJECT", *reset]
