"""The commands that a shell does itself, since they change the shell.

```
 cd export unset set shift read        the shell's own variables and folder
 exit return break continue            what comes next
 type which wait umask trap ulimit     questions, and what has no effect here
```

A builtin is a function (State, arguments) -> State.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from minidock.runtime.options import options
from minidock.runtime.shell_frames import ReadingLine, WaitingForJobs
from minidock.runtime.shell_state import STDERR, WAITING, State
from minidock.runtime.waiting import SECOND

__all__ = ["BUILTINS", "READERS", "SPECIAL", "read_line", "wait_for_jobs", "which"]

READERS = frozenset(
    """ash awk base64 bash cat cut egrep fgrep grep head md5sum nc nl rev sed sh sort
    tac tail tee telnet tr uniq wc xargs""".split()
)
"""The programs that read their input to its end."""

SPECIAL = frozenset("eval . source exec command builtin".split())
"""The shell's words that run other words."""

Builtin = Callable[[State, Sequence[str]], State]


def _cd(state: State, words: Sequence[str]) -> State:
    target = words[0] if words else state.variables.get("HOME", "/")
    if target == "-":
        target = state.variables.get("OLDPWD", "/")
    if not state.files.is_folder(target):
        reason = "No such file or directory"
        if state.files.read(target) is not None:
            reason = "Not a directory"
        text = f"cd: line 0: can't cd to {target}: {reason}"
        return state.complained(text, 2)
    files = replace(state.files, folder=state.files.path(target))
    moved = state.with_variable("OLDPWD", state.files.folder)
    return replace(moved.with_variable("PWD", files.folder), files=files)


def _export(state: State, words: Sequence[str]) -> State:
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            continue
        if equals:
            state = state.with_variable(name, value)
        state = replace(state, exported=state.exported | {name})
    if not words:
        for name, value in sorted(state.environment()):
            state = state.printed(f"export {name}='{value}'\n")
    return state


def _assigned(state: State, words: Sequence[str]) -> State:
    """`local`, `readonly`: they set variables like any other here."""
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            state = state.with_variable(name, value)
    return state


def _unset(state: State, words: Sequence[str]) -> State:
    gone = {word for word in words if not word.startswith("-")}
    variables = {k: v for k, v in state.variables.items() if k not in gone}
    functions = {k: v for k, v in state.functions.items() if k not in gone}
    return replace(
        state,
        variables=variables,
        functions=functions if "-v" not in words else state.functions,
        exported=state.exported - gone,
    )


def _set(state: State, words: Sequence[str]) -> State:
    if not words:
        for name, value in sorted(state.variables.items()):
            state = state.printed(f"{name}='{value}'\n")
        return state
    rest = list(words)
    while rest and rest[0][:1] in {"-", "+"} and rest[0] != "--":
        word = rest.pop(0)
        letters = frozenset(word[1:]) - {"o"}
        if word[1:] == "o" and rest:
            letters = _LONG.get(rest.pop(0), frozenset())
        on = word.startswith("-")
        options = state.options | letters if on else state.options - letters
        state = replace(state, options=options)
    if rest[:1] == ["--"]:
        return replace(state, arguments=tuple(rest[1:]))
    return replace(state, arguments=tuple(rest)) if rest else state


_LONG: Mapping[str, frozenset[str]] = {
    "errexit": frozenset("e"),
    "nounset": frozenset("u"),
    "xtrace": frozenset("x"),
}


def _shift(state: State, words: Sequence[str]) -> State:
    count = _number(words, 1)
    if count is None or count > len(state.arguments):
        return replace(state, status=1)
    return replace(state, arguments=state.arguments[count:])


def _number(words: Sequence[str], default: int) -> int | None:
    if not words:
        return default
    text = words[0]
    good = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if good else None


def read_line(
    state: State, words: Sequence[str], until: int | None = None, *, again: bool = False
) -> State:
    """`read [-r] [-p PROMPT] [-t SECONDS] NAME...`: a line of the input into variables.

    The last variable gets what is left. Without a whole line it waits for one.
    """
    given = options(words, "rs", "ptnd", permute=False)
    if not again and given.value("p") and state.process.terminal:
        state = state.printed(given.value("p") or "", STDERR)
    limit = given.value("t") or ""
    if not again and limit.isascii() and limit.isdecimal() and len(limit) < 7:
        until = state.process.now + int(limit) * SECOND
    line, newline, rest = state.input.partition("\n")
    if not newline and state.open:
        if until is not None and state.process.now >= until:
            return replace(state, status=1)
        waits = replace(state, leaving=WAITING, due=until, reads=True)
        return waits.framed(ReadingLine(words=tuple(words), until=until))
    names = list(given.rest) or ["REPLY"]
    fields = line.split(None, len(names) - 1) if len(names) > 1 else [line.strip()]
    fields += [""] * (len(names) - len(fields))
    for name, field in zip(names, fields, strict=False):
        state = state.with_variable(name, field.rstrip())
    return replace(state, input=rest, status=0 if newline else 1)


def _leave(how: str) -> Builtin:
    def leave(state: State, words: Sequence[str]) -> State:
        code = _number(words, state.status)
        if code is None:
            text = f"{how}: line 0: Illegal number: {words[0]}"
            return replace(state.complained(text, 2), leaving="exit")
        return replace(state, leaving=how, status=code & 255)

    return leave


def _loop(how: str) -> Builtin:
    def leave(state: State, words: Sequence[str]) -> State:
        if not state.loops:  # outside of loops it does nothing
            return state
        levels = _number(words, 1) or 1
        return replace(state, leaving=how, levels=levels)

    return leave


def _is_program(state: State, name: str) -> bool:
    known = state.process.knows
    return name in known or name.rpartition("/")[2] in known


def which(state: State, words: Sequence[str]) -> State:
    """`command -v`: how the shell would call it."""
    for word in words:
        if word in state.functions or word in _OWN:
            state = state.printed(f"{word}\n")
        elif _is_program(state, word):
            state = state.printed(f"/bin/{word.rpartition('/')[2]}\n")
        else:
            state = replace(state, status=127)
    return state


def _type(state: State, words: Sequence[str]) -> State:
    for word in words:
        if word in state.functions:
            state = state.printed(f"{word} is a function\n")
        elif word in _OWN:
            state = state.printed(f"{word} is a shell builtin\n")
        elif _is_program(state, word):
            state = state.printed(f"{word} is /bin/{word.rpartition('/')[2]}\n")
        else:
            state = replace(state.printed(f"{word}: not found\n"), status=127)
    return state


def wait_for_jobs(state: State, words: Sequence[str] = ()) -> State:
    """`wait` ends when all that ``&`` started has ended."""
    del words
    if not state.jobs:
        return state
    return replace(state, leaving=WAITING).framed(WaitingForJobs())


def _nothing(state: State, words: Sequence[str]) -> State:  # noqa: ARG001 - one shape
    return state


BUILTINS: dict[str, Builtin] = {
    ":": _nothing,
    "alias": _nothing,
    "break": _loop("break"),
    "cd": _cd,
    "continue": _loop("continue"),
    "exit": _leave("exit"),
    "export": _export,
    "local": _assigned,
    "read": read_line,
    "readonly": _assigned,
    "return": _leave("return"),
    "set": _set,
    "shift": _shift,
    "trap": _nothing,
    "type": _type,
    "ulimit": _nothing,
    "umask": _nothing,
    "unset": _unset,
    "wait": wait_for_jobs,
}

_OWN = frozenset(
    {*BUILTINS, *SPECIAL, "[", "[[", "echo", "kill", "printf", "pwd", "test"}
)
