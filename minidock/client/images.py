"""`docker pull`, `tag`, `rmi`, `history`, `search`, `images`, `image prune`.

```
docker pull nginx ──▶ POST images/create?fromImage=docker.io/library/nginx&tag=latest
                                          20.10 sends the short name, nginx
        printed: every status of the stream but those with a progress bar, which only
        a terminal can draw over; then the name in full
```

Docker's source: docker/cli, ``cli/command/image``, ``cli/command/registry`` and
``cli/command/formatter``.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from minidock.client.session import ApiError, Session
from minidock.commandline.grammar import Parsed
from minidock.commandline.reference import Reference, read_reference
from minidock.commandline.refusal import Cli, CommandRefusal
from minidock.model.document import Document, freeze
from minidock.views.durations import SECOND, clock_text, human_duration, timestamp
from minidock.views.gojson import dumps
from minidock.views.sizes import human_size
from minidock.views.tables import listing

__all__ = [
    "history",
    "prune",
    "pull",
    "pull_reference",
    "remove",
    "search",
    "show_images",
    "tag",
]

_YEAR_2000 = 946_684_800
"""Docker shows no age for a line of history that claims to be older."""
_IMAGE_HEADERS = {
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "Digest": "DIGEST",
    "ID": "IMAGE ID",
    "CreatedSince": "CREATED",
    "CreatedAt": "CREATED AT",
    "Size": "SIZE",
    "VirtualSize": "SIZE",
    "SharedSize": "SHARED SIZE",
    "UniqueSize": "UNIQUE SIZE",
    "Containers": "CONTAINERS",
}


def _documents(value: object) -> list[Document]:
    frozen = freeze(value)
    if not isinstance(frozen, tuple):
        return []
    return [item for item in frozen if isinstance(item, Document)]


def _path(name: str, action: str = "") -> str:
    return f"/images/{quote(name, safe='/:@')}{action}"


def _read(text: str, cli: Cli, prefix: str = "") -> Reference:
    """The full name of what was typed.

    Raises:
        CommandRefusal: it names no image.
    """
    try:
        return read_reference(text, cli)
    except ValueError as error:
        raise CommandRefusal(f"{prefix}{error}\n", asked=f"the image {text}") from None


def _name(session: Session, read: Reference) -> str:
    return read.familiar if session.cli is Cli.V20 else read.name


def pull_reference(
    session: Session, reference: str, *, quiet: bool = False, to_stderr: bool = False
) -> str:
    """Pull an image and show its progress; gives the reference's long form."""
    read = _read(reference, session.cli)
    version = read.digest or read.tag or "latest"
    _pull(session, read, version, quiet=quiet, to_stderr=to_stderr)
    return read.name + ("@" if read.digest else ":") + version


def _pull(
    session: Session, read: Reference, version: str, *, quiet: bool, to_stderr: bool
) -> None:
    query = {"fromImage": _name(session, read)}
    if version:
        query["tag"] = version
    response = session.call("POST", "/images/create", query=query)
    lines = _documents(response.lines or ())
    shown = session.err if to_stderr else session.out
    for line in lines if not quiet else []:
        if not line.text("progress"):
            lead = f"{line.text('id')}: " if line.text("id") else ""
            shown.append(f"{lead}{line.text('status')}\n")


def pull(session: Session, parsed: Parsed) -> None:
    """`docker pull`."""
    reference, quiet = parsed.arguments[0], parsed.flag("quiet")
    read = _read(reference, session.cli)
    if parsed.flag("all-tags"):
        if read.tag or read.digest:
            raise CommandRefusal("tag can't be used with --all-tags/-a\n")
        _pull(session, read, "", quiet=quiet, to_stderr=False)
        session.print(read.name)
        return
    if not (quiet or read.tag or read.digest):
        session.print("Using default tag: latest")
    session.print(pull_reference(session, reference, quiet=quiet))


def tag(session: Session, parsed: Parsed) -> None:
    """`docker tag`: prints nothing when it went through."""
    source, target = parsed.arguments
    lead = 'Error parsing reference: "{}" is not a valid repository/tag: '
    try:
        read_reference(source, session.cli, ids=True)
    except ValueError as error:
        raise CommandRefusal(f"{lead.format(source)}{error}\n") from None
    read = _read(target, session.cli, lead.format(target))
    if read.digest:
        raise CommandRefusal("refusing to create a tag with a digest reference\n")
    query = {"repo": _name(session, read), "tag": read.tag or "latest"}
    session.call("POST", _path(source, "/tag"), query=query)


