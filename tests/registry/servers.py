"""Real servers for tests: on free ports, with data in a temporary folder.

```
start ─▶ answers ─▶ stop (in good order) or kill (SIGKILL) ─▶ start: the same data
            └─▶ freeze ─▶ thaw                                on the same port
```
"""

import contextlib
import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

_PATIENCE = 30.0


def free_port() -> int:
    """A port that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A server as a process; a subclass says which, and when it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        """Start it."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                list(self.command()), stdout=log, stderr=log, cwd=self.folder
            )

    def await_answer(self) -> None:
        """Wait until it answers, as one of several does once most of them are there."""
        assert self._process is not None
        end = time.monotonic() + _PATIENCE
        while not self.answers():
            ended = self._process.poll() is not None
            if ended or time.monotonic() > end:
                self.kill()
                log_text = (self.folder / "log").read_text(errors="replace")
                raise AssertionError(f"the server does not answer: {log_text[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it hang: from here on it answers nobody, also not who asked just now."""
        self._signal(signal.SIGSTOP)
        end = time.monotonic() + _PATIENCE
        while not self._stands_still() and time.monotonic() < end:
            time.sleep(0.005)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _stands_still(self) -> bool:
        """Whether each thread is stopped; one that is running stops a little later."""
        if self._process is None or self._process.poll() is not None:
            return True
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/stat")
        states = (
            thread.read_text().rpartition(")")[2].split()[0] for thread in threads
        )
        return all(state in "Tt" for state in states)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self._process is not None:
            self._process.wait(_PATIENCE)


class EtcdServer(ServerProcess):
    """One etcd.

    Args:
        folder: for its data and its log.
        tls: its certificate, its key, and whose certificates it wants from others.
    """

    def __init__(
        self, folder: Path, tls: tuple[Path, Path, Path] | None = None
    ) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.peer_port = free_port()
        self.members = {"default": self}
        """Its cluster, by name; this one is among them."""
        self._tls = tls

    @property
    def url(self) -> str:
        return f"etcd://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        scheme = "https" if self._tls else "http"
        client = f"{scheme}://127.0.0.1:{self.port}"
        peers = {
            name: f"http://127.0.0.1:{member.peer_port}"
            for name, member in self.members.items()
        }
        (name,) = (name for name, member in self.members.items() if member is self)
        peer, cluster = peers[name], ",".join(f"{n}={p}" for n, p in peers.items())
        words = ["etcd", "--data-dir", str(self.folder / "data"), "--logger", "zap"]
        words += ["--listen-client-urls", client, "--advertise-client-urls", client]
        words += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        words += ["--name", name, "--initial-cluster", cluster, "--unsafe-no-fsync"]
        if self._tls:
            cert, key, ca = map(str, self._tls)
            words += ["--cert-file", cert, "--key-file", key]
            words += ["--trusted-ca-file", ca, "--client-cert-auth"]
        return words

    def answers(self) -> bool:
        if self._tls:
            cert, key, ca = map(str, self._tls)
            context = ssl.create_default_context(cafile=ca)
            context.load_cert_chain(cert, key)
            asked = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=5, context=context
            )
        else:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(asked), contextlib.suppress(OSError):
            asked.request("GET", "/health")
            return b'"true"' in asked.getresponse().read()
        return False


def etcd_cluster(folder: Path, count: int) -> list[EtcdServer]:
    """Several etcds that know each other; not yet started."""
    servers = []
    for number in range(count):
        (folder / f"m{number}").mkdir()
        servers.append(EtcdServer(folder / f"m{number}"))
    for server in servers:
        server.members = {item.folder.name: item for item in servers}
    return servers


needs_etcd = pytest.mark.skipif(
    shutil.which("etcd") is None, reason="needs etcd (Debian's etcd-server)"
)
