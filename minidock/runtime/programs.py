"""What a simulated container can run: small programs that answer from the World.

```
docker exec web cat /etc/hosts ──▶ run_program ──▶ Finished(stdout, stderr, code)
docker run busybox true        ──▶ main_program ─▶ Finished, or None: it runs on
```

Nothing is executed. A program is a function of the World; one that the table does not
know runs on for ever as a container's main program, and is "not found" in an exec.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import hostname_file, hosts_file, resolv_conf, sandbox_owner
from minidock.naming.links import link_variables
from minidock.runtime.finished import Finished
from minidock.runtime.lookups import LOOKUPS
from minidock.views.console import container_command

__all__ = ["Finished", "environment", "main_program", "run_program"]

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    """What a program can see."""

    world: World
    container: Container
    words: Sequence[str]
    environment: Sequence[str]


def environment(
    world: World, container: Container, extra: Sequence[str] = ()
) -> list[str]:
    """The variables of a program in a container, in Docker's order.

    PATH, HOSTNAME, TERM with a terminal, the variables of links, then the container's
    own, and HOME; a later setting of a name takes the earlier one's place.
    """
    lines = [_PATH, f"HOSTNAME={hostname_file(world, container).strip()}"]
    if container.config.flag("Tty"):
        lines.append("TERM=xterm")
    lines += link_variables(world, container)
    merged: dict[str, str] = {}
    for entry in [*lines, *container.config.texts("Env"), *extra]:
        name, equals, value = entry.partition("=")
        if equals:
            merged[name] = value
    home = "/root" if container.config.text("User") in {"", "0", "root"} else "/"
    merged.setdefault("HOME", home)
    return [f"{name}={value}" for name, value in merged.items()]


def _files(process: _Process) -> dict[str, str]:
    world, container = process.world, process.container
    return {
        "/etc/hosts": hosts_file(world, container),
        "/etc/hostname": hostname_file(world, container),
        "/etc/resolv.conf": resolv_conf(world, container),
    }


def _cat(process: _Process) -> Finished | None:
    files, stdout = _files(process), ""
    for path in process.words[1:]:
        if path not in files:
            answer = container_command(
                process.world, process.container.id, " ".join(process.words)
            )
            if answer is None:
                error = f"cat: can't open '{path}': No such file or directory\n"
                return Finished(stdout=stdout, stderr=error, code=1)
            return Finished(
                stdout=answer.stdout, stderr=answer.stderr, code=answer.code
            )
        stdout += files[path]
    return Finished(stdout=stdout)


def _env(process: _Process) -> Finished:
    return Finished(stdout="".join(f"{line}\n" for line in process.environment))


def _hostname(process: _Process) -> Finished:
    return Finished(stdout=hostname_file(process.world, process.container))


def _echo(process: _Process) -> Finished:
    words = list(process.words[1:])
    end = "\n"
    if words[:1] == ["-n"]:
        words, end = words[1:], ""
    return Finished(stdout=" ".join(words) + end)


def _true(process: _Process) -> Finished:  # noqa: ARG001 - every program has one shape
    return Finished()


def _false(process: _Process) -> Finished:  # noqa: ARG001 - every program has one shape
    return Finished(code=1)


def _reading(process: _Process) -> Finished | None:
    """A command that reads the sandbox's interfaces, routes or rules."""
    owner = sandbox_owner(process.world, process.container)
    answer = container_command(process.world, owner.id, " ".join(process.words))
    if answer is None:
        return None
    return Finished(stdout=answer.stdout, stderr=answer.stderr, code=answer.code)


def _lookup(process: _Process) -> Finished:
    name = process.words[0].rpartition("/")[2]
    return LOOKUPS[name](process.world, process.container, process.words)


_PROGRAMS: dict[str, Callable[[_Process], Finished | None]] = {
    **dict.fromkeys(LOOKUPS, _lookup),
    "cat": _cat,
    "env": _env,
    "printenv": _env,
    "hostname": _hostname,
    "echo": _echo,
    "true": _true,
    ":": _true,
    "false": _false,
    "ip": _reading,
    "ss": _reading,
    "sysctl": _reading,
    "bridge": _reading,
}


def _process(
    world: World, container: Container, words: Sequence[str], extra: Sequence[str]
) -> _Process:
    return _Process(
        world=world,
        container=container,
        words=words,
        environment=environment(world, container, extra),
    )


def run_program(
    world: World,
    container: Container,
    words: Sequence[str],
    *,
    extra_env: Sequence[str] = (),
) -> Finished:
    """Run a program in a running container, as `docker exec` does."""
    program = _PROGRAMS.get(words[0].rpartition("/")[2])
    finished = (
        program(_process(world, container, words, extra_env)) if program else None
    )
    if finished is not None:
        return finished
    return Finished(
        stdout=(
            "OCI runtime exec failed: exec failed: unable to start container process: "
            f'exec: "{words[0]}": executable file not found in $PATH: unknown\r\n'
        ),
        code=126,
    )


def main_program(world: World, container: Container) -> Finished | None:
    """How the container's own program ended, or None if it runs on."""
    words = (container.path, *container.arguments)
    program = _PROGRAMS.get(words[0].rpartition("/")[2])
    if program is None:
        return None
    return program(_process(world, container, words, ()))
