"""`docker ps`, `images`, `network ls` and `volume ls`: the tables.

Docker's source: docker/cli, ``cli/command/formatter``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from minidock.client.images import show_images
from minidock.client.session import Session, filters_query
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.model.document import Document, freeze, thaw
from minidock.ports.listing import ps_ports
from minidock.views.durations import clock_text, human_duration, parse_timestamp
from minidock.views.gotemplate import TemplateError
from minidock.views.sizes import human_size
from minidock.views.tables import listing

__all__ = ["containers", "images", "networks", "print_table", "volumes"]

_SECOND = 1_000_000_000


def _documents(value: object) -> list[Document]:
    frozen = freeze(value)
    if not isinstance(frozen, tuple):
        return []
    return [item for item in frozen if isinstance(item, Document)]


def _short(identifier: str, *, whole: bool) -> str:
    return identifier if whole else identifier.removeprefix("sha256:")[:12]


def _ellipsis(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _labels(document: Document) -> str:
    labels = document.document("Labels")
    return ",".join(f"{key}={labels.text(key)}" for key in labels)


def _label(document: Document) -> Callable[[str], str]:
    """The method that a format calls: ``{{.Label "env"}}``."""
    labels = document.document("Labels")
    return labels.text


def print_table(
    session: Session,
    parsed: Parsed,
    default: str,
    rows: list[dict[str, object]],
    headers: Mapping[str, str],
    *,
    kind: str = "",
    raw: str = "",
) -> None:
    """Print the rows; ``raw`` is what ``--format raw`` stands for."""
    form = parsed.text("format")
    identity = "{{.Name}}" if "ID" not in headers else "{{.ID}}"
    if form in {"", "table"}:
        form = identity if parsed.flag("quiet") else default
    elif form == "raw" and raw:
        form = raw.partition("\n")[0] if parsed.flag("quiet") else raw
    modern = session.cli is Cli.V28
    session.out.append(
        listing(
            form,
            rows,
            headers,
            kind=kind,
            json_word=modern,
            minimum=session.terminal.column,
        )
    )


def _names(document: Document, *, whole: bool) -> str:
    names = [name.removeprefix("/") for name in document.texts("Names")]
    shown = names if whole else [name for name in names if "/" not in name]
    return ",".join(shown)


_CONTAINER_HEADERS = {
    "ID": "CONTAINER ID",
    "Names": "NAMES",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "CreatedAt": "CREATED AT",
    "RunningFor": "CREATED",
    "Ports": "PORTS",
    "State": "STATE",
    "Status": "STATUS",
    "Size": "SIZE",
    "Labels": "LABELS",
    "Mounts": "MOUNTS",
    "LocalVolumes": "LOCAL VOLUMES",
    "Networks": "NETWORKS",
}


def _image(item: Document, *, whole: bool) -> str:
    """The image's name; an id, where the name means another image now, is cut."""
    name, identifier = item.text("Image"), item.text("ImageID")
    if name == identifier or identifier.startswith(f"sha256:{name or '-'}"):
        return _short(name, whole=whole)
    return name or "<no image>"


def _container_row(
    session: Session, item: Document, *, whole: bool
) -> dict[str, object]:
    created = item.number("Created") * _SECOND
    command = item.text("Command")
    ports = thaw(item.get("Ports"))
    entries = (
        [e for e in ports if isinstance(e, dict)] if isinstance(ports, list) else []
    )
    networks = item.document("NetworkSettings").document("Networks")
    row: dict[str, object] = {
        "ID": _short(item.text("Id"), whole=whole),
        "Names": _names(item, whole=whole),
        "Image": _image(item, whole=whole),
        "Command": f'"{command if whole else _ellipsis(command, 20)}"',
        "CreatedAt": clock_text(created),
        "RunningFor": human_duration(session.terminal.now - created) + " ago",
        "Ports": ps_ports(entries, session.texts),
        "State": item.text("State"),
        "Status": item.text("Status"),
        "Size": f"0B (virtual {human_size(item.number('SizeRootFs'), 3)})",
        "Labels": _labels(item),
        "Mounts": _mounts(item, whole=whole),
        "LocalVolumes": str(len(_local_volumes(item))),
        "Networks": ",".join(networks),
        "Label": _label(item),
    }
    # 28 lists the field of a newer engine; an older one does not fill it.
    return {**row, "Platform": None} if session.cli is Cli.V28 else row


def _mounted(item: Document) -> list[Document]:
    mounts = item.get("Mounts")
    found = mounts if isinstance(mounts, tuple) else ()
    return [mount for mount in found if isinstance(mount, Document)]


def _mounts(item: Document, *, whole: bool) -> str:
    names = [m.text("Name") or m.text("Source") for m in _mounted(item)]
    return ",".join(name if whole else _ellipsis(name, 15) for name in names)


