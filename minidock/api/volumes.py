"""The volume calls: list, create, inspect, remove, prune.

```
GET  /volumes            GET    /volumes/{name}      POST /volumes/prune
POST /volumes/create     DELETE /volumes/{name}
```

Docker's source: moby, ``api/server/router/volume``.
"""

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.decode import Shape, decode
from minidock.api.filters import (
    Filters,
    asked_filters,
    has_labels,
    matches_text,
    one_flag,
)
from minidock.api.http import Response
from minidock.commands import volumes
from minidock.errors import InvalidParameter
from minidock.model.document import Document, Json, thaw
from minidock.model.volume import Volume
from minidock.views.api_versions import ANONYMOUS_ALONE
from minidock.views.durations import timestamp

__all__ = ["create", "inspect", "list_volumes", "prune", "remove", "volume_json"]

_CREATE: Shape = {
    "Name": "string",
    "Driver": "string",
    "DriverOpts": "map[string]string",
    "Labels": "map[string]string",
}
_LIST_FILTERS = ("dangling", "driver", "label", "name")
_PRUNE_FILTERS = ("label", "label!")


def volume_json(volume: Volume) -> dict[str, Json]:
    """A volume's JSON."""
    return {
        "CreatedAt": timestamp(volume.created - volume.created % 1_000_000_000),
        "Driver": volume.driver,
        "Labels": None if volume.labels is None else thaw(volume.labels),
        "Mountpoint": f"/var/lib/docker/volumes/{volume.name}/_data",
        "Name": volume.name,
        "Options": None if volume.options is None else thaw(volume.options),
        "Scope": "local",
    }


def list_volumes(call: Call) -> Answer:
    """GET /volumes: by name; O(volumes and containers)."""
    filters = asked_filters(call, _LIST_FILTERS)
    dangling = one_flag(filters, "dangling")
    used = volumes.users_of(call.world) if dangling is not None else {}
    shown: list[Json] = [
        volume_json(volume)
        for name, volume in sorted(call.world.volumes.items())
        if _fits(filters, volume)
        and (dangling is None or dangling is (name not in used))
    ]
    return Answer(
        world=call.world, response=Response(body={"Volumes": shown, "Warnings": None})
    )


def _fits(filters: Filters, volume: Volume) -> bool:
    drivers = filters.get("driver")
    return (
        (not drivers or volume.driver in drivers)
        and matches_text(filters, "name", volume.name)
        and has_labels(filters, volume.labels or Document())
    )


def create(call: Call) -> Answer:
    """POST /volumes/create: an existing name is answered as it is."""
    document = document_of(decode(call, _CREATE, "VolumeCreateBody"))
    labels, options = document.get("Labels"), document.get("DriverOpts")
    name = document.text("Name")
    anonymous = not name and call.world.era.anonymous_volume_label
    if anonymous:
        labels = document.document("Labels").with_entry(volumes.ANONYMOUS, "")
    outcome = volumes.create(
        call.world,
        name,
        call.now,
        driver=document.text("Driver"),
        labels=labels if isinstance(labels, Document) else None,
        options=options if isinstance(options, Document) else None,
    )
    body = volume_json(outcome.world.volumes[outcome.made])
    return answered(outcome, 201, body)


def inspect(call: Call) -> Answer:
    """GET /volumes/{name}."""
    volume = volumes.find_volume(call.world, call.words["id"])
    return Answer(world=call.world, response=Response(body=volume_json(volume)))


def remove(call: Call) -> Answer:
    """DELETE /volumes/{name}?force=1: refused while a container mounts it."""
    name = call.words["id"]
    return answered(
        volumes.remove(call.world, name, call.now, force=call.flag("force"))
    )


def prune(call: Call) -> Answer:
    """POST /volumes/prune: what no container mounts.

    Since API 1.42 only those that nobody named, unless the filter ``all`` is true.
    """
    modern = ANONYMOUS_ALONE.reached(call.api)
    known = (*_PRUNE_FILTERS, "all") if modern else _PRUNE_FILTERS
    filters = asked_filters(call, known)
    every = not modern or _every(filters)
    chosen = [
        name
        for name, volume in sorted(call.world.volumes.items())
        if (every or volume.anonymous)
        and has_labels(filters, volume.labels or Document())
    ]
    outcome = volumes.prune(call.world, chosen, call.now)
    names = outcome.made.split("\n") if outcome.made else []
    freed = sum(volumes.size_of(call.world.volumes[name]) for name in names)
    deleted: list[Json] = list(names)
    body: Json = {"VolumesDeleted": deleted or None, "SpaceReclaimed": freed}
    return answered(outcome, 200, body)


def _every(filters: Filters) -> bool:
    values = filters.get("all", ("false",))
    if len(values) > 1 or values[0] not in {"true", "1", "false", "0"}:
        raise InvalidParameter(
            f"invalid filter 'all={values[0]}'",
            asked="prune volumes with all=" + ", ".join(values),
            rule="all is true or false, once",
            remedy='{"all": ["true"]}',
        )
    return values[0] in {"true", "1"}
