"""One ``iptables`` command line: what it asks for, and the steps that it takes.

```
iptables -t nat -I DOCKER 2 -p tcp --dport 80 -j RETURN
         └table  │ └chain └number └──── the rule ─────┘      Call
                 └ operation
                                                     steps_for(call) ──▶ Add(...)
```

Invariants: a :class:`Call` has the parts that its operation needs and no others; what
iptables would refuse before it has looked at the kernel's rules is refused here, with
the text and exit status of iptables 1.8.9.

Source: iptables(8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from minidock.errors import InvalidParameter, ProgramRefusal
from minidock.firewall.rule import Rule, Verdict
from minidock.firewall.ruleset import BUILT_IN
from minidock.firewall.steps import Add, Empty, NewChain, SetPolicy, Step, Take, Unmake
from minidock.firewall.words import read_rule
from minidock.net.address import V4, V6

__all__ = [
    "NO_FILTERING",
    "PROGRAMS",
    "Call",
    "bad_words",
    "plainly",
    "read_call",
    "steps_for",
]

PROGRAMS = {V4: "iptables", V6: "ip6tables"}
"""The program of each family."""

_VERSION = "v1.8.9 (nf_tables)"
_OPERATIONS = {
    "--append": "-A",
    "--insert": "-I",
    "--delete": "-D",
    "--replace": "-R",
    "--check": "-C",
    "--policy": "-P",
    "--new-chain": "-N",
    "--flush": "-F",
    "--delete-chain": "-X",
    "--zero": "-Z",
    "--list": "-L",
    "--list-rules": "-S",
    "--rename-chain": "-E",
}
_WITH_RULE = frozenset({"-A", "-I", "-D", "-R", "-C"})
_NEEDS_CHAIN = frozenset({*_WITH_RULE, "-N", "-P", "-E"})
_FLAGS = {
    "-n": "numeric",
    "--numeric": "numeric",
    "-v": "verbose",
    "--verbose": "verbose",
    "--line-numbers": "line_numbers",
    "-x": "",  # exact counters: all are 0
    "--exact": "",
}
_BUILT_IN_NAMES = frozenset({"ACCEPT", "DROP", "RETURN", "QUEUE"})
_CHAIN_LENGTH = 28
NO_FILTERING = (
    '\nThe "nat" table is not intended for filtering, the use of DROP is therefore '
    "inhibited.\n\n"
)
"""Why nothing is dropped in nat: it sees the first packet of a connection only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one command line asks for; see the module's picture."""

    family: int = V4
    table: str = "filter"
    operation: str
    """-A -I -D -R -C -P -N -F -X -Z -L or -S."""
    chain: str = ""
    number: int = 0
    """The number of a rule, from 1; 0 where none was given."""
    policy: Verdict | None = None
    rules: tuple[Rule, ...] = ()
    """More than one where ``-s`` or ``-d`` names several addresses."""
    numeric: bool = False
    verbose: bool = False
    line_numbers: bool = False

    @property
    def reads(self) -> bool:
        """Whether it only looks."""
        return self.operation in {"-L", "-S", "-C"}


def plainly(family: int, text: str, code: int = 1) -> ProgramRefusal:
    """A refusal by the rules that are there: ``iptables: TEXT``."""
    return ProgramRefusal(f"{PROGRAMS[family]}: {text}", code=code)


def bad_words(family: int, text: str, code: int = 2) -> ProgramRefusal:
    """A refusal of the words: the version, the text, and where there is help."""
    program = PROGRAMS[family]
    hint = f"Try `{program} -h' or '{program} --help' for more information."
    plain = text.startswith("Bad argument")
    head = text if plain else f"{program} {_VERSION}: {text}"
    return ProgramRefusal(f"{head}\n{hint}", code=code)


