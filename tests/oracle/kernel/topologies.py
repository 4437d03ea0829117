"""Random Docker hosts, as the command lines that make them.

A topology is drawn by a :class:`random.Random`: one with a seed, so that a number names
a topology, or Hypothesis's own, so that a topology that fails is made small.
"""

import random
import shlex
from dataclasses import dataclass

from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.eras import era_named

__all__ = ["Topology", "topologies", "topology"]

_ERAS = ["20.10", "20.10", "20.10", "28", "28", "28", "28", "17.12"]
_BRIDGE = "com.docker.network.bridge."
_IMAGES = ["nginx", "nginx", "redis", "redis", "hashicorp/consul", "busybox sleep 1d"]
_PORTS = {"nginx": 80, "redis": 6379, "hashicorp/consul": 8600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """An engine's command line, and what was typed at it."""

    era: str
    daemon: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    ways_back: bool = False
    """Whether machines outside have routes to the host's networks."""

    def engine(self) -> Engine:
        """An engine that has done it all; refused lines are part of the game."""
        engine = Engine(self.era, daemon_args=self.daemon)
        for line in self.lines:
            engine(line)
        return engine

    def __str__(self) -> str:
        head = f"Engine({self.era!r}, daemon_args={list(self.daemon)!r})"
        head += ", with ways back" * self.ways_back
        return "\n".join([head, *(f"    docker {line}" for line in self.lines)])


def topologies() -> st.SearchStrategy[Topology]:
    """Topologies for laws; they shrink to fewer lines."""
    return st.randoms(use_true_random=False).map(topology)


def topology(dice: random.Random) -> Topology:
    """One topology: 1-4 networks, 1-6 containers."""
    era = dice.choice(_ERAS)
    networks = [_Network(dice, era, number) for number in range(dice.randint(0, 3))]
    if _often(dice, 15):
        networks.append(_Macvlan(dice))
    daemon = tuple(_daemon(dice, era))
    lines = [network.line for network in networks]
    names: list[str] = []
    for number in range(dice.randint(1, 6)):
        name = f"c{number}"
        lines += _run(dice, era, name, names, networks)
        names.append(name)
    lines += _afterwards(dice, names)
    return Topology(
        era=era, daemon=daemon, lines=tuple(lines), ways_back=_often(dice, 30)
    )


def _often(dice: random.Random, percent: int) -> bool:
    # The rare case is the larger number, as shrinking prefers small ones.
    return dice.randint(0, 99) >= 100 - percent


def _daemon(dice: random.Random, era: str) -> list[str]:
    rare = {
        "--icc=false": 12,
        "--userland-proxy=false": 30,
        "--iptables=false": 5,
        "--ip-forward=false": 6,
        "--ip-masq=false": 6,
        "--ip=127.0.0.1": 5,
    }
    found = [flag for flag, percent in rare.items() if _often(dice, percent)]
    if _often(dice, 15):
        found += ["--ipv6", "--fixed-cidr-v6", "fd00:d0c::/64"]
    if era == "20.10" and _often(dice, 25):
        found += ["--experimental", "--ip6tables"]
    return found


class _Network:
    """A network to be made, and what is known of its subnet."""

    def __init__(self, dice: random.Random, era: str, number: int) -> None:
        self.name = f"n{number}"
        self.subnet = f"10.{20 + number}.0" if _often(dice, 60) else ""
        words = ["network", "create"]
        if self.subnet:
            words += ["--subnet", f"{self.subnet}.0/24"]
        self.internal = _often(dice, 18)
        words += ["--internal"] * self.internal
        if _often(dice, 30):
            words.append("--ipv6")
            if era != "28" or _often(dice, 50):
                words += ["--subnet", f"fd00:{20 + number}::/64"]
        for option in self._options(dice, era):
            words += ["-o", option]
        self.line = shlex.join([*words, self.name])

    def _options(self, dice: random.Random, era: str) -> list[str]:
        found = []
        if _often(dice, 15):
            found.append(_BRIDGE + "enable_icc=false")
        if _often(dice, 15):
            found.append(_BRIDGE + "enable_ip_masquerade=false")
        if _often(dice, 12):
            address = dice.choice(["127.0.0.1", "192.0.2.2"])
            found.append(_BRIDGE + "host_binding_ipv4=" + address)
        if _often(dice, 10):
            mtu = dice.choice(["1400", "9000"])
            found.append("com.docker.network.driver.mtu=" + mtu)
        if era_named(era).name == "28":
            modes = ["nat-unprotected", "routed", "nat", "isolated"]
            for family in ("ipv4", "ipv6"):
                if _often(dice, 20):
                    mode = dice.choice(modes[: 4 if self.internal else 3])
                    found.append(f"{_BRIDGE}gateway_mode_{family}={mode}")
        return found


class _Macvlan(_Network):
    """A network of children of the host's card, on its wire or with a subnet apart."""

    def __init__(self, dice: random.Random) -> None:
        self.name = "wire"
        self.internal = False
        words = ["network", "create", "-d", "macvlan"]
        if _often(dice, 40):
            self.subnet = "10.30.0"
            words += ["--subnet", "10.30.0.0/24"]
        else:
            self.subnet = ""
            words += ["--subnet", "192.0.2.0/24", "--gateway", "192.0.2.1"]
            words += ["--ip-range", "192.0.2.64/27"]
        words += ["-o", "parent=eth0"]
        if _often(dice, 50):
            # Not passthru: whether its parent finds anybody depends on who asked for
            # whom before, since it hears questions (broadcasts) but no answers.
            mode = dice.choice(["bridge", "private", "vepa", "bridge"])
            words += ["-o", f"macvlan_mode={mode}"]
        self.line = shlex.join([*words, self.name])


def _run(
    dice: random.Random,
    era: str,
    name: str,
    before: list[str],
    networks: list[_Network],
) -> list[str]:
    image = dice.choice(_IMAGES)
    words = ["run", "-d", "--name", name]
    mode = dice.choice(["bridge", "user", "user", "user", "bridge", "other"])
    more: list[str] = []
    if mode == "other":
        words += ["--network", _other_mode(dice, before)]
        return [shlex.join([*words, *image.split()])]
    if mode == "user" and networks:
        first = dice.choice(networks)
        words += ["--network", first.name]
        if first.subnet and _often(dice, 20):
            words += ["--ip", f"{first.subnet}.{dice.randint(10, 200)}"]
        if _often(dice, 20):
            words += ["--network-alias", dice.choice(["db", "app"])]
        if _often(dice, 30):
            more.append(f"network connect {dice.choice(networks).name} {name}")
        if _often(dice, 10):
            more.append(f"network connect bridge {name}")
    for _ in range(dice.choice([0, 0, 1, 1, 2])):
        words += _published(dice, era, image.split()[0])
    if before and _often(dice, 25):
        words += ["--link", f"{dice.choice(before)}:{dice.choice(['peer', 'db'])}"]
    return [shlex.join([*words, *image.split()]), *more]


def _other_mode(dice: random.Random, before: list[str]) -> str:
    if before and _often(dice, 60):
        return f"container:{dice.choice(before)}"
    return dice.choice(["none", "host"])


def _published(dice: random.Random, era: str, image: str) -> list[str]:
    if _often(dice, 10):
        return ["-P"]
    inside = _PORTS.get(image, 80)
    protocol = "/udp" if image.startswith("hashicorp") and _often(dice, 60) else ""
    outside = dice.randint(8000, 8020)
    forms = [
        f"{outside}:{inside}{protocol}",
        f"{outside}:{inside}{protocol}",
        f"127.0.0.1:{outside}:{inside}{protocol}",
        f"192.0.2.2:{outside}:{inside}{protocol}",
        f"{inside}{protocol}",
        f"{outside}-{outside + 1}:{inside}-{inside + 1}{protocol}",
        f"{outside}:81",  # on which nobody listens
    ]
    if era != "17.12":
        forms.append(f"[::1]:{outside}:{inside}{protocol}")
        forms.append(f"[::]:{outside}:{inside}{protocol}")
    return ["-p", dice.choice(forms)]


def _afterwards(dice: random.Random, names: list[str]) -> list[str]:
    if not _often(dice, 15):
        return []
    verb = dice.choice(["stop -t 0", "pause", "restart -t 0"])
    return [f"{verb} {dice.choice(names)}"]
