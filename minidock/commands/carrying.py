"""Images in archives: what `docker save` writes and `docker load` reads.

```
image-to-be.tar                            20.10 writes         28 writes (OCI layout)
├── manifest.json   [{Config, RepoTags, Layers}]        the same, in both
├── config                                 <digest>.json        blobs/sha256/<digest>
├── layer, lowest first                    <id>/layer.tar       blobs/sha256/<digest>
└── the names                              repositories         index.json, oci-layout
```

Both layouts are read, whatever the engine's version. Docker's source: moby,
``image/tarexport``; the layout is the OCI image specification's.

Invariant: loading what was saved gives the same images under the same names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from minidock.commandline.refusal import Cli
from minidock.commands.committing import added
from minidock.commands.image_config import CATALOGUE, config_text, read_config
from minidock.commands.images import (
    find_image,
    full_reference,
    generation,
    image_event,
    read_name,
    tag,
)
from minidock.commands.library import library_image
from minidock.commands.outcome import Outcome
from minidock.errors import NotFound, Refusal, Unclassified
from minidock.model.archive import Entry, Kind, Node, merged, resolved, unpacked, write
from minidock.model.document import Document, Json, freeze
from minidock.model.event import Event
from minidock.model.image import Image, digest_of, digest_of_bytes
from minidock.model.world import World

__all__ = ["Loaded", "load", "save"]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_NAME = "io.containerd.image.name"
_TAG = "org.opencontainers.image.ref.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load did: the outcome, and the lines that tell of it."""

    outcome: Outcome
    lines: tuple[str, ...] = ()


# -- save ------------------------------------------------------------------------------


def save(world: World, names: Sequence[str], now: int) -> tuple[bytes, Outcome]:
    """The archive of these images, and the outcome with its events. O(bytes).

    A repository without a tag stands for all its tags; an id for an image without a
    name.

    Raises:
        NotFound: one of them is not there.
    """
    chosen = _chosen(world, names)
    pairs = [(world.images[key], tags) for key, tags in chosen.items()]
    old = generation(world) is Cli.V20
    entries = dict(_old_layout(pairs) if old else _oci_layout(pairs))
    tar = write(_with_folders(entries))
    events = tuple(image_event("save", image, image.id, now) for image, _ in pairs)
    return tar, Outcome(world=world, events=events)


def _chosen(world: World, names: Sequence[str]) -> dict[str, list[str]]:
    """Image ids in the order of asking, each with the tags that were asked for."""
    rules = generation(world)
    chosen: dict[str, list[str]] = {}
    for text in names:
        name = read_name(text, rules, ids=True)
        tags: list[str] = []
        if name.path and not name.digest:
            full = full_reference(text, rules)
            tags = [full] if full in world.references else []
            if not name.tag:
                head = f"{name.familiar}:"
                every = [ref for ref in world.references if ref.startswith(head)]
                tags = sorted(every)
        if not tags:
            image = _found(world, text, tagged=bool(name.tag))
            chosen.setdefault(image.id, [])
        for reference in tags:
            kept = chosen.setdefault(world.references[reference], [])
            kept += [reference] if reference not in kept else []
    return chosen


def _found(world: World, text: str, *, tagged: bool) -> Image:
    try:
        return find_image(world, text)
    except NotFound as refusal:
        if tagged:
            # Odd on purpose: a name with a tag is looked up elsewhere.
            refusal.text = "reference does not exist"
        raise


_Pairs = Sequence[tuple[Image, Sequence[str]]]
_Files = Iterator[tuple[str, bytes]]


def _json(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _with_folders(entries: Mapping[str, bytes]) -> Iterator[Entry]:
    made: set[str] = set()
    for path, data in sorted(entries.items()):
        parts = path.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            folder = "/".join(parts[:count])
            if folder not in made:
                made.add(folder)
                yield Entry(path=folder)
        yield Entry(path=path, data=data)


def _old_layout(pairs: _Pairs) -> _Files:
    manifest: list[Json] = []
    repositories: dict[str, Json] = {}
    tops: dict[str, dict[str, Json]] = {}
    for image, tags in pairs:
        text = config_text(image)
        name = f"{digest_of(text)[7:]}.json"
        yield name, text.encode()
        layers: list[Json] = []
        parent = ""
        for tar in image.tars:
            identifier = digest_of(f"layer {parent} {digest_of_bytes(tar)}")[7:]
            facts: dict[str, Json] = {"id": identifier, "os": "linux"}
            facts |= {"parent": parent} if parent else {}
            yield f"{identifier}/VERSION", b"1.0"
            yield f"{identifier}/json", _json(facts)
            yield f"{identifier}/layer.tar", tar
            layers.append(f"{identifier}/layer.tar")
            parent = identifier
        shown: Json = list(tags) or None
        manifest.append({"Config": name, "RepoTags": shown, "Layers": layers})
        for reference in tags:
            repository, _, tag_text = reference.rpartition(":")
            tops.setdefault(repository, {})[tag_text] = parent
            repositories[repository] = tops[repository]
    # Both of these end in a newline, and the others do not: Go's encoder.
    yield "manifest.json", _json(manifest) + b"\n"
    if repositories:
        yield "repositories", _json(repositories) + b"\n"


def _oci_layout(pairs: _Pairs) -> _Files:
    manifest: list[Json] = []
    index: list[Json] = []
    for image, tags in pairs:
        text = config_text(image).encode()
        config, tars = digest_of_bytes(text), image.tars
        layers = [(digest_of_bytes(tar), tar) for tar in tars]
        for digest, data in [(config, text), *layers]:
            yield _blob(digest), data
        described = _json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": _described(_CONFIG, config, text),
                "layers": [_described(_LAYER, d, tar) for d, tar in layers],
            }
        )
        yield _blob(digest_of_bytes(described)), described
        shown: Json = list(tags) or None
        paths: list[Json] = [_blob(digest) for digest, _ in layers]
        manifest.append({"Config": _blob(config), "RepoTags": shown, "Layers": paths})
        entry = _described(_MANIFEST, digest_of_bytes(described), described)
        for reference in tags:
            named: Json = {
                _NAME: read_name(reference).name + f":{reference.rpartition(':')[2]}",
                _TAG: reference.rpartition(":")[2],
            }
            index.append({**entry, "annotations": named})
        index += [] if tags else [entry]
    yield "manifest.json", _json(manifest)
    yield "oci-layout", _json({"imageLayoutVersion": "1.0.0"})
    yield (
        "index.json",
        _json(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": index,
            }
        ),
    )


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _described(kind: str, digest: str, data: bytes) -> dict[str, Json]:
    return {"mediaType": kind, "digest": digest, "size": len(data)}


