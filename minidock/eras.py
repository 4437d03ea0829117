"""What differs between Docker versions, as one small table.

Docker's networking rules changed a few times. Each change is one field here; the code
that follows a rule reads the field and nothing else, so there is no ``if era``
anywhere.

```
            17.12            20.10            28
            API 1.35         API 1.41         API 1.51
subnets     first fit        next fit         lowest free
MAC         from the IPv4    from the IPv4    random
/31, /32    refused          refused          usable
ports       one address      two addresses    two addresses, checked together
firewall    isolation x 2    isolation x 2    DOCKER-FORWARD
```

Sources: moby 17.12.1-ce, 20.10.24 (recorded from a real engine) and 28.5.2.
"""

from dataclasses import dataclass
from enum import StrEnum

from minidock.releases import RELEASES

__all__ = [
    "DEFAULT_ERA",
    "ERAS",
    "Era",
    "FirewallLayout",
    "IpamChecks",
    "LinkOrder",
    "PortConflicts",
    "SubnetChoice",
    "VlanDefaultRoute",
    "era_named",
]


class SubnetChoice(StrEnum):
    """How an automatic subnet is chosen from the default pools."""

    FIRST_FIT = "first-fit"  # scan from the head of the list each time
    NEXT_FIT = "next-fit"  # go on after the one handed out last, wrap at the end
    LOWEST_FREE = "lowest-free"  # the lowest gap in the sorted list of pools


class PortConflicts(StrEnum):
    """Which other host addresses count when a host port is claimed."""

    SAME_ADDRESS = "same-address"  # sets of different addresses do not see each other
    OVERLAPPING = "overlapping"  # 0.0.0.0 overlaps every address of its family


class FirewallLayout(StrEnum):
    """Which chains Docker writes and where each kind of rule goes."""

    ISOLATION_STAGES = "isolation-stages"  # all in FORWARD, DOCKER, two stage chains
    DOCKER_FORWARD = "docker-forward"  # 28: DOCKER-FORWARD, -BRIDGE, -CT, raw drops


class LinkOrder(StrEnum):
    """How the ports of a linked container are sorted for its variables."""

    BY_NUMBER = "by-number"  # lowest number first; tcp before udp at equal numbers
    TCP_FIRST = "tcp-first"  # tcp before all others, then by number


class IpamChecks(StrEnum):
    """When the IPAM settings of `network create` are checked."""

    LATE = "late"  # one at a time, while addresses are reserved
    AT_CREATE = "at-create"  # all at once, every fault in one message (25.0+)


