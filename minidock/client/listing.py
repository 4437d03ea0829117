"""`docker ps`, `images`, `network ls` and `volume ls`: the tables.

Docker's source: docker/cli, ``cli/command/formatter``.
"""

import re
from collections.abc import Mapping

from minidock.client.session import Session
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.model.document import Document, freeze, thaw
from minidock.ports.listing import ps_ports
from minidock.views.durations import clock_text, human_duration, parse_timestamp
from minidock.views.gojson import dumps
from minidock.views.sizes import human_size
from minidock.views.tables import listing

__all__ = ["containers", "images", "networks", "volumes"]

_SECOND = 1_000_000_000


def _documents(value: object) -> list[Document]:
    frozen = freeze(value)
    if not isinstance(frozen, tuple):
        return []
    return [item for item in frozen if isinstance(item, Document)]


def _filters(parsed: Parsed) -> dict[str, str]:
    values: dict[str, dict[str, bool]] = {}
    for text in parsed.texts("filter"):
        key, _, value = text.partition("=")
        values.setdefault(key.strip().lower(), {})[value.strip()] = True
    return {"filters": dumps(values)} if values else {}


def _short(identifier: str, *, whole: bool) -> str:
    return identifier if whole else identifier.removeprefix("sha256:")[:12]


def _ellipsis(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _labels(document: Document) -> str:
    labels = document.document("Labels")
    return ",".join(f"{key}={labels.text(key)}" for key in labels)


def _print(
    session: Session,
    parsed: Parsed,
    default: str,
    rows: list[dict[str, object]],
    headers: Mapping[str, str],
) -> None:
    form = parsed.text("format")
    if form in {"", "table"}:
        form = default
    if parsed.flag("quiet"):
        form = "{{.Name}}" if "ID" not in headers else "{{.ID}}"
    modern = session.cli is Cli.V28
    session.out.append(listing(form, rows, headers, json_word=modern))


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


def _container_row(session: Session, item: Document, *, whole: bool) -> dict[str, object]:
    created = item.number("Created") * _SECOND
    command = item.text("Command")
    ports = thaw(item.get("Ports"))
    entries = [e for e in ports if isinstance(e, dict)] if isinstance(ports, list) else []
    networks = item.document("NetworkSettings").document("Networks")
    return {
        "ID": _short(item.text("Id"), whole=whole),
        "Names": _names(item, whole=whole),
        "Image": item.text("Image") or "<no image>",
        "Command": f'"{command if whole else _ellipsis(command, 20)}"',
        "CreatedAt": clock_text(created),
        "RunningFor": human_duration(session.terminal.now - created) + " ago",
        "Ports": ps_ports(entries, session.texts),
        "State": item.text("State"),
        "Status": item.text("Status"),
        "Size": "0B (virtual 0B)",
        "Labels": _labels(item),
        "Mounts": "",
        "LocalVolumes": "0",
        "Networks": ",".join(networks),
    }


def containers(session: Session, parsed: Parsed) -> None:
    """`docker ps`: newest first."""
    query = _filters(parsed)
    if parsed.flag("all"):
        query["all"] = "1"
    last = 1 if parsed.flag("latest") else parsed.number("last")
    if last > 0:
        query["limit"] = str(last)
    whole = parsed.flag("no-trunc")
    found = _documents(session.call("GET", "/containers/json", query=query).body)
    rows = [_container_row(session, item, whole=whole) for item in found]
    default = (
        "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
        "{{.Ports}}\t{{.Names}}"
    )
    if parsed.flag("size"):
        default += "\t{{.Size}}"
    _print(session, parsed, default, rows, _CONTAINER_HEADERS)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Runs of digits count as numbers: v6only stands before v64."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(p), p) if p.isdigit() else (1, 0, p) for p in parts if p]


def networks(session: Session, parsed: Parsed) -> None:
    """`docker network ls`: by name."""
    whole = parsed.flag("no-trunc")
    found = _documents(session.call("GET", "/networks", query=_filters(parsed)).body)
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
        }
        for item in found
    ]
    headers = {
        "ID": "NETWORK ID",
        "Name": "NAME",
        "Driver": "DRIVER",
        "Scope": "SCOPE",
        "IPv6": "IPV6",
        "Internal": "INTERNAL",
        "Labels": "LABELS",
        "CreatedAt": "CREATED AT",
    }
    default = "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}"
    _print(session, parsed, default, rows, headers)


def images(session: Session, parsed: Parsed) -> None:
    """`docker images`: newest first, a line for each reference."""
    query = _filters(parsed)
    if parsed.arguments:
        query["filters"] = dumps({"reference": {parsed.arguments[0]: True}})
    whole = parsed.flag("no-trunc")
    rows: list[dict[str, object]] = []
    for item in _documents(session.call("GET", "/images/json", query=query).body):
        created = item.number("Created") * _SECOND
        for reference in item.texts("RepoTags") or ("<none>:<none>",):
            repository, _, tag = reference.rpartition(":")
            rows.append(
                {
                    "Repository": repository,
                    "Tag": tag,
                    "Digest": "<none>",
                    "ID": item.text("Id") if whole else _short(item.text("Id"), whole=False),
                    "CreatedSince": human_duration(session.terminal.now - created)
                    + " ago",
                    "CreatedAt": clock_text(created),
                    "Size": human_size(item.number("Size"), 3),
                }
            )
    headers = {
        "Repository": "REPOSITORY",
        "Tag": "TAG",
        "Digest": "DIGEST",
        "ID": "IMAGE ID",
        "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT",
        "Size": "SIZE",
    }
    digest = "{{.Digest}}\t" if parsed.flag("digests") else ""
    default = (
        f"table {{{{.Repository}}}}\t{{{{.Tag}}}}\t{digest}{{{{.ID}}}}\t"
        "{{.CreatedSince}}\t{{.Size}}"
    )
    _print(session, parsed, default, rows, headers)


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
    _print(session, parsed, "table {{.Driver}}\t{{.Name}}", rows, headers)
