"""docker-py's nouns and verbs over the same requests.

```
docker.containers.run("nginx", name="web", ports={"80/tcp": 8080}, detach=True)
docker.networks.create("mynet").connect("web")
docker.images.pull("redis").attrs
```

What a learner learns here works on a real engine with docker-py. Only what is there is
there: a keyword that this subset does not know is refused, never ignored.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from minidock.api.http import Request
from minidock.client.session import ApiError, Send
from minidock.errors import InvalidParameter, Unclassified
from minidock.model.document import Json

__all__ = [
    "Container",
    "ContainerCollection",
    "Image",
    "ImageCollection",
    "Network",
    "NetworkCollection",
    "Volume",
    "VolumeCollection",
]

Attributes = dict[str, Json]


class _Api:
    """Requests that raise the engine's own refusals."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """The JSON of an answer.

        Raises:
            Refusal: what the engine refused, in its category.
        """
        response = self._send(
            Request(method=method, path=path, body=body, query=query or {})
        )
        if response.status == 304:
            return None
        if response.status >= 400:
            error = ApiError(response)
            raise error.refusal or Unclassified(error.text)
        return response.body if response.text is None else response.text

    def get(self, path: str, **query: str) -> Attributes:
        """The object that a GET answers."""
        body = self.call("GET", path, query=query)
        return body if isinstance(body, dict) else {}

    def items(self, path: str, **query: str) -> list[Attributes]:
        """The objects of a list."""
        body = self.call("GET", path, query=query)
        rows = body if isinstance(body, list) else []
        return [row for row in rows if isinstance(row, dict)]


class _Model:
    """One thing of the engine: its ``attrs`` are the JSON that inspect prints."""

    _path = ""

    def __init__(self, api: _Api, attrs: Attributes) -> None:
        self._api = api
        self.attrs = attrs

    @property
    def id(self) -> str:
        """The full id."""
        return str(self.attrs.get("Id", ""))

    @property
    def short_id(self) -> str:
        """The first twelve digits of the id."""
        return self.id.removeprefix("sha256:")[:12]

    @property
    def name(self) -> str:
        """The name, without Docker's leading slash."""
        return str(self.attrs.get("Name", "")).removeprefix("/")

    def reload(self) -> None:
        """Read ``attrs`` again."""
        self.attrs = self._api.get(self._path.format(self.id))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.short_id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Model) and self.id == other.id

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.id))


class Container(_Model):
    """A container; verbs as in docker-py."""

    _path = "/containers/{}/json"

    @property
    def status(self) -> str:
        """created, running, paused, exited ..., as of the last ``reload``."""
        state = self.attrs.get("State")
        return str(state.get("Status", "")) if isinstance(state, dict) else ""

    @property
    def ports(self) -> Json:
        """NetworkSettings.Ports."""
        settings = self.attrs.get("NetworkSettings")
        return settings.get("Ports", {}) if isinstance(settings, dict) else {}

    @property
    def labels(self) -> Json:
        """Config.Labels."""
        config = self.attrs.get("Config")
        return config.get("Labels", {}) if isinstance(config, dict) else {}

    def _do(self, action: str, **query: str) -> None:
        self._api.call("POST", f"/containers/{self.id}/{action}", query=query)

    def start(self) -> None:
        """Start it; running already is no error."""
        self._do("start")

    def stop(self, timeout: int = 10) -> None:
        """Stop it, with ``timeout`` seconds of grace."""
        self._do("stop", t=str(timeout))

    def restart(self, timeout: int = 10) -> None:
        """Stop and start it."""
        self._do("restart", t=str(timeout))

    def kill(self, signal: str = "SIGKILL") -> None:
        """Send it a signal."""
        self._do("kill", signal=signal)

    def pause(self) -> None:
        """Freeze it."""
        self._do("pause")

    def unpause(self) -> None:
        """Let it go on."""
        self._do("unpause")

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._do("rename", name=name)

    def remove(self, *, force: bool = False, v: bool = False, link: bool = False) -> None:
        """Remove it; ``force`` kills it first."""
        flags = {"force": force, "v": v, "link": link}
        query = {key: "1" for key, value in flags.items() if value}
        self._api.call("DELETE", f"/containers/{self.id}", query=query)

    def logs(self) -> bytes:
        """What its program has written to standard output."""
        path = f"/containers/{self.id}/logs"
        return str(self._api.call("GET", path, query={"stdout": "1"})).encode()

    def exec_run(self, cmd: str | Sequence[str]) -> tuple[int, bytes]:
        """Run one more program in it; its exit code and output."""
        words: list[Json] = list(cmd.split() if isinstance(cmd, str) else cmd)
        made = self._api.call("POST", f"/containers/{self.id}/exec", {"Cmd": words})
        exec_id = str(made["Id"]) if isinstance(made, dict) else ""
        text = self._api.call("POST", f"/exec/{exec_id}/start", {})
        ended = self._api.get(f"/exec/{exec_id}/json")
        code = ended.get("ExitCode")
        return (code if isinstance(code, int) else 0), str(text or "").encode()

    def top(self) -> Json:
        """Its processes."""
        return self._api.call("GET", f"/containers/{self.id}/top")