class VlanDefaultRoute(StrEnum):
    """Which macvlan and ipvlan networks give containers a default route."""

    ALWAYS = "always"  # an internal one, too
    UNLESS_INTERNAL = "unless-internal"  # --internal takes it away
    WITH_PARENT = "with-parent"  # and so does a missing parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """One Docker version's rules.

    >>> era_named("20.10").subnet_choice
    <SubnetChoice.NEXT_FIT: 'next-fit'>
    """

    name: str
    engine_version: str
    api_version: str
    min_api_version: str
    cli: str
    """The generation of the docker program that came with it."""
    start_interval: bool
    """A starting container is probed every start interval (25.0, API 1.44)."""
    table_column: int
    """The least width of a column in docker's tables, in characters."""
    subnet_choice: SubnetChoice
    reserve_gateway_routes: bool
    """Routes via a gateway keep the default pools away, not only link-scope ones."""
    default_ipv6_pool: bool
    """``--ipv6`` without a subnet gets a unique-local /64 (27.0+)."""
    point_to_point_subnets: bool
    """/31 and /32 have usable addresses (23.0+)."""
    ipam_checks: IpamChecks
    mac_from_address: bool
    """Automatic MACs are 02:42 and the four IPv4 octets; else random (28.0+)."""
    both_families: bool
    """``-p 80:80`` binds 0.0.0.0 and :: (20.10+), not only 0.0.0.0."""
    port_conflicts: PortConflicts
    one_ephemeral_port: bool
    """All addresses of one ``-p`` get one ephemeral port (28), else a cursor each."""
    exact_ports_first: bool
    """Mappings with a fixed host port are bound before ephemeral ones (28)."""
    proxy_answers_where_asked: bool
    """docker-proxy answers UDP from the address that was asked (28.0+, moby #48571)."""
    firewall_layout: FirewallLayout
    ip6tables: bool
    link_order: LinkOrder
    hosts_zero_suffix: bool
    """/etc/hosts says fe00::0 and ff00::0 (to 20.10), not fe00:: and ff00::."""
    hosts_follow_ipv6: bool
    """/etc/hosts has no IPv6 lines where a sysctl turns IPv6 off (26.0+)."""
    resolv_conf_generated: bool
    """The host's resolv.conf is read and written anew, with comments (26.0+); before,
    its text was kept and only the lines that could not work were taken out."""
    host_servers_from_host: bool
    """DNS servers of the host's file are asked from the host (27.0+); before, only its
    loopback servers were, and the others from the container."""
    internal_names_forwarded: bool
    """A container on internal networks alone can have the host ask outside (to 25.0.4,
    CVE-2024-29018)."""
    silent_name_server: bool
    """If nobody outside answers, 127.0.0.11 is silent too; newer ones say SERVFAIL."""
    hostname_in_dns: bool
    """A container's hostname is one of its names on user networks (20.10+)."""
    short_id_alias: bool
    """The 12-digit id is listed among a user network's Aliases (to API 1.44)."""
    anonymous_volume_label: bool
    """A volume that nobody named carries a label that says so (23.0+)."""
    dns_names: bool
    """Endpoints show DNSNames (25.0+)."""
    unique_network_names: bool
    """A second network of one name is always refused (25.0+)."""
    several_endpoints_at_create: bool
    """A container may be created on several networks at once (25.0+)."""
    first_start_gateway_hidden: bool
    """`bridge` shows no Gateway until the daemon has been restarted (20.10)."""
    pools_exhausted_status: str
    """The category of "no default pool left": ``not-found`` or ``invalid``."""
    wrong_address_status: str
    """The category of a fixed address that does not fit: ``error`` or ``invalid``."""
    cgroup_namespace: str
    """HostConfig.CgroupnsMode when none is given."""
    default_mode_shown: str
    """HostConfig.NetworkMode when none is given: "default", or "bridge" (26+)."""
    start_failure_prefix: str
    """What stands before the reason when networking cannot be set up (28)."""
    active_endpoints_named: bool
    """Removing a network in use names its endpoints (27.0+)."""
    shared_parents: bool
    """Several macvlan networks may stand on one interface of the host (28)."""
    internal_drops_parent: bool
    """``--internal`` on macvlan and ipvlan forgets ``parent`` (to 17.12)."""
    vlan_default_route: VlanDefaultRoute
    unused_gateways_reserved: bool
    """macvlan and ipvlan hold a gateway's address that no container uses (to 27)."""
    ipvlan_experimental: bool
    """ipvlan needs ``dockerd --experimental`` (to 18.09)."""
    ipvlan_flags: bool
    """ipvlan reads ``ipvlan_flag`` and knows the mode l3s (23.0+)."""
    parent_missing: str
    """What is said of the interface that a sub-interface shall be made on."""
    platform_name: str
    """Whose build it is, as `docker version` says."""
    git_commit: str
    build_time: str
    go_version: str
    containerd: str
    """Version and commit of what `docker version` lists beside the engine."""
    runc: str
    docker_init: str
    builder_version: str
    """Which builder /_ping recommends: "" for no word of it, 2 for BuildKit."""
    swarm_in_ping: bool
    """/_ping says whether the node is part of a swarm (23.0+)."""
    strict_json: bool
    """A body that is no JSON is always 400, and told so (23.0+); what follows the
    first value is refused."""
    lower_case_errors: bool
    """Refusals begin with a small letter, as Go's style asks (in ever more places)."""
    shim_failure: str
    """What stands before the runtime's own words when a container cannot start."""


