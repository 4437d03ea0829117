"""A lab file's text, read: TOML in, a :class:`Lab` out, or the line that is wrong.

```
text ──▶ tomllib ──▶ tables ──▶ Fields: one at a time, each with its rule ──▶ Lab
                                  └─ LabFault: file, line, key; asked, rule, try
```

Invariant: whatever the text, either a Lab is given or a :class:`LabFault` is raised.
"""

import re
import tomllib

from minidock.commandline.words import split_line
from minidock.eras import era_named
from minidock.errors import NotationError
from minidock.labs.answers import host_and_line
from minidock.labs.fields import Fields, LabFault, fault
from minidock.labs.lab import (
    HOLE,
    Evaluated,
    Expectation,
    Kind,
    Lab,
    Matched,
    Question,
    Ran,
    Setup,
    Traced,
)
from minidock.labs.places import Places, places

__all__ = ["OUTCOMES", "LabFault", "read_lab"]

OUTCOMES = ("delivered", "dropped", "refused", "unreachable", "too big")
_LAB = ("lesson name title kind question hints skeleton solution setup expect").split()
_SETUP = "commands python hosts era".split()
_EXPECT = (
    "that why on trace is run prints matches fails fails_with python gives raises"
    " answer_has answer_lacks"
).split()
_QUESTIONS = {
    "trace": {"is"},
    "run": {"prints", "matches", "fails", "fails_with"},
    "python": {"gives", "raises"},
    "answer_has": set(),
    "answer_lacks": set(),
}
"""Each question, and the keys that only make sense beside it."""
_MOST = 1_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_HOST = re.compile(r"[a-z][a-z0-9-]*")


def read_lab(text: str, file: str = "lab.toml") -> Lab:
    r"""The lab that a TOML text describes.

    Args:
        text: the text of a lab file, at most a million characters.
        file: its name, for messages.

    Raises:
        LabFault: the text is no TOML, or no lab; it names file, line and key.

    >>> read_lab("lesson = 3\nname = 'a b'\n", "x.toml")
    Traceback (most recent call last):
    ...
    minidock.labs.fields.LabFault: x.toml, line 2, key name: 'a b' is no name
    >>> read_lab("lesson = \n", "x.toml")
    Traceback (most recent call last):
    ...
    minidock.labs.fields.LabFault: x.toml, line 1: Invalid value
    """
    tables = _parsed(text, file)
    where = places(text)
    top = Fields(tables, "", 0, where, file)
    top.only(_LAB)
    name, title = _name(top), top.text("title")
    kind = Kind(top.one_of("kind", [item.value for item in Kind], Kind.COMMANDS))
    skeleton, solution = top.text("skeleton"), top.text("solution")
    if skeleton.split() == solution.split():
        raise top.fault(
            "skeleton",
            "the skeleton is the solution",
            "who starts must have something left to do",
            f"a hole, {HOLE}, where the learner writes",
        )
    setup = _setup(top.table("setup", _SETUP), kind)
    return Lab(
        lesson=top.number("lesson"),
        name=name,
        title=title,
        kind=kind,
        question=top.text("question"),
        hints=_hints(top),
        skeleton=skeleton,
        solution=solution,
        setup=setup,
        expectations=_expectations(top, where, kind, setup),
        file=file,
    )


def _parsed(text: str, file: str) -> dict[str, object]:
    if len(text) > _MOST:
        raise fault(
            file,
            1,
            "",
            f"{len(text)} characters are too many",
            rule="a lab file has at most a million",
            remedy="a shorter one",
        )
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = str(error)
        found = re.search(r" \(at line (\d+), column \d+\)$", said)
        line = int(found[1]) if found else text.count("\n") + 1
        what = said[: found.start()] if found else said.split(" (at end", 1)[0]
        raise fault(
            file,
            line,
            "",
            what,
            rule="a lab file is TOML: KEY = VALUE, texts in quotes, long ones in three",
            remedy="minidock lab new FILE, which writes a lab file to start from",
        ) from error


def _name(top: Fields) -> str:
    name = top.text("name")
    if not _NAME.fullmatch(name) or name.isdigit():
        raise top.fault(
            "name",
            f"{name!r} is no name",
            "a name is small letters, digits and -, and not digits alone",
            'name = "who-gives-out-addresses"',
        )
    return name


def _hints(top: Fields) -> tuple[str, ...]:
    hints = top.texts("hints")
    if len(hints) < 3 or not all(hint.strip() for hint in hints):
        raise top.fault(
            "hints",
            f"a ladder of {len(hints)} hints",
            "a ladder has at least three rungs, and none of them is empty",
            'hints = ["a nudge", "closer", "almost the answer"]',
        )
    return hints


