"""Where a container's output goes: an engine's log drivers and their options.

```
--log-driver json-file --log-opt max-size=10m ──check_logging──▶ both are known
```

Docker's names: ``HostConfig.LogConfig``; moby, ``daemon/logger/factory.go``.
"""

from minidock.errors import InvalidParameter
from minidock.model.document import Document

__all__ = ["check_logging"]

_DEFAULT = "json-file"
_ABOUT = "env env-regex labels labels-regex tag"
"""What most drivers can say about the container."""
_QUEUE = (
    "max-buffer-size mode cache-compress cache-disabled cache-max-file cache-max-size"
)
"""What every driver has: how long a program may wait for its log, a copy to read."""

_OPTIONS = {
    "json-file": f"compress max-file max-size {_ABOUT}",
    "local": "compress max-file max-size",
    "journald": _ABOUT,
    "syslog": "syslog-address syslog-facility syslog-format syslog-tls-ca-cert "
    f"syslog-tls-cert syslog-tls-key syslog-tls-skip-verify {_ABOUT}",
    "gelf": "gelf-address gelf-compression-level gelf-compression-type "
    f"gelf-tcp-max-reconnect gelf-tcp-reconnect-delay {_ABOUT}",
    "fluentd": "fluentd-address fluentd-async fluentd-async-connect "
    "fluentd-async-reconnect-interval fluentd-buffer-limit fluentd-max-retries "
    "fluentd-read-timeout fluentd-request-ack fluentd-retry-wait "
    f"fluentd-sub-second-precision fluentd-write-timeout {_ABOUT}",
}
_OTHERS = frozenset("awslogs etwlogs gcplogs logentries splunk".split())
"""Drivers whose options nobody checks here: their receivers are no part of us."""


def check_logging(host: Document) -> None:
    """Refuse a log driver that is not there, and options that it does not know.

    Odd on purpose: what is given to the driver ``none`` is not looked at.

    >>> check_logging(Document({"LogConfig": Document({"Type": "local"})}))
    >>> check_logging(Document({"LogConfig": Document({"Type": "pigeon"})}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: error looking up logging plugin pigeon: plugin \
"pigeon" not found
    """
    asked = host.document("LogConfig")
    driver = asked.text("Type") or _DEFAULT
    if driver == "none" or driver in _OTHERS:
        return
    if driver not in _OPTIONS:
        raise InvalidParameter(
            f'error looking up logging plugin {driver}: plugin "{driver}" not found',
            asked=f"--log-driver {driver}",
            rule="a log driver is one of the engine's own, or a plugin",
            remedy="json-file, local, or none",
        )
    known = f"{_OPTIONS[driver]} {_QUEUE}".split()
    for option in sorted(asked.document("Config")):
        if option in known:
            continue
        whose = "log driver local" if driver == "local" else f"{driver} log driver"
        raise InvalidParameter(
            f"unknown log opt '{option}' for {whose}",
            asked=f"--log-opt {option}",
            rule=f"the log driver {driver} does not have that option",
            remedy="one of " + ", ".join(known),
        )
