"""The flowchart for Markdown."""

import re

from hypothesis import given

from minidock.views.mermaid import mermaid
from minidock.views.scene import scene
from tests.views.drawn import SHOP, world
from tests.views.strategies_views import law, worlds

BOX = re.compile(r'^(subgraph )?n\d+(\[\[|\(\[|\[)"[^"]*"(\]\]|\]\)|\])(:::stopped)?$')
LINE = re.compile(r'^n\d+ (---|-\.-|-->)(\|"[^"]*"\|)? n\d+$')
OTHER = {"flowchart LR", "end", "classDef stopped stroke-dasharray:5 4,opacity:0.6"}


def lines(made):
    return [line.strip() for line in mermaid(scene(made)).splitlines()]


def named(made, text):
    """The identifier of the box whose text begins so."""
    return next(
        re.match(r"(subgraph )?(n\d+)", x)[2] for x in lines(made) if f'"{text}' in x
    )


def test_containers_stand_in_the_subgraph_of_their_network():
    drawn = lines(world(*SHOP))
    start = next(n for n, line in enumerate(drawn) if '"back 172.19.0.0/16' in line)
    assert '"db<br/>redis"' in "".join(drawn[start : drawn.index("end", start)])


def test_a_published_port_leads_from_outside_to_the_container():
    made = world(*SHOP)
    port, web = named(made, "0.0.0.0:8080"), named(made, "web")
    assert f"{named(made, 'outside')} --> {port}" in lines(made)
    assert f'{port} -->|"80/tcp"| {web}' in lines(made)


def test_a_port_for_the_host_alone_is_not_reached_from_outside():
    made = world(*SHOP)
    port = named(made, "127.0.0.1:9000")
    assert not any(line.endswith(f"--> {port}") for line in lines(made))


def test_a_cable_says_interface_and_address():
    assert any('|"eth1 172.19.0.3/16"|' in line for line in lines(world(*SHOP)))


def test_an_internal_network_has_no_line_to_the_card():
    made = world(*SHOP)
    out = [
        line for line in lines(made) if line.startswith(f"{named(made, 'eth0')} -.-")
    ]
    assert len(out) == 3  # bridge, app, and the host's own stack


@law
@given(worlds())
def test_every_line_of_mermaid_is_of_a_known_form_whatever_things_are_called(made):
    for line in lines(made):
        assert line in OTHER or BOX.match(line) or LINE.match(line), line


@law
@given(worlds())
def test_subgraphs_are_closed_and_lines_join_boxes_that_are_there(made):
    drawn = lines(made)
    assert sum(x.startswith("subgraph") for x in drawn) == drawn.count("end")
    boxes = {re.search(r"n\d+", x)[0] for x in drawn if BOX.match(x)}
    used = {
        name
        for x in drawn
        if LINE.match(x)
        for name in re.findall(r"\bn\d+\b", re.sub(r'"[^"]*"', "", x))
    }
    assert used <= boxes
