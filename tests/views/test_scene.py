"""The layout: what is drawn, and the laws that make a drawing readable."""

from itertools import combinations

import pytest
from hypothesis import given

from minidock.errors import NotFound
from minidock.views.canvas import EdgeKind, NodeKind
from minidock.views.scene import scene
from tests.views.drawn import SHOP, engine, world
from tests.views.strategies_views import law, worlds

INSIDE = {NodeKind.HOST, NodeKind.NETWORK, NodeKind.CONTAINER}
LEAVES = {
    NodeKind.OUTSIDE,
    NodeKind.CARD,
    NodeKind.PORT,
    NodeKind.NETWORK,
    NodeKind.CONTAINER,
}


def shop():
    return scene(world(*SHOP))


def texts(drawing, name):
    return [label.text for label in drawing.node(name).labels]


def edge(drawing, name):
    return next(item for item in drawing.edges if item.id == name)


# -- examples --------------------------------------------------------------------------


def test_a_network_shows_its_subnet_bridge_gateway_and_way_out():
    drawing = shop()
    assert texts(drawing, "network:app") == ["app", "172.18.0.0/16", "out: masquerade"]
    device = drawing.outline.nets[1].device
    assert texts(drawing, f"bridge:{device}") == [device, "172.18.0.1"]
    assert drawing.node(f"bridge:{device}").parent == "network:app"


def test_an_internal_network_is_marked_and_has_no_route():
    drawing = shop()
    assert texts(drawing, "network:back")[-1] == "internal: no way out"
    routes = [item.target for item in drawing.edges if item.kind is EdgeKind.ROUTE]
    assert set(routes) == {"network:bridge", "network:app", "network:host"}


def test_a_container_on_two_networks_is_one_box_with_two_cables():
    drawing = shop()
    cables = [item for item in drawing.edges if item.kind is EdgeKind.CABLE]
    ends = [item.target for item in cables if item.target.startswith("interface:api/")]
    assert sorted(ends) == ["interface:api/eth0", "interface:api/eth1"]
    assert sum(node.id == "container:api" for node in drawing.nodes) == 1
    assert (
        drawing.node("interface:api/eth1").colour == drawing.node("network:back").colour
    )


def test_a_cable_carries_the_name_of_its_veth():
    made = world(*SHOP)
    web = made.containers[made.names["web"]]
    veth = web.endpoints[0].host_interface
    assert edge(scene(made), f"cable:{veth}").label.text == veth


def test_a_published_port_is_an_arrow_from_outside_through_the_wall_to_the_container():
    drawing = shop()
    door = "port:tcp/0.0.0.0:8080"
    assert texts(drawing, door) == ["0.0.0.0:8080, [::]:8080"]
    asks = edge(drawing, "request:tcp/0.0.0.0:8080")
    leads = edge(drawing, "publish:tcp/0.0.0.0:8080")
    assert (asks.source, asks.target) == ("outside", door)
    assert (leads.source, leads.target) == (door, "target:tcp/0.0.0.0:8080")
    assert texts(drawing, leads.target) == ["80/tcp"]
    assert drawing.node(leads.target).parent == "container:web"


def test_a_port_for_the_host_alone_is_not_in_the_wall_and_nobody_outside_asks():
    drawing = shop()
    host, door = drawing.node("host"), drawing.node("port:tcp/127.0.0.1:9000")
    assert door.x > host.x > drawing.node("port:tcp/0.0.0.0:8080").x
    assert texts(drawing, door.id) == ["127.0.0.1:9000-9001"]
    assert all(
        item.target != door.id or item.kind is EdgeKind.PUBLISH
        for item in drawing.edges
    )
    assert "request:tcp/127.0.0.1:9000" not in {item.id for item in drawing.edges}


def test_containers_that_share_a_stack_hang_below_its_owner():
    drawing = shop()
    shared = edge(drawing, "share:side")
    assert (shared.source, shared.target) == ("container:web", "container:side")
    assert texts(drawing, "container:side") == ["side", "busybox", "shares web's stack"]
    assert drawing.node("container:side").y > drawing.node("container:web").bottom


