"""Names for containers that were given none, and the rule for those that were.

Docker invents an adjective and a surname. The words here are our own; which pair comes
out is not a point of conformance.
"""

import re
from collections.abc import Container

from minidock.errors import Conflict, InvalidParameter
from minidock.model.ids import IdSource
from minidock.model.world import World

__all__ = ["check_free", "check_kept", "check_name", "invent_name"]

_ADJECTIVES = (
    "amber able bold brave bright brisk calm candid clever cosy crisp curious daring "
    "eager early exact fair fond frank gentle glad golden grand happy hardy honest "
    "humble jolly keen kind lively loyal lucky mellow merry mild modest neat noble "
    "patient placid plucky polite prompt proud quick quiet rapid ready robust serene "
    "shiny silent simple sincere smooth snug solid sound spry steady sunny swift tidy "
    "tough true upbeat vivid warm wise witty zesty"
).split()
_SURNAMES = (
    "abel babbage baran bell boole bose cerf church curie dijkstra easley euler "
    "fermat galois gauss godel hamilton hopper jacquard kahn kepler kleinrock knuth "
    "kowalevski lamport leibniz licklider liskov lovelace mandelbrot maxwell "
    "metcalfe minsky naur neumann newell noether nygaard pascal perlman postel "
    "ritchie roberts shannon sutherland tesla thompson torvalds turing wiener "
    "wilkes wirth zuse"
).split()

_NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)


def check_name(name: str) -> str:
    """The name without its leading slash, if Docker takes it.

    Odd on purpose: the printed rule allows one letter, the engine wants two.

    >>> check_name("/web")
    'web'
    >>> check_name("x")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Invalid container name (x), only \
[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
    """
    if not _NAME.fullmatch(name):
        raise InvalidParameter(
            f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] "
            "are allowed",
            asked=f"name a container {name!r}",
            rule="two or more letters, digits, _ . or -, the first a letter or digit",
            remedy="--name web1",
        )
    return name.removeprefix("/")


def check_free(world: World, name: str) -> None:
    """Refuse a container name that is taken.

    Raises:
        Conflict: a container has the name, or a link does, or a container of another
            host of the cluster.
    """
    owner = world.names.get(name)
    if owner is None and world.cluster is not None and name in world.cluster.names:
        # Odd on purpose: a cluster names its containers by their hosts.
        owner = f"{world.cluster.names[name]}/{name}"
    if owner is not None:
        raise _in_use(
            name,
            owner,
            asked=f"name a container {name}",
            rule="a container's name is taken while the container exists",
            remedy=f"another name, or docker rm {name}",
        )


def check_kept(world: World, name: str, asked: str) -> None:
    """Refuse a container whose name became another host's while this one was away.

    Raises:
        Conflict: it did.
    """
    if world.cluster is not None and name in world.cluster.names:
        raise _in_use(
            name,
            f"{world.cluster.names[name]}/{name}",
            asked=asked,
            rule="who is on a network of the cluster has its name there; that of this "
            "container was taken while its host did not reach the cluster's store",
            remedy=f"docker rename {name} {name}2, or remove the other container",
        )


def _in_use(name: str, owner: str, *, asked: str, rule: str, remedy: str) -> Conflict:
    return Conflict(
        f'Conflict. The container name "/{name}" is already in use by container '
        f'"{owner}". You have to remove (or rename) that container to be able to '
        "reuse that name.",
        asked=asked,
        rule=rule,
        remedy=remedy,
    )


def invent_name(ids: IdSource, *taken: Container[str]) -> tuple[IdSource, str]:
    """An adjective and a surname that no container has, with a number if need be.

    Args:
        ids: where the choice comes from.
        taken: the names that are taken, here and on other hosts.
    """
    for attempt in range(100):
        ids, first = ids.number(len(_ADJECTIVES))
        ids, second = ids.number(len(_SURNAMES))
        name = f"{_ADJECTIVES[first]}_{_SURNAMES[second]}"
        if attempt > 5:
            ids, digit = ids.number(10_000)
            name += str(digit)
        if not any(name in names for names in taken):
            return ids, name
    msg = "a hundred invented names were all taken"
    raise AssertionError(msg)
