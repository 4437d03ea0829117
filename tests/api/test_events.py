"""Events live and of the past: what is seen, in which order, and what is left out."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.events import EventStream, event_json, fits
from minidock.api.streams import Moment
from minidock.engine import Engine
from minidock.model.document import Document
from minidock.model.event import Event

TYPES = ["container", "network", "image", "volume", "step"]
EVENTS = st.lists(
    st.builds(
        Event,
        type=st.sampled_from(TYPES),
        action=st.sampled_from(["create", "die", "exec_create: ls ", "tag"]),
        actor=st.sampled_from(["abc", "abd", "xyz"]),
        time=st.integers(0, 50),
        attributes=st.fixed_dictionaries(
            {"name": st.sampled_from(["web", "db"]), "env": st.sampled_from(["a", "b"])}
        ).map(Document),
    ),
    max_size=12,
).map(lambda events: sorted(events, key=lambda event: event.time))


def moment(events, now, first=0):
    return Moment(world=SimpleNamespace(), now=now, events=events, first=first)


def lines(chunks):
    text = b"".join(chunk.data for chunk in chunks).decode()
    return [json.loads(line) for line in text.splitlines()]


@given(EVENTS, st.integers(0, 60), st.integers(0, 60))
def test_the_events_of_the_past_are_those_between_the_two_moments_that_were_named(
    events, a, b
):
    since, until = sorted((a, b))
    reading = EventStream(since=since, until=until).read(moment(events, 100))
    assert reading.rest is None
    assert lines(reading.chunks) == [
        event_json(e) for e in events if since <= e.time <= until and e.type != "step"
    ]


@given(EVENTS, st.data())
def test_reading_events_often_gives_what_reading_them_once_gives(events, data):
    once = EventStream(since=0, until=60).read(moment(events, 60))
    rest, chunks = EventStream(since=0, until=60), ()
    for now in sorted(data.draw(st.lists(st.integers(0, 59), max_size=5))):
        seen = [event for event in events if event.time <= now]
        reading = rest.read(moment(seen, now))
        chunks, rest = chunks + reading.chunks, reading.rest
        assert reading.due == 60
    last = rest.read(moment(events, 60))
    assert last.rest is None
    assert lines(chunks + last.chunks) == lines(once.chunks)


@given(EVENTS, st.integers(0, 12))
def test_events_that_were_forgotten_do_not_shift_the_others(events, forgotten):
    forgotten = min(forgotten, len(events))
    first = EventStream(since=0).read(moment(events[:forgotten], 0))
    later = first.rest.read(moment(events[forgotten:], 0, first=forgotten))
    whole = EventStream(since=0).read(moment(events, 0))
    assert lines(first.chunks + later.chunks) == lines(whole.chunks)


DIED = Event(
    type="container",
    action="die",
    actor="abcdef",
    time=0,
    attributes=Document({"name": "web", "image": "busybox:1.36", "env": "dev"}),
)


@pytest.mark.parametrize(
    ("key", "value", "seen"),
    [
        ("type", "container", True),
        ("type", "network", False),
        ("event", "die", True),
        ("event", "di", False),
        ("container", "web", True),
        ("container", "we", True),
        ("container", "abc", True),
        ("container", "db", False),
        ("network", "mynet", False),
        ("image", "busybox", True),
        ("image", "busybox:1.36", True),
        ("image", "busy", False),
        ("label", "env", True),
        ("label", "env=dev", True),
        ("label", "env=prod", False),
        ("scope", "local", True),
        ("scope", "swarm", False),
        ("bogus", "x", True),
    ],
)
def test_a_filter_lets_through_what_docker_s_does(key, value, seen):
    assert fits(DIED, {key: (value,)}) is seen


def test_an_action_with_words_is_found_by_its_beginning():
    event = Event(type="container", action="exec_create: ls ", actor="a", time=0)
    assert fits(event, {"event": ("exec_create",)})
    assert not fits(event, {"event": ("exec",)})


def read(docker, query):
    answer = docker.api("GET", f"/events?{query}")
    return answer, answer.stream.read(docker.moment())


def test_without_since_only_what_comes_is_seen():
    docker = Engine()
    docker("network create old")
    _, reading = read(docker, "")
    assert reading.chunks == ()
    docker("network create new")
    names = [
        line["Actor"]["Attributes"]["name"]
        for line in lines(reading.rest.read(docker.moment()).chunks)
    ]
    assert names == ["new"]


def test_containers_and_images_keep_the_fields_of_old():
    docker = Engine()
    docker("create --name web nginx")
    _, reading = read(docker, "since=1")
    made = next(x for x in lines(reading.chunks) if x["Action"] == "create")
    assert (made["status"], made["id"]) == ("create", made["Actor"]["ID"])
    assert made["from"] == "nginx"
    assert made["time"] == made["timeNano"] // 10**9


def test_moments_that_are_no_numbers_or_in_no_order_are_refused():
    docker = Engine("20.10")
    answer = docker.api("GET", "/events?since=abc")
    text = 'strconv.ParseInt: parsing "abc": invalid syntax'
    assert (answer.status, answer.message) == (500, text)
    answer = docker.api("GET", "/events?since=7&until=5")
    text = "`since` time (7) cannot be after `until` time (5)"
    assert (answer.status, answer.message) == (400, text)
