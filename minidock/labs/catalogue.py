"""The labs that come with minidock, and those in files of one's own.

```
3, who-gives-out-addresses, 03-who-gives-out-addresses    one of ours
./my.toml, labs/my.toml                                   a file
```

Reads files; asks for nothing else.

Invariant: each packaged lab is found by its number, its name and its stem.
"""

import difflib
from functools import cache
from importlib.resources import files
from pathlib import Path

from minidock.errors import InvalidParameter, NotFound
from minidock.labs.lab import Lab
from minidock.labs.reading import read_lab
from minidock.labs.saved import text_of

__all__ = ["find", "packaged"]


@cache
def packaged() -> dict[str, Lab]:
    """The labs that come with minidock by stem, in the order of their lessons.

    Raises:
        LabFault: one of them is wrong, which the tests would have seen.
    """
    folder = files("minidock.labs") / "exercises"
    found = {
        entry.name.removesuffix(".toml"): entry
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if entry.name.endswith(".toml")
    }
    return {
        stem: read_lab(found[stem].read_text(encoding="utf-8"), f"{stem}.toml")
        for stem in sorted(found)
    }


def find(word: str) -> Lab:
    """A lab by its number, its name, its stem, or the path of its file.

    Raises:
        NotFound: there is no such lab.
        InvalidParameter: the file cannot be read.
        LabFault: the file is no lab.

    >>> find("no-such-lab")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: there is no lab no-such-lab
    """
    for stem, lab in packaged().items():
        if word in {stem, lab.name} or (word.isdecimal() and int(word) == lab.lesson):
            return lab
    if word.endswith(".toml") or "/" in word or "\\" in word:
        return _in_file(word)
    names = [lab.name for lab in packaged().values()]
    near = difflib.get_close_matches(word, names, 1)
    raise NotFound(
        f"there is no lab {word}",
        asked=f"the lab {word}",
        rule="a lab is named by the number of its lesson, by its name, or by its file",
        remedy=near[0] if near else "minidock lab list, or ./FILE.toml",
    )


def _in_file(path: str) -> Lab:
    try:
        text = text_of(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InvalidParameter(
            f"cannot read {path}: {reason}",
            asked=f"the lab in {path}",
            rule="a lab file is a text in TOML",
            remedy="minidock lab new FILE, which writes one to start from",
        ) from error
    return read_lab(text, path)
