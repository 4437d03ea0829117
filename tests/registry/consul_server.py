"""A real Consul for tests: the one at CONSUL_HTTP_ADDR, or one that is started here.

```
CONSUL_HTTP_ADDR=host:8500 (CONSUL_HTTP_TOKEN, CONSUL_CACERT)   used as it is
consul on the PATH           one server, on free ports, with data in a temporary folder
neither                      skipped
```
"""

import contextlib
import http.client
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.registry.servers import ServerProcess, free_port

_CONFIG = """
bind_addr = "127.0.0.1"
client_addr = "127.0.0.1"
data_dir = {data}
node_name = "minidock"
server = true
bootstrap_expect = 1
disable_update_check = true
leave_on_terminate = false
ports {{
  http = {http}
  server = {server}
  serf_lan = {serf}
  serf_wan = -1
  dns = -1
  grpc = -1
  grpc_tls = -1
}}
performance {{ raft_multiplier = 1 }}
{more}
"""


class ConsulServer(ServerProcess):
    """One Consul server.

    Args:
        folder: for its data and its log.
        more: further lines of its configuration, in HCL.
        token: with which to ask whether it is ready.
    """

    def __init__(self, folder: Path, more: str = "", token: str = "") -> None:
        super().__init__(folder)
        self.port = free_port()
        self._token = token
        text = _CONFIG.format(
            data=json.dumps(str(folder / "data")),
            http=self.port,
            server=free_port(),
            serf=free_port(),
            more=more,
        )
        (folder / "consul.hcl").write_text(text)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return ["consul", "agent", "-config-file", str(self.folder / "consul.hcl")]

    def answers(self) -> bool:
        """Whether it has a leader, and the leader knows the node that sessions need."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, leader = self.ask("GET", "/v1/status/leader")
            if status != 200 or leader.strip() in {"", '""'}:
                return False
            status, text = self.ask("PUT", "/v1/session/create")
            if status == 200:
                self.ask("PUT", f"/v1/session/destroy/{json.loads(text)['ID']}")
                return True
        return False

    def ask(self, method: str, path: str) -> tuple[int, str]:
        headers = {"X-Consul-Token": self._token} if self._token else {}
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(asked):
            asked.request(method, path, headers=headers)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()


class ElsewhereConsul:
    """A Consul that somebody else runs; it cannot be stopped from here."""

    def __init__(self, text: str) -> None:
        scheme, mark, rest = text.partition("://")
        self.address = (rest if mark else text).strip("/")
        self.tls = scheme == "https" if mark else bool(os.environ.get("CONSUL_CACERT"))


def real_consul(tmp_path_factory) -> Iterator[ConsulServer | ElsewhereConsul]:
    """The real Consul, for a fixture to yield from."""
    if text := os.environ.get("CONSUL_HTTP_ADDR"):
        yield ElsewhereConsul(text)
        return
    if shutil.which("consul") is None:
        pytest.skip("needs consul on the PATH, or CONSUL_HTTP_ADDR")
    server = ConsulServer(tmp_path_factory.mktemp("consul"))
    server.start()
    yield server
    server.kill()


def url_of(consul, root: str = "", **options: object) -> str:
    """The URL of a store in a Consul or its double."""
    if getattr(consul, "tls", None) is True:
        ca = os.environ.get("CONSUL_CACERT")
        options.update({"ca": ca} if ca else {"tls": "true"})
    text = "&".join(f"{name}={value}" for name, value in options.items())
    return f"consul://{consul.address}/{root}" + (f"?{text}" if text else "")
