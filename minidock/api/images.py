"""The image calls: list, inspect, history, pull, tag, remove, search, prune.

```
GET  /images/json          GET /images/{name}/json      POST /images/{name}/tag
POST /images/create        GET /images/{name}/history   DELETE /images/{name}
GET  /images/search        POST /images/prune
```

Docker's source: moby, ``api/server/router/image``.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from minidock.api.call import Answer, Call, answered
from minidock.api.filters import Filters, asked_filters, has_labels
from minidock.api.http import Response
from minidock.api.image_archives import import_image
from minidock.api.platforms import check_platform
from minidock.commandline.gotext import duration, whole
from minidock.commandline.refusal import Cli
from minidock.commands import images
from minidock.commands.library import library_tags, search_library
from minidock.commands.outcome import Outcome
from minidock.errors import InvalidParameter, NotFound, Refusal, Unclassified
from minidock.model.document import Document, Json
from minidock.model.image import Image
from minidock.model.world import World
from minidock.views.api_versions import SHARED_SIZE
from minidock.views.durations import SECOND, parse_timestamp
from minidock.views.inspect_image import (
    history_json,
    image_json,
    image_summary,
    pull_progress,
)

__all__ = [
    "history",
    "inspect",
    "layer_usage",
    "list_images",
    "prune",
    "pull",
    "remove",
    "search",
    "shared_size",
    "tag",
]

_LIST_FILTERS = ("before", "dangling", "label", "reference", "since")
_PRUNE_FILTERS = ("dangling", "label", "label!", "until")
_SEARCH_FILTERS = ("is-automated", "is-official", "stars")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


def list_images(call: Call) -> Answer:
    """GET /images/json: newest first; O(images x layers) with shared-size."""
    modern = images.generation(call.world) is Cli.V28
    known = (*_LIST_FILTERS, "until") if modern else _LIST_FILTERS
    filters = asked_filters(call, known)
    dangling = _dangling(filters)
    fits_time = _between(call, filters)
    counted = SHARED_SIZE.reached(call.api) and call.flag("shared-size")
    users = Counter(item.image_id for item in call.world.containers.values())
    usage = layer_usage(call.world) if counted else Counter()
    shown: list[Json] = []
    for image in sorted(call.world.images.values(), key=_age):
        names = [name for name in image.names if _fits(filters, name)]
        if not fits_time(image) or not has_labels(
            filters, image.config.document("Labels")
        ):
            continue
        if not _wanted(names, filters, dangling):
            continue
        shared = shared_size(image, usage) if counted else -1
        shown.append(
            image_summary(
                image, call.api, names=names, shared=shared, containers=users[image.id]
            )
        )
    return Answer(world=call.world, response=Response(body=shown))


def _age(image: Image) -> tuple[int, str]:
    return -image.created, image.id


def _wanted(names: Sequence[str], filters: Filters, dangling: bool | None) -> bool:
    tagged = any("@" not in name for name in names)
    if not names and filters.get("reference"):
        return False
    if dangling:
        return not tagged
    return not (dangling is False and not names)


def _dangling(filters: Filters) -> bool | None:
    values = filters.get("dangling")
    if not values:
        return None
    if values in {("true",), ("false",)}:
        return values[0] == "true"
    raise InvalidParameter(
        f"Invalid filter 'dangling=[{' '.join(values)}]'",
        asked="filter images by dangling=" + ", ".join(values),
        rule="an image dangles, or it does not",
        remedy="dangling=true",
    )


def _between(call: Call, filters: Filters) -> Callable[[Image], bool]:
    """Whether an image is of the time that before, since and until leave."""

    def moments(key: str) -> list[int]:
        texts = filters.get(key, ())
        return [images.find_image(call.world, text).created for text in texts]

    until = [_moment(text, call.now) for text in filters.get("until", ())]
    before = min([*moments("before"), *until], default=None)
    since = max(moments("since"), default=None)
    return lambda image: (
        (before is None or image.created < before)
        and (since is None or image.created > since)
    )


def _moment(text: str, now: int) -> int:
    """A moment, or how long ago it is: ``24h``, ``1700000000``, ``2023-11-14T...``."""
    if (seconds := _number(text)) is not None:
        return seconds * SECOND
    try:
        return now - duration(text)
    except ValueError:
        pass
    try:
        return parse_timestamp(text)
    except Refusal:
        raise InvalidParameter(
            f'failed to parse value as time or duration: "{text}"',
            asked=f"images until {text}",
            rule="until is a moment or a duration",
            remedy="until=24h",
        ) from None


def _fits(filters: Filters, name: str) -> bool:
    patterns = filters.get("reference")
    repository = name.partition("@")[0] if "@" in name else name.rpartition(":")[0]
    return not patterns or any(
        _glob(pattern).fullmatch(text)
        for pattern in patterns
        for text in (name, repository)
    )


def _glob(pattern: str) -> re.Pattern[str]:
    """A shell pattern in which a star stops at a slash (Go's ``path.Match``)."""
    known = {"*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*|\?|\[[^\]]+\])", pattern)
    return re.compile(
        "".join(
            known.get(part, part if part[:1] == "[" else re.escape(part))
            for part in parts
        )
    )


def layer_usage(world: World) -> Counter[str]:
    """How many images have each layer, by its chain id; O(images x layers)."""
    return Counter(c for image in world.images.values() for c in image.chain_ids)


def shared_size(image: Image, usage: Counter[str]) -> int:
    """The bytes of an image's layers that other images have too."""
    pairs = zip(image.chain_ids, image.sizes, strict=True)
    return sum(size for chain, size in pairs if usage[chain] > 1)


def inspect(call: Call) -> Answer:
    """GET /images/{name}/json."""
    name, old = call.words["id"], images.generation(call.world) is Cli.V20
    try:
        image = images.find_image(call.world, name)
    except (NotFound, InvalidParameter) as refusal:
        if old:
            # Odd on purpose: 20.10 says it twice, here and nowhere else.
            refusal.text = f"no such image: {name}: {refusal.text}"
        raise
    body = image_json(image, call.api, ordered=old)
    return Answer(world=call.world, response=Response(body=body))


def history(call: Call) -> Answer:
    """GET /images/{name}/history."""
    image = images.find_image(call.world, call.words["id"])
    return Answer(world=call.world, response=Response(body=history_json(image)))


def pull(call: Call) -> Answer:
    """POST /images/create?fromImage=NAME&tag=TAG: progress, a JSON value a line.

    Without a tag, all tags of the repository are pulled. With ``fromSrc`` an image is
    imported.

    Raises:
        NotFound: the catalogue has no such image.
    """
    if call.query.get("fromSrc") and not call.query.get("fromImage"):
        return import_image(call)
    check_platform(call.query.get("platform", ""))
    asked = call.query.get("fromImage", "").removesuffix(":")
    if not asked:
        raise Unclassified(
            'Get "http:": http: no Host in request URL',
            asked="create an image from nothing",
            rule="an image comes from the built-in catalogue, or from a tar",
            remedy="POST /images/create?fromImage=nginx&tag=latest, or ?fromSrc=-",
        )
    rules = images.generation(call.world)
    name = images.read_name(asked, rules)
    given = call.query.get("tag", "")
    if given or name.tag or name.digest:
        reference = images.full_reference(_tagged(asked, given, rules), rules)
        outcome, lines = _one(call.world, reference, call.now)
    else:
        outcome, lines = _all_tags(call.world, name.familiar, call.now)
        reference = name.familiar
    fresh = outcome.world.references != call.world.references
    word = "Downloaded newer image" if fresh else "Image is up to date"
    lines.append({"status": f"Status: {word} for {reference}"})
    return Answer(
        world=outcome.world,
        response=Response(
            lines=tuple(lines), headers={"Content-Type": "application/json"}
        ),
        events=outcome.events,
    )


def _one(world: World, reference: str, now: int) -> tuple[Outcome, list[Json]]:
    outcome = images.pull(world, reference, now)
    image = outcome.world.images[outcome.made]
    return outcome, pull_progress(image, world.images.values(), reference)


def _all_tags(world: World, repository: str, now: int) -> tuple[Outcome, list[Json]]:
    """Pull each tag of a repository; that counts as one event."""
    outcome, lines = Outcome(world=world), []
    for each in library_tags(repository) or ("latest",):
        outcome, more = _one(outcome.world, f"{repository}:{each}", now)
        lines += more
    events = tuple(replace(item, actor=repository) for item in outcome.events)
    return replace(outcome, events=events), lines


def _tagged(name: str, tag_text: str, rules: Cli) -> str:
    """The name with the tag or digest that a call gives beside it.

    Raises:
        InvalidParameter: what is beside it is no tag.
    """
    if not tag_text:
        return name
    repository = images.read_name(name, rules).familiar
    if tag_text.startswith("sha256:"):
        return f"{repository}@{tag_text}"
    if _TAG.fullmatch(tag_text):
        return f"{repository}:{tag_text}"
    raise InvalidParameter(
        "invalid tag format",
        asked=f"the tag {tag_text!r}",
        rule="a tag is up to 128 letters, digits, dots, dashes and underscores",
        remedy="latest, or 1.25",
    )


def tag(call: Call) -> Answer:
    """POST /images/{name}/tag?repo=REPOSITORY&tag=TAG.

    Odd on purpose: a name that is none has status 500 in engines before 25.
    """
    image = images.find_image(call.world, call.words["id"])
    rules = images.generation(call.world)
    try:
        repository = images.read_name(call.query.get("repo", ""), rules).familiar
        reference = _tagged(repository, call.query.get("tag", ""), rules)
        outcome = images.tag(call.world, image, reference, call.now)
    except InvalidParameter as refusal:
        if rules is Cli.V28:
            raise
        raise Unclassified(
            refusal.text, asked=refusal.asked, rule=refusal.rule, remedy=refusal.remedy
        ) from None
    return answered(outcome, 201)


def _lines(outcome: Outcome) -> list[Json]:
    pairs = [line.partition(": ") for line in outcome.made.splitlines()]
    return [{key: value} for key, _, value in pairs]


def remove(call: Call) -> Answer:
    """DELETE /images/{name}?force=1: what was untagged and deleted."""
    name = call.words["id"]
    outcome = images.remove(call.world, name, call.now, force=call.flag("force"))
    return answered(outcome, 200, _lines(outcome))


def prune(call: Call) -> Answer:
    """POST /images/prune: images without a tag, or with dangling=false all unused."""
    filters = asked_filters(call, _PRUNE_FILTERS)
    every, fits_time = _dangling(filters) is False, _between(call, filters)
    chosen = [
        image
        for image in sorted(call.world.images.values(), key=_age)
        if (every or not image.references)
        and fits_time(image)
        and has_labels(filters, image.config.document("Labels"))
        and not _has_refused_label(filters, image.config.document("Labels"))
    ]
    outcome = images.prune(call.world, chosen, call.now)
    deleted, freed = _lines(outcome), _freed(call.world, outcome.world)
    body: Json = {"ImagesDeleted": deleted or None, "SpaceReclaimed": freed}
    return answered(outcome, 200, body)


def _has_refused_label(filters: Filters, labels: Document) -> bool:
    refused = filters.get("label!", ())
    return any(has_labels({"label": (text,)}, labels) for text in refused)


def _freed(before: World, after: World) -> int:
    """The bytes of the layers that no image has any more."""
    kept = layer_usage(after)
    freed: dict[str, int] = {}
    for image in before.images.values():
        pairs = zip(image.chain_ids, image.sizes, strict=True)
        freed |= {chain: size for chain, size in pairs if chain not in kept}
    return sum(freed.values())


def search(call: Call) -> Answer:
    """GET /images/search?term=WORD: the catalogue's images with that word."""
    term = call.query.get("term", "")
    if not term:
        raise InvalidParameter(
            "search term is missing",
            asked="search without a term",
            rule="a search needs a word",
            remedy="GET /images/search?term=nginx",
        )
    filters = asked_filters(call, _SEARCH_FILTERS)
    if not call.world.host.registry:
        place = f"https://index.docker.io/v1/search?q={quote(term)}&n={_limit(call)}"
        raise images.no_such_host(call.world, place, f"search for {term}")
    rows = [row for row in search_library(term) if _row_fits(row, filters)]
    shown: list[Json] = [dict(row) for row in rows[: _limit(call)]]
    return Answer(world=call.world, response=Response(body=shown))


def _number(text: str) -> int | None:
    """The number that Go reads, or None: 64 bits, and digits of the West."""
    try:
        return whole(text, base=10)
    except ValueError:
        return None


def _limit(call: Call) -> int:
    text = call.query.get("limit", "") or "25"
    modern = images.generation(call.world) is Cli.V28
    number = _number(text)
    if modern and number == 0:
        return 25
    if number is not None and 1 <= number <= 100:
        return number
    raise InvalidParameter(
        f"{'limit' if modern else 'Limit'} {text} is outside the range of [1, 100]",
        asked=f"a search for {text} images",
        rule="a registry answers with 1 to 100 images",
        remedy="limit=25",
    )


def _row_fits(row: Mapping[str, str | int | bool], filters: Filters) -> bool:
    stars = [_number(text) or 0 for text in filters.get("stars", ())]
    for key in ("is-official", "is-automated"):
        wanted = filters.get(key)
        if wanted and (wanted[0] in {"true", "1"}) != row[key.replace("-", "_")]:
            return False
    return int(row["star_count"]) >= max(stars, default=0)
