"""A journey to hold: one object, all its forms."""

import json

from minidock.packet.trace import Outcome
from minidock.views.journey import Journey
from minidock.views.trace_svg import trace_svg
from minidock.views.trace_text import trace_text
from tests.views.traces import published, refused


def test_it_is_true_when_it_was_delivered_and_says_why_if_not():
    assert Journey(*published())
    failed = Journey(*refused())
    assert not failed
    assert failed.outcome is Outcome.REFUSED
    assert failed.why == "Nobody listens on port 81 of db."
    assert failed.remedy == "db listens on 6379/tcp"
    assert (str(failed.seen), failed.server, len(failed.hops)) == (
        "172.17.0.2",
        "db",
        12,
    )


def test_its_forms_are_those_of_its_trace():
    made, trace = published()
    journey = Journey(made, trace)
    assert str(journey) == journey.text == trace_text(trace)
    assert journey._repr_svg_() == journey.svg == trace_svg(made, trace)
    assert journey.brief == trace_text(trace, brief=True)
    assert journey.riddle == trace_text(trace, predict=True)
    assert journey.as_text(60, ascii_only=True).isascii()
    assert json.loads(json.dumps(journey.json)) == journey.json
    assert (
        repr(journey)
        == "<Journey outside to docker-host:8080 (tcp): delivered, 17 hops>"
    )


def test_whoever_changes_its_json_changes_nothing():
    journey = Journey(*published())
    journey.json["hops"].clear()
    assert len(journey.json["hops"]) == 17
