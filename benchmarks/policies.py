"""What a judgement on NetworkPolicies costs: the whole matrix, beside two peers.

Run ``python -m benchmarks.policies``. Peers: the definition asked pair by pair
(``reachability.allows``), and IBM's network-config-analyzer where ``nca`` is found
(PATH, ``MINIDOCK_NCA``). Every pod meets every other one on one port; the policies
select by two labels, in both directions.
"""

import random
import tempfile
from pathlib import Path
from time import perf_counter

from k8s_bridge.application import Port
from k8s_bridge.manifests import Manifest
from k8s_bridge.matrix import Matrix
from k8s_bridge.reachability import Pod, Policies, allows
from tests.oracle.policies.nca import judge, nca

__all__ = ["cluster", "main"]

HTTP = Port(80)
PEER = (60, 20)
WHOLE = (1_000, 200)


def cluster(pods: int, policies: int) -> tuple[list[Pod], list[Manifest]]:
    """Pods with two labels each, and policies about one of them each."""
    draw = random.Random(pods)
    ends = [
        Pod(name=f"p{n}", labels={"app": f"a{n % 50}", "tier": f"t{n % 10}"})
        for n in range(pods)
    ]
    return ends, [_policy(draw, number) for number in range(policies)]


def _policy(draw: random.Random, number: int) -> Manifest:
    def some() -> dict:
        labels = draw.choice(
            [{"app": f"a{draw.randrange(50)}"}, {"tier": f"t{draw.randrange(10)}"}]
        )
        return {"podSelector": {"matchLabels": labels}}

    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"n{number}", "namespace": "default"},
        "spec": {
            **some(),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [some()], "ports": [{"port": 80}]}],
            "egress": [{"to": [some()]}],
        },
    }


def _matrix(pods: list[Pod], manifests: list[Manifest]) -> tuple[float, int]:
    begin = perf_counter()
    matrix = Matrix(pods, Policies.of(manifests))
    pairs = sum(matrix.sources(n, HTTP).bit_count() for n in range(len(pods)))
    return perf_counter() - begin, pairs


def _pairwise(pods: list[Pod], manifests: list[Manifest]) -> tuple[float, int]:
    begin = perf_counter()
    policies = Policies.of(manifests)
    pairs = sum(allows(policies, one, two, HTTP) for one in pods for two in pods)
    return perf_counter() - begin, pairs


def _analyzer(python: str, pods: list[Pod], manifests: list[Manifest]) -> float:
    own = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": p.name, "namespace": "default", "labels": p.labels},
            "spec": {"containers": [{"name": "c", "image": "x"}]},
        }
        for p in pods
    ]
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        judge(python, [[*own, *manifests]], Path(folder))
        return perf_counter() - begin


def main() -> None:
    pods, manifests = cluster(*PEER)
    ours, reached = _matrix(pods, manifests)
    alone, same = _pairwise(pods, manifests)
    assert reached == same
    print(f"{PEER[0]} pods, {PEER[1]} policies: {ours * 1000:.1f} ms")
    print(f"  pair by pair {alone * 1000:.0f} ms, {alone / ours:.0f} times as long")
    python = nca()
    if python is None:
        print("  no network-config-analyzer here")
    else:
        theirs = _analyzer(python, pods, manifests)
        text = f"{theirs * 1000:.0f} ms, {theirs / ours:.0f} times as long"
        print(f"  network-config-analyzer {text} (its start included)")
    taken, reached = _matrix(*cluster(*WHOLE))
    print(f"{WHOLE[0]} pods, {WHOLE[1]} policies: {taken:.3f} s, {reached} pairs")


if __name__ == "__main__":
    main()
