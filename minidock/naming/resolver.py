"""What a program in a container gets for a name, and why.

```
resolve(world, web, "db")
  1  an address?           it is its own answer                 "literal"
  2  /etc/hosts            the first thing that is read          "hosts"
  3  resolv.conf's servers
       a name with at least ndots dots: as it is, then with each search domain
       any other: with each search domain, then as it is
         127.0.0.11        the names of the container's networks "embedded dns"
                           passed on to an upstream              "upstream"
         another server                                          "upstream"
```

That is the order of the C libraries (``hosts: files dns``). Where they differ, glibc is
followed: musl (Alpine) never adds a search domain to a name with ndots dots or more.

Invariants: there is an address exactly if ``why`` is empty; asking changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.embedded import Answer, Question, ask
from minidock.naming.hosts import hosts_file
from minidock.naming.reasons import why_not
from minidock.naming.resolvconf import EMBEDDED, Resolving, resolving
from minidock.naming.sandbox import sandbox_owner
from minidock.naming.servers import Contact, Status, contact_from_host, outside
from minidock.net.address import V4, V6, Address

__all__ = [
    "Resolution",
    "candidates",
    "hosts_entries",
    "names_of",
    "resolve",
    "resolve_on_host",
]

_TYPES = {V6: "AAAA", V4: "A"}
_MOST_SERVERS = 3  # MAXNS of resolv.h
_HOST_KNOWS_NOBODY = (
    "the Docker host knows no containers by name: use an address, or a published port"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What came of a name; see the module's picture."""

    name: str
    addresses: tuple[Address, ...] = ()
    """As getaddrinfo sorts them: the first is the one that a program takes."""
    source: str = "none"
    """``literal``, ``hosts``, ``embedded dns``, ``upstream`` or ``none``."""
    entry: str = ""
    """The table entry that decided, in words."""
    status: Status = Status.NOERROR
    why: str = ""
    """Without an address: one sentence, with what would work."""
    network: str = ""
    """The network whose names answered, for ``embedded dns``."""
    also: tuple[str, ...] = ()
    """Other networks of the asker that know the name, with other addresses."""
    full_name: str = ""
    """The name as it was found: with a search domain, if one was added."""
    server: str = ""
    """The DNS server that the program asked."""

    def __bool__(self) -> bool:
        return bool(self.addresses)


def resolve(
    world: World, container: Container, name: str, family: int = 0
) -> Resolution:
    """What a program in a container gets for a name.

    Args:
        world: the host.
        container: where the program runs.
        name: a name or an address, as it is typed.
        family: V4 or V6 for addresses of that family only, 0 for both.

    Cost: O(containers on its networks) for each name that is tried; O(containers) more
    for the reason where there is no address.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> _ = docker("run -d --name web --network app nginx")
    >>> _ = docker("run -d --name lone nginx")
    >>> db, web, lone = docker.world.containers_in_order()
    >>> found = resolve(docker.world, web, "db")
    >>> str(found.addresses[0]), found.entry
    ('172.18.0.2', 'endpoint name db on network app')
    >>> resolve(docker.world, web, "lone").why
    'lone is only on the default bridge, which has no names: docker network connect \
app lone'
    """
    container = sandbox_owner(world, container)
    literal = _literal(name, family)
    if literal is not None:
        return literal
    if not container.state.running:
        why = f"{container.name} is not running: docker start {container.name}"
        return Resolution(name=name, status=Status.TIMEOUT, why=why)
    text = hosts_file(world, container)
    return _from_hosts(container, text, name, family) or _from_dns(
        world, container, name, family
    )


def names_of(world: World, container: Container, address: Address) -> tuple[str, ...]:
    """The names that a program in a container gets for an address; () for none.

    Those of the entry in /etc/hosts, else the one that a reverse lookup finds.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> _ = docker("run -d --name web --network app nginx")
    >>> db, web = docker.world.containers_in_order()
    >>> names_of(docker.world, web, Address.parse("172.18.0.2"))
    ('db.app',)
    """
    container = sandbox_owner(world, container)
    for known, names in hosts_entries(hosts_file(world, container)):
        if known == address:
            return names
    setting = resolving(world, container)
    question = f"{address.reverse_pointer}."
    _, told = _first_answer(world, container, setting, question, "PTR")
    return tuple(record.value.removesuffix(".") for record in told.records[:1])


def resolve_on_host(world: World, name: str, family: int = 0) -> Resolution:
    """What a program on the Docker host gets for a name: no container's name is known.

    >>> from minidock.engine import Engine
    >>> str(resolve_on_host(Engine().world, "example.com", V4).addresses[0])
    '198.51.100.80'
    >>> resolve_on_host(Engine().world, "db").why
    'the Docker host knows no containers by name: use an address, or a published port'
    """
    literal = _literal(name, family)
    found = literal or _from_hosts(None, world.host.hosts_file, name, family)
    if found is not None:
        return found
    servers = world.host.nameservers[:_MOST_SERVERS]
    kinds = [_TYPES[family]] if family else list(_TYPES.values())
    records = [r for kind in kinds for r in outside(world, name, kind)[1]]
    for server in servers if records else ():
        if contact_from_host(world, server) is Contact.ANSWERS:
            addresses = tuple(Address.parse(record.value) for record in records)
            return Resolution(
                name=name,
                addresses=_sorted(None, addresses),
                source="upstream",
                entry=f"{name} known to {server}",
                full_name=name.removesuffix("."),
                server=server,
            )
    return Resolution(name=name, status=Status.NXDOMAIN, why=_HOST_KNOWS_NOBODY)


