"""What may be asked of an endpoint: a fixed address, aliases, links.

```
when it is asked    a network that gives what is asked      check_settings
when it is made     addresses that can be read              check_texts
                    links that can be read                  check_links
```

Docker notices a text that is no address when it makes the endpoint, not before.

Docker's source: moby, ``daemon/container_operations.go``.
"""

from minidock.errors import InvalidParameter, NotationError, Refusal, Unclassified
from minidock.model.container import EndpointSettings
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address

__all__ = ["check_links", "check_settings", "check_texts", "refused"]


def check_settings(network: Network, settings: EndpointSettings) -> None:
    """Refuse what the network cannot give: a fixed address, or aliases.

    Raises:
        InvalidParameter: a fixed address or alias on a predefined network, or a fixed
            address where no subnet was configured by hand.
    """
    wants_address = bool(settings.ipv4 or settings.ipv6)
    if network.predefined:
        if wants_address:
            raise InvalidParameter(
                "user specified IP address is supported on user defined networks only",
                asked=f"a fixed address on {network.name}",
                rule="the predefined networks hand out addresses themselves",
                remedy="docker network create --subnet 10.9.0.0/16 mynet",
            )
        if settings.aliases:
            raise InvalidParameter(
                "network-scoped alias is supported only for containers in user "
                "defined networks",
                asked=f"an alias on {network.name}",
                rule="the predefined networks have no name server",
                remedy="docker network create mynet",
            )
        return
    for text, family in ((settings.ipv4, 4), (settings.ipv6, 6)):
        configured = any(
            c.subnet and (":" in c.subnet) == (family == 6) for c in network.ipam_config
        )
        if text and not configured:
            raise InvalidParameter(
                "user specified IP address is supported only when connecting to "
                "networks with user configured subnets",
                asked=f"the address {text} on {network.name}",
                rule="an automatic subnet may be another one tomorrow",
                remedy="docker network create --subnet 10.9.0.0/16 mynet",
            )


def refused(world: World, text: str, asked: str, rule: str, remedy: str) -> Refusal:
    """A wrong address is refused.

    Odd on purpose: before 25.0 a wrong address was answered as a server's fault.
    """
    server_fault = world.era.wrong_address_status == "error"
    kind = Unclassified if server_fault else InvalidParameter
    return kind(text, asked=asked, rule=rule, remedy=remedy)


def check_texts(world: World, settings: EndpointSettings) -> None:
    """Refuse fixed addresses that are none.

    Docker notices them when it makes the endpoint, not when they are asked for.
    """
    # Odd on purpose: the bracket that closes nothing is Docker's.
    asked = [
        ("IPv4", settings.ipv4, f"Invalid IPv4 address: {settings.ipv4})"),
        ("IPv6", settings.ipv6, f"Invalid IPv6 address: {settings.ipv6})"),
    ]
    shown = f"Invalid link-local IP address: [{' '.join(settings.link_local)}]"
    asked += [("link-local", text, shown) for text in settings.link_local]
    for family, text, refusal in asked:
        if text and not _is_address(text):
            raise refused(
                world,
                refusal,
                f"connect with the {family} address {text}",
                "it is no address",
                "an address such as 10.9.0.5",
            )


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except NotationError:
        return False
    return True


def check_links(settings: EndpointSettings) -> None:
    """Refuse links that are none: they are asked for.

    Raises:
        Unclassified: one has more than a name and an alias.
    """
    for text in settings.links or ():
        if text.count(":") > 1:
            raise Unclassified(
                f"bad format for links: {text}",
                asked=f"--link {text}",
                rule="a link is a container, or a container and an alias",
                remedy="--link db:db",
            )
