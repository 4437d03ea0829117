"""Names that resolve, and ports that are open to the outside.

```
 service and container names,                 published ports
 aliases, link aliases                               │
            │                                        ▼
            ▼                                Service NAME-published
 Service NAME, clusterIP: None, no ports     LoadBalancer or NodePort,
 answers with the pods' own addresses,       host port ─▶ container port
 on all ports, ready or not: what
 Docker's DNS server does                    Service NAME-http ◀── Ingress NAME
```

Invariants: a name that several pods answer to is one Service selecting a label that
they share; no two Services have one name; a Service has each port and protocol once.
"""

from collections.abc import Iterator

from k8s_bridge.application import Link, Service
from k8s_bridge.mapping.directory import Directory, has_names
from k8s_bridge.mapping.doors import ingress
from k8s_bridge.mapping.part import Fields, fields, protocol
from k8s_bridge.mapping.plan import NAME_LABEL, Plan, PlannedPod
from k8s_bridge.report import Note, Outcome, changed, kept, lost

__all__ = ["name_notes", "peer_services", "published_services"]


def peer_services(plan: Plan, directory: Directory) -> Iterator[Fields]:
    """A headless Service for each name."""
    by_name = {pod.name: pod for pod in plan.pods}
    for name, service in directory.services.items():
        pods = directory.pods(name)
        selector = {NAME_LABEL: pods[0]}
        if len(pods) > 1:
            selector = {f"name.minidock/{service}": "true"}
        original = {} if name == service else {"minidock/docker-name": name}
        owner = {NAME_LABEL: pods[0]} if len(pods) == 1 else {}
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": fields(name=service, labels=owner, annotations=original),
            "spec": {
                **_address(name, by_name[pods[0]]),
                "publishNotReadyAddresses": True,
                "selector": selector,
                **fields(ports=_virtual_ports(name, by_name[pods[0]])),
            },
        }


def _address(name: str, pod: PlannedPod) -> Fields:
    return {} if _virtual_ports(name, pod) else {"clusterIP": "None"}


def _virtual_ports(name: str, pod: PlannedPod) -> list[Fields]:
    """The ports of a service that asks for one address for all of its containers.

    Such an address has only ports that are declared. A service without any keeps the
    addresses of its pods, or its name would lead nowhere.
    """
    if pod.base.scheduling.endpoint_mode != "vip" or name != pod.base.name.lower():
        return []
    return [
        {
            "name": f"{port.number}-{port.protocol}",
            "port": port.number,
            **protocol(port),
            "targetPort": port.number,
        }
        for port in pod.base.networking.ports
    ]


def published_services(plan: Plan, directory: Directory) -> Iterator[Fields]:
    """The Services and Ingresses for ports that are open to the outside."""
    for pod in plan.pods:
        if pod.name in directory.published:
            yield _service(
                directory.published[pod.name],
                pod,
                directory.openings[pod.name].ports,
                {"type": plan.outer_type},
            )
        if pod.name in directory.behind:
            name = directory.behind[pod.name]
            ports = directory.openings[pod.name].behind
            yield _service(name, pod, ports, {})
            number = ports[0]["port"]
            if isinstance(number, int):
                yield ingress(pod, directory.doors[pod.name], name, number, plan)


def _service(name: str, pod: PlannedPod, ports: list[Fields], kind: Fields) -> Fields:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {NAME_LABEL: pod.name}},
        "spec": {**kind, "selector": {NAME_LABEL: pod.name}, "ports": ports},
    }


def name_notes(service: Service, plan: Plan, directory: Directory) -> Iterator[Note]:
    """What became of a service's name, aliases and links."""
    pod = plan.pod_of(service.name)
    if pod is None:
        return
    yield _name_note(service, pod, directory)
    yield from _container_name_notes(service, pod, directory)
    yield _endpoint_note(service, pod)
    for attachment in service.networking.attachments:
        where = f"aliases@{attachment.network}"
        if attachment.aliases and not has_names(attachment, plan):
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


def _container_name_notes(
    service: Service, pod: PlannedPod, directory: Directory
) -> Iterator[Note]:
    name = service.program.container_name
    if not name:
        yield kept("container_name", "it is the service's own name")
    elif service is pod.base and name.lower() in directory.services:
        yield _alias_note("container_name", name, directory)
    else:
        how = "no Service, as Docker's DNS has no such name; the pod has its own"
        yield changed("container_name", how)


def _endpoint_note(service: Service, pod: PlannedPod) -> Note:
    if service.scheduling.endpoint_mode != "vip":
        return kept("endpoint_mode", "a headless Service: the pods' own addresses")
    if service is pod.base and _virtual_ports(service.name.lower(), pod):
        how = "a ClusterIP Service: one address, but only for ports that are declared"
        return changed("endpoint_mode", how)
    why = "no port is declared that a ClusterIP could have: the pods' own addresses"
    return lost("endpoint_mode", why)


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
