"""Space: which subnet a network gets, in the three eras."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from minidock.eras import SubnetChoice
from minidock.errors import InvalidParameter, PoolOverlap, PoolsExhausted
from minidock.ipam.defaults import GLOBAL_POOLS, LOCAL_POOLS, unique_local_pool
from minidock.ipam.ledger import Grant, Ledger
from minidock.ipam.runs import Runs
from minidock.ipam.space import Cursor, Space
from minidock.net.prefix import Prefix
from tests.ipam.strategies_ipam import choices, default_pools, subnets_of

FIRST, NEXT, LOWEST = SubnetChoice
parse = Prefix.parse


def take(space, count, **options):
    got = []
    for _ in range(count):
        space, subnet = space.allocate(**options)
        got.append(str(subnet))
    return space, got


def explicit(space, *subnets, **options):
    for subnet in subnets:
        space, _ = space.allocate(parse(subnet), **options)
    return space


# The default pools (recording 03; facts, 1.1).


def test_a_clean_host_has_docker0_and_room_for_thirty_networks():
    _, got = take(Space.create(), 31)
    assert got[:3] == ["172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16"]
    assert got[14:17] == ["172.31.0.0/16", "192.168.0.0/20", "192.168.16.0/20"]
    assert got[30] == "192.168.240.0/20"


def test_a_swarm_has_65536_subnets():
    space, subnets = Space.create(GLOBAL_POOLS).allocate_many(65536)
    assert (str(subnets[1]), str(subnets[-1])) == ("10.0.1.0/24", "10.255.255.0/24")
    with pytest.raises(PoolsExhausted):
        space.allocate()


@pytest.mark.parametrize("choice", [FIRST, NEXT])
@pytest.mark.parametrize("family", [4, 6])
def test_to_26_the_text_says_which_family_is_exhausted(choice, family):
    space, _ = Space.create(choice=choice).allocate_many(31)
    with pytest.raises(PoolsExhausted) as refused:
        space.allocate(family=family)
    assert str(refused.value) == (
        f"could not find an available, non-overlapping IPv{family} address pool "
        "among the defaults to assign to the network"
    )


def test_since_27_the_text_says_all_pools_are_subnetted():
    with pytest.raises(
        PoolsExhausted, match="all predefined address pools have been fully subnetted"
    ):
        Space.create().allocate(family=6)


def test_since_27_a_host_makes_up_an_ipv6_pool():
    pool = unique_local_pool("0c1a")
    space = Space.create([*LOCAL_POOLS, pool])
    space, first = space.allocate(family=6)
    _, second = space.allocate(family=6)
    assert first.first == pool.base.first
    assert (first.length, second.first - first.first) == (64, 1 << 64)
    assert unique_local_pool("0c1a") == pool


def test_the_unique_local_pool_is_made_of_the_hash_of_the_host_id():
    # SHA-256 of "abc" begins ba7816bf 8f01cfea (FIPS 180-2): the low 40 bits of it.
    assert str(unique_local_pool("abc").base) == "fdbf:8f01:cfea::/48"


# Which one is next (facts, 1.7).


@pytest.mark.parametrize(
    ("choice", "reused"),
    [
        (FIRST, "172.19.0.0/16"),
        (NEXT, "172.21.0.0/16"),
        (LOWEST, "172.19.0.0/16"),
    ],
)
def test_the_second_of_three_is_deleted_and_one_created(choice, reused):
    space, got = take(Space.create(choice=choice), 4)
    assert got[1:] == ["172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/16"]
    assert take(space.release(parse("172.19.0.0/16")), 1)[1] == [reused]


def test_next_fit_moves_on_even_when_all_networks_are_gone():
    space, _ = take(Space.create(choice=NEXT), 2)
    for _ in range(3):
        space, subnet = space.allocate()
        space = space.release(subnet)
    assert take(space, 1)[1] == ["172.22.0.0/16"]


def test_next_fit_begins_anew_after_a_restart():
    space, subnet = Space.create(choice=NEXT).allocate()
    assert take(space.release(subnet).restarted(), 1)[1] == ["172.17.0.0/16"]


def test_an_explicit_subnet_does_not_move_the_cursor():
    space, _ = take(Space.create(choice=NEXT), 2)
    space = explicit(space, "10.0.0.0/16", "172.25.0.0/16")
    assert take(space, 1)[1] == ["172.19.0.0/16"]


def test_next_fit_looks_like_first_fit_after_exhaustion():
    """Recording 03: the last subnet was handed out, so the cursor is at the head."""
    space, _ = Space.create(choice=NEXT).allocate_many(31)
    for gone in ("172.23.0.0/16", "172.20.0.0/16", "192.168.96.0/20"):
        space = space.release(parse(gone))
    space, got = take(space, 3)
    assert got == ["172.20.0.0/16", "172.23.0.0/16", "192.168.96.0/20"]
    with pytest.raises(PoolsExhausted):
        space.allocate()
    space = space.release(parse("172.20.0.0/16"))
    space, got = take(space, 1)
    assert got == ["172.20.0.0/16"]
    for gone in ("172.21.0.0/16", "172.22.0.0/16"):
        space = space.release(parse(gone))
    with pytest.raises(PoolOverlap):
        space.allocate(parse("172.20.0.0/16"))
    space = explicit(space, "172.21.0.0/24")
    space, got = take(space, 1)
    assert got == ["172.22.0.0/16"]
    with pytest.raises(PoolsExhausted):
        space.allocate()


def test_next_fit_goes_round_to_the_beginning_of_the_pool_it_is_in():
    pools = [(parse("10.0.0.0/22"), 24), (parse("10.9.0.0/24"), 24)]
    space, _ = take(Space.create(pools, choice=NEXT), 2)
    space = explicit(space, "10.0.2.0/23", "10.9.0.0/24").release(parse("10.0.0.0/24"))
    assert take(space, 1)[1] == ["10.0.0.0/24"]


def test_room_is_found_at_multiples_of_the_size_only():
    assert Ledger(4).room(100, 1024, 256, Runs()) == 256
    assert Ledger(4).room(100, 511, 256, Runs()) is None


def test_one_cursor_serves_both_families():
    pools = [(parse("10.0.0.0/15"), 16), (parse("fd00::/63"), 64)]
    space, got = take(Space.create(pools, choice=NEXT), 1, family=6)
    assert got == ["fd00::/64"]
    space, got = take(space, 1)
    assert got == ["10.0.0.0/16"]
    assert take(space.release(parse("10.0.0.0/16")), 1)[1] == ["10.1.0.0/16"]


def test_the_pools_of_a_user_are_taken_in_the_order_of_the_era():
    pools = [(parse("192.168.0.0/16"), 24), (parse("10.0.0.0/16"), 24)]
    assert take(Space.create(pools, choice=NEXT), 1)[1] == ["192.168.0.0/24"]
    assert take(Space.create(pools, choice=LOWEST), 1)[1] == ["10.0.0.0/24"]


def test_since_27_a_pool_inside_another_is_dropped():
    pools = [
        (parse("10.10.0.0/16"), 24),
        (parse("192.168.0.0/24"), 24),
        (parse("10.0.0.0/8"), 16),
        (parse("10.0.0.0/8"), 24),
    ]
    kept = Space.create(pools).pools
    assert [(str(base), length) for base, length in kept] == [
        ("10.0.0.0/8", 16),
        ("192.168.0.0/24", 24),
    ]
    assert len(Space.create(pools, choice=NEXT).pools) == 4


def test_a_pool_is_not_split_into_something_larger():
    with pytest.raises(InvalidParameter):
        Space.create([(parse("192.168.0.0/23"), 22)])


# Beside what is there (recording 03c; the cases of lowest free, facts 9.1).


def test_default_pools_skip_the_routes_of_the_host():
    routes = [parse("192.0.2.0/24"), parse("172.18.5.0/24"), parse("172.20.0.0/16")]
    space, _ = Space.create(choice=NEXT).allocate()
    space, got = take(space, 3, host_routes=routes)
    assert got == ["172.19.0.0/16", "172.21.0.0/16", "172.22.0.0/16"]
    assert explicit(space, "172.18.5.0/24").holds(parse("172.18.5.0/24"))


def test_a_route_of_the_other_family_is_in_nobodys_way():
    routes = [parse("::/0")]
    assert take(Space.create(), 1, host_routes=routes)[1] == ["172.17.0.0/16"]


@pytest.mark.parametrize("choice", SubnetChoice)
@pytest.mark.parametrize(
    ("pools", "taken", "routes", "expected"),
    [
        ("192.168.0.0/16:24", "192.168.255.0/24", "", "192.168.0.0/24"),
        ("10.0.0.0/8:24 192.168.0.0/16:24", "10.0.0.0/8", "10.0.0.0/7",
         "192.168.0.0/24"),
        ("10.20.0.0/16:24 192.168.0.0/16:24", "10.0.0.0/8 192.168.0.0/24", "",
         "192.168.1.0/24"),
        ("10.20.0.0/22:24 192.168.0.0/16:24", "10.20.0.0/24 10.20.1.0/24 10.20.2.0/24",
         "10.20.3.0/24", "192.168.0.0/24"),
        ("192.168.0.0/16:24", "192.168.0.0/23 192.168.2.0/23 192.168.4.0/30", "", "192.168.5.0/24"),
        ("192.168.0.0/16:24", "192.168.0.0/24 192.168.1.0/24 192.168.2.0/30",
         "192.168.2.4/30 192.168.3.0/30 192.168.4.0/23", "192.168.6.0/24"),
        ("192.168.0.0/16:24", "192.168.0.0/24", "192.168.0.0/24", "192.168.1.0/24"),
        ("10.0.0.0/31:31 192.168.0.0/16:24", "10.0.0.0/32 100.0.0.0/32", "",
         "192.168.0.0/24"),
        ("172.16.0.0/15:16 192.168.0.0/16:24", "172.16.0.0/16 172.17.0.0/17", "",
         "192.168.0.0/24"),
        ("10.0.0.0/8:24", "10.0.0.0/16", "10.0.5.0/24", "10.1.0.0/24"),
        ("172.16.0.0/15:16", "172.16.0.0/16 172.17.128.0/17", "", None),
        ("172.16.0.0/15:16", "172.16.0.0/16", "172.17.9.0/32", None),
    ],
)  # fmt: skip
def test_the_first_whole_gap_is_taken(choice, pools, taken, routes, expected):
    pools = [pool.split(":") for pool in pools.split()]
    space = Space.create([(parse(base), int(n)) for base, n in pools], choice=choice)
    space = explicit(space, *taken.split())
    routes = [parse(route) for route in routes.split()]
    if expected is None:
        with pytest.raises(PoolsExhausted):
            space.allocate(host_routes=routes)
    else:
        assert take(space, 1, host_routes=routes)[1] == [expected]


# Explicit subnets (recording 04b).


@pytest.mark.parametrize(
    "subnet",
    ["10.50.0.0/16", "10.50.3.0/24", "10.0.0.0/8", "10.50.255.255/32", "0.0.0.0/0"],
)
def test_a_subnet_that_overlaps_is_refused(subnet):
    space = explicit(Space.create(), "10.50.0.0/16")
    with pytest.raises(
        PoolOverlap, match="Pool overlaps with other one on this address space"
    ) as refused:
        space.allocate(parse(subnet))
    assert refused.value.rule == "subnets share no address, and 10.50.0.0/16 is taken"


def test_neighbours_do_not_overlap():
    space = explicit(Space.create(), "10.50.0.0/16", "10.51.0.0/16", "10.49.0.0/16")
    assert space.subnets() == tuple(
        map(parse, ["10.49.0.0/16", "10.50.0.0/16", "10.51.0.0/16"])
    )


def test_the_families_do_not_see_each_other():
    space = explicit(Space.create(), "0.0.0.0/0", "::/0")
    assert (len(space.subnets(4)), len(space.subnets(6))) == (1, 1)


def test_oddity_a_subnet_with_an_ip_range_is_not_compared_with_others():
    space = explicit(Space.create(), "10.0.0.0/8")
    space = explicit(space, "10.50.0.0/16", ip_range=parse("10.50.1.0/24"))
    assert space.holds(parse("10.50.0.0/16"))
    with pytest.raises(PoolOverlap):
        space.allocate(parse("10.50.0.0/16"))


def test_networks_share_a_subnet_if_their_ip_ranges_differ():
    one, two = parse("10.50.1.0/24"), parse("10.50.2.0/24")
    space = explicit(Space.create(), "10.50.0.0/16", ip_range=one)
    space = explicit(space, "10.50.0.0/16", ip_range=two)
    with pytest.raises(PoolOverlap):
        space.allocate(parse("10.50.0.0/16"), ip_range=one)
    space = space.release(parse("10.50.0.0/16"), ip_range=one)
    assert space.holds(parse("10.50.0.0/16"))
    space = space.release(parse("10.50.0.0/16"), ip_range=two)
    assert space == Space.create()


def test_what_lies_around_a_released_subnet_stays_covered():
    inner, outer = parse("10.50.0.0/16"), parse("10.0.0.0/8")
    space = explicit(Space.create(GLOBAL_POOLS), "10.0.0.0/8")
    space = explicit(space, "10.50.0.0/16", ip_range=inner)
    with pytest.raises(PoolsExhausted):
        space.release(inner, ip_range=inner).allocate()
    space = space.release(outer)
    assert space.overlapping(parse("10.50.3.0/24")) == inner
    assert space.overlapping(parse("10.51.3.0/24")) is None


def test_a_range_without_a_subnet_is_refused():
    with pytest.raises(InvalidParameter, match="Invalid Address SubPool"):
        Space.create().allocate(ip_range=parse("10.0.0.0/24"))


@pytest.mark.parametrize("ip_range", [None, parse("10.50.2.0/24")])
def test_releasing_what_is_not_held_like_that_is_refused(ip_range):
    subnet = parse("10.50.0.0/16")
    space = explicit(Space.create(), "10.50.0.0/16", ip_range=parse("10.50.1.0/24"))
    with pytest.raises(InvalidParameter, match="does not contain specified"):
        space.release(subnet, ip_range=ip_range)


def test_releasing_twice_is_refused():
    space, subnet = Space.create().allocate()
    with pytest.raises(InvalidParameter):
        space.release(subnet).release(subnet)


def test_a_broken_space_names_what_is_broken():
    space, _ = Space.create(choice=NEXT).allocate()
    object.__setattr__(space.v4, "covered", Runs())
    assert space.v4.invariants() == ["covered"]
    object.__setattr__(space, "cursor", Cursor(0, 1 << 32))
    assert space.invariants() == ["IPv4", "cursor"]
    key = next(iter(space.v4.held))[0]
    nothing = Grant(whole=False, ranges=frozenset())
    broken = Ledger(4, space.v4.held.set(key, nothing), Runs([(172 << 24, 173 << 24)]))
    assert broken.invariants() == ["granted", "covered"]


# Laws.


@given(
    choices, default_pools(), st.lists(subnets_of(parse("10.0.0.0/24"), 30)), st.data()
)
def test_an_automatic_subnet_overlaps_nothing(choice, pools, routes, data):
    space = Space.create(pools, choice=choice)
    got = []
    for _ in range(data.draw(st.integers(0, 40))):
        try:
            space, subnet = space.allocate(host_routes=routes)
        except PoolsExhausted:
            slots = [
                slot for base, length in space.pools for slot in base.subnets(length)
            ]
            assert all(any(s.overlaps(o) for o in [*got, *routes]) for s in slots)
            break
        assert not any(subnet.overlaps(other) for other in [*got, *routes])
        got.append(subnet)
    for subnet in got:
        space = space.release(subnet)
    assert space.restarted() == Space.create(pools, choice=choice)


@given(subnets_of(parse("10.0.0.0/24"), 32), subnets_of(parse("10.0.0.0/24"), 32))
def test_an_overlapping_subnet_is_refused_whichever_came_first(one, other):
    def refused(first, second):
        space, _ = Space.create().allocate(first)
        try:
            space.allocate(second)
        except PoolOverlap:
            return True
        return False

    assert refused(one, other) == refused(other, one) == one.overlaps(other)


@given(choices, default_pools(), st.integers(0, 12))
def test_taking_many_subnets_is_taking_them_one_by_one(choice, pools, count):
    space = Space.create(pools, choice=choice)
    try:
        many, subnets = space.allocate_many(count)
    except PoolsExhausted:
        with pytest.raises(PoolsExhausted):
            take(space, count)
    else:
        assert (many, [str(s) for s in subnets]) == take(space, count)


class Naive:
    """The rules written as loops over lists, as moby has them."""

    def __init__(self, pools, choice):
        if choice is LOWEST:
            kept = []
            for base, length in sorted(pools, key=lambda pool: pool[0]):
                if not any(base.overlaps(other) for other, _ in kept):
                    kept.append((base, length))
            pools = kept
        self.slots = [s for base, length in pools for s in base.subnets(length)]
        self.choice, self.at, self.grants = choice, 0, []

    def taken(self, subnet):
        return any(subnet.overlaps(other) for other, _ in self.grants)

    def automatic(self, routes):
        order = self.slots
        if self.choice is NEXT:
            order = self.slots[self.at :] + self.slots[: self.at]
        for step, slot in enumerate(order):
            if not self.taken(slot) and not any(slot.overlaps(r) for r in routes):
                self.at = (self.at + step + 1) % len(self.slots)
                self.grants.append((slot, None))
                return slot
        return None

    def refuses(self, subnet, ip_range):
        if ip_range is None:
            return self.taken(subnet)
        return (subnet, ip_range) in self.grants


class AgainstLists(RuleBasedStateMachine):
    """A space beside the naive one."""

    @initialize(pools=default_pools(), choice=choices)
    def start(self, pools, choice):
        self.space = Space.create(pools, choice=choice)
        self.model = Naive(pools, choice)

    @rule(routes=st.lists(subnets_of(parse("10.0.0.0/24"), 30), max_size=2))
    def automatic(self, routes):
        expected = self.model.automatic(routes)
        if expected is None:
            with pytest.raises(PoolsExhausted):
                self.space.allocate(host_routes=routes)
        else:
            self.space, subnet = self.space.allocate(host_routes=routes)
            assert subnet == expected

    @rule(
        subnet=subnets_of(parse("10.0.0.0/24"), 30), half=st.sampled_from([None, 0, 1])
    )
    def explicit(self, subnet, half):
        halves = list(subnet.subnets(subnet.length + 1))
        ip_range = None if half is None else halves[half]
        if self.model.refuses(subnet, ip_range):
            with pytest.raises(PoolOverlap):
                self.space.allocate(subnet, ip_range=ip_range)
        else:
            self.space, _ = self.space.allocate(subnet, ip_range=ip_range)
            self.model.grants.append((subnet, ip_range))

    @rule(n=st.integers(0, 100))
    def release(self, n):
        if self.model.grants:
            subnet, ip_range = self.model.grants.pop(n % len(self.model.grants))
            self.space = self.space.release(subnet, ip_range=ip_range)

    @rule()
    def restart(self):
        self.space = self.space.restarted()
        self.model.at = 0

    @rule(subnet=subnets_of(parse("10.0.0.0/24"), 32))
    def ask(self, subnet):
        other = self.space.overlapping(subnet)
        assert (other is not None) == self.model.taken(subnet)
        assert other is None or (other.overlaps(subnet) and self.space.holds(other))

    @invariant()
    def a_space_lists_just_the_subnets_that_were_granted(self):
        if hasattr(self, "space"):
            assert self.space.invariants() == []
            held = sorted({subnet for subnet, _ in self.model.grants})
            assert list(self.space.subnets()) == held
            if not held:
                assert self.space.v4 == Ledger(4)


AgainstLists.TestCase.settings = settings(max_examples=80, stateful_step_count=40)
TestAgainstLists = AgainstLists.TestCase
