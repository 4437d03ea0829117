"""Calling plugins: where they are found, and one HTTP request for each call.

```
FOLDER/NAME.sock            a Unix socket, sought first
FOLDER/NAME.spec            one line: unix:///path or tcp://127.0.0.1:9000
FOLDER/NAME.json            {"Name": ..., "Addr": "unix:///path"}
```

This is a shell: it opens files and sockets. Nothing that a plugin sends can do more
than make a call fail: an answer has a longest size, and a call a longest time.

Docker's source: moby, ``pkg/plugins/discovery.go`` and ``client.go``.
"""

import json
import socket
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

from minidock.errors import Refusal
from minidock.model.remote import Call, Heard
from minidock.plugin.fields import Malformed, read, text
from minidock.plugin.messages import CONTENT_TYPE

__all__ = ["FOLDERS", "Plugins"]

FOLDERS = ("/run/docker/plugins", "/etc/docker/plugins", "/usr/lib/docker/plugins")
"""Where Docker looks."""

_LONGEST = 1 << 20
"""A longer answer is none, octets."""
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


class Plugins:
    """Finds and calls plugins.

    Args:
        folders: where sockets and spec files are sought, in this order.
        timeout: how long one call may take in all, seconds.
    """

    def __init__(
        self, folders: Sequence[str | Path] = FOLDERS, timeout: float = 10.0
    ) -> None:
        self._folders = [Path(folder) for folder in folders]
        self._timeout = timeout

    def __call__(self, call: Call) -> Heard:
        """What a plugin answers; never raises."""
        try:
            address = self._find(call.plugin)
            if not address:
                return Heard(call, missing=True)
            status, body = self._post(address, call)
        except (OSError, HTTPException) as error:
            return Heard(call, failure=_said(call, error))
        except Refusal as error:
            return Heard(call, failure=error.text)
        if status == 200:
            return Heard(call, reply=body.decode("utf-8", "replace"))
        failure = f"{call.method}: {_error_in(body)}"
        return Heard(call, failure=failure, unknown=status == 404)

    def _find(self, name: str) -> str:
        """The address of a plugin; "" if there is none of that name."""
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            return ""
        for folder in self._folders:
            place = folder / f"{name}.sock"
            if place.is_socket():
                return f"unix://{place}"
        for folder in self._folders:
            spec, described = folder / f"{name}.spec", folder / f"{name}.json"
            if spec.is_file():
                return spec.read_text("utf-8", "replace").strip() or "?"
            if described.is_file():
                return text(read(described.read_bytes()), "Addr") or "?"
        return ""

    def _post(self, address: str, call: Call) -> tuple[int, bytes]:
        ends = time.monotonic() + self._timeout
        connection = self._connection(address)
        try:
            data = call.body.encode()
            headers = {"Accept": CONTENT_TYPE, "Content-Type": CONTENT_TYPE}
            connection.request("POST", f"/{call.method}", data, headers)
            response = connection.getresponse()
            return response.status, _body(connection, response, ends)
        finally:
            connection.close()

    def _connection(self, address: str) -> HTTPConnection:
        kind, _, where = address.partition("://")
        if kind == "unix" and where:
            return _UnixConnection(where, self._timeout)
        host, _, port = where.rpartition(":")
        if kind == "tcp" and host in _LOOPBACK and port.isdecimal():
            return HTTPConnection(host.strip("[]"), int(port), timeout=self._timeout)
        raise Malformed(
            "Unknown protocol",
            asked=f"call a plugin at {address}",
            rule="a plugin is at a Unix socket, or at a port of this machine",
            remedy="unix:///run/docker/plugins/NAME.sock or tcp://127.0.0.1:9000",
        )


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("plugin", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _body(connection: HTTPConnection, response: HTTPResponse, ends: float) -> bytes:
    """The body, if it comes in time and is not too long."""
    body = b""
    while part := response.read1(65536):
        body += part
        if len(body) > _LONGEST:
            raise HTTPException(f"the answer has more than {_LONGEST} octets")
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        sock = connection.sock
        if isinstance(sock, socket.socket):
            sock.settimeout(left)
    return body


def _said(call: Call, error: Exception) -> str:
    """What Docker says of a call that had no answer."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else error
    return f'Post "http://{call.plugin}/{call.method}": {why}'


def _error_in(body: bytes) -> str:
    """The text of an answer that is an error: its field Err, or all of it."""
    try:
        value = json.loads(body)
        if isinstance(value, dict) and isinstance(value.get("Err"), str):
            return str(value["Err"])
    except ValueError:
        pass
    return body.decode("utf-8", "replace").strip()[:200]
