"""``--network`` and the flags that belong to it: how a container is attached.

```
--network app --ip 10.0.0.5 --network-alias web          the old way: one network
--network name=app,ip=10.0.0.5,alias=web --network db    the long form: each its own
                 │
                 ▼
   HostConfig.NetworkMode     "app"                       the first one
   EndpointsConfig            {"app": {...}, "db": {}}    what is asked of each
```

The old flags concern the first network. Docker's names: ``opts.NetworkOpt``,
``NetworkAttachmentOpts`` and ``parseNetworkOpts``.

Invariant: an attachment names one network; an endpoint's body has every key that the
program sends.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from minidock.commandline.gotext import record, whole
from minidock.commandline.refusal import Cli
from minidock.model.document import Json

__all__ = [
    "Attachment",
    "check_mac",
    "endpoint_body",
    "endpoints",
    "ipam_body",
    "is_user_defined",
    "network_mode",
    "read_network",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is asked of one network for one container.

    >>> Attachment(network="app", ip="10.0.0.5").aliases
    ()
    """

    network: str
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    ip: str = ""
    ip6: str = ""
    link_local_ips: tuple[str, ...] = ()
    mac_address: str = ""
    driver_opts: tuple[tuple[str, str], ...] = ()
    gw_priority: int = 0


def read_network(text: str, cli: Cli) -> Attachment:
    """One ``--network``, a name or the long form ``name=...,alias=...``.

    Docker is odd here: the long form is folded to lower case, names too.

    >>> read_network("name=App,ip=10.0.0.5", Cli.V28).network
    'app'
    >>> read_network("name=app,foo=bar", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid field key foo
    """
    if not re.search(r"\w=\w", text, re.ASCII):
        return Attachment(network=text)
    asked = Attachment(network="")
    for field in record(text):
        key, mark, value = field.lower().partition("=")
        if not mark or not key:
            raise ValueError(f"invalid field {field}")
        asked = _with_field(asked, key.strip(), value.strip(), cli)
    if not asked.network:
        raise ValueError("network name/id is not specified")
    return asked


def _with_field(asked: Attachment, key: str, value: str, cli: Cli) -> Attachment:
    if key == "name":
        return replace(asked, network=value)
    if key == "alias":
        return replace(asked, aliases=(*asked.aliases, value))
    if key == "ip":
        return replace(asked, ip=value)
    if key == "ip6":
        return replace(asked, ip6=value)
    if key == "driver-opt":
        return replace(asked, driver_opts=(*asked.driver_opts, _driver_opt(value, cli)))
    if cli is Cli.V28:
        if key == "link-local-ip":
            return replace(asked, link_local_ips=(*asked.link_local_ips, value))
        if key == "mac-address":
            return replace(asked, mac_address=value)
        if key == "gw-priority":
            return replace(asked, gw_priority=_priority(value))
    raise ValueError(f"invalid field key {key}")


def _driver_opt(text: str, cli: Cli) -> tuple[str, str]:
    key, mark, value = text.partition("=")
    if not mark or (not key and cli is Cli.V28):
        raise ValueError("invalid key value pair format in driver options")
    return key.strip(), value.strip()


def _priority(text: str) -> int:
    try:
        return whole(text, base=10)
    except ValueError as error:
        why = str(error).rpartition(": ")[2]
        raise ValueError(f"invalid gw-priority ({text}): {why}") from None


def is_user_defined(network: str) -> bool:
    """Whether a network mode names a network that somebody created.

    >>> [is_user_defined(mode) for mode in ("app", "bridge", "container:x")]
    [True, False, False]
    """
    builtin = network in ("default", "bridge", "host", "none")
    return not builtin and not network.startswith("container:")


def network_mode(attachments: tuple[Attachment, ...]) -> str:
    """``HostConfig.NetworkMode``: the first network, ``default`` without any.

    >>> network_mode((Attachment(network="app"), Attachment(network="db")))
    'app'
    """
    return attachments[0].network if attachments else "default"


def endpoints(
    attachments: tuple[Attachment, ...], flags: Attachment, cli: Cli
) -> dict[str, Attachment]:
    """What is asked of each network, the old flags merged into the first one.

    One network of which nothing is asked is left out. 28 always sends an endpoint for
    the unnamed default network, 20.10 never: it silently drops the flags then.

    Args:
        attachments: the ``--network`` values.
        flags: ``--ip``, ``--network-alias`` and so on; its ``network`` is ignored.
        cli: whose rules.

    >>> app = Attachment(network="app")
    >>> endpoints((app,), Attachment(network="", ip="10.0.0.5"), Cli.V28)["app"].ip
    '10.0.0.5'
    >>> endpoints((app, app), Attachment(network=""), Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: network "app" is specified multiple times
    """
    if not attachments:
        if cli is Cli.V20:
            return {}
        attachments = (Attachment(network="default"),)
        asked = {"default": _merged(attachments[0], flags, cli)}
        _check(asked["default"], cli)
        return asked
    asked = {}
    for place, attachment in enumerate(attachments):
        wanted = _merged(attachment, flags, cli) if place == 0 else attachment
        _check(wanted, cli)
        if wanted.network in asked:
            raise ValueError(f'network "{wanted.network}" is specified multiple times')
        asked[wanted.network] = wanted
    kinds = {is_user_defined(attachment.network) for attachment in attachments}
    if len(kinds) > 1:
        raise ValueError(
            "conflicting options: cannot attach both user-defined and "
            "non-user-defined network-modes"
        )
    first = attachments[0].network
    if len(asked) == 1 and asked[first] == Attachment(network=first):
        return {}
    return asked


