"""Kept, changed, lost: nothing without a word."""

from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.application import Setting
from k8s_bridge.mapping.limits import LIMITS
from k8s_bridge.report import Outcome, Report, changed, join, kept, lost

_MEMORY = Setting("HostConfig.Memory", "memory", "1")


def test_each_note_about_a_setting_is_an_entry():
    notes = [kept("memory", "one"), lost("memory", "two"), kept("other", "three")]
    entries = join("web", [_MEMORY], notes, {})
    assert [(entry.outcome, entry.how) for entry in entries] == [
        (Outcome.KEPT, "one"),
        (Outcome.LOST, "two"),
    ]


def test_a_limit_speaks_where_no_mapping_does():
    setting = Setting("HostConfig.PidsLimit", "pids_limit", "9")
    [entry] = join("web", [setting], [], LIMITS)
    assert entry.outcome is Outcome.LOST
    assert "kubelet" in entry.how


def test_the_report_begins_with_what_is_lost():
    settings = [_MEMORY, Setting("HostConfig.Init", "init", "true\nfalse")]
    entries = join("web", settings, [kept("memory", "limit")], LIMITS)
    text = str(Report(entries))
    assert text.startswith("1 kept, 0 changed, 1 lost\n\nlost\n")
    assert "true\\nfalse" in text
    assert text.index("Init") < text.index("Memory")


def test_the_report_as_json():
    [entry] = join("web", [_MEMORY], [changed("memory", "x")], {})
    assert Report((entry,)).as_json() == [
        {
            "subject": "web",
            "path": "HostConfig.Memory",
            "value": "1",
            "outcome": "changed",
            "how": "x",
        }
    ]


_words = st.sampled_from(["memory", "init", "aliases@a", "aliases@b", "", "new"])
_settings = st.builds(Setting, st.text(), _words, st.text())
_notes = st.builds(kept, _words, st.text())


@given(st.lists(_settings), st.lists(_notes))
def test_no_setting_is_left_out_of_the_report(settings, notes):
    paths = {entry.path for entry in join("web", settings, notes, LIMITS)}
    assert paths == {setting.path for setting in settings}