_R17, _R20, _R28 = (RELEASES[name] for name in ("17.12", "20.10", "28"))

_E17 = Era(
    name="17.12",
    engine_version=_R17.engine_version,
    api_version=_R17.api_version,
    min_api_version=_R17.min_api_version,
    cli="20.10",
    start_interval=False,
    table_column=20,
    subnet_choice=SubnetChoice.FIRST_FIT,
    reserve_gateway_routes=True,
    default_ipv6_pool=False,
    point_to_point_subnets=False,
    ipam_checks=IpamChecks.LATE,
    mac_from_address=True,
    both_families=False,
    port_conflicts=PortConflicts.SAME_ADDRESS,
    one_ephemeral_port=False,
    exact_ports_first=False,
    proxy_answers_where_asked=False,
    firewall_layout=FirewallLayout.ISOLATION_STAGES,
    ip6tables=False,
    link_order=LinkOrder.BY_NUMBER,
    hosts_zero_suffix=True,
    hosts_follow_ipv6=False,
    resolv_conf_generated=False,
    host_servers_from_host=False,
    internal_names_forwarded=True,
    silent_name_server=True,
    hostname_in_dns=False,
    short_id_alias=True,
    anonymous_volume_label=False,
    dns_names=False,
    unique_network_names=False,
    several_endpoints_at_create=False,
    first_start_gateway_hidden=False,
    pools_exhausted_status="not-found",
    wrong_address_status="error",
    cgroup_namespace="",
    default_mode_shown="default",
    start_failure_prefix="",
    active_endpoints_named=False,
    shared_parents=False,
    internal_drops_parent=True,
    vlan_default_route=VlanDefaultRoute.ALWAYS,
    unused_gateways_reserved=True,
    ipvlan_experimental=True,
    ipvlan_flags=False,
    parent_missing="does was not found",
    platform_name="",
    git_commit="7390fc6",
    build_time="2018-02-27T22:17:54.000000000+00:00",
    go_version="go1.9.4",
    containerd="",
    runc="",
    docker_init="",
    builder_version=_R17.builder_version,
    swarm_in_ping=_R17.swarm_in_ping,
    strict_json=False,
    lower_case_errors=False,
    shim_failure="OCI runtime create failed: ",
)

_E20 = Era(
    name="20.10",
    engine_version=_R20.engine_version,
    api_version=_R20.api_version,
    min_api_version=_R20.min_api_version,
    cli="20.10",
    start_interval=False,
    table_column=10,
    subnet_choice=SubnetChoice.NEXT_FIT,
    reserve_gateway_routes=False,
    default_ipv6_pool=False,
    point_to_point_subnets=False,
    ipam_checks=IpamChecks.LATE,
    mac_from_address=True,
    both_families=True,
    port_conflicts=PortConflicts.SAME_ADDRESS,
    one_ephemeral_port=False,
    exact_ports_first=False,
    proxy_answers_where_asked=False,
    firewall_layout=FirewallLayout.ISOLATION_STAGES,
    ip6tables=False,
    link_order=LinkOrder.BY_NUMBER,
    hosts_zero_suffix=True,
    hosts_follow_ipv6=False,
    resolv_conf_generated=False,
    host_servers_from_host=False,
    internal_names_forwarded=True,
    silent_name_server=True,
    hostname_in_dns=True,
    short_id_alias=True,
    anonymous_volume_label=False,
    dns_names=False,
    unique_network_names=False,
    several_endpoints_at_create=False,
    first_start_gateway_hidden=True,
    pools_exhausted_status="not-found",
    wrong_address_status="error",
    cgroup_namespace="host",
    default_mode_shown="default",
    start_failure_prefix="",
    active_endpoints_named=False,
    shared_parents=False,
    internal_drops_parent=False,
    vlan_default_route=VlanDefaultRoute.UNLESS_INTERNAL,
    unused_gateways_reserved=True,
    ipvlan_experimental=False,
    ipvlan_flags=False,
    parent_missing="does was not found",
    platform_name="",
    git_commit="5d6db84",
    build_time="2026-05-07T21:09:36.000000000+00:00",
    go_version="go1.19.8",
    containerd="1.6.20~ds1 1.6.20~ds1-1+deb12u3",
    runc="1.1.5+ds1 1.1.5+ds1-1+deb12u1",
    docker_init="0.19.0",
    builder_version=_R20.builder_version,
    swarm_in_ping=_R20.swarm_in_ping,
    strict_json=False,
    lower_case_errors=False,
    shim_failure="failed to create shim task: OCI runtime create failed: runc create "
    "failed: ",
)

