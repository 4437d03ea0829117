"""The kernel's settings on the Docker host and in a sandbox, as Docker leaves them.

```
host      net.ipv4.ip_forward = 1            a router between its bridges and outside
          net.bridge.bridge-nf-call-... = 1  frames on a bridge meet iptables too
sandbox   net.ipv6...disable_ipv6 = 1        unless an endpoint has an IPv6 address
          net.ipv4.ip_unprivileged_port_start = 0
```

Invariant: only settings that Docker changes, or that explain what it did, are recorded;
a reading of any other setting has no answer.
"""

from collections.abc import Iterator

from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.network import BridgeSettings
from minidock.model.world import World
from minidock.topology.interface import Interface

__all__ = ["host_sysctls", "sandbox_sysctls", "uses_ipv6"]


def uses_ipv6(world: World) -> bool:
    """Whether Docker made the host an IPv6 router: with its first IPv6 bridge; O(n)."""
    return world.daemon.ip_forward and any(
        network.bridge and network.enable_ipv6 for network in world.networks.values()
    )


def host_sysctls(
    world: World, bridges: tuple[BridgeSettings, ...]
) -> tuple[tuple[str, str], ...]:
    """The settings of the host's namespace; what somebody wrote later wins."""
    return tuple(
        {**dict(_as_docker_left(world, bridges)), **dict(world.host.sysctls)}.items()
    )


def _as_docker_left(
    world: World, bridges: tuple[BridgeSettings, ...]
) -> tuple[tuple[str, str], ...]:
    first, last = world.host.port_range
    forward6 = _number(uses_ipv6(world))
    hairpin = _number(not world.daemon.userland_proxy)
    return (
        ("net.ipv4.ip_forward", _number(world.daemon.ip_forward)),
        ("net.ipv4.ip_local_port_range", f"{first}\t{last}"),
        ("net.ipv4.conf.all.route_localnet", "0"),
        # Without the proxy, packets to 127.0.0.1 are routed into the bridge.
        *((f"net.ipv4.conf.{b.name}.route_localnet", hairpin) for b in bridges),
        ("net.bridge.bridge-nf-call-iptables", "1"),
        ("net.bridge.bridge-nf-call-ip6tables", "1"),
        ("net.ipv6.conf.all.forwarding", forward6),
        ("net.ipv6.conf.default.forwarding", forward6),
        ("net.ipv6.conf.all.disable_ipv6", "0"),
        ("net.ipv6.conf.default.disable_ipv6", "0"),
        ("net.ipv6.conf.lo.disable_ipv6", "0"),
    )


def sandbox_sysctls(
    container: Container, interfaces: tuple[Interface, ...]
) -> tuple[tuple[str, str], ...]:
    """The settings of a sandbox; those given with ``--sysctl`` win.

    Docker first disables IPv6 on everything, then enables it on what gets an address.
    """
    own = {
        "net.ipv4.ip_forward": "0",
        "net.ipv4.ip_unprivileged_port_start": "0",
        "net.ipv6.conf.all.disable_ipv6": "1",
        "net.ipv6.conf.default.disable_ipv6": "1",
        **dict(_disabled(interfaces)),
    }
    given = container.host_config.document("Sysctls")
    return tuple({**own, **_texts(given)}.items())


def _disabled(interfaces: tuple[Interface, ...]) -> Iterator[tuple[str, str]]:
    for item in interfaces:
        yield (
            f"net.ipv6.conf.{item.name}.disable_ipv6",
            _number(not item.of_family(6)),
        )


def _texts(given: Document) -> dict[str, str]:
    return {key: given.text(key) for key in given}


def _number(truth: bool) -> str:
    return "1" if truth else "0"
