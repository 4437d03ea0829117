"""The life of an engine: its World now, its clock, and what is written down of it.

```
request, a change of the host, a daemon that starts or ends
   │
   ▼
turn to its time ──▶ World' ──▶ history          answered, not yet acknowledged
   │                    ▲
   └──▶ journal ────────┘ read again: the same Worlds
          │
          └──▶ settle: the store has it          acknowledged
```

What happens by itself (a program ends, a health check is due) is a function of the
World and the time, so it is written down nowhere: before each change everything that is
due by then has happened, when it is made as when it is read again.

Invariant: the World is what the journal's records, in order, make of the first one.
"""

from collections.abc import Callable
from dataclasses import replace

from minidock.api.http import Request, Response
from minidock.api.routes import handle
from minidock.api.streams import Moment
from minidock.errors import Refusal
from minidock.history import History
from minidock.journal import Journal, Pending, Record
from minidock.model.world import World
from minidock.runtime.hostcalls import run as run_on_host

__all__ = ["TICK", "Life"]

TICK = 1_000_000
"""How far the clock moves with each request that names no time: a millisecond."""


_OFTEN = 2000
"""After how many records that had to be read it is time for a snapshot."""


class Life:
    """The one mutable thing of an engine.

    Args:
        first: makes the first World.
        now: its time.
        journal: where changes are written down, or None.
        alone: nobody else writes there.
        keep: how many Worlds to keep for going back; None for all.
    """

    def __init__(
        self,
        first: Callable[[], World],
        now: int,
        journal: Journal | None = None,
        *,
        alone: bool = False,
        keep: int | None = None,
    ) -> None:
        self._first = first
        self._birth = now
        self._journal = journal
        self._alone = alone
        self._keep = keep
        self._begin()

    def _begin(self) -> None:
        """The first World, and everything that the store holds."""
        self.history = History(self._first(), self._keep)
        self._now = self._birth
        if self._journal is not None:
            self._journal.rewind()
            self._begin_later()
            skipped = self._journal.known
            self._catch_up()
            self._turn(self._journal.clock())
            if self._journal.known - skipped >= _OFTEN:
                self._take_snapshot()

    def _begin_later(self) -> None:
        """Begin with a snapshot, if there is one and nobody asks for older Worlds."""
        if self._journal is None or not self._may_skip:
            return
        kept = self._journal.snapshot()
        if kept is None:
            return
        from minidock.snapshot import read  # noqa: PLC0415 - rarely asked

        try:
            world = read(kept.text)
        except Refusal:
            return  # of another version: all records are there
        self.history = History(world, self._keep)
        self._now = kept.now
        self._journal.skip(kept.records)

    @property
    def _may_skip(self) -> bool:
        return self._alone and self._keep is not None

    def _take_snapshot(self) -> None:
        """So that the next one need not live through all of this again."""
        if self._journal is None or not self._may_skip or self._journal.broken:
            return
        from minidock.snapshot import read, write  # noqa: PLC0415 - rarely asked

        try:
            text = write(self.world)
            if write(read(text)) == text:
                self._journal.keep_snapshot(self._now, text)
        except Refusal:
            return  # something in it cannot be written down: the records can

    def _catch_up(self) -> None:
        """Make the changes that the store holds and nobody here has seen."""
        if self._journal is not None:
            for record in self._journal.unread():
                self._turn(record.since or record.now)
                self._now = max(self._now, record.now)
                self._read(record)

    def _read(self, record: Record) -> None:
        if record.request is not None:
            answer = handle(self.world, record.request, self._now)
            self.history.keep(answer.world, answer.events)
        elif record.daemon:
            self._daemon(record.daemon)
        else:
            host = run_on_host(self.world, record.host).host
            self.history.keep(replace(self.world, host=host))

    @property
    def world(self) -> World:
        """The World now."""
        return self.history.current

    @property
    def now(self) -> int:
        """The time, nanoseconds since 1970."""
        return self._now

    def advance(self, nanoseconds: int) -> None:
        """Set the clock forward, and let everything happen that is due by then."""
        self.turn(self._now + nanoseconds)

    def turn(self, now: int) -> None:
        """Let everything happen that is due by ``now``; the clock never goes back."""
        before = self.world
        self._turn(now)
        if self._journal is not None and self._alone and self.world is not before:
            self._journal.tell_time(self._now)

    def _turn(self, now: int) -> None:
        self._now = max(self._now, now)
        due = self.next_due
        if due is None or due > self._now:
            return
        # Late, since the programs take half of the time of an import.
        from minidock.runtime.turning import turn  # noqa: PLC0415

        outcome = turn(self.world, self._now)
        if outcome.world is not self.world:
            self.history.amend(outcome.world, outcome.events)

    @property
    def next_due(self) -> int | None:
        """When something is due by itself; None: never."""
        first = self.world.agenda.first
        return None if first is None else first[0]

    def moment(self) -> Moment:
        """What a stream sees now; O(1)."""
        events = self.history.events
        return Moment(
            world=self.world, now=self._now, events=events, first=events.first
        )

    def accept(
        self, request: Request, now: int | None = None
    ) -> tuple[Response, Pending | None]:
        """Answer in memory; the answer may be given away once it is settled."""
        self._begin_change(now)
        while True:
            answer = handle(self.world, request, self._now)
            if answer.world is self.world:
                self.history.amend(answer.world, answer.events)
                return answer.response, None
            kept, pending = self._write(Record(now=self._now, request=request))
            if kept:
                self.history.keep(answer.world, answer.events)
                return answer.response, pending
            self._catch_up()  # another writer was first: answer over its World

    def change_host(self, *verb: str) -> str:
        """Change the machine beneath; what the verb prints."""
        while True:
            ran = run_on_host(self.world, verb)
            if ran.host == self.world.host:
                return ran.stdout
            kept, pending = self._write(Record(now=self._now, host=verb))
            if kept:
                self.history.keep(replace(self.world, host=ran.host))
                self.settle(pending)
                return ran.stdout
            self._catch_up()

    def stop_daemon(self, now: int | None = None) -> None:
        """The daemon is told to end."""
        self._begin_change(now)
        self._keep_daemon("stop")
        self._take_snapshot()

    def start_daemon(self, now: int | None = None) -> None:
        """A daemon starts where one ran before; while there was none, nothing went on.

        (On a real host programs do go on until the next daemon stops them.)
        """
        self._begin_change(self._now)
        since = self._now
        self._now = max(since, now or since + TICK)
        self._keep_daemon("start", since)

    def _keep_daemon(self, verb: str, since: int = 0) -> None:
        while True:
            record = Record(now=self._now, daemon=verb, since=since)
            kept, pending = self._write(record)
            if kept:
                self._daemon(verb)
                self.settle(pending)
                return
            self._catch_up()
            since = self._now if since else 0

    def _daemon(self, verb: str) -> None:
        from minidock.runtime import reboot  # noqa: PLC0415 - see _turn

        starts = verb == "start"
        if starts:
            self.history.forget_events()
        change = reboot.start_daemon if starts else reboot.stop_daemon
        outcome = change(self.world, self._now)
        self.history.keep(outcome.world, outcome.events)

    def recover(self) -> None:
        """Go back to what is saved, if the store did not take what was accepted."""
        if self._journal is not None and self._journal.broken:
            self._begin()

    def _begin_change(self, now: int | None) -> None:
        self.recover()
        self._turn(self._now + TICK if now is None else now)

    def _write(self, record: Record) -> tuple[bool, Pending | None]:
        """Whether the record is kept, and what is still to be settled of it."""
        if self._journal is None:
            return True, None
        if self._alone:
            return True, self._journal.begin(record)
        return self._journal.append(record), None

    def settle(self, pending: Pending | None = None) -> None:
        """Wait until the store has this, or everything and the time; any thread may."""
        if self._journal is not None and self._alone:
            self._journal.settle(pending)

    def back_to(self, place: int) -> None:
        """Return to the World at a place of the history.

        Raises:
            IndexError: the history does not reach that far.
        """
        self.history.at(place)
        while len(self.history) > place + 1:
            if self._journal is not None and not self._journal.drop():
                self._catch_up()
                self._journal.drop()
            self.history.drop()
