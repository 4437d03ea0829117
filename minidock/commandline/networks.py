"""From a parsed `docker network create` or `connect` to what the engine is sent.

```
--subnet 10.1.0.0/16 --subnet fd00::/64       each subnet is one entry of IPAM.Config
--ip-range 10.1.2.0/24 ─┐
--gateway  10.1.0.1    ─┼──▶ go to the subnet that contains them, one of each at most
--aux-address a=10.1.0.5┘
```

That matching is the client's work, so its refusals are too. Docker's names:
``consolidateIpam`` and ``newCreateCommand`` in ``cli/command/network``.

Invariant: every range, gateway and auxiliary address lies in exactly one given subnet.
(The real program loses the order of several subnets; here they keep it.)
"""

from dataclasses import dataclass

from minidock.commandline.attachments import Attachment, endpoint_body, ipam_body
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli, CommandRefusal
from minidock.commandline.support import version_number
from minidock.errors import NotationError
from minidock.model.document import Json
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = [
    "network_connect_request",
    "network_create_request",
    "network_disconnect_request",
]


def network_create_request(
    parsed: Parsed, cli: Cli, api_version: str = "1.51"
) -> dict[str, Json]:
    """The body of POST /networks/create, key by key as the program sends it.

    28 leaves EnableIPv4 and EnableIPv6 out unless the flags are given, and asks older
    engines (before API 1.44) to refuse a second network of the name.

    >>> from minidock.commandline.grammar import parse
    >>> line = "network create --subnet 10.1.0.0/16 --gateway 10.1.0.1 app"
    >>> body = network_create_request(parse(line.split(), Cli.V28), Cli.V28)
    >>> body["IPAM"]["Config"]
    [{'Subnet': '10.1.0.0/16', 'Gateway': '10.1.0.1'}]
    >>> parsed = parse("network create --gateway 10.1.0.1 app".split(), Cli.V28)
    >>> network_create_request(parsed, Cli.V28)
    Traceback (most recent call last):
    ...
    minidock.commandline.refusal.CommandRefusal: every ip-range or gateway must have a corresponding subnet
    """  # noqa: E501  # one line of output
    try:
        config = _ipam_config(parsed, cli)
    except ValueError as error:
        raise CommandRefusal(f"{error}\n", asked="docker network create") from None
    source = parsed.text("config-from")
    old = version_number(api_version) < (1, 44)
    twice: dict[str, Json] = {"CheckDuplicate": True}
    return {
        **(twice if cli is Cli.V20 else {}),
        "Driver": parsed.text("driver"),
        "Scope": parsed.text("scope"),
        **_families(parsed, cli),
        "IPAM": {
            "Driver": parsed.text("ipam-driver"),
            "Options": _pairs(parsed.texts("ipam-opt")),
            "Config": [*config],
        },
        "Internal": parsed.flag("internal"),
        "Attachable": parsed.flag("attachable"),
        "Ingress": parsed.flag("ingress"),
        "ConfigOnly": parsed.flag("config-only"),
        "ConfigFrom": {"Network": source} if source else None,
        "Options": _pairs(parsed.texts("opt")),
        "Labels": _pairs(parsed.texts("label")),
        "Name": parsed.arguments[0],
        **(twice if cli is Cli.V28 and old else {}),
    }


def _families(parsed: Parsed, cli: Cli) -> dict[str, Json]:
    if cli is Cli.V20:
        return {"EnableIPv6": parsed.flag("ipv6")}
    names = {"ipv4": "EnableIPv4", "ipv6": "EnableIPv6"}
    return {names[f]: parsed.flag(f) for f in names if f in parsed.given}


def _pairs(texts: tuple[str, ...]) -> dict[str, Json]:
    cut = (text.partition("=") for text in texts)
    return dict(sorted((key, value) for key, _, value in cut))


@dataclass(slots=True)
class _Entry:
    """One subnet's entry while it is being filled."""

    subnet: str
    ip_range: str = ""
    gateway: str = ""
    auxiliary: dict[str, str] | None = None

    def body(self) -> dict[str, Json]:
        found: dict[str, Json] = {
            "Subnet": self.subnet,
            "IPRange": self.ip_range,
            "Gateway": self.gateway,
            "AuxiliaryAddresses": dict(sorted((self.auxiliary or {}).items())),
        }
        return {key: value for key, value in found.items() if value}


