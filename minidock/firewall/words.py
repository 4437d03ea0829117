"""A rule's words: what follows ``-A CHAIN`` in iptables' language, in both directions.

```
OutInterface("docker0", negated=True)  ──words_of──▶   ! -o docker0
Dnat(172.17.0.2, 80)                   ◀─read_rule──   -j DNAT --to-destination ...
```

Each option stands once, in the table of :mod:`minidock.firewall.options`: the reader
looks it up by its name, the writer by the match. What is not in the table, as a set of
addresses or a mark, is refused, as a rule that is only half understood would be wrong.

Invariant: ``read_rule(table, chain, words_of(rule)) == rule`` for every rule.

The language is iptables' own, iptables(8) and iptables-extensions(8); the spelling is
what ``iptables-save`` 1.8.9 prints.
"""

import re
from collections.abc import Iterable, Sequence

from minidock.errors import NotationError
from minidock.firewall.extensions import LOG_LEVELS, REJECTIONS, Limit, Log, Reject
from minidock.firewall.makers import prefix_of
from minidock.firewall.options import (
    BY_NAME,
    OWN,
    Option,
    option_of,
    unknown,
)
from minidock.firewall.rule import (
    PORT_PROTOCOLS,
    ChecksumFill,
    Dnat,
    Jump,
    Masquerade,
    Match,
    Protocol,
    Rule,
    Snat,
    Target,
    Verdict,
)
from minidock.net.address import V4, V6, Address

__all__ = ["quoted", "read_rule", "split_words", "target_words", "words_of"]

_MODULE_OF = {"ipv6-icmp": "icmp6"}
_MODULES = frozenset(option.module for option in BY_NAME.values()) - {"", OWN}
_OWN_MODULES = {*PORT_PROTOCOLS, "icmp", "icmp6", "icmpv6"}
_TARGET_OPTIONS: dict[str, dict[str, str]] = {
    "DNAT": {"--to-destination": "end", "--to": "end"},
    "SNAT": {"--to-source": "end", "--to": "end"},
    "REJECT": {"--reject-with": "kind"},
    "LOG": {"--log-prefix": "prefix", "--log-level": "level"},
    "CHECKSUM": {"--checksum-fill": "fill"},
}
# Matches and targets that real rules may have and that are not modelled.
_OTHER_MODULES = frozenset(
    "bpf cgroup cluster connbytes connlabel connlimit connmark cpu devgroup dscp ecn "
    "esp ah hashlimit helper hl ttl ipvs length mac mark nfacct osf owner physdev "
    "pkttype policy quota realm recent rpfilter rt set socket statistic string tcpmss "
    "time tos u32 frag dst hbh mh eui64 ipv6header".split()
)
_OTHER_TARGETS = frozenset(
    "MARK CONNMARK NFLOG NFQUEUE QUEUE REDIRECT TPROXY NETMAP CT NOTRACK TCPMSS TOS "
    "DSCP TTL HL CLASSIFY SET AUDIT ULOG TRACE SECMARK CONNSECMARK".split()
)
_SYN = ("--tcp-flags", "FIN,SYN,RST,ACK", "SYN")
_PLAIN = re.compile(r"[-_0-9A-Za-z]+")


def read_rule(
    table: str, chain: str, words: Sequence[str], family: int | None = None
) -> Rule:
    """The rule that stands behind these words, in one family or in any.

    >>> drop = read_rule("filter", "FORWARD", "! -i docker0 -j DROP".split())
    >>> drop.matches, drop.target
    ((InInterface(name='docker0', negated=True),), <Verdict.DROP: 'DROP'>)
    >>> read_rule("filter", "FORWARD", ["--colour", "red", "-j", "DROP"])
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: unknown option "--colour"
    """
    read = _Reading(words, family)
    if read.target is None:
        raise _not_here("a rule without -j, which only counts", " ".join(words))
    return Rule(
        table=table,
        chain=chain,
        matches=tuple(read.matches),
        target=_target(read.target, read.details, family),
    )


def words_of(rule: Rule) -> tuple[str, ...]:
    """The rule's words, as ``iptables-save`` prints them after the chain's name.

    >>> from minidock.firewall.rule import DestinationPort, rule
    >>> words_of(rule("nat", "DOCKER", Protocol("tcp"), DestinationPort(80),
    ...               target=Dnat(Address.parse("172.17.0.2"), 80)))
    ('-p', 'tcp', '-m', 'tcp', '--dport', '80', '-j', 'DNAT', '--to-destination', \
'172.17.0.2:80')
    """
    named = [match.name for match in rule.matches if isinstance(match, Protocol)]
    protocol = named[0] if named else ""
    family = V6 if protocol == "ipv6-icmp" else rule.family
    words: list[str] = []
    loaded = ""
    for match in rule.matches:
        option = option_of(match, family)
        module = option.module
        if module == OWN:
            module = _MODULE_OF.get(protocol, protocol)
        if module != loaded:
            words += ["-m", module]
            loaded = module
        words += ["!"] if match.negated else []
        words += [option.name, *_texts(option, match)]
    return (*words, "-j", *target_words(rule.target))


