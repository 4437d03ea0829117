"""The table of keys and flags is complete, and the page is what the code does."""

from pathlib import Path

import pytest

from k8s_bridge.cli.main import main
from k8s_bridge.fieldtable.page import as_text
from k8s_bridge.fieldtable.rows import compose_rows, run_rows
from minidock.commandline.grammar import Cli, parse
from minidock.errors import NotFound

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fields.md"


@pytest.fixture(scope="module")
def flags():
    return {row.key: row.told for row in run_rows()}


def test_every_flag_of_docker_run_has_a_row(flags):
    assert set(flags) == {f"--{name}" for name in parse(["run", "x"], Cli.V28).options}


def test_every_flag_but_the_one_for_the_background_has_an_outcome(flags):
    assert [flag for flag, told in flags.items() if not told] == ["--detach"]


def test_every_key_of_compose_has_an_outcome():
    tables = dict(compose_rows())
    assert [row.key for rows in tables.values() for row in rows if not row.told] == []


def test_no_key_of_a_service_is_without_a_rule():
    for rows in dict(compose_rows()).values():
        for row in rows:
            assert "no rule of the translation knows this key" not in dict(row.told)


def test_the_page_is_what_the_command_prints(capsys):
    assert main(["fields", "--markdown"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(), (
        "k8s-bridge fields --markdown > docs/reference/fields.md"
    )


def test_lines_are_at_most_eighty_columns_wide():
    assert max(map(len, as_text("health").splitlines())) <= 80


def test_a_word_that_is_nowhere_is_refused():
    with pytest.raises(NotFound, match="no key or flag has teleport in it"):
        as_text("teleport")


def test_a_page_of_some_keys_is_refused(capsys):
    assert main(["fields", "health", "--markdown"]) == 1
    assert "k8s-bridge fields health" in capsys.readouterr().err
