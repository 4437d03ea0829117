"""A swarm: what its managers decided, beyond the networks.

```
Swarm ── id, node_id        25 digits to base 36
      ├─ tokens             SWMTKN-1-<digest of the root>-<secret>, one for each role
      ├─ pools, length      what overlay subnets are cut from (--default-addr-pool)
      ├─ data_port          the UDP port of its frames (--data-path-port)
      └─ spec               settings of orchestration, Raft, certificates
```

minidock's swarms have one node, which is their manager and leader. So the settings of
Raft and certificates are kept and shown, and change nothing.

Invariants: the length lies from that of every pool to 29; the port from 1024 to 49151.

Docker's source: moby, ``api/types/swarm``.
"""

from dataclasses import dataclass

from minidock.model.document import Document

__all__ = ["DATA_PORT", "SUBNET_LENGTH", "JoinTokens", "Swarm"]

DATA_PORT = 4789
"""The UDP port of VXLAN (RFC 7348)."""
SUBNET_LENGTH = 24


@dataclass(frozen=True, slots=True)
class JoinTokens:
    """What a node shows to be let in, by the role that it wants."""

    worker: str
    manager: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """See the module's picture; times are nanoseconds since 1970."""

    id: str
    node_id: str
    created: int
    updated: int
    tokens: JoinTokens
    version: int
    """Counts the changes of its settings: who changes them names the last."""
    spec: Document
    listen: str
    """``host:port`` at which managers listen to nodes."""
    pools: tuple[str, ...] = ()
    """As they were typed; none: Docker's own, 10.0.0.0/8."""
    length: int = SUBNET_LENGTH
    data_port: int = DATA_PORT
    availability: str = "active"
    """Of its node: active, pause or drain."""
