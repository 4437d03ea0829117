"""How many of a service there are, where they run, and what must be there first.

```
 scale, deploy.replicas, deploy.mode     ─▶ Scheduling.replicas, mode
 deploy.update_config                    ─▶ Update
 deploy.placement                        ─▶ constraints, preferences, max_per_node
 depends_on                              ─▶ Dependency, one for each service
```

Invariant: nothing here refuses.
"""

from collections.abc import Iterator
from operator import itemgetter

from k8s_bridge.application import (
    Condition,
    Dependency,
    Mode,
    Scheduling,
    Update,
)
from k8s_bridge.sources.compose_values import (
    Node,
    items,
    mapping,
    mappings,
    nanoseconds,
    pairs,
    text,
    texts,
    whole,
)

__all__ = ["dependencies", "scheduling"]


def scheduling(node: Node) -> Scheduling:
    """How many there are, where they may run, how they are replaced."""
    deploy = mapping(node, "deploy")
    placement = mapping(deploy, "placement")
    mode = text(deploy, "mode")
    return Scheduling(
        mode=Mode(mode) if mode in set(Mode) else Mode.REPLICATED,
        replicas=_replicas(node, deploy),
        update=_update(mapping(deploy, "update_config")),
        constraints=texts(placement, "constraints"),
        preferences=tuple(
            text(item, "spread") for item in mappings(placement, "preferences")
        ),
        max_per_node=whole(placement, "max_replicas_per_node"),
        endpoint_mode=text(deploy, "endpoint_mode"),
        labels=pairs(deploy, "labels"),
    )


def _replicas(node: Node, deploy: Node) -> int | None:
    """The number that somebody said, 0 too; ``scale`` has the last word."""
    for place, key in ((node, "scale"), (deploy, "replicas")):
        if place.get(key) is not None:
            return whole(place, key)
    return None


def _update(config: Node) -> Update | None:
    if not config:
        return None
    said = config.get("parallelism") is not None
    return Update(
        parallelism=whole(config, "parallelism") if said else 1,
        delay=nanoseconds(config, "delay"),
        start_first=text(config, "order") == "start-first",
        failure_action=text(config, "failure_action"),
        monitor=nanoseconds(config, "monitor"),
    )


def dependencies(node: Node) -> Iterator[Dependency]:
    """What must be there first, sorted by name: its order has no meaning."""
    for service, wanted in sorted(items(node, "depends_on"), key=itemgetter(0)):
        condition = text(wanted, "condition")
        known = condition in set(Condition)
        yield Dependency(
            service,
            Condition(condition) if known else Condition.STARTED,
            required=wanted.get("required") is not False,
            restart=bool(wanted.get("restart")),
        )
