"""An engine for tests: real clients talk to it, and the test looks on and interferes.

```
program under test ──docker-py, CLI──▶ DockerDouble ──▶ Engine (a World of its own)
                                          │  .requests     what was asked, in order
                                          │  .fail_next    the next such call fails
                                          │  .advance      time passes at once
test ─────────────────────────────────────┘  ("ps")        a docker command
                                             .engine       World, trace, picture
```

What moto is for AWS: a double that behaves. It listens on loopback with a port of its
own, so any number may run side by side, and starts in about a millisecond.

Invariant: every request that a client was answered is in ``requests`` exactly once.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

from minidock.api.http import Request, Response
from minidock.client.session import Output
from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.model.document import Json
from minidock.server.live import Live
from minidock.server.serving import serve

__all__ = ["Asked", "DockerDouble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of a client, and the status that it got.

    >>> str(Asked(method="POST", path="/networks/create", status=201))
    'POST /networks/create -> 201'
    """

    method: str
    path: str
    """Without the version in front of it."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    status: int = 0

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """What the next call of a kind will be answered."""

    method: str
    pattern: str
    status: int
    message: str

    def meets(self, method: str, path: str) -> bool:
        return method == self.method and fnmatchcase(path, self.pattern)


def _plain(path: str) -> str:
    """A path without ``/v1.51``."""
    first, slash, rest = path[1:].partition("/")
    return f"/{rest}" if slash and first[:1] == "v" and first[1:2].isdigit() else path


def _split(call: str) -> tuple[str, str]:
    """The method and the pattern of paths that a call names."""
    method, _, path = call.strip().partition(" ")
    path = _plain(path.strip())
    if not method.isupper() or not path.startswith("/"):
        raise InvalidParameter(
            f"{call!r} names no call",
            asked=f"meet the call {call!r}",
            rule="a call is a method and a path; * and {id} stand for any text",
            remedy='"POST /networks/create" or "POST /containers/*/start"',
        )
    head, *rest = path.split("{")
    return method, head + "".join("*" + part.partition("}")[2] for part in rest)


class _Watched(Live):
    """A live engine that notes what it is asked and fails where it was told to."""

    keeps = False

    def __init__(self, engine: Engine) -> None:
        self.ahead = 0
        self.asked: deque[Asked] = deque()
        self.failures: list[_Failure] = []
        super().__init__(engine, clock=lambda: time.time_ns() + self.ahead)

    def send(self, request: Request) -> Response:
        path = _plain(request.path)
        response = self._planned(request.method, path) or super().send(request)
        if request.method != "INPUT":
            self.asked.append(
                Asked(
                    method=request.method,
                    path=path,
                    query=dict(request.query),
                    body=request.body,
                    status=101 if response.upgrade else response.status,
                )
            )
        return response

    def _planned(self, method: str, path: str) -> Response | None:
        for place, failure in enumerate(self.failures):
            if failure.meets(method, path):
                del self.failures[place]
                body: Json = {"message": failure.message}
                return Response(status=failure.status, body=body)
        return None


class DockerDouble:
    """A Docker engine in this process, for clients that know only ``DOCKER_HOST``.

    Args:
        era: whose rules: "17.12", "20.10" or "28" (the default).
        daemon_args: dockerd's command line, such as ``["--icc=false"]``.
        images: images that are pulled already.

    >>> with DockerDouble(images=["alpine"]) as double:
    ...     print(double("images --format '{{.Repository}}'"))
    alpine
    >>> with DockerDouble() as double:
    ...     double.fail_next("create a network")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 'create a network' names no call
    """

    def __init__(
        self,
        *,
        era: str = "28",
        daemon_args: Sequence[str] = (),
        images: Sequence[str] = (),
    ) -> None:
        self.engine = Engine(era, daemon_args=daemon_args, now=time.time_ns())
        for image in images:
            pulled = self.engine(f"pull -q {image}")
            if not pulled.ok:
                raise InvalidParameter(
                    f"no image {image}: {pulled}",
                    asked=f"start with the image {image}",
                    rule="it must be in the catalogue",
                    remedy="`minidock docker search` shows what there is",
                )
        self._live = _Watched(self.engine)
        self._server = serve(self._live)
        self.url: str = self._server.addresses[0]
        """What DOCKER_HOST is to be."""

    def __call__(self, line: str) -> Output:
        """Run a docker command line on this engine, as a test prepares or looks.

        >>> with DockerDouble() as double:
        ...     print(double("network ls --format '{{.Name}}'"))
        bridge
        host
        none
        """
        return self._live.use(lambda docker: docker(line))

    @property
    def requests(self) -> tuple[Asked, ...]:
        """What clients asked so far, oldest first."""
        return tuple(self._live.asked)

    def requests_to(self, call: str) -> tuple[Asked, ...]:
        """The requests of one kind, such as ``"POST /containers/{id}/start"``."""
        method, pattern = _split(call)
        return tuple(
            asked
            for asked in self.requests
            if asked.method == method and fnmatchcase(asked.path, pattern)
        )

    def fail_next(
        self,
        call: str,
        *,
        status: int = 500,
        message: str = "injected failure",
        times: int = 1,
    ) -> None:
        """The next calls of this kind are refused, and change nothing.

        Args:
            call: method and path, ``*`` or ``{id}`` standing for any text.
            status: 400 to 599.
            message: the text that the client shows.
            times: how many of them.
        """
        method, pattern = _split(call)
        if not 400 <= status <= 599 or times < 1:
            raise InvalidParameter(
                f"a failure with status {status}, {times} times",
                asked=f"let {call} fail",
                rule="a failure has a status from 400 to 599 and happens at least once",
                remedy="status=500, times=1",
            )
        failure = _Failure(
            method=method, pattern=pattern, status=status, message=message
        )
        self._live.failures += [failure] * times

    def advance(self, seconds: float) -> None:
        """Let time pass at once: programs end, health checks run, containers restart.

        >>> with DockerDouble(images=["alpine"]) as double:
        ...     _ = double("run -d --name job alpine sleep 60")
        ...     double.advance(61)
        ...     print(double("inspect -f '{{.State.Status}}' job"))
        exited
        """
        self._live.ahead += int(seconds * 1_000_000_000)
        self._live.turn()

    def close(self) -> None:
        """Stop answering."""
        self._server.close()
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
