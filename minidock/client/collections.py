"""docker-py's collections: ``docker.containers``, ``.networks`` and the others.

```
docker.containers.run("nginx", name="web", ports={"80/tcp": 8080}, detach=True)
docker.networks.create("mynet").connect("web")
docker.images.pull("redis").attrs
```
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from minidock.client.create_body import create_body
from minidock.client.objects import Container, Image, Network, Volume
from minidock.client.objects_core import Api, Attributes
from minidock.client.session import Send
from minidock.client.watching import Watch, see_main
from minidock.errors import NotFound
from minidock.model.document import Json
from minidock.views.gojson import dumps

__all__ = [
    "ContainerCollection",
    "ImageCollection",
    "NetworkCollection",
    "VolumeCollection",
]


def _filters(wanted: Mapping[str, object] | None) -> dict[str, str]:
    """The query of a filter: every value is a list of texts, as the API wants it."""
    if not wanted:
        return {}
    values: dict[str, Json] = {}
    for key, value in wanted.items():
        listed = value if isinstance(value, list | tuple) else [value]
        values[key] = [
            str(item).lower() if isinstance(item, bool) else str(item)
            for item in listed
        ]
    return {"filters": dumps(values)}


class ContainerCollection:
    """``docker.containers``.

    Args:
        send: answers a request.
        together: wraps the several requests of one verb, as an engine's undo needs.
        watch: the engine's clock, for who waits for a program.
    """

    def __init__(
        self,
        send: Send,
        together: Callable[[], AbstractContextManager[None]] = nullcontext,
        watch: Watch | None = None,
    ) -> None:
        self._api = Api(send, watch)
        self._together = together
        self._images = ImageCollection(send)

    def get(self, container_id: str) -> Container:
        """The container of that name or id.

        Raises:
            NotFound: there is none.
        """
        path = f"/containers/{container_id}/json"
        return Container(self._api, self._api.get(path))

    def list(
        self,
        *,
        all: bool = False,  # noqa: A002 - docker-py's own word
        filters: Mapping[str, object] | None = None,
    ) -> "list[Container]":
        """The containers, newest first; running ones unless ``all``."""
        query = {"all": "1"} if all else {}
        query |= _filters(filters)
        rows = self._api.items("/containers/json", **query)
        return [self.get(str(row["Id"])) for row in rows]

    def create(
        self, image: str, command: object = None, *, name: str = "", **options: object
    ) -> Container:
        """Create a container; it is not started."""
        query = {"name": name} if name else {}
        body = create_body(image, command, options)
        made = self._create(body, query, image)
        return self.get(str(made["Id"]) if isinstance(made, dict) else "")

    def _create(self, body: Attributes, query: dict[str, str], image: str) -> Json:
        try:
            return self._api.call("POST", "/containers/create", body, query)
        except NotFound as error:
            if "No such image" not in error.text:
                raise
        self._images.pull(image)
        return self._api.call("POST", "/containers/create", body, query)

    def run(
        self,
        image: str,
        command: object = None,
        *,
        detach: bool = False,
        name: str = "",
        **options: object,
    ) -> "Container | bytes":
        """Create and start a container; without ``detach``, what its program wrote."""
        with self._together():
            container = self.create(image, command, name=name, **options)
            text = self._api.call("POST", f"/containers/{container.id}/start")
            watch = self._api.watch
            if not detach and watch is not None:
                seen = see_main(watch, container.id, 0, watch.moment().now)
                text = seen.text("stdout")
        if not detach:
            return str(text or "").encode()
        container.reload()
        return container

    def prune(self, filters: Mapping[str, object] | None = None) -> Json:
        """Remove the stopped containers."""
        return self._api.call("POST", "/containers/prune", query=_filters(filters))


class NetworkCollection:
    """``docker.networks``."""

    def __init__(self, send: Send) -> None:
        self._api = Api(send)

    def get(self, network_id: str) -> Network:
        """The network of that name or id.

        Raises:
            NotFound: there is none.
        """
        path = f"/networks/{network_id}"
        return Network(self._api, self._api.get(path))

    def list(
        self,
        names: Sequence[str] = (),
        ids: Sequence[str] = (),
        filters: Mapping[str, object] | None = None,
    ) -> "list[Network]":
        """The networks; only those whose name or id contains one of the texts."""
        wanted = dict(filters or {})
        wanted |= {"name": list(names)} if names else {}
        wanted |= {"id": list(ids)} if ids else {}
        rows = self._api.items("/networks", **_filters(wanted))
        return [self.get(str(row["Id"])) for row in rows]

    def prune(self, filters: Mapping[str, object] | None = None) -> Json:
        """Remove the networks that no container uses."""
        return self._api.call("POST", "/networks/prune", query=_filters(filters))

    def create(
        self,
        name: str,
        *,
        driver: str = "bridge",
        internal: bool = False,
        enable_ipv6: bool = False,
        attachable: bool = False,
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        ipam: Mapping[str, Json] | None = None,
        check_duplicate: bool = True,
    ) -> Network:
        """Create a network; ``ipam`` is the API's IPAM object."""
        body: Attributes = {
            "Name": name,
            "Driver": driver,
            "Internal": internal,
            "EnableIPv6": enable_ipv6,
            "Attachable": attachable,
            "Options": dict(options or {}),
            "Labels": dict(labels or {}),
            "IPAM": dict(ipam) if ipam else None,
            "CheckDuplicate": check_duplicate,
        }
        made = self._api.call("POST", "/networks/create", body)
        return self.get(str(made["Id"]) if isinstance(made, dict) else "")


