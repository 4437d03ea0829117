"""The command lines of the recorded engine: what the program refused by itself."""

import json
import shlex
from pathlib import Path

import pytest

from minidock.commandline.grammar import Cli, CommandRefusal, failure, parse
from minidock.commandline.networks import network_create_request
from minidock.commandline.requests import container_request
from minidock.commandline.words import split_line
from minidock.errors import NotationError

FOLDER = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"
STEPS = [
    step
    for path in sorted(FOLDER.glob("*.json"))
    for step in json.loads(path.read_text(encoding="utf-8"))["steps"]
    if step["kind"] in ("cli", "cli20") and step["cmd"].startswith("docker ")
]
OWN_RULES = ("run", "create", "network create", "rename", "tag", "ps")

pytestmark = pytest.mark.skipif(not STEPS, reason="the recordings are not here")


def asked(step):
    """What the program does with a step before it asks the engine."""
    cli = Cli.V20 if step["kind"] == "cli20" else Cli.V28
    try:
        words = split_line(step["cmd"])
        if "..." in words:
            return None  # shortened by whoever recorded it
    except NotationError:
        return None
    try:
        parsed = parse(words, cli)
        if parsed.command in ("run", "create"):
            container_request(parsed, cli=cli, api_version="1.41")
        elif parsed.command == "network create":
            network_create_request(parsed, cli, "1.41")
    except CommandRefusal as refusal:
        return parsed_command(words), refusal
    return parsed.command, None


def parsed_command(words):
    return " ".join(words[:2]) if words[0] in ("network", "volume") else words[0]


def test_every_refusal_of_the_program_itself_is_reproduced():
    seen = 0
    for step in STEPS:
        found = asked(step)
        own = "daemon" not in step["stderr"].replace("Docker daemon API", "")
        if (
            not found
            or found[0] not in OWN_RULES
            or step["rc"] not in (1, 125)
            or not own
        ):
            continue
        if step["stdout"]:
            continue
        seen += 1
        assert found[1] is not None, step["cmd"]
        assert (found[1].stderr, found[1].code) == (step["stderr"], step["rc"]), step[
            "cmd"
        ]
    assert seen > 80


def test_nothing_is_refused_that_the_program_passed_on():
    for step in STEPS:
        found = asked(step)
        passed = step["rc"] == 0 or "Error response from daemon" in step["stderr"]
        if found and passed:
            assert found[1] is None, step["cmd"]


def test_an_error_of_the_engine_is_dressed_as_recorded():
    for step in STEPS:
        mark = "docker: Error response from daemon"
        if mark not in step["stderr"] or "\n" in step["cmd"]:
            continue
        cli = Cli.V20 if step["kind"] == "cli20" else Cli.V28
        dressed = step["stderr"][step["stderr"].index(mark) :]
        end = ".\n" if cli is Cli.V20 else "\n\nRun 'docker run"
        text = dressed[len("docker: ") : dressed.index(end)]
        if shlex.split(step["cmd"])[1] == "run":
            assert failure(text, "run", cli, step["rc"]) == dressed, step["cmd"]
