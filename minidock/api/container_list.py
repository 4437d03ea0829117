"""GET /containers/json: which containers, in which order.

Running ones unless ``all=1``; the newest first; narrowed by filters. Docker's source:
moby, ``daemon/list.go``.
"""

from minidock.api.call import Answer, Call
from minidock.api.filters import (
    Filters,
    asked_filters,
    has_labels,
    matches_text,
    whole_number,
)
from minidock.api.http import Response
from minidock.commandline.gotext import whole
from minidock.commands.images import find_image
from minidock.commands.lookup import find_container
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.inspect_container import (
    container_size,
    container_summary,
    ports_shown,
)

__all__ = ["list_containers"]

_FILTERS = (
    "ancestor before exited expose health id is-task isolation label name network "
    "publish since status volume"
).split()
_STATES = "created restarting running removing paused exited dead".split()


def list_containers(call: Call) -> Answer:
    """The containers that fit the query, newest first; O(containers)."""
    filters = asked_filters(call, _FILTERS)
    word = "invalid" if call.world.era.strict_json else "Invalid"
    for state in filters.get("status", ()):
        if state not in _STATES:
            raise InvalidParameter(
                f"{word} filter 'status={state}'",
                asked=f"containers of status {state}",
                rule="a container has one of seven states",
                remedy="one of " + ", ".join(_STATES),
            )
    _check_values(filters)
    order = _bounds(call.world, filters)
    limit = _limit(call)
    every = call.flag("all") or limit > 0 or bool(filters.get("status"))
    chosen = [
        container
        for container in reversed(list(call.world.containers_in_order()))
        if (every or container.state.active)
        and container.sequence in order
        and (not filters or _fits(call.world, container, filters))
    ]
    shown: list[Json] = [
        container_summary(call.world, container, call.api, call.now)
        | (_size(call.world, container) if call.flag("size") else {})
        for container in (chosen[:limit] if limit > 0 else chosen)
    ]
    return Answer(world=call.world, response=Response(body=shown))


def _size(world: World, container: Container) -> dict[str, Json]:
    """Its sizes; that of what was written only where there is something."""
    sizes = container_size(world, container)
    return {key: value for key, value in sizes.items() if value}


_HEALTH = {"none", "starting", "healthy", "unhealthy"}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def _check_values(filters: Filters) -> None:
    """Refuse values that mean nothing, each in Docker's own words."""
    for text in filters.get("exited", ()):
        whole_number(text)
    for text in filters.get("health", ()):
        if text not in _HEALTH:
            raise InvalidParameter(
                f"Unrecognised filter value for health: {text}",
                asked=f"containers whose health is {text}",
                rule="there are four states of health",
                remedy="one of " + ", ".join(sorted(_HEALTH)),
            )
    tasks = filters.get("is-task", ())
    if tasks and (len(tasks) > 1 or tasks[0] not in _TRUTHS):
        raise InvalidParameter(
            f"Invalid filter 'is-task=[{' '.join(tasks)}]'",
            asked="containers that belong to a service, or do not",
            rule="is-task is true or false",
            remedy="is-task=false",
        )
    for key in ("publish", "expose"):
        for text in filters.get(key, ()):
            _port_range(key, text)


def _port_range(key: str, text: str) -> tuple[int, int, str]:
    """First port, last port and protocol of ``80``, ``80/udp`` or ``8000-9000/tcp``."""
    ports, _, protocol = text.partition("/")
    first, _, last = ports.partition("-")
    for part in (first, last or first):
        try:
            whole(part, base=10, bits=16, signed=False)
        except ValueError as error:
            raise Unclassified(
                f"error while looking up for {key} {text}: {error}",
                asked=f"containers with {key}={text}",
                rule="a port is a number, or two with a dash between",
                remedy=f"{key}=80/tcp",
            ) from error
    return int(first), int(last or first), protocol or "tcp"


def _limit(call: Call) -> int:
    text = call.query.get("limit", "")
    return whole_number(text) if text else 0


def _bounds(world: World, filters: Filters) -> range:
    """Which sequence numbers lie between ``since`` and ``before``."""
    sides = {}
    for key in ("before", "since"):
        for text in filters.get(key, ()):
            try:
                sides[key] = find_container(world, text).sequence
            except Refusal as error:
                raise Unclassified(
                    f"no such container {text}",
                    asked=f"containers made {key} {text}",
                    rule="it must name a container",
                    remedy="see docker ps --all",
                ) from error
    return range(sides.get("since", -1) + 1, sides.get("before", world.sequence + 1))


def _fits(world: World, container: Container, filters: Filters) -> bool:
    names = (container.name, f"/{container.name}")
    status, exited = filters.get("status"), filters.get("exited")
    return (
        matches_text(filters, "name", *names)
        and (filters.get("id") != ("",) and matches_text(filters, "id", container.id))
        and has_labels(filters, container.config.document("Labels"))
        and (not status or container.state.status in status)
        and (not exited or _exited_with(container, exited))
        and _on_network(container, filters)
        and _from_image(world, container, filters)
        and _port_fits(world, container, filters)
        and _health_fits(container, filters)
        and _mounts_fit(container, filters)
        and not any(_TRUTHS.get(text) for text in filters.get("is-task", ()))
    )


def _exited_with(container: Container, codes: tuple[str, ...]) -> bool:
    state = container.state
    ran = bool(state.started) and not state.active
    return ran and state.exit_code in map(int, codes)


def _on_network(container: Container, filters: Filters) -> bool:
    wanted = filters.get("network")
    if wanted is None:
        return True
    return any(
        value in {e.network, e.network_id} or e.network_id.startswith(value)
        for value in wanted
        for e in container.connections
    )


def _from_image(world: World, container: Container, filters: Filters) -> bool:
    wanted = filters.get("ancestor")
    if not wanted:
        return True
    ids = set()
    for text in wanted:
        try:
            ids.add(find_image(world, text).id)
        except Refusal:
            continue
    return container.image_id in ids


def _health_fits(container: Container, filters: Filters) -> bool:
    wanted = filters.get("health")
    health = container.health.status if container.health else "none"
    return not wanted or health in wanted


def _mounts_fit(container: Container, filters: Filters) -> bool:
    """By the volume's name or the host's path, or by the path inside."""
    wanted = filters.get("volume")
    if wanted is None:
        return True
    places = {m.text("Name") or m.text("Source") for m in container.mounts}
    places |= {m.text("Destination") for m in container.mounts}
    return bool(places & set(wanted))


def _port_fits(world: World, container: Container, filters: Filters) -> bool:
    """Whether one of its ports is published, or exposed, as one of the filters asks.

    Odd on purpose: only the ports that `docker ps` shows count, so a container that
    does not run exposes nothing; and of the two filters one is enough.
    """
    published = _port_ranges(filters, "publish")
    exposed = _port_ranges(filters, "expose")
    if not published and not exposed:
        return True
    return any(
        _within(published, entry.get("PublicPort"), entry["Type"])
        or _within(exposed, entry["PrivatePort"], entry["Type"])
        for entry in ports_shown(world, container)
    )


def _port_ranges(filters: Filters, key: str) -> list[tuple[int, int, str]]:
    return [_port_range(key, text) for text in filters.get(key, ())]


def _within(ranges: list[tuple[int, int, str]], port: Json, protocol: Json) -> bool:
    return isinstance(port, int) and any(
        first <= port <= last and kind == protocol for first, last, kind in ranges
    )
