"""Who waits for whom, by which means, and that nobody waits for ever by mistake."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Condition,
    Lifecycle,
    Network,
    Networking,
    NetworkMode,
    Scheduling,
)
from k8s_bridge.cron import TimeTable
from k8s_bridge.mapping.plan import plan_of
from k8s_bridge.mapping.waiting import waits_of
from tests.k8s_bridge.made import CHECKED, after, app, service, translated
from tests.k8s_bridge.shapes import hows, judge, named, spec_of, workload_of
from tests.k8s_bridge.strategies_k8s_bridge import applications

_DONE = Condition.COMPLETED


def _waiters(result, name):
    return [c["name"] for c in spec_of(result, name).get("initContainers", [])]


def test_who_must_be_started_only_is_an_annotation():
    web = service("web", "dependencies@db", **after("db", condition=Condition.STARTED))
    result = translated(service("db"), web)
    metadata = named(result, "Deployment", "web")["metadata"]
    assert metadata["annotations"] == {"minidock/depends-on": "db:service_started"}
    assert _waiters(result, "web") == []
    assert hows(result, "dependencies@db")[0].startswith("changed: db: pods start in")


def test_who_must_be_healthy_is_waited_for_by_a_name_of_the_ready():
    web = service("web", "dependencies@db", **after("db"))
    result = translated(service("db", lifecycle=CHECKED), web)
    judge(result)
    [waiter] = spec_of(result, "web")["initContainers"]
    assert waiter["name"] == "wait-for-db"
    assert waiter["command"] == [
        "sh",
        "-c",
        "until getent hosts db-ready; do sleep 1; done",
    ]
    # The name of the peer itself answers before it is ready, this one does not.
    assert named(result, "Service", "db-ready")["spec"] == {
        "clusterIP": "None",
        "selector": {"app.kubernetes.io/name": "db"},
    }
    assert named(result, "Service", "db")["spec"]["publishNotReadyAddresses"] is True
    assert all(how.startswith("changed") for how in hows(result, "dependencies@db"))


def test_the_image_that_waits_is_a_choice():
    web = service("web", **after("db"))
    result = translated(service("db"), web, wait_image="registry.local/alpine")
    [waiter] = spec_of(result, "web")["initContainers"]
    assert waiter["image"] == "registry.local/alpine"


def test_a_peer_without_a_known_health_check_is_ready_when_it_runs():
    web = service("web", "dependencies@db", **after("db"))
    result = translated(service("db"), web)
    assert any("no health check" in how for how in hows(result, "dependencies@db"))


def test_who_must_have_completed_is_a_job_that_the_api_server_is_asked_about():
    web = service("web", "dependencies@migrate", **after("migrate", condition=_DONE))
    result = translated(service("migrate"), web, namespace="shop")
    judge(result)
    assert workload_of(result, "migrate")["kind"] == "Job"
    spec = spec_of(result, "web")
    [waiter] = spec["initContainers"]
    assert waiter["command"][-1] == "job/migrate"
    [role] = named(result, "Role", "wait-for-jobs")["rules"]
    assert role["resourceNames"] == ["migrate"]
    assert role["verbs"] == ["get", "list", "watch"]
    [subject] = named(result, "RoleBinding", "wait-for-jobs")["subjects"]
    assert subject["namespace"] == "shop"
    assert spec["serviceAccountName"] == "wait-for-jobs"
    assert hows(result, "dependencies@migrate")[0].startswith("kept")


def test_the_program_itself_gets_no_token():
    web = service("web", **after("migrate", condition=_DONE))
    spec = spec_of(translated(service("migrate"), web), "web")
    assert spec["automountServiceAccountToken"] is False
    [waiter], [program] = spec["initContainers"], spec["containers"]
    assert [m["name"] for m in waiter["volumeMounts"]] == ["wait-token"]
    assert "volumeMounts" not in program


def test_without_a_namespace_the_binding_names_the_default_one_and_says_so():
    web = service("web", "dependencies@migrate", **after("migrate", condition=_DONE))
    result = translated(service("migrate"), web)
    [subject] = named(result, "RoleBinding", "wait-for-jobs")["subjects"]
    assert subject["namespace"] == "default"
    assert any("RoleBinding" in how for how in hows(result, "dependencies@migrate"))


def test_two_projects_in_one_namespace_have_rights_of_their_own():
    web = service("web", **after("migrate", condition=_DONE))
    shop = app(service("migrate"), web)._replace(name="shop")
    assert named(translate(shop), "Role", "shop-wait-for-jobs")


_HOPELESS = [
    ("no pod", {"scheduling": Scheduling(replicas=0)}, Condition.HEALTHY),
    (
        "now and then",
        {"scheduling": Scheduling(cron=TimeTable("@daily"))},
        Condition.HEALTHY,
    ),
    ("never completes", {"scheduling": Scheduling(cron=TimeTable("@daily"))}, _DONE),
]


@pytest.mark.parametrize(("why", "parts", "condition"), _HOPELESS)
def test_nobody_waits_for_what_never_comes(why, parts, condition):
    web = service("web", "dependencies@db", **after("db", condition=condition))
    result = translated(service("db", **parts), web)
    assert _waiters(result, "web") == []
    [how] = hows(result, "dependencies@db")
    assert how.startswith("lost")
    assert why in how


def test_a_container_of_the_same_pod_is_not_waited_for():
    inside = Networking(mode=NetworkMode.SHARED, shares="db")
    side = service("side", "dependencies@db", networking=inside, **after("db"))
    result = translated(service("db", lifecycle=CHECKED), side)
    assert _waiters(result, "db") == []
    assert "start together" in hows(result, "dependencies@db")[0]


def test_pods_never_wait_for_each_other_around_a_corner():
    inside = Networking(mode=NetworkMode.SHARED, shares="web")
    result = translated(
        service("web", **after("db")),
        service("db", "dependencies@side", lifecycle=CHECKED, **after("side")),
        service("side", lifecycle=CHECKED, networking=inside),
    )
    assert _waiters(result, "web") == _waiters(result, "db") == []
    assert "waits for this one as well" in hows(result, "dependencies@side")[0]


def test_a_service_that_is_left_out_is_not_waited_for():
    web = service("web", "dependencies@gone", **after("gone"))
    result = translated(web)
    assert _waiters(result, "web") == []
    assert hows(result, "dependencies@gone")[0].startswith("lost")


def test_who_may_ask_dns_waits_and_who_may_not_ask_the_api_does_not():
    back = Network(name="front", internal=True)
    healthy = service("web", **after("db"))
    done = service("api", "dependencies@job", **after("job", condition=_DONE))
    result = translate(
        app(service("db"), service("job"), healthy, done, networks=(back,))
    )
    judge(result)
    assert _waiters(result, "web") == ["wait-for-db"]
    assert _waiters(result, "api") == []
    assert "API server" in hows(result, "dependencies@job")[0]


def test_what_has_no_network_waits_for_nobody():
    alone = Networking(mode=NetworkMode.NONE)
    web = service("web", "dependencies@db", networking=alone, **after("db"))
    result = translated(service("db"), web)
    assert _waiters(result, "web") == []
    assert "nobody to ask" in hows(result, "dependencies@db")[0]


def test_jobs_stand_in_the_order_in_which_they_wait():
    result = translated(
        service(
            "third",
            lifecycle=Lifecycle(removed_when_done=True),
            **after("second", condition=_DONE),
        ),
        service("second", **after("first", condition=_DONE)),
        service("first"),
    )
    jobs = [m["metadata"]["name"] for m in result.manifests if m["kind"] == "Job"]
    assert jobs == ["first", "second", "third"]


def test_a_name_that_a_service_has_is_not_taken_for_waiting():
    result = translated(
        service("db"), service("db-ready"), service("web", **after("db"))
    )
    judge(result)
    [waiter] = spec_of(result, "web")["initContainers"]
    assert "until getent hosts db-ready;" not in waiter["command"][2]


@settings(deadline=None, max_examples=60)
@given(applications())
def test_every_pod_starts_if_those_that_wait_for_nobody_do(application):
    plan = plan_of(application, Options())
    waits = waits_of(plan, ())
    started: set[str] = set()
    for _ in plan.pods:
        for pod in plan.pods:
            if all(wait.peer in started for wait in waits.steps_of(pod)):
                started.add(pod.name)
    assert started == {pod.name for pod in plan.pods}


@settings(deadline=None, max_examples=60)
@given(applications(), st.booleans())
def test_a_pod_that_waits_is_one_that_policies_let_ask(application, always):
    options = Options(policies="always" if always else "auto")
    plan = plan_of(application, options)
    waits = waits_of(plan, ())
    for pod in plan.pods:
        if plan.enforces and waits.steps_of(pod):
            assert not pod.isolated
            assert not (waits.watches(pod) and pod.only_internal)
