"""Starting, stopping and killing containers.

```
        create            start              pause
  ──▶ (created) ─────▶ (running) ◀────────▶ (paused)
                        │    ▲     unpause
        stop, kill, end │    │ start
                        ▼    │
                      (exited) ──▶ removed
```

A start gives the sandbox, the addresses and the ports; an end gives them back. A start
that fails on the network leaves the container as it was, with the reason noted in its
state, which is what `docker inspect` shows on a real engine.
"""

from dataclasses import dataclass, replace

from minidock.commands.connections import with_short_id
from minidock.commands.containers import container_event, remove
from minidock.commands.ending import by_hand, cut_off, ended, not_restarted
from minidock.commands.endpoint_rules import check_settings
from minidock.commands.endpoints import (
    attach,
    gateway_order,
    name_interface,
    with_endpoint,
    without_ways_out,
)
from minidock.commands.leading_out import led_out
from minidock.commands.linking import (
    check_children,
    hosts_lines,
    linker_updates,
    openings,
)
from minidock.commands.lookup import find_container, find_network
from minidock.commands.mounting import mount_events
from minidock.commands.outcome import Outcome
from minidock.commands.publishing import PortsRefused, republish
from minidock.commands.refusals import not_running
from minidock.commands.spawning import (
    check_program,
    check_sysctls,
    code_of,
)
from minidock.errors import (
    Conflict,
    NotModified,
    Refusal,
)
from minidock.model.container import Container, Endpoint, State
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World

__all__ = ["kill", "restart", "start", "start_again", "stop"]


