"""GET /system/df: how much room images, containers and volumes take.

```
LayersSize   the bytes of all layers, each counted once
Images       as in the list, with SharedSize and Containers
Containers   as in the list, with SizeRw and SizeRootFs
Volumes      with UsageData: Size and RefCount
BuildCache   none: there is no builder
```

Docker's source: moby, ``daemon/disk_usage.go``.
"""

from collections import Counter

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.api.images import layer_usage, shared_size
from minidock.api.volumes import volume_json
from minidock.commands.volumes import size_of, users_of
from minidock.errors import InvalidParameter
from minidock.model.archive import bytes_of
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.api_versions import USAGE_TYPES
from minidock.views.inspect_container import container_summary
from minidock.views.inspect_image import image_summary

__all__ = ["disk_usage", "written_size"]

_TYPES = ("container", "image", "volume", "build-cache")


def written_size(container: Container) -> int:
    """The bytes that were written in a container; O(files)."""
    return sum(len(bytes_of(text)) for _, text in container.files if text)


def disk_usage(call: Call) -> Answer:
    """GET /system/df?type=image&type=volume: O(everything)."""
    asked = call.values("type") if USAGE_TYPES.reached(call.api) else ()
    for text in asked:
        if text not in _TYPES:
            raise InvalidParameter(
                f"unknown object type: {text}",
                asked=f"the room that each {text} takes",
                rule="four types of things take room",
                remedy="one of " + ", ".join(_TYPES),
            )
    wanted = asked or _TYPES
    body: dict[str, Json] = {}
    if "image" in wanted:
        body |= {"LayersSize": _layers_size(call.world), "Images": _images(call)}
    if "container" in wanted:
        body["Containers"] = _containers(call)
    if "volume" in wanted:
        body["Volumes"] = _volumes(call.world)
    if "build-cache" in wanted:
        body["BuildCache"] = None
    if not USAGE_TYPES.reached(call.api):
        body["BuilderSize"] = 0
    return Answer(world=call.world, response=Response(body=body))


def _layers_size(world: World) -> int:
    sizes: dict[str, int] = {}
    for image in world.images.values():
        sizes |= dict(zip(image.chain_ids, image.sizes, strict=True))
    return sum(sizes.values())


def _images(call: Call) -> list[Json]:
    world = call.world
    users = Counter(item.image_id for item in world.containers.values())
    usage = layer_usage(world)
    shown: list[Json] = []
    for image in sorted(world.images.values(), key=lambda i: (-i.created, i.id)):
        counted = image_summary(
            image,
            call.api,
            shared=shared_size(image, usage),
            containers=users[image.id],
        )
        shown.append(counted | {"Containers": users[image.id]})
    return shown


def _containers(call: Call) -> list[Json]:
    world = call.world
    shown: list[Json] = []
    for container in reversed(list(world.containers_in_order())):
        written = written_size(container)
        image = world.images.get(container.image_id)
        facts = container_summary(world, container, call.api, call.now)
        facts |= {"SizeRw": written} if written else {}
        facts["SizeRootFs"] = written + (image.size if image is not None else 0)
        shown.append(facts)
    return shown


def _volumes(world: World) -> list[Json]:
    users = users_of(world)
    return [
        volume_json(volume)
        | {"UsageData": {"RefCount": len(users.get(name, [])), "Size": size_of(volume)}}
        for name, volume in sorted(world.volumes.items())
    ]
