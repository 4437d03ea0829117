"""The image calls: list, inspect, history, pull, tag, remove, search.

```
GET  /images/json          GET /images/{name}/json      POST /images/{name}/tag
POST /images/create        GET /images/{name}/history   DELETE /images/{name}
GET  /images/search
```
"""

from minidock.api.call import Answer, Call, answered
from minidock.api.filters import has_labels, matches_text, parse_filters
from minidock.api.http import Response
from minidock.commands import images
from minidock.commands.library import search_library
from minidock.errors import InvalidParameter
from minidock.model.document import Json
from minidock.views.inspect_image import history_json, image_json, image_summary

__all__ = ["history", "inspect", "list_images", "pull", "remove", "search", "tag"]

_FILTERS = ("before", "dangling", "label", "reference", "since")


def list_images(call: Call) -> Answer:
    """GET /images/json: newest first."""
    filters = parse_filters(call.query.get("filters", ""), _FILTERS)
    found = sorted(
        call.world.images.values(), key=lambda i: (i.created, i.id), reverse=True
    )
    for key in ("before", "since"):
        for text in filters.get(key, ()):
            edge = images.find_image(call.world, text)
            found = [
                image
                for image in found
                if (image.created < edge.created) == (key == "before")
                and image.id != edge.id
            ]
    shown: list[Json] = [
        image_summary(image, call.api)
        for image in found
        if has_labels(filters, image.config.document("Labels"))
        and matches_text(filters, "reference", *(image.references or ("<none>",)))
        and (filters.get("dangling") is None or _dangling(filters["dangling"], image))
    ]
    return Answer(world=call.world, response=Response(body=shown))


def _dangling(values: tuple[str, ...], image: object) -> bool:
    return (values[0] in {"1", "true"}) == (not getattr(image, "references", ()))


def inspect(call: Call) -> Answer:
    """GET /images/{name}/json."""
    image = images.find_image(call.world, call.words["id"])
    return Answer(world=call.world, response=Response(body=image_json(image, call.api)))


def history(call: Call) -> Answer:
    """GET /images/{name}/history."""
    image = images.find_image(call.world, call.words["id"])
    return Answer(world=call.world, response=Response(body=history_json(image)))


def pull(call: Call) -> Answer:
    """POST /images/create?fromImage=NAME&tag=TAG: progress as JSON values.

    Raises:
        NotFound: the catalogue has no such image.
    """
    name, tag_text = call.query.get("fromImage", ""), call.query.get("tag", "")
    if not name:
        raise InvalidParameter(
            "fromImage must be given",
            asked="create an image from nothing",
            rule="images come from the built-in catalogue",
            remedy="POST /images/create?fromImage=nginx&tag=latest",
        )
    reference = f"{name}:{tag_text}" if tag_text else name
    known = call.world.references.get(images.full_reference(reference))
    outcome = images.pull(call.world, reference, call.now)
    full = images.full_reference(reference)
    image = outcome.world.images[outcome.made]
    word = "Image is up to date for" if known == image.id else "Downloaded newer image for"
    digest = image.digests[0].partition("@")[2] if image.digests else image.id
    lines: list[Json] = [
        {"status": f"Pulling from library/{full.partition(':')[0]}", "id": full.rpartition(":")[2]},
        {"status": f"Digest: {digest}"},
        {"status": f"Status: {word} {full}"},
    ]
    return answered(outcome, 200, lines)


def tag(call: Call) -> Answer:
    """POST /images/{name}/tag?repo=REPOSITORY&tag=TAG."""
    repository, name = call.query.get("repo", ""), call.query.get("tag", "")
    image = images.find_image(call.world, call.words["id"])
    reference = f"{repository}:{name}" if name else repository
    return answered(images.tag(call.world, image, reference, call.now), 201)


def remove(call: Call) -> Answer:
    """DELETE /images/{name}?force=1: what was untagged and deleted."""
    outcome = images.remove(
        call.world, call.words["id"], call.now, force=call.flag("force")
    )
    lines: list[Json] = []
    for line in outcome.made.split("\n"):
        key, _, value = line.partition(": ")
        lines.append({key: value})
    return answered(outcome, 200, lines)


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
    limit = call.query.get("limit", "25")
    found = search_library(term)[: int(limit) if limit.isdigit() else 25]
    shown: list[Json] = [dict(row) for row in found]
    return Answer(world=call.world, response=Response(body=shown))


