"""rolling.py, tested without Docker: the fixture ``docker_engine`` comes with minidock."""

import docker
import pytest
from rolling import RollbackError, rolling_update


@pytest.fixture
def client(docker_engine):
    client = docker.from_env()
    yield client
    client.close()


def test_the_first_update_makes_the_network_and_the_service(docker_engine, client):
    web = rolling_update(client, "web", "nginx:latest", docker_engine.advance)

    assert web.status == "running"
    journey = docker_engine.engine.trace("outside", f"{web.name}:80")
    assert not journey.delivered  # it is on its network only
    assert docker_engine("network ls -q --filter label=made-by=rolling").stdout


def test_an_update_gives_the_name_to_the_new_container(docker_engine, client):
    first = rolling_update(client, "web", "nginx:latest", docker_engine.advance)
    second = rolling_update(client, "web", "httpd:latest", docker_engine.advance)

    assert [c.id for c in client.containers.list()] == [second.id] != [first.id]
    client.containers.run(
        "alpine", "sleep 60", name="user", network="front", detach=True
    )
    code, output = client.containers.get("user").exec_run("wget -q -O- http://web/")
    assert code == 0, output


def test_an_image_that_never_serves_is_rolled_back(docker_engine, client):
    old = rolling_update(client, "web", "nginx:latest", docker_engine.advance)

    with pytest.raises(RollbackError):
        rolling_update(client, "web", "redis:latest", docker_engine.advance)

    assert [c.id for c in client.containers.list(all=True)] == [old.id]


def test_a_busy_engine_is_asked_again(docker_engine, client):
    docker_engine.fail_next("GET /containers/{id}/json", status=503, times=1)
    with pytest.raises(docker.errors.APIError):
        client.containers.get("nobody")

    web = rolling_update(client, "web", "nginx:latest", docker_engine.advance)

    assert web.status == "running"


def test_a_network_that_cannot_be_made_stops_the_update(docker_engine, client):
    docker_engine.fail_next("POST /networks/create", status=500, message="no pool left")

    with pytest.raises(docker.errors.APIError, match="no pool left"):
        rolling_update(client, "web", "nginx:latest", docker_engine.advance)

    assert docker_engine.requests_to("POST /containers/create") == ()
