"""What was acknowledged is there after a kill -9; the long run is `kill9.py`."""

from tests.server.kill9 import kill_often


def test_a_kill_in_the_middle_of_a_load_loses_nothing_that_was_acknowledged():
    report = kill_often(5, seed=5)
    assert report.faults == []
    assert sum(report.acknowledged.values()) > 20
