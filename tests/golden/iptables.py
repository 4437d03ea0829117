"""Compare our rules for one bridge with moby's own dumps of engine 28.

    python -m tests.golden.iptables [-v] DIR

Every ``*.golden`` file in DIR is a dump of the tables raw, filter and nat, and its name
says how the bridge was made; nothing but the name is used:

```
TestIptabler_hairpin=false,internal=false,icc=true,...,gwm=nat,bindlh=true__iptables.golden
             └────────────────── flags, and the gateway mode ─────────────┘  └ family
TestIptabler_cleaned,hairpin=true__ip6tables.golden    the network is gone again
TestIptabler_no__iptables.golden                       this family is switched off
```

The set-up is always the same: the bridge ``br-dummy`` with 192.168.0.0/24 and
fd49:efd7:54aa::/64, a container at .2 and ::1, and its tcp port 80 published on 8080. A
flag that a name leaves out has no effect there (an internal network publishes nothing).

``-v`` shows the difference of each dump that does not match. The last line is
``matched A of B``; the exit status is 0 if A equals B.
"""

import argparse
import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from minidock.drivers import bridge_rules_docker_forward as layout
from minidock.drivers.bridge_rules import Bridge, GatewayMode, Wall
from minidock.firewall.render import save
from minidock.firewall.ruleset import Ruleset
from minidock.firewall.steps import Step
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping

__all__ = ["Dump", "dump_of", "expected", "main"]

_NAME = re.compile(r"(?:Test\w+?_)?(?P<facts>[^_]*)__(?P<program>ip6?tables)\.golden")
_TABLES = ("raw", "filter", "nat")
_SUBNET = {V4: "192.168.0.0/24", V6: "fd49:efd7:54aa::/64"}
_CONTAINER = {V4: "192.168.0.2", V6: "fd49:efd7:54aa::1"}
_SNAT = {V4: "192.168.123.0", V6: "fd34:d0d4:672f::123"}
_ANY = {V4: "0.0.0.0", V6: "::"}
_LOOPBACK = {V4: "127.0.0.1", V6: "::1"}


class Dump(NamedTuple):
    """What a file's name says."""

    family: int
    facts: dict[str, str]
    enabled: bool = True
    """Whether Docker writes rules of this family at all."""
    cleaned: bool = False
    """Whether the network has been removed again."""

    def flag(self, name: str) -> bool:
        """Whether this flag is set; one that the name leaves out is not."""
        return self.facts.get(name) == "true"


def dump_of(name: str) -> Dump:
    """The facts in a file's name.

    >>> dump_of("TestIptabler_cleaned,hairpin=true__ip6tables.golden")
    Dump(family=6, facts={'hairpin': 'true'}, enabled=True, cleaned=True)
    >>> dump_of("README.md")
    Traceback (most recent call last):
    ...
    ValueError: README.md does not say how its bridge was made
    """
    found = _NAME.fullmatch(name)
    words = found["facts"].split(",") if found else []
    if found is None or not all("=" in w or w in {"cleaned", "no"} for w in words):
        msg = f"{name} does not say how its bridge was made"
        raise ValueError(msg)
    return Dump(
        family=V6 if found["program"] == "ip6tables" else V4,
        facts=dict(word.split("=", 1) for word in words if "=" in word),
        enabled="no" not in words,
        cleaned="cleaned" in words,
    )


def expected(dump: Dump) -> str:
    """The text that our rules give for these facts."""
    made = Ruleset(family=dump.family)
    if dump.enabled:
        # The dumps are of the bridge driver alone; DOCKER-USER belongs to its caller.
        made = made.program(s for s in _steps(dump) if "DOCKER-USER" not in repr(s))
    return "".join(save(made, table=table) for table in _TABLES)


def _steps(dump: Dump) -> Iterator[Step]:
    wall = Wall(
        family=dump.family,
        proxy=not dump.flag("hairpin"),
        drop_forwarded=False,
        mirrored=dump.flag("wsl2mirrored"),
    )
    yield from layout.daemon_steps(wall)
    # What is removed leaves nothing behind but the daemon's own chains and jumps.
    if dump.cleaned:
        return
    bridge = _bridge(dump)
    address = Address.parse(_CONTAINER[dump.family])
    published = _LOOPBACK if dump.flag("bindlh") else _ANY
    mapping = PortMapping(
        container_port=80,
        protocol="tcp",
        container_address=address,
        host_ip=Address.parse(published[dump.family]),
        host_port=8080,
    )
    yield from layout.network_steps(wall, bridge)
    yield from layout.endpoint_steps(bridge, address)
    yield from layout.port_steps(wall, bridge, mapping)


def _bridge(dump: Dump) -> Bridge:
    mode = GatewayMode(dump.facts.get("gwm", "nat"))
    return Bridge(
        name="br-dummy",
        subnet=Prefix.parse(_SUBNET[dump.family]),
        internal=dump.flag("internal") or mode is GatewayMode.ISOLATED,
        icc=dump.flag("icc"),
        masquerade=dump.flag("masq"),
        mode=mode,
        snat=Address.parse(_SNAT[dump.family]) if dump.flag("snat") else None,
    )


def _difference(path: Path) -> list[str]:
    """The lines in which the dump and our rules differ; () where they do not."""
    try:
        ours = expected(dump_of(path.name))
    except ValueError as error:
        return [str(error)]
    recorded = path.read_text(encoding="utf-8")
    pair = recorded.splitlines(), ours.splitlines()
    return list(difflib.unified_diff(*pair, "recorded", "ours", lineterm=""))


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.iptables")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("-v", "--verbose", action="store_true", help="show differences")
    options = parser.parse_args(arguments)
    paths = sorted(options.folder.glob("*.golden"))
    matched = 0
    for path in paths:
        lines = _difference(path)
        matched += not lines
        if lines:
            print(f"differs: {path.name}")
        for line in lines if options.verbose else ():
            print(f"    {line}")
    print(f"matched {matched} of {len(paths)}")
    return 0 if matched == len(paths) else 1


if __name__ == "__main__":
    sys.exit(main())
