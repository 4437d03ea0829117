"""From a request to an answer: one pure function over the World.

```
Request ──▶ clean path ──▶ version ──▶ route ──▶ handler ──▶ Answer ──▶ with its head
                │             │          │          │
               301           400        404      refusal ──▶ status, {"message": ..}
```

No socket, no clock: who calls passes the time in. The table below is the whole API that
is served; ``docs/reference`` lists it.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from minidock.api import (
    archives,
    attaching,
    container_list,
    containers,
    creating,
    events,
    execs,
    image_archives,
    images,
    logs,
    networks,
    processes,
    registries,
    resizing,
    stats,
    system,
    typed,
    updating,
    usage,
    volumes,
    waiting,
)
from minidock.api.call import Answer, Call, RefusedOutcome
from minidock.api.headers import headed, plain
from minidock.api.http import Request, Response
from minidock.api.swarm import SWARM_ROUTES
from minidock.api.versions import asked_path, plain_errors, split_version
from minidock.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    InvalidParameter,
    NotFound,
    NotModified,
    Refusal,
    Unclassified,
)
from minidock.model.document import Json
from minidock.model.world import World

__all__ = ["ROUTES", "handle", "refused", "status_of"]

Handler = Callable[[Call], Answer]

_STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (InvalidParameter, 400),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (NotModified, 304),
    (Exhausted, 503),
    (Unclassified, 500),
)

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("HEAD", "/_ping", system.ping),
    ("GET", "/_ping", system.ping),
    ("GET", "/version", system.version),
    ("GET", "/info", system.info),
    ("GET", "/events", events.events),
    ("GET", "/networks", networks.list_networks),
    ("GET", "/networks/", networks.list_networks),
    ("POST", "/networks/create", networks.create),
    ("POST", "/networks/prune", networks.prune),
    ("POST", "/networks/{id}/connect", networks.connect),
    ("POST", "/networks/{id}/disconnect", networks.disconnect),
    ("GET", "/networks/{id}", networks.inspect),
    ("DELETE", "/networks/{id}", networks.remove),
    ("GET", "/containers/json", container_list.list_containers),
    ("POST", "/containers/create", creating.create),
    ("POST", "/containers/prune", containers.prune),
    ("GET", "/containers/{id}/json", containers.inspect),
    ("GET", "/containers/{id}/top", processes.top),
    ("GET", "/containers/{id}/stats", stats.stats),
    ("GET", "/containers/{id}/logs", logs.logs),
    ("POST", "/containers/{id}/start", containers.start),
    ("POST", "/containers/{id}/stop", containers.stop),
    ("POST", "/containers/{id}/restart", containers.restart),
    ("POST", "/containers/{id}/kill", containers.kill),
    ("POST", "/containers/{id}/pause", containers.pause),
    ("POST", "/containers/{id}/unpause", containers.unpause),
    ("POST", "/containers/{id}/rename", containers.rename),
    ("POST", "/containers/{id}/wait", waiting.wait),
    ("POST", "/containers/{id}/attach", attaching.attach),
    ("GET", "/containers/{id}/attach/ws", attaching.attach_over_websocket),
    ("INPUT", "/containers/{id}/attach/{number}", typed.to_container),
    ("INPUT", "/containers/{id}", typed.to_container),
    ("POST", "/containers/{id}/resize", resizing.resize_container),
    ("POST", "/containers/{id}/update", updating.update),
    ("POST", "/containers/{id}/exec", execs.create),
    ("HEAD", "/containers/{id}/archive", archives.look),
    ("GET", "/containers/{id}/archive", archives.copy_out),
    ("PUT", "/containers/{id}/archive", archives.copy_in),
    ("GET", "/containers/{id}/changes", archives.changes),
    ("GET", "/containers/{id}/export", archives.export),
    ("DELETE", "/containers/{id}", containers.remove),
    ("POST", "/exec/{id}/start", execs.start),
    ("INPUT", "/exec/{id}", typed.to_exec),
    ("POST", "/exec/{id}/resize", resizing.resize_exec),
    ("GET", "/exec/{id}/json", execs.inspect),
    ("GET", "/images/json", images.list_images),
    ("POST", "/images/create", images.pull),
    ("POST", "/images/load", image_archives.load),
    ("GET", "/images/get", image_archives.get_many),
    ("GET", "/images/{id}/get", image_archives.get),
    ("POST", "/images/{id}/push", registries.push),
    ("POST", "/commit", image_archives.commit_container),
    ("GET", "/distribution/{id}/json", registries.distribution),
    ("POST", "/auth", registries.login),
    ("POST", "/build", registries.build),
    ("POST", "/build/prune", registries.build_prune),
    ("POST", "/build/cancel", registries.build),
    ("POST", "/session", registries.session),
    ("POST", "/grpc", registries.session),
    ("GET", "/images/search", images.search),
    ("GET", "/images/{id}/history", images.history),
    ("POST", "/images/prune", images.prune),
    ("POST", "/images/{id}/tag", images.tag),
    ("GET", "/images/{id}/json", images.inspect),
    ("DELETE", "/images/{id}", images.remove),
    ("GET", "/volumes", volumes.list_volumes),
    ("POST", "/volumes/create", volumes.create),
    ("POST", "/volumes/prune", volumes.prune),
    ("GET", "/volumes/{id}", volumes.inspect),
    ("DELETE", "/volumes/{id}", volumes.remove),
    ("GET", "/system/df", usage.disk_usage),
    *SWARM_ROUTES,
)


def _pattern(path: str) -> re.Pattern[str]:
    # A name may hold slashes (x/y is a network, web/db a link), hence ".+".
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.+)", path))


_TABLE = tuple((method, _pattern(path), handler) for method, path, handler in ROUTES)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal's category.

    >>> status_of(Forbidden("no"))
    403
    """
    for kind, status in _STATUSES:
        if isinstance(refusal, kind):
            return status
    return 500


