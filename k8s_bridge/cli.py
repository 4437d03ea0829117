"""The command ``k8s-bridge``: manifests on standard output, the report beside them.

```
 k8s-bridge run 'docker run ...' ... [-f FILE]
        │ lines
        ▼
 Application ─▶ translate ─▶ stdout (yaml, json) or a folder
                        └──▶ stderr: kept, changed, lost, and whether it is the same net
```

This file is where k8s_bridge reads files, looks at the environment and prints. Exit
codes: 0, or 1 for bad input with what was asked, which rule refused, what would work.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from k8s_bridge.options import Options, Policies, Publish
from k8s_bridge.outputs import to_files
from k8s_bridge.sources.run import Client, application_from_lines, lines_of
from k8s_bridge.translate import Translation, translate
from minidock.errors import InvalidParameter, NotFound, Refusal

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or with the process's own."""
    chosen = _parser().parse_args(arguments)
    try:
        _run(chosen)
    except Refusal as refusal:
        print(f"k8s-bridge: {refusal.text}", file=sys.stderr)
        print(_explained(refusal), file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # kept until exit
    return 0


def _explained(refusal: Refusal) -> str:
    if not refusal.remedy:
        refusal.remedy = "k8s-bridge run --help shows the form of a line"
    if not refusal.asked:
        refusal.asked = "translate docker command lines"
    return refusal.explain()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="k8s-bridge",
        description="Docker's containers and networks as Kubernetes manifests.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="translate docker command lines",
        description="Translate docker run lines, and the docker network create lines "
        "that they need. Each LINE is one argument: quote it.",
    )
    run.add_argument("lines", nargs="*", metavar="LINE", help="docker run -d nginx")
    run.add_argument("-f", "--file", help="a file of lines; - is standard input")
    run.add_argument("-o", "--output", default="yaml", help="yaml, json or a folder")
    run.add_argument("--report", choices=("text", "json", "none"), default="text")
    run.add_argument("-n", "--namespace", default="")
    run.add_argument(
        "--publish", choices=[str(p) for p in Publish], default=Publish.LOADBALANCER
    )
    run.add_argument(
        "--policies", choices=[str(p) for p in Policies], default=Policies.AUTO
    )
    run.add_argument(
        "--pod-range",
        action="append",
        default=[],
        metavar="CIDR",
        help="the cluster's pod range, which published ports are not open to",
    )
    return parser


def _run(chosen: argparse.Namespace) -> None:
    lines = [*(_from_file(chosen.file) if chosen.file else []), *chosen.lines]
    if not lines:
        raise InvalidParameter(
            "nothing to translate",
            asked="translate docker command lines",
            rule="there must be a LINE or a FILE of lines",
            remedy="k8s-bridge run 'docker run -d -p 80:80 nginx'",
        )
    client = Client(
        environment=dict(os.environ), read_file=_read, folder=os.fspath(Path.cwd())
    )
    application = application_from_lines(lines, client)
    if not application.services:
        raise InvalidParameter(
            "no line makes a container",
            asked="translate docker command lines",
            rule="manifests are made of containers",
            remedy="k8s-bridge run 'docker run -d -p 80:80 nginx'",
        )
    _print(translate(application, _options(chosen)), chosen.output, chosen.report)


def _options(chosen: argparse.Namespace) -> Options:
    return replace(
        Options(),
        namespace=chosen.namespace,
        publish=Publish(chosen.publish),
        policies=Policies(chosen.policies),
        outside_except=tuple(chosen.pod_range),
    )


def _from_file(name: str) -> list[str]:
    return lines_of(sys.stdin.read() if name == "-" else _read(name))


def _read(name: str) -> str:
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


def _print(result: Translation, output: str, report: str) -> None:
    if output == "yaml":
        sys.stdout.write(result.yaml)
    elif output == "json":
        sys.stdout.write(result.json)
    else:
        _write(Path(output), result)
    if report == "text":
        print(f"{result.report}\n\n{result.proof}", file=sys.stderr)
    elif report == "json":
        entries = {
            "same_reachability": result.same_reachability,
            "entries": result.report.as_json(),
        }
        print(json.dumps(entries, indent=2, ensure_ascii=False), file=sys.stderr)


def _write(folder: Path, result: Translation) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in to_files(result.objects).items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidParameter(
            f"cannot write to {folder}: {error.strerror}",
            asked=f"write manifests to the folder {folder}",
            rule=str(error.strerror),
            remedy="-o yaml, -o json, or the name of a folder that can be written",
        ) from error


if __name__ == "__main__":
    sys.exit(main())
