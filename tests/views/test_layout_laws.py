"""The layout stays itself: few crossings, and a small change moves little."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given

from minidock.views.canvas import EdgeKind, NodeKind
from minidock.views.scene import scene
from tests.views.drawn import SHOP, engine
from tests.views.strategies_views import grown, law, worlds

STRAIGHT = {EdgeKind.UPLINK, EdgeKind.REQUEST, EdgeKind.SHARE}
MOST = 2
"""So many times two lines may cross."""


def crossings(one, other):
    """How often two lines of horizontal and vertical pieces cross."""
    return sum(
        _crosses(flat, upright)
        for first, second in ((one, other), (other, one))
        for flat in pairwise(first.points)
        for upright in pairwise(second.points)
    )


def _crosses(flat, upright):
    (a, b), (c, d) = flat, upright
    if a.y != b.y or c.x != d.x:
        return False
    left, right = sorted((a.x, b.x))
    top, bottom = sorted((c.y, d.y))
    return left < c.x < right and top < a.y < bottom


def bent(edge):
    """Whether a line has a vertical piece."""
    return any(one.x == other.x for one, other in pairwise(edge.points))


# -- crossings -------------------------------------------------------------------------


@law
@given(worlds(most=12))
def test_two_lines_cross_at_most_twice(made):
    for one, other in combinations(scene(made).edges, 2):
        assert crossings(one, other) <= MOST, (one.id, other.id)


@law
@given(worlds(most=12))
def test_a_picture_has_at_most_two_crossings_for_each_bent_line_and_any_other(made):
    edges = scene(made).edges
    count = sum(crossings(one, other) for one, other in combinations(edges, 2))
    assert count <= MOST * sum(map(bent, edges)) * len(edges)


@law
@given(worlds(most=12))
def test_what_leads_to_the_host_and_what_shares_a_stack_crosses_nothing(made):
    edges = scene(made).edges
    for one in edges:
        if one.kind in STRAIGHT:
            assert not any(crossings(one, other) for other in edges)


@law
@given(worlds(most=12))
def test_cables_of_containers_on_one_network_each_do_not_cross(made):
    alone = {
        f"container:{container.name}"
        for container in made.containers.values()
        if len(container.endpoints) == 1
    }
    drawing = scene(made)
    cables = [
        edge
        for edge in drawing.edges
        if edge.kind is EdgeKind.CABLE and drawing.node(edge.target).parent in alone
    ]
    for one, other in combinations(cables, 2):
        assert not crossings(one, other), (one.id, other.id)


# -- stability -------------------------------------------------------------------------


def rows(drawing):
    """Every box's name in the order in which the eye meets it."""
    boxes = sorted(drawing.nodes, key=lambda node: (node.y, node.x, node.id))
    return [node.id for node in boxes]


@law
@given(grown())
def test_one_container_more_keeps_the_order_of_all_boxes_of_each_kind(pair):
    before, after = map(scene, pair)
    for kind in (NodeKind.NETWORK, NodeKind.CONTAINER, NodeKind.PORT, NodeKind.CARD):
        old = [name for name in rows(before) if before.node(name).kind is kind]
        there = set(old)
        assert [name for name in rows(after) if name in there] == old


@law
@given(grown())
def test_one_container_more_moves_nothing_that_stands_above_it(pair):
    before, after = map(scene, pair)
    old = {node.id: node for node in before.nodes}
    new = [node for node in after.nodes if node.id not in old]
    added = [node for node in new if node.kind is NodeKind.CONTAINER]
    top = min(node.y for node in added)
    for node in after.nodes:
        was = old.get(node.id)
        if was is None:
            continue
        assert node.y >= was.y, node.id  # what moves, moves down
        if was.kind is NodeKind.CONTAINER and node.y < top:
            assert node.y == was.y, node.id


@law
@given(grown())
def test_one_container_more_moves_a_column_as_a_whole_or_not_at_all(pair):
    before, after = map(scene, pair)
    old = {node.id: node for node in before.nodes}
    for kind in (NodeKind.NETWORK, NodeKind.BRIDGE, NodeKind.CONTAINER, NodeKind.CARD):
        moved = {
            node.x - old[node.id].x
            for node in after.nodes
            if node.id in old and node.kind is kind
        }
        assert len(moved) <= 1, kind
        assert all(distance >= 0 for distance in moved)


@law
@given(grown())
def test_one_container_more_keeps_the_colour_of_every_network(pair):
    before, after = map(scene, pair)
    for node in before.nodes:
        if node.kind in {NodeKind.NETWORK, NodeKind.BRIDGE}:
            assert after.node(node.id).colour == node.colour


LINES = [
    "run -d --name late nginx",
    "run -d --name late --network app -p 9090:80 nginx",
    "run -d --name late --network back redis",
    "run -d --name late --network host nginx",
    "run -d --name late --network container:web busybox sleep 9",
    "create --name late --network app nginx",
    "network create late",
]


@pytest.mark.parametrize("line", LINES)
def test_what_came_and_went_leaves_the_picture_as_it_was(line):
    docker = engine(*SHOP)
    before = docker.draw()
    assert docker(line).ok
    assert docker.draw().scene != before.scene
    gone = "network rm late" if line.startswith("network") else "rm --force late"
    assert docker(gone).ok
    assert docker.draw().scene == before.scene
    assert docker.draw().svg == before.svg


@pytest.mark.parametrize("line", LINES)
def test_what_is_undone_leaves_the_picture_as_it_was(line):
    docker = engine(*SHOP)
    before = docker.draw().svg
    assert docker(line).ok
    docker.back()
    assert docker.draw().svg == before
