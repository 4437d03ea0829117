"""Hosts with names: networks, containers with aliases and links, some of them stopped.

``plans`` draws them as plain data; ``built`` makes one through the engine, as a person
would. (Building while drawing would be too slow for Hypothesis on a busy machine.)
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.eras import ERAS

__all__ = ["NETWORKS", "WORDS", "Named", "built", "container", "plans", "said"]

NETWORKS = ("app", "back", "dotted.net")
WORDS = ("db", "web", "api", "cache")
_ALIASES = (*WORDS, "shared", "a.b")


@dataclass
class Named:
    """An engine, and the containers that were started in it."""

    docker: Engine
    names: tuple[str, ...]

    @property
    def world(self):
        return self.docker.world

    @property
    def running(self):
        found = self.world.containers_in_order()
        return [container for container in found if container.state.running]

    @property
    def stopped(self):
        found = self.world.containers_in_order()
        return [container for container in found if not container.state.running]


def container(docker, name):
    """The container of that name."""
    return docker.world.containers[docker.world.names[name]]


def said(docker, line):
    output = docker(line)
    assert output.ok, (line, output.stderr)
    return output.stdout


_PLAN = st.fixed_dictionaries(
    {
        "networks": st.lists(
            st.sampled_from(NETWORKS), min_size=1, max_size=3, unique=True
        ),
        "aliases": st.lists(st.sampled_from(_ALIASES), max_size=2, unique=True),
        "hostname": st.sampled_from(["", "", "host1", "db"]),
        "link": st.sampled_from(["", "", "", "db:web", "web:x", "nobody:api"]),
        "then": st.sampled_from(["", "", "", "pause", "stop -t 0", "restart -t 0"]),
    }
)


plans = st.fixed_dictionaries(
    {
        "era": st.sampled_from([era.name for era in ERAS]),
        "internal": st.sampled_from(["", *NETWORKS]),
        "containers": st.dictionaries(st.sampled_from(WORDS), _PLAN, min_size=2),
    }
)


def built(plan):
    """The host of a plan: three networks, and each container with what befell it."""
    docker = Engine(plan["era"])
    docker("pull busybox")
    for network in NETWORKS:
        flag = "--internal " if network == plan["internal"] else ""
        said(docker, f"network create {flag}{network}")
    for name, wanted in plan["containers"].items():
        first, *more = wanted["networks"]
        options = "".join(f" --network-alias {alias}" for alias in wanted["aliases"])
        options += f" --hostname {wanted['hostname']}" if wanted["hostname"] else ""
        options += f" --link {wanted['link']}" if wanted["link"] else ""
        line = f"run -d --name {name} --network {first}{options} busybox sleep 9999"
        said(docker, line)
        for network in more:
            said(docker, f"network connect {network} {name}")
        if wanted["then"]:
            said(docker, f"{wanted['then']} {name}")
    return Named(docker, tuple(plan["containers"]))
