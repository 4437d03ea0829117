"""A thousand containers' networks, set up in the model and by the kernel's `ip -batch`.

Run ``python -m benchmarks.kernel``. Both do the same for each container: a cable into
its sandbox, a port of one bridge, an address, a MAC and a default route. The model is
asked to attach each container (first row), and for all that a container needs, created
and started over the API (second row). The kernel is given the commands that `minidock
linux` prints, in as few programs as possible, without settings and rules. A Linux
bridge ends at 1,023 ports. The kernel needs root; all that is made are namespaces of
this run's own.
"""

import os
import subprocess
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from minidock.cli.standing import check_computer
from minidock.commands.endpoints import attach
from minidock.engine import Engine
from minidock.errors import Forbidden
from minidock.host.machine import machine
from minidock.topology.machine import Machine
from minidock.views.linux import remove, stages
from minidock.views.linux_command import batched

CONTAINERS = 1000


class Row(NamedTuple):
    name: str
    ours: float
    kernel: float | None
    """Seconds; None where no kernel may be asked."""
    goal: float
    reason: str = ""

    @property
    def ratio(self) -> float:
        return (self.kernel or 0.0) / self.ours


def engine() -> Engine:
    docker = Engine("28")
    docker("pull nginx")
    docker("network create big --subnet 10.0.0.0/16")
    return docker


def connected() -> float:
    """Containers that run already get their place on a network."""
    docker = engine()
    body = {"Image": "nginx", "HostConfig": {"NetworkMode": "big"}}
    for number in range(CONTAINERS):
        docker.api("POST", f"/containers/create?name=c{number}", body)
    world = docker.world
    network = next(n for n in world.networks.values() if n.name == "big")
    waiting = list(world.containers.values())
    started = perf_counter()
    for container in waiting:
        joined = attach(world, container, container.endpoints[0], network, 0)
        world = joined.world
    return perf_counter() - started


def over_the_api() -> tuple[float, Machine]:
    """Create and start each container, and read the machine that follows from it."""
    docker = engine()
    body = {"Image": "nginx", "HostConfig": {"NetworkMode": "big"}}
    started = perf_counter()
    for number in range(CONTAINERS):
        docker.api("POST", f"/containers/create?name=c{number}", body)
        docker.api("POST", f"/containers/c{number}/start")
    built = machine(docker.world)
    return perf_counter() - started, built


def by_the_kernel(built: Machine) -> float:
    """The same by `ip -batch`."""
    prefix = f"mdbench{os.getpid()}"
    names, _, cables, _ = stages(built, prefix=prefix)
    commands = [item for item in batched([*names, *cables]) if item.program == "ip"]
    try:
        started = perf_counter()
        for item in commands:
            where = ["-n", item.netns] if item.netns else []
            _ip(*where, "-batch", "-", text=item.text)
        return perf_counter() - started
    finally:
        for item in batched(remove(built, prefix)):
            _ip("-force", "-batch", "-", text=item.text)


def _ip(*words: str, text: str) -> None:
    subprocess.run(["ip", *words], input=text, text=True, check=True)


def rows() -> Iterator[Row]:
    ours = min(connected() for _ in range(3))
    whole, built = min((over_the_api() for _ in range(3)), key=lambda pair: pair[0])
    kernel, reason = None, ""
    try:
        check_computer("measure the kernel")
        kernel = by_the_kernel(built)
    except Forbidden as refusal:
        reason = refusal.text
    yield Row(f"{CONTAINERS:,} networks of containers", ours, kernel, 50, reason)
    yield Row(f"{CONTAINERS:,} containers over the API", whole, kernel, 5, reason)


def main() -> int:
    """Print the table; the number of goals that were missed."""
    print(f"{'':40} {'ours s':>9} {'kernel s':>9}   ratio  goal")
    missed = 0
    for row in rows():
        if row.kernel is None:
            print(f"{row.name:40} {row.ours:9.3f}   skipped: {row.reason}")
            continue
        met = row.ratio >= row.goal
        missed += not met
        print(
            f"{row.name:40} {row.ours:9.3f} {row.kernel:9.3f} "
            f"{row.ratio:7.1f} {row.goal:5g}  {'met' if met else 'MISSED'}"
        )
    return missed


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
