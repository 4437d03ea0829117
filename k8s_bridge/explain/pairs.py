"""What of Docker corresponds to which objects of Kubernetes.

```
 Application + manifests ─▶ Pair(topic, Docker's thing, Kubernetes' things)
   container web            Deployment web ─ Pod ─ container web
   network front            label network.minidock/front, NetworkPolicy network-front
   name db                  Service db, headless
```

Invariant: every object of the manifests is in some pair; those that Docker knows
nothing of stand beside an empty place.
"""

from collections.abc import Iterator, Mapping, Sequence

from k8s_bridge.application import (
    Application,
    Grant,
    NetworkMode,
    Service,
)
from k8s_bridge.explain.mounted import mounted, volumes
from k8s_bridge.explain.things import (
    CONTROLLERS,
    Objects,
    Pair,
    Thing,
    Topic,
    kind_of,
    name_of,
    pod_spec,
)
from k8s_bridge.manifests import Manifest
from k8s_bridge.reverse.back import reverse
from minidock.model.document import Document

__all__ = ["topics"]

_NETWORK = "network.minidock/"
_NONE = "none"


def topics(
    application: Application, manifests: Sequence[Manifest]
) -> tuple[Topic, ...]:
    """The pairs by topic, without topics that have none; O(size), but for configs.

    >>> from k8s_bridge.application import Program
    >>> from k8s_bridge.translate import translate
    >>> web = Service(name="web", program=Program(image="nginx"))
    >>> result = translate(Application(services=(web,)))
    >>> [topic.title for topic in topics(result.application, result.manifests)]
    ['Containers', 'Networks']
    """
    objects = Objects(manifests)
    services_of = reverse(manifests).services_of
    first = _first(objects, services_of)
    backing = mounted(objects, services_of)
    made = (
        ("Containers", tuple(_containers(application, objects, services_of))),
        ("Networks", tuple(_networks(application, objects))),
        ("Published ports", tuple(_ports(application, objects, services_of))),
        ("Waiting", tuple(_waiting(application, objects, first))),
        ("Names", tuple(_names(application, objects))),
        ("Storage", tuple(volumes(application, objects, backing))),
        ("Configs and secrets", tuple(_stored(application, objects))),
        ("Only in Kubernetes", tuple(_others(objects))),
    )
    return tuple(
        Topic(title, _SENTENCES[title], pairs) for title, pairs in made if pairs
    )


_SENTENCES = {
    "Containers": "A container becomes a pod, and something that keeps the pod there.",
    "Networks": "All pods are on one network: a label and a policy say who may talk.",
    "Published ports": "What -p opens on the host, a Service of its own opens outside.",
    "Waiting": "Who must be there first is asked by a container that runs before.",
    "Names": "Docker's DNS answers with containers, a headless Service with pods.",
    "Storage": "A volume is asked for with a claim; a folder of the host stays one.",
    "Configs and secrets": "Files that are kept apart are kept apart here, too.",
    "Only in Kubernetes": "Docker has nothing that corresponds.",
}


def _containers(
    application: Application,
    objects: Objects,
    services_of: Mapping[tuple[str, str], tuple[str, ...]],
) -> Iterator[Pair]:
    known = {service.name: service for service in application.services}
    for workload in objects.of(*CONTROLLERS):
        objects.take(workload)
        names = services_of.get((kind_of(workload), name_of(workload)), ())
        services = [known[name] for name in names if name in known]
        spec = pod_spec(workload)
        lines = [f"image {s.program.image}" for s in services[:1]]
        lines += _life(services[0]) if services else []
        lines += [f"joined by {s.name}: {s.program.image}" for s in services[1:]]
        own = Thing(f"container {names[0]}", tuple(lines)) if services else None
        yield Pair(own, (_keeper(workload), _pod(spec)))


