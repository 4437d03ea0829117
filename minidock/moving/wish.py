"""Inspect JSON turned back into the requests that make the same thing again.

```
 what a container is            what to ask for
 Config, HostConfig         ──▶ POST /containers/create   ids become names
 NetworkSettings.Networks   ──▶ an endpoint for each network: aliases, links, address
 a network, a volume        ──▶ POST /networks/create, /volumes/create
```

What the image says anyway and what the engine made up by itself (a hostname from the
id, aliases from the short id) is not asked for.

Invariant: the requests name nothing by an id of the engine that they were read from.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from minidock.model.document import Document, Frozen
from minidock.moving.host import HostState, is_anonymous, name_of

__all__ = [
    "Names",
    "Wish",
    "anonymous_mounts",
    "network_body",
    "volume_body",
    "wish_of",
]

_DEFAULT_NETWORKS = frozenset({"", "default", "bridge", "host", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to ask for: the body of the creation, and the endpoints by network.

    ``endpoints`` has every network that the container is on, ``joined`` tells whether
    it has a network namespace of its own that can be on networks.
    """

    name: str
    body: Document
    endpoints: Mapping[str, Document]
    network: str

    @property
    def joined(self) -> bool:
        """Whether it is in another's namespace, or the host's, or in none."""
        return self.network.startswith("container:") or self.network in ("host", "none")


class Names:
    """The names of a host's things, by their ids."""

    def __init__(self, state: HostState) -> None:
        self._containers = {c.text("Id"): name_of(c) for c in state.containers}
        self._known = frozenset(self._containers.values())
        self._networks = {n.text("Id"): n.text("Name") for n in state.networks}
        self._images = {i.text("Id"): i for i in state.images}

    def knows(self, reference: str) -> bool:
        """Whether a container of this name or id is there."""
        name = self.container(reference)
        return name in self._known

    def container(self, reference: str) -> str:
        """A container's name, from a name, an id or the beginning of one."""
        bare = reference.lstrip("/")
        if bare in self._containers:
            return self._containers[bare]
        begun = (n for i, n in self._containers.items() if i.startswith(bare))
        return bare if bare in self._known else next(begun, bare)

    def network(self, reference: str) -> str:
        """A network's name, from a name or an id."""
        return self._networks.get(reference, reference)

    def image(self, container: Document) -> Document:
        """The image that a container was made from; empty if it is gone."""
        return self._images.get(container.text("Image"), Document())


def wish_of(container: Document, names: Names) -> Wish:
    """The requests that make a container again."""
    host = _host(container.document("HostConfig"), names)
    network = host.text("NetworkMode")
    config = _config(container, names.image(container).document("Config"), network)
    if network.startswith("container:") or network in ("host", "none"):
        endpoints: dict[str, Document] = {}
    else:
        endpoints = dict(_endpoints(container, names))
    return Wish(
        name=name_of(container),
        body=config.with_entry("HostConfig", host),
        endpoints=endpoints,
        network="bridge" if network in ("", "default") else network,
    )


def _config(container: Document, image: Document, network: str) -> Document:
    config = container.document("Config")
    hostname = config.text("Hostname")
    own = network == "host" or network.startswith("container:")
    if own or hostname == container.text("Id")[:12]:
        config = config.without("Hostname")
    if network == "host" and config.text("Domainname"):
        config = config.without("Domainname")
    for key in ("ExposedPorts", "Volumes"):
        inherited = image.document(key)
        entries = config.document(key).items()
        left = Document({k: v for k, v in entries if k not in inherited})
        config = config.with_entry(key, left) if left else config.without(key)
    return config


def _host(host: Document, names: Names) -> Document:
    for key in ("NetworkMode", "IpcMode", "PidMode"):
        kind, _, reference = host.text(key).partition(":")
        if kind == "container":
            host = host.with_entry(key, f"container:{names.container(reference)}")
    if ":" not in host.text("NetworkMode"):
        host = host.with_entry("NetworkMode", names.network(host.text("NetworkMode")))
    volumes = tuple(_volumes_from(host, names))
    links = tuple(_links(host.texts("Links"), names))
    host = host.with_entry("VolumesFrom", volumes or None)
    return host.with_entry("Links", links or None)


