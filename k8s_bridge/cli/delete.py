"""``k8s-bridge delete``: an application out of a cluster, its data kept.

```
 k8s-bridge delete shop        what we made for the application shop
 k8s-bridge delete -f FILE     what these manifests made
        │ the last applied first; claims stay, unless --volumes
        ▼
 wait until it is gone
```

What somebody else made is refused, before anything is removed.
"""

import argparse
import sys
from collections.abc import Sequence

from k8s_bridge.applying import delete_all, found
from k8s_bridge.awaiting import gone
from k8s_bridge.cli.cluster_terminal import (
    CLOCK,
    add_cluster_arguments,
    add_file_arguments,
    cluster_of,
    input_of,
    seconds,
    show_changes,
    show_progress,
)
from k8s_bridge.cluster import Cluster
from k8s_bridge.manifests import Manifest
from k8s_bridge.ownership import foreign, instances_of
from minidock.errors import NotFound

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Remove from a cluster what k8s-bridge made: all of an application, or what "
        "manifests name. Claims stay, with their data, unless --volumes."
    )
    parser.add_argument("application", nargs="?", default="", metavar="APPLICATION")
    add_file_arguments(parser)
    add_cluster_arguments(parser)
    parser.add_argument(
        "--volumes", action="store_true", help="remove claims too, and their data"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="the server says what would be removed"
    )
    parser.add_argument(
        "--no-wait", action="store_true", help="do not wait until all is gone"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=120.0, help="of waiting: 90, 2m (default)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Removes what is ours, and tells each change when it has happened."""
    cluster = cluster_of(chosen)
    if chosen.file or not chosen.application:
        instance = ""
        objects = _of_manifests(input_of(chosen, cluster), cluster)
    else:
        instance = chosen.application
        objects = _of_application(instance, cluster)
    changes = delete_all(
        objects, cluster, instance, volumes=chosen.volumes, dry_run=chosen.dry_run
    )
    done = show_changes(changes, " (dry run)" if chosen.dry_run else "")
    if not chosen.dry_run and not chosen.no_wait:
        removed = [change.manifest for change in done if change.manifest]
        show_progress(gone(removed, cluster, CLOCK, chosen.timeout))
    return 0


def _of_manifests(
    manifests: Sequence[Manifest], cluster: Cluster
) -> Sequence[Manifest]:
    """The live objects that these name; refuses where one is somebody else's."""
    objects = []
    for manifest in manifests:
        live = cluster.get(manifest)
        if live is None:
            continue
        refusal = foreign(live, instances_of([manifest])[0], "delete")
        if refusal:
            raise refusal
        objects.append(live)
    if not objects:
        print("nothing of it is there", file=sys.stderr)
    return objects


def _of_application(name: str, cluster: Cluster) -> Sequence[Manifest]:
    there = found(cluster, name, [cluster.namespace])
    for what in there.unseen:
        print(f"warning: not looked through: {what} (forbidden)", file=sys.stderr)
    if not there.objects:
        raise NotFound(
            f"there is no application {name}",
            asked=f"delete the application {name}",
            rule=f"nothing in the namespace {cluster.namespace} has its label",
            remedy="-n with another namespace, or -f with its manifests",
        )
    return there.objects
