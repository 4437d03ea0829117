"""`ping`, `ping6` and `traceroute`, as busybox prints them.

```
PING db (172.18.0.3): 56 data bytes
64 bytes from 172.18.0.3: seq=0 ttl=64 time=0.083 ms
```

Without ``-c`` a ping goes on until somebody stops it. Here somebody does after
``TYPED`` packets, as with Ctrl-C, and a line on stderr says so; as a container's main
program it runs on.
"""

import re

from minidock.net.address import V4, V6
from minidock.runtime.asking import Asked, Failure, ask, milliseconds
from minidock.runtime.finished import Finished
from minidock.runtime.options import Options, options
from minidock.runtime.process import FOREVER, Process, Result, refused, usage

__all__ = ["TYPED", "ping", "traceroute"]

TYPED = 4
"""After how many packets an endless ping is stopped."""
_MOST = 1000
_HEADERS = {V4: 28, V6: 48}
"""Octets of the IP and ICMP headers around the data of an echo request."""


def _number(text: str) -> float | None:
    good = re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, re.ASCII)
    return float(text) if good else None


def ping(process: Process) -> Finished:
    """`ping [-46q] [-c N] [-s SIZE] [-t TTL] [-i SECS] [-w SECS] [-W SECS] HOST`."""
    given = options(process.arguments, "46qAn", "cstiIwWp")
    for name, text in given.values:
        if name in "csti" and _number(text) is None:
            return refused(process, f"invalid number '{text}'")
    if given.unknown or given.incomplete or len(given.rest) != 1:
        return usage(process, "[-46q] [-c CNT] [-s SIZE] [-t TTL] HOST")
    family = V6 if "6" in given.flags or process.name == "ping6" else 0
    family = V4 if "4" in given.flags else family
    host = given.rest[0]
    size = int(given.value("s") or 56)
    if size > 65_507:
        return refused(process, f"number {size} is not in 0..65507 range")
    asked = ask(
        process,
        host,
        size=size + _HEADERS[family or V4],
        ttl=int(given.value("t") or 64) or 64,
        family=family,
    )
    if asked.address is None:
        return refused(process, f"bad address '{host}'")
    return _pinged(process, given, asked, size)


def _pinged(process: Process, given: Options, asked: Asked, size: int) -> Finished:
    head = f"PING {given.rest[0]} ({asked.address}): {size} data bytes\n"
    if asked.failure in {Failure.NETWORK, Failure.TOO_BIG}:
        reason = "Network is unreachable"
        if asked.failure is Failure.TOO_BIG:
            reason = "Message too large"
        return Finished(
            stdout=head, stderr=f"{process.name}: sendto: {reason}\n", code=1
        )
    interval = _number(given.value("i") or "1") or 1.0
    count, endless = _count(given, interval)
    times = [
        milliseconds(process.container.name, asked.address, turn)
        for turn in range(count if asked.failure is Failure.NONE else 0)
    ]
    answer = asked.answer
    ttl = answer.ttl if answer is not None else 64
    lines = (
        ""
        if "q" in given.flags
        else "".join(
            f"{size + 8} bytes from {asked.address}: seq={turn} ttl={ttl} "
            f"time={time:.3f} ms\n"
            for turn, time in enumerate(times)
        )
    )
    if endless and process.patience < FOREVER:
        return Result(stdout=head + lines, seconds=FOREVER)
    note = (
        f"minidock: stopped after {count} packets, as with Ctrl-C; -c says how many\n"
    )
    wait = _number(given.value("W") or "10") or 10.0
    return Result(
        stdout=head + lines + _statistics(given.rest[0], count, times),
        stderr=note if endless else "",
        code=int(not times),
        seconds=(count - 1) * interval + (0 if times else wait),
    )


def _count(given: Options, interval: float) -> tuple[int, bool]:
    """How many packets, and whether it would go on."""
    asked, deadline = given.value("c"), _number(given.value("w") or "")
    count = int(float(asked)) if asked else 0
    if deadline is not None:
        within = int(deadline / interval) or 1
        count = min(count, within) if count else within
    return min(count or TYPED, _MOST), not count


def _statistics(host: str, sent: int, times: list[float]) -> str:
    lost = 100 * (sent - len(times)) // sent
    text = (
        f"\n--- {host} ping statistics ---\n{sent} packets transmitted, "
        f"{len(times)} packets received, {lost}% packet loss\n"
    )
    if not times:
        return text
    mean = sum(times) / len(times)
    return text + (
        f"round-trip min/avg/max = {min(times):.3f}/{mean:.3f}/{max(times):.3f} ms\n"
    )


# --- traceroute -----------------------------------------------------------------------

_PORT = 33434


def traceroute(process: Process) -> Finished:
    """`traceroute [-n] [-m MAXTTL] [-q PROBES] HOST`: who answers at which distance."""
    given = options(process.arguments, "46FnrvIl", "fmqptwsiz")
    numbers = [
        int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
        for text in (given.value("m") or "30", given.value("q") or "3")
    ]
    bad = given.unknown or given.incomplete or not 1 <= len(given.rest) <= 2
    if bad or not 0 < numbers[0] < 256 or not 0 < numbers[1] < 11:
        return usage(process, "[-46n] [-m MAXTTL] [-q PROBES] HOST [BYTES]")
    most, probes = numbers
    host = given.rest[0]
    family = V6 if "6" in given.flags or process.name == "traceroute6" else 0
    whole = ask(process, host, f"{_PORT}/udp", family=family)
    if whole.address is None:
        return refused(process, f"bad address '{host}'")
    if whole.failure is Failure.NETWORK:
        text = f"can't connect to remote host ({whole.address}): {whole.failure}"
        return refused(process, text)
    head = f"traceroute to {host} ({whole.address}), {most} hops max, 46 byte packets\n"
    return Result(stdout=head + _hops(process, whole, most, probes))


def _hops(process: Process, whole: Asked, most: int, probes: int) -> str:
    lines, host = "", str(whole.address)
    for distance in range(1, most + 1):
        asked = ask(process, host, f"{_PORT}/udp", ttl=distance)
        arrived = asked.failure in {Failure.NONE, Failure.REFUSED}
        answer = asked.answer
        if not arrived and answer is None:
            # Nobody answers from here on.
            return lines + "".join(
                f"{turn:2}{'  *' * probes}\n" for turn in range(distance, most + 1)
            )
        who = host if arrived or answer is None else str(answer.source)
        times = "".join(
            f"  {milliseconds(host, distance, turn):.3f} ms" for turn in range(probes)
        )
        lines += f"{distance:2}  {who} ({who}){times}\n"
        if arrived or who == host:
            break
    return lines
