"""A firewall as tables: every rule once, a journey's way through it, all in place."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.firewall.evaluate import Firewall
from minidock.firewall.extensions import Comment
from minidock.firewall.render import text_of
from minidock.firewall.rule import Jump, Protocol, Verdict, rule
from minidock.firewall.ruleset import Ruleset
from minidock.host.rules import rules as host_rules
from minidock.packet.trace import Layer
from minidock.views.geometry import Frame
from minidock.views.rule_svg import rule_scene, rules_svg
from minidock.views.rule_table import marks, rule_tables
from tests.views.drawn import SHOP, engine
from tests.views.strategies_views import law, worlds
from tests.views.svgs import HOSTILE, SVG, read, texts


def shop():
    return engine(*SHOP)


def chain(ruleset, table, name, met=None):
    found = rule_tables(ruleset, met)
    return next(c for c in found if (c.table, c.name) == (table, name))


@st.composite
def rulesets(draw):
    """Docker's rules for any World, and some that people with odd habits wrote."""
    ruleset = host_rules(draw(worlds(most=4)))
    for number in range(draw(st.integers(0, 3))):
        name = f"MY-{number}-{'x' * draw(st.integers(0, 20))}"
        ruleset = ruleset.new_chain("filter", name)
        ruleset = ruleset.append(rule("filter", "INPUT", target=Jump(name)))
        for said in draw(st.lists(st.sampled_from(HOSTILE), max_size=2)):
            words = Comment("".join(c for c in said if c.isprintable()))
            ruleset = ruleset.append(
                rule("filter", name, Protocol("udp"), words, target=Verdict.RETURN)
            )
    return ruleset


# -- examples --------------------------------------------------------------------------


def test_a_chain_says_its_policy_or_who_asks_it():
    ruleset = host_rules(shop().world)
    assert chain(ruleset, "filter", "FORWARD").note == "policy DROP"
    assert chain(ruleset, "nat", "DOCKER").note == "asked by PREROUTING 1, OUTPUT 1"
    asked = chain(ruleset, "filter", "DOCKER-ISOLATION-STAGE-2").note
    assert asked == "asked by DOCKER-ISOLATION-STAGE-1 3, 4"


def test_a_chain_stands_below_and_to_the_right_of_the_first_that_asks_it():
    boxes = {
        (box.chain.table, box.chain.name): box.frame
        for box in rule_scene(host_rules(shop().world)).boxes
    }
    asks, asked = boxes["filter", "FORWARD"], boxes["filter", "DOCKER-FORWARD"]
    assert asks.x < asked.x
    assert asks.bottom < asked.y


def test_a_journey_marks_the_rules_that_decided_and_the_jumps_that_led_to_them():
    docker = shop()
    journey = docker.trace("outside", "host:8080")
    met = marks(journey.trace)
    deciding = [
        hop.number
        for hop in journey.hops
        if hop.layer in {Layer.FIREWALL, Layer.NAT} and hop.entry.count("-A ")
    ]
    assert sorted({n for numbers in met.values() for n in numbers} & set(deciding)) == (
        deciding
    )
    ruleset = host_rules(docker.world)
    forward = chain(ruleset, "filter", "FORWARD", met)
    hops = {row.number: row.hops for row in forward.rows}
    assert hops[1] == ()  # DOCKER-USER returned it
    assert len(hops[2]) == 2  # the request, and its answer
    nat = chain(ruleset, "nat", "DOCKER", met)
    assert [row.target for row in nat.rows if row.hops] == [
        "DNAT --to-destination 172.18.0.2:80"
    ]


def test_the_jumps_of_a_hop_lead_from_the_first_chain_to_the_rule_that_decided():
    for hop in shop().trace("outside", "host:8080").hops:
        if hop.path:
            steps = [*hop.path, hop.entry]
            for one, other in pairwise(steps):
                jumped = one.rpartition(" -j ")[2]
                assert f"-A {jumped} " in other


def test_with_a_journey_only_the_chains_that_it_met_are_drawn():
    docker = shop()
    journey = docker.trace("outside", "host:8080")
    root = read(docker.rules(journey).svg)
    chains = [g.get("data-chain") for g in root.iter() if g.get("data-chain")]
    assert chains[:2] == ["nat/PREROUTING", "nat/DOCKER"]
    assert "filter/DOCKER-CT" not in chains
    met = [g for g in root.iter(f"{SVG}g") if g.get("class") == "rule met"]
    assert all(g.get("data-hops") for g in met)
    assert root[0].text == "IPv4 rules on the way from outside to host:8080 (tcp)"