def quoted(words: Iterable[str]) -> str:
    r"""The words in one line, free texts in quotes as ``iptables-save`` has them.

    >>> print(quoted(["--comment", "for us", "-j", "LOG", "--log-prefix", "drop: "]))
    --comment "for us" -j LOG --log-prefix "drop: "
    """
    line: list[str] = []
    for word in words:
        free = line[-1:] in (["--comment"], ["--log-prefix"])
        if free and not _PLAIN.fullmatch(word):
            word = '"{}"'.format(re.sub(r"([\"'\\])", r"\\\1", word))  # noqa: PLW2901
        line.append(word)
    return " ".join(line)


def split_words(line: str) -> list[str]:
    r"""The words of such a line.

    >>> split_words(r'-A INPUT -m comment --comment "a \"b\"" -j DROP')[4:]
    ['--comment', 'a "b"', '-j', 'DROP']
    """
    pieces = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    return [plain or re.sub(r"\\(.)", r"\1", free) for free, plain in pieces]


class _Reading:
    """The words of a rule, read from the first to the last."""

    def __init__(self, words: Iterable[str], family: int | None) -> None:
        self._words = list(words)[::-1]
        self._family = family
        self._loaded: set[str] = set()
        self.matches: list[Match] = []
        self.target: str | None = None
        self.details: dict[str, str] = {}
        while self._words:
            self._option()
        self._complete()

    def _option(self) -> None:
        name = self._words.pop()
        negated = name == "!"
        if negated:
            name = self._argument("!")
        name = _ALIASES.get(name, name)
        match name:
            case "-j":
                self._take_target(self._argument(name))
            case "-m":
                self._load(self._argument(name))
            case "--limit-burst":
                self._burst(self._argument(name))
            case "--syn":
                self._take(BY_NAME[_SYN[0]], " ".join(_SYN[1:]), negated)
            case _ if name in _TARGET_OPTIONS.get(self.target or "", {}):
                self._detail(_TARGET_OPTIONS[self.target or ""][name], name)
            case _ if name in BY_NAME:
                option = BY_NAME[name]
                given = [self._argument(name) for _ in range(option.takes)]
                if given[0] == "!" and option.takes == 1:  # the old place of the "!"
                    negated, given = True, [self._argument(name)]
                self._take(option, " ".join(given), negated)
            case "-g" | "--goto" | "-f" | "--fragment" | "-c" | "--set-counters":
                raise _not_here(f"the option {name}", name)
            case _ if not name.startswith("-"):
                raise NotationError(f"Bad argument `{name}'", value=name)
            case _:
                raise unknown(name)

    def _complete(self) -> None:
        """What a module means that was loaded without a word for it."""
        used = {option_of(match, None).module for match in self.matches}
        for module in sorted(self._loaded & _MODULES - used):
            if module == "limit":  # iptables' default rate
                self.matches.append(Limit(3, "hour"))
                continue
            raise NotationError(
                f"{module}: At least one option is required\n",
                value=module,
                rule="a module by itself asks nothing of a packet",
            )

    def _take(self, option: Option, text: str, negated: bool) -> None:
        if option.module == OWN and not self._has_own(option):
            raise unknown(option.name)
        if option.module not in {"", OWN, *self._loaded}:
            raise unknown(option.name)
        made = option.make(text, negated, self._family)
        if made is None:
            return
        if any(type(made) is type(old) for old in self.matches):
            raise NotationError(
                f"multiple {option.name} flags not allowed",
                value=option.name,
                rule="a rule looks at each thing once",
                remedy="a second rule, or a chain of its own for the second condition",
            )
        self.matches.append(made)

    def _has_own(self, option: Option) -> bool:
        """Whether -p named a protocol with this option."""
        named = [m.name for m in self.matches if isinstance(m, Protocol)]
        protocol = named[0] if named else ""
        if option.name in {"--sport", "--dport"}:
            return protocol in PORT_PROTOCOLS
        wanted = {"--icmp-type": "icmp", "--icmpv6-type": "ipv6-icmp"}
        return protocol == wanted.get(option.name, "tcp")

    def _take_target(self, name: str) -> None:
        if self.target is not None:
            raise NotationError("multiple -j flags not allowed", value=name)
        self.target = name

    def _load(self, module: str) -> None:
        if module in _OTHER_MODULES:
            raise _not_here(f"the match {module}", module)
        if module not in _MODULES and module not in _OWN_MODULES:
            raise NotationError(
                f"Couldn't load match `{module}':No such file or directory\n",
                value=module,
                rule="iptables has no match of this name",
                remedy=f"one of {', '.join(sorted(_MODULES))}",
            )
        self._loaded.add(module)

    def _burst(self, burst: str) -> None:
        limits = [m for m in self.matches if type(m) is BY_NAME["--limit"].match]
        if not limits:
            raise unknown("--limit-burst")
        self.matches.remove(limits[0])
        option = BY_NAME["--limit"]
        text = f"{option.text(limits[0]).split()[0]} {burst}"
        self._take(option, text, negated=False)

    def _detail(self, key: str, name: str) -> None:
        self.details[key] = "" if key == "fill" else self._argument(name)

    def _argument(self, option: str) -> str:
        if not self._words:
            raise NotationError(
                f'option "{option}" requires an argument',
                value=option,
                rule="the value of an option is the word after it",
            )
        return self._words.pop()


