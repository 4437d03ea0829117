from pathlib import Path

from minidock.views.differences import differences

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"


def test_the_page_of_differences_is_the_table_of_eras():
    assert PAGE.read_text() == differences(), (
        "write minidock.views.differences.differences() into docs/differences.md"
    )
