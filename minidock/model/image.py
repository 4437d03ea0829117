"""An image: a stack of layers, and the facts that a container inherits.

```
Image ── id, config          what runs, and its defaults: Env, Cmd, ExposedPorts, ...
      ├─ layers              a line of `docker history` each, oldest first
      │    ADD rootfs  ── digest "diff id"      ┐ chain id of the two:
      │    RUN install ── digest "diff id"      ┘ sha256(lower chain + " " + digest)
      │    CMD nginx     (empty: changes no file, has no digest)
      ├─ references          nginx:latest, nginx:1.25        "tags"
      └─ digests             nginx@sha256:...                "repo digests"
```

Of an image from the catalogue only the sizes of its layers are known: a small tar
stands for each, so that a saved image is whole and its digests are right.

Docker's names: the image *config* holds the defaults of a container's Config; a
*reference* is a repository with a tag; a *diff id* names a layer's content and a *chain
id* a layer with all that lies below it, so images of one base share chain ids.

Invariants: an image's id is unique; every reference names exactly one image; an empty
layer has size 0.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from minidock.model.archive import Entry, write
from minidock.model.document import Document

__all__ = ["STAND_IN", "Image", "Layer", "digest_of", "digest_of_bytes", "stand_in"]


def digest_of(text: str) -> str:
    """The digest of a text, as Docker writes digests.

    >>> digest_of("")
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return digest_of_bytes(text.encode())


def digest_of_bytes(data: bytes) -> str:
    """The digest of bytes; O(their number)."""
    return "sha256:" + sha256(data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One line of `docker history`.

    ``created`` is 0 where it is the image's own moment. ``digest`` is the diff id;
    where it is not given it is that of ``data``, or of the stand-in of what lies below.
    ``data`` is the layer's tar, where it came from one.
    """

    created_by: str
    size: int = 0
    empty: bool = False
    comment: str = ""
    created: int = 0
    digest: str = ""
    data: bytes = field(default=b"", repr=False)


_NOTHING = digest_of("")
"""The digest of an archive without members, which may have no bytes at all."""
STAND_IN = ".minidock-layer"
"""The only file in the tar that stands for a layer whose files are not known."""


def stand_in(below: str, layer: Layer) -> tuple[str, bytes]:
    """The digest and the tar of a layer of which only the size is known.

    >>> digest, tar = stand_in("", Layer(created_by="ADD rootfs", size=7_000_000))
    >>> digest == digest_of_bytes(tar), len(tar) < 20_000
    (True, True)
    """
    return _stand_in(json.dumps([below, layer.created_by, layer.size]))


@lru_cache(maxsize=500)
def _stand_in(facts: str) -> tuple[str, bytes]:
    tar = write([Entry(path=STAND_IN, data=facts.encode())])
    return digest_of_bytes(tar), tar


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image; ``config`` is the Config object of its inspect JSON.

    ``listens`` says on which ports its main program listens by itself, "80/tcp".
    ``tagged`` is when somebody last tagged it here, 0 for never (a pull does not
    count).

    >>> image = Image(
    ...     id=digest_of("x"),
    ...     created=0,
    ...     size=3,
    ...     config=Document(),
    ...     layers=(
    ...         Layer(created_by="ADD", size=3),
    ...         Layer(created_by="CMD", empty=True),
    ...     ),
    ... )
    >>> len(image.diff_ids)
    1
    >>> image.chain_ids == image.diff_ids
    True
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
    docker_version: str = ""
    parent: str = ""
    tagged: int = 0
    listens: tuple[str, ...] = ()
    bare: bool = False
    """Whether it holds its own program and nothing else: no shell, no tools."""
    labels: Document = field(default_factory=Document)
    source: str = field(default="", repr=False)
    """The JSON that the id is the digest of; "" for an image of the catalogue."""
    container: str = ""
    """The container that it was committed from, and that container's config."""
    container_config: Document = field(default_factory=Document)

    @property
    def names(self) -> tuple[str, ...]:
        """Its references, tags and digests, in Docker's order: by full name."""
        return tuple(sorted((*self.references, *self.digests), key=_full_name))

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The digests of the layers that change files, lowest first; O(layers)."""
        found: list[str] = []
        for layer in self.layers:
            if not layer.empty:
                below = found[-1] if found else ""
                found.append(layer.digest or stand_in(below, layer)[0])
        return tuple(found)

    @property
    def tars(self) -> tuple[bytes, ...]:
        """Each layer's tar, lowest first: its own, or the one that stands for it."""
        pairs = zip(("", *self.diff_ids), self._changing, strict=False)
        return tuple(
            layer.data
            if layer.data or layer.digest == _NOTHING
            else stand_in(below, layer)[1]
            for below, layer in pairs
        )

    @property
    def trees(self) -> tuple[bytes, ...]:
        """The tars of the layers whose files are known, lowest first."""
        return tuple(layer.data for layer in self.layers if layer.data)

    @property
    def whole(self) -> bool:
        """Whether all its files are known: each layer came as a tar."""
        return bool(self.trees) and all(item.empty or item.data for item in self.layers)

    @property
    def _changing(self) -> tuple[Layer, ...]:
        return tuple(layer for layer in self.layers if not layer.empty)

    @property
    def chain_ids(self) -> tuple[str, ...]:
        """Each layer's digest together with all below it; O(layers)."""
        chain: list[str] = []
        for digest in self.diff_ids:
            chain.append(digest_of(f"{chain[-1]} {digest}") if chain else digest)
        return tuple(chain)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the layers that change files, lowest first."""
        return tuple(layer.size for layer in self._changing)


def _full_name(reference: str) -> str:
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return reference
    return f"docker.io/{reference}" if slash else f"docker.io/library/{reference}"
