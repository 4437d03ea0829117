"""``k8s-bridge apply``: manifests into a cluster.

```
 k8s-bridge apply -f FILE [--prune] [--dry-run]
        │ whose are they now? foreign ones are refused before anything is changed
        ▼
 server-side apply, one after the other ─▶ prune ─▶ wait until all is ready
```
"""

import argparse
import sys
from collections.abc import Sequence

from k8s_bridge.applying import (
    Change,
    application_of,
    apply_all,
    delete_all,
    found,
    look,
)
from k8s_bridge.awaiting import ready
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
from k8s_bridge.outputs import to_yaml
from k8s_bridge.ownership import key_of
from minidock.errors import NotFound

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Apply manifests to a cluster as the field manager k8s-bridge. What somebody "
        "else made is never changed, unless you say so."
    )
    add_file_arguments(parser)
    add_cluster_arguments(parser)
    parser.add_argument(
        "--dry-run",
        nargs="?",
        const="server",
        default="none",
        choices=("none", "server", "client"),
        help="change nothing: the server says what would be, or (client) show it only",
    )
    parser.add_argument(
        "--force-conflicts",
        action="store_true",
        help="take over fields that others have set",
    )
    parser.add_argument(
        "--adopt", action="store_true", help="take over objects that others have made"
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="remove what we made for the application and is no longer a manifest",
    )
    parser.add_argument(
        "--volumes", action="store_true", help="prune claims too, and their data"
    )
    parser.add_argument("--create-namespace", action="store_true")
    parser.add_argument(
        "--no-wait", action="store_true", help="do not wait until all is ready"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=300.0, help="of waiting: 90, 5m (default)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Applies the manifests, and tells each change when it has happened."""
    cluster = cluster_of(chosen)
    manifests = input_of(chosen, cluster)
    instance = application_of(manifests) if chosen.prune else ""
    if chosen.dry_run == "client":
        sys.stdout.write(to_yaml(manifests))
        return 0
    dry = chosen.dry_run == "server"
    live = look(manifests, cluster, adopt=chosen.adopt)
    missing = _missing_namespaces(manifests, cluster, create=chosen.create_namespace)
    for name in missing:
        cluster.create_namespace(name, dry_run=dry)
        print(f"Namespace/{name} created{' (dry run)' if dry else ''}")
    if dry and missing:
        # A server cannot try what goes into a namespace that is not there.
        inside = [m for m in manifests if key_of(m).namespace in missing]
        show_changes((Change("created", key_of(m)) for m in inside), " (not tried)")
        kept = [i for i, m in enumerate(manifests) if m not in inside]
        live = [live[i] for i in kept]
        manifests = tuple(manifests[i] for i in kept)
    changes = apply_all(
        manifests, live, cluster, force=chosen.force_conflicts, dry_run=dry
    )
    applied = show_changes(changes, " (dry run)" if dry else "")
    if chosen.prune:
        _prune(manifests, cluster, instance, chosen)
    if not dry and not chosen.no_wait:
        now = [change.manifest for change in applied if change.manifest]
        show_progress(ready(now, cluster, CLOCK, chosen.timeout))
    return 0


def _missing_namespaces(
    manifests: Sequence[Manifest], cluster: Cluster, *, create: bool
) -> list[str]:
    """The namespaces that have to be made first; refuses where that is not wanted."""
    made = {key_of(m).name for m in manifests if m.get("kind") == "Namespace"}
    used = {key_of(m).namespace for m in manifests} - made - {""}
    missing = [name for name in sorted(used) if not cluster.has_namespace(name)]
    if missing and not create:
        raise NotFound(
            f"there is no namespace {missing[0]}",
            asked=f"apply {len(manifests)} manifests",
            rule=f"the namespace {missing[0]} is not there",
            remedy="--create-namespace makes it; or -n with one that is there",
        )
    return missing


def _prune(
    manifests: Sequence[Manifest],
    cluster: Cluster,
    instance: str,
    chosen: argparse.Namespace,
) -> None:
    keys = [key_of(m) for m in manifests]
    namespaces = sorted({key.namespace for key in keys} - {""} | {cluster.namespace})
    there = found(cluster, instance, namespaces)
    for what in there.unseen:
        print(f"warning: not looked through: {what} (forbidden)", file=sys.stderr)
    dry = chosen.dry_run == "server"
    gone = delete_all(
        there.objects,
        cluster,
        instance,
        keep=keys,
        volumes=chosen.volumes,
        dry_run=dry,
        verb="pruned",
    )
    show_changes(gone, " (dry run)" if dry else "")
