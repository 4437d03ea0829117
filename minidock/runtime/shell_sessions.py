"""`sh`: a script's beginning and its end, and a shell that reads what somebody types.

```
 sh -c 'a; b'     ──▶ run_text ──▶ Result, or Paused(Shell) if it waits
 sh               ──▶ a line is typed ──▶ run_text ──▶ the next line ...
```

A shell whose script is its input executes each command as soon as it is complete. With
a terminal it shows its prompt, and reads line by line.

Texts: busybox's `ash`, whose prompt is ``/ # ``.
"""

import re
from dataclasses import dataclass, replace

from minidock.runtime.finished import Finished
from minidock.runtime.process import Paused, Process, Result
from minidock.runtime.shell import after, resume, run_text
from minidock.runtime.shell_commands import with_input
from minidock.runtime.shell_frames import Commanding, Prompting
from minidock.runtime.shell_lexer import ShellSyntaxError
from minidock.runtime.shell_parser import parse
from minidock.runtime.shell_pipes import earliest
from minidock.runtime.shell_state import (
    STDERR,
    STDOUT,
    WAITING,
    State,
    held,
    seeing,
)

__all__ = ["run_script", "shell"]


def shell(process: Process) -> Finished:
    """`sh`, `ash`, `bash`: ``-c script``, a file, or a script on the input."""
    words, letters = list(process.arguments), set[str]()
    while words and words[0][:1] in {"-", "+"} and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if not word.startswith("--"):
            letters |= set(word[1:])
    options = frozenset(letters & set("eux"))
    if "c" in letters:
        if not words:
            return Finished(stderr=f"{process.name}: -c requires an argument\n", code=2)
        script, *rest = words
        return run_script(process, script, rest, options)
    if not words:
        prompt = process.terminal or "i" in letters
        state = _state(process, [], options)
        return _result(_prompting(state, Prompting(prompt=prompt)))
    text = process.files.read(words[0])
    if text is None:
        error = f"{process.name}: can't open '{words[0]}': No such file or directory\n"
        return Finished(stderr=error, code=2)
    return run_script(process, text, words, options)


def run_script(
    process: Process, text: str, words: list[str], letters: frozenset[str] = frozenset()
) -> Result:
    """Run a script; the first of the words is its ``$0``, the others its arguments."""
    return _result(run_text(_state(process, words, letters), text))


def _state(process: Process, words: list[str], letters: frozenset[str]) -> State:
    name, *arguments = words or [process.name]
    level = process.variable("SHLVL") or "0"
    variables = {
        **dict(process.environment),
        "SHLVL": str(int(level) + 1 if level.isdecimal() and len(level) < 4 else 1),
        "PWD": process.files.folder,
    }
    return State(
        process=process,
        files=process.files,
        name=name,
        arguments=tuple(arguments),
        variables=variables,
        exported=frozenset(variables),
        input=process.given,
        open=process.open,
        steps=process.steps,
        depth=process.depth,
        options=letters,
    )


