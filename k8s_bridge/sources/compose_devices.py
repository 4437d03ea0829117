"""A device of the host in Docker's notation, from Compose's long form.

Docker calls it a *device mapping*; what has no path is a device that the runtime knows
by name (CDI).
"""

from k8s_bridge.sources.compose_values import Node, text

__all__ = ["device_text"]


def device_text(device: Node) -> str:
    """A device as the command line has it.

    >>> device_text({"source": "/dev/a", "target": "/dev/b", "permissions": "rw"})
    '/dev/a:/dev/b:rw'
    >>> device_text({"source": "nvidia.com/gpu=all", "target": "nvidia.com/gpu=all"})
    'nvidia.com/gpu=all'
    """
    source, target = text(device, "source"), text(device, "target")
    rights = text(device, "permissions") or "rwm"
    if not source.startswith("/"):  # a device that the runtime knows by a name
        return source
    parts = (source, target or source, "" if rights == "rwm" else rights)
    return ":".join(filter(None, parts))
