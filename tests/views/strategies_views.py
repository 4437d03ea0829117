"""Worlds to draw: every mode, many networks for one container, and hostile names."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from minidock.model.host import sample_host
from tests.topology.worlds import Lab, lab_host, mapping

law = settings(deadline=None, max_examples=60)
"""How laws over Worlds are tried: a World takes a while to draw by hand."""

_NAMES = [
    "app",
    "a" * 70,
    "日本語のネットワーク",
    'x"<&>]]--#;',
    "tab\tnew\nline",
    "end",
]
_MODES = ["bridge"] * 5 + ["host", "none", "shared", "stopped", "alone"]
_IMAGES = ["nginx", "registry.example.test:5000/team/a-long-image-name:1.2.3", "日本"]


@st.composite
def worlds(draw, most=8):
    """A World with up to so many containers; nobody asks whether Docker allows it."""
    return draw(labs(most))[0].world


@st.composite
def grown(draw):
    """A World, and the same one with one container more."""
    lab, names = draw(labs())
    before = lab.world
    _container(draw, lab, names, 2 + len(before.containers))
    return before, lab.world


@st.composite
def labs(draw, most=8):
    """A World that can be added to, and the names of its networks."""
    lab = Lab(
        host=draw(st.sampled_from([sample_host(), lab_host("52:9f:cc:32:79:6c")]))
    )
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, max_size=5))
    for number, name in enumerate(names):
        if draw(st.sampled_from([False, False, True])):
            lab.on_parent(name, f"10.{number}.0.0/16")
            continue
        lab.network(
            name,
            f"10.{number}.0.0/16",
            bridge=f"br-{number:012x}",
            subnet6=f"fd00:{number}::/64" if draw(st.booleans()) else "",
            internal=draw(st.booleans()),
            icc=draw(st.booleans()),
        )
    for number in range(draw(st.integers(0, most))):
        _container(draw, lab, names, number + 2)
    return lab, names


def _container(draw, lab, nets, number):
    suffix = draw(
        st.sampled_from(["", "-with-a-name-that-is-far-too-long-for-any-box"])
    )
    name, mode = f"c{number}{suffix}", draw(st.sampled_from(_MODES))
    if mode == "shared":
        others = list(lab.world.containers)
        mode = f"container:{draw(st.sampled_from(others))}" if others else "none"
    status = (
        "exited"
        if mode == "stopped"
        else draw(st.sampled_from(["running"] * 3 + ["paused"]))
    )
    lab.container(name, mode=mode, status=status)
    image = draw(st.sampled_from(_IMAGES))
    lab._keep(replace(lab.world.containers[f"{name}-id"], image=image))
    if mode == "bridge" and nets:
        for net in draw(st.lists(st.sampled_from(nets), unique=True, min_size=1)):
            _attach(draw, lab, name, net, number)


def _attach(draw, lab, name, net, number):
    network = lab.world.networks[f"{net}-id"]
    address = str(network.pool.subnet.address(number))
    size = draw(st.integers(0, 3)) if network.bridge else 0
    hosts = draw(
        st.sampled_from([["0.0.0.0", "::"], ["127.0.0.1"], ["2001:db8::1:2:3"]])
    )
    first = 8000 + 100 * number + 10 * list(lab.world.networks).index(network.id)
    stride = draw(st.sampled_from([1, 2]))
    lab.attach(
        name,
        net,
        address,
        address6=str(network.pool6.subnet.address(number)) if network.pool6 else "",
        mappings=[
            mapping(host, first + step * stride, address, 80 + step)
            for step in range(size)
            for host in hosts
        ],
    )
