"""Random clusters of 2-3 hosts, built for real and compared with the model.

Hosts are made by :class:`tests.packet.hosts.Hosts`. Some of them have forgotten a peer,
or have a rule against VXLAN, since what fails must fail alike, too.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from minidock.cli.compare import Expected, Row
from minidock.cli.probe import PATIENCE, Probe, probe
from minidock.cli.standing import standing
from minidock.errors import Refusal
from minidock.host.machine import machine
from minidock.packet.journey import journey
from minidock.packet.trace import OUTSIDE
from minidock.views.linux import FAR_AWAY, netns_name, outside_name
from minidock.views.linux_hosts import host_prefix, hosts_plan
from minidock.views.questions import PING, Question
from tests.packet.hosts import Hosts

_numbers = count()
_IMAGES = ["nginx", "redis", "hashicorp/consul", "busybox sleep 1d"]
_SECOND_LOOK = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What a drawn cluster is like, and its Worlds."""

    said: tuple[str, ...]
    worlds: tuple


def cluster(dice: random.Random) -> Cluster:
    """2-3 hosts, 1-3 overlay networks, 2-7 containers, and a fault now and then."""
    size = dice.choice([2, 2, 3])
    flags = dice.choice([(), (), ("--userland-proxy=false",), ("--iptables=false",)])
    hosts = Hosts(size, era=dice.choice(["20.10", "20.10", "28"]), flags=flags)
    said = [f"{size} hosts {flags}"]
    networks = []
    for number in range(dice.randint(1, 3)):
        name = f"ov{number}"
        subnets = [f"10.{number}.{turn}.0/24" for turn in range(dice.choice([1, 1, 2]))]
        internal = dice.random() < 0.25
        settings = {}
        if dice.random() < 0.2:
            settings["encrypted"] = True
        if dice.random() < 0.2:
            settings["data_port"] = 4790 + number
        hosts.network(name, *subnets, internal=internal, **settings)
        networks.append((name, subnets, internal))
        said.append(f"{name} {subnets} internal={internal} {settings}")
    last = count(10)
    for number in range(dice.randint(2, 7)):
        host, name = dice.randrange(size), f"box{number}"
        network, subnets, internal = dice.choice(networks)
        turn = dice.randrange(len(subnets))
        address = subnets[turn].replace(".0/24", f".{next(last)}")
        image = dice.choice(_IMAGES)
        more = ""
        if dice.random() < 0.25 and not internal:
            more = f"-p {8000 + number}:80"
        hosts.run(host, name, address, network, image, more=more, subnet=turn)
        said.append(f"host{host + 1}: {name} {network} {address} {more} {image}")
        if dice.random() < 0.3:
            other, others, _ = dice.choice(networks)
            if other != network:
                address = others[0].replace(".0/24", f".{next(last)}")
                hosts.join(host, name, address, other)
                said.append(f"host{host + 1}: {name} also {other} {address}")
    if dice.random() < 0.2 and "--iptables=false" not in flags:
        host, chain = dice.randrange(size), dice.choice(["INPUT", "OUTPUT"])
        line = f"iptables -A {chain} -p udp --dport 4789 -j DROP"
        hosts.engines[host].host_command(line)
        said.append(f"host{host + 1}: {line}")
    worlds = hosts.worlds
    if dice.random() < 0.25:
        host = dice.randrange(size)
        worlds[host] = _forgetful(worlds[host], dice)
        said.append(f"host{host + 1} forgets a peer")
    return Cluster(said=tuple(said), worlds=tuple(worlds))


def _forgetful(world, dice):
    """A host that was not told of one endpoint."""
    known = world.cluster.peers
    pairs = [(key, peer) for key in sorted(known) for peer in sorted(known[key])]
    if not pairs:
        return world
    key, peer = dice.choice(pairs)
    peers = known.set(key, known[key].delete(peer))
    return replace(world, cluster=replace(world.cluster, peers=peers))


# --- questions ------------------------------------------------------------------------


