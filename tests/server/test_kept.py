"""Answers that are encoded once: only those that a World gives by itself."""

import json

import pytest

from minidock.api.http import Request
from minidock.api.routes import ROUTES, handle
from minidock.engine import Engine
from minidock.server.answers import Answers
from minidock.server.kept import _CONSTANT, _LISTING
from minidock.server.live import Live
from minidock.server.wire import parse_head

YEARS = 10 * 365 * 86_400 * 1_000_000_000


@pytest.fixture(scope="module")
def docker():
    docker = Engine()
    docker("network create mynet")
    docker("volume create data")
    docker("run -d --name web --network mynet -p 8080:80 -v data:/d nginx")
    docker("run -d --name ill --health-cmd false --health-interval 1s nginx")
    docker("run --name done alpine echo hi")
    docker("create --name fresh redis")
    docker.turn(docker.now + 5_000_000_000)
    return docker


PATHS = [
    path.replace("{id}", name)
    for method, path, _ in ROUTES
    for name in ("web", "ill", "mynet", "nginx", "data")
    if method == "GET" and "{id}" in path
] + [path for method, path, _ in ROUTES if method == "GET" and "{id}" not in path]


@pytest.mark.parametrize("path", sorted(filter(_CONSTANT.fullmatch, PATHS)))
@pytest.mark.parametrize("version", ["/v1.24", "/v1.51", ""])
def test_what_is_kept_says_the_same_at_any_time(docker, version, path):
    request = Request(method="GET", path=version + path)
    first = handle(docker.world, request, docker.now)
    later = handle(docker.world, request, docker.now + YEARS)
    assert first == later


def test_the_routes_that_are_kept_are_those_that_are_asked_most():
    kept = {path for path in PATHS if _CONSTANT.fullmatch(path)}
    assert {"/networks", "/version", "/images/json", "/containers/web/json"} <= kept
    assert not kept & {"/info", "/events", "/containers/json", "/containers/web/logs"}
    assert [path for path in PATHS if _LISTING.fullmatch(path)] == ["/containers/json"]


def _body(answers, path):
    raw = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    data = answers.reply(parse_head(raw), b"").data
    body = data.partition(b"\r\n\r\n")[2]
    if b"chunked" in data.partition(b"\r\n\r\n")[0]:
        body = body.partition(b"\r\n")[2].removesuffix(b"\r\n0\r\n\r\n")
    return json.loads(body)


@pytest.mark.parametrize("query", ["", "?all=1", "?limit=2", "?all=1&size=1"])
def test_a_kept_list_is_the_list_that_the_engine_makes(docker, query):
    times = [docker.now + step for step in (0, 3_000_000_000, 500_000_000_000, YEARS)]
    clock = [times[0]]
    live = Live(docker, clock=lambda: clock[0])
    live.close()  # nothing is due in here: the clock is read and not turned
    answers = Answers(live, lambda: "now")
    for now in times:
        clock[0] = now
        pairs = dict(p.split("=") for p in query[1:].split("&") if p)
        request = Request(method="GET", path="/containers/json", query=pairs)
        made = handle(docker.world, request, now).response.body
        assert _body(answers, "/containers/json" + query) == made
