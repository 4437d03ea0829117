"""`dig`, BIND's program that shows what a DNS server answers (9.18).

```
dig [@SERVER] [NAME] [TYPE] [+OPTION ...] [NAME ...]
 options before the first name hold for every name, later ones for the name before them

 ; <<>> DiG 9.18 <<>> db                      +[no]cmd
 ;; Got answer: ...flags: qr rd ra            +[no]comments
 ;; QUESTION SECTION:  ;db.    IN  A          +[no]question
 ;; ANSWER SECTION:    db. 600 IN  A  172...  +[no]answer
 ;; Query time, SERVER, WHEN, MSG SIZE        +[no]stats       all five: +[no]all
```

What a real dig takes from the clock or by chance is made up here, always alike: an
answer takes 0 ms, comes at the moment at which every lesson starts, and its number
follows from the question.

Exit status: 0 for any answer, 1 for a wrong use, 9 if no server answers, 10 for a name
that cannot be asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.embedded import Answer, Question
from minidock.naming.resolvconf import EMBEDDED, resolving
from minidock.naming.resolver import resolve
from minidock.naming.servers import Contact, Record, Status
from minidock.net.address import Address
from minidock.runtime.bind import Trouble, asked_in_turn, candidates, troubles
from minidock.runtime.finished import Finished

__all__ = ["dig"]

_VERSION = "DiG 9.18.49-1~deb12u3-Debian"
_WHEN = "Tue Nov 14 22:13:20 UTC 2023"
_SHOWS = ("comments", "question", "answer", "authority", "additional", "stats")
_TYPES = frozenset("A AAAA ANY CNAME MX NS PTR SOA SRV TXT".split())
_IGNORED = frozenset(
    "adflag aaflag badcookie besteffort bufsize cdflag cookie crypto dnssec edns "
    "expire fail idnin idnout keepopen multiline ndots onesoa qr rec recurse "
    "rrcomments split trace ttlunits unknownformat".split()
)
_USAGE = """\
Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
"""
_SWITCHES = frozenset("46imruv")
_LONGEST_LABEL = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lookup:
    """One question and how its answer is shown."""

    name: str = ""
    type: str = ""
    server: str = ""
    shows: frozenset[str] = frozenset(_SHOWS)
    banner: bool = True
    greeted: bool = True
    """Whether the banner was on when the name was read: a failure goes by that."""
    short: bool = False
    identify: bool = False
    search: bool = False
    tcp: bool = False
    ttl: bool = True
    klass: bool = True
    seconds: int = 5
    tries: int = 3


@dataclass
class _Words:
    """The command line, read from left to right."""

    default: _Lookup = field(default_factory=_Lookup)
    lookups: list[_Lookup] = field(default_factory=list)
    warnings: str = ""
    invalid: str = ""

    def change(self, **changed: object) -> None:
        """Change the last name's lookup, or the default before the first name."""
        # The fields' names and types are those of the class above.
        if self.lookups:
            self.lookups[-1] = replace(self.lookups[-1], **changed)  # type: ignore[arg-type]
        else:
            self.default = replace(self.default, **changed)  # type: ignore[arg-type]

    @property
    def now(self) -> _Lookup:
        """What would be changed."""
        return self.lookups[-1] if self.lookups else self.default

    def name(self, name: str, kind: str = "") -> None:
        """Begin the lookup of one more name."""
        start = self.default
        greeted = start.banner and not start.short
        self.lookups.append(
            replace(start, name=name, type=kind or start.type, greeted=greeted)
        )


def dig(world: World, container: Container, words: Sequence[str]) -> Finished:
    r"""What `dig` prints.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name db --network app redis")
    >>> db = next(docker.world.containers_in_order())
    >>> dig(docker.world, db, ["dig", "+short", "db"]).stdout
    '172.18.0.2\n'
    >>> dig(docker.world, db, ["dig", "@192.0.2.9", "+short", "db"]).code
    9
    """
    read = _read(list(words[1:]))
    if read.invalid:
        text = f"{read.warnings}Invalid option: {read.invalid}\n{_USAGE}"
        return Finished(stderr=text, code=1)
    if not read.lookups:
        read.name(".", "NS")
    stdout, stderr, code = "", read.warnings, 0
    for number, lookup in enumerate(read.lookups):
        banner = _banner(words[1:], lookup) if number == 0 else ""
        one = _look_up(world, container, lookup, banner)
        stdout, stderr = stdout + one.stdout, stderr + one.stderr
        code = one.code or code
        if one.stderr:
            break
    return Finished(stdout=stdout, stderr=stderr, code=code)


