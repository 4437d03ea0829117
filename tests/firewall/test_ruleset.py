import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition
from hypothesis.stateful import rule as move

from minidock.errors import Conflict, InvalidParameter, NotFound
from minidock.firewall.invariants import broken
from minidock.firewall.rule import Jump, OutInterface, Source, Verdict, rule
from minidock.firewall.ruleset import BUILT_IN, Chain, Ruleset, Table, steps_of
from minidock.firewall.steps import NewChain, Place, Put, SetPolicy
from minidock.net.address import V4, V6
from minidock.net.prefix import Prefix
from tests.firewall.strategies_firewall import ALL_CHAINS, families, rules, rulesets

ONE = rule("filter", "FORWARD", OutInterface("one"), target=Verdict.ACCEPT)
TWO = rule("filter", "FORWARD", OutInterface("two"), target=Verdict.ACCEPT)


def test_inserting_goes_above_and_appending_below():
    made = Ruleset().append(ONE).insert(TWO).append(TWO)
    assert made.rules("filter", "FORWARD") == (TWO, ONE, TWO)


def test_programming_a_rule_that_is_there_changes_nothing():
    made = Ruleset().append(ONE).append(TWO)
    assert made.program([Put(TWO, Place.INSERT), Put(ONE)]) == made


def test_raising_a_rule_moves_it_to_the_top():
    made = Ruleset().append(ONE).append(TWO)
    raised = made.program([Put(TWO, Place.RAISE)])
    assert raised.rules("filter", "FORWARD") == (TWO, ONE)


def test_deleting_takes_the_first_of_two_like_it():
    made = Ruleset().append(ONE).append(TWO).append(ONE)
    assert made.delete(ONE).rules("filter", "FORWARD") == (TWO, ONE)


def test_deleting_a_rule_that_is_not_there_is_refused():
    with pytest.raises(NotFound, match="Bad rule"):
        Ruleset().append(ONE).delete(TWO)


def test_a_rule_for_a_chain_that_is_not_there_is_refused():
    lost = rule("filter", "DOCKER", target=Verdict.DROP)
    for refuse in (Ruleset().append, Ruleset().insert, Ruleset().delete):
        with pytest.raises(NotFound, match="No chain/target/match"):
            refuse(lost)


def test_a_jump_to_a_chain_of_another_table_is_refused():
    made = Ruleset().new_chain("nat", "DOCKER")
    with pytest.raises(NotFound, match="No chain/target/match"):
        made.append(rule("filter", "FORWARD", target=Jump("DOCKER")))


def test_a_rule_of_the_other_family_is_refused():
    six = rule("filter", "INPUT", Source(Prefix.parse("fd00::/8")), target=Verdict.DROP)
    with pytest.raises(InvalidParameter, match="host/network not found"):
        Ruleset(family=V4).append(six)
    assert six in Ruleset(family=V6).append(six)


def test_making_a_chain_twice_is_refused():
    with pytest.raises(Conflict, match="already exists"):
        Ruleset().new_chain("filter", "mine").new_chain("filter", "mine")


def test_a_chain_that_was_made_has_no_policy_to_set():
    made = Ruleset().new_chain("filter", "mine")
    with pytest.raises(InvalidParameter, match="Bad built-in chain name"):
        made.set_policy("filter", "mine", Verdict.DROP)


def test_a_table_is_there_once_it_was_touched_and_not_before():
    assert not Ruleset()
    assert [table.name for table in Ruleset().append(ONE).tables] == ["filter"]
    assert Ruleset().with_table("mangle").tables == (Table("mangle"),)
    with pytest.raises(NotFound, match="Table does not exist"):
        Ruleset().table("nut")


