"""``k8s-bridge status``: whether an application runs, and if not, why.

```
 Deployment/web   not ready  0 of 2 available
                             Pod/web-7d4: web: ImagePullBackOff: no such image
 Service/web      ready      at 192.0.2.7
```

Ends with 0 if all is ready, and with 1 if something is not, or is missing.
"""

import argparse
import sys

from k8s_bridge.applying import found
from k8s_bridge.awaiting import why_not
from k8s_bridge.cli.cluster_terminal import (
    add_cluster_arguments,
    add_file_arguments,
    cluster_of,
    input_of,
)
from k8s_bridge.cluster import Cluster
from k8s_bridge.manifests import Manifest
from k8s_bridge.ownership import Key, key_of
from k8s_bridge.readiness import readiness
from minidock.errors import NotFound

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Show of each object whether it does what it was made for: those of an "
        "application, or those of manifests."
    )
    parser.add_argument("application", nargs="?", default="", metavar="APPLICATION")
    add_file_arguments(parser)
    add_cluster_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    """Prints a line for each object; gives 1 if one is not ready."""
    cluster = cluster_of(chosen)
    rows = _rows(chosen, cluster)
    width = max(len(str(key)) for key, _ in rows)
    good = True
    for key, live in rows:
        if live is None:
            print(f"{key!s:<{width}}  missing")
            good = False
            continue
        state = readiness(live)
        word = "ready" if state.ready else "failed" if state.failed else "not ready"
        print(f"{key!s:<{width}}  {word:<9}  {state.text}".rstrip())
        if not state.ready:
            good = False
            for reason in why_not(live, cluster):
                print(f"{'':<{width}}             {reason}")
    return 0 if good else 1


def _rows(
    chosen: argparse.Namespace, cluster: Cluster
) -> list[tuple[Key, Manifest | None]]:
    if chosen.file or not chosen.application:
        return [(key_of(m), cluster.get(m)) for m in input_of(chosen, cluster)]
    there = found(cluster, chosen.application, [cluster.namespace])
    for what in there.unseen:
        print(f"warning: not looked through: {what} (forbidden)", file=sys.stderr)
    if not there.objects:
        raise NotFound(
            f"there is no application {chosen.application}",
            asked=f"show the application {chosen.application}",
            rule=f"nothing in the namespace {cluster.namespace} has its label",
            remedy="-n with another namespace, or -f with its manifests",
        )
    return [(key_of(live), live) for live in there.objects]
