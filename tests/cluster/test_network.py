"""The network between hosts and their store: what arrives, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.cluster.network import TIME_OUT, Network
from minidock.cluster.store import SimulatedStore
from minidock.cluster.weather import CALM, STORMY, WINDY, Weather
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Change, Entry
from tests.contracts.store import StoreContract


def stores(network, count=2):
    return [SimulatedStore(host, network) for host in range(count)]


LAWS = [
    StoreContract.test_a_key_that_is_not_there_is_not_found_by_any_verb,
    StoreContract.test_a_version_grows_with_each_change,
    StoreContract.test_what_is_there_is_not_created_again,
    StoreContract.test_an_older_version_is_neither_swapped_nor_deleted,
    StoreContract.test_what_is_deleted_and_made_again_has_no_earlier_version,
    StoreContract.test_a_listing_has_what_is_below_a_path_and_nothing_beside_it,
    StoreContract.test_a_key_leaves_its_lease_with_a_change_without_it,
    StoreContract.test_a_lease_that_nobody_granted_is_not_found,
    StoreContract.test_it_does_what_a_dictionary_does,
]
"""Those that wait for nobody: real time and threads of others do not exist here."""


class Contract(StoreContract):
    examples = 10


@pytest.mark.parametrize("weather", [CALM, WINDY], ids=["calm", "windy"])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_wind_changes_when_things_happen_and_not_what(law, weather):
    law(Contract(), SimulatedStore(0, Network(weather=weather)))


def test_a_request_that_is_lost_is_not_done_and_costs_the_time_out():
    network = Network(weather=Weather(lost_requests=1.0))
    with pytest.raises(Unavailable, match="i/o timeout"):
        SimulatedStore(0, network).put("a", "1")
    assert network.store.list("").entries == ()
    assert network.now == TIME_OUT


def test_a_request_whose_answer_is_lost_is_done():
    network = Network(weather=Weather(lost_answers=1.0))
    with pytest.raises(Unavailable, match="i/o timeout"):
        SimulatedStore(0, network).put("a", "1")
    assert network.store.get("a").value == "1"


def test_a_late_request_is_done_after_its_sender_has_given_up():
    network = Network(weather=Weather(late=1.0))
    with pytest.raises(Unavailable):
        SimulatedStore(0, network).put("a", "1")
    assert network.store.list("").entries == ()
    network.pass_time(1)
    assert network.store.get("a").value == "1"


def test_a_request_that_arrives_twice_is_answered_once_and_done_twice():
    network = Network(weather=Weather(twice=1.0))
    here, there = stores(network)
    assert here.put("a", "1") == 1
    network.weather = CALM
    there.delete("a")
    network.pass_time(1)
    assert network.store.get("a").value == "1"


def test_a_host_that_is_cut_off_hears_nothing_and_the_others_go_on():
    network = Network()
    here, there = stores(network)
    watch = here.watch("", network.store.list("").revision)
    network.cut(0)
    there.put("a", "1")
    for ask in (lambda: here.get("a"), lambda: watch.changes(0)):
        with pytest.raises(Unavailable):
            ask()
    network.mend()
    assert here.get("a") == Entry("1", 1)
    assert list(watch.changes(0)) == [Change("a", Entry("1", 1))]


def test_an_answer_does_not_come_through_a_cut_that_was_made_meanwhile():
    network = Network(weather=Weather(delay=1.0))
    network.at(1.5, lambda: network.cut(0))
    with pytest.raises(Unavailable):
        SimulatedStore(0, network).put("a", "1")
    assert network.store.get("a").value == "1"


def test_a_store_that_is_down_refuses_and_comes_back_with_what_it_had():
    network = Network()
    here, _ = stores(network)
    here.put("a", "1")
    network.down = True
    with pytest.raises(Unavailable, match="connection refused"):
        here.get("a")
    network.down = False
    assert here.get("a").value == "1"


def test_a_lease_runs_out_in_simulated_time():
    network = Network()
    here, there = stores(network)
    lease = here.lease(20)
    here.create("a", "1", lease)
    network.pass_time(15)
    lease.keep_alive()
    network.pass_time(15)
    assert there.get("a").value == "1"
    network.pass_time(10)
    with pytest.raises(NotFound):
        there.get("a")
    with pytest.raises(NotFound):
        lease.keep_alive()


def test_a_slow_watch_tells_everything_in_order_and_at_last():
    network = Network(weather=Weather(slow_news=0.9))
    here, there = stores(network)
    watch = here.watch("", network.store.list("").revision)
    for number in range(50):
        there.put(f"k{number:02}", "v")
    looks = [watch.changes(0) for _ in range(200)]
    told = [change.key for look in looks for change in look]
    assert told == sorted(told)
    assert len(told) == 50
    assert sum(1 for look in looks if look) > 1


def contest(seed, weather=WINDY):
    """Four hosts each try to count up one number five times."""
    network = Network(seed=seed, weather=weather)
    network.store.put("number", "0")
    log = []

    def count(host):
        store = SimulatedStore(host, network)
        for _ in range(5):
            while True:
                entry = store.get("number")
                try:
                    new = str(int(entry.value) + 1)
                    store.compare_and_swap("number", new, entry.version)
                except Modified:
                    continue
                log.append((host, new, network.now))
                break

    network.turns.together([lambda host=host: count(host) for host in range(4)])
    return network.store.get("number").value, log


@given(seed=st.text("ab", max_size=8))
def test_a_counter_kept_by_compare_and_swap_loses_no_count_whatever_the_order(seed):
    assert contest(seed)[0] == "20"


def test_the_same_seed_gives_the_same_order_and_another_one_another():
    assert contest("one") == contest("one")
    assert len({tuple(contest(str(seed))[1]) for seed in range(5)}) == 5


def test_without_compare_and_swap_the_network_does_lose_counts():
    network = Network(seed="lost", weather=WINDY)
    network.store.put("number", "0")

    def count(host):
        store = SimulatedStore(host, network)
        for _ in range(5):
            store.put("number", str(int(store.get("number").value) + 1))

    network.turns.together([lambda host=host: count(host) for host in range(4)])
    assert int(network.store.get("number").value) < 20


def test_a_host_is_killed_where_it_waits_and_its_request_may_still_arrive():
    network = Network(weather=Weather(delay=1.0))
    done = []

    def task():
        store = SimulatedStore(0, network)
        store.put("a", "1")
        done.append("a")
        store.put("b", "1")
        done.append("b")

    network.at(2.5, lambda: network.kill(0))
    network.turns.together([task])
    assert done == ["a"]
    network.pass_time(1)
    assert network.store.get("b").value == "1"


def test_what_a_task_raises_is_raised_where_all_were_started():
    def fail():
        raise ValueError("wrong")

    network = Network()
    with pytest.raises(ExceptionGroup) as failed:
        network.turns.together([fail, lambda: network.pass_time(1)])
    assert [str(error) for error in failed.value.exceptions] == ["wrong"]
    assert network.now == 1


def test_a_storm_loses_repeats_and_delays_and_the_figures_say_so():
    network = Network(weather=STORMY)
    store = SimulatedStore(0, network)
    for number in range(300):
        try:
            store.put("a", str(number))
        except Unavailable:
            continue
    traffic = network.traffic
    assert traffic.requests == 300
    assert min(traffic.lost, traffic.late, traffic.twice) > 0
