"""What a notebook shows: the right form of each thing, harmless whatever it is called."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.host.rules import rules
from minidock.ipam.pool import Pool
from minidock.labs.report import Finding, RefusedLine, Report
from minidock.model.maps import Map
from minidock.packet.trace import Outcome
from minidock.views.diff import Difference, Section
from minidock.views.drawing import draw
from minidock.views.hosts import hosts_svg
from minidock.views.markup import fenced, plain_markdown, table
from minidock.views.matrix import Matrix
from minidock.views.pool_map import pool_map
from minidock.views.pool_svg import pool_svg
from minidock.views.rule_svg import rules_svg
from minidock.views.trace_svg import trace_svg
from tests.views.drawn import SHOP, engine
from tests.views.strategies_views import law, worlds
from tests.views.svgs import HOSTILE, read
from tests.views.traces import walked

TABLE = {"table", "caption", "thead", "tbody", "tr", "th", "td", "abbr"}


class Reader(HTMLParser):
    """The elements, attributes and texts of a page, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.texts = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.texts.append(data)


def harmless(page):
    """The page as it is read, once it is sure that it is a table and nothing else."""
    reader = Reader(page)
    assert set(reader.elements) <= TABLE
    allowed = {"class", "scope", "title", "style", "data-outcome"}
    assert set(reader.attributes) <= allowed
    return reader


class Reach:
    """Two hostile containers that reach nobody."""

    def __init__(self, names):
        self.sources, self.targets = tuple(names), tuple(f"{n}:80/tcp" for n in names)

    def outcome(self, source, target):
        assert source in self.sources
        assert target in self.targets
        return Outcome.DROPPED

    def trace(self, source, target):
        raise NotImplementedError


def test_a_notebook_gets_the_form_that_fits_each_thing():
    docker = engine(*SHOP)
    journey = docker.trace("web", "api:9000")
    forms = {
        "drawing": docker.draw(),
        "journey": journey,
        "pool": docker.pool("app"),
        "rules": docker.rules(),
        "matrix": docker.reachability(),
        "difference": docker.diff(),
    }
    kinds = {
        name: [
            kind
            for kind in ("svg", "html", "markdown")
            if hasattr(thing, f"_repr_{kind}_")
        ]
        for name, thing in forms.items()
    }
    assert kinds == {
        "drawing": ["svg"],
        "journey": ["svg"],
        "pool": ["svg"],
        "rules": ["svg"],
        "matrix": ["html", "markdown"],
        "difference": ["html", "markdown"],
    }
    for name in ("drawing", "journey", "pool", "rules"):
        read(forms[name]._repr_svg_())
    for name in ("matrix", "difference"):
        harmless(forms[name]._repr_html_())


def test_a_difference_is_a_table_that_says_what_came_and_what_went():
    docker = engine("network create --internal back")
    page = harmless(docker.diff().html)
    assert "What changed: " in page.texts[1]
    row = page.texts.index("back: bridge 172.18.0.0/16, gateway 172.18.0.1, internal")
    assert page.texts[row - 1] == "+"
    assert docker.diff()._repr_markdown_().startswith("```diff\nnetworks\n+ back: ")


def test_no_difference_says_so():
    docker = engine()
    assert docker.diff()._repr_markdown_() == "```diff\nnothing changed\n```\n"
    assert "What changed: 0 lines" in docker.diff()._repr_html_()


