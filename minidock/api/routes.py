"""From a request to an answer: one pure function over the World.

```
Request ──▶ version ──▶ route (method and path) ──▶ handler ──▶ Answer
                │             │                        │
               400           404                  refusal ──▶ status and {"message": ..}
```

No socket, no clock: who calls passes the time in. The table below is the whole API that
is served; ``docs/reference`` lists it.
"""

import re
from collections.abc import Callable, Mapping

from minidock.api import (
    container_list,
    containers,
    execs,
    images,
    networks,
    system,
    volumes,
)
from minidock.api.call import Answer, Call, RefusedOutcome
from minidock.api.http import Request, Response
from minidock.api.versions import split_version
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
from minidock.model.world import World

__all__ = ["ROUTES", "handle", "status_of"]

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
    ("GET", "/networks", networks.list_networks),
    ("GET", "/networks/", networks.list_networks),
    ("POST", "/networks/create", networks.create),
    ("POST", "/networks/prune", networks.prune),
    ("POST", "/networks/{id}/connect", networks.connect),
    ("POST", "/networks/{id}/disconnect", networks.disconnect),
    ("GET", "/networks/{id}", networks.inspect),
    ("DELETE", "/networks/{id}", networks.remove),
    ("GET", "/containers/json", container_list.list_containers),
    ("POST", "/containers/create", containers.create),
    ("POST", "/containers/prune", containers.prune),
    ("GET", "/containers/{id}/json", containers.inspect),
    ("GET", "/containers/{id}/top", containers.top),
    ("GET", "/containers/{id}/logs", containers.logs),
    ("POST", "/containers/{id}/start", containers.start),
    ("POST", "/containers/{id}/stop", containers.stop),
    ("POST", "/containers/{id}/restart", containers.restart),
    ("POST", "/containers/{id}/kill", containers.kill),
    ("POST", "/containers/{id}/pause", containers.pause),
    ("POST", "/containers/{id}/unpause", containers.unpause),
    ("POST", "/containers/{id}/rename", containers.rename),
    ("POST", "/containers/{id}/wait", containers.wait),
    ("POST", "/containers/{id}/exec", execs.create),
    ("DELETE", "/containers/{id}", containers.remove),
    ("POST", "/exec/{id}/start", execs.start),
    ("GET", "/exec/{id}/json", execs.inspect),
    ("GET", "/images/json", images.list_images),
    ("POST", "/images/create", images.pull),
    ("GET", "/images/search", images.search),
    ("GET", "/images/{id}/history", images.history),
    ("POST", "/images/prune", images.prune),
    ("POST", "/images/{id}/tag", images.tag),
    ("GET", "/images/{id}/json", images.inspect),
    ("DELETE", "/images/{id}", images.remove),
    ("GET", "/volumes", volumes.list_volumes),
    ("POST", "/volumes/create", volumes.create),
    ("GET", "/volumes/{id}", volumes.inspect),
    ("DELETE", "/volumes/{id}", volumes.remove),
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
    try:
        api, path = split_version(request.path, world.era)
        handler, words = _route(request.method, path)
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
        return handler(call)
    except RefusedOutcome as error:
        outcome = error.outcome
        return Answer(
            world=outcome.world,
            response=_refused(outcome.refusal or Unclassified(str(error))),
            events=outcome.events,
        )
    except Refusal as refusal:
        return Answer(world=world, response=_refused(refusal))


def _refused(refusal: Refusal) -> Response:
    status = status_of(refusal)
    if status == 304:
        return Response(status=304, refusal=refusal)
    return Response(status=status, body={"message": refusal.text}, refusal=refusal)


def _route(method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
    for wanted, pattern, handler in _TABLE:
        if wanted == method and (match := pattern.fullmatch(path)):
            return handler, match.groupdict()
    raise NotFound(
        "page not found",
        asked=f"{method} {path}",
        rule="the API has no such call",
        remedy="see docs/reference/api.md",
    )
