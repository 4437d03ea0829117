"""Somebody sits before a program: he sees what it writes, and waits for its end.

```
docker run, docker exec ──▶ the program begins
      │   the engine's clock goes on to the program's next moment, and the next ...
      ▼
 what it wrote, and its code      or: seen enough, `docker exec` is ended with Ctrl-C
                                      and `docker run` leaves the program running
```

An engine in memory has no clock of its own, so whoever waits turns it.

Odd on purpose: nobody types here, and nobody has the patience of a real terminal. He
has seen enough when a program can only be ended by a signal, says so itself (a `ping`
after four packets), or has gone on ``WAKES`` times.
"""

from collections.abc import Callable
from dataclasses import dataclass

from minidock.api.http import Request
from minidock.api.streams import Moment
from minidock.model.program import Program
from minidock.model.world import World

__all__ = ["Seen", "Watch", "see_exec", "see_main", "wait_for"]

WAKES = 1000
"""How often a program may go on before its eyes have seen enough."""
PATIENCE = 60_000_000_000
"""How long `docker run` waits for a program that takes its time, in nanoseconds."""
_INTERRUPTED = 130
_CTRL_C = "minidock: this runs until it is stopped; ended here, as with Ctrl-C\n"


@dataclass(frozen=True, slots=True)
class Watch:
    """An engine's moments, and its clock."""

    moment: Callable[[], Moment]
    turn: Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody saw of a program."""

    pieces: tuple[tuple[str, str], ...] = ()
    """("stdout" or "stderr", text) in the order in which it was written."""
    code: int | None = None
    """How it ended; None where it runs on."""

    def text(self, stream: str) -> str:
        """All that was written to a stream."""
        return "".join(text for name, text in self.pieces if name == stream)


def _goes_on(watch: Watch, program: Program | None, wakes: int, until: int) -> bool:
    """Let the clock go to the program's next moment; False if it is enough."""
    if program is None or program.note or program.due is None or wakes >= WAKES:
        return False
    if program.due > until:
        return False
    watch.turn(program.due)
    return True


def see_main(watch: Watch, container_id: str, written: int, since: int) -> Seen:
    """Sit before a container's program, from its start on, for a minute at most.

    Args:
        watch: the engine.
        container_id: whose program.
        written: how many pieces its log had before.
        since: when the program began.
    """
    wakes = 0
    while True:
        world = watch.moment().world
        container = world.last_seen(container_id)
        if container is None:
            return Seen()
        pieces = tuple((name, text) for _, name, text in container.logs[written:])
        gone = container_id not in world.containers
        if gone or not container.state.running:
            return Seen(pieces=pieces, code=container.state.exit_code)
        if not _goes_on(watch, container.program, wakes, since + PATIENCE):
            return Seen(pieces=pieces)
        wakes += 1


def see_exec(
    watch: Watch, send: Callable[[Request], object], exec_id: str, api: str
) -> Seen:
    """Sit before an exec's program until it ends, by itself or with Ctrl-C."""
    wakes, note = 0, ""
    while True:
        instance = watch.moment().world.execs.get(exec_id)
        if instance is None:
            return Seen()
        pieces = tuple((name, text) for _, name, text in instance.output)
        if not instance.running or note:
            pieces += (("stderr", note),) if note else ()
            code = instance.exit_code
            return Seen(pieces=pieces, code=_INTERRUPTED if code is None else code)
        program = instance.program
        if _goes_on(watch, program, wakes, _FOR_EVER):
            wakes += 1
            continue
        note = (program.note if program is not None else "") or _CTRL_C
        path = f"/v{api}/exec/{exec_id}" if api else f"/exec/{exec_id}"
        send(Request(method="INPUT", path=path, query={"signal": "2"}))


_FOR_EVER = 1 << 63


def wait_for(watch: Watch, holds: Callable[[World], bool]) -> bool:
    """Let the clock go on until something holds; False if nothing brings it about."""
    for _ in range(100 * WAKES):
        world = watch.moment().world
        if holds(world):
            return True
        first = world.agenda.first
        if first is None:
            return False
        watch.turn(first[0])
    return False
