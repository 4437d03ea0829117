"""What goes over a plugin's socket, as values: both ends use these.

```
engine                                   plugin
  │  POST /Plugin.Activate                 │   {"Implements": ["IpamDriver", ...]}
  │  POST /IpamDriver.RequestPool          │   {"PoolID", "Pool", "Data"} or {"Error"}
  │  POST /IpamDriver.RequestAddress       │   {"Address", "Data"}        or {"Error"}
  │  POST /NetworkDriver.CreateNetwork     │   {}                         or {"Err"}
  │  POST /NetworkDriver.CreateEndpoint    │   {"Interface"}              or {"Err"}
  │  POST /NetworkDriver.Join              │   {"InterfaceName", "Gateway", ...}
```

Each value has ``body()``, the JSON that is sent, and ``read()``, which takes the same
JSON and refuses what is no such message. Docker's documents: "Docker plugin API",
libnetwork's ``docs/remote.md`` and ``docs/ipam.md``.
"""

from dataclasses import dataclass, field

from minidock.model.document import Json
from minidock.plugin.fields import Object, flag, listing, mapping, text, texts

__all__ = [
    "ACTIVATE",
    "CONTENT_TYPE",
    "GATEWAY",
    "GATEWAY_REQUEST",
    "REQUEST_TYPE",
    "AddressReply",
    "AddressRequest",
    "EndpointRequest",
    "Interface",
    "JoinReply",
    "NetworkCreation",
    "PoolReply",
    "PoolRequest",
    "Route",
    "SubnetData",
    "error_field",
]

CONTENT_TYPE = "application/vnd.docker.plugins.v1.2+json"
ACTIVATE = "Plugin.Activate"
REQUEST_TYPE = "RequestAddressType"
GATEWAY = "com.docker.network.gateway"
"""In the data of a pool: the gateway that the plugin chose."""
GATEWAY_REQUEST = GATEWAY
"""The :data:`REQUEST_TYPE` of the address that becomes a network's gateway."""


