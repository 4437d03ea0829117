"""Containers: each comes under a name of its own, and has its real one when complete.

```
 create as minidock-arriving-web ─▶ connect ─▶ carry what its nameless volumes hold
        ─▶ rename to web ─▶ start, if it runs here
```

So the name on the target says how far it got: none, arriving, complete. A complete one
is started only if it never was: what happened to it since is the target's business.

Invariant: a container of this name that is another one is refused, never changed.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from minidock.errors import Conflict, Refusal
from minidock.model.document import Document, Frozen
from minidock.moving.host import ARRIVING, HostState, name_of
from minidock.moving.images import usable_name
from minidock.moving.networks import keeps_subnets
from minidock.moving.order import in_order, needs
from minidock.moving.ports import Held, held_ports, port_conflicts, without_ports
from minidock.moving.steps import CarryFiles, Part, Place, Step, ask
from minidock.moving.wish import Names, Wish, anonymous_mounts, wish_of

__all__ = ["container_part"]

_RUNS = frozenset({"running", "paused", "restarting"})
_AGAIN = "run it again when that is settled: it goes on where it stopped"


def container_part(
    source: HostState, target: HostState, *, other_ports: bool = False
) -> Part:
    """What makes the containers of the source stand and run on the target."""
    names = Names(source)
    there = {name_of(container): container for container in target.containers}
    theirs = Names(target)
    known = {name_of(container) for container in source.containers}
    held = held_ports(target, {name_of(c) for c in source.containers})
    free = _Addresses(source, target)
    carried: set[str] = set()
    steps: list[Step] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    for container in in_order(source.containers, names):
        name = name_of(container)
        found = there.get(name)
        if found is not None:
            refusals += _differences(wish_of(container, names), wish_of(found, theirs))
            carried |= {mount.text("Name") for mount in anonymous_mounts(container)}
            steps += _start(container, found)
            continue
        missing = [n for n in needs(container, names) if n not in known]
        if missing:
            gone = f"{missing[0]}, which it needs, is gone"
            notes.append(f"container {name} stays behind: {gone}")
            known.remove(name)
            continue
        image = names.image(container)
        wish = free.pinned(wish_of(container, names))
        image_name = usable_name(container, image, target)
        wish = _with(wish, "Image", image_name)
        if image_name != container.document("Config").text("Image"):
            notes.append(
                f"container {name}: its image has no name, and is {image_name}"
            )
        wish = _with_ports(
            wish, container, held, other_ports=other_ports, told=(refusals, notes)
        )
        arriving = there.get(f"{ARRIVING}{name}")
        steps += _arrival(container, wish, arriving, carried)
        steps += _start(container, None)
        notes += _left(container)
    notes += free.notes
    return Part(steps=tuple(steps), refusals=tuple(refusals), notes=tuple(notes))


def _with(wish: Wish, key: str, value: Frozen) -> Wish:
    return Wish(
        name=wish.name,
        body=wish.body.with_entry(key, value),
        endpoints=wish.endpoints,
        network=wish.network,
    )


def _with_ports(
    wish: Wish,
    container: Document,
    held: tuple[Held, ...],
    *,
    other_ports: bool,
    told: tuple[list[Refusal], list[str]],
) -> Wish:
    """The wish, with ports that are free there; refused unless others may be."""
    found = port_conflicts(container, held) if _runs(container) else ()
    taken = tuple({str(conflict): conflict for conflict in found}.values())
    refusals, notes = told
    if not taken:
        return wish
    if not other_ports:
        refusals += [_port_taken(wish.name, conflict) for conflict in taken]
        return wish
    for conflict in taken:
        notes.append(f"container {wish.name}: another host port than {conflict}")
    host = without_ports(wish.body.document("HostConfig"), taken)
    return _with(wish, "HostConfig", host)


def _port_taken(name: str, conflict: Held) -> Refusal:
    return Conflict(
        f"container {name}: host port {conflict} is held by {conflict.holder} there",
        asked=f"move container {name} with its ports",
        rule="one address and port can be bound once",
        remedy="--other-ports lets the target choose, or stop that container",
    )


def _runs(container: Document) -> bool:
    return container.document("State").text("Status") in _RUNS


def _arrival(
    container: Document, wish: Wish, arriving: Document | None, carried: set[str]
) -> Iterator[Step]:
    """From what there is of it until it has its name."""
    name, at = wish.name, f"/containers/{quote(ARRIVING + wish.name)}"
    if arriving is None:
        yield ask(
            f"container {name}",
            "POST",
            "/containers/create",
            query={"name": f"{ARRIVING}{name}"},
            body=_body(wish),
            remedy=_AGAIN,
        )
    on = _networks_of(arriving) if arriving else {wish.network} - {""}
    if not wish.joined:
        yield from _connections(wish, on)
    for mount in anonymous_mounts(container):
        if mount.text("Name") not in carried:
            carried.add(mount.text("Name"))
            path = mount.text("Destination")
            yield CarryFiles(
                title=f"container {name}: the files of its volume at {path}",
                source=Place(container=name, path=path),
                target=Place(container=f"{ARRIVING}{name}", path=path),
                # Docker then refuses to write into the folder's own parent.
                inside=wish.body.document("HostConfig").flag("ReadonlyRootfs"),
            )
    title = f"container {name}: complete"
    yield ask(title, "POST", f"{at}/rename", query={"name": name}, remedy=_AGAIN)


def _networks_of(container: Document) -> set[str]:
    return set(container.document("NetworkSettings").document("Networks"))


def _connections(wish: Wish, on: set[str]) -> Iterator[Step]:
    for network in sorted(wish.endpoints):
        if network not in on:
            body: dict[str, Frozen] = {
                "Container": f"{ARRIVING}{wish.name}",
                "EndpointConfig": wish.endpoints[network],
            }
            yield ask(
                f"container {wish.name}: on network {network}",
                "POST",
                f"/networks/{quote(network)}/connect",
                body=Document(body),
                fine=(403,),
                remedy=_AGAIN,
            )
    for network in sorted(on - set(wish.endpoints)):
        body = {"Container": f"{ARRIVING}{wish.name}", "Force": True}
        yield ask(
            f"container {wish.name}: not on network {network}",
            "POST",
            f"/networks/{quote(network)}/disconnect",
            body=Document(body),
            fine=(403, 404, 500),
        )


def _body(wish: Wish) -> Document:
    endpoint = wish.endpoints.get(wish.network)
    if endpoint is None or wish.network == "bridge":
        return wish.body
    config = Document({"EndpointsConfig": Document({wish.network: endpoint})})
    return wish.body.with_entry("NetworkingConfig", config)


def _start(container: Document, there: Document | None) -> Iterator[Step]:
    name = name_of(container)
    at = f"/containers/{quote(name)}"
    status = there.document("State").text("Status") if there else "created"
    if _runs(container) and status == "created":
        title = f"container {name}: starts"
        yield ask(title, "POST", f"{at}/start", fine=(304,), remedy=_AGAIN, hangs=False)
        status = "running"
    if container.document("State").text("Status") == "paused" and status == "running":
        title = f"container {name}: pauses"
        yield ask(title, "POST", f"{at}/pause", fine=(304,), hangs=False)


def _left(container: Document) -> Iterator[str]:
    """What of a container cannot come along."""
    name = name_of(container)
    found = container.get("Mounts")
    for mount in found if isinstance(found, tuple) else ():
        if isinstance(mount, Document) and mount.text("Type") == "bind":
            path = mount.text("Source")
            yield f"container {name}: {path} of the host must be there, too"


# Of these, both engines must say the same for it to be one container.
_COMPARED = ("Cmd", "Entrypoint", "Labels", "WorkingDir", "User")
_COMPARED_HOST = ("Binds", "NetworkMode", "VolumesFrom", "Privileged")


def _differences(wish: Wish, there: Wish) -> Iterator[Refusal]:
    found = [k for k in _COMPARED if _said(wish.body, k) != _said(there.body, k)]
    if set(wish.body.texts("Env")) != set(there.body.texts("Env")):
        found.append("Env")
    host, other = wish.body.document("HostConfig"), there.body.document("HostConfig")
    found += [k for k in _COMPARED_HOST if _said(host, k) != _said(other, k)]
    ports, theirs = host.document("PortBindings"), other.document("PortBindings")
    if set(ports) != set(theirs):
        found.append("PortBindings")
    if set(wish.endpoints) != set(there.endpoints):
        found.append("Networks")
    if found:
        yield Conflict(
            f"container {wish.name} is there already, and is another one: "
            f"it differs in {', '.join(found)}",
            asked=f"move container {wish.name}",
            rule="what stands on the target is not changed",
            remedy=f"docker rename {wish.name} OTHER on the target",
        )


def _said(document: Document, key: str) -> object:
    value = document.get(key) or None
    return value if value != "default" else "bridge"


class _Addresses:
    """Which addresses can be kept: those that are free in the same subnets."""

    def __init__(self, source: HostState, target: HostState) -> None:
        self._kept = {
            n.text("Name")
            for n in source.networks
            if keeps_subnets(n, target) and n.document("IPAM").get("Config")
        }
        ours = {f"{p}{name_of(c)}" for c in source.containers for p in ("", ARRIVING)}
        self._taken = dict(_taken(target, ours))
        self.notes: list[str] = []

    def pinned(self, wish: Wish) -> Wish:
        """The wish, without addresses that cannot be had."""
        endpoints = {n: self._endpoint(wish, n) for n in wish.endpoints}
        return Wish(
            name=wish.name, body=wish.body, endpoints=endpoints, network=wish.network
        )

    def _endpoint(self, wish: Wish, network: str) -> Document:
        endpoint = wish.endpoints[network]
        if "IPAMConfig" not in endpoint:
            return endpoint
        if network not in self._kept:
            return endpoint.without("IPAMConfig")
        wanted = endpoint.document("IPAMConfig")
        for key in ("IPv4Address", "IPv6Address"):
            holder = self._taken.get((network, wanted.text(key)))
            if holder is not None:
                self.notes.append(
                    f"container {wish.name}: another address than {wanted.text(key)} "
                    f"on {network}, which {holder} holds there"
                )
                wanted = wanted.without(key)
        if not wanted:
            return endpoint.without("IPAMConfig")
        return endpoint.with_entry("IPAMConfig", wanted)


def _taken(
    target: HostState, ours: Iterable[str]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Who holds which address of which network there."""
    own = frozenset(ours)
    for container in target.containers:
        if name_of(container) in own:
            continue
        found = container.document("NetworkSettings").document("Networks")
        yield from _held(name_of(container), found)


def _held(
    name: str, endpoints: Mapping[str, Frozen]
) -> Iterator[tuple[tuple[str, str], str]]:
    for network, endpoint in endpoints.items():
        if isinstance(endpoint, Document):
            for key in ("IPAddress", "GlobalIPv6Address"):
                if endpoint.text(key):
                    yield (network, endpoint.text(key)), name
