"""The grammar of a ``ufw`` rule, and the rule said again in ufw's words.

```
ufw [delete | insert N | prepend] [route] allow|deny|reject|limit
    [in|out [on CARD]] [PORT[/PROTO] | SERVICE]                           the short form
    [proto P] [from ADDRESS [port P]] [to ADDRESS [port P]] [comment C]   the long one
```

A rule that names no address is kept twice, for IPv4 and for IPv6.

Source: ufw(8); texts of ufw 0.36.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.errors import ProgramRefusal
from minidock.firewall.makers import prefix_of
from minidock.model.host import UfwRule
from minidock.net.address import V6

__all__ = ["Wanted", "bad_syntax", "read_rule", "refused", "spoken"]

_ACTIONS = frozenset({"allow", "deny", "reject", "limit"})
# /etc/services: with both protocols the rule has none.
_SERVICES = {
    "ftp": "21/tcp",
    "ssh": "22/tcp",
    "telnet": "23/tcp",
    "smtp": "25/tcp",
    "domain": "53",
    "http": "80/tcp",
    "ntp": "123/udp",
    "imap2": "143/tcp",
    "https": "443",
    "submission": "587/tcp",
    "imaps": "993/tcp",
    "openvpn": "1194",
    "mysql": "3306/tcp",
    "postgresql": "5432/tcp",
    "redis": "6379/tcp",
    "http-alt": "8080",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A rule's command: what to do with which rules, one for each family."""

    rules: tuple[UfwRule, ...]
    delete: bool = False
    place: int = 0
    """The number it is inserted at, from 1; 0 appends."""


def refused(text: str) -> ProgramRefusal:
    """A refusal by ufw: ``ERROR: TEXT``, exit status 1."""
    return ProgramRefusal(f"ERROR: {text}", code=1)


def bad_syntax(text: str) -> ProgramRefusal:
    """The refusal of words that make no command."""
    return ProgramRefusal(
        f"ERROR: {text}",
        code=1,
        rule="ufw understands the commands of ufw(8)",
        remedy="ufw allow 22/tcp, ufw deny 8080, ufw enable, ufw status",
    )


def read_rule(words: Sequence[str]) -> Wanted:
    """What a rule's command asks for.

    >>> wanted = read_rule("deny from 203.0.113.7 to any port 80 proto tcp".split())
    >>> [(rule.action, rule.source, rule.port) for rule in wanted.rules]
    [('deny', '203.0.113.7', '80')]
    >>> read_rule(["allow", "99999"])
    Traceback (most recent call last):
    ...
    minidock.errors.ProgramRefusal: ERROR: Bad port
    """
    rest = list(words)
    delete, place, route = False, 0, False
    while rest and rest[0] in {"delete", "insert", "prepend", "route", "rule"}:
        word = rest.pop(0)
        delete |= word == "delete"
        route |= word == "route"
        if word == "insert":
            if not rest or not rest[0].isdecimal():
                raise bad_syntax("Invalid syntax")
            place = int(rest.pop(0))
        place = 1 if word == "prepend" else place
    if not rest or rest[0] not in _ACTIONS or len(rest) < 2:
        raise bad_syntax("Invalid syntax")
    rule = UfwRule(action=rest.pop(0), direction="fwd" if route else "in")
    rule = _long(rest, rule) if _is_long(rest) else _short(rest, rule)
    return Wanted(rules=_by_family(rule), delete=delete, place=place)


def _is_long(words: Sequence[str]) -> bool:
    return any(word in {"from", "to", "proto", "on"} for word in words)


def _short(words: list[str], rule: UfwRule) -> UfwRule:
    if words[0] in {"in", "out"}:
        rule = replace(rule, direction=words.pop(0))
    rule = _commented(words, rule)
    if len(words) != 1:
        raise bad_syntax("Invalid syntax")
    port, slash, protocol = _SERVICES.get(words[0], words[0]).partition("/")
    if slash and protocol not in {"tcp", "udp"}:
        raise refused("Bad port")
    _check_ports(port, protocol)
    return replace(rule, port=port, protocol=protocol)


def _commented(words: list[str], rule: UfwRule) -> UfwRule:
    if "comment" not in words[:-1]:
        return rule
    at = words.index("comment")
    comment = " ".join(words[at + 1 :])
    del words[at:]
    return replace(rule, comment=comment)


