"""Whose network namespace a container lives in: its own, or another one's.

```
web ── network_mode "container:base" ──▶ base     one sandbox: one hosts file,
                                                  one resolv.conf, one set of names
```

Docker's name for the namespace is *sandbox*; ``--network container:NAME`` shares one.
"""

from minidock.model.container import Container, Endpoint
from minidock.model.world import World

__all__ = ["endpoints_in_order", "on_user_network", "sandbox_owner"]


def sandbox_owner(world: World, container: Container) -> Container:
    """The container whose network namespace this one uses: itself, or a shared one."""
    seen = set()
    while container.network_mode.startswith("container:") and container.id not in seen:
        seen.add(container.id)
        name = container.network_mode.partition(":")[2]
        owner = world.names.get(name.removeprefix("/"), name)
        found = world.containers.get(owner)
        if found is None:
            found = next(
                (c for k, c in world.containers.items() if k.startswith(name)), None
            )
        if found is None:
            return container
        container = found
    return container


def endpoints_in_order(world: World, container: Container) -> list[Endpoint]:
    """The attached endpoints in the order in which their networks are asked for names.

    By gateway priority, then networks with a way out before internal ones, then by
    name: the network with the default route is asked first, but docker_gwbridge, which
    leads out of overlay networks, last.
    """

    def rank(endpoint: Endpoint) -> tuple[bool, int, bool, str]:
        network = world.networks.get(endpoint.network_id)
        internal = network is not None and network.internal
        last = bool(endpoint.leads_out_as)
        priority = -endpoint.settings.gateway_priority
        return (last, priority, internal, endpoint.network)

    return sorted((e for e in container.endpoints if e.attached), key=rank)


def on_user_network(world: World, container: Container) -> bool:
    """Whether the sandbox has the name server 127.0.0.11: it is on a user network."""
    for endpoint in container.endpoints:
        network = world.networks.get(endpoint.network_id)
        if endpoint.attached and network is not None and not network.predefined:
            return True
    return False
