"""``k8s-bridge explain``: Docker and Kubernetes side by side, object by object.

```
 k8s-bridge explain compose.yaml [--svg shop.svg]
 k8s-bridge explain manifests/
```
"""

import argparse
import os
import sys
from pathlib import Path

from k8s_bridge.application import Application
from k8s_bridge.compose.load import load
from k8s_bridge.documents import is_compose, manifests_of, values_of
from k8s_bridge.explain.pairs import topics
from k8s_bridge.explain.svg import explained_svg
from k8s_bridge.explain.text import explained
from k8s_bridge.folders import files_of
from k8s_bridge.manifests import Manifest
from k8s_bridge.reverse.back import reverse
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.disk import Disk
from k8s_bridge.translate import translate
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Show what of Docker corresponds to which object of Kubernetes: of a Compose "
        "file, or of manifests."
    )
    parser.add_argument(
        "path", metavar="PATH", help="a Compose file, manifests, a folder of them, or -"
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--text", action="store_true", help="two columns of text, the default"
    )
    forms.add_argument("--svg", default="", metavar="FILE", help="a picture; - prints")


def run(chosen: argparse.Namespace) -> int:
    """Shows the pairs."""
    application, manifests = _both(chosen.path)
    found = topics(application, manifests)
    if not chosen.svg:
        sys.stdout.write(explained(found))
        return 0
    picture = explained_svg(found, application.name or Path(chosen.path).name)
    if chosen.svg == "-":
        sys.stdout.write(picture)
        return 0
    try:
        Path(chosen.svg).write_text(picture, encoding="utf-8")
    except OSError as error:
        raise InvalidParameter(
            f"cannot write {chosen.svg}: {error.strerror}",
            asked=f"write a picture to {chosen.svg}",
            rule=str(error.strerror),
            remedy="--svg - prints it",
        ) from error
    return 0


def _both(path: str) -> tuple[Application, list[Manifest]]:
    """The application and its manifests, whichever of both was given."""
    if path == "-":
        return _of_values(values_of(sys.stdin.buffer.read(), "-"), "-")
    disk = Disk()
    if disk.is_file(path):
        data = disk.read(path)
        if is_compose(data):
            return _of_compose(path, disk)
        return _of_values(values_of(data, path), path)
    manifests = [
        manifest
        for file in files_of(path, disk)
        for manifest in manifests_of(values_of(disk.read(file), file), file)
    ]
    return reverse(manifests).application, manifests


def _of_values(values: list[object], name: str) -> tuple[Application, list[Manifest]]:
    manifests = list(manifests_of(values, name))
    return reverse(manifests).application, manifests


def _of_compose(path: str, disk: Disk) -> tuple[Application, list[Manifest]]:
    folder = os.fspath(Path.cwd())
    project = load([path], reader=disk, environment=dict(os.environ), folder=folder)
    result = translate(application_from_compose(project, disk))
    return result.application, result.manifests
