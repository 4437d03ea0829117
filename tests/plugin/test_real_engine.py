"""A real Docker Engine asks minidock for its addresses, and prints what it printed.

It runs where an engine answers at ``DOCKER_HOST`` that has an image ``busybox``, looks for
plugins on this machine, and lets us put a socket there. The transcript in
``tests/golden/plugin-20.10`` was recorded with Docker 20.10.24.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "plugin-20.10" / "transcript.txt"
FOLDER = Path("/run/docker/plugins")
ROOT = Path(__file__).parents[2]
WORDS = [
    (re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{12})\b"), "<id>"),
    (re.compile(r'time="[^"]*"'), 'time="<time>"'),
    (re.compile(r"veth[0-9a-f]{7}"), "veth<id>"),
]


def _why_not() -> str:
    if not os.environ.get("DOCKER_HOST"):
        return "DOCKER_HOST names no engine"
    if shutil.which("docker") is None:
        return "docker is not installed"
    asked = ["docker", "version", "-f", "{{.Server.Version}}"]
    asked = subprocess.run(
        asked, check=False, capture_output=True, text=True, timeout=20
    )
    if asked.returncode or not asked.stdout.startswith("20.10"):
        return f"the engine is no Docker 20.10: {asked.stdout or asked.stderr}".strip()
    has = ["docker", "image", "inspect", "busybox"]
    if subprocess.run(has, check=False, capture_output=True, timeout=20).returncode:
        return "the engine has no image busybox"
    return "" if os.access(FOLDER, os.W_OK) else f"{FOLDER} cannot be written"


class Plugin:
    """`minidock plugin serve`, as people start it."""

    def __init__(self, state: Path) -> None:
        self.words = [sys.executable, "-m", "minidock", "plugin", "serve"]
        self.words += ["--socket", str(FOLDER / "minidock.sock"), "--state", str(state)]

    def start(self) -> None:
        self.process = subprocess.Popen(self.words, cwd=ROOT, stdout=subprocess.PIPE)
        assert b"Listening" in self.process.stdout.readline()

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait(10)
        self.process.stdout.close()


def _steps():
    for part in re.split(r"^\$ ", GOLDEN.read_text(), flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def _run(command: str) -> str:
    # how it is spelled in the transcript: a format is one word
    line = re.sub(r" -f (.*{.*)$", lambda m: f" -f {shlex.quote(m[1])}", command)
    ran = subprocess.run(
        shlex.split(line),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    printed = ran.stdout
    for pattern, word in WORDS:
        printed = pattern.sub(word, printed)
    return printed


def test_a_real_engine_prints_what_it_printed(tmp_path):
    why = _why_not()
    if why:
        pytest.skip(why)
    plugin = Plugin(tmp_path / "state.db")
    plugin.start()
    try:
        for command, printed in _steps():
            if command == "kill -9":
                plugin.end(signal.SIGKILL)
                plugin.start()
            else:
                # containers are listed in no order
                assert sorted(_run(command).split("\n")) == sorted(printed.split("\n"))
    finally:
        plugin.end(signal.SIGTERM)
