"""Labels that choose the object where Docker has no word for it."""

import pytest

from k8s_bridge import translate
from k8s_bridge.sources.run import application_from_lines
from minidock.errors import InvalidParameter
from tests.k8s_bridge.shapes import workload_of


def _workload(*labels):
    words = " ".join(f"--label '{label}'" for label in labels)
    line = f"docker run -d --name web {words} nginx"
    return workload_of(translate(application_from_lines([line])), "web")


@pytest.mark.parametrize(
    "label", ["k8s-bridge.cron=0 3 * * 1", "kompose.cronjob.schedule=0 3 * * 1"]
)
def test_a_time_table_makes_a_cron_job(label):
    manifest = _workload(label)
    assert manifest["kind"] == "CronJob"
    assert manifest["spec"]["schedule"] == "0 3 * * 1"


@pytest.mark.parametrize(
    ("controller", "kind"),
    [
        ("statefulset", "StatefulSet"),
        ("daemonset", "DaemonSet"),
        ("deployment", "Deployment"),
    ],
)
def test_a_controller_can_be_asked_for(controller, kind):
    assert _workload(f"kompose.controller.type={controller}")["kind"] == kind


def test_our_label_has_the_last_word():
    labels = ("kompose.controller.type=daemonset", "k8s-bridge.controller=deployment")
    assert _workload(*labels)["kind"] == "Deployment"


@pytest.mark.parametrize(
    "label", ["k8s-bridge.cron=noon", "k8s-bridge.controller=robot"]
)
def test_a_label_that_nothing_can_do_is_refused(label):
    with pytest.raises(InvalidParameter):
        _workload(label)
