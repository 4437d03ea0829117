"""Starting, stopping, pausing and killing containers.

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
from minidock.commands.endpoints import (
    attach,
    check_settings,
    clean,
    detach,
    gateway_order,
    name_interface,
    with_endpoint,
)
from minidock.commands.linking import (
    check_children,
    hosts_lines,
    linker_updates,
    openings,
)
from minidock.commands.lookup import find_container, find_network
from minidock.commands.outcome import Outcome
from minidock.commands.publishing import PortsRefused, republish, withdraw_ports
from minidock.errors import Conflict, NotModified, Refusal, Unclassified
from minidock.model.container import Container, Endpoint, State
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World

__all__ = ["ended", "kill", "pause", "restart", "start", "stop", "unpause"]


_KILLED = 137
"""128 and the number of SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A start under way."""

    world: World
    container: Container
    events: tuple[Event, ...] = ()


def start(world: World, container: Container, now: int) -> Outcome:
    """Start a container.

    The outcome carries a refusal when the network cannot be set up: the container keeps
    its state, with exit code 128 and the reason.

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
    if container.state.running:
        raise NotModified(f"container {container.name} is already running")
    begun = _Begun(world=world, container=container)
    try:
        begun = _with_sandbox(begun)
        if not container.network_mode.startswith("container:"):
            begun = _join_all(begun, now)
        check_children(begun.world, begun.container)
        begun = _publish(begun)
        _check_sysctls(container)
        _check_program(world, container)
    except _Failed as failed:
        return _failure(world, container, failed.begun, failed.refusal, now)
    except Refusal as refusal:
        return _failure(world, container, begun, refusal, now)
    return _running(begun, now)


class _Failed(Exception):
    def __init__(self, begun: _Begun, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.begun = begun
        self.refusal = refusal


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
        endpoints=tuple(clean(endpoint) for endpoint in container.endpoints),
        hosts=hosts_lines(world, container),
    )
    world = replace(world, ids=ids, next_sandbox=world.next_sandbox + own)
    return replace(begun, world=world, container=container)


def _check_sysctls(container: Container) -> None:
    for name in container.host_config.document("Sysctls"):
        if container.network_mode == "host" and name.startswith("net."):
            raise _Runtime(
                "failed to create shim task: OCI runtime create failed: runc create "
                f'failed: sysctl "{name}" not allowed in host network namespace: '
                "unknown",
                asked=f"--sysctl {name} with --network host",
                rule="the host's own network is not a container's to tune",
                remedy=f"leave --sysctl out, or use sysctl -w {name} on the host",
            )


def _check_program(world: World, container: Container) -> None:
    """An image that holds a single program can run only that one."""
    image = world.images.get(container.image_id)
    if image is None or not image.bare:
        return
    own = (*image.config.texts("Entrypoint"), *image.config.texts("Cmd"))[:1]
    if container.path not in own:
        raise _Runtime(
            "failed to create shim task: OCI runtime create failed: runc create "
            f'failed: unable to start container process: exec: "{container.path}": '
            "executable file not found in $PATH: unknown",
            asked=f"run {container.path} from the image {container.image}",
            rule="an image made FROM scratch holds its own program and nothing else",
            remedy="another image for the tools, in the same network namespace: "
            f"docker run --network container:{container.name} busybox",
        )


class _Runtime(Unclassified):
    """The runtime refuses, not the network."""


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
    place = container.endpoint_on("bridge")
    if place is not None and place.attached:
        opened = replace(place, openings=openings(world, container, place))
        container = with_endpoint(container, opened)
    return replace(begun, world=world, container=container)


def _running(begun: _Begun, now: int) -> Outcome:
    world = begun.world
    state = State(status="running", pid=world.next_pid, started=now)
    finished = replace(state, finished=begun.container.state.finished)
    container = replace(begun.container, state=finished)
    world = replace(
        world,
        next_pid=world.next_pid + 50,
        containers=world.containers.set(container.id, container),
    )
    world = linker_updates(world, container)
    return Outcome(
        world=world,
        events=(*begun.events, container_event("start", container, now)),
    )


