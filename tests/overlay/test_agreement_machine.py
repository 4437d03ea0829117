"""A host of a cluster against a model that fits on a page.

```
model: name ─▶ subnet number, VNI, {container: address number}, {address number} elsewhere
       every choice is the lowest free number
```
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from minidock.model.network import Network
from minidock.overlay import keys, records
from minidock.overlay.facts import Fact
from tests.overlay.hosts import Host

_NAMES = st.sampled_from(["ov0", "ov1"])
_NUMBERS = st.integers(2, 4)


@dataclass
class _Net:
    subnet: int
    vni: int = 0
    here: dict[str, int] = field(default_factory=dict)
    elsewhere: set[int] = field(default_factory=set)


def _lowest(taken: set[int], first: int) -> int:
    return next(n for n in range(first, 99999) if n not in taken)


class Agreement(RuleBasedStateMachine):
    """Commands on one host, and news of what others hold."""

    def __init__(self) -> None:
        super().__init__()
        self.host = Host()
        self.nets: dict[str, _Net] = {}
        self.count = 0

    def _network(self, name: str) -> Network:
        return next(n for n in self.host.world.networks.values() if n.name == name)

    def _tell(self, net: _Net, number: int, text: str | None) -> None:
        pool = f"GlobalDefault/10.0.{net.subnet}.0/24"
        self.host.learn([Fact(keys.address(pool, f"10.0.{net.subnet}.{number}"), text)])

    @rule(name=_NAMES)
    def create(self, name: str) -> None:
        if name in self.nets:
            text = self.host.refused(f"network create -d overlay {name}")
            assert text == f"network with name {name} already exists"
            return
        self.host(f"network create -d overlay {name}")
        self.nets[name] = _Net(_lowest({net.subnet for net in self.nets.values()}, 0))

    @rule(name=_NAMES)
    def run(self, name: str) -> None:
        if name not in self.nets:
            return
        net = self.nets[name]
        self.count += 1
        self.host(f"run -d --name c{self.count} --network {name} busybox sleep 9d")
        taken = {*net.here.values(), *net.elsewhere}
        net.here[f"c{self.count}"] = _lowest(taken, 2)
        net.vni = net.vni or _lowest({n.vni for n in self.nets.values()}, 256)

    @rule(name=_NAMES, force=st.booleans())
    def leave(self, name: str, force: bool) -> None:
        if name not in self.nets or not self.nets[name].here:
            return
        container, _ = self.nets[name].here.popitem()
        if force:
            self.host(f"rm -f {container}")
        else:
            self.host(f"network disconnect {name} {container}")

    @rule(name=_NAMES)
    def remove(self, name: str) -> None:
        if name not in self.nets:
            return
        net = self.nets[name]
        if net.here:
            assert "has active endpoints" in self.host.refused(f"network rm {name}")
            return
        for number in sorted(net.elsewhere):
            self._tell(net, number, None)
        self.host(f"network rm {name}")
        del self.nets[name]

    @rule(name=_NAMES, number=_NUMBERS)
    def held_elsewhere(self, name: str, number: int) -> None:
        if name not in self.nets:
            return
        net = self.nets[name]
        self._tell(net, number, records.dump_holder("e" * 64, "192.0.2.9:2376"))
        net.elsewhere.add(number)
        net.here = {c: n for c, n in net.here.items() if n != number}

    @rule(name=_NAMES)
    def free_elsewhere(self, name: str) -> None:
        if name in self.nets and self.nets[name].elsewhere:
            self._tell(self.nets[name], self.nets[name].elsewhere.pop(), None)

    @rule()
    def restart(self) -> None:
        self.host.docker.restart_daemon()
        for net in self.nets.values():
            net.here.clear()

    @invariant()
    def every_host_has_the_subnets_and_vnis_and_addresses_that_the_registry_gave(
        self,
    ) -> None:
        self.host.check()
        for name, net in self.nets.items():
            network = self._network(name)
            assert network.overlay is not None
            [subnet] = network.overlay.subnets
            assert (str(subnet.subnet), subnet.vni) == (
                f"10.0.{net.subnet}.0/24",
                net.vni,
            )
            members = self.host.world.members.get(network.id, {})
            here = {}
            for container_id in members:
                container = self.host.world.containers[container_id]
                endpoint = container.endpoint_on(network.id)
                assert endpoint is not None
                assert endpoint.address is not None
                here[container.name] = endpoint.address.value % 256
            assert here == net.here

    @invariant()
    def no_address_is_held_that_no_network_has(self) -> None:
        cluster = self.host.cluster
        wanted = {f"10.0.{net.subnet}.0/24" for net in self.nets.values()}
        assert set(cluster.subnet_owners) == wanted
        assert {str(s) for s in cluster.space.subnets()} == wanted
        vnis = {str(net.vni) for net in self.nets.values() if net.vni}
        assert set(cluster.vnis) == vnis


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None
)
