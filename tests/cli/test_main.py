"""The command: its pages, its codes, and three parts instead of tracebacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.cli.main import main
from tests.cli.cli import Cli

ROOT = Path(__file__).resolve().parents[2]

words = st.lists(
    st.one_of(
        st.sampled_from(
            "run -d -p 80:80 nginx --name web ps -a network create ls rm inspect back "
            "rules machine draw events linux host advance diff history -t --json --why "
            "--era 28 17.12 -- --steps docker minidock 9 -1 {{ {{.x}} --format".split()
        ),
        st.text(max_size=8).filter(lambda text: "\0" not in text),
    ),
    max_size=5,
)


def three_parts(text: str) -> bool:
    return all(f"\n  {part}" in text for part in ("asked: ", "rule: ", "try: "))


# --- examples -------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [[], ["--help"], ["-h"], ["help"]])
def test_the_page_of_help_is_grouped(minidock: Cli, spelling: list[str]) -> None:
    ran = minidock(*spelling)
    assert ran.code == 0
    for title in ("Docker's own words", "Look beneath:", "Move in time:", "Options"):
        assert title in ran.stdout


def test_the_version_is_one_line(minidock: Cli) -> None:
    assert minidock("--version").stdout == "minidock 0.1.0\n"


def test_dockers_help_stays_dockers(minidock: Cli) -> None:
    assert minidock("run", "--help").stdout.startswith(
        "Usage:  docker run [OPTIONS] IMAGE"
    )


@pytest.mark.parametrize(
    "name", "machine rules draw events linux host back diff advance reset play".split()
)
def test_a_command_of_ours_has_a_page(minidock: Cli, name: str) -> None:
    ran = minidock(name, "--help")
    assert ran.code == 0
    assert ran.stdout.lower().startswith(f"usage: minidock {name}")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--foo"],
        ["--era", "1.0", "ps"],
        ["--era"],
        ["rules", "-t", "nut"],
        ["rules", "extra"],
        ["advance", "x"],
        ["advance", "0"],
        ["back"],
        ["host", "rm", "-rf", "/"],
        ["linux", "--steps", "nosuch"],
        ["--json", "run", "nginx"],
        ["--state", "/proc/no/such/folder/x.db", "ps"],
        ["play", "/no/such/file"],
        ["--state", "/", "ps"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused_in_three_parts(
    minidock: Cli, wrong: list[str]
) -> None:
    ran = minidock(*wrong)
    assert ran.stdout == ""
    assert ran.code in {1, 2}
    assert ran.stderr.startswith("minidock: ")
    assert three_parts(ran.stderr)


def test_a_docker_refusal_is_dockers_text_and_code(minidock: Cli) -> None:
    ran = minidock("run", "--network", "nosuch", "nginx")
    assert ran.code == 125
    assert "docker: Error response from daemon: " in ran.stderr
    assert not three_parts(ran.stderr)


def test_why_adds_the_three_parts_to_a_docker_refusal(minidock: Cli) -> None:
    ran = minidock("--why", "network", "inspect", "nosuch")
    assert ran.code == 1
    assert "\n  rule: " in ran.stderr


def test_trace_ends_with_0_if_delivered_1_if_not_and_2_if_it_makes_no_sense(
    minidock: Cli,
) -> None:
    minidock("run", "-d", "--name", "web", "nginx")
    ran = minidock("trace", "host", "web:80")
    assert ran.code == 0
    assert "DELIVERED" in ran.stdout
    ran = minidock("trace", "host", "web:81")
    assert ran.code == 1
    assert "what would work" in ran.stdout
    ran = minidock("trace", "host", "web:0")
    assert ran.code == 2
    assert three_parts(ran.stderr)


def test_trace_and_reach_print_json_pictures_and_tables(minidock: Cli) -> None:
    minidock("run", "-d", "--name", "web", "-p", "8080:80", "nginx")
    found = json.loads(minidock("trace", "outside", "host:8080", "--json").stdout)
    assert found["outcome"] == "delivered"
    assert minidock("trace", "outside", "host:8080", "--svg").stdout.startswith("<svg")
    hidden = minidock("trace", "outside", "host:8080", "--predict")
    assert hidden.code == 0
    assert "DELIVERED" not in hidden.stdout
    assert "host:8080/tcp" in minidock("reach").stdout
    assert minidock("reach", "--markdown").stdout.startswith("|")
    assert "<table" in minidock("reach", "--html").stdout
    assert json.loads(minidock("reach", "--json").stdout)


def test_a_fault_of_the_program_is_told_without_a_traceback(
    minidock: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("minidock.cli.dispatch.run", broken)
    monkeypatch.setattr("minidock.cli.main._run", broken)
    del minidock.environment["MINIDOCK_TRACEBACK"]
    ran = minidock("ps")
    assert ran.code == 70
    assert three_parts(ran.stderr)
    assert "oops" in ran.stderr


def test_the_module_runs_as_a_program() -> None:
    ran = subprocess.run(
        [sys.executable, "-S", "-m", "minidock", "--state", "", "network", "ls", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(ran.stdout.split()) == 3


def test_a_reader_that_stops_early_is_no_fault() -> None:
    ran = subprocess.run(
        f"{sys.executable} -m minidock --state '' rules | head -1",
        cwd=ROOT,
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""


# --- laws -----------------------------------------------------------------------------


@given(words)
def test_no_words_ever_give_a_traceback(typed: list[str]) -> None:
    """Anything may be typed: there is a code, and the program has no fault."""
    head = typed[0] if typed else ""
    if head in {"play", "shell"}:
        return
    import io

    from minidock.cli.terminal import Terminal

    stream = io.StringIO()
    environment = {"MINIDOCK_TRACEBACK": "1"}
    terminal = Terminal(
        stdin=io.StringIO(), stdout=stream, stderr=stream, environment=environment
    )
    code = main(["--state", "", *typed], terminal)
    assert 0 <= code < 70 or 125 <= code <= 127