# Checked in this order: (the flag, what the long form calls it, how to read it)
_CONFLICTS: tuple[tuple[str, str, Callable[[Attachment], object]], ...] = (
    ("--network-alias", "per-network alias", lambda a: a.aliases),
    ("--link", "per-network links", lambda a: a.links),
    ("--ip", "per-network IPv4 address", lambda a: a.ip),
    ("--ip6", "per-network IPv6 address", lambda a: a.ip6),
    ("--mac-address", "per-network MAC address", lambda a: a.mac_address),
    (
        "--link-local-ip",
        "per-network link-local IP addresses",
        lambda a: a.link_local_ips,
    ),
)


def _merged(asked: Attachment, flags: Attachment, cli: Cli) -> Attachment:
    for flag, name, read in _CONFLICTS:
        if read(asked) and read(flags):
            raise ValueError(
                f"conflicting options: cannot specify both {flag} and {name}"
            )
    # On the default bridge --link is a legacy link, which is no matter of endpoints.
    links = flags.links if cli is Cli.V20 or is_user_defined(asked.network) else ()
    return replace(
        asked,
        aliases=flags.aliases or asked.aliases,
        links=links or asked.links,
        ip=flags.ip or asked.ip,
        ip6=flags.ip6 or asked.ip6,
        link_local_ips=flags.link_local_ips or asked.link_local_ips,
        mac_address=(flags.mac_address if cli is Cli.V28 else "") or asked.mac_address,
    )


def _check(asked: Attachment, cli: Cli) -> None:
    if not asked.network.strip():
        raise ValueError("no name set for network")
    if not is_user_defined(asked.network):
        if asked.aliases:
            raise ValueError(
                "network-scoped aliases are only supported for user-defined networks"
            )
        if asked.links:
            raise ValueError("links are only supported for user-defined networks")
    if cli is Cli.V28 and asked.mac_address:
        check_mac(asked.mac_address)


def check_mac(text: str) -> None:
    """Refuses what is no hardware address of 6, 8 or 20 bytes (Go's ``ParseMAC``).

    >>> check_mac("0242.ac11.0002")
    >>> check_mac("foo")
    Traceback (most recent call last):
    ...
    ValueError: foo is not a valid mac address
    """
    pairs = r"[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2})*"
    fours = r"[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+"
    size = len(re.sub("[:.-]", "", text)) // 2
    if size not in (6, 8, 20) or not re.fullmatch(f"{pairs}|{fours}", text):
        raise ValueError(f"{text} is not a valid mac address")


_INSPECTED: Mapping[str, Json] = {  # filled by the engine, sent empty
    "NetworkID": "",
    "EndpointID": "",
    "Gateway": "",
    "IPAddress": "",
    "IPPrefixLen": 0,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
}


def endpoint_body(asked: Attachment, cli: Cli) -> dict[str, Json]:
    """An entry of ``NetworkingConfig.EndpointsConfig``, in the order it is sent.

    >>> body = endpoint_body(Attachment(network="app", ip="10.0.0.5"), Cli.V28)
    >>> body["IPAMConfig"], body["Aliases"], body["GwPriority"]
    ({'IPv4Address': '10.0.0.5'}, None, 0)
    """
    own: dict[str, Json] = {
        "IPAMConfig": ipam_body(asked) or None,
        "Links": [*asked.links] or None,
        "Aliases": [*asked.aliases] or None,
    }
    opts: Json = dict(asked.driver_opts) or None
    if cli is Cli.V20:
        return {
            **own,
            **_INSPECTED,
            "MacAddress": asked.mac_address,
            "DriverOpts": opts,
        }
    return {
        **own,
        "MacAddress": asked.mac_address,
        "DriverOpts": opts,
        "GwPriority": asked.gw_priority,
        **_INSPECTED,
        "DNSNames": None,
    }


def ipam_body(asked: Attachment) -> dict[str, Json]:
    """The addresses asked for, ``{}`` if none is.

    >>> ipam_body(Attachment(network="app", ip6="fd00::5"))
    {'IPv6Address': 'fd00::5'}
    """
    wanted: dict[str, Json] = {
        "IPv4Address": asked.ip,
        "IPv6Address": asked.ip6,
        "LinkLocalIPs": [*asked.link_local_ips],
    }
    return {key: value for key, value in wanted.items() if value}
