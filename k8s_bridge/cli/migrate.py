"""``k8s-bridge migrate``: all that runs on an engine, as a bundle to run elsewhere.

```
 k8s-bridge migrate --from unix:///var/run/docker.sock --to DIR [--data]
        │ containers, networks, volumes, images
        ▼
 Bundle ─▶ DIR: compose.yaml, docker.sh, manifests, scripts, secrets, report
              └ --data: the images that no registry has, and what lies in volumes
```

Run again, it writes what has changed; cut anywhere and run again, it ends the same.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from k8s_bridge.bundle.tree import Bundle, bundle_of
from k8s_bridge.bundle.writer import keep, write
from k8s_bridge.cli.inspect import engine_address
from k8s_bridge.options import Options
from k8s_bridge.sources.inspect import look_through, read_engine, read_files
from minidock.client.dialing import Dialed
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Write a folder with all that is needed to have what runs on a Docker host "
        "again on another one, with Compose, or in Kubernetes. The engine is only read."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="saved inspect JSON")
    parser.add_argument("--from", dest="url", default="", metavar="URL")
    parser.add_argument("--to", dest="folder", required=True, metavar="DIR")
    parser.add_argument(
        "--data",
        action="store_true",
        help="save what lies in volumes, and images that no registry is known for",
    )
    parser.add_argument("-n", "--namespace", default="")


def run(chosen: argparse.Namespace) -> int:
    """Writes the bundle and says what there is."""
    options = Options(namespace=chosen.namespace, env_secrets=True)
    if chosen.files and (chosen.url or chosen.data):
        raise InvalidParameter(
            "files and an engine at once",
            asked=f"write a bundle from {chosen.files[0]}",
            rule="one source at a time; only an engine has data",
            remedy="k8s-bridge migrate --from URL --to DIR --data",
        )
    folder = Path(chosen.folder)
    if chosen.files:
        bundle = bundle_of(read_files(chosen.files), options)
    else:
        url = engine_address(chosen.url)
        bundle = bundle_of(read_engine(url), options, look_through(url))
    write(folder, bundle.files)
    if chosen.data:
        _save(bundle, folder, Dialed(engine_address(chosen.url)))
    _tell(bundle, folder)
    return 0


def _save(bundle: Bundle, folder: Path, engine: Dialed) -> None:
    for image in bundle.images:
        if not image.digest:
            names = image.names or (image.id,)
            pairs = tuple(("names", name) for name in names)
            parts = engine.download("/images/get", pairs)
            _keep(folder, f"images/{image.file}", parts)
    for held in bundle.held:
        path = f"/containers/{held.container}/archive"
        parts = engine.download(path, {"path": held.source})
        _keep(folder, f"volumes/{held.file}", parts)


def _keep(folder: Path, name: str, parts: Iterator[bytes]) -> None:
    saved = keep(folder, name, parts)
    print(f"{name}: {'saved' if saved else 'is there already'}", file=sys.stderr)


def _tell(bundle: Bundle, folder: Path) -> None:
    for part in bundle.parts:
        names = ", ".join(item.name for item in part.asked)
        print(f"{folder / part.folder}: {names}")
    print(f"{folder / 'README.md'} says what to run where")
