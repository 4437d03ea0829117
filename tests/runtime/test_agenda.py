"""The agenda against a plain dictionary."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.model.agenda import Agenda

changes = st.lists(
    st.tuples(st.integers(0, 900).map(str), st.none() | st.integers(0, 50)),
    max_size=900,
)


@given(changes)
def test_an_agenda_is_a_dictionary_in_the_order_of_its_moments(changes):
    agenda, plain = Agenda(), {}
    for name, moment in changes:
        agenda = agenda.set(name, moment)
        plain.pop(name, None)
        if moment is not None:
            plain[name] = moment
    expected = sorted((moment, name) for name, moment in plain.items())
    assert list(agenda.entries) == expected
    assert agenda.first == (expected[0] if expected else None)
    anew = Agenda()
    for moment, name in reversed(expected):
        anew = anew.set(name, moment)
    assert anew == agenda


def test_ten_thousand_entries_stay_in_order():
    agenda = Agenda()
    for number in range(10_000):
        agenda = agenda.set(f"program:{number}", number * 7919 % 100_003)
    assert list(agenda.entries) == sorted(agenda.entries)
    for number in range(0, 10_000, 3):
        agenda = agenda.set(f"program:{number}", None)
    assert len(agenda.entries) == len(agenda.moments) == 6666
    assert list(agenda.entries) == sorted(agenda.entries)
