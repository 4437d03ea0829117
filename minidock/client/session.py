"""One docker command under way: where it sends, and what it has printed so far.

```
Session ── send ──▶ engine (Request ──▶ Response)
        ├─ out, err    what goes to the terminal
        └─ api         the version both sides speak
```

Docker's name: the *CLI* object (``cli/command``) and the API client (``client``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from minidock.api.http import Request, Response
from minidock.api.streams import Moment
from minidock.api.versions import parse_version
from minidock.client.watching import Seen, Watch
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.errors import Refusal
from minidock.model.document import Json
from minidock.ports.texts import CliTexts
from minidock.views.gojson import dumps

__all__ = [
    "MAX_API",
    "ApiError",
    "Output",
    "Send",
    "Session",
    "Stream",
    "Terminal",
    "filters_query",
]

Send = Callable[[Request], Response]

MAX_API = {Cli.V20: "1.41", Cli.V28: "1.51"}
"""The newest API version that each docker program speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where a command is typed: which docker program, and the caller's surroundings."""

    cli: Cli = Cli.V28
    now: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    read_file: Callable[[str], str] | None = None
    write_file: Callable[[str, bytes], None] | None = None
    stdin: bytes | None = None
    """What comes through a pipe; None where somebody sits at the keyboard."""
    piped: bool = True
    """Whether standard output takes bytes: it is no terminal."""
    folder: str = "/"
    watch: Watch | None = None
    """The engine's clock, for who waits for a program; None: nobody waits."""
    moment: Callable[[], Moment] | None = None
    """What a stream sees now: `docker events` reads what there is."""
    column: int = 10
    """The least width of a table's column: 20 in docker 17.12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What docker printed, and its exit code.

    ``print(output)`` shows it as a terminal would; in a notebook or at a prompt the
    output shows itself. ``why`` explains a refusal: what was asked, which rule refused,
    what would work.
    """

    stdout: str = ""
    stderr: str = ""
    code: int = 0
    why: str = ""
    transcript: str = ""
    """Both streams in the order in which they were written."""

    def __str__(self) -> str:
        return (self.transcript or self.stdout + self.stderr).rstrip("\n")

    def __repr__(self) -> str:
        return str(self)

    @property
    def ok(self) -> bool:
        """Whether the command went through."""
        return self.code == 0


class ApiError(Exception):
    """The engine refused a request; the text is the engine's."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.message)
        self.status = response.status
        # docker trims what it prints: some of the engine's texts end in a space
        self.text = response.message.strip()
        self.refusal: Refusal | None = response.refusal
        self.thing: tuple[str, str] | None = None
        """Kind and name of what was asked for, where docker has words of its own."""


class Stream:
    """Standard output or standard error; both also write into one transcript."""

    def __init__(self, transcript: list[str]) -> None:
        self._transcript = transcript
        self._pieces: list[str] = []

    def append(self, text: str) -> None:
        """Write a piece of text."""
        self._pieces.append(text)
        self._transcript.append(text)

    def extend(self, pieces: Iterable[str]) -> None:
        """Write several pieces of text."""
        for piece in pieces:
            self.append(piece)

    def __str__(self) -> str:
        return "".join(self._pieces)


class Session:
    """A command's way to the engine, and its two streams."""

    def __init__(self, send: Send, terminal: Terminal) -> None:
        self.send = send
        self.terminal = terminal
        self.transcript: list[str] = []
        self.out = Stream(self.transcript)
        self.err = Stream(self.transcript)
        self.code = 0
        self.why: list[str] = []
        self.api = ""

    @property
    def cli(self) -> Cli:
        """Which docker program this is."""
        return self.terminal.cli

    @property
    def texts(self) -> CliTexts:
        """The program's generation, as the ports wing names it."""
        return CliTexts(self.terminal.cli.value)

    def negotiate(self) -> None:
        """Agree on the older of the two sides' newest API versions.

        DOCKER_API_VERSION decides alone, whatever the engine says.
        """
        asked = self.terminal.environment.get("DOCKER_API_VERSION", "")
        if asked:
            self.api = asked.removeprefix("v")
            return
        response = self.send(Request(method="HEAD", path="/_ping"))
        theirs = response.headers.get("Api-Version", "1.24")
        self.api = min(theirs, MAX_API[self.cli], key=parse_version)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        data: bytes = b"",
        pairs: tuple[tuple[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
        thing: tuple[str, str] | None = None,
    ) -> Response:
        """Send a request in the agreed version.

        ``pairs`` is a query in which a name comes more than once.

        ``thing`` is kind and name of what it is about, such as ``("network", "mnet")``:
        some commands of docker 20.10 say in their own words that it is missing.

        Raises:
            ApiError: the engine refused it.
        """
        request = Request(
            method=method,
            path=f"/v{self.api}{path}",
            query=query or dict(pairs),
            body=body,
            data=data,
            pairs=pairs,
            headers=headers or {},
        )
        response = self.send(request)
        if response.status >= 400:
            error = ApiError(response)
            error.thing = thing
            raise error
        return response

    def get(self, path: str, *, thing: tuple[str, str] | None = None) -> Json:
        """The JSON that a GET answers."""
        return self.call("GET", path, thing=thing).body

    def refusal_line(self, error: ApiError) -> str:
        """An engine's refusal as docker words it."""
        if error.thing and error.status == 404 and self.cli is Cli.V20:
            kind, name = error.thing
            return f"Error: No such {kind}: {name}"
        return f"Error response from daemon: {error.text}"

    def print(self, line: str) -> None:
        """A line for standard output."""
        self.out.append(line + "\n")

    def show(self, seen: Seen) -> None:
        """What a program wrote, in its order."""
        for stream, text in seen.pieces:
            (self.out if stream == "stdout" else self.err).append(text)

    def complain(self, line: str, code: int = 1) -> None:
        """A line for standard error, and the exit code that goes with it."""
        self.err.append(line + "\n")
        self.code = code

    def daemon_error(self, error: ApiError, code: int = 1) -> None:
        """The engine's refusal as docker prints it."""
        self.explain(error)
        self.complain(self.refusal_line(error), code)

    def explain(self, error: ApiError) -> None:
        """Keep the reasons of a refusal for ``why``."""
        if error.refusal is not None:
            self.why.append(error.refusal.explain())

    def output(self) -> Output:
        """What the command printed in all."""
        return Output(
            stdout=str(self.out),
            stderr=str(self.err),
            code=self.code,
            why="\n".join(self.why),
            transcript="".join(self.transcript),
        )


def filters_query(parsed: Parsed) -> dict[str, str]:
    """The query that carries a command's ``--filter`` options."""
    values: dict[str, dict[str, bool]] = {}
    for text in parsed.texts("filter"):
        key, _, value = text.partition("=")
        values.setdefault(key.strip().lower(), {})[value.strip()] = True
    return {"filters": dumps(values)} if values else {}
