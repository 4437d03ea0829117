"""Finding what a person meant: by full id, by name, by the start of an id.

Docker's order is the same for networks and containers: the full id, then the exact
name, then an id prefix. Only the texts of the refusals differ, from call to call.
"""

from minidock.errors import InvalidParameter, NotFound, Unclassified
from minidock.model.container import Container
from minidock.model.network import Network
from minidock.model.world import World

__all__ = ["find_container", "find_network", "networks_named", "no_such_container"]


def networks_named(world: World, name: str) -> list[Network]:
    """The networks of exactly that name, oldest first; O(networks)."""
    return sorted(
        (item for item in world.networks.values() if item.name == name),
        key=lambda item: item.sequence,
    )


def find_network(world: World, text: str) -> Network:
    """The network that a full id, a name or the start of an id means.

    Cost: O(1) for a full id, else O(networks).

    Raises:
        NotFound: no network fits.
        InvalidParameter: several do, by name or by id prefix.
    """
    if text in world.networks:
        return world.networks[text]
    named = networks_named(world, text)
    if len(named) > 1:
        raise InvalidParameter(
            f"network {text} is ambiguous ({len(named)} matches found on name)",
            asked=f"the network {text}",
            rule="a name that several networks have means none of them",
            remedy="the id of the one you mean: " + ", ".join(n.id[:12] for n in named),
        )
    if named:
        return named[0]
    partial = [item for key, item in world.networks.items() if key.startswith(text)]
    if len(partial) > 1 and text:
        raise InvalidParameter(
            f"network {text} is ambiguous ({len(partial)} matches found based on ID "
            "prefix)",
            asked=f"the network {text}",
            rule="the start of an id must fit one network only",
            remedy="more digits of the id",
        )
    if partial and text:
        return partial[0]
    names = ", ".join(sorted(item.name for item in world.networks.values()))
    raise NotFound(
        f"network {text} not found",
        asked=f"the network {text}",
        rule="it must be the id, the name or the start of an id of a network",
        remedy=f"one of {names}" if len(names) < 200 else "see docker network ls",
    )


def no_such_container(text: str) -> NotFound:
    """The refusal for a container that is not there."""
    return NotFound(
        f"No such container: {text}",
        asked=f"the container {text}",
        rule="it must be the id, the name or the start of an id of a container",
        remedy="see docker ps --all",
    )


def find_container(world: World, text: str) -> Container:
    """The container that a full id, a name, ``parent/alias`` or an id's start means.

    Cost: O(1) for a full id or a name, else O(containers).

    Raises:
        InvalidParameter: the text is empty.
        NotFound: no container fits.
        Unclassified: the start of an id fits several.
    """
    if not text:
        raise InvalidParameter(
            'invalid name or ID supplied: ""',
            asked="a container without a name",
            rule="a container is named by its id, its name or the start of its id",
            remedy="see docker ps --all",
        )
    if text in world.containers:
        return world.containers[text]
    owner = world.names.get(text.removeprefix("/"), "")
    if owner in world.containers:  # a name is taken before its container exists
        return world.containers[owner]
    partial = [key for key in world.containers if key.startswith(text)]
    if len(partial) > 1:
        raise Unclassified(
            f"Multiple IDs found with provided prefix: {text}",
            asked=f"the container {text}",
            rule="the start of an id must fit one container only",
            remedy="more digits of the id",
        )
    if not partial:
        raise no_such_container(text)
    return world.containers[partial[0]]
