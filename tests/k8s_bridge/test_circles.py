"""Which nodes of a graph lie on one circle."""

from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.mapping.circles import groups

_names = st.sampled_from("abcdef")
_graphs = st.dictionaries(_names, st.lists(_names, max_size=4), max_size=6).map(
    lambda graph: {
        name: [t for t in targets if t in graph] for name, targets in graph.items()
    }
)


def _reached(graph, start):
    found, rest = set(), [start]
    while rest:
        for target in graph[rest.pop()]:
            if target not in found:
                found.add(target)
                rest.append(target)
    return found


@given(_graphs)
def test_two_services_are_in_one_group_exactly_if_each_reaches_the_other(graph):
    place = groups(graph)
    reached = {name: _reached(graph, name) for name in graph}
    for one in graph:
        for other in graph:
            together = one == other or (other in reached[one] and one in reached[other])
            assert (place[one] == place[other]) is together


@given(_graphs)
def test_no_arrow_between_groups_goes_to_a_larger_number(graph):
    place = groups(graph)
    for name, targets in graph.items():
        assert all(place[target] <= place[name] for target in targets)


def test_a_long_chain_needs_no_recursion():
    chain = {str(n): [str(n + 1)] for n in range(20_000)} | {"20000": []}
    assert len(set(groups(chain).values())) == 20_001
