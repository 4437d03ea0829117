"""What ``iptables -L`` and ``iptables -S`` print of a ruleset.

```
Chain DOCKER-USER (1 references)
num  target     prot opt source               destination
1    DROP       6    --  0.0.0.0/0            0.0.0.0/0            tcp dpt:80
└ --line-numbers     └ a number with -n, else its name             └ the other matches
```

``-L`` hides what ``-S`` and ``iptables-save`` show: without ``-v`` it leaves the
interfaces out, so rules look alike that are not.

Invariant: counters are 0, since rules that nobody walks count nothing.

Source: iptables(8); spelling and columns of version 1.8.9.
"""

from collections.abc import Iterator

from minidock.errors import ProgramRefusal
from minidock.firewall.command import Call, plainly
from minidock.firewall.extensions import (
    LOG_LEVELS,
    TCP_FLAGS,
    Comment,
    DestinationRange,
    Direction,
    Limit,
    Log,
    MultiPort,
    OriginalDestination,
    OriginalPort,
    OriginalSource,
    Reject,
    SourceRange,
    TcpFlags,
)
from minidock.firewall.names import PROTOCOLS, icmp_name, service_name
from minidock.firewall.options import option_of
from minidock.firewall.render import text_of
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
    Match,
    OutInterface,
    Protocol,
    Rule,
    Snat,
    Source,
    SourcePort,
    SourceType,
)
from minidock.firewall.ruleset import BUILT_IN, Chain, Ruleset, Table
from minidock.firewall.words import words_of
from minidock.net.address import V4

__all__ = ["listed"]

_HEADER = (Source, Destination, InInterface, OutInterface, Protocol)
_ANYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


def listed(call: Call, rules: Ruleset) -> str:
    """What a reading command prints: ``-L``, ``-S`` or ``-C``.

    >>> from minidock.firewall.command import read_call
    >>> print(listed(read_call(["-S", "FORWARD"]), Ruleset()), end="")
    -P FORWARD ACCEPT
    >>> listed(read_call(["-L", "NOPE"]), Ruleset())
    Traceback (most recent call last):
    ...
    minidock.errors.ProgramRefusal: iptables v1.8.9 (nf_tables): chain `NOPE' in \
table `filter' is incompatible, use 'nft' tool.
    """
    table = rules.table(call.table)
    if call.operation == "-C":
        _check(call, rules)
        return ""
    chains = [chain for chain in table.chains if call.chain in {"", chain.name}]
    if not chains:
        program = plainly(call.family, "").text.removesuffix(": ")
        # Odd: it means that there is no such chain.
        raise ProgramRefusal(
            f"{program} v1.8.9 (nf_tables): chain `{call.chain}' in table "
            f"`{call.table}' is incompatible, use 'nft' tool.",
            code=1,
            rule="only a chain that is there can be listed",
            remedy=f"one of {', '.join(chain.name for chain in table.chains)}",
        )
    if call.operation == "-S":
        return "".join(f"{line}\n" for line in _commands(chains, call.number))
    if call.number:
        return "".join(_rows(chains[0], call))
    return "\n".join("".join(_chain(chain, call, table)) for chain in chains)


def _check(call: Call, rules: Ruleset) -> None:
    for rule in call.rules:
        if rule not in rules:
            text = "Bad rule (does a matching rule exist in that chain?)."
            raise plainly(call.family, text)


def _commands(chains: list[Chain], number: int) -> Iterator[str]:
    if number:
        yield from (text_of(r) for r in chains[0].rules[number - 1 : number])
        return
    for chain in chains:
        built_in = chain.policy is not None
        yield f"-P {chain.name} {chain.policy}" if built_in else f"-N {chain.name}"
    for chain in chains:
        yield from (text_of(rule) for rule in chain.rules)


def _chain(chain: Chain, call: Call, table: Table) -> Iterator[str]:
    if chain.name in BUILT_IN[table.name]:
        counted = " 0 packets, 0 bytes" if call.verbose else ""
        yield f"Chain {chain.name} (policy {chain.policy}{counted})\n"
    else:
        count = sum(
            isinstance(rule.target, Jump) and rule.target.chain == chain.name
            for other in table.chains
            for rule in other.rules
        )
        yield f"Chain {chain.name} ({count} references)\n"
    yield _heading(call)
    yield from _rows(chain, call)


def _heading(call: Call) -> str:
    number = "num  " if call.line_numbers else ""
    counters = " pkts bytes " if call.verbose else ""
    cards = "in     out     " if call.verbose else ""
    ends = f"{'source':19}  {'destination':19} "
    return f"{number}{counters}{'target':9}  prot opt {cards}{ends}\n"


def _rows(chain: Chain, call: Call) -> Iterator[str]:
    for number, rule in enumerate(chain.rules, 1):
        if call.number in {0, number}:
            yield _row(number, rule, call)


def _row(number: int, rule: Rule, call: Call) -> str:
    first = f"{number:<4} " if call.line_numbers else ""
    first += f"{0:>5} {0:>5} " if call.verbose else ""
    name = words_of(rule)[words_of(rule).index("-j") + 1]
    cards = ""
    if call.verbose:
        anything = "*" if call.numeric else "any"
        here, there = (
            _field(rule, kind, anything) for kind in (InInterface, OutInterface)
        )
        cards = f"  {here:6} {there:6}"
    line = f"{first}{name:9} {_signed(_protocol(rule, call), 4)} --{cards} "
    line += " ".join(
        _signed(_end(rule, kind, call), 19) for kind in (Source, Destination)
    )
    line += " "
    details = [_detail(match, call) for match in rule.matches if _is_detail(match)]
    details += _target(rule, call)
    # The protocol's own options follow its name, given once.
    return line + "".join(f" {text}" for text in _grouped(rule, details)) + "\n"


