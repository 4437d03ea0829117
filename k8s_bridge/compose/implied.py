"""What a service has without saying so: defaults, and what follows from what it says.

```
 build: {}                 ─▶ context ".", dockerfile "Dockerfile"
 ports: [{target: 80}]     ─▶ protocol tcp, mode ingress
 secrets: [{source: key}]  ─▶ target /run/secrets/key
 gpus: [{driver: x}]       ─▶ count all
 links: [db], pid: service:db, volumes_from: [db]   ─▶ depends_on db
 no networks, no network_mode                       ─▶ networks: {default: null}
 scale: 2 beside deploy    ─▶ deploy.replicas 2
```

Invariant: what was said stays. The order is Compose's: defaults come before paths are
made absolute, the rest after, when every file has been merged.
"""

import posixpath
from collections.abc import Mapping

from k8s_bridge.compose.canonical import canonical_service
from k8s_bridge.compose.container_words import CONTAINER
from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.merging import merged
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.trees import changed_at, each

__all__ = ["implied", "with_defaults"]

_Table = dict[str, Value]
_STARTED: Value = "service_started"
_PREFIX = "service:"


def with_defaults(model: Value) -> Value:
    """A document in canonical form with the defaults of what it contains.

    >>> with_defaults({"services": {"web": {"gpus": [{"driver": "nvidia"}]}}})
    {'services': {'web': {'gpus': [{'driver': 'nvidia', 'count': 'all'}]}}}
    """
    services = each(_service_defaults)
    return changed_at(model, {"services": services, "jobs": services})


def _service_defaults(value: Value) -> Value:
    return changed_at(
        value,
        {
            "build": lambda build: _defaults(build, {"context": "."}),
            "ports": each(
                lambda port: _defaults(port, {"protocol": "tcp", "mode": "ingress"})
            ),
            "secrets": each(_secret),
            "gpus": each(_request),
            "deploy": lambda deploy: changed_at(deploy, {"resources": _resources}),
            "volumes": each(_mount),
            "pre_start": each(lambda hook: changed_at(hook, {"volumes": each(_mount)})),
        },
    )


def _resources(value: Value) -> Value:
    devices = {"devices": each(_request)}
    return changed_at(
        value, {"reservations": lambda wishes: changed_at(wishes, devices)}
    )


def _defaults(value: Value, defaults: _Table) -> Value:
    return (
        {**value, **{k: v for k, v in defaults.items() if k not in value}}
        if (isinstance(value, dict))
        else value
    )


def _secret(value: Value) -> Value:
    if not isinstance(value, dict):
        return value
    return _defaults(value, {"target": f"/run/secrets/{value.get('source', '')}"})


def _request(value: Value) -> Value:
    if isinstance(value, dict) and not ("count" in value or "device_ids" in value):
        return {**value, "count": "all"}
    return value


def _mount(value: Value) -> Value:
    if not isinstance(value, dict) or not isinstance(value.get("target"), str):
        return value
    target = posixpath.normpath(str(value["target"]))
    # a leading pair of slashes is kept by Python and folded by Go
    return {**value, "target": target[1:] if target[:2] == "//" else target}


def implied(service: _Table, environment: Mapping[str, str]) -> _Table:
    """A service with what follows from what it says; linear in the service.

    >>> implied({"image": "nginx", "links": ["db:data"]}, {})["depends_on"]
    {'db': {'condition': 'service_started', 'restart': True, 'required': True}}
    """
    done = dict(service)
    if not done.get("networks"):
        done.pop("networks", None)
        if "network_mode" not in done and "provider" not in done:
            done["networks"] = {"default": None}
    if done.get("pull_policy") == "if_not_present":
        done["pull_policy"] = "missing"
    if isinstance(done.get("build"), dict):
        done["build"] = _build(done["build"], environment)
    if isinstance(done.get("environment"), dict):
        done["environment"] = _resolved(done["environment"], environment)
    dependencies = _dependencies(done)
    if dependencies:
        done["depends_on"] = dependencies
    deploy, scale = done.get("deploy"), done.get("scale")
    if isinstance(deploy, dict) and scale is not None:
        done["deploy"] = {"replicas": scale, **deploy}
    hooks = done.get("pre_start")
    if isinstance(hooks, list):
        done["pre_start"] = [_hook(hook, done) for hook in hooks]
    return done


def _resolved(value: Value, environment: Mapping[str, str]) -> Value:
    if not isinstance(value, dict):
        return value
    return {k: environment.get(k) if v is None else v for k, v in value.items()}


def _build(value: Value, environment: Mapping[str, str]) -> Value:
    if not isinstance(value, dict):
        return value
    build = dict(value)
    if "dockerfile" not in build and "dockerfile_inline" not in build:
        build["dockerfile"] = "Dockerfile"
    args = _resolved(build.get("args"), environment)
    if isinstance(args, dict):
        build["args"] = {key: arg for key, arg in args.items() if arg is not None}
    return build


def _dependencies(service: _Table) -> _Table:
    """The services that have to be there first; what was said of one stays."""
    given = service.get("depends_on")
    found: _Table = dict(given) if isinstance(given, dict) else {}

    def need(name: str, *, restart: bool) -> None:
        dependency: _Table = {"condition": _STARTED, "required": True}
        if restart:
            dependency = {"condition": _STARTED, "restart": True, "required": True}
        found.setdefault(name, dependency)

    for link in _texts(service.get("links")):
        parts = link.split(":")
        need(parts[0] if len(parts) == 2 else link, restart=True)
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        mode = service.get(key)
        if isinstance(mode, str) and mode.startswith(_PREFIX):
            need(mode.removeprefix(_PREFIX), restart=True)
    for source in _texts(service.get("volumes_from")):
        if not source.startswith("container:"):
            need(source.partition(":")[0], restart=False)
    return found


def _hook(value: Value, service: _Table) -> Value:
    """A container that runs before the service's own, in the same surroundings."""
    shared: _Table = {
        key: item
        for key, item in service.items()
        if key in CONTAINER and key != "volumes"
    }
    both = merged(Tree(shared), Tree(value), ("services", "*"))
    return canonical_service(both.value)


def _texts(value: Value) -> list[str]:
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, str)]