def _setup(fields: Fields, kind: Kind) -> Setup:
    setup = Setup(
        commands=fields.texts("commands"),
        python=fields.text("python", ""),
        hosts=fields.texts("hosts"),
        era=fields.text("era", ""),
        line=fields.line("commands"),
    )
    # a Python answer makes its own engines; commands need no names from Python
    wrong = {Kind.PYTHON: ("commands", "hosts", "era"), Kind.COMMANDS: ("python",)}
    for key in wrong[kind]:
        if getattr(setup, key):
            raise fields.fault(
                key,
                f"{key} stands before no answer of kind {kind.value}",
                "a commands lab is set up by commands, a python lab by python",
                "python = 'from minidock import Engine'"
                if kind is Kind.PYTHON
                else 'commands = ["docker network create front"]',
            )
    fields.compiles("python", setup.python, "exec")
    _hosts(fields, setup)
    for line in setup.commands:
        _line(fields, "commands", line, setup.hosts)
    return setup


def _hosts(fields: Fields, setup: Setup) -> None:
    fit = all(_HOST.fullmatch(host) for host in setup.hosts)
    twice = len(set(setup.hosts)) < len(setup.hosts)
    if setup.hosts and (not fit or twice or not 2 <= len(setup.hosts) <= 20):
        raise fields.fault(
            "hosts",
            f"{', '.join(setup.hosts)} are no hosts of a cluster",
            "a cluster has 2 to 20 hosts, each with a name of its own",
            'hosts = ["one", "two"]',
        )
    if setup.era:
        try:
            era_named(setup.era)
        except ValueError as error:
            raise fields.fault(
                "era", str(error), "the rules of three versions are known", 'era = "28"'
            ) from error


def _line(fields: Fields, key: str, line: str, hosts: tuple[str, ...]) -> None:
    """A command line can be cut into words and says where it runs."""
    try:
        _, rest = host_and_line(line, hosts)
        split_line(rest)
    except NotationError as error:
        raise fields.fault(
            key, f"{line}: {error.text}", error.rule, error.remedy
        ) from error


def _expectations(
    top: Fields, where: Places, kind: Kind, setup: Setup
) -> tuple[Expectation, ...]:
    tables = top.tables("expect")
    if len(tables) < 2:
        raise top.fault(
            "expect",
            f"{len(tables)} expectations",
            "a lab expects at least two things: what must be new, and what must stay",
            "[[expect]]\nthat = ...\nwhy = ...\ntrace = ...",
        )
    return tuple(
        _expectation(Fields(table, "expect", number, where, top.file), kind, setup)
        for number, table in enumerate(tables)
    )


def _expectation(fields: Fields, kind: Kind, setup: Setup) -> Expectation:
    fields.only(_EXPECT)
    asked = [key for key in _QUESTIONS if fields.has(key)]
    if len(asked) != 1:
        raise fields.fault(
            asked[1] if asked else "",
            f"it asks {len(asked)} questions" if asked else "it asks nothing",
            f"an expectation has exactly one of {', '.join(_QUESTIONS)}",
            'trace = "web db:5432"',
        )
    _beside(fields, asked[0], kind)
    on = fields.text("on", "")
    if on and on not in setup.hosts:
        raise fields.fault(
            "on",
            f"there is no host {on}",
            "on names one of the hosts in [setup]",
            ", ".join(setup.hosts) or 'hosts = ["one", "two"] in [setup]',
        )
    return Expectation(
        that=fields.text("that"),
        why=fields.text("why"),
        question=_question(fields, asked[0]),
        on=on,
        line=fields.line(""),
    )


def _beside(fields: Fields, asked: str, kind: Kind) -> None:
    """No key stands beside a question that it says nothing about."""
    for owner, keys in _QUESTIONS.items():
        for key in keys if owner != asked else ():
            if fields.has(key):
                raise fields.fault(
                    key,
                    f"{key} says nothing about {asked}",
                    f"{key} belongs to {owner}",
                    f"{owner} = ... in an expectation of its own",
                )
    fit = {Kind.PYTHON: {"python"}, Kind.COMMANDS: {"trace", "run"}}
    if asked in fit[Kind.PYTHON] | fit[Kind.COMMANDS] and asked not in fit[kind]:
        raise fields.fault(
            asked,
            f"{asked} asks nothing of an answer of kind {kind.value}",
            "trace and run ask a host, which commands make; python asks a module",
            f"{' or '.join(sorted(fit[kind]))}, answer_has, answer_lacks",
        )


def _question(fields: Fields, asked: str) -> Question:
    words = fields.text(asked)
    if asked == "trace":
        _line(fields, "trace", words, ())
        return Traced(words, fields.one_of("is", list(OUTCOMES), "delivered"))
    if asked == "run":
        return _ran(fields, words)
    if asked == "python":
        fields.compiles("python", words, "eval")
        gives, raises = fields.maybe("gives"), fields.maybe("raises")
        fields.at_most_one("gives", "raises")
        return Evaluated(expression=words, gives=gives, raises=raises)
    fields.pattern(asked)
    return Matched(words, has=asked == "answer_has")


def _ran(fields: Fields, line: str) -> Ran:
    _line(fields, "run", line, ())
    fields.at_most_one("prints", "matches", "fails", "fails_with")
    if fields.has("matches"):
        fields.pattern("matches")
    with_text = fields.text("fails_with", "")
    return Ran(
        line=line,
        prints=fields.maybe("prints"),
        matches=fields.maybe("matches"),
        fails=fields.flag("fails") or bool(with_text),
        fails_with=with_text,
    )