# --- the command line -----------------------------------------------------------------


def _read(words: list[str]) -> _Words:
    read = _Words()
    while words and not read.invalid:
        word = words.pop(0)
        if word.startswith("@"):
            read.change(server=word[1:])
        elif word.startswith("+"):
            _option(read, word)
        elif word.startswith("-") and len(word) > 1:
            _flag(read, word, words)
        elif word.upper() in _TYPES:
            read.change(type=word.upper())
        elif word.upper() != "IN":
            read.name(word)
    return read


def _flag(read: _Words, word: str, words: list[str]) -> None:
    """-t TYPE, -x ADDRESS, -q NAME, and flags that change nothing here."""
    letter, value = word[1], word[2:]
    if word[1:] in _SWITCHES:
        return
    if letter not in "tqxcpbky" or not (value or words):
        read.invalid = word
        return
    value = value or words.pop(0)
    if letter == "t" and value.upper() in _TYPES:
        read.change(type=value.upper())
    elif letter == "t":
        read.warnings += f";; Warning, ignoring invalid type {value}\n"
    elif letter == "q":
        read.name(value)
    elif letter == "x":
        read.name(_reversed(value), "PTR")


def _reversed(text: str) -> str:
    """The name for a reverse lookup; of a part of an address, the zone's."""
    try:
        return Address.parse(text).reverse_pointer
    except NotationError:
        return ".".join(reversed(text.split("."))) + ".in-addr.arpa"


def _option(read: _Words, word: str) -> None:
    """+name, +noname and +name=value."""
    name, _, value = word[1:].partition("=")
    on, name = not name.startswith("no"), name.removeprefix("no")
    if name in {"time", "timeout", "tries", "retry"} and value.isdigit():
        number = max(int(value), 1) if name != "retry" else int(value) + 1
        read.change(**{"seconds" if name.startswith("time") else "tries": number})
    elif name == "all":
        read.change(shows=frozenset(_SHOWS) if on else frozenset(), banner=on)
    elif name in _SHOWS:
        shows = read.now.shows
        read.change(shows=shows | {name} if on else shows - {name})
    elif name in _FIELDS:
        read.change(**{_FIELDS[name]: on})
    elif name not in _IGNORED:
        read.invalid = word


_FIELDS = {
    "cmd": "banner",
    "short": "short",
    "identify": "identify",
    "search": "search",
    "tcp": "tcp",
    "vc": "tcp",
    "ttlid": "ttl",
    "cl": "klass",
    "class": "klass",
}


# --- asking ---------------------------------------------------------------------------


def _look_up(
    world: World, container: Container, lookup: _Lookup, banner: str
) -> Finished:
    fault = _illegal(lookup.name)
    if fault:
        text = f"dig: '{lookup.name}' is not a legal name ({fault})\n"
        return Finished(stderr=text, code=10)
    setting = resolving(world, container)
    servers: tuple[str, ...] = setting.servers or ("127.0.0.1",)
    if lookup.server:
        found = resolve(world, container, lookup.server).addresses
        servers = tuple(str(address) for address in found)
    if not servers:
        text = f"dig: couldn't get address for '{lookup.server}': not found\n"
        return Finished(stderr=text, code=1)
    names = candidates(setting, lookup.name) if lookup.search else [lookup.name]
    kind = lookup.type or "A"
    for name in names:
        # Everything at once does not fit into a datagram.
        question = Question(name, kind, lookup.tcp or kind == "ANY")
        server, told, met = asked_in_turn(world, container, servers, question)
        if told.status is not Status.NXDOMAIN:
            break
    before = troubles(met, lookup.tries, lookup.seconds, question)
    if told.contact is not Contact.ANSWERS:
        return _failed(lookup, met, before, banner)
    return Finished(stdout=before + _shown(lookup, question, told, server, banner))


def _illegal(name: str) -> str:
    labels = name.removesuffix(".").split(".")
    if any(len(label) > _LONGEST_LABEL for label in labels):
        return "label too long"
    return "empty label" if name != "." and not all(labels) else ""


