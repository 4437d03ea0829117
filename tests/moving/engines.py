"""Engines in this process to move things between, and what can go wrong on the way."""

import io
import tarfile

from minidock import Engine
from minidock.api.http import Request
from minidock.errors import Unclassified


class Near:
    """An engine of this process, called as one behind a socket is."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()

    def __call__(self, request):
        return self.engine.send(request)

    def download(self, path, query=()):
        pairs = query if isinstance(query, tuple) else tuple(query.items())
        request = Request(method="GET", path=path, query=dict(pairs), pairs=pairs)
        answer = self(request)
        if answer.status >= 400:
            raise Unclassified(answer.message)
        data = answer.data or b""
        return iter([data[i : i + 999] for i in range(0, len(data), 999)])

    def upload(self, method, path, parts, query=()):
        pairs = query if isinstance(query, tuple) else tuple(query.items())
        return self(
            Request(
                method=method,
                path=path,
                query=dict(pairs),
                pairs=pairs,
                data=b"".join(parts),
            )
        )


class Cut(Exception):
    """The connection, or who moves things, is gone."""


class Breaking(Near):
    """Breaks at the n-th request that changes something, before or after it."""

    def __init__(self, engine: Engine, at: int, *, heard: bool) -> None:
        super().__init__(engine)
        self.left = at
        self.heard = heard

    def __call__(self, request):
        if request.method in ("GET", "HEAD"):
            return super().__call__(request)
        self.left -= 1
        if self.left < 0:
            if self.heard:
                super().__call__(request)
            raise Cut
        return super().__call__(request)


def files(engine: Engine, container: str, path: str) -> dict[str, bytes]:
    """What lies in a folder of a container."""
    data = b"".join(
        Near(engine).download(f"/containers/{container}/archive", {"path": f"{path}/."})
    )
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {
            member.name: tar.extractfile(member).read()
            for member in tar
            if member.isreg()
        }


def standing(engine: Engine) -> dict:
    """All that stands there, without what no two engines have in common."""
    containers = {}
    known = engine.containers.list(all=True)
    names = {n for c in known for n in (c.attrs["Id"], c.attrs["Name"].lstrip("/"))}
    for container in engine.containers.list(all=True):
        mode = container.attrs["HostConfig"]["NetworkMode"]
        joined = mode.partition(":")[2] if mode.startswith("container:") else ""
        if joined and joined not in names:
            continue  # whose namespace it was in is gone
        containers[container.attrs["Name"]] = _container(engine, container.attrs)
    return {
        "containers": containers,
        "networks": {
            n.attrs["Name"]: (
                n.attrs["Driver"],
                n.attrs["Internal"],
                n.attrs["IPAM"]["Config"],
                n.attrs["Options"],
                n.attrs["Labels"],
            )
            for n in engine.networks.list()
        },
        "volumes": sorted(
            (v.attrs["Name"], v.attrs["Driver"], str(v.attrs["Labels"] or {}))
            for v in engine.volumes.list()
            if len(v.attrs["Name"]) < 64
        ),
        "images": sorted(
            (i.attrs["Id"], *sorted(i.attrs["RepoTags"])) for i in engine.images.list()
        ),
    }


def _container(engine: Engine, attrs: dict) -> dict:
    config = {k: v for k, v in attrs["Config"].items() if k != "Hostname"}
    joined = attrs["HostConfig"]["NetworkMode"].startswith("container:")
    named = not joined and attrs["Config"]["Hostname"] not in ("", attrs["Id"][:12])
    # no engine can say of a program that it ended before it ever ran there
    status = attrs["State"]["Status"]
    networks = attrs["NetworkSettings"]["Networks"]
    mounts = [
        (m["Type"], m["Destination"], m["RW"], _named(m), _held(engine, attrs, m))
        for m in attrs["Mounts"]
    ]
    host = dict(attrs["HostConfig"])
    mode = host["NetworkMode"]
    if mode.startswith("container:"):
        other = engine.containers.get(mode.partition(":")[2]).attrs["Name"]
        host["NetworkMode"] = f"container:{other}"
    host["VolumesFrom"] = [
        engine.containers.get(v.partition(":")[0]).attrs["Name"]
        for v in host["VolumesFrom"] or ()
    ]
    return {
        "config": config,
        "hostname": attrs["Config"]["Hostname"] if named else "",
        "host": host,
        "status": "created" if status == "exited" else status,
        "networks": {
            name: (
                _aliases(attrs, e),
                sorted(e["Links"] or ()),
                # on its own bridge Docker lets nobody choose
                e["IPAddress"] if name != "bridge" else "",
            )
            for name, e in networks.items()
        },
        "ports": attrs["NetworkSettings"]["Ports"],
        "mounts": sorted(mounts),
    }


def _aliases(attrs: dict, endpoint: dict) -> list[str]:
    automatic = (attrs["Id"][:12], attrs["Name"].lstrip("/"))
    return sorted(a for a in endpoint["Aliases"] or () if a not in automatic)


def _named(mount: dict) -> str:
    name = mount.get("Name", mount["Source"])
    return name if len(name) < 64 else ""


def _held(engine: Engine, attrs: dict, mount: dict) -> str:
    if mount["Type"] != "volume":
        return ""
    return str(sorted(files(engine, attrs["Id"], mount["Destination"]).items()))
