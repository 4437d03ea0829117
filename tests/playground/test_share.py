"""Links: what goes in comes out, and whatever else comes is refused."""

import base64
import contextlib
import json
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import Exhausted, InvalidParameter, Refusal
from minidock.playground.share import LONGEST, ROOM, Shared, packed, unpacked

VISIBLE = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"])
TEXTS = st.text(alphabet=st.one_of(VISIBLE, st.just("\n"), st.just("\t")), max_size=60)
NAMES = st.from_regex(r"([a-z0-9][a-z0-9-]{0,30})?", fullmatch=True)
SHARED = st.builds(
    Shared, lines=st.lists(TEXTS, max_size=20).map(tuple), lab=NAMES, answer=TEXTS
)

HTML = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def link_of(value: object) -> str:
    """A link as a stranger may make it."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return "1." + base64.urlsafe_b64encode(zlib.compress(raw)).decode().rstrip("=")


def test_a_link_is_short_and_has_only_letters_that_an_address_may_have():
    lines = ("docker network create app", "docker run -d --name web nginx")
    link = packed(Shared(lines=lines))
    assert len(link) < 150
    assert link.replace("-", "").replace("_", "").replace(".", "", 1).isalnum()


def test_html_comes_out_as_the_text_that_it_is():
    assert unpacked(packed(Shared(lines=(HTML,), answer=HTML))).lines == (HTML,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "hello",
        "1.",
        "1.!!!!",
        "0.eJwDAAAAAAE",
        "2.eJwDAAAAAAE",
        "\u0661.eJwDAAAAAAE",
        "1.eJwDAAAAAAE",
        "1.A",
        link_of(b"\xff\xfe"),
        link_of(b"[" * 20_000),
        link_of(b"NaN"),
        link_of([]),
        link_of({}),
        link_of({"lines": [], "lab": ""}),
        link_of({"lines": [], "lab": "", "answer": "", "more": 1}),
        link_of({"lines": {}, "lab": "", "answer": ""}),
        link_of({"lines": [1], "lab": "", "answer": ""}),
        link_of({"lines": [["docker ps"]], "lab": "", "answer": ""}),
        link_of({"lines": [], "lab": None, "answer": ""}),
        link_of({"lines": [], "lab": "../../etc/passwd", "answer": ""}),
        link_of({"lines": [], "lab": "", "answer": {}}),
        link_of({"lines": ["a\u0000"], "lab": "", "answer": ""}),
        link_of({"lines": ["a\u202eb"], "lab": "", "answer": ""}),
        link_of({"lines": ["\ud800"], "lab": "", "answer": ""}),
        link_of({"lines": ["ab\u200b"], "lab": "", "answer": ""}),
    ],
)
def test_what_no_playground_made_is_refused_in_words(text):
    with pytest.raises(InvalidParameter) as refused:
        unpacked(text)
    assert refused.value.rule
    assert refused.value.remedy
    assert "<" not in refused.value.explain()


@pytest.mark.parametrize(
    "value",
    [
        {"lines": ["x"] * 201, "lab": "", "answer": ""},
        {"lines": ["x" * 4001], "lab": "", "answer": ""},
        {"lines": [], "lab": "", "answer": "x" * 20_001},
        b" " * (ROOM + 1),
    ],
)
def test_more_than_a_link_may_carry_is_refused(value):
    with pytest.raises(Exhausted):
        unpacked(link_of(value))


def test_a_link_that_would_unpack_to_gigabytes_is_refused_at_once():
    packing = zlib.compressobj(9)
    block = bytes(1_000_000)
    bomb = b"".join(packing.compress(block) for _ in range(8)) + packing.flush()
    link = "1." + base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    assert len(link) < LONGEST
    start = time.process_time()
    with pytest.raises(Exhausted):
        unpacked(link)
    assert time.process_time() - start < 1


def test_a_state_that_is_too_long_for_a_link_is_refused():
    lines = tuple(
        "".join(chr(33 + (7919 * n * k) % 94) for k in range(1, 900)) for n in range(99)
    )
    with pytest.raises(Exhausted):
        packed(Shared(lines=lines))


def test_what_stands_behind_the_end_of_a_link_is_refused():
    data = zlib.compress(b'{"lines":[],"lab":"","answer":""}') + b"more"
    with pytest.raises(InvalidParameter, match="behind its end"):
        unpacked("1." + base64.urlsafe_b64encode(data).decode().rstrip("="))


@given(SHARED)
def test_what_goes_into_a_link_comes_out_of_it(shared):
    link = packed(shared)
    assert unpacked(link) == shared
    assert unpacked(f"#{link}") == shared
    assert packed(unpacked(link)) == link


@given(SHARED, st.data())
def test_a_link_that_was_cut_is_refused(shared, data):
    link = packed(shared)
    cut = link[: data.draw(st.integers(0, len(link) - 1))]
    with pytest.raises(Refusal):
        unpacked(cut)


@given(SHARED, st.data())
def test_a_link_with_another_letter_is_refused_or_means_the_same(shared, data):
    link = packed(shared)
    at = data.draw(st.integers(0, len(link) - 1))
    other = data.draw(st.sampled_from("ABCXYZabcxyz019_-."))
    changed = link[:at] + other + link[at + 1 :]
    try:
        found = unpacked(changed)
    except Refusal:
        return
    assert found == shared


@given(st.binary(max_size=300))
def test_any_octets_of_a_link_are_read_or_refused(octets):
    for text in (
        octets.decode("latin-1"),
        "1." + base64.urlsafe_b64encode(octets).decode().rstrip("="),
        link_of(octets),
    ):
        with contextlib.suppress(Refusal):
            assert isinstance(unpacked(text), Shared)
