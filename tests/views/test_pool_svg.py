"""A pool as a bitmap: every address once, its use told without colours, all in place."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import NotFound
from minidock.ipam.pool import Pool
from minidock.net.prefix import Prefix
from minidock.views.geometry import Frame
from minidock.views.measure import cells
from minidock.views.pool_map import Owner, PoolMap, Use, blocks, pool_map
from minidock.views.pool_svg import pool_scene, pool_svg
from minidock.views.pool_text import pool_text
from tests.views.drawn import engine
from tests.views.strategies_views import law
from tests.views.svgs import HOSTILE, SVG, read, texts

SUBNET = "--subnet 172.28.0.0/29 --ip-range 172.28.0.4/30 --gateway 172.28.0.1"
LINES = (
    f"network create {SUBNET} --aux-address printer=172.28.0.2 app",
    "run -d --name web --network app nginx",
)


def app():
    return pool_map(engine(*LINES).world, "app")


@st.composite
def pool_maps(draw):
    """A pool of any size with some addresses held, some of them by hostile owners."""
    family = draw(st.sampled_from([4, 6]))
    bits = draw(st.sampled_from([0, 1, 2, 3, 5, 6, 8, 9, 12, 16, 24]))
    text = f"10.0.0.0/{32 - bits}" if family == 4 else f"fd00::/{128 - bits}"
    subnet = Prefix.parse(text)
    inside = draw(st.booleans()) and bits >= 2
    limit = Prefix.of(subnet.first, subnet.bits - bits + 1) if inside else None
    pool = Pool.open(subnet, ip_range=limit, point_to_point=draw(st.booleans()))
    count = draw(st.integers(0, 40))
    room = sum(pool.offers(subnet.address(n)) for n in range(min(subnet.size, 64)))
    pool, held = pool.allocate_many(min(count, room))
    owners = {
        address: Owner(
            draw(st.sampled_from([Use.TAKEN, Use.GATEWAY, Use.KEPT])),
            draw(st.sampled_from([*HOSTILE, "web", ""])),
        )
        for address in held
        if draw(st.booleans())
    }
    return PoolMap(pool, owners, draw(st.sampled_from([*HOSTILE, "app", ""])))


# -- examples --------------------------------------------------------------------------


def test_every_address_of_a_small_pool_says_what_it_is_used_for():
    cells_ = pool_scene(app()).cells
    assert [cell.use for cell in cells_] == [
        Use.RESERVED,
        Use.GATEWAY,
        Use.KEPT,
        Use.ON_REQUEST,
        Use.TAKEN,
        Use.FREE,
        Use.FREE,
        Use.RESERVED,
    ]
    assert cells_[4].title == "172.28.0.4: taken, web"
    assert [label.text for label in cells_[2].labels] == ["172.28.0.2", "printer"]


def test_a_screen_reader_hears_who_holds_which_address():
    root = read(pool_svg(app()))
    assert root[0].text.startswith("app: 172.28.0.0/29, range 172.28.0.4/30: 3 of 6")
    assert "172.28.0.4: taken, web." in root[1].text
    assert "Reserved: 172.28.0.0, 172.28.0.7." in root[1].text


def test_kinds_of_cells_differ_in_more_than_their_colour():
    root = read(pool_svg(app()))
    marks = {}
    for item in root.iter(f"{SVG}g"):
        if item.get("class") == "cell":
            ground = item.find(f"{SVG}rect")
            shapes = [part.tag for part in item if part.tag != f"{SVG}text"]
            look = (tuple(shapes), ground.get("stroke-dasharray"))
            marks.setdefault(item.get("data-use"), set()).add(look)
    marks.pop("taken")  # plain as a free one, but dark: the letters are white in it
    looks = [look for found in marks.values() for look in found]
    different = {"free", "free on request", "reserved"}
    assert len({marks[name].pop() for name in different}) == len(different)
    assert looks


def test_a_large_pool_is_shown_by_blocks_and_one_block_is_opened():
    scene = pool_scene(pool_map(engine("run -d --name web nginx").world, "bridge"))
    assert len(scene.cells) == 256
    assert scene.cells[0].title == "172.17.0.0 to 172.17.0.255: 2 held"
    assert [cell.first for cell in scene.opened[:2]] == ["172.17.0.0", "172.17.0.1"]
    assert len(scene.opened) == 64


def test_a_full_pool_says_that_nothing_is_handed_out_any_more():
    full = Pool.open(Prefix.parse("10.5.0.0/30")).allocate_many(2)[0]
    assert "2 of 2 addresses are held; none is handed out any more" in pool_svg(full)


def test_a_network_without_addresses_has_no_bitmap_and_says_what_would_work():
    docker = engine()
    with pytest.raises(NotFound, match="none has no addresses") as found:
        docker.pool("none")
    assert "a bridge network" in found.value.remedy
    with pytest.raises(NotFound, match="no IPv6 addresses"):
        docker.pool("bridge", family=6)
    with pytest.raises(NotFound, match="network nosuch not found"):
        docker.pool("nosuch")


def test_the_engine_gives_text_to_print_and_a_picture_for_a_notebook():
    shown = engine(*LINES).pool("app")
    assert str(shown) == shown.text == pool_text(app())
    assert shown._repr_svg_() == pool_svg(app())
    assert repr(shown) == "<Picture: pool app: 172.28.0.0/29, range 172.28.0.4/30>"


def test_the_text_explains_every_letter_that_occurs():
    assert pool_text(app()).splitlines()[2:6] == [
        "",
        "172.28.0.0  x G k , # . . x",
        "",
        "x reserved   G gateway   k kept apart   # taken   . free   , free on request",
    ]


# -- laws ------------------------------------------------------------------------------


@law
@given(pool_maps())
def test_every_address_is_in_exactly_one_cell_or_block(shown):
    subnet = shown.pool.subnet
    scene = pool_scene(shown)
    firsts = [cell.first for cell in scene.cells]
    assert len(set(firsts)) == len(firsts)
    if subnet.size <= 256:
        assert firsts == [str(address) for address in subnet.addresses()]
    else:
        found = blocks(shown, 256)
        assert firsts == [str(block.first) for block in found]
        assert sum(block.size for block in found) == subnet.size
        assert sum(block.held for block in found) == shown.pool.taken


@law
@given(pool_maps())
def test_the_addresses_in_use_of_a_drawn_pool_are_as_many_as_it_has_taken(shown):
    if shown.pool.subnet.size <= 4096:
        uses = [shown.use(address) for address in shown.pool.subnet.addresses()]
        held = {Use.TAKEN, Use.GATEWAY, Use.KEPT}
        assert sum(use in held for use in uses) == shown.pool.taken
        free = {Use.FREE, Use.ON_REQUEST}
        assert sum(use in free for use in uses) == shown.pool.free


@law
@given(pool_maps())
def test_cells_of_a_bitmap_do_not_overlap_and_texts_fit_into_them(shown):
    scene = pool_scene(shown)
    paper = Frame(0, 0, scene.width, scene.height)
    frames = [cell.frame for cell in (*scene.cells, *scene.opened, *scene.legend)]
    assert all(map(paper.holds, frames))
    places = sorted(frames, key=lambda frame: (frame.y, frame.x))
    for one, other in pairwise(places):  # rows from top to bottom, each to the right
        assert one.right <= other.x or one.bottom <= other.y
    for cell in (*scene.cells, *scene.opened):
        for label in cell.labels:
            assert cell.frame.x <= label.left
            assert label.left + label.width <= cell.frame.right + 1
            assert cell.frame.y < label.at.y - 6
            assert label.at.y < cell.frame.bottom


@law
@given(pool_maps())
def test_texts_of_a_bitmap_are_within_the_picture_and_apart_from_each_other(shown):
    scene = pool_scene(shown)
    paper = Frame(0, 0, scene.width, scene.height)
    labels = [*scene.labels, *(label for item in scene.legend for label in item.labels)]
    said = [label.frame for label in labels]
    beside = [cell.frame for cell in (*scene.cells[::16], *scene.opened[::16])]
    for frame in said:
        assert paper.holds(frame)
        assert not any(cell.meets(frame) for cell in beside)
    for one, other in combinations(said, 2):
        assert not one.meets(other), (one, other)


@law
@given(pool_maps())
def test_a_bitmap_is_well_formed_and_harmless_whoever_holds_an_address(shown):
    root = read(pool_svg(shown))
    drawn = texts(root)
    for label in pool_scene(shown).labels:
        assert label.text in drawn


@law
@given(pool_maps(), st.integers(60, 120))
def test_no_line_of_the_bitmap_of_letters_is_too_wide(shown, width):
    for line in pool_text(shown, width).splitlines():
        assert cells(line) <= width
