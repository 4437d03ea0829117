"""Looking at a running container: its output, its processes, what it uses, its limits.

```
docker logs web      GET  /containers/web/logs      lines, to stdout and stderr
docker attach web    POST /containers/web/attach    what it writes from now on
docker top web       GET  /containers/web/top       a table
docker stats web     GET  /containers/web/stats     a table
docker update web    POST /containers/web/update    its name
```

The model does not wait: what would go on (`logs -f`, `attach`, `stats`) shows what
there is by now. Docker's source: docker/cli, ``cli/command/container``.
"""

from minidock.api.http import Response
from minidock.api.streams import STDERR
from minidock.client.events import engine_moment
from minidock.client.session import ApiError, Session
from minidock.commandline.grammar import Parsed
from minidock.commandline.operations import update_request
from minidock.commandline.refusal import Cli
from minidock.model.document import Document, freeze
from minidock.views.sizes import bytes_size, human_size
from minidock.views.tables import align, listing

__all__ = ["attach", "logs", "stats", "top", "update"]


def _document(value: object) -> Document:
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()


def _show(session: Session, response: Response) -> None:
    """What an answer's stream has by now, in the order in which it was written."""
    moment = session.terminal.moment
    if moment is None or response.stream is None:
        session.out.append(response.text or "")
        session.err.append(response.stderr)
        return
    for chunk in response.stream.read(moment()).chunks:
        to = session.err if chunk.output == STDERR else session.out
        to.append(chunk.data.decode(errors="replace").replace("\r\n", "\n"))


def logs(session: Session, parsed: Parsed) -> None:
    """`docker logs`: the lines of both outputs, each to its own."""
    query = {"stdout": "1", "stderr": "1", "tail": parsed.text("tail") or "all"}
    for key in ("follow", "timestamps", "details"):
        if parsed.flag(key):
            query[key] = "1"
    for key in ("since", "until"):
        if parsed.text(key):
            query[key] = engine_moment(session, parsed.text(key))
    name = parsed.arguments[0]
    thing = ("container", name)
    path = f"/containers/{name}/logs"
    _show(session, session.call("GET", path, query=query, thing=thing))


def attach(session: Session, parsed: Parsed) -> None:
    """`docker attach`: nobody types here, so it shows what comes at once and leaves."""
    name = parsed.arguments[0]
    shown = session.get(f"/containers/{name}/json", thing=("container", name))
    state = _document(shown).document("State")
    for holds, kind, remedy in (
        (not state.flag("Running"), "stopped", "start"),
        (state.flag("Paused"), "paused", "unpause"),
    ):
        if holds:
            text = f"cannot attach to a {kind} container, {remedy} it first"
            you = "You " if session.cli is Cli.V20 else ""
            session.complain(you + text)
            return
    if state.flag("Restarting"):
        you = "You " if session.cli is Cli.V20 else ""
        text = "cannot attach to a restarting container, wait until it is running"
        session.complain(you + text)
        return
    query = {"stream": "1", "stdout": "1", "stderr": "1"}
    _show(session, session.call("POST", f"/containers/{name}/attach", query=query))


def top(session: Session, parsed: Parsed) -> None:
    """`docker top CONTAINER [ps OPTIONS]`: a table with wide columns."""
    name, *options = parsed.arguments
    query = {"ps_args": " ".join(options)} if options else {}
    path = f"/containers/{name}/top"
    document = _document(session.call("GET", path, query=query).body)
    rows = [document.texts("Titles")]
    processes = document.get("Processes")
    if isinstance(processes, tuple):
        rows += [
            tuple(str(cell) for cell in row)
            for row in processes
            if isinstance(row, tuple)
        ]
    text = "".join("\t".join(row) + "\n" for row in rows)
    session.out.append(align(text, minimum=20))


def update(session: Session, parsed: Parsed) -> None:
    """`docker update`: the names of those that were changed."""
    body = update_request(parsed, session.cli)
    warnings: list[str] = []
    for name in parsed.arguments:
        try:
            answer = session.call("POST", f"/containers/{name}/update", body=body)
        except ApiError as error:
            session.daemon_error(error)
            continue
        session.print(name)
        warnings += _document(answer.body).texts("Warnings")
    for warning in warnings:
        session.print(warning)


# --- stats ----------------------------------------------------------------------------

_HEADERS = {
    "Container": "CONTAINER",
    "ID": "CONTAINER ID",
    "Name": "NAME",
    "CPUPerc": "CPU %",
    "MemUsage": "MEM USAGE / LIMIT",
    "MemPerc": "MEM %",
    "NetIO": "NET I/O",
    "BlockIO": "BLOCK I/O",
    "PIDs": "PIDS",
}
_TABLE = "table " + "\t".join(
    "{{.%s}}" % name  # noqa: UP031 - braces of a Go template
    for name in "ID Name CPUPerc MemUsage MemPerc NetIO BlockIO PIDs".split()
)


def stats(session: Session, parsed: Parsed) -> None:
    """`docker stats`: one reading of each container."""
    names = list(parsed.arguments)
    if not names:
        query = {"all": "1"} if parsed.flag("all") else {}
        found = session.call("GET", "/containers/json", query=query).body
        names = [_document(item).text("Id") for item in found or ()]  # type: ignore[union-attr]  # the API's list
    rows: list[dict[str, object]] = []
    for name in names:
        path = f"/containers/{name}/stats"
        try:
            answer = session.call("GET", path, query={"stream": "0"})
        except ApiError as error:
            session.daemon_error(error)
            continue
        rows.append(_row(_document(answer.body), name, whole=parsed.flag("no-trunc")))
    if rows or not session.code:
        form = parsed.text("format")
        session.out.append(
            listing(
                _TABLE if form in {"", "table"} else form,
                rows,
                _HEADERS,
                json_word=session.cli is Cli.V28,
                minimum=session.terminal.column,
            )
        )


def _row(shown: Document, name: str, *, whole: bool) -> dict[str, object]:
    memory = shown.document("memory_stats")
    inactive = memory.document("stats")
    cache = inactive.number("inactive_file") or inactive.number("total_inactive_file")
    used, limit = memory.number("usage") - cache, memory.number("limit")
    networks = shown.document("networks")
    received, sent = (
        sum(networks.document(card).number(key) for card in networks)
        for key in ("rx_bytes", "tx_bytes")
    )
    identity = shown.text("id")
    return {
        "Container": name,
        "ID": identity if whole else identity[:12],
        "Name": shown.text("name").removeprefix("/"),
        "CPUPerc": f"{_processor(shown):.2f}%",
        "MemUsage": f"{bytes_size(used)} / {bytes_size(limit)}",
        "MemPerc": f"{100 * used / limit if limit else 0:.2f}%",
        "NetIO": f"{human_size(received)} / {human_size(sent)}",
        "BlockIO": "0B / 0B",
        "PIDs": str(shown.document("pids_stats").number("current")),
    }


def _processor(shown: Document) -> float:
    """The share of one processor, in percent, since the reading before."""
    now, before = shown.document("cpu_stats"), shown.document("precpu_stats")
    used = now.document("cpu_usage").number("total_usage")
    used -= before.document("cpu_usage").number("total_usage")
    system = now.number("system_cpu_usage") - before.number("system_cpu_usage")
    if used <= 0 or system <= 0:
        return 0.0
    return 100 * used / system * now.number("online_cpus")
