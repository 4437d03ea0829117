"""``k8s-bridge run``: docker command lines as manifests.

```
 k8s-bridge run 'docker run ...' ... [-f FILE]
        │ lines
        ▼
 Application ─▶ translate ─▶ manifests, report
```
"""

import argparse
import os
import sys
from pathlib import Path

from k8s_bridge.cli.terminal import (
    add_translation_arguments,
    options_of,
    read_text,
    show,
)
from k8s_bridge.sources.run import Client, application_from_lines, lines_of
from k8s_bridge.translate import translate
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Translate docker run lines, and the docker network create lines that they "
        "need. Each LINE is one argument: quote it."
    )
    parser.add_argument("lines", nargs="*", metavar="LINE", help="docker run -d nginx")
    parser.add_argument("-f", "--file", help="a file of lines; - is standard input")
    add_translation_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    """Translates the lines and shows the result."""
    lines = [*(_from_file(chosen.file) if chosen.file else []), *chosen.lines]
    if not lines:
        raise InvalidParameter(
            "nothing to translate",
            asked="translate docker command lines",
            rule="there must be a LINE or a FILE of lines",
            remedy="k8s-bridge run 'docker run -d -p 80:80 nginx'",
        )
    client = Client(
        environment=dict(os.environ), read_file=read_text, folder=os.fspath(Path.cwd())
    )
    application = application_from_lines(lines, client)
    if not application.services:
        raise InvalidParameter(
            "no line makes a container",
            asked="translate docker command lines",
            rule="manifests are made of containers",
            remedy="k8s-bridge run 'docker run -d -p 80:80 nginx'",
        )
    return show(translate(application, options_of(chosen)), chosen)


def _from_file(name: str) -> list[str]:
    return lines_of(sys.stdin.read() if name == "-" else read_text(name))
