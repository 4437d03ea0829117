"""The subnets and the VNIs of the cluster: one entry each, changed by compare-and-swap.

```
{"10.0.0.0/24": Holding(owner=NID, name="ov", node=..., token=...), ...}
                        with_network ──▶ one more        without ──▶ fewer
```

Pure: what the entry becomes. Who writes it is :mod:`minidock.overlay.session`.

Invariant: an owner is a network's id, for a VNI followed by a slash and the subnet.
"""

from collections.abc import Callable
from dataclasses import replace

from minidock.model.network import Network, OverlaySettings
from minidock.overlay.records import Holding, Holdings

__all__ = ["owned_by", "with_subnets", "with_vnis", "without"]


def with_subnets(held: Holdings, network: Network, node: str, token: str) -> Holdings:
    """With the subnets of one more network."""
    taken = {
        str(pool.subnet): Holding(network.id, network.name, node, token)
        for pool in (*network.pools_of(4), *network.pools_of(6))
    }
    return replace(held, held={**held.held, **taken})


def with_vnis(
    held: Holdings,
    *,
    network_id: str,
    overlay: OverlaySettings,
    last: int,
    node: str,
    token: str,
) -> Holdings:
    """With the VNIs that a network's subnets have; ``last`` was taken last."""
    taken = {
        str(item.vni): Holding(f"{network_id}/{item.subnet}", "", node, token)
        for item in overlay.subnets
        if item.vni
    }
    return Holdings({**held.held, **taken}, last or held.last)


def owned_by(network_id: str) -> Callable[[str, Holding], bool]:
    """Whether a network holds it."""

    def owns(what: str, holding: Holding) -> bool:
        del what
        return holding.owner.partition("/")[0] == network_id

    return owns


def without(held: Holdings, gone: Callable[[str, Holding], bool]) -> Holdings:
    """Without those that are given back."""
    kept = {what: h for what, h in held.held.items() if not gone(what, h)}
    return replace(held, held=kept)