def _ipam_config(parsed: Parsed, cli: Cli) -> list[Json]:
    subnets = parsed.texts("subnet")
    ranges, gateways = parsed.texts("ip-range"), parsed.texts("gateway")
    if len(subnets) < len(ranges) or len(subnets) < len(gateways):
        raise ValueError("every ip-range or gateway must have a corresponding subnet")
    entries: dict[str, _Entry] = {}
    for subnet in subnets:
        if any(_contains(subnet, o) or _contains(o, subnet) for o in entries):
            raise ValueError(
                "multiple overlapping subnet configuration is not supported"
            )
        entries[subnet] = _Entry(subnet)
    for text in ranges:
        entry = _entry_for(entries, text, "range", cli)
        if entry.ip_range:
            raise ValueError(
                f"cannot configure multiple ranges ({text}, {entry.ip_range}) "
                f"on the same subnet ({entry.subnet})"
            )
        entry.ip_range = text
    for text in gateways:
        entry = _entry_for(entries, text, "gateway", cli)
        if entry.gateway:
            raise ValueError(
                f"cannot configure multiple gateways ({text}, {entry.gateway}) "
                f"for the same subnet ({entry.subnet})"
            )
        entry.gateway = text
    named = _pairs(parsed.texts("aux-address"))
    for name, address in named.items():
        entry = _entry_for(entries, str(address), "aux-address", cli)
        entry.auxiliary = {**(entry.auxiliary or {}), name: str(address)}
    return [entry.body() for entry in entries.values()]


def _entry_for(entries: dict[str, _Entry], text: str, what: str, cli: Cli) -> _Entry:
    if what == "range" and cli is Cli.V28:
        for subnet in entries:
            _subnet(subnet)
        _start(text)  # 28 wants a prefix here, 20.10 takes an address too
    for entry in entries.values():
        if _contains(entry.subnet, text):
            return entry
    raise ValueError(f"no matching subnet for {what} {text}")


def _contains(subnet: str, text: str) -> bool:
    """Whether an address, or the address before a slash, lies in a subnet.

    Docker is odd here: of a range only the address counts, so 10.1.0.0/8 lies in
    10.1.0.0/16, and a gateway may be written with a length.
    """
    network = _subnet(subnet)
    address = _start(text) if "/" in text else _address(text)
    return address is not None and address in network


def _subnet(text: str) -> Prefix:
    try:
        return Prefix.parse(text, host_bits=True)
    except NotationError:
        raise ValueError(f"invalid subnet: invalid CIDR address: {text}") from None


def _start(text: str) -> Address:
    try:
        Prefix.parse(text, host_bits=True)
        return Address.parse(text.partition("/")[0])
    except NotationError:
        raise ValueError(f"invalid CIDR address: {text}") from None


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text).unmapped()
    except NotationError:
        return None


def network_connect_request(
    parsed: Parsed, cli: Cli = Cli.V28
) -> tuple[str, dict[str, Json]]:
    """The network, and the body of POST /networks/{id}/connect.

    >>> from minidock.commandline.grammar import parse
    >>> line = "network connect --ip 10.1.0.5 --alias db app web"
    >>> network, body = network_connect_request(parse(line.split(), Cli.V28))
    >>> network, body["Container"], body["EndpointConfig"]["Aliases"]
    ('app', 'web', ['db'])
    """
    network, container = parsed.arguments
    options = tuple(_driver_opt(text, cli) for text in parsed.texts("driver-opt"))
    _check_names(network, container, cli)
    asked = Attachment(
        network=network,
        aliases=parsed.texts("alias"),
        links=parsed.texts("link"),
        ip=parsed.text("ip"),
        ip6=parsed.text("ip6"),
        link_local_ips=parsed.texts("link-local-ip"),
        driver_opts=options,
        gw_priority=parsed.number("gw-priority"),
    )
    endpoint = endpoint_body(asked, cli) | {
        "IPAMConfig": ipam_body(asked),  # here nothing is {}, at create it is null
        "Aliases": [*asked.aliases],
        "DriverOpts": dict(options),
    }
    return network, {"Container": container, "EndpointConfig": endpoint}


def _driver_opt(text: str, cli: Cli) -> tuple[str, str]:
    key, mark, value = text.partition("=")
    if not mark or (cli is Cli.V28 and not key):
        raise CommandRefusal("invalid key/value pair format in driver options\n")
    return key, value


def network_disconnect_request(
    parsed: Parsed, cli: Cli = Cli.V28
) -> tuple[str, dict[str, Json]]:
    """The network, and the body of POST /networks/{id}/disconnect.

    >>> from minidock.commandline.grammar import parse
    >>> line = "network disconnect -f app web"
    >>> network_disconnect_request(parse(line.split(), Cli.V28))
    ('app', {'Container': 'web', 'Force': True})
    """
    network, container = parsed.arguments
    _check_names(network, container, cli)
    return network, {"Container": container, "Force": parsed.flag("force")}


def _check_names(network: str, container: str, cli: Cli) -> None:
    for name, what in ((network, "network"), (container, "container")):
        if cli is Cli.V28 and not name.strip():
            raise CommandRefusal(f"invalid {what} name or ID: value is empty\n")