def remove(session: Session, parsed: Parsed) -> None:
    """`docker rmi`: what was untagged and deleted, a line each, then the refusals.

    By force it is no failure that an image is not there, but it is still said.
    """
    forced = parsed.flag("force")
    query = {"force": "1"} if forced else {}
    if parsed.flag("no-prune"):
        query["noprune"] = "1"
    refused: list[tuple[str, ApiError]] = []
    for name in parsed.arguments:
        try:
            answer = session.call("DELETE", _path(name), query=query)
        except ApiError as refusal:
            refused.append((name, refusal))
            continue
        for line in _documents(answer.body):
            for key in line:
                session.print(f"{key}: {line.text(key)}")
    fatal = not forced or any(error.status != 404 for _, error in refused)
    for name, error in refused:
        session.explain(error)
        text = f"Error response from daemon: {error.text}"
        if session.cli is Cli.V20 and error.status == 404:
            text = f"Error: No such image: {name}"
        session.complain(text, 1 if fatal else 0)


def _filters(*texts: str) -> dict[str, str]:
    filters: dict[str, dict[str, bool]] = {}
    for text in texts:
        key, _, value = text.partition("=")
        filters.setdefault(key.strip().lower(), {})[value.strip()] = True
    return {"filters": dumps(filters)} if filters else {}


def prune(session: Session, parsed: Parsed) -> None:
    """`docker image prune`; the question counts as answered with yes."""
    dangling = "false" if parsed.flag("all") else "true"
    query = _filters(*parsed.texts("filter"), f"dangling={dangling}")
    body = freeze(session.call("POST", "/images/prune", query=query).body)
    report = body if isinstance(body, Document) else Document()
    deleted = _documents(report.get("ImagesDeleted"))
    if deleted:
        session.print("Deleted Images:")
        for line in deleted:
            for key in line:
                session.print(f"{key.lower()}: {line.text(key)}")
        session.print("")
    freed = human_size(report.number("SpaceReclaimed"), 4)
    session.print(f"Total reclaimed space: {freed}")


def history(session: Session, parsed: Parsed) -> None:
    """`docker history`: newest layer first."""
    lines = _documents(session.get(_path(parsed.arguments[0], "/history")))
    human, whole = parsed.flag("human"), parsed.flag("no-trunc")
    now = session.terminal.now
    rows = [_history_row(line, now, human=human, whole=whole) for line in lines]
    headers = {
        "ID": "IMAGE",
        "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT",
        "CreatedBy": "CREATED BY",
        "Size": "SIZE",
        "Comment": "COMMENT",
    }
    form = parsed.text("format") or "table"
    if form == "table":
        when = "{{.CreatedSince}}" if human else "{{.CreatedAt}}"
        form = f"table {{{{.ID}}}}\t{when}\t{{{{.CreatedBy}}}}\t{{{{.Size}}}}\t"
        form += "{{.Comment}}"
        form = "{{.ID}}" if parsed.flag("quiet") else form
    _show(session, form, rows, headers, "*image.historyContext")


def _show(
    session: Session,
    form: str,
    rows: list[dict[str, object]],
    headers: Mapping[str, str],
    kind: str,
) -> None:
    session.out.append(
        listing(
            form,
            rows,
            headers,
            kind=kind,
            json_word=session.cli is Cli.V28,
            minimum=session.terminal.column,
        )
    )


def _history_row(
    line: Document, now: int, *, human: bool, whole: bool
) -> dict[str, object]:
    created, size = line.number("Created"), line.number("Size")
    by = line.text("CreatedBy").replace("\t", " ")
    at = timestamp(created * SECOND)
    since = human_duration(now - created * SECOND) + " ago"
    return {
        "ID": line.text("Id")
        if whole
        else line.text("Id").removeprefix("sha256:")[:12],
        "CreatedSince": (since if created > _YEAR_2000 else "") if human else at,
        "CreatedAt": at,
        "CreatedBy": by if whole else _ellipsis(by, 45),
        "Size": human_size(size, 3) if human else str(size),
        "Comment": line.text("Comment"),
    }


