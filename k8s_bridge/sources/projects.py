"""What Docker Compose wrote on the things that it made, read back.

```
 com.docker.compose.project   shop      ─▶ Application.name
                   .service   web       ─▶ Service.name
                   .container-number 2  ─▶ one of several: Scheduling.replicas
                   .depends_on  db:service_healthy:false ─▶ Dependency
                   .network  .volume    ─▶ the project's own word for it
```

Invariant: a label that Compose writes by itself is nobody's setting. Compose's source:
docker/compose, ``pkg/api/labels.go``.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Condition, Dependency
from minidock.model.document import Document

__all__ = [
    "PREFIX",
    "Member",
    "dependencies_of",
    "is_own_label",
    "key_of",
    "member_of",
    "project_of",
]

PREFIX = "com.docker.compose."
"""How the labels begin that Compose writes."""


class Member(NamedTuple):
    """A container's place in a project: the service, and which of its containers."""

    project: str
    service: str
    number: int = 1

    def automatic_names(self) -> tuple[str, ...]:
        """What Compose calls the container where nobody chose a name.

        >>> Member("shop", "web", 2).automatic_names()
        ('shop-web-2', 'shop_web_2')
        """
        parts = (self.project, self.service, str(self.number))
        return "-".join(parts), "_".join(parts)


def is_own_label(key: str) -> bool:
    """Whether Compose wrote it, and nobody else.

    >>> is_own_label("com.docker.compose.project"), is_own_label("tier")
    (True, False)
    """
    return key.startswith(PREFIX)


def project_of(labels: Document) -> str:
    """The project that made something; "" if none did."""
    return labels.text(f"{PREFIX}project")


def key_of(labels: Document, kind: str) -> str:
    """What the project calls its network or volume; "" if no project made it."""
    return labels.text(f"{PREFIX}{kind}")


def member_of(labels: Document) -> Member | None:
    """The service that a container belongs to; None for one of ``compose run``.

    >>> member_of(Document({f"{PREFIX}project": "shop", f"{PREFIX}service": "web"}))
    Member(project='shop', service='web', number=1)
    >>> member_of(Document()) is None
    True
    """
    service = labels.text(f"{PREFIX}service")
    if not service or labels.text(f"{PREFIX}oneoff").lower() == "true":
        return None
    number = labels.text(f"{PREFIX}container-number")
    return Member(project_of(labels), service, int(number) if number.isdigit() else 1)


def dependencies_of(labels: Document) -> tuple[Dependency, ...]:
    """What must be there first, sorted by name: the label has no order of its own.

    >>> label = {f"{PREFIX}depends_on": "db:service_healthy:false"}
    >>> dependencies_of(Document(label))[0].condition
    <Condition.HEALTHY: 'service_healthy'>
    """
    return tuple(sorted(_dependencies(labels.text(f"{PREFIX}depends_on").split(","))))


def _dependencies(texts: Iterable[str]) -> Iterator[Dependency]:
    known = set(Condition)
    for text in texts:
        service, _, rest = text.partition(":")
        condition, _, restart = rest.partition(":")
        if service:
            word = Condition(condition) if condition in known else Condition.STARTED
            yield Dependency(service, word, restart=restart == "true")
