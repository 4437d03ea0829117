"""Small programs that say something: echo, printf, env, test, date and their like.

A table of functions of a process; the texts are busybox's.
"""

import re
from datetime import UTC, datetime

from minidock.naming.hosts import hosts_file
from minidock.runtime.finished import Finished
from minidock.runtime.options import options
from minidock.runtime.process import (
    Process,
    Program,
    refused,
    usage,
)

__all__ = ["BASICS"]

_KERNEL, _CPUS = "6.1.0", 2
"""The same as in `docker info`."""


def _hostname(process: Process) -> Finished:
    given = options(process.arguments, "sidfAI", "F")
    name = process.files.read("/etc/hostname") or "\n"
    if given.unknown or given.incomplete:
        return usage(process, "[-sidf] [HOSTNAME]")
    if given.rest or given.values:
        return refused(process, "sethostname: Operation not permitted")
    letter = min(given.flags, default="")
    host, dot, domain = name.strip().partition(".")
    match letter:
        case "s":
            return Finished(stdout=f"{host}\n")
        case "d":
            return Finished(stdout=f"{domain}\n" if dot else "\n")
        case "i" | "A" | "I":
            return _addresses(process, name.strip())
        case _:
            return Finished(stdout=name)


def _addresses(process: Process, name: str) -> Finished:
    hosts = hosts_file(process.world, process.container)
    lines = [line.split() for line in hosts.splitlines()]
    found = [words[0] for words in lines if name in words[1:]]
    if not found:
        return refused(process, f"{name}: Unknown host")
    return Finished(stdout=f"{' '.join(found)}\n")


def _true(process: Process) -> Finished:  # noqa: ARG001 - every program has one shape
    return Finished()


def _false(process: Process) -> Finished:  # noqa: ARG001 - every program has one shape
    return Finished(code=1)


def _says(text: str) -> Program:
    return lambda _: Finished(stdout=f"{text}\n")


def _pwd(process: Process) -> Finished:
    return Finished(stdout=f"{process.files.folder}\n")


def _user(process: Process) -> tuple[str, str]:
    """The number and the name of who runs it."""
    user = process.user.partition(":")[0]
    if user in {"", "0", "root"}:
        return "0", "root"
    if user in {"65534", "nobody"}:
        return "65534", "nobody"
    return (user, user) if user.isdigit() else ("1000", user)


def _whoami(process: Process) -> Finished:
    number, name = _user(process)
    if number == name:
        return refused(process, f"unknown uid {number}")
    return Finished(stdout=f"{name}\n")


def _group(process: Process) -> str:
    """The number of the group of who runs it.

    Odd on purpose: a number that the image knows nothing of is in root's group.
    """
    user, _, group = process.user.partition(":")
    number, name = _user(process)
    if group:
        return "0" if group == "root" else group
    return "0" if number == name and user.isdigit() else number


_GROUPS = {"0": "root", "65534": "nobody"}


def _groups(process: Process) -> tuple[str, ...]:
    """Its own group and those of ``--group-add``, as the kernel sorts them."""
    asked = process.container.host_config.texts("GroupAdd")
    known = {name: number for number, name in _GROUPS.items()}
    found = {_group(process), *(known.get(name, name) for name in asked)}
    return tuple(sorted(found, key=lambda text: (len(text), text)))


def _id(process: Process) -> Finished:
    given = options(process.arguments, "ugGn")
    if given.unknown or given.rest:
        return usage(process, "[-ugGn]")
    number, name = _user(process)
    group, groups = _group(process), _groups(process)
    names = _GROUPS | {number: name}
    if given.flags & {"u", "g", "G"}:
        asked = [number] if "u" in given.flags else [group]
        if "G" in given.flags:
            asked = [group, *(other for other in groups if other != group)]
        if "n" not in given.flags:
            return Finished(stdout=" ".join(asked) + "\n")
        unknown = [item for item in asked if item not in names]
        errors = "".join(f"id: unknown ID {item}\n" for item in unknown)
        text = " ".join(names.get(item, item) for item in asked)
        return Finished(stdout=f"{text}\n", stderr=errors, code=int(bool(unknown)))
    shown = [f"{item}({names[item]})" if item in names else item for item in groups]
    own = f"{number}({name})" if name != number else number
    main = shown[groups.index(group)]
    return Finished(stdout=f"uid={own} gid={main} groups={','.join(shown)}\n")


def _uname(process: Process) -> Finished:
    name = (process.files.read("/etc/hostname") or "").strip()
    machine = "x86_64"
    facts = {
        "s": "Linux",
        "n": name,
        "r": _KERNEL,
        "v": "#1 SMP",
        "m": machine,
        "o": "Linux",
    }
    given = options(process.arguments, "snrvmoa")
    if given.unknown or given.rest:
        return usage(process, "[-amnrspvio]")
    letters = given.flags or {"s"}
    chosen = [facts[key] for key in facts if key in letters or "a" in letters]
    return Finished(stdout=f"{' '.join(chosen)}\n")


def _date(process: Process) -> Finished:
    moment = datetime.fromtimestamp(process.now // 1_000_000_000, UTC)
    form = next((w[1:] for w in process.arguments if w.startswith("+")), None)
    if form is None:
        return Finished(stdout=f"{moment:%a %b %e %H:%M:%S} UTC {moment:%Y}\n")
    known = set("aAbBcdDeFHIjklmMnpRsSTuUwxXyYZz%")
    letters = re.findall(r"%(.?)", form)
    if not set(letters) <= known:
        return refused(process, f"this date has no %{next(iter(set(letters) - known))}")
    form = form.replace("%s", str(process.now // 1_000_000_000)).replace("%n", "\n")
    return Finished(stdout=f"{moment.strftime(form)}\n")


def _basename(process: Process) -> Finished:
    if not process.arguments:
        return usage(process, "FILE [SUFFIX]")
    path, *suffix = process.arguments
    name = path.rstrip("/").rpartition("/")[2] or "/"
    if suffix and name != suffix[0]:
        name = name.removesuffix(suffix[0])
    return Finished(stdout=f"{name}\n")


def _dirname(process: Process) -> Finished:
    if not process.arguments:
        return usage(process, "FILENAME")
    path = process.arguments[0].rstrip("/")
    head, slash, _ = path.rpartition("/")
    return Finished(stdout=f"{head or ('/' if slash or not path else '.')}\n")


BASICS: dict[str, Program] = {
    ":": _true,
    "basename": _basename,
    "date": _date,
    "dirname": _dirname,
    "false": _false,
    "hostname": _hostname,
    "id": _id,
    "nproc": lambda _: Finished(stdout=f"{_CPUS}\n"),
    "pwd": _pwd,
    "sync": _true,
    "true": _true,
    "tty": _says("not a tty"),
    "uname": _uname,
    "whoami": _whoami,
}
