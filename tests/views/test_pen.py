"""The one writer and its palette: well-formed, harmless, readable by everybody."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.views import pen
from minidock.views.geometry import Frame, Label, Point, Role, fitted, middled
from minidock.views.markup import safe
from minidock.views.palette import (
    AMBER,
    BAD,
    CELLS,
    EDGE,
    FADED,
    GOOD,
    GREY,
    HOST,
    NETWORKS,
    OUTSIDE,
    PAPER,
    SOFT,
    TEXT,
    TUNNEL,
    WHITE,
    contrast,
    luminance,
)
from tests.views.svgs import HOSTILE, read

ROOT = Path(__file__).resolve().parents[2]
GROUNDS = {
    "paper": (PAPER, [TEXT, SOFT, TUNNEL]),
    "host": (HOST, [TEXT, SOFT, *(ink.line for ink in NETWORKS)]),
    "white": (WHITE, [TEXT, SOFT, GOOD, BAD, *(ink.line for ink in NETWORKS)]),
    "outside": (OUTSIDE.paper, [TEXT, SOFT]),
    "faded": (FADED.paper, [SOFT]),
    "grey": (GREY.paper, [TEXT, GREY.line]),
    "way": (AMBER, [TEXT]),
    "good": (GOOD, [WHITE]),
    "bad": (BAD, [WHITE]),
    "dark door": (TEXT, [WHITE]),
}
"""Which texts stand on which ground."""


@pytest.mark.parametrize("name", GROUNDS)
def test_every_text_has_enough_contrast_with_its_ground(name):
    ground, inks = GROUNDS[name]
    for ink in inks:
        assert contrast(ink, ground) >= 4.5, (ink, ground)


@pytest.mark.parametrize("ink", [*NETWORKS, GREY, *CELLS])
def test_every_ink_has_enough_contrast_with_its_own_paper(ink):
    assert contrast(ink.line, ink.paper) >= 4.5


def test_the_cells_of_a_pool_are_told_apart_in_grey():
    grounds = [ink.paper for ink in CELLS]
    for one, other in pairwise(grounds):
        assert luminance(one) > luminance(other)  # from free to taken ever darker
        assert contrast(one, other) >= 1.25, (one, other)


def test_the_way_of_a_packet_is_told_apart_in_grey():
    assert contrast(EDGE, AMBER) >= 3
    assert contrast(EDGE, HOST) >= 3  # a band has an edge that is seen on any ground
    for ink in NETWORKS:
        assert contrast(AMBER, ink.line) >= 3


def test_the_bits_of_network_host_and_difference_are_told_apart_in_grey():
    grounds = sorted([CELLS[4].paper, WHITE, AMBER], key=luminance)
    for one, other in pairwise(grounds):
        assert contrast(one, other) >= 1.4


def test_contrast_is_that_of_wcag():
    assert round(contrast("#000000", "#ffffff"), 3) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # WCAG's own example
    assert contrast("#abcdef", "#123456") == contrast("#123456", "#abcdef")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_text_wherever_it_is_written(name):
    inside = [
        pen.group(
            pen.box(Frame(0, 0, 9, 9), WHITE, data_name=name),
            pen.words(Label(name, Point(1, 2), Role.NAME)),
            title=name,
            class_=name,
        )
    ]
    picture = pen.document((9, 9), inside, title=name, description=name)
    root = read(picture)
    assert len(list(root.iter())) == 8
    (said,) = root.iter("{http://www.w3.org/2000/svg}text")
    assert said.text == root[0].text


SOURCES = [
    path
    for package in ("minidock/views", "minidock/server", "minidock/cli", "k8s_bridge")
    for path in sorted((ROOT / package).rglob("*.py"))
]
_OPENS = re.compile(r"<(svg|g|rect|line|polyline|polygon|circle|text) [a-z]+=")


def test_only_one_module_writes_elements_of_a_picture():
    writers = {
        path.name
        for path in SOURCES
        for text in strings(ast.parse(path.read_text(encoding="utf-8")))
        if _OPENS.search(text)
    }
    assert writers == {"pen.py"}


def strings(tree):
    """The texts of a module that are no docstrings."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in docs:
            yield text


names = st.text(max_size=30)


@given(names, names, st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9))
def test_an_element_is_read_back_as_it_was_written(text, attribute, number):
    made = pen.element("g", safe(text), data_of=attribute, size=number, gone=None)
    item = ET.fromstring(made)
    assert "gone" not in item.attrib
    assert float(item.get("size")) == pytest.approx(float(number), rel=1e-9)
    if attribute.isprintable():
        assert item.get("data-of") == attribute
    if text.isprintable():
        assert (item.text or "") == text


frames = st.builds(
    Frame,
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(9, 300),
    st.integers(9, 60),
)


@given(names, frames, st.sampled_from(Role))
def test_a_text_in_the_middle_of_a_frame_is_within_its_sides(text, frame, role):
    label = middled(text, frame, role)
    assert frame.x <= label.left
    assert label.left + label.width <= frame.right + 1


@given(names, st.integers(0, 400), st.sampled_from(Role))
def test_a_text_that_was_cut_fits_its_room(text, room, role):
    assert fitted(text, Point(0, 0), role, room).width <= room


@given(frames, frames)
def test_frames_meet_exactly_if_they_share_a_pixel(one, other):
    columns = set(range(one.x, one.right)) & set(range(other.x, other.right))
    rows = set(range(one.y, one.bottom)) & set(range(other.y, other.bottom))
    assert one.meets(other) is bool(columns and rows)
    assert one.meets(other) is other.meets(one)
    assert not one.holds(other) or one.meets(other)
