"""The parts of a text, and which of them correspond in two worlds.

```
"vethab852c9@if4 master br-6a9b57db7e79"
  │ veth      │ plain      │ plain │ id          parts of :func:`pieces`
  ▼                                ▼
vethab852c9 <-> veth0000001     6a9b57db7e79 <-> 5d1c0a9be2f4      :class:`Pairing`
```

Plain parts must be equal, *named* parts (ids, veth names, MACs) must correspond one to
one, *free* parts (times, pids, counters) must only be there.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["MAC_PATTERN", "Pairing", "Piece", "joined", "mac_of", "pieces"]


class Piece(NamedTuple):
    """A part of a text: ``kind`` is "" for plain text."""

    kind: str
    text: str


MAC_PATTERN = r"(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])"
_HEX = "(?<![0-9a-f])[0-9a-f]"
_BASE36 = r"(?<![0-9a-zA-Z._-])(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]"
_KINDS: dict[str, str] = {
    "never": r"0001-01-01T00:00:00Z",
    "free-time": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d| \+0000 UTC)",
    "bridge-id": r"8000\.(?:[0-9a-f]{12}\b|(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2})",
    "link-local": r"fe80::[0-9a-f:]*[0-9a-f]",
    "mac": MAC_PATTERN,
    "veth": r"veth[0-9a-f]{7}",
    "token": r"SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}(?![0-9a-z])",
    "id": rf"{_HEX}{{64}}(?![0-9a-zA-Z])|{_HEX}{{12}}(?![0-9a-zA-Z])"
    # of a swarm: whole, and at the beginning of a row
    rf"|{_BASE36}{{25}}(?![0-9a-zA-Z])|(?m:^)(?=[a-z]*\d)[0-9a-z]{{12}}(?= {{3}})",
    "netns": r"link-netns(?:id)? \S+",
    "engine-id": r"(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}",
    "free-duration": r"Less than a second|About an? (?:minute|hour)"
    r"|\b\d+ (?:second|minute|hour|day|week|month|year)s?\b",
    "free-resolver-port": r"(?<=127\.0\.0\.11:)(?!53\b)\d+",
    "free-pid": r"(?<=pid=)\d+",
    "free-query-id": r"(?<=, id: )\d+",
    "free-timer": r"(?<=_timer)\s+\d+\.\d+",
    "free-counter": r"\[\d+:\d+\]",
    "free-latency": r"(?<=time=)[\d.]+(?= ms)|(?<=, time )\d+(?=ms)|(?<=mdev = )[\d./]+(?= ms)",
}
_PIECE = re.compile(
    "|".join(f"(?P<{name.replace('-', '_')}>{text})" for name, text in _KINDS.items())
)


def pieces(text: str) -> Iterator[Piece]:
    """The parts of a text, in order.

    >>> [piece.kind for piece in pieces("Up 2 seconds 8185491abcf7")]
    ['', 'free-duration', '', 'id']
    """
    at = 0
    for match in _PIECE.finditer(text):
        if match.start() > at:
            yield Piece("", text[at : match.start()])
        kind = (match.lastgroup or "").replace("_", "-")
        yield Piece("" if kind == "never" else kind, match[0])
        at = match.end()
    if at < len(text):
        yield Piece("", text[at:])


def joined(parts: Iterable[Piece]) -> list[Piece]:
    """The parts with plain neighbours made one."""
    result: list[Piece] = []
    for part in parts:
        if result and not part.kind and not result[-1].kind:
            result[-1] = Piece("", result[-1].text + part.text)
        else:
            result.append(part)
    return result


class Pairing:
    """A one-to-one correspondence that grows; what was added can be taken back.

    >>> pairing = Pairing()
    >>> pairing.pair("id", "a" * 64, "b" * 64), pairing.pair("id", "a" * 12, "c" * 12)
    (True, False)
    >>> pairing.ours("a" * 20)
    'bbbbbbbbbbbbbbbbbbbb'
    """

    def __init__(self) -> None:
        self._forward: dict[tuple[str, str], str] = {}
        self._backward: dict[tuple[str, str], str] = {}
        self._whole: dict[str, tuple[str, str]] = {}
        self._log: list[tuple[str, str, str]] = []

    def pair(self, kind: str, recorded: str, ours: str) -> bool:
        """Let the two correspond; False if one of them corresponds to another."""
        if len(recorded) != len(ours):
            return False
        if kind == "id":
            # A short id is the head of a long one, so heads are what corresponds.
            whole, recorded, ours = (recorded, ours), recorded[:12], ours[:12]
            if len(whole[0]) in {25, 64}:
                self._whole.setdefault(recorded, whole)
        known = self._forward.get((kind, recorded))
        other = self._backward.get((kind, ours))
        if known is None and other is None:
            self._forward[kind, recorded] = ours
            self._backward[kind, ours] = recorded
            self._log.append((kind, recorded, ours))
            return True
        return known == ours and other == recorded

    def mark(self) -> int:
        """A point to which :meth:`back` returns."""
        return len(self._log)

    def back(self, mark: int) -> None:
        """Forget what was paired since."""
        while len(self._log) > mark:
            kind, recorded, ours = self._log.pop()
            del self._forward[kind, recorded]
            del self._backward[kind, ours]
            if kind == "id":
                self._whole.pop(recorded, None)

    def known(self, kind: str, recorded: str) -> str | None:
        """What corresponds to a recorded part, or None."""
        return self._forward.get((kind, recorded[:12] if kind == "id" else recorded))

    def ours(self, recorded: str) -> str:
        """The id (or its head) that corresponds to a recorded one; itself if unknown."""
        head, length = recorded[:12], len(recorded)
        heads = [key for kind, key in self._forward if kind == "id"]
        found = [key for key in heads if key.startswith(head)]
        if len(found) != 1:
            return recorded
        whole = self._whole.get(found[0], (found[0], self._forward["id", found[0]]))
        if not whole[0].startswith(recorded):
            return recorded
        return whole[1][:length] if length <= len(whole[1]) else recorded


def mac_of(kind: str, text: str) -> str | None:
    """The MAC behind a MAC, a bridge's id, or a link-local address (RFC 4291, EUI-64)."""
    if kind == "mac":
        return text
    if kind == "bridge-id":
        digits = text.removeprefix("8000.")
        octets = digits.split(":") if ":" in digits else re.findall("..", digits)
        return ":".join(octet.zfill(2) for octet in octets)
    groups = text.removeprefix("fe80::").split(":")
    if len(groups) != 4:
        return None
    digits = "".join(group.zfill(4) for group in groups)
    if digits[6:10] != "fffe":
        return None
    first = int(digits[:2], 16) ^ 2  # the universal/local bit is turned
    return ":".join(re.findall("..", f"{first:02x}" + digits[2:6] + digits[10:]))