_TERM, _KILL = 15, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A start under way."""

    world: World
    container: Container
    events: tuple[Event, ...] = ()


def start(
    world: World, container: Container, now: int, *, missing: bool = False
) -> Outcome:
    """Start a container; ``missing`` says that it does not have its program.

    The outcome carries a refusal when the network cannot be set up: the container keeps
    its state, with exit code 128 and the reason; without its program it is 127.

    Raises:
        NotModified: it runs already.
        Conflict: it is paused.
    """
    if container.state.paused:
        raise Conflict(
            "cannot start a paused container, try unpause instead",
            asked=f"start {container.name}",
            rule="its processes exist and are frozen",
            remedy=f"docker unpause {container.name}",
        )
    if container.state.active:
        raise NotModified(f"container {container.name} is already running")
    container = replace(
        container, restart_count=0, restart_wait=0, stopped_by_hand=False
    )
    return _start(world, container, now, missing=missing)


def start_again(world: World, container: Container, now: int) -> Outcome:
    """Start a container as its restart policy wants it; its counts go on.

    One that cannot be started has ended for good.
    """
    state = replace(container.state, status="exited")
    stopped = replace(container, state=state)
    return _start(world, stopped, now, missing=False)


def _start(world: World, container: Container, now: int, *, missing: bool) -> Outcome:
    begun = _Begun(world=world, container=container)
    try:
        begun = _with_sandbox(begun)
        if not container.network_mode.startswith("container:"):
            begun = _join_all(begun, now)
        check_children(begun.world, begun.container)
        begun = _publish(begun)
        check_sysctls(world, container)
        check_program(world, container, missing=missing)
    except _Failed as failed:
        prefixed = _of_network(failed.refusal, world.era.start_failure_prefix)
        return _failure(world, container, failed.begun, prefixed, now)
    except Refusal as refusal:
        return _failure(world, container, begun, refusal, now)
    return _running(begun, now)


class _Failed(Exception):
    """The network could not be set up."""

    def __init__(self, begun: _Begun, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.begun = begun
        self.refusal = refusal


def _of_network(refusal: Refusal, prefix: str) -> Refusal:
    """The same refusal, behind what the engine was about; its category stays.

    moby: ``initializeCreatedTask`` wraps whatever ``allocateNetwork`` returned.
    """
    refusal.text = prefix + refusal.text
    refusal.args = (refusal.text,)
    return refusal


def _with_sandbox(begun: _Begun) -> _Begun:
    container, world = begun.container, begun.world
    mode = container.network_mode
    if mode.startswith("container:"):
        owner = _shared(world, container, mode.partition(":")[2])
        sharing = replace(
            container,
            hosts=(),
            hostname=owner.hostname,
            domain=owner.domain,
            files_of=owner.files_of or owner.id,
        )
        return replace(begun, container=sharing)
    ids, sandbox = world.ids.hex_id()
    own = mode != "host"
    container = replace(
        container,
        sandbox=sandbox,
        sandbox_index=world.next_sandbox if own else 0,
        next_interface=0,
        endpoints=without_ways_out(container),
        hosts=hosts_lines(world, container),
    )
    world = replace(world, ids=ids, next_sandbox=world.next_sandbox + own)
    return replace(begun, world=world, container=container)


def _shared(world: World, container: Container, name: str) -> Container:
    """The running container whose namespace and files this one will use."""
    target = find_container(world, name)
    if target.id == container.id:
        raise Conflict("cannot join own network")
    if not target.state.running:
        raise Conflict(
            f"cannot join network of a non running container: {target.id}",
            asked=f"start {container.name} in the namespace of {target.name}",
            rule="a namespace exists while its container runs",
            remedy=f"docker start {target.name}",
        )
    return target


def _join_all(begun: _Begun, now: int) -> _Begun:
    """Join the default bridge first, then the others in the order of connecting.

    A real engine takes the others in no order at all (a Go map).
    """
    endpoints = sorted(begun.container.endpoints, key=lambda e: e.network != "bridge")
    for endpoint in endpoints:
        try:
            begun = _join(begun, endpoint, now)
        except Refusal as refusal:
            raise _Failed(begun, refusal) from refusal
    try:
        led = led_out(begun.world, begun.container, now, named=False)
    except Refusal as refusal:
        raise _Failed(begun, refusal) from refusal
    begun = _Begun(
        world=led.world, container=led.container, events=begun.events + led.events
    )
    for endpoint in gateway_order(begun.world, begun.container):
        network = begun.world.networks[endpoint.network_id]
        if network.interface_prefix:
            prefix = network.interface_prefix
            named = name_interface(begun.container, endpoint, prefix)
            begun = replace(begun, container=named)
    return begun


def _network_of(world: World, endpoint: Endpoint) -> Network:
    """A user network is remembered by its id, a predefined one by its name."""
    if endpoint.network in {"bridge", "host", "none"} or not endpoint.network_id:
        return find_network(world, endpoint.network)
    return find_network(world, endpoint.network_id)


def _join(begun: _Begun, endpoint: Endpoint, now: int) -> _Begun:
    world, container = begun.world, begun.container
    network = _network_of(world, endpoint)
    settings = with_short_id(world, container, network, endpoint.settings)
    prepared = replace(endpoint, settings=settings)
    begun = replace(begun, container=with_endpoint(container, prepared))
    try:
        check_settings(network, endpoint.settings)
        joined = attach(world, begun.container, prepared, network, now)
    except Refusal as refusal:
        # What a failed start leaves has the new aliases already.
        raise _Failed(begun, refusal) from refusal
    return _Begun(
        world=joined.world,
        container=joined.container,
        events=begun.events + joined.events,
    )


def _publish(begun: _Begun) -> _Begun:
    try:
        world, container = republish(begun.world, begun.container)
    except PortsRefused as refusal:
        moved = replace(begun.world, ports=refusal.table)
        raise _Failed(replace(begun, world=moved), refusal) from refusal
    except Refusal as refusal:
        raise _Failed(begun, refusal) from refusal
    place = container.endpoint_on("bridge")
    if place is not None and place.attached:
        opened = replace(place, openings=openings(world, container, place))
        container = with_endpoint(container, opened)
    return replace(begun, world=world, container=container)


def _running(begun: _Begun, now: int) -> Outcome:
    world = begun.world
    state = State(status="running", pid=world.next_pid, started=now)
    finished = replace(state, finished=begun.container.state.finished)
    container = replace(begun.container, state=finished, stopped_by_hand=False)
    world = replace(
        world,
        next_pid=world.next_pid + 50,
        containers=world.containers.set(container.id, container),
    )
    world = linker_updates(world, container)
    return Outcome(
        world=world,
        events=(
            *begun.events,
            *mount_events(container, "mount", now),
            container_event("start", container, now),
        ),
    )


def _failure(
    old: World, container: Container, begun: _Begun, refusal: Refusal, now: int
) -> Outcome:
    """Nothing stays held; identifiers and interface indices that were used are gone."""
    world = replace(
        old,
        ids=begun.world.ids,
        next_index=begun.world.next_index,
        next_sandbox=begun.world.next_sandbox,
        ports=begun.world.ports,
        sequence=begun.world.sequence,
    )
    code = container.state.exit_code or code_of(refusal)
    failed = replace(
        _left(container, begun.container),
        state=replace(container.state, error=refusal.text, exit_code=code),
    )
    world = replace(world, containers=world.containers.set(failed.id, failed))
    if container.host_config.flag("AutoRemove"):
        world = remove(world, failed, now).world
    return Outcome(world=world, refusal=refusal)


def _left(old: Container, begun: Container) -> Container:
    """What a failed start leaves in the container: where it had come, not what it held.

    The sandbox is made when the first network is joined; networks that were joined are
    remembered by their ids.
    """
    joined = any(endpoint.attached for endpoint in begun.endpoints)
    endpoints = without_ways_out(begun)
    sandbox = begun.sandbox if joined else old.sandbox
    return replace(old, endpoints=endpoints, sandbox=sandbox)


def _signalled(
    container: Container, signals: tuple[int, ...], now: int
) -> tuple[Event, ...]:
    return tuple(
        container_event("kill", container, now, signal=str(number))
        for number in signals
    )


def stop(
    world: World,
    container: Container,
    code: int,
    now: int,
    *,
    signals: tuple[int, ...] = (_TERM,),
) -> Outcome:
    """Stop a container; ``code`` is what its program exits with.

    ``signals`` are those that it got: the last one ended it.

    Raises:
        NotModified: it does not run.
    """
    if container.state.status == "restarting":
        stopped = container_event("stop", container, now)
        return Outcome(world=not_restarted(world, container), events=(stopped,))
    if not container.state.running:
        raise NotModified(f"container {container.name} is already stopped")
    world, container = by_hand(world, container)
    outcome = ended(world, container, code, now)
    gone = [n for n, event in enumerate(outcome.events) if event.action == "destroy"]
    last = gone[0] if gone else len(outcome.events)  # with --rm it is removed after all
    events = (
        *_signalled(container, signals, now),
        *outcome.events[:last],
        container_event("stop", container, now),
        *outcome.events[last:],
    )
    return replace(outcome, events=events)


def kill(
    world: World,
    container: Container,
    code: int | None,
    now: int,
    *,
    signal: int = _KILL,
) -> Outcome:
    """Send a signal; with a ``code`` the program dies of it, without it goes on.

    Raises:
        Conflict: it does not run.
    """
    if container.state.status == "restarting":
        return Outcome(world=not_restarted(world, container))
    if not container.state.running:
        raise not_running(world, container, f"kill {container.name}")
    killed = _signalled(container, (signal,), now)
    world, container = by_hand(world, container)
    if code is None:
        return Outcome(world=world, events=killed)
    outcome = ended(world, container, code, now)
    return replace(outcome, events=killed + outcome.events)


def restart(
    world: World,
    container: Container,
    code: int,
    now: int,
    *,
    signals: tuple[int, ...] = (_TERM,),
    missing: bool = False,
) -> Outcome:
    """Stop a container if it runs, then start it.

    The outcome carries a refusal, and a stopped container, when the start fails.
    """
    events: tuple[Event, ...] = ()
    if container.state.running:
        world, container, events = cut_off(world, container, code, now)
        events = (
            *_signalled(container, signals, now),
            *events,
            container_event("stop", container, now),
        )
    elif container.state.status == "restarting":
        world = not_restarted(world, container)
        container = world.containers[container.id]
    outcome = start(world, container, now, missing=missing)
    refusal = outcome.refusal
    if refusal is not None:
        # Only the answer names the restart; State.Error keeps the bare reason.
        refusal = type(refusal)(
            f"Cannot restart container {container.name}: {refusal.text}",
            asked=refusal.asked,
            rule=refusal.rule,
            remedy=refusal.remedy,
        )
        return replace(outcome, refusal=refusal, events=events)
    started = outcome.world.containers[container.id]
    events += (*outcome.events, container_event("restart", started, now))
    return replace(outcome, events=events)
