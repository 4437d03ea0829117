"""Playing a file: an echo, Docker's output, and a code that tells of refusals."""

from pathlib import Path

import pytest

from minidock.cli.play import command_lines
from tests.cli.cli import Cli

REFUSED = "run -d -p 80:80 nginx\nrun -d --name late -p 80:80 nginx\nps -q\n"


def test_each_command_is_echoed_before_what_it_prints(minidock: Cli) -> None:
    ran = minidock("play", "-", stdin="docker volume create data\nvolume ls -q\n")
    assert (
        ran.stdout == "$ docker volume create data\ndata\n$ docker volume ls -q\ndata\n"
    )
    assert ran.code == 0


def test_comments_prompts_and_continued_lines(minidock: Cli, tmp_path: Path) -> None:
    file = tmp_path / "lab.txt"
    file.write_text(
        "# first\n\n$ docker volume \\\n    create data\n", encoding="utf-8"
    )
    assert minidock("play", str(file)).stdout == "$ docker volume create data\ndata\n"


def test_a_refusal_is_printed_and_the_rest_goes_on(minidock: Cli) -> None:
    ran = minidock("play", "-", stdin=REFUSED)
    assert ran.code == 1
    assert "port is already allocated" in ran.stdout
    assert ran.stdout.splitlines()[-2] == "$ docker ps -q"


def test_keep_going_forgives_refusals(minidock: Cli) -> None:
    assert minidock("play", "--keep-going", "-", stdin=REFUSED).code == 0


def test_why_prints_the_three_parts(minidock: Cli) -> None:
    ran = minidock("play", "--why", "-", stdin=REFUSED)
    assert "  asked:  publish host port 80/tcp" in ran.stdout


def test_our_own_commands_play_too(minidock: Cli) -> None:
    ran = minidock(
        "play", "-", stdin="run -d nginx\nminidock rules -t nat\nrules -t nat\n"
    )
    first, second = ran.stdout.split("$ minidock rules -t nat\n")[1:]
    assert first == second
    assert first.startswith("*nat\n")


def test_a_play_starts_afresh_unless_a_state_is_named(minidock: Cli) -> None:
    del minidock.environment["MINIDOCK_STATE"]
    minidock.environment["HOME"] = str(minidock.state.parent)
    minidock("run", "-d", "--name", "web", "nginx")
    assert minidock("play", "-", stdin="ps -aq\n").stdout == "$ docker ps -aq\n"
    there = f"{minidock.state.parent}/.local/state/minidock/state.db"
    assert len(minidock("--state", there, "play", "-", stdin="ps -aq").stdout) > 20


@pytest.mark.parametrize("line", ["run 'x", "ps | grep web", "run $(id)"])
def test_a_line_for_another_shell_is_refused_in_three_parts(
    minidock: Cli, line: str
) -> None:
    ran = minidock("play", "-", stdin=f"{line}\nvolume create after\n")
    assert ran.code == 1
    assert "  rule:   " in ran.stdout
    assert ran.stdout.endswith("\nafter\n")


def test_a_file_that_is_no_text_is_refused(minidock: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\xff\xfe\x00")
    assert "it is no UTF-8 text" in minidock("play", str(file)).stderr


def test_a_last_line_that_wants_to_go_on_still_counts() -> None:
    assert list(command_lines("ps \\")) == ["ps"]
