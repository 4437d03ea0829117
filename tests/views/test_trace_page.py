"""The page with a slider: every hop a step, by keys, aloud, and nobody is asked."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given

from minidock.views.journey import Journey
from minidock.views.trace_page import trace_page
from tests.server.browser import browser_in, program
from tests.views.drawn import engine
from tests.views.strategies_views import law
from tests.views.svgs import ELEMENTS, HOSTILE
from tests.views.traces import STORIES, walked

PAGE = set(
    "html head meta title style body main h1 h2 p div button input span ol li script".split()
)


class Page(HTMLParser):
    """Elements, attributes, and the texts of each kind of element."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if self._open:
            self.texts[self._open[-1]][-1] += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def read(made, trace):
    return Page(Journey(made, trace).html)


def safe_page(text):
    """The page as it is read, once it is sure that nothing hostile is in it."""
    page = Page(text)
    for tag, attrs in page.elements:
        assert tag in PAGE | {name.lower() for name in ELEMENTS}, tag
        for name, value in attrs.items():
            assert not name.startswith("on")
            assert name not in {"style", "src", "href", "srcdoc", "action"}
            assert "http" not in (value or "") or name == "xmlns"
    return page


def digest(text):
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# -- examples --------------------------------------------------------------------------


def test_every_hop_is_a_step_of_the_slider_and_an_entry_of_the_list():
    made, trace = STORIES["published"]()
    page = read(made, trace)
    (slider,) = [a for a in page.all("input") if a["type"] == "range"]
    assert (slider["min"], slider["max"]) == ("1", str(len(trace.hops)))
    hops = [attrs["data-hop"] for attrs in page.all("li")]
    assert hops == [str(hop.number) for hop in trace.hops]
    assert page.texts["li"][0].endswith(trace.hops[0].decision)


def test_what_happens_is_said_aloud_and_every_control_has_a_name():
    page = read(*STORIES["published"]())
    (said,) = [a for a in page.all("p") if a.get("id") == "said"]
    assert (said["role"], said["aria-live"]) == ("status", "polite")
    controls = page.all("button") + page.all("input")
    assert all(attrs["aria-label"] for attrs in controls)


def test_without_a_script_there_is_no_slider_that_does_nothing():
    page = read(*STORIES["published"]())
    hidden = {a.get("id") for _, a in page.elements if "hidden" in a}
    assert hidden == {"steps", "said"}


def test_a_journey_without_hops_has_neither_slider_nor_script():
    page = read(*STORIES["nothing"]())
    assert not page.all("script")
    assert not page.all("input")


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_nothing_else():
    page = read(*STORIES["published"]())
    (policy,) = [
        attrs["content"]
        for attrs in page.all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (script,), (style,) = page.texts["script"], page.texts["style"]
    assert f"script-src {digest(script)}" in policy
    assert f"style-src {digest(style)}" in policy
    assert "innerHTML" not in script


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_text_in_the_page(name):
    made, trace = STORIES["published"]()
    hops = tuple(
        replace(hop, place=name, decision=name, entry=name) for hop in trace.hops
    )
    hostile = replace(trace, source=name, target=name, why=name, hops=hops)
    page = safe_page(Journey(made, hostile).html)
    honest = read(made, trace)
    assert page.texts["script"] == honest.texts["script"]
    assert len(page.all("li")) == len(honest.all("li"))


# -- laws ------------------------------------------------------------------------------


@law
@given(walked())
def test_the_page_of_any_journey_is_harmless_and_tells_every_hop(pair):
    made, trace = pair
    page = safe_page(trace_page(trace, Journey(made, trace).svg))
    assert len(page.all("li")) == len(trace.hops)
    bubbles = {
        number
        for attrs in page.all("g")
        if (attrs.get("class") or "").startswith("bubble")
        for number in re.findall(r"\d+", attrs["data-hops"])
    }
    assert {attrs["data-hop"] for attrs in page.all("li")} >= bubbles


# -- in a browser ----------------------------------------------------------------------

FADED = "document.querySelectorAll('.bubble.ahead').length"
COUNT = "document.getElementById('count')?.textContent"
SAID = "document.getElementById('said').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program()
    with browser_in(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def journey():
    docker = engine("network create app", "run -d --name web --network app nginx")
    return docker.trace("host", "web:80")


def test_a_browser_steps_hop_by_hop_with_the_keyboard_alone(browser, journey, tmp_path):
    path = tmp_path / "journey.html"
    path.write_text(journey.html, encoding="utf-8")
    last = len(journey.hops)
    browser.open(path.as_uri())
    browser.until(f"{COUNT} == 'Hop 1 of {last}'")
    assert browser.look(FADED) > 0
    for key, hop in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        browser.press(key)
        browser.until(f"{COUNT} == 'Hop {hop} of {last}'")
        assert journey.hops[hop - 1].decision in browser.look(SAID)
    browser.press("End")
    browser.until(f"{COUNT} == 'Hop {last} of {last}'")
    assert browser.look(FADED) == 0
    browser.press("ArrowRight")  # there is no hop after the last one
    browser.press("Home")
    browser.until(f"{COUNT} == 'Hop 1 of {last}'")
    browser.press("Tab")
    browser.press("Tab")  # from the button back to the slider itself
    assert browser.look("document.activeElement.id") == "hop"
    browser.press("ArrowRight")  # once, not twice
    browser.until(f"{COUNT} == 'Hop 2 of {last}'")
    assert set(browser.requests) == {path.as_uri()}
    assert browser.complaints == []


def test_a_browser_moves_the_packet_unless_somebody_asked_for_less_motion(
    browser, journey, tmp_path
):
    path = tmp_path / "journey.svg"
    path.write_text(journey.animated_svg, encoding="utf-8")
    moving = {}
    for wish in ("no-preference", "reduce"):
        feature = {"name": "prefers-reduced-motion", "value": wish}
        browser.call("Emulation.setEmulatedMedia", features=[feature])
        browser.open(path.as_uri())
        browser.until("document.readyState == 'complete' && document.rootElement")
        moving[wish] = browser.look("document.getAnimations().length")
    browser.call("Emulation.setEmulatedMedia", features=[])
    assert moving["no-preference"] > len(journey.hops)
    assert moving["reduce"] == 0
