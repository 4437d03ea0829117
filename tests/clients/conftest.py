"""A server to talk to, started as people start it, and the real programs that talk."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.golden.serving import program

ROOT = Path(__file__).parents[2]
_LISTENING = re.compile(r"Listening on (\S+)")


class Ran(NamedTuple):
    out: str
    err: str
    code: int


class Served:
    """`minidock serve` as a process, and a folder to work in."""

    def __init__(self, era: str = "28", *flags: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="minidock-"))
        self.path = self.folder / "docker.sock"
        self.url = f"unix://{self.path}"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "minidock", "--era", era, "serve"),
                *("-H", self.url, "-H", "tcp://127.0.0.1:0", *flags),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.tcp = ""
        while not self.tcp:
            line = self.process.stdout.readline()
            assert line, "the server ended"
            found = _LISTENING.search(line)
            if found and found[1].startswith("tcp"):
                self.tcp = found[1]

    def run(self, *words: str, stdin: str | None = None, timeout: float = 60) -> Ran:
        environment = {
            "DOCKER_HOST": self.url,
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "DOCKER_TCP": self.tcp,
            "NODE_PATH": os.environ.get("NODE_PATH", ""),
        }
        done = subprocess.run(
            words,
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
            cwd=self.folder,
            check=False,
        )
        return Ran(done.stdout, done.stderr, done.returncode)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def served():
    made = Served()
    yield made
    made.close()


@pytest.fixture(params=["28", "20.10"])
def docker(request, served):
    """The docker program of a generation, talking to the server."""
    where = program(request.param)
    if where is None:
        pytest.skip(f"docker {request.param} is not installed")

    def run(line, **options):
        return served.run(where, *line.split(), **options)

    return run
