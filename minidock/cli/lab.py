"""``minidock lab``: exercises to start, to check, and to get a hint for.

```
lab list                       which there are
lab start 3 answer.txt         a file with the question, and holes
lab check 3 answer.txt         ok or not ok, and why          0 passed, 1 failed,
lab hint 3, lab hint 3 2       one step of the ladder         2 nothing to check
lab solve 3                    one way to do it
lab new FILE, lab verify FILE  for who writes labs
```

Each check has hosts of its own, in memory; the state file is not touched.

Invariant: no file is overwritten unless somebody says ``--force``.
"""

import difflib
import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from minidock.cli.arguments import Arguments, Parser
from minidock.cli.lab_answers import answers
from minidock.cli.lab_lines import lines_on
from minidock.cli.lab_text import (
    Checked,
    as_csv,
    as_json,
    list_text,
    report_text,
    table_text,
)
from minidock.cli.options import Options
from minidock.cli.terminal import Terminal
from minidock.errors import Conflict, InvalidParameter
from minidock.labs.catalogue import find, packaged
from minidock.labs.checking import check, unread
from minidock.labs.lab import Lab
from minidock.labs.verifying import verify

__all__ = ["lab"]

_HEAD = """\
usage: minidock lab VERB ...

Exercises: each has a question, a file with holes, a check and a ladder of hints.

"""
_FOOT = "\nminidock lab VERB --help says more about one of them.\n"
_LAB = "the number of its lesson, its name, or a lab file"


def lab(options: Options, terminal: Terminal) -> int:
    """Run one verb; its exit code."""
    rest = [word for word in options.words[1:] if word != "--json"]
    as_data = options.json or len(rest) < len(options.words) - 1
    if not rest or rest[0] in {"-h", "--help", "help"}:
        terminal.write(_page())
        return 0
    verb = _VERBS.get(rest[0])
    if verb is None:
        raise _unknown(rest[0])
    parser = Parser(f"lab {rest[0]}", verb[0])
    return verb[1](parser, rest[1:], terminal, as_data)


def _page() -> str:
    lines = [f"  {name:<7} {summary}\n" for name, (summary, _) in _VERBS.items()]
    return "".join([_HEAD, *lines, _FOOT])


def _unknown(verb: str) -> InvalidParameter:
    near = difflib.get_close_matches(verb, _VERBS, 1)
    return InvalidParameter(
        f"there is no minidock lab {verb}",
        asked=f"minidock lab {verb}",
        rule=f"the verbs of lab are {', '.join(_VERBS)}",
        remedy=f"minidock lab {near[0] if near else 'list'}",
    )


def _list(
    parser: Parser, words: Sequence[str], terminal: Terminal, as_data: bool
) -> int:
    _json_option(parser)
    if _arguments(parser, words, terminal) is None:
        return 0
    labs = list(packaged().values())
    if as_data:
        rows = [
            {
                "lesson": one.lesson,
                "name": one.name,
                "title": one.title,
                "kind": one.kind.value,
                "hints": len(one.hints),
                "expectations": [each.that for each in one.expectations],
            }
            for one in labs
        ]
        terminal.write(json.dumps(rows, indent=4, ensure_ascii=False) + "\n")
        return 0
    terminal.write(f"{list_text(labs)}\nbegin: minidock lab start NUMBER FILE\n")
    return 0


def _start(parser: Parser, words: Sequence[str], terminal: Terminal, _: bool) -> int:
    parser.add_argument("lab", help=_LAB)
    parser.add_argument("file", nargs="?", help="where; NAME.txt or NAME.py if not")
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    arguments = _arguments(parser, words, terminal)
    if arguments is None:
        return 0
    found = find(arguments.lab)
    file = arguments.file or f"{found.name}{found.suffix}"
    question = found.question.strip()
    head = [f"# {line}".rstrip() for line in [found.title, "", *question.splitlines()]]
    text = "\n".join([*head, "", found.skeleton.strip("\n"), ""])
    _write(file, text, force=arguments.force)
    terminal.write(
        f"{found.title}\n\n{question}\n\n"
        f"written: {file}\n"
        f"then:    minidock lab check {arguments.lab} {file}\n"
    )
    return 0


