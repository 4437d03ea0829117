"""What a start loads, and what it leaves until somebody asks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = """
services:
  web:
    image: nginx
    ports: ["8080:80"]
    volumes: ["data:/data"]
    stop_grace_period: 1m30s
    depends_on: [db]
  db: {image: postgres, environment: {POSTGRES_PASSWORD: x}}
volumes: {data: {}}
"""
# Slow to load, and none of it is needed for manifests.
LATE = (
    "kubernetes",
    "decimal",
    "hashlib",
    "lzma",
    "pathlib",
    "shutil",
    "tempfile",
    "urllib",
    "k8s_bridge.helm",
    "k8s_bridge.kustomize",
    "k8s_bridge.matrix",
    "k8s_bridge.netpol",
    "k8s_bridge.proof",
    "k8s_bridge.reachability",
    "k8s_bridge.sources.inspect",
    "k8s_bridge.sources.run",
    "k8s_bridge.sources.world",
)


def _loaded(code: str) -> set[str]:
    """The modules that code adds to those of Python's own start."""
    code = (
        "import sys\nbefore = set(sys.modules)\n"
        f"{code}\nprint(*set(sys.modules) - before, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stderr.split())


def test_importing_the_face_loads_nothing():
    assert _loaded("import k8s_bridge") == {"k8s_bridge"}


def test_converting_loads_only_what_manifests_need(tmp_path):
    pytest.importorskip("yaml", reason="Compose files need PyYAML")
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE, encoding="utf-8")
    words = ["convert", "-f", str(file), "--report", "none"]
    loaded = _loaded(
        f"from k8s_bridge.cli.main import main\nassert main({words!r}) == 0"
    )
    assert "k8s_bridge.translate" in loaded
    assert loaded.isdisjoint(LATE)