def _failure(
    old: World, container: Container, begun: _Begun, refusal: Refusal, now: int
) -> Outcome:
    """Nothing stays held; identifiers and interface indices that were used are gone."""
    prefix = old.era.start_failure_prefix
    text = refusal.text
    of_network = isinstance(refusal, Unclassified) and type(refusal) is not _Runtime
    if prefix and of_network:
        text = prefix + text
        refusal = Unclassified(
            text, asked=refusal.asked, rule=refusal.rule, remedy=refusal.remedy
        )
    world = replace(
        old,
        ids=begun.world.ids,
        next_index=begun.world.next_index,
        next_sandbox=begun.world.next_sandbox,
        ports=begun.world.ports,
        sequence=begun.world.sequence,
    )
    code = container.state.exit_code or 128
    failed = replace(
        _left(container, begun.container),
        state=replace(container.state, error=text, exit_code=code),
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
    endpoints = tuple(clean(endpoint) for endpoint in begun.endpoints)
    sandbox = begun.sandbox if joined else old.sandbox
    return replace(old, endpoints=endpoints, sandbox=sandbox)


def _ended(
    world: World, container: Container, code: int, now: int
) -> tuple[World, Container, tuple[Event, ...]]:
    """The processes are gone: ports and addresses go back."""
    events: tuple[Event, ...] = ()
    for endpoint in container.endpoints:
        world, container = withdraw_ports(world, container, endpoint)
        place = container.endpoint_on(endpoint.network)
        if place is None:
            continue
        left = detach(world, container, place, now)
        world, container = left.world, left.container
        events += left.events
    state = replace(
        container.state, status="exited", pid=0, exit_code=code, finished=now, error=""
    )
    world = _ended_execs(world, container)
    container = replace(container, state=state, execs=())
    world = replace(world, containers=world.containers.set(container.id, container))
    return world, container, events


def _ended_execs(world: World, container: Container) -> World:
    """Programs that `docker exec -d` left running are killed with the container."""
    for exec_id in container.execs:
        instance = world.execs[exec_id]
        ended = replace(instance, running=False, exit_code=_KILLED, pid=0)
        world = replace(world, execs=world.execs.set(exec_id, ended))
    return world


def ended(world: World, container: Container, code: int, now: int) -> Outcome:
    """The container's program ended by itself, with this exit code (0 to 255)."""
    world, container, events = _ended(world, container, code, now)
    events = (container_event("die", container, now), *events)
    if container.host_config.flag("AutoRemove"):
        removed = remove(world, container, now)
        return Outcome(world=removed.world, events=events + removed.events)
    return Outcome(world=world, events=events)


def stop(world: World, container: Container, code: int, now: int) -> Outcome:
    """Stop a container; ``code`` is what its program exits with.

    Raises:
        NotModified: it does not run.
    """
    if not container.state.running:
        raise NotModified(f"container {container.name} is already stopped")
    outcome = ended(world, container, code, now)
    events = (
        container_event("kill", container, now),
        *outcome.events,
        container_event("stop", container, now),
    )
    return replace(outcome, events=events)


def kill(world: World, container: Container, code: int | None, now: int) -> Outcome:
    """Send a signal; with a ``code`` the program dies of it, without it goes on.

    Raises:
        Conflict: it does not run.
    """
    if not container.state.running:
        raise Conflict(
            f"Cannot kill container: {container.name}: Container {container.id} is "
            "not running",
            asked=f"kill {container.name}",
            rule="a signal needs a process",
            remedy=f"docker start {container.name}",
        )
    killed = container_event("kill", container, now)
    if code is None:
        return Outcome(world=world, events=(killed,))
    outcome = ended(world, container, code, now)
    return replace(outcome, events=(killed, *outcome.events))


def restart(world: World, container: Container, code: int, now: int) -> Outcome:
    """Stop a container if it runs, then start it.

    The outcome carries a refusal, and a stopped container, when the start fails.
    """
    events: tuple[Event, ...] = ()
    if container.state.running:
        world, container, events = _ended(world, container, code, now)
        events = (container_event("die", container, now), *events)
    outcome = start(world, container, now)
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


def pause(world: World, container: Container, now: int) -> Outcome:
    """Freeze a running container; it keeps its addresses, ports and names.

    Raises:
        Conflict: it is paused already, or does not run.
    """
    if not container.state.running:
        raise Conflict(f"Container {container.id} is not running")
    if container.state.paused:
        raise Conflict(f"Container {container.id} is already paused")
    return _with_status(world, container, "paused", "pause", now)


def unpause(world: World, container: Container, now: int) -> Outcome:
    """Let a paused container go on.

    Raises:
        Unclassified: it is not paused.
    """
    if not container.state.paused:
        raise Unclassified(f"Container {container.id} is not paused")
    return _with_status(world, container, "running", "unpause", now)


def _with_status(
    world: World, container: Container, status: str, action: str, now: int
) -> Outcome:
    container = replace(container, state=replace(container.state, status=status))
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=(container_event(action, container, now),),
    )
