"""What the random hosts are like; needs no kernel."""

import random
from collections import Counter

from hypothesis import given, settings

from minidock.host.machine import machine
from minidock.topology.machine import broken
from minidock.views.linux_plan import plan
from minidock.views.questions import PING, questions
from tests.oracle.kernel.topologies import topologies, topology


def test_a_seed_names_a_topology() -> None:
    one, two = (topology(random.Random("4/7")) for _ in range(2))
    assert one == two
    assert str(one).startswith("Engine('")


def test_the_series_has_a_bit_of_everything() -> None:
    seen: Counter[str] = Counter()
    for number in range(300):
        drawn = topology(random.Random(f"4/{number}"))
        words = " ".join([drawn.era, *drawn.daemon, *drawn.lines]).split()
        seen.update(set(words))
        seen["ways back"] += drawn.ways_back
    for word in (
        *("17.12", "20.10", "28", "--icc=false", "--userland-proxy=false"),
        *(
            "--iptables=false",
            "--ip-forward=false",
            "--internal",
            "--ipv6",
            "--ip6tables",
        ),
        *("host", "none", "container:c0", "--link", "--network-alias", "--ip", "-P"),
        *("pause", "stop", "connect", "ways back"),
    ):
        assert seen[word] > 2, word


@settings(max_examples=60, deadline=None)  # builds an engine
@given(topologies())
def test_every_random_host_is_a_sound_machine_that_a_kernel_can_build(drawn) -> None:
    world = drawn.engine().world
    stands = machine(world)
    assert broken(stands) == []
    made = plan(world, stands, "x", probed=True)
    places = [server.place for server in made.servers]
    assert len(set(places)) == len(places)
    assert {server.netns for server in made.servers} <= set(made.names)


@settings(max_examples=60, deadline=None)  # builds an engine
@given(topologies())
def test_a_kernel_is_asked_each_question_once_by_everybody_about_everything(
    drawn,
) -> None:
    world = drawn.engine().world
    stands = machine(world)
    asked = questions(world, stands)
    assert len(set(asked)) == len(asked)
    spaces = {space.name for space in stands.namespaces} | {"outside"}
    assert {question.space for question in asked} == spaces
    for space in stands.sandboxes:
        for item in space.interfaces[1:]:
            for own in item.addresses:
                askers = {
                    question.space
                    for question in asked
                    if question.address == own.address and question.protocol == PING
                }
                assert askers == (spaces if own.scope == "global" else set())
