"""Time tables: what an API server takes, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.cron import TimeTable, table_fault, table_of
from minidock.errors import InvalidParameter


@pytest.mark.parametrize(
    "table",
    [
        "* * * * *",
        "*/5 0-6,12 1,15 jan-MAR mon",
        "0 3 ? * ?",
        "59 23 31 12 6",
        "1-9/3 * * * *",
        "@hourly",
        "@every 1h30m",
    ],
)
def test_a_good_table_has_no_fault(table):
    assert table_fault(table) == ""


@pytest.mark.parametrize(
    "table",
    [
        "",
        "0 3 * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "*/0 * * * *",
        "5-1 * * * *",
        "*-5 * * * *",
        "a * * * *",
        "@noon",
        "@every soon",
        "CRON_TZ=UTC 0 3 * * *",
        "0 3 * * * *",
    ],
)
def test_a_bad_table_has_one(table):
    assert table_fault(table)


def test_a_bad_table_is_refused_where_it_is_said():
    with pytest.raises(InvalidParameter, match="no time table") as refused:
        TimeTable("0 24 * * *")
    assert "0-23" in refused.value.text


@pytest.mark.parametrize(
    ("table", "written"),
    [
        ("0 3 * * 7", "0"),
        ("0 3 * * 1-7", "1,2,3,4,5,6,0"),
        ("0 3 * * 1-7/3", "1,4,0"),
        ("0 3 * * 7,1", "0,1"),
        ("0 3 * * 17", "17"),
    ],
)
def test_sunday_is_zero(table, written):
    assert table_of(table).split()[-1] == written


_days = st.builds(
    lambda a, b: f"{min(a, b)}-{max(a, b)}" if a != b else str(a),
    st.integers(0, 7),
    st.integers(0, 7),
)


@given(st.lists(_days, min_size=1, max_size=3))
def test_every_table_of_days_that_other_crons_take_is_taken(days):
    assert table_fault(table_of(f"0 3 * * {','.join(days)}")) == ""
