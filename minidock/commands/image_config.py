"""An image's config file: the JSON whose digest is the image's id.

```
{"architecture": .., "os": .., "created": .., "config": {"Cmd": ..},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:..", ..]},      lowest first
 "history": [{"created": .., "created_by": .., "empty_layer": true}, ..]}
        │                                        ▲
        └── read_config ──▶ Image ── config_text ┘
```

The OCI image specification calls it the *image configuration*; it is what ``docker
save`` writes beside the layers.

Invariants: the text of an image that came as such a file is that file; a catalogue's
image is found again by the entry that it has more.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from minidock.errors import Refusal, Unclassified
from minidock.model.archive import content, members, tree_of
from minidock.model.document import Document, Json, freeze, thaw
from minidock.model.image import (
    STAND_IN,
    Image,
    Layer,
    digest_of,
    digest_of_bytes,
    stand_in,
)

__all__ = [
    "CATALOGUE",
    "config_text",
    "is_bare",
    "read_config",
    "size_of_tar",
    "with_id",
]

CATALOGUE = "org.minidock.image"
"""The entry that names the catalogue's image; others pass over it."""
_SECOND = 1_000_000_000
_START = datetime(1970, 1, 1, tzinfo=UTC)
_PROGRAMS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")


def _moment_text(moment: int) -> str:
    whole = _START + timedelta(seconds=moment // _SECOND)
    part = f".{moment % _SECOND:09d}".rstrip("0").rstrip(".")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{part}Z"


def _moment(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time; 0 for what is none."""
    head, dot, rest = text.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    zone = rest[len(digits) :] if dot else ""
    try:
        moment = datetime.fromisoformat(head + zone)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - _START) // timedelta(seconds=1)
    return seconds * _SECOND + int(digits[:9].ljust(9, "0") or "0")


def config_text(image: Image) -> str:
    """The image's config file; O(layers)."""
    if image.source:
        return image.source
    value: dict[str, Json] = {
        "architecture": image.architecture,
        "config": thaw(image.config),
        "created": _moment_text(image.created),
        "history": [_line(layer, image) for layer in image.layers],
        "os": image.os,
        "rootfs": {
            "type": "layers",
            "diff_ids": [digest_of_bytes(tar) for tar in image.tars],
        },
    }
    optional = {
        "author": image.author,
        "comment": image.comment,
        "container": image.container,
        "docker_version": image.docker_version,
    }
    value |= {key: text for key, text in optional.items() if text}
    if image.container_config:
        value["container_config"] = thaw(image.container_config)
    if image.parent:
        value["parent"] = image.parent
    if not image.trees and image.digests:
        value[CATALOGUE] = image.digests[0]
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _line(layer: Layer, image: Image) -> dict[str, Json]:
    line: dict[str, Json] = {
        "created": _moment_text(layer.created or image.created),
        "created_by": layer.created_by,
    }
    if layer.comment:
        line["comment"] = layer.comment
    if layer.empty:
        line["empty_layer"] = True
    return line


def with_id(image: Image) -> Image:
    """The image with the config file that follows from it, and its digest as the id."""
    text = config_text(image)
    return replace(image, source=text, id=digest_of(text))


def _bad(text: str) -> Refusal:
    return Unclassified(
        text,
        asked="load an image",
        rule="its config file names its layers, and each layer has the digest it names",
        remedy="an archive that docker save wrote",
    )


def read_config(text: str, tars: Sequence[bytes]) -> Image:
    """The image that a config file and the tars of its layers make; O(bytes).

    Raises:
        Unclassified: it is no config file, or a layer has another digest.
    """
    try:
        value = freeze(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise _bad("invalid character in the image's config file") from error
    if not isinstance(value, Document):
        raise _bad("the image's config file is no JSON object")
    wanted = value.document("rootfs").texts("diff_ids")
    if len(wanted) != len(tars):
        raise _bad(
            f"invalid manifest, layers length mismatch: expected {len(tars)}, got "
            f"{len(wanted)}"
        )
    for number, (digest, tar) in enumerate(zip(wanted, tars, strict=True)):
        found = digest_of_bytes(tar)
        if found != digest:
            raise _bad(
                f'invalid diffID for layer {number}: expected "{digest}", got "{found}"'
            )
    created = _moment(value.text("created"))
    layers = _layers(value, tars)
    known = tuple(layer.data for layer in layers if layer.data)
    return Image(
        id=digest_of(text),
        source=text,
        created=created,
        size=sum(layer.size for layer in layers),
        config=value.document("config"),
        layers=layers,
        architecture=value.text("architecture") or "amd64",
        os=value.text("os") or "linux",
        author=value.text("author"),
        comment=value.text("comment"),
        docker_version=value.text("docker_version"),
        container=value.text("container"),
        container_config=value.document("container_config"),
        bare=len(known) == len(tars) and is_bare(known),
        labels=value.document("config").document("Labels"),
    )


def _layers(value: Document, tars: Sequence[bytes]) -> tuple[Layer, ...]:
    """A layer for each line of the history; tars without a line come last."""
    lines = value.get("history")
    history = [
        line
        for line in (lines if isinstance(lines, tuple) else ())
        if isinstance(line, Document)
    ]
    left = list(tars)
    layers: list[Layer] = []
    below = ""
    for line in [*history, *([Document()] * len(tars))]:
        empty = line.flag("empty_layer")
        if not empty and not left:
            continue
        layer = Layer(
            created_by=line.text("created_by"),
            comment=line.text("comment"),
            created=_moment(line.text("created")),
            empty=empty,
        )
        if not empty:
            layer = _with_data(layer, left.pop(0), below)
            below = layer.digest or stand_in(below, layer)[0]
        layers.append(layer)
    return tuple(layers)


def _with_data(layer: Layer, tar: bytes, below: str) -> Layer:
    """The layer with its tar; a stand-in says of itself what it stands for."""
    found = members(tar)
    if [item.path for item in found] == [f"/{STAND_IN}"]:
        stood = replace(layer, size=_stood_size(content(tar, found[0])))
        if stand_in(below, stood)[1] == tar:
            return stood
    digest = digest_of_bytes(tar)
    return replace(layer, size=size_of_tar(tar), digest=digest, data=tar)


def _stood_size(text: bytes) -> int:
    try:
        _, _, size = json.loads(text)
    except ValueError:
        return 0
    return size if isinstance(size, int) and size >= 0 else 0


def size_of_tar(tar: bytes) -> int:
    """How many bytes the files of a tar have; O(members)."""
    return sum(item.size for item in members(tar))


def is_bare(tars: Sequence[bytes]) -> bool:
    """Whether files hold no program in a place where programs are looked for."""
    tree = tree_of(tuple(tars))
    return not any(path.lstrip("/").rpartition("/")[0] in _PROGRAMS for path in tree)
