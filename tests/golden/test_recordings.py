import json
from pathlib import Path

import pytest

from tests.golden.known import KNOWN
from tests.golden.replay import replay

FOLDER = Path(__file__).with_name("docker-20.10")
FILES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def reports():
    return {
        file.stem: replay(json.loads(file.read_text()), file.stem) for file in FILES
    }


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_the_library_answers_like_the_recorded_engine_but_for_known_steps(
    reports, name
):
    differing = {outcome.number for outcome in reports[name].differing}
    assert differing == set(KNOWN.get(name, {}))


def test_at_least_98_percent_of_all_answerable_steps_match(reports):
    matched = sum(report.matched for report in reports.values())
    answered = sum(report.answered for report in reports.values())
    assert answered > 1800
    assert matched / answered >= 0.98
