"""Where the file of a config or a secret lies in a container.

Docker mounts a config at ``/NAME`` and a secret at ``/run/secrets/NAME``; a target that
is no absolute path is taken from there.
"""

from k8s_bridge.sources.compose_values import Node, text

__all__ = ["grant_target"]

_FOLDERS = {"configs": "/", "secrets": "/run/secrets/"}


def grant_target(kind: str, grant: Node) -> str:
    """The absolute path of a grant's file.

    >>> grant_target("secrets", {"source": "pw"})
    '/run/secrets/pw'
    >>> grant_target("configs", {"source": "conf", "target": "/etc/x"})
    '/etc/x'
    """
    target = text(grant, "target") or text(grant, "source")
    return target if target.startswith("/") else f"{_FOLDERS[kind]}{target}"
