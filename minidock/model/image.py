"""An image: the facts about it that a container inherits.

Docker's names: the image *config* holds the defaults of a container's Config; a
*reference* is a repository with a tag, ``nginx:latest``.

Invariant: an image's id is unique; every reference names exactly one image.
"""

from dataclasses import dataclass, field

from minidock.model.document import Document

__all__ = ["Image", "Layer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One line of `docker history`."""

    created_by: str
    size: int = 0
    empty: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image; ``config`` is the Config object of its inspect JSON.

    ``listens`` says on which ports its main program listens by itself, "80/tcp".
    """

    id: str
    created: int
    size: int
    config: Document
    references: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    architecture: str = "amd64"
    os: str = "linux"
    author: str = ""
    comment: str = ""
    listens: tuple[str, ...] = ()
    labels: Document = field(default_factory=Document)
