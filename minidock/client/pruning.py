"""`docker volume prune`, `system prune` and `system df`.

```
docker system prune   containers, then networks, volumes on demand, images
docker system df      Images, Containers, Local Volumes, Build Cache: count and size
```

The question before a prune counts as answered with yes. Docker's source: docker/cli,
``cli/command/system`` and ``cli/command/formatter/disk_usage.go``.
"""

from collections.abc import Sequence

from minidock.client.session import Session, filters_query
from minidock.commandline.grammar import Parsed
from minidock.errors import InvalidParameter
from minidock.model.document import Document, freeze
from minidock.views.gojson import dumps
from minidock.views.sizes import human_size
from minidock.views.tables import listing

__all__ = ["disk_usage", "prune_all", "prune_volumes"]


def _document(value: object) -> Document:
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()


def _pruned(
    session: Session, kind: str, title: str, key: str, query: dict[str, str]
) -> int:
    """Prune one kind of things and print which went; how much room that made."""
    report = _document(session.call("POST", f"/{kind}/prune", query=query).body)
    names = [_named(item) for item in _items(report.get(key))]
    if names:
        session.print(f"Deleted {title}:")
        for name in names:
            session.print(name)
        session.print("")
    return report.number("SpaceReclaimed")


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple) else ()


def _named(item: object) -> str:
    if isinstance(item, Document):
        return "\n".join(f"{key.lower()}: {item.text(key)}" for key in item)
    return str(item)


def prune_volumes(session: Session, parsed: Parsed) -> None:
    """`docker volume prune`: those that nobody named, or all unused with ``--all``."""
    query = filters_query(parsed)
    if parsed.options.get("all"):
        filters = [text.partition("=")[::2] for text in parsed.texts("filter")]
        values: dict[str, dict[str, bool]] = {"all": {"true": True}}
        for key, value in filters:
            values.setdefault(key, {})[value] = True
        query = {"filters": dumps(values)}
    freed = _pruned(session, "volumes", "Volumes", "VolumesDeleted", query)
    session.print(f"Total reclaimed space: {human_size(freed, 4)}")


def prune_all(session: Session, parsed: Parsed) -> None:
    """`docker system prune`."""
    query = filters_query(parsed)
    freed = _pruned(session, "containers", "Containers", "ContainersDeleted", query)
    freed += _pruned(session, "networks", "Networks", "NetworksDeleted", query)
    if parsed.flag("volumes"):
        freed += _pruned(session, "volumes", "Volumes", "VolumesDeleted", query)
    dangling = "false" if parsed.flag("all") else "true"
    filters: dict[str, dict[str, bool]] = {"dangling": {dangling: True}}
    for text in parsed.texts("filter"):
        key, _, value = text.partition("=")
        filters.setdefault(key, {})[value] = True
    images = {"filters": dumps(filters)}
    freed += _pruned(session, "images", "Images", "ImagesDeleted", images)
    session.print(f"Total reclaimed space: {human_size(freed, 4)}")


def disk_usage(session: Session, parsed: Parsed) -> None:
    """`docker system df`: the summary."""
    if parsed.flag("verbose"):
        raise InvalidParameter(
            "minidock shows the summary of docker system df only",
            asked="docker system df --verbose",
            rule="each thing's own size is not printed",
            remedy="docker system df, or GET /system/df for all sizes",
        )
    body = _document(session.get("/system/df"))
    rows = [_images(body), _containers(body), _volumes(body), _row("Build Cache")]
    headers = {
        "Type": "TYPE",
        "TotalCount": "TOTAL",
        "Active": "ACTIVE",
        "Size": "SIZE",
        "Reclaimable": "RECLAIMABLE",
    }
    form = parsed.text("format") or "table"
    if form == "table":
        form += " " + "\t".join(f"{{{{.{key}}}}}" for key in headers)
    session.out.append(
        listing(
            form,
            rows,
            headers,
            kind="*formatter.diskUsageContext",
            minimum=session.terminal.column,
        )
    )


def _row(
    kind: str, total: int = 0, active: int = 0, size: int = 0, free: int | None = None
) -> dict[str, object]:
    shown = human_size(free or 0, 4)
    if free is not None and size > 0:
        shown += f" ({free * 100 // size}%)"
    return {
        "Type": kind,
        "TotalCount": str(total),
        "Active": str(active),
        "Size": human_size(size, 4),
        "Reclaimable": shown,
    }


def _documents(value: object) -> list[Document]:
    return [item for item in _items(value) if isinstance(item, Document)]


def _images(body: Document) -> dict[str, object]:
    images, size = _documents(body.get("Images")), body.number("LayersSize")
    active = [image for image in images if image.number("Containers") > 0]
    used = sum(image.number("Size") - image.number("SharedSize") for image in active)
    return _row("Images", len(images), len(active), size, size - used)


def _containers(body: Document) -> dict[str, object]:
    items = _documents(body.get("Containers"))
    states = ("running", "paused", "restarting")
    active = [item for item in items if item.text("State") in states]
    size = sum(item.number("SizeRw") for item in items)
    used = sum(item.number("SizeRw") for item in active)
    return _row("Containers", len(items), len(active), size, size - used)


def _volumes(body: Document) -> dict[str, object]:
    usage = [item.document("UsageData") for item in _documents(body.get("Volumes"))]
    active = [item for item in usage if item.number("RefCount") > 0]
    size = sum(item.number("Size") for item in usage)
    used = sum(item.number("Size") for item in active)
    return _row("Local Volumes", len(usage), len(active), size, size - used)