def _life(service: Service) -> list[str]:
    lifecycle, mode = service.lifecycle, service.networking.mode
    lines = [f"restart {lifecycle.restart}"] if lifecycle.restart else []
    if service.scheduling.replicas not in (None, 1):
        lines.append(f"replicas {service.scheduling.replicas}")
    if mode in (NetworkMode.HOST, NetworkMode.NONE):
        lines.append(f"network {mode}")
    if lifecycle.healthcheck is not None:
        lines.append("a health check")
    return lines


def _keeper(workload: Document) -> Thing:
    kind, spec = kind_of(workload), workload.document("spec")
    words = {
        "Pod": "alone: nothing makes it again",
        "DaemonSet": "one on each node",
        "Job": "until it has completed",
        "CronJob": f"at {spec.text('schedule')}",
    }
    kept = f"keeps {spec.number('replicas')} there"
    return Thing(f"{kind} {name_of(workload)}", (words.get(kind, kept),))


def _pod(spec: Document) -> Thing:
    lines: list[str] = []
    for key in ("initContainers", "containers"):
        for container in _documents(spec.get(key)):
            first = "first " if key == "initContainers" else ""
            probe = ", readinessProbe" if "readinessProbe" in container else ""
            lines.append(f"{first}container {container.text('name')}{probe}")
    if spec.flag("hostNetwork"):
        lines.append("hostNetwork")
    return Thing("Pod", tuple(lines))


def _documents(value: object) -> Iterator[Document]:
    for item in value if isinstance(value, tuple) else ():
        if isinstance(item, Document):
            yield item


def _networks(application: Application, objects: Objects) -> Iterator[Pair]:
    on: dict[str, list[str]] = {}
    for service in application.services:
        for attachment in service.networking.attachments:
            on.setdefault(attachment.network, []).append(service.name)
    about: dict[str, list[Document]] = {}
    for policy in objects.of("NetworkPolicy"):
        about.setdefault(_about(policy), []).append(policy)
    for network in application.networks:
        members = on.get(network.name, [])
        lines = [f"members {', '.join(members)}"] if members else []
        lines += ["internal: no way out"] if network.internal else []
        lines += ["icc=false: members may not talk"] if not network.icc else []
        known = about.pop(network.name, [])
        things = [_policy(objects.take(policy)) for policy in known]
        if things:
            label = Thing(f"label {_NETWORK}{network.name}", ("on each member's pod",))
            things.insert(0, label)
        else:
            things = [Thing("the cluster's network", ("every pod is on it",))]
        yield Pair(Thing(f"network {network.name}", tuple(lines)), tuple(things))
    for policy in about.get(_NONE, ()):  # Docker's own, which has no members to name
        own = Thing(f"network {_NONE}", ("nothing but the loopback",))
        yield Pair(own, (_policy(objects.take(policy)),))


def _about(policy: Document) -> str:
    """The network that a policy is about, "" for none."""
    selector = policy.document("spec").document("podSelector")
    keys = [k for k in selector.document("matchLabels") if k.startswith(_NETWORK)]
    return keys[0].removeprefix(_NETWORK) if len(keys) == 1 else ""


def _policy(policy: Document) -> Thing:
    spec = policy.document("spec")
    types = " and ".join(spec.texts("policyTypes")).lower() or "ingress"
    return Thing(f"NetworkPolicy {name_of(policy)}", (f"says what of {types} is open",))


def _ports(
    application: Application,
    objects: Objects,
    services_of: Mapping[tuple[str, str], tuple[str, ...]],
) -> Iterator[Pair]:
    workload_of = {n: name for (_, name), names in services_of.items() for n in names}
    doors: dict[str, list[Document]] = {}
    for found in objects.of("Service"):
        if found.document("spec").text("type") in ("LoadBalancer", "NodePort"):
            for label in found.document("spec").document("selector").values():
                doors.setdefault(str(label), []).append(found)
    for service in application.services:
        published = service.networking.published
        if not published:
            continue
        pod = workload_of.get(service.name, service.name)
        things = [_door(objects.take(door)) for door in doors.get(pod, [])]
        policy = objects.find("NetworkPolicy", f"published-{pod}")
        things += [_policy(policy)] if policy else []
        inner = objects.find("Service", f"{pod}-http")
        things += [_door(inner)] if inner else []
        ingress = objects.find("Ingress", pod) if inner else None
        things += (
            [Thing(f"Ingress {pod}", ("a name in front of it",))] if ingress else []
        )
        lines = tuple(f"-p {str(p).removesuffix('/tcp')}" for p in published)
        yield Pair(Thing(f"ports of {service.name}", lines), tuple(things))


