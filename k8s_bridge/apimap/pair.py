"""A call of the Docker Engine API and the calls of the Kubernetes API in its place.

```
 GET /containers/json = docker ps                                      Docker's side
 > GET /api/v1/namespaces/{namespace}/pods = kubectl get pods          Kubernetes' side
 A filter by label is a label selector.                                what differs
```

The tables of this folder are texts of such blocks. Invariants: a block has at least one
call on Docker's side and a note; without a line ``>`` nothing in Kubernetes does it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Call", "Pair", "pairs_in"]

_REQUEST = re.compile("(GET|HEAD|POST|PUT|PATCH|DELETE) /")
# One of each thing, so that the lines can be typed one after the other.
_EXAMPLES = {"containers": "web", "networks": "front", "volumes": "data"}
_EXAMPLES |= {"images": "nginx", "distribution": "nginx", "exec": "ID"}


class Call(NamedTuple):
    """A method and a path, and the command line that makes the call ("" for none)."""

    method: str
    path: str
    line: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def command(self) -> str:
        """What to type: the command line, or curl where there is none.

        >>> Call("POST", "/session").command
        'curl -X POST --unix-socket /var/run/docker.sock http://docker/session'
        """
        if self.line:
            return self.line
        example = _EXAMPLES.get(self.path.split("/")[1], "ID")
        path = re.sub(r"\{\w+\}", example, self.path)
        method = "" if self.method == "GET" else f" -X {self.method}"
        return f"curl{method} --unix-socket /var/run/docker.sock http://docker{path}"


class Pair(NamedTuple):
    """What Docker's clients ask, what asks the same of Kubernetes, what differs."""

    docker: tuple[Call, ...]
    kubernetes: tuple[Call, ...]
    note: str


def pairs_in(table: str) -> Iterator[Pair]:
    r"""The blocks of a table; O(its length).

    >>> list(pairs_in("GET /info = docker info\nNothing.")) == [
    ...     Pair((Call("GET", "/info", "docker info"),), (), "Nothing.")]
    True
    """
    for block in table.strip().split("\n\n"):
        docker, kubernetes, note = [], [], []
        for line in block.splitlines():
            if line.startswith("> "):
                kubernetes.append(_call(line[2:]))
            elif _REQUEST.match(line):
                docker.append(_call(line))
            else:
                note.append(line)
        yield Pair(tuple(docker), tuple(kubernetes), " ".join(note))


def _call(text: str) -> Call:
    request, _, line = text.partition(" = ")
    method, _, path = request.partition(" ")
    return Call(method, path, line)
