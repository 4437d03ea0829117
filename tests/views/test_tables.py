"""Docker's tables, against the recorded ones."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.views.gotemplate import TemplateError
from minidock.views.tables import align, listing

RECORDINGS = sorted(
    (Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10").glob(
        "*.json"
    )
)
HEADERS = {"ID": "NETWORK ID", "Name": "NAME", "Driver": "DRIVER", "Labels": "LABELS"}
ROWS = [
    {"ID": "8802074573c1", "Name": "bridge", "Driver": "bridge", "Labels": ""},
    {
        "ID": "bd898be854c8",
        "Name": "a-rather-long-name",
        "Driver": "host",
        "Labels": "a=b",
    },
]


def test_a_column_has_three_spaces_and_at_least_ten():
    assert align("NAME\tX\nabcdefghij\ty\n") == "NAME         X\nabcdefghij   y\n"
    assert align("A\tX\nb\ty\n") == "A         X\nb         y\n"


def test_the_last_cell_of_a_line_is_not_padded():
    assert (
        align("A\tlong-long-long\nb\tc\n") == "A         long-long-long\nb         c\n"
    )


def test_an_empty_last_cell_leaves_the_gap_before_it():
    assert align("A\tB\nx\t\n") == "A         B\nx         \n"


def test_a_line_without_the_column_ends_its_block():
    text = "a\tb\tc\nlong-long-long\tx\n" + "a\tbbbbbbbbbbbbbbb\tc\n"
    assert align(text).splitlines() == [
        "a                b         c",
        "long-long-long   x",
        "a                bbbbbbbbbbbbbbb   c",
    ]


def test_width_counts_letters_not_bytes():
    assert align("ééééééééé\tx\naaaaaaaaa\ty\n").split("\n")[0] == "ééééééééé   x"


def cells_of(text):
    """A recorded table, cut where its header has columns."""
    header = text.split("\n")[0]
    starts = [match.start() for match in re.finditer(r"(?:(?<=   )|(?<=^))\S", header)]
    ends = [*starts[1:], None]
    return [
        [line[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]
        for line in text.rstrip("\n").split("\n")
    ]


TABLES = [
    pytest.param(step["stdout"], id=f"{path.stem}-{step['n']}")
    for path in RECORDINGS
    for step in json.loads(path.read_text(encoding="utf-8"))["steps"]
    if step["kind"] in {"cli", "cli20"}
    and re.match(r"docker (ps|network ls|images|history|service ls)\b", step["cmd"])
    and step["stdout"][:1].isupper()
    and "--format" not in step["cmd"]
]


@pytest.mark.skipif(not TABLES, reason="the recordings are not here")
@pytest.mark.parametrize("text", TABLES)
def test_every_recorded_table_is_aligned_the_same_way(text):
    rows = ["\t".join(cells) for cells in cells_of(text)]
    assert align("\n".join(rows) + "\n") == text


def test_a_table_format_prints_the_names_of_its_columns():
    assert listing(r"table {{.Name}}\t{{.Driver}}", ROWS, HEADERS) == (
        "NAME                 DRIVER\n"
        "bridge               bridge\n"
        "a-rather-long-name   host\n"
    )


def test_an_empty_table_is_its_header():
    assert listing(r"table {{.ID}}\t{{.Name}}", [], HEADERS) == "NETWORK ID   NAME\n"


def test_a_function_changes_the_cells_and_not_the_header():
    text = listing(r"table {{upper .Name}}\t{{truncate .ID 3}}", ROWS[:1], HEADERS)
    assert text == "NAME      NETWORK ID\nBRIDGE    880\n"


def test_a_plain_format_prints_no_header_and_keeps_its_own_gaps():
    assert (
        listing(r"{{.Name}}:\t{{.Labels}}", ROWS, HEADERS)
        == "bridge:\t\na-rather-long-name:\ta=b\n"
    )


def test_a_plain_format_without_rows_prints_nothing():
    assert listing("{{.Name}}", [], HEADERS) == ""


def test_json_prints_sorted_fields_with_html_escapes():
    assert (
        listing("{{json .}}", [{"b": "1->2", "a": None}], {})
        == '{"a":null,"b":"1-\\u003e2"}\n'
    )
    assert listing("{{json .b}}", [{"b": "1->2"}], {}) == '"1->2"\n'


def test_an_old_client_takes_the_word_json_for_text():
    assert listing("json", ROWS, HEADERS, json_word=False) == "json\njson\n"


def test_an_unknown_field_is_refused_with_go_s_words():
    with pytest.raises(TemplateError) as refusal:
        listing("{{.Nmae}}", ROWS, HEADERS, kind="*formatter.ContainerContext")
    assert refusal.value.detail == (
        'template: :1:2: executing "" at <.Nmae>: '
        "can't evaluate field Nmae in type *formatter.ContainerContext"
    )


cells = st.text(alphabet="abc 8é", max_size=14).map(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6))
def test_every_cell_of_a_column_starts_at_the_same_place(rows):
    lines = align("\n".join("\t".join(row) for row in rows)).split("\n")
    widths = [max(10, 3 + max(len(row[at]) for row in rows)) for at in range(2)]
    for row, line in zip(rows, lines, strict=True):
        assert line[: widths[0]].rstrip() == row[0]
        assert line[widths[0] : sum(widths)].rstrip() == row[1]
        assert line[sum(widths) :] == row[2]
