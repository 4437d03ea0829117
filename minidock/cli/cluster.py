"""``minidock cluster demo``: hosts that share a registry, told with true outputs.

```
an overlay ─▶ containers on three hosts ─▶ ping across
           ─▶ a host loses the store: what each side can still do ─▶ heal
           ─▶ a host crashes ─▶ its lease runs out ─▶ its address is free ─▶ it is back
           ─▶ is everything in order?
```

Everything runs in this process, on a simulated network and clock; nothing is kept.
"""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minidock.cli.answers import three_parts
from minidock.cli.arguments import Parser
from minidock.cli.options import Options
from minidock.cli.terminal import Terminal
from minidock.cluster.simulated import SimulatedCluster, Violated
from minidock.errors import InvalidParameter

__all__ = ["STORY", "Done", "Scene", "cluster"]


class Done(NamedTuple):
    """One thing that was done, and what was to be seen."""

    who: str
    line: str
    output: str
    code: int = 0
    why: str = ""


class Step(NamedTuple):
    """A docker command on a host, or (host -1) something that happens to all."""

    host: int
    line: str


class Scene(NamedTuple):
    """What is said, and the steps that show it."""

    said: str
    steps: tuple[Step, ...]


_ALL = -1
_KEYS = "keys"

STORY = (
    Scene(
        "Each host tells the store that it is there, under a lease that it renews.",
        (Step(_ALL, _KEYS),),
    ),
    Scene(
        "A network of the driver overlay is made on one host, and every host has it.",
        (
            Step(0, "docker network create -d overlay shop"),
            Step(1, "docker network ls --filter driver=overlay"),
        ),
    ),
    Scene(
        "Containers on different hosts get different addresses of one subnet.",
        (
            Step(0, "docker run -d --name web --net shop nginx"),
            Step(1, "docker run -d --name db --net shop redis"),
            Step(2, "docker run -d --name cache --net shop redis"),
            Step(_ALL, _KEYS),
        ),
    ),
    Scene(
        "They find each other by name, and reach each other through VXLAN.",
        (Step(0, "docker exec web ping -c 1 db"),),
    ),
    Scene(
        "Names are the cluster's, too: whoever comes second is refused.",
        (Step(1, "docker run -d --name web --net shop nginx"),),
    ),
    Scene(
        "Host 2 loses the store. What is agreed goes on; nothing new can be agreed.",
        (
            Step(_ALL, "cut host 2 off from the store"),
            Step(2, "docker exec cache ping -c 1 web"),
            Step(2, "docker run -d --name late --net shop redis"),
            Step(2, "docker run -d --name alone nginx"),
            Step(0, "docker run -d --name more --net shop nginx"),
        ),
    ),
    Scene(
        "The way is mended. The same command works.",
        (
            Step(_ALL, "mend all ways"),
            Step(2, "docker run -d --name late --net shop redis"),
        ),
    ),
    Scene(
        "Host 1 crashes. Nobody told the store: its lease still stands for it.",
        (
            Step(_ALL, "crash host 1"),
            Step(_ALL, _KEYS),
        ),
    ),
    Scene(
        "Half a minute later the lease has run out, and the store has let go.",
        (
            Step(_ALL, "let 30 seconds pass"),
            Step(_ALL, _KEYS),
            Step(0, "docker run -d --name db2 --net shop redis"),
            Step(0, "docker exec web ping -c 1 db2"),
        ),
    ),
    Scene(
        "Host 1 is back. What it had is somebody else's now, or is taken again.",
        (
            Step(_ALL, "restart host 1"),
            Step(_ALL, "let 30 seconds pass"),
            Step(1, "docker ps -a --format '{{.Names}}: {{.State}}'"),
            Step(_ALL, _KEYS),
        ),
    ),
    Scene(
        "Does anybody hold what another one holds? Does anything belong to nobody?",
        (Step(_ALL, "check promise 4"),),
    ),
)