class Network(_Model):
    """A network; verbs as in docker-py."""

    _path = "/networks/{}"

    @property
    def containers(self) -> list[Container]:
        """The containers attached to it."""
        self.reload()
        members = self.attrs.get("Containers")
        ids = list(members) if isinstance(members, dict) else []
        return [
            Container(self._api, self._api.get(f"/containers/{key}/json")) for key in ids
        ]

    def connect(
        self,
        container: "str | Container",
        *,
        aliases: Sequence[str] = (),
        links: Mapping[str, str] | None = None,
        ipv4_address: str = "",
        ipv6_address: str = "",
    ) -> None:
        """Connect a container to it."""
        ipam = {"IPv4Address": ipv4_address, "IPv6Address": ipv6_address}
        shown: dict[str, Json] = {key: value for key, value in ipam.items() if value}
        names: list[Json] = list(aliases)
        asked: list[Json] = [f"{key}:{value}" for key, value in (links or {}).items()]
        config: dict[str, Json] = {"IPAMConfig": shown or None}
        config["Aliases"] = names or None
        config["Links"] = asked or None
        body: dict[str, Json] = {"Container": _id_of(container)}
        body["EndpointConfig"] = config
        self._api.call("POST", f"/networks/{self.id}/connect", body)

    def disconnect(self, container: "str | Container", *, force: bool = False) -> None:
        """Disconnect a container from it."""
        body: dict[str, Json] = {"Container": _id_of(container), "Force": force}
        self._api.call("POST", f"/networks/{self.id}/disconnect", body)

    def remove(self) -> None:
        """Remove it."""
        self._api.call("DELETE", f"/networks/{self.id}")


class Image(_Model):
    """An image."""

    _path = "/images/{}/json"

    @property
    def tags(self) -> list[str]:
        """Its references."""
        tags = self.attrs.get("RepoTags")
        return [str(tag) for tag in tags] if isinstance(tags, list) else []

    def history(self) -> Json:
        """Its layers, newest first."""
        return self._api.call("GET", f"/images/{self.id}/history")

    def tag(self, repository: str, tag: str = "latest") -> bool:
        """Give it one more reference."""
        query = {"repo": repository, "tag": tag}
        self._api.call("POST", f"/images/{self.id}/tag", query=query)
        return True


class Volume(_Model):
    """A volume."""

    _path = "/volumes/{}"

    @property
    def id(self) -> str:
        """A volume's id is its name."""
        return self.name

    def remove(self) -> None:
        """Remove it."""
        self._api.call("DELETE", f"/volumes/{self.name}")


