"""Names seen from inside a pod: its host name, extra hosts, DNS servers.

```
 --hostname db             ─▶ hostname
 --hostname db.example     ─▶ hostnameOverride
 --add-host db:10.0.0.5    ─▶ hostAliases
 --dns, --dns-search       ─▶ dnsConfig, beside the cluster's own DNS
```

Invariant: cluster DNS stays first, or no name of the application would resolve.
"""

from collections.abc import Iterator

from k8s_bridge.application import Networking, Service
from k8s_bridge.mapping.part import Fields, Part, fields, merged
from k8s_bridge.mapping.plan import PlannedPod
from k8s_bridge.names import is_dns_label, is_dns_subdomain
from k8s_bridge.report import Note, Outcome, changed, kept, lost
from minidock.errors import NotationError
from minidock.net.address import Address

__all__ = ["resolving"]

_WORDS = ("hostname", "domainname", "extra_hosts", "dns", "dns_search", "dns_options")
_SERVERS = 2  # a pod's resolv.conf has three, one of them the cluster's
_SEARCHES = 32 - 3  # the cluster adds three of its own
_SEARCH_LENGTH = 2048
_HOST_NAME = 64  # what a Linux kernel takes


def resolving(service: Service, pod: PlannedPod) -> Part:
    """The fields of a pod spec about names, and the notes for one service."""
    networking = service.networking
    if service is not pod.base:  # it uses the files of the one it joined
        why = "Docker itself uses what the joined container has"
        return Part({}, tuple(changed(word, why) for word in _WORDS))
    return merged(
        [_hostname(networking, pod), _host_aliases(networking), _dns(networking)]
    )


def _hostname(networking: Networking, pod: PlannedPod) -> Part:
    wanted = networking.hostname
    domain = lost("domainname", "a subdomain needs a headless Service of its name")
    lowered = wanted.lower()
    if not wanted:
        return Part({}, (domain,))
    if pod.on_host:
        return Part({}, (lost("hostname", "with hostNetwork it is the node's"), domain))
    if not is_dns_label(lowered):
        return _long_hostname(lowered, domain)
    note = kept("hostname", "hostname")
    if lowered != wanted:
        note = changed("hostname", "hostname, in lower case")
    return Part({"hostname": lowered}, (note, domain))


def _long_hostname(wanted: str, domain: Note) -> Part:
    """A host name with dots, which pods can have since Kubernetes 1.35."""
    if len(wanted) > _HOST_NAME or not is_dns_subdomain(wanted):
        why = "no DNS name: a pod's host name has no underscores or 65 letters"
        return Part({}, (lost("hostname", why), domain))
    how = "hostnameOverride, which older clusters than Kubernetes 1.35 refuse"
    return Part({"hostnameOverride": wanted}, (changed("hostname", how), domain))


def _host_aliases(networking: Networking) -> Part:
    by_address: dict[str, list[str]] = {}
    notes: list[Note] = []
    for name, address in networking.extra_hosts:
        note = _alias_note(name.lower(), address)
        notes.append(note)
        if note.outcome is Outcome.KEPT:  # /etc/hosts knows no capitals
            names = by_address.setdefault(address, [])
            names += [name.lower()] if name.lower() not in names else []
    aliases = [{"ip": ip, "hostnames": names} for ip, names in by_address.items()]
    return Part(fields(hostAliases=aliases), tuple(notes))


def _alias_note(name: str, address: str) -> Note:
    if address == "host-gateway":
        why = "host-gateway: a node's address is not known when the pod is written"
        return lost("extra_hosts", f"{name}: {why}")
    if not is_dns_subdomain(name) or not _is_address(address):
        return lost("extra_hosts", f"{name}: no DNS name, or {address!r} is no address")
    return kept("extra_hosts", f"hostAliases: {name}")


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except NotationError:
        return False
    return True


def _dns(networking: Networking) -> Part:
    servers = [server for server in networking.dns if _is_address(server)][:_SERVERS]
    config = fields(
        nameservers=servers,
        searches=_searches(networking.dns_search),
        options=[_option(option) for option in networking.dns_options if option],
    )
    return Part(fields(dnsConfig=config), tuple(_dns_notes(networking, servers)))


def _searches(wanted: tuple[str, ...]) -> list[str]:
    """As many as fit; Docker's single dot means none."""
    good = [s for s in wanted if is_dns_subdomain(s.rstrip(".").lower())]
    fitting: list[str] = []
    for search in good[:_SEARCHES]:
        if len(" ".join([*fitting, search])) <= _SEARCH_LENGTH:
            fitting.append(search)
    return fitting


def _option(option: str) -> Fields:
    name, colon, value = option.partition(":")
    return {"name": name, "value": value} if colon else {"name": name}


def _dns_notes(networking: Networking, servers: list[str]) -> Iterator[Note]:
    if servers:
        yield changed(
            "dns", f"dnsConfig, after the cluster's DNS: {', '.join(servers)}"
        )
    rest = [server for server in networking.dns if server not in servers]
    if rest:
        yield lost("dns", f"more than a pod can have, or no address: {', '.join(rest)}")
    searches = _searches(networking.dns_search)
    if searches:
        yield changed("dns_search", "dnsConfig.searches, after the cluster's own")
    dropped = [search for search in networking.dns_search if search not in searches]
    if dropped:
        yield lost("dns_search", f"no DNS name, or too many: {', '.join(dropped)}")
    yield kept("dns_options", "dnsConfig.options")
