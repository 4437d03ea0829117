"""How new pods take the place of old ones, and when they must not meet."""

import pytest

from k8s_bridge.application import Mode, Mount, MountKind, Scheduling, Update
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.report import Outcome
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.translate import translate
from tests.k8s_bridge.made import scheduled, service, translated
from tests.k8s_bridge.shapes import hows, judge, workload_of

_SECOND = 1_000_000_000
_DATA = Mount(kind=MountKind.VOLUME, source="data", target="/data", origin="mounts")


def _spec(**update):
    result = translated(scheduled("web", "update", replicas=5, update=Update(**update)))
    judge(result)
    return workload_of(result, "web")["spec"], hows(result, "update")


@pytest.mark.parametrize(
    ("update", "surge", "unavailable"),
    [
        ({}, 0, 1),
        ({"parallelism": 2}, 0, 2),
        ({"parallelism": 2, "start_first": True}, 2, 0),
        ({"parallelism": 0}, 0, "100%"),
        ({"parallelism": 0, "start_first": True}, "100%", 0),
    ],
)
def test_order_and_number_are_surge_and_unavailable(update, surge, unavailable):
    spec, told = _spec(**update)
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
    }
    assert told[0].startswith("kept")


def test_a_delay_is_a_time_to_be_ready():
    spec, told = _spec(delay=10 * _SECOND, monitor=500_000_000)
    assert spec["minReadySeconds"] == 10
    assert any("delay" in how for how in told)


def test_a_long_delay_moves_the_deadline_that_must_be_above_it():
    spec, _ = _spec(delay=900 * _SECOND)
    assert spec["minReadySeconds"] == 900
    assert spec["progressDeadlineSeconds"] > 900


@pytest.mark.parametrize("action", ["rollback", "continue"])
def test_what_happens_on_failure_is_lost(action):
    _, told = _spec(failure_action=action)
    assert told[-1].startswith("lost: ")
    _, stopping = _spec(failure_action="pause")
    assert stopping[-1] == "kept: it stops at a pod that is not ready, too"


def test_each_key_of_an_update_is_told_what_became_of_it_alone():
    text = b"""
    services:
      web:
        image: nginx
        deploy: {update_config: {parallelism: 2, delay: 5s, failure_action: rollback}}
    """
    reader = InMemory({"/srv/compose.yaml": text})
    project = load([], reader=reader, environment={}, folder="/srv")
    result = translate(application_from_compose(project, reader))
    path = "services.web.deploy.update_config."
    told = {e.path.removeprefix(path): e.outcome for e in result.report.entries}
    assert told["parallelism"] is Outcome.KEPT
    assert told["delay"] is Outcome.CHANGED
    assert told["failure_action"] is Outcome.LOST


def test_with_a_disk_of_its_own_it_is_recreated_and_no_word_of_rolling_stays():
    web = service(
        "web",
        "update",
        mounts=(_DATA,),
        scheduling=Scheduling(update=Update(parallelism=2, start_first=True)),
    )
    result = translated(web)
    judge(result)
    assert workload_of(result, "web")["spec"]["strategy"] == {"type": "Recreate"}
    assert hows(result, "update")[0].startswith("changed: Recreate")


def test_a_file_that_is_only_read_lets_pods_meet():
    mount = Mount(
        kind=MountKind.BIND,
        source="/etc/x",
        target="/x",
        origin="mounts",
        read_only=True,
    )
    spec = workload_of(translated(service("web", mounts=(mount,))), "web")["spec"]
    assert "strategy" not in spec


def test_one_on_every_node_has_a_strategy_of_its_own_name():
    update = Update(parallelism=1)
    result = translated(scheduled("agent", mode=Mode.GLOBAL, update=update))
    judge(result)
    spec = workload_of(result, "agent")["spec"]
    assert spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"] == 1
    assert "strategy" not in spec


def test_a_pod_that_nothing_keeps_is_not_updated():
    result = translated(
        scheduled("work", "update", mode=Mode.REPLICATED_JOB, update=Update())
    )
    assert hows(result, "update") == ["lost: a Job is not updated: it is made anew"]