def _signed(text: str, width: int) -> str:
    """A column, with one before it that is only for a "!"."""
    return f"{'' if text.startswith('!') else ' '}{text:<{width}}".ljust(width + 1)


def _is_detail(match: Match) -> bool:
    return not isinstance(match, _HEADER)


def _grouped(rule: Rule, details: list[str]) -> Iterator[str]:
    own = [m for m in rule.matches if isinstance(m, SourcePort | DestinationPort)]
    flags = [m for m in rule.matches if isinstance(m, TcpFlags)]
    others = [m for m in rule.matches if _is_detail(m)]
    named = False
    for at, text in enumerate(details):
        match = others[at] if at < len(others) else None
        if match is not None and (match in own or match in flags) and not named:
            yield _field(rule, Protocol, "")
            named = True
        if isinstance(match, DestinationType) and isinstance(
            others[at - 1], SourceType
        ):
            yield text.removeprefix("ADDRTYPE match ")
        else:
            yield text


def _field(rule: Rule, kind: type, default: str) -> str:
    for match in rule.matches:
        if isinstance(match, kind):
            sign = "!" if match.negated else ""
            return f"{sign}{getattr(match, 'name', '')}"
    return default


def _protocol(rule: Rule, call: Call) -> str:
    name = _field(rule, Protocol, "all")
    if not call.numeric:
        return name
    plain = name.removeprefix("!")
    number = "0" if plain == "all" else str(PROTOCOLS.get(plain, plain))
    return name.replace(plain, number)


def _end(rule: Rule, kind: type[Source | Destination], call: Call) -> str:
    for match in rule.matches:
        if isinstance(match, kind):
            sign = "!" if match.negated else ""
            one = match.prefix.length == match.prefix.bits
            return f"{sign}{match.prefix.first if one else match.prefix}"
    return _ANYWHERE[call.family] if call.numeric else "anywhere"


def _detail(match: Match, call: Call) -> str:
    no = "!" if match.negated else ""
    text = option_of(match, call.family).text(match)
    match match:
        case SourcePort() | DestinationPort() | OriginalPort():
            return _port_detail(match, no, call)
        case MultiPort(ranges, side):
            ports = ",".join(_ports(*pair, call) for pair in ranges)
            return f"multiport {side} {f' {no}' if no else ''}{ports}"
        case TcpFlags():
            return f"flags:{no}{_flags(match, call)}"
        case IcmpType(number=number, code=code):
            return _icmp(number, code, no, call)
        case ConnectionState(module="state"):
            return f"{no + ' ' if no else ''}state {text}"
        case ConnectionState():
            return f"{no + ' ' if no else ''}ctstate {text}"
        case OriginalSource() | OriginalDestination() | Direction():
            name = option_of(match, call.family).name.removeprefix("--")
            return f"{no + ' ' if no else ''}{name} {text}"
        case SourceType() | DestinationType():
            kind = "src" if isinstance(match, SourceType) else "dst"
            return f"ADDRTYPE match {kind}-type {no}{text}"
        case SourceRange() | DestinationRange():
            kind = "source" if isinstance(match, SourceRange) else "destination"
            return f"{kind} IP range {no + ' ' if no else ''}{text}"
        case Comment(words):
            return f"/* {words} */"
        case Limit(count, unit, burst):
            return f"limit: avg {count}/{unit} burst {burst}"
    return text


def _port_detail(
    match: SourcePort | DestinationPort | OriginalPort, no: str, call: Call
) -> str:
    if isinstance(match, OriginalPort):  # Odd: always a number
        number = ":".join(str(p) for p in dict.fromkeys((match.first, match.last)))
        return f"{no + ' ' if no else ''}ctorigdstport {number}"
    ports = _ports(match.first, match.last, call)
    side = "s" if isinstance(match, SourcePort) else "d"
    several = "s" if match.first != match.last else ""
    return f"{side}pt{several}:{no}{ports}"


def _ports(first: int, last: int, call: Call) -> str:
    pair = [first] if first == last else [first, last]
    return ":".join(str(p) if call.numeric else service_name(p) for p in pair)


def _flags(match: TcpFlags, call: Call) -> str:
    if call.numeric:
        bits = (
            sum(1 << TCP_FLAGS.index(f) for f in s) for s in (match.mask, match.flags)
        )
        return "/".join(f"0x{number:02x}".upper().replace("X", "x") for number in bits)
    return "/".join(",".join(names) or "NONE" for names in (match.mask, match.flags))


def _icmp(number: int, code: int | None, no: str, call: Call) -> str:
    module = "icmp" if call.family == V4 else "ipv6-icmp"
    end = "" if code is None else f" code {code}"
    if not call.numeric:
        return f"{module} {no}{icmp_name(number, call.family, code)}"
    between = f" {no}" if no else ""
    return f"{module}{between}type {number}{end}"


def _target(rule: Rule, call: Call) -> list[str]:
    match rule.target:
        case Dnat() | Snat():
            return [f"to:{words_of(rule)[-1]}"]
        case Reject(kind):
            return [f"reject-with {kind}"]
        case ChecksumFill():
            return ["CHECKSUM fill"]
        case Log(prefix, level):
            shown = f' prefix "{prefix}"' if prefix else ""
            name = {"warning": "warn"}.get(LOG_LEVELS[level], LOG_LEVELS[level])
            head = f"flags 0 level {level}" if call.numeric else f"level {name}"
            return [f"LOG {head}{shown}"]
        case _:
            return []
