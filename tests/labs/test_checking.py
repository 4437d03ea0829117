"""Checking answers: good ones, wrong ones, and those that misbehave."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.cli.lab_lines import lines_on
from minidock.labs import running
from minidock.labs.checking import check
from minidock.labs.lab import Evaluated, Expectation, Lab, Ran, Setup, Traced
from minidock.labs.program import Stumble, Told
from minidock.labs.reading import LabFault, read_lab
from minidock.labs.report import Report
from tests.labs.test_reading import TEXT, mutated

FILES = Path(__file__).parent / "files"
WEB = read_lab(TEXT, "x.toml")
HALVES = read_lab((FILES / "halves.toml").read_text(encoding="utf-8"), "halves.toml")


def checked(answer: str, lab: Lab = WEB, limit: float = 1.0) -> Report:
    return check(lab, answer, lines_on, limit)


def asking(*questions: Ran | Traced) -> Lab:
    found = [
        Expectation(that=str(n), why="w", question=q) for n, q in enumerate(questions)
    ]
    return replace(WEB, expectations=tuple(found))


def test_a_line_that_is_refused_is_shown_with_its_three_parts() -> None:
    report = checked("# mine\ndocker network connect nosuch web\n")
    (line,) = report.refused
    assert (line.number, line.text) == (2, "docker network connect nosuch web")
    assert line.said == "Error response from daemon: network nosuch not found"
    assert [part.partition(":")[0] for part in line.why.splitlines()] == [
        "asked",
        "rule",
        "try",
    ]
    assert report.code == 1


def test_what_comes_behind_a_refused_line_is_done_all_the_same() -> None:
    report = checked("docker network connect nosuch web\n" + WEB.solution)
    assert all(finding.ok for finding in report.findings)
    assert not report.passed


def test_a_line_with_a_mark_must_be_refused() -> None:
    assert checked("! docker network connect nosuch web\n" + WEB.solution).passed
    (line,) = checked("! docker network connect back web").refused
    assert "went through" in line.said


def test_a_hole_is_not_run() -> None:
    (line,) = checked("docker network connect ____ web\ndocker ps").refused
    assert "hole" in line.said


def test_an_unmet_expectation_says_what_is_there_and_why() -> None:
    first = checked("docker ps").findings[0]
    assert first.seen == "unreachable: db is only on network back, which web is not on"
    assert first.why.startswith("Two networks are two bridges")


@pytest.mark.parametrize(
    "answer",
    ["", "\n\n# a comment\n", "\ufeff\r\n", WEB.skeleton, "# x\n" + WEB.skeleton],
)
def test_an_answer_that_says_nothing_is_nothing_to_check(answer: str) -> None:
    assert checked(answer).code == 2


def test_an_expectation_does_not_see_what_another_one_did() -> None:
    remove = Ran(line="docker rm -f db")
    lab = asking(
        remove,
        Traced("web db:5432"),
        remove,
        Ran(line="minidock back"),
        Traced("web db:5432"),
    )
    assert [one.ok for one in checked(WEB.solution, lab).findings] == [True] * 5


def test_a_command_line_is_asked_in_each_way() -> None:
    lab = asking(
        Ran(line="docker ps -q --no-trunc", matches="^[0-9a-f]{64}$"),
        Ran(line="docker ps --format '{{.Names}}'", prints="db\nweb"),
        Ran(line="docker inspect nosuch", fails=True),
        Ran(line="docker inspect nosuch", fails=True, fails_with="o such object"),
        Ran(line="docker ps"),
        Ran(line="docker ps", fails=True),
        Ran(line="docker inspect nosuch"),
        Ran(line="docker ps --format '{{.Names}}'", prints="web"),
    )
    oks = [one.ok for one in checked(WEB.solution, lab).findings]
    assert oks == [True] * 5 + [False] * 3


def test_a_journey_may_be_expected_to_fail() -> None:
    lab = asking(Traced("web db:5432", "unreachable"), Traced("web db:1", "refused"))
    assert [one.ok for one in checked("docker ps", lab).findings] == [True, False]
    assert [one.ok for one in checked(WEB.solution, lab).findings] == [False, True]


def test_an_answer_neither_reads_nor_writes_files(tmp_path: Path) -> None:
    secret, target = tmp_path / "secret", tmp_path / "out"
    secret.write_text("KEY=hidden")
    report = checked(
        f"docker run -d --name spy --env-file {secret} nginx\n"
        f"docker save -o {target} nginx\n"
        f"docker cp web:/etc/hosts {target}\n"
    )
    assert len(report.refused) == 3
    assert not target.exists()
    os.environ["MINIDOCK_TEST_SECRET"] = "hidden"
    lab = asking(Ran(line="docker inspect spy", matches="hidden"))
    spied = checked("docker run -d --name spy -e MINIDOCK_TEST_SECRET nginx", lab)
    assert not spied.findings[0].ok


def test_a_setup_that_is_refused_is_the_fault_of_the_lab() -> None:
    lab = read_lab(
        TEXT.replace("network create front", "network create bridge"), "x.toml"
    )
    line = TEXT.splitlines().index("commands = [") + 1
    where = rf"x\.toml, line {line}, key commands: docker network create bridge: Error"
    with pytest.raises(LabFault, match=where):
        checked(WEB.solution, lab)


def test_an_endless_answer_of_commands_ends() -> None:
    endless = "docker exec web sh -c 'while true; do :; done'\n" * 900
    for answer in (endless, "docker ps -q\n" * 1001):
        began = time.monotonic()
        report = checked(answer, limit=0.5 if answer == endless else 60)
        (line,) = report.refused
        assert "takes too long, or is too much" in line.said
        assert not any(one.ok for one in report.findings)
        assert time.monotonic() - began < 30


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 200),
            st.sampled_from(["drop", "swap", "double", "insert", "line"]),
            st.sampled_from(list("$'\"\\!#;|<>&-= \n\x00é“")),
        ),
        max_size=5,
    )
)
def test_an_answer_with_typing_errors_gets_a_report(changes):
    answer = mutated(
        "docker network connect back web\none$ docker ps\n! docker rm 'x'\n", changes
    )
    report = checked(answer)
    assert len(report.findings) == len(WEB.expectations)
    assert all(line.said for line in report.refused)
    assert all(
        finding.seen and finding.why for finding in report.findings if not finding.ok
    )


NASTY = {
    "while True: pass": "did not end within 1 seconds",
    "def half(n):\n    while True: print(n)": "did not end within 1 seconds",
    "exit()": "it ends the program",
    "import sys; sys.exit(3)": "it ends the program",
    "import os; os._exit(0)": "ended the program (exit status 0)",
    "def half(n): exit()": "it ends the program",
    "def half(n):\n    import os; os._exit(7)": "ended the program (exit status 7)",
    "def half(n): return half(n)": "it calls itself, and nothing ends that",
    "def half(n): return n // ____": "there is still a hole",
    "half = ____": "there is still a hole",
    "def half(n)\n    return n": "SyntaxError: expected ':'",
    "def half(n):\n  return n\n return n": "IndentationError",
    "def half(n): return input()": "EOFError",
    "raise KeyError('x')": "KeyError: 'x'",
    "class E(BaseException): pass\nraise E": "E",
    "class E(Exception):\n    def __str__(self): raise E\nraise E": "E",
    "def half(n): return 'x' * 10**6": "half(8) gives 'xxx",
    "def half(n): return 'x' * 10**11": "MemoryError",
    "x = 1": "NameError: name 'half' is not defined",
    "class H:\n    def __repr__(self): raise ValueError\ndef half(n): return H()": "ValueError",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()": "half",
    "\x00": "null bytes",
    "import signal, os; os.kill(os.getpid(), signal.SIGKILL)": "signal 9",
}


def _shown(report: Report) -> str:
    return "\n".join(
        [
            *(line.said for line in report.refused),
            *(one.seen for one in report.findings),
        ]
    )


@pytest.mark.parametrize("answer", NASTY)
def test_a_module_that_misbehaves_is_not_ok_and_says_why(answer: str) -> None:
    began = time.monotonic()
    report = checked(answer, HALVES)
    assert report.code == 1
    assert NASTY[answer] in _shown(report)
    assert time.monotonic() - began < 20


def test_what_a_module_prints_is_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    noisy = "print('x' * 10**6)\n" + HALVES.solution
    lab = replace(HALVES, expectations=HALVES.expectations[:3])
    assert checked(noisy, lab).passed
    assert capfd.readouterr() == ("", "")


def test_one_endless_function_leaves_the_others_to_be_asked() -> None:
    half = "def half(n):\n    while n == 8: pass\n    if n % 2: raise ValueError\n    return n // 2"
    oks = [one.ok for one in checked(half, HALVES).findings]
    assert oks == [False, True, False, True]


def test_the_line_of_a_stumble_is_that_of_the_answer() -> None:
    (line,) = checked("x = 1\ny = x / 0\n", HALVES).refused
    assert (line.number, line.text, line.said) == (
        2,
        "y = x / 0",
        "ZeroDivisionError: division by zero",
    )


@pytest.mark.parametrize(
    "answer",
    [
        HALVES.solution,
        HALVES.skeleton,
        "def half(n): return half(n)",
        "exit()",
        "def half(n):\n    print(n)\n    return 4",
        "def half(n): return input()",
    ],
)
def test_where_no_process_can_be_started_the_same_is_told(answer: str) -> None:
    asked = [
        one.question
        for one in HALVES.expectations
        if isinstance(one.question, Evaluated)
    ]
    there = running.run(HALVES.setup.python, answer, asked, 5.0)
    assert running.here(HALVES.setup.python, answer, asked, 5.0) == there


def test_where_no_process_can_be_started_an_endless_loop_ends(
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked = [Evaluated(expression="half(8)"), Evaluated(expression="half(6)")]
    endless = running.here("", "def half(n):\n    while True: print(n)", asked, 0.3)
    assert endless == [
        Told(ok=False, seen="half(8): it did not end within 0.3 seconds"),
        Told(ok=False, seen="not asked: what came before took all the time"),
    ]
    at_once = running.here("", "while True: pass", asked, 0.3)
    assert at_once == Stumble(0, "it did not end within 0.3 seconds")
    assert capfd.readouterr() == ("", "")


def test_hosts_of_a_cluster_are_named_in_each_line() -> None:
    lab = read_lab((FILES / "two-hosts.toml").read_text(encoding="utf-8"), "two.toml")
    (line,) = checked("docker ps\n" + lab.solution, lab).refused
    assert line.said == "on which host?"
    assert "one, two" in line.why
    (line,) = checked("three$ docker ps\n" + lab.solution, lab).refused
    assert line.said == "there is no host three here"


def test_setup_of_a_module_is_there_for_its_answer() -> None:
    lab = replace(HALVES, setup=Setup(python="def half(n): raise ValueError"))
    assert [one.ok for one in checked("x = half", lab).findings] == [
        False,
        True,
        False,
        True,
    ]


def test_the_labs_are_imported_without_what_a_browser_lacks() -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nimport minidock.labs.checking\n"
        "import minidock.labs.catalogue, minidock.labs.verifying\n"
        "print({'subprocess', 'socket'} & (set(sys.modules) - before))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "set()\n"
