"""A real ZooKeeper for tests: Debian's jar, and a configuration of its own."""

import contextlib
import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.registry.servers import ServerProcess, free_port

_JARS = Path("/usr/share/java")
_JAR = _JARS / "zookeeper.jar"
_FOR_TLS = ("netty-codec", "netty-resolver", "netty-transport-native-unix-common")
"""What ZooKeeper's jar forgets to name."""
_MAIN = "org.apache.zookeeper.server.ZooKeeperServerMain"
_QUICK = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
_TICK = 250
"""How often sessions are looked after, milliseconds."""


class ZooKeeperServer(ServerProcess):
    """One ZooKeeper; what it acknowledged survives ``kill``, but no loss of power.

    Args:
        folder: for its data and its log.
        tls: its key store and trust store in one (PKCS #12), and their password; it
            wants a certificate from others.
    """

    def __init__(self, folder: Path, tls: tuple[Path, str] | None = None) -> None:
        super().__init__(folder)
        self.port = free_port()
        self._tls = tls

    @property
    def url(self) -> str:
        return f"zk://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        settings = self.folder / "zoo.cfg"
        lines = [f"{name}={value}" for name, value in self._settings().items()]
        settings.write_text("\n".join(lines))
        flags = ["-Dzookeeper.forceSync=no", "-Dzookeeper.4lw.commands.whitelist=*"]
        if self._tls:
            flags.append(
                "-Dzookeeper.serverCnxnFactory="
                "org.apache.zookeeper.server.NettyServerCnxnFactory"
            )
        jars = ":".join([str(_JAR), *(f"{_JARS}/{name}.jar" for name in _FOR_TLS)])
        return ["java", *_QUICK, *flags, "-cp", jars, _MAIN, str(settings)]

    def _settings(self) -> Mapping[str, object]:
        settings: dict[str, object] = {
            "tickTime": _TICK,
            "dataDir": self.folder / "data",
            "admin.enableServer": "false",
            "minSessionTimeout": 1000,
            "maxSessionTimeout": 120_000,
            "maxClientCnxns": 0,
        }
        if not self._tls:
            return settings | {
                "clientPort": self.port,
                "clientPortAddress": "127.0.0.1",
            }
        store, password = self._tls
        return settings | {
            "secureClientPort": self.port,
            "secureClientPortAddress": "127.0.0.1",
            "ssl.keyStore.location": store,
            "ssl.keyStore.password": password,
            "ssl.trustStore.location": store,
            "ssl.trustStore.password": password,
        }

    def answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), 5) as asked,
        ):
            if self._tls:
                return True
            asked.sendall(b"ruok")
            return asked.recv(4) == b"imok"
        return False


needs_zookeeper = pytest.mark.skipif(
    not _JAR.exists() or shutil.which("java") is None,
    reason="needs ZooKeeper (Debian's zookeeper, with java)",
)
