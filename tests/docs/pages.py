"""The pages that readers see, and how their sessions are run.

```
```python fence that starts with >>>     a doctest; one page shares its names
```console fence with $ minidock ...     runs through the CLI, in process, on one host
                       $ docker ...      the same; one page shares its host
                       $ minidock --state NAME.db ...   a host of that name instead
                       $ minidock ... play docs/...     a file of this repository
                       $ curl ...        asks a `minidock serve` of the page's own
                       $ minidock lab ...   in a folder of the page's own, where
                       $ cat, echo, mkdir, sed ...   run, too; and  ... > FILE  writes
<!-- picture NAME.svg: EXPRESSION -->    what the page's Python names give, drawn
<!-- picture NAME.svg: $ minidock draw --svg -->    what a command prints
```

A picture is a file of `docs/pictures`, drawn where its comment stands, with what the page
did so far; the page shows it wherever it likes.

`python -m tests.docs.pages` prints which pages differ from what really happens;
`python -m tests.docs.pages --update [PAGE...]` writes the true outputs into them, and
the pictures.
"""

import contextlib
import difflib
import doctest
import io
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from minidock.cli.main import main
from minidock.cli.terminal import Terminal
from tests.docs.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(
    r"^```(?P<language>python|console)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)

_PIECE = re.compile(
    rf"{_FENCE.pattern}|^<!-- picture (?P<name>\S+\.svg): (?P<drawn>.*?) -->$",
    re.MULTILINE | re.DOTALL,
)
PICTURES = ROOT / "docs" / "pictures"

_WRITTEN = re.compile(r"(.*) > ([\w./-]+)")
"""A line that writes what it prints to a file; one that stands within quotes is none."""

_ON_FILES = {"cat", "echo", "mkdir", "sed"}
"""Programs of the real machine that a session may run on files of its own."""

Run = Callable[[str], str]


def pages() -> list[Path]:
    """The README and everything below docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@contextlib.contextmanager
def host() -> Iterator[Run]:
    """A fresh host; a function that runs a line on it and gives what a terminal shows."""
    with contextlib.ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory())
        state = str(Path(folder) / "state.db")
        wires: list[Wire] = []

        def run(line: str) -> str:
            written = _WRITTEN.fullmatch(line)
            line, target = written.groups() if written else (line, "")
            command, *stages = [part.strip() for part in line.split(" | ")]
            words = [_placed(word, folder) for word in shlex.split(command)]
            if words[0] == "curl":
                if not wires:
                    wires.append(held.enter_context(Wire()))
                data = wires[0].run(words)
            elif words[0] in _ON_FILES:
                ran = subprocess.run(words, cwd=folder, capture_output=True, check=True)
                data = ran.stdout
            else:
                with contextlib.chdir(folder if "lab" in words[1:3] else "."):
                    data = _minidock(words, state).encode()
            if stages and stages[0].startswith("od "):  # the one that reads bytes
                data = _octets(shlex.split(stages.pop(0)), data)
            text = data.decode("utf-8", "replace").replace("\r\n", "\n")
            for stage in stages:
                text = _filtered(shlex.split(stage), text)
            if target:
                Path(folder, target).write_text(text, encoding="utf-8")
                return ""
            return text

        yield run


def _placed(word: str, folder: str) -> str:
    """A file's name, as it is found from wherever the tests were started."""
    if word.endswith(".db"):
        return str(Path(folder) / word)
    return str(ROOT / word) if word.endswith(".play") else word


def _minidock(words: list[str], state: str) -> str:
    program, *rest = words
    if program not in {"minidock", "docker"}:
        raise ValueError(f"a session runs minidock and docker, not {program}")
    out = io.StringIO()
    terminal = Terminal(
        stdin=io.StringIO(),
        stdout=out,
        stderr=out,
        environment={"MINIDOCK_STATE": state, "MINIDOCK_TRACEBACK": "1"},
    )
    main(rest, terminal)
    return out.getvalue()


def _octets(stage: list[str], data: bytes) -> bytes:
    """The bytes in od's own words."""
    return subprocess.run(stage, input=data, capture_output=True, check=True).stdout


def _filtered(stage: list[str], text: str) -> str:
    lines = text.splitlines(keepends=True)
    match stage:
        case ["python3", "-m", "json.tool"]:
            return json.dumps(json.loads(text), indent=4) + "\n"
        case ["grep", "-v", pattern]:
            return "".join(line for line in lines if not re.search(pattern, line))
        case ["grep", "-E", pattern] | ["grep", pattern]:
            return "".join(line for line in lines if re.search(pattern, line))
        case ["head", count]:
            return "".join(lines[: int(count.removeprefix("-"))])
        case ["tail", count]:
            return "".join(lines[-int(count.removeprefix("-")) :])
    raise ValueError(f"a session does not pipe through {stage[0]}")


def true_session(source: str, run: Run) -> str:
    """A console fence's body with what each of its commands really prints."""
    lines = []
    for line in source.splitlines():
        if line.startswith("$ "):
            lines.append(line)
            output = run(line.removeprefix("$ ")).rstrip("\n")
            lines += [text.rstrip() for text in output.splitlines()]
    return "".join(f"{line}\n" for line in lines)


def difference(old: str, new: str) -> str:
    """What a reader would see instead, as a diff; "" if nothing."""
    pair = old.splitlines(), new.splitlines()
    return "\n".join(difflib.unified_diff(*pair, "the page", "the truth", lineterm=""))


def true_page(text: str, pictures: dict[str, str] | None = None) -> str:
    """A whole page with true outputs; ``pictures`` takes what it draws, by file name."""
    names: dict[str, object] = {"__name__": "__main__"}
    with host() as run:

        def renewed(match: re.Match[str]) -> str:
            body = match["body"]
            if body is None:
                if pictures is not None:
                    pictures[match["name"]] = _drawn(match["drawn"], names, run)
                return match[0]
            if match["language"] == "console":
                body = true_session(body, run)
            elif body.startswith(">>>"):
                body = _true_doctest(body, names)
            else:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(body, names)
            return f"```{match['language']}\n{body}```"

        return _PIECE.sub(renewed, text)


def _drawn(source: str, names: dict[str, object], run: Run) -> str:
    if source.startswith("$ "):
        return run(source.removeprefix("$ "))
    shown = eval(source, names)
    return shown if isinstance(shown, str) else shown._repr_svg_()


def picture(name: str) -> str:
    """The file as it is; "" if there is none yet."""
    file = PICTURES / name
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _true_doctest(body: str, names: dict[str, object]) -> str:
    pieces = []
    for piece in doctest.DocTestParser().parse(body):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        first, *rest = piece.source.splitlines()
        pieces.append(
            "".join([f">>> {first}\n", *(f"... {x}".rstrip() + "\n" for x in rest)])
        )
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(piece.source, "<page>", "single"), names)
        except Exception as error:  # noqa: BLE001 - a page may show any
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            name = kind.removeprefix("builtins.")
            pieces.append(f"Traceback (most recent call last):\n...\n{name}: {error}\n")
            continue
        printed = re.sub(r"(?m)^$", "<BLANKLINE>", out.getvalue().rstrip("\n"))
        pieces.append(f"{printed}\n" if out.getvalue() else "")
    return "".join(pieces)


def _report(arguments: list[str]) -> int:
    update = "--update" in arguments
    chosen = [Path(name).resolve() for name in arguments if name != "--update"]
    differing = 0
    for page in chosen or pages():
        old = page.read_text(encoding="utf-8")
        pictures: dict[str, str] = {}
        new = true_page(old, pictures)
        stale = {name: svg for name, svg in pictures.items() if picture(name) != svg}
        if old == new and not stale:
            continue
        differing += 1
        print(difference(old, new), *stale, sep="\n")
        if update:
            page.write_text(new, encoding="utf-8")
            for name, svg in stale.items():
                PICTURES.mkdir(exist_ok=True)
                (PICTURES / name).write_text(svg, encoding="utf-8")
    print(f"{differing} pages {'updated' if update else 'differ'}")
    return 1 if differing and not update else 0


if __name__ == "__main__":
    sys.exit(_report(sys.argv[1:]))
