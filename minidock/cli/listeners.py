"""A small server that plays everybody who listens in a machine that was built for real.

```
 standard input   one line of JSON: the servers (minidock.views.linux_servers)
 standard output  one line of JSON: {"ready": 12, "notes": [...]}, when all are bound

 ANSWER   "web saw 172.17.0.1"             over UDP from the very address that was asked
 RELAY    a second connection to a container, as docker-proxy makes it
 HOLD     bound and listening, and nobody ever answers: dockerd without docker-proxy
```

One process serves all namespaces: it makes each socket inside its own and keeps it. It
ends when its standard input does, unless it was told to stay; then with SIGTERM.

It is started by :mod:`minidock.cli.standing` as a program of its own, so that the
servers outlive a command, and imports next to nothing, so that it starts at once.
"""

import errno
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from minidock.cli.netns import within

__all__ = ["Spec", "main"]

# Constants of linux/in.h and in6.h that some Pythons do not have.
_PKTINFO = {
    socket.AF_INET: (socket.IPPROTO_IP, 8),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 50),
}
_PKTINFO_SWITCH = {
    socket.AF_INET: (socket.IPPROTO_IP, 8),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 49),
}
_PROTOCOLS = {
    "tcp": (socket.SOCK_STREAM, socket.IPPROTO_TCP),
    "udp": (socket.SOCK_DGRAM, socket.IPPROTO_UDP),
    "sctp": (socket.SOCK_STREAM, 132),
}
_IDLE_FLOWS = 1024  # as many senders of datagrams are remembered

Peer = tuple[Any, ...]
Ancillary = list[tuple[int, int, bytes]]


class Spec(NamedTuple):
    """One server, as :class:`minidock.views.linux_servers.Server` says it in JSON."""

    netns: str
    protocol: str
    address: str
    port: int
    task: str
    name: str
    target: str
    target_port: int
    same_source: bool


class _Loop:
    """Which function is called when which socket has something."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def on_read(self, file: socket.socket | int, work: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, work)

    def on_write(self, file: socket.socket, work: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_WRITE, work)

    def forget(self, file: socket.socket) -> None:
        if file.fileno() in self._selector.get_map():
            self._selector.unregister(file)

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                try:
                    key.data()
                except OSError:  # a peer that is gone: nobody is left to answer
                    if isinstance(key.fileobj, socket.socket):
                        self._drop_if_connected(key.fileobj)

    def _drop_if_connected(self, file: socket.socket) -> None:
        try:
            file.getpeername()
        except OSError:
            return
        self.forget(file)
        file.close()


def _bound(spec: Spec, address: str, family: int) -> socket.socket:
    """A bound, listening socket; made by a thread that stands in the namespace."""
    kind, number = _PROTOCOLS[spec.protocol]
    made = socket.socket(family, kind | socket.SOCK_NONBLOCK, number)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            made.setsockopt(*_PKTINFO_SWITCH[socket.AddressFamily(family)], 1)
        made.bind((address, spec.port))
        if kind == socket.SOCK_STREAM:
            made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def _families(spec: Spec) -> list[tuple[str, int]]:
    if not spec.address:
        return [("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6)]  # noqa: S104
    four = ":" not in spec.address
    return [(spec.address, socket.AF_INET if four else socket.AF_INET6)]


# --- those who answer -----------------------------------------------------------------


def _says(spec: Spec, peer: Peer) -> bytes:
    return f"{spec.name} saw {peer[0]}\n".encode()


def _greet(loop: _Loop, spec: Spec, listening: socket.socket) -> None:
    """Answer over TCP, then wait until the other one has hung up."""
    there, peer = listening.accept()
    there.setblocking(False)
    there.sendall(_says(spec, peer))
    there.shutdown(socket.SHUT_WR)

    def read() -> None:
        if not there.recv(65536):
            loop.forget(there)
            there.close()

    loop.on_read(there, read)


def _reply(spec: Spec, bound: socket.socket) -> None:
    """Answer over UDP, from the address to which the question came."""
    _, ancillary, _, peer = bound.recvmsg(65536, 256)
    bound.sendmsg([_says(spec, peer)], _from_there(bound, ancillary), 0, peer)


def _from_there(bound: socket.socket, ancillary: Ancillary) -> Ancillary:
    """What tells the kernel to answer from the address that was asked."""
    level, kind = _PKTINFO[bound.family]
    for at, what, data in ancillary:
        if (at, what) == (level, kind):
            if bound.family == socket.AF_INET:  # interface, local address, destination
                return [(level, kind, bytes(4) + data[4:8] + bytes(4))]
            scoped = data[:2] == b"\xfe\x80"
            return [(level, kind, data[:16] + (data[16:20] if scoped else bytes(4)))]
    return []


# --- docker-proxy ---------------------------------------------------------------------


def _connecting(spec: Spec, kind: int) -> socket.socket:
    """A socket on its way to the relay's target, made in the host's namespace."""
    family = socket.AF_INET6 if ":" in spec.target else socket.AF_INET

    def make() -> socket.socket:
        return socket.socket(family, kind | socket.SOCK_NONBLOCK)

    made = within(spec.netns, make)
    code = made.connect_ex((spec.target, spec.target_port))
    if code not in {0, errno.EINPROGRESS}:
        made.close()
        raise OSError(code, os.strerror(code))
    return made


def _relay_stream(loop: _Loop, spec: Spec, listening: socket.socket) -> None:
    """Take a connection, make a second one, and carry bytes both ways."""
    client, _ = listening.accept()
    client.setblocking(False)
    try:
        behind = _connecting(spec, socket.SOCK_STREAM)
    except OSError:
        client.close()
        return

    def connected() -> None:
        loop.forget(behind)
        if behind.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            client.close()
            behind.close()
            return
        ends = {client, behind}
        loop.on_read(client, lambda: _carry(loop, client, behind, ends))
        loop.on_read(behind, lambda: _carry(loop, behind, client, ends))

    loop.on_write(behind, connected)


def _carry(
    loop: _Loop, one: socket.socket, other: socket.socket, open_ends: set[socket.socket]
) -> None:
    try:
        data = one.recv(65536)
        if data:
            other.sendall(data)
            return
    except OSError:
        open_ends.clear()
    loop.forget(one)
    open_ends.discard(one)
    if open_ends:
        other.shutdown(socket.SHUT_WR)
        return
    loop.forget(other)
    one.close()
    other.close()


def _relay_datagrams(
    loop: _Loop, spec: Spec, bound: socket.socket
) -> Callable[[], None]:
    """A socket behind the proxy for each sender; answers leave from the proxy's own."""
    flows: dict[Peer, socket.socket] = {}

    def asked() -> None:
        data, ancillary, _, peer = bound.recvmsg(65536, 256)
        if peer not in flows:
            if len(flows) >= _IDLE_FLOWS:
                oldest = flows.pop(next(iter(flows)))
                loop.forget(oldest)
                oldest.close()
            flows[peer] = flow = _connecting(spec, socket.SOCK_DGRAM)
            source = _from_there(bound, ancillary) if spec.same_source else []
            loop.on_read(flow, lambda: answered(flow, source, peer))
        flows[peer].send(data)

    def answered(flow: socket.socket, source: Ancillary, peer: Peer) -> None:
        try:
            data = flow.recv(65536)
        except ConnectionRefusedError:  # nobody listens in the container: silence
            return
        bound.sendmsg([data], source, 0, peer)

    return asked