def _long(words: list[str], rule: UfwRule) -> UfwRule:
    rule = _commented(words, rule)
    side = "to"
    while words:
        word = words.pop(0)
        if not words and word not in {"in", "out"}:
            raise bad_syntax("Invalid syntax")
        match word:
            case "in" | "out":
                rule = _on_card(word, words, rule)
            case "from" | "to":
                side = word
                rule = _with_address(side, words.pop(0), rule)
            case "port":
                ports = words.pop(0)
                ports, _, named = _SERVICES.get(ports, ports).partition("/")
                rule = replace(rule, protocol=rule.protocol or named)
                rule = (
                    replace(rule, source_port=ports)
                    if side == "from"
                    else replace(rule, port=ports)
                )
            case "proto":
                protocol = words.pop(0)
                if protocol not in {"tcp", "udp", "any"}:
                    raise refused(f"Unsupported protocol '{protocol}'")
                rule = replace(rule, protocol="" if protocol == "any" else protocol)
            case _:
                raise bad_syntax("Invalid syntax")
    for ports in (rule.port, rule.source_port):
        if ports:
            _check_ports(ports, rule.protocol)
    return rule


def _on_card(way: str, words: list[str], rule: UfwRule) -> UfwRule:
    if rule.direction != "fwd":
        rule = replace(rule, direction=way)
    if words[:1] != ["on"]:
        return rule
    if len(words) < 2:
        raise bad_syntax("Invalid interface clause")
    card = words[1]
    del words[:2]
    if way == "in":
        return replace(rule, interface_in=card)
    return replace(rule, interface_out=card)


def _with_address(side: str, word: str, rule: UfwRule) -> UfwRule:
    if word == "any":
        return rule
    try:
        prefix = prefix_of(word, None)
    except ValueError as error:
        kind = "source" if side == "from" else "destination"
        raise refused(f"Bad {kind} address") from error
    text = str(prefix.first if prefix.length == prefix.bits else prefix)
    other = rule.destination or rule.source
    six = prefix.family == V6
    if other and six != rule.six:
        raise refused("Mixed IP versions for 'from' and 'to'")
    if side == "from":
        return replace(rule, source=text, six=six)
    return replace(rule, destination=text, six=six)


def _check_ports(ports: str, protocol: str) -> None:
    several = "," in ports or ":" in ports
    for number in ports.replace(":", ",").split(","):
        if not number.isdecimal():
            if not several:
                raise refused(f"Could not find a profile matching '{ports}'")
            raise refused("Bad port")
        if not 0 < int(number) <= 65535:
            raise refused("Bad port")
    if several and not protocol:
        raise refused("Must specify 'tcp' or 'udp' with multiple ports")


def _by_family(rule: UfwRule) -> tuple[UfwRule, ...]:
    if rule.source or rule.destination:
        return (rule,)
    return (rule, replace(rule, six=True))


def spoken(rule: UfwRule) -> str:
    """The rule as ``ufw show added`` says it.

    >>> spoken(UfwRule(action="deny", port="8080"))
    'deny 8080'
    >>> spoken(UfwRule(action="allow", source="203.0.113.7", port="80", protocol="tcp"))
    'allow from 203.0.113.7 to any port 80 proto tcp'
    """
    words = ["route"] * (rule.direction == "fwd") + [rule.action]
    cards = [("in", rule.interface_in), ("out", rule.interface_out)]
    on_card = [f"{way} on {card}" for way, card in cards if card]
    words += on_card or (["out"] if rule.direction == "out" else [])
    if rule.source or rule.destination or rule.source_port or on_card:
        words += _side("from", rule.source, rule.source_port)
        words += _side("to", rule.destination, rule.port)
        words += ["proto", rule.protocol] if rule.protocol else []
    else:
        words += [f"{rule.port}/{rule.protocol}" if rule.protocol else rule.port]
    words += ["comment", f"'{rule.comment}'"] if rule.comment else []
    return " ".join(words)


def _side(word: str, address: str, port: str) -> list[str]:
    if not address and not port:
        return []
    return [word, address or "any", *(["port", port] if port else [])]
