"""What is wrong with the addresses that a new network is to have, before it is made.

```
--subnet 10.5.7.9/16 --ip-range 10.6.0.0/24 --gateway 10.7.0.1
         │                      │                     └ fault: not in the subnet
         │                      └ fault: not in the subnet
         └ fault: host bits are set
         ──▶ one refusal: Docker's sentence for each of them; the rule and the remedy of
             the first, since mending that one may mend the others
```

Only version 25.0 and later look at everything first and name all faults at once;
before, each is found while reserving. Docker's name for it is ``ValidateIPAM`` (moby,
``api/types/network/ipam.go``).

Invariant: what the remedy of a refusal says is not refused for the same reason.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.errors import InvalidParameter, NotationError
from minidock.model.network import IpamConfig
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = ["check_all"]

_NOTATION = "a prefix is written as an address, a slash and a length"


class _Fault(NamedTuple):
    """One fault: Docker's sentence, and our two parts."""

    text: str
    rule: str
    remedy: str


def check_all(configs: Sequence[IpamConfig], *, ipv6: bool) -> None:
    """Refuse faulty IPAM settings, all faults in one message (25.0 and later).

    >>> check_all([IpamConfig(subnet="10.0.0.0/8")], ipv6=False)
    >>> check_all([IpamConfig(subnet="10.0.0.1/8")], ipv6=False)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid network config:
    invalid subnet 10.0.0.1/8: it should be 10.0.0.0/8
    """
    faults = [fault for config in configs for fault in _faults(config, ipv6=ipv6)]
    if faults:
        raise InvalidParameter(
            "\n".join(["invalid network config:", *(fault.text for fault in faults)]),
            asked="a network with " + " ".join(_words(configs)),
            rule=faults[0].rule,
            remedy=faults[0].remedy,
        )


def _words(configs: Sequence[IpamConfig]) -> Iterator[str]:
    """The settings as options of `docker network create`."""
    for config in configs:
        if config.subnet:
            yield f"--subnet {config.subnet}"
        if config.ip_range:
            yield f"--ip-range {config.ip_range}"
        if config.gateway:
            yield f"--gateway {config.gateway}"
        for name in config.aux_addresses:
            yield f"--aux-address {name}={config.aux_addresses.text(name)}"


def _faults(config: IpamConfig, *, ipv6: bool) -> Iterator[_Fault]:
    try:
        subnet = Prefix.parse(config.subnet, host_bits=True)
    except NotationError:
        text = f"invalid subnet {config.subnet}: invalid CIDR block notation"
        yield _Fault(text, _NOTATION, "--subnet 10.9.0.0/16")
        return
    if subnet.family == V6 and not ipv6:
        return
    if not _is_masked(config.subnet, subnet):
        text = f"invalid subnet {config.subnet}: it should be {subnet}"
        yield _Fault(text, _host_bits_rule(subnet), f"--subnet {subnet}")
    if config.ip_range:
        yield from _range_faults(config.ip_range, subnet)
    if config.gateway:
        label = f"invalid gateway {config.gateway}"
        yield from _address_faults(config.gateway, subnet, label, "--gateway ")
    for name in config.aux_addresses:
        text = config.aux_addresses.text(name)
        label, option = f"invalid auxiliary address {name}", f"--aux-address {name}="
        if text:
            yield from _address_faults(text, subnet, label, option)


def _is_masked(text: str, prefix: Prefix) -> bool:
    return Address.parse(text.partition("/")[0]) == prefix.first


def _host_bits_rule(prefix: Prefix) -> str:
    length = prefix.length
    return f"a /{length} fixes the first {length} bits; the bits after them are zero"


def _family_word(prefix: Prefix) -> str:
    return "IPv4" if prefix.family == V4 else "IPv6"


def _range_faults(text: str, subnet: Prefix) -> Iterator[_Fault]:
    label, whole = f"invalid ip-range {text}: ", f"--ip-range {subnet}, or a part of it"
    rule = "an ip-range is a part of its subnet"
    try:
        ip_range = Prefix.parse(text, host_bits=True)
    except NotationError:
        yield _Fault(label + "invalid CIDR block notation", _NOTATION, whole)
        return
    if ip_range.family != subnet.family:
        said = f"parent subnet is an {_family_word(subnet)} block"
        yield _Fault(label + said, rule, whole)
        return
    if not _is_masked(text, ip_range):
        said = f"it should be {ip_range}"
        remedy = f"--ip-range {ip_range}"
        yield _Fault(label + said, _host_bits_rule(ip_range), remedy)
    if ip_range.length < subnet.length:
        said = f"CIDR block is bigger than its parent subnet {subnet}"
        yield _Fault(label + said, rule, whole)
    elif not subnet.overlaps(ip_range):
        said = f"parent subnet {subnet} doesn't contain ip-range"
        yield _Fault(label + said, rule, whole)


def _address_faults(
    text: str, subnet: Prefix, label: str, option: str
) -> Iterator[_Fault]:
    rule = f"the addresses of {subnet} go from {subnet.first} to {subnet.last}"
    remedy = f"{option}{subnet.address(min(1, subnet.size - 1))}"
    try:
        address = Address.parse(text)
    except NotationError:
        yield _Fault(f"{label}: invalid address", rule, remedy)
        return
    if address.family != subnet.family:
        said = f"parent subnet is an {_family_word(subnet)} block"
        yield _Fault(f"{label}: {said}", rule, remedy)
    elif address not in subnet:
        said = f"parent subnet {subnet} doesn't contain this address"
        yield _Fault(f"{label}: {said}", rule, remedy)
