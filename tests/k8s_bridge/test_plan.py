"""Who shares a pod and what everything is called."""

from hypothesis import given, settings

from k8s_bridge import Options
from k8s_bridge.application import Network, Networking, NetworkMode
from k8s_bridge.mapping.plan import plan_of
from tests.k8s_bridge.made import app, service
from tests.k8s_bridge.strategies_k8s_bridge import applications


@settings(deadline=None, max_examples=60)
@given(applications())
def test_every_service_is_in_exactly_one_pod(application):
    plan = plan_of(application, Options())
    names = [s.name for pod in plan.pods for s in pod.services]
    assert sorted(names) == sorted(s.name for s in application.services)
    for service_ in application.services:
        assert service_ in plan.pod_of(service_.name).services


@settings(deadline=None, max_examples=60)
@given(applications())
def test_the_members_of_a_network_are_the_pods_that_are_attached(application):
    plan = plan_of(application, Options())
    for network in application.networks:
        attached = tuple(pod for pod in plan.pods if network in pod.networks)
        assert plan.members(network) == attached
        assert (network in plan.networks) is bool(attached)


def test_those_that_only_refer_to_each_other_have_a_pod_each():
    pair = {"aa": "bb", "bb": "aa", "cc": "aa"}
    services = [
        service(name, networking=Networking(mode=NetworkMode.SHARED, shares=other))
        for name, other in pair.items()
    ]
    plan = plan_of(app(*services), Options())
    assert [len(pod.services) for pod in plan.pods] == [1, 1, 1]


class _Counted(Network):
    """A network that counts how often it is compared or looked at by name."""

    looks = 0

    def __getattribute__(self, key):
        if key == "name":
            _Counted.looks += 1
        return super().__getattribute__(key)


def _looks(count):
    networks = tuple(_Counted(name=f"net{n}") for n in range(count))
    services = [service(f"svc{n}") for n in range(count)]
    _Counted.looks = 0
    plan = plan_of(
        app(*services, networks=(*networks, _Counted(name="front"))), Options()
    )
    for network in plan.networks:
        plan.members(network)
    for one in services:
        plan.pod_of(one.name)
    return _Counted.looks


def test_twice_as_many_services_and_networks_are_twice_the_looks():
    few, many = _looks(50), _looks(100)
    assert many < 2.2 * few
