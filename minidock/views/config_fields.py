"""The fields of Config, which containers and images show alike.

```
docker inspect web   ── "Config": {"Hostname": ..., "Env": ..., "Labels": {}}
docker inspect nginx ── "Config": {"Hostname": "",  "Env": ..., "Labels": null}
```

The order is that of the struct in Docker's API; a reader that compares texts sees it.
"""

from minidock.model.document import Json

__all__ = ["CONFIG", "OMITTED_WHEN_EMPTY"]

CONFIG: tuple[tuple[str, Json], ...] = (
    ("Hostname", ""),
    ("Domainname", ""),
    ("User", ""),
    ("AttachStdin", False),
    ("AttachStdout", False),
    ("AttachStderr", False),
    ("ExposedPorts", None),
    ("Tty", False),
    ("OpenStdin", False),
    ("StdinOnce", False),
    ("Env", None),
    ("Cmd", None),
    ("Healthcheck", None),
    ("ArgsEscaped", None),
    ("Image", ""),
    ("Volumes", None),
    ("WorkingDir", ""),
    ("Entrypoint", None),
    ("NetworkDisabled", None),
    ("MacAddress", None),
    ("OnBuild", None),
    ("Labels", None),
    ("StopSignal", None),
    ("StopTimeout", None),
    ("Shell", None),
)
"""Each field, in Docker's order, and how it is shown when nothing was said."""

OMITTED_WHEN_EMPTY = {
    "ExposedPorts",
    "Healthcheck",
    "ArgsEscaped",
    "NetworkDisabled",
    "MacAddress",
    "StopSignal",
    "StopTimeout",
    "Shell",
}
"""Fields that are shown only where they hold something (Go's omitempty)."""
