"""Who holds which host port."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from benchmarks.ports import behind_addresses, compare, ephemeral, filled, refused
from minidock.eras import PortConflicts
from minidock.errors import InvalidParameter, PortsExhausted, PortTaken, Unclassified
from minidock.net.address import Address
from minidock.ports.table import ANY_V4, ANY_V6, PortTable
from tests.ports.strategies_ports import host_addresses, ports, protocols, ranges

SAME, OVERLAPPING = PortConflicts.SAME_ADDRESS, PortConflicts.OVERLAPPING
HERE, THERE = Address.parse("127.0.0.1"), Address.parse("127.0.0.2")
both_rules = pytest.mark.parametrize("conflicts", list(PortConflicts))


def claim(table, address=ANY_V4, first=0, last=0, protocol="tcp"):
    return table.claim(address, protocol, first, last or first)


@both_rules
def test_ephemeral_ports_start_at_the_ranges_beginning_and_go_on(conflicts):
    table, first = claim(PortTable(conflicts=conflicts))
    table, second = claim(table)
    assert (first, second) == (32768, 32769)


@both_rules
def test_a_released_ephemeral_port_is_not_handed_out_at_once(conflicts):
    table, first = claim(PortTable(conflicts=conflicts))
    _, second = claim(table.release(ANY_V4, "tcp", first))
    assert second == first + 1


@both_rules
def test_the_search_wraps_at_the_ranges_end(conflicts):
    table = PortTable(conflicts=conflicts, first=100, last=102)
    for _ in range(3):
        table, _ = claim(table)
    table = table.release(ANY_V4, "tcp", 101)
    assert claim(table)[1] == 101
    with pytest.raises(PortsExhausted, match=r"^all ports are allocated$"):
        claim(claim(table)[0])


@both_rules
def test_an_exact_port_moves_no_cursor(conflicts):
    table, _ = claim(PortTable(conflicts=conflicts), first=40000)
    assert claim(table)[1] == 32768


@both_rules
def test_a_range_has_a_cursor_of_its_own(conflicts):
    table, _ = claim(PortTable(conflicts=conflicts), first=9000, last=9010)
    table, other = claim(table, first=9000, last=9001)
    table, again = claim(table, first=9000, last=9010)
    assert (other, again) == (9001, 9002)


def test_the_default_range_written_out_shares_its_cursor():
    table, _ = claim(PortTable())
    table = table.release(ANY_V4, "tcp", 32768)
    assert claim(table, first=32768, last=60999)[1] == 32769


@both_rules
def test_protocols_never_meet(conflicts):
    table, _ = claim(PortTable(conflicts=conflicts), first=53)
    for protocol in ("udp", "sctp"):
        table, port = claim(table, first=53, protocol=protocol)
        assert port == 53


def test_up_to_27_addresses_do_not_see_each_other():
    table, _ = claim(PortTable(conflicts=SAME), first=80)
    table, port = claim(table, HERE, first=80)
    assert port == 80
    assert claim(table, HERE)[1] == claim(table)[1] == 32768


def test_from_28_on_the_wildcard_needs_every_address_of_its_family():
    table, _ = claim(PortTable(conflicts=OVERLAPPING), HERE, first=80)
    with pytest.raises(
        PortTaken, match=r"^Bind for 127\.0\.0\.1:80 failed: port is already allocated$"
    ):
        claim(table, first=80)
    assert claim(table, THERE, first=80)[1] == 80
    assert claim(table, ANY_V6, first=80)[1] == 80


def test_from_28_on_an_address_needs_its_own_set_and_the_wildcards():
    table, _ = claim(PortTable(conflicts=OVERLAPPING), first=80)
    with pytest.raises(PortTaken, match=r"Bind for 0\.0\.0\.0:80 failed"):
        claim(table, HERE, first=80)


def test_from_28_on_an_ephemeral_search_skips_what_overlaps():
    table, _ = claim(PortTable(conflicts=OVERLAPPING), HERE)
    assert claim(table)[1] == 32769


def test_one_request_gets_one_port_on_all_its_addresses_or_none():
    table, _ = PortTable().claim(ANY_V6, "tcp", 32768, 32768)
    both, port = table.claim_all((ANY_V4, ANY_V6), "tcp")
    assert port == 32769
    with pytest.raises(PortTaken):
        both.claim_all((HERE, Address.parse("::1")), "udp", 0, 0)[0].claim_all(
            (ANY_V4, ANY_V6), "tcp", 32769, 32769
        )
    assert not table.holds(ANY_V4, "tcp", 32769)


def test_the_first_addresses_cursor_leads_and_all_cursors_move():
    table = PortTable(conflicts=SAME)
    for _ in range(3):
        table, _ = claim(table, ANY_V6)
    table, port = table.claim_all((ANY_V4, ANY_V6), "tcp")
    assert port == 32771
    assert claim(table)[1] == claim(table, ANY_V6)[1] == 32772


def test_an_address_named_twice_counts_once():
    table, port = PortTable().claim_all((HERE, HERE), "tcp", 80, 80)
    assert table.invariants() == []
    assert list(table.release(HERE, "tcp", port).holdings()) == []


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 0), (6, 5)])
def test_a_range_with_a_zero_or_a_fall_is_refused(first, last):
    with pytest.raises(InvalidParameter, match=f"^invalid port range: {first}-{last}$"):
        PortTable().claim(ANY_V4, "tcp", first, last)


def test_a_protocol_without_ports_is_refused():
    with pytest.raises(Unclassified, match=r"^unknown protocol$"):
        PortTable().claim(ANY_V4, "icmp")


def test_releasing_what_nobody_holds_changes_nothing_as_docker_does():
    table, _ = claim(PortTable(), first=80)
    assert table.release(HERE, "tcp", 80) == table
    once = table.release(ANY_V4, "tcp", 80)
    assert once.release(ANY_V4, "tcp", 80) == once


def test_tables_with_the_same_content_are_equal_and_hash_alike():
    one, other = (
        claim(claim(PortTable(), first=80)[0], HERE, first=81)[0] for _ in "ab"
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one != claim(one)[0]


def test_invariants_name_what_is_broken():
    table, _ = claim(PortTable(), first=80)
    books = (
        table._books[0]._replace(anywhere=type(table._books[0].anywhere)()),
        *table._books[1:],
    )
    broken = PortTable(_books=books)
    assert "tcp, IPv4: the union is known" in broken.invariants()


# laws


@given(host_addresses, protocols, ports)
def test_a_port_that_is_claimed_is_held_and_one_that_is_released_is_free(
    address, protocol, port
):
    empty = PortTable()
    table, got = empty.claim(address, protocol, port, port)
    assert got == port
    assert table.holds(address, protocol, port)
    assert not empty.holds(address, protocol, port)
    assert table.release(address, protocol, port) == empty


@given(host_addresses, protocols, ranges(), st.sampled_from(list(PortConflicts)))
def test_a_range_of_ports_is_handed_out_in_order_until_it_is_exhausted(
    address, protocol, limits, conflicts
):
    table = PortTable(conflicts=conflicts)
    got = []
    for _ in range(limits[1] - limits[0] + 1):
        table, port = table.claim(address, protocol, *limits)
        got.append(port)
    assert got == list(range(limits[0], limits[1] + 1))
    with pytest.raises(PortsExhausted):
        table.claim(address, protocol, *limits)


# flatness: ratios in one run, with room and a second chance, never a time


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("one port free", lambda: ephemeral(filled(but=1))),
        ("all ports taken", lambda: refused(filled())),
        ("4,096 host addresses", lambda: ephemeral(behind_addresses(4096))),
        ("one port free, sets apart", lambda: ephemeral(filled(but=1, conflicts=SAME))),
    ],
)
def test_a_claim_costs_the_same_however_crowded_the_table_is(name, make):
    crowded, empty = make(), ephemeral(PortTable())
    ratios = [compare(crowded, empty)[1]]
    while ratios[-1] > 8 and len(ratios) < 3:
        ratios.append(compare(crowded, empty)[1])
    assert min(ratios) <= 8, f"{name}: {ratios}"


# the machine


def overlap(one, other):
    return one.family == other.family and (
        one == other or 0 in {one.value, other.value}
    )


class NaiveTable:
    """The rules, written down slowly: a set of triples and a dict of cursors."""

    def __init__(self, conflicts, first, last):
        self.conflicts, self.range = conflicts, (first, last)
        self.held, self.cursors = set(), {}

    def free(self, addresses, protocol, port):
        sees = overlap if self.conflicts is OVERLAPPING else lambda a, b: a == b
        return not any(
            (p, n) == (protocol, port) and sees(a, wanted)
            for a, p, n in self.held
            for wanted in addresses
        )

    def claim(self, addresses, protocol, first, last):
        if first == last != 0:
            found = first if self.free(addresses, protocol, first) else None
        else:
            first, last = (first, last) if last else self.range
            cursor = self.cursors.get((addresses[0], protocol, first, last), last)
            order = [*range(cursor + 1, last + 1), *range(first, cursor + 1)]
            found = next((n for n in order if self.free(addresses, protocol, n)), None)
            if found:
                for address in addresses:
                    self.cursors[address, protocol, first, last] = found
        if found:
            self.held |= {(address, protocol, found) for address in addresses}
        return found


class PortTableMachine(RuleBasedStateMachine):
    """The table and the naive one, side by side."""

    @initialize(conflicts=st.sampled_from(list(PortConflicts)))
    def begin(self, conflicts):
        self.table = PortTable(conflicts=conflicts, first=9003, last=9009)
        self.naive = NaiveTable(conflicts, 9003, 9009)

    @rule(
        addresses=st.lists(host_addresses, min_size=1, max_size=3).map(tuple),
        protocol=st.sampled_from(["tcp", "udp"]),
        limits=st.one_of(
            ranges(), st.just((0, 0)), st.integers(9000, 9015).map(lambda n: (n, n))
        ),
    )
    def claim(self, addresses, protocol, limits):
        expected = self.naive.claim(addresses, protocol, *limits)
        before = self.table
        try:
            self.table, port = before.claim_all(addresses, protocol, *limits)
        except (PortTaken, PortsExhausted):
            port = None
            assert self.table is before
        assert port == expected

    @rule(
        address=host_addresses,
        protocol=st.sampled_from(["tcp", "udp"]),
        port=st.integers(9000, 9015),
    )
    def release(self, address, protocol, port):
        self.naive.held.discard((address, protocol, port))
        self.table = self.table.release(address, protocol, port)

    @rule()
    def release_everything(self):
        for holding in tuple(self.table.holdings()):
            self.table = self.table.release(*holding)
        self.naive.held.clear()

    @invariant()
    def the_table_of_ports_holds_what_a_naive_one_holds(self):
        if hasattr(self, "table"):
            assert self.table.invariants() == []
            assert list(self.table.holdings()) == sorted(self.naive.held)


PortTableMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None
)
TestPortTable = PortTableMachine.TestCase
