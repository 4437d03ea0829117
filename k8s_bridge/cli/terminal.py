"""What the subcommands share: files in, manifests and report out, the options.

Manifests go to standard output or to a folder; the report goes to standard error, so
that a pipe gets manifests only.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from k8s_bridge.names import dns_label
from k8s_bridge.options import Binds, Options, Policies, Publish
from k8s_bridge.outputs import to_files
from k8s_bridge.translate import Translation
from minidock.errors import InvalidParameter, NotFound

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["add_translation_arguments", "options_of", "read_text", "show"]


def add_translation_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that translates."""
    parser.add_argument("-o", "--output", default="yaml", help="yaml, json or a folder")
    parser.add_argument(
        "--layout",
        choices=("files", "kustomize", "helm"),
        default="files",
        help="what a folder gets: a file for each object, a base and overlays, a chart",
    )
    reports = ("text", "json", "markdown", "none")
    parser.add_argument("--report", choices=reports, default="text")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="end with 2 if anything asked for is lost, or if who reaches whom differs",
    )
    parser.add_argument("-n", "--namespace", default="")
    parser.add_argument(
        "--publish", choices=[str(p) for p in Publish], default=Publish.LOADBALANCER
    )
    parser.add_argument(
        "--policies", choices=[str(p) for p in Policies], default=Policies.AUTO
    )
    parser.add_argument(
        "--pod-range",
        action="append",
        default=[],
        metavar="CIDR",
        help="the cluster's pod range, which published ports are not open to",
    )
    parser.add_argument(
        "--origins",
        action="store_true",
        help="write the file and line that asked for an object into an annotation",
    )
    _add_storage_arguments(parser)
    _add_ingress_arguments(parser)
    _add_running_arguments(parser)


def _add_storage_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--binds",
        choices=[str(b) for b in Binds],
        default=Binds.AUTO,
        help="what takes the place of the host's files",
    )
    parser.add_argument(
        "--storage-class", default="", metavar="NAME", help="of all claims"
    )
    parser.add_argument(
        "--volume-size",
        default=Options().volume_size,
        metavar="SIZE",
        help="of volumes that say none: %(default)s",
    )
    parser.add_argument(
        "--env-secrets",
        action="store_true",
        help="put variables that look secret, such as *_PASSWORD, into Secrets",
    )


def _add_ingress_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default="",
        metavar="NAME",
        help="under which an Ingress answers; several services are names below it",
    )
    parser.add_argument("--ingress-class", default="", metavar="NAME")
    parser.add_argument(
        "--ingress-namespace",
        default=Options().ingress_namespace,
        metavar="NAME",
        help="where the Ingress controller runs: %(default)s",
    )


def _add_running_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--liveness",
        action="store_true",
        help="start a container again whose health check fails",
    )
    parser.add_argument(
        "--wait-image",
        default=Options().wait_image,
        metavar="IMAGE",
        help="with sh and getent, to wait for others: %(default)s",
    )
    parser.add_argument(
        "--kubectl-image",
        default=Options().kubectl_image,
        metavar="IMAGE",
        help="with kubectl, to wait for Jobs: %(default)s",
    )


def options_of(chosen: argparse.Namespace) -> Options:
    """The options that the arguments of :func:`add_translation_arguments` mean."""
    return Options(
        namespace=chosen.namespace,
        publish=Publish(chosen.publish),
        policies=Policies(chosen.policies),
        outside_except=tuple(chosen.pod_range),
        binds=Binds(chosen.binds),
        storage_class=chosen.storage_class,
        volume_size=chosen.volume_size,
        env_secrets=chosen.env_secrets,
        origins=chosen.origins,
        host=chosen.host,
        ingress_class=chosen.ingress_class,
        ingress_namespace=chosen.ingress_namespace,
        liveness=chosen.liveness,
        wait_image=chosen.wait_image,
        kubectl_image=chosen.kubectl_image,
    )


def read_text(name: str) -> str:
    """A file's text; refuses what cannot be read."""
    from pathlib import Path  # noqa: PLC0415  # slow to load

    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise NotFound(
            f"cannot read {name}: {reason}",
            asked=f"read {name}",
            rule=str(reason),
            remedy="give the name of a text file, or - for standard input",
        ) from error


def show(result: Translation, chosen: argparse.Namespace) -> int:
    """Writes manifests and report where they were asked for; gives the exit code."""
    if chosen.output == "yaml":
        sys.stdout.write(result.yaml)
    elif chosen.output == "json":
        sys.stdout.write(result.json)
    else:
        from pathlib import Path  # noqa: PLC0415  # slow to load

        _write(Path(chosen.output), result, chosen.layout)
    text = _report(result, chosen.report)
    if text:
        print(text, file=sys.stderr)
    return 2 if chosen.strict and _worse(result) else 0


def _worse(result: Translation) -> bool:
    lost = any(not entry.general for entry in result.report.lost)
    return lost or not result.same_reachability


def _report(result: Translation, form: str) -> str:
    if form == "text":
        return f"{result.report}\n\n{result.proof}"
    if form == "markdown":
        return f"{result.report.as_markdown()}\n\n{result.proof}"
    if form == "json":
        entries = {
            "same_reachability": result.same_reachability,
            "entries": result.report.as_json(),
        }
        return json.dumps(entries, indent=2, ensure_ascii=False)
    return ""


def _write(folder: "Path", result: Translation, layout: str) -> None:
    try:
        for name, text in _files(result, folder, layout).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidParameter(
            f"cannot write to {folder}: {error.strerror}",
            asked=f"write manifests to the folder {folder}",
            rule=str(error.strerror),
            remedy="-o yaml, -o json, or the name of a folder that can be written",
        ) from error


def _files(result: Translation, folder: "Path", layout: str) -> dict[str, str]:
    if layout == "kustomize":
        from k8s_bridge.kustomize import to_kustomize  # noqa: PLC0415  # only then

        return to_kustomize(result.objects)
    if layout == "helm":
        from k8s_bridge.helm import to_chart  # noqa: PLC0415  # only then

        name = result.application.name or dns_label(folder.resolve().name)
        return to_chart(result.objects, name)
    return to_files(result.objects)
