r"""What stands behind a pipe sign: head, tail, grep ..., run by a container's shell.

```
docker ps | grep web | head -1
└── line ┘  └─── filters ───┘    sh -c 'cat ... | grep web | head -1' in a
                                 container that has what docker printed as a file
```

Docker's own line has no shell; pages and people use one all the same. The filters run
in the simulated busybox of a host that exists for nothing else.

Invariant: filters change no host that anybody looks at.
"""

from dataclasses import replace
from functools import cache

from minidock.engine import Engine
from minidock.model.world import World
from minidock.runtime.finished import Finished
from minidock.runtime.programs import run_program

__all__ = ["split_pipe", "through"]

_INPUT = "/tmp/input"  # noqa: S108 - a file of the simulated container


def split_pipe(line: str) -> tuple[str, str]:
    """A line up to its first pipe sign that is not quoted, and what stands behind it.

    >>> split_pipe("docker ps | grep 'a|b' | head -1")
    ('docker ps ', " grep 'a|b' | head -1")
    >>> split_pipe("docker run alpine sh -c 'ls | wc'")
    ("docker run alpine sh -c 'ls | wc'", '')
    """
    quote, skip = "", False
    for at, char in enumerate(line):
        if skip:
            skip = False
        elif char == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "|":
            twice = line[at + 1 : at + 2] == "|"
            return (line, "") if twice else (line[:at], line[at + 1 :])
    return line, ""


def through(text: str, filters: str) -> Finished:
    r"""What filters make of a text.

    >>> through("web\ndb\n", "grep -v web | head -1").stdout
    'db\n'
    >>> through("web\n", "jq .").stderr
    'sh: jq: not found\n'
    """
    world = _scratch()
    [container] = world.containers.values()
    reader = replace(container, files=((_INPUT, text),))
    words = ["sh", "-c", f"cat {_INPUT} | {filters}"]
    return run_program(world, reader, words).finished


@cache
def _scratch() -> World:
    """A host with one container, which has busybox's programs."""
    engine = Engine()
    engine("docker run -d --name filters busybox sleep 1d")
    return engine.world
