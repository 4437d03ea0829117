"""The command lab: start, check, hint, solve; and what a teacher does with thirty."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.cli import Cli

LAB = Path(__file__).parents[1] / "labs" / "files" / "web-and-db.toml"
GOOD = "docker network connect back web\n"
BAD = "docker network connect front db\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.toml").write_text(
        LAB.read_text(encoding="utf-8"), encoding="utf-8"
    )
    return tmp_path


def test_help_says_which_verbs_there_are(minidock: Cli) -> None:
    for words in ([], ["--help"], ["help"]):
        ran = minidock("lab", *words)
        assert ran.code == 0
        assert "start   write a file with the question" in ran.stdout
    for verb in ("list", "start", "check", "hint", "solve", "new", "verify"):
        assert minidock("lab", verb, "--help").stdout.startswith("usage: minidock lab")


def test_a_misspelt_verb_is_answered_with_the_right_one(minidock: Cli) -> None:
    ran = minidock("lab", "chekc", "3")
    assert ran.code == 2
    assert "try:    minidock lab check" in ran.stderr


def test_an_exercise_from_its_start_to_its_end(minidock: Cli, here: Path) -> None:
    ran = minidock("lab", "start", "./web.toml", "a.txt")
    assert "`web` must reach `db`" in ran.stdout
    assert "minidock lab check ./web.toml a.txt" in ran.stdout
    text = (here / "a.txt").read_text(encoding="utf-8")
    assert text.startswith("# One network for two\n#\n# `web` must reach")
    assert minidock("lab", "check", "web.toml", "a.txt").code == 2
    (here / "a.txt").write_text(text.replace("____", "front"), encoding="utf-8")
    ran = minidock("lab", "check", "web.toml", "a.txt")
    assert ran.code == 1
    assert "not ok  web reaches db on port 5432\n" in ran.stdout
    assert "why: Two networks are two bridges" in ran.stdout
    assert ran.stdout.endswith(
        "4 of 5, but 1 line not ok: not yet\na hint: minidock lab hint web.toml\n"
    )
    (here / "a.txt").write_text(
        minidock("lab", "solve", "web.toml").stdout, encoding="utf-8"
    )
    ran = minidock("lab", "check", "web.toml", "a.txt")
    assert ran.code == 0
    assert ran.stdout.endswith("5 of 5: passed\n")


def test_a_bad_line_is_told_in_the_words_of_docker_and_with_what_was_meant(
    minidock: Cli, here: Path
) -> None:
    ran = minidock("lab", "check", "web.toml", "-", stdin=f"docker rnu nginx\n{GOOD}")
    assert ran.stdout.startswith(
        "-: One network for two\n"
        "not ok  line 1: docker rnu nginx\n"
        "        docker: unknown command: docker rnu\n"
    )
    assert "try:    docker run nginx\n" in ran.stdout
    assert "\n5 of 5, but 1 line not ok: not yet\n" in ran.stdout


def test_a_command_of_its_own_is_not_advised_where_it_cannot_stand(
    minidock: Cli, here: Path
) -> None:
    assert here.is_dir()
    ran = minidock("lab", "check", "web.toml", "-", stdin=f"minidock serve\n{GOOD}")
    assert "serve is a command of its own" in ran.stdout
    assert "try:    minidock serve\n" not in ran.stdout


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_answer_and_a_lab_are_read_as_any_editor_saves_them(
    minidock: Cli, here: Path, codec: str, ends: str
) -> None:
    for name, text in (("a.txt", GOOD), ("b.toml", LAB.read_text(encoding="utf-8"))):
        (here / name).write_bytes(text.replace("\n", ends).encode(codec))
    ran = minidock("lab", "check", "b.toml", "a.txt")
    assert ran.stdout.endswith("5 of 5: passed\n")


def test_a_setup_that_is_refused_says_why_and_not_how_to_get_help(
    minidock: Cli, here: Path
) -> None:
    text = LAB.read_text(encoding="utf-8").replace("network create", "network creat", 1)
    (here / "b.toml").write_text(text, encoding="utf-8")
    said = minidock("lab", "verify", "b.toml").stderr.splitlines()[0]
    assert said.endswith("unknown command: docker network creat")


def test_start_overwrites_nothing_unless_told(minidock: Cli, here: Path) -> None:
    (here / "a.txt").write_text("mine", encoding="utf-8")
    ran = minidock("lab", "start", "./web.toml", "a.txt")
    assert ran.code == 1
    assert "a.txt is there already" in ran.stderr
    assert (here / "a.txt").read_text(encoding="utf-8") == "mine"
    assert minidock("lab", "start", "./web.toml", "a.txt", "--force").code == 0
    assert minidock("lab", "start", "./web.toml", "no/such/folder").code == 2


def test_start_and_check_agree_on_the_usual_name(minidock: Cli, here: Path) -> None:
    minidock("lab", "start", "./web.toml")
    (here / "web-and-db.txt").write_text(GOOD, encoding="utf-8")
    assert minidock("lab", "check", "./web.toml").code == 0


def test_hints_are_climbed_one_step_at_a_time(minidock: Cli, here: Path) -> None:
    first = minidock("lab", "hint", "web.toml").stdout
    assert first.startswith("1 of 3: Which networks is web on?")
    assert first.endswith("next: minidock lab hint web.toml 2\n")
    assert minidock("lab", "hint", "web.toml", "3").stdout.endswith(
        "next: minidock lab solve web.toml\n"
    )
    assert len(minidock("lab", "hint", "web.toml", "--all").stdout.splitlines()) == 3
    ran = minidock("lab", "hint", "web.toml", "4")
    assert ran.code == 2
    assert "hint web.toml 3, the last one" in ran.stderr


@pytest.mark.parametrize("verb", ["start", "check", "hint", "solve", "verify"])
@pytest.mark.parametrize(
    "name", ["nosuch", "99", "", "nosuch.toml", "a/b", "\0/x", "."]
)
def test_a_lab_that_is_not_there_is_refused_in_three_parts(
    minidock: Cli, here: Path, verb: str, name: str
) -> None:
    ran = minidock("lab", verb, name)
    assert ran.code in {1, 2}
    assert [part in ran.stderr for part in ("asked:", "rule:", "try:")] == [True] * 3


def class_of(here: Path) -> Path:
    folder = here / "answers"
    (folder / "late").mkdir(parents=True)
    (folder / ".cache").mkdir()
    for name, text in {
        "ada.txt": GOOD,
        "bob.txt": BAD,
        "cem.txt": "docker network connect ____ web\n",
        "late/dan.txt": GOOD,
        ".cache/x.txt": GOOD,
        "notes.md": GOOD,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "eve.txt").write_bytes(b"\xff\x00\x80d")
    return folder


def test_a_folder_of_answers_is_a_table(minidock: Cli, here: Path) -> None:
    class_of(here)
    ran = minidock(
        "lab", "check", "web.toml", "answers", "nosuch.txt", "answers/ada.txt"
    )
    rows = ran.stdout.splitlines()
    assert rows[0].split() == ["file", "1", "2", "3", "4", "5", "lines", "outcome"]
    assert [row.split()[0] for row in rows[1:7]] == [
        "answers/ada.txt",
        "answers/bob.txt",
        "answers/cem.txt",
        "answers/eve.txt",
        "answers/late/dan.txt",
        "nosuch.txt",
    ]
    assert rows[1].endswith("passed")
    assert rows[2].endswith("failed")
    assert rows[4].endswith("it is no UTF-8 text")
    assert rows[-1] == "6 answers: 2 passed, 1 failed, 3 with nothing to check"
    assert ran.code == 1
    assert (
        "why: A network more"
        in minidock("lab", "check", "web.toml", "answers", "--full").stdout
    )


def test_the_exit_code_is_that_of_the_worst_answer(minidock: Cli, here: Path) -> None:
    class_of(here)

    def code(*names: str) -> int:
        return minidock("lab", "check", "web.toml", *names).code

    assert code("answers/ada.txt", "answers/late") == 0
    assert code("answers/ada.txt", "answers/cem.txt") == 2
    assert code("answers/ada.txt", "answers/cem.txt", "answers/bob.txt") == 1
    (here / "empty").mkdir()
    assert code("empty") == 2


def test_json_has_each_answer_and_each_expectation(minidock: Cli, here: Path) -> None:
    class_of(here)
    ran = minidock("lab", "check", "web.toml", "answers", "--json")
    assert ran == minidock("--json", "lab", "check", "web.toml", "answers")
    found = json.loads(ran.stdout)
    assert found["counts"] == {"passed": 2, "failed": 1, "nothing": 2}
    assert set(found) == {"lab", "lesson", "title", "expectations", "counts", "answers"}
    for answer in found["answers"]:
        assert set(answer) == {"file", "outcome", "nothing", "expectations", "refused"}
        assert [one["that"] for one in answer["expectations"]] == found["expectations"]
    bob = found["answers"][1]
    assert [one["ok"] for one in bob["expectations"]] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert bob["expectations"][1]["seen"].endswith("back front")


def test_csv_is_read_by_a_spreadsheet_and_runs_nothing_in_it(
    minidock: Cli, here: Path
) -> None:
    (here / "=cmd.txt").write_text(GOOD, encoding="utf-8")
    ran = minidock("lab", "check", "web.toml", "=cmd.txt", "--csv")
    head, row = csv.reader(io.StringIO(ran.stdout))
    assert head[:5] == ["file", "outcome", "met", "of", "refused"]
    assert row == ["'=cmd.txt", "passed", "5", "5", "0", *["ok"] * 5]


def test_an_answer_may_come_through_a_pipe(minidock: Cli, here: Path) -> None:
    assert minidock("lab", "check", "web.toml", "-", stdin=GOOD).code == 0
    assert minidock("lab", "check", "web.toml", "-", stdin="").code == 2


def test_checking_leaves_the_state_alone(minidock: Cli, here: Path) -> None:
    minidock("lab", "check", "web.toml", "-", stdin=GOOD)
    assert not minidock.state.exists()


def test_the_file_that_new_writes_is_a_lab(minidock: Cli, here: Path) -> None:
    assert minidock("lab", "new", "mine.toml").code == 0
    assert minidock("lab", "new", "mine.toml").code == 1
    ran = minidock("lab", "verify", "mine.toml")
    assert ran.stdout == "ok      the skeleton fails\nok      the solution passes\n"
    assert ran.code == 0


def test_verify_finds_a_lab_that_cannot_be_passed_or_expects_nothing(
    minidock: Cli, here: Path
) -> None:
    text = LAB.read_text(encoding="utf-8")
    broken = text.replace(
        'solution = """\ndocker network connect back',
        'solution = """\ndocker network connect bridge',
    )
    (here / "broken.toml").write_text(broken, encoding="utf-8")
    ran = minidock("lab", "verify", "broken.toml")
    assert ran.code == 1
    assert (
        "not ok  the solution passes\n        web reaches db on port 5432: unreachable"
        in ran.stdout
    )
    (here / "idle.toml").write_text(
        text.replace("No public port", "port"), encoding="utf-8"
    )
    assert "note" not in minidock("lab", "verify", "web.toml").stdout
    idle = (
        text + '\n[[expect]]\nthat = "one is one"\nwhy = "x"\nrun = "docker version"\n'
    )
    (here / "idle.toml").write_text(idle, encoding="utf-8")
    ran = minidock("lab", "verify", "idle.toml")
    assert ran.code == 0
    assert (
        "note    no wrong answer that was tried misses this: one is one\n" in ran.stdout
    )


