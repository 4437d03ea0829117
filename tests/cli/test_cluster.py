"""The story of a cluster, on the command line."""

import json

from tests.cli.test_demo import Cli


def test_the_story_is_told_in_order_and_the_same_each_time(minidock: Cli) -> None:
    told = minidock("cluster", "demo").stdout
    assert [f"# {n}. (" in told for n in range(1, 12)] == [True] * 11
    assert told == minidock("cluster", "demo").stdout


def test_the_story_as_data_says_which_host_said_what(minidock: Cli) -> None:
    told = json.loads(minidock("cluster", "demo", "--json").stdout)
    first = told[1]["steps"][0]
    assert (first["host"], first["code"]) == ("host0", 0)


def test_a_story_without_its_three_hosts_is_refused(minidock: Cli) -> None:
    assert "3 to 250" in minidock("cluster", "demo", "--hosts", "2").stderr
