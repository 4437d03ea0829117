"""moby's own Swagger files, and what an answer breaks of them.

```
docker-engine-v1.51.yaml ──▶ Swagger ──▶ operation(method, path)
                                │
   answer ──────────────────────┴──▶ violations: ["NetworkSettings.Ports: 5 is not ..."]
```

The files are data beside the checkout, not part of it. They are Swagger 2.0, which is
JSON Schema (draft 4) but for ``x-nullable``; and they describe a server in Go, whose
empty slices and maps are written as null. Where the file forgets to say so, `NULLS`
names the place, each with where a real engine was seen to answer null.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jsonschema
import yaml

from minidock.api.http import Response
from minidock.model.document import Json

__all__ = [
    "FOLDER",
    "NULLS",
    "RECORDED_NULLS",
    "Operation",
    "Swagger",
    "swagger",
    "with_nulls",
    "without_nulls",
]

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "spec"

RECORDED_NULLS = frozenset(
    """
    ContainerConfig.Cmd ContainerConfig.Entrypoint ContainerConfig.Env
    ContainerConfig.Labels ContainerConfig.Volumes
    ContainerWaitExitError EndpointSettings.Aliases EndpointSettings.Links
    GenericResources HostConfig.Binds HostConfig.CapAdd HostConfig.CapDrop
    HostConfig.Dns HostConfig.DnsOptions HostConfig.DnsSearch HostConfig.ExtraHosts
    HostConfig.GroupAdd HostConfig.Links HostConfig.SecurityOpt HostConfig.VolumesFrom
    IPAM.Options ImageConfig.Entrypoint ImageConfig.Env ImageConfig.Labels
    ImageConfig.Volumes ImageSummary.Labels ImageSummary.RepoDigests
    PluginsInfo.Authorization PortMap Resources.BlkioDeviceReadBps
    Resources.BlkioDeviceReadIOps Resources.BlkioDeviceWriteBps
    Resources.BlkioDeviceWriteIOps Resources.BlkioWeightDevice
    Resources.DeviceCgroupRules Resources.DeviceRequests Resources.Devices
    Resources.MemorySwappiness Resources.Ulimits SystemInfo.Warnings
    VolumeListResponse.Warnings
    """.split()
) | {
    "GET /exec/{}/json.ExitCode",
    "GET /system/df.BuildCache",
    "POST /containers/{}/update.Warnings",
    "ContainerUpdateResponse.Warnings",
    "ContainerBlkioStats.io_service_bytes_recursive",
}
"""Where a recorded engine answers null though the file does not say so."""

GO_NULLS = {
    "DeviceRequest.DeviceIDs": "a slice: docker run --gpus all sends null itself",
    "EndpointSettings.DNSNames": "a slice that a predefined network leaves nil",
    "ClusterInfo.DefaultAddrPool": "a slice: nothing was said of it, recorded in a swarm",
    "Network.Containers": "a map: a swarm's network that is not used on this node",
    "Network.Labels": "the same",
    "Network.Options": "a map: a swarm's network that no node has",
    "IPAM.Config": "a slice: the same",
    "HistoryResponseItem.Tags": "a slice: only the newest layer has names",
    "GET /images/{}/history[].Tags": "the same; the file describes it in place",
    "HostConfig.MaskedPaths": "a slice that a privileged container leaves nil",
    "HostConfig.ReadonlyPaths": "the same",
    "RegistryServiceConfig.AllowNondistributableArtifactsCIDRs": "the file's own words: "
    "the field is always null",
    "RegistryServiceConfig.AllowNondistributableArtifactsHostnames": "the same",
    "Volume.Labels": "a map that a volume without labels leaves nil",
    "Volume.Options": "the same",
    "GET /containers/{}/changes": "a slice: nothing was changed",
    "POST /images/prune.ImagesDeleted": "a slice: nothing was deleted",
    "POST /containers/prune.ContainersDeleted": "the same",
    "POST /networks/prune.NetworksDeleted": "the same",
    "POST /volumes/prune.VolumesDeleted": "the same",
    "POST /build/prune.CachesDeleted": "the same",
}
"""Where no recording has one, but Go's type writes null for nothing (no omitempty)."""