def asked(worlds) -> Iterator[tuple[int | None, Question]]:
    """Every question, with the number of the host that asks; None: from outside."""
    built = [machine(world) for world in worlds]
    common = list(_common(worlds, built))
    for number, (world, own) in enumerate(zip(worlds, built, strict=True)):
        places = [*common, *_own(world, own)]
        for space in (own.host, *own.sandboxes):
            name = space.owner or world.host.hostname
            for owner, address, ports in places:
                for protocol, port in (*ports, (PING, 0)):
                    yield (
                        number,
                        Question(name, space.name, protocol, address, port, owner),
                    )
    for owner, address, ports in common:
        for protocol, port in (*ports, (PING, 0)):
            if address != FAR_AWAY:
                yield None, Question(OUTSIDE, OUTSIDE, protocol, address, port, owner)


def _common(worlds, built):
    """Addresses that mean the same everywhere: overlays', cards', and outside."""
    for world, own in zip(worlds, built, strict=True):
        subnets = [s.subnet for n in world.networks.values() if n.overlay
                   for s in n.overlay.subnets]  # fmt: skip
        for space in own.sandboxes:
            for item in space.interfaces:
                for given in item.addresses:
                    if any(given.address in subnet for subnet in subnets):
                        yield space.owner, given.address, _ports(space)
        card = own.host.interface("eth0").first()
        yield world.host.hostname, card.address, _ports(own.host)
    yield OUTSIDE, FAR_AWAY, (("tcp", 80),)


def _own(world, own):
    """Addresses of bridges that every host has for itself."""
    for space in (own.host, *own.sandboxes):
        for item in space.interfaces:
            if item.name == "docker_gwbridge":
                yield world.host.hostname, item.first().address, _ports(own.host)
            elif item.name.startswith("eth") and space.owner:
                given = item.first()
                if str(given.address).startswith("172.30."):
                    yield space.owner, given.address, _ports(space)


def _ports(space):
    found = {(s.protocol, s.port) for s in space.sockets if s.owner != "dockerd"}
    return tuple(sorted(found | {("tcp", 9), ("udp", 9)}))


# --- both answers ---------------------------------------------------------------------


def expected(worlds, number, question) -> Expected | None:
    """What the model says, with all hosts known in full."""
    here = worlds[number or 0]
    others = [world for world in worlds if world is not here]
    source = "host" if question.source == here.host.hostname else question.source
    try:
        trace = journey(here, source, question.target, others=others)
    except Refusal as refusal:
        return Expected("unreachable", "refused", refusal.text)
    if trace.server == OUTSIDE != question.owner:
        return None
    if not trace.delivered:
        return Expected(trace.outcome)
    return Expected(trace.outcome, trace.server, str(trace.seen))


def compare_cluster(drawn: Cluster, *, patience: float = PATIENCE) -> list[Row]:
    """Build it, ask everything, remove it; the rows with both answers."""
    worlds = drawn.worlds
    prefix = f"mdc{os.getpid()}x{next(_numbers)}"
    pairs = list(dict.fromkeys(asked(worlds)))
    probes = [_probe(worlds, prefix, number, question) for number, question in pairs]
    answers = [expected(worlds, number, question) for number, question in pairs]
    with standing(hosts_plan(worlds, prefix, probed=True)):
        found = probe(probes, patience=patience)
        rows = [Row(pair[1], *both)
                for pair, *both in zip(pairs, found, answers, strict=True)]  # fmt: skip
        doubtful = [place for place, row in enumerate(rows) if not row.agrees]
        if doubtful:
            again = probe([probes[p] for p in doubtful], patience=_SECOND_LOOK)
            for place, finding in zip(doubtful, again, strict=True):
                rows[place] = rows[place]._replace(kernel=finding)
    return rows


def _probe(worlds, prefix, number, question) -> Probe:
    netns = outside_name(prefix)
    if number is not None:
        own = machine(worlds[number])
        space = next(s for s in own.namespaces if s.name == question.space)
        netns = netns_name(space, host_prefix(number, prefix))
    protocol = "ping" if question.protocol == PING else question.protocol
    return Probe(netns, protocol, str(question.address), question.port)


def report(drawn: Cluster, rows: list[Row], most: int = 10) -> Iterator[str]:
    """How the cluster was made, and the first disagreements."""
    yield from drawn.said
    wrong = [row for row in rows if not row.agrees]
    for row in wrong[:most]:
        question = row.question
        yield f"  {question.source} asks {question.owner} at {question.target}"
        yield f"    kernel {row.kernel}"
        yield f"    model  {' '.join(map(str, row.model or ()))}"
