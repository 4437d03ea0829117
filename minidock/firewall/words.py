"""A rule's words: what follows ``-A CHAIN`` in iptables' language, in both directions.

```
OutInterface("docker0", negated=True)  ──words_of──▶   ! -o docker0
Dnat(172.17.0.2, 80)                   ◀─read_rule──   -j DNAT --to-destination ...
```

Each option stands once, in the table ``_OPTIONS``: the reader looks it up by its name,
the writer by its type.

Invariant: ``read_rule(table, chain, words_of(rule)) == rule`` for every rule.

The language is iptables' own, iptables(8) and iptables-extensions(8); the spelling is
what ``iptables-save`` 1.8.9 prints.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.firewall.rule import (
    ChecksumFill,
    ConnectionState,
    Destination,
    DestinationPort,
    DestinationType,
    Dnat,
    IcmpType,
    InInterface,
    Jump,
    Masquerade,
    Match,
    OutInterface,
    Protocol,
    Rule,
    Snat,
    Source,
    SourcePort,
    SourceType,
    Target,
    Verdict,
)
from minidock.net.address import V6, Address
from minidock.net.prefix import Prefix

__all__ = ["read_rule", "words_of"]

_OWN = "own"  # stands for the module named after the rule's protocol
_MODULE_OF = {"ipv6-icmp": "icmp6"}
_ICMP_OPTION = {"ipv6-icmp": "--icmpv6-type"}
_ANYWHERE = frozenset({"0/0", "0.0.0.0/0", "::/0"})


class _Option(NamedTuple):
    """An option that stands for a match, and the module that must be loaded for it."""

    name: str
    match: type[Match]
    make: Callable[[str, bool], Match]
    module: str = ""


def read_rule(table: str, chain: str, words: Sequence[str]) -> Rule:
    """The rule that stands behind these words.

    >>> drop = read_rule("filter", "FORWARD", "! -i docker0 -j DROP".split())
    >>> drop.matches, drop.target
    ((InInterface(name='docker0', negated=True),), <Verdict.DROP: 'DROP'>)
    >>> read_rule("filter", "FORWARD", ["--colour", "red", "-j", "DROP"])
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: unknown option "--colour"
    """
    matches: list[Match] = []
    target: Target | None = None
    reader = _Reader(words)
    while reader.more:
        negated, name = reader.option()
        if name == "-j":
            target = _read_target(reader)
        elif name == "-m":
            reader.argument(name)
        elif (option := _BY_NAME.get(name)) is None:
            raise _unknown(name)
        elif (text := reader.argument(name)) not in _ANYWHERE or negated:
            matches.append(option.make(text, negated))
    if target is None:
        raise NotationError(
            "a rule without -j does nothing",
            value=" ".join(words),
            rule="a rule here has a target: a rule that only counts is not modelled",
            remedy="-j ACCEPT, -j DROP, -j RETURN or -j CHAIN",
        )
    return Rule(table=table, chain=chain, matches=tuple(matches), target=target)


def words_of(rule: Rule) -> tuple[str, ...]:
    """The rule's words, as ``iptables-save`` prints them after the chain's name.

    >>> from minidock.firewall.rule import rule
    >>> words_of(rule("nat", "DOCKER", Protocol("tcp"), DestinationPort(80),
    ...               target=Dnat(Address.parse("172.17.0.2"), 80)))
    ('-p', 'tcp', '-m', 'tcp', '--dport', '80', '-j', 'DNAT', '--to-destination', \
'172.17.0.2:80')
    """
    named = [match.name for match in rule.matches if isinstance(match, Protocol)]
    protocol = named[0] if named else ""
    words: list[str] = []
    loaded = ""
    for match in rule.matches:
        option = _BY_TYPE[type(match)]
        module = option.module
        if module == _OWN:
            module = _MODULE_OF.get(protocol, protocol)
        if module != loaded:
            words += ["-m", module]
            loaded = module
        words += ["!"] if match.negated else []
        words += [_name_of(option, protocol), _text_of(match)]
    return (*words, "-j", *_target_words(rule.target))


class _Reader:
    """The words of a rule, taken one after the other."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(words)[::-1]

    @property
    def more(self) -> bool:
        return bool(self._words)

    def option(self) -> tuple[bool, str]:
        word = self._words.pop()
        negated = word == "!"
        if negated:
            word = self.argument("!")
        return negated, _ALIASES.get(word, word)

    def argument(self, option: str) -> str:
        if not self._words:
            raise NotationError(
                f'option "{option}" requires an argument',
                value=option,
                rule="the value of an option is the word after it",
            )
        return self._words.pop()

    def value_of(self, option: str) -> str:
        """The argument of an option that may come next; "" where another comes."""
        if not self._words or self._words[-1] != option:
            return ""
        self._words.pop()
        return self.argument(option)


