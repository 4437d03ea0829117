"""Networks on a card, built on this computer's kernel: modes, parents, one by one.

The random hosts have a macvlan network now and then; here every host has them, with all
kinds of links that this kernel can make. What it cannot is skipped, and says so.
"""

import random
import shlex
import subprocess
from functools import cache

import pytest

from tests.oracle.kernel.compare import compare, missing
from tests.oracle.kernel.topologies import Topology

pytestmark = pytest.mark.skipif(
    bool(missing()), reason=missing() or "a kernel is there"
)

HOSTS = 6
_LINKS = {
    "macvlan": "link v0 name x type macvlan mode bridge",
    "ipvlan": "link v0 name x type ipvlan mode l2",
    "vlan": "link v0 name x type vlan id 5",
    "dummy": "name x type dummy",
}


@cache
def lacks(kind: str) -> str:
    """What the kernel says when it is asked for such a link; "" if it makes one."""
    script = f"ip link add v0 type veth peer name v1 && ip link add {_LINKS[kind]}"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip() or "no such link"


def needs(*kinds: str) -> None:
    """Skip where the kernel cannot make one of these links."""
    for kind in kinds:
        if said := lacks(kind):
            pytest.skip(f"this kernel makes no {kind} links: {said}")


def drawn(driver: str, options: tuple[str, ...], parent: str, number: int) -> Topology:
    """A host with one or two networks of a driver, and 2-5 containers."""
    dice = random.Random(f"{driver}/{options}/{parent}/{number}")
    era = dice.choice(["20.10", "28"])
    words = ["network", "create", "-d", driver]
    for option in (*options, *([f"parent={parent}"] if parent else [])):
        words += ["-o", option]
    on_the_wire = parent == "eth0" and dice.random() < 0.6
    subnet = "192.0.2" if on_the_wire else "10.30.0"
    words += ["--subnet", f"{subnet}.0/24", "--gateway", f"{subnet}.1"]
    words += ["--ip-range", f"{subnet}.64/27"]
    if dice.random() < 0.2:
        words.append("--internal")
    lines = [shlex.join([*words, "wire"])]
    if dice.random() < 0.5:
        line = "network create --subnet 10.20.0.0/24 back"
        lines.append(line)
    nets = ["wire", "wire", "bridge", *(["back"] if len(lines) > 1 else [])]
    for turn in range(dice.randint(2, 4)):
        first = dice.choice(nets) if turn else "wire"
        publish = "-p 8080:80" if dice.random() < 0.3 else ""
        lines.append(f"run -d --name c{turn} --network {first} {publish} nginx")
        if len(nets) > 3 and first != "back" and dice.random() < 0.3:
            lines.append(f"network connect back c{turn}")
    return Topology(era=era, lines=tuple(lines), ways_back=dice.random() < 0.3)


def agree(driver: str, *options: str, parent: str = "eth0") -> None:
    """The kernel and the model answer the same on a few hosts."""
    questions = 0
    for number in range(HOSTS):
        found = compare(drawn(driver, options, parent, number))
        questions += len(found.rows)
        assert not found.disagreements, "\n".join(found.report())
    assert questions > 10 * HOSTS


@pytest.mark.parametrize("mode", ["bridge", "private", "vepa"])
def test_the_kernel_and_the_model_agree_on_macvlan_in_mode(mode: str) -> None:
    needs("macvlan")
    agree("macvlan", f"macvlan_mode={mode}")


@pytest.mark.parametrize("mode", ["l2", "l3", "l3s"])
@pytest.mark.parametrize("flag", ["bridge", "private", "vepa"])
def test_the_kernel_and_the_model_agree_on_ipvlan(mode: str, flag: str) -> None:
    needs("ipvlan")
    agree("ipvlan", f"ipvlan_mode={mode}", f"ipvlan_flag={flag}")


def test_the_kernel_and_the_model_agree_on_macvlan_on_a_vlan() -> None:
    needs("macvlan", "vlan")
    agree("macvlan", parent="eth0.50")


def test_the_kernel_and_the_model_agree_on_macvlan_on_a_dummy() -> None:
    needs("macvlan", "dummy")
    agree("macvlan", parent="")


@pytest.mark.xfail(
    strict=True, reason="the model gives the children of a bridge no wire"
)
def test_the_kernel_and_the_model_agree_on_macvlan_on_a_bridge() -> None:
    needs("macvlan")
    agree("macvlan", parent="docker0")


def test_the_kernel_and_the_model_agree_on_macvlan_with_ipv6() -> None:
    needs("macvlan")
    line = (
        "network create -d macvlan -o parent=eth0 --subnet 192.0.2.0/24 "
        "--gateway 192.0.2.1 --ip-range 192.0.2.64/27 --ipv6 --subnet fd00:30::/64 wire"
    )
    run = "run -d --name c0 --network wire nginx"
    found = compare(Topology(era="28", lines=(line, run)))
    assert not found.disagreements, "\n".join(found.report())
