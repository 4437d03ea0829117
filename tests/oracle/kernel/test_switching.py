"""A switch of ours and a bridge of this computer's kernel send frames the same ways."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from minidock.net.mac import MAC
from minidock.topology.switch import BROADCAST, Frame, Switch
from tests.oracle.kernel.compare import missing
from tests.oracle.kernel.switching import PORTS

ROOT = Path(__file__).resolve().parents[3]
FRAMES = 150

pytestmark = pytest.mark.skipif(
    bool(missing()), reason=missing() or "a kernel is there"
)


@pytest.mark.parametrize("seed", [5, 6])
def test_a_switch_sends_each_frame_where_the_kernel_sends_it(seed: int) -> None:
    dice = random.Random(seed)
    stations = [f"02:00:00:00:00:{number:02x}" for number in range(1, 6)]
    frames = [
        (
            dice.choice(stations),
            dice.choice([*stations, *stations, str(BROADCAST)]),
            dice.choice([*PORTS, *PORTS, "br0"]),
        )
        for _ in range(FRAMES)
    ]
    program = ["unshare", "-n", sys.executable, "-m", "tests.oracle.kernel.switching"]
    done = subprocess.run(
        program, input=json.dumps(frames).encode(), capture_output=True, cwd=ROOT,
        timeout=60, check=True,
    )  # fmt: skip
    real = json.loads(done.stdout)
    switch = Switch(name="br0", ports=PORTS, own=frozenset({MAC.parse(real["mac"])}))
    for number, (source, target, port) in enumerate(frames):
        frame = Frame(MAC.parse(source), MAC.parse(target))
        switch, out = switch.hear(frame, port)
        assert list(out) == real["heard"][number], (number, source, target, port)
    assert len({tuple(ports) for ports in real["heard"]}) > 8
