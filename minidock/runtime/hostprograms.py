"""What somebody types on the Docker host to reach others: ping, curl, nslookup ...

```
minidock host curl -s http://localhost:8080 ──▶ a process in the host's own namespace
```

The programs are those of the containers. The host runs them as a container in host mode
would, with the host's own names and addresses; it has no names for containers.

Invariant: only programs that ask the network are run here. What reads the host's tables
is :mod:`minidock.views.console`, what changes them :mod:`minidock.runtime.hostcalls`.
"""

from minidock.model.container import Container, State
from minidock.model.document import Document
from minidock.model.world import World
from minidock.packet.ends import HOST
from minidock.runtime.finished import Finished
from minidock.runtime.lookups import LOOKUPS
from minidock.runtime.netprograms import NETWORK
from minidock.runtime.programs import run_program

__all__ = ["run_on_host"]

_NAMES = frozenset({*NETWORK, *LOOKUPS})


def run_on_host(world: World, line: str, *, now: int = 0) -> Finished | None:
    r"""What a shell line prints on the host; None if it begins with none of them.

    >>> from minidock.engine import Engine
    >>> world = Engine().world
    >>> print(run_on_host(world, "ping -q -c 1 192.0.2.1 | head -n 1").stdout, end="")
    PING 192.0.2.1 (192.0.2.1): 56 data bytes
    >>> run_on_host(world, "ping -c 1 web").stderr
    "ping: bad address 'web'\n"
    >>> run_on_host(world, "ip addr") is None
    True
    """
    words = line.split()
    if not words or words[0] not in _NAMES:
        return None
    return run_program(world, _shell(world), ["sh", "-c", line], now=now).finished


def _shell(world: World) -> Container:
    """Where the line runs: a process in the host's namespace, as of a container."""
    return Container(
        id="",
        name=HOST,
        created=0,
        sequence=0,
        image="",
        image_id="",
        path="sh",
        config=Document(),
        host_config=Document({"NetworkMode": "host"}),
        hostname=world.host.hostname,
        state=State(status="running"),
    )
