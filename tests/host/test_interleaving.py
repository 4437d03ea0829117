"""Docker's rules and people's own, against a kernel that is changed in place.

The naive kernel takes each of Docker's steps when it is made, deletes a thing's rules
when it is removed, and takes people's commands as they come. The library stores none of
that: it reads the rules off the World. Both must show the same at any moment.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from minidock.engine import Engine
from minidock.firewall.render import text_of
from minidock.firewall.ruleset import Ruleset
from minidock.firewall.steps import Place, Put
from minidock.host import rules as reading
from minidock.host.rules import rules

CHAINS = ("FORWARD", "DOCKER-USER", "DOCKER", "INPUT")
CHAIN = st.sampled_from(CHAINS)
PEOPLE = "-s 203.0.113.{} -j DROP"


def turns(world):
    """Docker's turns for all that stands, oldest first."""
    wall = reading._wall(world, 4)
    layout = reading._LAYOUTS[world.era.firewall_layout]
    return sorted(reading._turns(world, layout, wall), key=lambda turn: turn[:2])


def own_rules(some_turns):
    """The rules that belong to a thing, not to Docker as a whole."""
    return [
        step.rule
        for turn in some_turns
        for step in turn.steps
        if isinstance(step, Put) and step.place is not Place.RAISE
    ]


class Interleaving(RuleBasedStateMachine):
    era = ""

    def __init__(self):
        super().__init__()
        self.docker = Engine(self.era)
        # A list of texts for each chain of filter, changed in place like a kernel's.
        self.kernel = {
            chain: [text_of(r) for r in self.shown().rules("filter", chain)]
            for chain in self.names()
        }
        self.made = 0

    def shown(self) -> Ruleset:
        return rules(self.docker.world)

    def names(self):
        return [c.name for c in self.shown().table("filter").chains]

    def run(self, line):
        before = turns(self.docker.world)
        assert self.docker(line).ok, line
        after = turns(self.docker.world)
        left = own_rules(after)
        for gone in own_rules(turn for turn in before if turn not in after):
            if gone not in left and gone.table == "filter":
                chain = self.kernel[gone.chain]
                if text_of(gone) in chain:
                    chain.remove(text_of(gone))
        for turn in after:
            if turn in before:
                continue
            for step in turn.steps:
                if isinstance(step, Put) and step.rule.table == "filter":
                    self.put(step)

    def put(self, step):
        chain, text = self.kernel[step.rule.chain], text_of(step.rule)
        if text in chain:
            if step.place is not Place.RAISE:
                return
            chain.remove(text)
        chain.insert(len(chain) if step.place is Place.APPEND else 0, text)

    def on_host(self, line, *, code=0):
        assert self.docker.host_command(f"iptables {line}").code == code, line

    @precondition(lambda self: len(self.docker.world.networks) < 12)
    @rule(options=st.sampled_from(["", "--internal"]), icc=st.booleans())
    def create_a_network(self, options, icc):
        self.made += 1
        option = f"{options} -o com.docker.network.bridge.enable_icc={str(icc).lower()}"
        self.run(f"network create {option} n{self.made}")

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def remove_a_network(self, data):
        there = self.docker("network ls -q -f type=custom").stdout.split()
        if there:
            self.run(f"network rm {data.draw(st.sampled_from(there))}")

    @rule()
    def run_a_container(self):
        self.made += 1
        self.run(f"run -d --name c{self.made} -p {8000 + self.made}:80 nginx")

    @rule(data=st.data())
    def remove_a_container(self, data):
        there = self.docker("ps -q").stdout.split()
        if there:
            self.run(f"rm -f {data.draw(st.sampled_from(there))}")

    @rule(chain=CHAIN)
    def somebody_appends(self, chain):
        self.made += 1
        self.on_host(f"-A {chain} {PEOPLE.format(self.made)}")
        self.kernel[chain].append(f"-A {chain} -s 203.0.113.{self.made}/32 -j DROP")

    @rule(chain=CHAIN, data=st.data())
    def somebody_inserts(self, chain, data):
        self.made += 1
        number = data.draw(st.integers(1, len(self.kernel[chain]) + 1))
        self.on_host(f"-I {chain} {number} {PEOPLE.format(self.made)}")
        line = f"-A {chain} -s 203.0.113.{self.made}/32 -j DROP"
        self.kernel[chain].insert(number - 1, line)

    @rule(chain=CHAIN, data=st.data())
    def somebody_deletes(self, chain, data):
        count = len(self.kernel[chain])
        number = data.draw(st.integers(1, count + 1))
        self.on_host(f"-D {chain} {number}", code=int(number > count))
        if number <= count:
            del self.kernel[chain][number - 1]

    @rule(chain=CHAIN, data=st.data())
    def somebody_replaces(self, chain, data):
        count = len(self.kernel[chain])
        if not count:
            return
        self.made += 1
        number = data.draw(st.integers(1, count))
        self.on_host(f"-R {chain} {number} {PEOPLE.format(self.made)}")
        line = f"-A {chain} -s 203.0.113.{self.made}/32 -j DROP"
        self.kernel[chain][number - 1] = line

    @rule(chain=CHAIN)
    def somebody_flushes(self, chain):
        self.on_host(f"-F {chain}")
        self.kernel[chain].clear()

    @invariant()
    def the_rules_read_off_the_world_are_those_that_a_kernel_has(self):
        shown = self.shown()
        for chain, lines in self.kernel.items():
            assert [text_of(r) for r in shown.rules("filter", chain)] == lines, chain


class Interleaving20(Interleaving):
    era = "20.10"


class Interleaving28(Interleaving):
    era = "28"


for machine in (Interleaving20, Interleaving28):
    machine.TestCase.settings = settings(
        max_examples=30,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
TestInterleavingOf20 = Interleaving20.TestCase
TestInterleavingOf28 = Interleaving28.TestCase
