"""``k8s-bridge inspect``: a live engine, or saved inspect JSON, as manifests.

```
 k8s-bridge inspect [--from URL | FILE ...] [--application NAME]
        │ containers, networks, volumes, images
        ▼
 Application ─▶ translate ─▶ manifests, report
```
"""

import argparse
import os

from k8s_bridge.application import Application
from k8s_bridge.cli.terminal import add_translation_arguments, options_of, show
from k8s_bridge.grouping import application_of, groups_of
from k8s_bridge.sources.inspect import look_through, read_engine, read_files
from k8s_bridge.sources.surroundings import Look
from k8s_bridge.sources.world import application_from_inspect
from k8s_bridge.translate import translate
from minidock.client.dialing import DEFAULT_HOST
from minidock.errors import InvalidParameter, NotFound
from minidock.moving.host import HostState

__all__ = ["add_arguments", "engine_address", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Translate what stands on a Docker engine, or what docker inspect printed "
        "about containers, networks, volumes and images. Without either, the engine "
        "is the one that docker itself would ask."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="inspect JSON")
    parser.add_argument("--from", dest="url", default="", metavar="URL")
    parser.add_argument(
        "--application", default="", help="only this one: a Compose project, or a group"
    )
    add_translation_arguments(parser)


def engine_address(given: str) -> str:
    """The engine that is meant: the given one, DOCKER_HOST's, or Docker's own."""
    return given or os.environ.get("DOCKER_HOST", "") or DEFAULT_HOST


def run(chosen: argparse.Namespace) -> int:
    """Translates what stands there and shows the result."""
    if chosen.files and chosen.url:
        raise InvalidParameter(
            "files and an engine at once",
            asked=f"translate {chosen.files[0]} and what stands on {chosen.url}",
            rule="one source at a time",
            remedy=f"k8s-bridge inspect --from {chosen.url}",
        )
    look: Look | None = None
    if chosen.files:
        state = read_files(chosen.files)
    else:
        url = engine_address(chosen.url)
        state, look = read_engine(url), look_through(url)
    if not state.containers:
        raise NotFound(
            "there is no container",
            asked="translate what stands on a host",
            rule="manifests are made of containers",
            remedy="docker ps --all shows what there is",
        )
    application = _application(state, chosen.application, look)
    return show(translate(application, options_of(chosen)), chosen)


def _application(state: HostState, name: str, look: Look | None) -> Application:
    groups = groups_of(state)
    if name:
        found = [group for group in groups if group.name == name]
        if not found:
            raise NotFound(
                f"there is no application {name}",
                asked=f"translate the application {name}",
                rule="there are: " + ", ".join(group.name for group in groups),
                remedy=f"--application {groups[0].name}",
            )
        return application_of(found[0], look)
    if len(groups) == 1 and groups[0].project:
        return application_of(groups[0], look)
    return application_from_inspect(
        state.containers,
        state.networks,
        state.images,
        state.volumes,
        look=look or (lambda _document, _path: None),
    )
