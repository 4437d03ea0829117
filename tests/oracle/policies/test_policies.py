"""Packets, policies and an independent judge say the same about random hosts."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from k8s_bridge.reachability import Outside, Pod, allows
from tests.k8s_bridge.strategies_policies import PORTS, clusters
from tests.oracle.policies.__main__ import says
from tests.oracle.policies.compare import compare
from tests.oracle.policies.nca import judge, nca
from tests.oracle.policies.topologies import lines_of


@pytest.fixture(scope="module")
def hosts():
    return [compare(lines_of(seed)) for seed in range(60)]


@pytest.fixture(scope="module")
def python():
    found = nca()
    if found is None:
        pytest.skip("no network-config-analyzer (nca on the PATH or MINIDOCK_NCA)")
    return found


def test_packets_reach_whom_the_policies_let_them_reach(hosts):
    assert sum(len(host.questions) for host in hosts) > 1000
    assert [host.wrong for host in hosts if host.wrong] == []


def test_both_answers_occur_often(hosts):
    answers = [q.docker for host in hosts for q in host.questions]
    assert 0.2 < sum(answers) / len(answers) < 0.9


def test_an_independent_judge_says_so_too(hosts, python, tmp_path):
    cases = [host.manifests for host in hosts[:20]]
    for host, answer in zip(hosts, judge(python, cases, tmp_path), strict=False):
        for question in host.questions:
            if question.source or question.policies:
                assert says(answer, question) == question.policies, question


def test_a_policy_that_is_left_out_is_seen_by_the_judge(hosts, python, tmp_path):
    host = next(h for h in hosts if any(not q.docker and q.source for q in h.questions))
    rest = [m for m in host.manifests if m["kind"] != "NetworkPolicy"]
    answer = judge(python, [rest], tmp_path)[0]
    closed = [q for q in host.questions if not q.docker and q.source]
    assert all(says(answer, question) for question in closed)


def _pod_manifest(pod: Pod) -> dict:
    ports = [
        {"containerPort": port.number, "protocol": port.protocol.upper(), "name": name}
        for port, name in pod.ports
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.name,
            "namespace": pod.namespace,
            "labels": dict(pod.labels),
        },
        "spec": {"containers": [{"name": "c", "image": "x", "ports": ports}]},
    }


def test_the_evaluator_and_the_judge_agree_on_any_policies(python, tmp_path):
    drawn = []

    @settings(
        max_examples=80,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(clusters())
    def draw(cluster):
        drawn.append(cluster)

    draw()
    cases = []
    for ends, policies, manifests in drawn:
        pods = [e for e in ends if isinstance(e, Pod) and not e.on_host]
        if pods and not policies.by_address:
            case = [*manifests, *map(_pod_manifest, pods)]
            cases.append((pods, policies, case))
    answers = judge(python, [case for _, _, case in cases], tmp_path)
    asked = 0
    for (pods, policies, case), answer in zip(cases, answers, strict=True):
        ends = {f"{pod.namespace}/{pod.name}": pod for pod in pods}
        ends["203.0.113.7"] = Outside("203.0.113.7")
        for source, one in ends.items():
            for target, two in ends.items():
                for port in PORTS if source != target else ():
                    if isinstance(one, Pod) or isinstance(two, Pod):
                        asked += 1
                        ours = allows(policies, one, two, port)
                        theirs = answer.allows(source, target, port)
                        assert ours == theirs, (source, target, port, case)
    assert asked > 500
