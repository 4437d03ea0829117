"""Networks of a swarm that are noted, and that its managers could not make.

```
create ─▶ noted: 201 and an id ─▶ subnet and VNI ─▶ a network
                                    └─ taken, overlapping, none left ─▶ no driver, no
                                       subnet; nothing can be attached to it
create --scope swarm -d bridge ─▶ noted; each host would make it when a task needs it
```

Odd on purpose: who asks a swarm's manager for a network hears that it is there, even
where it never can be. `docker network ls` shows such a one without a driver.

Docker's source: swarmkit, ``manager/controlapi`` notes, ``manager/allocator`` makes.
"""

from dataclasses import replace

from minidock.commands.network_rules import NetworkRequest
from minidock.commands.outcome import Outcome
from minidock.errors import Conflict, InvalidParameter, Refusal
from minidock.model.cluster import Cluster, Coordination
from minidock.model.document import Document
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.prefix import Prefix

__all__ = ["check_wellformed", "failed", "noted"]


def check_wellformed(cluster: Cluster, request: NetworkRequest) -> None:
    """Refuse a request that no swarm's manager notes; a store has other words.

    Raises:
        InvalidParameter: a subnet is none.
    """
    if cluster.mode is not Coordination.SWARM:
        return
    for config in request.ipam_config:
        try:
            Prefix.parse(config.subnet, host_bits=True)
        except Refusal as error:
            raise InvalidParameter(
                "rpc error: code = InvalidArgument desc = ipam configuration: invalid "
                f"subnet {config.subnet}",
                asked=error.asked,
                rule=error.rule,
                remedy=error.remedy,
            ) from error


def noted(world: World, request: NetworkRequest, now: int, driver: str = "") -> Outcome:
    """The World that knows of a network which no host has; ``made`` is its id.

    Args:
        world: the host, a manager.
        request: what was asked.
        now: nanoseconds since 1970.
        driver: its driver where every host makes it for itself; "" where it failed.

    Raises:
        Conflict: a network of the swarm has that name.
    """
    if any(
        network.name == request.name and network.scope == "swarm"
        for network in world.networks.values()
    ):
        raise Conflict(
            f"network with name {request.name} already exists",
            asked=f"create a network named {request.name!r}",
            rule="a network's name is taken while it exists",
            remedy=f"another name, or docker network rm {request.name}",
        )
    ids, network_id = world.ids.swarm_id()
    network = Network(
        id=network_id,
        name=request.name,
        driver=driver,
        created=now,
        sequence=world.sequence,
        scope="swarm",
        enable_ipv4=request.enable_ipv4,
        enable_ipv6=request.enable_ipv6,
        internal=request.internal,
        attachable=request.attachable,
        options=Document(),
        labels=request.labels,
        ipam_driver="",
    )
    world = replace(
        world,
        ids=ids,
        sequence=world.sequence + 1,
        networks=world.networks.set(network_id, network),
    )
    return Outcome(world=world, made=network_id)


def failed(
    world: World,
    request: NetworkRequest,
    refusal: Refusal,
    now: int,
    cluster: Cluster | None,
) -> Outcome:
    """The refusal; a swarm's managers note a network first, and fail later."""
    if cluster is not None and cluster.mode is Coordination.SWARM:
        return noted(world, request, now)
    return Outcome(world=world, refusal=refusal)
