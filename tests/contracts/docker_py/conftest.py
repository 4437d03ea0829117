"""docker-py against an engine of ours, in every way in which it can get there.

Each test of this folder is a function over a client; it is run over a Unix socket and
over TCP, and with the versions of the API that docker-py and its users ask for.
"""

import io
import os
import shutil
import tarfile
import tempfile
import time
from dataclasses import dataclass

import docker
import pytest
from docker.transport.unixconn import UnixHTTPConnection
from urllib3.connection import HTTPConnection

from minidock.server.double import DockerDouble
from minidock.server.serving import serve

IMAGES = ("alpine", "busybox")


@dataclass(frozen=True, slots=True)
class Way:
    """An era's engine, the version that is asked of it, and what is between."""

    era: str
    api: str
    transport: str

    def __str__(self):
        return f"{self.era}-{self.api}-{self.transport}"

    @property
    def version(self):
        """The version as numbers, to compare."""
        return tuple(int(part) for part in self.api.split("."))


WAYS = [
    Way(era, api, transport)
    for era, api in (("20.10", "1.41"), ("28", "1.44"), ("28", "1.51"))
    for transport in ("unix", "tcp")
]


@pytest.fixture(autouse=True)
def no_socket_left(monkeypatch):
    """Close what docker-py leaves open: sockets that it has taken over."""
    made = []

    def watch(kind):
        plain = kind.connect

        def connect(self):
            plain(self)
            made.append(self.sock)

        monkeypatch.setattr(kind, "connect", connect)

    watch(HTTPConnection)
    watch(UnixHTTPConnection)
    yield
    for sock in made:  # closing is not enough: files on top of it keep it open
        number = sock.detach()
        if number >= 0:
            os.close(number)


@pytest.fixture(params=WAYS, ids=str)
def way(request):
    return request.param


@pytest.fixture
def double(way):
    with DockerDouble(era=way.era, images=IMAGES) as made:
        yield made


@pytest.fixture
def url(way, double):
    """What DOCKER_HOST would be."""
    if way.transport == "tcp":
        yield double.url
        return
    folder = tempfile.mkdtemp(prefix="minidock")  # a socket's path must be short
    server = serve(double._live, [f"unix://{folder}/docker.sock"])
    yield server.addresses[0]
    server.close()
    shutil.rmtree(folder)


@pytest.fixture
def api(way, url):
    """The low-level client: one method a call."""
    client = docker.APIClient(base_url=url, version=way.api, timeout=20)
    yield client
    client.close()


@pytest.fixture
def client(way, url):
    """The client with collections and models."""
    made = docker.DockerClient(base_url=url, version=way.api, timeout=20)
    yield made
    made.close()


@pytest.fixture
def sleeper(client):
    """A container that does nothing for a long time."""
    return client.containers.run("alpine", "sleep 9999", detach=True, name="sleeper")


def tar_of(**files):
    """A tar of files: name to bytes."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def status_of(failure):
    """The status that an APIError came with; the argument is pytest's."""
    return failure.value.response.status_code


def eventually(holds, *, seconds=10):
    """Wait until something holds that another thread brings about."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
