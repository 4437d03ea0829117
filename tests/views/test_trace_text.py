"""A trace for the terminal: every hop, what changed, why; never wider than asked."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.packet.trace import Outcome
from minidock.views.changes import changed_fields, changes
from minidock.views.flow import flow, units
from minidock.views.measure import cells
from minidock.views.trace_text import hop_line, trace_text
from minidock.views.trail import brief_hops, decisive
from tests.views.strategies_views import law
from tests.views.traces import (
    STORIES,
    by_name,
    isolated,
    published,
    refused,
    to_outside,
    walked,
)

widths = st.integers(2, 130)
choices = st.fixed_dictionaries(
    {name: st.booleans() for name in ("ascii_only", "colour", "brief", "predict")}
)
CODES = re.compile(r"\x1b\[[0-9;]*m")


def shown(story, **options):
    return trace_text(story()[1], **options)


def following(text, start):
    """The line that begins so, and those that are further to the right."""
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith(start))
    found = [lines[first].strip()]
    for line in lines[first + 1 :]:
        if not line.startswith("      "):
            break
        found.append(line.strip())
    return found


# -- examples --------------------------------------------------------------------------


def test_masquerading_shows_the_rule_the_packet_with_its_new_source_and_the_old_one():
    assert following(shown(to_outside, width=100), "8  docker-host [eth0]") == [
        "8  docker-host [eth0]    nat        masquerade: the source becomes the card's address",
        "by -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
        "tcp «192.0.2.2:40000» > 203.0.113.9:443 SYN",
        "source 172.17.0.2:40000 ─▶ 192.0.2.2:40000",
    ]


def test_in_plain_ascii_the_changed_field_is_underlined():
    lines = shown(published, ascii_only=True).splitlines()
    packet = next(n for n, line in enumerate(lines) if "> 172.18.0.2:80 SYN" in line)
    assert lines[packet + 1].strip() == "^" * len("172.18.0.2:80")
    assert lines[packet + 1].index("^") == lines[packet].index("172.18.0.2:80")


def test_a_router_changes_only_the_ttl_so_the_packet_is_not_repeated():
    assert following(shown(to_outside), "6  docker-host") == [
        "6  docker-host           route      out of eth0",
        "by default via 192.0.2.1 dev eth0",
        "ttl 64 ─▶ «63»",
    ]


def test_the_answer_is_set_off_and_begins_with_its_own_packet():
    lines = shown(to_outside).splitlines()
    start = lines.index("answer:")
    assert lines[start + 1].startswith("11  outside")
    assert lines[start + 2].strip() == "tcp 203.0.113.9:443 > 192.0.2.2:40000 SYN-ACK"


def test_the_end_says_the_outcome_first_then_why_what_would_work_and_who_was_seen():
    assert shown(refused).splitlines()[-3:] == [
        "REFUSED: Nobody listens on port 81 of db.",
        "what would work: db listens on 6379/tcp",
        "db saw the request come from 172.17.0.2",
    ]


def test_brief_keeps_routes_rules_and_proxies_with_their_numbers_and_the_decisive_hop():
    text = shown(published, brief=True)
    numbers = re.findall(r"^ ?(\d+) ", text, re.MULTILINE)
    assert numbers == ["3", "4", "5", "10", "14", "15"]
    _, trace = refused()
    assert brief_hops(trace)[-1] == decisive(trace)
    assert decisive(trace).layer == "socket"


def test_predicting_shows_where_but_neither_decisions_nor_rules_nor_the_end():
    _, trace = isolated()
    text = trace_text(trace, predict=True)
    assert "docker-host" in text
    for hop in trace.hops:
        assert hop.decision not in text
        assert not hop.entry or hop.entry not in text
    assert "DROPPED" not in text
    assert trace.why not in text
    assert trace.remedy not in text


def test_a_hop_in_one_line_names_its_interface():
    _, trace = to_outside()
    assert hop_line(trace.hops[8]) == "9 docker-host [eth0] link: over the wire"


def test_a_failure_is_decided_where_the_request_ends_and_silence_at_the_very_last_hop():
    _, trace = refused()
    assert decisive(trace).number == 7
    assert decisive(replace(trace, outcome=Outcome.DROPPED)).number == 12
    assert decisive(replace(trace, outcome=Outcome.DELIVERED)) is None


def test_options_of_a_rule_stay_with_their_values():
    rule = (
        "-A DOCKER ! -i br-1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2"
    )
    assert [word.text for word in units(rule)] == [
        "-A DOCKER",
        "! -i br-1",
        "-p tcp",
        "-m tcp",
        "--dport 80",
        "-j DNAT",
        "--to-destination 10.0.0.2",
    ]


def test_colours_repeat_what_the_words_say():
    coloured = shown(refused, colour=True)
    assert "\x1b[1;31mREFUSED:\x1b[0m" in coloured
    assert CODES.sub("", coloured) == shown(refused)


# -- laws ------------------------------------------------------------------------------


@law
@given(walked(), widths, choices)
def test_no_line_of_a_trace_is_wider_than_asked(pair, width, options):
    text = trace_text(pair[1], width, **options)
    for line in CODES.sub("", text).splitlines():
        assert cells(line) <= width


@law
@given(walked(), widths)
def test_a_trace_in_plain_ascii_has_no_other_character(pair, width):
    assert trace_text(pair[1], width, ascii_only=True).isascii()


@law
@given(walked())
def test_every_hop_of_a_trace_and_every_change_is_told(pair):
    text = trace_text(pair[1], 2000)
    for hop in pair[1].hops:
        row = rf"^ *{hop.number}  {re.escape(hop.place)}.* {hop.layer} *"
        assert re.search(row + re.escape(hop.decision), text, re.MULTILINE)
        assert hop.entry in text


@law
@given(walked())
def test_both_views_of_a_changed_packet_agree(pair):
    for hop in pair[1].hops:
        assert changes(hop.after, hop.after) == ()
        found = changes(hop.before, hop.after)
        assert bool(found) == bool(changed_fields(hop.before, hop.after))
        back = changes(hop.after, hop.before)
        assert [(c.field, c.after, c.before) for c in back] == list(found)


@law
@given(st.text(alphabet="ab -!日", max_size=60), widths)
def test_a_text_that_flows_fits_and_loses_only_spaces(text, room):
    lines = flow(text, room)
    assert all(cells(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("name", STORIES)
def test_every_story_ends_with_its_outcome(name):
    _, trace = STORIES[name]()
    assert f"\n{trace.outcome.upper()}: " in trace_text(trace)


def test_a_name_is_resolved_first():
    assert "1  api                   name       db is 172.19.0.2" in shown(
        by_name, width=120
    )
