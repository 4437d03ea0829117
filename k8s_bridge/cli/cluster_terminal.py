"""What the commands that talk to a cluster share: arguments, manifests, progress.

Lines about what happened go to standard output, warnings and progress to standard
error: a bar on a terminal, and lines where there is none.
"""

import argparse
import re
import shutil
import sys
import time
from collections.abc import Iterable, Sequence

from k8s_bridge.answers import Unreachable
from k8s_bridge.applying import Change, prepared
from k8s_bridge.awaiting import Clock, Progress, bar
from k8s_bridge.cli.compose_project import composed, standard_input
from k8s_bridge.cluster import Cluster, connect
from k8s_bridge.documents import is_compose, manifests_of, values_of
from k8s_bridge.folders import COMPOSE_NAMES, files_of
from k8s_bridge.manifests import Manifest
from k8s_bridge.options import Options
from k8s_bridge.ownership import key_of
from k8s_bridge.sources.disk import Disk
from k8s_bridge.translate import translate
from minidock.errors import InvalidParameter, Refusal

__all__ = [
    "CLOCK",
    "add_cluster_arguments",
    "add_file_arguments",
    "cluster_of",
    "input_of",
    "seconds",
    "show_changes",
    "show_progress",
]

CLOCK = Clock(time.monotonic, time.sleep)
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|h|m|s)")


def add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    """Which cluster: the same words as kubectl's."""
    parser.add_argument("--kubeconfig", default="", metavar="FILE")
    parser.add_argument("--context", default="", metavar="NAME")
    parser.add_argument("-n", "--namespace", default="")


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """Which manifests."""
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        default=[],
        metavar="FILE",
        help="manifests, a folder of them, or a Compose file; - is standard input",
    )
    parser.add_argument(
        "--name",
        default="",
        metavar="NAME",
        help="the application, where the manifests do not say it; Compose's project",
    )
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="NAME",
        help="of a Compose file; * is all of them",
    )
    parser.add_argument("--env-file", action="append", default=[], metavar="FILE")


def cluster_of(chosen: argparse.Namespace) -> Cluster:
    """The cluster that these arguments mean."""
    return connect(
        kubeconfig=chosen.kubeconfig,
        context=chosen.context,
        namespace=chosen.namespace,
    )


def input_of(chosen: argparse.Namespace, cluster: Cluster) -> tuple[Manifest, ...]:
    """The manifests of the files, in order, as they go into the cluster."""
    if not chosen.file:
        raise InvalidParameter(
            "nothing to read",
            asked=f"{chosen.command} manifests",
            rule="there must be a file, a folder, or - for standard input",
            remedy=f"k8s-bridge {chosen.command} -f FILE",
        )
    manifests = _read(chosen, cluster.namespace)
    if not manifests:
        raise InvalidParameter(
            "there is no manifest",
            asked=f"{chosen.command} what {', '.join(chosen.file)} holds",
            rule="a manifest has apiVersion, kind and a name",
            remedy="k8s-bridge convert and k8s-bridge run write manifests",
        )
    for manifest in manifests:
        place = key_of(manifest).namespace
        if chosen.namespace and place not in ("", chosen.namespace):
            raise InvalidParameter(
                f"{key_of(manifest)} is in the namespace {place}",
                asked=f"{chosen.command} in the namespace {chosen.namespace}",
                rule="a manifest that says its namespace goes there",
                remedy=f"-n {place}, or take it out of the manifest",
            )
    return prepared(manifests, cluster, chosen.name)


def _read(chosen: argparse.Namespace, namespace: str) -> list[Manifest]:
    """The manifests of all files; those of Compose files are translated first."""
    disk = Disk()
    typed = standard_input() if "-" in chosen.file else None
    manifests: list[Manifest] = []
    compose: list[str] = []
    for name in chosen.file:
        if disk.is_folder(name) and set(COMPOSE_NAMES) & set(disk.names(name)):
            manifests += _translated(chosen, namespace, [], folder=name)
            continue
        for file in ["-"] if name == "-" else files_of(name, disk):
            data = typed if file == "-" and typed is not None else disk.read(file)
            if is_compose(data):
                compose.append(file)
                continue
            place = "standard input" if file == "-" else file
            manifests += manifests_of(values_of(data, place), place)
    if compose:  # several are one project, as with docker compose
        manifests += _translated(chosen, namespace, compose, typed)
    return manifests


def _translated(
    chosen: argparse.Namespace,
    namespace: str,
    files: Sequence[str],
    typed: bytes | None = None,
    *,
    folder: str = "",
) -> list[Manifest]:
    application = composed(
        files,
        typed,
        folder=folder,
        project_name=chosen.name,
        profiles=chosen.profile,
        env_files=chosen.env_file,
    )
    result = translate(application, Options(namespace=namespace))
    for entry in result.report.lost:
        print(f"warning: {entry.subject}: {entry.path}: {entry.how}", file=sys.stderr)
    return result.manifests


def seconds(text: str) -> float:
    """The seconds of ``5m``, ``1m30s`` or ``90``; for argparse.

    >>> seconds("1m30s"), seconds("90"), seconds("500ms")
    (90.0, 90.0, 0.5)
    """
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90, 5m or 1m30s")
    return sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(text))


def show_changes(changes: Iterable[Change], suffix: str = "") -> list[Change]:
    """Prints each when it has happened; after a stop says how far it came."""
    done: list[Change] = []
    try:
        for change in changes:
            for warning in change.warnings:
                print(f"warning: {change.key}: {warning}", file=sys.stderr)
            print(f"{change}{suffix}", flush=True)
            done.append(change)
    except (Refusal, KeyboardInterrupt) as stop:
        count = len([change for change in done if change.manifest])
        sure = isinstance(stop, Refusal) and not isinstance(stop, Unreachable)
        rest = "the rest is as it was" if sure else "the next one may be done, too"
        print(f"stopped: {count} done before, as listed; {rest}", file=sys.stderr)
        raise
    return done


def show_progress(steps: Iterable[Progress]) -> None:
    """A bar that moves on a terminal, a line for each change where there is none."""
    terminal = sys.stderr.isatty()
    last = ""
    try:
        for step in steps:
            if not step.total:
                continue
            if terminal:
                width = shutil.get_terminal_size().columns - 1
                sys.stderr.write("\r\x1b[K" + bar(step, width))
                sys.stderr.flush()
                continue
            line = f"{step.done} of {step.total}  {step.text}".rstrip()
            if line != last:
                print(line, file=sys.stderr)
                last = line
    finally:
        if terminal:
            sys.stderr.write("\r\x1b[K")
