"""Pool: the addresses of one subnet, and who gets which."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from minidock.errors import (
    AddressesExhausted,
    AddressOutOfRange,
    AddressTaken,
    Conflict,
    Refusal,
)
from minidock.ipam.bitset import BitSet
from minidock.ipam.pool import Pool
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from tests.ipam.strategies_ipam import ip_ranges, small_subnets


def pool_of(subnet, **options):
    return Pool.open(Prefix.parse(subnet), **options)


def take(pool, count, **options):
    """The pool after some requests for any address, and what they got."""
    got = []
    for _ in range(count):
        pool, address = pool.allocate(**options)
        got.append(str(address))
    return pool, got


# What a 20.10 engine did (recordings 04, 04b, 05).


def test_first_fit_gives_what_was_released_at_once():
    pool, got = take(pool_of("10.60.0.0/24"), 6)
    assert got == [f"10.60.0.{n}" for n in range(1, 7)]
    pool, got = take(pool.release(Address.parse("10.60.0.3")), 2)
    assert got == ["10.60.0.3", "10.60.0.7"]


def test_of_two_released_the_lower_one_comes_first():
    pool, _ = take(pool_of("10.60.0.0/24"), 6)
    for octet in (6, 3):
        pool = pool.release(Address.parse(f"10.60.0.{octet}"))
    assert take(pool, 2)[1] == ["10.60.0.3", "10.60.0.6"]


def test_an_ip_range_is_handed_out_with_both_its_edges():
    pool = pool_of("10.61.0.0/24", ip_range=Prefix.parse("10.61.0.8/29"))
    pool, got = take(pool, 8)
    assert got == [f"10.61.0.{n}" for n in range(8, 16)]
    with pytest.raises(
        AddressesExhausted, match="No available addresses on this pool"
    ) as refused:
        pool.allocate()
    assert refused.value.remedy == "ask for one outside the range: 10.61.0.1 is free"


def test_a_wanted_address_may_lie_outside_of_the_ip_range():
    pool = pool_of("10.61.0.0/24", ip_range=Prefix.parse("10.61.0.8/29"))
    wanted = Address.parse("10.61.0.200")
    pool, address = pool.allocate(wanted)
    assert address == wanted
    assert pool.holds(wanted)


def test_the_range_of_a_wider_subnet_ends_before_its_broadcast():
    pool = pool_of("172.28.0.0/16", ip_range=Prefix.parse("172.28.255.254/31"))
    pool, got = take(pool, 1)
    assert got == ["172.28.255.254"]
    with pytest.raises(AddressesExhausted):
        pool.allocate()


@pytest.mark.parametrize("taken", ["10.65.0.0", "10.65.0.255", "10.65.0.50"])
def test_network_broadcast_and_held_addresses_are_in_use(taken):
    pool, _ = pool_of("10.65.0.0/24").allocate(Address.parse("10.65.0.50"))
    with pytest.raises(AddressTaken, match="Address already in use") as refused:
        pool.allocate(Address.parse(taken))
    assert refused.value.remedy == "10.65.0.1 is free"


@pytest.mark.parametrize("stranger", ["10.10.0.1", "10.8.255.255", "fd00::1"])
def test_an_address_of_elsewhere_is_out_of_range(stranger):
    pool = pool_of("10.9.0.0/16")
    with pytest.raises(AddressOutOfRange, match="Requested address is out of range"):
        pool.allocate(Address.parse(stranger))
    with pytest.raises(AddressOutOfRange):
        pool.release(Address.parse(stranger))
    assert not pool.holds(Address.parse(stranger))


def test_an_ipv4_number_is_no_ipv6_address():
    pool = pool_of("::/96")
    with pytest.raises(AddressOutOfRange):
        pool.allocate(Address.parse("0.0.0.5"))


def test_oddity_a_range_outside_of_the_subnet_acts_by_its_host_bits():
    pool = pool_of("10.9.0.0/16", ip_range=Prefix.parse("10.10.5.0/24"))
    assert take(pool, 1)[1] == ["10.9.5.0"]
    wider = pool_of("10.9.0.0/16", ip_range=Prefix.parse("10.0.0.0/8"))
    assert take(wider, 1)[1] == ["10.9.0.1"]


# The examples worked out of the rules (facts, 1.7), by era.


def test_a_slash_30_has_room_for_a_gateway_and_one_container():
    pool, got = take(pool_of("10.5.0.0/30"), 2)
    assert got == ["10.5.0.1", "10.5.0.2"]
    with pytest.raises(AddressesExhausted):
        pool.allocate()


@pytest.mark.parametrize("subnet", ["10.5.0.0/31", "10.5.0.0/32", "fd00::/128"])
def test_to_20_10_the_smallest_subnets_have_no_address(subnet):
    pool = pool_of(subnet)
    assert pool.free == 0
    with pytest.raises(AddressesExhausted):
        pool.allocate()


@pytest.mark.parametrize(
    ("subnet", "addresses"),
    [
        ("10.5.0.0/31", ["10.5.0.0", "10.5.0.1"]),
        ("10.5.0.7/32", ["10.5.0.7"]),
        ("fd00::/127", ["fd00::", "fd00::1"]),
        ("fd00::7/128", ["fd00::7"]),
    ],
)
def test_since_23_0_the_smallest_subnets_are_used_whole(subnet, addresses):
    pool = pool_of(subnet, point_to_point=True)
    pool, got = take(pool, len(addresses))
    assert got == addresses
    assert pool.free == 0


def test_point_to_point_changes_nothing_for_a_slash_30():
    assert take(pool_of("10.5.0.0/30", point_to_point=True), 2)[1][0] == "10.5.0.1"


def test_ipv6_begins_at_one_and_uses_its_last_address():
    assert take(pool_of("2001:db8::/64"), 2)[1] == ["2001:db8::1", "2001:db8::2"]
    pool, _ = take(pool_of("fd00::/126"), 3)
    assert pool.holds(Address.parse("fd00::3"))
    assert pool.free == 0


# Serial, which only swarm asks for.


def test_serial_lets_a_released_address_rest_until_the_round_is_over():
    pool, got = take(pool_of("10.0.1.0/29"), 3, serial=True)
    pool, more = take(pool.release(Address.parse("10.0.1.1")), 3, serial=True)
    assert got + more == [f"10.0.1.{n}" for n in (1, 2, 3, 4, 5, 6)]
    assert take(pool, 1, serial=True)[1] == ["10.0.1.1"]


def test_serial_does_not_give_back_what_was_just_released():
    pool, address = pool_of("10.0.1.0/29").allocate(serial=True)
    assert take(pool.release(address), 1, serial=True)[1] == ["10.0.1.2"]


def test_serial_goes_round_within_the_ip_range():
    pool = pool_of("10.0.1.0/24", ip_range=Prefix.parse("10.0.1.8/30"))
    pool, _ = take(pool, 4, serial=True)
    pool = pool.release(Address.parse("10.0.1.9"))
    assert take(pool, 1, serial=True)[1] == ["10.0.1.9"]


def test_serial_says_so_when_all_is_taken():
    pool, _ = take(pool_of("10.0.1.0/30"), 2, serial=True)
    with pytest.raises(AddressesExhausted):
        pool.allocate(serial=True)


# Releasing.


def test_releasing_twice_is_refused():
    pool, address = pool_of("10.5.0.0/30").allocate()
    with pytest.raises(Conflict, match=r"Address 10\.5\.0\.1 is not in use"):
        pool.release(address).release(address)


@pytest.mark.parametrize("reserved", ["10.5.0.0", "10.5.0.3"])
def test_the_reserved_addresses_cannot_be_released(reserved):
    with pytest.raises(Conflict):
        pool_of("10.5.0.0/30").release(Address.parse(reserved))


def test_a_refusal_says_what_was_asked_and_what_would_work():
    pool, address = pool_of("10.5.0.0/30").allocate()
    with pytest.raises(AddressTaken) as refused:
        pool.allocate(address)
    assert refused.value.explain().splitlines() == [
        "asked:  take 10.5.0.1 in 10.5.0.0/30",
        "rule:   one address can be held once; somebody holds it",
        "try:    10.5.0.2 is free",
    ]


def test_a_full_pool_proposes_to_release():
    pool, _ = take(pool_of("10.5.0.0/30"), 2)
    with pytest.raises(AddressTaken) as refused:
        pool.allocate(Address.parse("10.5.0.2"))
    assert refused.value.remedy == "release an address first: every one is taken"


def test_a_pool_is_opened_not_constructed():
    with pytest.raises(TypeError):
        Pool()


def test_taking_many_is_all_or_nothing():
    pool = pool_of("10.5.0.0/29")
    with pytest.raises(AddressesExhausted):
        pool.allocate_many(7)
    assert pool.taken == 0
    assert pool.allocate_many(6)[0].free == 0


def test_a_broken_pool_names_what_is_broken():
    pool, _ = pool_of("10.5.0.0/29").allocate()
    pool._taken = 5
    assert pool.invariants() == ["counted"]
    pool._bits, pool._taken = BitSet(8).including(3).including(9), 1
    assert pool.invariants() == ["reserved", "in-subnet"]
    pool, _ = pool_of("10.5.0.0/29").allocate()
    pool._bits._shard[5] = 0
    assert pool.invariants() == ["bits"]


# Laws.


@given(st.data())
def test_filling_a_pool_gives_each_address_of_the_range_once(data):
    subnet = data.draw(small_subnets(most=8))
    ip_range = data.draw(ip_ranges(subnet))
    pool = Pool.open(subnet, ip_range=ip_range)
    reserved = {subnet.first, subnet.last} if subnet.family == 4 else {subnet.first}
    expected = {a for a in (ip_range or subnet).addresses() if a not in reserved}
    got = []
    for _ in expected:
        pool, address = pool.allocate()
        got.append(address)
    with pytest.raises(AddressesExhausted):
        pool.allocate()
    assert got == sorted(set(got))
    assert set(got) == expected
    assert list(pool) == got


@given(small_subnets(), st.integers(0, 300))
def test_taking_many_addresses_is_taking_them_one_by_one(subnet, count):
    pool = Pool.open(subnet)
    count = min(count, pool.free)
    many, addresses = pool.allocate_many(count)
    for address in addresses:
        pool, single = pool.allocate()
        assert single == address
    assert many == pool
    assert hash(many) == hash(pool)


@given(small_subnets(fewest=4), st.data())
def test_releasing_everything_gives_back_the_first_pool(subnet, data):
    first = pool = Pool.open(subnet)
    wishes = st.sampled_from(["any", "serial", "wanted"])
    for wish in data.draw(st.lists(wishes, max_size=10)):
        free = subnet.address(data.draw(st.integers(1, subnet.size - 2)))
        if wish != "wanted":
            pool, _ = pool.allocate(serial=wish == "serial")
        elif not pool.holds(free):
            pool, _ = pool.allocate(free)
    for address in data.draw(st.permutations(list(pool))):
        pool = pool.release(address)
    assert pool.restarted() == first


class AgainstASet(RuleBasedStateMachine):
    """A pool beside a set of held addresses and a serial cursor."""

    @initialize(data=st.data(), point_to_point=st.booleans())
    def open(self, data, point_to_point):
        self.subnet = data.draw(small_subnets(most=5))
        ip_range = data.draw(ip_ranges(self.subnet))
        self.pool = Pool.open(
            self.subnet, ip_range=ip_range, point_to_point=point_to_point
        )
        everything = list(self.subnet.addresses())
        reserved = {everything[0]}
        if self.subnet.family == 4:
            reserved.add(everything[-1])
        if point_to_point and len(everything) <= 2:
            reserved = set()
        self.usable = [a for a in everything if a not in reserved]
        self.dynamic = [a for a in self.usable if a in (ip_range or self.subnet)]
        self.held = set()
        self.next_serial = self.subnet.first

    def free(self):
        return [a for a in self.dynamic if a not in self.held]

    def lowest(self, addresses):
        return addresses[0] if addresses else None

    def ask(self, expected, **options):
        if expected is None:
            with pytest.raises(AddressesExhausted):
                self.pool.allocate(**options)
            return
        self.pool, address = self.pool.allocate(**options)
        assert address == expected
        self.held.add(address)

    @rule()
    def take_any(self):
        self.ask(self.lowest(self.free()))

    @rule()
    def take_serially(self):
        later = [a for a in self.free() if a >= self.next_serial]
        expected = self.lowest(later) or self.lowest(self.free())
        self.ask(expected, serial=True)
        if expected is not None:
            self.next_serial = expected + 1

    @rule(n=st.integers(0, 31))
    def take_wanted(self, n):
        wanted = self.subnet.address(n % self.subnet.size)
        if wanted in self.held or wanted not in self.usable:
            with pytest.raises(AddressTaken):
                self.pool.allocate(wanted)
        else:
            self.pool, address = self.pool.allocate(wanted)
            assert address == wanted
            self.held.add(wanted)

    @rule(n=st.integers(0, 31))
    def release(self, n):
        address = self.subnet.address(n % self.subnet.size)
        if address in self.held:
            self.pool = self.pool.release(address)
            self.held.discard(address)
        else:
            with pytest.raises(Refusal):
                self.pool.release(address)

    @rule()
    def restart(self):
        self.pool = self.pool.restarted()
        self.next_serial = self.subnet.first

    @invariant()
    def a_pool_holds_just_the_addresses_that_were_taken_and_counts_them(self):
        if hasattr(self, "pool"):
            assert self.pool.invariants() == []
            assert list(self.pool) == sorted(self.held)
            assert self.pool.taken == len(self.held)
            assert self.pool.free == len(self.usable) - len(self.held)


AgainstASet.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestAgainstASet = AgainstASet.TestCase
