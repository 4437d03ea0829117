"""`docker pull`, `tag`, `rmi`, `history` and `search`.

Docker's source: docker/cli, ``cli/command/image`` and ``cli/command/registry``.
"""


from minidock.client.session import ApiError, Session
from minidock.commandline.grammar import Parsed
from minidock.model.document import Document, freeze
from minidock.views.durations import human_duration
from minidock.views.sizes import human_size
from minidock.views.tables import listing

__all__ = ["history", "pull", "pull_reference", "remove", "search", "tag"]


def _documents(value: object) -> list[Document]:
    frozen = freeze(value)
    if not isinstance(frozen, tuple):
        return []
    return [item for item in frozen if isinstance(item, Document)]


def _split(reference: str) -> tuple[str, str]:
    head, colon, last = reference.rpartition(":")
    return (head, last) if colon and "/" not in last else (reference, "latest")


def _long_name(name: str) -> str:
    if "/" not in name:
        return f"docker.io/library/{name}"
    first = name.partition("/")[0]
    return name if "." in first or ":" in first else f"docker.io/{name}"


def pull_reference(
    session: Session, reference: str, *, quiet: bool = False, to_stderr: bool = False
) -> str:
    """Pull an image and show its progress; gives the reference's long form."""
    name, tag_text = _split(reference)
    query = {"fromImage": _long_name(name), "tag": tag_text}
    lines = _documents(session.call("POST", "/images/create", query=query).body)
    shown = session.err if to_stderr else session.out
    for line in lines if not quiet else []:
        lead = f"{line.text('id')}: " if line.text("id") else ""
        shown.append(f"{lead}{line.text('status')}\n")
    return f"{_long_name(name)}:{tag_text}"


def pull(session: Session, parsed: Parsed) -> None:
    """`docker pull`."""
    reference = parsed.arguments[0]
    quiet = parsed.flag("quiet")
    if not quiet and ":" not in reference.rpartition("/")[2]:
        session.print("Using default tag: latest")
    long_form = pull_reference(session, reference, quiet=quiet)
    session.print(long_form)


def tag(session: Session, parsed: Parsed) -> None:
    """`docker tag`: prints nothing when it went through."""
    source, target = parsed.arguments
    name, tag_text = _split(target)
    if name != name.lower():
        shown = name if "/" in name else f"library/{name}"
        session.complain(
            f'Error parsing reference: "{target}" is not a valid repository/tag: '
            "invalid reference format: repository name "
            f"({shown}) must be lowercase"
        )
        return
    query = {"repo": name, "tag": tag_text}
    session.call("POST", f"/images/{source}/tag", query=query)


def remove(session: Session, parsed: Parsed) -> None:
    """`docker rmi`: what was untagged and deleted, a line each."""
    forced = parsed.flag("force")
    query = {"force": "1"} if forced else {}
    for name in parsed.arguments:
        try:
            answer = session.call(
                "DELETE", f"/images/{name}", query=query
            )
        except ApiError as error:
            missing = forced and error.status == 404
            session.daemon_error(error, session.code if missing else 1)
            continue
        for line in _documents(answer.body):
            for key in line:
                session.print(f"{key}: {line.text(key)}")


def history(session: Session, parsed: Parsed) -> None:
    """`docker history`: newest layer first."""
    path = f"/images/{parsed.arguments[0]}/history"
    whole = parsed.flag("no-trunc")
    now = session.terminal.now
    rows = []
    for layer in _documents(session.get(path)):
        created = layer.number("Created") * 1_000_000_000
        by = layer.text("CreatedBy").replace("\t", " ")
        identifier = layer.text("Id")
        if not whole:
            by = by if len(by) <= 45 else by[:44] + "…"
            identifier = identifier.removeprefix("sha256:")[:12]
        rows.append(
            {
                "ID": identifier or "<missing>",
                "CreatedSince": human_duration(now - created) + " ago",
                "CreatedBy": by,
                "Size": human_size(layer.number("Size"), 3),
                "Comment": layer.text("Comment"),
            }
        )
    headers = {
        "ID": "IMAGE",
        "CreatedSince": "CREATED",
        "CreatedBy": "CREATED BY",
        "Size": "SIZE",
        "Comment": "COMMENT",
    }
    form = parsed.text("format") or (
        "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
    )
    if parsed.flag("quiet"):
        form = "{{.ID}}"
    session.out.append(listing(form, rows, headers))


def search(session: Session, parsed: Parsed) -> None:
    """`docker search`: the catalogue's images with that word."""
    query = {"term": parsed.arguments[0], "limit": "25"}
    rows = [
        {
            "Name": row.text("name"),
            "Description": row.text("description"),
            "StarCount": row.number("star_count"),
            "IsOfficial": "[OK]" if row.flag("is_official") else "",
        }
        for row in _documents(session.call("GET", "/images/search", query=query).body)
    ]
    headers = {
        "Name": "NAME",
        "Description": "DESCRIPTION",
        "StarCount": "STARS",
        "IsOfficial": "OFFICIAL",
    }
    form = parsed.text("format") or (
        "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}"
    )
    session.out.append(listing(form, rows, headers))
