"""A host for the tests of programs, and a pretended packet model.

The pretended model knows names and listening sockets, and no wires: whatever listens is
reached, unless the test says otherwise by ``losing``.
"""

import re
from collections.abc import Callable

from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.host.listening import listening
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import Address
from minidock.packet.packet import Packet, answer_to
from minidock.packet.trace import Hop, Layer, Outcome, Trace
from minidock.runtime.programs import Run, run_program

__all__ = ["container", "host", "pretended", "run", "sh"]

_TARGET = re.compile(r"(\[[^\]]+\]|[^:]+)(?::(\d+)(?:/(\w+))?)?\Z")


def host(*lines: str) -> Engine:
    """An engine after these commands, each of which went through."""
    docker = Engine()
    for line in lines:
        output = docker(line)
        assert output.code == 0, output.stderr
    return docker


def container(docker: Engine, name: str) -> Container:
    """The container with this name."""
    return next(c for c in docker.world.containers.values() if c.name == name)


def run(docker: Engine, name: str, *words: str, **options) -> Run:
    """What a program in a container does, with the pretended packet model."""
    return run_program(
        docker.world,
        container(docker, name),
        words,
        journey=options.pop("journey", pretended()),
        **options,
    )


def sh(docker: Engine, name: str, script: str, **options) -> tuple[str, str, int]:
    """(stdout, stderr, code) of a script."""
    finished = run(docker, name, "sh", "-c", script, **options).finished
    return finished.stdout, finished.stderr, finished.code


def pretended(losing: Outcome | None = None, layer: Layer = Layer.FIREWALL) -> Callable:
    """A journey function; ``losing`` is how every packet to a known name ends."""

    def journey(
        world: World,
        source: str,
        target: str,
        *,
        size: int = 0,
        ttl: int = 64,
        may_fragment: bool = True,
        family: int = 0,
    ) -> Trace:
        del may_fragment, family, size
        match = _TARGET.match(target)
        if match is None:
            raise InvalidParameter(f"no target: {target}")
        name, port, protocol = match[1].strip("[]"), int(match[2] or 0), match[3]
        protocol = (protocol or "tcp") if port else "icmp"
        sender = world.containers[world.names[source]]
        mine = _address(sender)
        found = _found(world, name)
        if found is None:
            hop = _hop(1, source, Layer.NAME, f"{name} does not resolve")
            return _trace(source, target, protocol, (hop,), Outcome.UNREACHABLE)
        there, address = found
        packet = Packet(
            protocol=protocol,
            source=mine,
            target=address,
            source_port=40000 if port else 0,
            target_port=port,
            ttl=ttl,
            kind="SYN" if protocol == "tcp" else "echo request",
        )
        hops = [_hop(1, source, Layer.NAME, f"{name} is {address}", packet)]
        open_there = port == 0 or any(
            (socket.port, socket.protocol) == (port, protocol)
            for socket in (listening(world, there) if there else ())
        )
        outcome = losing or (Outcome.DELIVERED if open_there else Outcome.REFUSED)
        place = source if layer is Layer.ROUTE else "docker-host"
        hops.append(
            _hop(2, place, Layer.ROUTE if losing is None else layer, "", packet)
        )
        if outcome is Outcome.DELIVERED:
            back = answer_to(packet)
            last = _hop(3, source, Layer.SOCKET, "", back)
            hops.append(last.__class__(**{**_fields(last), "reply": True}))
        return _trace(
            source, target, protocol, tuple(hops), outcome, there=there, final=packet
        )

    return journey


def _fields(hop: Hop) -> dict:
    return {name: getattr(hop, name) for name in Hop.__slots__}


def _address(container: Container) -> Address:
    found = [item.address for item in container.endpoints if item.address]
    return found[0] if found else Address.parse("127.0.0.1")


def _found(world: World, name: str) -> tuple[Container | None, Address] | None:
    for item in world.containers.values():
        if name in {item.name, str(_address(item))}:
            return item, _address(item)
    literal = re.fullmatch(r"[1-9]\d?(\.\d){3}", name)
    return (None, Address.parse(name)) if literal else None


def _hop(number, place, layer, decision, packet=None) -> Hop:
    return Hop(
        number=number,
        space=place,
        place=place,
        layer=layer,
        decision=decision,
        before=packet,
        after=packet,
    )


def _trace(source, target, protocol, hops, outcome, *, there=None, final=None):
    return Trace(
        source=source,
        target=target,
        protocol=protocol,
        hops=hops,
        outcome=outcome,
        why="the test says so",
        server=there.name if there else "outside",
        seen=final.source if final else None,
        final=final,
    )
