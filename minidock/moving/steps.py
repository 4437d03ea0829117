"""What is done to move something: requests to the target, and data carried over.

```
 Ask          one request to the target                        network, start, rename
 CarryImage   GET /images/get here  ──▶ POST /images/load there
 CarryFiles   GET .../archive here  ──▶ PUT .../archive there  what lies in a volume
 Helper       the empty image that a container can be made of, on either side
```

Each step may be done twice: what is there already is an answer, not a fault.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from minidock.api.http import Request, Response
from minidock.client.dialing import Query
from minidock.errors import Refusal
from minidock.model.document import Document, Json, thaw

__all__ = [
    "Ask",
    "CarryFiles",
    "CarryImage",
    "Far",
    "Helper",
    "Part",
    "Place",
    "Step",
    "ask",
]


class Far(Protocol):
    """An engine, wherever it is."""

    def __call__(self, request: Request, /) -> Response:
        """What it answers."""

    def download(self, path: str, query: Query = ()) -> Iterator[bytes]:
        """What a GET answers, part by part."""

    def upload(
        self,
        method: str,
        path: str,
        parts: Iterable[bytes],
        query: Query = (),
    ) -> Response:
        """Sends parts, and gives the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder of a container; ``volume`` is what a helper must mount for it, or ""."""

    container: str
    path: str
    volume: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request; the statuses in ``fine`` are no failures.

    Where it fails and nothing ``hangs`` on it, the others are done all the same.
    """

    title: str
    request: Request
    fine: tuple[int, ...] = ()
    remedy: str = ""
    hangs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryImage:
    """An image by its names, or by its id if it has none that are free."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryFiles:
    """A folder and all that lies in it; where ``inside``, only what lies in it."""

    title: str
    source: Place
    target: Place
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """The helpers' image is made on the target."""

    title: str


Step: TypeAlias = Ask | CarryImage | CarryFiles | Helper


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is to be done about some things, what stands against it, what to know."""

    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def ask(
    title: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Document | None = None,
    fine: tuple[int, ...] = (),
    remedy: str = "",
    hangs: bool = True,
) -> Ask:
    """A step that is one request."""
    plain: Json = None if body is None else thaw(body)
    request = Request(method=method, path=path, query=query or {}, body=plain)
    return Ask(title=title, request=request, fine=fine, remedy=remedy, hangs=hangs)