def _write(file: str, text: str, *, force: bool) -> None:
    try:
        with Path(file).open("w" if force else "x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as error:
        raise Conflict(
            f"{file} is there already",
            asked=f"write {file}",
            rule="what somebody wrote is not overwritten",
            remedy="another name, or --force if it may go",
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidParameter(
            f"cannot write {file}: {reason}",
            asked=f"write {file}",
            rule="the file's folder must be there, and yours to write in",
            remedy="another name, such as answer.txt",
        ) from error


def _check(
    parser: Parser, words: Sequence[str], terminal: Terminal, as_data: bool
) -> int:
    parser.add_argument("lab", help=_LAB)
    parser.add_argument(
        "files", nargs="*", metavar="file", help="answers, or folders of them; - reads"
    )
    _json_option(parser)
    parser.add_argument("--csv", action="store_true", help="print CSV, a row an answer")
    parser.add_argument("--full", action="store_true", help="all reasons, of many, too")
    parser.add_argument(
        "--limit", type=float, default=5.0, help="seconds for each Python question"
    )
    arguments = _arguments(parser, words, terminal)
    if arguments is None:
        return 0
    if not 0 < arguments.limit <= 3600:
        raise InvalidParameter(
            f"--limit {arguments.limit:g} is no time to wait",
            asked=f"wait {arguments.limit:g} seconds for each question",
            rule="an answer gets more than nothing, and at most an hour",
            remedy="--limit 5",
        )
    found = find(arguments.lab)
    named = arguments.files or [f"{found.name}{found.suffix}"]
    checked = [
        Checked(one.file, check(found, one.text, lines_on, arguments.limit))
        if not one.unreadable
        else Checked(one.file, unread(found, one.unreadable))
        for one in answers(named, found.suffix, terminal)
    ]
    _tell(found, checked, arguments, terminal, as_data=as_data)
    codes = {one.report.code for one in checked}
    return 1 if 1 in codes else 2 if 2 in codes or not checked else 0


def _tell(
    found: Lab,
    checked: Sequence[Checked],
    arguments: Arguments,
    terminal: Terminal,
    *,
    as_data: bool,
) -> None:
    if as_data:
        shown = as_json(found, checked)
        terminal.write(json.dumps(shown, indent=4, ensure_ascii=False) + "\n")
        return
    if arguments.csv:
        terminal.write(as_csv(found, checked))
        return
    texts = [report_text(found, one, arguments.lab) for one in checked]
    if len(checked) == 1:
        terminal.write(texts[0])
        return
    full = "".join(f"{text}\n" for text in texts) if arguments.full else ""
    terminal.write(full + table_text(found, checked))


def _hint(parser: Parser, words: Sequence[str], terminal: Terminal, _: bool) -> int:
    parser.add_argument("lab", help=_LAB)
    parser.add_argument("step", nargs="?", type=int, default=1, help="1 is the first")
    parser.add_argument("--all", action="store_true", help="the whole ladder")
    arguments = _arguments(parser, words, terminal)
    if arguments is None:
        return 0
    found = find(arguments.lab)
    count = len(found.hints)
    if not 1 <= arguments.step <= count:
        raise InvalidParameter(
            f"there is no hint {arguments.step}",
            asked=f"hint {arguments.step} of {count}",
            rule="the ladder's steps are counted from 1",
            remedy=f"minidock lab hint {arguments.lab} {count}, the last one",
        )
    steps = range(1, count + 1) if arguments.all else [arguments.step]
    for step in steps:
        terminal.write(f"{step} of {count}: {found.hints[step - 1].strip()}\n")
    if not arguments.all:
        following = (
            f"hint {arguments.lab} {arguments.step + 1}"
            if arguments.step < count
            else f"solve {arguments.lab}"
        )
        terminal.write(f"next: minidock lab {following}\n")
    return 0


def _solve(parser: Parser, words: Sequence[str], terminal: Terminal, _: bool) -> int:
    parser.add_argument("lab", help=_LAB)
    arguments = _arguments(parser, words, terminal)
    if arguments is not None:
        terminal.write(find(arguments.lab).solution.strip("\n") + "\n")
    return 0


def _new(parser: Parser, words: Sequence[str], terminal: Terminal, _: bool) -> int:
    parser.add_argument("file", help="the lab file, such as mine.toml")
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    arguments = _arguments(parser, words, terminal)
    if arguments is None:
        return 0
    template = files("minidock.labs") / "template.toml"
    _write(arguments.file, template.read_text("utf-8"), force=arguments.force)
    terminal.write(
        f"written: {arguments.file}\nthen:    minidock lab verify {arguments.file}\n"
    )
    return 0


def _verify(parser: Parser, words: Sequence[str], terminal: Terminal, _: bool) -> int:
    parser.add_argument("lab", help=_LAB)
    arguments = _arguments(parser, words, terminal)
    if arguments is None:
        return 0
    found = find(arguments.lab)
    verified = verify(found, lines_on)
    for one in verified.findings:
        terminal.write(f"{'ok' if one.ok else 'not ok':<7} {one.that}\n")
        if not one.ok:
            lines = [*one.seen.splitlines(), *one.why.splitlines()]
            terminal.write("".join(f"        {line}\n" for line in lines))
    terminal.write("".join(f"{'note':<7} {note}\n" for note in verified.notes))
    return 0 if all(one.ok for one in verified.findings) else 1


def _json_option(parser: Parser) -> None:
    # it is read before the verb is known; here it is only named
    parser.add_argument("--json", action="store_true", help="print JSON")


def _arguments(
    parser: Parser, words: Sequence[str], terminal: Terminal
) -> Arguments | None:
    arguments = parser.read(words)
    if arguments is None:
        terminal.write(parser.format_help())
    return arguments


_Verb = Callable[[Parser, Sequence[str], Terminal, bool], int]
_VERBS: dict[str, tuple[str, _Verb]] = {
    "list": ("list the labs that come with minidock", _list),
    "start": ("write a file with the question, and holes to fill", _start),
    "check": ("check an answer, or a folder of them", _check),
    "hint": ("climb one step of the ladder of hints", _hint),
    "solve": ("print one way to do it", _solve),
    "new": ("write a lab file to start from", _new),
    "verify": ("check a lab file: its skeleton fails, its solution passes", _verify),
}
