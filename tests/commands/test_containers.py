"""Names of containers: taken, free, changed."""

import pytest

from minidock.engine import Engine


@pytest.fixture
def docker():
    engine = Engine("20.10")
    engine("pull nginx")
    engine("create --name web nginx")
    return engine


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("w2/x", 400, ("Error when allocating new name: Invalid container name (/w2/x), "
         "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")),
        ("", 400, "Neither old nor new names may be empty"),
    ],
)  # fmt: skip
def test_how_a_new_name_is_refused(docker, name, status, text):
    before = docker.world
    response = docker.api("POST", f"/containers/web/rename?name={name}")
    assert (response.status, response.message) == (status, text)
    assert docker.world is before


def test_a_new_name_may_begin_with_a_slash(docker):
    assert docker.api("POST", "/containers/web/rename?name=/other").status == 204
    assert docker.api("GET", "/containers/other/json").body["Name"] == "/other"


@pytest.mark.parametrize("kind", ["container", "network", "volume"])
def test_inspecting_one_kind_gives_the_engines_words_in_28(docker, kind):
    new = docker.command_line(f"inspect --type {kind} nosuch", cli="28")
    assert new.stderr.startswith("Error response from daemon: ")
    old = docker.command_line(f"inspect --type {kind} nosuch", cli="20.10")
    assert old.stderr == f"Error: No such {kind}: nosuch\n"
    any_kind = docker.command_line("inspect nosuch", cli="28")
    assert any_kind.stderr == "Error: No such object: nosuch\n"


@pytest.mark.parametrize("line", ["rm", "logs", "port", "container inspect"])
def test_20_10_has_its_own_words_for_a_missing_container(docker, line):
    old = docker.command_line(f"{line} nosuch", cli="20.10")
    assert old.stderr == "Error: No such container: nosuch\n"
    new = docker.command_line(f"{line} nosuch", cli="28")
    assert new.stderr == "Error response from daemon: No such container: nosuch\n"
