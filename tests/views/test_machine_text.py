"""The machine as a tree."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.host.machine import machine
from minidock.views.machine_text import interface_texts, machine_text
from minidock.views.measure import cells
from tests.topology.strategies_topology import labs
from tests.topology.worlds import web_on_docker0
from tests.views.strategies_views import law, worlds


def test_the_notes_machine():
    assert machine_text(machine(web_on_docker0().world)).splitlines() == [
        "host",
        "├─ lo 127.0.0.1/8 ::1/128",
        "├─ eth0 192.0.2.2/24, MAC 52:9f:cc:32:79:6c",
        "├─ docker0 172.17.0.1/16 (bridge), MAC 02:42:05:39:2a:32",
        "│  └─ vethab852c9 ══ web eth0, MAC 1a:50:56:91:c5:f8",
        "└─ routes",
        "   ├─ default via 192.0.2.1 dev eth0",
        "   ├─ 172.17.0.0/16 dev docker0",
        "   └─ 192.0.2.0/24 dev eth0",
        "web (namespace 200000000000)",
        "├─ lo 127.0.0.1/8",
        "├─ eth0 172.17.0.2/16 ══ vethab852c9 on docker0, MAC 02:42:ac:11:00:02",
        "└─ routes",
        "   ├─ default via 172.17.0.1 dev eth0",
        "   └─ 172.17.0.0/16 dev eth0",
    ]


def test_link_local_addresses_are_shown_on_request():
    made = machine(web_on_docker0().world)
    assert "fe80::" not in machine_text(made)
    assert "fe80::42:5ff:fe39:2a32/64" in machine_text(made, link_local=True)
    assert "fe80::/64 dev docker0" in machine_text(made, link_local=True)


@law
@given(labs())
def test_every_interface_of_a_machine_has_a_line_of_its_own(lab):
    made = machine(lab.world)
    drawn = [line.lstrip("│├└─ ") for line in machine_text(made, 1000).splitlines()]
    for space in made.namespaces:
        for item in space.interfaces:
            assert any(line.split()[0].rstrip(",") == item.name for line in drawn)
    expected = sum(len(space.interfaces) for space in made.namespaces)
    expected += sum(
        len(space.routes) + bool(space.routes) + 1 for space in made.namespaces
    )
    everything = machine_text(made, 1000, link_local=True).splitlines()
    assert len(everything) == expected


@law
@given(labs())
def test_the_two_ends_of_a_cable_name_each_other(lab):
    made = machine(lab.world)
    texts = {(where, name): text for where, name, text in interface_texts(made)}
    for _, port, space, inner in made.pairs():
        assert f"== {space.owner} {inner.name}," in texts["host", port.name]
        assert f"== {port.name} on {port.master}," in texts[space.owner, inner.name]


@law
@given(worlds(), st.integers(1, 120))
def test_no_line_of_a_machine_is_wider_than_asked(made, width):
    for line in machine_text(machine(made), width).splitlines():
        assert cells(line) <= width


@law
@given(worlds())
def test_a_machine_in_plain_ascii_has_no_other_character(made):
    assert machine_text(machine(made), ascii_only=True).isascii()
