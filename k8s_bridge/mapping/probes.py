"""Docker's health check as probes of a kubelet.

```
 CMD curl -f localhost     ─▶ exec [curl, -f, localhost]
 CMD-SHELL curl ... || x   ─▶ exec [/bin/sh, -c, "curl ... || x"]
 interval 1500ms           ─▶ periodSeconds 2        30 s unless said
 start_period 60s          ─▶ startupProbe, asking every start_interval
 --liveness                ─▶ livenessProbe as well
```

A container that is unhealthy is marked in Docker, and nothing else happens to it: so
it becomes a readiness probe, which a kubelet only marks by, too. A startup probe that
fails too often makes a kubelet kill, so it may fail for ever unless a liveness probe,
which kills, was asked for.

Invariants: all times are whole seconds from 1 up; words are escaped, because a kubelet
expands ``$(NAME)`` in the command of a probe as well.
"""

from collections.abc import Iterator

from k8s_bridge.application import Healthcheck, Service
from k8s_bridge.mapping.escaping import escape
from k8s_bridge.mapping.part import Fields, Part
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["probes"]

_SECOND = 1_000_000_000
_INTERVAL, _TIMEOUT, _RETRIES, _START_INTERVAL = 30, 30, 3, 5
_NEVER = 2**31 - 1


def probes(service: Service, *, liveness: bool = False) -> Part:
    """The probes of a container with a health check."""
    check = service.lifecycle.healthcheck
    if check is None:
        how = "no probe: a kubelet does not read the image's health check either"
        return Part({}, (kept("healthcheck", how),))
    if not check.command:
        why = "only the image knows its health check: write the test down"
        return Part({}, (lost("healthcheck", why),))
    found: Fields = {}
    if check.start_period > 0:
        found["startupProbe"] = _startup(check, liveness=liveness)
    if liveness:
        found["livenessProbe"] = _probe(check)
    found["readinessProbe"] = _probe(check)
    return Part(found, tuple(_notes(check, liveness=liveness)))


def _probe(check: Healthcheck) -> Fields:
    return {
        "exec": {"command": [escape(word) for word in check.command]},
        "periodSeconds": _seconds(check.interval, _INTERVAL),
        "timeoutSeconds": _seconds(check.timeout, _TIMEOUT),
        "failureThreshold": _retries(check),
    }


def _startup(check: Healthcheck, *, liveness: bool) -> Fields:
    """Until the first success; with liveness, killed when Docker says unhealthy."""
    period = _seconds(check.start_interval, _START_INTERVAL)
    patience = _seconds(check.start_period, 0)
    patience += _retries(check) * _seconds(check.interval, _INTERVAL)
    allowed = -(-patience // period) if liveness else _NEVER
    return {
        **_probe(check),
        "periodSeconds": period,
        "failureThreshold": min(allowed, _NEVER),
    }


def _retries(check: Healthcheck) -> int:
    return min(check.retries, _NEVER) if check.retries > 0 else _RETRIES


def _seconds(nanoseconds: int, default: int) -> int:
    if nanoseconds <= 0:
        return default
    return min(max(1, -(-nanoseconds // _SECOND)), _NEVER)


def _notes(check: Healthcheck, *, liveness: bool) -> Iterator[Note]:
    if liveness:
        how = "readinessProbe, and livenessProbe: it is started again when it fails"
        yield changed("healthcheck", how)
    else:
        how = "readinessProbe; what is not ready gets no traffic from outside"
        yield changed("healthcheck", how)
    times = (check.interval, check.timeout, check.start_period, check.start_interval)
    if any(time % _SECOND for time in times):
        yield changed("healthcheck", "times are rounded up to whole seconds")
    if check.start_period > 0:
        how = "start_period: startupProbe, whose failures cost nothing"
        if liveness:
            how = "start_period: startupProbe, which kills where Docker says unhealthy"
        yield changed("healthcheck", how)
    elif check.start_interval > 0:
        why = "start_interval: Docker does not use it without a start_period either"
        yield changed("healthcheck", why)