def _read_target(reader: _Reader) -> Target:
    name = reader.argument("-j")
    match name:
        case "ACCEPT" | "DROP" | "RETURN":
            return Verdict(name)
        case "MASQUERADE":
            return Masquerade()
        case "DNAT":
            return Dnat(*_read_end(reader.value_of("--to-destination")))
        case "SNAT":
            return Snat(*_read_end(reader.value_of("--to-source")))
        case "CHECKSUM":
            _, option = reader.option()
            if option != "--checksum-fill":
                raise _unknown(option)
            return ChecksumFill()
        case _:
            return Jump(name)


def _target_words(target: Target) -> tuple[str, ...]:
    match target:
        case Verdict():
            return (target.value,)
        case Jump(chain):
            return (chain,)
        case Masquerade():
            return ("MASQUERADE",)
        case Dnat(address, port):
            return ("DNAT", "--to-destination", _end(address, port))
        case Snat(address, port):
            return ("SNAT", "--to-source", _end(address, port))
        case ChecksumFill():
            return ("CHECKSUM", "--checksum-fill")


def _end(address: Address | None, port: int | None) -> str:
    host = "" if address is None else str(address)
    if port is None:
        return host
    brackets = address is not None and address.family == V6
    return f"[{host}]:{port}" if brackets else f"{host}:{port}"


def _read_end(text: str) -> tuple[Address | None, int | None]:
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if not host and not port:
        raise NotationError(
            f'"{text}" is neither an address nor a port',
            value=text,
            rule="DNAT and SNAT change an address, a port or both",
            remedy="172.17.0.2:80, 172.17.0.2, :80 or [fd00::2]:80",
        )
    return Address.parse(host) if host else None, _whole(port) if port else None


def _text_of(match: Match) -> str:
    match match:
        case Source(prefix) | Destination(prefix):
            return str(prefix)
        case InInterface(name) | OutInterface(name) | Protocol(name):
            return name
        case SourcePort(first, last) | DestinationPort(first, last):
            return str(first) if first == last else f"{first}:{last}"
        case ConnectionState(states):
            return ",".join(states)
        case SourceType(kind) | DestinationType(kind):
            return kind
        case IcmpType(number):
            return str(number)


def _name_of(option: _Option, protocol: str) -> str:
    if option.match is IcmpType:
        return _ICMP_OPTION.get(protocol, option.name)
    return option.name


def _prefix(text: str) -> Prefix:
    if "/" in text:
        return Prefix.parse(text, host_bits=True)
    address = Address.parse(text)
    return Prefix.of(address, address.bits)


def _ports(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    return _whole(first), _whole(last or first)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise NotationError(
            f'"{text}" is no whole number',
            value=text,
            rule="ports and ICMP types are numbers here; names are not looked up",
            remedy="80 for http",
        )
    return int(text)


def _protocol(text: str, negated: bool) -> Protocol:
    # icmpv6 is a second name of protocol 58, and -save prints the first.
    return Protocol({"icmpv6": "ipv6-icmp"}.get(text, text), negated)


_OPTIONS = (
    _Option("-s", Source, lambda text, no: Source(_prefix(text), no)),
    _Option("-d", Destination, lambda text, no: Destination(_prefix(text), no)),
    _Option("-i", InInterface, InInterface),
    _Option("-o", OutInterface, OutInterface),
    _Option("-p", Protocol, _protocol),
    _Option("--sport", SourcePort, lambda t, no: SourcePort(*_ports(t), no), _OWN),
    _Option(
        "--dport", DestinationPort, lambda t, no: DestinationPort(*_ports(t), no), _OWN
    ),
    _Option("--icmp-type", IcmpType, lambda t, no: IcmpType(_whole(t), no), _OWN),
    _Option(
        "--ctstate",
        ConnectionState,
        lambda text, no: ConnectionState(tuple(text.split(",")), no),
        "conntrack",
    ),
    _Option("--src-type", SourceType, SourceType, "addrtype"),
    _Option("--dst-type", DestinationType, DestinationType, "addrtype"),
)
_BY_NAME = {option.name: option for option in _OPTIONS}
_BY_TYPE: dict[type, _Option] = {option.match: option for option in _OPTIONS}
_ALIASES = {
    "--source": "-s",
    "--src": "-s",
    "--destination": "-d",
    "--dst": "-d",
    "--in-interface": "-i",
    "--out-interface": "-o",
    "--protocol": "-p",
    "--source-port": "--sport",
    "--destination-port": "--dport",
    "--icmpv6-type": "--icmp-type",
    "--jump": "-j",
    "--match": "-m",
}


def _unknown(option: str) -> NotationError:
    known = ", ".join((*_BY_NAME, "-m", "-j"))
    return NotationError(
        f'unknown option "{option}"',
        value=option,
        rule="only the matches and targets that Docker's rules use are known",
        remedy=f"one of {known}",
    )
