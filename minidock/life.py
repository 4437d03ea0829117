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
from functools import partial

from minidock.api.http import Request, Response
from minidock.api.routes import handle, refused
from minidock.api.streams import Moment
from minidock.commands.cluster import learn
from minidock.commands.outcome import Outcome
from minidock.commands.reboot import coming_back
from minidock.errors import Refusal
from minidock.freshness import (
    may_be_stale,
    network_shown,
    started_by,
    to_follow,
    too_fast,
)
from minidock.history import History
from minidock.journal import Journal, Pending, Record
from minidock.membership import cannot_fork, cannot_go_back
from minidock.model.network import Network
from minidock.model.remote import Heard
from minidock.model.world import World
from minidock.overlay.facts import Fact, spent
from minidock.overlay.session import Session
from minidock.rounds import Resolver, Rounds, nobody, nothing_pending, tell
from minidock.runtime.hostcalls import run as run_on_host

__all__ = ["TICK", "Life"]

TICK = 1_000_000
"""How far the clock moves with each request that names no time: a millisecond."""
_TRIES = 256
"""How often one request is answered again because other hosts were faster."""
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
        resolver: asks a plugin (minidock.rounds).
    """

    def __init__(
        self,
        first: Callable[[], World],
        now: int,
        journal: Journal | None = None,
        *,
        alone: bool = False,
        keep: int | None = None,
        resolver: Resolver = nobody,
    ) -> None:
        self._first = first
        self._resolver = resolver
        self._birth = now
        self._journal = journal
        self._alone = alone
        self._keep = keep
        self._session: Session | None = None
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
            # Told already, or lost with whoever was to tell it: twice would be worse.
            self._amend(nothing_pending(self.world))
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
        # Whoever looks for plugins now may not have done so when it was taken.
        world = replace(world, remote=world.remote or self.world.remote)
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
                if record.alone:
                    self._turn(record.now, record.heard)
                    continue
                if not record.facts or record.turned:
                    self._turn(record.since or record.now)
                self._now = max(self._now, record.now)
                self._read(record)

    def _read(self, record: Record) -> None:
        self._amend(nothing_pending(self.world))
        rounds = Rounds(nobody, record.heard)
        if record.request is not None:
            ask = partial(handle, request=record.request, now=self._now)
            _, answer = rounds.run(ask, self.world)
            self.history.keep(rounds.after(answer.world), answer.events)
        elif record.daemon:
            outcome = self._daemon(record.daemon, rounds)
            self._keep_outcome(record.daemon, outcome)
        elif record.facts:
            self._know(record.facts)
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
        self._tell()
        if self._journal is not None and self._alone and self.world is not before:
            self._journal.tell_time(self._now)

    def _amend(self, world: World) -> None:
        if world is not self.world:
            self.history.amend(world, ())

    def _tell(self, pending: Pending | None = None) -> None:
        """Tell plugins what happened, once the store has it."""
        remote = self.world.remote
        if remote is not None and remote.pending:
            self.settle(pending)
            self._amend(tell(self.world, self._resolver))

    def _turn(self, now: int, heard: tuple[Heard, ...] = ()) -> None:
        self._now = max(self._now, now)
        due = self.next_due
        if due is None or due > self._now:
            return
        # Late, since the programs take half of the time of an import.
        from minidock.runtime.turning import turn  # noqa: PLC0415

        rounds = Rounds(nobody if heard else self._resolver, heard)
        while True:
            given, outcome = rounds.run(partial(turn, now=self._now), self.world)
            if not self._agree(outcome.world, turned=False):
                continue
            if rounds.heard and not heard:
                kept, _ = self._write(Record(now=self._now, heard=rounds.heard))
                if not kept:
                    self._catch_up()
                    continue
            if outcome.world is not given:
                self.history.amend(rounds.after(outcome.world), outcome.events)
            if not heard:
                rounds.undo(self.world)
            return

    # --- the cluster ------------------------------------------------------------------

    def enter(self, session: Session, *, resumed: bool) -> None:
        """Share a registry with other hosts from now on.

        Args:
            session: this host's session with it.
            resumed: the host was there before.

        Raises:
            Conflict: another host advertises the same address.
        """
        if resumed:
            self._learn(spent("another life"), turned=False)
            self.settle()  # else the life after this one would spend the same
        session.open(resumed=resumed)
        self._session = session
        self.hear()

    def hear(self) -> None:
        """Learn what other hosts did meanwhile."""
        if self._session is not None:
            facts = self._session.news(self.world)
            if facts:
                self._learn(facts, turned=False)

    def _agree(self, after: World, *, turned: bool) -> bool:
        """Whether the registry has what a change needs; else what it lacks is learned.

        Then the change is made once more, on the World that knows.
        """
        if self._session is None:
            return True
        facts = self._session.commit(self.world, after)
        if facts:
            self._learn(facts, turned=turned)
        return facts is None

    def _learn(self, facts: tuple[Fact, ...], *, turned: bool) -> None:
        self._write(Record(now=self._now, facts=facts, turned=turned))
        before = self.world
        self._know(facts)
        if self._session is not None:
            self._session.lost(before, self.world)

    def _know(self, facts: tuple[Fact, ...]) -> None:
        outcome = learn(self.world, facts, self._now)
        if outcome.world is not self.world or outcome.events:
            self.history.amend(outcome.world, outcome.events)

    def asks_cluster(self, request: Request, response: Response) -> bool:
        """Whether an answer may change once the registry is asked."""
        return may_be_stale(self.world, self._session, request, response)

    def _learned(self, request: Request, response: Response) -> bool:
        """Whether asking the registry gave something new."""
        stale = self.asks_cluster(request, response)
        return stale and self._refresh(network_shown(self.world, response))

    def _refresh(self, network: Network | None) -> bool:
        """Whether reading the registry gave something new."""
        facts = self._session.refresh(network) if self._session is not None else ()
        if facts:
            self._learn(facts, turned=True)
        return bool(facts)

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
        starting = started_by(request)
        for network in to_follow(self.world, self._session, starting):
            self._refresh(network)
        rounds = Rounds(self._resolver)
        for _ in range(_TRIES):
            ask = partial(handle, request=request, now=self._now)
            given, answer = rounds.run(ask, self.world)
            if self._learned(request, answer.response):
                continue
            if answer.world is given:
                self.history.amend(self.world, answer.events)
                rounds.undo(self.world)
                return answer.response, None
            after = rounds.after(answer.world)
            if not self._agree(after, turned=True):
                continue
            record = Record(now=self._now, request=request, heard=rounds.heard)
            kept, pending = self._write(record)
            if kept:
                self.history.keep(after, answer.events)
                rounds.undo(after)
                self._tell(pending)
                return answer.response, pending
            self._catch_up()  # another writer was first: answer over its World
        rounds.undo(self.world)
        return refused(self.world, request, too_fast(request)), None

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

        (On a real host programs do go on until the next daemon stops them.) In a
        cluster each container comes back by a step of its own: so another host that
        takes an address meanwhile has only that one made again.
        """
        self._begin_change(self._now)
        since = self._now
        self._now = max(since, now or since + TICK)
        if self._session is None:
            self._keep_daemon("start", since)
            return
        self._keep_daemon("renew", since)
        for container_id in coming_back(self.world):
            self._keep_daemon(f"revive:{container_id}")

    def _keep_daemon(self, verb: str, since: int = 0) -> None:
        for network in to_follow(self.world, self._session, verb.partition(":")[2]):
            self._refresh(network)
        rounds = Rounds(self._resolver)
        for _ in range(_TRIES):  # who loses so many races stays down
            if not since:
                self._turn(self._now)
            outcome = self._daemon(verb, rounds)
            if not self._agree(outcome.world, turned=not since):
                continue
            record = Record(now=self._now, daemon=verb, since=since, heard=rounds.heard)
            kept, pending = self._write(record)
            if kept:
                self._keep_outcome(verb, outcome)
                self.settle(pending)
                rounds.undo(self.world)
                self._tell(pending)
                return
            self._catch_up()
            since = self._now if since else 0

    def _daemon(self, verb: str, rounds: Rounds) -> Outcome:
        from minidock.runtime.reboot import turn_daemon  # noqa: PLC0415 - see _turn

        ask = partial(turn_daemon, verb=verb, now=self._now)
        _, outcome = rounds.run(ask, self.world)
        return replace(outcome, world=rounds.after(outcome.world))

    def _keep_outcome(self, verb: str, outcome: Outcome) -> None:
        if verb in {"start", "renew"}:
            self.history.forget_events()
        self.history.keep(outcome.world, outcome.events)

    def recover(self) -> None:
        """Go back to what is saved, if the store did not take what was accepted."""
        if self._journal is not None and self._journal.broken:
            session, self._session = self._session, None
            self._begin()
            if session is not None:
                again = f"read again, {self._journal.rewound} times"
                self._learn(spent(again), turned=False)
                session.reset()
                self._session = session

    def _begin_change(self, now: int | None) -> None:
        self.recover()
        self.hear()
        self._turn(self._now + TICK if now is None else now)
        self._tell()

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

    def fork(self) -> "Life":
        """Another life that begins with this World and time, and is kept nowhere.

        Raises:
            Conflict: the host shares a registry.
        """
        if self._session is not None:
            raise cannot_fork()
        world = self.world
        return Life(lambda: world, self._now)

    def back_to(self, place: int) -> None:
        """Return to the World at a place of the history.

        Raises:
            IndexError: the history does not reach that far.
            Conflict: the host shares a registry.
        """
        self.history.at(place)
        if self._session is not None:
            raise cannot_go_back()
        while len(self.history) > place + 1:
            if self._journal is not None and not self._journal.drop():
                self._catch_up()
                self._journal.drop()
            self.history.drop()
