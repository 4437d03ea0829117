"""What a service executes, from its start to its end.

```
 command, entrypoint, environment, user ... ─▶ Program
 restart, deploy.restart_policy, healthcheck,
 stop_grace_period, post_start, pre_stop    ─▶ Lifecycle
```

``entrypoint`` without ``command`` drops the image's CMD, in Docker and in Kubernetes
alike. Invariant: nothing here refuses.
"""

from k8s_bridge.application import (
    Healthcheck,
    Hook,
    Lifecycle,
    Program,
    Restart,
    Variable,
)
from k8s_bridge.sources.compose_values import (
    Node,
    mapping,
    mappings,
    nanoseconds,
    plain,
    seconds,
    text,
    texts,
    whole,
    words,
)

__all__ = ["lifecycle", "program"]

_SHELL = ("/bin/sh", "-c")


def program(project: str, name: str, node: Node) -> Program:
    """What is executed; an image that is only built is called PROJECT-SERVICE."""
    entrypoint, args = words(node, "entrypoint"), words(node, "command")
    image = text(node, "image")
    if entrypoint == () and args:  # an entrypoint that is switched off
        entrypoint, args = args, None
    chosen = text(node, "container_name")
    return Program(
        image=image or f"{project}-{name}",
        built=not image and "build" in node,
        container_name="" if chosen == name else chosen,
        platform=text(node, "platform"),
        pull=text(node, "pull_policy"),
        command=entrypoint or None,
        args=args or None,
        env=_variables(node),
        unset=tuple(
            str(k) for k, v in mapping(node, "environment").items() if v is None
        ),
        working_dir=text(node, "working_dir"),
        user=text(node, "user"),
        groups=texts(node, "group_add"),
        tty=bool(node.get("tty")),
        stdin=bool(node.get("stdin_open")),
    )


def _variables(node: Node) -> tuple[Variable, ...]:
    return tuple(
        Variable(str(name), plain(value))
        for name, value in mapping(node, "environment").items()
        if value is not None
    )


def lifecycle(node: Node) -> Lifecycle:
    """From start to end."""
    restart, retries = _restart(node)
    return Lifecycle(
        restart=restart,
        retries=retries,
        stop_timeout=seconds(node, "stop_grace_period"),
        stop_signal=text(node, "stop_signal"),
        init=bool(node.get("init")),
        healthcheck=_healthcheck(node),
        post_start=tuple(map(_hook, mappings(node, "post_start"))),
        pre_stop=tuple(map(_hook, mappings(node, "pre_stop"))),
    )


# Swarm's words for the condition, beside those that both have.
_CONDITIONS = {"none": "no", "any": "always", "": "always"}


def _restart(node: Node) -> tuple[Restart, int]:
    """The policy and how often it is tried; ``deploy`` has the last word."""
    policy = mapping(mapping(node, "deploy"), "restart_policy")
    if policy:
        condition = text(policy, "condition")
        name = _CONDITIONS.get(condition, condition)
        retries = whole(policy, "max_attempts")
    else:
        name, _, number = text(node, "restart").partition(":")
        retries = int(number) if number.isdecimal() else 0
    restart = Restart(name) if name in set(Restart) else Restart.NO
    return restart, retries if restart is Restart.ON_FAILURE else 0


def _healthcheck(node: Node) -> Healthcheck | None:
    check = mapping(node, "healthcheck")
    test = texts(check, "test")
    if not check or check.get("disable") or test[:1] == ("NONE",):
        return None
    return Healthcheck(
        command=(*_SHELL, *test[1:]) if test[:1] == ("CMD-SHELL",) else test[1:],
        interval=nanoseconds(check, "interval"),
        timeout=nanoseconds(check, "timeout"),
        retries=whole(check, "retries"),
        start_period=nanoseconds(check, "start_period"),
        start_interval=nanoseconds(check, "start_interval"),
        image_knows=not test,
    )


def _hook(node: Node) -> Hook:
    return Hook(
        command=texts(node, "command"),
        user=text(node, "user"),
        privileged=bool(node.get("privileged")),
        working_dir=text(node, "working_dir"),
        env=_variables(node),
    )
