"""What a browser may ask below /ui, and what it gets; without a browser."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.http import Request, Response
from minidock.api.streams import Moment
from minidock.engine import Engine
from minidock.server.overview import overview
from minidock.server.ui import PATHS, answer
from minidock.server.watch import Watch

HOSTILE = "<img src=x onerror=alert(1)>'\"&amp;"
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = "svg title desc g rect polyline polygon circle line text".split()
PAGE = (files("minidock.server") / "page" / "ui.html").read_text(encoding="utf-8")


@pytest.fixture
def docker() -> Engine:
    docker = Engine()
    for line in (
        "network create app",
        "network create --internal back",
        "run -d --name web -p 8080:80 --network app nginx",
        "run -d --name db --network back redis",
        "network connect back web",
        "run --name done alpine true",
    ):
        assert docker(line).ok
    return docker


def ask(docker: Engine, path: str, **query: str) -> Response:
    response = answer(docker.moment(), Request(method="GET", path=path, query=query))
    assert response is not None
    return response


# --- every answer ---------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_it_does_not_need(docker: Engine, path: str) -> None:
    headers = ask(docker, path, **{"from": "web", "to": "db"}).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] in {"no-cache", "no-store"}


@pytest.mark.parametrize("path", ["/uix", "/", "/v1.51/ui", "/networks"])
def test_other_paths_are_for_others(docker: Engine, path: str) -> None:
    request = Request(method="GET", path=path)
    assert answer(docker.moment(), request) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_page_only_looks(docker: Engine, method: str) -> None:
    refused = answer(docker.moment(), Request(method=method, path="/ui/state.json"))
    assert refused is not None
    assert refused.status == 405
    assert refused.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/ui/nothing", {}, 404),
        ("/ui/trace.json", {}, 400),
        ("/ui/trace.json", {"from": "web"}, 400),
        ("/ui/trace.json", {"from": "nosuch", "to": "db"}, 404),
        ("/ui/trace.json", {"from": "web", "to": "db:99999"}, 400),
        ("/ui/trace.svg", {"from": "done", "to": "db"}, 409),
        ("/ui/rules.txt", {"family": "5"}, 400),
    ],
)
def test_a_refusal_has_its_three_parts(
    docker: Engine, path: str, query: dict[str, str], status: int
) -> None:
    refused = ask(docker, path, **query)
    assert refused.status == status
    assert isinstance(refused.body, dict)
    assert sorted(refused.body) == ["asked", "message", "remedy", "rule"]
    assert all(refused.body.values())


@pytest.mark.parametrize(
    "path", ["/ui", "/ui/state.json", "/ui/topology.svg", "/ui/rules.txt"]
)
def test_what_the_browser_has_is_not_sent_again(docker: Engine, path: str) -> None:
    tag = ask(docker, path).headers["ETag"]
    again = Request(method="GET", path=path, headers={"if-none-match": f'"x", {tag}'})
    known = answer(docker.moment(), again)
    assert known is not None
    assert (known.status, known.text, known.headers["ETag"]) == (304, None, tag)
    stale = replace(again, headers={"if-none-match": '"x"'})
    sent = answer(docker.moment(), stale)
    assert sent is not None
    assert sent.status == 200


# --- the page -------------------------------------------------------------------------


def test_the_page_runs_its_own_script_and_style_only(docker: Engine) -> None:
    policy = ask(docker, "/ui").headers["Content-Security-Policy"]
    for tag in ("script", "style"):
        [inside] = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", PAGE, re.DOTALL)
        digest = b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_needs_nothing_from_elsewhere() -> None:
    places = set(re.findall(r"(?:https?:)?//[\w.]+[^\s\"'<]*", PAGE))
    assert {place for place in places if place.startswith("http")} == {
        "http://www.w3.org/2000/svg"
    }
    assert '<link rel="icon" href="data:,">' in PAGE
    assert not re.search(r"<(script|img|iframe|link)\b[^>]*\bsrc=", PAGE)


def test_no_text_can_become_markup_in_the_page() -> None:
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\("
    assert not re.search(ways, PAGE)
    markup = PAGE[: PAGE.index("<script>")]
    assert not re.search(r"\son\w+=|\sstyle=", markup)


def test_the_page_has_every_element_that_its_script_names() -> None:
    named = set(re.findall(r"\$\(\"([\w-]+)\"\)", PAGE))
    assert named <= set(re.findall(r"\bid=\"([\w-]+)\"", PAGE))


# --- what it shows --------------------------------------------------------------------


def test_the_overview_lists_what_docker_lists(docker: Engine) -> None:
    seen = json.loads(ask(docker, "/ui/state.json").text or "")
    names = docker("network ls --format '{{.Name}}'").stdout.split()
    assert sorted(item["name"] for item in seen["networks"]) == sorted(names)
    shown = docker("ps -a --format '{{.Names}} {{.State}}'").stdout.splitlines()
    assert sorted(f"{c['name']} {c['status']}" for c in seen["containers"]) == sorted(
        shown
    )
    assert seen["ports"] == [
        {
            "sockets": ["0.0.0.0:8080", "[::]:8080"],
            "target": "80/tcp",
            "container": "web",
            "local": False,
        }
    ]
    newest = seen["events"][0]
    assert newest["number"] == len(docker.events) - 1
    assert all(item["type"] != "step" for item in seen["events"])


@pytest.mark.parametrize(
    "change",
    [
        lambda docker: docker("stop db"),
        lambda docker: docker("network create more"),
        lambda docker: docker("rename db data"),
        lambda docker: docker.host_command("iptables -A DOCKER-USER -j DROP"),
        lambda docker: docker.outside_command(
            "ip route add 10.81.0.0/24 via 192.0.2.2"
        ),
    ],
)
def test_the_version_changes_with_what_is_shown(docker: Engine, change) -> None:
    before = overview(docker.moment())["version"]
    assert overview(docker.moment())["version"] == before
    change(docker)
    assert overview(docker.moment())["version"] != before


def test_what_a_health_check_found_is_told(docker: Engine) -> None:
    check = "--health-cmd 'exit {}' --health-interval 1s --health-retries 1"
    docker(f"run -d --name well {check.format(0)} alpine sleep 100")
    docker(f"run -d --name sick {check.format(1)} alpine sleep 100")

    def told() -> dict[str, str | None]:
        shown = json.loads(ask(docker, "/ui/state.json").text or "")["containers"]
        return {item["name"]: item["health"] for item in shown}

    assert told() == {
        "web": None,
        "db": None,
        "done": None,
        "well": "starting",
        "sick": "starting",
    }
    docker.advance(5)
    assert (told()["well"], told()["sick"]) == ("healthy", "unhealthy")


def test_probes_of_a_health_check_push_nothing_else_out(docker: Engine) -> None:
    docker("run -d --name well --health-cmd true --health-interval 1s alpine sleep 900")
    docker("exec well echo hello")
    docker.advance(3)
    before = overview(docker.moment())
    docker.advance(60)
    after = overview(docker.moment())
    assert after == before, "a probe that finds nothing new changes nothing shown"
    said = [event["action"] for event in after["events"]]
    assert said[:3] == ["health_status: healthy", "exec_create: echo hello", "start"]


def test_who_shares_a_network_stack_is_named_and_listens_there(docker: Engine) -> None:
    docker("run -d --name side --network container:web redis")
    containers = json.loads(ask(docker, "/ui/state.json").text or "")["containers"]
    side = next(item for item in containers if item["name"] == "side")
    assert side["shares"] == "web"
    assert side["listens"] == ["80/tcp", "6379/tcp"]
    assert {item["shares"] for item in containers if item is not side} == {None}


def test_labels_come_as_they_were_given(docker: Engine) -> None:
    docker(["run", "-d", "--name", "xss", "--label", f"note={HOSTILE}", "redis"])
    seen = json.loads(ask(docker, "/ui/state.json").text or "")
    assert seen["containers"][-1]["labels"]["note"] == HOSTILE


def test_pictures_stay_well_formed_with_hostile_words(docker: Engine) -> None:
    name = "<script>alert(1)</script>"
    assert docker.api("POST", "/networks/create", {"Name": name}).status == 201
    assert docker(["run", "-d", "--name", "xss", "--network", name, "redis"]).ok
    for response in (
        ask(docker, "/ui/topology.svg"),
        ask(docker, "/ui/trace.svg", **{"from": "web", "to": HOSTILE}),
    ):
        tree = ET.fromstring(response.text or "")
        assert {item.tag for item in tree.iter()} <= {f"{SVG}{tag}" for tag in SHAPES}
        assert name in "".join(tree.itertext())


def test_the_rules_are_those_of_iptables_save(docker: Engine) -> None:
    assert ask(docker, "/ui/rules.txt").text == docker.rules()
    assert "-d ::1/128" in (ask(docker, "/ui/rules.txt", family="6").text or "")


# --- journeys -------------------------------------------------------------------------


def test_a_journey_says_what_engine_trace_says(docker: Engine) -> None:
    words = {"from": "web", "to": "db:6379"}
    told = json.loads(ask(docker, "/ui/trace.json", **words).text or "")
    known = docker.trace("web", "db:6379")
    assert {key: told[key] for key in known.json} == known.json
    assert ask(docker, "/ui/trace.svg", **words).text == known.svg
    assert ask(docker, "/ui/trace", **words).text == json.dumps(
        told, separators=(",", ":"), ensure_ascii=False
    )


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        ("web", "db:6379", "-j ACCEPT"),
        ("outside", "host:8080", "--dport 80 -j ACCEPT"),
        ("db", "outside", "-j DROP"),
    ],
)
def test_a_journey_names_the_rule_that_decided(
    docker: Engine, source: str, target: str, rule: str
) -> None:
    words = {"from": source, "to": target}
    told = json.loads(ask(docker, "/ui/trace.json", **words).text or "")
    deciding = told["deciding"]
    assert deciding["entry"].endswith(rule)
    assert told["hops"][deciding["number"] - 1]["entry"] == deciding["entry"]


def test_the_caption_of_a_picture_can_be_left_out(docker: Engine) -> None:
    picture = ask(docker, "/ui/trace.svg", **{"from": "web", "to": "db"}).text or ""
    tree = ET.fromstring(picture)
    [caption] = [g for g in tree.iter() if g.get("class") == "caption"]
    assert 0 < int(caption.get("data-top", "0")) < int(tree.get("height", "0"))
    tree.remove(caption)
    assert all("answers on" not in (t.text or "") for t in tree.findall("{*}text"))


def test_the_table_of_all_pairs_ends_where_it_would_take_too_long() -> None:
    docker = Engine()
    docker("run -d --name web nginx")
    table = json.loads(ask(docker, "/ui/reach.json").text or "")
    assert table == docker.reachability().json
    for number in range(60):
        docker(f"run -d --name c{number} alpine sleep 1000")
    refused = ask(docker, "/ui/reach.json")
    assert refused.status == 503
    assert "61 running containers" in refused.message


# --- live -----------------------------------------------------------------------------

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Told:
    """What one watcher got: (nanoseconds, bytes), and the Worlds that were current."""

    words: list[tuple[int, bytes]]
    changes: list[int]
    end: int


def watched(gaps: list[int], seconds: int) -> Told:
    """A watch over a World that changes after each gap, read as a server reads it."""
    world = Engine().world
    start = now = 1_700_000_000 * SECOND
    changes = []
    for gap in gaps:
        now += gap
        changes.append(now)
    end, words, now = now + seconds * SECOND, [], start
    stream, pending = Watch(), list(changes)
    while True:
        reading = stream.read(Moment(world=world, now=now))
        words += [(now, chunk.data) for chunk in reading.chunks]
        assert reading.rest is not None
        assert reading.due is not None
        assert reading.due > now
        stream = reading.rest
        now = min([reading.due, *pending[:1]])
        if now > end:
            return Told(words, changes, end)
        if pending[:1] == [now]:
            world = replace(world, sequence=world.sequence + 1)
            pending.pop(0)


@given(st.lists(st.integers(1, 20 * SECOND), max_size=30), st.integers(1, 60))
def test_a_watch_of_the_page_is_prompt_and_neither_floods_nor_falls_silent(
    gaps: list[int], seconds: int
) -> None:
    told = watched(gaps, seconds)
    worlds = [now for now, data in told.words if b"event: world\n" in data]
    assert told.words[0][1].startswith(b"retry: ")
    assert all(b - a >= SECOND // 10 for a, b in pairwise(worlds))
    for change in told.changes:
        late = change + SECOND // 10
        assert late > told.end or any(change <= now <= late for now in worlds)
    times = [now for now, _ in told.words] + [told.end]
    assert all(b - a <= 15 * SECOND for a, b in pairwise(times))
    assert all(data.endswith(b"\n\n") for _, data in told.words)


def test_the_events_are_a_stream_of_their_own_type(docker: Engine) -> None:
    response = ask(docker, "/ui/events")
    assert isinstance(response.stream, Watch)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert not response.framed
