"""``minidock demo``: one host's story, told with true outputs, in one go.

```
networks ─▶ bridge ─▶ run -p 80:80 nginx ─▶ the four steps ─▶ the rules it wrote
         ─▶ a packet's journey ─▶ a network of one's own
         ─▶ links, variables, /etc/hosts
         ─▶ a port taken twice ─▶ the picture ─▶ Kubernetes manifests
```

Nothing of it is kept in a file.
"""

from importlib import import_module
from typing import NamedTuple

from minidock.cli.answers import three_parts
from minidock.cli.arguments import Parser
from minidock.cli.commands import run
from minidock.cli.options import Options
from minidock.cli.play import words_of
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench, open_workbench
from minidock.errors import Refusal

__all__ = ["STORY", "Scene", "demo"]


class Scene(NamedTuple):
    """What is said, and the command lines that show it."""

    said: str
    lines: tuple[str, ...]


_CONTAINERS = "--format '{{json .Containers}}'"

STORY = (
    Scene(
        "A fresh Docker host has three networks; containers go to bridge unless told.",
        ("docker network ls", "docker network inspect bridge"),
    ),
    Scene(
        "Run a web server and publish its port 80 on the host's port 80.",
        (
            "docker pull --quiet nginx:latest",
            "docker run -d --name web -p 80:80 nginx:latest",
            "docker ps",
            f"docker network inspect bridge {_CONTAINERS}",
        ),
    ),
    Scene(
        "To connect the container Docker took four steps; on a real Linux they are:",
        ("minidock linux --steps web",),
    ),
    Scene(
        "And it wrote rules: what arrives at the host's port 80 goes to the container.",
        ("minidock rules -t nat",),
    ),
    Scene(
        "Who gets in, who does not, and why: follow a packet, hop by hop.",
        (
            "minidock trace outside host:80 --brief",
            "minidock trace outside 172.17.0.2:80 --brief",
        ),
    ),
    Scene(
        "A network of one's own has the next subnet, and its containers have names.",
        (
            "docker network create --driver bridge mynet",
            "docker run -d --name shop --net=mynet nginx",
            f"docker network inspect mynet {_CONTAINERS}",
        ),
    ),
    Scene(
        "On bridge there are no names. The old way out: links, variables and a file.",
        (
            "docker pull --quiet training/mysql",
            "docker pull --quiet training/webapp",
            "docker run -d --name db training/mysql",
            "docker run -d -P --name app --link db:db training/webapp",
            "docker run --rm --name app2 --link db:db training/webapp env",
            "docker exec app cat /etc/hosts",
        ),
    ),
    Scene(
        "A host port can be had once. The refused container stays, as in Docker.",
        (
            "docker run -d --name web2 -p 80:80 nginx",
            "minidock diff",
            "docker rm web2",
        ),
    ),
    Scene("All of it in one picture.", ("minidock draw",)),
)


def demo(options: Options, terminal: Terminal) -> int:
    """Tell the story; 0."""
    parser = Parser("demo", "the whole story in one go, with true outputs")
    if parser.read(options.words[1:]) is None:
        terminal.write(parser.format_help())
        return 0
    bench = open_workbench("", options.era)
    for number, scene in enumerate(STORY, 1):
        terminal.record(f"# {number}. {scene.said}\n")
        for line in scene.lines:
            _show(bench, line, terminal)
        terminal.record("\n")
    terminal.record(f"# {len(STORY) + 1}. The same wishes, said to Kubernetes.\n")
    terminal.record(_manifests(bench))
    terminal.record("\nNext: minidock shell, docs/lessons, or minidock --help\n")
    return 0


def _show(bench: Workbench, line: str, terminal: Terminal) -> None:
    terminal.record(f"$ {line}\n")
    output = run(bench, words_of(line), terminal.environment)
    terminal.record(output.transcript or output.stdout + output.stderr)
    if line.startswith("docker "):
        terminal.record(three_parts(output.why))


def _manifests(bench: Workbench) -> str:
    """The manifests of two of the containers, if k8s_bridge is beside us.

    By name and late: minidock stands without it, and never imports it.
    """
    try:
        translate = import_module("k8s_bridge").translate
    except ImportError:
        return "(k8s_bridge is not installed)\n"
    try:
        result = translate(bench.engine)
    except Refusal as refusal:
        return f"(not translated: {refusal.text})\n"
    counts = str(result.report).splitlines()[0]
    return f"{result.yaml}\nsettings of the containers: {counts}\n"
