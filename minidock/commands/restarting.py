"""Restart policies: whether a container that ended is started again, and when.

```
 policy            ended with 0   with another code   stopped by hand
 no                     -                -                  -
 on-failure[:max]       -            yes, max times         -
 always                yes              yes                 -
 unless-stopped        yes              yes                 -
```

The first restart waits 100 ms, every further one twice as long, at most a minute; a
container that ran for 10 s begins anew. A start by hand sets the count back to 0.

Source: moby, ``restartmanager/restartmanager.go``.
"""

from minidock.eras import Era
from minidock.errors import InvalidParameter
from minidock.model.container import Container
from minidock.model.document import Document

__all__ = ["POLICIES", "check_known", "check_policy", "wait_before"]

POLICIES = ("no", "always", "unless-stopped", "on-failure")

_MILLISECOND = 1_000_000
_FIRST = 100 * _MILLISECOND
_LONGEST = 60_000 * _MILLISECOND
_RAN_WELL = 10_000 * _MILLISECOND


def check_policy(host: Document) -> None:
    """Refuse to remove at its end what is to be started again.

    >>> always = Document({"Name": "always"})
    >>> check_policy(Document({"AutoRemove": True}))
    >>> try:
    ...     check_policy(Document({"AutoRemove": True, "RestartPolicy": always}))
    ... except InvalidParameter as refusal:
    ...     print(refusal.text)
    can't create 'AutoRemove' container with restart policy
    """
    policy = host.document("RestartPolicy").text("Name")
    if host.flag("AutoRemove") and policy not in {"", "no"}:
        raise InvalidParameter(
            "can't create 'AutoRemove' container with restart policy",
            asked=f"--rm with --restart {policy}",
            rule="a container that is removed at its end cannot be started again",
            remedy="leave one of them out",
        )


def wait_before(container: Container, code: int, now: int) -> int | None:
    """How long to wait before a container that just ended is started again; or None.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("create --name job --restart on-failure:3 nginx")
    >>> [made] = docker.world.containers.values()
    >>> wait_before(made, 1, made.state.started)
    100000000
    >>> wait_before(made, 0, made.state.started) is None
    True
    """
    if container.stopped_by_hand or not _wanted(container, code):
        return None
    if container.restart_wait == 0 or now - container.state.started >= _RAN_WELL:
        return _FIRST
    return min(2 * container.restart_wait, _LONGEST)


def _wanted(container: Container, code: int) -> bool:
    policy = container.host_config.document("RestartPolicy")
    match policy.text("Name"):
        case "always" | "unless-stopped":
            return True
        case "on-failure":
            most = policy.number("MaximumRetryCount")
            return code != 0 and (most == 0 or container.restart_count < most)
    return False


def check_known(policy: Document, era: Era, asked: str) -> None:
    """Refuse a restart policy that is none, or counts where it cannot.

    >>> from minidock.eras import era_named
    >>> check_known(Document({"Name": "always"}), era_named("28"), "run it")
    >>> check_known(Document({"Name": "bogus"}), era_named("20.10"), "run it")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid restart policy 'bogus'
    """
    name, retries = policy.text("Name"), policy.number("MaximumRetryCount")
    newer = era.strict_json
    start = "invalid restart policy: " if newer else ""
    if name and name not in POLICIES:
        known = "; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        raise InvalidParameter(
            f"{start}unknown policy '{name}'{known}"
            if newer
            else f"invalid restart policy '{name}'",
            asked=asked,
            rule="there are four restart policies",
            remedy="one of " + ", ".join(POLICIES),
        )
    if name and name != "on-failure" and retries:
        text = (
            "maximum retry count can only be used with 'on-failure'"
            if newer
            else f"maximum retry count cannot be used with restart policy '{name}'"
        )
        also = " and cannot be negative" if newer and retries < 0 else ""
        raise InvalidParameter(
            start + text + also,
            asked=asked,
            rule="only on-failure counts",
            remedy="leave MaximumRetryCount out",
        )
    if retries < 0:
        raise InvalidParameter(
            f"{start}maximum retry count cannot be negative",
            asked=asked,
            rule="nobody tries less often than never",
            remedy="a number from 0 on",
        )
