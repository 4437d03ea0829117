"""/etc/hosts, /etc/hostname and /etc/resolv.conf of a container, read off the World.

```
/etc/hosts:  fixed lines ─ --add-host ─ links ─ one own line per address
resolv.conf: default bridge    the host's, without loopback servers
             user network      127.0.0.11, the host's search list, ndots:0
             host mode         the host's own files
```

Docker's sources: moby, ``libnetwork/etchosts`` and ``libnetwork/resolvconf``. One TAB
separates an address from its names.
"""

from minidock.eras import Era
from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import V6, Address

__all__ = ["hostname_file", "hosts_file", "resolv_conf", "sandbox_owner"]

_GOOGLE = ("8.8.8.8", "8.8.4.4")
EMBEDDED = "127.0.0.11"


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


def _fixed(era: Era) -> list[str]:
    zero = "0" if era.hosts_zero_suffix else ""
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


def hosts_file(world: World, container: Container) -> str:
    """The text of /etc/hosts in a container that has been started."""
    container = sandbox_owner(world, container)
    extra = _extra(world, container)
    if container.network_mode == "host" and not extra:
        return world.host.hosts_file
    added = [line for line in container.hosts if not line.own]
    added += [line for line in container.hosts if line.own]
    lines = _fixed(world.era) + extra
    lines += [f"{line.address}\t{' '.join(line.names)}" for line in added]
    return "\n".join(lines) + "\n"


def hostname_file(world: World, container: Container) -> str:
    """The text of /etc/hostname."""
    container = sandbox_owner(world, container)
    if container.network_mode == "host" and not container.config.text("Hostname"):
        return world.host.hostname + "\n"
    return container.hostname + "\n"


def _is_loopback(text: str) -> bool:
    try:
        return Address.parse(text).is_loopback
    except NotationError:
        return False


def _is_v6(text: str) -> bool:
    return ":" in text


def resolv_conf(world: World, container: Container) -> str:
    """The text of /etc/resolv.conf.

    Odd on purpose: with ``--dns-search`` alone a loopback server of the host is kept.
    """
    container = sandbox_owner(world, container)
    host, daemon, asked = world.host, world.daemon, container.host_config
    servers = asked.texts("Dns") or daemon.dns
    search = asked.texts("DnsSearch") or daemon.dns_search
    options = tuple(o for o in asked.texts("DnsOptions") if o) or daemon.dns_opt
    noted = bool(servers or search or options or asked.texts("DnsOptions"))
    if container.network_mode == "host" and not noted:
        return _joined(host.nameservers, host.search, host.resolv_options, own=True)
    if _has_user_network(world, container):
        beside = tuple(server for server in servers if _is_v6(server))
        return _embedded(beside, search or host.search, options or host.resolv_options)
    names = servers or host.nameservers
    if not (servers or search):
        names = _filtered(names, ipv6=_has_ipv6(container))
    return _joined(
        names, search or host.search, options or host.resolv_options, own=not noted
    )


def _filtered(servers: tuple[str, ...], *, ipv6: bool) -> tuple[str, ...]:
    kept = tuple(s for s in servers if not _is_loopback(s) and (ipv6 or not _is_v6(s)))
    if kept:
        return kept
    return (
        (*_GOOGLE, "2001:4860:4860::8888", "2001:4860:4860::8844") if ipv6 else _GOOGLE
    )


def _has_ipv6(container: Container) -> bool:
    return any(
        e.address6 is not None and e.address6.family == V6 for e in container.endpoints
    )


def _has_user_network(world: World, container: Container) -> bool:
    for endpoint in container.endpoints:
        network = world.networks.get(endpoint.network_id)
        if endpoint.attached and network is not None and not network.predefined:
            return True
    return False


def _embedded(
    beside: tuple[str, ...], search: tuple[str, ...], options: tuple[str, ...]
) -> str:
    """Odd on purpose: IPv6 servers of ``--dns`` stand beside the name server."""
    if not any(option.startswith("ndots:") for option in options):
        options = (*options, "ndots:0")
    return _joined((EMBEDDED, *beside), search, options, own=False)


def _joined(
    servers: tuple[str, ...],
    search: tuple[str, ...],
    options: tuple[str, ...],
    *,
    own: bool,
) -> str:
    """The host's own file has servers first; one that Docker wrote, search first."""
    names = [f"nameserver {server}" for server in servers]
    words = [f"search {' '.join(search)}"] if search and search != (".",) else []
    lines = [*names, *words] if own else [*words, *names]
    if options:
        lines.append(f"options {' '.join(options)}")
    return "".join(f"{line}\n" for line in lines)
