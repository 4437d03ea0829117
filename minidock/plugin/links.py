"""A bridge network driver as data: which networks and endpoints an engine told it of.

```
CreateNetwork  ──▶ a network: its subnet and gateway        DeleteNetwork
CreateEndpoint ──▶ an endpoint: its addresses, a MAC        DeleteEndpoint
Join           ──▶ "move veth4f5e6a7 in as eth0, leave by 10.9.0.1"       Leave
```

The answers are those of Docker's own bridge driver, but nothing is built: no bridge, no
veth pair. An engine that is data, too, needs no more than that. A real one moves the
interface that is named into the container: unless somebody has made it, the container
does not start. A network with the option :data:`BARE` names none, and its containers
start with their loopback only.

Invariant: an endpoint's network is there; a network with endpoints cannot be deleted.
"""

from dataclasses import dataclass, field, replace

from minidock.errors import Conflict, Forbidden, InvalidParameter, NotFound
from minidock.model.maps import Map
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.plugin.fields import Object, mapping, text
from minidock.plugin.messages import (
    EndpointRequest,
    Interface,
    JoinReply,
    NetworkCreation,
    SubnetData,
)

__all__ = ["BARE", "LinkedEndpoint", "LinkedNetwork", "Links"]

BARE = "minidock.bare"
"""With this option a network's containers are given no interface."""
_GENERIC = "com.docker.network.generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedNetwork:
    """What an engine said of a network."""

    id: str
    subnet: str = ""
    subnet6: str = ""
    gateway: str = ""
    gateway6: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEndpoint:
    """What an engine said of an endpoint, and the MAC that it has."""

    id: str
    network: str
    address: str = ""
    address6: str = ""
    mac: str = ""
    sandbox: str = ""
    """Where it is joined to; "" while it is not."""

    @property
    def device(self) -> str:
        """The end of the veth pair that goes into the container."""
        return f"veth{self.id[:7]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """All networks and endpoints, by their ids."""

    networks: Map[LinkedNetwork] = field(default_factory=Map)
    endpoints: Map[LinkedEndpoint] = field(default_factory=Map)

    def create_network(self, request: NetworkCreation) -> "Links":
        """Take a network on.

        Cost: O(networks), for the overlap.

        Raises:
            InvalidParameter: no subnet, or one that cannot be read.
            Conflict: it is there. Forbidden: several subnets, or one that overlaps.
        """
        if not request.network:
            raise _no_id("network")
        if request.network in self.networks:
            raise Conflict(
                f"network {request.network} already exists",
                asked=f"create the network {request.network}",
                rule="a network is created once",
                remedy="delete it first",
            )
        if not request.v4:
            raise InvalidParameter(
                "ipv4 pool is empty",
                asked=f"create the network {request.network}",
                rule="a bridge has an IPv4 subnet",
                remedy="an IPAM driver that gives one",
            )
        if len(request.v4) > 1 or len(request.v6) > 1:
            raise Forbidden(
                "bridge driver doesn't support multiple subnets",
                asked=f"create the network {request.network}",
                rule="a bridge has one subnet of each family",
                remedy="two networks, or one larger subnet",
            )
        self._check_apart(request)
        four = request.v4[0]
        six = request.v6[0] if request.v6 else SubnetData(pool="")
        network = LinkedNetwork(
            id=request.network,
            subnet=four.pool,
            subnet6=six.pool,
            gateway=_bare_address(four.gateway),
            gateway6=_bare_address(six.gateway),
            bare=bool(text(mapping(request.options, _GENERIC), BARE)),
        )
        return replace(self, networks=self.networks.set(network.id, network))

    def _check_apart(self, request: NetworkCreation) -> None:
        for wanted in (*request.v4, *request.v6):
            subnet = Prefix.parse(wanted.pool, host_bits=True)
            for other in self.networks.values():
                for held in filter(None, (other.subnet, other.subnet6)):
                    if Prefix.parse(held, host_bits=True).overlaps(subnet):
                        raise Forbidden(
                            f"cannot create network {request.network}: conflicts with "
                            f"network {other.id}: networks have overlapping IPv"
                            f"{subnet.family}",
                            asked=f"a bridge with the subnet {subnet}",
                            rule=f"bridges share no address, and one has {held}",
                            remedy="another subnet",
                        )

    def delete_network(self, network: str) -> "Links":
        """Forget a network.

        Raises:
            NotFound: it is not there. Forbidden: it has endpoints.
        """
        self.network(network)
        if any(item.network == network for item in self.endpoints.values()):
            raise Forbidden(
                f"network {network} has active endpoints",
                asked=f"delete the network {network}",
                rule="a network goes after its endpoints",
                remedy="disconnect the containers first",
            )
        return replace(self, networks=self.networks.delete(network))

    def network(self, network: str) -> LinkedNetwork:
        """The network of that id.

        Raises:
            NotFound: it is not there.
        """
        found = self.networks.get(network)
        if found is None:
            raise NotFound(
                f"network {network} not found",
                asked=f"use the network {network}",
                rule="a network is there from CreateNetwork to DeleteNetwork",
                remedy="docker network create makes one",
            )
        return found

    def endpoint(self, request: EndpointRequest) -> LinkedEndpoint:
        """The endpoint that a request names.

        Raises:
            NotFound: it is not there.
        """
        self.network(request.network)
        found = self.endpoints.get(request.endpoint)
        if found is None or found.network != request.network:
            raise NotFound(
                f"endpoint {request.endpoint} not found",
                asked=f"use the endpoint {request.endpoint}",
                rule="an endpoint is there from CreateEndpoint to DeleteEndpoint",
                remedy="docker network connect makes one",
            )
        return found

    def create_endpoint(self, request: EndpointRequest) -> tuple["Links", Interface]:
        """Take an endpoint on; the reply is what the request left open.

        Raises:
            NotFound: no such network. InvalidParameter: no address.
            Conflict: the endpoint is there.
        """
        self.network(request.network)
        if not request.endpoint:
            raise _no_id("endpoint")
        if request.endpoint in self.endpoints:
            raise Conflict(
                f"endpoint {request.endpoint} already exists",
                asked=f"create the endpoint {request.endpoint}",
                rule="an endpoint is created once",
                remedy="delete it first",
            )
        asked = request.interface or Interface()
        if not asked.address:
            raise InvalidParameter(
                "invalid endpoint interface: it has no IPv4 address",
                asked=f"create the endpoint {request.endpoint}",
                rule="on a bridge each endpoint has an address of the subnet",
                remedy="an IPAM driver that gives one",
            )
        address = Address.parse(_bare_address(asked.address))
        chosen = "" if asked.mac else str(MAC.from_ipv4(address))
        endpoint = LinkedEndpoint(
            id=request.endpoint,
            network=request.network,
            address=asked.address,
            address6=asked.address6,
            mac=asked.mac or chosen,
        )
        kept = replace(self, endpoints=self.endpoints.set(endpoint.id, endpoint))
        return kept, Interface(mac=chosen)

    def delete_endpoint(self, request: EndpointRequest) -> "Links":
        """Forget an endpoint, joined or not."""
        endpoint = self.endpoint(request)
        return replace(self, endpoints=self.endpoints.delete(endpoint.id))

    def join(self, request: EndpointRequest) -> tuple["Links", JoinReply]:
        """Say which interface goes into the sandbox, and where its default route leads.

        Raises:
            NotFound: no such network or endpoint. Conflict: it is joined already.
        """
        endpoint = self.endpoint(request)
        if endpoint.sandbox:
            raise Conflict(
                f"endpoint {endpoint.id} is joined already",
                asked=f"join {endpoint.id} to {request.sandbox}",
                rule="an endpoint is in one sandbox",
                remedy="leave it first",
            )
        network = self.network(endpoint.network)
        joined = replace(endpoint, sandbox=request.sandbox or "-")
        kept = replace(self, endpoints=self.endpoints.set(endpoint.id, joined))
        if network.bare:
            return kept, JoinReply(no_gateway_service=True)
        return kept, JoinReply(
            source=endpoint.device,
            prefix="eth",
            gateway=network.gateway,
            gateway6=network.gateway6 if endpoint.address6 else "",
        )

    def leave(self, request: EndpointRequest) -> "Links":
        """Say that an endpoint is in no sandbox any more."""
        left = replace(self.endpoint(request), sandbox="")
        return replace(self, endpoints=self.endpoints.set(left.id, left))

    def describe(self, request: EndpointRequest) -> Object:
        """What Docker's bridge driver tells of an endpoint."""
        endpoint = self.endpoint(request)
        return {"com.docker.network.endpoint.macaddress": endpoint.mac}


def _no_id(kind: str) -> InvalidParameter:
    return InvalidParameter(
        f"invalid {kind} id: it is empty",
        asked=f"create a {kind}",
        rule=f"a {kind} is known by the id that the engine gave it",
        remedy="an id of 64 digits",
    )


def _bare_address(cidr: str) -> str:
    """The address of 10.9.0.1/16."""
    return cidr.partition("/")[0]