# -- load ------------------------------------------------------------------------------

_Tree = Mapping[str, Node]
_Piece = tuple[str, Sequence[bytes], Sequence[str]]
"""An image in an archive: its config file, its layers' tars, its names."""


def load(world: World, data: bytes, now: int) -> Loaded:
    """Take the images of an archive; O(bytes).

    Raises:
        Unclassified: it is no such archive, or a layer is not what its image says.
    """
    tree = merged([unpacked(data)])
    lines: list[str] = []
    events: tuple[Event, ...] = ()
    for text, tars, names in _pieces(tree):
        image = _image(text, tars)
        world = added(world, image)
        for name in names:
            reference = full_reference(name, generation(world))
            lines += _renamed(world, reference, image)
            outcome = tag(world, world.images[image.id], reference, now)
            world, events = outcome.world, events + outcome.events
            lines.append(f"Loaded image: {reference}")
        lines += [] if names else [f"Loaded image ID: {image.id}"]
        events += (image_event("load", image, image.id, now),)
    return Loaded(outcome=Outcome(world=world, events=events), lines=tuple(lines))


def _renamed(world: World, reference: str, image: Image) -> list[str]:
    old = world.references.get(reference)
    if old in {None, image.id}:
        return []
    head = f"The image {reference} already exists, renaming the old one with ID"
    return [f"{head} {old} to empty string"]


def _image(text: str, tars: Sequence[bytes]) -> Image:
    image = read_config(text, tars)
    value = freeze(json.loads(text))
    known = value.text(CATALOGUE) if isinstance(value, Document) else ""
    original = library_image(known) if known else None
    if original is not None and config_text(original) == text:
        return replace(original, references=())
    return image


def _bad(text: str) -> Refusal:
    return Unclassified(
        text,
        asked="load images",
        rule="an archive of images has a manifest.json or an index.json, and all that "
        "these name",
        remedy="an archive that docker save wrote",
    )


def _pieces(tree: _Tree) -> Iterator[_Piece]:
    if "/manifest.json" in tree:
        for item in _documents(_read(tree, "manifest.json")):
            config = _read(tree, item.text("Config"))
            tars = [unpacked(_bytes(tree, path)) for path in item.texts("Layers")]
            yield config, tars, item.texts("RepoTags")
        return
    if "/index.json" not in tree:
        raise _bad("open /var/lib/docker/tmp/manifest.json: no such file or directory")
    index = _object(_read(tree, "index.json"))
    found: dict[str, list[str]] = {}
    for entry in _objects(index.get("manifests")):
        names = found.setdefault(entry.text("digest"), [])
        name = entry.document("annotations").text(_NAME)
        names += [name] if name else []
    for digest, names in found.items():
        yield _of_manifest(tree, digest, names)


def _of_manifest(tree: _Tree, digest: str, names: Sequence[str]) -> _Piece:
    manifest = _object(_read(tree, _blob(digest)))
    config = _read(tree, _blob(manifest.document("config").text("digest")))
    tars = [
        unpacked(_bytes(tree, _blob(layer.text("digest"))))
        for layer in _objects(manifest.get("layers"))
    ]
    return config, tars, names


def _bytes(tree: _Tree, path: str) -> bytes:
    node = tree.get(resolved(tree, "/" + path.lstrip("/")))
    if node is None or node.member.kind is not Kind.FILE:
        raise _bad(f"open /var/lib/docker/tmp/{path}: no such file or directory")
    return node.data


def _read(tree: _Tree, path: str) -> str:
    try:
        return _bytes(tree, path).decode()
    except UnicodeDecodeError as error:
        raise _bad(f"{path} is no text") from error


def _parsed(text: str) -> object:
    try:
        return freeze(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise _bad("invalid character looking for beginning of value") from error


def _object(text: str) -> Document:
    value = _parsed(text)
    if not isinstance(value, Document):
        raise _bad("the index is no JSON object")
    return value


def _documents(text: str) -> list[Document]:
    return _objects(_parsed(text))


def _objects(value: object) -> list[Document]:
    if not isinstance(value, tuple):
        raise _bad("the manifest is no JSON list of objects")
    return [item for item in value if isinstance(item, Document)]
