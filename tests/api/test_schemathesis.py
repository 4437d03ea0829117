"""schemathesis finds nothing, in a run that is short enough for every day."""

import warnings

import pytest

from tests.api.swagger import FOLDER

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"moby's Swagger files are not at {FOLDER}"
)


@pytest.mark.parametrize("version", ["1.44", "1.51"])
def test_no_case_breaks_the_file_or_finds_an_error_of_our_own(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the tool and of what it imports
        pytest.importorskip("schemathesis")
        from tests.api.schemathesis_run import run

        report = run(version, examples=2, key=20261129, unserved=False)
    assert report.violations == {}
    assert report.unexpected == {}
    assert len(report.operations) > 40
