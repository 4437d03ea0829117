"""A few seconds of bytes that no client would send; ``fuzz.py`` can go on for longer."""

from pathlib import Path

import pytest

from tests.server.fuzz import fuzz


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="leaks are looked for in /proc")
def test_whatever_is_sent_is_answered_or_refused_and_nothing_leaks():
    report = fuzz(seconds=5, seed=3)
    assert report.bad == []
    assert report.leaks == []
    assert report.log == ""
    assert sum(report.statuses.values()) > 20
