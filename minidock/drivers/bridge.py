"""The ``bridge`` driver: a virtual switch on the host, one veth pair per container.

```
      host namespace                     container's namespace
  ┌───────────────────────┐            ┌──────────────┐
  │ docker0 172.17.0.1/16 │            │              │
  │    └── veth1a2b3c4 ◀──┼── pair ────┼──▶ eth0      │
  │ iptables: NAT, filter │            │ 172.17.0.2   │
  └───────────────────────┘            └──────────────┘
```

This module reads a bridge network's options. Booleans are read as Go's ``ParseBool``
does, numbers as ``Atoi``, and the refusals carry Go's words, since clients print them.

Docker's names: the labels ``com.docker.network.bridge.*`` (moby,
``libnetwork/drivers/bridge/labels.go``).
"""

import re
from dataclasses import dataclass, replace

from minidock.drivers.base import BridgeRequest
from minidock.errors import NotationError, Refusal, Unclassified
from minidock.model.document import Document
from minidock.model.network import BridgeSettings
from minidock.net.address import Address

__all__ = ["BRIDGE", "MTU", "BridgeDriver", "bridge_name_of"]

BRIDGE = "com.docker.network.bridge."
MTU = "com.docker.network.driver.mtu"
_PREFIX = "com.docker.network.container_iface_prefix"

_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}
_MAX_NAME = 15  # IFNAMSIZ is 16, with the closing zero


def _refuse(key: str, value: str, reason: str, remedy: str) -> Refusal:
    return Unclassified(
        f"failed to parse {key} value: {value} ({reason})",
        asked=f"--opt {key}={value}",
        rule=reason,
        remedy=remedy,
    )


def _boolean(options: Document, key: str, default: bool) -> bool:
    if key not in options:
        return default
    value = options.text(key)
    if value not in _TRUE | _FALSE:
        reason = f'strconv.ParseBool: parsing "{value}": invalid syntax'
        raise _refuse(key, value, reason, f"--opt {key}=true or false")
    return value in _TRUE


def _mtu(options: Document) -> int:
    if MTU not in options:
        return 0
    value = options.text(MTU)
    if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
        reason = f'strconv.Atoi: parsing "{value}": invalid syntax'
        raise _refuse(MTU, value, reason, f"--opt {MTU}=1450")
    number = int(value)
    if number < 0:
        raise Unclassified(
            f"invalid MTU number: {number}",
            asked=f"--opt {MTU}={value}",
            rule="an MTU is a number of octets, 0 or more",
            remedy=f"--opt {MTU}=1500",
        )
    return number


def _address_text(options: Document, key: str) -> str:
    value = options.text(key)
    if not value:
        return ""
    try:
        Address.parse(value)
    except NotationError as error:
        raise _refuse(key, value, "nil ip", "an address such as 127.0.0.1") from error
    return value


def bridge_name_of(network_id: str) -> str:
    """The device of a network without a name of its own: br- and twelve digits.

    >>> bridge_name_of("1a32fd6bb26a64d37c42")
    'br-1a32fd6bb26a'
    """
    return f"br-{network_id[:12]}"


def _device_name(request: BridgeRequest) -> str:
    name = request.options.text(BRIDGE + "name") or bridge_name_of(request.network_id)
    asked = f"--opt {BRIDGE}name={name}"
    if len(name) > _MAX_NAME:
        raise Unclassified(
            "failed to check bridge interface existence: numerical result out of range",
            asked=asked,
            rule=f"an interface name has at most {_MAX_NAME} characters",
            remedy="a shorter name",
        )
    if re.search(r"[\s/:]", name):
        raise Unclassified(
            "invalid argument",
            asked=asked,
            rule="an interface name has no blank, slash or colon",
            remedy="letters, digits and dashes",
        )
    if any(card.name == name for card in request.host.interfaces) or name == "lo":
        raise Unclassified(
            f"existing interface {name} is not a bridge",
            asked=asked,
            rule="Docker takes over a bridge of that name, but no other kind of link",
            remedy="a name that no interface has",
        )
    return name


@dataclass(frozen=True, slots=True)
class BridgeDriver:
    """Reads the options of bridge networks.

    >>> BridgeDriver().publishes
    True
    """

    name: str = "bridge"
    single: bool = False
    has_addresses: bool = True
    publishes: bool = True
    many_subnets: bool = False
    on_parent: bool = False

    def read_options(self, request: BridgeRequest) -> BridgeSettings | None:
        """The bridge that these options describe.

        Raises:
            Unclassified: an option cannot be read, or the device name cannot be used.
        """
        options = request.options
        settings = BridgeSettings(
            name="",
            mac=request.mac,
            index=request.index,
            # Odd on purpose: default_bridge=true on a user network is accepted and
            # kept, yet only the network that the daemon makes itself is the default.
            default=False,
            icc=_boolean(options, BRIDGE + "enable_icc", default=True),
            masquerade=_boolean(options, BRIDGE + "enable_ip_masquerade", default=True),
            host_binding=_address_text(options, BRIDGE + "host_binding_ipv4"),
            mtu=_mtu(options),
            inhibit_ipv4=_boolean(options, BRIDGE + "inhibit_ipv4", default=False),
            interface_prefix=options.text(_PREFIX) or "eth",
            gateway_mode_ipv4=options.text(BRIDGE + "gateway_mode_ipv4") or "nat",
            gateway_mode_ipv6=options.text(BRIDGE + "gateway_mode_ipv6") or "nat",
            trusted_interfaces=tuple(
                name
                for name in options.text(BRIDGE + "trusted_host_interfaces").split(":")
                if name
            ),
            host_ipv4=_address_text(options, "com.docker.network.host_ipv4"),
            host_ipv6=_address_text(options, "com.docker.network.host_ipv6"),
        )
        return replace(settings, name=_device_name(request))
