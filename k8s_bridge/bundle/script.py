"""A shell script that makes an application again on another Docker host.

```
 networks, volumes ─▶ containers in order: create, connect ─▶ start, and wait for health
```

Each line first looks whether it was done, so that the script can be run again. Values
that look secret are read from files beside it. Invariant: nothing is removed.
"""

import shlex
from collections.abc import Iterable, Iterator

from k8s_bridge.application import Condition
from k8s_bridge.bundle.asked import Asked
from k8s_bridge.bundle.flags import command_words, create_words, endpoint_words
from k8s_bridge.sources.projects import dependencies_of, member_of
from minidock.model.document import Document
from minidock.moving.host import HostState, labels_of
from minidock.moving.wish import network_body, volume_body

__all__ = ["docker_script", "network_words", "volume_words"]

_HEAD = """\
#!/bin/sh
# {name}: makes these containers on a Docker host, fills their volumes, starts them.
# It may be run again: what is there is left as it is.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

network() {{ # NAME FLAGS...
  name=$1; shift
  docker network inspect "$name" >/dev/null 2>&1 || docker network create "$@" "$name"
}}
volume() {{ # NAME FLAGS...
  name=$1; shift
  docker volume inspect "$name" >/dev/null 2>&1 || docker volume create "$@" "$name"
}}
missing() {{ # NAME
  ! docker container inspect "$1" >/dev/null 2>&1
}}
connect() {{ # NETWORK NAME FLAGS...
  net=$1; name=$2; shift 2
  case $(docker container inspect \\
    -f "{{{{index .NetworkSettings.Networks \\"$net\\"}}}}" "$name") in
    "<nil>" | "<no value>") docker network connect "$@" "$net" "$name" ;;
  esac
}}
state() {{ # FORMAT NAME
  docker container inspect -f "$1" "$2"
}}
start() {{ # NAME
  case $(state '{{{{.State.Status}}}}' "$1") in
    created) docker start "$1" ;;
  esac
}}
healthy() {{ # NAME: waits at most five minutes
  n=0
  until [ "$(state '{{{{.State.Health.Status}}}}' "$1")" = healthy ]; do
    n=$((n + 1)); [ $n -lt 300 ] || {{ echo "$1 is not healthy" >&2; exit 1; }}
    sleep 1
  done
}}
"""


def docker_script(
    name: str, state: HostState, containers: Iterable[Asked], secrets: dict[str, str]
) -> str:
    """The script; ``secrets`` has the file of a container's secret variables."""
    asked = tuple(containers)
    lines = [_HEAD.format(name=_one_line(name))]
    lines += [_call("network", *words) for words in _networks(state)]
    lines += [_call("volume", *volume_words(v)) for v in state.volumes if _named(v)]
    by_service = {s: a.name for a in asked if (s := _service(a))}
    for item in asked:
        lines += ["", *_creation(item, secrets.get(item.name, ""))]
    lines += ["", 'sh "$here/restore.sh"', ""]
    for item in asked:
        lines += _start(item, by_service)
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _named(volume: Document) -> bool:
    return len(volume.text("Name")) < 64


def _service(asked: Asked) -> str:
    member = member_of(labels_of(asked.container))
    return member.service if member else ""


def _call(*words: str) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _networks(state: HostState) -> Iterator[list[str]]:
    for network in state.networks:
        if network.text("Name") not in ("bridge", "host", "none"):
            yield [network.text("Name"), *network_words(network)]


def network_words(network: Document) -> list[str]:
    """The flags of ``docker network create`` for a network."""
    body = network_body(network)
    words = []
    if body.text("Driver") not in ("", "bridge"):
        words += ["--driver", body.text("Driver")]
    for key, flag in _NETWORK_FLAGS.items():
        words += [f"--{flag}"] if body.flag(key) else []
    for config in _configs(body.document("IPAM")):
        for key, flag in _IPAM.items():
            words += [f"--{flag}", config.text(key)] if config.text(key) else []
        for name, address in config.document("AuxiliaryAddresses").items():
            words += ["--aux-address", f"{name}={address}"]
    ipam = body.document("IPAM")
    if ipam.text("Driver") not in ("", "default"):
        words += ["--ipam-driver", ipam.text("Driver")]
    for name, value in ipam.document("Options").items():
        words += ["--ipam-opt", f"{name}={value}"]
    for name, value in body.document("Options").items():
        words += ["--opt", f"{name}={value}"]
    for name, value in body.document("Labels").items():
        words += ["--label", f"{name}={value}"]
    return words


_NETWORK_FLAGS = {
    "Attachable": "attachable",
    "EnableIPv6": "ipv6",
    "Internal": "internal",
}
_IPAM = {"Subnet": "subnet", "IPRange": "ip-range", "Gateway": "gateway"}


def _configs(ipam: Document) -> Iterator[Document]:
    found = ipam.get("Config")
    for config in found if isinstance(found, tuple) else ():
        if isinstance(config, Document):
            yield config


def volume_words(volume: Document) -> list[str]:
    """Name and flags of ``docker volume create`` for a volume."""
    body = volume_body(volume)
    words = [body.text("Name")]
    if body.text("Driver") not in ("", "local"):
        words += ["--driver", body.text("Driver")]
    for name, value in body.document("DriverOpts").items():
        words += ["--opt", f"{name}={value}"]
    for name, value in body.document("Labels").items():
        words += ["--label", f"{name}={value}"]
    return words


def _creation(asked: Asked, secrets: str) -> Iterator[str]:
    named = [name for name, _ in asked.secret()] if secrets else []
    words = [*create_words(asked, named), *command_words(asked)]
    create = "docker create " + _call(*words)
    if secrets:
        create = f'( . "$here"/{shlex.quote(secrets)}; {create} )'
    yield f"if missing {shlex.quote(asked.name)}; then {create}; fi"
    wish = asked.wish
    if not wish.joined:
        for network in sorted(set(wish.endpoints) - {wish.network}):
            flags = endpoint_words(wish.endpoints[network])
            yield _call("connect", network, asked.name, *flags)


def _start(asked: Asked, by_service: dict[str, str]) -> Iterator[str]:
    """Waits for what must be there first, then starts what runs on the old host."""
    status = asked.container.document("State").text("Status")
    if status not in ("running", "paused", "restarting"):
        return
    for dependency in dependencies_of(labels_of(asked.container)):
        other = by_service.get(dependency.service)
        if other and dependency.condition is Condition.HEALTHY:
            yield _call("healthy", other)
        elif other and dependency.condition is Condition.COMPLETED:
            yield f'[ "$(docker wait {shlex.quote(other)})" = 0 ]'
    yield _call("start", asked.name)
    if status == "paused":
        name = shlex.quote(asked.name)
        status = "{{.State.Status}}"
        yield f"[ \"$(state '{status}' {name})\" = paused ] || docker pause {name}"