_E28 = Era(
    name="28",
    engine_version=_R28.engine_version,
    api_version=_R28.api_version,
    min_api_version=_R28.min_api_version,
    cli="28",
    start_interval=True,
    table_column=10,
    subnet_choice=SubnetChoice.LOWEST_FREE,
    reserve_gateway_routes=False,
    default_ipv6_pool=True,
    point_to_point_subnets=True,
    ipam_checks=IpamChecks.AT_CREATE,
    mac_from_address=False,
    both_families=True,
    port_conflicts=PortConflicts.OVERLAPPING,
    one_ephemeral_port=True,
    exact_ports_first=True,
    proxy_answers_where_asked=True,
    firewall_layout=FirewallLayout.DOCKER_FORWARD,
    ip6tables=True,
    link_order=LinkOrder.TCP_FIRST,
    hosts_zero_suffix=False,
    hosts_follow_ipv6=True,
    resolv_conf_generated=True,
    host_servers_from_host=True,
    internal_names_forwarded=False,
    silent_name_server=False,
    hostname_in_dns=True,
    short_id_alias=False,
    anonymous_volume_label=True,
    dns_names=True,
    unique_network_names=True,
    several_endpoints_at_create=True,
    first_start_gateway_hidden=False,
    pools_exhausted_status="invalid",
    wrong_address_status="invalid",
    cgroup_namespace="private",
    default_mode_shown="bridge",
    start_failure_prefix="failed to set up container networking: ",
    active_endpoints_named=True,
    shared_parents=True,
    internal_drops_parent=False,
    vlan_default_route=VlanDefaultRoute.WITH_PARENT,
    unused_gateways_reserved=False,
    ipvlan_experimental=False,
    ipvlan_flags=True,
    parent_missing="was not found",
    platform_name="Docker Engine - Community",
    git_commit="89c5e8f",
    build_time="2025-11-05T14:43:25.000000000+00:00",
    go_version="go1.25.3",
    containerd="v1.7.29 442cb34bda9a6a0fed82a2ca7cade05c5c749582",
    runc="1.3.3 v1.3.3-0-gd842d771",
    docker_init="0.19.0 de40ad0",
    builder_version=_R28.builder_version,
    swarm_in_ping=_R28.swarm_in_ping,
    strict_json=True,
    lower_case_errors=True,
    shim_failure="failed to create task for container: failed to create shim task: "
    "OCI runtime create failed: runc create failed: ",
)

ERAS: tuple[Era, ...] = (_E17, _E20, _E28)
DEFAULT_ERA: Era = _E28


def era_named(name: str) -> Era:
    """The era with this name.

    >>> era_named("28").api_version
    '1.51'
    >>> era_named("1.0")
    Traceback (most recent call last):
    ...
    ValueError: there is no era '1.0'; the eras are 17.12, 20.10, 28
    """
    for era in ERAS:
        if era.name == name:
            return era
    known = ", ".join(era.name for era in ERAS)
    msg = f"there is no era {name!r}; the eras are {known}"
    raise ValueError(msg)
