"""The program sees the same words and variables as under Docker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge import application_from_inspect, translate
from k8s_bridge.mapping.escaping import escape
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import container_of, hows, inspect_of


def expanded(text: str) -> str:
    """How a kubelet reads a word in which no reference has a value.

    Two dollars are one; "$(NAME)" is replaced (here: by ?); all else stays.
    """
    result, rest = "", text
    while rest:
        if rest.startswith("$$"):
            result, rest = result + "$", rest[2:]
        elif rest.startswith("$(") and ")" in rest:
            result, rest = result + "?", rest[rest.index(")") + 1 :]
        else:
            result, rest = result + rest[0], rest[1:]
    return result


@given(st.text(alphabet="$()ab") | st.text())
def test_a_kubelet_gives_a_program_exactly_the_words_that_docker_gave(text):
    assert expanded(escape(text)) == text


def _translated(config: dict, image: dict | None = None):
    inspect = inspect_of("web", {"Image": "nginx", **config})
    images = [] if image is None else [{"RepoTags": ["nginx:latest"], "Config": image}]
    return translate(application_from_inspect([inspect], images=images))


_IMAGE = {"Entrypoint": ["/entry"], "Cmd": ["serve"], "Env": ["PATH=/bin", "A=1"]}
_COMMANDS = [
    # what the container has, what the manifest must say beyond the image
    ({"Entrypoint": ["/entry"], "Cmd": ["serve"]}, None, None),
    ({"Entrypoint": ["/entry"], "Cmd": ["other"]}, None, ["other"]),
    ({"Entrypoint": ["/bin/sh"], "Cmd": None}, ["/bin/sh"], None),
    ({"Entrypoint": ["/bin/sh"], "Cmd": ["-c", "x"]}, ["/bin/sh"], ["-c", "x"]),
    ({"Entrypoint": ["/entry"], "Cmd": None}, ["/entry"], None),
    ({"Entrypoint": None, "Cmd": ["ls", "-l"]}, ["ls", "-l"], None),
    ({"Entrypoint": [""], "Cmd": ["ls"]}, ["ls"], None),
]


@pytest.mark.parametrize(("config", "command", "args"), _COMMANDS)
def test_what_is_executed_is_what_docker_executes(config, command, args):
    container = container_of(_translated(config, _IMAGE), "web")
    assert (container.get("command"), container.get("args")) == (command, args)


def test_only_variables_that_the_image_lacks_are_written_in_order():
    env = ["PATH=/bin", "A=2", "Z=1", "B=x=y", "B=last"]
    container = container_of(_translated({"Env": env}, _IMAGE), "web")
    pairs = [(v["name"], v["value"]) for v in container["env"]]
    assert pairs == [("A", "2"), ("Z", "1"), ("B", "last")]


def test_a_variable_that_cannot_be_unset_is_reported():
    result = _translated({"Env": ["A"]}, _IMAGE)
    assert "env" not in container_of(result, "web")
    assert hows(result, "Config.Env") == [
        "lost: A: an image's variable cannot be unset"
    ]


@pytest.mark.parametrize(
    ("test", "command"),
    [
        (["CMD", "curl", "x"], ["curl", "x"]),
        (["CMD-SHELL", "curl x || exit 1"], ["/bin/sh", "-c", "curl x || exit 1"]),
    ],
)
def test_a_health_check_is_a_readiness_probe(test, command):
    check = {"Test": test, "Interval": 500_000_000, "Timeout": 1, "Retries": 5}
    probe = container_of(_translated({"Healthcheck": check}), "web")["readinessProbe"]
    assert probe == {
        "exec": {"command": command},
        "periodSeconds": 1,
        "timeoutSeconds": 1,
        "failureThreshold": 5,
    }


def test_the_health_check_of_an_image_is_written_since_a_kubelet_does_not_read_it():
    check = {"Test": ["CMD", "true"]}
    container = container_of(
        _translated({"Healthcheck": check}, {"Healthcheck": check}), "web"
    )
    assert container["readinessProbe"]["periodSeconds"] == 30


@pytest.mark.parametrize("check", [{"Test": ["NONE"]}, {"Test": []}, {"Interval": 5}])
def test_no_health_check_is_no_probe(check):
    result = _translated({"Healthcheck": check})
    assert "readinessProbe" not in container_of(result, "web")


def test_an_unknown_image_keeps_its_command_and_the_report_says_so():
    line = "docker run -d --name api example/api:1 serve"
    result = translate(application_from_lines([line]))
    container = container_of(result, "api")
    assert container["args"] == ["serve"]
    assert "command" not in container
    assert any("not known" in how for how in hows(result, "Config.Image"))