def _door(service: Document) -> Thing:
    spec = service.document("spec")
    lines = [
        f"port {p.number('port')} to {p.get('targetPort') or p.number('port')}"
        for p in _documents(spec.get("ports"))
    ]
    kind = spec.text("type") or "ClusterIP"
    return Thing(f"Service {name_of(service)}", (kind, *lines))


def _first(
    objects: Objects, services_of: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[str, list[str]]:
    """The init containers of the pod that each service is in."""
    found: dict[str, list[str]] = {}
    for workload in objects.of(*CONTROLLERS):
        gates = _documents(pod_spec(workload).get("initContainers"))
        names = [gate.text("name") for gate in gates]
        for service in services_of.get((kind_of(workload), name_of(workload)), ()):
            found[service] = names
    return found


def _waiting(
    application: Application, objects: Objects, first: Mapping[str, list[str]]
) -> Iterator[Pair]:
    for service in application.services:
        for dependency in service.dependencies:
            name = dependency.service
            condition = str(dependency.condition).removeprefix("service_")
            ready = objects.find("Service", f"{name}-ready".lower())
            lines = (f"waits for {name}: {condition.replace('_', ' ')}",)
            gates = [g for g in first.get(service.name, ()) if name.lower() in g]
            things = [Thing(f"init container {gate}") for gate in gates[:1]]
            if not things:
                things = [Thing("no order", ("what is missing is asked again",))]
            if ready:
                things.append(
                    Thing(f"Service {name_of(ready)}", ("answers once it is ready",))
                )
            yield Pair(Thing(f"depends_on of {service.name}", lines), tuple(things))


def _names(application: Application, objects: Objects) -> Iterator[Pair]:
    known = {service.name.lower() for service in application.services}
    for found in objects.of("Service"):
        objects.take(found)
        name = name_of(found)
        what = "name" if name in known else "alias"
        headless = found.document("spec").text("clusterIP") == "None"
        how = "headless: the pods' own addresses" if headless else "one address"
        yield Pair(Thing(f"{what} {name}"), (Thing(f"Service {name}", (how,)),))


def _stored(application: Application, objects: Objects) -> Iterator[Pair]:
    for word, kind, stored in (
        ("config", "ConfigMap", application.configs),
        ("secret", "Secret", application.secrets),
    ):
        by_name: dict[str, list[Document]] = {}
        for document in objects.of(kind):
            for name in {name_of(document), _docker_name(document)}:
                by_name.setdefault(name, []).append(document)
        for item in stored:
            found = by_name.get(item.name, [])
            names = [name_of(objects.take(d)) for d in found] or [item.name]
            where = tuple(_places(application, word, item.name))
            things = tuple(Thing(f"{kind} {name}") for name in names)
            yield Pair(Thing(f"{word} {item.name}", where), things)


def _docker_name(document: Document) -> str:
    notes = document.document("metadata").document("annotations")
    return notes.text("minidock/docker-name")


def _places(application: Application, word: str, name: str) -> Iterator[str]:
    for service in application.services:
        grants: tuple[Grant, ...] = service.configs
        if word == "secret":
            grants = service.secrets
        for grant in grants:
            if grant.source == name:
                yield f"{service.name} at {grant.target}"


def _others(objects: Objects) -> Iterator[Pair]:
    for found in objects.rest():
        yield Pair(None, (Thing(f"{kind_of(found)} {name_of(found)}"),))