def error_field(method: str) -> str:
    """The field in which an answer says what went wrong.

    >>> error_field("IpamDriver.RequestPool"), error_field("NetworkDriver.Join")
    ('Error', 'Err')
    """
    return "Error" if method.startswith("IpamDriver.") else "Err"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRequest:
    """A subnet for a network: this one, or any if ``pool`` is empty."""

    space: str
    pool: str = ""
    subpool: str = ""
    """The ip-range: the part that is handed out by itself."""
    options: tuple[tuple[str, str], ...] = ()
    v6: bool = False

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {
            "AddressSpace": self.space,
            "Pool": self.pool,
            "SubPool": self.subpool,
            "Options": dict(self.options),
            "V6": self.v6,
        }

    @classmethod
    def read(cls, value: Object) -> "PoolRequest":
        """The request in a message.

        >>> PoolRequest.read({"AddressSpace": "local", "V6": True}).v6
        True
        """
        return cls(
            space=text(value, "AddressSpace"),
            pool=text(value, "Pool"),
            subpool=text(value, "SubPool"),
            options=tuple(texts(value, "Options").items()),
            v6=flag(value, "V6"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReply:
    """The subnet, and the name under which it is spoken of from now on."""

    pool_id: str
    pool: str
    data: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {"PoolID": self.pool_id, "Pool": self.pool, "Data": dict(self.data)}

    @classmethod
    def read(cls, value: Object) -> "PoolReply":
        """The reply in a message."""
        return cls(
            pool_id=text(value, "PoolID"),
            pool=text(value, "Pool"),
            data=tuple(texts(value, "Data").items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRequest:
    """An address of a pool: this one, or any if ``address`` is empty."""

    pool_id: str
    address: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {
            "PoolID": self.pool_id,
            "Address": self.address,
            "Options": dict(self.options),
        }

    @classmethod
    def read(cls, value: Object) -> "AddressRequest":
        """The request in a message."""
        return cls(
            pool_id=text(value, "PoolID"),
            address=text(value, "Address"),
            options=tuple(texts(value, "Options").items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressReply:
    """An address with its subnet's length, such as 10.9.0.2/16."""

    address: str
    data: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {"Address": self.address, "Data": dict(self.data)}

    @classmethod
    def read(cls, value: Object) -> "AddressReply":
        """The reply in a message."""
        return cls(
            address=text(value, "Address"), data=tuple(texts(value, "Data").items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetData:
    """One subnet of a network that is created, and its gateway with the length."""

    space: str = ""
    pool: str
    gateway: str = ""
    aux: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Json]:
        """The JSON of it; what is empty is left out as Docker does."""
        value: dict[str, Json] = {
            "AddressSpace": self.space,
            "Pool": self.pool,
            "Gateway": self.gateway,
        }
        if self.aux:
            value["AuxAddresses"] = dict(self.aux)
        return value

    @classmethod
    def read(cls, value: Object) -> "SubnetData":
        """The subnet in a message."""
        return cls(
            space=text(value, "AddressSpace"),
            pool=text(value, "Pool"),
            gateway=text(value, "Gateway"),
            aux=tuple(texts(value, "AuxAddresses").items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCreation:
    """A network that a driver is to make."""

    network: str
    options: Object = field(default_factory=dict)
    v4: tuple[SubnetData, ...] = ()
    v6: tuple[SubnetData, ...] = ()

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {
            "NetworkID": self.network,
            "Options": dict(self.options),
            "IPv4Data": [subnet.body() for subnet in self.v4],
            "IPv6Data": [subnet.body() for subnet in self.v6],
        }

    @classmethod
    def read(cls, value: Object) -> "NetworkCreation":
        """The request in a message."""
        return cls(
            network=text(value, "NetworkID"),
            options=mapping(value, "Options"),
            v4=tuple(map(SubnetData.read, listing(value, "IPv4Data"))),
            v6=tuple(map(SubnetData.read, listing(value, "IPv6Data"))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What an endpoint has; in a reply only what the request left open."""

    address: str = ""
    address6: str = ""
    mac: str = ""

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {
            "Address": self.address,
            "AddressIPv6": self.address6,
            "MacAddress": self.mac,
        }

    @classmethod
    def read(cls, value: Object) -> "Interface":
        """The interface in a message."""
        return cls(
            address=text(value, "Address"),
            address6=text(value, "AddressIPv6"),
            mac=text(value, "MacAddress"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """An endpoint that a driver is to make, join to a sandbox, or forget."""

    network: str
    endpoint: str
    interface: Interface | None = None
    sandbox: str = ""
    options: Object = field(default_factory=dict)

    def body(self) -> dict[str, Json]:
        """The JSON of it; what the verb does not need is left out."""
        value: dict[str, Json] = {
            "NetworkID": self.network,
            "EndpointID": self.endpoint,
        }
        if self.interface is not None:
            value["Interface"] = self.interface.body()
        if self.sandbox:
            value["SandboxKey"] = self.sandbox
        if self.options or self.interface is not None or self.sandbox:
            value["Options"] = dict(self.options)
        return value

    @classmethod
    def read(cls, value: Object) -> "EndpointRequest":
        """The request in a message."""
        named = value.get("Interface") is not None
        return cls(
            network=text(value, "NetworkID"),
            endpoint=text(value, "EndpointID"),
            interface=Interface.read(mapping(value, "Interface")) if named else None,
            sandbox=text(value, "SandboxKey"),
            options=mapping(value, "Options"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route that the sandbox gets; without a next hop it is on the link."""

    destination: str
    next_hop: str = ""

    def body(self) -> dict[str, Json]:
        """The JSON of it: type 0 goes by a next hop, 1 is on the link."""
        return {
            "Destination": self.destination,
            "RouteType": 0 if self.next_hop else 1,
            "NextHop": self.next_hop,
        }

    @classmethod
    def read(cls, value: Object) -> "Route":
        """The route in a message."""
        return cls(
            destination=text(value, "Destination"), next_hop=text(value, "NextHop")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinReply:
    """The interface that is moved into the sandbox, and the ways out of it."""

    source: str = ""
    """The interface's name on the host; without one the sandbox gets none."""
    prefix: str = ""
    """How its name begins in the sandbox; the engine adds a number."""
    gateway: str = ""
    gateway6: str = ""
    routes: tuple[Route, ...] = ()
    no_gateway_service: bool = False
    """Whether the engine shall add no network of its own that leads out."""

    def body(self) -> dict[str, Json]:
        """The JSON of it."""
        return {
            "InterfaceName": {"SrcName": self.source, "DstPrefix": self.prefix},
            "Gateway": self.gateway,
            "GatewayIPv6": self.gateway6,
            "StaticRoutes": [route.body() for route in self.routes],
            "DisableGatewayService": self.no_gateway_service,
        }

    @classmethod
    def read(cls, value: Object) -> "JoinReply":
        """The reply in a message."""
        name = mapping(value, "InterfaceName")
        return cls(
            source=text(name, "SrcName"),
            prefix=text(name, "DstPrefix"),
            gateway=text(value, "Gateway"),
            gateway6=text(value, "GatewayIPv6"),
            routes=tuple(map(Route.read, listing(value, "StaticRoutes"))),
            no_gateway_service=flag(value, "DisableGatewayService"),
        )
