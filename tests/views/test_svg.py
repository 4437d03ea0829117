"""The picture: well-formed, accessible, and readable on any page."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from minidock.views.canvas import Role
from minidock.views.palette import GREY, HOST, NETWORKS, SOFT, TEXT, contrast
from minidock.views.scene import scene
from minidock.views.svg import svg
from tests.views.drawn import SHOP, world
from tests.views.strategies_views import law, worlds

SVG = "{http://www.w3.org/2000/svg}"


def tree(made):
    return ET.fromstring(svg(scene(made)))


def marked(root, attribute):
    return [item.get(attribute) for item in root.iter() if item.get(attribute)]


# -- examples --------------------------------------------------------------------------


def test_a_screen_reader_hears_every_network_and_container():
    root = tree(world(*SHOP))
    assert root.get("role") == "img"
    assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    said = root[1].text
    assert "Container api from python is running, eth0 on app: 172.18.0.3/16" in said
    assert "127.0.0.1:9000-9001 leads to 9000-9001/tcp" in said
    assert "Network back, 172.19.0.0/16" in said
    assert "internal: no way out" in said


def test_boxes_and_lines_can_be_found_by_what_they_stand_for():
    root = tree(world(*SHOP))
    assert "container:web" in marked(root, "data-node")
    assert "interface:api/eth1" in marked(root, "data-node")
    assert "publish:tcp/0.0.0.0:8080" in marked(root, "data-edge")


def test_stopped_containers_have_a_class_of_their_own():
    root = tree(world(*SHOP))
    faded = [g.get("data-node") for g in root.iter() if "faded" in g.get("class", "")]
    assert faded == ["container:spare"]


def test_lines_that_cross_below_a_network_are_drawn_before_it():
    order = [
        item.get("data-edge") or item.get("data-node")
        for item in tree(world(*SHOP)).iter()
        if item.get("data-edge") or item.get("data-node")
    ]
    assert order.index("publish:tcp/0.0.0.0:8080") < order.index("network:app")


def test_two_pictures_on_one_page_do_not_share_ids_or_styles():
    picture = svg(scene(world(*SHOP)))
    assert " id=" not in picture
    assert "<style" not in picture
    assert "url(#" not in picture


def test_nothing_is_fetched_and_nothing_runs():
    picture = svg(scene(world(*SHOP)))
    assert picture.count("http") == 1  # the name of the SVG namespace
    assert "<script" not in picture


# -- laws ------------------------------------------------------------------------------


@law
@given(worlds())
def test_the_picture_of_a_host_is_well_formed_whatever_things_are_called(made):
    root = tree(made)
    assert root.tag == f"{SVG}svg"
    ids = {item.id for item in scene(made).nodes}
    assert len(marked(root, "data-node")) == len(ids)


@law
@given(worlds())
def test_every_text_of_a_drawing_is_a_text_that_can_be_selected(made):
    drawn = [item.text for item in tree(made).iter(f"{SVG}text")]
    for node in scene(made).nodes:
        for label in node.labels:
            assert (label.text or None) in drawn


@pytest.mark.parametrize("ink", [*NETWORKS, GREY])
def test_lines_and_texts_stand_out_from_their_paper(ink):
    assert contrast(ink.line, HOST) >= 4.5
    assert contrast(ink.line, ink.paper) >= 4.5
    assert contrast(TEXT, ink.paper) >= 7
    assert contrast(SOFT, ink.paper) >= 4.5


def test_small_texts_are_no_smaller_than_ten_pixels():
    assert min(role.size for role in Role) >= 10
