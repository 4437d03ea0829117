"""The moving picture: the still one with a dot, without a script, for whoever wants it."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from minidock.views.journey import Journey
from minidock.views.trace_motion import animated_svg, beats
from minidock.views.trace_scene import trace_scene
from minidock.views.trace_svg import trace_svg
from tests.views.drawn import engine
from tests.views.strategies_views import law
from tests.views.svgs import HOSTILE, SVG, read
from tests.views.traces import STORIES, walked

_STYLE = re.compile(r"<style>(.*?)</style>\n")
_DOT = re.compile(r'<g class="packet" opacity="0">.*?</g>\n')
_OURS = re.compile(r'[-A-Za-z0-9_ .,:;%@{}()\[\]="]*')


def sheet(picture):
    (found,) = _STYLE.findall(picture)
    return found


def still(picture):
    """What is left without the style sheet and the dot."""
    left, count = _DOT.subn("", _STYLE.sub("", picture))
    assert count == len(_STYLE.findall(picture)) <= 1
    return re.sub(r' moves-[0-9a-f]{8}"', '"', left, count=1)


# -- examples --------------------------------------------------------------------------


def test_the_dot_goes_from_bubble_to_bubble_there_and_back():
    made, trace = STORIES["published"]()
    scene = trace_scene(made, trace)
    found = beats(scene)
    assert [beat.hops for beat in found][:2] == [(1, 2), (3,)]
    assert found[0].at.x < found[4].at.x  # from outside to the container ...
    assert found[-1].at == found[0].at or found[-1].at.x < 200  # ... and back
    assert len(found) == len(scene.bubbles)


def test_a_trace_without_hops_has_nothing_that_moves():
    made, trace = STORIES["nothing"]()
    assert animated_svg(made, trace) == trace_svg(made, trace)


def test_two_moving_pictures_on_one_page_do_not_move_each_other():
    one, other = (animated_svg(*STORIES[name]()) for name in ("published", "refused"))
    names = [set(re.findall(r"moves-[0-9a-f]{8}", text)) for text in (one, other)]
    assert len(names[0]) == len(names[1]) == 1
    assert names[0] != names[1]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_gets_into_the_style_sheet(name):
    docker = engine("run -d --name web nginx")
    journey = docker.trace("host", "web:80")
    hostile = Journey(journey.world, replace_words(journey.trace, name))
    assert sheet(hostile.animated_svg).replace(mark(hostile), "") == sheet(
        journey.animated_svg
    ).replace(mark(journey), "")


def mark(journey):
    return re.search(r"moves-[0-9a-f]{8}", journey.animated_svg).group()


def replace_words(trace, name):
    hops = tuple(replace(hop, decision=name, entry=name) for hop in trace.hops)
    return replace(trace, source=name, target=name, why=name, hops=hops)


def test_a_journey_has_its_moving_picture():
    made, trace = STORIES["published"]()
    assert Journey(made, trace).animated_svg == animated_svg(made, trace)


# -- laws ------------------------------------------------------------------------------


@law
@given(walked())
def test_the_moving_picture_without_its_style_sheet_is_the_still_one(pair):
    assert still(animated_svg(*pair)) == trace_svg(*pair)
    if pair[1].hops:
        read(still(animated_svg(*pair)))


@law
@given(walked())
def test_every_hop_comes_out_once_in_the_order_of_the_journey(pair):
    found = beats(trace_scene(*pair))
    hops = [number for beat in found for number in beat.hops]
    assert hops == [hop.number for hop in pair[1].hops]
    for one, other in pairwise(found):
        assert one.start < other.start


@law
@given(walked())
def test_whoever_asks_for_less_motion_gets_the_still_picture(pair):
    picture = animated_svg(*pair)
    if pair[1].hops:
        before, _, after = sheet(picture).partition(
            "@media (prefers-reduced-motion:no-preference){"
        )
        assert re.fullmatch(r"(@keyframes [-\w]+\{([\d.%a-z]+\{[^{}]*\})+\})*", before)
        depth = 1
        for sign in after:
            depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth == 0  # all that moves is within
        assert "animation:" not in before


@law
@given(walked())
def test_every_bubble_has_its_moment_and_is_out_at_the_end(pair):
    picture = animated_svg(*pair)
    if not pair[1].hops:
        return
    rules = sheet(picture)
    assert _OURS.fullmatch(rules)
    moments = dict(
        re.findall(
            r'\.bubble\[data-hops="([\d-]+)"\]\{animation-delay:([\d.]+)s\}', rules
        )
    )
    for bubble in ET.fromstring(picture).iter(f"{SVG}g"):
        if (bubble.get("class") or "").startswith("bubble"):
            assert bubble.get("data-hops") in moments
    assert "to{opacity:1}}" in rules
    assert "linear both}" in rules
    last = max(map(float, moments.values()))
    whole = float(re.search(r"-go ([\d.]+)s linear", rules).group(1))
    assert last < whole


@law
@given(walked())
def test_the_dot_stays_within_the_picture(pair):
    scene = trace_scene(*pair)
    for beat in beats(scene):
        assert 0 <= beat.at.x <= scene.width
        assert 0 <= beat.at.y <= scene.height
