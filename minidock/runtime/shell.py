"""A small POSIX shell: a script is a function from a state to the next one.

```
 sh -c 'a && b | c > f; d'
        │  parse
        ▼
 Script ──execute──▶ State(output, files, status)      commands are programs of
                │                                      the container, see programs.py
                └──▶ State(waiting, frames) ──resume──▶ ...     where a program waits
```

A script that comes to a command that takes time stops there: every part of the script
that is around the command leaves a frame (shell_frames.py), and `resume` goes on from
the innermost one. So a script costs nothing while it sleeps, what it has done is done
once, and every command sees the World of its own moment. Going on costs O(frames).

What it does not do: job control, traps, matching of file names.

Invariants: `a && b` runs b exactly if a succeeded; a pipe's status is that of its last
command; what runs in ``( )``, in a pipe or in ``$( )`` changes no variable outside.

Source: POSIX.1, chapter 2. Texts: busybox's `ash`.
"""

from dataclasses import replace

from minidock.runtime import shell_compound, shell_pipes
from minidock.runtime import shell_frames as frames
from minidock.runtime.files import ROOM
from minidock.runtime.shell_builtins import (
    BUILTINS,
    SPECIAL,
    read_line,
    wait_for_jobs,
    which,
)
from minidock.runtime.shell_commands import (
    checked,
    go_on_with,
    reopened,
    start_program,
    step,
    turn_over,
)
from minidock.runtime.shell_lexer import ShellSyntaxError
from minidock.runtime.shell_parser import parse
from minidock.runtime.shell_redirects import after_redirect, redirected
from minidock.runtime.shell_state import (
    STDERR,
    WAITING,
    Chunk,
    ShellRefused,
    State,
    Told,
    held,
)
from minidock.runtime.shell_tree import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Pipeline,
    Script,
    Simple,
)
from minidock.runtime.shell_words import (
    expand_text,
    expand_words,
)

__all__ = ["after", "execute", "resume", "run_text"]

_DEEPEST = 40
"""How many groups, functions and shells may stand inside of each other."""


class _Suspended(Exception):
    """A ``$( )`` waits: what the ones before it told, and its shell."""

    def __init__(self, told: tuple[Told, ...], inner: State) -> None:
        super().__init__()
        self.told = told
        self.inner = inner


def run_text(state: State, text: str) -> State:
    """Parse a text and execute it in this very shell, as `eval` does."""
    try:
        script = parse(text)
    except ShellSyntaxError as error:
        state = state.complained(f"syntax error: {error}", 2)
        return replace(state, leaving="exit")
    return execute(state, script)


# --- the tree -------------------------------------------------------------------------


def execute(state: State, node: Node, tape: tuple[Told, ...] = ()) -> State:
    """The state after a part of a script; nothing happens where it is left already.

    ``tape`` is what its own ``$( )`` told when it was executed before and had to wait.
    """
    if state.leaving:
        return state
    if state.depth > _DEEPEST:
        state = state.complained("nested too deeply", 2)
        return replace(state, leaving="exit")
    try:
        deeper = replace(state, depth=state.depth + 1, told=(), tape=tape)
        inner = _execute(deeper, node)
    except _Suspended as suspended:
        inner = _expanding(state, node, suspended.told, suspended.inner)
    except ShellRefused as refusal:
        inner = replace(state.complained(str(refusal), 2), leaving="exit")
    if sum(len(text) for _, text in inner.output) > ROOM:
        cut = replace(inner, output=inner.output[:-1], frames=(), due=None)
        inner = replace(cut.complained("out of memory", 2), leaving="exit")
    return replace(inner, depth=state.depth)


def _execute(state: State, node: Node) -> State:
    match node:
        case Simple():
            return after(_simple(state, node), frames.Checked())
        case Pipeline():
            return _pipeline(state, node)
        case AndOr():
            return after(_tested(state, node.first), frames.InAndOr(node=node, place=0))
        case Script():
            return _script(state, node, 0)
        case Function():
            functions = {**state.functions, node.name: node.body}
            return replace(state, functions=functions, status=0)
        case _:
            return redirected(
                state, node.redirects, lambda inner: _compound(inner, node), _told
            )


