"""The same recordings, put through a real socket and the real docker programs.

```
cli    ──▶ docker 28     ─┐
cli20  ──▶ docker 20.10  ─┼──▶ Unix socket ──▶ server ──▶ Engine in the recorded lab
api    ──▶ http.client   ─┘                                  ▲
host, ctr, uplink ───────────────────────────────────────────┘ in process
```

Where a docker program of that generation is missing, the command line of the library
stands in for it, over the same socket's engine.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from minidock.model.archive import bytes_of, text_of
from tests.golden import fixtures
from tests.golden.minishell import Answer
from tests.golden.replay import World

__all__ = ["ServedWorld", "program"]

_PLACES = ("/usr/local/bin/docker", "/usr/bin/docker")
_PATIENCE = 60


def program(generation: str) -> str | None:
    """Where the docker program of a generation is, "28" or "20.10"."""
    found = shutil.which("docker")
    for place in dict.fromkeys((*_PLACES, found)):
        if place and os.access(place, os.X_OK):
            said = subprocess.run(
                [place, "--version"], capture_output=True, text=True, check=False
            ).stdout
            if f"version {generation}." in said:
                return place
    return None


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._path)


class ServedWorld(World):
    """An engine behind a Unix socket, with a clock that the replay turns."""

    on_wire = True

    def __init__(self, era: str, dockerd_args: list[str], lab: dict) -> None:
        from minidock.server.live import Live
        from minidock.server.serving import serve

        super().__init__(era, dockerd_args, lab)
        self._folder = tempfile.TemporaryDirectory(prefix="minidock-")
        self._path = str(Path(self._folder.name) / "docker.sock")
        self._live = Live(self.engine, clock=lambda: self.engine.now)
        self._server = serve(self._live, [f"unix://{self._path}"])
        self._programs = {name: program(name) for name in ("28", "20.10")}

    def close(self) -> None:
        self._server.close()
        self._live.close()
        self._folder.cleanup()

    def docker(
        self, words: list[str], cli: str, environment: dict[str, str], stdin: str = ""
    ) -> Answer | None:
        where = self._programs[cli]
        if where is None:
            return super().docker(words, cli, environment, stdin)
        self._lay_out(words)
        done = subprocess.run(
            [where, *words],
            capture_output=True,
            input=bytes_of(stdin),
            env={
                "DOCKER_HOST": f"unix://{self._path}",
                "HOME": self._folder.name,
                "PATH": os.environ["PATH"],
                **environment,
            },
            cwd=self._folder.name,
            timeout=_PATIENCE,
            check=False,
        )
        said = text_of(done.stdout), text_of(done.stderr)
        return Answer(*said, done.returncode)

    def _lay_out(self, words: list[str]) -> None:
        """Put the lab's files where the command will look for them."""
        for word in words:
            place = Path(self._folder.name) / word
            data = None if word.startswith(("/", "-")) else fixtures.file_of(word)
            if data is not None and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)

    def api(self, method: str, path: str, body: object, headers: dict) -> tuple:
        until = re.search(r"[?&]until=(\d+)", path)
        if until:  # nobody turns the clock while this one waits
            self.engine.turn(int(until[1]) * 1_000_000_000 + 1)
        connection = _Connection(self._path)
        plain = isinstance(body, str | bytes) or body is None
        sent = body if plain else json.dumps(body)
        given = {key.lower(): value for key, value in headers.items()}
        if sent is not None:
            given.setdefault("content-type", "application/json")
        try:
            data = sent.encode() if isinstance(sent, str) else sent
            connection.request(method, path, body=data, headers=given)
            response = connection.getresponse()
            content = response.read().decode("utf-8", "replace")
            answered = dict(response.getheaders())
            return response.status, _value(content), content, answered
        finally:
            connection.close()

    def raw(self, sent: bytes) -> str:
        """What a connection answers to these bytes, until it is closed."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(_PATIENCE)
            wire.connect(self._path)
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            pieces = []
            while piece := wire.recv(65536):
                pieces.append(piece)
        return b"".join(pieces).decode("utf-8", "replace")


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
