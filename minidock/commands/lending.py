"""A network's subnet from an IPAM plugin, beside what the host has already.

```
--ipam-driver NAME ──▶ Lender ──▶ lend ──▶ a pool of the plugin (commands/remotes.py)
                                  busy: bridges, host routes
```

Invariant: a subnet that the plugin chose by itself overlaps neither a bridge nor a
route of the host, and one that minidock chooses overlaps none of :func:`foreign`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.commands.remotes import reserved
from minidock.model.document import Document
from minidock.model.network import IpamConfig, NetworkPool
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.net.prefix import Prefix

__all__ = ["Lender", "foreign", "lend", "lender_of"]


class Lender(NamedTuple):
    """An IPAM plugin, and the user's options for it."""

    plugin: str
    options: tuple[tuple[str, str], ...] = ()


def lender_of(driver: str, options: Document | None) -> Lender | None:
    """The plugin that an IPAM driver's name means; None if it is minidock's own."""
    if driver in {"", "default", "null"}:
        return None
    asked = options or Document()
    return Lender(driver, tuple((name, asked.text(name)) for name in asked))


def _bridged(world: World) -> Iterator[NetworkPool]:
    for network in world.networks.values():
        if network.bridge is not None:
            yield from (*network.pools_of(V4), *network.pools_of(V6))


def lend(
    world: World,
    lender: Lender,
    config: IpamConfig,
    family: int,
    routes: Sequence[Prefix],
) -> tuple[World, NetworkPool]:
    """A subnet of a plugin that is not where the host has something already.

    Raises:
        Needs: the plugin has to be asked. Refusal: it refuses, or makes no sense.
    """
    return reserved(
        world,
        lender.plugin,
        config,
        family=family,
        options=lender.options,
        busy=(*(pool.subnet for pool in _bridged(world)), *routes),
    )


def foreign(world: World) -> tuple[Prefix, ...]:
    """The subnets of bridges that a plugin gave: the host has routes to them."""
    if world.remote is None:
        return ()
    return tuple(pool.subnet for pool in _bridged(world) if pool.plugin)
