"""The picture of a trace across hosts: side by side, the wire, and the parcels."""

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest

from minidock.engine import Engine
from minidock.packet.journey import journey
from minidock.registry.memory import MemoryStore
from minidock.views.canvas import NodeKind
from minidock.views.trace_scene import trace_scene
from minidock.views.trace_svg import trace_svg
from tests.packet.hosts import Hosts, two_hosts
from tests.views.test_trace_svg import DOORS, apart, area, numbers, pill

SVG = "{http://www.w3.org/2000/svg}"


def many(count=3):
    hosts = Hosts(count).network("ov", "10.0.0.0/24").network("more", "10.0.9.0/24")
    for number in range(count):
        hosts.run(number, f"box{number}", f"10.0.0.{number + 2}", "ov")
    hosts(0, "run -d --name aside -p 8080:80 nginx")
    return hosts.worlds


def routed():
    vteps = ("192.0.2.2", "198.51.100.3")
    return two_hosts(vteps=vteps, routers=("192.0.2.1", "198.51.100.1")).worlds


def walled():
    hosts = two_hosts()
    hosts(1, "run -d --name noise redis")
    hosts.engines[1].host_command("iptables -A INPUT -p udp --dport 4789 -j DROP")
    return hosts.worlds


STORIES = {
    "ping": (many, "box0", "10.0.0.4"),
    "port": (many, "box0", "10.0.0.3:80"),
    "refused": (many, "box0", "10.0.0.3:81/tcp"),
    "nobody": (many, "box0", "10.0.0.77"),
    "host to host": (many, "host", "192.0.2.4:22"),
    "routed": (routed, "c2", "10.0.0.3:80"),
    "walled": (walled, "c2", "10.0.0.3:80"),
}


def told(name, full):
    """The asking host's World, the others that are at hand, and the trace."""
    make, source, target = STORIES[name]
    world, *others = make()
    others = others if full else []
    return world, others, journey(world, source, target, others=others)


def every(test):
    full = pytest.mark.parametrize("full", [False, True], ids=["known", "full"])
    return full(pytest.mark.parametrize("name", STORIES)(test))


def moved(box, left):
    return box[0] + left, box[1], box[2] + left, box[3]


def square(node):
    return node.x, node.y, node.right, node.bottom


def framed(frame):
    return frame.x, frame.y, frame.x + frame.width, frame.y + frame.height


# -- examples --------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
def test_the_asking_host_and_the_one_that_answers_stand_side_by_side(full):
    world, others, trace = told("ping", full)
    drawn = trace_scene(world, trace, others)
    assert [stage.place for stage in drawn.stages] == ["", "host3"]
    shown = [[guest.name for guest in stage.scene.outline.guests()]
             for stage in drawn.stages]  # fmt: skip
    assert [sorted(names) for names in shown] == [["aside", "box0"], ["box2"]]


@pytest.mark.parametrize("full", [False, True])
def test_every_decision_is_shown_at_its_host(full):
    world, others, trace = told("port", full)
    drawn = trace_scene(world, trace, others)
    spots = {
        number: (stage.place, bubble.stop.spot)
        for stage in drawn.stages
        for bubble in stage.bubbles
        for number in numbers(bubble.stop.text)
    }
    for hop in trace.hops:
        place, spot = spots[hop.number]
        assert place == hop.space.rpartition("/")[0]
        if hop.layer == "tunnel":
            assert spot == "network:ov"
        if hop.place == "box1" and hop.layer == "socket":
            assert spot == "container:box1"


def test_a_parcel_shows_each_header_with_its_octets_for_each_trip():
    world, others, trace = told("port", full=True)
    there, back = trace_scene(world, trace, others).parcels
    said = [[label.text for label in part.labels] for part in there.parts]
    port = said[1][1].partition(" ")[0]
    assert said == [
        ["IP 20", "192.0.2.2 > 192.0.2.3"],
        ["UDP 8", f"{port} > 4789"],
        ["VXLAN 8", "VNI 256"],
        ["Ethernet 14", "the frame"],
        ["tcp within 60", "10.0.0.2:40000 > 10.0.0.3:80 SYN"],
    ]
    assert back.labels[0].text == "answer"
    assert back.parts[0].frame.x == there.parts[0].frame.x
    assert back.parts[0].labels[1].text == "192.0.2.3 > 192.0.2.2"


def test_without_a_tunnel_there_is_a_wire_and_no_parcel():
    world, others, trace = told("host to host", full=True)
    drawn = trace_scene(world, trace, others)
    assert len(drawn.wires) == 1
    assert not drawn.parcels


def test_a_journey_that_stays_at_home_is_drawn_alone():
    world, *others = many()
    trace = journey(world, "box0", "aside", others=others)
    drawn = trace_scene(world, trace, others)
    assert len(drawn.stages) == 1
    assert not drawn.wires
    assert trace_svg(world, trace, others) == trace_svg(world, trace)


def test_a_frame_that_a_wall_stopped_ends_at_the_other_host():
    world, others, trace = told("walled", full=True)
    assert trace.outcome == "dropped"
    _, other = trace_scene(world, trace, others).stages
    assert [item.stop.spot for item in other.bubbles if item.stop.ended] == [
        "card:eth0"
    ]


