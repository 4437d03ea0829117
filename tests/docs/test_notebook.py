"""The notebook of the tour shows what really happens when it is run."""

import copy
from importlib.util import find_spec

import pytest

from tests.docs.notebook import differences, executed, read


def codes(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.skipif(
    not (find_spec("nbclient") and find_spec("ipykernel")),
    reason="nbclient and ipykernel, which run notebooks, are not here",
)
def test_the_tour_shows_what_happens():
    assert differences(read(), executed()) == [], (
        "python -m tests.docs.notebook --update"
    )


def test_a_tour_that_lies_is_noticed():
    true, lie, silent = read(), read(), read()
    codes(lie)[0]["outputs"][0]["data"]["text/plain"] = ["NAMES"]
    codes(silent)[1]["outputs"] = []
    assert differences(true, copy.deepcopy(true)) == []
    assert len(differences(lie, true)) == 1
    assert len(differences(silent, true)) == 1


def test_the_tour_is_a_talk_with_pictures():
    cells = read()["cells"]
    assert 15 <= len(cells) <= 32
    assert sum(cell["cell_type"] == "markdown" for cell in cells) >= 8
    pictures = [
        output
        for cell in codes(read())
        for output in cell["outputs"]
        if "image/svg+xml" in output.get("data", {})
    ]
    assert len(pictures) >= 3
