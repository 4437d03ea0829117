"""An engine as a WSGI application, for tools that test web applications in process.

It stands where `minidock serve` stands, without a socket: bytes become a request, and the
answer becomes bytes. A stream is read once, as it is at that moment.
"""

import json
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl

from minidock.api.http import Request, Response
from minidock.engine import Engine
from minidock.model.document import Json

__all__ = ["Application"]

Start = Callable[[str, list[tuple[str, str]]], object]


def _request(environ: dict[str, object]) -> Request:
    length = int(str(environ.get("CONTENT_LENGTH") or 0))
    data = environ["wsgi.input"].read(length) if length else b""  # type: ignore[attr-defined]  # a stream, by WSGI
    pairs = tuple(
        parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    )
    path = str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")
    kind = str(environ.get("CONTENT_TYPE", ""))
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    body, raw = _read(data) if "json" in kind or not kind else (None, None)
    return Request(
        method=str(environ["REQUEST_METHOD"]),
        path=path,
        query=dict(pairs),
        pairs=pairs,
        body=body,
        raw=raw,
        data=data,
        content_type=kind,
        headers=headers,
    )


def _read(data: bytes) -> tuple[Json, str | None]:
    if not data:
        return None, None
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text), None
    except (json.JSONDecodeError, RecursionError):
        return None, text


def _payload(engine: Engine, response: Response) -> bytes:
    if response.data is not None:
        return response.data
    if response.lines is not None:
        return b"".join(json.dumps(line).encode() + b"\n" for line in response.lines)
    if response.body is not None:
        return json.dumps(response.body).encode() + b"\n"
    if response.stream is not None:
        chunks = response.stream.read(engine.moment()).chunks
        return b"".join(chunk.data for chunk in chunks)
    return (response.text or "").encode()


class Application:
    """A WSGI application over an engine; a page of its own holds the Swagger file."""

    def __init__(self, engine: Engine, document: dict[str, object]) -> None:
        self.engine, self.document = engine, document
        self.last: Response | None = None

    def __call__(self, environ: dict[str, object], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/swagger.json":
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.document).encode()]
        response = self.last = self.engine.send(_request(environ))
        empty = response.status in {204, 304} or environ["REQUEST_METHOD"] == "HEAD"
        payload = b"" if empty else _payload(self.engine, response)
        headers = dict(response.headers)
        if payload and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        start(f"{response.status} -", list(headers.items()))
        return [payload]