def hosts_entries(text: str) -> Iterator[tuple[Address, tuple[str, ...]]]:
    r"""The entries of a hosts file: address and names (hosts(5)).

    >>> [(str(a), n) for a, n in hosts_entries("10.0.0.1\tdb db.test # x\nbad line\n")]
    [('10.0.0.1', ('db', 'db.test'))]
    """
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        try:
            address = Address.parse(words[0]) if words else None
        except NotationError:
            continue
        if address is not None and words[1:]:
            yield address, tuple(words[1:])


def candidates(setting: Resolving, name: str) -> list[str]:
    """The full names that are tried, in order.

    >>> setting = Resolving(text="", servers=(), search=("a.test",))
    >>> candidates(setting, "db"), candidates(setting, "db.app")
    (['db.a.test', 'db'], ['db.app', 'db.app.a.test'])
    >>> candidates(setting, "db.")
    ['db.']
    """
    if name.endswith("."):
        return [name]
    longer = [f"{name}.{domain.strip('.')}" for domain in setting.search]
    longer = [one for one in longer if not one.endswith(".")]
    if name.count(".") >= setting.ndots:
        return [name, *longer]
    return [*longer, name]


def _literal(name: str, family: int) -> Resolution | None:
    try:
        address = Address.parse(name.partition("%")[0])
    except NotationError:
        return None
    if family not in {0, address.family}:
        kinds = {V4: "IPv4", V6: "IPv6"}
        why = f"{name} is an {kinds[address.family]} address: ask without -{family}"
        return Resolution(name=name, source="literal", status=Status.NXDOMAIN, why=why)
    return Resolution(
        name=name, addresses=(address,), source="literal", entry=name, full_name=name
    )


def _from_hosts(
    container: Container | None, text: str, name: str, family: int
) -> Resolution | None:
    """Of a hosts file the first entry of each family counts, as glibc has it."""
    wanted = name.removesuffix(".").lower()
    first: dict[int, tuple[Address, tuple[str, ...]]] = {}
    for address, names in hosts_entries(text):
        if wanted in (one.lower() for one in names):
            first.setdefault(address.family, (address, names))
    found = [first[one] for one in first if family in {0, one}]
    if not family and len(found) > 1 and not _has_ipv6(container):
        # Without IPv6 there is no ::1 on lo either: a program gets the IPv4 address.
        found = [first[V4]]
    if not found:
        return None
    address, names = found[0]
    return Resolution(
        name=name,
        addresses=_sorted(container, tuple(address for address, _ in found)),
        source="hosts",
        entry=f"{address} {' '.join(names)}",
        full_name=names[0],
    )


def _from_dns(world: World, container: Container, name: str, family: int) -> Resolution:
    setting = resolving(world, container)
    last: Answer | None = None
    for full_name in candidates(setting, name):
        found, told = _both_families(world, container, setting, full_name, family)
        if found:
            return _resolved(container, name, full_name, found)
        # That a name exists, without an address, is not forgotten over the next one.
        if last is None or last.status is not Status.NOERROR:
            last = told
        if told.contact is not Contact.ANSWERS:
            break
    last = last or Answer(status=Status.TIMEOUT, contact=Contact.CLOSED)
    why = why_not(world, container, name, family, last)
    return Resolution(name=name, status=last.status, why=why, server=_first(setting))


def _first(setting: Resolving) -> str:
    return next(iter(setting.servers), "")


def _both_families(
    world: World, container: Container, setting: Resolving, name: str, family: int
) -> tuple[list[tuple[str, Answer]], Answer]:
    """(server, answer) of each family with addresses, and the answer that counts."""
    found, last = [], None
    for one in (family,) if family else (V6, V4):
        server, told = _first_answer(world, container, setting, name, _TYPES[one])
        if told.records:
            found.append((server, told))
        # "No such name" of one family and "nothing of that kind" of the other: the
        # second says more.
        if last is None or last.status is not Status.NOERROR:
            last = told
    return found, last or Answer(status=Status.TIMEOUT)


def _first_answer(
    world: World, container: Container, setting: Resolving, name: str, kind: str
) -> tuple[str, Answer]:
    """The answer of the first server that has one; SERVFAIL asks the next."""
    told = Answer(status=Status.REFUSED, contact=Contact.CLOSED)
    server = ""
    for server in setting.servers[:_MOST_SERVERS]:
        told = ask(world, container, server, Question(name, kind))
        failed = told.status in {Status.SERVFAIL, Status.REFUSED, Status.TIMEOUT}
        if not failed:
            break
    return server, told


def _resolved(
    container: Container, name: str, full_name: str, found: list[tuple[str, Answer]]
) -> Resolution:
    told = found[-1][1]
    server = found[-1][0]
    addresses = tuple(
        Address.parse(record.value) for _, one in found for record in one.records
    )
    upstream = told.forwarded_to
    known_by = f" through {EMBEDDED}" if upstream and server == EMBEDDED else ""
    return Resolution(
        name=name,
        addresses=_sorted(container, addresses),
        source="upstream" if upstream else "embedded dns",
        entry=told.entry or f"{full_name} known to {upstream}{known_by}",
        network=told.network,
        also=tuple(dict.fromkeys(n for _, one in found for n in one.also)),
        full_name=full_name.removesuffix("."),
        server=server,
    )


def _has_ipv6(container: Container | None) -> bool:
    """Whether a sandbox has IPv6; None stands for the host, which has."""
    if container is None or container.network_mode == "host":
        return True
    return any(e.attached and e.address6 for e in container.endpoints)


def _sorted(
    container: Container | None, addresses: tuple[Address, ...]
) -> tuple[Address, ...]:
    """IPv6 first where the sandbox has IPv6, else last (RFC 6724, in short)."""
    first = V6 if _has_ipv6(container) else V4
    return tuple(sorted(addresses, key=lambda address: address.family != first))