def cluster(options: Options, terminal: Terminal) -> int:
    """Tell the story; 0, or 1 if the cluster is not in order at its end."""
    parser = Parser("cluster", "several hosts in one process that share a registry")
    parser.add_argument("what", choices=["demo"], help="the story, with true outputs")
    parser.add_argument("--hosts", type=int, default=3, help="how many, from 3 to 250")
    parser.add_argument("--seed", default="minidock", help="where chance comes from")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.read(options.words[1:])
    if arguments is None:
        terminal.write(parser.format_help())
        return 0
    if not 3 <= arguments.hosts <= 250:
        raise InvalidParameter(
            f"--hosts {arguments.hosts}: the story is about 3 to 250 hosts",
            asked=f"a cluster of {arguments.hosts} hosts",
            rule="each of the first three hosts has a part in the story",
            remedy="--hosts 3",
        )
    hosts = SimulatedCluster(arguments.hosts, seed=arguments.seed)
    for number in hosts.running:
        for image in ("nginx", "redis"):
            hosts[number](f"docker pull --quiet {image}")
    told = _told(hosts)
    if options.json or arguments.json:
        scenes = list(told)
        terminal.write(json.dumps([_as_data(*s) for s in scenes], indent=4) + "\n")
        return max(done.code for done in scenes[-1][2])
    code = 0
    for number, (at, said, done) in enumerate(told, 1):
        terminal.record(f"# {number}. ({at:.1f} s) {said}\n")
        for step in done:
            terminal.record(_as_text(step))
            code = step.code
        terminal.record("\n")
    return code


_Told = tuple[float, str, list[Done]]


def _told(hosts: SimulatedCluster) -> Iterator[_Told]:
    for scene in STORY:
        at = hosts.network.now
        yield at, scene.said, [_do(hosts, step) for step in scene.steps]


def _do(hosts: SimulatedCluster, step: Step) -> Done:
    if step.host == _ALL:
        return Done("", step.line, *_ACTIONS[step.line](hosts))
    output = hosts[step.host](step.line)
    hosts.beat()
    name = hosts.hosts[step.host].name
    shown = output.transcript or output.stdout + output.stderr
    return Done(name, step.line, shown, output.code, output.why)


def _keys(hosts: SimulatedCluster) -> tuple[str]:
    """Every key of the store, with short ids."""
    listing = hosts.network.store.list("")
    lines = ["/".join(map(_short, key.split("/"))) for key, _ in listing.entries]
    return ("".join(f"{line}\n" for line in lines),)


def _short(part: str) -> str:
    return part[:12] if len(part) == 64 else part


def _checked(hosts: SimulatedCluster) -> tuple[str, int]:
    try:
        hosts.check()
    except Violated as violated:
        return f"{violated}\n", 1
    return "No address, subnet, VNI or name has two holders; nothing is left over.\n", 0


def _quietly(action: Callable[[SimulatedCluster], object]) -> Callable[..., tuple[str]]:
    def done(hosts: SimulatedCluster) -> tuple[str]:
        action(hosts)
        hosts.beat()
        return ("",)

    return done


_ACTIONS: dict[str, Callable[[SimulatedCluster], tuple[str] | tuple[str, int]]] = {
    _KEYS: _keys,
    "cut host 2 off from the store": _quietly(lambda hosts: hosts.network.cut(2)),
    "mend all ways": _quietly(SimulatedCluster.heal),
    "crash host 1": _quietly(lambda hosts: hosts.crash(1)),
    "restart host 1": _quietly(lambda hosts: hosts.restart(1)),
    "let 30 seconds pass": _quietly(lambda hosts: hosts.advance(30)),
    "check promise 4": _checked,
}


def _as_text(done: Done) -> str:
    if not done.who:
        return f"--- {done.line} ---\n{done.output}"
    why = three_parts(done.why) if done.why else ""
    return f"{done.who}$ {done.line}\n{done.output}{why}"


def _as_data(at: float, said: str, steps: list[Done]) -> dict[str, object]:
    return {
        "seconds": at,
        "said": said,
        "steps": [
            {"host": s.who, "line": s.line, "output": s.output, "code": s.code}
            for s in steps
        ],
    }
