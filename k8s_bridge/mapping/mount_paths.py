"""Which mounts a pod can have at all: where they lie, and which part of a volume.

Invariant: what :func:`mountable` accepts, the API server accepts.
"""

from k8s_bridge.application import Mount, MountKind

__all__ = ["SHM", "fault", "mountable", "subpath"]

SHM = "/dev/shm"  # noqa: S108  # the path is Docker's


def fault(mount: Mount) -> str:
    """Why a mount cannot be, "" if it can.

    >>> fault(Mount(kind=MountKind.TMPFS, target="run", origin="tmpfs"))
    'no absolute path without colons'
    """
    if mount.kind is MountKind.OTHER:
        return "a mount of a type only Docker has"
    if ":" in mount.target or not mount.target.startswith("/"):
        return "no absolute path without colons"
    if not mount.target.strip("/"):
        return "nothing can be mounted over the image's root"
    if mount.kind is MountKind.BIND and not mount.source.startswith("/"):
        return f"{mount.source!r} is no path of a Linux node"
    if ".." in mount.subpath.split("/"):
        return f"subpath {mount.subpath!r} goes upwards"
    return ""


def mountable(mount: Mount) -> bool:
    """Whether a pod can have it."""
    return not fault(mount)


def subpath(mount: Mount) -> str:
    """The part of the volume that is mounted, "" for all of it."""
    return mount.subpath.strip("/")
