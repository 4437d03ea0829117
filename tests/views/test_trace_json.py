"""A trace for programs: all of it, as plain data with the same keys each time."""

import json
from dataclasses import fields

from hypothesis import given

from minidock.packet.packet import Packet
from minidock.packet.trace import Hop
from minidock.views.trace_json import packet_json, trace_json
from tests.views.strategies_views import law
from tests.views.traces import published, unknown_name, walked


def test_a_hop_says_which_fields_changed():
    _, trace = published()
    hop = trace_json(trace)["hops"][2]
    assert (hop["layer"], hop["place"], hop["reply"]) == ("nat", "docker-host", False)
    assert hop["changed"] == ["target", "target_port"]
    assert hop["before"]["target_port"] == 8080
    assert (hop["after"]["target"], hop["after"]["target_port"]) == ("172.18.0.2", 80)


def test_what_is_not_there_is_null():
    _, trace = unknown_name()
    found = trace_json(trace)
    assert (found["outcome"], found["delivered"]) == ("unreachable", False)
    assert (found["server"], found["seen"], found["final"]) == (None, None, None)
    assert found["hops"][0]["after"] is None


@law
@given(walked())
def test_a_trace_survives_json_and_has_every_field(pair):
    _, trace = pair
    found = trace_json(trace)
    assert json.loads(json.dumps(found)) == found
    assert len(found["hops"]) == len(trace.hops)
    for hop, shown in zip(trace.hops, found["hops"], strict=True):
        assert set(shown) == {field.name for field in fields(Hop)} | {"changed"}
        if hop.after is not None:
            names = {field.name for field in fields(Packet)}
            assert set(packet_json(hop.after)) == names | {"family"}
