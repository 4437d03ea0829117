"""Requests that arrive late or twice: nothing is left of them, and nothing is lost.

A network may deliver a request after its sender has given up, or once more after it was
answered. Here that happens to each question of each command in turn.
"""

from itertools import count

import pytest

from tests.overlay.failing import How
from tests.overlay.pairs import SETUPS, Pair


def _each_question(story, how, *, timed=False):
    """A pair for each question of the command, after that has been answered."""
    before, command = SETUPS[story]
    for number in count(1):
        pair = Pair(before, timed=timed)
        pair.failing.arm(number, how)
        output = pair.one(command)
        asked = pair.failing.asked
        pair.failing.heal()
        yield number, pair, command, output
        if asked < number:
            assert number > 1, "the command asked nothing of the store"
            return


@pytest.mark.parametrize("story", SETUPS)
def test_what_arrives_after_its_command_was_refused_leaves_nothing(story):
    for number, pair, _, output in _each_question(story, How.LATE):
        if not output.ok:
            assert "the answer was lost" in output.stderr, (number, output)
        pair.settle()
        pair.failing.arrive()
        pair.check()
        pair.check_empty()


@pytest.mark.parametrize("story", SETUPS)
def test_what_arrives_after_the_command_was_given_again_does_no_harm(story):
    for number, pair, command, output in _each_question(story, How.LATE):
        again = pair.one(command)
        pair.failing.arrive()
        assert output.ok or again.ok or "already" in again.stderr, (number, again)
        pair.check()
        pair.check_empty()


@pytest.mark.parametrize("story", SETUPS)
def test_what_arrives_twice_is_done_once(story):
    for number, pair, _, output in _each_question(story, How.AGAIN):
        assert output.ok, (number, output)
        pair.failing.arrive()
        pair.check()
        pair.check_empty()


OPPOSITES = {
    "run": "rm -f aa",
    "restart": "rm -f aa",
    "rename": "rename cc aa",
    "network connect": "network disconnect ov aa",
    "network create": "network rm ov",
    "network rm": "network create -d overlay another",
}


@pytest.mark.parametrize("story", sorted(SETUPS.keys() - {"a container leaves"}))
def test_what_arrives_again_after_it_was_taken_back_is_cleared_up(story):
    for number, pair, command, _ in _each_question(story, How.AGAIN, timed=True):
        opposite = next(v for k, v in OPPOSITES.items() if command.startswith(k))
        output = pair.one(opposite)
        assert output.ok, (number, output)
        pair.failing.arrive()
        pair.live(20)
        pair.check()
        pair.check_empty()


@pytest.mark.parametrize("story", SETUPS)
def test_a_refusal_of_the_second_arrival_does_not_hide_what_the_first_did(story):
    for number, pair, _, output in _each_question(story, How.OVERTAKEN):
        assert output.ok, (number, output)
        pair.check()
        pair.check_empty()


def test_what_another_host_went_on_from_was_done_too():
    """The subnets are this host's, although the entry has another one's text by now."""
    pair = Pair()
    pair.failing.arm(1, How.OVERTAKEN)
    pair.failing.meanwhile = lambda: pair.two("network create -d overlay theirs")
    assert pair.one("network create -d overlay own").ok
    pair.check()
    pair.check_empty()
    before, command = SETUPS["the first container joins"]
    pair = Pair([*before, "1 network create -d overlay more"])
    pair.failing.arm(4, How.OVERTAKEN)  # its VNI
    pair.failing.meanwhile = lambda: pair.two("run -d --name bb --network more nginx")
    assert pair.one(command).ok
    pair.check()
    pair.check_empty()


@pytest.mark.parametrize("how", [How.AGAIN, How.OVERTAKEN])
@pytest.mark.parametrize("subnet", ["10.0.0.0/24", "10.9.0.0/24"])
def test_who_had_to_go_to_the_next_network_keeps_what_it_has_there(how, subnet):
    """The same endpoint, maybe at the same address, was undone for the one before."""
    moved = 0
    for number in count(1):
        pair = Pair(["2 network create -d overlay ov"], timed=True)
        done = []

        def meanwhile(pair=pair, done=done):
            if pair.two("network rm ov").ok:
                line = f"network create -d overlay --subnet {subnet} ov"
                done.append(pair.two(line).ok)

        pair.failing.meanwhile = meanwhile
        pair.failing.arm(number, how)
        assert pair.one("run -d --name aa --network ov nginx").ok, number
        asked = pair.failing.asked
        pair.failing.heal()
        pair.failing.arrive()
        pair.live(20)
        pair.check()
        pair.check_empty()
        moved += done == [True]
        if asked < number:
            break
    assert moved
