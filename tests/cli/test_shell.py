"""The shell: docker's words, our own, a container's name first, and the questions."""

import io
from pathlib import Path

import pytest

from minidock.cli.shell import Shell
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench, open_workbench
from tests.cli.cli import Cli


@pytest.fixture
def bench() -> Workbench:
    bench = open_workbench("", "")
    bench.docker(["run", "-d", "--name", "web", "nginx"], {})
    bench.docker(["network", "create", "mynet"], {})
    return bench


@pytest.fixture
def shell(bench: Workbench) -> Shell:
    stream = io.StringIO()
    return Shell(
        bench,
        Terminal(stdin=io.StringIO(), stdout=stream, stderr=stream, environment={}),
    )


def typed(shell: Shell, line: str) -> str:
    before = len(shell.terminal.stdout.getvalue())
    assert not shell.onecmd(line)
    return shell.terminal.stdout.getvalue()[before:]


# --- examples -------------------------------------------------------------------------


def test_docker_may_be_said_or_left_out(shell: Shell) -> None:
    assert typed(shell, "docker ps") == typed(shell, "ps")


def test_why_explains_the_last_refusal(shell: Shell) -> None:
    assert typed(shell, "network create mynet").endswith("(why? type: why)\n")
    why = typed(shell, "why")
    assert why.startswith("asked:")
    assert "try:" in why


def test_why_without_a_refusal(shell: Shell) -> None:
    typed(shell, "ps")
    assert typed(shell, "why") == "the last command was not refused\n"


def test_back_undoes_and_diff_tells(shell: Shell) -> None:
    assert "+ mynet: bridge 172.18.0.0/16" in typed(shell, "diff")
    assert typed(shell, "back") == "undone: docker network create mynet\n"
    assert "mynet" not in typed(shell, "network ls")
    assert typed(shell, "history") == "  1  docker run -d --name web nginx\n"


def test_a_containers_name_first_runs_the_rest_in_it(shell: Shell) -> None:
    assert "172.17.0.2/16" in typed(shell, "web ip addr")
    assert "HOSTNAME=" in typed(shell, "web env")


def test_a_container_named_like_a_command_does_not_hide_it(shell: Shell) -> None:
    typed(shell, "run -d --name ps nginx")
    assert typed(shell, "ps").startswith("CONTAINER ID")


def test_help_is_grouped_by_intent(shell: Shell) -> None:
    page = typed(shell, "help")
    assert all(title in page for title in ("Look beneath:", "Move in time:", "Ask:"))


def test_help_for_a_docker_command_is_dockers(shell: Shell) -> None:
    assert typed(shell, "help run").startswith("Usage:  docker run")


@pytest.mark.parametrize("line", ["", "   ", "# a comment"])
def test_an_empty_line_repeats_nothing(shell: Shell, line: str) -> None:
    typed(shell, "ps")
    assert typed(shell, line) == ""


def test_a_line_for_another_shell_can_be_asked_about(shell: Shell) -> None:
    typed(shell, "ps | grep web")
    assert "rule:" in typed(shell, "why")


@pytest.mark.parametrize("line", ["play x", "shell", "demo", "reset"])
def test_programs_of_their_own_are_outside(shell: Shell, line: str) -> None:
    assert "outside this shell" in typed(shell, line)


@pytest.mark.parametrize("word", ["exit", "quit", "exit()", "quit()", "EOF"])
def test_the_ways_out(shell: Shell, word: str) -> None:
    assert shell.onecmd(word)


def test_the_whole_loop_keeps_its_state(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "s.db")
    ran = cli("shell", stdin="volume create data\nnosuch\n")
    assert ran.stdout.startswith("data\n")
    assert ran.code == 2
    assert cli("volume", "ls", "-q").stdout == "data\n"


def test_what_has_no_place_in_the_shell_is_refused_with_a_way_to_it(
    tmp_path: Path,
) -> None:
    ran = Cli(tmp_path / "s.db")("shell", stdin="lab start 3 mine.txt\nwhy\n")
    assert "minidock lab is a command of its own" in ran.stdout
    assert "try:    exit, then minidock lab start 3 mine.txt\n" in ran.stdout


@pytest.mark.parametrize(
    "line", ["host ip addr add 10.0.0.1", "outside ip addr", "outside ip route add x"]
)
def test_a_slip_on_the_host_or_outside_is_told_in_three_parts(
    tmp_path: Path, line: str
) -> None:
    ran = Cli(tmp_path / "s.db")(*line.split())
    assert ran.code
    assert [part in ran.stderr for part in ("asked:", "rule:", "try:")] == [True] * 3


# --- completion -----------------------------------------------------------------------


def test_commands_and_containers_complete_first(shell: Shell) -> None:
    assert shell.completenames("net") == ["network"]
    assert shell.completenames("we") == ["web"]
    assert "why" in shell.completenames("w")


def test_a_group_completes_its_second_word(shell: Shell) -> None:
    assert shell.completedefault("c", "network c") == ["connect", "create"]


def test_names_that_are_there_complete_later(shell: Shell) -> None:
    assert shell.completedefault("my", "network inspect my") == ["mynet"]
    assert shell.completedefault("w", "stop w") == ["web"]
    assert shell.completedefault("ng", "run -d ng") == ["nginx"]
