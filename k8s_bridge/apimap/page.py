"""The map of the two APIs, as a page and for a terminal.

```
 tables ─▶ Groups ─┬─ as_markdown   docs/reference/api-map.md
                   └─ as_text       k8s-bridge api-map [WORD]
```

Invariant: each call that minidock's engine answers is on Docker's side exactly once.
"""

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from k8s_bridge.apimap.around import ENGINE, NETWORKS, VOLUMES
from k8s_bridge.apimap.containers import CONTAINERS
from k8s_bridge.apimap.images import IMAGES
from k8s_bridge.apimap.pair import Call, Pair, pairs_in
from k8s_bridge.apimap.swarm import SWARM
from minidock.errors import NotFound

__all__ = ["Group", "as_markdown", "as_text", "groups"]

_HEAD = """\
# Docker's API and Kubernetes' API

Each call of the Docker Engine API beside the call of the Kubernetes API that asks the
same, and a command line for both. `k8s-bridge api-map` prints the same, and `k8s-bridge
api-map restart` what is about a word. This page is generated:
`k8s-bridge api-map --markdown > docs/reference/api-map.md`.

The lines can be typed on a host with a container `web` on a network `front` and a volume
`data`; `curl` stands where the docker program makes the call only on the way to something
else, or never. Paths of Kubernetes are as its API reference has them.
"""


class Group(NamedTuple):
    """The calls about one kind of thing."""

    title: str
    pairs: tuple[Pair, ...]


def groups() -> tuple[Group, ...]:
    """The whole map; O(its size)."""
    tables = {
        "Containers": CONTAINERS,
        "Networks": NETWORKS,
        "Volumes": VOLUMES,
        "Images": IMAGES,
        "The engine": ENGINE,
        "Swarms": SWARM,
    }
    return tuple(
        Group(title, tuple(pairs_in(table))) for title, table in tables.items()
    )


def as_markdown() -> str:
    """The reference page."""
    parts = [_HEAD, _counts()]
    for group in groups():
        parts += [f"## {group.title}\n", *map(_section, group.pairs)]
    return "\n".join(parts)


def _counts() -> str:
    found = [(len(p.docker), bool(p.kubernetes)) for g in groups() for p in g.pairs]
    with_one = sum(count for count, known in found if known)
    without = sum(count for count, known in found if not known)
    return (
        f"Of {with_one + without} calls, {with_one} have a counterpart and {without} "
        "have none.\n"
    )


def _section(pair: Pair) -> str:
    title = ", ".join(f"`{call}`" for call in pair.docker)
    lines = [f"### {title}\n", pair.note, ""]
    if pair.kubernetes:
        lines += [f"* `{call}`" for call in pair.kubernetes]
    else:
        lines += ["* no counterpart"]
    lines += ["", "```sh", *_commands(pair), "```", ""]
    return "\n".join(lines)


def _commands(pair: Pair) -> Iterator[str]:
    """What to type, each line once."""
    docker = dict.fromkeys(call.command for call in pair.docker)
    yield from docker
    yield from (call.command for call in pair.kubernetes)


def as_text(word: str = "", width: int = 80) -> str:
    """The pairs that a word is about, "" for all, in so many columns.

    >>> print(as_text("pause").splitlines()[0])
    POST /containers/{id}/pause
    >>> as_text("teleport")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: no call is about teleport
    """
    pairs = [p for group in groups() for p in group.pairs if _about(p, word)]
    if not pairs:
        raise NotFound(
            f"no call is about {word}",
            asked=f"show the calls about {word}",
            rule="the word must be in a path or a command line",
            remedy="k8s-bridge api-map containers",
        )
    return "\n\n".join(_block(pair, width) for pair in pairs) + "\n"


def _about(pair: Pair, word: str) -> bool:
    calls = (*pair.docker, *pair.kubernetes)
    texts = (text for call in calls for text in (str(call), call.line))
    return any(word.lower() in text.lower() for text in texts)


def _block(pair: Pair, width: int) -> str:
    lines = []
    for call in pair.docker:
        lines += _shown(call, "")
    for call in pair.kubernetes:
        lines += _shown(call, "    ")
    if not pair.kubernetes:
        lines.append("    no counterpart")
    indent = "      "
    lines += textwrap.wrap(
        pair.note, width, initial_indent=indent, subsequent_indent=indent
    )
    return "\n".join(lines)


def _shown(call: Call, indent: str) -> list[str]:
    return [f"{indent}{call}", f"{indent}  $ {call.command}"]
