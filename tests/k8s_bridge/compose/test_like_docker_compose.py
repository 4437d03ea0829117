"""Generated services, read here and by the real docker compose: the same, or refused.

The real one takes as long for a service as for forty, so those that are accepted go to
it together; each that is refused goes alone.
"""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from minidock.errors import Refusal
from tests.golden.compose import differences
from tests.k8s_bridge.compose.oracle import answered, asked, needs_compose, written
from tests.k8s_bridge.compose.strategies_compose import SHARED, projects, services

pytestmark = needs_compose
asking = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the files are written."""
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def compared(folder) -> Callable[[dict], list[str]]:
    """What differs between the two readings of a document."""

    def compare(document: dict) -> list[str]:
        written(folder, {"compose.yaml": json.dumps(document)})
        theirs, said = asked(folder)
        ours, refused = answered(folder)
        if ours is None or theirs is None:
            agree = ours is None and theirs is None
            return [] if agree else [f"here: {refused}", f"docker compose: {said}"]
        return list(differences(ours, theirs))

    return compare


def accepted(folder, service: dict) -> bool:
    written(
        folder, {"compose.yaml": json.dumps({"services": {"s": service}, **SHARED})}
    )
    model, refused = answered(folder)
    assert model is not None or isinstance(refused, Refusal)
    return model is not None


@given(st.lists(services(2), min_size=20, max_size=40))
@asking
def test_every_service_is_read_as_docker_compose_reads_it(
    folder, compared, many
) -> None:
    good = [service for service in many if accepted(folder, service)]
    named = {f"s{number}": service for number, service in enumerate(good)}
    for service in named.values():
        service.pop("container_name", None)
    assert compared({"services": named, **SHARED}) == []


@given(services(1))
@settings(asking, max_examples=25)
def test_a_service_that_docker_compose_refuses_is_refused_here_too(
    folder, compared, service
) -> None:
    assume(not accepted(folder, service))
    assert compared({"services": {"s": service}, **SHARED}) == []


@given(projects())
@settings(asking, max_examples=25)
def test_networks_and_volumes_are_read_as_docker_compose_reads_them(
    compared, project
) -> None:
    assert compared(project) == []


ODD = {
    "keys of a mapping that look like notes": {"labels": {"x-a": "1"}},
    "a key of ssh with a path, which cannot be printed": {"build": {"ssh": ["a=b"]}},
    "a null that crashes": {"pid": None},
}


@pytest.mark.parametrize("oddity", ODD)
def test_what_docker_compose_spoils_is_read_as_it_is_meant(compared, oddity) -> None:
    service = {"image": "nginx", **ODD[oddity]}
    assert compared({"services": {"s": service}}) != []
