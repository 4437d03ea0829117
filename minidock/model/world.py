"""The World: everything that is decided on one Docker host, as one frozen value.

```
World ── era, daemon, host              the rules, the flags, the machine beneath
      ├─ networks  containers           what stands
      ├─ images    volumes  execs
      ├─ space, pools                   which subnets and addresses are held
      ├─ ports                          which host ports are held
      ├─ agenda                         what happens by itself, and when
      ├─ cluster                        what is known of other hosts, if there are any
      └─ ids, sequence                  what the next identifier and turn will be
```

All else (interfaces, routes, iptables rules, hosts files, inspect JSON) is read off
this value by pure functions. A command makes a new World and never changes an old one.

Invariants, checked by :func:`minidock.commands.invariants.broken`: every address that
an endpoint or gateway has is held in a pool, and nothing else is; the same for ports;
names and ids are unique.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from minidock.eras import Era
from minidock.ipam.pool import Pool
from minidock.ipam.space import Space
from minidock.model.agenda import Agenda
from minidock.model.cluster import Cluster
from minidock.model.container import Container
from minidock.model.daemon import DaemonOptions
from minidock.model.document import Document
from minidock.model.host import HostFacts
from minidock.model.ids import IdSource
from minidock.model.image import Image
from minidock.model.maps import Map
from minidock.model.network import Network
from minidock.model.program import Program
from minidock.model.remote import Remote
from minidock.model.terminal import Attachment, Terminal
from minidock.model.volume import Volume
from minidock.ports.table import PortTable

__all__ = ["ExecInstance", "World"]

_DEPARTED = 256
"""How many removed containers are remembered for those who still listen to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecInstance:
    """One `docker exec`: the program and, once it ended, how."""

    id: str
    container: str
    config: Document
    running: bool = False
    exit_code: int | None = None
    pid: int = 0
    output: tuple[tuple[int, str, str], ...] = ()
    """(nanoseconds, "stdout" or "stderr", text) in the order it was written."""
    program: Program | None = None
    """The program while it waits; None: it has not begun, has ended, or is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One Docker host; see the module's picture."""

    era: Era
    daemon: DaemonOptions
    host: HostFacts
    ids: IdSource
    space: Space
    ports: PortTable
    daemon_id: str = ""
    sequence: int = 0
    last_bridge: int = -1
    """The turn in which a bridge network was made last, be it gone again; -1: never."""
    next_index: int = 3
    """The interface index that the next link on the host gets."""
    next_sandbox: int = 1
    next_pid: int = 1000
    networks: Map[Network] = field(default_factory=Map)
    containers: Map[Container] = field(default_factory=Map)
    names: Map[str] = field(default_factory=Map)
    """Container names, and ``parent/alias`` of links, to container ids."""
    images: Map[Image] = field(default_factory=Map)
    references: Map[str] = field(default_factory=Map)
    """``repository:tag`` to image id."""
    volumes: Map[Volume] = field(default_factory=Map)
    folders: Map[tuple[tuple[str, str | None], ...]] = field(default_factory=Map)
    """What containers wrote into folders of the host that they mount, by its path."""
    execs: Map[ExecInstance] = field(default_factory=Map)
    agenda: Agenda = field(default_factory=Agenda)
    """What happens by itself, and when: ``program:ID``, ``exec:ID``, ``health:ID`` and
    ``restart:ID``.
    """
    pools: Map[Pool] = field(default_factory=Map)
    """A ledger of addresses per subnet in use, by the subnet's text."""
    linkers: Map[tuple[str, ...]] = field(default_factory=Map)
    """Container id to the ids of the containers that link to it by ``--link``."""
    members: Map[Map[str]] = field(default_factory=Map)
    """Network id to the attached containers: container id to endpoint id."""
    cluster: Cluster | None = None
    """What this host knows of the cluster; None: it shares no registry."""
    remote: Remote | None = None
    """What is known of plugins; None: nobody looks for any."""
    terminals: Map[Terminal] = field(default_factory=Map)
    """What was typed and not handed over yet, by the id of the container or exec."""
    attachments: Map[Attachment] = field(default_factory=Map)
    """The clients before terminals: by ``container id/number``, or by the exec's id."""
    next_attachment: int = 1
    departed: tuple[Container, ...] = field(default=(), compare=False)
    """The containers that were removed last, for those who still listen to them: what
    `docker run --rm` printed, and its exit code."""

    def last_seen(self, container_id: str) -> Container | None:
        """A container by its full id, be it removed a moment ago; None: long gone.

        Cost: O(1) for one that stands, else O(those kept).
        """
        container = self.containers.get(container_id)
        if container is not None:
            return container
        for gone in reversed(self.departed):
            if gone.id == container_id:
                return gone
        return None

    def without(self, container: Container) -> "World":
        """The World without that container, which it remembers for a while."""
        return replace(
            self,
            containers=self.containers.delete(container.id),
            departed=(*self.departed[1 - _DEPARTED :], container),
        )

    def has_device(self, name: str) -> bool:
        """Whether the host has a card, bridge or made parent of this name; O(n).

        The ends of veth pairs do not count: nobody builds on them.
        """
        if any(card.name == name for card in self.host.interfaces):
            return True
        for network in self.networks.values():
            if network.bridge is not None and network.bridge.name == name:
                return True
            parent = network.parent
            if parent is not None and parent.name == name and parent.made is not None:
                # A VLAN goes with the interface that it is on.
                return not parent.made.below or self.has_device(parent.made.below)
        return False

    def networks_in_order(self) -> Iterator[Network]:
        """The networks, oldest first; O(n log n)."""
        yield from sorted(self.networks.values(), key=lambda item: item.sequence)

    def containers_in_order(self) -> Iterator[Container]:
        """The containers, oldest first; O(n log n)."""
        yield from sorted(self.containers.values(), key=lambda item: item.sequence)
