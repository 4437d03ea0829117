"""The picture of a trace: every hop once, nothing overlaps, nothing is outside."""

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from minidock.packet.trace import OUTSIDE, Hop, Layer, Outcome
from minidock.views.bubbles import HEIGHT
from minidock.views.canvas import NodeKind
from minidock.views.palette import AMBER, BAD, EDGE, GOOD, TEXT, WHITE, contrast
from minidock.views.scene import scene
from minidock.views.stops import stops
from minidock.views.trace_scene import trace_scene
from minidock.views.trace_svg import trace_svg
from tests.views.drawn import SHOP, world
from tests.views.strategies_views import law
from tests.views.traces import STORIES, Story, hairpin, published, refused, walked

SVG = "{http://www.w3.org/2000/svg}"


def spots(made, trace):
    found = stops(made, trace, scene(made))
    return [(item.spot, item.text) for item in found]


def numbers(text):
    """The hops that "3-5" stands for."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


# -- examples --------------------------------------------------------------------------


def test_hops_at_one_place_share_a_bubble_and_there_and_back_do_not():
    made, trace = published()
    web = made.containers[made.names["web"]]
    cable = f"cable:{web.endpoints[0].host_interface}"
    assert spots(made, trace) == [
        ("outside", "1-2"),
        ("port:tcp/0.0.0.0:8080", "3"),
        ("host", "4-5"),
        ("network:app", "6"),
        (cable, "7"),
        ("container:web", "8"),
        ("container:web", "9-11"),
        (cable, "12"),
        ("network:app", "13"),
        ("host", "14"),
        ("port:tcp/0.0.0.0:8080", "15"),
        ("card:eth0", "16"),
        ("outside", "17"),
    ]


def test_masquerading_happens_at_the_card_even_if_that_port_is_published():
    one = Story(world("run -d --name web -p 443:443 nginx"))
    one.send("web", one.address("web"), "203.0.113.9", 443)
    source = replace(one.packet).target
    one.at("host", "nat", "masquerade", device="eth0", source=source)
    made, trace = one.end("web", "x:443", "dropped", "")
    assert spots(made, trace)[-1] == ("card:eth0", "2")


def test_the_hop_at_which_it_failed_has_a_bubble_of_its_own_with_a_cross():
    made, trace = refused()
    assert ("container:db", "7") in spots(made, trace)
    root = ET.fromstring(trace_svg(made, trace))
    ended = [g for g in root.iter(f"{SVG}g") if g.get("class") == "bubble ended"]
    assert [g.get("data-hops") for g in ended] == ["7", "7"]  # there, and in the list
    assert ended[0].find(f"{SVG}text").text == "7 ×"


def test_a_sharing_container_is_shown_where_its_stack_is():
    one = Story(world(*SHOP))
    one.at("web", "socket", "side sends")
    made, trace = one.end("side", "db", "dropped", "")
    assert spots(made, trace) == [("container:web", "1")]
    assert "container:side" not in trace_scene(made, trace).way.faded


def test_a_container_in_host_mode_sends_from_the_host():
    one = Story(world(*SHOP))
    one.at("host", "socket", "monitor sends")
    made, trace = one.end("monitor", "db", "dropped", "")
    assert spots(made, trace) == [("host", "1")]
    assert "container:monitor" not in trace_scene(made, trace).way.faded


def test_what_has_nothing_to_do_with_it_is_faded():
    way = trace_scene(*published()).way
    assert {"network:back", "container:db", "container:vault"} <= way.faded
    assert "port:tcp/127.0.0.1:9000" in way.faded
    assert not way.faded & {"network:app", "container:web", "port:tcp/0.0.0.0:8080"}
    assert "interface:web/eth0" in way.boxes


def test_a_trace_without_hops_fades_nothing():
    way = trace_scene(*STORIES["nothing"]()).way
    assert (way.faded, way.lines) == (frozenset(), ())


def test_the_way_between_two_networks_leads_through_the_host():
    one = Story(world(*SHOP))
    one.at("web", "link", "over the cable", device="eth0")
    one.switch("app", "up").switch("back", one.veth("db"))
    made, trace = one.end("web", "db", "dropped", "")
    drawn = trace_scene(made, trace)
    app, back = (drawn.scene.node(f"network:{n}") for n in ("app", "back"))
    within = drawn.way.lines[-1]
    assert (within[0].x, within[-1].x) == (app.x, back.x)
    assert within[1].x == within[2].x < app.x


def test_the_verdict_why_remedy_and_who_was_seen_are_below_the_picture():
    made, trace = refused()
    drawn = trace_scene(made, trace)
    below = drawn.caption
    said = [label.text for label in below.labels]
    assert below.verdict.text == "REFUSED"
    assert "Nobody listens on port 81 of db." in said
    assert "What would work: db listens on 6379/tcp" in said
    assert "db saw the request come from 172.17.0.2" in said
    assert below.band.y >= max(n.bottom for n in drawn.scene.nodes)


def test_a_screen_reader_hears_the_verdict_then_every_hop():
    made, trace = hairpin()
    root = ET.fromstring(trace_svg(made, trace))
    assert root.get("role") == "img"
    assert root[0].text == "api to docker-host:8080 (tcp): delivered"
    said = root[1].text
    assert said.startswith("Outcome: delivered. web answers on 80/tcp")
    assert all(f"{n} " in said for n in range(1, 26))
    assert "9 docker-host proxy: docker-proxy took it" in said


def test_nothing_is_fetched_nothing_runs_and_pages_may_hold_many():
    picture = trace_svg(*published())
    assert picture.count("http") == 1
    assert not any(word in picture for word in ("<script", "<style", " id=", "url(#"))


@pytest.mark.parametrize(
    ("ink", "paper"), [(TEXT, AMBER), (WHITE, BAD), (WHITE, GOOD), (EDGE, WHITE)]
)
def test_bubbles_and_bands_can_be_read(ink, paper):
    assert contrast(ink, paper) >= 4.5


def test_filled_hollow_and_failed_bubbles_differ_in_grey():
    for one, other in combinations((AMBER, WHITE, BAD), 2):
        assert contrast(one, other) >= 1.4


def test_a_hop_that_the_drawing_does_not_know_is_shown_at_the_host():
    hop = Hop(number=1, space="nosuch", place="?", layer=Layer.LINK, decision="?")
    made, trace = refused()
    assert spots(made, replace(trace, hops=(hop,))) == [("host", "1")]
    away = replace(hop, space=OUTSIDE, device="nosuch")
    lost = replace(trace, hops=(away,), outcome=Outcome.DROPPED)
    assert spots(made, lost) == [("outside", "1")]


# -- laws ------------------------------------------------------------------------------


def area(label):
    """What a text covers; its descenders are left out, as in the law of scenes."""
    size = label.role.size
    return label.left, label.at.y - size, label.left + label.width, label.at.y


def pill(bubble):
    half = HEIGHT // 2
    return bubble.at.x, bubble.at.y - half, bubble.right, bubble.at.y + half


def apart(one, other):
    return (
        one[2] <= other[0]
        or other[2] <= one[0]
        or one[3] <= other[1]
        or other[3] <= one[1]
    )


DOORS = {NodeKind.INTERFACE, NodeKind.TARGET, NodeKind.PORT}


def readable(made, trace):
    drawn = trace_scene(made, trace)
    below = drawn.caption
    shown = [pill(bubble) for bubble in (*drawn.bubbles, *below.numbers)]
    words = [area(label) for label in (*below.labels, below.verdict) if label.text]
    words += [area(label) for n in drawn.scene.nodes for label in n.labels]
    words += [area(edge.label) for edge in drawn.scene.edges if edge.label]
    words += [area(sample.label) for sample in drawn.scene.legend]
    doors = [
        (node.x, node.y, node.right, node.bottom)
        for node in drawn.scene.nodes
        if node.kind in DOORS
    ]
    for one, other in combinations(shown, 2):
        assert apart(one, other)
    for one in shown:
        assert all(apart(one, other) for other in words)
    for bubble in drawn.bubbles:
        assert all(apart(pill(bubble), door) for door in doors), bubble
    for left, top, right, bottom in (*shown, *words, *doors):
        assert left >= 0
        assert top >= 0
        assert right <= drawn.width
        assert bottom <= drawn.height
    own = [area(label) for label in (*below.labels, below.verdict) if label.text]
    assert all(apart(one, other) for one, other in combinations(own, 2))


@pytest.mark.parametrize("name", STORIES)
def test_the_picture_of_every_story_can_be_read(name):
    readable(*STORIES[name]())


@law
@given(walked())
def test_nothing_overlaps_in_the_picture_of_a_journey_and_nothing_is_outside(pair):
    readable(*pair)


@law
@given(walked())
def test_every_hop_is_in_one_bubble_and_once_in_the_list(pair):
    made, trace = pair
    drawn = trace_scene(made, trace)
    expected = [hop.number for hop in trace.hops]
    shown = [n for item in drawn.bubbles for n in numbers(item.stop.text)]
    assert sorted(shown) == expected
    assert [item.stop.first for item in drawn.caption.numbers] == expected


@law
@given(walked())
def test_the_picture_of_a_journey_is_well_formed_and_says_every_decision(pair):
    made, trace = pair
    root = ET.fromstring(trace_svg(made, trace))
    drawn = "".join(item.text or "" for item in root.iter(f"{SVG}text"))
    for hop in trace.hops:
        assert hop.decision.replace(" ", "") in drawn.replace(" ", "")


@law
@given(walked())
def test_the_way_of_a_journey_is_inside_and_what_is_on_it_is_not_faded(pair):
    made, trace = pair
    drawn = trace_scene(made, trace)
    assert not drawn.way.boxes & drawn.way.faded
    ids = {item.id for item in (*drawn.scene.nodes, *drawn.scene.edges)}
    assert drawn.way.faded <= ids
    for point in (point for line in drawn.way.lines for point in line):
        assert 0 <= point.x <= drawn.scene.width
        assert 0 <= point.y <= drawn.scene.height


@law
@given(walked())
def test_the_same_world_and_trace_give_the_same_picture(pair):
    assert trace_svg(*pair) == trace_svg(*pair)


@law
@given(walked())
def test_bubbles_on_a_line_are_on_a_free_piece_of_it(pair):
    drawn = trace_scene(*pair)
    lines = {edge.id: edge for edge in drawn.scene.edges}
    nets = [n.x for n in drawn.scene.nodes if n.kind is NodeKind.NETWORK]
    for bubble in drawn.bubbles:
        spot = bubble.stop.spot
        if spot in lines:
            *_, corner, end = lines[spot].points
            assert corner.x < bubble.at.x
            assert bubble.right < end.x
            assert bubble.at.y == end.y
        elif spot.startswith("port:"):
            assert drawn.scene.node(spot).right < bubble.at.x
            assert bubble.right < min(nets) - 28  # before the column of routes
