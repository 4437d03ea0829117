"""Which address space a subnet is from: the host's own, or that of the cluster.

```
World.space           LocalDefault    bridges, macvlan, ipvlan: 172.17.0.0/16 ...
World.cluster.space   GlobalDefault   overlay networks: 10.0.0.0/24 ...
```

A bridge may have the same subnet as an overlay network: their ledgers in
``World.pools`` have different names.

Docker's source: moby, ``libnetwork/ipams/defaultipam``.
"""

from dataclasses import replace

from minidock.ipam.space import Space
from minidock.model.world import World
from minidock.overlay.records import GLOBAL_SPACE

__all__ = ["GLOBAL_SPACE", "space_of", "with_space"]


def space_of(world: World, name: str) -> Space:
    """The address space of that name; "" is the host's own."""
    if name and world.cluster is not None:
        return world.cluster.space
    return world.space


def with_space(world: World, name: str, space: Space) -> World:
    """The World with another state of that address space."""
    if name and world.cluster is not None:
        return replace(world, cluster=replace(world.cluster, space=space))
    return replace(world, space=space)
