"""The steps are done, one after the other, on two engines.

```
 read both ─▶ compare some volumes ─▶ plan ─▶ images
                                      plan ─▶ the rest ─▶ plan: nothing is left
```

Invariants: the source is only read, but for a helper where a volume is in no container,
which goes again; a step that fails ends it, and running it again goes on from there.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import IO

from minidock.api.http import Request, Response
from minidock.client.dialing import Parts
from minidock.errors import Refusal, Unclassified
from minidock.model.document import Document, Json, thaw
from minidock.moving.host import CARRIER_IMAGE, HostState, read_host
from minidock.moving.plan import Choices, Plan, plan, questions
from minidock.moving.retar import renamed
from minidock.moving.steps import Ask, CarryFiles, CarryImage, Far, Helper, Place, Step
from minidock.moving.volumes import carrier_body, carrier_name, place_in

__all__ = ["execute", "make_plan", "move"]

_AGAIN = "run it again when that is settled: it goes on where it stopped"
Say = Callable[[str], None]


def make_plan(source: Far, target: Far, choices: Choices) -> Plan:
    """The plan for two engines; reads both, and compares files where it must."""
    here, there = read_host(source), read_host(target)
    asked = questions(here, there)
    same = frozenset(v for v in asked if _same_files(v, source, here, target, there))
    return plan(here, there, choices, same)


def move(source: Far, target: Far, choices: Choices, say: Say) -> Plan:
    """Makes the target hold what the source holds; gives the plan that was followed.

    Raises:
        Refusal: something stands against it, then nothing was done; or a step failed.
    """
    first = make_plan(source, target, choices)
    if first.refusals:
        return first
    images = _with_images(first.steps)
    execute(images, source, target, say)
    # An engine may know an image that it was given by another id than ours.
    rest = make_plan(source, target, choices) if images else first
    execute(rest.steps, source, target, say)
    left = make_plan(source, target, choices)
    if left.steps:
        raise Unclassified(
            f"not all has come: {left.steps[0].title}",
            asked="move what stands on an engine",
            rule="after all steps there must be nothing left to do",
            remedy="run it again: something changed meanwhile",
        )
    return replace(first, steps=(*images, *rest.steps))


def _with_images(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps up to the last image."""
    last = max(
        (i for i, s in enumerate(steps) if isinstance(s, CarryImage)), default=-1
    )
    return steps[: last + 1]


def execute(steps: tuple[Step, ...], source: Far, target: Far, say: Say) -> None:
    """Does the steps in their order; says each one before it.

    Raises:
        Refusal: a step failed; of those on which nothing hangs the first, at the end.
    """
    failed: list[Refusal] = []
    for step in steps:
        say(step.title)
        match step:
            case Ask():
                try:
                    _check(step.title, target(step.request), step.fine, step.remedy)
                except Refusal as refusal:
                    if step.hangs:
                        raise
                    failed.append(refusal)
            case Helper():
                _make_helper_image(target)
            case CarryImage():
                _carry_image(step, source, target)
            case CarryFiles():
                _carry_files(step, source, target)
    if failed:
        failed[0].text += f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise failed[0]


def _check(
    title: str, response: Response, fine: tuple[int, ...] = (), remedy: str = ""
) -> Response:
    if response.status >= 400 and response.status not in fine:
        raise Unclassified(
            f"{title}: {response.message or f'status {response.status}'}",
            asked=title,
            rule="the target refused it",
            remedy=remedy or _AGAIN,
        )
    return response


def _carry_image(step: CarryImage, source: Far, target: Far) -> None:
    names = tuple(("names", name) for name in step.names)
    parts = source.download("/images/get", names)
    answer = target.upload("POST", "/images/load", parts, {"quiet": "1"})
    _check(step.title, answer)
    values = answer.lines if answer.lines is not None else (answer.body,)
    for value in values:
        fault = value.get("error") if isinstance(value, dict) else None
        if fault:
            raise Unclassified(
                f"{step.title}: {fault}",
                asked=step.title,
                rule="the target could not load the image",
                remedy=_AGAIN,
            )


def _carry_files(step: CarryFiles, source: Far, target: Far) -> None:
    with _reached(step.source, source) as at:
        path, where = step.source.path.rstrip("/"), step.target.path.rstrip("/")
        query = _inside(path) if step.inside else {"path": path}
        parts = source.download(f"/containers/{at}/archive", query)
        folder = where
        if not step.inside:
            folder, _, new = where.rpartition("/")
            parts = renamed(parts, path.rpartition("/")[2], new)
        to = f"/containers/{step.target.container}/archive"
        answer = target.upload("PUT", to, parts, {"path": folder or "/"})
        _check(step.title, answer)


def _inside(path: str) -> dict[str, str]:
    """The query for what lies in a folder, without the folder's own name."""
    return {"path": f"{path.rstrip('/')}/."}


@contextmanager
def _reached(place: Place, engine: Far) -> Iterator[str]:
    """A container in which the place can be reached; a helper is gone afterwards."""
    if not place.volume:
        yield place.container
        return
    _make_helper_image(engine)
    body = thaw(carrier_body(Document({"Name": place.volume})))
    name = carrier_name(place.volume)
    made = _post(engine, "/containers/create", {"name": name}, body)
    _check(f"a helper for volume {place.volume}", made, fine=(409,))
    try:
        yield name
    finally:
        engine(Request(method="DELETE", path=f"/containers/{name}"))
        engine(Request(method="DELETE", path=f"/images/{CARRIER_IMAGE}"))


def _post(engine: Far, path: str, query: dict[str, str], body: Json) -> Response:
    return engine(Request(method="POST", path=path, query=query, body=body))


def _make_helper_image(engine: Far) -> None:
    """An image with nothing in it, made by the engine out of an empty tar."""
    if engine(Request(method="GET", path=f"/images/{CARRIER_IMAGE}/json")).status < 400:
        return
    packed = io.BytesIO()
    tarfile.open(fileobj=packed, mode="w").close()
    repository, _, tag = CARRIER_IMAGE.rpartition(":")
    query = {"fromSrc": "-", "repo": repository, "tag": tag}
    answer = engine.upload("POST", "/images/create", [packed.getvalue()], query)
    _check("the empty image of helpers", answer)


def _same_files(
    volume: str, source: Far, here: HostState, target: Far, there: HostState
) -> bool:
    """Whether a volume holds the same files on both sides; reads all of them."""
    with _reached(place_in(volume, here), source) as at:
        mine = _digests(source, at, place_in(volume, here).path)
    with _reached(place_in(volume, there), target) as at:
        return mine == _digests(target, at, place_in(volume, there).path)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _digests(engine: Far, container: str, path: str) -> dict[str, str]:
    """What each file in a folder holds, as a digest; links count as where they lead."""
    found = {}
    parts = engine.download(f"/containers/{container}/archive", _inside(path))
    with (
        closing(io.BufferedReader(Parts(parts))) as file,
        tarfile.open(fileobj=file, mode="r|") as tar,
    ):
        for member in tar:
            opened = tar.extractfile(member) if member.isreg() else None
            if opened is not None:
                found[member.name] = _digest(opened)
            elif not member.isdir():
                found[member.name] = member.linkname
    return found
