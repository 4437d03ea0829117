"""The answers that a person names: files, folders of files, or standard input.

```
ada.txt            that file
answers/           every file below it with the lab's ending, in order of names
-                  standard input
```

Invariants: no file comes twice; what cannot be read is an answer that says why, so one
bad file of thirty does not stop the others.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from minidock.cli.terminal import Terminal
from minidock.labs.saved import text_of

__all__ = ["Answer", "answers"]

_MOST = 1_000_000
_MOST_FOLDERS = 2000
"""Who names / did not mean to."""


class Answer(NamedTuple):
    """A file that somebody wrote, or why it cannot be read."""

    file: str
    text: str = ""
    unreadable: str = ""


def answers(names: Iterable[str], suffix: str, terminal: Terminal) -> Iterator[Answer]:
    """The answers below some names.

    Args:
        names: files, folders, or ``-``.
        suffix: the ending of the files in a folder, such as ``.txt``.
        terminal: whose input ``-`` reads.
    """
    seen: set[str] = set()
    for answer in _all(names, suffix, terminal):
        at = os.path.realpath(answer.file) if "\0" not in answer.file else answer.file
        if at not in seen or answer.file == "-":
            seen.add(at)
            yield answer


def _all(names: Iterable[str], suffix: str, terminal: Terminal) -> Iterator[Answer]:
    for name in names:
        if name == "-":
            yield Answer("-", terminal.stdin.read(_MOST))
            continue
        try:
            folder = Path(name).is_dir()
        except ValueError:
            yield Answer(name, unreadable="no such file")
            continue
        if folder:
            yield from _below(Path(name), suffix)
        else:
            yield _read(Path(name), name)


def _below(folder: Path, suffix: str) -> Iterator[Answer]:
    found: list[Path] = []
    for count, (at, folders, names) in enumerate(os.walk(folder)):
        if count >= _MOST_FOLDERS:
            yield Answer(str(folder), unreadable=f"more than {_MOST_FOLDERS} folders")
            return
        folders[:] = [name for name in folders if not name.startswith(".")]
        fitting = [name for name in names if name.endswith(suffix)]
        found += [Path(at, name) for name in fitting if not name.startswith(".")]
    if not found:
        yield Answer(str(folder), unreadable=f"no file *{suffix} in this folder")
    for path in sorted(found):
        yield _read(path, str(path))


def _read(path: Path, name: str) -> Answer:
    try:
        if not path.exists():
            return Answer(name, unreadable="no such file")
        if not path.is_file():
            return Answer(name, unreadable="it is no file")
        if path.stat().st_size > _MOST:
            return Answer(name, unreadable="it is larger than a million bytes")
        return Answer(name, text_of(path.read_bytes()))
    except OSError as error:
        return Answer(name, unreadable=f"it cannot be read: {error.strerror}")
    except ValueError:
        return Answer(name, unreadable="it is no UTF-8 text")
