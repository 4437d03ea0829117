"""What would have worked: a reading of a refused command line for somebody who learns.

```
docker rnu -d nginx            did you mean run?
docker run -name web nginx     a long option has two hyphens
docker run --name web          the word after --name is its value; then comes an IMAGE
sudo docker ps                 here a line begins with the command
docker run –d “nginx”          a dash and quotes of a word processor
```

Docker's own text is printed as it is; this is what ``why`` and ``--why`` add to it.

Invariant: advice is given for any words, and looks only at the words and the text.
"""

import difflib
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minidock.commandline.catalogue import COMMANDS, groups, spelled
from minidock.commandline.command import Command, read_arity
from minidock.commandline.flags import Flag
from minidock.commandline.refusal import Cli

__all__ = ["PROGRAMS", "Advice", "advise", "near"]


class Advice(NamedTuple):
    """The rule that the words broke, and what would work; "" where nobody can tell."""

    rule: str = ""
    remedy: str = ""


_TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "}
)
_DASHES = "-‐‑‒–—−"
"""The hyphen, and the dashes that editors put for it."""
_STRANGE = re.compile("[“”„‘’\u00a0‐‑‒–—−]")
_SAMPLES = {
    "CONTAINER": "web",
    "IMAGE": "nginx",
    "SOURCE_IMAGE": "nginx",
    "TARGET_IMAGE": "mine:1",
    "NETWORK": "mynet",
    "VOLUME": "data",
    "NAME": "nginx",
    "TERM": "nginx",
    "COMMAND": "ip addr",
    "NEW_NAME": "web2",
}
PROGRAMS = set(
    "ls cd cat ip ping curl wget nslookup sh bash ss iptables ufw echo apt grep".split()
)
_TEXTS = (
    (
        "no matching subnet for",
        "a gateway, a range and an auxiliary address lie in a subnet of the network",
        "--subnet 10.9.0.0/24 --gateway 10.9.0.1",
    ),
    (
        "must provide one or more flags",
        "it changes what its options name, and none is there",
        "docker update --memory 64m web",
    ),
    (
        "(?i)invalid (container|host)?port|invalid ip address|port range",
        "a published port is HOSTPORT:CONTAINERPORT, an address before it, /udp behind",
        "-p 8080:80, -p 127.0.0.1:8080:80, -p 5353:53/udp",
    ),
)
"""Texts of docker that say little, with the rule and what would work."""
"""What people type at a prompt, and docker is not."""
_ELSEWHERE = {
    "compose": "a docker run line for each service; k8s-bridge reads a compose.yaml",
    "build": "one of the images that docker search lists",
    "buildx": "one of the images that docker search lists",
    "service": "docker run; one host runs no services",
    "push": "docker tag; nothing is uploaded from here",
    "stack": "docker run; one host runs no services",
    "login": "docker pull nginx, which asks nobody for a password",
}


