"""What can be said of a World in short sentences, reading by reading.

```
World ─▶ networks                back: bridge 172.18.0.0/16, internal
      ─▶ containers              web (nginx): running
      ─▶ published ports         0.0.0.0:8080 -> web 80/tcp
Machine ─▶ interfaces, routes    web: eth0 172.17.0.2/16 == veth1a2b3c4 on docker0
Ruleset ─▶ firewall rules        nat: -A DOCKER ! -i docker0 -p tcp ...
```

:mod:`minidock.views.diff` compares these sentences.

Invariants: a fact has no time, no process id and no counter in it, so that only what
can be seen on the network makes a difference; facts come in the order of the reading.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from minidock.firewall.render import text_of
from minidock.firewall.rule import Verdict
from minidock.firewall.ruleset import Ruleset
from minidock.host.machine import machine
from minidock.host.rules import container_rules, rules
from minidock.model.container import Container, Endpoint
from minidock.model.network import Network
from minidock.model.world import World
from minidock.naming.hosts import hosts_file, resolv_conf, sandbox_owner
from minidock.net.address import V4, V6
from minidock.topology.machine import Machine
from minidock.views.machine_text import interface_texts, route_text
from minidock.views.measure import plain
from minidock.views.published import published

__all__ = ["READINGS", "Fact", "Sight", "readings"]

_FIXED_HOSTS = 6
"""How many lines every hosts file begins with: localhost, and IPv6's names."""


class Fact(NamedTuple):
    """A sentence, and what it is about: facts about one thing are shown together."""

    subject: str
    text: str


class Sight(NamedTuple):
    """A World and the machine that stands for it, derived once for all readings."""

    world: World
    machine: Machine


# --- what was decided -----------------------------------------------------------------


def _images(seen: Sight) -> Iterator[Fact]:
    for name, image in sorted(seen.world.references.items()):
        if "@" in name:  # the digest of an image that is there under its name, too
            continue
        digits = image.partition(":")[2][:12]
        yield Fact(name, f"{plain(name)} ({digits})")


def _volumes(seen: Sight) -> Iterator[Fact]:
    for volume in sorted(seen.world.volumes.values(), key=lambda item: item.created):
        yield Fact(volume.name, plain(f"{volume.name}: {volume.driver}"))


def _networks(seen: Sight) -> Iterator[Fact]:
    for network in seen.world.networks_in_order():
        text = ", ".join(_network_words(network))
        yield Fact(network.id, plain(f"{network.name}: {text}"))


def _network_words(network: Network) -> Iterator[str]:
    pools = [pool for pool in (network.pool, network.pool6) if pool is not None]
    yield " ".join([network.driver, *(str(pool.subnet) for pool in pools)])
    for pool in pools:
        if pool.gateway is not None:
            yield f"gateway {pool.gateway}"
    yield from ["internal"] if network.internal else []
    for name in network.options:
        yield f"{name}={network.options.text(name)}"


def _containers(seen: Sight) -> Iterator[Fact]:
    for container in seen.world.containers_in_order():
        state = container.state
        code = f" ({state.exit_code})" if state.status == "exited" else ""
        head = f"{container.name} ({container.image}): {state.status}{code}"
        yield Fact(container.id, plain(head))
        for endpoint in container.endpoints:
            words = ", ".join(_endpoint_words(endpoint))
            text = f"{container.name} on {endpoint.network}: {words}"
            yield Fact(container.id, plain(text))


def _endpoint_words(endpoint: Endpoint) -> Iterator[str]:
    if not endpoint.attached:
        yield "when it starts"
    elif endpoint.address is None and endpoint.address6 is None:
        yield "attached"
    if endpoint.address is not None:
        yield f"{endpoint.address}/{endpoint.length}"
    if endpoint.address6 is not None:
        yield f"{endpoint.address6}/{endpoint.length6}"
    for alias in endpoint.settings.aliases or ():
        yield f"alias {alias}"


def _published(seen: Sight) -> Iterator[Fact]:
    for container in seen.world.containers_in_order():
        for port in published(container):
            sockets = ", ".join(port.sockets)
            yield Fact(
                container.id, f"{sockets} -> {plain(container.name)} {port.target}"
            )


# --- what stands on the host ----------------------------------------------------------


def _interfaces(seen: Sight) -> Iterator[Fact]:
    for where, name, text in interface_texts(seen.machine):
        yield Fact(f"{where}/{name}", f"{where}: {text}")


def _routes(seen: Sight) -> Iterator[Fact]:
    for space in seen.machine.namespaces:
        where = space.owner or "host"
        for route in space.routes:
            if route.family == V4 or not route.destination.first.is_link_local:
                yield Fact(where, f"{where}: {route_text(route)}")


def _firewall(seen: Sight) -> Iterator[Fact]:
    for family in (V4, V6):
        suffix = "" if family == V4 else " (IPv6)"
        yield from _rules(rules(seen.world, family), suffix)


def _rules(ruleset: Ruleset, suffix: str) -> Iterator[Fact]:
    for table in ruleset.tables:
        where = f"{table.name}{suffix}"
        for chain in table.chains:
            subject = f"{where} {chain.name}"
            if chain.policy is None:
                yield Fact(subject, f"{where}: -N {chain.name}")
            elif chain.policy is not Verdict.ACCEPT:
                yield Fact(subject, f"{where}: -P {chain.name} {chain.policy}")
            for rule in chain.rules:
                yield Fact(subject, f"{where}: {text_of(rule)}")


def _inner_firewall(seen: Sight) -> Iterator[Fact]:
    world = seen.world
    for container in _with_own_stack(world):
        for rule in container_rules(world, container):
            text = f"{plain(container.name)}: {rule.table}: {text_of(rule)}"
            yield Fact(container.id, text)


def _names(seen: Sight) -> Iterator[Fact]:
    world = seen.world
    for container in _with_own_stack(world):
        name = plain(container.name)
        for line in hosts_file(world, container).splitlines()[_FIXED_HOSTS:]:
            words = plain(" ".join(line.split()))
            yield Fact(container.id, f"{name}: {words}")
        for line in resolv_conf(world, container).splitlines():
            if line.startswith("nameserver "):
                yield Fact(container.id, f"{name}: {plain(line)}")


def _with_own_stack(world: World) -> Iterator[Container]:
    """The running containers that share their namespace and files with nobody."""
    for container in world.containers_in_order():
        own = sandbox_owner(world, container).id == container.id
        if container.state.running and own and container.network_mode != "host":
            yield container


READINGS: Mapping[str, Callable[[Sight], Iterator[Fact]]] = MappingProxyType(
    {
        "images": _images,
        "volumes": _volumes,
        "networks": _networks,
        "containers": _containers,
        "published ports": _published,
        "interfaces": _interfaces,
        "routes": _routes,
        "firewall rules": _firewall,
        "firewall rules in containers": _inner_firewall,
        "hosts files and DNS servers": _names,
    }
)
"""Every reading by its title, in the order in which people look."""


def readings(world: World) -> dict[str, list[Fact]]:
    """All that can be said of a World, by the title of the reading; O(n log n).

    >>> from minidock.engine import Engine
    >>> readings(Engine().world)["networks"][0].text
    'none: null'
    """
    seen = Sight(world, machine(world))
    return {title: list(reading(seen)) for title, reading in READINGS.items()}
