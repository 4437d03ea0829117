"""What the docker program prints when it will not do what was typed, and its exit code.

```
                      28                                   20.10
a flag is wrong       TEXT                                 TEXT
(125)                                                      See 'docker run --help'.
                      Usage:  docker run [OPTIONS] ...

                      Run 'docker run --help' for more
                      information

options clash         docker: TEXT                         docker: TEXT.
(run, create; 125)                                         See 'docker run --help'.
                      Run 'docker run --help' for more
                      information

anything else (1)     TEXT                                 TEXT
```

Docker's names: ``cli.StatusError`` and, for the second kind, ``withHelp``
(docker/cli, ``cli/command/container``). 17.12 prints what 20.10 prints.

Invariant: ``stderr`` and ``stdout`` are empty or end in a newline.
"""

from enum import StrEnum

from minidock.errors import InvalidParameter

__all__ = ["Cli", "CommandRefusal", "failure", "misuse"]


class Cli(StrEnum):
    """A generation of the docker program: its texts, and what it sends."""

    V20 = "20.10"
    V28 = "28"


class CommandRefusal(InvalidParameter):
    r"""The docker program stops before (or without) asking the engine anything.

    Help and version are refusals with code 0: nothing is sent, something is printed.

    >>> CommandRefusal("unknown flag: --foo\n", 125).code
    125
    """

    def __init__(
        self, stderr: str, code: int = 1, *, stdout: str = "", asked: str = ""
    ) -> None:
        text = (stderr or stdout).split("\n\n")[0].rstrip("\n")
        super().__init__(text, asked=asked, remedy=_last_line(stderr))
        self.stderr = stderr
        self.stdout = stdout
        self.code = code


def _last_line(text: str) -> str:
    line = text.rstrip("\n").rpartition("\n")[2]
    return line if line.lstrip("S").startswith(("Run '", "ee '")) else ""


def failure(text: str, spelling: str, cli: Cli, code: int = 125) -> str:
    """What docker prints for an error that came after its own checks.

    Only ``run`` dresses such an error up. 20.10 leaves the pointer to the help out when
    the container was made but its program could not be started (126 and 127).

    Args:
        text: what went wrong, for example ``Error response from daemon: ...``.
        spelling: the command as typed, ``run`` or ``container run``.
        cli: whose texts.
        code: the exit code of the command.

    >>> print(failure("invalid hostPort: 99999", "run", Cli.V28), end="")
    docker: invalid hostPort: 99999
    <BLANKLINE>
    Run 'docker run --help' for more information
    >>> print(failure("network nosuch not found", "network rm", Cli.V28), end="")
    network nosuch not found
    """
    if spelling not in ("run", "container run"):
        return f"{text}\n"
    if cli is Cli.V20 and code in (126, 127):
        return f"docker: {text.removesuffix('.')}.\n"
    return misuse(text, spelling, cli)


def misuse(text: str, spelling: str, cli: Cli) -> str:
    """What ``run`` and ``create`` print when options clash or make no sense.

    >>> print(misuse("Invalid hostPort: 99999", "create", Cli.V20), end="")
    docker: Invalid hostPort: 99999.
    See 'docker create --help'.
    """
    if cli is Cli.V20:
        text = text.removesuffix(".")  # it adds one of its own
        return f"docker: {text}.\nSee 'docker {spelling} --help'.\n"
    return f"docker: {text}\n\nRun 'docker {spelling} --help' for more information\n"
