"""Every law of the suite is a sentence, and the list of them is as the suite is."""

import json

import pytest

from tests.laws.concepts import CONCEPTS
from tests.laws.page import DATA, PAGE, as_data, as_page
from tests.laws.reading import ROOT, Law, faults, laws_in, laws_of
from tests.laws.sentences import fault_of

LAWS = laws_of()
WRITE = "python -m tests.laws --write"


def test_every_law_is_a_sentence_and_no_two_are_the_same():
    assert faults(LAWS) == []


def test_the_page_of_laws_is_as_the_tests_are():
    assert PAGE.read_text("utf-8") == as_page(LAWS), WRITE


def test_the_data_of_the_package_is_as_the_tests_are():
    assert DATA.read_text("utf-8") == as_data(LAWS), WRITE


@pytest.mark.parametrize(
    "name",
    [
        "test_roundtrip",
        "test_pool_ok",
        "test_in_order",
        "test_bitset_basic_operations",  # no subject
        "test_pool_names_and_lists",  # a noun that wants its article
        "test_addresses_in_order_of_creation",  # no verb
        "test_the_order_of_the_addresses_of_a_pool",  # the same
        "test_each_lists",
        "test_it_holds_what_was_put_into_it",  # of whom does it speak?
        "test_their_order_does_not_matter",
        "test_returns_true_if_the_port_is_free",  # who does?
        "in_order",
        "AgainstASet",
    ],
)
def test_a_name_that_is_no_sentence_is_noticed(name):
    assert fault_of(name) != ""


@pytest.mark.parametrize(
    "name",
    [
        "test_an_address_comes_back_from_its_text",
        "test_two_names_never_become_one",
        "test_what_follows_the_image_is_kept_word_by_word",
        "no_address_of_a_network_is_held_twice",
    ],
)
def test_a_name_that_is_a_sentence_passes(name):
    assert fault_of(name) == ""


def test_two_laws_with_one_sentence_are_noticed():
    one = Law(name="test_a_pool_is_a_pool", file="tests/ipam/a.py")
    two = Law(name="test_a_pool_is_a_pool", file="tests/ipam/b.py")
    assert faults([one]) == []
    assert faults([one, two]) == [
        "tests/ipam/b.py: test_a_pool_is_a_pool stands in tests/ipam/a.py, too"
    ]


FILE = '''
@settings(max_examples=3)
@given(pools())
def test_a_full_pool_refuses_everybody(pool):
    """Not one
    more.

    And so on.
    """

@pytest.mark.parametrize("x", [1])
def test_an_example_is_no_law(x): ...

class Shelf(RuleBasedStateMachine):
    """Beside a list."""

    @rule()
    def put(self): ...

    @invariant()
    def the_shelf_has_what_the_list_has(self): ...

class Blind(RuleBasedStateMachine):
    @rule()
    def put(self): ...

class TestPool:
    @hypothesis.given(pools())
    def test_a_pool_in_a_class_is_found_too(self, pool): ...
'''


def test_laws_are_what_hypothesis_tries_and_what_machines_keep():
    found = list(laws_in(FILE, "tests/ipam/test_x.py"))
    assert [law.name for law in found] == [
        "test_a_full_pool_refuses_everybody",
        "the_shelf_has_what_the_list_has",
        "Blind",
        "test_a_pool_in_a_class_is_found_too",
    ]
    assert [law.why for law in found] == [
        "Not one more.",
        "Whatever is done, in whatever order. Beside a list.",
        "",
        "",
    ]
    # a machine that promises nothing has a name only, and that is no sentence
    assert [fault != "" for fault in map(fault_of, (law.name for law in found))] == [
        False,
        False,
        True,
        False,
    ]


def test_every_concept_has_a_law_or_waits_for_one():
    """Concepts of folders that are being written may be empty; no other is."""
    empty = {concept.title for concept in CONCEPTS} - {law.concept for law in LAWS}
    assert empty <= {"Lessons"}


def test_every_law_names_a_test_that_is_there():
    for item in json.loads(DATA.read_text("utf-8")):
        file, _, name = item["test"].partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8")
