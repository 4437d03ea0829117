"""`docker version` and `docker info` print what the docker program was recorded to."""

import difflib
import json
from pathlib import Path

import pytest

from minidock.engine import Engine

RECORDED = (
    Path(__file__).parents[1] / "golden" / "docker-20.10" / "01-fresh-engine.json"
)
STEPS = json.loads(RECORDED.read_text(encoding="utf-8"))["steps"]
HARDWARE = ("Kernel Version", "Total Memory", "Name", "ID", "Runtimes")
"""Of the recorded machine; and the older program prints runtimes in no order."""
CLIENT = ("Version", "API version", "Go version", "Git commit", "Built")
"""The recorded newer program is 28.2.2, ours 28.5.2."""


def recorded(kind, command):
    return next(s["stdout"] for s in STEPS if s["kind"] == kind and s["cmd"] == command)


def names(lines, ignored):
    """The lines, of some only what stands before the colon."""
    return [
        name if (name := line.partition(":")[0]).strip() in ignored else line
        for line in lines
    ]


@pytest.mark.parametrize(("kind", "cli"), [("cli", "28"), ("cli20", "20.10")])
@pytest.mark.parametrize("command", ["docker version", "docker info"])
def test_the_text_is_the_recorded_one_but_for_the_machine(kind, cli, command):
    ours = Engine("20.10").command_line(command, cli=cli)
    assert ours.code == 0
    real = recorded(kind, command)
    ignored = HARDWARE + (CLIENT if kind == "cli" else ())
    pair = names(real.splitlines(), ignored), names(ours.stdout.splitlines(), ignored)
    assert list(difflib.unified_diff(*pair)) == []


def test_the_servers_part_is_the_recorded_one_word_for_word():
    for kind, cli in (("cli", "28"), ("cli20", "20.10")):
        ours = Engine("20.10").command_line("docker version", cli=cli).stdout
        real = recorded(kind, "docker version")
        assert ours.partition("Server:")[2] == real.partition("Server:")[2]


def test_what_dockerd_was_told_is_printed():
    docker = Engine(
        daemon_args=[
            "--label=site=a",
            "--default-address-pool=base=10.9.0.0/16,size=24",
            "--insecure-registry=reg:5000",
            "--registry-mirror=http://mirror",
            "--host=tcp://0.0.0.0:2375",
            "--debug",
        ]
    )
    output = docker("info")
    for text in (
        " Labels:\n  site=a\n",
        " Default Address Pools:\n   Base: 10.9.0.0/16, Size: 24\n",
        " Insecure Registries:\n  reg:5000\n  ::1/128\n",
        " Registry Mirrors:\n  http://mirror/\n",
        " Debug Mode: true\n  File Descriptors: 24\n",
        " CDI spec directories:\n  /etc/cdi\n",
    ):
        assert text in output.stdout
    assert "WARNING: API is accessible on http://0.0.0.0:2375" in output.stderr