def test_broken_names_what_is_wrong():
    jump = rule("filter", "DOCKER", target=Jump("gone"))
    loop = rule("filter", "mine", target=Jump("mine"))
    stray = rule("filter", "INPUT", target=Verdict.DROP)
    six = rule(
        "filter", "OUTPUT", Source(Prefix.parse("fd00::/8")), target=Verdict.DROP
    )
    table = Table(
        "filter",
        (
            Chain("DOCKER", (jump,)),
            Chain("OUTPUT", (stray, six), Verdict.ACCEPT),
            Chain("mine", (loop,), Verdict.DROP),
        ),
    )
    assert broken(Ruleset(tables=(table,))) == (
        "filter OUTPUT: holds a rule of another chain",
        "filter OUTPUT: holds a rule of the other family",
        "filter mine: only built-in chains have a policy",
        "filter: a rule jumps to gone, which is not there",
        "filter mine: its jumps lead back to itself",
    )


@settings(deadline=None)
@given(st.data())
def test_the_steps_of_a_ruleset_build_it_again(data):
    family = data.draw(families())
    made = data.draw(rulesets(family)).set_policy("filter", "FORWARD", Verdict.DROP)
    assert Ruleset(family=family).program(steps_of(made)) == made


@settings(deadline=None)
@given(st.data())
def test_taking_the_same_steps_again_changes_nothing(data):
    family = data.draw(families())
    steps = [
        Put(r, data.draw(st.sampled_from([Place.APPEND, Place.INSERT])))
        for r in data.draw(st.lists(rules(family), max_size=6))
    ]
    start = Ruleset(family=family).program(
        NewChain(table, chain)
        for table, chain in ALL_CHAINS
        if chain not in BUILT_IN[table]
    )
    once = start.program(steps)
    assert once.program(steps) == once


FORWARD_RULES = rules(V4, chains=[("filter", "FORWARD"), ("filter", "DOCKER")])


class RulesetMachine(RuleBasedStateMachine):
    """A ruleset against lists that are changed in place."""

    def __init__(self):
        super().__init__()
        self.ruleset = Ruleset().program(
            NewChain("filter", chain) for chain in ("DOCKER", "DOCKER-USER", "mine")
        )
        self.model = {"FORWARD": [], "DOCKER": []}
        self.policy = Verdict.ACCEPT

    @move(added=FORWARD_RULES)
    def append(self, added):
        self.ruleset = self.ruleset.append(added)
        self.model[added.chain].append(added)

    @move(added=FORWARD_RULES)
    def insert(self, added):
        self.ruleset = self.ruleset.insert(added)
        self.model[added.chain].insert(0, added)

    @move(added=FORWARD_RULES, place=st.sampled_from(Place))
    def put(self, added, place):
        self.ruleset = self.ruleset.program([Put(added, place)])
        chain = self.model[added.chain]
        if place is Place.RAISE and added in chain:
            chain.remove(added)
        if added not in chain or place is Place.RAISE:
            chain.insert(len(chain) if place is Place.APPEND else 0, added)

    @precondition(lambda self: any(self.model.values()))
    @move(data=st.data())
    def delete(self, data):
        chosen = data.draw(
            st.sampled_from([r for chain in self.model.values() for r in chain])
        )
        self.ruleset = self.ruleset.delete(chosen)
        self.model[chosen.chain].remove(chosen)

    @move(policy=st.sampled_from([Verdict.ACCEPT, Verdict.DROP]))
    def set_policy(self, policy):
        step = SetPolicy(table="filter", chain="FORWARD", policy=policy)
        self.ruleset = self.ruleset.program([step])
        self.policy = policy

    @invariant()
    def every_chain_has_the_rules_that_a_plain_list_has(self):
        for chain, expected in self.model.items():
            assert list(self.ruleset.rules("filter", chain)) == expected
        assert self.ruleset.chain("filter", "FORWARD").policy == self.policy

    @invariant()
    def no_step_breaks_an_invariant_of_the_ruleset(self):
        assert broken(self.ruleset) == ()


RulesetMachine.TestCase.settings = settings(
    stateful_step_count=25,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],  # rules are large to draw
)
TestRulesetMachine = RulesetMachine.TestCase
