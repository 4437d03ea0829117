"""Every command of the notes, replayed at era 17.12."""

import re
from pathlib import Path

import pytest

from minidock import Engine

STORY = Path(__file__).with_name("notes.txt").read_text()

PLACES = {
    "<id>": r"[0-9a-f]{12}(?:[0-9a-f]{52})?",
    "<time>": r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
    "<name>": r"[a-z]+_[a-z]+\d*",
}

# The calls that the notes list, with a body where one is sent; each must succeed.
CALLS = [
    ("GET", "/images/json", None),
    ("POST", "/images/create?fromImage=redis&tag=latest", None),
    ("GET", "/images/redis/history", None),
    ("GET", "/images/search?term=redis", None),
    ("POST", "/images/redis/tag?repo=cache&tag=v1", None),
    ("GET", "/images/redis/json", None),
    ("DELETE", "/images/cache:v1", None),
    ("GET", "/containers/json", None),
    ("GET", "/containers/web/json", None),
    ("GET", "/containers/web/top", None),
    ("POST", "/containers/web/stop", None),
    ("POST", "/containers/web/start", None),
    ("POST", "/containers/web/restart", None),
    ("POST", "/containers/web/rename?name=web3", None),
    ("POST", "/containers/web3/kill", None),
    ("DELETE", "/containers/web3", None),
    ("GET", "/networks", None),
    ("GET", "/networks/mynet", None),
    ("POST", "/networks/create", {"Name": "net9", "Driver": "bridge"}),
    ("POST", "/networks/net9/connect", {"Container": "db"}),
    ("POST", "/networks/net9/disconnect", {"Container": "db"}),
    ("DELETE", "/networks/net9", None),
]


def parts():
    """(command, expected lines) in order."""
    for block in re.split(r"^\$ ", STORY, flags=re.MULTILINE)[1:]:
        command, _, expected = block.partition("\n")
        lines = [line for line in expected.split("\n") if not line.startswith("#")]
        yield command, "\n".join(lines).strip("\n").split("\n")


def pattern(lines):
    pieces = []
    for line in lines:
        if line == "...":
            pieces.append(r"(?:.*\n)*?")
            continue
        words = re.split("(<id>|<time>|<name>)", line.rstrip())
        pieces.append("".join(PLACES.get(w, re.escape(w)) for w in words) + r" *\n")
    return re.compile("".join(pieces))


@pytest.fixture(scope="module")
def told():
    docker = Engine("17.12")
    return docker, [(c, e, str(docker(c)) + "\n") for c, e in parts()]


def test_the_story_has_all_commands_of_the_notes(told):
    assert len(told[1]) >= 15


def test_every_command_of_the_notes_prints_what_docker_17_12_prints(told):
    for command, expected, printed in told[1]:
        if expected == [""]:
            continue
        assert pattern(expected).fullmatch(printed), f"$ {command}\n{printed}"


def test_every_api_call_of_the_notes_works(told):
    docker, _ = told
    for method, path, body in CALLS:
        response = docker.api(method, f"/v1.35{path}", body)
        assert response.status < 300, (method, path, response.message)


def test_the_random_bridge_address_of_old_notes_is_the_first_of_the_subnet(told):
    bridge = told[0].networks.get("bridge").attrs
    assert bridge["IPAM"]["Config"][0]["Gateway"] == "172.17.0.1"