def test_a_container_in_host_mode_is_wired_to_the_hosts_stack_and_one_in_none_to_nothing():
    drawing = shop()
    assert edge(drawing, "stack:monitor").source == "network:host"
    touching = [e for e in drawing.edges if "vault" in e.target + e.source]
    assert touching == []


def test_stopped_containers_are_faded_or_left_out():
    made = world(*SHOP)
    assert scene(made).node("container:spare").faded
    assert texts(scene(made), "container:spare")[-1] == "created, starts on app"
    with pytest.raises(NotFound):
        scene(made, stopped=False).node("container:spare")


def test_a_container_that_shares_with_one_that_is_left_out_is_still_drawn():
    made = world(
        "run -d --name a1 nginx",
        "run -d --name b1 --network container:a1 nginx sleep 9999",
        "stop a1",
    )
    assert texts(scene(made, stopped=False), "container:b1")[-1] == "shares a1's stack"


def test_columns_go_from_outside_to_the_containers():
    drawing = shop()
    order = ["outside", "card:eth0", "network:app", "container:web"]
    rights = [drawing.node(name).right for name in order]
    lefts = [drawing.node(name).x for name in order]
    assert all(right < left for right, left in zip(rights, lefts[1:], strict=False))


def test_a_hundred_containers_make_the_drawing_longer_but_not_wider():
    def many(count):
        return scene(world(*(f"run -d --name c{n:03} nginx" for n in range(count))))

    few, hundred = many(10), many(100)
    assert hundred.width == few.width
    assert sum(node.kind is NodeKind.CONTAINER for node in hundred.nodes) == 100


def test_networks_that_share_a_name_in_an_old_era_are_two_boxes():
    docker = engine(era="17.12")
    for _ in range(2):
        assert docker.api("POST", "/networks/create", {"Name": "app"}).status == 201
    boxes = [n for n in scene(docker.world).nodes if n.kind is NodeKind.NETWORK]
    assert [n.labels[0].text for n in boxes] == ["bridge", "app", "app"]
    assert len({n.id for n in boxes}) == 3


# -- laws ------------------------------------------------------------------------------


def overlap(one, other):
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


@law
@given(worlds())
def test_two_boxes_of_a_drawing_never_overlap(made):
    drawing = scene(made)
    for one, other in combinations([n for n in drawing.nodes if n.kind in LEAVES], 2):
        assert not overlap(one, other), (one.id, other.id)
    doors = {NodeKind.INTERFACE, NodeKind.TARGET, NodeKind.BRIDGE}
    for one, other in combinations([n for n in drawing.nodes if n.kind in doors], 2):
        assert not overlap(one, other), (one.id, other.id)


@law
@given(worlds())
def test_every_text_fits_into_its_box_and_no_two_texts_of_a_box_touch(made):
    for node in scene(made).nodes:
        for label in node.labels:
            assert node.x <= label.left
            assert label.left + label.width <= node.right, (node.id, label.text)
            assert node.y <= label.at.y - label.role.size
            assert label.at.y < node.bottom, (node.id, label.text)
        for one, other in combinations(node.labels, 2):
            beside = (
                one.left + one.width < other.left or other.left + other.width < one.left
            )
            assert beside or abs(one.at.y - other.at.y) >= 12, (node.id, one, other)


@law
@given(worlds())
def test_texts_of_a_container_do_not_run_into_its_doors(made):
    drawing = scene(made)
    for door in drawing.nodes:
        if door.kind in {NodeKind.INTERFACE, NodeKind.TARGET}:
            for label in drawing.node(door.parent).labels:
                level = door.y < label.at.y < door.bottom + 4
                assert not level or label.left >= door.right


@law
@given(worlds())
def test_everything_that_is_drawn_is_within_the_picture(made):
    drawing = scene(made)
    for node in drawing.nodes:
        assert node.x >= 0
        assert node.y >= 0
        assert node.right <= drawing.width
        assert node.bottom <= drawing.height
    for sample in drawing.legend:
        assert sample.label.left + sample.label.width <= drawing.width
        assert sample.at.y < drawing.height


