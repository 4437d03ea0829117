import itertools
from pathlib import Path

import pytest

from minidock.firewall.invariants import broken
from minidock.firewall.render import parse
from tests.golden.iptables import dump_of, expected, main

DUMPS = Path(__file__).resolve().parents[2] / "../shared/golden/iptables-28"
recorded_only = pytest.mark.skipif(
    not DUMPS.exists(), reason="moby's dumps are not here"
)


def every_name():
    """The names of all dumps there can be: what has no effect is not in a name."""
    flags = ("false", "true")
    for hairpin, internal, icc in itertools.product(flags, repeat=3):
        inside = f"hairpin={hairpin},internal={internal},icc={icc}"
        if internal == "true":
            yield from (f"{inside}{end}" for end in ENDS)
            continue
        modes = ("nat", "nat-unprotected", "routed", "isolated")
        for masq, snat, bind in itertools.product(flags, repeat=3):
            for mode, end in itertools.product(modes, ENDS):
                rest = f"masq={masq},snat={snat},gwm={mode},bindlh={bind}"
                yield f"{inside},{rest}{end}"
    for hairpin in flags:
        yield from (f"cleaned,hairpin={hairpin}{end}" for end in ENDS)
    yield from ("no__iptables.golden", "no__ip6tables.golden")


ENDS = (
    "__iptables.golden",
    "__ip6tables.golden",
    ",wsl2mirrored=true__iptables.golden",
)


@recorded_only
def test_the_rules_are_those_of_a_real_engine_28(capsys):
    assert main(["-v", str(DUMPS)]) == 0
    count = len(list(DUMPS.glob("*.golden")))
    assert capsys.readouterr().out.splitlines() == [f"matched {count} of {count}"]


@pytest.mark.parametrize("name", sorted(every_name()))
def test_any_name_gives_sound_rules(name):
    dump = dump_of(f"TestIptabler_{name}")
    made = parse(expected(dump), dump.family)
    assert broken(made) == ()
    assert bool(made.rules("filter", "FORWARD")) == dump.enabled


def test_a_family_that_is_switched_off_has_three_empty_tables():
    assert expected(dump_of("TestIptabler_no__ip6tables.golden")).split("\n") == [
        "*raw",
        ":PREROUTING ACCEPT [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        "COMMIT",
        "*filter",
        ":INPUT ACCEPT [0:0]",
        ":FORWARD ACCEPT [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        "COMMIT",
        "*nat",
        ":PREROUTING ACCEPT [0:0]",
        ":INPUT ACCEPT [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        ":POSTROUTING ACCEPT [0:0]",
        "COMMIT",
        "",
    ]


def test_a_dump_that_differs_is_told_and_shown(tmp_path, capsys):
    good = tmp_path / "TestIptabler_cleaned,hairpin=true__iptables.golden"
    good.write_text(expected(dump_of(good.name)))
    bad = tmp_path / "TestIptabler_cleaned,hairpin=false__iptables.golden"
    bad.write_text(expected(dump_of(bad.name)).replace("-j DOCKER-CT\n", "-j GONE\n"))
    nameless = tmp_path / "what.golden"
    nameless.write_text("")
    assert main(["-v", str(tmp_path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[-1] == "matched 1 of 3"
    assert f"differs: {bad.name}" in shown
    assert "    +-A DOCKER-FORWARD -j DOCKER-CT" in shown
    assert "    what.golden does not say how its bridge was made" in shown
