"""Which attributes turn a text into a number or a truth value.

```
 services.*.scale                      "3"    ─▶ 3
 services.*.privileged                 "yes"  ─▶ True
 services.*.deploy.replicas            "many" ─▶ refused
```

A file in YAML says the type by leaving the quotes away; where a variable stands it
cannot, so Compose decides by the attribute.

Invariant: the table is that of docker compose 5; what is not in it stays text.
"""

import math
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from k8s_bridge.compose.scalars import Value, single
from minidock.errors import InvalidParameter, Refusal

__all__ = ["CASTS", "NONE", "Cast", "Casts"]

_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FRACTION = re.compile(
    r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII
)
_TRUTH = {
    **dict.fromkeys(("true", "y", "yes", "on"), True),
    **dict.fromkeys(("false", "n", "no", "off"), False),
}


def _integer(text: str) -> Value:
    if not _WHOLE.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise _uncast(text, "a whole number", "3")
    return int(text)


def _float(text: str) -> Value:
    if not _FRACTION.fullmatch(text) or math.isinf(float(text)):
        raise _uncast(text, "a number", "0.5")
    return float(text)


def _single(text: str) -> Value:
    _float(text)
    return single(float(text))


def _boolean(text: str) -> Value:
    if text.lower() not in _TRUTH:
        raise _uncast(text, "a truth value", "true")
    return _TRUTH[text.lower()]


def _uncast(text: str, wanted: str, example: str) -> Refusal:
    return InvalidParameter(
        f'failed to cast to expected type: "{text[:40]}" is not {wanted}',
        asked=f"read {text[:40]!r} as {wanted}",
        rule=f"this attribute is {wanted}",
        remedy=f"write one, such as {example}, also where a variable stands for it",
    )


Cast: TypeAlias = Callable[[str], Value]
Casts: TypeAlias = "dict[str, Any]"  # steps of a path; "" holds the cast of a node


def _casts() -> Casts:
    """The attributes whose texts become numbers or truth values, as a tree of paths."""
    tree: Casts = {}

    def enter(cast: Cast, prefixes: str, attributes: str) -> None:
        for prefix in prefixes.split():
            for attribute in attributes.split():
                node = tree
                for step in f"{prefix}.{attribute}".split("."):
                    node = node.setdefault(step, {})
                node[""] = cast

    containers = "services.* jobs.* services.*.pre_start.*"
    enter(_integer, containers, "cpu_count cpu_period cpu_quota cpu_rt_period")
    enter(_integer, containers, "cpu_rt_runtime cpu_shares oom_score_adj pids_limit")
    enter(_integer, containers, "ulimits.* ulimits.*.hard ulimits.*.soft")
    enter(_float, containers, "cpu_percent")
    enter(_single, containers, "cpus")
    enter(_boolean, containers, "init oom_kill_disable privileged read_only")
    enter(_boolean, containers, "volumes.[].read_only volumes.[].volume.nocopy")
    workloads = "services.* jobs.*"
    enter(_boolean, workloads, "depends_on.*.required depends_on.*.restart")
    enter(_boolean, workloads, "healthcheck.disable stdin_open tty")
    enter(_integer, workloads, "healthcheck.retries ports.[].target")
    services = "services.*"
    enter(_integer, services, "scale deploy.replicas deploy.update_config.parallelism")
    enter(_integer, services, "deploy.rollback_config.parallelism")
    enter(_integer, services, "deploy.restart_policy.max_attempts")
    enter(_integer, services, "deploy.placement.max_replicas_per_node")
    enter(_float, services, "deploy.update_config.max_failure_ratio")
    enter(_float, services, "deploy.rollback_config.max_failure_ratio")
    enter(
        _boolean, "networks.*", "external internal attachable enable_ipv4 enable_ipv6"
    )
    enter(_boolean, "volumes.* secrets.* configs.*", "external")
    return tree


CASTS = _casts()
NONE: Casts = {}