def _texts(option: Option, match: Match) -> list[str]:
    text = option.text(match)
    return [text] if option.name == "--comment" else text.split(" ")


def _target(name: str, details: dict[str, str], family: int | None) -> Target:
    match name:
        case "ACCEPT" | "DROP" | "RETURN":
            return Verdict(name)
        case "MASQUERADE":
            return Masquerade()
        case "DNAT":
            return Dnat(*_read_end(details, "DNAT", "--to-destination"))
        case "SNAT":
            return Snat(*_read_end(details, "SNAT", "--to-source"))
        case "CHECKSUM":
            if "fill" not in details:
                raise _missing("CHECKSUM", "--checksum-fill")
            return ChecksumFill()
        case "REJECT":
            return Reject(_rejection(details.get("kind", ""), family))
        case "LOG":
            level = _level(details.get("level", "4"))
            return Log(details.get("prefix", ""), level)
        case _ if name in _OTHER_TARGETS:
            raise _not_here(f"the target {name}", name)
        case _:
            return Jump(name)


def _rejection(word: str, family: int | None) -> str:
    if not word:
        return "icmp6-port-unreachable" if family == V6 else "icmp-port-unreachable"
    families = REJECTIONS if family is None else (family,)
    for kind, short in (pair for of in families for pair in REJECTIONS[of].items()):
        if word in {kind, short}:
            return kind
    raise NotationError(
        f'unknown reject type "{word}"',
        value=word,
        rule="REJECT sends one of a fixed list of messages",
        remedy=f"one of {', '.join(REJECTIONS[family or V4])}",
    )


def _level(word: str) -> int:
    names = {"panic": "emerg", "err": "error", "warn": "warning"}
    if word.isdecimal() and int(word) < 8:
        return int(word)
    if names.get(word, word) in LOG_LEVELS:
        return LOG_LEVELS.index(names.get(word, word))
    raise NotationError(
        f'log-level "{word}" unknown',
        value=word,
        rule="syslog has eight levels",
        remedy=f"0 to 7, or one of {', '.join(LOG_LEVELS)}",
    )


def target_words(target: Target) -> tuple[str, ...]:
    """The words after ``-j``.

    >>> target_words(Jump("DOCKER"))
    ('DOCKER',)
    """
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
        case Reject(kind):
            return ("REJECT", "--reject-with", kind)
        case Log(prefix, level):
            shown = ("--log-prefix", prefix) if prefix else ()
            return ("LOG", *shown, *(("--log-level", str(level)) if level != 4 else ()))


def _end(address: Address | None, port: int | None) -> str:
    host = "" if address is None else str(address)
    if port is None:
        return host
    brackets = address is not None and address.family == V6
    return f"[{host}]:{port}" if brackets else f"{host}:{port}"


def _read_end(
    details: dict[str, str], target: str, option: str
) -> tuple[Address | None, int | None]:
    text = details.get("end")
    if text is None:
        raise _missing(target, option)
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    whole = port.isascii() and port.isdecimal() and 0 < int(port) <= 65535
    if (not host and not port) or (port and not whole):
        raise NotationError(
            f'Bad IP address "{text}"' if not port else f"Port `{port}' not valid",
            value=text,
            rule="DNAT and SNAT change an address, a port or both",
            remedy="172.17.0.2:80, 172.17.0.2, :80 or [fd00::2]:80",
        )
    address = prefix_of(host, None).first if host else None
    return address, int(port) if port else None


def _not_here(what: str, value: str) -> NotationError:
    return NotationError(
        f"minidock does not model {what}",
        value=value,
        rule="only rules that the walk of a packet can evaluate are taken",
        remedy="-j ACCEPT, DROP, RETURN, REJECT, LOG or a chain; in nat DNAT, SNAT, "
        f"MASQUERADE; -m {', '.join(sorted(_MODULES))}",
    )


def _missing(target: str, option: str) -> NotationError:
    return NotationError(
        f'{target}: option "{option}" must be specified\n',
        value=target,
        rule=f"{target} needs to know what to write",
        remedy=f"-j {target} {option} ...",
    )


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
    "--source-ports": "--sports",
    "--destination-ports": "--dports",
    "--jump": "-j",
    "--match": "-m",
}
