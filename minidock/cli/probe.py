"""Ask a machine that was built for real: real sockets, in the namespace of who asks.

```
 web ── TCP connect ──▶ 10.9.0.2:6379      "db saw 10.9.0.3"      delivered
 web ── UDP datagram ─▶ 10.9.0.2:53        port unreachable       refused
 web ── echo request ─▶ 172.17.0.5         (silence)              dropped
```

All questions are asked at once, and silence costs the most, so a thousand questions
take about as long as one. Needs root, also for ``ping``: it is a raw socket.

Invariants: an answer for every question, in its order; no socket outlives the call.
"""

import errno
import os
import selectors
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import NamedTuple

from minidock.cli.netns import within
from minidock.packet.trace import Outcome

__all__ = ["PATIENCE", "Finding", "Probe", "probe"]

PATIENCE = 0.8
"""Seconds after which silence counts as a lost packet; a SYN is repeated after 1."""

_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (41, 25)}
_DISCOVER = {socket.AF_INET: (socket.IPPROTO_IP, 10), socket.AF_INET6: (41, 23)}
_ECHO = {socket.AF_INET: (1, 8, 0), socket.AF_INET6: (58, 128, 129)}
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM, "ping": socket.SOCK_RAW}

_OUTCOMES = {
    errno.ECONNREFUSED: Outcome.REFUSED,
    errno.ECONNRESET: Outcome.REFUSED,
    errno.EHOSTUNREACH: Outcome.UNREACHABLE,
    errno.ENETUNREACH: Outcome.UNREACHABLE,
    errno.EADDRNOTAVAIL: Outcome.UNREACHABLE,  # no address of that family to send from
    errno.EACCES: Outcome.UNREACHABLE,  # a broadcast address
    errno.EINVAL: Outcome.UNREACHABLE,  # from a loopback address to one outside
    errno.EMSGSIZE: Outcome.TOO_BIG,
    errno.EPERM: Outcome.DROPPED,  # a rule of one's own dropped it in OUTPUT
    errno.ETIMEDOUT: Outcome.DROPPED,
}


class Probe(NamedTuple):
    """A question: from which namespace, by tcp, udp or ping, to where."""

    netns: str
    protocol: str
    address: str
    port: int = 0
    size: int = 0
    """Octets of an IP packet that may not be cut; 0 for a small one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How a question ended, whose program answered, and whom it saw asking."""

    outcome: Outcome
    server: str = ""
    seen: str = ""
    detail: str = ""
    """The error's name, or what was odd about the silence."""

    def __str__(self) -> str:
        who = f": {self.server} saw {self.seen}" if self.server else ""
        odd = f" ({self.detail})" if self.detail else ""
        return f"{self.outcome}{who}{odd}"


def probe(questions: Sequence[Probe], *, patience: float = PATIENCE) -> list[Finding]:
    """Ask everything at once; takes at most ``patience`` seconds and a little."""
    spaces: dict[str, list[int]] = {}
    for place, question in enumerate(questions):
        spaces.setdefault(question.netns, []).append(place)
    asking: list[_Asking | None] = [None] * len(questions)
    try:
        for netns, places in spaces.items():
            own = [questions[place] for place in places]
            made = within(netns, partial(_made, own))
            for place, asked in zip(places, made, strict=True):
                asking[place] = asked
        there = [one for one in asking if one is not None]
        _ask(there, patience)
        return [one.finding or one.silence() for one in there]
    finally:
        for left in asking:
            if left is not None:
                left.socket.close()


def _made(questions: Iterable[Probe]) -> list["_Asking"]:
    return [_Asking(question, number) for number, question in enumerate(questions)]


class _Asking:
    """A question on its way."""

    def __init__(self, question: Probe, number: int) -> None:
        self.question = question
        self.finding: Finding | None = None
        self._family = socket.AF_INET6 if ":" in question.address else socket.AF_INET
        self._mark = struct.pack("!HH", os.getpid() & 0xFFFF, number & 0xFFFF)
        self._text = b""
        self._connected = False
        kind = _KINDS[question.protocol]
        code = _ECHO[self._family][0] if question.protocol == "ping" else 0
        self.socket = socket.socket(self._family, kind | socket.SOCK_NONBLOCK, code)
        self.socket.setsockopt(*_RECVERR[self._family], 1)
        if question.size:
            self.socket.setsockopt(*_DISCOVER[self._family], 2)  # IP_PMTUDISC_DO

    @property
    def events(self) -> int:
        """What to wait for."""
        opening = self.question.protocol == "tcp" and not self._connected
        return selectors.EVENT_WRITE if opening else selectors.EVENT_READ

    def start(self) -> None:
        """Send it."""
        code = self.socket.connect_ex((self.question.address, self.question.port))
        if code not in {0, errno.EINPROGRESS}:
            self._end(code)
        elif self.question.protocol != "tcp":
            try:
                self.socket.send(self._payload())
            except OSError as error:
                self._end(error.errno or 0)

    def _payload(self) -> bytes:
        header = 20 if self._family == socket.AF_INET else 40
        room = max(self.question.size - header - 8, 0)
        if self.question.protocol == "udp":
            return b"who am I?\n".ljust(room, b".")
        kind = _ECHO[self._family][1]
        body = self._mark + bytes(max(room, 8))
        return struct.pack("!BBH", kind, 0, _checksum(kind, body)) + body

    def go_on(self) -> None:
        """Something came: take it."""
        if self.question.protocol == "tcp" and not self._connected:
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._connected = not code
            if code:
                self._end(code)
            return
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error.errno or 0)
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        if self.question.protocol == "ping":
            self._take_echo(data)
            return
        self._text += data
        if b"\n" in self._text:
            who, _, seen = (
                self._text.decode(errors="replace").strip().partition(" saw ")
            )
            self.finding = Finding(outcome=Outcome.DELIVERED, server=who, seen=seen)
        elif not data:  # somebody took the connection and hung up: a proxy
            self.finding = Finding(outcome=Outcome.REFUSED, detail="closed")

    def _take_echo(self, data: bytes) -> None:
        if self._family == socket.AF_INET:
            data = data[(data[0] & 15) * 4 :]
        if data[0] == _ECHO[self._family][2] and data[4:8] == self._mark:
            self.finding = Finding(outcome=Outcome.DELIVERED)

    def _end(self, code: int) -> None:
        outcome = _OUTCOMES.get(code, Outcome.DROPPED)
        name = errno.errorcode.get(code, str(code))
        self.finding = Finding(outcome=outcome, detail=name)

    def silence(self) -> Finding:
        """What it means that nothing came."""
        detail = "connected" if self._connected else ""
        return Finding(outcome=Outcome.DROPPED, detail=detail)


def _checksum(kind: int, body: bytes) -> int:
    """RFC 1071; over IPv6 the kernel writes its own."""
    padded = bytes([kind, 0, 0, 0]) + body + bytes(len(body) % 2)
    total = int(sum(struct.unpack(f"!{len(padded) // 2}H", padded)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _ask(asking: Sequence[_Asking], patience: float) -> None:
    with selectors.DefaultSelector() as selector:
        for one in asking:
            one.start()
            if one.finding is None:
                selector.register(one.socket, one.events, one)
        limit = monotonic() + patience
        while selector.get_map() and (left := limit - monotonic()) > 0:
            for key, _ in selector.select(left):
                one = key.data
                one.go_on()
                if one.finding is not None:
                    selector.unregister(one.socket)
                elif key.events != one.events:
                    selector.modify(one.socket, one.events, one)
