"""The drawing for terminals, and the trees that it is made of."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.views.measure import cells, clip, fit, pixels
from minidock.views.scene import scene
from minidock.views.text import text
from minidock.views.tree import ASCII, LINES, Branch, forest
from tests.views.drawn import SHOP, world
from tests.views.strategies_views import law, worlds

widths = st.integers(1, 120)
words = st.text(alphabet=st.sampled_from("ab é日\t"), max_size=30)
trees = st.recursive(
    words.map(Branch),
    lambda inner: st.builds(Branch, words, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=12,
)


def test_a_host_is_a_tree_of_networks_and_containers():
    made = world(
        "network create app",
        "run -d --name web --network app -p 8080:80 nginx",
        "run -d --name side --network container:web busybox sleep 1000",
    )
    app, web = (
        next(n for n in made.networks.values() if n.name == "app"),
        made.names["web"],
    )
    veth = made.containers[web].endpoints[0].host_interface
    assert text(scene(made)).splitlines() == [
        "docker-host, as Docker 28",
        "├─ eth0 192.0.2.2/24 ══ outside 192.0.2.1",
        "├─ network bridge 172.17.0.0/16, bridge docker0 172.17.0.1, out: masquerade",
        f"└─ network app 172.18.0.0/16, bridge {app.bridge.name} 172.18.0.1, out: masquerade",
        "   └─ web (nginx)",
        f"      ├─ eth0 172.18.0.2/16 ══ {veth}",
        "      ├─ 80/tcp ◀── 0.0.0.0:8080, [::]:8080",
        "      └─ side (busybox), shares web's stack",
    ]


def test_a_cable_into_another_network_says_which():
    drawn = text(scene(world(*SHOP))).splitlines()
    line = next(item for item in drawn if "eth1 172.19.0.3/16" in item)
    assert line.endswith("══ network back")


def test_modes_and_states_are_said_in_words():
    drawn = text(scene(world(*SHOP)), 200)
    assert "spare (nginx), created, starts on app" in drawn
    assert "127.0.0.1:9000-9001 (this host only)" in drawn
    assert "network none, only lo inside" in drawn
    assert "internal: no way out" in drawn


@law
@given(worlds(), widths)
def test_no_line_of_a_drawing_is_wider_than_asked(made, width):
    for line in text(scene(made), width).splitlines():
        assert cells(line) <= width


@law
@given(worlds())
def test_a_drawing_in_plain_ascii_has_no_other_character(made):
    assert text(scene(made), ascii_only=True).isascii()


@law
@given(worlds())
def test_every_container_of_a_drawing_is_named(made):
    drawn = text(scene(made), 500)
    assert all(f"{container.name} (" in drawn for container in made.containers.values())


@law
@given(trees, widths, st.sampled_from([LINES, ASCII]))
def test_a_tree_is_never_wider_than_asked(tree, width, glyphs):
    assert all(cells(line) <= width for line in forest([tree], width, glyphs))


@law
@given(trees)
def test_a_tree_without_a_limit_has_one_line_for_each_text(tree):
    def count(branch):
        return 1 + sum(count(item) for item in branch.branches)

    assert len(list(forest([tree], 10_000))) == count(tree)


def test_a_long_text_goes_on_below_itself_and_a_long_word_is_cut():
    assert list(forest([Branch("one two"), Branch("unbreakable")], width=7)) == [
        "one two",
        "unbrea…",
    ]
    assert list(forest([Branch("a", (Branch("one two three"),))], width=12)) == [
        "a",
        "└─ one two",
        "      three",
    ]


@law
@given(st.text(max_size=40), widths)
def test_a_clipped_text_fits_and_is_untouched_if_it_did_before(value, width):
    short = clip(value, width)
    assert cells(short) <= width
    assert cells(value) > width or short == value


@law
@given(st.text(max_size=40), widths, st.booleans())
def test_a_fitted_text_fits_and_is_untouched_if_it_did_before(value, room, mono):
    short = fit(value, room, 12, mono=mono)
    assert pixels(short, 12, mono=mono) <= room
    assert pixels(value, 12, mono=mono) > room or short == value
