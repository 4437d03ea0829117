"""GET /containers/json: which containers, in which order.

Running ones unless ``all=1``; the newest first; narrowed by filters. Docker's source:
moby, ``daemon/list.go``.
"""

from minidock.api.call import Answer, Call
from minidock.api.filters import Filters, has_labels, matches_text, parse_filters
from minidock.api.http import Response
from minidock.commands.images import find_image
from minidock.commands.lookup import find_container
from minidock.errors import InvalidParameter, Refusal
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.inspect_container import container_summary

__all__ = ["list_containers"]

_FILTERS = (
    "ancestor before exited expose health id is-task isolation label name network "
    "publish since status volume"
).split()
_STATES = "created restarting running removing paused exited dead".split()


def list_containers(call: Call) -> Answer:
    """The containers that fit the query, newest first; O(containers)."""
    filters = parse_filters(call.query.get("filters", ""), _FILTERS)
    for state in filters.get("status", ()):
        if state not in _STATES:
            raise InvalidParameter(
                f"Invalid filter 'status={state}'",
                asked=f"containers of status {state}",
                rule="a container has one of seven states",
                remedy="one of " + ", ".join(_STATES),
            )
    limit = _limit(call)
    every = call.flag("all") or limit > 0 or any(k in filters for k in _SHOW_ALL)
    chosen = [
        container
        for container in reversed(list(call.world.containers_in_order()))
        if (every or container.state.running) and _fits(call.world, container, filters)
    ]
    shown: list[Json] = [
        container_summary(call.world, container, call.api, call.now)
        for container in (chosen[:limit] if limit > 0 else chosen)
    ]
    return Answer(world=call.world, response=Response(body=shown))


_SHOW_ALL = ("status", "exited", "before", "since")


def _limit(call: Call) -> int:
    text = call.query.get("limit", "")
    return int(text) if text.isdigit() else 0


def _fits(world: World, container: Container, filters: Filters) -> bool:
    names = (container.name, f"/{container.name}")
    status, exited = filters.get("status"), filters.get("exited")
    return (
        matches_text(filters, "name", *names)
        and matches_text(filters, "id", container.id)
        and has_labels(filters, container.config.document("Labels"))
        and (not status or container.state.status in status)
        and (not exited or _exited_with(container, exited))
        and _on_network(container, filters)
        and _from_image(world, container, filters)
        and _in_order(world, container, filters)
        and _port_fits(container, filters)
    )


def _exited_with(container: Container, codes: tuple[str, ...]) -> bool:
    return not container.state.running and str(container.state.exit_code) in codes


def _on_network(container: Container, filters: Filters) -> bool:
    wanted = filters.get("network")
    if not wanted:
        return True
    return any(
        value in {e.network, e.network_id} or e.network_id.startswith(value)
        for value in wanted
        for e in container.endpoints
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


def _in_order(world: World, container: Container, filters: Filters) -> bool:
    for text in filters.get("before", ()):
        if container.sequence >= find_container(world, text).sequence:
            return False
    return all(
        container.sequence > find_container(world, text).sequence
        for text in filters.get("since", ())
    )


def _port_fits(container: Container, filters: Filters) -> bool:
    published = {
        f"{m.host_port}/{m.protocol}" for e in container.endpoints for m in e.mappings
    }
    exposed = set(container.config.document("ExposedPorts"))
    for key, ports in (("publish", published), ("expose", exposed)):
        wanted = {
            text if "/" in text else f"{text}/tcp" for text in filters.get(key, ())
        }
        if wanted and not wanted & ports:
            return False
    return True
