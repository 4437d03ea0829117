"""Refuse volumes, configs, secrets and entries that contradict themselves.

```
 volumes.data: {external: true, driver: nfs}       what others made is as they made it
 secrets.key: {file: a, environment: B}            two sources of one thing
 services.web.ports: [{published: 80}]             no target
```

Invariant: what passes can be given its normal form. The texts are docker compose's.
"""

from collections.abc import Iterator, Mapping

from k8s_bridge.compose.faults import Fault, entries, refuse, table
from k8s_bridge.compose.places import Path
from k8s_bridge.compose.scalars import Value
from minidock.errors import NotationError
from minidock.net.address import Address

__all__ = ["check_stored"]


def check_stored(model: Value, places: Mapping[Path, str]) -> None:
    """Refuse volumes, configs, secrets and entries that contradict themselves.

    >>> check_stored({"secrets": {"key": {"file": "a", "environment": "B"}}}, {})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: secrets.key: file|environment \
attributes are mutually exclusive
    """
    refuse(_stored_faults(model), places)


def _stored_faults(model: Value) -> Iterator[Fault]:
    for key, volume in table(model, "volumes").items():
        yield from _volume_faults(key, volume)
    for part, sources in _SOURCES.items():
        for key, stored in table(model, part).items():
            if isinstance(stored, dict):
                yield from _source_faults((part, key), stored, sources)
    for key, secret in table(model, "secrets").items():
        if isinstance(secret, dict):
            yield from _secret_faults(key, secret)
    for service, value in table(model, "services").items():
        yield from _entry_faults(("services", service), value)


_SOURCES = {
    "configs": ("file", "environment", "content"),
    "secrets": ("file", "environment"),
}


def _volume_faults(key: str, volume: Value) -> Iterator[Fault]:
    if not isinstance(volume, dict) or volume.get("external") is not True:
        return
    for other in volume:
        if other not in ("external", "name") and not other.startswith("x-"):
            yield Fault(
                ("volumes", key, other),
                f'volumes.{key}: conflicting parameters "external" and "{other}"'
                " specified",
                "a volume that others made is as they made it",
                f"leave {other} out, or external: true",
            )


def _source_faults(
    path: Path, stored: dict[str, Value], sources: tuple[str, ...]
) -> Iterator[Fault]:
    given = [source for source in sources if source in stored]
    listed = "|".join(sources)
    name = ".".join(str(step) for step in path)
    if len(given) > 1:
        yield Fault(
            (*path, given[1]),
            f"{name}: {listed} attributes are mutually exclusive",
            "its data comes from one source",
            f"leave {given[1]} out",
        )
    if not given and not ("driver" in stored or "external" in stored):
        yield Fault(
            path,
            f"{name}: one of {listed} must be set",
            "its data comes from somewhere",
            f"file: ./{path[-1]}.txt, or external: true",
        )


def _secret_faults(key: str, secret: dict[str, Value]) -> Iterator[Fault]:
    given = secret.get("external"), secret.get("file"), secret.get("environment")
    if not any(given):
        yield Fault(
            ("secrets", key),
            f'secret "{key}" must declare either `file` or `environment`'
            ": invalid compose project",
            "a secret's data comes from somewhere",
            f"file: ./{key}.txt, or external: true",
        )


def _entry_faults(path: Path, service: Value) -> Iterator[Fault]:
    """What is wrong with a port, a mount, a device by itself."""
    name = ".".join(str(step) for step in path)
    for number, port in enumerate(entries(service, "ports")):
        at = (*path, "ports", number)
        if "target" not in port:
            yield _missing(at, f"service ports {name}.ports.[{number}]", "port")
        address = port.get("host_ip")
        if isinstance(address, str) and not _is_address(address):
            yield Fault(
                (*at, "host_ip"),
                f"{name}.ports.[]: invalid ip address: {address}",
                "host_ip is an address of the host, without brackets",
                "host_ip: 127.0.0.1",
            )
    for number, mount in enumerate(entries(service, "volumes")):
        if "target" not in mount:
            at = (*path, "volumes", number)
            text = f"service volume {name}.volumes.[{number}]"
            yield _missing(at, text, "mount target")
    for number, device in enumerate(entries(service, "devices")):
        if "target" not in device:
            at = (*path, "devices", number)
            text = f"service device {name}.devices.[{number}]"
            yield _missing(at, text, "mount target")
    yield from _request_faults(path, service)
    for number, watch in enumerate(entries(table(service, "develop"), "watch")):
        if watch.get("path") == "":
            yield Fault(
                (*path, "develop", "watch", number, "path"),
                f"{name}.develop.watch.[].path: value can't be blank",
                "a file or folder is watched",
                "path: ./src",
            )


def _missing(path: Path, text: str, what: str) -> Fault:
    what = f"{what.split(maxsplit=1)[0]} target" if " " in what else f"target {what}"
    return Fault(
        path,
        f"{text} is missing a {what}",
        "where it is in the container has to be said",
        "add target:",
    )


def _request_faults(path: Path, service: Value) -> Iterator[Fault]:
    wishes = table(table(table(service, "deploy"), "resources"), "reservations")
    for steps, requests in (
        (("gpus",), entries(service, "gpus")),
        (
            ("deploy", "resources", "reservations", "devices"),
            entries(wishes, "devices"),
        ),
    ):
        for number, request in enumerate(requests):
            if "count" in request and "device_ids" in request:
                at = (*path, *steps)
                name = ".".join(str(step) for step in at)
                yield Fault(
                    (*at, number),
                    f'{name}.[]: "count" and "device_ids" attributes are exclusive',
                    "devices are counted or named",
                    "leave count out",
                )


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except NotationError:
        return False
    return True
