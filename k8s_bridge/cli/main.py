"""The command ``k8s-bridge``: finds the subcommand and says what was refused.

```
 k8s-bridge COMMAND ...  ─▶ the module of COMMAND, and only that, is imported
                              │ add_arguments(parser)   what it can be told
                              └ run(chosen)             does it, gives the exit code
```

The files of this folder are where k8s_bridge reads files, looks at the environment and
prints. Exit codes: 0; 1 for bad input, with what was asked, which rule refused, what
would work; 130 after an interrupt; a command may have others of its own.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from minidock.errors import Refusal

__all__ = ["main"]

# Command: what it does, in the order of the help. Its module has its name.
_COMMANDS = {
    "convert": "translate a Compose project",
    "run": "translate docker command lines",
    "inspect": "translate what stands on an engine, or saved inspect JSON",
    "migrate": "write all that runs on an engine as a bundle to run elsewhere",
    "apply": "bring manifests into a cluster",
    "diff": "show what applying would change",
    "status": "show whether an application runs, and why not",
    "delete": "remove what apply made, data kept",
    "explain": "show Docker and Kubernetes side by side, object by object",
    "reverse": "give a Compose file or docker lines for manifests",
    "api-map": "list Docker's API calls beside Kubernetes'",
    "fields": "list what becomes of every Compose key and docker run flag",
}

_MANY = 50_000  # new objects between two looks for circles: values have none


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or with the process's own."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    gc.set_threshold(_MANY)
    parser = _parser(words)
    chosen = parser.parse_args(words)
    try:
        return int(chosen.run(chosen) or 0)
    except Refusal as refusal:
        print(f"k8s-bridge: {refusal.text}", file=sys.stderr)
        print(_explained(refusal, chosen.command), file=sys.stderr)
        return int(chosen.refused)
    except KeyboardInterrupt:
        return 130  # as a shell says it of a program that was interrupted
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # kept until exit
        return 0


def _explained(refusal: Refusal, command: str) -> str:
    if not refusal.remedy:
        refusal.remedy = f"k8s-bridge {command} --help shows what it takes"
    if not refusal.asked:
        refusal.asked = _COMMANDS[command]
    return refusal.explain()


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the arguments of the one command that is called."""
    parser = argparse.ArgumentParser(
        prog="k8s-bridge",
        description="Docker's containers and networks as Kubernetes manifests.",
        formatter_class=_page,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, purpose in _COMMANDS.items():
        sub = commands.add_parser(name, help=purpose, formatter_class=_page)
        if name in words:
            module = import_module(f"k8s_bridge.cli.{name.replace('-', '_')}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run, refused=getattr(module, "REFUSED", 1))
    return parser


def _page(prog: str) -> argparse.HelpFormatter:
    """Help as wide as COLUMNS says; argparse would load shutil to ask the terminal."""
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else 80
    return argparse.HelpFormatter(prog, width=width - 2)


if __name__ == "__main__":
    sys.exit(main())
