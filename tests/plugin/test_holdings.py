"""What the plugin hands out, against a naive model."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from minidock.errors import (
    AddressesExhausted,
    AddressTaken,
    NotFound,
    PoolOverlap,
    Refusal,
)
from minidock.plugin.holdings import GLOBAL, LOCAL, Holdings

SUBNETS = ["10.9.0.0/30", "10.9.0.0/29", "10.8.0.0/29", "fd00:9::/125"]
RANGES = ["", "10.8.0.0/30", "10.8.0.4/30"]


def test_one_subnet_may_be_held_in_both_address_spaces():
    held, one = Holdings.create().allocate(LOCAL, "10.9.0.0/24")
    held, two = held.allocate(GLOBAL, "10.9.0.0/24")
    assert one.id != two.id
    held, first = held.allocate_address(one.id)
    held, second = held.allocate_address(two.id)
    assert first == second
    assert held.invariants() == []


def test_automatic_subnets_of_the_two_spaces_come_from_dockers_two_lists():
    held, local = Holdings.create().allocate(LOCAL)
    held, shared = held.allocate(GLOBAL)
    held, six = held.allocate(LOCAL, v6=True)
    assert str(local.subnet) == "172.17.0.0/16"
    assert str(shared.subnet) == "10.0.0.0/24"
    assert six.subnet.length == 64


def test_two_ranges_of_one_subnet_never_share_an_address():
    held, low = Holdings.create().allocate(LOCAL, "10.8.0.0/29", "10.8.0.0/30")
    held, all_of_it = held.allocate(LOCAL, "10.8.0.0/29", "10.8.0.0/31")
    held, first = held.allocate_address(low.id)
    held, second = held.allocate_address(low.id)
    assert [str(first), str(second)] == ["10.8.0.1", "10.8.0.2"]
    with pytest.raises(AddressTaken):
        held.allocate_address(all_of_it.id, "10.8.0.1")
    with pytest.raises(AddressesExhausted):
        held.allocate_address(all_of_it.id)


def test_a_range_does_not_hide_that_its_subnet_overlaps_another():
    held, _ = Holdings.create().allocate(LOCAL, "10.8.0.0/16")
    with pytest.raises(PoolOverlap):
        held.allocate(LOCAL, "10.8.5.0/24", "10.8.5.128/25")


def test_a_pool_that_was_released_is_unknown():
    held, lease = Holdings.create().allocate(LOCAL)
    with pytest.raises(NotFound, match="unknown pool"):
        held.release(lease.id).allocate_address(lease.id)


class HandingOut(RuleBasedStateMachine):
    """Requests in any order, right or wrong; the model is a dict of sets."""

    def __init__(self):
        super().__init__()
        self.held = Holdings.create()
        self.model: dict[str, set[str]] = {}

    @rule(
        space=st.sampled_from([LOCAL, GLOBAL, "nosuch"]),
        subnet=st.sampled_from(["", *SUBNETS]),
        part=st.sampled_from(RANGES),
    )
    def pool(self, space, subnet, part):
        try:
            held, lease = self.held.allocate(space, subnet, part)
        except Refusal:
            return
        assert lease.id not in self.model
        self.held = held
        self.model[lease.id] = set()

    @rule(data=st.data(), number=st.integers(-1, 8))
    def address(self, data, number):
        if not self.model:
            return
        pool = data.draw(st.sampled_from(sorted(self.model)))
        subnet = self.held.lease(pool).subnet
        wanted = "" if number < 0 else str(subnet.first + number)
        try:
            held, address = self.held.allocate_address(pool, wanted)
        except Refusal:
            return
        assert wanted in {"", str(address)}
        start = "/".join(pool.split("/")[:3])
        for name, addresses in self.model.items():
            if name == start or name.startswith(start + "/"):
                assert str(address) not in addresses
        self.held = held
        self.model[pool].add(str(address))

    @rule(data=st.data())
    def release_address(self, data):
        held = [(p, a) for p, addresses in self.model.items() for a in addresses]
        if held:
            pool, address = data.draw(st.sampled_from(sorted(held)))
            self.held = self.held.release_address(pool, address)
            self.model[pool].remove(address)

    @rule(data=st.data())
    def release_pool(self, data):
        if self.model:
            pool = data.draw(st.sampled_from(sorted(self.model)))
            self.held = self.held.release(pool)
            del self.model[pool]

    @invariant()
    def the_plugin_holds_just_the_addresses_that_were_handed_out(self):
        assert self.held.invariants() == []
        shown = {
            name: set(map(str, lease.ledger))
            for name, lease in self.held.leases.items()
        }
        assert shown == self.model
        assert Holdings.restore(self.held.names()) == self.held


TestHandingOut = HandingOut.TestCase
