"""A server over an engine that is there: for tests, and for programs of one's own.

```
Engine ──▶ Live ──▶ serve(live, ["tcp://127.0.0.1:0"]) ──▶ Server
                                                             .addresses  DOCKER_HOST
                                                             .close()
```
"""

from collections.abc import Sequence

from minidock.server.answers import Answers
from minidock.server.frontdesk import FrontDesk
from minidock.server.live import Live
from minidock.server.server import MOST, Secure, Server, names_of

__all__ = ["serve"]


def serve(
    live: Live,
    hosts: Sequence[str] = ("tcp://127.0.0.1:0",),
    *,
    remote: bool = False,
    secure: Secure | None = None,
    most: int = MOST,
) -> Server:
    """Answer for an engine on some addresses.

    Args:
        live: the engine; it is not closed with the server.
        hosts: what dockerd's ``-H`` takes.
        remote: whether others on the network may reach it.
        secure: what makes a TCP connection a TLS one.
        most: connections at the same time.

    >>> from minidock.engine import Engine
    >>> live = Live(Engine())
    >>> server = serve(live)
    >>> server.addresses[0].rpartition(":")[0]
    'tcp://127.0.0.1'
    >>> server.close(), live.close()
    (None, None)
    >>> serve(live, ["tcp://0.0.0.0:0"])
    Traceback (most recent call last):
    ...
    minidock.errors.Forbidden: tcp://0.0.0.0:0 can be reached from other machines
    """
    desk = FrontDesk(names=names_of(hosts))
    desk.open(Answers(live, desk.date))
    return Server(desk, hosts, remote=remote, secure=secure, most=most)