def test_a_broken_lab_file_says_line_and_key(minidock: Cli, here: Path) -> None:
    text = LAB.read_text(encoding="utf-8").replace("title =", "titel =")
    (here / "x.toml").write_text(text, encoding="utf-8")
    ran = minidock("lab", "check", "x.toml", "-", stdin=GOOD)
    assert ran.code == 2
    assert (
        "minidock: x.toml, line 3, key titel: nobody reads it in the file\n"
        in ran.stderr
    )
    assert "try:    title = ...\n" in ran.stderr


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "1e9", "x"])
def test_a_limit_that_is_no_time_is_refused(
    minidock: Cli, here: Path, limit: str
) -> None:
    ran = minidock("lab", "check", "web.toml", "-", f"--limit={limit}", stdin=GOOD)
    assert ran.code == 2
    assert "try:" in ran.stderr


def test_list_has_every_packaged_lab(minidock: Cli) -> None:
    found = json.loads(minidock("lab", "list", "--json").stdout)
    text = minidock("lab", "list").stdout
    assert all(f"{lab['lesson']:>2}  {lab['name']} " in text for lab in found)
    assert all(lab["hints"] >= 3 and len(lab["expectations"]) >= 2 for lab in found)
    assert "minidock lab start NUMBER FILE" in text
