"""docker-py's objects: containers, networks, images and volumes, with their verbs.

```
web = docker.containers.get("web")      web.attrs   the JSON that inspect prints
web.stop(); web.reload(); web.status    "exited"
```

What a learner learns here works on a real engine with docker-py.
"""

from collections.abc import Mapping, Sequence

from minidock.client.objects_core import Model
from minidock.model.document import Json

__all__ = ["Container", "Image", "Network", "Volume"]


class Container(Model):
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

    def remove(
        self, *, force: bool = False, v: bool = False, link: bool = False
    ) -> None:
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
        code, seen = self._api.exec_output(exec_id)
        return code, (seen or str(text or "")).encode()

    def top(self) -> Json:
        """Its processes."""
        return self._api.call("GET", f"/containers/{self.id}/top")


class Network(Model):
    """A network; verbs as in docker-py."""

    _path = "/networks/{}"

    @property
    def containers(self) -> list[Container]:
        """The containers attached to it."""
        self.reload()
        members = self.attrs.get("Containers")
        ids = list(members) if isinstance(members, dict) else []
        return [
            Container(self._api, self._api.get(f"/containers/{key}/json"))
            for key in ids
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


class Image(Model):
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


class Volume(Model):
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