# --- the program ----------------------------------------------------------------------


def _serve(loop: _Loop, spec: Spec, bound: socket.socket) -> None:
    datagrams = spec.protocol == "udp"
    if spec.task == "hold":
        return
    if spec.task == "relay" and datagrams:
        loop.on_read(bound, _relay_datagrams(loop, spec, bound))
    elif spec.task == "relay":
        loop.on_read(bound, lambda: _relay_stream(loop, spec, bound))
    elif datagrams:
        loop.on_read(bound, lambda: _reply(spec, bound))
    else:
        loop.on_read(bound, lambda: _greet(loop, spec, bound))


def _open(specs: list[Spec]) -> tuple[list[tuple[Spec, socket.socket]], list[str]]:
    """All sockets of one namespace, and what could not be had."""
    made, notes = [], []
    for spec in specs:
        for address, family in _families(spec):
            try:
                made.append((spec, _bound(spec, address, family)))
            except OSError as error:
                if error.errno != errno.EAFNOSUPPORT:
                    where = f"{address}:{spec.port}/{spec.protocol} in {spec.netns}"
                    notes.append(f"cannot listen on {where}: {error.strerror}")
    return made, notes


def _grouped(specs: Iterable[Spec]) -> dict[str, list[Spec]]:
    spaces: dict[str, list[Spec]] = {}
    for spec in specs:
        spaces.setdefault(spec.netns, []).append(spec)
    return spaces


def main() -> None:
    """Read what to play, bind everything, say so, and serve until the end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir("/")
    asked = json.loads(sys.stdin.readline())
    loop, notes, held = _Loop(), [], []
    for netns, specs in _grouped(Spec(*item) for item in asked["servers"]).items():
        made, missing = within(netns, partial(_open, specs))
        notes += missing
        for spec, bound in made:
            held.append(bound)
            _serve(loop, spec, bound)
    sys.stdout.write(json.dumps({"ready": len(held), "notes": notes}) + "\n")
    sys.stdout.flush()
    if asked["stay"]:
        # Whoever reads what the starter prints is not kept waiting for us.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    else:
        loop.on_read(sys.stdin.fileno(), lambda: os._exit(0))
    loop.run()