def _compound(state: State, node: If | Loop | For | Case | Group) -> State:
    match node:
        case If():
            return after(_tested(state, node.condition), frames.InIf(node=node))
        case Loop():
            around = state.loops
            state = replace(state, loops=around + 1)
            return shell_compound.loop(
                _RUNNER, state, frames.InLoop(node=node, around=around, body=True)
            )
        case For():
            return shell_compound.for_each(_RUNNER, state, node)
        case Case():
            return shell_compound.case(_RUNNER, state, node)
        case Group(subshell=True):
            return _after_subshell(state, _subshell(state, node.script))
        case Group():
            return execute(state, node.script)


def _tested(state: State, node: Node) -> State:
    inner = execute(replace(state, tested=True), node)
    return after(inner, frames.Untested(tested=state.tested))


def _script(state: State, script: Script, first: int) -> State:
    for place in range(first, len(script.items)):
        node, background = script.items[place]
        if background:
            state = _background(state, node)
        else:
            state = execute(state, node)
        if state.waiting:
            return state.framed(frames.InScript(script=script, place=place + 1))
    return state


def _background(state: State, node: Node) -> State:
    """``command &``: it has its own shell, and this one goes on at once."""
    if state.leaving:
        return state
    inner = _subshell(replace(state, input="", open=False), node)
    after = state.after_inner(inner)
    return replace(
        after,
        status=0,
        output=(*state.output, *inner.output),
        jobs=(*after.jobs, held(inner)) if inner.waiting else after.jobs,
        background=max(state.background, 100) + 1,
    )


def _subshell(state: State, node: Node) -> State:
    """A node in a shell of its own: its last state."""
    return execute(replace(state, output=(), leaving="", jobs=()), node)


def _after_subshell(state: State, inner: State) -> State:
    state = replace(state, output=(*state.output, *inner.output))
    if inner.waiting:
        waits = shell_pipes.waits_for(state, inner)
        return waits.framed(frames.Subshelled(inner=held(inner)))
    state = replace(state.after_inner(inner), status=inner.status, input=inner.input)
    return checked(state)


def _told(state: State, script: Script) -> State:
    """A ``$( )``: its shell's last state, from the tape where it is known already."""
    if state.tape:
        (output, status), *tape = state.tape
        inner = replace(state, output=output, status=status, tape=tuple(tape), jobs=())
    else:
        inner = _subshell(state, script)
        if inner.waiting:
            raise _Suspended(state.told, inner)
        inner = replace(inner, tape=())
    return replace(inner, told=(*state.told, (inner.output, inner.status)))


def _expanding(
    state: State,
    node: Node,
    told: tuple[Told, ...],
    inner: State,
    output: tuple[Chunk, ...] = (),
) -> State:
    """The state while a ``$( )`` in a command's words waits."""
    frame = frames.Expanding(
        node=node, told=told, inner=held(inner), output=(*output, *inner.output)
    )
    return shell_pipes.waits_for(state, inner).framed(frame)


def _pipeline(state: State, node: Pipeline) -> State:
    *firsts, last = node.commands
    if firsts:
        return shell_pipes.begin(state, node, resume)
    state = _tested(state, last) if node.negated else execute(state, last)
    return after(state, frames.Negated(negated=node.negated))


# --- one command ----------------------------------------------------------------------


def _simple(state: State, node: Simple) -> State:
    state = step(state)
    if state.waiting:  # it will be executed then
        return state.framed(
            frames.InScript(script=Script(items=((node, False),)), place=0)
        )
    if state.leaving:
        return state
    state = replace(state, substituted=None)
    state, words = expand_words(state, node.words, _told)
    given: dict[str, str] = {}
    for name, value in node.assignments:
        state, given[name] = expand_text(state, value, _told)
    if state.leaving:
        return state
    if "x" in state.options and words:
        state = state.printed(f"+ {' '.join(words)}\n", STDERR)
    if not words:
        state = replace(state, variables={**state.variables, **given})

    def action(inner: State) -> State:
        if not words:
            return replace(inner, status=state.substituted or 0)
        return _command(inner, words, given)

    return redirected(state, node.redirects, action, _told)


def _command(state: State, words: list[str], given: dict[str, str]) -> State:
    name = words[0]
    if name in state.functions:
        return _call(state, words, given)
    if name in SPECIAL:
        return _special(state, words, given)
    builtin = BUILTINS.get(name)
    if builtin is not None:
        # `exit` and `return` give the status of the command before.
        leaves = name in {"exit", "return"}
        return builtin(state if leaves else replace(state, status=0), words[1:])
    return start_program(state, words, given)