@law
@given(worlds())
def test_each_part_of_a_drawing_has_its_own_id_and_lines_join_boxes(made):
    drawing = scene(made)
    ids = [item.id for item in (*drawing.nodes, *drawing.edges)]
    assert len(set(ids)) == len(ids)
    for line in drawing.edges:
        assert {line.source, line.target} <= set(ids)


def on_edge(point, node):
    within_x = node.x <= point.x <= node.right
    within_y = node.y <= point.y <= node.bottom
    at_x = point.x in {node.x, node.right} and within_y
    return at_x or (point.y in {node.y, node.bottom} and within_x)


@law
@given(worlds())
def test_lines_begin_and_end_at_the_edges_of_their_boxes_in_right_angles(made):
    drawing = scene(made)
    for line in drawing.edges:
        source, target = drawing.node(line.source), drawing.node(line.target)
        if source.kind is NodeKind.BRIDGE:  # a bridge's cables leave from its network
            source = drawing.node(source.parent)
        assert on_edge(line.points[0], source), line.id
        assert on_edge(line.points[-1], target), line.id
        for one, other in zip(line.points, line.points[1:], strict=False):
            assert (one.x == other.x) != (one.y == other.y), line.id


def pieces(line):
    for one, other in zip(line.points, line.points[1:], strict=False):
        xs, ys = sorted((one.x, other.x)), sorted((one.y, other.y))
        yield xs[0], xs[1], ys[0], ys[1]


@law
@given(worlds())
def test_lines_go_around_boxes_that_they_do_not_name(made):
    drawing = scene(made)
    for line in drawing.edges:
        ends = {line.source, line.target}
        ends |= {drawing.node(name).parent for name in ends}
        for node in drawing.nodes:
            through = line.kind is EdgeKind.PUBLISH and node.kind in {
                NodeKind.NETWORK,
                NodeKind.BRIDGE,
            }
            if node.id in ends or node.kind is NodeKind.HOST or through:
                continue
            for left, right, top, bottom in pieces(line):
                apart = (
                    right <= node.x
                    or left >= node.right
                    or bottom <= node.y
                    or top >= node.bottom
                )
                assert apart, (line.id, node.id)


@law
@given(worlds())
def test_lines_share_a_piece_only_on_a_trunk(made):
    drawing = scene(made)
    for one, other in combinations(drawing.edges, 2):
        if one.kind is other.kind and one.points[0] == other.points[0]:
            continue
        for l1, r1, t1, b1 in pieces(one):
            for l2, r2, t2, b2 in pieces(other):
                along = t1 == b1 == t2 == b2 and max(l1, l2) < min(r1, r2)
                down = l1 == r1 == l2 == r2 and max(t1, t2) < min(b1, b2)
                assert not along, (one.id, other.id)
                assert not down, (one.id, other.id)


@law
@given(worlds())
def test_no_trunk_goes_through_the_name_of_a_veth(made):
    drawing = scene(made)
    labels = [line.label for line in drawing.edges if line.label]
    for line in drawing.edges:
        for left, right, top, bottom in pieces(line):
            for label in labels:
                if left == right and top < label.at.y < bottom:
                    outside = left < label.left or left > label.left + label.width
                    assert outside, (line.id, label.text)


@law
@given(worlds())
def test_every_container_and_network_is_drawn_once(made):
    drawing = scene(made)
    guests = [n.title for n in drawing.nodes if n.kind is NodeKind.CONTAINER]
    assert len(guests) == len(made.containers)
    nets = [n for n in drawing.nodes if n.kind is NodeKind.NETWORK and n.labels[0].text]
    assert len(nets) >= sum(n.driver == "bridge" for n in made.networks.values())


@law
@given(worlds())
def test_the_same_world_gives_the_same_scene(made):
    assert scene(made) == scene(made)


@law
@given(worlds())
def test_anchors_lie_on_what_they_mark(made):
    drawing = scene(made)
    for node in drawing.nodes:
        x, y = drawing.anchor(node.id)
        assert node.x < x < node.right
        assert node.y < y < node.bottom
    for line in drawing.edges:
        x, y = drawing.anchor(line.id)
        assert any(a <= x <= b and c <= y <= d for a, b, c, d in pieces(line))
