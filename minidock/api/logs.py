r"""`docker logs`: the lines that a program has written, and those that it will.

```
Container.logs   (1, "stdout", "a\nb")   (2, "stderr", "c\n")   (3, "stdout", "\n")
   │ lines: each when its end was written
   ▼
Line(1, stdout, "a\n")   Line(2, stderr, "c\n")   Line(3, stdout, "b\n")
   │ tail, then since and until, then the outputs asked for
   ▼
chunks, each a whole line, perhaps with its time before it
```

A line without an end waits until it has one, or until its program ends. Following ends
with the program's run.

Docker calls it: ``daemon/logs.go`` and the *json-file* log driver.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.api.lingering import find_lingering
from minidock.api.moments import moment_of
from minidock.api.outputs import Chunks, Written, chunks_of, texts_of, type_of
from minidock.api.streams import Chunk, Moment, Reading
from minidock.api.versions import parse_version
from minidock.errors import InvalidParameter, Unclassified
from minidock.model.container import Container
from minidock.views.durations import timestamp

__all__ = ["FollowedLog", "Line", "Selection", "lines_of", "logs"]

_TAIL = re.compile(r"\d{1,18}", re.ASCII)

_NO_READING = frozenset(
    "awslogs etwlogs fluentd gcplogs gelf none splunk syslog".split()
)
"""Log drivers that nobody can read from. From 20.10 on the others keep a copy."""


class Line(NamedTuple):
    """One line of a log: when it was complete, which output, and its text."""

    time: int
    output: str
    text: str


class _Split(NamedTuple):
    lines: tuple[Line, ...]
    begun: tuple[Line, ...]
    """Lines without an end, one an output at most."""


def _split(pieces: Iterable[Written], begun: tuple[Line, ...] = ()) -> _Split:
    lines = []
    waiting = {line.output: line for line in begun}
    for time, output, text in pieces:
        for part in _cut(text):
            before = waiting.pop(output).text if output in waiting else ""
            line = Line(time, output, before + part)
            if part.endswith("\n"):
                lines.append(line)
            else:
                waiting[output] = line
    return _Split(tuple(lines), tuple(waiting.values()))


def _cut(text: str) -> Iterator[str]:
    pieces = text.split("\n")
    yield from (f"{piece}\n" for piece in pieces[:-1])
    if pieces[-1]:
        yield pieces[-1]


def lines_of(pieces: Iterable[Written]) -> tuple[Line, ...]:
    r"""All lines, those without an end last; O(size).

    >>> [line.text for line in lines_of([(1, "stdout", "a\nb"), (2, "stdout", "c\n")])]
    ['a\n', 'bc\n']
    """
    split = _split(pieces)
    return split.lines + split.begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which lines somebody wants to see, and how they are shown."""

    wanted: frozenset[str] = frozenset({"stdout", "stderr"})
    tail: int = -1
    """How many of the last lines; less than 0 for all."""
    since: int | None = None
    until: int | None = None
    timestamps: bool = False
    terminal: bool = False

    def last(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """The lines that ``tail`` leaves."""
        if self.tail < 0:
            return lines
        return lines[-self.tail :] if self.tail else ()

    def chunks(self, lines: Iterable[Line]) -> tuple[Chunk, ...]:
        """The lines within the moments asked for, as chunks."""
        kept = [
            (line.time, line.output, self._shown(line))
            for line in lines
            if (self.since is None or line.time >= self.since)
            and (self.until is None or line.time <= self.until)
        ]
        return chunks_of(kept, self.wanted, terminal=self.terminal)

    def _shown(self, line: Line) -> str:
        return f"{_fixed(line.time)} {line.text}" if self.timestamps else line.text


def _fixed(nanoseconds: int) -> str:
    """A moment with all nine digits of its fraction, as logs show it."""
    whole, part = divmod(nanoseconds, 1_000_000_000)
    return f"{timestamp(whole * 1_000_000_000)[:-1]}.{part:09d}Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedLog:
    """A log that is read along while its program runs, as a stream."""

    container: str
    selection: Selection
    place: int
    """How many pieces of the output were read."""
    started: int
    """When the run that is followed began."""
    begun: tuple[Line, ...] = ()
    before: tuple[Chunk, ...] = ()
    """Chunks to send first."""

    def read(self, moment: Moment) -> Reading:
        """What is new; O(what is new)."""
        container = moment.world.last_seen(self.container)
        if container is None:
            return Reading(self.before)
        pieces = container.logs[self.place :]
        state = container.state
        if state.started != self.started:  # what a later run wrote is not followed
            pieces = tuple(piece for piece in pieces if piece[0] < state.started)
        lines, begun = _split(pieces, self.begun)
        going = (
            container.id in moment.world.containers
            and state.status in {"running", "paused"}
            and state.started == self.started
        )
        until = self.selection.until
        if until is not None and moment.now >= until:
            going = False
        if not going:
            return Reading(self.before + self.selection.chunks(lines + begun))
        rest = replace(self, place=len(container.logs), begun=begun, before=())
        return Reading(self.before + self.selection.chunks(lines), rest, until)


def logs(call: Call) -> Answer:
    """GET /containers/{id}/logs?follow=1&stdout=1&stderr=1&tail=N&since=T&until=T."""
    wanted = _wanted(call)
    container = find_lingering(call)
    selection = _selection(call, container, wanted)
    driver = container.host_config.document("LogConfig").text("Type")
    if driver in _NO_READING:
        return _unreadable(call, container, driver)
    split = _split(container.logs)
    running = container.state.status in {"running", "paused"}
    lines = split.lines if running else split.lines + split.begun
    chunks = selection.chunks(selection.last(lines))
    follow = call.flag("follow") and running
    framed = not selection.terminal
    types = {"Content-Type": type_of(call.api, framed=framed)}
    # Odd on purpose: up to 20.10 nobody said what a log's bytes are.
    silent = parse_version(call.world.era.api_version) < (1, 42)
    response = replace(
        texts_of(chunks),
        stream=Chunks(chunks),
        framed=framed,
        headers={} if silent else types,
    )
    if follow:
        stream = FollowedLog(
            container=container.id,
            selection=selection,
            place=len(container.logs),
            started=container.state.started,
            begun=split.begun,
            before=chunks,
        )
        response = replace(response, stream=stream)
    return Answer(world=call.world, response=response)


def _wanted(call: Call) -> frozenset[str]:
    """Odd on purpose: this is checked before the container is looked for."""
    wanted = frozenset(name for name in ("stdout", "stderr") if call.flag(name))
    if not wanted:
        raise InvalidParameter(
            "Bad parameters: you must choose at least one stream",
            asked=f"read the logs of {call.words['id']}",
            rule="logs have two streams",
            remedy="?stdout=1&stderr=1",
        )
    return wanted


def _selection(call: Call, container: Container, wanted: frozenset[str]) -> Selection:
    tail = call.query.get("tail", "all")
    until = call.query.get("until", "")
    return Selection(
        wanted=wanted,
        # Odd on purpose: a tail that is no number means all.
        tail=int(tail) if _TAIL.fullmatch(tail) else -1,
        since=moment_of(call.query.get("since", "")),
        until=moment_of("" if until == "0" else until),
        timestamps=call.flag("timestamps"),
        terminal=container.config.flag("Tty"),
    )


def _unreadable(call: Call, container: Container, driver: str) -> Answer:
    refusal = Unclassified(
        "configured logging driver does not support reading",
        asked=f"read the logs of {container.name}",
        rule=f"the log driver {driver} sends lines away and keeps none",
        remedy="docker run --log-driver json-file",
    )
    response = Response(status=501, body={"message": refusal.text}, refusal=refusal)
    return Answer(world=call.world, response=response)