NULLS = frozenset(RECORDED_NULLS | set(GO_NULLS))

PLAIN = {"POST /containers/{}/attach", "POST /exec/{}/start"}
"""What refuses with a plain text, once it has taken the connection over (recorded)."""

_INSIDE = {"items": "[]", "additionalProperties": "{}"}
"""How a place names what is inside a list, and inside a map."""

_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_RANGES = {
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
    "uint32": (0, 2**32 - 1),
    "uint16": (0, 2**16 - 1),
    "uint8": (0, 255),
}
_CHECKER = jsonschema.FormatChecker(formats=())


@_CHECKER.checks("dateTime")
@_CHECKER.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or _TIME.fullmatch(value) is not None


def _in_range(name: str, value: object) -> bool:
    low, high = _RANGES[name]
    return not isinstance(value, int) or low <= value <= high


for _name in _RANGES:
    _CHECKER.checks(_name)(lambda value, name=_name: _in_range(name, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of the file: its template, and a schema for each status (None: empty)."""

    method: str
    path: str
    produces: tuple[str, ...]
    statuses: dict[str, Json]


def _shape(path: str) -> str:
    """A path without the names of its words, which differ between files."""
    return re.sub(r"\{\w+\}", "{}", path)


def _name(method: str, path: str) -> str:
    return f"{method} {_shape(path)}"


def without_nulls(
    schema: object, place: str = "", nulls: frozenset[str] = frozenset()
) -> object:
    """The schema as plain JSON Schema: ``x-nullable`` becomes a type that may be null.

    >>> without_nulls({"type": "string", "x-nullable": True})
    {'type': ['string', 'null']}
    """
    if isinstance(schema, list):
        return [without_nulls(item, place, nulls) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: _inside(key, value, place, nulls)
        for key, value in schema.items()
        if key not in {"example", "examples", "default", "x-nullable", "description"}
    }
    if not schema.get("x-nullable") and place not in nulls:
        return plain
    if isinstance(plain.get("type"), str):
        kinds = [plain["type"], "null"]
        values = plain.get("enum")
        extra = {"enum": [*values, None]} if isinstance(values, list) else {}
        return {**plain, "type": kinds, **extra}
    return {"anyOf": [plain, {"type": "null"}]}


def _inside(key: str, value: object, place: str, nulls: frozenset[str]) -> object:
    if key == "enum":
        return value
    if key == "properties" and isinstance(value, dict):
        return {
            name: without_nulls(item, f"{place}.{name}", nulls)
            for name, item in value.items()
        }
    return without_nulls(value, place + _INSIDE.get(key, ""), nulls)


def with_nulls(schema: object, place: str) -> object:
    """The file's own words, with ``x-nullable`` where `NULLS` names the place."""
    if isinstance(schema, list):
        return [with_nulls(item, place) for item in schema]
    if not isinstance(schema, dict):
        return schema
    marked: dict[str, object] = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            marked[key] = {
                name: with_nulls(item, f"{place}.{name}")
                for name, item in value.items()
            }
        else:
            marked[key] = with_nulls(value, place + _INSIDE.get(str(key), ""))
    return marked | ({"x-nullable": True} if place in NULLS else {})


class Swagger:
    """One version of the API, as moby describes it."""

    def __init__(self, version: str, nulls: frozenset[str] = NULLS) -> None:
        text = (FOLDER / f"docker-engine-v{version}.yaml").read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a hundred times faster
        self.version, self.nulls = version, nulls
        self.document = yaml.load(text, Loader=loader)
        self.definitions = {
            name: without_nulls(schema, name, nulls)
            for name, schema in self.document["definitions"].items()
        }
        self._operations = {
            (operation.method, _shape(operation.path)): operation
            for operation in self._read()
        }
        self._validators: dict[str, jsonschema.Draft4Validator] = {}

    def restricted(self, served: Iterable[tuple[str, str]]) -> dict[str, object]:
        """The file as it is, but only with these calls, and with the nulls marked."""
        wanted = {(method, _shape(path)) for method, path in served}
        paths: dict[str, object] = {}
        for path, item in self.document["paths"].items():
            kept = {
                method: with_nulls(given, _name(method.upper(), path))
                for method, given in item.items()
                if (method.upper(), _shape(path)) in wanted
            }
            if kept:
                paths[path] = kept
        definitions = {
            name: with_nulls(schema, name)
            for name, schema in self.document["definitions"].items()
        }
        return {**self.document, "paths": paths, "definitions": definitions}

    def _read(self) -> list[Operation]:
        found = []
        for path, item in self.document["paths"].items():
            for method, given in item.items():
                name = _name(method.upper(), path)
                statuses = {
                    str(status): without_nulls(answer.get("schema"), name, self.nulls)
                    for status, answer in given["responses"].items()
                }
                produces = given.get("produces", self.document["produces"])
                found.append(
                    Operation(
                        method=method.upper(),
                        path=path,
                        produces=tuple(produces),
                        statuses=statuses,
                    )
                )
        return found

    def operation(self, method: str, template: str) -> Operation | None:
        """The call with this method and a template such as ``/networks/{id}``."""
        return self._operations.get((method, _shape(template)))

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(self._operations.values())

    def violations(
        self, operation: Operation, response: Response, *, strict: bool = False
    ) -> list[str]:
        """What an answer breaks of the file; [] where it is as moby describes it.

        A status that the file forgets is judged as an error, which has a message.
        """
        status = str(response.status)
        operation = self.operation(operation.method, operation.path) or operation
        if operation.method == "HEAD" or status in {"204", "304", "101"}:
            return [f"{status} has a body"] if response.body is not None else []
        if status not in operation.statuses:
            if strict or response.status < 400:
                return [f"status {status} is not in the file"]
            schema: Json = {"$ref": "#/definitions/ErrorResponse"}
        else:
            schema = operation.statuses[status]
        if response.status >= 400 and not isinstance(response.body, dict):
            if response.text and _name(operation.method, operation.path) in PLAIN:
                return []
            return [f"{status} without a message"]
        if response.body is None or not isinstance(schema, dict):
            return self._bodiless(response, schema)
        return self.faults(
            schema, response.body, _name(operation.method, operation.path)
        )

    def _bodiless(self, response: Response, schema: Json) -> list[str]:
        streams = response.lines, response.text, response.data, response.stream
        if response.body is None and isinstance(schema, dict):
            nothing = all(part is None for part in streams)
            return ["no body where the file has one"] if nothing else []
        return []

    def faults(self, schema: Json, body: Json, place: str = "") -> list[str]:
        """What a JSON value breaks of a schema of this file, which stands at a place."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {"definitions": self.definitions, "allOf": [schema]}
            self._validators[key] = jsonschema.Draft4Validator(
                whole, format_checker=_CHECKER
            )
        wire = json.loads(json.dumps(body))
        return sorted(
            {
                f"{self._place(place, schema, error.absolute_schema_path)}: "
                f"{error.message[:200]}"
                for error in self._validators[key].iter_errors(wire)
            }
        )

    def _place(self, start: str, schema: Json, steps: Iterable[str | int]) -> str:
        """Where in the file a rule stands: ``HostConfig.Binds``, ``Network.Containers{}``."""
        node: object = {"allOf": [schema]}
        place, words = start, iter(steps)
        for word in words:
            if isinstance(node, dict) and "$ref" in node:  # no step of its own
                place = str(node["$ref"]).rpartition("/")[2]
                node = self.definitions[place]
            node = node[word]  # type: ignore[index]  # a way that the validator went
            if word == "properties":
                name = next(words)
                node = node[name]
                place += f".{name}"
            elif word in _INSIDE:
                place += _INSIDE[str(word)]
        return place


@cache
def swagger(version: str, nulls: frozenset[str] = NULLS) -> Swagger:
    """The file of a version, read once."""
    return Swagger(version, nulls)
