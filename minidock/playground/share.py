"""What a link carries: the lines that were typed, an exercise, and an answer to it.

```
 Shared ─▶ JSON ─▶ zlib ─▶ base64url ─▶ #1.eNqrVs...
 Shared ◀─ shape ◀─ length, checksum ◀─ alphabet, version
```

What stands behind the ``#`` is never sent to a server. It comes from anybody, so
reading it is bounded in time and memory, gives texts and nothing else, and runs
nothing: a link that would unpack to gigabytes is refused after :data:`ROOM` octets.

Invariants: ``unpacked(packed(shared)) == shared``; whatever the text, :func:`unpacked`
gives a Shared or a refusal.
"""

import base64
import binascii
import json
import re
import unicodedata
import zlib
from dataclasses import dataclass

from minidock.errors import Exhausted, InvalidParameter, NotationError

__all__ = ["LONGEST", "ROOM", "Shared", "packed", "unpacked"]

LONGEST = 12_000
"""Characters of a link: what mail programs and chats still carry."""
ROOM = 65_536
"""Octets to which a link may unpack."""

_VERSION = "1"
_LINES, _LINE, _ANSWER = 200, 4_000, 20_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}|")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKETS = 2
"""Of JSON: one { and one [. More of them nest, and deep nesting ends a browser's Python
instead of being refused."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode's categories of what nobody sees; some turn text round as it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    r"""A state to send to somebody.

    >>> Shared(lines=("docker ps",)).lab
    ''
    >>> Shared(lines=("ab\x00",))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: line 1 has a character that cannot be seen: U+0000
    """

    lines: tuple[str, ...] = ()
    lab: str = ""
    """The exercise that is open, by its name."""
    answer: str = ""
    """What was written as its answer."""

    def __post_init__(self) -> None:
        if len(self.lines) > _LINES:
            raise _too_much(f"{len(self.lines)} lines", f"{_LINES} lines")
        for number, line in enumerate(self.lines, 1):
            _check_text(line, f"line {number}", _LINE)
        _check_text(self.answer, "the answer", _ANSWER)
        if not _NAME.fullmatch(self.lab):
            raise InvalidParameter(
                f"{self.lab[:80]!r} is no name of an exercise",
                asked="share an exercise",
                rule="a name has small letters, digits and dashes",
                remedy="a name from the list of exercises",
            )


def packed(shared: Shared) -> str:
    """The text behind the ``#``.

    >>> packed(Shared(lines=("docker ps",)))[:4]
    '1.eN'
    """
    data = {"lines": shared.lines, "lab": shared.lab, "answer": shared.answer}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    raw = text.encode()
    if len(raw) > ROOM:
        raise _too_much(f"{len(raw)} octets", f"{ROOM} octets")
    code = base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")
    link = f"{_VERSION}.{code}"
    if len(link) > LONGEST:
        raise _too_much(f"{len(link)} characters", f"{LONGEST} characters")
    return link


def unpacked(link: str) -> Shared:
    """What a link carries.

    >>> unpacked(packed(Shared(lines=("docker ps",), lab="the-bridge-learns")))
    Shared(lines=('docker ps',), lab='the-bridge-learns', answer='')
    >>> unpacked(packed(Shared(lines=("docker ps",)))[:-6])
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: this link is damaged: a part of it is missing
    >>> deep = base64.urlsafe_b64encode(zlib.compress(b"[" * 60_000)).decode()
    >>> unpacked("1." + deep.rstrip("="))
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: this link is damaged: it nests, as no playground does

    Raises:
        InvalidParameter: it was cut, changed, or made by somebody else.
        Exhausted: it carries more than a link may.
    """
    link = link.removeprefix("#")
    if len(link) > LONGEST:
        raise _too_much(f"{len(link)} characters", f"{LONGEST} characters")
    version, dot, code = link.partition(".")
    if not dot or not version.isascii() or not version.isdigit():
        raise _damaged("it does not begin as a link of the playground does")
    if version != _VERSION:
        raise _damaged(
            f"it is of version {version[:9]}, and this page reads {_VERSION}"
        )
    return _shaped(_inflated(_decoded(code)))


def _decoded(code: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", code):
        raise _damaged("it has characters that no link has")
    try:
        return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except binascii.Error as error:
        raise _damaged("a part of it is missing") from error


def _inflated(data: bytes) -> bytes:
    """What was compressed, up to :data:`ROOM` octets; zlib checks its checksum."""
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(data, ROOM + 1)
    except zlib.error as error:
        raise _damaged("a part of it was changed") from error
    if len(raw) > ROOM:
        raise _too_much(f"more than {ROOM} octets", f"{ROOM} octets")
    if not unpacking.eof:
        raise _damaged("a part of it is missing")
    if unpacking.unused_data:
        raise _damaged("something stands behind its end")
    return raw


def _shaped(raw: bytes) -> Shared:
    bare = _STRING.sub(b"", raw)
    if bare.count(b"[") + bare.count(b"{") > _BRACKETS:
        raise _damaged("it nests, as no playground does")
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise _damaged("it does not carry what a playground shares") from error
    if not isinstance(found, dict) or set(found) != {"lines", "lab", "answer"}:
        raise _damaged("it does not carry what a playground shares")
    lines, lab, answer = found["lines"], found["lab"], found["answer"]
    if not isinstance(lines, list) or not all(isinstance(x, str) for x in lines):
        raise _damaged("its lines are no texts")
    if not isinstance(lab, str) or not isinstance(answer, str):
        raise _damaged("its exercise is no text")
    return Shared(lines=tuple(lines), lab=lab, answer=answer)


def _check_text(text: str, what: str, most: int) -> None:
    if len(text) > most:
        raise _too_much(f"{what} with {len(text)} characters", f"{most} characters")
    for char in text:
        if char not in "\n\t" and unicodedata.category(char) in _UNSEEN:
            raise InvalidParameter(
                f"{what} has a character that cannot be seen: U+{ord(char):04X}",
                asked=f"share {what}",
                rule="a link carries what its reader can see before it runs",
                remedy="the same text without that character",
            )


def _damaged(why: str) -> NotationError:
    return NotationError(
        f"this link is damaged: {why}",
        value="a shared link",
        rule="a link is read whole or not at all, and nothing of it was run",
        remedy="copy the whole link once more, or start with an empty host",
    )


def _too_much(found: str, limit: str) -> Exhausted:
    return Exhausted(
        f"{found} are too much for a link",
        asked="share this state by a link",
        rule=f"a link carries at most {limit}",
        remedy="start over with fewer lines, or share the text itself",
    )
