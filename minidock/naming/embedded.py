"""Docker's own name server, 127.0.0.11, as a function of the World.

```
question ─▶ names on the asker's networks? ── yes ─▶ answer, ttl 600
               │ no                          └─ not of that family ─▶ NOERROR, empty
               ├─ one word, and ndots was set ───────────────────────▶ NOERROR, empty
               └─ ask the upstreams in turn, at most three ──────────▶ what they say
                      └─ none answers ─▶ SERVFAIL (to 24: silence)
```

Every sandbox on at least one user network has one; two rules in its nat table lead port
53 of 127.0.0.11 to it. It answers A, AAAA, PTR and MX itself, where it knows the name,
and passes everything else on. It never claims to be an authority.

Docker's source: moby, ``libnetwork/resolver.go``.
"""

from dataclasses import dataclass

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.records import Found, find_address, find_name
from minidock.naming.resolvconf import EMBEDDED, Resolving, Upstream, resolving
from minidock.naming.sandbox import endpoints_in_order, sandbox_owner
from minidock.naming.servers import (
    Contact,
    Record,
    Status,
    contact,
    contact_from_host,
    outside,
)
from minidock.net.address import V4, V6, Address

__all__ = ["Answer", "Question", "address_in", "answer", "ask"]

_TTL = 600
_FAMILIES = {"A": V4, "AAAA": V6}


@dataclass(frozen=True, slots=True)
class Question:
    """A name and the kind of record; ``tcp`` instead of UDP.

    >>> Question("db").type
    'A'
    """

    name: str
    type: str = "A"
    tcp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a DNS server answers; no records under NOERROR: the name has none such."""

    status: Status
    records: tuple[Record, ...] = ()
    recursion: bool = True
    """Whether it says that it asks others (the flag ``ra``)."""
    forwarded_to: str = ""
    """The upstream whose answer it is, or the last one that was asked in vain."""
    network: str = ""
    entry: str = ""
    also: tuple[str, ...] = ()
    """See :class:`minidock.naming.records.Found`."""
    contact: Contact = Contact.ANSWERS
    """Why there is no answer at all, where there is none."""


def address_in(name: str) -> Address | None:
    """The address that a name for a reverse lookup stands for, or None.

    >>> str(address_in("2.0.18.172.in-addr.arpa."))
    '172.18.0.2'
    >>> address_in("example.com") is None
    True
    """
    name = name.removesuffix(".").lower()
    if name.endswith(".in-addr.arpa"):
        text = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
    elif name.endswith(".ip6.arpa"):
        digits = "".join(reversed(name.removesuffix(".ip6.arpa").split(".")))
        text = ":".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    else:
        return None
    try:
        return Address.parse(text)
    except NotationError:
        return None


def answer(world: World, container: Container, question: Question) -> Answer:
    """What 127.0.0.11 answers to a program in that container.

    Cost: O(containers on the asker's networks).

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> db = next(docker.world.containers_in_order())
    >>> answer(docker.world, db, Question("DB.app")).records
    (Record(name='DB.app', ttl=600, type='A', value='172.18.0.2'),)
    >>> answer(docker.world, db, Question("nosuch")).status
    <Status.NXDOMAIN: 'NXDOMAIN'>
    """
    container = sandbox_owner(world, container)
    setting = resolving(world, container)
    if not setting.embedded:
        return Answer(status=Status.REFUSED, contact=Contact.CLOSED)
    known = _known(world, container, question)
    if known is not None:
        return known
    single = "." not in question.name.removesuffix(".")
    if setting.ndots_set and single and question.type in _FAMILIES:
        return Answer(status=Status.NOERROR)
    return _forwarded(world, container, setting, question)


def ask(world: World, container: Container, server: str, question: Question) -> Answer:
    """What a program in a container gets from a server, Docker's or another.

    Args:
        world: the host.
        container: who asks.
        server: the server's address, as text.
        question: what is asked.
    """
    container = sandbox_owner(world, container)
    if server == EMBEDDED and resolving(world, container).embedded:
        return answer(world, container, question)
    return _asked(world, question, server, contact(world, container, server))


def _known(world: World, container: Container, question: Question) -> Answer | None:
    """The answer from the names on the asker's networks, or None."""
    if question.type == "PTR":
        return _reverse(world, container, question)
    if question.type == "MX":
        # Mail programs take an empty answer as "then ask for its address" (RFC 5321).
        families = (find_name(world, container, question.name, f) for f in (V4, V6))
        if any(found and found.addresses for found in families):
            return Answer(status=Status.NOERROR)
        return None
    if question.type not in _FAMILIES:
        return None
    found = find_name(world, container, question.name, _FAMILIES[question.type])
    return None if found is None else _told(question, found)


def _told(question: Question, found: Found) -> Answer:
    return Answer(
        status=Status.NOERROR,
        records=tuple(
            Record(question.name, _TTL, question.type, str(address))
            for address in found.addresses
        ),
        network=found.network,
        entry=found.entry,
        also=found.also,
    )


def _reverse(world: World, container: Container, question: Question) -> Answer | None:
    address = address_in(question.name)
    name = find_address(world, container, address) if address else ""
    if not name:
        return None
    record = Record(question.name, _TTL, "PTR", f"{name}.")
    return Answer(
        status=Status.NOERROR, records=(record,), entry=f"{address} is {name}"
    )


def _forwarded(
    world: World, container: Container, setting: Resolving, question: Question
) -> Answer:
    """The answer of the first upstream that has one, or the lack of any."""
    last, why = "", Contact.SILENT
    for upstream in setting.upstreams:
        if not _may_ask(world, container, upstream):
            continue
        last = upstream.address
        why = (
            contact_from_host(world, last)
            if upstream.from_host
            else contact(world, container, last)
        )
        told = _asked(world, question, last, why)
        if told.contact is Contact.ANSWERS:
            return told
    if world.era.silent_name_server:
        silence = Status.TIMEOUT
        return Answer(status=silence, forwarded_to=last, contact=Contact.SILENT)
    return Answer(status=Status.SERVFAIL, recursion=False, forwarded_to=last)


def _may_ask(world: World, container: Container, upstream: Upstream) -> bool:
    """Newer engines let the host ask nobody for a container that has no way out."""
    if world.era.internal_names_forwarded or not upstream.from_host:
        return True
    networks = (
        world.networks.get(e.network_id) for e in endpoints_in_order(world, container)
    )
    return any(n is not None and not n.internal for n in networks)


def _asked(world: World, question: Question, server: str, reached: Contact) -> Answer:
    """What a server that is not Docker's answers."""
    if reached is Contact.ANSWERS and question.tcp:
        reached = Contact.CLOSED
    if reached is not Contact.ANSWERS:
        closed = reached is Contact.CLOSED
        status = Status.REFUSED if closed else Status.TIMEOUT
        return Answer(status=status, forwarded_to=server, contact=reached)
    status, records = outside(world, question.name, question.type)
    return Answer(status=status, records=records, forwarded_to=server)
