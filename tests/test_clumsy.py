"""A learner's typing errors: whatever they are, they are answered in three parts."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.cli.main import main
from minidock.cli.shell import Shell
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import open_workbench
from minidock.engine import Engine
from minidock.errors import Refusal

LINES = """
docker run -d --name db --network app -p 8080:80 -e KEY=value nginx
docker run --rm --network app busybox nslookup web
docker network create --driver bridge --subnet 10.9.0.0/24 --gateway 10.9.0.1 lab
docker network connect --alias data app web
docker network inspect app --format '{{json .IPAM.Config}}'
docker exec web ping -c 1 10.0.0.1
docker ps --all --filter name=web --format 'table {{.Names}}'
docker inspect web
docker port web 80
docker rm --force web
docker stop -t 1 web
docker logs --tail 5 web
docker volume create data
docker images nginx
docker tag nginx mine:1
minidock trace web db:80 --brief
minidock trace 198.51.100.7 host:8080 --json
minidock rules -t nat
minidock draw --mermaid
minidock machine --ascii
minidock reach --markdown
minidock host ip route add 10.1.0.0/16 via 192.0.2.1
minidock host iptables -I DOCKER-USER -i eth0 -p tcp --dport 80 -j DROP
minidock host ufw deny 8080
minidock outside ip route add 172.17.0.0/16 via 192.0.2.2
minidock advance 60
minidock history
minidock diff
minidock back
minidock laws pool
minidock lab hint 3 2
minidock lab check 3 nosuch.txt
minidock lab list
minidock --era 28 --json ps
""".strip().splitlines()  # fmt: skip

SIGNS = st.sampled_from(
    [
        *" -=:./,'\"$|;&<>#\\{}()[]*?!~%0aZ\t",
        "–",
        "—",
        "“",
        "’",
        "é",
        "🐳",
        "\x00",
        "\n",
    ]
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "swap", "put", "case", "less", "twice"]),
        st.integers(0, 90),
        SIGNS,
    ),
    min_size=1,
    max_size=4,
)


def typed(line: str, changes: list[tuple[str, int, str]]) -> str:
    for kind, place, sign in changes:
        at = place % (len(line) + 1)
        words = line.split(" ")
        which = place % len(words)
        match kind:
            case "drop":
                line = line[:at] + line[at + 1 :]
            case "swap":
                line = (
                    line[:at]
                    + line[at + 1 : at + 2]
                    + line[at : at + 1]
                    + line[at + 2 :]
                )
            case "put":
                line = line[:at] + sign + line[at:]
            case "case":
                line = line[:at] + line[at:].swapcase()
            case "less":
                line = " ".join(words[:which] + words[which + 1 :])
            case "twice":
                line = " ".join([*words[: which + 1], *words[which:]])
    return line


CLUMSY = st.builds(typed, st.sampled_from(LINES), CHANGES)
DOCKER = Engine()
for _line in (
    "network create app",
    "run -d --name web -p 8080:80 nginx",
    "run -d --name db --network app redis",
):
    assert DOCKER(_line).ok
START = len(DOCKER.history) - 1
PARTS = ("asked:", "rule:", "try:")
RUNS_PROGRAMS = {"exec", "run", "start", "attach", "container"}


@settings(max_examples=400)
@given(CLUMSY)
def test_a_line_with_typing_errors_is_done_or_refused_in_three_parts(line):
    output = DOCKER(line)
    DOCKER.back_to(START)
    assert 0 <= output.code <= 255
    words = line.split()
    words = words[1:] if words[:1] == ["docker"] else words
    if output.code and not (output.why == "" and words and words[0] in RUNS_PROGRAMS):
        assert [label in output.why for label in PARTS] == [True] * 3, output


def typed_at_a_prompt(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(
        stdin=io.StringIO(), stdout=out, stderr=err, environment={"MINIDOCK_STATE": ""}
    )
    return main(["--why", *words], terminal), out.getvalue(), err.getvalue()


STARTS_SOMETHING = {
    "serve",
    "shell",
    "demo",
    "cluster",
    "play",
    "plugin",
    "migrate",
    "reset",
}


@settings(max_examples=300, deadline=None)
@given(CLUMSY)
def test_no_words_at_a_prompt_are_a_fault_of_the_program(line):
    words = [word.replace("\n", " ") for word in line.split()][1:]
    if STARTS_SOMETHING & set(words) or {"start", "new"} & set(words):
        return  # they write files, or wait for somebody
    code, out, err = typed_at_a_prompt(words)
    assert code != 70, err
    assert "Traceback" not in out + err
    if code == 2 and words[:2] != ["lab", "check"]:  # which has a table to show
        assert (
            [label in out + err for label in PARTS[1:]] == [True] * 2
            or "host" in words
            or "outside" in words
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(CLUMSY, max_size=4))
def test_no_line_ends_the_shell_and_why_explains_what_it_refused(lines):
    bench = open_workbench("", "")
    out = io.StringIO()
    shell = Shell(
        bench, Terminal(stdin=io.StringIO(), stdout=out, stderr=out, environment={})
    )
    for line in lines:
        if line.split()[:1] in (["exit"], ["quit"], ["EOF"]):
            continue
        assert shell.onecmd(line) is False
        if shell.why:
            before = len(out.getvalue())
            shell.onecmd("why")
            assert "rule:" in out.getvalue()[before:]
    bench.close()


CALLS = {
    "Engine('99')": 'Engine("28")',
    "Engine(20.10)": "a text in quotes",
    "Engine(daemon_args='--icc=false')": 'daemon_args=["--icc=false"]',
    "Engine(daemon_args=['--iccc=false'])": "--icc",
    "Engine().advance('x')": "advance(60)",
    "Engine().advance(float('nan'))": "advance(60)",
    "Engine().listen('tcp', 99999)": 'listen("tcp", 8080)',
    "Engine().listen('tcpp', 80)": "tcp, udp or sctp",
    "Engine().containers.run('nginx', ports='80:80')": 'ports={"80/tcp": 8080}',
    "Engine().containers.get('nosuch')": "docker ps --all",
    "Engine().trace('web', 'db')": "docker ps --all",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_makes_no_sense_is_refused_in_three_parts(call: str) -> None:
    with pytest.raises(Refusal) as caught:
        eval(call, {"Engine": Engine})
    explained = caught.value.explain()
    assert [label in explained for label in PARTS] == [True] * 3
    assert CALLS[call] in explained


def test_a_version_may_be_a_number() -> None:
    assert Engine(28).world.era.name == "28"
