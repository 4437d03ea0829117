"""The double that tests talk to: what it notes, how it fails, how its time passes."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import docker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.server.double import DockerDouble

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "rolling"


@pytest.fixture
def double():
    with DockerDouble(images=["alpine"]) as made:
        yield made


@pytest.fixture
def client(double):
    made = docker.DockerClient(base_url=double.url)
    yield made
    made.close()


CALLS = st.lists(
    st.sampled_from(["networks", "images", "containers", "make", "ping"]), max_size=12
)


@given(CALLS)
@settings(max_examples=25)
def test_every_request_to_a_double_is_noted_exactly_once(calls):
    with DockerDouble() as double:
        client = docker.APIClient(base_url=double.url, version="1.44")
        for call in calls:
            if call == "make":
                client.create_network("n", check_duplicate=False)
                client.remove_network("n")
            else:
                getattr(client, call)()
        client.close()
        paths = {
            "networks": ["GET /networks"],
            "images": ["GET /images/json"],
            "containers": ["GET /containers/json"],
            "ping": ["GET /_ping"],
            "make": ["POST /networks/create", "DELETE /networks/n"],
        }
        noted = [f"{asked.method} {asked.path}" for asked in double.requests]
        assert noted == [path for call in calls for path in paths[call]]


def test_a_planned_failure_is_given_once_and_changes_nothing(double, client):
    before = double.engine.world
    double.fail_next("POST /networks/create", status=507, message="no room")

    with pytest.raises(docker.errors.APIError, match="no room") as caught:
        client.networks.create("a")

    assert caught.value.status_code == 507
    assert double.engine.world is before
    assert client.networks.create("a").name == "a"
    statuses = [a.status for a in double.requests_to("POST /networks/create")]
    assert statuses == [507, 201]


def test_a_failure_waits_for_its_own_kind_of_call(double, client):
    double.fail_next("POST /containers/{id}/start")
    client.networks.create("a")
    container = client.containers.create("alpine", "sleep 9")
    with pytest.raises(docker.errors.APIError):
        container.start()
    container.start()
    container.reload()
    assert container.status == "running"


@pytest.mark.parametrize(
    ("call", "options"),
    [
        ("create a network", {}),
        ("post /networks/create", {}),
        ("POST networks/create", {}),
        ("POST /networks/create", {"status": 200}),
        ("POST /networks/create", {"times": 0}),
    ],
)
def test_a_failure_that_makes_no_sense_is_refused(double, call, options):
    with pytest.raises(InvalidParameter):
        double.fail_next(call, **options)


def test_time_passes_at_once(double, client):
    container = client.containers.run(
        "alpine", "sh -c 'sleep 3600; echo done'", detach=True
    )
    double.advance(3601)
    container.reload()
    assert container.status == "exited"
    assert container.logs() == b"done\n"


def test_somebody_who_waits_is_woken_when_time_passes(double, client):
    container = client.containers.run("alpine", "sleep 3600", detach=True)
    codes = []
    waiter = threading.Thread(
        target=lambda: codes.append(container.wait(timeout=30)["StatusCode"])
    )
    waiter.start()
    while not double.requests_to("POST /containers/{id}/wait"):
        waiter.join(0.01)
    double.advance(3600)
    waiter.join(10)
    assert codes == [0]


def test_doubles_know_nothing_of_each_other(double, client):
    client.networks.create("mine")
    with DockerDouble() as other:
        assert "mine" not in other("network ls").stdout


def test_an_image_that_is_not_in_the_catalogue_is_refused():
    with pytest.raises(InvalidParameter, match="no image nosuch"):
        DockerDouble(images=["nosuch"])


def test_the_example_of_the_how_to_page_passes():
    done = subprocess.run(
        # with the plugin of this very tree, be it installed or not
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "no:minidock", "-p", "minidock.pytest_plugin"),
        ],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DOCKER_HOST": "tcp://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout
