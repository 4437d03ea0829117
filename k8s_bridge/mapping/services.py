"""Names that resolve, and ports that are open to the outside.

```
 container name, aliases, link aliases        published ports
            │                                        │
            ▼                                        ▼
 Service NAME, clusterIP: None, no ports     Service NAME-published
 answers with the pods' own addresses,       LoadBalancer or NodePort,
 on all ports, ready or not: what            host port ─▶ container port
 Docker's DNS server does
```

Invariants: a name that several pods answer to is one Service selecting a label that
they share; no two Services have one name; a Service has each port and protocol once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from k8s_bridge.application import Attachment, Link, Service
from k8s_bridge.mapping.names import assign
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Plan, PlannedPod
from k8s_bridge.mapping.publishing import service_ports
from k8s_bridge.options import Publish
from k8s_bridge.report import Note, Outcome, changed, kept, lost

__all__ = [
    "Directory",
    "directory_of",
    "name_notes",
    "peer_services",
    "published_services",
]


@dataclass(frozen=True, slots=True)
class Directory:
    """Who answers to which name, asked from where.

    ``answers`` has, for each name in lower case, the pods that answer in each scope: a
    network, or one service's link. ``services`` has the Service of each name, and
    ``published`` the Service with the published ports of each pod.
    """

    answers: dict[str, dict[str, tuple[str, ...]]]
    services: dict[str, str]
    published: dict[str, str]

    def pods(self, name: str) -> tuple[str, ...]:
        """The pods that answer to a name anywhere."""
        scopes = self.answers[name].values()
        return tuple(dict.fromkeys(pod for pods in scopes for pod in pods))

    def ambiguous(self, name: str) -> bool:
        """Whether it means different pods in different places."""
        return len({frozenset(pods) for pods in self.answers[name].values()}) > 1

    def labels(self, pod: str) -> dict[str, str]:
        """The labels by which Services with several pods find this one."""
        shared = (n for n in self.answers if len(self.pods(n)) > 1)
        return {
            f"name.minidock/{self.services[name]}": "true"
            for name in shared
            if pod in self.pods(name)
        }


def directory_of(plan: Plan) -> Directory:
    """Collects every name of the application; O(names)."""
    answers: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, scope, pod in _names(plan):
        scopes = answers.setdefault(name.lower(), {})
        scopes[scope] = tuple(dict.fromkeys((*scopes.get(scope, ()), pod)))
    services = assign(answers)
    taken = set(services.values())
    open_pods = (pod.name for pod in plan.pods if service_ports(pod, plan))
    wanted = {pod: f"{pod}-published" for pod in open_pods}
    names = assign(wanted.values(), taken=taken)
    return Directory(answers, services, {pod: names[w] for pod, w in wanted.items()})


def _names(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for pod in plan.pods:
        for attachment in pod.base.networking.attachments:
            # Docker's default bridge has no names; one more does no harm there.
            yield pod.base.name, attachment.network, pod.name
            for alias in attachment.aliases if _has_names(attachment, plan) else ():
                yield alias, attachment.network, pod.name
            for link in attachment.links:
                target = plan.pod_of(link.target)
                if target is not None:
                    yield link.alias, f"link of {pod.base.name}", target.name


def _has_names(attachment: Attachment, plan: Plan) -> bool:
    return not plan.application.network(attachment.network).default


def peer_services(directory: Directory) -> list[Fields]:
    """A headless Service for each name."""
    return [
        _peer(name, service, directory) for name, service in directory.services.items()
    ]


def _peer(name: str, service: str, directory: Directory) -> Fields:
    pods = directory.pods(name)
    selector = {NAME_LABEL: pods[0]}
    if len(pods) > 1:
        selector = {f"name.minidock/{service}": "true"}
    original = {} if name == service else {"minidock/docker-name": name}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": fields(name=service, annotations=original),
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": selector,
        },
    }


def published_services(plan: Plan, directory: Directory) -> list[Fields]:
    """A Service for each pod with ports that are open to the outside."""
    nodes = plan.options.publish is Publish.NODEPORT
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": directory.published[pod.name]},
            "spec": {
                "type": "NodePort" if nodes else "LoadBalancer",
                "selector": {NAME_LABEL: pod.name},
                "ports": service_ports(pod, plan),
            },
        }
        for pod in plan.pods
        if pod.name in directory.published
    ]


def name_notes(service: Service, plan: Plan, directory: Directory) -> Iterator[Note]:
    """What became of a service's name, aliases and links."""
    pod = plan.pod_of(service.name)
    if pod is None:
        return
    yield _name_note(service, pod, directory)
    for attachment in service.networking.attachments:
        where = f"aliases@{attachment.network}"
        if attachment.aliases and not _has_names(attachment, plan):
            yield lost(where, "Docker's default bridge has no names either")
            continue
        for alias in attachment.aliases:
            yield _alias_note(where, alias, directory)
        for link in attachment.links:
            yield from _link_notes(f"links@{attachment.network}", link, plan, directory)


def _name_note(service: Service, pod: PlannedPod, directory: Directory) -> Note:
    container = pod.containers[pod.services.index(service)]
    where = f"{pod.kind} {pod.name}, container {container}"
    if service.name.lower() not in directory.services or service is not pod.base:
        return changed("name", f"{where}; no Service, as Docker's DNS has no such name")
    note = _alias_note("name", service.name, directory)
    if note.outcome is Outcome.LOST and all(n.default for n in pod.networks):
        how = "Docker's default bridge has no names, so nothing asks for it"
        return changed("name", f"{where}; {how}")
    if note.outcome is Outcome.KEPT and container != service.name:
        return changed("name", f"{where}; {note.how}")
    return note._replace(how=f"{where}; {note.how}")


def _alias_note(attribute: str, alias: str, directory: Directory) -> Note:
    name = alias.lower()
    service = directory.services[name]
    if service != name:
        why = f"no DNS label, so it does not resolve: ask for {service}"
        return lost(attribute, f"{alias}: {why}")
    if directory.ambiguous(name):
        where = ", ".join(directory.answers[name])
        why = f"means different containers ({where}), the Service answers with all"
        return lost(attribute, f"{alias}: {why}")
    if name[0].isdecimal():
        how = "refused by older API servers, as it begins with a digit"
        return changed(attribute, f"headless Service {service}, {how}")
    return kept(attribute, f"headless Service {service}")


def _link_notes(
    attribute: str, link: Link, plan: Plan, directory: Directory
) -> Iterator[Note]:
    if plan.pod_of(link.target) is None:
        yield lost(attribute, f"{link.alias}: container {link.target} is not known")
        return
    note = _alias_note(attribute, link.alias, directory)
    if note.outcome is Outcome.KEPT:
        how = f"{note.how}, which every pod of the namespace can ask for"
        note = changed(attribute, how)
    yield note
    if attribute.endswith("@bridge"):
        prefix = link.alias.upper().replace("-", "_")
        yield lost(attribute, f"variables {prefix}_PORT...: they hold addresses")