def _result(state: State) -> Result:
    """What a shell has done; what it left in the background ends with it."""
    stdout, stderr = state.written(STDOUT), state.written(STDERR)
    if not state.waiting:
        return Result(
            stdout=stdout,
            stderr=stderr,
            code=state.status,
            files=state.files,
            chunks=state.output,
            steps=state.steps,
        )
    return Paused(
        stdout=stdout,
        stderr=stderr,
        files=state.files,
        chunks=state.output,
        steps=state.steps,
        rest=Shell(state=held(state)),
        due=earliest(state),
        reads=state.reads,
        note=state.note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A shell that waits."""

    state: State

    def _here(self, process: Process) -> State:
        state = seeing(self.state, process, process.files)
        state = replace(state, steps=process.steps)
        return with_input(state, process.given, is_open=process.open)

    def go_on(self, process: Process) -> Finished:
        """It goes on where it stopped."""
        return _result(resume_session(self._here(process)))

    def interrupt(self, process: Process, number: int) -> Finished:
        """The command in front dies, and a script with it; a prompt comes back."""
        state = self._here(process)
        first, *outer = state.frames
        state = replace(state, frames=(), due=None, reads=False, note="")
        if isinstance(first, Commanding):
            done = first.rest.interrupt(process, number)
            state = state.printed(done.stdout).printed(done.stderr, STDERR)
        elif isinstance(first, Prompting):
            outer = [first]
        state = replace(state, leaving="exit", status=128 + number)
        for frame in outer:
            if isinstance(frame, Prompting) and frame.prompt:
                again = replace(state, leaving="").printed("\n", STDERR)
                state = _prompting(again, Prompting(prompt=True))
            elif not isinstance(frame, Prompting):
                state = after(state, frame)
        return _result(state)


def resume_session(state: State) -> State:
    """A shell that waits goes on, and then reads its next command if it reads them."""
    *frames, last = state.frames
    if not isinstance(last, Prompting):
        return resume(state)
    if frames:
        state = resume(replace(state, frames=tuple(frames)))
        return _prompting(state, last)
    ready = replace(state, frames=(), leaving="", due=None, reads=False)
    return _prompting(ready, last)


# --- a script on the input ------------------------------------------------------------


def _prompting(state: State, frame: Prompting) -> State:
    """Execute the commands that have come, one after the other."""
    while True:
        if state.waiting:
            return state.framed(replace(frame, asked=False))
        if state.leaving == "exit":
            return state
        state = replace(state, leaving="")
        command = _command(frame.buffer, is_open=True)
        if command is None:
            if frame.prompt and not frame.asked:
                sign = "> " if frame.buffer else _prompt(state)
                state = state.printed(sign, STDERR)
                frame = replace(frame, asked=True)
            state, read = _taken(state, by_line=frame.prompt)
            if read:
                frame = replace(frame, buffer=frame.buffer + read, asked=False)
                continue
            if state.open:
                waits = replace(state, leaving=WAITING, reads=True, due=None)
                return waits.framed(frame)
            command = frame.buffer
            if not command:
                ended = state.printed("\n" if frame.prompt else "", STDERR)
                return replace(ended, leaving="exit")
        frame = replace(frame, buffer=frame.buffer[len(command) :])
        state = _executed(state, command, frame)


def _taken(state: State, *, by_line: bool) -> tuple[State, str]:
    """What the shell reads at once: a terminal gives a line, a pipe what it holds.

    Odd on purpose: what the shell has read its commands do not get, so a `read` in a
    script that came through a pipe does not see the script's next line.
    """
    text, newline, rest = state.input.partition("\n")
    if not by_line:
        return replace(state, input=""), state.input
    if not newline and state.open:
        return state, ""
    return replace(state, input=rest), text + newline


def _executed(state: State, command: str, frame: Prompting) -> State:
    """A typing error ends a script, and not who typed it."""
    if frame.prompt:
        try:
            parse(command)
        except ShellSyntaxError as error:
            return state.complained(f"syntax error: {error}", 2)
    return run_text(state, command)


def _prompt(state: State) -> str:
    folder = state.files.folder
    home = state.variables.get("HOME", "")
    shown = "~" if folder == home else folder
    sign = "#" if state.process.user in {"", "0", "root"} else "$"
    if state.process.name == "bash":
        host = state.variables.get("HOSTNAME", "")
        return f"{state.process.user or 'root'}@{host}:{shown}{sign} "
    return f"{shown} {sign} "


_UNFINISHED = ("end of file", "unterminated", "EOF", "missing '))'", "missing '}'")
_HERE = re.compile(r"<<-?\s*(['\"\\]?)(\w+)")


def _command(text: str, *, is_open: bool) -> str | None:
    """The first whole command of a text; None if there is none and may still come."""
    whole = text.rpartition("\n")
    lines = (whole[0] + whole[1]).splitlines(keepends=True)
    command = ""
    for line in lines:
        command += line
        if _is_whole(command):
            return command
    return None if is_open else text


def _is_whole(command: str) -> bool:
    if command.endswith("\\\n"):
        return False
    for match in _HERE.finditer(command):
        ends = command[match.end() :].splitlines()[1:]
        if match[2] not in {line.strip("\t") for line in ends}:
            return False
    try:
        parse(command)
    except ShellSyntaxError as error:
        return not any(word in str(error) for word in _UNFINISHED)
    return True
