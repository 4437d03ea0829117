"""/etc/hosts and /etc/hostname of a container, read off the World.

```
/etc/hosts:  fixed lines ─ --add-host ─ links ─ one own line per address
host mode:   the host's own files
```

Docker's source: moby, ``libnetwork/etchosts``. One TAB separates an address from its
names. The third file, /etc/resolv.conf, has a module of its own, and is offered here
too, since all three are what a program in the container finds.
"""

from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.resolvconf import resolv_conf
from minidock.naming.sandbox import sandbox_owner

__all__ = ["hostname_file", "hosts_file", "resolv_conf", "sandbox_owner"]

_IPV6_SWITCHES = ("net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.lo.disable_ipv6")


def _fixed(world: World) -> list[str]:
    zero = "0" if world.era.hosts_zero_suffix else ""
    return [
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        f"fe00::{zero}\tip6-localnet",
        f"ff00::{zero}\tip6-mcastprefix",
        "ff02::1\tip6-allnodes",
        "ff02::2\tip6-allrouters",
    ]


def host_gateway(world: World) -> str:
    """What ``host-gateway`` stands for: a daemon option, or docker0's address."""
    if world.daemon.host_gateway_ip:
        return world.daemon.host_gateway_ip
    for network in world.networks.values():
        if network.is_default_bridge and network.pool and network.pool.gateway:
            return str(network.pool.gateway)
    return ""


def _extra(world: World, container: Container) -> list[str]:
    lines = []
    for entry in container.host_config.texts("ExtraHosts"):
        separator = "=" if "=" in entry else ":"
        name, _, address = entry.partition(separator)
        address = address.strip("[]")
        if address == "host-gateway":
            address = host_gateway(world)
        lines.append(f"{address}\t{name}")
    return lines


def _without_ipv6(world: World, container: Container) -> bool:
    """Whether lo has no ::1, which newer engines look at before they write the file."""
    sysctls = container.host_config.document("Sysctls")
    off = any(sysctls.text(name) == "1" for name in _IPV6_SWITCHES)
    return world.era.hosts_follow_ipv6 and off


def hosts_file(world: World, container: Container) -> str:
    """The text of /etc/hosts in a container that has been started."""
    container = sandbox_owner(world, container)
    extra = _extra(world, container)
    if container.network_mode == "host" and not extra:
        return world.host.hosts_file
    lines = _fixed(world) + extra
    if _without_ipv6(world, container):
        lines = [line for line in lines if ":" not in line.partition("\t")[0]]
    added = [line for line in container.hosts if not line.own]
    added += [line for line in container.hosts if line.own]
    lines += [f"{line.address}\t{' '.join(line.names)}" for line in added]
    return "\n".join(lines) + "\n"


def hostname_file(world: World, container: Container) -> str:
    """The text of /etc/hostname."""
    container = sandbox_owner(world, container)
    if container.network_mode == "host" and not container.config.text("Hostname"):
        return world.host.hostname + "\n"
    return container.hostname + "\n"
