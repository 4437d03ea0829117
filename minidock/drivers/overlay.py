"""The ``overlay`` driver: one network over many hosts, its frames carried in UDP.

```
  host 192.0.2.2                                        host 192.0.2.3
 ┌─────────────────────────────┐                       ┌─────────────────────────────┐
 │ web  eth0 10.0.0.2          │                       │ db   eth0 10.0.0.3          │
 │        └─ br0 ─ vxlan (VNI) ┼── UDP 4789: a frame ──┼─ vxlan (VNI) ─ br0 ─┘       │
 └─────────────────────────────┘                       └─────────────────────────────┘
```

A network has any number of subnets. Each has a VNI, the number of 24 bits by which the
hosts tell whose frame it is (RFC 7348). It is drawn by the cluster, unless the option
``vxlanid_list`` names one for every subnet.

Docker's names: the options ``com.docker.network.driver.overlay.vxlanid_list``,
``com.docker.network.driver.mtu`` and ``encrypted`` (moby,
``libnetwork/drivers/overlay/ov_network.go``).
"""

import re
from dataclasses import dataclass, replace

from minidock.drivers.base import BridgeRequest
from minidock.errors import Unclassified
from minidock.model.document import Document
from minidock.model.network import OverlaySettings

__all__ = ["LAST_VNI", "VXLANID_LIST", "OverlayDriver"]

VXLANID_LIST = "com.docker.network.driver.overlay.vxlanid_list"
LAST_VNI = (1 << 24) - 1
"""A VNI has 24 bits (RFC 7348, section 5)."""
_MTU = "com.docker.network.driver.mtu"
_ENCRYPTED = "encrypted"
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OverlayDriver:
    """Reads the options of overlay networks.

    >>> OverlayDriver().many_subnets, OverlayDriver().publishes
    (True, False)
    """

    name: str = "overlay"
    single: bool = False
    has_addresses: bool = True
    publishes: bool = False
    """What is published is published by the way out, which is on a bridge."""
    many_subnets: bool = True
    on_parent: bool = False

    def read_options(self, request: BridgeRequest) -> OverlaySettings:
        """The settings that these options describe; 0 for each VNI not asked for.

        Raises:
            Unclassified: an option cannot be read, or there are too few VNIs.
        """
        options = request.options
        wanted = _vnis(options)
        subnets = request.subnets
        if wanted and len(wanted) < len(subnets):
            raise Unclassified(
                f"insufficient vnis({len(wanted)}) passed to overlay",
                asked=f"--opt {VXLANID_LIST}={options.text(VXLANID_LIST)}",
                rule=f"each of the {len(subnets)} subnets has a VNI of its own",
                remedy="a VNI for every subnet, or leave the list out",
            )
        if wanted:
            subnets = tuple(
                subnet._replace(vni=vni)
                for subnet, vni in zip(subnets, wanted, strict=False)
            )
        read = OverlaySettings(subnets=subnets, mtu=_mtu(options))
        return replace(read, encrypted=_ENCRYPTED in options)


def _vnis(options: Document) -> tuple[int, ...]:
    if VXLANID_LIST not in options:
        return ()
    text = options.text(VXLANID_LIST)
    for word in text.split(","):
        if not _NUMBER.fullmatch(word):
            raise Unclassified(
                f'invalid vxlan id value "{word}" passed',
                asked=f"--opt {VXLANID_LIST}={text}",
                rule="VNIs are whole numbers with commas between them",
                remedy=f"--opt {VXLANID_LIST}=5000",
            )
    return tuple(int(word) for word in text.split(","))


def _mtu(options: Document) -> int:
    if _MTU not in options:
        return 0
    text = options.text(_MTU)
    if not _NUMBER.fullmatch(text):
        reason = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise Unclassified(
            f"failed to parse {text}: {reason}",
            asked=f"--opt {_MTU}={text}",
            rule="an MTU is a whole number of octets",
            remedy=f"--opt {_MTU}=1450",
        )
    if int(text) < 0:
        raise Unclassified(
            f"invalid MTU value: {int(text)}",
            asked=f"--opt {_MTU}={text}",
            rule="an MTU is a number of octets, 0 or more",
            remedy=f"--opt {_MTU}=1450",
        )
    return int(text)
