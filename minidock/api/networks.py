"""The network calls: list, inspect, create, remove, connect, disconnect, prune.

```
GET    /networks              POST /networks/create     POST /networks/{id}/connect
GET    /networks/{id}         POST /networks/prune      POST /networks/{id}/disconnect
DELETE /networks/{id}
```
"""

from dataclasses import replace

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.decode import Shape, decode
from minidock.api.filters import (
    Filters,
    asked_filters,
    has_labels,
    matches_text,
    one_flag,
    until,
)
from minidock.api.http import Response
from minidock.commands import connections, networks
from minidock.commands.lookup import find_container, find_network, networks_named
from minidock.commands.network_rules import no_name
from minidock.errors import InvalidParameter, NotFound, Refusal, Unclassified
from minidock.model.container import Container, EndpointSettings
from minidock.model.document import Document, Json, thaw
from minidock.model.network import IpamConfig, Network
from minidock.model.world import World
from minidock.views.api_versions import (
    ENDPOINT_MAC,
    GATEWAY_PRIORITY,
    LIST_WITHOUT_MEMBERS,
)
from minidock.views.inspect_network import network_json

__all__ = [
    "connect",
    "create",
    "disconnect",
    "endpoint_settings",
    "inspect",
    "known_settings",
    "list_networks",
    "prune",
    "remove",
]

_IPAM: Shape = {
    "": "network.IPAM",
    "Driver": "string",
    "Options": "map[string]string",
    "Config": (
        {
            "": "network.IPAMConfig",
            "Subnet": "string",
            "IPRange": "string",
            "Gateway": "string",
            "AuxiliaryAddresses": "map[string]string",
        },
    ),
}
_CREATE: Shape = {
    "Name": "string",
    "CheckDuplicate": "bool",
    "Driver": "string",
    "Scope": "string",
    "EnableIPv4": "bool",
    "EnableIPv6": "bool",
    "IPAM": _IPAM,
    "Internal": "bool",
    "Attachable": "bool",
    "Ingress": "bool",
    "ConfigOnly": "bool",
    "ConfigFrom": {"": "network.ConfigReference", "Network": "string"},
    "Options": "map[string]string",
    "Labels": "map[string]string",
}
ENDPOINT: Shape = {
    "": "network.EndpointSettings",
    "IPAMConfig": {
        "": "network.EndpointIPAMConfig",
        "IPv4Address": "string",
        "IPv6Address": "string",
        "LinkLocalIPs": "[]string",
    },
    "Aliases": "[]string",
    "Links": "[]string",
    "MacAddress": "string",
    "DriverOpts": "map[string]string",
    "GwPriority": "int",
}
_CONNECT: Shape = {"Container": "string", "EndpointConfig": ENDPOINT}
_DISCONNECT: Shape = {"Container": "string", "Force": "bool"}
_FILTERS = ("dangling", "driver", "id", "label", "name", "scope", "type")


def list_networks(call: Call) -> Answer:
    """GET /networks: the networks that fit the filters, oldest first."""
    filters = asked_filters(call, _FILTERS)
    for kind in filters.get("type", ()):
        if kind not in {"builtin", "custom"}:
            raise Unclassified(f"invalid filter: 'type'='{kind}'")
    members = not LIST_WITHOUT_MEMBERS.reached(call.api)
    shown: list[Json] = [
        network_json(
            call.world,
            network,
            call.api,
            members=members,
        )
        for network in call.world.networks_in_order()
        if _fits(network, filters)
    ]
    return Answer(world=call.world, response=Response(body=shown))


def _fits(network: Network, filters: Filters) -> bool:
    dangling = one_flag(filters, "dangling")
    kinds = filters.get("type")
    kind = "builtin" if network.predefined else "custom"
    # Odd on purpose: dangling=true lists every custom network, used or not (20.10).
    return (
        matches_text(filters, "name", network.name)
        and matches_text(filters, "id", network.id)
        and (not filters.get("driver") or network.driver in filters["driver"])
        and (not filters.get("scope") or network.scope in filters["scope"])
        and has_labels(filters, network.labels)
        and (kinds is None or kind in kinds)
        and (dangling is None or dangling != network.predefined)
    )


def inspect(call: Call) -> Answer:
    """GET /networks/{id}."""
    network = _inspected(call)
    body = network_json(call.world, network, call.api, members=True)
    return Answer(world=call.world, response=Response(body=body))


def _inspected(call: Call) -> Network:
    text = call.words["id"]
    verbose = call.query.get("verbose", "")
    if verbose and verbose.lower() not in {"1", "t", "true", "0", "f", "false"}:
        raise InvalidParameter(
            f"invalid value for verbose: {verbose}: strconv.ParseBool: parsing "
            f'"{verbose}": invalid syntax'
        )
    named = networks_named(call.world, text)
    if len(named) > 1 and text not in call.world.networks:
        raise InvalidParameter(
            f"{len(named)} matches found based on name: network {text} is ambiguous"
        )
    network = find_network(call.world, text)
    scope = call.query.get("scope", "")
    if scope and scope != network.scope:
        raise NotFound(f"network {text} not found")
    return network


def create(call: Call) -> Answer:
    """POST /networks/create."""
    body = decode(call, _CREATE, "NetworkCreateRequest")
    request = _request(call.world, body)
    outcome = networks.create(call.world, request, call.now)
    warning = "\n".join(outcome.warnings)
    return answered(outcome, 201, {"Id": outcome.made, "Warning": warning})