def _ellipsis(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def search(session: Session, parsed: Parsed) -> None:
    """`docker search`: the catalogue's images with that word."""
    query = {"term": parsed.arguments[0]}
    if session.cli is Cli.V20 or parsed.number("limit") > 0:
        query["limit"] = str(parsed.number("limit"))
    query |= _filters(*parsed.texts("filter"))
    form = parsed.text("format")
    columns = ["Name", "Description", "StarCount", "IsOfficial"]
    if session.cli is Cli.V20:
        columns.append("IsAutomated")
    if form in {"", "table"}:
        form = "table " + "\t".join(f"{{{{.{column}}}}}" for column in columns)
    marks = ("true", "false") if form == "json" or "json ." in form else ("[OK]", "")
    found = _documents(session.call("GET", "/images/search", query=query).body)
    if session.cli is Cli.V20:
        found.sort(key=lambda row: -row.number("star_count"))
    whole = parsed.flag("no-trunc")
    rows = [_search_row(row, columns, marks, whole=whole) for row in found]
    headers = {
        "Name": "NAME",
        "Description": "DESCRIPTION",
        "StarCount": "STARS",
        "IsOfficial": "OFFICIAL",
        "IsAutomated": "AUTOMATED",
    }
    headers = {column: headers[column] for column in columns}
    _show(session, form, rows, headers, "*registry.searchContext")


def _search_row(
    row: Document, columns: list[str], marks: tuple[str, str], *, whole: bool
) -> dict[str, object]:
    yes, no = marks
    text = row.text("description").replace("\n", " ").replace("\r", " ")
    cells: dict[str, object] = {
        "Name": row.text("name"),
        "Description": text if whole else _ellipsis(text, 45),
        "StarCount": str(row.number("star_count")),
        "IsOfficial": yes if row.flag("is_official") else no,
        "IsAutomated": yes if row.flag("is_automated") else no,
    }
    return {column: cells[column] for column in columns}


def show_images(session: Session, parsed: Parsed, items: Iterable[Document]) -> None:
    """Print the engine's list of images as `docker images` does."""
    form, digests = _image_format(parsed), parsed.flag("digests")
    rows = _image_rows(
        items,
        session.terminal.now,
        whole=parsed.flag("no-trunc"),
        digests=digests or "{{.Digest}}" in form,
    )
    _show(session, form, list(rows), _IMAGE_HEADERS, "*formatter.imageContext")


def _image_format(parsed: Parsed) -> str:
    form, digests = parsed.text("format") or "table", parsed.flag("digests")
    if form == "table":
        digest = "{{.Digest}}\t" if digests else ""
        form = (
            f"table {{{{.Repository}}}}\t{{{{.Tag}}}}\t{digest}{{{{.ID}}}}\t"
            "{{.CreatedSince}}\t{{.Size}}"
        )
        return "{{.ID}}" if parsed.flag("quiet") else form
    if form == "raw":
        digest = "digest: {{.Digest}}\n" if digests else ""
        form = (
            f"repository: {{{{.Repository}}}}\ntag: {{{{.Tag}}}}\n{digest}"
            "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n"
        )
        return "image_id: {{.ID}}" if parsed.flag("quiet") else form
    if form.startswith("table") and digests and "{{.Digest}}" not in form:
        form += "\t{{.Digest}}"
    return form


def _image_rows(
    items: Iterable[Document], now: int, *, whole: bool, digests: bool
) -> Iterator[dict[str, object]]:
    """The rows of `docker images`: one for each tag, and each repository without one.

    Args:
        items: the engine's list.
        now: the caller's clock.
        whole: whether ids are shown in full.
        digests: whether a tag is shown once for each digest of its repository.
    """
    for item in items:
        created = item.number("Created") * SECOND
        size, shared = item.number("Size"), item.number("SharedSize")
        count = item.number("Containers")
        identifier = item.text("Id")
        for repository, tag_text, digest in _names(item, digests=digests):
            yield {
                "Repository": repository,
                "Tag": tag_text,
                "Digest": digest,
                "ID": identifier if whole else identifier.removeprefix("sha256:")[:12],
                "CreatedSince": human_duration(now - created) + " ago",
                "CreatedAt": clock_text(created),
                "Size": human_size(size, 3),
                "VirtualSize": human_size(size, 4),
                "SharedSize": "N/A" if shared < 0 else human_size(shared, 4),
                "UniqueSize": "N/A" if shared < 0 else human_size(size - shared, 4),
                "Containers": "N/A" if count < 0 else str(count),
            }


def _names(item: Document, *, digests: bool) -> Iterator[tuple[str, str, str]]:
    """Repository, tag and digest of each row; ``<none>`` for what there is not."""
    tags = [t for t in item.texts("RepoTags") if t != "<none>:<none>"]
    pairs = [d.split("@") for d in item.texts("RepoDigests") if d != "<none>@<none>"]
    if not tags and not pairs:
        yield "<none>", "<none>", "<none>"
    tagged = set()
    for reference in tags:
        repository, _, tag_text = reference.rpartition(":")
        tagged.add(repository)
        own = [digest for name, digest in pairs if name == repository]
        for digest in (own if digests else []) or ["<none>"]:
            yield repository, tag_text, digest
    for repository, digest in pairs:
        if repository not in tagged:
            # Odd on purpose: what is not shown is empty here, not "<none>".
            yield repository, "<none>", digest if digests else ""
