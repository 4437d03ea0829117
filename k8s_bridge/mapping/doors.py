"""Which published port answers under a name: the doors that an Ingress opens.

```
 -p 80:80   traefik.http.routers.web.rule=Host(`a.example`)  ─▶ a.example/ ─▶ 80
 -p 81:81   VIRTUAL_HOST=b.example                           ─▶ b.example/ ─▶ 81
 -p 82:82   asked for: --host c.example                      ─▶ c.example/ ─▶ 82
 -p 5432:5432                                                ─▶ no HTTP: no door
```

Invariants: a pod has at most one door; no two doors have the same host and path. Docker
has no such thing; reverse proxies read names from labels and variables, and so do we.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Publication, Service
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Plan, PlannedPod
from k8s_bridge.names import is_dns_subdomain
from k8s_bridge.options import Publish

__all__ = ["Door", "doors", "ingress"]

_HTTP = frozenset("http ws h2c grpc kubernetes.io/h2c kubernetes.io/ws".split())
# Where programs that speak plain HTTP listen, as long as nobody says anything.
_HTTP_PORTS = frozenset(
    {80, 81, 3000, 3001, 4000, 4200, 5000, 5173, 7000, 8000, 8001, 8008, 8080, 8081}
    | {8082, 8088, 8090, 8888, 9000, 9090, 9091}
)
_QUOTED = r"""[`'"]([^`'"]+)[`'"]"""
_RULE = r"(Host|PathPrefix|Path)\(([^)]*)\)"


class Door(NamedTuple):
    """A published port, and the names and the path under which it answers."""

    publication: Publication
    hosts: tuple[str, ...]
    path: str


def doors(plan: Plan) -> dict[str, Door]:
    """The door of each pod that has one, by its name; O(pods + ports)."""
    if plan.options.publish is not Publish.INGRESS:
        return {}
    wanted = {}
    for pod in plan.pods:
        publication = _spoken(pod, plan)
        if publication is not None:
            hosts, path = _said(pod.base)
            wanted[pod.name] = Door(publication, hosts, path)
    nameless = sum(not door.hosts for door in wanted.values())
    found: dict[str, Door] = {}
    taken: set[tuple[str, str]] = set()
    for name, door in sorted(wanted.items(), key=_main_first):
        named = door._replace(hosts=door.hosts or _given(name, nameless, plan))
        places = {(host, door.path) for host in named.hosts or ("",)}
        if not places & taken:
            found[name] = named
            taken |= places
    return {name: found[name] for name in wanted if name in found}


def _main_first(item: tuple[str, Door]) -> bool:
    """Who has port 80 of the host is asked for by its address alone."""
    return item[1].publication.host_port != 80


def _given(pod: str, nameless: int, plan: Plan) -> tuple[str, ...]:
    """The chosen host; several pods without a name are names below it."""
    host = plan.options.host
    if not host:
        return ()
    return (host,) if nameless == 1 else (f"{pod}.{host.removeprefix('*.')}",)


def _spoken(pod: PlannedPod, plan: Plan) -> Publication | None:
    """The first published port that speaks HTTP, or the one that a proxy is told."""
    candidates = [
        p for p in plan.opened(pod) if p.port.protocol == "tcp" and not plan.on_node(p)
    ]
    told = _told_port(pod.base)
    spoken = [p for p in candidates if p.port.number == told]
    spoken += [p for p in candidates if p.app_protocol.lower() in _HTTP]
    spoken += [
        p
        for p in candidates
        if not p.app_protocol and (p.port.number in _HTTP_PORTS or p.name == "http")
    ]
    return spoken[0] if spoken else None


def _labels(service: Service) -> Iterator[tuple[str, str]]:
    yield from service.labels
    yield from service.scheduling.labels


def _told_port(service: Service) -> int:
    texts = [v for k, v in _labels(service) if k.endswith("loadbalancer.server.port")]
    texts += [v.value for v in service.program.env if v.name == "VIRTUAL_PORT"]
    return next((int(text) for text in texts if text.isdecimal()), 0)


def _said(service: Service) -> tuple[tuple[str, ...], str]:
    """The hosts and the path that a reverse proxy is told."""
    hosts: list[str] = []
    path = "/"
    for key, value in _labels(service):
        if key.startswith("traefik.") and key.endswith(".rule"):
            for word, arguments in re.findall(_RULE, value):
                names = re.findall(_QUOTED, arguments)
                if word == "Host":
                    hosts += names
                elif names:
                    path = names[0]
        elif key == "caddy":
            hosts += value.split()
    for variable in service.program.env:
        if variable.name == "VIRTUAL_HOST":
            hosts += [name.strip() for name in variable.value.split(",")]
        elif variable.name == "VIRTUAL_PATH":
            path = variable.value
    good = dict.fromkeys(host.lower() for host in hosts if _is_host(host.lower()))
    return tuple(good), path if path.startswith("/") else "/"


def _is_host(text: str) -> bool:
    """Whether an Ingress may have it: a name, not an address."""
    name = text.removeprefix("*.")
    return is_dns_subdomain(name) and not name.replace(".", "").isdecimal()


def ingress(pod: PlannedPod, door: Door, service: str, port: int, plan: Plan) -> Fields:
    """The Ingress that leads to a port of a Service."""
    backend: Fields = {"service": {"name": service, "port": {"number": port}}}
    path: Fields = {"path": door.path, "pathType": "Prefix", "backend": backend}
    rules = [_rule(host, [path]) for host in door.hosts or ("",)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": pod.name, "labels": {NAME_LABEL: pod.name}},
        "spec": {
            **fields(ingressClassName=plan.options.ingress_class),
            "rules": rules,
        },
    }


def _rule(host: str, paths: Iterable[Fields]) -> Fields:
    return {**fields(host=host), "http": {"paths": list(paths)}}
