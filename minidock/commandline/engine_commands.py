"""The commands about the engine, the swarm and the registry account, and their flags.

```
docker info      =   docker system info     docker swarm init          (one spelling)
docker events    =   docker system events   docker service ...         (known, not read)
```

A table, read by :mod:`minidock.commandline.command`, of the programs 28.2 and 20.10. Of
the groups in ``OPAQUE_GROUPS`` only the names are known.

Invariant: names and spellings are unique.
"""

from minidock.commandline.command import Command

__all__ = ["ENGINE_COMMANDS", "OPAQUE_GROUPS"]

OPAQUE_GROUPS = {
    "builder": "build prune",
    "checkpoint": "create ls rm",
    "config": "create inspect ls rm",
    "context": "create export import inspect ls rm show update use",
    "manifest": "annotate create inspect push rm",
    "plugin": "create disable enable inspect install ls push rm set upgrade",
    "secret": "create inspect ls rm",
    "service": "create inspect logs ls ps rm rollback scale update",
    "stack": "config deploy ls ps rm services",
    "trust": "inspect key revoke sign signer",
}
"""Management commands whose flags are not modelled, and their commands."""

ENGINE_COMMANDS = (
    Command(
        name="version",
        arguments="0",
        usage="[OPTIONS]",
        summary="Show the Docker version information",
        flags="-f format string, kubeconfig string @20",
    ),
    Command(
        name="info",
        spelling="system info",
        arguments="0",
        usage="[OPTIONS]",
        summary="Display system-wide information",
        flags="-f format string",
    ),
    Command(
        name="events",
        spelling="system events",
        arguments="0",
        usage="[OPTIONS]",
        summary="Get real time events from the server",
        flags="-f filter filter, format string, since string, until string",
    ),
    Command(
        name="system df",
        arguments="0",
        usage="[OPTIONS]",
        summary="Show docker disk usage",
        flags="format string, -v verbose bool",
    ),
    Command(
        name="system prune",
        arguments="0",
        usage="[OPTIONS]",
        summary="Remove unused data",
        flags="-a all bool, filter filter, -f force bool, volumes bool",
    ),
    Command(
        name="login",
        arguments="0-1",
        usage="[OPTIONS] [SERVER]",
        summary="Authenticate to a registry",
        old_summary="Log in to a Docker registry",
        flags="-p password string, password-stdin bool, -u username string",
    ),
    Command(
        name="logout",
        arguments="0-1",
        usage="[SERVER]",
        summary="Log out from a registry",
        old_summary="Log out from a Docker registry",
    ),
    Command(
        name="swarm init",
        arguments="0",
        usage="[OPTIONS]",
        summary="Initialize a swarm",
        flags="""
        advertise-addr string, autolock bool, availability string=active,
        cert-expiry duration=2160h0m0s, data-path-addr string, data-path-port uint32,
        default-addr-pool list, default-addr-pool-mask-length uint32=24,
        dispatcher-heartbeat duration=5s, external-ca list, force-new-cluster bool,
        listen-addr string=0.0.0.0:2377, max-snapshots uint,
        snapshot-interval uint=10000, task-history-limit int=5
        """,
    ),
    Command(
        name="swarm join",
        arguments="1",
        usage="[OPTIONS] HOST:PORT",
        summary="Join a swarm as a node and/or manager",
        flags="""
        advertise-addr string, availability string=active, data-path-addr string,
        listen-addr string=0.0.0.0:2377, token string
        """,
    ),
    Command(
        name="swarm leave",
        arguments="0",
        usage="[OPTIONS]",
        summary="Leave the swarm",
        flags="-f force bool",
    ),
    Command(
        name="swarm join-token",
        arguments="1",
        usage="[OPTIONS] (worker|manager)",
        summary="Manage join tokens",
        flags="-q quiet bool, rotate bool",
    ),
    Command(
        name="swarm update",
        arguments="0",
        usage="[OPTIONS]",
        summary="Update the swarm",
        flags="""
        autolock bool, cert-expiry duration=2160h0m0s,
        dispatcher-heartbeat duration=5s, external-ca list, max-snapshots uint,
        snapshot-interval uint=10000, task-history-limit int=5
        """,
    ),
    Command(
        name="swarm unlock",
        arguments="0",
        summary="Unlock swarm",
    ),
    Command(
        name="swarm unlock-key",
        arguments="0",
        usage="[OPTIONS]",
        summary="Manage the unlock key",
        flags="-q quiet bool, rotate bool",
    ),
    Command(
        name="swarm ca",
        arguments="0",
        usage="[OPTIONS]",
        summary="Display and rotate the root CA",
        flags="""
        ca-cert string, ca-key string, cert-expiry duration=2160h0m0s, -d detach bool,
        external-ca list, -q quiet bool, rotate bool
        """,
    ),
    Command(
        name="node ls",
        arguments="0",
        usage="[OPTIONS]",
        summary="List nodes in the swarm",
        flags="-f filter filter, format string, -q quiet bool",
    ),
    Command(
        name="node inspect",
        arguments="1+",
        usage="[OPTIONS] self|NODE [NODE...]",
        summary="Display detailed information on one or more nodes",
        flags="-f format string, pretty bool",
    ),
    Command(
        name="node ps",
        arguments="0+",
        usage="[OPTIONS] [NODE...]",
        summary="List tasks running on one or more nodes, defaults to current node",
        flags="""
        -f filter filter, format string, no-resolve bool, no-trunc bool, -q quiet bool
        """,
    ),
    Command(
        name="node rm",
        arguments="1+",
        usage="[OPTIONS] NODE [NODE...]",
        summary="Remove one or more nodes from the swarm",
        flags="-f force bool",
    ),
    Command(
        name="node update",
        arguments="1",
        usage="[OPTIONS] NODE",
        summary="Update a node",
        flags="availability string, label-add list, label-rm list, role string",
    ),
    Command(
        name="node promote",
        arguments="1+",
        usage="NODE [NODE...]",
        summary="Promote one or more nodes to manager in the swarm",
    ),
    Command(
        name="node demote",
        arguments="1+",
        usage="NODE [NODE...]",
        summary="Demote one or more nodes from manager in the swarm",
    ),
)
