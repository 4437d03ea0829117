"""A cluster for each test: the double, and a real one where there is one."""

import os
import secrets
from pathlib import Path

import pytest

from k8s_bridge.cluster import connect
from tests.k8s_bridge.kube.double import Double, kubeconfig, serving

_REAL = os.environ.get("MINIDOCK_TEST_KUBECONFIG") or os.environ.get("KUBECONFIG", "")


@pytest.fixture
def double():
    return Double()


@pytest.fixture
def config(double, tmp_path, monkeypatch):
    """A kubeconfig of the double, which the environment names, too."""
    file = tmp_path / "kubeconfig"
    with serving(double) as address:
        file.write_text(kubeconfig(address), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", os.fspath(file))
        monkeypatch.setenv("HOME", os.fspath(tmp_path))  # kubectl keeps a cache there
        yield file


@pytest.fixture(params=["double", "real"])
def cluster(request, monkeypatch):
    """A connected cluster, in a namespace that is the test's own."""
    name = f"k8s-bridge-test-{secrets.token_hex(4)}"
    if request.param == "double":
        file = request.getfixturevalue("config")
    elif not _REAL:
        pytest.skip("MINIDOCK_TEST_KUBECONFIG names no real cluster")
    else:
        monkeypatch.setenv("KUBECONFIG", _REAL)
        file = Path()
    path = os.fspath(file) if request.param == "double" else ""
    made = connect(kubeconfig=path, namespace=name)
    made.create_namespace(name)
    yield made
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    live = made.get(space)
    if live:
        made.delete(live)
