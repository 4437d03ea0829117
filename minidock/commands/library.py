"""The catalogue of images that can be pulled: a registry in a table.

```
BASES WEB DATA LANGUAGES SERVICES TOOLS      rows: repository, releases, recipe
              │
            index     repository ──▶ tag ──▶ (row, release)     digest ──▶ the same
              │
library_image("nginx:1.25") ──▶ Image        search_library("web") ──▶ rows
```

Nothing is downloaded: a pull takes an image from here. Facts are from late 2023, where
``latest`` stands, so that in lessons (whose clock starts in November 2023) an image is
some weeks old; newer versions can be asked for by their tags.

Docker's name: the registry, Docker Hub.

Invariants: a name has one row for each tag; the same name always gives the same image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache

from minidock.commandline.reference import Reference
from minidock.commands.library_bases import BASES
from minidock.commands.library_data import DATA
from minidock.commands.library_entry import Entry, Release
from minidock.commands.library_languages import LANGUAGES
from minidock.commands.library_recipe import image_of
from minidock.commands.library_services import SERVICES
from minidock.commands.library_tools import TOOLS
from minidock.commands.library_web import WEB
from minidock.errors import NotFound, Unclassified
from minidock.model.image import Image

__all__ = [
    "CATALOGUE",
    "library_image",
    "library_tags",
    "pull_refusal",
    "search_library",
]

CATALOGUE: tuple[Entry, ...] = (*BASES, *WEB, *DATA, *LANGUAGES, *SERVICES, *TOOLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a tag leads: a row of the table and one of its releases."""

    entry: Entry
    release: Release


@cache
def _index() -> Mapping[str, Mapping[str, _Place]]:
    found: dict[str, dict[str, _Place]] = {}
    for entry in CATALOGUE:
        tags = found.setdefault(entry.repository, {})
        for release in entry.each_release:
            for tag in release.names:
                tags[tag] = _Place(entry=entry, release=release)
    return found


@cache
def _built(repository: str, tag: str) -> Image | None:
    place = _index().get(repository, {}).get(tag)
    if place is None:
        return None
    first = place.release.names[0]
    if tag != first:
        return _built(repository, first)
    return image_of(place.entry, place.release, library_image)


def library_image(reference: str) -> Image | None:
    """The catalogue's image of that reference, which may be a tag or a digest.

    Cost: O(layers); a reference by digest builds all images of its repository.

    >>> image = library_image("nginx:1.25")
    >>> image.references, image.listens, image.config["Cmd"]
    (('nginx:1.25',), ('80/tcp',), ('nginx', '-g', 'daemon off;'))
    >>> library_image(image.digests[0]).id == library_image("nginx").id
    True
    >>> library_image("nginx:nosuch") is None
    True
    """
    name, _, digest = reference.partition("@")
    if digest:
        return _by_digest(name, reference)
    head, colon, last = name.rpartition(":")
    repository, tag = (head, last) if colon and "/" not in last else (name, "latest")
    image = _built(repository, tag)
    return image and replace(image, references=(f"{repository}:{tag}",))


def _by_digest(repository: str, reference: str) -> Image | None:
    for tag in _index().get(repository, {}):
        image = _built(repository, tag)
        if image is not None and reference in image.digests:
            return image
    return None


def library_tags(repository: str) -> tuple[str, ...]:
    """The tags of a repository in the order of the alphabet; () if there is none.

    >>> library_tags("hello-world")
    ('latest', 'linux')
    >>> library_tags("nosuch")
    ()
    """
    tags = _index().get(repository, {})
    return tuple(sorted(tag for tag in tags if ":" not in tag))


def search_library(term: str) -> list[dict[str, str | int | bool]]:
    """What a registry answers to a search: names that hold the term, then texts.

    Cost: O(catalogue). Images of other registries than Docker Hub are not found there.

    >>> [row["name"] for row in search_library("consul")]
    ['consul', 'hashicorp/consul']
    >>> search_library("no such thing")
    []
    """
    word = term.strip().lower().removeprefix("library/")
    found = [
        entry
        for entry in CATALOGUE
        if entry.about and (word in entry.repository or word in entry.about.lower())
    ]
    found.sort(key=lambda entry: _rank(entry, word))
    return [
        {
            "star_count": entry.stars,
            "is_official": entry.official,
            "name": entry.repository,
            "is_automated": False,
            "description": entry.about,
        }
        for entry in found
    ]


def _rank(entry: Entry, word: str) -> tuple[bool, bool, int]:
    return entry.repository != word, word not in entry.repository, -entry.stars


def pull_refusal(
    name: Reference, reference: str, nameserver: str
) -> NotFound | Unclassified:
    """Why a reference that the catalogue does not hold cannot be pulled.

    A repository that is there says which tags it has; other registries than Docker Hub
    are as far away as they are for an engine without a network.

    >>> from minidock.commandline.reference import read_reference
    >>> name = read_reference("hello-world:nosuch")
    >>> refusal = pull_refusal(name, "hello-world:nosuch", "192.0.2.1")
    >>> print(refusal.text, refusal.remedy, sep="; ")
    manifest for hello-world:nosuch not found: manifest unknown: manifest unknown; \
one of the tags latest, linux
    """
    asked = f"pull {reference}"
    tags = library_tags(name.familiar)
    if tags:
        return NotFound(
            f"manifest for {reference} not found: manifest unknown: manifest unknown",
            asked=asked,
            rule=f"{name.familiar} has no such tag here",
            remedy="one of the tags " + ", ".join(tags),
        )
    rule = "images come from a built-in catalogue: nothing is downloaded"
    if name.domain != "docker.io":
        host = name.domain.partition(":")[0]
        return Unclassified(
            f'Get "https://{name.domain}/v2/": dial tcp: lookup {host} on {nameserver}'
            ":53: no such host",
            asked=asked,
            rule=rule,
            remedy="an image of Docker Hub; docker search lists what there is",
        )
    return NotFound(
        f"pull access denied for {name.familiar}, repository does not exist or may "
        "require 'docker login': denied: requested access to the resource is denied",
        asked=asked,
        rule=rule,
        remedy=_similar(name.familiar) + "docker search lists what there is",
    )


def _similar(repository: str) -> str:
    close = get_close_matches(repository, _index(), n=1)
    return f"docker pull {close[0]}; " if close else ""