def test_a_report_of_a_lab_is_a_table_for_a_notebook():
    report = Report(
        lab="pools",
        findings=(
            Finding(that="web reaches db", ok=True),
            Finding(that="db is alone", ok=False, seen="delivered", why="one bridge"),
        ),
        refused=(RefusedLine(number=3, text="docker run", said="no image"),),
    )
    page = harmless(report._repr_html_())
    assert "pools: failed, 1 of 2 are met" in page.texts
    assert [text for text in page.texts if text in {"ok", "not ok", "line 3"}] == [
        "ok",
        "not ok",
        "line 3",
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_texts_in_every_table(name):
    harmless(Matrix(Reach([name, "web"]))._repr_html_())
    harmless(Difference((Section(name, (f"+ {name}", f"- {name}")),))._repr_html_())
    finding = Finding(that=name, ok=False, seen=name, why=name)
    line = RefusedLine(number=1, text=name, said=name, why=name)
    report = Report(lab=name, findings=(finding,), refused=(line,), nothing=name)
    harmless(report._repr_html_())
    json.dumps(report.json)


@pytest.mark.parametrize("name", [*HOSTILE, "```\n# gone", "[a](b)", "| a |", "*a*"])
def test_hostile_names_are_texts_in_markdown(name):
    shown = Matrix(Reach([name]))._repr_markdown_()
    for sign in "<>[]*_`":
        assert sign not in shown.replace("&#", "")
    assert len({line.count("|") for line in shown.splitlines()[:3]}) == 1
    block = Difference((Section("networks", (f"+ {name}",)),))._repr_markdown_()
    first, *inside, last = block.rstrip("\n").split("\n")
    assert first == f"{last}diff"
    assert not any(last in line for line in inside)


texts = st.text() | st.sampled_from(HOSTILE) | st.text("`~\n ")


@given(texts)
def test_a_fence_is_closed_by_its_own_end_alone(text):
    first, *inside, last = fenced(text).rstrip("\n").split("\n")
    assert first == last
    assert set(first) == {"`"}
    assert not any(first in line for line in inside)


@given(texts)
def test_no_sign_of_markdown_is_left_in_a_plain_text(text):
    assert not set(plain_markdown(text)) & set("<>[]()*_`|\\!~\n\r")


@given(texts, st.lists(st.tuples(texts, texts), max_size=3))
def test_a_table_shows_every_cell_as_text(caption, rows):
    page = harmless(table("x", caption, ("a", "b"), rows))
    assert page.elements.count("tr") == len(rows) + 1
    shown = "".join(page.texts)
    for row in rows:
        for cell in row:
            assert not cell.isprintable() or cell in shown


# -- every picture ---------------------------------------------------------------------


def pools_of(made):
    """The pool of each network, in which its containers hold their addresses."""
    pools = {}
    for network in made.networks.values():
        if network.pool is not None:
            pool = Pool.open(network.pool.subnet)
            for container in made.containers.values():
                for endpoint in container.endpoints:
                    if endpoint.network_id == network.id:
                        pool, _ = pool.allocate(endpoint.address)
            pools[network.pool.key] = pool
    return pools


@law
@given(worlds(), st.sampled_from(HOSTILE))
def test_every_picture_of_a_host_is_harmless_whatever_its_things_are_called(made, name):
    containers = {
        key: replace(container, name=f"{container.name} {name}")
        for key, container in made.containers.items()
    }
    hostile = replace(made, containers=Map(containers), pools=Map(pools_of(made)))
    picture = draw(hostile)
    read(picture.svg)
    read(hosts_svg([hostile, made]))
    read(rules_svg(rules(hostile)))
    for network in hostile.networks.values():
        if network.pool is not None:
            shown = pool_map(hostile, network.id)
            assert sum(name in who for _, (_, who) in shown.held()) == sum(
                endpoint.network_id == network.id and name.isprintable()
                for container in containers.values()
                for endpoint in container.endpoints
            )
            read(pool_svg(shown))


@law
@given(walked(), st.sampled_from(HOSTILE))
def test_every_picture_of_a_journey_is_harmless_whatever_its_ends_are_called(
    pair, name
):
    made, trace = pair
    hostile = replace(trace, source=name, target=name, server=name, why=name)
    root = read(trace_svg(made, hostile))
    hops = {item.get("data-hops") for item in root.iter() if item.get("data-hops")}
    assert bool(hops) is bool(trace.hops)  # what a page's slider goes by
