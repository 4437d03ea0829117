"""What a switch hears, as a table and as a picture."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import NotFound
from minidock.net.mac import MAC
from minidock.topology.switch import BROADCAST, Switch
from minidock.views.geometry import Frame
from minidock.views.switch_svg import listened, panels, talk
from tests.views.svgs import HOSTILE, SVG, read

A, B, C = (MAC(0x0200_0000_000A + number) for number in range(3))
NAMES = {A: "A", B: "B", C: "C"}
PORTS = ("port1", "port2", "port3")
SWITCH = Switch(name="br0", ports=PORTS)
frames = st.lists(
    st.tuples(
        st.sampled_from([A, B, C]),
        st.sampled_from([A, B, C, BROADCAST]),
        st.sampled_from([*PORTS, "br0"]),
    ),
    max_size=7,
)


def test_a_question_and_its_answer_are_two_lines_and_two_panels():
    shown = talk(SWITCH, [(A, BROADCAST, "port1"), (B, A, "port2")], NAMES)
    assert str(shown).splitlines() == [
        "#  from  for        in     out                known then",
        "1  A     everybody  port1  port2, port3, br0  A at port1",
        "2  B     A          port2  port1              A at port1, B at port2",
    ]
    root = read(shown.svg)
    assert [g.get("data-frame") for g in root.iter(f"{SVG}g") if g.get("class")] == [
        "1",
        "2",
    ]


def test_a_frame_that_leaves_nowhere_says_so():
    shown = talk(SWITCH, [(A, B, "port1"), (B, A, "port1")], NAMES)
    assert str(shown).splitlines()[2].split()[:5] == ["2", "B", "A", "port1", "nowhere"]


def test_a_switch_that_heard_nothing_is_a_picture_all_the_same():
    assert str(talk(SWITCH, [])) == "#  from  for  in  out  known then"
    assert "Nothing yet." in talk(SWITCH, []).svg


def test_a_port_that_is_not_there_is_refused_before_anything_is_drawn():
    with pytest.raises(NotFound):
        talk(SWITCH, [(A, B, "port9")])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_station_may_be_called_whatever_it_likes(name):
    switch = Switch(name=name, ports=(f"{name}1", f"{name}2"))
    read(talk(switch, [(A, BROADCAST, f"{name}1")], {A: name}).svg)


@given(frames)
def test_a_port_in_the_picture_is_marked_exactly_if_the_frame_passed_it(said):
    for panel, one in zip(
        panels(listened(SWITCH, said)), listened(SWITCH, said), strict=True
    ):
        ways = {row.port: row.way for row in panel.rows}
        assert {port for port, way in ways.items() if way == "in"} == {one.port}
        assert {port for port, way in ways.items() if way == "out"} == {*one.out}


@given(
    frames, st.sampled_from([NAMES, {}, {A: "a name that is much too long for it" * 3}])
)
def test_panels_of_a_switch_do_not_overlap_and_stay_within_the_picture(said, names):
    placed = panels(listened(SWITCH, said), names)
    root = read(talk(SWITCH, said, names).svg)
    paper = Frame(0, 0, int(root.get("width")), int(root.get("height")))
    for one, other in combinations([row for p in placed for row in p.rows], 2):
        assert not one.frame.meets(other.frame)
    for panel in placed:
        assert paper.holds(panel.heading.frame)
        assert not any(panel.heading.frame.meets(row.frame) for row in panel.rows)
        for row in panel.rows:
            assert paper.holds(row.frame)
            assert all(row.frame.holds(label.frame) for label in row.labels)
            for one, other in combinations(row.labels, 2):
                assert not one.frame.meets(other.frame)


@given(frames)
def test_whoever_is_known_to_a_switch_stands_beside_the_port_where_it_was_heard(said):
    for panel in panels(listened(SWITCH, said), NAMES):
        for entry in panel.heard.switch.table:
            row = next(row for row in panel.rows if row.port == entry.port)
            assert NAMES[entry.mac] in row.labels[-1].text.split(", ")
