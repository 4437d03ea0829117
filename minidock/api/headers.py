"""What stands in the head of every answer, and which answers go without.

```
answer of a handler ──▶ Server, Api-Version, Ostype, Docker-Experimental, Content-Type
version refused     ──▶ the same without Docker-Experimental
no such page, moved ──▶ Content-Type alone: nobody has handled the call
attach              ──▶ Content-Type alone: the handler writes to the connection itself
```

Heads of one connection only (Date, Content-Length, Transfer-Encoding) are written by
who writes to the wire.

Docker's sources: moby, ``api/server/middleware`` and ``api/server/httputils``.
"""

from dataclasses import replace

from minidock.api.http import Response
from minidock.model.world import World

__all__ = ["JSON", "TEXT", "engine_headers", "headed", "plain"]

JSON, TEXT = "application/json", "text/plain; charset=utf-8"


def engine_headers(world: World, *, experimental: bool = True) -> dict[str, str]:
    """Who answers, and in which version.

    >>> from minidock.engine import Engine
    >>> engine_headers(Engine("20.10").world)["Server"]
    'Docker/20.10.24+dfsg1 (linux)'
    """
    era = world.era
    headers = {
        "Api-Version": era.api_version,
        "Ostype": "linux",
        "Server": f"Docker/{era.engine_version} (linux)",
    }
    if experimental:
        headers["Docker-Experimental"] = str(world.daemon.experimental).lower()
    return headers


def headed(
    response: Response, world: World, *, handled: bool = True, version: bool = True
) -> Response:
    """The answer with its head.

    Args:
        response: the answer.
        world: whose engine answers.
        handled: whether a handler was found.
        version: whether the version that was asked for is served.
    """
    if response.bare:
        return response
    headers = engine_headers(world, experimental=version) if handled else {}
    if response.body is not None or response.lines is not None:
        headers["Content-Type"] = JSON
    return replace(response, headers=headers | dict(response.headers))


def plain(response: Response) -> Response:
    r"""A refusal for a client that reads no JSON: the message as a line of text.

    >>> plain(Response(status=404, body={"message": "page not found"})).text
    'page not found\n'
    """
    headers = {"X-Content-Type-Options": "nosniff"}
    if response.body is None:
        return replace(response, headers=headers | dict(response.headers))
    headers["Content-Type"] = TEXT
    return replace(
        response,
        body=None,
        text=f"{response.message}\n",
        headers=headers | dict(response.headers),
    )
