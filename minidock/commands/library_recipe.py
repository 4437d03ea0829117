"""From a recipe of the catalogue to an image.

```
FROM debian:12-slim ──▶ the base's layers and config
ENV NGINX_VERSION=1 ──▶ config.Env        + an empty layer   "ENV NGINX_VERSION=1"
RUN 112MB install   ──▶ a layer of 112 MB                    "RUN /bin/sh -c install"
CMD ["nginx"]       ──▶ config.Cmd        + an empty layer   'CMD ["nginx"]'
```

The lines of the history are worded as the two builders word them: images that start
``FROM scratch`` with the classic builder, the others with BuildKit. All digests follow
from the facts, so an image has the same id everywhere and for ever, and images of one
base share its layers.

Invariant: an image's size is the sum of its layers' sizes.
"""

import json
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from minidock.commands.library_entry import Entry, Release, byte_size
from minidock.model.document import Document, Frozen, freeze, thaw
from minidock.model.image import Image, Layer, digest_of

__all__ = ["image_of"]

_BUILDKIT = "buildkit.dockerfile.v0"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LISTS = {"ENTRYPOINT": "Entrypoint", "CMD": "Cmd"}
_TEXTS = {"USER": "User", "WORKDIR": "WorkingDir", "STOPSIGNAL": "StopSignal"}
_SETS = {"EXPOSE": "ExposedPorts", "VOLUME": "Volumes"}
_WRITES_FILES = {"ADD", "COPY", "RUN", "WORKDIR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An image under construction: the config and the layers so far."""

    config: Document
    layers: tuple[Layer, ...] = ()
    buildkit: bool = False
    created: int = 0
    command_given: bool = False

    def line(self, text: str, classic: str, *, size: int = 0, empty: bool) -> "_Draft":
        by, comment = (text, _BUILDKIT) if self.buildkit else (classic, "")
        layer = Layer(
            created_by=by, size=size, empty=empty, comment=comment, created=self.created
        )
        return replace(self, layers=(*self.layers, layer))

    def with_config(self, key: str, value: Frozen) -> "_Draft":
        return replace(self, config=self.config.with_entry(key, value))


def image_of(
    entry: Entry, release: Release, find_base: Callable[[str], Image | None]
) -> Image:
    """The image of a release, without references; O(lines of the recipe).

    Args:
        entry: the row of the catalogue.
        release: one of the row's releases.
        find_base: gives the image that a FROM line names.

    >>> entry = Entry(
    ...     repository="tiny",
    ...     releases="2023-10-24 1 : latest",
    ...     recipe=chr(10).join(["FROM scratch", "ADD 2MB tiny /", 'CMD ["/tiny"]']),
    ... )
    >>> image = image_of(entry, entry.each_release[0], lambda _: None)
    >>> image.size, image.config["Cmd"], [layer.created_by for layer in image.layers]
    (2000000, ('/tiny',), ['/bin/sh -c #(nop) ADD tiny / ', \
'/bin/sh -c #(nop)  CMD ["/tiny"]'])
    """
    draft = _Draft(config=Document(), created=release.created)
    for line in filter(None, map(str.strip, entry.recipe.splitlines())):
        word, _, rest = line.partition(" ")
        draft = _step(draft, word, _filled(rest.strip(), release), find_base)
    identifier = digest_of(_facts(entry, release, draft))
    digest = release.digest or digest_of("manifest of " + identifier)
    return Image(
        id=identifier,
        created=release.created,
        size=sum(layer.size for layer in draft.layers),
        config=draft.config,
        digests=(f"{entry.repository}@{digest}",),
        layers=draft.layers,
        comment=draft.layers[-1].comment,
        listens=tuple(entry.listens.split()),
        bare=_is_bare(draft),
        labels=draft.config.document("Labels"),
    )


def _is_bare(draft: _Draft) -> bool:
    """Whether nothing but the image's own program was copied to an empty image.

    A root file system is unpacked with ADD, and a RUN line needs a shell.
    """
    lines = [layer.created_by for layer in draft.layers]
    return not any(
        " in / " in line
        or (line.startswith(("RUN ", "/bin/sh -c ")) and "#(nop)" not in line)
        for line in lines
    )


def _facts(entry: Entry, release: Release, draft: _Draft) -> str:
    history = [[layer.created_by, layer.size] for layer in draft.layers]
    return json.dumps([entry.repository, release.created, thaw(draft.config), history])


def _filled(text: str, release: Release) -> str:
    for key, value in release.words.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _step(
    draft: _Draft, word: str, rest: str, find_base: Callable[[str], Image | None]
) -> _Draft:
    if word == "FROM":
        return _from(draft, rest, find_base)
    if word in {"ADD", "COPY", "RUN"}:
        return _files(draft, word, rest)
    draft = _configured(draft, word, rest)
    shown = _shown(word, rest)
    # BuildKit keeps the (empty) folder that WORKDIR makes as a layer of its own.
    empty = not (word == "WORKDIR" and draft.buildkit)
    return draft.line(
        f"{word} {shown}", f"/bin/sh -c #(nop)  {word} {shown}", empty=empty
    )


def _from(draft: _Draft, name: str, find_base: Callable[[str], Image | None]) -> _Draft:
    if name == "scratch":
        return draft.with_config("Env", (_PATH,))
    base = find_base(name)
    if base is None:
        msg = f"the catalogue has no base {name}"
        raise ValueError(msg)
    # The base may have been rebuilt since then; nothing is younger than what holds it.
    layers = tuple(
        replace(layer, created=min(layer.created, draft.created))
        for layer in base.layers
    )
    return replace(draft, config=base.config, layers=layers, buildkit=True)


def _files(draft: _Draft, word: str, rest: str) -> _Draft:
    size, _, what = rest.partition(" ")
    if word == "RUN":
        text, classic = f"RUN /bin/sh -c {what} # buildkit", f"/bin/sh -c {what}"
    else:
        text, classic = f"{word} {what} # buildkit", f"/bin/sh -c #(nop) {word} {what} "
    return draft.line(text, classic, size=byte_size(size), empty=False)


def _configured(draft: _Draft, word: str, rest: str) -> _Draft:
    if word in _LISTS:
        return _program(draft, word, freeze(json.loads(rest)))
    if word in _TEXTS:
        return draft.with_config(_TEXTS[word], rest)
    if word in _SETS:
        old = draft.config.document(_SETS[word])
        new: dict[str, Frozen] = {key: Document() for key in _names(word, rest)}
        return draft.with_config(_SETS[word], Document(dict(old) | new))
    if word == "LABEL":
        key, value = _pair(rest)
        labels = draft.config.document("Labels").with_entry(key, value)
        return draft.with_config("Labels", labels)
    if word == "ENV":
        return draft.with_config(
            "Env", _with_variable(draft.config, "=".join(_pair(rest)))
        )
    msg = f"a recipe has no {word}"
    raise ValueError(msg)


def _program(draft: _Draft, word: str, words: Frozen) -> _Draft:
    # A new entrypoint drops the command of the base, as a Dockerfile's does.
    if word == "ENTRYPOINT" and not draft.command_given:
        draft = replace(draft, config=draft.config.without("Cmd"))
    given = draft.command_given or word == "CMD"
    return replace(draft.with_config(_LISTS[word], words), command_given=given)


def _with_variable(config: Document, entry: str) -> tuple[str, ...]:
    name = entry.partition("=")[0]
    old = config.texts("Env")
    if any(item.partition("=")[0] == name for item in old):
        return tuple(entry if item.partition("=")[0] == name else item for item in old)
    return (*old, entry)


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key, value.strip('"')


def _names(word: str, rest: str) -> Iterable[str]:
    for name in shlex.split(rest):
        yield name if word == "VOLUME" or "/" in name else f"{name}/tcp"


def _shown(word: str, rest: str) -> str:
    """What the history says after the word: Go prints lists and maps its own way."""
    if word in _LISTS:
        return "[" + " ".join(json.dumps(item) for item in json.loads(rest)) + "]"
    if word == "EXPOSE":
        return "map[" + " ".join(f"{name}:{{}}" for name in _names(word, rest)) + "]"
    if word == "VOLUME":
        return "[" + " ".join(_names(word, rest)) + "]"
    return "=".join(_pair(rest)) if word in {"ENV", "LABEL"} else rest
