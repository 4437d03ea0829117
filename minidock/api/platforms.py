"""Platforms as a query names them: ``linux``, ``arm64``, ``linux/arm/v7``.

Docker's name for the reader is containerd's ``platforms.Parse``.
"""

from minidock.errors import InvalidParameter, NotFound

__all__ = ["check_platform"]

_SYSTEMS = frozenset(
    """aix android darwin dragonfly freebsd illumos ios linux netbsd openbsd plan9
    solaris wasip1 windows""".split()
)
_MACHINES = frozenset(
    """386 aarch64 amd64 arm arm64 armhf armel i386 loong64 mips mips64 mips64le mipsle
    ppc64 ppc64le riscv64 s390x wasm x86_64""".split()
)


def check_platform(text: str) -> None:
    """Refuse a platform that there is not; the catalogue has Linux for all machines."""
    first, slash, rest = text.partition("/")
    system = first if slash or first in _SYSTEMS else ""
    machine = rest.partition("/")[0] if slash else first
    known = not system or system in _SYSTEMS
    if text and not (known and (system == machine or machine in _MACHINES)):
        raise InvalidParameter(
            f'"{text}": unknown operating system or architecture: invalid argument',
            asked=f"an image for {text}",
            rule="a platform is a system, or a system and a machine",
            remedy="platform=linux/amd64",
        )
    if system not in {"", "linux"}:
        wanted = f"{system}/{machine if slash else 'amd64'}"
        raise NotFound(
            f"no matching manifest for {wanted} in the manifest list entries",
            asked=f"an image for {text}",
            rule="the images of the catalogue are for Linux",
            remedy="platform=linux/amd64",
        )