def _failed(
    lookup: _Lookup, met: Sequence[Trouble], before: str, banner: str
) -> Finished:
    if met[-1].contact is Contact.NO_ROUTE:
        return Finished(stdout=before, code=9)
    greeting = banner if lookup.greeted else ""
    return Finished(
        stdout=f"{before}{greeting};; no servers could be reached\n", code=9
    )


# --- showing --------------------------------------------------------------------------


def _banner(words: Sequence[str], lookup: _Lookup) -> str:
    asked = "".join(f" {word}" for word in words)
    found = "; (1 server found)\n" if lookup.server else ""
    return f"\n; <<>> {_VERSION} <<>>{asked}\n{found};; global options: +cmd\n"


def _shown(
    lookup: _Lookup, question: Question, told: Answer, server: str, banner: str
) -> str:
    if lookup.short:
        end = f" from server {server} in 0 ms." if lookup.identify else ""
        return "".join(f"{record.value}{end}\n" for record in told.records)
    text = banner if lookup.banner and lookup.greeted else ""
    comments = "comments" in lookup.shows
    if comments:
        text += _header(question, told)
    sections = (
        ("question", [_question_line(question)]),
        ("answer", [_record_line(lookup, record) for record in told.records]),
    )
    for name, lines in sections:
        if name not in lookup.shows or not lines:
            continue
        body = "".join(f"{line}\n" for line in lines)
        text += f";; {name.upper()} SECTION:\n{body}\n" if comments else body
    return text + (_stats(question, told, server) if "stats" in lookup.shows else "")


def _header(question: Question, told: Answer) -> str:
    number = crc32(f"{question.name} {question.type}".encode()) & 0xFFFF
    flags = "qr rd ra" if told.recursion else "qr rd"
    warning = (
        "" if told.recursion else ";; WARNING: recursion requested but not available\n"
    )
    return (
        ";; Got answer:\n"
        f";; ->>HEADER<<- opcode: QUERY, status: {told.status}, id: {number}\n"
        f";; flags: {flags}; QUERY: 1, ANSWER: {len(told.records)}, AUTHORITY: 0, "
        f"ADDITIONAL: 0\n{warning}\n"
    )


def _dotted(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _columns(*cells: tuple[int, str]) -> str:
    """Cells at columns, by tabs of eight; a cell that comes too late gets a blank."""
    line, at = "", 0
    for column, text in cells:
        if at >= column > 0:
            line, at = f"{line} ", at + 1
        while at < column:
            line, at = f"{line}\t", at // 8 * 8 + 8
        line, at = line + text, at + len(text)
    return line


def _question_line(question: Question) -> str:
    # The semicolon does not count: the columns are those of the answer.
    cells = (0, _dotted(question.name)), (32, "IN"), (40, question.type)
    return ";" + _columns(*cells)


def _record_line(lookup: _Lookup, record: Record) -> str:
    cells = [(0, _dotted(record.name))]
    cells += [(24, str(record.ttl))] if lookup.ttl else []
    cells += [(32 if lookup.ttl else 24, "IN")] if lookup.klass else []
    left = 8 * (lookup.ttl + lookup.klass)
    return _columns(*cells, (24 + left, record.type), (32 + left, record.value))


def _stats(question: Question, told: Answer, server: str) -> str:
    protocol = "TCP" if question.tcp else "UDP"
    return (
        ";; Query time: 0 msec\n"
        f";; SERVER: {server}#53({server}) ({protocol})\n"
        f";; WHEN: {_WHEN}\n"
        f";; MSG SIZE  rcvd: {_size(question, told, server)}\n\n"
    )


def _length(name: str) -> int:
    """How many bytes a name takes in a message: a length before each label."""
    bare = name.removesuffix(".")
    return len(bare) + 2 if bare else 1


def _size(question: Question, told: Answer, server: str) -> int:
    """The bytes of the answer; Docker's own server does not shorten names."""
    shortens = bool(told.forwarded_to) or server != EMBEDDED
    size = 12 + _length(question.name) + 4
    for record in told.records:
        value = {"A": 4, "AAAA": 16}.get(record.type) or _length(record.value)
        size += (2 if shortens else _length(record.name)) + 10 + value
    return size
