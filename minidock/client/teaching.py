"""What a refused docker line teaches: its three parts, none of them missing.

```
docker's text        "unknown flag: --nmae"                        printed as it is
the engine's reasons asked, rule, try                              kept if complete
advice               from the words: "docker run --name web nginx" fills what is missing
```

A program that ran in a container and failed was not refused: nothing is added to that.

Invariant: a refused line's ``why`` says what was asked, which rule refused, what would
work.
"""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from minidock.client.session import Output
from minidock.commandline.advice import advise
from minidock.commandline.catalogue import groups, spelled
from minidock.commandline.refusal import Cli
from minidock.errors import Refusal

__all__ = ["taught"]

_RUN_PROGRAMS = {"run", "exec", "start", "attach"}
_NO_SUCH_PROGRAM = ("executable file not found", "no such file or directory")
_POINTERS = ("Run '", "See '")


def taught(words: Sequence[str], output: Output, cli: Cli = Cli.V28) -> Output:
    r"""The output of a refused line, with a whole ``why``.

    Args:
        words: the line, without ``docker`` in front.
        output: what docker printed; its exit code is not 0.
        cli: whose commands.

    >>> refused = Output(stderr="unknown flag: --nmae\n", code=125)
    >>> print(taught(["run", "--nmae", "web", "nginx"], refused).why)
    asked:  docker run --nmae web nginx
    rule:   docker run has no option --nmae, but --name
    try:    docker run --name web nginx
    """
    asked, rule, remedy = _parts(output.why)
    remedy = "" if remedy.startswith(_POINTERS) else remedy
    if not output.why and _ended_by_itself(words, output, cli):
        return output
    advice = advise(words, str(output), cli)
    if output.code in {126, 127} and any(
        text in str(output) for text in _NO_SUCH_PROGRAM
    ):
        rule = "a container runs only what is in its image"
        remedy = "another program; minidock knows sh, ip, ping, curl, nslookup, cat ..."
    line = shlex.join(["docker", *words])
    if rule and remedy and not advice.rule.startswith("dashes"):
        if asked and output.why:
            return output
        return _with(output, asked or line, rule, remedy)
    said = [text for text in str(output).splitlines() if text.strip()]
    said = [text for text in said if not text.startswith(_POINTERS)]
    return _with(
        output,
        line,
        advice.rule or rule or (said[-1] if said else f"exit code {output.code}"),
        advice.remedy or remedy or f"docker {_name(words, cli)}--help",
    )


def _with(output: Output, asked: str, rule: str, remedy: str) -> Output:
    return replace(
        output, why=Refusal(rule, asked=asked, rule=rule, remedy=remedy).explain()
    )


def _parts(why: str) -> tuple[str, str, str]:
    """The three parts of an explanation; of several, the first one's."""
    found = {}
    for line in why.splitlines():
        for label in ("asked:", "rule:", "try:"):
            if line.startswith(label) and label not in found:
                found[label] = line.removeprefix(label).strip()
    return found.get("asked:", ""), found.get("rule:", ""), found.get("try:", "")


def _name(words: Sequence[str], cli: Cli) -> str:
    """The command that help can be had for, with a blank behind it."""
    for length in (2, 1):
        spelling, command = spelled(tuple(words[:length]), cli)
        if command is not None:
            return f"{spelling} "
    return f"{words[0]} " if words and words[0] in groups(cli) else ""


def _ended_by_itself(words: Sequence[str], output: Output, cli: Cli) -> bool:
    """Whether the code is that of a program in a container."""
    for length in (2, 1):
        _, command = spelled(tuple(words[:length]), cli)
        if command is not None:
            return command.name in _RUN_PROGRAMS and output.code not in {125, 126, 127}
    return False
