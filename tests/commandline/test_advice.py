"""What a refused line teaches: the rule, and a line that would have worked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.advice import advise
from minidock.commandline.catalogue import COMMANDS
from minidock.engine import Engine

MEANT = {
    "rnu -d nginx": "docker run -d nginx",
    "RUN -d nginx": "docker run -d nginx",
    "docker RUN nginx": "docker run nginx",
    "Docker ps": "docker ps",
    "dokcer ps": "docker ps",
    "sudo docker ps": "docker ps",
    "$docker ps": "docker ps",
    "netwrok ls": "docker network ls",
    "network lst": "docker network ls",
    "network inspct bridge": "docker network inspect bridge",
    "run --nmae web nginx": "docker run --name web nginx",
    "run --nmae=web nginx": "docker run --name=web nginx",
    "run -name web nginx": "docker run --name web nginx",
    "run -D nginx": "docker run -d nginx",
    "run –d nginx": "docker run -d nginx",
    "run —name web nginx": "docker run --name web nginx",
    "run -d “nginx”": "docker run -d nginx",
    "run --name ‘web’ nginx": "docker run --name web nginx",
    "run": "docker run nginx",
    "run --name web": "docker run nginx",
    "run Nginx": "docker run nginx",
    "network connect mynet": "docker network connect mynet web",
    "exec web": "docker exec web ip addr",
    "ps -a web": "docker ps",
    "help rnu": "docker run",
    "ip addr": "docker exec CONTAINER ip addr, or minidock host ip addr",
    "compose up": "a docker run line for each service; k8s-bridge reads a compose.yaml",
}


@pytest.mark.parametrize("line", MEANT)
@pytest.mark.parametrize("era", ["20.10", "28"])
def test_a_refused_line_is_answered_with_what_was_meant(line: str, era: str) -> None:
    output = Engine(era)(line)
    assert output.code
    parts = dict(part.split(": ", 1) for part in output.why.splitlines())
    assert list(parts) == ["asked", "rule", "try"]
    assert parts["try"].strip() == MEANT[line]


RULES = {
    "run --name web": "the word after --name is its value",
    "ps -a web": "'web' is one word too many",
    "run -p 80:80: nginx": "HOSTPORT:CONTAINERPORT",
    "run -p 80 : 80 nginx": "':' is no image",
    "run -d nginx --filter": "",
    "ps --filter": "--filter takes the word after it as its value",
    "network create --subnet 10.0.0.0/24 --gateway 10.1.0.1 n1": "lie in a subnet",
    "update web": "none is there",
    "images --nosuch": "docker images has no option --nosuch",
}


@pytest.mark.parametrize("line", [line for line, rule in RULES.items() if rule])
def test_a_refused_line_says_the_rule(line: str) -> None:
    docker = Engine()
    docker("run -d --name web nginx")
    assert RULES[line] in docker(line).why.splitlines()[1]


def test_a_program_that_fails_in_a_container_was_not_refused() -> None:
    docker = Engine()
    docker("run -d --name web nginx")
    for line in (
        "exec web sh -c 'exit 3'",
        "exec web cat /nosuch",
        "run --rm nginx false",
    ):
        output = docker(line)
        assert output.code
        assert output.why == ""
    assert "only what is in its image" in docker("exec web pnig db").why


def test_docker_still_prints_its_own_words() -> None:
    assert str(Engine()("rnu nginx")) == (
        "docker: unknown command: docker rnu\n\nRun 'docker --help' for more information"
    )


WORDS = st.lists(
    st.text(max_size=8) | st.sampled_from([*COMMANDS, "--name", "-d", "–"]), max_size=6
)


@given(WORDS, st.text())
def test_any_words_get_a_rule_with_a_remedy_or_neither(words, text):
    advice = advise(words, text)
    assert bool(advice.rule) == bool(advice.remedy)
    if advice.remedy.startswith("docker "):
        assert "\n" not in advice.rule or any("\n" in word for word in words)


PLAIN = sorted({name for name in COMMANDS if " " not in name and len(name) > 3})


@given(st.sampled_from(PLAIN), st.integers(0, 8))
def test_two_letters_that_changed_places_are_seen_through(name, place):
    at = place % (len(name) - 1)
    typed = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    advice = advise([typed, "x"], "")
    if typed not in COMMANDS:
        assert advice.remedy == f"docker {name} x"
