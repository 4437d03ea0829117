"""A frozen set of ports, against Python's own set."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.ports.portset import PortSet, next_free
from minidock.ports.shards import Shards

some_ports = st.sets(st.integers(0, 65535), max_size=40)


def test_the_search_steps_over_full_leaves():
    ports = PortSet.of(range(512, 65535))
    assert next_free((ports,), 512, 65535) == 65535
    assert next_free((ports,), 512, 65534) is None


def test_a_leaf_filled_by_two_sets_together_is_stepped_over_too():
    even, odd = PortSet.of(range(0, 2048, 2)), PortSet.of(range(1, 2048, 2))
    assert next_free((even, odd), 0, 65535) == 2048


def test_a_set_that_was_filled_and_emptied_equals_the_empty_one():
    ports = PortSet()
    for port in range(1024, 1536):
        ports = ports.add(port)
    assert ports == PortSet.of(range(1024, 1536))
    for port in range(1024, 1536):
        ports = ports.remove(port)
    assert ports == PortSet()
    assert not ports


def test_which_leaves_are_full_is_known_and_forgotten():
    ports = PortSet.of(range(512, 1023))
    assert ports.full == 0
    assert ports.add(1023).full == PortSet.of(range(512, 1024)).full == 0b10
    assert ports.add(1023).remove(600).full == 0
    assert next_free((ports.add(1023).remove(600),), 0, 511) == 0
    assert next_free((PortSet.of(range(1024)).remove(600),), 0, 65535) == 600


@given(some_ports, st.integers(0, 65535))
def test_adding_and_removing_change_one_port_and_never_the_old_set(ports, port):
    old = PortSet.of(ports)
    assert set(old.add(port)) == ports | {port}
    assert set(old.remove(port)) == ports - {port}
    assert set(old) == ports
    assert len(old) == len(ports)
    assert hash(old.add(port).remove(port)) == hash(PortSet.of(ports - {port}))


@given(
    st.lists(some_ports, min_size=1, max_size=3),
    st.integers(0, 65535),
    st.integers(0, 60),
)
def test_the_next_free_port_is_the_lowest_that_no_set_holds(sets, first, length):
    last = min(first + length, 65535)
    taken = set().union(*sets)
    naive = next((port for port in range(first, last + 1) if port not in taken), None)
    assert next_free(tuple(map(PortSet.of, sets)), first, last) == naive


@given(
    st.dictionaries(st.integers(), st.integers(), max_size=80),
    st.integers(),
    st.integers(),
)
def test_a_sharded_map_is_a_dict_that_never_changes(entries, key, value):
    shards = Shards()
    for name, number in entries.items():
        shards = shards.set(name, number)
    changed = shards.set(key, value)
    assert dict(shards.items()) == entries
    assert dict(changed.items()) == {**entries, key: value}
    assert changed.get(key) == value
    assert key in entries or changed.delete(key) == shards
    assert len(changed) == len({*entries, key})
