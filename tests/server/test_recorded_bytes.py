"""Byte for byte what Docker 20.10 wrote on its socket, but for the date."""

import json
import re
from pathlib import Path

import pytest

from tests.server.wires import OPENED, Client, serving

RECORDING = Path(__file__).parents[1] / "golden/docker-20.10/11-api-versions.json"
_SENT = re.compile(r"printf '(.*)' \| socat")
_DATE = re.compile(rb"Date: [^\r]*GMT")


def _steps():
    steps = json.loads(RECORDING.read_text(encoding="utf-8"))["steps"]
    for step in steps:
        sent = _SENT.match(step.get("cmd", ""))
        if sent:
            data = sent[1].encode().decode("unicode_escape").encode()
            yield pytest.param(data, step["stdout"].encode(), id=sent[1])


@pytest.fixture(autouse=True)
def _no_client_is_left():
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.mark.parametrize(("sent", "recorded"), list(_steps()))
def test_an_answer_is_the_recorded_one(tmp_path, sent, recorded):
    with serving(tmp_path) as server:
        client = Client(server.addresses[1])
        client.send(sent)
        answer = client.rest()
    assert _DATE.sub(b"Date", answer) == _DATE.sub(b"Date", recorded)


def _calls():
    """Calls of the recording whose heads are of the server's making."""
    steps = json.loads(RECORDING.read_text(encoding="utf-8"))["steps"]
    for step in steps:
        if step["kind"] == "api" and step["n"] <= 58 and step["path"] != "/auth":
            yield pytest.param(step, id=f"{step['n']} {step['method']} {step['path']}")


@pytest.mark.parametrize("step", list(_calls()))
def test_a_head_is_the_recorded_one(tmp_path, step):
    body = b"" if step["request"] is None else json.dumps(step["request"]).encode()
    with serving(tmp_path) as server:
        answer = Client(server.addresses[1]).ask(step["method"], step["path"], body)
    assert answer.status == step["status"]
    # how long a body is follows from what is in it, and is compared elsewhere
    unlike = {"Date", "Content-Length", "Transfer-Encoding"}
    assert [
        (name, value) for name, value in answer.headers.items() if name not in unlike
    ] == [
        (name, value) for name, value in step["headers"].items() if name not in unlike
    ]
