"""What lies in volumes: saved through a container that mounts it, and brought back.

```
 old host: docker cp db:/data - > volumes/data.tar
 new host: docker cp - db:/ < volumes/data.tar     while db was never started there
 cluster:  a Job that mounts the claim, kubectl exec ... tar x < volumes/data.tar
```

Invariant: nothing is written into a container that has run, so that doing it again
does no harm. Docker's word for such files is an *archive*.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from k8s_bridge.bundle.files import safe_names
from k8s_bridge.manifests import Manifest
from minidock.model.document import Document
from minidock.moving.host import is_anonymous, name_of

__all__ = [
    "Held",
    "cluster_script",
    "held_volumes",
    "restore_jobs",
    "restore_script",
    "save_script",
]

_IMAGE = "busybox:1.37"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A volume, and the first container through which its files are reached.

    ``inside`` says that the archive has only what lies in the folder: Docker does not
    write into the folder's parent where the root file system is read-only.
    """

    volume: str
    container: str
    path: str
    inside: bool
    file: str
    driver: str = "local"

    @property
    def source(self) -> str:
        """The path to save."""
        return f"{self.path.rstrip('/')}/." if self.inside else self.path

    @property
    def target(self) -> str:
        """The folder to unpack in."""
        if self.inside:
            return self.path
        return self.path.rstrip("/").rpartition("/")[0] or "/"

    def as_json(self) -> dict[str, object]:
        """What the plan says of it."""
        return {
            "volume": self.volume,
            "driver": self.driver,
            "file": self.file,
            "container": self.container,
            "path": self.path,
        }


def held_volumes(
    containers: Iterable[Document], volumes: Iterable[Document]
) -> tuple[Held, ...]:
    """Each volume that containers mount, once; O(mounts)."""
    drivers = {v.text("Name"): v.text("Driver") or "local" for v in volumes}
    found: dict[str, tuple[Document, Document]] = {}
    for container in containers:
        mounts = container.get("Mounts")
        for mount in mounts if isinstance(mounts, tuple) else ():
            if isinstance(mount, Document) and mount.text("Type") == "volume":
                found.setdefault(mount.text("Name"), (container, mount))
    wanted = {name: _file(name, *found[name]) for name in found}
    files = safe_names(wanted[name] for name in sorted(found))
    return tuple(
        Held(
            volume=name,
            container=name_of(container),
            path=mount.text("Destination"),
            inside=container.document("HostConfig").flag("ReadonlyRootfs"),
            file=files[wanted[name]] + ".tar",
            driver=drivers.get(name, "local"),
        )
        for name, (container, mount) in sorted(found.items())
    )


def _file(name: str, container: Document, mount: Document) -> str:
    if not is_anonymous(name):
        return name
    return f"{name_of(container)}{mount.text('Destination').replace('/', '-')}"


def _lines(head: Iterable[str], calls: Iterable[str]) -> str:
    return "\n".join([*head, *calls]) + "\n"


def save_script(held: Iterable[Held]) -> str:
    """Run on the old host: an archive of each volume."""
    head = (
        "#!/bin/sh",
        "# Run on the old host: saves what lies in volumes. Stop what writes, or the",
        "# files are saved while they change. What is saved already is kept.",
        "set -eu",
        "umask 077",
        'cd "$(dirname -- "$0")"',
        "save() { # CONTAINER PATH FILE",
        '  [ -e "$3" ] && return',
        '  docker cp "$1:$2" - >"$3.partial" && mv "$3.partial" "$3"',
        "}",
    )
    return _lines(head, (_call("save", h.container, h.source, h.file) for h in held))


def restore_script(held: Iterable[Held]) -> str:
    """Run on the new host, when containers are made and not started."""
    head = (
        "#!/bin/sh",
        "# Brings back what lay in volumes: when the containers are made and not yet",
        "# started. One that was ever started is left as it is.",
        "set -eu",
        'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
        "fill() { # CONTAINER FOLDER FILE",
        '  file=$here/../volumes/$3; [ -e "$file" ] || return 0',
        "  case $(docker container inspect -f '{{.State.Status}}' \"$1\") in",
        '    created) docker cp - "$1:$2" <"$file" ;;',
        "  esac",
        "}",
    )
    return _lines(head, (_call("fill", h.container, h.target, h.file) for h in held))


def restore_jobs(
    held: Iterable[Held], claims: Mapping[str, str], namespace: str
) -> Iterator[tuple[Held, Manifest]]:
    """A Job for each volume that is a claim in the cluster; it waits to be fed."""
    for item in held:
        claim = claims.get(item.volume)
        if claim is None:
            continue
        name = f"restore-{claim}"[:63].rstrip("-.")
        place = {"namespace": namespace} if namespace else {}
        waits = "until [ -e /tmp/done ]; do sleep 1; done"
        container = {
            "name": "restore",
            "image": _IMAGE,
            "command": ["/bin/sh", "-c", waits],
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        }
        volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
        pod = {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containers": [container],
            "volumes": [volume],
        }
        yield (
            item,
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": name, **place},
                "spec": {
                    "backoffLimit": 0,
                    "ttlSecondsAfterFinished": 600,
                    "template": {"spec": pod},
                },
            },
        )


def cluster_script(jobs: Iterable[tuple[Held, Manifest]]) -> str:
    """Run where kubectl reaches the cluster: claims first, then their content."""
    head = (
        "#!/bin/sh",
        "# Fills the claims: after they were applied, before the pods that use them.",
        "set -eu",
        'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
        "fill() { # JOB FILE LEADING-FOLDERS",
        '  file=$here/../volumes/$2; [ -e "$file" ] || return 0',
        '  kubectl apply -f "$here/restore/$1-job.yaml"',
        "  kubectl wait --for=jsonpath='{.status.ready}'=1 --timeout=300s \"job/$1\"",
        '  kubectl exec -i "job/$1" -- tar x -C /data --strip-components="$3" <"$file"',
        '  kubectl exec "job/$1" -- touch /tmp/done',
        '  kubectl wait --for=condition=complete --timeout=300s "job/$1"',
        "}",
    )
    calls = []
    for item, job in jobs:
        metadata = job["metadata"]
        name = str(metadata["name"]) if isinstance(metadata, Mapping) else ""
        calls.append(_call("fill", name, item.file, "0" if item.inside else "1"))
    return _lines(head, calls)


def _call(*words: str) -> str:
    return " ".join(shlex.quote(word) for word in words)