def _local_volumes(item: Document) -> list[Document]:
    return [m for m in _mounted(item) if m.text("Driver") == "local"]


_RAW_CONTAINER = (
    "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\n"
    "created_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\n"
    "status: {{- pad .Status 1 0}}\nnames: {{.Names}}\n"
    "labels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n"
)
_RAW_NETWORK = (
    "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n"
)


def containers(session: Session, parsed: Parsed) -> None:
    """`docker ps`: newest first."""
    query = filters_query(parsed)
    if parsed.flag("all"):
        query["all"] = "1"
    last = 1 if parsed.flag("latest") else parsed.number("last")
    if last > 0:
        query["limit"] = str(last)
    form = parsed.text("format")
    if parsed.flag("size") or ".Size" in form or form == "json" or "json ." in form:
        query["size"] = "1"
    whole = parsed.flag("no-trunc")
    found = _documents(session.call("GET", "/containers/json", query=query).body)
    rows = [_container_row(session, item, whole=whole) for item in found]
    default = (
        "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
        "{{.Ports}}\t{{.Names}}"
    )
    if parsed.flag("size"):
        default += "\t{{.Size}}"
    if parsed.flag("quiet") and parsed.text("format") and session.cli is Cli.V28:
        session.err.append(_FORMAT_IGNORED)
        for row in rows:
            session.print(str(row["ID"]))
        return
    try:
        print_table(
            session,
            parsed,
            default,
            rows,
            _CONTAINER_HEADERS,
            kind="*formatter.ContainerContext",
            raw=_RAW_CONTAINER,
        )
    except TemplateError as error:
        # `docker ps` tries the format before it asks for the list.
        session.why.append(error.explain())
        session.complain(f"failed to execute template: {error.detail}")


_FORMAT_IGNORED = (
    "WARNING: Ignoring custom format, because both --format and --quiet are set.\n"
)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Runs of digits count as numbers: v6only stands before v64."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(p), p) if p.isdigit() else (1, 0, p) for p in parts if p]


def networks(session: Session, parsed: Parsed) -> None:
    """`docker network ls`: by name."""
    whole = parsed.flag("no-trunc")
    found = _documents(
        session.call("GET", "/networks", query=filters_query(parsed)).body
    )
    found.sort(key=lambda item: _natural(item.text("Name")))
    rows: list[dict[str, object]] = [
        {
            "ID": _short(item.text("Id"), whole=whole),
            "Name": item.text("Name"),
            "Driver": item.text("Driver"),
            "Scope": item.text("Scope"),
            "IPv6": str(item.flag("EnableIPv6")).lower(),
            "Internal": str(item.flag("Internal")).lower(),
            "Labels": _labels(item),
            "CreatedAt": clock_text(parse_timestamp(item.text("Created"))),
            "Label": _label(item),
        }
        | _ipv4(session, item)
        for item in found
    ]
    headers = {
        "ID": "NETWORK ID",
        "IPv4": "IPV4",
        "Name": "NAME",
        "Driver": "DRIVER",
        "Scope": "SCOPE",
        "IPv6": "IPV6",
        "Internal": "INTERNAL",
        "Labels": "LABELS",
        "CreatedAt": "CREATED AT",
    }
    default = "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}"
    print_table(
        session,
        parsed,
        default,
        rows,
        headers,
        kind="*network.networkContext",
        raw=_RAW_NETWORK,
    )


def _ipv4(session: Session, item: Document) -> dict[str, object]:
    """A column of 28; an engine that does not say counts as "no"."""
    if session.cli is Cli.V20:
        return {}
    return {"IPv4": str(item.flag("EnableIPv4")).lower()}


def images(session: Session, parsed: Parsed) -> None:
    """`docker images`: newest first, a line for each reference."""
    wanted = [f"reference={name}" for name in parsed.arguments]
    options = {**parsed.options, "filter": (*parsed.texts("filter"), *wanted)}
    query = filters_query(replace(parsed, options=options))
    if parsed.flag("all"):
        query["all"] = "1"
    found = _documents(session.call("GET", "/images/json", query=query).body)
    show_images(session, parsed, found)


def volumes(session: Session, parsed: Parsed) -> None:
    """`docker volume ls`: by name."""
    body = freeze(session.get("/volumes"))
    found = body.get("Volumes") if isinstance(body, Document) else ()
    rows: list[dict[str, object]] = [
        {
            "Name": item.text("Name"),
            "Driver": item.text("Driver"),
            "Scope": item.text("Scope"),
            "Mountpoint": item.text("Mountpoint"),
        }
        for item in (found if isinstance(found, tuple) else ())
        if isinstance(item, Document)
    ]
    headers = {
        "Name": "VOLUME NAME",
        "Driver": "DRIVER",
        "Scope": "SCOPE",
        "Mountpoint": "MOUNTPOINT",
    }
    print_table(session, parsed, "table {{.Driver}}\t{{.Name}}", rows, headers)