def _id_of(container: "str | Container") -> str:
    return container if isinstance(container, str) else container.id


def _ports(ports: Mapping[str, object]) -> tuple[dict[str, Json], dict[str, Json]]:
    """docker-py's ``ports``: ``{"80/tcp": 8080}``, ``("127.0.0.1", 8080)``, None, a list."""
    exposed: dict[str, Json] = {}
    bindings: dict[str, Json] = {}
    for key, value in ports.items():
        name = key if "/" in str(key) else f"{key}/tcp"
        exposed[name] = {}
        entries = value if isinstance(value, list) else [value]
        bindings[name] = [_binding(entry) for entry in entries]
    return exposed, bindings


def _binding(value: object) -> Json:
    if isinstance(value, tuple):
        address, port = (*value, None)[:2]
        return {"HostIp": str(address), "HostPort": "" if port is None else str(port)}
    return {"HostIp": "", "HostPort": "" if value is None else str(value)}


def _environment(value: object) -> list[Json]:
    if isinstance(value, Mapping):
        return [f"{key}={item}" for key, item in value.items()]
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


_CONFIG_KEYS = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "user": "User",
    "working_dir": "WorkingDir",
    "tty": "Tty",
    "stdin_open": "OpenStdin",
    "labels": "Labels",
    "mac_address": "MacAddress",
    "stop_signal": "StopSignal",
}
_HOST_KEYS = {
    "network_mode": "NetworkMode",
    "publish_all_ports": "PublishAllPorts",
    "auto_remove": "AutoRemove",
    "remove": "AutoRemove",
    "restart_policy": "RestartPolicy",
    "privileged": "Privileged",
    "dns": "Dns",
    "dns_search": "DnsSearch",
    "dns_opt": "DnsOptions",
    "cap_add": "CapAdd",
    "cap_drop": "CapDrop",
    "mem_limit": "Memory",
    "nano_cpus": "NanoCpus",
    "init": "Init",
    "read_only": "ReadonlyRootfs",
    "sysctls": "Sysctls",
    "volumes_from": "VolumesFrom",
}


def _plain(value: object) -> Json:
    # A caller's own lists, dicts, texts and numbers are JSON already.
    return cast("Json", list(value) if isinstance(value, tuple) else value)


def _body(image: str, command: object, options: Mapping[str, object]) -> Attributes:
    config: Attributes = {"Image": image}
    host: Attributes = {}
    if command is not None:
        words = command.split() if isinstance(command, str) else command
        config["Cmd"] = [str(word) for word in cast("Sequence[object]", words)]
    for key, value in options.items():
        _place(key, value, config, host)
    config["HostConfig"] = host
    return config


def _place(key: str, value: object, config: Attributes, host: Attributes) -> None:
    if key == "ports":
        exposed, bindings = _ports(cast("Mapping[str, object]", value))
        config["ExposedPorts"], host["PortBindings"] = exposed, bindings
    elif key == "environment":
        config["Env"] = _environment(value)
    elif key == "entrypoint":
        words = value.split() if isinstance(value, str) else value
        config["Entrypoint"] = _plain(words)
    elif key == "network":
        host["NetworkMode"] = _plain(value)
        config["NetworkingConfig"] = {"EndpointsConfig": {str(value): {}}}
    elif key == "links":
        pairs = value.items() if isinstance(value, Mapping) else value
        listed = cast("Sequence[tuple[str, str]]", pairs)
        host["Links"] = [f"{name}:{alias}" for name, alias in listed]
    elif key == "extra_hosts":
        entries = cast("Mapping[str, str]", value)
        host["ExtraHosts"] = [f"{name}:{address}" for name, address in entries.items()]
    elif key in _CONFIG_KEYS:
        config[_CONFIG_KEYS[key]] = _plain(value)
    elif key in _HOST_KEYS:
        host[_HOST_KEYS[key]] = _plain(value)
    else:
        known = sorted([*_CONFIG_KEYS, *_HOST_KEYS, "ports", "environment", "links"])
        raise InvalidParameter(
            f"run() got an unexpected keyword argument '{key}'",
            asked=f"a container with {key}={value!r}",
            rule="this subset of docker-py does not know the keyword",
            remedy='docker("run ...") takes every flag; keywords: ' + ", ".join(known),
        )


