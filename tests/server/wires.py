"""Raw sockets for the tests: what is sent is what the test says, byte for byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from minidock.engine import Engine
from minidock.server.live import Live
from minidock.server.server import Server
from minidock.server.serving import serve

__all__ = ["OPENED", "Answer", "Client", "serving"]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


OPENED: list["Client"] = []
"""Every client of a test, which are closed after it."""


class Client:
    """One connection."""

    def __init__(self, address: str, timeout: float = 10.0) -> None:
        scheme, _, rest = address.partition("://")
        if scheme == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(rest)
        else:
            host, _, port = rest.rpartition(":")
            self.socket = socket.create_connection((host.strip("[]"), int(port)))
        self.socket.settimeout(timeout)
        self._buffer = b""
        OPENED.append(self)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()

    def more(self) -> bytes:
        """What comes next; b"" at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        try:
            return self.socket.recv(65536)
        except ConnectionError:
            return b""

    def rest(self) -> bytes:
        """Everything to the end of the connection."""
        data = b""
        while more := self.more():
            data += more
        return data

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(self._buffer)
            self._buffer += more
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(self._buffer)
            self._buffer += more
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def answer(self, *, bodiless: bool = False) -> Answer:
        """The next answer on this connection."""
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        status = int(first.split()[1])
        if bodiless or status in {101, 204, 304}:
            return Answer(status, headers, b"")
        if headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self._until(b"\r\n"), 16):
                body += self._exactly(size)
                assert self._exactly(2) == b"\r\n"
            assert self._exactly(2) == b"\r\n"
            return Answer(status, headers, body)
        return Answer(status, headers, self._exactly(int(headers["Content-Length"])))

    def ask(self, method: str, path: str, body: bytes = b"", *more: str) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *more]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)
        return self.answer(bodiless=method == "HEAD")


@contextmanager
def serving(folder: Path | None = None, **options: int) -> Iterator[Server]:
    """A server over a fresh engine, on a TCP port and perhaps on a Unix socket."""
    live = Live(Engine("20.10"))
    hosts = ["tcp://127.0.0.1:0"]
    if folder is not None:
        hosts.append(f"unix://{folder}/d.sock")
    server = serve(live, hosts, **options)
    try:
        yield server
    finally:
        server.close()
        live.close()
