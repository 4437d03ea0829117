"""What was asked of a container beyond what its image says anyway.

```
 Config of the container  -  Config of the image  =  what a person would have to type
 A=1 B=2                     A=1                     B=2
```

Both the Compose file and the docker script are written from this. Invariant: asking for
it with the same image gives the same Config. Docker has no word for the difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from k8s_bridge.mapping.store import looks_secret
from k8s_bridge.sources.projects import is_own_label
from minidock.model.document import Document
from minidock.moving.wish import Names, Wish, wish_of

__all__ = ["Asked", "asked_of", "documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A container as a person would ask for it.

    ``entrypoint`` and ``command`` are None where the image's own hold; ``variables``
    has None as value for one that the image sets and the container unsets.
    """

    container: Document
    wish: Wish
    image: str
    entrypoint: tuple[str, ...] | None
    command: tuple[str, ...] | None
    variables: tuple[tuple[str, str | None], ...]
    labels: tuple[tuple[str, str], ...]
    own: Document

    @property
    def name(self) -> str:
        """The container's name."""
        return self.wish.name

    @property
    def config(self) -> Document:
        """The body without what the image says, and without HostConfig."""
        return self.own

    @property
    def host(self) -> Document:
        """The HostConfig, with names instead of ids."""
        return self.wish.body.document("HostConfig")

    def plain(self) -> Iterator[tuple[str, str | None]]:
        """The variables that anybody may see."""
        return (pair for pair in self.variables if not _secret(pair))

    def secret(self) -> Iterator[tuple[str, str]]:
        """The variables that look secret."""
        for name, value in self.variables:
            if value is not None and _secret((name, value)):
                yield name, value


def _secret(pair: tuple[str, str | None]) -> bool:
    return bool(pair[1]) and looks_secret(pair[0])


def documents(value: object) -> Iterator[Document]:
    """The objects in a list; nothing where it is no list."""
    for item in value if isinstance(value, tuple) else ():
        if isinstance(item, Document):
            yield item


# Where the image's value is the default.
_INHERITED = ("User", "WorkingDir", "StopSignal", "StopTimeout", "Shell", "OnBuild")


def asked_of(container: Document, names: Names) -> Asked:
    """What was asked of a container; the image's Config must be among the names."""
    wish = wish_of(container, names)
    config, image = wish.body, names.image(container).document("Config")
    for key in _INHERITED:
        if config.get(key) == image.get(key):
            config = config.without(key)
    if config.document("Healthcheck") == image.document("Healthcheck"):
        config = config.without("Healthcheck")
    entrypoint, command = _words(config, image)
    inherited = image.document("Labels")
    labels = config.document("Labels").items()
    return Asked(
        container=container,
        wish=wish,
        image=container.document("Config").text("Image"),
        entrypoint=entrypoint,
        command=command,
        variables=tuple(_variables(config, image)),
        labels=tuple(
            (k, v)
            for k, v in labels
            if isinstance(v, str) and inherited.get(k) != v and not is_own_label(k)
        ),
        own=config.without("HostConfig"),
    )


def _words(
    config: Document, image: Document
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Entrypoint and command; an entrypoint of one's own switches off the image's."""
    entrypoint, command = _list(config, "Entrypoint"), _list(config, "Cmd")
    if entrypoint == _list(image, "Entrypoint"):
        return None, None if command == _list(image, "Cmd") else command
    return entrypoint, command or None


def _list(document: Document, key: str) -> tuple[str, ...]:
    """Words; [""] is how the docker program says that there are none."""
    words = document.texts(key)
    return () if words == ("",) else words


def _variables(config: Document, image: Document) -> Iterator[tuple[str, str | None]]:
    inherited = image.texts("Env")
    for text in config.texts("Env"):
        name, equals, value = text.partition("=")
        if text not in inherited:
            yield name, value if equals else None
