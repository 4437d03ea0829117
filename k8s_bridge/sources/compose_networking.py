"""Networks of a Compose project, and a service's place on them.

```
 networks: {front: {aliases: [www]}}   ─▶ Attachment("shop_front", ("www",), links)
 links: [db, "db:data"]                ─▶ on each network: db as db, db as data
 network_mode: service:web             ─▶ SHARED with web
 container:NAME                        ─▶ SHARED with the service of that container
 ports, expose                         ─▶ published, exposed; ranges are opened up
```

Invariants: a service is on the default network unless it says otherwise; networks go
by their real names; nothing here refuses.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from k8s_bridge.application import (
    Attachment,
    Link,
    Network,
    Networking,
    NetworkMode,
    Port,
)
from k8s_bridge.sources.compose_places import Places
from k8s_bridge.sources.compose_ports import publication_of
from k8s_bridge.sources.compose_settings import network_settings
from k8s_bridge.sources.compose_values import (
    Node,
    bounds,
    items,
    mapping,
    mappings,
    text,
    texts,
    whole,
)

__all__ = ["Names", "names_of", "networking", "networks"]

DEFAULT_BRIDGE = "bridge"


class Names(NamedTuple):
    """What a project's keys are called on the host.

    ``networks`` has real names by key; ``containers`` services by the name chosen for
    their container.
    """

    networks: Mapping[str, str]
    containers: Mapping[str, str]

    def network(self, key: str) -> str:
        """The real name of a network."""
        return self.networks.get(key, key)

    def service(self, reference: str) -> str:
        """The service that "service:X" or "container:X" is about; X if none is."""
        kind, _, name = reference.partition(":")
        return name if kind == "service" else self.containers.get(name, name)


def names_of(model: Node) -> Names:
    """The names of a project; O(services + networks)."""
    project = text(model, "name")
    found = {"default": f"{project}_default"}
    found |= {key: text(node, "name") or key for key, node in items(model, "networks")}
    chosen = {
        text(node, "container_name"): name for name, node in items(model, "services")
    }
    return Names(found, chosen)


def networks(model: Node, places: Places) -> Iterator[Network]:
    """The networks of a project, and Docker's own bridge if a service is on it."""
    project = text(model, "name")
    for key, node in items(model, "networks"):
        options = mapping(node, "driver_opts")
        automatic = f"{project}_{key}"
        settings = tuple(network_settings(("networks", key), node, places, automatic))
        name = text(node, "name") or key
        yield Network(
            name=name,
            driver=text(node, "driver") or "bridge",
            default=name == DEFAULT_BRIDGE,
            implicit=key == "default" and not node.get("external"),
            external=bool(node.get("external")),
            internal=bool(node.get("internal")),
            icc=text(options, "com.docker.network.bridge.enable_icc") != "false",
            settings=settings,
        )
    yield from _undeclared(model)


def _undeclared(model: Node) -> Iterator[Network]:
    """Networks that are used and stand nowhere: a job's default, Docker's bridge."""
    declared = mapping(model, "networks")
    users = [node for kind in ("services", "jobs") for _, node in items(model, kind)]
    if "default" not in declared and any(
        "default" in mapping(user, "networks") for user in users
    ):
        yield Network(name=f"{text(model, 'name')}_default", implicit=True)
    known = {text(node, "name") for _, node in items(model, "networks")}
    for name in dict.fromkeys(map(_named_network, users)):
        if name and name not in known:
            yield Network(name=name, default=name == DEFAULT_BRIDGE)


def _named_network(service: Node) -> str:
    """The network that ``network_mode`` names; "" if it names none."""
    mode = text(service, "network_mode")
    if mode in ("", "host", "none") or ":" in mode:
        return ""
    return DEFAULT_BRIDGE if mode == "default" else mode


def networking(name: str, node: Node, names: Names) -> Networking:
    """Everything of a service that concerns its network namespace."""
    mode = text(node, "network_mode")
    modes = {"host": NetworkMode.HOST, "none": NetworkMode.NONE}
    kind = modes.get(mode, NetworkMode.SHARED if ":" in mode else NetworkMode.NETWORKS)
    attachments: tuple[Attachment, ...] = ()
    if kind is NetworkMode.NETWORKS:
        attachments = tuple(_attachments(name, node, names))
        kind = kind if attachments else NetworkMode.NONE
    return Networking(
        mode=kind,
        shares=names.service(mode) if kind is NetworkMode.SHARED else "",
        attachments=attachments,
        exposed=tuple(_exposed(node)),
        published=tuple(map(publication_of, mappings(node, "ports"))),
        hostname=text(node, "hostname"),
        domainname=text(node, "domainname"),
        dns=texts(node, "dns"),
        dns_search=texts(node, "dns_search"),
        dns_options=texts(node, "dns_opt"),
        extra_hosts=tuple(map(_extra_host, texts(node, "extra_hosts"))),
    )


def _attachments(name: str, node: Node, names: Names) -> Iterator[Attachment]:
    own = _named_network(node)
    links = tuple(dict.fromkeys(map(_link, texts(node, "links"))))
    if own:
        yield Attachment(network=own, links=links)
        return
    # Docker's resolver knows a container's host name too.
    automatic = ("", name, text(node, "container_name"))
    wanted = list(items(node, "networks"))
    for key, endpoint in sorted(wanted, key=_priority):
        aliases = dict.fromkeys((*texts(endpoint, "aliases"), text(node, "hostname")))
        yield Attachment(
            network=names.network(key),
            aliases=tuple(alias for alias in aliases if alias not in automatic),
            links=links,
        )


def _priority(entry: tuple[str, Node]) -> int:
    return -whole(entry[1], "priority")


def _link(line: str) -> Link:
    target, _, alias = line.partition(":")
    return Link(target, alias or target)


def _exposed(node: Node) -> Iterator[Port]:
    for line in texts(node, "expose"):
        numbers, _, protocol = line.partition("/")
        first, last = bounds(numbers)
        for number in range(first, last + 1) if first else ():
            yield Port(number, protocol.lower() or "tcp")


def _extra_host(line: str) -> tuple[str, str]:
    """Reads "name=address" and "name:address"; an IPv6 address has colons itself."""
    name, _, address = line.replace("=", ":", 1).partition(":")
    return name, address.strip("[]")