def read_call(words: Sequence[str], family: int = V4) -> Call:
    """What these words, without the program's name, ask for.

    >>> call = read_call("-I DOCKER-USER -p tcp --dport 80 -j DROP".split())
    >>> call.operation, call.chain, call.number, len(call.rules)
    ('-I', 'DOCKER-USER', 1, 1)
    >>> read_call(["-A", "INPUT", "--bogus"])
    Traceback (most recent call last):
    ...
    minidock.errors.ProgramRefusal: iptables v1.8.9 (nf_tables): unknown option \
"--bogus"
    Try `iptables -h' or 'iptables --help' for more information.
    """
    try:
        return _Words(words, family).call()
    except ProgramRefusal:
        raise
    except InvalidParameter as fault:
        refusal = bad_words(family, fault.text)
        refusal.asked, refusal.rule = fault.asked, fault.rule
        refusal.remedy = fault.remedy
        raise refusal from fault


class _Words:
    """A command line, sorted into the operation, the flags and the rule's words."""

    def __init__(self, words: Sequence[str], family: int) -> None:
        self._family = family
        self._rest = list(words)
        self._rule: list[str] = []
        self._table = "filter"
        self._operation = ""
        self._operands: list[str] = []
        self._flags: set[str] = set()

    def call(self) -> Call:
        """The call; raises what iptables refuses."""
        while self._rest:
            self._word(self._rest.pop(0))
        if not self._operation:
            if self._rule:
                self._read_rules("")
            raise bad_words(self._family, "no command specified")
        if self._table not in BUILT_IN:
            raise ProgramRefusal(
                f"{PROGRAMS[self._family]} {_VERSION}: table '{self._table}' does not "
                "exist\nPerhaps iptables or your kernel needs to be upgraded.",
                code=3,
                rule="the kernel has a fixed list of tables",
                remedy=f"one of {', '.join(BUILT_IN)}",
            )
        return self._finished()

    def _word(self, word: str) -> None:
        name = _OPERATIONS.get(word, word)
        if word in {"-t", "--table"}:
            self._table = self._argument(word)
        elif word.startswith("-w") or word == "--wait":
            if self._rest and self._rest[0].isdecimal():  # how long, in seconds
                self._rest.pop(0)
        elif word.startswith("--wait="):
            pass
        elif name in _OPERATIONS.values():
            self._operate(name)
        elif word in _FLAGS:
            self._flags.add(_FLAGS[word])
        elif _is_cluster(word):
            self._rest[:0] = [f"-{letter}" for letter in word[1:]]
        else:
            self._rule.append(word)
            # What follows an option is its value, whatever it looks like.
            if word in _WITH_VALUE and self._rest:
                self._rule.append(self._rest.pop(0))

    def _operate(self, name: str) -> None:
        if self._operation:
            raise bad_words(self._family, f"Cannot use {name} with {self._operation}")
        self._operation = name
        if name in {"-A", "-C", "-N", "-I", "-D", "-R", "-P", "-E"}:
            self._operands.append(self._argument(name))
        elif self._rest and not self._rest[0].startswith(("-", "!")):
            self._operands.append(self._rest.pop(0))
        if name in {"-I", "-D", "-R", "-L", "-S"} and self._operands:
            self._optional_number()
        if name in {"-P", "-E"}:
            if not self._rest or self._rest[0].startswith("-"):
                needs = "a chain and a policy"
                if name == "-E":
                    needs = "old-chain-name and new-chain-name"
                raise bad_words(self._family, f"{name} requires {needs}")
            self._operands.append(self._rest.pop(0))

    def _optional_number(self) -> None:
        if not self._rest or self._rest[0].startswith(("-", "!")):
            return
        if not self._rest[0].isdecimal():
            text = f"Invalid rule number `{self._rest[0]}'"
            raise bad_words(self._family, text)
        self._operands.append(self._rest.pop(0))

    def _argument(self, option: str) -> str:
        if not self._rest or (option == "-N" and self._rest[0] == "!"):
            raise bad_words(self._family, f'option "{option}" requires an argument')
        return self._rest.pop(0)

    def _finished(self) -> Call:
        chain, *operands = self._operands or [""]
        made = Call(
            family=self._family,
            table=self._table,
            operation=self._operation,
            chain=chain,
            numeric="numeric" in self._flags,
            verbose="verbose" in self._flags,
            line_numbers="line_numbers" in self._flags,
        )
        match self._operation:
            case "-P":
                self._check_no_rule()
                return replace(made, policy=self._policy(chain, operands[0]))
            case "-N":
                self._check_name(chain)
            case "-E":
                text = "minidock does not rename chains (-E)"
                raise bad_words(self._family, text)
            case "-R" if not operands:
                raise bad_words(self._family, "-R requires a rule number")
        made = replace(made, number=self._number(operands))
        if self._operation == "-D" and operands:
            self._check_no_rule()
            return made
        if self._operation == "-D" and not self._rule:
            text = "Bad rule (does a matching rule exist in that chain?)."
            raise plainly(self._family, text)
        if self._operation in _WITH_RULE:
            return replace(made, rules=self._read_rules(chain))
        self._check_no_rule()
        return made

    def _check_no_rule(self) -> None:
        if not self._rule:
            return
        first = self._rule[0]
        if not first.startswith("-"):
            raise bad_words(self._family, f"Bad argument `{first}'")
        raise bad_words(self._family, f"Illegal option `{first}' with this command")

    def _number(self, operands: Sequence[str]) -> int:
        if not operands:
            return 1 if self._operation == "-I" else 0
        if int(operands[0]) == 0:
            raise bad_words(self._family, f"Invalid rule number `{operands[0]}'")
        return int(operands[0])

    def _policy(self, chain: str, word: str) -> Verdict:
        if chain not in BUILT_IN[self._table]:
            raise plainly(self._family, "Bad built-in chain name.")
        if word not in {"ACCEPT", "DROP"}:
            text = "Bad policy name. Run `dmesg' for more information."
            raise plainly(self._family, text)
        if self._table == "nat" and word == "DROP":
            raise bad_words(self._family, NO_FILTERING)
        return Verdict(word)

    def _check_name(self, name: str) -> None:
        if name.startswith(("-", "!")):
            first = name[0]
            text = f"chain name not allowed to start with `{first}'"
            raise bad_words(self._family, text)
        if name in _BUILT_IN_NAMES:
            raise bad_words(self._family, "chain name may not clash with target name")
        if len(name) > _CHAIN_LENGTH:
            text = f"chain name `{name}' too long (must be under 29 chars)"
            raise bad_words(self._family, text)

    def _read_rules(self, chain: str) -> tuple[Rule, ...]:
        return tuple(
            read_rule(self._table, chain, words, self._family)
            for words in _each_address(self._rule, self._family)
        )