def _request(world: World, body: dict[str, Json]) -> networks.NetworkRequest:
    document = document_of(body)
    ipam = document.document("IPAM")
    options = ipam.get("Options")
    ipv4 = document.get("EnableIPv4")
    return networks.NetworkRequest(
        name=document.text("Name"),
        driver=document.text("Driver"),
        scope=document.text("Scope"),
        enable_ipv4=ipv4 is None or bool(ipv4),
        enable_ipv6=document.flag("EnableIPv6"),
        internal=document.flag("Internal"),
        attachable=document.flag("Attachable"),
        ingress=document.flag("Ingress"),
        config_only=document.flag("ConfigOnly"),
        config_from=document.document("ConfigFrom").text("Network"),
        options=document.document("Options"),
        labels=document.document("Labels"),
        ipam_driver=ipam.text("Driver"),
        ipam_options=options if isinstance(options, Document) else None,
        ipam_config=_ipam_configs(ipam),
        check_duplicate=document.flag("CheckDuplicate")
        or world.era.unique_network_names,
    )


def _ipam_configs(ipam: Document) -> tuple[IpamConfig, ...]:
    entries = ipam.get("Config")
    if not isinstance(entries, tuple):
        return ()
    return tuple(
        IpamConfig(
            subnet=entry.text("Subnet"),
            ip_range=entry.text("IPRange"),
            gateway=entry.text("Gateway"),
            aux_addresses=entry.document("AuxiliaryAddresses"),
        )
        for entry in entries
        if isinstance(entry, Document)
    )


def remove(call: Call) -> Answer:
    """DELETE /networks/{id}."""
    text = call.words["id"]
    try:
        network = find_network(call.world, text)
    except InvalidParameter as error:
        count = len(networks_named(call.world, text))
        raise InvalidParameter(
            f"network {text} is ambiguous ({count} matches found based on name)",
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    return answered(networks.remove(call.world, network, call.now))


def endpoint_settings(value: Json) -> EndpointSettings:
    """An EndpointConfig of the API as settings."""
    document = document_of(value)
    ipam, options = document.get("IPAMConfig"), document.get("DriverOpts")
    aliases, links = document.get("Aliases"), document.get("Links")
    return EndpointSettings(
        ipam_config=_compact(ipam) if isinstance(ipam, Document) else None,
        aliases=document.texts("Aliases") if isinstance(aliases, tuple) else None,
        links=document.texts("Links") if isinstance(links, tuple) else None,
        mac=document.text("MacAddress"),
        driver_opts=options if isinstance(options, Document) else None,
        gateway_priority=document.number("GwPriority"),
    )


def known_settings(settings: EndpointSettings, call: Call) -> EndpointSettings:
    """Without the fields that the request's version of the API does not know.

    An older engine shows a MAC address that it is sent, and uses its own.
    """
    newer = call.world.era.several_endpoints_at_create
    if newer and not ENDPOINT_MAC.reached(call.api):
        settings = replace(settings, mac="")
    if not GATEWAY_PRIORITY.reached(call.api):
        settings = replace(settings, gateway_priority=0)
    return settings


def _compact(document: Document) -> Document:
    """Without its empty fields, as Go's omitempty shows it."""
    return Document({key: value for key, value in document.items() if value})


def connect(call: Call) -> Answer:
    """POST /networks/{id}/connect."""
    document = document_of(decode(call, _CONNECT, "NetworkConnect"))
    container = find_container(call.world, document.text("Container"))
    network = _network_or_promise(call, container)
    if network is None:
        name = call.words["id"]
        return answered(connections.promise(call.world, container, name), 200)
    config = document.get("EndpointConfig")
    settings = EndpointSettings()
    if isinstance(config, Document):
        settings = endpoint_settings(thaw(config))
    settings = known_settings(settings, call)
    request = connections.ConnectRequest(settings=settings)
    outcome = connections.connect(call.world, container, network, request, call.now)
    return answered(outcome, 200)


def _network_or_promise(call: Call, container: Container) -> Network | None:
    """The network; None where it does not exist and the container does not run."""
    try:
        return find_network(call.world, call.words["id"])
    except Refusal:
        if container.state.running:
            raise
        return None


def disconnect(call: Call) -> Answer:
    """POST /networks/{id}/disconnect."""
    document = document_of(decode(call, _DISCONNECT, "NetworkDisconnect"))
    name = document.text("Container")
    try:
        container = find_container(call.world, name)
    except Refusal as error:
        if not document.flag("Force"):
            raise
        if not name:
            raise no_name(call.world, name) from error
        find_network(call.world, call.words["id"])
        raise NotFound(f"endpoint {name} not found") from error
    network = _network_or_promise(call, container)
    if network is None:
        outcome = connections.forget(call.world, container, call.words["id"])
    else:
        outcome = connections.disconnect(call.world, container, network, call.now)
    return answered(outcome, 200)


def prune(call: Call) -> Answer:
    """POST /networks/prune."""
    filters = asked_filters(call, ("label", "label!", "until"))
    before = until(filters, call.now)
    chosen = [
        network
        for network in call.world.networks_in_order()
        if has_labels(filters, network.labels)
        and (before is None or network.created < before)
    ]
    outcome = networks.prune(call.world, chosen, call.now)
    names: list[Json] = list(outcome.made.split("\n")) if outcome.made else []
    return answered(outcome, 200, {"NetworksDeleted": names or None})
