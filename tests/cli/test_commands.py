"""Docker's commands with JSON, and what our own commands print."""

import json

import pytest

from tests.cli.cli import Cli


@pytest.fixture
def web(minidock: Cli) -> Cli:
    assert minidock("run", "-d", "--name", "web", "-p", "80:80", "nginx").code == 0
    return minidock


# --- JSON -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "ps",
        "container ls",
        "images",
        "image ls",
        "network ls",
        "volume ls",
        "history nginx",
        "version",
        "info",
        "inspect web",
        "network inspect bridge",
        "image inspect nginx",
        "rules",
        "machine",
        "events",
        "linux",
        "linux --steps web",
        "history",
        "diff",
    ],
)
def test_json_may_stand_before_or_after(web: Cli, line: str) -> None:
    words = line.split()
    before, after = web("--json", *words), web(*words, "--json")
    assert before.code == 0
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_json_of_a_list_is_an_array_of_dockers_fields(web: Cli) -> None:
    (row,) = json.loads(web("ps", "--json").stdout)
    assert row["Names"] == "web"
    assert row["Ports"] == "0.0.0.0:80->80/tcp, [::]:80->80/tcp"


def test_json_of_an_empty_list_is_an_empty_array(minidock: Cli) -> None:
    assert json.loads(minidock("ps", "--json").stdout) == []


def test_json_keeps_the_filters(web: Cli) -> None:
    assert json.loads(web("ps", "--json", "-f", "name=nosuch").stdout) == []


def test_json_of_a_refusal_is_the_refusal(web: Cli) -> None:
    ran = web("inspect", "nosuch", "--json")
    assert ran.code == 1
    assert "nosuch" in ran.stderr


def test_a_container_may_be_given_json_as_an_argument(minidock: Cli) -> None:
    """Only words before docker's command, or of commands that list, are ours."""
    assert minidock("run", "busybox", "echo", "--json").stdout == "--json\n"


# --- our own --------------------------------------------------------------------------


def test_rules_of_one_table(web: Cli) -> None:
    text = web("rules", "-t", "nat").stdout
    assert text.startswith("*nat\n")
    assert "*filter" not in text
    assert "--to-destination 172.17.0.2:80" in text


def test_rules_of_the_other_family(minidock: Cli) -> None:
    assert "172.17" not in minidock("rules", "-6").stdout


def test_the_machine_shows_both_ends_of_the_pair(web: Cli) -> None:
    text = web("machine").stdout
    host, inside = text.split("\nweb ")
    assert "══ web eth0" in host
    assert "172.17.0.2/16" in inside
    assert "on docker0" in inside
    assert "default via 172.17.0.1 dev eth0" in inside


def test_the_four_steps_in_order(web: Cli) -> None:
    titles = [
        t for t in web("linux", "--steps", "web").stdout.splitlines() if t[0] == "#"
    ]
    assert titles == [
        "# create a veth pair",
        "# attach one end to the bridge",
        "# move the other end into the sandbox and rename it",
        "# give it its addresses and routes",
    ]


def test_linux_removes_what_it_builds(web: Cli) -> None:
    build, remove = web("linux").stdout, web("linux", "--remove").stdout
    made = [line.split()[-1] for line in build.splitlines() if " netns add " in line]
    assert [line.split()[-1] for line in remove.splitlines()] == made


def test_events_are_dockers_unless_the_steps_are_asked_for(web: Cli) -> None:
    plain = web("events").stdout
    assert " container start " in plain
    assert " step " not in plain
    steps = [
        x.split()[2]
        for x in web("events", "--steps").stdout.splitlines()
        if " step " in x
    ]
    assert steps == ["pair", "attach", "move", "address"]


def test_the_host_answers_as_a_shell_would(web: Cli) -> None:
    words = web("host", "ip -br addr | grep docker0").stdout.split()
    assert words[:3] == ["docker0", "UP", "172.17.0.1/16"]


def test_a_picture_in_three_forms(web: Cli) -> None:
    assert "docker0" in web("draw").stdout
    assert web("draw", "--svg").stdout.lstrip().startswith("<svg")
    assert "docker0" in web("draw", "--mermaid").stdout


def test_history_with_an_image_is_dockers(web: Cli) -> None:
    assert web("history", "nginx").stdout.startswith("IMAGE ")
    assert web("history").stdout == "  1  docker run -d --name web -p 80:80 nginx\n"


def test_the_word_docker_may_be_typed(minidock: Cli) -> None:
    assert minidock("docker", "network", "ls") == minidock("network", "ls")