def near(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like this one; "" if none does.

    >>> near("netwrok", ["node", "network"]), near("RUN", ["run", "rm"])
    ('network', 'run')
    >>> near("satrt", ["stats", "start"])  # the same letters come before similar ones
    'start'
    """
    names = list(known)
    if word.lower() in names:
        return word.lower()
    letters = sorted(word.lower())
    swapped = [name for name in names if sorted(name) == letters]
    found = swapped or difflib.get_close_matches(word.lower(), names, 1, 0.6)
    return found[0] if found else ""


def advise(words: Sequence[str], text: str, cli: Cli = Cli.V28) -> Advice:
    """What a refused line should have been.

    Args:
        words: the line, without ``docker`` in front.
        text: what docker printed.
        cli: whose commands.

    >>> advise(["rnu", "-d", "nginx"], "").remedy
    'docker run -d nginx'
    >>> advise(["run", "-name", "web", "nginx"], "")
    Advice(rule='a long option has two hyphens', remedy='docker run --name web nginx')
    >>> advise(["run", "–d", "nginx"], "").remedy
    'docker run -d nginx'
    """
    if any(_STRANGE.search(word) for word in words):
        return Advice(
            "dashes and quotes of a word processor are no hyphens and quotes: - \" '",
            _line(split_again(words)),
        )
    if not words or words[0].startswith("-"):
        return Advice()
    if words[0] == "help":
        return _stranger(words[1:], cli) if words[1:] else Advice()
    known = words[0] in groups(cli) or spelled((words[0],), cli)[1] is not None
    if not known:
        return _stranger(words, cli)
    if words[0] in _ELSEWHERE:
        return Advice(f"there is no docker {words[0]} here", _ELSEWHERE[words[0]])
    for length in (2, 1):
        spelling, command = spelled(tuple(words[:length]), cli)
        if command is not None:
            return _used(command, spelling, words[length:], text, cli)
    known = spelled(tuple(words[:2]), cli)[0] != ""
    return Advice() if known else _below(words, cli)


def split_again(words: Sequence[str]) -> list[str]:
    """The words as they would be with plain hyphens and quotes."""
    plain = " ".join(_plain(word) for word in words)
    try:
        return shlex.split(plain)
    except ValueError:
        return [word.strip("\"'") for word in plain.split()]


def _plain(word: str) -> str:
    rest = word.lstrip(_DASHES)
    if rest != word and _STRANGE.match(word.lstrip("-")):
        word = ("--" if len(rest.partition("=")[0]) > 1 else "-") + rest
    word = word.translate(_TYPOGRAPHY)
    return "".join("-" if char in _DASHES else char for char in word)


def _line(words: Sequence[str]) -> str:
    return (
        shlex.join(["docker", *words]) if words[:1] != ["docker"] else shlex.join(words)
    )


def _stranger(words: Sequence[str], cli: Cli) -> Advice:
    """The first word is no command."""
    first, rest = words[0], list(words[1:])
    bare = first.lstrip("$#>%").lower()
    if not bare or near(bare, ("docker", "sudo", "minidock")):
        while rest and rest[0].lower() in {"docker", "sudo", "$"}:
            rest = rest[1:]
        return Advice(
            "a line begins with the command; prompts, sudo and a second docker are not"
            " typed here, and docker is written small",
            _line(rest or ["ps"]),
        )
    if first in _ELSEWHERE or first.removeprefix("docker-") in _ELSEWHERE:
        name = first.removeprefix("docker-")
        return Advice(f"docker {name} is a program of its own", _ELSEWHERE[name])
    if first in PROGRAMS:
        return Advice(
            f"{first} is a program, not a command of docker",
            f"docker exec CONTAINER {shlex.join(words)}, or minidock host"
            f" {shlex.join(words)}",
        )
    plain = {name.partition(" ")[0] for name in COMMANDS} | set(groups(cli))
    meant = near(first, plain)
    small = first != first.lower() and meant == first.lower()
    rule = (
        "commands are written in small letters"
        if small
        else (f"docker has no command {first!r}")
    )
    return Advice(rule, _line([meant, *rest]) if meant else "docker --help lists them")


def _below(words: Sequence[str], cli: Cli) -> Advice:
    """The second word names nothing below the first."""
    known = groups(cli).get(words[0], ())
    if len(words) < 2:
        return Advice()
    meant = near(words[1], known)
    return Advice(
        f"below docker {words[0]} there are {', '.join(known)}",
        _line([words[0], meant, *words[2:]]) if meant else f"docker {words[0]} --help",
    )


def _used(
    command: Command, spelling: str, rest: Sequence[str], text: str, cli: Cli
) -> Advice:
    """The command is known; its options or arguments do not fit."""
    flags = command.flags_of(cli)
    arguments: list[str] = []
    taken = ""
    at = 0
    while at < len(rest):
        word = rest[at]
        at += 1
        if word == "--":
            arguments += rest[at:]
            break
        if not word.startswith("-") or word == "-":
            arguments.append(word)
            if not command.interspersed:
                arguments += rest[at:]
                break
            continue
        flag, found = _flag(word, flags)
        if flag is None:
            return _no_flag(spelling, rest, at - 1, found)
        if found == "next" and flag.kind != "bool":
            if at >= len(rest):
                value = f"docker {spelling} --{flag.name} VALUE"
                return Advice(
                    f"--{flag.name} takes the word after it as its value", value
                )
            taken = f"--{flag.name}" if at == len(rest) - 1 else taken
            at += 1
    return _arguments(command, spelling, arguments, taken, text)


def _flag(word: str, flags: Sequence[Flag]) -> tuple[Flag | None, str]:
    """The flag that a word is, and where its value stands; else the word meant."""
    name, equals, _ = word.partition("=")
    if name.startswith("--"):
        for flag in flags:
            if flag.name == name[2:]:
                return flag, "here" if equals else "next"
        meant = near(name[2:], [flag.name for flag in flags if not flag.hidden])
        return None, f"--{meant}" if meant else ""
    letters = name[1:]
    shorts = {flag.short: flag for flag in flags if flag.short}
    for place, letter in enumerate(letters):
        if letter not in shorts:
            meant = near(letters, [flag.name for flag in flags])
            if len(letters) > 2 and meant:
                return None, f"--{meant}"
            swapped = letter.swapcase()
            return None, f"-{swapped}" if swapped in shorts else ""
        if shorts[letter].kind != "bool":
            last = place == len(letters) - 1
            return shorts[letter], "next" if last and not equals else "here"
    return shorts[letters[-1]], "here"


def _no_flag(spelling: str, rest: Sequence[str], at: int, meant: str) -> Advice:
    word = rest[at]
    name, equals, value = word.partition("=")
    if not meant:
        rule = f"docker {spelling} has no option {name}"
        return Advice(rule, f"docker {spelling} --help lists them")
    line = [*spelling.split(), *rest[:at], f"{meant}{equals}{value}", *rest[at + 1 :]]
    if not name.startswith("--") and meant.startswith("--"):
        return Advice("a long option has two hyphens", _line(line))
    return Advice(f"docker {spelling} has no option {name}, but {meant}", _line(line))


def _arguments(
    command: Command, spelling: str, arguments: Sequence[str], taken: str, text: str
) -> Advice:
    for pattern, rule, remedy in _TEXTS:
        if re.search(pattern, text):
            return Advice(rule, remedy)
    use = " or ".join(line.strip() for line in command.use(spelling).splitlines())
    sample = f"docker {spelling} {_sample(command.usage)}".rstrip()
    arity = read_arity(command.arguments)
    if len(arguments) < arity.least:
        swallowed = f"; the word after {taken} is its value" if taken else ""
        return Advice(f"it is written {use}{swallowed}", sample)
    if arity.most is not None and len(arguments) > arity.most:
        extra = arguments[arity.most]
        return Advice(f"it is written {use}; {extra!r} is one word too many", sample)
    if "invalid reference format" in text:
        image = arguments[0] if arguments else ""
        small = image.lower() if image != image.lower() else "nginx"
        rule = f"{image!r} is no image: small letters, digits, . _ - /, then :TAG"
        return Advice(rule, f"docker {spelling} {small}")
    return Advice()


def _sample(usage: str) -> str:
    """An example of what must be there: the words in capitals outside brackets."""
    found = [re.match(r"[A-Z_]+", word) for word in usage.split()]
    names = [match[0] for match in found if match]
    return " ".join(_SAMPLES.get(name, name) for name in names)
