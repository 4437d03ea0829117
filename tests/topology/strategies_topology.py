"""Labs with any few networks and containers, for laws about what stands on a host."""

from hypothesis import strategies as st

from minidock.model.daemon import DaemonOptions
from tests.topology.worlds import Lab, lab_host

_NETWORKS = ("bridge", "anet", "mnet", "znet")


@st.composite
def labs(draw, parents=False):
    """A lab: 1-4 bridge networks, containers in every mode, some removed again.

    With ``parents`` all but the first network may be macvlan networks on eth0.
    """
    host = {"host": lab_host("52:9f:cc:32:79:6c")} if draw(st.booleans()) else {}
    daemon = DaemonOptions(userland_proxy=draw(st.booleans()))
    lab = Lab(daemon=daemon, **host)
    networks = _NETWORKS[: draw(st.integers(1, 4))]
    for number, name in enumerate(networks):
        if number and parents and draw(st.sampled_from([False, False, True])):
            lab.on_parent(name, f"10.{number}.0.0/16")
            continue
        lab.network(
            name,
            f"10.{number}.0.0/16",
            subnet6=f"fd00:{number}::/64" if draw(st.booleans()) else "",
            internal=draw(st.booleans()),
            mtu=draw(st.sampled_from([0, 1400])),
        )
    for number in range(draw(st.integers(0, 6))):
        _container(draw, lab, networks, f"c{number}", number + 2)
    return lab


def _container(draw, lab, networks, name, number):
    mode = draw(st.sampled_from(["bridge", "bridge", "host", "none", "created"]))
    if mode != "bridge":
        status = "created" if mode == "created" else "running"
        lab.container(name, mode=mode, status=status)
        return
    lab.container(name)
    for network in draw(st.lists(st.sampled_from(networks), unique=True)):
        pool6 = lab.world.networks[f"{network}-id"].pool6
        pool = lab.world.networks[f"{network}-id"].pool
        lab.attach(
            name,
            network,
            str(pool.subnet.address(number)),
            address6=str(pool6.subnet.address(number)) if pool6 else "",
        )
    if draw(st.booleans()) and draw(st.booleans()):
        lab.remove(name)
