"""Waiting: it ends when all is ready, when one has failed, or at the deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.awaiting import Clock, Progress, bar, gone, ready
from minidock.errors import Exhausted, Unclassified


class _Time:
    def __init__(self):
        self.now = 0.0

    def clock(self):
        return Clock(lambda: self.now, self.pause)

    def pause(self, seconds):
        assert seconds > 0
        self.now += seconds


class _Server:
    """Workloads that are ready from some moment on; None: never."""

    def __init__(self, time, moments, *, failing=()):
        self.time, self.moments, self.failing = time, moments, failing

    def get(self, manifest):
        name = manifest["metadata"]["name"]
        moment = self.moments[name]
        if name in self.failing:
            return {**manifest, "kind": "Pod", "status": {"phase": "Failed"}}
        up = moment is not None and self.time.now >= moment
        status = {"readyReplicas": 1} if up else {}
        return {**manifest, "spec": {}, "status": status}

    def find(self, *_):
        return []


def _set(name):
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": "n", "uid": name},
    }


_MOMENTS = st.dictionaries(
    st.sampled_from("abcd"), st.none() | st.floats(0, 20), max_size=4
)


@given(_MOMENTS, st.floats(0, 20))
def test_waiting_ends_when_all_is_ready_or_at_the_deadline(moments, timeout):
    time = _Time()
    steps = []
    wanted = [_set(name) for name in moments]
    late = [m for m in moments.values() if m is None or m > timeout]
    looking = ready(wanted, _Server(time, moments), time.clock(), timeout)
    if late:
        with pytest.raises(Exhausted, match="not ready after") as caught:
            steps.extend(looking)
        assert "0 of 1 ready" in caught.value.rule
    else:
        steps.extend(looking)
        assert steps[-1] == Progress(len(moments), len(moments))
    assert time.now <= timeout + 1e-6
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_what_has_failed_ends_it_at_once():
    time = _Time()
    server = _Server(time, {"a": None, "b": None}, failing="b")
    with pytest.raises(Unclassified, match="StatefulSet/b failed"):
        list(ready([_set("a"), _set("b")], server, time.clock(), 100))
    assert time.now == 0


def test_only_workloads_are_waited_for():
    claim = {**_set("a"), "kind": "PersistentVolumeClaim"}
    assert list(ready([claim], _Server(_Time(), {}), _Time().clock(), 0)) == [
        Progress(0, 0)
    ]


def test_gone_is_gone_also_when_a_new_one_has_the_name():
    class Other(_Server):
        def get(self, manifest):
            return {**manifest, "metadata": {**manifest["metadata"], "uid": "new"}}

    time = _Time()
    assert list(gone([_set("a")], Other(time, {}), time.clock(), 1)) == [Progress(1, 1)]
    with pytest.raises(Exhausted, match="1 still there after 1 s"):
        list(gone([_set("a")], _Server(time, {"a": 0}), time.clock(), 1))


@given(
    st.integers(0, 50), st.integers(0, 50), st.text(max_size=90), st.integers(1, 100)
)
def test_a_bar_of_progress_fits_its_line(done, more, text, width):
    line = bar(Progress(done, done + more, text), width)
    assert len(line) <= width
    assert line.count("#") <= 20 or "#" in text
