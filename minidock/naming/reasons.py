"""Why a name has no address for a container, in one sentence with what would work.

```
db exists, but ── is not running             docker start db
               ├─ is on another network      docker network connect back web
               ├─ is on the default bridge   which has no names
               ├─ has no address of that family
               └─ asks from the default bridge, from host mode, from no network
no such name   ── nobody could be asked, or nobody knows it
```

The sentences are ours, not Docker's: Docker only says NXDOMAIN.
"""

from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.embedded import Answer
from minidock.naming.records import dns_names, link_aliases
from minidock.naming.resolvconf import resolving
from minidock.naming.sandbox import endpoints_in_order, on_user_network
from minidock.naming.servers import Contact, Status
from minidock.net.address import V4, V6

__all__ = ["why_not"]


def why_not(
    world: World, container: Container, name: str, family: int, last: Answer
) -> str:
    """The reason, for the owner of a sandbox whose last question ended like this.

    Cost: O(containers).
    """
    name = name.removesuffix(".")
    linked = _linked(world, container, name)
    if linked:
        return linked
    other = _wanted(world, name)
    if other is not None:
        return _unseen(world, container, other, name, family)
    return _unknown(world, container, name, last)


def _user_networks(world: World, container: Container) -> list[str]:
    """The networks with names that a container is on, or will be when it starts."""
    found = []
    for endpoint in container.connections:
        network = world.networks.get(endpoint.network_id)
        predefined = endpoint.network in {"bridge", "host", "none"}
        if not (network.predefined if network else predefined):
            found.append(endpoint.network)
    return found


def _attached(world: World, container: Container) -> list[str]:
    order = endpoints_in_order(world, container)
    return [e.network for e in order if not e.leads_out_as]


def _wanted(world: World, name: str) -> Container | None:
    """The container that is meant: by name first, then by alias; running ones first."""
    words = [name.lower()]
    words += [name[:at].lower() for at, letter in enumerate(name) if letter == "."]
    for word in words:
        named = [c for c in world.containers.values() if c.name.lower() == word]
        if not named:
            named = [c for c in world.containers.values() if word in _aliases(world, c)]
        if named:
            return min(named, key=lambda c: (not c.state.running, c.sequence))
    return None


def _aliases(world: World, container: Container) -> set[str]:
    names = {container.short_id, container.hostname}
    for endpoint in container.endpoints:
        names |= set(endpoint.settings.aliases or ())
        names |= set(dns_names(world, container, endpoint))
    return {name.lower() for name in names}


def _linked(world: World, container: Container, name: str) -> str:
    """The reason for a link alias that stands for nobody who is there now."""
    for endpoint in endpoints_in_order(world, container):
        target = link_aliases(endpoint).get(name)
        if target is not None and target != name:
            return (
                f"{container.name} links {target} as {name} on network "
                f"{endpoint.network}, where no running container is called {target}: "
                f"start {target} on network {endpoint.network}"
            )
    return ""


def _unseen(
    world: World, asker: Container, other: Container, name: str, family: int
) -> str:
    """Why a container that exists cannot be seen by this name."""
    if not other.state.running:
        return f"{other.name} is not running: docker start {other.name}"
    if asker.network_mode == "host":
        return (
            f"{asker.name} is in host mode, where names come from the host's DNS "
            f"servers and those know no containers: use {other.name}'s address, or a "
            "port that it publishes"
        )
    if not _attached(world, asker) or asker.network_mode == "none":
        return f"{asker.name} is on no network: docker network connect NET {asker.name}"
    theirs, mine = _user_networks(world, other), _user_networks(world, asker)
    shared = [network for network in mine if network in theirs]
    if shared:
        return _not_by_this_name(world, other, name, family, shared)
    if not mine and not theirs:
        return (
            "the default bridge has no names: use --link or a user-defined network "
            f"(docker network create app, then connect {asker.name} and {other.name})"
        )
    if not theirs:
        return _without_names(other, mine)
    places = " and ".join(theirs)
    only = "network" if len(theirs) == 1 else "networks"
    return (
        f"{other.name} is only on {only} {places}, which {asker.name} is not on: "
        f"docker network connect {theirs[0]} {asker.name}"
    )


def _without_names(other: Container, mine: list[str]) -> str:
    if other.network_mode in {"host", "none"}:
        return (
            f"{other.name} is in {other.network_mode} mode, and so has no name on any "
            f"network: start it again with --network {mine[0]}"
        )
    if other.network_mode.startswith("container:"):
        return (
            f"{other.name} shares another container's network, and only that one has "
            "a name: use the other container's name"
        )
    return (
        f"{other.name} is only on the default bridge, which has no names: "
        f"docker network connect {mine[0]} {other.name}"
    )


def _not_by_this_name(
    world: World, other: Container, name: str, family: int, shared: list[str]
) -> str:
    endpoint = other.endpoint_on(shared[0])
    if endpoint is not None:
        address = endpoint.address6 if family == V6 else endpoint.address
        if family in {V4, V6} and address is None:
            kind, flag = ("IPv6", "--ipv6") if family == V6 else ("IPv4", "--ipv4")
            return (
                f"{other.name} has no {kind} address on network {shared[0]}: "
                f"docker network create {flag} makes networks that give one"
            )
    known = dns_names(world, other, endpoint) if endpoint else ()
    return (
        f"on network {shared[0]} {other.name} is not called {name}: it is called "
        f"{', '.join(known)}"
    )


def _unknown(world: World, container: Container, name: str, last: Answer) -> str:
    """Nobody here has that name: what became of the question outside."""
    setting = resolving(world, container)
    if last.status in {Status.NXDOMAIN, Status.NOERROR} and last.forwarded_to:
        who = _nobody(world, container)
        exists = last.status is Status.NOERROR
        what = "knows no such address for" if exists else "does not know"
        return f"{who}{name}, and the DNS server {last.forwarded_to} {what} it either"
    if last.status is Status.NOERROR:
        return (
            f"{_nobody(world, container)}{name}, and as ndots is set a name of one "
            "word is not asked outside: write it with its domain"
        )
    if _only_internal(world, container):
        return (
            f"{_nobody(world, container)}{name}, and {container.name} is only on "
            "internal networks, from which no DNS server outside can be asked: connect "
            "it to another network as well"
        )
    if last.contact is Contact.NO_ROUTE:
        return f"{container.name} has no network on which it could ask a DNS server"
    servers = [one.address for one in setting.upstreams] or list(setting.servers)
    tried = " and ".join(servers) or "(none is listed)"
    return (
        f"{_nobody(world, container)}{name}, and no DNS server answers at {tried}: "
        "give one with --dns"
    )


def _nobody(world: World, container: Container) -> str:
    if not on_user_network(world, container):
        return "no container here has the name "
    networks = " or ".join(_user_networks(world, container))
    return f"no running container on network {networks} has the name "


def _only_internal(world: World, container: Container) -> bool:
    networks = [
        world.networks.get(e.network_id) for e in endpoints_in_order(world, container)
    ]
    return bool(networks) and all(n is not None and n.internal for n in networks)
