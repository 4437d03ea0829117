"""HTTP as bytes: what is well formed, and what a body is cut into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.server.wire import BadRequest, Chunks, head_end, parse_head


def _head(*lines: str):
    return parse_head("\r\n".join([*lines, "", ""]).encode("latin-1"))


def test_an_absolute_target_names_the_same_path():
    assert _head("GET http://h:1/networks?a=1 HTTP/1.1", "Host: h").path == "/networks"


def test_a_path_is_decoded_and_its_query_is_not():
    head = _head("GET /networks/a%2Fb%20c?q=%2F HTTP/1.1", "Host: h")
    assert (head.path, head.query) == ("/networks/a/b c", "q=%2F")


@pytest.mark.parametrize(
    ("minor", "connection", "stays"),
    [
        ("1", None, True),
        ("1", "close", False),
        ("0", None, False),
        ("0", "keep-alive", True),
    ],
)
def test_a_connection_stays_by_its_version_unless_it_says_otherwise(
    minor, connection, stays
):
    more = [f"Connection: {connection}"] if connection else []
    assert _head(f"GET / HTTP/1.{minor}", "Host: h", *more).stays is stays


@pytest.mark.parametrize(
    "lines",
    [
        ["GARBAGE"],
        ["GET / HTTP/2.0", "Host: h"],
        ["GET /a b HTTP/1.1", "Host: h"],
        ["GET nothing HTTP/1.1", "Host: h"],
        ["GET /%zz HTTP/1.1", "Host: h"],
        ["G(T / HTTP/1.1", "Host: h"],
        ["GET / HTTP/1.1", "Host: h", "no colon"],
        ["GET / HTTP/1.1", "Host: h", "Na me: x"],
        ["GET / HTTP/1.1", "Host: h", " folded: x"],
        ["GET / HTTP/1.1", "Host: h", "X: a\x00b"],
        ["GET / HTTP/1.1", "Host: h", "Host: i"],
        ["GET / HTTP/1.1", "Host: h", "Content-Length: -1"],
        ["GET / HTTP/1.1", "Host: h", "Content-Length: 1", "Content-Length: 2"],
        ["GET / HTTP/1.1", "Host: h", "Transfer-Encoding: gzip"],
        ["GET / HTTP/1.1"],
    ],
    ids=repr,
)
def test_what_is_no_http_is_refused_as_bad(lines):
    with pytest.raises(BadRequest) as refused:
        _head(*lines)
    assert refused.value.status == 400


def test_a_missing_host_is_named():
    with pytest.raises(BadRequest, match="missing required Host header"):
        _head("GET / HTTP/1.1")


def test_http_1_0_needs_no_host():
    assert _head("GET /_ping HTTP/1.0").minor == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_of_a_request_or_a_bad_request(data):
    raw = data + b"\r\n\r\n"
    try:
        head = parse_head(raw[: head_end(raw)])
    except BadRequest as error:
        refused = error
    else:
        assert "\n" not in head.method + head.query + "".join(head.headers.values())
        return
    assert 400 <= refused.status < 500


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=50), max_size=6),
    rest=st.binary(max_size=10),
    cut=st.integers(1, 20),
    ending=st.sampled_from([b"\r\n", b"\n"]),
)
def test_chunks_give_the_body_however_they_were_cut_on_their_way(
    pieces, rest, cut, ending
):
    sent = b"".join(b"%x%b%b\r\n" % (len(p), ending, p) for p in pieces)
    sent += b"0\r\nTrailer: x\r\n\r\n" + rest
    chunks = Chunks(limit=1000)
    for start in range(0, len(sent), cut):
        chunks.feed(sent[start : start + cut])
    assert chunks.over
    assert bytes(chunks.data) == b"".join(pieces)
    assert bytes(chunks.rest) == rest


@given(st.binary(max_size=200))
def test_any_bytes_are_chunks_or_a_bad_request_and_never_too_many(data):
    chunks = Chunks(limit=20)
    status = 400
    try:
        chunks.feed(data)
    except BadRequest as error:
        status = error.status
    assert status in {400, 413}
    assert len(chunks.data) <= 20


@pytest.mark.parametrize("bad", [b"x\r\n", b"-1\r\n", b"5\r\nhelloXX\r\n", b"\r\n"])
def test_what_is_no_chunk_is_refused(bad):
    with pytest.raises(BadRequest):
        Chunks(limit=100).feed(bad)
