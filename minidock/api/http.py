"""A request and a response as values: what goes over Docker's socket, without a socket.

Bodies are plain JSON values; who writes them to a wire serialises them. A body that was
not JSON is carried as ``raw`` text, so that the refusal of bad JSON can be tested too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minidock.errors import Refusal
from minidock.model.document import Json

__all__ = ["Request", "Response"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of the Engine API; the path carries neither host nor query.

    >>> Request(method="GET", path="/v1.51/networks").method
    'GET'
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    raw: str | None = None
    """The body's text where it is no valid JSON."""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer: a JSON body, or text (a log, an exec's output)."""

    status: int = 200
    body: Json = None
    text: str | None = None
    stderr: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = field(default=None, compare=False)
    """Why it was refused, in full; a wire carries only the message."""

    @property
    def message(self) -> str:
        """The text of a refusal, or "" where it is none."""
        if isinstance(self.body, dict):
            message = self.body.get("message")
            return message if isinstance(message, str) else ""
        return ""
