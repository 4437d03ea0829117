"""The entries of the registry, as one host changes them."""

import pytest

from minidock.overlay.contact import never_waits
from minidock.overlay.entries import Entries, Raced
from minidock.overlay.facts import Fact
from minidock.registry.memory import MemoryStore
from tests.overlay.failing import Failing, How


@pytest.fixture
def failing():
    return Failing(MemoryStore())


@pytest.fixture
def entries(failing):
    return Entries(failing, never_waits)


def test_a_swap_whose_second_arrival_was_refused_first_is_done(entries, failing):
    for text in ("first", "second"):
        failing.arm(1, How.OVERTAKEN)
        entries.swap("a", text)
        assert (entries.text("a"), entries.retries) == (text, 0)


def test_a_swap_that_lost_a_race_tells_who_was_faster(entries, failing):
    entries.swap("a", "own")
    failing.put("a", "theirs")
    with pytest.raises(Raced):
        entries.swap("a", "own again")
    assert (entries.unlearned, entries.retries) == ([Fact("a", "theirs")], 1)


def test_a_removal_that_arrives_again_removes_nothing_that_was_made_since(
    entries, failing
):
    entries.swap("a", "first")
    failing.arm(1, How.AGAIN)
    entries.remove("a")
    entries.swap("a", "second")
    failing.arrive()
    assert failing.get("a").value == "second"


def test_what_others_changed_meanwhile_is_removed_too(entries, failing):
    entries.swap("a", "own")
    failing.put("a", "theirs")
    entries.remove("a")
    assert failing.list("").entries == ()
    assert entries.unlearned[-1] == Fact("a", None)


def test_to_remove_what_is_gone_is_no_error(entries, failing):
    entries.remove("a")
    entries.swap("b", "own")
    failing.delete("b")
    entries.remove("b")
    assert entries.text("b") is None