class ContainerCollection:
    """``docker.containers``."""

    def __init__(self, send: Send) -> None:
        self._api = _Api(send)

    def get(self, container_id: str) -> Container:
        """The container of that name or id.

        Raises:
            NotFound: there is none.
        """
        path = f"/containers/{container_id}/json"
        return Container(self._api, self._api.get(path))

    def list(
        self, *, all: bool = False, filters: Mapping[str, object] | None = None
    ) -> "list[Container]":
        """The containers, newest first; running ones unless ``all``."""
        from minidock.views.gojson import dumps

        query = {"all": "1"} if all else {}
        if filters:
            values = {
                key: value if isinstance(value, list) else [value]
                for key, value in filters.items()
            }
            query["filters"] = dumps(values)
        rows = self._api.items("/containers/json", **query)
        return [self.get(str(row["Id"])) for row in rows]

    def create(
        self, image: str, command: object = None, *, name: str = "", **options: object
    ) -> Container:
        """Create a container; it is not started."""
        query = {"name": name} if name else {}
        body = _body(image, command, options)
        made = self._create(body, query, image)
        return self.get(str(made["Id"]) if isinstance(made, dict) else "")

    def _create(self, body: Attributes, query: dict[str, str], image: str) -> Json:
        from minidock.errors import NotFound

        try:
            return self._api.call("POST", "/containers/create", body, query)
        except NotFound as error:
            if "No such image" not in error.text:
                raise
        ImageCollection(self._api._send).pull(image)  # noqa: SLF001 - the same wing
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
        container = self.create(image, command, name=name, **options)
        text = self._api.call("POST", f"/containers/{container.id}/start")
        if not detach:
            return str(text or "").encode()
        container.reload()
        return container


class NetworkCollection:
    """``docker.networks``."""

    def __init__(self, send: Send) -> None:
        self._api = _Api(send)

    def get(self, network_id: str) -> Network:
        """The network of that name or id.

        Raises:
            NotFound: there is none.
        """
        path = f"/networks/{network_id}"
        return Network(self._api, self._api.get(path))

    def list(self) -> "list[Network]":
        """The networks."""
        return [self.get(str(row["Id"])) for row in self._api.items("/networks")]

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
        self._api = _Api(send)

    def get(self, name: str) -> Image:
        """The image of that reference or id.

        Raises:
            NotFound: it has not been pulled.
        """
        path = f"/images/{name}/json"
        return Image(self._api, self._api.get(path))

    def list(self) -> "list[Image]":
        """The images, newest first."""
        return [self.get(str(row["Id"])) for row in self._api.items("/images/json")]

    def pull(self, repository: str, tag: str = "") -> Image:
        """Take an image from the catalogue."""
        query = {"fromImage": repository}
        if tag:
            query["tag"] = tag
        self._api.call("POST", "/images/create", query=query)
        return self.get(f"{repository}:{tag}" if tag else repository)

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
        self._api = _Api(send)

    def create(self, name: str = "") -> Volume:
        """Create a volume."""
        body = self._api.call("POST", "/volumes/create", {"Name": name})
        return Volume(self._api, body if isinstance(body, dict) else {})

    def get(self, name: str) -> Volume:
        """The volume of that name."""
        return Volume(self._api, self._api.get(f"/volumes/{name}"))

    def list(self) -> "list[Volume]":
        """The volumes, by name."""
        body = self._api.get("/volumes").get("Volumes")
        rows = body if isinstance(body, list) else []
        return [Volume(self._api, row) for row in rows if isinstance(row, dict)]