def test_a_router_between_two_hosts_is_shown_where_the_packet_came_from():
    world, others, trace = told("routed", full=True)
    for stage in trace_scene(world, trace, others).stages:
        assert [b.stop.reply for b in stage.bubbles if b.stop.spot == "outside"] == [
            stage.left > 0
        ]


def test_two_engines_see_each_other_in_full_each_with_what_it_has_heard():
    registry = MemoryStore()
    first, second = (
        Engine(registry=registry, advertise=f"192.0.2.{number}:2376")
        for number in (2, 3)
    )
    assert first("network create -d overlay ov").ok
    assert second("run -d --name web --network ov nginx").ok
    assert second("run -d --name alone redis").ok
    assert first("run -d --name app --network ov busybox sleep 1d").ok
    known = first.trace("app", "web:80")
    deaf = first.trace("app", "web:80", others=[second])
    assert "no VTEP for 10.0.0.3" in deaf.why
    second.hear()
    full = first.trace("app", "web:80", others=[second])
    assert known.delivered
    assert full.delivered
    assert "alone" not in known.svg
    assert "alone" in full.svg
    assert second.world.host.hostname in full.svg
    assert "alone" in first.draw(others=[second]).svg
    second.host_command("iptables -A INPUT -p udp --dport 4789 -j DROP")
    assert first.trace("app", "web:80").delivered
    assert first.trace("app", "web:80", others=[second]).outcome == "dropped"
    ports = first.reachability(others=[second])
    assert ports.outcome("app", "web:80/tcp") == "dropped"


# -- laws ------------------------------------------------------------------------------


@every
def test_nothing_overlaps_and_nothing_is_outside_the_picture(name, full):
    world, others, trace = told(name, full)
    drawn = trace_scene(world, trace, others)
    below = drawn.caption
    shown = [pill(bubble) for bubble in below.numbers]
    words = [area(label) for label in (*below.labels, below.verdict) if label.text]
    doors = []
    for stage in drawn.stages:
        shown += [moved(pill(b), stage.left) for b in stage.bubbles]
        labels = [label for node in stage.scene.nodes for label in node.labels]
        labels += [edge.label for edge in stage.scene.edges if edge.label]
        labels += [sample.label for sample in stage.scene.legend]
        words += [moved(area(label), stage.left) for label in labels]
        nodes = (node for node in stage.scene.nodes if node.kind in DOORS)
        doors += [moved(square(node), stage.left) for node in nodes]
    for parcel in drawn.parcels:
        shown.append(pill(parcel.number))
        words += [area(label) for label in parcel.labels]
        for part in parcel.parts:
            inside = [area(label) for label in part.labels]
            left, top, right, bottom = framed(part.frame)
            for box in inside:
                assert left < box[0] < box[2] < right
                assert top < box[1] < box[3] < bottom
            words += inside
    for one, other in combinations(shown, 2):
        assert apart(one, other)
    for one in shown:
        assert all(apart(one, other) for other in (*words, *doors))
    frames = [framed(part.frame) for item in drawn.parcels for part in item.parts]
    for one, other in combinations(frames, 2):
        assert apart(one, other)
    for left, top, right, bottom in (*shown, *words, *doors, *frames):
        assert 0 <= left <= right <= drawn.width
        assert 0 <= top <= bottom <= drawn.height
    for one, other in pairwise(drawn.stages):
        assert one.left + one.scene.width <= other.left


@every
def test_the_wires_touch_both_cards_and_no_text(name, full):
    world, others, trace = told(name, full)
    drawn = trace_scene(world, trace, others)
    assert len(drawn.wires) == len(drawn.stages) - 1
    stages = {stage.left: stage for stage in drawn.stages}
    for wire, other in zip(drawn.wires, drawn.stages[1:], strict=True):
        for point, stage in ((wire[0], stages[0]), (wire[-1], other)):
            cards = [n for n in stage.scene.nodes if n.kind is NodeKind.CARD]
            assert any(
                point.x == stage.left + card.x and card.y <= point.y <= card.bottom
                for card in cards
            )
    words = [
        moved(area(label), stage.left)
        for stage in drawn.stages
        for node in stage.scene.nodes
        if node.kind in {NodeKind.OUTSIDE, NodeKind.HOST}
        for label in node.labels
    ]
    for wire in drawn.wires:
        for one, other in pairwise(wire):
            (left, right), (top, bottom) = (sorted(pair) for pair in zip(one, other,
                                                                       strict=True))  # fmt: skip
            box = left - 5, top - 5, right + 5, bottom + 5
            assert all(apart(box, word) for word in words)


@every
def test_every_hop_is_in_one_bubble_and_the_picture_is_well_formed(name, full):
    world, others, trace = told(name, full)
    drawn = trace_scene(world, trace, others)
    shown = [n for stage in drawn.stages for item in stage.bubbles
             for n in numbers(item.stop.text)]  # fmt: skip
    assert sorted(shown) == [hop.number for hop in trace.hops]
    root = ET.fromstring(trace_svg(world, trace, others))
    hosts = [g.get("data-host") for g in root.iter(f"{SVG}g") if g.get("data-host")]
    assert hosts == [stage.place for stage in drawn.stages if stage.place]
    assert int(root.get("width")) == drawn.width