class ImageCollection:
    """``docker.images``."""

    def __init__(self, send: Send) -> None:
        self._api = Api(send)

    def get(self, name: str) -> Image:
        """The image of that reference or id.

        Raises:
            NotFound: it has not been pulled.
        """
        path = f"/images/{name}/json"
        return Image(self._api, self._api.get(path))

    def list(
        self, name: str = "", filters: Mapping[str, object] | None = None
    ) -> "list[Image]":
        """The images, newest first; only those of that repository or reference."""
        wanted = dict(filters or {}) | ({"reference": name} if name else {})
        rows = self._api.items("/images/json", **_filters(wanted))
        return [self.get(str(row["Id"])) for row in rows]

    def prune(self, filters: Mapping[str, object] | None = None) -> Json:
        """Remove the images that have neither a name nor a container."""
        return self._api.call("POST", "/images/prune", query=_filters(filters))

    def pull(self, repository: str, tag: str = "") -> Image:
        """Take an image from the catalogue; ``latest`` where no tag is named."""
        name, at, version = repository.partition("@")
        if not at and ":" in repository.rpartition("/")[2]:
            name, _, version = repository.rpartition(":")
        chosen = tag or version or "latest"
        query = {"fromImage": name, "tag": chosen}
        self._api.call("POST", "/images/create", query=query)
        return self.get(f"{name}{'@' if ':' in chosen else ':'}{chosen}")

    def search(self, term: str) -> Json:
        """The catalogue's images with that word."""
        return self._api.call("GET", "/images/search", query={"term": term})

    def remove(self, image: str, *, force: bool = False) -> None:
        """Untag or remove an image."""
        query = {"force": "1"} if force else {}
        self._api.call("DELETE", f"/images/{image}", query=query)


class VolumeCollection:
    """``docker.volumes``."""

    def __init__(self, send: Send) -> None:
        self._api = Api(send)

    def create(
        self,
        name: str = "",
        *,
        driver: str = "local",
        driver_opts: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume."""
        asked: Attributes = {"Name": name, "Driver": driver}
        asked |= {"DriverOpts": dict(driver_opts or {}), "Labels": dict(labels or {})}
        body = self._api.call("POST", "/volumes/create", asked)
        return Volume(self._api, body if isinstance(body, dict) else {})

    def get(self, name: str) -> Volume:
        """The volume of that name."""
        return Volume(self._api, self._api.get(f"/volumes/{name}"))

    def list(self) -> "list[Volume]":
        """The volumes, by name."""
        body = self._api.get("/volumes").get("Volumes")
        rows = body if isinstance(body, list) else []
        return [Volume(self._api, row) for row in rows if isinstance(row, dict)]
