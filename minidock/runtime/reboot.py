"""The end of a daemon and its next life: `systemctl restart docker`.

```
SIGTERM ──▶ stop_daemon ───▶ all stopped, nobody by hand ─┐
                                                          ├─▶ start_daemon ──▶ who has
SIGKILL ─────────────▶ containers run on without it ──────┘    a restart policy runs
                       and are stopped by the next one
```

Both ends lead to the same codes, and to one difference (seen on a real 20.10 engine):
who is stopped by the *next* daemon counts as stopped by hand, so ``unless-stopped``
comes back after a SIGTERM and not after a SIGKILL. ``--live-restore`` is not modelled.

A real daemon starts containers side by side, in no order; here the oldest is first.
"""

from dataclasses import replace

from minidock.commands import lifecycle
from minidock.commands.outcome import Outcome
from minidock.commands.reboot import coming_back, renewed
from minidock.model.container import Container
from minidock.model.event import Event
from minidock.model.world import World
from minidock.runtime import signals, turning

__all__ = ["renew", "revive", "start_daemon", "stop_daemon", "turn_daemon"]

_GRACE = 15
"""Seconds that dockerd waits for a container that names no time of its own."""


def stop_daemon(world: World, now: int) -> Outcome:
    """The daemon is told to end (SIGTERM): it stops every container first.

    Nobody hears of it: the daemon's events go with it.
    """
    return Outcome(world=_stopped(world, now, by_hand=False).world)


def start_daemon(world: World, now: int) -> Outcome:
    """A daemon starts on what the last one left.

    Who still runs was left by a daemon that was killed, and is stopped. The events are
    those that a client of the new daemon hears.
    """
    left = renew(world, now)
    world, events = left.world, list(left.events)
    for container_id in coming_back(world):
        started = revive(world, container_id, now)
        world = started.world
        events += started.events
    return Outcome(world=world, events=tuple(events))


def renew(world: World, now: int) -> Outcome:
    """The first half of a start: nobody runs, and the networks stand again."""
    left = _stopped(world, now, by_hand=True)
    return replace(left, world=renewed(left.world, now))


def _stopped(world: World, now: int, *, by_hand: bool) -> Outcome:
    events: list[Event] = []
    for container in world.containers_in_order():
        current = world.containers.get(container.id)
        if current is None or not current.state.active:
            continue
        grace = current.config.number("StopTimeout") or _GRACE
        code = signals.stop_code(world, current, grace)
        sent = signals.sent(current, code, 0)
        stopped = lifecycle.stop(world, current, code, now, signals=sent)
        world = stopped.world
        events += stopped.events
        there = world.containers.get(container.id)
        if there is not None and there.stopped_by_hand != by_hand:
            there = replace(there, stopped_by_hand=by_hand)
            world = replace(world, containers=world.containers.set(there.id, there))
    return Outcome(world=world, events=tuple(events))


def revive(world: World, container_id: str, now: int) -> Outcome:
    """One container is started again, or remembers why it could not be."""
    container: Container = world.containers[container_id]
    outcome = lifecycle.start(world, container, now)
    if outcome.refusal is not None:
        return outcome
    begun = turning.start_main(
        outcome.world, outcome.world.containers[container_id], now
    )
    return replace(begun.outcome, events=outcome.events + begun.outcome.events)


def turn_daemon(world: World, verb: str, now: int) -> Outcome:
    """What the daemon does by one word: stop, start, renew, or revive:CONTAINER."""
    name, _, container_id = verb.partition(":")
    if name == "revive":
        return revive(world, container_id, now)
    if name == "renew":
        return renew(world, now)
    return stop_daemon(world, now) if name == "stop" else start_daemon(world, now)
