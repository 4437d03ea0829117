"""The matrix: every pair once, in words, as text, HTML, Markdown and data."""

import json
from collections import Counter
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from minidock.packet.trace import Outcome
from minidock.views.matrix import (
    LETTERS,
    Matrix,
    matrix_html,
    matrix_json,
    matrix_markdown,
    matrix_text,
)
from minidock.views.measure import cells
from tests.views.strategies_views import law
from tests.views.traces import refused


class Table:
    """Reachability that was decided beforehand."""

    def __init__(self, sources, targets, outcomes):
        self.sources, self.targets = tuple(sources), tuple(targets)
        self.outcomes, self.asked = outcomes, Counter()

    def outcome(self, source, target):
        self.asked[source, target] += 1
        return self.outcomes[source, target]

    def trace(self, source, target):  # noqa: ARG002 - one stands for all
        return refused()[1]


NAMES = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["web", "db:6379/tcp", 'x"<&>|`*', "日本語" * 9, "a" * 63]
)


@st.composite
def tables(draw):
    sources = draw(st.lists(NAMES, unique=True, max_size=6))
    targets = draw(st.lists(NAMES, unique=True, max_size=9))
    pairs = {
        (one, other): draw(st.sampled_from(Outcome))
        for one in sources
        for other in targets
    }
    return Table(sources, targets, pairs)


def small():
    ok, drop = Outcome.DELIVERED, Outcome.DROPPED
    return Table(
        ["web", "db"],
        ["web:80/tcp", "db:6379/tcp"],
        {
            ("web", "web:80/tcp"): ok,
            ("web", "db:6379/tcp"): ok,
            ("db", "web:80/tcp"): drop,
            ("db", "db:6379/tcp"): ok,
        },
    )


# -- examples --------------------------------------------------------------------------


def test_columns_get_numbers_where_their_names_are_too_wide():
    assert matrix_text(small(), 30).splitlines() == [
        "1 = web:80/tcp",
        "2 = db:6379/tcp",
        "",
        r"from \ to  1     2",
        "web        ok    ok",
        "db         drop  ok",
        "",
        "3 of 4 are delivered",
        "ok: delivered, the program at",
        "   the other end answered",
        "drop: dropped, silence: the",
        "   sender waits until it gives",
        "   up",
    ]


def test_columns_that_do_not_fit_beside_each_other_stand_below():
    text = matrix_text(small(), 18).splitlines()
    assert text[3:6] == ["from \\ to  1", "web        ok", "db         drop"]
    assert text[6:10] == ["", "from \\ to  2", "web        ok", "db         ok"]


def test_only_words_that_occur_are_explained():
    text = matrix_text(small())
    assert "drop: dropped" in text
    assert "unr:" not in text


def test_a_table_in_html_names_its_headings_and_says_outcomes_in_words():
    root = ET.fromstring(matrix_html(small()))
    assert root.find("caption").text == "Who reaches whom: 3 of 4 are delivered"
    assert [th.get("scope") for th in root.iter("th")] == ["col"] * 3 + ["row"] * 2
    cell = root.findall(".//td")[2]
    assert cell.get("data-outcome") == "dropped"
    assert cell[0].text == "drop"
    assert cell[0].get("title").startswith("dropped: silence")


def test_markdown_has_one_row_a_source():
    assert matrix_markdown(small()).splitlines() == [
        "| from &#92; to | web:80/tcp | db:6379/tcp |",
        "|---|---|---|",
        "| web | ok | ok |",
        "| db | drop | ok |",
        "",
        "3 of 4 are delivered. ok: delivered; drop: dropped",
    ]


def test_data_is_found_by_source_and_target():
    found = matrix_json(small())
    assert found["outcomes"]["db"]["web:80/tcp"] == "dropped"
    assert (found["delivered"], found["pairs"]) == (3, 4)


def test_a_matrix_is_true_when_everybody_reaches_everybody():
    table = small()
    assert not Matrix(table)
    assert repr(Matrix(table)) == "<Matrix 2 to 2: 3 of 4 are delivered>"
    table.outcomes["db", "web:80/tcp"] = Outcome.DELIVERED
    assert Matrix(table)


def test_a_matrix_shows_itself_and_answers_for_a_pair():
    matrix = Matrix(small())
    assert str(matrix) == matrix_text(small())
    assert matrix._repr_html_() == matrix_html(small())
    assert matrix.markdown == matrix_markdown(small())
    assert matrix.json == matrix_json(small())
    assert (matrix.sources, matrix.targets) == (small().sources, small().targets)
    assert matrix.outcome("db", "web:80/tcp") is Outcome.DROPPED
    assert matrix.trace("db", "web:80/tcp").outcome is Outcome.REFUSED


# -- laws ------------------------------------------------------------------------------


@law
@given(tables(), st.integers(2, 120), st.booleans())
def test_no_line_of_a_table_of_reachability_is_wider_than_asked(
    table, width, ascii_only
):
    text = matrix_text(table, width, ascii_only=ascii_only)
    assert all(cells(line) <= width for line in text.split("\n"))
    assert not ascii_only or text.isascii()


@law
@given(tables())
def test_every_pair_of_a_table_is_asked_once_and_shown_once(table):
    found = matrix_html(table)
    assert set(table.asked.values()) <= {1}
    shown = [td.get("data-outcome") for td in ET.fromstring(found).iter("td")]
    assert shown == [
        str(table.outcomes[one, other])
        for one in table.sources
        for other in table.targets
    ]


@law
@given(tables())
def test_the_text_and_the_data_of_a_table_count_alike(table):
    found = matrix_json(table)
    assert json.loads(json.dumps(found)) == found
    summary = f"{found['delivered']} of {found['pairs']} are delivered"
    assert summary in matrix_text(table, 200)
    assert summary in matrix_markdown(table)


@law
@given(tables())
def test_a_row_of_markdown_has_as_many_cells_as_its_head(table):
    lines = matrix_markdown(table).splitlines()[: len(table.sources) + 2]
    assert {line.count("|") for line in lines} == {len(table.targets) + 2}


def test_every_outcome_has_a_word_of_its_own():
    assert set(LETTERS) == set(Outcome)
    assert len(set(LETTERS.values())) == len(Outcome)
