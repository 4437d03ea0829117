"""What all objects of the docker-py face share: requests, attributes, equality.

```
send (Request ──▶ Response) ──▶ Api.call ──▶ JSON, or the engine's refusal raised
                                   ▲
                             Model.attrs, .reload()
```
"""

from collections.abc import Mapping

from minidock.api.http import Request
from minidock.client.session import ApiError, Send
from minidock.client.watching import Watch, see_exec
from minidock.errors import Unclassified
from minidock.model.document import Json

__all__ = ["Api", "Attributes", "Model"]

Attributes = dict[str, Json]


class Api:
    """Requests that raise the engine's own refusals."""

    def __init__(self, send: Send, watch: Watch | None = None) -> None:
        self._send = send
        self.watch = watch

    def exec_output(self, exec_id: str) -> tuple[int, str]:
        """An exec's code and what it wrote, once it has ended."""
        if self.watch is None:
            code = self.get(f"/exec/{exec_id}/json").get("ExitCode")
            return (code if isinstance(code, int) else 0), ""
        seen = see_exec(self.watch, self._send, exec_id, "")
        return seen.code or 0, seen.text("stdout")

    def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """The JSON of an answer.

        Raises:
            Refusal: what the engine refused, in its category.
        """
        response = self._send(
            Request(method=method, path=path, body=body, query=query or {})
        )
        if response.status == 304:
            return None
        if response.status >= 400:
            error = ApiError(response)
            raise error.refusal or Unclassified(error.text)
        return response.body if response.text is None else response.text

    def get(self, path: str, **query: str) -> Attributes:
        """The object that a GET answers."""
        body = self.call("GET", path, query=query)
        return body if isinstance(body, dict) else {}

    def items(self, path: str, **query: str) -> list[Attributes]:
        """The objects of a list."""
        body = self.call("GET", path, query=query)
        rows = body if isinstance(body, list) else []
        return [row for row in rows if isinstance(row, dict)]


class Model:
    """One thing of the engine: its ``attrs`` are the JSON that inspect prints."""

    _path = ""

    def __init__(self, api: Api, attrs: Attributes) -> None:
        self._api = api
        self.attrs = attrs

    @property
    def id(self) -> str:
        """The full id."""
        return str(self.attrs.get("Id", ""))

    @property
    def short_id(self) -> str:
        """The first twelve digits of the id."""
        return self.id.removeprefix("sha256:")[:12]

    @property
    def name(self) -> str:
        """The name, without Docker's leading slash."""
        return str(self.attrs.get("Name", "")).removeprefix("/")

    def reload(self) -> None:
        """Read ``attrs`` again."""
        self.attrs = self._api.get(self._path.format(self.id))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.short_id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.id == other.id

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.id))
