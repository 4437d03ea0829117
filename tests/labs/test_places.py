"""Where the keys of a TOML text stand."""

import string
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from minidock.labs.places import places

KEYS = st.text(string.ascii_lowercase + "_-", min_size=1, max_size=8)
TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_characters="'\"\\\r", exclude_categories=["Cc"]
    ),
    max_size=20,
)
VALUES = st.one_of(
    st.integers(0, 99).map(str),
    TEXTS.map(lambda text: f'"{text}"'),
    TEXTS.map(lambda text: f"'{text}'"),
    st.lists(TEXTS, max_size=3).map(lambda lines: '"""\n' + "\n".join(lines) + '"""'),
    st.lists(TEXTS, max_size=3).map(lambda lines: "'''\n" + "\n".join(lines) + "'''"),
    st.lists(TEXTS, max_size=3).map(
        lambda texts: "[\n" + "".join(f'  "{text}",  # [ "\n' for text in texts) + "]"
    ),
)
TABLES = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=4)


def written(tables: list[dict[str, str]]) -> str:
    lines = []
    for number, table in enumerate(tables):
        lines += ["[[table]]  # one more"] if number else ["# the top"]
        lines += [f"{key} = {value}  # '''" for key, value in table.items()]
    return "\n".join(lines) + "\n"


@given(TABLES)
def test_each_key_is_found_on_the_line_that_begins_with_it(tables):
    text = written(tables)
    tomllib.loads(text)
    lines = text.splitlines()
    lines = text.split("\n")
    found = places(text)
    for number, table in enumerate(tables):
        place = ("table", number - 1) if number else ("", 0)
        for key in table:
            line = lines[found[(*place, key)] - 1]
            assert line.startswith(f"{key} = ")
    assert len([at for at in found if at[2]]) == sum(len(table) for table in tables)


@given(st.text())
def test_places_of_any_text_are_lines_of_it(text):
    assert all(1 <= line <= text.count("\n") + 1 for line in places(text).values())