def _volumes_from(host: Document, names: Names) -> Iterator[str]:
    for text in host.texts("VolumesFrom"):
        reference, colon, mode = text.partition(":")
        yield names.container(reference) + colon + mode


def _links(texts: Iterable[str], names: Names) -> Iterator[str]:
    """Links to what is there; one to what is gone leads nowhere."""
    for text in texts:
        if names.knows(text.partition(":")[0]):
            yield _link(text, names)


def _link(text: str, names: Names) -> str:
    """A link as it is asked for, db:alias, from how it is stored, /db:/web/alias."""
    target, _, alias = text.partition(":")
    name = names.container(target)
    return f"{name}:{alias.rpartition('/')[2] or name}"


def _endpoints(container: Document, names: Names) -> Iterator[tuple[str, Document]]:
    short, name = container.text("Id")[:12], name_of(container)
    found = container.document("NetworkSettings").document("Networks")
    for reference in found:
        network, endpoint = names.network(reference), found.document(reference)
        links = tuple(_links(endpoint.texts("Links"), names))
        aliases = tuple(a for a in endpoint.texts("Aliases") if a not in (short, name))
        entries: dict[str, Frozen] = {
            "Aliases": aliases,
            "Links": links,
            "DriverOpts": endpoint.get("DriverOpts"),
        }
        if network not in _DEFAULT_NETWORKS:
            entries["IPAMConfig"] = _address(endpoint)
        yield network, Document({k: v for k, v in entries.items() if v})


def _address(endpoint: Document) -> Document:
    """The addresses that it has, or would ask for when it starts."""
    asked = endpoint.document("IPAMConfig")
    pairs = {
        "IPv4Address": endpoint.text("IPAddress") or asked.text("IPv4Address"),
        "IPv6Address": endpoint.text("GlobalIPv6Address") or asked.text("IPv6Address"),
    }
    entries: dict[str, Frozen] = {k: v for k, v in pairs.items() if v}
    if asked.texts("LinkLocalIPs"):
        entries["LinkLocalIPs"] = asked.texts("LinkLocalIPs")
    return Document(entries)


def network_body(network: Document, *, subnets: bool = True) -> Document:
    """The request that makes a network again, with its subnets or with any."""
    kept = ("Name", "Driver", "EnableIPv6", "Internal", "Attachable", "Ingress")
    entries: dict[str, Frozen] = {key: network.get(key) for key in kept}
    entries["Options"] = network.document("Options")
    entries["Labels"] = network.document("Labels")
    entries["CheckDuplicate"] = True
    if network.flag("ConfigOnly"):
        entries["ConfigOnly"] = True
    if network.document("ConfigFrom").text("Network"):
        entries["ConfigFrom"] = network.document("ConfigFrom")
    elif subnets and network.document("IPAM"):
        entries["IPAM"] = _ipam(network.document("IPAM"))
    return Document({k: v for k, v in entries.items() if v not in (None, False)})


def _ipam(ipam: Document) -> Document:
    """Without keys that say nothing: some engines refuse an empty gateway."""
    found = ipam.get("Config")
    configs = tuple(
        Document({k: v for k, v in config.items() if v})
        for config in (found if isinstance(found, tuple) else ())
        if isinstance(config, Document)
    )
    return ipam.with_entry("Config", configs)


def volume_body(volume: Document) -> Document:
    """The request that makes a volume again, without what is in it."""
    return Document(
        {
            "Name": volume.text("Name"),
            "Driver": volume.text("Driver") or "local",
            "DriverOpts": volume.document("Options"),
            "Labels": volume.document("Labels"),
        }
    )


def anonymous_mounts(container: Document) -> Iterator[Document]:
    """The mounts of volumes that have no name, and belong to this container alone.

    One that another container takes over (``--volumes-from``) is in both lists.
    """
    host = container.document("HostConfig")
    named = {text.partition(":")[0] for text in host.texts("Binds")}
    explicit = host.get("Mounts")
    for mount in explicit if isinstance(explicit, tuple) else ():
        if isinstance(mount, Document):
            named.add(mount.text("Source"))
    found = container.get("Mounts")
    for mount in found if isinstance(found, tuple) else ():
        if isinstance(mount, Document) and mount.text("Type") == "volume":
            name = mount.text("Name")
            if is_anonymous(name) and name not in named:
                yield mount
