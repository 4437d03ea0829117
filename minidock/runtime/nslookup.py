"""`nslookup`, in its faces: BusyBox's, that of BIND, and that of an old Alpine.

```
                      BusyBox (Alpine, busybox)      BIND (bind9-dnsutils, dnsutils)
asks                  A and AAAA, shows each answer  A, then AAAA if there is more
Address:              127.0.0.11:53                  127.0.0.11#53
a word without dots   ONLY with the search domains   as it is, or after them (ndots)
nslookup NAME SERVER  as it is: reads no resolv.conf the same as without SERVER
```

Odd on purpose: where resolv.conf has a search domain, BusyBox never asks for the plain
word, so `nslookup db` fails although `ping db` works. `nslookup db 127.0.0.11` and
`nslookup db.NETWORK` do work. Seen with BusyBox 1.35 beside a Docker Engine 20.10.

Alpine to 3.11.2 has a smaller one, which asks the C library as every program does: it
finds the plain word.

Which face a container has follows from its image: layers of alpine or busybox have
BusyBox's. BusyBox shows two answers in the order in which they come; here A is first.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.embedded import Answer, Question, ask
from minidock.naming.records import find_address
from minidock.naming.resolvconf import Resolving, resolving
from minidock.naming.resolver import resolve
from minidock.naming.servers import Contact, Record, Status
from minidock.net.address import Address
from minidock.runtime.bind import asked_in_turn, candidates, troubles
from minidock.runtime.finished import Finished

__all__ = ["nslookup"]

_TYPES = frozenset("A AAAA ANY CNAME MX NS PTR SOA SRV TXT".split())
_BUSYBOX_LAYERS = ("alpine-minirootfs-", "busybox-")
_OWN_RESOLVER = (3, 11, 3)
"""The first Alpine whose BusyBox asks name servers itself."""
_TYPE_OPTIONS = ("-type=", "-querytype=", "-query=", "-q=")
_USAGE = """\
BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.

Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]

Query DNS about HOST

QUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any
"""
_NOBODY = ";; connection timed out; no servers could be reached\n\n"


class _Wanted(NamedTuple):
    """The command line: the host, the server, and the options."""

    host: str
    server: str
    type: str
    tries: int
    seconds: int
    warning: str


def nslookup(world: World, container: Container, words: Sequence[str]) -> Finished:
    r"""What `nslookup [OPTIONS] HOST [SERVER]` prints.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> db = next(docker.world.containers_in_order())
    >>> nslookup(docker.world, db, ["nslookup", "db"]).stdout.splitlines()[3:]
    ['Non-authoritative answer:', 'Name:\tdb', 'Address: 172.18.0.2', '']
    >>> nslookup(docker.world, db, ["nslookup", "nosuch"]).code
    1
    """
    wanted = _read(words[1:])
    lowest = _lowest_layer(world, container)
    if _asks_library(lowest):
        return _old_alpine(world, container, wanted)
    if any(name in lowest for name in _BUSYBOX_LAYERS):
        return _busybox(world, container, wanted)
    return _bind(world, container, wanted)


def _lowest_layer(world: World, container: Container) -> str:
    image = world.images.get(container.image_id)
    return image.layers[0].created_by if image and image.layers else ""


def _asks_library(layer: str) -> bool:
    """Whether that is a layer of an Alpine with the small `nslookup`.

    >>> [_asks_library(f"alpine-minirootfs-{v}-") for v in ("3.10.9", "3.11.3", "3.9")]
    [True, False, True]
    """
    found = re.search(r"alpine-minirootfs-(\d+)\.(\d+)\.?(\d*)", layer)
    if found is None:
        return False
    return tuple(int(number or 0) for number in found.groups()) < _OWN_RESOLVER


def _read(words: Sequence[str]) -> _Wanted:
    kind, tries, seconds, warning = "", 3, 5, ""
    plain: list[str] = []
    for word in words:
        option, _, value = word.partition("=")
        if word.startswith(_TYPE_OPTIONS):
            if value.upper() in _TYPES:
                kind = value.upper()
            else:
                warning = value
        elif option == "-retry" and value.isdigit():
            tries = int(value)
        elif option == "-timeout" and value.isdigit():
            seconds = int(value)
        elif not word.startswith("-"):
            plain.append(word)
    host, server = [*plain, "", ""][:2]
    return _Wanted(host, server, kind, tries, seconds, warning)


def _literal(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except NotationError:
        return None


def _servers(
    world: World, container: Container, setting: Resolving, name: str
) -> tuple[str, ...]:
    """The servers to ask; () if the one that was named has no address."""
    if name:
        return tuple(str(a) for a in resolve(world, container, name).addresses[:1])
    return setting.servers or ("127.0.0.1",)


# --- an old Alpine --------------------------------------------------------------------


def _old_alpine(world: World, container: Container, wanted: _Wanted) -> Finished:
    """Addresses with their names, as the C library finds them."""
    if not wanted.host:
        return Finished(stderr="Usage: nslookup [HOST] [SERVER]\n", code=1)
    literal = _literal(wanted.host)
    found = (literal,) if literal else resolve(world, container, wanted.host).addresses
    if not found:
        text = f"nslookup: can't resolve '{wanted.host}': Name does not resolve\n"
        return Finished(stderr=text, code=1)
    # Odd on purpose: it cannot tell whom it has asked.
    errors = "nslookup: can't resolve '(null)': Name does not resolve\n"
    lines = [f"\nName:      {wanted.host}\n"]
    for number, address in enumerate(found, 1):
        name = find_address(world, container, address)
        lines.append(f"Address {number}: {address} {name}".rstrip() + "\n")
    return Finished(stdout="".join(lines), stderr=errors)


# --- BusyBox --------------------------------------------------------------------------


def _busybox(world: World, container: Container, wanted: _Wanted) -> Finished:
    if wanted.warning:
        text = f'nslookup: invalid query type "{wanted.warning}"\n'
        return Finished(stderr=text, code=1)
    if not wanted.host:
        return Finished(stderr=_USAGE, code=1)
    setting = resolving(world, container)
    servers = _servers(world, container, setting, wanted.server)
    if not servers:
        return Finished(stderr=f"nslookup: bad address '{wanted.server}'\n", code=1)
    questions = _busybox_questions(wanted, () if wanted.server else setting.search)
    errors = ""
    for server in servers:
        answers = [ask(world, container, server, one) for one in questions]
        reached = answers[0].contact
        if reached is Contact.ANSWERS:
            return _busybox_shown(server, questions, answers, errors)
        if reached is Contact.NO_ROUTE:
            errors += (
                f"nslookup: can't connect to remote host ({server}): "
                "Network is unreachable\n"
            )
            return Finished(stderr=errors, code=1)
        if reached is Contact.CLOSED:
            named = wanted.server or server
            errors += f"nslookup: write to '{named}': Connection refused\n"
    return Finished(stdout=_NOBODY, stderr=errors, code=1)


def _busybox_questions(wanted: _Wanted, search: tuple[str, ...]) -> list[Question]:
    address = _literal(wanted.host)
    if address is not None and not wanted.type:
        return [Question(address.reverse_pointer, "PTR")]
    name = wanted.host.removesuffix(".")
    names = [name]
    if search and "." not in wanted.host and wanted.type != "PTR":
        names = [f"{name}.{domain}" for domain in search]
    kinds = (wanted.type,) if wanted.type else ("A", "AAAA")
    return [Question(name, kind) for kind in kinds for name in names]


def _busybox_shown(
    server: str, questions: list[Question], answers: list[Answer], errors: str
) -> Finished:
    stdout, code = f"Server:\t\t{server}\nAddress:\t{server}:53\n\n", 0
    for question, told in zip(questions, answers, strict=True):
        if told.contact is not Contact.ANSWERS:
            stdout, code = stdout + f"*** Can't find {question.name}: No answer\n", 1
        elif told.status is not Status.NOERROR:
            code = 1
            stdout += f"** server can't find {question.name}: {told.status}\n"
        else:
            stdout += "Non-authoritative answer:\n" + _records(told.records, dot="")
        stdout += "\n"
    return Finished(stdout=stdout, stderr=errors, code=code)


def _records(records: Sequence[Record], *, dot: str) -> str:
    lines = []
    for record in records:
        name = record.name.removesuffix(".")
        if record.type == "PTR":
            lines.append(f"{name}\tname = {record.value.removesuffix('.')}{dot}\n")
        else:
            lines.append(f"Name:\t{name}\nAddress: {record.value}\n")
    return "".join(lines)


# --- BIND -----------------------------------------------------------------------------


def _bind(world: World, container: Container, wanted: _Wanted) -> Finished:
    if not wanted.host:
        return Finished(stdout="\n", code=1)  # it reads commands from an empty input
    setting = resolving(world, container)
    servers = _servers(world, container, setting, wanted.server)
    if not servers:
        text = f"nslookup: couldn't get address for '{wanted.server}': not found\n"
        return Finished(stderr=text, code=1)
    address = _literal(wanted.host)
    reverse = address is not None and wanted.type in {"", "PTR"}
    kind = "PTR" if reverse else wanted.type or "A"
    names = (
        [address.reverse_pointer]
        if address is not None and reverse
        else candidates(setting, wanted.host)
    )
    head = f"unknown query type: {wanted.warning}\n" if wanted.warning else ""
    # Odd on purpose: a bare address is answered without the server's lines.
    silent = reverse and not wanted.type
    tcp = kind == "ANY"
    for name in names:
        question = Question(name, kind, tcp)
        server, told, trouble = asked_in_turn(world, container, servers, question)
        if told.status is not Status.NXDOMAIN:
            break
    stdout = head + troubles(trouble, wanted.tries, wanted.seconds, question)
    if told.contact is not Contact.ANSWERS:
        route = told.contact is Contact.NO_ROUTE
        end = "\n" if route else ";; no servers could be reached\n\n"
        return Finished(stdout=stdout + end, code=1)
    if told.status is Status.SERVFAIL:
        stdout += f";; Got SERVFAIL reply from {server}\n"
    if not silent:
        stdout += f"Server:\t\t{server}\nAddress:\t{server}#53\n\n"
    return _bind_shown(world, container, server, question, told, wanted, stdout)


def _bind_shown(  # noqa: PLR0917 - what was asked, of whom, and what came
    world: World,
    container: Container,
    server: str,
    question: Question,
    told: Answer,
    wanted: _Wanted,
    stdout: str,
) -> Finished:
    name = question.name.removesuffix(".")
    if told.status is not Status.NOERROR:
        return Finished(
            stdout=f"{stdout}** server can't find {name}: {told.status}\n\n", code=1
        )
    records = told.records
    if not wanted.type and question.type == "A":
        second = ask(world, container, server, Question(question.name, "AAAA"))
        records = (*records, *second.records)
    shown = _records(records, dot=".") or f"*** Can't find {name}: No answer\n"
    if question.type != "PTR" or wanted.type:
        stdout += "Non-authoritative answer:\n"
    stdout += shown + "\n"
    if question.type not in {"A", "AAAA"}:
        stdout += "Authoritative answers can be found from:\n\n"
    return Finished(stdout=stdout)
