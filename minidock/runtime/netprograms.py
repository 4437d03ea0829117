"""The programs that reach others: a table, and the plain connections of nc and telnet.

```
 ping, traceroute      ping.py          an echo request; packets that do not live long
 curl, wget            webclients.py    a page
 nc, telnet            here             a connection, or a socket that listens
```

They ask the packet model by ``process.journey``, and a server's words come from
servers.py. Odd on purpose: busybox's `nc -v` says nothing of a refused connection (only
``-vv`` does); here one ``-v`` is enough, as in other versions.
"""

import re

from minidock.host.opening import opens
from minidock.runtime.asking import Failure, ask
from minidock.runtime.finished import Finished
from minidock.runtime.options import options
from minidock.runtime.ping import ping, traceroute
from minidock.runtime.process import (
    FOREVER,
    Process,
    Program,
    Result,
    refused,
    usage,
)
from minidock.runtime.servers import says
from minidock.runtime.webclients import curl, wget

__all__ = ["NETWORK"]

_PORT = re.compile(r"\d{1,5}\Z", re.ASCII)


def _port(text: str) -> int | None:
    number = int(text) if _PORT.match(text) else 0
    return number if 0 < number < 65536 else None


def _listens(process: Process) -> Finished:
    """A server, which runs on if its words say where it listens."""
    if not opens(process.words):
        return usage(process, "[-f] [-p [IP:]PORT] [-h HOME]")
    # Without -f busybox's httpd goes to the background.
    return Result(seconds=FOREVER)


def _nc(process: Process) -> Finished:
    if opens(process.words):
        return Result(seconds=FOREVER)
    given = options(process.arguments, "46lkuvzn", "wpsieq")
    wait = given.value("w")
    ports = [_port(text) for text in given.rest[1:2]]
    bad = given.unknown or given.incomplete or len(given.rest) != 2
    if bad or (wait is not None and not _PORT.match(wait)) or "l" in given.flags:
        return usage(process, "[-46uvz] [-w SEC] HOST PORT, or -l -p PORT")
    if ports[0] is None:
        return refused(process, f"bad port '{given.rest[1]}'")
    host = given.rest[0]
    protocol = "udp" if "u" in given.flags else "tcp"
    family = 6 if "6" in given.flags else 4 if "4" in given.flags else 0
    asked = ask(process, host, f"{ports[0]}/{protocol}", family=family)
    if asked.failure is Failure.NAME:
        return refused(process, f"bad address '{host}'")
    shown = f"{host} ({asked.address}:{ports[0]})"
    verbose = "v" in given.flags
    if protocol == "udp" and asked.failure in {Failure.SILENCE, Failure.REFUSED}:
        # A datagram is sent, and nobody says whether it came.
        return Finished(code=int("z" in given.flags))
    if asked.failure is not Failure.NONE:
        reason = asked.failure.value
        if asked.failure is Failure.HOST:
            reason = "Host is unreachable"
        seconds = asked.seconds
        if wait is not None and seconds > int(wait):
            seconds, reason = float(wait), "Operation timed out"
        stderr = f"nc: {shown}: {reason}\n" if verbose or seconds == 0 else ""
        return Result(stderr=stderr, code=1, seconds=seconds)
    said = f"{shown} open\n" if verbose else ""
    text = "" if "z" in given.flags else says(process.world, asked.trace, process.stdin)
    return Finished(stdout=text, stderr=said)


def _telnet(process: Process) -> Finished:
    given = options(process.arguments, "a", "l")
    if given.unknown or given.incomplete or not 1 <= len(given.rest) <= 2:
        return usage(process, "[-a] [-l USER] HOST [PORT]")
    host, port = given.rest[0], _port((*given.rest, "23")[1])
    if port is None:
        return refused(process, f"bad port '{given.rest[1]}'")
    asked = ask(process, host, f"{port}/tcp")
    if asked.failure is Failure.NAME:
        return refused(process, f"bad address '{host}'")
    if asked.failure is not Failure.NONE:
        text = f"can't connect to remote host ({asked.address}): {asked.failure}"
        said = refused(process, text)
        return Result(stderr=said.stderr, code=1, seconds=asked.seconds)
    answer = says(process.world, asked.trace, process.stdin)
    closed = "Connection closed by foreign host\n"
    return Finished(stdout=f"Connected to {host}\n{answer}", stderr=closed, code=1)


NETWORK: dict[str, Program] = {
    "curl": curl,
    "nc": _nc,
    "netcat": _nc,
    "ping": ping,
    "ping6": ping,
    "telnet": _telnet,
    "traceroute": traceroute,
    "traceroute6": traceroute,
    "wget": wget,
}

LISTENERS: dict[str, Program] = {"httpd": _listens, "socat": _listens}
