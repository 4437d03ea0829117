"""`docker run` and `docker create`.

```
create ──(no such image)──▶ pull ──▶ create again ──▶ start ──▶ the id, or the output
```

A foreground `run` shows what the program wrote until it ended, and waits for a minute
of the engine's clock; a program that takes longer is left running.
"""

from minidock.api.http import Response
from minidock.client.images import pull_reference
from minidock.client.session import ApiError, Session
from minidock.client.watching import see_main
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli, failure
from minidock.commandline.requests import ContainerRequest, container_request
from minidock.model.document import Document, freeze

__all__ = ["create", "run"]


def _request(session: Session, parsed: Parsed) -> ContainerRequest:
    terminal = session.terminal
    return container_request(
        parsed,
        cli=session.cli,
        api_version=session.api,
        env_files=terminal.read_file,
        environment=terminal.environment,
        folder=terminal.folder,
    )


def _created(session: Session, request: ContainerRequest) -> str:
    """Create the container, pulling its image first where that is needed."""
    query = {"name": request.name} if request.name else {}
    if request.platform:
        query["platform"] = request.platform
    if request.pull == "always":
        pull_reference(session, request.image, quiet=request.quiet, to_stderr=True)
    try:
        response = _post(session, request, query)
    except ApiError as error:
        missing = error.status == 404 and "No such image" in error.text
        if not missing or request.pull != "missing":
            raise
        session.err.append(f"Unable to find image '{_tagged(request.image)}' locally\n")
        pull_reference(session, request.image, quiet=request.quiet, to_stderr=True)
        response = _post(session, request, query)
    for warning in response.texts("Warnings"):
        session.err.append(f"WARNING: {warning}\n")
    return response.text("Id")


def _post(
    session: Session, request: ContainerRequest, query: dict[str, str]
) -> Document:
    body = session.call(
        "POST", "/containers/create", query=query, body=dict(request.body)
    ).body
    frozen = freeze(body)
    return frozen if isinstance(frozen, Document) else Document()


def _tagged(image: str) -> str:
    last = image.rpartition("/")[2]
    return image if ":" in last or "@" in last else f"{image}:latest"


def create(session: Session, parsed: Parsed) -> None:
    """`docker create`: prints the new container's id."""
    request = _request(session, parsed)
    session.err.extend(f"{line}\n" for line in request.warnings)
    session.print(_created(session, request))


def run(session: Session, parsed: Parsed) -> None:
    """`docker run`: creates, starts, and prints the id or the program's output."""
    request = _request(session, parsed)
    session.err.extend(f"{line}\n" for line in request.warnings)
    try:
        container = _created(session, request)
    except ApiError as error:
        _fail(session, parsed, error, 125)
        return
    if request.detach:
        session.print(container)
    else:
        query = {"stderr": "1", "stdout": "1", "stream": "1"}
        session.call("POST", f"/containers/{container}/attach", query=query)
    try:
        response = session.call("POST", f"/containers/{container}/start")
    except ApiError as error:
        _start_failed(session, parsed, error)
        return
    if not request.detach:
        _watch(session, container, response)


def _watch(session: Session, container: str, response: Response) -> None:
    """What an attached client would have seen until the program ended."""
    watch = session.terminal.watch
    if watch is None:
        session.out.append(response.text or "")
        session.err.append(response.stderr)
        session.code = int(response.headers.get("Exit-Code", "0"))
        return
    seen = see_main(watch, container, 0, watch.moment().now)
    session.show(seen)
    session.code = seen.code or 0


def _start_failed(session: Session, parsed: Parsed, error: ApiError) -> None:
    """Odd on purpose: 20.10 points to its help when create fails, not when start does.

    28 does it for both.
    """
    code = _start_code(error.text)
    if session.cli is Cli.V28:
        _fail(session, parsed, error, code)
        return
    session.explain(error)
    session.complain(f"docker: Error response from daemon: {error.text}.", code)


def _start_code(text: str) -> int:
    """126 and 127 are the shell's codes for "cannot run" and "not found"."""
    if "executable file not found" in text or "no such file or directory" in text:
        return 127
    return 126 if "permission denied" in text else 125


def _fail(session: Session, parsed: Parsed, error: ApiError, code: int) -> None:
    session.explain(error)
    text = f"Error response from daemon: {error.text}"
    session.err.append(failure(text, parsed.spelling, session.cli, code))
    session.code = code
