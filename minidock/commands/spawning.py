"""What the runtime refuses, once the network stands: the last step of a start.

```
create ──▶ network ──▶ runtime (runc) ──▶ running
                          │
                          └─ a sysctl that is not the container's: exit code 128
                             a program that is not there: 400, exit code 127
```

Docker's names: the *shim* holds a container's process and the *OCI runtime* makes it;
their words reach the client with the shim's in front.
"""

from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.container import Container
from minidock.model.world import World

__all__ = ["check_program", "check_sysctls", "code_of"]

_NO_PROGRAM, _NOT_STARTED = 127, 128
"""The exit codes of what never ran: its program is missing, or it is something else."""


class _Runtime(Unclassified):
    """The runtime refuses, not the network."""


class _NoProgram(InvalidParameter):
    """The runtime does not find the program: the request names one too many."""


def code_of(refusal: Refusal) -> int:
    """The exit code of a container whose start was refused."""
    return _NO_PROGRAM if isinstance(refusal, _NoProgram) else _NOT_STARTED


def check_sysctls(world: World, container: Container) -> None:
    """Refuse to tune the host's network.

    Raises:
        Unclassified: a sysctl of the network in the host's own namespace.
    """
    prefix = world.era.shim_failure
    for name in container.host_config.document("Sysctls"):
        if container.network_mode == "host" and name.startswith("net."):
            raise _Runtime(
                f"{prefix}"
                f'sysctl "{name}" not allowed in host network namespace: '
                "unknown",
                asked=f"--sysctl {name} with --network host",
                rule="the host's own network is not a container's to tune",
                remedy=f"leave --sysctl out, or use sysctl -w {name} on the host",
            )


def check_program(world: World, container: Container, *, missing: bool) -> None:
    """Refuse a program that is not there: it is ``missing``, or the image is bare.

    An image that holds a single program can run only that one.

    Raises:
        InvalidParameter: the container does not have its program.
    """
    image = world.images.get(container.image_id)
    bare = image is not None and image.bare
    own: tuple[str, ...] = ()
    if image is not None:
        own = (*image.config.texts("Entrypoint"), *image.config.texts("Cmd"))[:1]
    if not missing and (not bare or container.path in own):
        return
    reason = (
        f"stat {container.path}: no such file or directory"
        if "/" in container.path
        else "executable file not found in $PATH"
    )
    tools = f"docker run --network container:{container.name} busybox"
    raise _NoProgram(
        f"{world.era.shim_failure}unable to start container process: exec: "
        f'"{container.path}": {reason}: unknown',
        asked=f"run {container.path} from the image {container.image}",
        rule="an image made FROM scratch holds its own program and nothing else"
        if bare
        else "a container has the programs of its image",
        remedy=f"another image for the tools, in the same network namespace: {tools}"
        if bare
        else f"docker run {container.image} sh",
    )