def handle(world: World, request: Request, now: int) -> Answer:
    """Answer one request; the World in the answer is the next one.

    Cost: O(routes) to find the handler, then the handler's own.

    >>> from minidock.commands.boot import boot
    >>> from minidock.eras import era_named
    >>> from minidock.model.daemon import DaemonOptions
    >>> from minidock.model.host import sample_host
    >>> world = boot(era_named("28"), DaemonOptions(), sample_host(), "doc", 0)
    >>> handle(world, Request(method="GET", path="/networks/nosuch"), 0).response.body
    {'message': 'network nosuch not found'}
    >>> handle(world, Request(method="GET", path="/nosuch"), 0).response.status
    404
    """
    moved = _cleaned(request.path)
    if moved != request.path:
        return Answer(world=world, response=_moved(request, moved))
    answer = _answer(world, request, now)
    if request.method == "HEAD":
        bare = replace(answer.response, body=None, text=None)
        return replace(answer, response=bare)
    return answer


def _cleaned(path: str) -> str:
    """The path without empty, ``.`` and ``..`` parts, as Go's router cleans it.

    >>> _cleaned("//networks"), _cleaned("/a/../networks/"), _cleaned("/")
    ('/networks', '/networks/', '/')
    """
    if "//" not in path and "/." not in path and path.startswith("/"):
        return path
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean


def _moved(request: Request, path: str) -> Response:
    pairs = request.pairs or list(request.query.items())
    query = urlencode(pairs, errors="replace")
    place = quote(path, errors="replace") + (f"?{query}" if query else "")
    return Response(status=301, headers={"Location": place})


class _NoPage(NotFound):
    """The API has no such call."""


def _answer(world: World, request: Request, now: int) -> Answer:
    served = False
    try:
        handler, words, api = _found(world, request)
        served = True
        call = Call(
            world=world,
            words=words,
            query=request.query,
            body=request.body,
            raw=request.raw,
            content_type=request.content_type,
            api=api,
            now=now,
            data=request.data,
            pairs=request.pairs,
            headers=request.headers,
        )
        answer = handler(call)
        return replace(answer, response=headed(answer.response, world))
    except RefusedOutcome as error:
        outcome = error.outcome
        refusal = outcome.refusal or Unclassified(str(error))
        response = refused(world, request, refusal)
        return Answer(world=outcome.world, response=response, events=outcome.events)
    except Refusal as refusal:
        response = refused(world, request, refusal, served=served)
        return Answer(world=world, response=response)


def refused(
    world: World, request: Request, refusal: Refusal, *, served: bool = True
) -> Response:
    """The answer to a request that is refused."""
    status = status_of(refusal)
    body: Json = None if status == 304 else {"message": refusal.text}
    response = Response(status=status, body=body, refusal=refusal)
    if isinstance(refusal, _NoPage):
        return headed(response, world, handled=False)
    if plain_errors(request.path, world.era):
        response = plain(response)
    return headed(response, world, version=served)


def _found(
    world: World, request: Request
) -> tuple[Handler, Mapping[str, str], tuple[int, int]]:
    """The handler, the words in the path, and the version.

    Docker looks for the page first, so a page that does not exist is no matter of
    versions.
    """
    path = asked_path(request.path)
    handler, words = _route(request.method, path)
    api, _ = split_version(request.path, world.era)
    return handler, words, api


def _options(call: Call) -> Answer:
    """OPTIONS of any page: fine, and nothing to say."""
    return Answer(world=call.world, response=Response())


def _route(method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
    for wanted, pattern, handler in _TABLE:
        if wanted == method and (match := pattern.fullmatch(path)):
            return handler, match.groupdict()
    if method == "OPTIONS":
        return _options, {}
    raise _NoPage(
        "page not found",
        asked=f"{method} {path}",
        rule="the API has no such call",
        remedy="see docs/reference/api.md",
    )
