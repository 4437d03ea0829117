"""Docker's API beside Kubernetes': complete, and each line makes the call it names."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from k8s_bridge.apimap.page import as_text, groups
from k8s_bridge.cli.main import main
from minidock import Engine
from minidock.api.http import Request
from minidock.api.routes import ROUTES
from minidock.api.versions import asked_path
from minidock.client.docker import COMMANDS
from minidock.commandline.grammar import Cli, parse
from minidock.errors import NotFound

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api-map.md"
PAIRS = [pair for group in groups() for pair in group.pairs]
DOCKER = [call for pair in PAIRS for call in pair.docker]
KUBERNETES = [call for pair in PAIRS for call in pair.kubernetes]
# What the API server serves, but the official client has no method for.
WITHOUT_METHOD = {
    ("GET", "/readyz"),
    ("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods/{name}"),
}


def test_every_call_that_the_engine_answers_is_in_the_map_once():
    routes = {(m, path) for m, path, _ in ROUTES if m != "INPUT"}  # minidock's own
    assert Counter((call.method, call.path) for call in DOCKER) == Counter(routes)


def test_every_pair_says_what_differs():
    assert all(pair.docker and pair.note.endswith(".") for pair in PAIRS)


def test_a_call_of_kubernetes_comes_with_a_command_line():
    assert all(call.line.startswith("kubectl ") for call in KUBERNETES)


@pytest.fixture(scope="module")
def methods_of_the_client() -> set[tuple[str, str]]:
    """Method and path of everything that the official client can call."""
    client = pytest.importorskip("kubernetes.client")
    found = set()
    for file in (Path(client.__file__).parent / "api").glob("*_api.py"):
        text = file.read_text()
        found |= set(re.findall(r"method='(\w+)',\s+resource_path='([^']+)'", text))
        found |= set(re.findall(r"'(/[^']*)', '([A-Z]+)',", text))  # before 37
    return {pair if pair[0].isupper() else pair[::-1] for pair in found}


@pytest.mark.parametrize("call", sorted(set(KUBERNETES)), ids=str)
def test_the_official_client_knows_the_call(call, methods_of_the_client):
    pair = (call.method, call.path)
    assert pair in methods_of_the_client | WITHOUT_METHOD


class Recorded(Engine):
    """An engine that keeps what it is asked."""

    asked: tuple[tuple[str, str], ...] = ()

    def send(self, request):
        self.asked += ((request.method, asked_path(request.path)),)
        return super().send(request)


_HOST = (
    "network create front",
    "network create spare",
    "volume create data",
    "pull redis",
    "run -d --name web --network front -v data:/data nginx",
)
# What must have happened for a line to go through.
_BEFORE = {
    "docker unpause web": "pause web",
    "docker volume rm spare": "volume create spare",
    "docker push shop/web:1": "tag nginx shop/web:1",
    "docker load -i web.tar": "save -o web.tar nginx",
    "docker swarm init --advertise-addr 127.0.0.1": "ps",
}


def _spoken() -> list:
    return [
        call
        for call in DOCKER
        if call.line and parse(shlex.split(call.line)[1:], Cli.V28).command in COMMANDS
    ]


@pytest.mark.parametrize("call", _spoken(), ids=str)
def test_the_docker_line_makes_the_call(call):
    engine, files = Recorded(), {}
    on_disk = {
        "write_file": files.__setitem__,
        "read_file": lambda name: files[name].decode("utf-8", "surrogateescape"),
    }
    swarm = call.path.startswith(("/nodes", "/swarm"))
    before = "swarm init --advertise-addr 127.0.0.1" if swarm else "ps"
    for line in (*_HOST, _BEFORE.get(call.line, before)):
        assert engine.command_line(line, **on_disk).code == 0
    engine.asked = ()
    output = engine.command_line(call.line, **on_disk)
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+(/[^/]+)*", call.path))
    assert any(m == call.method and pattern.fullmatch(path) for m, path in engine.asked)
    # Nobody has logged in to a registry.
    assert output.code == 0 or "requested access to the resource" in output.stderr


@pytest.mark.parametrize("call", [c for c in DOCKER if not c.line], ids=str)
def test_what_docker_has_no_line_for_is_asked_with_curl(call):
    words = shlex.split(call.command)
    path = words[-1].removeprefix("http://docker")
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    response = Engine().send(Request(method=method, path=path))
    assert method == call.method
    assert response.body != {"message": "page not found"}


def test_the_page_is_what_the_command_prints(capsys):
    assert main(["api-map", "--markdown"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(), (
        "k8s-bridge api-map --markdown > docs/reference/api-map.md"
    )


def test_a_word_chooses_calls():
    assert as_text("/pause").startswith("POST /containers/{id}/pause\n")
    assert "POST /containers/create" not in as_text("/pause")
    with pytest.raises(NotFound, match="no call is about teleport"):
        as_text("teleport")


def test_a_page_of_some_calls_is_refused(capsys):
    assert main(["api-map", "restart", "--markdown"]) == 1
    assert "k8s-bridge api-map restart" in capsys.readouterr().err
