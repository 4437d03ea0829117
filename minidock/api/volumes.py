"""The volume calls, over volumes that are data only."""

from dataclasses import replace

from minidock.api.call import Answer, Call, document_of
from minidock.api.decode import Shape, decode
from minidock.api.http import Response
from minidock.errors import Conflict, NotFound
from minidock.model.document import Json, thaw
from minidock.model.volume import Volume
from minidock.views.durations import timestamp

__all__ = ["create", "inspect", "list_volumes", "remove"]

_CREATE: Shape = {
    "Name": "string",
    "Driver": "string",
    "DriverOpts": "map",
    "Labels": "map",
}


def _shown(volume: Volume) -> dict[str, Json]:
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
    """GET /volumes: by name."""
    shown: list[Json] = [
        _shown(volume) for _, volume in sorted(call.world.volumes.items())
    ]
    return Answer(
        world=call.world, response=Response(body={"Volumes": shown, "Warnings": None})
    )


def create(call: Call) -> Answer:
    """POST /volumes/create: an existing name is answered as it is."""
    document = document_of(decode(call, _CREATE, "VolumeCreateBody"))
    world, name = call.world, document.text("Name")
    if not name:
        ids, name = world.ids.hex_id()
        world = replace(world, ids=ids)
    if name not in world.volumes:
        volume = Volume(
            name=name,
            created=call.now,
            driver=document.text("Driver") or "local",
            labels=document.document("Labels") if document.get("Labels") else None,
            options=document.document("DriverOpts")
            if document.get("DriverOpts")
            else None,
            anonymous=not document.text("Name"),
        )
        world = replace(world, volumes=world.volumes.set(name, volume))
    body = _shown(world.volumes[name])
    return Answer(world=world, response=Response(status=201, body=body))


def _found(call: Call) -> Volume:
    name = call.words["id"]
    volume = call.world.volumes.get(name)
    if volume is None:
        raise NotFound(
            f"get {name}: no such volume",
            asked=f"the volume {name}",
            rule="it must be a volume's name",
            remedy=f"docker volume create {name}",
        )
    return volume


def inspect(call: Call) -> Answer:
    """GET /volumes/{name}."""
    return Answer(world=call.world, response=Response(body=_shown(_found(call))))


def remove(call: Call) -> Answer:
    """DELETE /volumes/{name}: refused while a container mounts it."""
    volume = _found(call)
    users = [
        container.id
        for container in call.world.containers_in_order()
        if any(mount.text("Name") == volume.name for mount in container.mounts)
    ]
    if users:
        raise Conflict(
            f"remove {volume.name}: volume is in use - [{', '.join(users)}]",
            asked=f"remove the volume {volume.name}",
            rule="containers mount it",
            remedy="docker rm the containers first",
        )
    world = replace(call.world, volumes=call.world.volumes.delete(volume.name))
    return Answer(world=world, response=Response(status=204))
