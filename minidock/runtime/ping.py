"""`ping`, `ping6` and `traceroute`, as busybox prints them.

```
PING db (172.18.0.3): 56 data bytes
64 bytes from 172.18.0.3: seq=0 ttl=64 time=0.083 ms
```

A packet is sent every second, through the World of that second. The first one takes
longer: it waits at each machine that has to ask for the MAC of the next one (ARP), and
later ones find the answer there. Odd: kernels remember for minutes, so there a second
`ping` is quick at once; here each starts among strangers. Without ``-c`` a ping goes on
until somebody stops it; who watches it has seen enough after ``TYPED`` packets.
"""

import re
from dataclasses import dataclass, replace

from minidock.net.address import V4, V6
from minidock.runtime.asking import Asked, Failure, ask, milliseconds
from minidock.runtime.finished import Finished
from minidock.runtime.options import Options, options
from minidock.runtime.process import Paused, Process, Result, refused, usage
from minidock.runtime.waiting import SECOND, after_signal

__all__ = ["TYPED", "ping", "traceroute"]

TYPED = 4
"""After how many packets an endless ping is stopped."""
_MOST = 1000
_ARP = 0.1
"""Milliseconds that a question for a MAC takes: more than two round trips differ by."""
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
    pinging = Pinging(
        host=given.rest[0],
        target=str(asked.address),
        size=size,
        ttl=int(given.value("t") or 64) or 64,
        family=asked.address.family if asked.address else V4,
        quiet="q" in given.flags,
        name=process.name,
        count=None if endless else count,
        interval=interval,
        wait=_number(given.value("W") or "10") or 10.0,
        next=process.now,
    )
    finished = pinging.sent(process, asked)
    return replace(finished, stdout=head + finished.stdout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinging:
    """A ping under way: what it was told, and what came back so far."""

    host: str
    target: str
    size: int
    ttl: int
    family: int
    quiet: bool
    name: str
    count: int | None
    """How many packets; None: until somebody stops it."""
    interval: float
    wait: float
    next: int
    """When it sends the next packet, or gives up waiting for the last one."""
    turn: int = 0
    times: tuple[float, ...] = ()

    def go_on(self, process: Process) -> Finished:
        """It sends the next packet, if its moment has come."""
        if process.now < self.next:
            return self.paused("")
        if self.count is not None and self.turn >= self.count:
            return self.over("")
        asked = ask(
            process,
            self.target,
            size=self.size + _HEADERS[self.family],
            ttl=self.ttl,
            family=self.family,
        )
        return self.sent(process, asked)

    def sent(self, process: Process, asked: Asked) -> Finished:
        """A packet was sent, and this came of it."""
        line, times = "", self.times
        if asked.failure is Failure.NONE:
            time = milliseconds(process.container.name, asked.address, self.turn)
            if self.turn == 0:
                time += _ARP * asked.strangers
            answer = asked.answer
            ttl = answer.ttl if answer is not None else 64
            line = (
                f"{self.size + 8} bytes from {self.target}: seq={self.turn} ttl={ttl} "
                f"time={time:.3f} ms\n"
            )
            times = (*times, time)
        after = replace(self, turn=self.turn + 1, times=times)
        line = "" if self.quiet else line
        if after.turn == after.count:
            if times:
                return after.over(line)
            gap = self.wait
        else:
            gap = self.interval
        return replace(after, next=process.now + int(gap * SECOND)).paused(line)

    def paused(self, line: str) -> Finished:
        """It waits for its next packet, or for the last answer."""
        enough = self.count is None and self.turn >= TYPED
        note = (
            f"minidock: stopped after {self.turn} packets, as with Ctrl-C; "
            "-c says how many\n"
        )
        return Paused(
            stdout=line, rest=self, due=self.next, note=note if enough else ""
        )

    def over(self, line: str) -> Finished:
        """It says how many packets came back, and ends."""
        text = _statistics(self.host, self.turn, list(self.times))
        return Result(stdout=line + text, code=int(not self.times))

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """Ctrl-C: it says how many packets came back."""
        return self.over("") if number == _SIGINT else after_signal(number)


_SIGINT = 2


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
