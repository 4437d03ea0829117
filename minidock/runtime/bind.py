"""What BIND's two programs, dig and nslookup, have in common.

```
asked_in_turn ─ the first server that answers ─▶ (server, answer, troubles on the way)
troubles      ─ ";; communications error to 192.0.2.1#53: timed out", once for each try
candidates    ─ a name and its search domains, BIND's way
```
"""

from collections.abc import Sequence
from typing import NamedTuple

from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.embedded import Answer, Question, ask
from minidock.naming.resolvconf import Resolving
from minidock.naming.servers import Contact, Status

__all__ = ["Trouble", "asked_in_turn", "candidates", "troubles"]

_CLOSES_AFTER = (
    2  # seconds of silence after which Docker's server ends a TCP connection
)


class Trouble(NamedTuple):
    """A server that gave no answer, and how that showed."""

    server: str
    contact: Contact


def asked_in_turn(
    world: World, container: Container, servers: Sequence[str], question: Question
) -> tuple[str, Answer, list[Trouble]]:
    """The first server that answers, its answer, and those before it that did not."""
    met: list[Trouble] = []
    server, told = "", Answer(status=Status.REFUSED, contact=Contact.CLOSED)
    for server in servers:
        told = ask(world, container, server, question)
        if told.contact is Contact.ANSWERS:
            break
        met.append(Trouble(server, told.contact))
    return server, told, met


def troubles(
    met: Sequence[Trouble], tries: int, seconds: int, question: Question
) -> str:
    """The lines about servers that did not answer, one for each try."""
    lines = []
    name = question.name.removesuffix(".") or "."
    for server, contact in met:
        if contact is Contact.NO_ROUTE:
            setup = f";; UDP setup with {server}#53({server}) for {name} failed"
            lines += [f"{setup}: {contact}.\n;; no servers could be reached\n"] * tries
            continue
        what = str(contact)
        if contact is Contact.SILENT and question.tcp and seconds > _CLOSES_AFTER:
            what = "end of file"
        lines += [f";; communications error to {server}#53: {what}\n"] * tries
    return "".join(lines)


def candidates(setting: Resolving, name: str) -> list[str]:
    """The names that BIND tries: with enough dots only the name itself.

    >>> setting = Resolving(text="", servers=(), search=("a.test",))
    >>> candidates(setting, "db"), candidates(setting, "db.app")
    (['db.a.test', 'db'], ['db.app'])
    """
    if name.endswith(".") or name.count(".") >= setting.ndots:
        return [name]
    return [*(f"{name}.{domain}" for domain in setting.search), name]
