"""Which object keeps a pod, and what of its own it says."""

import pytest

from k8s_bridge.application import (
    Condition,
    Lifecycle,
    Mode,
    Mount,
    MountKind,
    Restart,
    Scheduling,
)
from k8s_bridge.cron import TimeTable
from tests.k8s_bridge.made import after, scheduled, service, translated
from tests.k8s_bridge.shapes import hows, judge, named, spec_of, workload_of

_KINDS = [
    ({}, {}, "Deployment", "Always"),
    ({"restart": Restart.NO}, {}, "Pod", "Never"),
    ({"restart": Restart.NO}, {"replicas": 3}, "Job", "Never"),
    ({"restart": Restart.NO, "status": "exited"}, {}, "Job", "Never"),
    ({"restart": Restart.ON_FAILURE}, {}, "Pod", "OnFailure"),
    ({"restart": Restart.ON_FAILURE}, {"replicas": 2}, "Job", "OnFailure"),
    ({"restart": Restart.ON_FAILURE, "retries": 4}, {}, "Job", "OnFailure"),
    ({"restart": Restart.UNLESS_STOPPED}, {}, "Deployment", "Always"),
    ({"removed_when_done": True}, {}, "Job", "Never"),
    ({"restart": Restart.NO}, {"mode": Mode.GLOBAL}, "DaemonSet", "Always"),
    ({}, {"mode": Mode.REPLICATED_JOB}, "Job", "Never"),
    ({}, {"mode": Mode.GLOBAL_JOB}, "Job", "Never"),
    ({}, {"cron": "@daily"}, "CronJob", "Never"),
    ({"restart": Restart.ALWAYS}, {"cron": "@daily"}, "CronJob", "OnFailure"),
    ({}, {"identity": True}, "StatefulSet", "Always"),
    ({"restart": Restart.NO}, {"identity": True}, "Pod", "Never"),
]


@pytest.mark.parametrize(("lifecycle", "scheduling", "kind", "policy"), _KINDS)
def test_restart_mode_and_time_table_choose_the_object(
    lifecycle, scheduling, kind, policy
):
    wanted = service(
        "web",
        lifecycle=Lifecycle(**lifecycle),
        scheduling=Scheduling(**scheduling),
    )
    result = translated(wanted)
    judge(result)
    assert workload_of(result, "web")["kind"] == kind
    assert spec_of(result, "web").get("restartPolicy", "Always") == policy


def test_what_nobody_said_about_restarting_is_a_change():
    said = service("web", "restart", lifecycle=Lifecycle(restart=Restart.ALWAYS))
    assert hows(translated(said), "restart") == [
        "kept: Deployment, restartPolicy Always"
    ]
    assert hows(translated(service("web", "restart")), "restart") == [
        "changed: Deployment, restartPolicy Always: Docker would not start it again"
    ]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_number_of_replicas_is_kept_even_none(number):
    result = translated(scheduled("web", "replicas", replicas=number))
    assert named(result, "Deployment", "web")["spec"]["replicas"] == number
    assert hows(result, "replicas") == ["kept: replicas"]


def test_a_job_of_several_runs_them_at_once():
    result = translated(
        scheduled("work", "replicas", mode=Mode.REPLICATED_JOB, replicas=3)
    )
    spec = named(result, "Job", "work")["spec"]
    assert (spec["completions"], spec["parallelism"]) == (3, 3)
    assert hows(result, "replicas")[0].startswith("changed: completions")


def test_a_job_that_is_not_to_run_yet_is_suspended():
    result = translated(scheduled("work", mode=Mode.REPLICATED_JOB, replicas=0))
    assert named(result, "Job", "work")["spec"]["suspend"] is True


