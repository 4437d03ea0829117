"""A real engine that began a swarm, replayed step by step (``docker-20.10-swarm``)."""

import json
from pathlib import Path

import pytest

from tests.golden.replay import Report, replay

FILES = sorted(Path(__file__).with_name("docker-20.10-swarm").glob("*.json"))

CERTIFICATES = "the root's certificate: minidock draws none, so TLSInfo is empty"
NAMESPACES = "the folder of namespaces: the overlays' and the sandbox's are not listed"
SANDBOX = "the cable of ingress's sandbox on docker_gwbridge is not modelled"
VERBOSE = "Services of an overlay, which verbose adds"
SERVICES = "services and their tasks, which are no part of this engine"
LATE = "the recorded engine forgets networks that had containers a moment later"

KNOWN: dict[str, dict[int, str]] = {
    "13-swarm-overlay": dict.fromkeys((6, 7), CERTIFICATES)
    | dict.fromkeys((10, 30, 91, 116), NAMESPACES)
    | dict.fromkeys((37,), VERBOSE)
    | dict.fromkeys((62, 63, 66, 67, 68, 69), SANDBOX)
    | dict.fromkeys((94, 95), LATE)
    | dict.fromkeys((101, 102, 103, 104, 105, 109, 110, 111), SERVICES)
    | dict.fromkeys((106, 117), "the rules for the frames of an encrypted network"),
    "13b-swarm-pools": {},
}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {
        file.stem: replay(json.loads(file.read_text()), file.stem) for file in FILES
    }


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_swarm_answers_like_the_recorded_one_but_for_known_steps(
    reports: dict[str, Report], name: str
) -> None:
    differing = {outcome.number for outcome in reports[name].differing}
    assert differing == set(KNOWN[name])


def test_every_recording_is_replayed(reports: dict[str, Report]) -> None:
    assert set(reports) == set(KNOWN)
    assert sum(report.matched for report in reports.values()) >= 95
