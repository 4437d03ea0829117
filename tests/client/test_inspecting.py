"""What `docker inspect` prints is what the engine sent."""

from minidock.engine import Engine


def test_inspect_writes_angle_brackets_plainly():
    docker = Engine()
    docker("pull nginx")
    line = next(x for x in str(docker("inspect nginx")).splitlines() if "<" in x)
    assert line.strip() == (
        '"maintainer": "NGINX Docker Maintainers <docker-maint@nginx.com>"'
    )


def test_a_container_without_image_and_program_has_nothing_to_run():
    answer = Engine("20.10").api("POST", "/containers/create", {"Image": ""})
    assert (answer.status, answer.body) == (400, {"message": "No command specified"})
