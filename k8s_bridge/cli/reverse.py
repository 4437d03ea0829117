"""``k8s-bridge reverse``: manifests as a Compose file, or as docker command lines.

```
 k8s-bridge reverse [FILE | FOLDER | - ...] [--run] [-o FOLDER]
        │ YAML or JSON manifests
        ▼
 Application ─▶ compose.yaml, or docker lines; report
```
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from k8s_bridge.documents import manifests_of, values_of
from k8s_bridge.folders import files_of
from k8s_bridge.manifests import Manifest
from k8s_bridge.report import Report
from k8s_bridge.reverse.back import reverse
from k8s_bridge.reverse.composing import compose_text, secret_files
from k8s_bridge.reverse.lines import docker_lines, mounted_files
from k8s_bridge.sources.disk import Disk
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "manifests_in", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Turn manifests into a Compose file: workloads, Services, NetworkPolicies, "
        "ConfigMaps, Secrets and claims. Files of secrets are only written with -o."
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="manifests, a folder of them, or - for standard input",
    )
    parser.add_argument(
        "--run",
        dest="lines",
        action="store_true",
        help="docker command lines, no Compose file",
    )
    parser.add_argument(
        "-o",
        "--output",
        default="",
        metavar="FOLDER",
        help="where compose.yaml or run.sh goes, and the files that it mounts",
    )
    reports = ("text", "json", "markdown", "none")
    parser.add_argument("--report", choices=reports, default="text")
    parser.add_argument(
        "--strict", action="store_true", help="end with 2 if anything is lost"
    )


def run(chosen: argparse.Namespace) -> int:
    """Writes the Compose file or the lines, and the report beside."""
    result = reverse(m for path in chosen.paths for m in manifests_in(path))
    text = compose_text(result.application)
    if chosen.lines:
        text = "".join(f"{line}\n" for line in docker_lines(result.application))
    if chosen.output:
        name = "run.sh" if chosen.lines else "compose.yaml"
        beside = mounted_files if chosen.lines else secret_files
        files = beside(result.application)
        _write(Path(chosen.output), {name: text.encode(), **files})
    else:
        sys.stdout.write(text)
    shown = _shown(result.report, chosen.report)
    if shown:
        print(shown, file=sys.stderr)
    return 2 if chosen.strict and result.report.lost else 0


def manifests_in(path: str) -> Iterator[Manifest]:
    """The manifests of a file, of a folder's files, or of standard input."""
    if path == "-":
        yield from manifests_of(values_of(sys.stdin.buffer.read(), "-"), "-")
        return
    disk = Disk()
    for file in files_of(path, disk):
        yield from manifests_of(values_of(disk.read(file), file), file)


def _shown(report: Report, form: str) -> str:
    if form == "json":
        return json.dumps(report.as_json(), indent=2, ensure_ascii=False)
    if form == "markdown":
        return report.as_markdown()
    return str(report) if form == "text" else ""


def _write(folder: Path, files: dict[str, bytes]) -> None:
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # Secrets are for their owner's eyes.
            mode = 0o600 if name.startswith("secrets/") else 0o644
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
    except OSError as error:
        raise InvalidParameter(
            f"cannot write to {folder}: {error.strerror}",
            asked=f"write a Compose file to the folder {folder}",
            rule=str(error.strerror),
            remedy="the name of a folder that can be written",
        ) from error
