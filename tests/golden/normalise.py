"""Comparing what was recorded with what the library says, up to what no engine fixes.

```
recorded   8185491abcf7   Up 2 seconds   fe80::42:5ff:fe39:2a32   web
              │ id           │ duration      │ address of a random MAC
ours       5d1c0a9be2f4   Up 1 second    fe80::42:aff:fe00:1      web     -> the same
```

Three kinds of parts: plain text, which must be equal; *named* parts (ids, veth names,
random MACs), which must correspond one to one through a whole recording
(:class:`Pairing`); and *free* parts (times, pids, counters), of which both sides must
have one. Lists whose order the real engine does not fix are compared as sets, lists of
lines too. Every difference found is a :class:`Difference` with a place and two texts.

A MAC counts as random unless a command named it or its last four bytes are an IPv4
address that the recording speaks of: containers' MACs are compared.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tests.golden.listings import (
    blank,
    is_id,
    is_unordered,
    json_pair,
    margin,
    prepared,
    segments,
    sorted_answers,
    table_lines,
    unpieced,
)
from tests.golden.pieces import (
    MAC_PATTERN,
    Pairing,
    Piece,
    joined,
    mac_of,
    pieces,
)

__all__ = ["Comparer", "Difference", "texts_of"]


class Difference(NamedTuple):
    """Where the two worlds differ, and what each says there."""

    place: str
    recorded: str
    ours: str

    def __str__(self) -> str:
        if "\n" in self.recorded or "\n" in self.ours:
            lines = difflib.unified_diff(
                self.recorded.splitlines(),
                self.ours.splitlines(),
                "recorded",
                "ours",
                lineterm="",
                n=1,
            )
            return f"{self.place}:\n" + "\n".join("    " + line for line in lines)
        return f"{self.place}: recorded {self.recorded!r}, ours {self.ours!r}"


_IPV4 = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_MAC = re.compile(MAC_PATTERN, re.IGNORECASE)
_AUTOMATIC_NAME = re.compile(r"\b[a-z]+_[a-z]+\d?\b")
# Process numbers, start times and the like in the answer of /containers/NAME/top.
_PROCESS = re.compile(r"[\d.]+|\d+:\d\d(?::\d\d)?")
# What a container's programs have used up so far, in the answer of .../stats.
_MEASURED = re.compile(r"cpu_stats\.|memory_stats\.(?:usage|max_usage|stats\.)")
# Keys of `ip -j` that say that duplicate address detection is still running.
_MOMENTARY = {"tentative", "dadfailed"}
# Keys whose numbers are free: both sides must have one, and zero only if both are zero.
_FREE_NUMBERS = {
    "Pid", "Created", "time", "timeNano", "NFd", "NGoroutines", "NEventsListener",
}  # fmt: skip


class Comparer:
    """Compares the steps of one recording; see the module."""

    def __init__(self, steps: Iterable[dict] = ()) -> None:
        self.pairing = Pairing()
        self.lagging = False  # see `listings.prepared`
        said, asked = texts_of(steps)
        self._addresses = {tuple(map(int, hit)) for hit in _IPV4.findall(said)}
        self._literal_macs = set(_MAC.findall(asked.lower()))
        names = set(_AUTOMATIC_NAME.findall(said)) - set(_AUTOMATIC_NAME.findall(asked))
        # A name that docker made up stands in JSON, last in a row of `docker ps`, or
        # among the attributes of an event.
        self._automatic = {
            name
            for name in names
            if f'"/{name}"' in said
            or re.search(rf"   {name} *$|\bname={name}\b", said, re.MULTILINE)
        }

    # texts

    def texts(
        self, place: str, recorded: str, ours: str, command: str = ""
    ) -> list[Difference]:
        """The differences of two outputs of a command; pairs what corresponds."""
        mark = self.pairing.mark()
        found = self._outputs(place, recorded, ours, command)
        if found:
            self.pairing.back(mark)
        return found

    def _outputs(
        self, place: str, recorded: str, ours: str, command: str
    ) -> list[Difference]:
        both = [
            prepared(text, command, lagging=self.lagging) for text in (recorded, ours)
        ]
        whole = json_pair(*both)
        if whole is not None:
            return self._json_outputs(place, both, whole)
        lines = [table_lines(text, both) for text in both]
        if re.search(r"\bfdb\b", command):
            return self._sets(place, lines)
        if "prune" in command or re.match(r"\s*docker volume ls", command):
            return self._sets(place, lines)
        if re.search(r"\b(?:dig|nslookup|getent)\b", command):
            lines = [sorted_answers(some) for some in lines]
        return self._lines(place, lines)

    def _json_outputs(
        self, place: str, both: list[str], whole: tuple
    ) -> list[Difference]:
        found = list(self._json(place, *whole, ordered=True))
        shapes = [(text.count("\n"), margin(text)) for text in both]
        if not found and shapes[0] != shapes[1]:
            found = [Difference(f"{place} (layout)", *map(str, shapes))]
        return found

    def _lines(self, place: str, lines: list[list[str]]) -> list[Difference]:
        recorded, ours = lines
        mark = self.pairing.mark()
        if len(recorded) == len(ours) and all(map(self._line, recorded, ours)):
            return []
        self.pairing.back(mark)
        # Lines that differ in ids only may have changed places (ids decide the order).
        blanked = [[blank(line) for line in some] for some in lines]
        if blanked[0] == blanked[1] and not self._unmatched(recorded, ours):
            return []
        self.pairing.back(mark)
        return [Difference(place, *map("\n".join, self._shown(recorded, ours)))]

    def _sets(self, place: str, lines: list[list[str]]) -> list[Difference]:
        if len(lines[0]) == len(lines[1]) and not self._unmatched(*lines):
            return []
        return [Difference(place, *map("\n".join, self._shown(*lines)))]

    def _unmatched(self, recorded: list[str], ours: list[str]) -> bool:
        return bool(self._match(recorded, ours, self._line))

    def _line(self, recorded: str, ours: str) -> bool:
        mark = self.pairing.mark()
        if self._same_text(recorded, ours):
            return True
        self.pairing.back(mark)
        one_line, other_line = segments(recorded), segments(ours)
        if len(one_line) != len(other_line) or len(one_line) == 1:
            return False
        for one, other in zip(one_line, other_line, strict=True):
            if isinstance(one, str) and isinstance(other, str):
                same = self._same_text(one, other)
            elif isinstance(one, str) or isinstance(other, str):
                same = False
            else:
                same = not any(self._json("", one[0], other[0], ordered=True))
            if not same:
                self.pairing.back(mark)
                return False
        return True

    def _pieces(self, text: str) -> list[Piece]:
        parts: list[Piece] = []
        for part in pieces(text):
            if part.kind or not self._automatic:
                parts.append(part)
                continue
            at = 0
            for match in _AUTOMATIC_NAME.finditer(part.text):
                parts += [
                    Piece("", part.text[at : match.start()]),
                    Piece("name", match[0]),
                ]
                at = match.end()
            parts.append(Piece("", part.text[at:]))
        return joined(part for part in parts if part.text)

    def _same_text(self, recorded: str, ours: str) -> bool:
        one, other = self._pieces(recorded), self._pieces(ours)
        if len(one) != len(other):
            return recorded == ours
        return all(map(self._same_piece, one, other))

    def _same_piece(self, recorded: Piece, ours: Piece) -> bool:
        if recorded.kind != ours.kind:
            return False
        kind = recorded.kind
        if not kind:
            return recorded.text == ours.text
        if kind.startswith("free"):
            return True
        if kind == "netns":
            # A namespace that the host has a name for is shown by name.
            named = "link-netns " in {recorded.text[:11], ours.text[:11]}
            return named or recorded.text == ours.text
        if kind == "name":
            return self._same_name(recorded.text, ours.text)
        if kind in {"mac", "link-local", "bridge-id"}:
            one, other = mac_of(*recorded), mac_of(*ours)
            if one is None or other is None:
                return recorded.text == ours.text
            return self._same_mac(one, other)
        return self.pairing.pair(kind, recorded.text, ours.text)

    def _same_name(self, recorded: str, ours: str) -> bool:
        if recorded not in self._automatic:
            return recorded == ours
        length = max(len(recorded), len(ours))
        return self.pairing.pair("name", recorded.ljust(length), ours.ljust(length))

    def _same_mac(self, recorded: str, ours: str) -> bool:
        octets = [int(octet, 16) for octet in recorded.split(":")]
        if recorded.startswith("33:33:ff"):
            # The solicited-node group of an address that ends in a random MAC's end.
            return recorded == ours or (
                ours.startswith("33:33:ff")
                and self.pairing.pair("group", recorded, ours)
            )
        derived = octets[:2] == [2, 0x42] and tuple(octets[2:]) in self._addresses
        shared = octets[0] & 1 or not any(octets)  # multicast, broadcast, none
        if derived or shared or recorded in self._literal_macs:
            return recorded == ours
        return self.pairing.pair("mac", recorded, ours)

    # JSON

    def json(self, place: str, recorded: object, ours: object) -> list[Difference]:
        """The differences of two JSON values; pairs what corresponds."""
        mark = self.pairing.mark()
        found = list(self._json(place, recorded, ours, ordered=False))
        if found:
            self.pairing.back(mark)
        return found

    def _json(
        self, place: str, recorded: object, ours: object, *, ordered: bool
    ) -> Iterator[Difference]:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            yield from self._objects(place, recorded, ours, ordered=ordered)
        elif isinstance(recorded, list) and isinstance(ours, list):
            yield from self._arrays(place, recorded, ours, ordered=ordered)
        elif not self._same_scalar(place, recorded, ours):
            yield Difference(place, _shown(recorded), _shown(ours))

    def _same_scalar(self, place: str, recorded: object, ours: object) -> bool:
        if isinstance(recorded, str) and isinstance(ours, str):
            if ".Processes[" in place and _PROCESS.fullmatch(recorded):
                return _PROCESS.fullmatch(ours) is not None
            return self._same_text(recorded, ours)
        key = place.rpartition(".")[2]
        numbers = [type(value) is int for value in (recorded, ours)]
        if key.endswith("_timer") and isinstance(recorded, int | float):
            return isinstance(ours, int | float)
        if all(numbers) and (key in _FREE_NUMBERS or _MEASURED.search(place)):
            return bool(recorded) == bool(ours)
        return type(recorded) is type(ours) and recorded == ours

    def _objects(
        self, place: str, recorded: dict, ours: dict, *, ordered: bool
    ) -> Iterator[Difference]:
        plain = [
            [key for key in keys if not is_id(key) and key not in _MOMENTARY]
            for keys in (recorded, ours)
        ]
        if sorted(plain[0]) != sorted(plain[1]):
            missing, extra = (
                set(plain[0]) - set(plain[1]),
                set(plain[1]) - set(plain[0]),
            )
            yield Difference(f"{place} (keys)", _names(missing), _names(extra))
        elif ordered and plain[0] != plain[1]:
            yield Difference(f"{place} (order of keys)", *map(_names, plain))
        for key in plain[0]:
            if key in ours:
                path = f"{place}.{key}"
                yield from self._json(path, recorded[key], ours[key], ordered=ordered)
        named = [
            [item for item in value.items() if is_id(item[0])]
            for value in (recorded, ours)
        ]
        yield from self._set_of(
            place, *[[list(item) for item in some] for some in named], ordered=ordered
        )

    def _arrays(
        self, place: str, recorded: list, ours: list, *, ordered: bool
    ) -> Iterator[Difference]:
        if is_unordered(place, recorded) or is_unordered(place, ours):
            yield from self._set_of(place, recorded, ours, ordered=ordered)
            return
        if len(recorded) != len(ours):
            yield Difference(place, _listed(recorded), _listed(ours))
            return
        for number, (one, other) in enumerate(zip(recorded, ours, strict=True)):
            yield from self._json(f"{place}[{number}]", one, other, ordered=ordered)

    def _set_of(
        self, place: str, recorded: list, ours: list, *, ordered: bool
    ) -> Iterator[Difference]:
        def same(one: object, other: object) -> bool:
            return not any(self._json(place, one, other, ordered=ordered))

        left = self._match(recorded, ours, same)
        if not left and len(recorded) == len(ours):
            return
        rest = [recorded[at] for at in left]
        others = self._others
        if len(rest) == 1 and len(others) == 1:
            yield from self._json(f"{place}[*]", rest[0], others[0], ordered=ordered)
        else:
            yield Difference(f"{place} (as a set)", _shown(rest), _shown(others))

    _others: list = []  # noqa: RUF012  # what the last matching left on our side

    def _match(
        self, recorded: list, ours: list, same: Callable[[object, object], bool]
    ) -> list[int]:
        """Numbers of the recorded items that found no partner among ours."""
        free, left = list(ours), []
        for number, item in enumerate(recorded):
            for at, candidate in enumerate(free):
                mark = self.pairing.mark()
                if same(item, candidate):
                    del free[at]
                    break
                self.pairing.back(mark)
            else:
                left.append(number)
        self._others = free
        return left

    # showing

    def _shown(
        self, recorded: list[str], ours: list[str]
    ) -> tuple[list[str], list[str]]:
        """Both sides with equal names for what is known to correspond."""
        return [self._translated(line) for line in recorded], [
            "".join(unpieced(part) for part in pieces(line)) for line in ours
        ]

    def _translated(self, line: str) -> str:
        shown = []
        for part in pieces(line):
            known = None
            if part.kind == "id" and self.pairing.known("id", part.text):
                known = self.pairing.ours(part.text)
            elif part.kind in {"mac", "veth"}:
                known = self.pairing.known(part.kind, part.text)
            shown.append(known or unpieced(part))
        return "".join(shown)


def texts_of(steps: Iterable[dict]) -> tuple[str, str]:
    """Everything that a recording says, and everything that it asks."""
    said: list[str] = []
    asked: list[str] = []
    for step in steps:
        said += [str(step.get(key) or "") for key in ("stdout", "stderr", "raw")]
        said.append(json.dumps(step["json"]) if "json" in step else "")
        asked += [str(step.get("cmd") or ""), str(step.get("path") or "")]
        asked.append(json.dumps(step.get("request")))
    return "\n".join(said), "\n".join(asked)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _listed(items: list) -> str:
    """A list of things that have names, by their names; another as it is."""
    keys = ("Names", "Name", "RepoTags")
    names = [
        next((i[k] for k in keys if k in i), None) for i in items if isinstance(i, dict)
    ]
    if len(names) < len(items) or None in names or not items:
        return _shown(items)
    return f"{len(items)} items: " + ", ".join(map(_shown, names))


def _names(keys: Iterable[str]) -> str:
    return ", ".join(keys)
