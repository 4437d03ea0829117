"""A row of the image catalogue: a repository, its releases, and how its image is made.

```
Entry ── repository  about  stars          what `docker search` prints
      ├─ releases    2023-10-24 1.25.3 base=debian:12-slim : latest 1.25 1.25.3
      │              created    version words for the recipe : tags
      ├─ recipe      FROM {base}                     a Dockerfile in which every line
      │              RUN 112MB install nginx         that writes files says how much
      └─ listens     80/tcp                          what its main program opens
```

Only facts that a client can see are kept: ports, environment, entrypoint, sizes. What a
RUN line does is told in a few words of our own. A version, a base or a size that
differs between releases is a word ``key=value`` of the release and ``{key}`` in the
recipe; ``{version}`` is always there.

A tag that begins with @ is none: the release has lost its tags to newer ones and is
found by that digest only.

Invariant: a tag stands in one release of a repository.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from minidock.model.image import digest_of

__all__ = ["Entry", "Release", "byte_size"]

_UNITS = {"GB": 10**9, "MB": 10**6, "kB": 10**3, "B": 1}
_NANOSECONDS = 1_000_000_000


def byte_size(text: str) -> int:
    """The number of bytes that a recipe says.

    >>> byte_size("7.34MB"), byte_size("0B")
    (7340000, 0)
    >>> byte_size("7")
    Traceback (most recent call last):
    ...
    ValueError: '7' is no size such as 7.34MB
    """
    for unit, factor in _UNITS.items():
        number = text.removesuffix(unit)
        if number != text:
            return round(float(number) * factor)
    msg = f"{text!r} is no size such as 7.34MB"
    raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One image of a repository, and the tags that lead to it."""

    repository: str
    created: int
    tags: tuple[str, ...]
    words: Mapping[str, str]
    digest: str = ""
    """The digest by which it is known; "" where that follows from what it holds."""

    @property
    def names(self) -> tuple[str, ...]:
        """What leads to it: its tags, or else its digest."""
        return self.tags or (self.digest,)

    @property
    def version(self) -> str:
        """The version that the image packs."""
        return self.words["version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the catalogue; several rows of one repository add up.

    >>> entry = Entry(
    ...     repository="nginx",
    ...     releases="2023-10-24 1.25.3 base=debian:12-slim : latest 1.25",
    ...     recipe="FROM {base}",
    ... )
    >>> [(release.version, release.tags) for release in entry.each_release]
    [('1.25.3', ('latest', '1.25'))]
    """

    repository: str
    releases: str
    recipe: str
    about: str = ""
    stars: int = 0
    listens: str = ""

    @property
    def official(self) -> bool:
        """Docker's own images have no account in front of their name."""
        return "/" not in self.repository

    @property
    def each_release(self) -> tuple[Release, ...]:
        """The releases, newest first as they are written; O(releases)."""
        return tuple(self._read())

    def _read(self) -> Iterator[Release]:
        for line in filter(None, map(str.strip, self.releases.splitlines())):
            facts, _, tags = line.partition(" : ")
            date, version, *words = facts.split()
            yield Release(
                repository=self.repository,
                created=_moment(date, f"{self.repository} {facts}"),
                tags=tuple(tag for tag in tags.split() if tag[0] != "@"),
                digest="".join(tag[1:] for tag in tags.split() if tag[0] == "@"),
                words=dict(word.split("=", 1) for word in words) | {"version": version},
            )


def _moment(date: str, facts: str) -> int:
    """A moment of that day which the facts decide: builds do not end at midnight."""
    day = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    since = int(digest_of(facts)[7:22], 16) % (86_400 * _NANOSECONDS)
    return int(day.timestamp()) * _NANOSECONDS + since