@pytest.mark.parametrize(
    ("restart", "retries", "attempts"),
    [
        (Restart.ON_FAILURE, 3, 3),
        (Restart.ON_FAILURE, 0, 2**31 - 1),
        (Restart.NO, 0, 0),
        (Restart.UNSET, 0, 0),
    ],
)
def test_a_job_tries_as_often_as_docker(restart, retries, attempts):
    work = service(
        "work",
        lifecycle=Lifecycle(restart=restart, retries=retries),
        scheduling=Scheduling(mode=Mode.REPLICATED_JOB),
    )
    assert named(translated(work), "Job", "work")["spec"]["backoffLimit"] == attempts


def test_a_time_table_is_a_cron_job_with_a_job_inside():
    result = translated(
        scheduled(
            "backup",
            cron=TimeTable("0 3 * * 7"),
            timezone="Europe/Paris",
            overlap="Forbid",
            replicas=0,
        )
    )
    judge(result)
    spec = named(result, "CronJob", "backup")["spec"]
    assert spec["schedule"] == "0 3 * * 0"
    assert spec["timeZone"] == "Europe/Paris"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["suspend"] is True
    assert "suspend" not in spec["jobTemplate"]["spec"]


def test_names_leave_room_for_what_is_put_behind_them():
    long = "backup" * 10
    result = translated(
        scheduled(long, cron=TimeTable("@daily")), scheduled(f"{long}-x", identity=True)
    )
    judge(result)
    names = [m["metadata"]["name"] for m in result.manifests[-2:]]
    assert len(set(names)) == 2
    assert all(len(name) <= 52 for name in names)


def test_a_named_volume_is_shared_by_all_unless_each_has_an_identity():
    mount = Mount(kind=MountKind.VOLUME, source="data", target="/data", origin="mounts")
    shared = service("db", mounts=(mount,), scheduling=Scheduling(replicas=3))
    result = translated(shared)
    claim = named(result, "PersistentVolumeClaim", "data")["spec"]
    assert claim["accessModes"] == ["ReadWriteMany"]
    # More than one writes anyway, so a roll-out may let one more do so.
    assert "strategy" not in named(result, "Deployment", "db")["spec"]

    own = service(
        "db", mounts=(mount,), scheduling=Scheduling(replicas=3, identity=True)
    )
    result = translated(own)
    judge(result)
    spec = named(result, "StatefulSet", "db")["spec"]
    [template] = spec["volumeClaimTemplates"]
    assert template["metadata"]["name"] == "data"
    assert template["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert spec["serviceName"] == "db"
    assert not [m for m in result.manifests if m["kind"] == "PersistentVolumeClaim"]


def test_a_single_one_with_a_volume_is_recreated_and_no_stateful_set():
    mount = Mount(kind=MountKind.VOLUME, source="data", target="/data", origin="mounts")
    spec = named(translated(service("db", mounts=(mount,))), "Deployment", "db")["spec"]
    assert spec["strategy"] == {"type": "Recreate"}


def test_one_on_every_node_has_no_number():
    result = translated(scheduled("agent", "mode", mode=Mode.GLOBAL, replicas=2))
    assert "replicas" not in named(result, "DaemonSet", "agent")["spec"]
    assert hows(result, "mode") == ["kept: DaemonSet: one on each node"]


def test_labels_of_a_service_are_those_of_its_object():
    labels = (("team", "core"), ("note", "two words"))
    result = translated(scheduled("web", "deploy_labels", labels=labels))
    manifest = named(result, "Deployment", "web")
    assert manifest["metadata"]["labels"]["team"] == "core"
    assert manifest["metadata"]["annotations"]["note"] == "two words"
    assert "team" not in manifest["spec"]["template"]["metadata"]["labels"]
    assert len(hows(result, "deploy_labels")) == 2


def test_a_job_that_others_wait_for_is_not_swept_away():
    result = translated(
        service("migrate", "auto_remove", lifecycle=Lifecycle(removed_when_done=True)),
        service("web", **after("migrate", condition=Condition.COMPLETED)),
    )
    spec = named(result, "Job", "migrate")["spec"]
    assert "ttlSecondsAfterFinished" not in spec
    assert hows(result, "auto_remove")[0].startswith("changed")
