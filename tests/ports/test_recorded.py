"""The recorded 20.10 engine and minidock give the same ports and the same words."""

import pytest

from tests.ports.recorded import Session, load

RECORDING = load("06-ports.json")

pytestmark = pytest.mark.skipif(RECORDING is None, reason="the recordings are not here")


@pytest.fixture(scope="module")
def checks():
    return Session(RECORDING["steps"]).replay()


# how many of each kind the recording holds: none may go missing unseen
KINDS = {
    "PortBindings": 67,
    "ExposedPorts": 67,
    "NetworkSettings.Ports": 67,
    "order of ports": 67,
    "client refusal": 66,
    "create": 29,
    "start": 107,
    "list": 15,
    "docker ps": 67,
    "docker ps has ports": 67,
    "docker port": 48,
    "docker port refusal": 6,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_recorded_answer_is_given_again(checks, kind):
    chosen = [check for check in checks if check.kind == kind]
    assert len(chosen) == KINDS[kind]
    assert [check for check in chosen if check.recorded != check.ours] == []
