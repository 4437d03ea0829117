"""Random hosts, built on this computer's kernel: the model answers what it answers.

The same with more of them: ``python -m tests.oracle.kernel --topologies 2000``.
"""

import random

import pytest

from tests.oracle.kernel.compare import compare, missing
from tests.oracle.kernel.topologies import topology

SEED = 4
CHUNKS = 20
TOPOLOGIES = 200

pytestmark = pytest.mark.skipif(
    bool(missing()), reason=missing() or "a kernel is there"
)


def series(chunk: int) -> range:
    """Every chunk has its part of the series, so that processes share the work."""
    return range(chunk, TOPOLOGIES, CHUNKS)


def test_the_chunks_are_the_whole_series() -> None:
    assert sorted(n for chunk in range(CHUNKS) for n in series(chunk)) == list(
        range(TOPOLOGIES)
    )


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_kernel_and_the_model_agree(chunk: int) -> None:
    questions = 0
    for number in series(chunk):
        found = compare(topology(random.Random(f"{SEED}/{number}")))
        questions += len(found.rows)
        assert not found.disagreements, "\n".join(
            [f"topology {SEED}/{number}", *found.report()]
        )
    assert questions > 100
