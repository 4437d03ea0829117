"""``k8s-bridge convert``: a Compose project as manifests.

```
 k8s-bridge convert [-f compose.yaml ...] [--profile dev] [-p shop]
        │ files, .env, what bind mounts, configs and secrets hold
        ▼
 Project ─▶ Application ─▶ translate ─▶ manifests, report
```

Files are found as docker compose finds them. What docker compose warns of, such as
variables that are not set, goes to standard error.
"""

import argparse

from k8s_bridge.cli.compose_project import composed, standard_input
from k8s_bridge.cli.terminal import add_translation_arguments, options_of, show
from k8s_bridge.translate import translate

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Translate a Compose project. Without -f, compose.yaml, compose.yml, "
        "docker-compose.yml or docker-compose.yaml is looked for here and in the "
        "folders above, with its override file."
    )
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        default=[],
        help="a Compose file, several are merged; - is standard input",
    )
    parser.add_argument("--env-file", action="append", default=[], metavar="FILE")
    parser.add_argument("-p", "--project-name", default="", metavar="NAME")
    parser.add_argument("--project-directory", default="", metavar="FOLDER")
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="NAME",
        help="* is all of them",
    )
    add_translation_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    """Translates the project and shows the result."""
    typed = standard_input() if "-" in chosen.file else None
    application = composed(
        chosen.file,
        typed,
        project_name=chosen.project_name,
        project_folder=chosen.project_directory,
        profiles=chosen.profile,
        env_files=chosen.env_file,
    )
    return show(translate(application, options_of(chosen)), chosen)
