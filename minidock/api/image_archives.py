"""The image calls that carry files: import, load, save, commit.

```
POST /images/create?fromSrc=-   a tar of files ──▶ an image
POST /images/load               what docker save wrote ──▶ its images
GET  /images/{name}/get         an image ──▶ such an archive;  GET /images/get?names=
POST /commit                    a container as it stands ──▶ an image
```

Nothing touches a disk: an archive is a value. Docker's source: moby,
``api/server/router/image`` and ``api/server/router/container``.
"""

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.decode import decode
from minidock.api.http import Response
from minidock.commandline.refusal import Cli
from minidock.commands import carrying
from minidock.commands.committing import Making, commit, import_tar
from minidock.commands.images import generation, no_such_host
from minidock.commands.lookup import find_container
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Document, Json

__all__ = ["commit_container", "get", "get_many", "import_image", "load"]

_JSON = {"Content-Type": "application/json"}
_TAR = {"Content-Type": "application/x-tar"}


def _reference(call: Call) -> str:
    repository, tag = call.query.get("repo", ""), call.query.get("tag", "")
    if not repository or not tag:
        return repository
    return f"{repository}{'@' if tag.startswith('sha256:') else ':'}{tag}"


def import_image(call: Call) -> Answer:
    """POST /images/create?fromSrc=-&repo=NAME&tag=TAG&message=TEXT&changes=CHANGE.

    The body is a tar of the image's files, perhaps packed; a URL is not fetched.
    """
    source = call.query.get("fromSrc", "")
    if source != "-":
        address = source if "://" in source else f"http://{source}"
        if not address.startswith(("http://", "https://")) or not address.split("/")[2]:
            raise InvalidParameter(
                f"invalid import source: {source}",
                asked=f"import an image from {source}",
                rule="files come with the request, or from a URL",
                remedy="fromSrc=- and the tar as the body",
            )
        raise no_such_host(call.world, address, f"import an image from {source}")
    making = Making(
        reference=_reference(call),
        comment=call.query.get("message", ""),
        changes=call.values("changes"),
        platform=call.query.get("platform", ""),
    )
    outcome = import_tar(call.world, call.data, making, call.now)
    return Answer(
        world=outcome.world,
        response=Response(lines=({"status": outcome.made},), headers=_JSON),
        events=outcome.events,
    )


def load(call: Call) -> Answer:
    """POST /images/load?quiet=1: takes images; a broken archive says so in the stream.

    Odd on purpose: the status is 200 though nothing was loaded, since the real engine
    has sent it when it finds the fault.
    """
    try:
        loaded = carrying.load(call.world, call.data, call.now)
    except Refusal as refusal:
        text = _load_fault(refusal)
        fault: Json = {"errorDetail": {"message": text}, "error": text}
        return Answer(
            world=call.world,
            response=Response(lines=(fault,), headers=_JSON, refusal=refusal),
        )
    lines: tuple[Json, ...] = tuple({"stream": f"{line}\n"} for line in loaded.lines)
    return Answer(
        world=loaded.outcome.world,
        response=Response(lines=lines, headers=_JSON),
        events=loaded.outcome.events,
    )


def _load_fault(refusal: Refusal) -> str:
    """A fault of the archive itself is found by a process of its own."""
    if refusal.text.startswith(("unexpected EOF", "archive/tar")):
        return f"Error processing tar file(exit status 1): {refusal.text}"
    return refusal.text


def get(call: Call) -> Answer:
    """GET /images/{name}/get: the archive of an image, or of a repository's tags."""
    return _saved(call, [call.words["id"]])


def get_many(call: Call) -> Answer:
    """GET /images/get?names=A&names=B: one archive of several images."""
    given = [name for text in call.values("names") for name in text.split(",") if name]
    return _saved(call, given)


def _saved(call: Call, names: list[str]) -> Answer:
    tar, outcome = carrying.save(call.world, names, call.now)
    return Answer(
        world=outcome.world,
        response=Response(data=tar, headers=_TAR),
        events=outcome.events,
    )


def commit_container(call: Call) -> Answer:
    """POST /commit?container=ID&repo=NAME&tag=TAG&comment=TEXT&author=NAME&changes=C.

    The body may hold a config, which is laid over the container's.
    """
    container = find_container(call.world, call.query.get("container", ""))
    config = Document()
    if call.body is not None or (call.raw or "").strip():
        config = document_of(decode(call, {}, "ContainerConfigWrapper"))
    old = generation(call.world) is Cli.V20
    making = Making(
        reference=_reference(call),
        comment=call.query.get("comment", ""),
        author=call.query.get("author", ""),
        changes=call.values("changes"),
        config=config,
    )
    try:
        outcome = commit(call.world, container, making, call.now)
    except InvalidParameter as refusal:
        if old and "reference format" in refusal.text:  # as when tagging
            raise Unclassified(
                refusal.text,
                asked=refusal.asked,
                rule=refusal.rule,
                remedy=refusal.remedy,
            ) from refusal
        raise
    return answered(outcome, 201, {"Id": outcome.made})