_WITH_VALUE = frozenset("-s -d -i -o -p -j -m --comment --log-prefix".split())


def _is_cluster(word: str) -> bool:
    """Whether it is several short flags in one, such as ``-nvL``."""
    letters = word[1:]
    return (
        word.startswith("-")
        and not word.startswith("--")
        and len(letters) > 1
        and set(letters) <= set("nvxLSF")
    )


def _each_address(words: list[str], family: int) -> Iterator[list[str]]:
    """The rule once for each address of a list such as ``-s 10.0.0.1,10.0.0.2``."""
    lists = [
        at + 1
        for at, word in enumerate(words[:-1])
        if word in {"-s", "-d", "--source", "--destination", "--src", "--dst"}
        and "," in words[at + 1]
    ]
    if any(words[at - 2 : at - 1] == ["!"] for at in lists if at >= 2):
        raise bad_words(
            family,
            "! not allowed with multiple source or destination IP addresses",
        )
    for chosen in product(*(words[at].split(",") for at in lists)):
        copy = list(words)
        for at, address in zip(lists, chosen, strict=True):
            copy[at] = address
        yield copy


def steps_for(call: Call) -> Iterator[Step]:
    """The steps that a call takes; none for one that only looks.

    >>> list(steps_for(read_call(["-F", "DOCKER-USER"])))
    [Empty(table='filter', chain='DOCKER-USER')]
    """
    match call.operation:
        case "-A":
            yield from (Add(rule=rule) for rule in call.rules)
        case "-I":
            # Each goes to the same place, so the last of a list stands on top.
            yield from (Add(rule=rule, number=call.number) for rule in call.rules)
        case "-D":
            yield from (Take(rule=rule) for rule in call.rules)
        case "-P" if call.policy is not None:
            yield SetPolicy(table=call.table, chain=call.chain, policy=call.policy)
        case "-N":
            yield NewChain(call.table, call.chain)
        case "-F":
            yield Empty(call.table, call.chain)
        case "-X":
            yield Unmake(call.table, call.chain)
