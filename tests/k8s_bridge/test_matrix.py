"""All pairs at once are the same as each pair alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge.matrix import Matrix, bits
from k8s_bridge.reachability import allows
from k8s_bridge.selectors import Index, selector_of
from minidock.model.document import freeze
from tests.k8s_bridge.strategies_policies import PORTS, _labels, _selectors, clusters


@settings(deadline=None, max_examples=300)
@given(clusters())
def test_the_matrix_of_policies_has_the_answer_to_each_question(cluster):
    ends, policies, _ = cluster
    matrix = Matrix(ends, policies)
    for port in PORTS:
        for target in range(len(ends)):
            column = set(bits(matrix.sources(target, port)))
            alone = {
                source
                for source, end in enumerate(ends)
                if allows(policies, end, ends[target], port)
            }
            assert column == alone, (ends[target], port)


@given(st.lists(_labels, max_size=8), _selectors)
def test_an_index_selects_what_the_selector_selects(objects, document):
    selector = selector_of(freeze(document))
    chosen = {i for i, labels in enumerate(objects) if selector.selects(labels)}
    assert set(bits(Index(objects).selected(selector))) == chosen


@given(st.integers(0, 1 << 200))
def test_the_bits_of_a_number_add_up_to_it(mask):
    assert sum(1 << number for number in bits(mask)) == mask