def test_where_the_policy_decides_the_policy_is_marked():
    docker = engine(*SHOP[:3])
    docker.host_command("iptables -F FORWARD")
    journey = docker.trace("outside", "172.18.0.2:80")
    policies = [hop for hop in journey.hops if hop.entry == ":FORWARD DROP"]
    if not policies:  # a rule of raw was first
        docker.host_command("iptables -t raw -F PREROUTING")
        journey = docker.trace("outside", "host:8080")
        policies = [hop for hop in journey.hops if hop.entry == ":FORWARD DROP"]
    (hop,) = policies
    forward = chain(host_rules(docker.world), "filter", "FORWARD", marks(journey.trace))
    assert forward.hops == (hop.number,)
    assert f"Its policy decided at hop {hop.number}." in docker.rules(journey).svg


def test_a_journey_that_met_no_rule_says_so():
    docker = engine("network create app", "run -d --name web --network app nginx")
    assert "No rule of this host was asked." in texts(
        read(docker.rules(docker.trace("web", "web:80")).svg)
    )


def test_of_a_long_chain_the_first_rules_are_shown_and_those_that_were_met():
    ruleset = Ruleset().new_chain("filter", "MINE")
    for number in range(100):
        asks = Comment(f"number {number}")
        ruleset = ruleset.append(rule("filter", "MINE", asks, target=Verdict.ACCEPT))
    met = {text_of(ruleset.rules("filter", "MINE")[70]): (9,)}
    (table,) = rule_tables(ruleset, met, most=5)
    assert [row.number for row in table.rows] == [1, 2, 3, 4, 5, 71]
    assert table.left_out == 94
    drawn = texts(read(rules_svg(ruleset)))
    assert "… 76 more rules" in drawn


def test_of_two_equal_rules_the_first_one_decided():
    one = rule("filter", "INPUT", Protocol("tcp"), target=Verdict.DROP)
    ruleset = Ruleset().append(one).append(one)
    (table,) = rule_tables(ruleset, {text_of(one): (3,)})
    assert [row.hops for row in table.rows] == [(3,), ()]


def test_what_the_engine_calls_its_rules_is_still_the_text_of_iptables_save():
    docker = shop()
    shown = docker.rules()
    assert shown == docker.host_command("iptables-save").stdout
    assert isinstance(shown, str)
    assert shown._repr_svg_() == rules_svg(host_rules(docker.world))
    assert docker.rules(family=6).startswith(("*raw", "*filter"))


# -- laws ------------------------------------------------------------------------------


@law
@given(rulesets())
def test_every_rule_is_drawn_once_with_the_number_that_iptables_gives_it(ruleset):
    for table in rule_tables(ruleset, most=10**6):
        rules = ruleset.rules(table.table, table.name)
        assert [row.number for row in table.rows] == list(range(1, len(rules) + 1))
        for row, one in zip(table.rows, rules, strict=True):
            asked = "" if row.matches == "every packet" else f"{row.matches} "
            assert text_of(one) == f"-A {table.name} {asked}-j {row.target}"
    drawn = [(table.table, table.name) for table in rule_tables(ruleset)]
    assert len(set(drawn)) == len(drawn)
    shown = sum(len(t.rows) + t.left_out for t in rule_tables(ruleset))
    assert shown == sum(1 for _ in ruleset)


@law
@given(rulesets())
def test_chains_do_not_overlap_and_every_word_of_a_rule_is_within_its_chain(ruleset):
    scene = rule_scene(ruleset)
    paper = Frame(0, 0, scene.width, scene.height)
    for one, other in combinations(scene.boxes, 2):
        assert not one.frame.meets(other.frame)
    assert all(paper.holds(label.frame) for label in scene.labels)
    for box in scene.boxes:
        assert paper.holds(box.frame)
        heads = [label.frame for label in box.labels]
        assert not heads[0].meets(heads[1])
        for one, other in pairwise(box.bands):
            assert one.frame.bottom <= other.frame.y
        for band in box.bands:
            said = [label.frame for label in (*band.labels, *band.does)]
            assert all(map(box.frame.holds, said))
            for one, other in combinations(said, 2):
                assert not one.meets(other), (box.chain.name, band.row)


@law
@given(rulesets())
def test_a_table_of_rules_is_well_formed_and_harmless_whatever_a_comment_says(ruleset):
    root = read(rules_svg(ruleset))
    shown = sum(1 for g in root.iter(f"{SVG}g") if g.get("class") == "rule")
    assert shown == sum(len(table.rows) for table in rule_tables(ruleset))


@pytest.mark.parametrize("target", ["host:8080", "172.18.0.2:80", "host:9000"])
def test_the_rules_that_a_journey_met_are_those_that_the_firewall_names(target):
    docker = shop()
    journey = docker.trace("outside", target)
    ruleset = host_rules(docker.world)
    texts_ = {
        f"{'' if one.table == 'filter' else f'-t {one.table} '}{text_of(one)}"
        for one in ruleset
    }
    assert Firewall(ruleset).family == 4
    for entry in marks(journey.trace):
        rules_or_not = entry in texts_ or entry.startswith(":")
        assert rules_or_not or entry == "connection tracking", entry
