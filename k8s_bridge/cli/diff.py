"""``k8s-bridge diff``: what applying would change.

Exit codes as kubectl's: 0 nothing, 1 something, 2 it could not be found out. What a
Secret holds is not shown.
"""

import argparse
import sys

from k8s_bridge.applying import application_of, differences_of, found
from k8s_bridge.cli.cluster_terminal import (
    add_cluster_arguments,
    add_file_arguments,
    cluster_of,
    input_of,
)
from k8s_bridge.differences import difference
from k8s_bridge.ownership import key_of, removal

__all__ = ["REFUSED", "add_arguments", "run"]

REFUSED = 2  # 1 says that there is a difference


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Show what applying would change, as the server itself says (a dry run). "
        "Ends with 0 for nothing, 1 for something, 2 for an error."
    )
    add_file_arguments(parser)
    add_cluster_arguments(parser)
    parser.add_argument("--force-conflicts", action="store_true")
    parser.add_argument(
        "--prune", action="store_true", help="show what --prune would remove, too"
    )


def run(chosen: argparse.Namespace) -> int:
    """Prints the differences; gives 1 if there are any."""
    cluster = cluster_of(chosen)
    manifests = input_of(chosen, cluster)
    instance = application_of(manifests) if chosen.prune else ""
    differs = False
    for text in differences_of(manifests, cluster, force=chosen.force_conflicts):
        if text:
            print(text)
            differs = True
    if chosen.prune:
        keys = [key_of(m) for m in manifests]
        namespaces = sorted({k.namespace for k in keys} - {""} | {cluster.namespace})
        there = found(cluster, instance, namespaces)
        for what in there.unseen:
            print(f"warning: not looked through: {what} (forbidden)", file=sys.stderr)
        gone, _ = removal(there.objects, instance, keep=keys)
        for live in gone:
            print(difference(live, None))
            differs = True
    return 1 if differs else 0
