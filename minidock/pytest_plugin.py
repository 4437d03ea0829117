"""The pytest plugin: a Docker engine for each test, without Docker.

```
def test_deploys(docker_engine):            DOCKER_HOST leads to an engine in this
    deploy("web", "nginx:1.25")             process, fresh for each test
    assert "web" in docker_engine("ps").stdout
```

It comes with the package (entry point ``pytest11``) and costs nothing until a test asks
for it. A mark chooses what the engine is like::

    @pytest.mark.docker_engine(era="20.10", daemon_args=["--icc=false"])
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from minidock.server.double import DockerDouble

__all__ = ["docker_engine", "pytest_configure"]

_VARIABLES = "DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION"


def pytest_configure(config: pytest.Config) -> None:
    """Name our mark."""
    config.addinivalue_line(
        "markers",
        "docker_engine(era, daemon_args, images): what the docker_engine is like",
    )


@pytest.fixture
def docker_engine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> "Iterator[DockerDouble]":
    """A fresh Docker engine in this process, with DOCKER_HOST leading to it."""
    # Late: who asks for no engine does not wait for one.
    from minidock.server.double import DockerDouble  # noqa: PLC0415

    mark = request.node.get_closest_marker("docker_engine")
    with DockerDouble(**(mark.kwargs if mark else {})) as double:
        for name in _VARIABLES.split():
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DOCKER_HOST", double.url)
        yield double