def _call(state: State, words: list[str], given: dict[str, str]) -> State:
    inner = replace(
        state,
        arguments=tuple(words[1:]),
        variables={**state.variables, **given},
        status=0,
    )
    inner = execute(inner, state.functions[words[0]])
    return after(inner, frames.Called(arguments=state.arguments))


def _special(state: State, words: list[str], given: dict[str, str]) -> State:
    """The words that run other words."""
    name, *rest = words
    if name == "eval":
        return run_text(replace(state, status=0), " ".join(rest))
    if name in {".", "source"}:
        text = state.files.read(rest[0]) if rest else ""
        if text is None:
            state = state.complained(f".: can't open '{rest[0]}': not found", 2)
            return replace(state, leaving="exit")
        return run_text(replace(state, status=0), text)
    if name == "command" and rest[:1] in (["-v"], ["-V"]):
        found = which if rest[0] == "-v" else BUILTINS["type"]
        return found(replace(state, status=0), rest[1:2])
    if not rest:
        return replace(state, status=0)
    state = _command(replace(state, functions={}), rest, given)
    return after(state, frames.Executed()) if name == "exec" else state


# --- going on -------------------------------------------------------------------------


def resume(state: State) -> State:
    """A shell that waits goes on; it may come to wait again, or for the same.

    Cost: O(frames), and what the commands cost that it comes to.
    """
    left = state.frames
    state = replace(state, frames=(), leaving="", due=None, reads=False, note="")
    state = shell_pipes.run_jobs(state, resume)
    said = state.output
    state = replace(state, output=())
    for frame in left:
        state = _inside(state, frame) if not state.leaving else after(state, frame)
    return replace(state, output=(*said, *state.output))


def _inside(state: State, frame: object) -> State:
    """The innermost frame goes on; any other one takes the state that it left."""
    match frame:
        case frames.Commanding():
            return go_on_with(state, frame)
        case frames.ReadingLine():
            return reopened(read_line(state, frame.words, frame.until, again=True))
        case frames.WaitingForJobs():
            return wait_for_jobs(state)
        case frames.Spun() if state.process.now < frame.at:
            return replace(state, leaving=WAITING, due=frame.at).framed(frame)
        case frames.Spun():
            return state
        case frames.Subshelled():
            inner = shell_pipes.resume_within(state, frame.inner, resume)
            return _after_subshell(replace(state, input=""), inner)
        case frames.Expanding():
            return _expanded(state, frame)
        case frames.Piped():
            return shell_pipes.go_on(state, frame, resume)
    return after(state, frame)


def _expanded(state: State, frame: frames.Expanding) -> State:
    inner = shell_pipes.resume_within(state, frame.inner, resume)
    state = replace(state, input=inner.input if inner.reads else state.input)
    if inner.waiting:
        return _expanding(state, frame.node, frame.told, inner, frame.output)
    told = (*frame.told, ((*frame.output, *inner.output), inner.status))
    state = replace(state, files=replace(inner.files, folder=state.files.folder))
    return execute(state, frame.node, told)


def after(state: State, frame: object) -> State:
    """A part of the script takes the state that what is inside of it has left."""
    if isinstance(frame, frames.Redirected):
        return after_redirect(state, frame)
    if state.waiting:
        return state.framed(frame)
    match frame:
        case frames.Checked():
            return checked(state)
        case frames.Untested():
            return replace(state, tested=frame.tested)
        case frames.Negated(negated=True):
            return replace(state, status=int(not state.status))
        case frames.Negated():
            return checked(state)
        case frames.InScript():
            return _script(state, frame.script, frame.place)
        case frames.InAndOr():
            return shell_compound.and_or(_RUNNER, state, frame.node, frame.place)
        case frames.InIf():
            return shell_compound.then(_RUNNER, state, frame.node)
        case frames.InLoop(body=True):
            return shell_compound.after_body(_RUNNER, state, frame)
        case frames.InLoop():
            return shell_compound.loop(_RUNNER, state, frame)
        case frames.InFor():
            state, over = turn_over(state)
            if over:
                return replace(state, loops=frame.around)
            return shell_compound.for_rest(_RUNNER, state, frame)
        case frames.Called():
            left = "" if state.leaving == "return" else state.leaving
            return replace(state, arguments=frame.arguments, leaving=left)
        case frames.Executed():
            return replace(state, leaving=state.leaving or "exit")
    return state


_RUNNER = shell_compound.Runner(execute, _tested, _told)
