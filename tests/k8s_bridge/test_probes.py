"""A health check is what a kubelet marks by, and kills nothing unless it is asked to."""

import pytest

from k8s_bridge.application import Healthcheck, Lifecycle
from tests.k8s_bridge.made import service, translated
from tests.k8s_bridge.shapes import container_of, hows

_SECOND = 1_000_000_000


def _container(liveness=False, **check):
    wanted = Healthcheck(command=("true",), **check)
    web = service("web", "healthcheck", lifecycle=Lifecycle(healthcheck=wanted))
    result = translated(web, liveness=liveness)
    return container_of(result, "web"), hows(result, "healthcheck")


def test_what_nobody_said_is_what_docker_takes():
    container, _ = _container()
    assert container["readinessProbe"] == {
        "exec": {"command": ["true"]},
        "periodSeconds": 30,
        "timeoutSeconds": 30,
        "failureThreshold": 3,
    }
    assert "startupProbe" not in container
    assert "livenessProbe" not in container


@pytest.mark.parametrize(
    ("asked", "seconds"), [(1, 1), (_SECOND // 2, 1), (1_500_000_000, 2)]
)
def test_parts_of_a_second_are_rounded_up_and_reported(asked, seconds):
    container, told = _container(interval=asked, timeout=asked)
    assert container["readinessProbe"]["periodSeconds"] == seconds
    assert container["readinessProbe"]["timeoutSeconds"] == seconds
    assert "changed: times are rounded up to whole seconds" in told


def test_a_start_period_asks_more_often_and_costs_nothing():
    container, _ = _container(start_period=60 * _SECOND)
    assert container["startupProbe"]["periodSeconds"] == 5
    assert container["startupProbe"]["failureThreshold"] == 2**31 - 1
    container, _ = _container(start_period=60 * _SECOND, start_interval=2 * _SECOND)
    assert container["startupProbe"]["periodSeconds"] == 2


def test_with_liveness_it_is_killed_when_docker_says_unhealthy():
    container, told = _container(
        liveness=True, start_period=60 * _SECOND, interval=10 * _SECOND, retries=2
    )
    assert container["livenessProbe"]["failureThreshold"] == 2
    # 60 s of grace and two failures 10 s apart, asked every 5 s.
    assert container["startupProbe"]["failureThreshold"] == 16
    assert any("started again" in how for how in told)


def test_a_kubelet_expands_the_words_of_a_probe_so_they_are_escaped():
    check = Healthcheck(command=("/bin/sh", "-c", "test $(date) && echo $$"))
    web = service("web", lifecycle=Lifecycle(healthcheck=check))
    probe = container_of(translated(web), "web")["readinessProbe"]
    assert probe["exec"]["command"][2] == "test $$(date) && echo $$$"


def test_a_test_that_only_the_image_knows_is_lost_and_said_so():
    check = Healthcheck(interval=_SECOND, image_knows=True)
    web = service("web", "healthcheck", lifecycle=Lifecycle(healthcheck=check))
    result = translated(web)
    assert "readinessProbe" not in container_of(result, "web")
    assert hows(result, "healthcheck")[0].startswith("lost")
