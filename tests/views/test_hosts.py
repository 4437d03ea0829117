"""Hosts side by side, and the networks that join them."""

import xml.etree.ElementTree as ET
from itertools import pairwise

from minidock.engine import Engine
from minidock.packet.journey import journey
from minidock.views.drawing import draw
from minidock.views.hosts import sides
from minidock.views.scene import scene
from minidock.views.stops import stops
from tests.packet.hosts import Hosts, two_hosts
from tests.views.svgs import SVG, read


def test_a_host_alone_is_drawn_as_ever() -> None:
    drawing = draw(Engine().world)
    assert not drawing.worlds


def test_every_container_of_every_host_is_in_the_text_and_the_picture() -> None:
    hosts = Hosts(3).network("ov", "10.0.0.0/24")
    for number in range(3):
        hosts.run(number, f"box{number}", f"10.0.0.{number + 2}", "ov")
    first, *others = hosts.worlds
    for drawing in (draw(first), draw(first, others=others)):
        for word in ("box0", "box1", "box2", "host2", "host3", "VNI 256", "192.0.2.4"):
            assert word in drawing.text
            assert word in drawing.svg
        root = ET.fromstring(drawing.svg)
        inner = [item for item in root if item.tag.endswith("}svg")]
        assert len(inner) == 3
        ends = [(int(i.get("x")), int(i.get("x")) + int(i.get("width"))) for i in inner]
        assert all(left[1] <= right[0] for left, right in pairwise(ends))
        assert ends[-1][1] <= int(root.get("width"))


def test_a_network_on_one_host_only_has_no_line() -> None:
    hosts = two_hosts().network("lonely", "10.0.9.0/24")
    hosts.run(0, "solo", "10.0.9.2", "lonely")
    drawing = draw(hosts.worlds[0])
    assert "lonely: VXLAN" not in drawing.text
    assert drawing.svg.count('class="tunnel"') == 1


def test_the_first_hosts_picture_of_the_second_has_its_peers() -> None:
    first, second = two_hosts().worlds
    _, known = sides([first])
    _, real = sides([first, second])
    assert known.networks == real.networks
    names = [guest.name for guest in known.scene.outline.guests()]
    assert names == [guest.name for guest in real.scene.outline.guests()] == ["c3"]


def test_what_another_host_decides_is_drawn_outside() -> None:
    world = two_hosts().worlds[0]
    drawn = scene(world)
    trace = journey(world, "c2", "10.0.0.3:80")
    found = stops(world, trace, drawn)
    spots = {n: s.spot for s in found for n in range(s.first, s.last + 1)}
    for hop in trace.hops:
        if hop.place in {"c3", "host2"}:
            assert spots[hop.number] == "outside"
        if hop.layer == "tunnel" and hop.place.startswith("host1"):
            assert spots[hop.number] == "network:ov"


def test_a_tunnel_comes_out_of_each_hosts_wall_beside_the_words_below_it() -> None:
    hosts = Hosts(3).network("ov", "10.0.0.0/24").network("far", "10.0.1.0/24")
    for number in range(3):
        hosts.run(number, f"box{number}", f"10.0.0.{number + 2}", "ov")
        hosts.run(number, f"more{number}", f"10.0.1.{number + 2}", "far")
    first, *others = hosts.worlds
    root = read(draw(first, others=others).svg)
    inner = [item for item in root if item.tag == f"{SVG}svg"]
    lefts = [int(item.get("x")) for item in inner]
    found = sides(hosts.worlds)
    tunnels = [g for g in root.iter(f"{SVG}g") if g.get("class") == "tunnel"]
    assert len(tunnels) == 2
    seen = set()
    for tunnel in tunnels:
        _, *downs = tunnel.findall(f"{SVG}polyline")
        for left, side, line in zip(lefts, found, downs, strict=True):
            (x, top), (_, bottom) = (
                map(int, point.split(",")) for point in line.get("points").split()
            )
            wall = side.scene.node("host")
            assert top == wall.bottom < bottom
            assert left + wall.x < x < left + wall.right
            for sample in side.scene.legend:
                assert left + sample.label.left + sample.label.width < x
            seen.add(x)
    assert len(seen) == 6  # each end has a place of its own


def test_a_screen_reader_hears_of_every_host_and_tunnel() -> None:
    first, *others = two_hosts().worlds
    root = read(draw(first, others=others).svg)
    assert root[0].text == "2 Docker hosts"
    for said in ("Docker host host1.", "Docker host host2.", "192.0.2.2 and 192.0.2.3"):
        assert said in root[1].text
