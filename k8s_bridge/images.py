"""An image's name in its parts.

```
 registry.example:5000/team/web:1.2@sha256:abc
 └────────── repository ───────┘ └┬┘ └─ digest ┘
                                 tag
```

Invariant: putting the parts together gives the name back. The distribution project
calls the whole a *reference*.
"""

from typing import NamedTuple

__all__ = ["ImageName", "image_name"]


class ImageName(NamedTuple):
    """A repository, and what is wanted of it; "" where nothing is said."""

    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{'@' + self.digest if self.digest else ''}"


def image_name(text: str) -> ImageName:
    """Takes a name apart; a colon before a slash is a registry's port.

    >>> image_name("localhost:5000/web:1.2")
    ImageName(repository='localhost:5000/web', tag='1.2', digest='')
    >>> image_name("nginx@sha256:0a").digest
    'sha256:0a'
    """
    name, _, digest = text.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return ImageName(name, "", digest)
    return ImageName(head, tag, digest)
