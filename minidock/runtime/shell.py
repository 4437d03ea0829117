"""A small POSIX shell: a script is a function from a state to the next one.

```
 sh -c 'a && b | c > f; d'
        │  parse
        ▼
 Script ──execute──▶ State(output, files, status)      commands are programs of
                                                       the container, see programs.py
```

What it does not do: jobs, traps, matching of file names. A script makes at most
``STEPS`` commands; a loop without an end stops there.

Invariants: `a && b` runs b exactly if a succeeded; a pipe's status is that of its last
command; what runs in ``( )``, in a pipe or in ``$( )`` changes no variable outside.

Source: POSIX.1, chapter 2. Texts: busybox's `ash`.
"""

from dataclasses import replace

from minidock.runtime.files import ROOM
from minidock.runtime.finished import Finished
from minidock.runtime.process import (
    FOREVER,
    INTERRUPTED,
    Process,
    Result,
)
from minidock.runtime.shell_builtins import BUILTINS, SPECIAL, which
from minidock.runtime.shell_commands import (
    CTRL_C,
    checked,
    start_program,
    step,
    turn_over,
)
from minidock.runtime.shell_lexer import ShellSyntaxError
from minidock.runtime.shell_parser import parse
from minidock.runtime.shell_redirects import redirected
from minidock.runtime.shell_state import STDERR, STDOUT, ShellRefused, State
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
    matches_pattern,
)

__all__ = ["run_script", "shell"]

_DEEPEST = 40
"""How many groups, functions and shells may stand inside of each other."""


# --- the program ----------------------------------------------------------------------


def shell(process: Process) -> Finished:
    """`sh`, `ash`, `bash`: ``-c script``, a file, or a script on the input."""
    words, letters = list(process.arguments), set[str]()
    while words and words[0][:1] in {"-", "+"} and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if not word.startswith("--"):
            letters |= set(word[1:])
    if "c" in letters:
        if not words:
            return Finished(stderr=f"{process.name}: -c requires an argument\n", code=2)
        script, *rest = words
        return run_script(process, script, rest, frozenset(letters & set("eux")))
    if not words:
        return run_script(process, process.stdin, [], frozenset(letters & set("eux")))
    text = process.files.read(words[0])
    if text is None:
        error = f"{process.name}: can't open '{words[0]}': No such file or directory\n"
        return Finished(stderr=error, code=2)
    return run_script(process, text, words, frozenset(letters & set("eux")))


def run_script(
    process: Process, text: str, words: list[str], letters: frozenset[str] = frozenset()
) -> Result:
    """Run a script; the first of the words is its ``$0``, the others its arguments."""
    name, *arguments = words or [process.name]
    level = process.variable("SHLVL") or "0"
    variables = {
        **dict(process.environment),
        "SHLVL": str(int(level) + 1 if level.isdecimal() and len(level) < 4 else 1),
        "PWD": process.files.folder,
    }
    state = State(
        process=process,
        files=process.files,
        name=name,
        arguments=tuple(arguments),
        variables=variables,
        exported=frozenset(variables),
        input=process.stdin,
        steps=process.steps,
        depth=process.depth,
        options=letters,
    )
    state = run_text(state, text)
    return _result(state)


def run_text(state: State, text: str) -> State:
    """Parse a text and execute it in this very shell, as `eval` does."""
    try:
        script = parse(text)
    except ShellSyntaxError as error:
        state = state.complained(f"syntax error: {error}", 2)
        return replace(state, leaving="exit")
    return execute(state, script)


def _result(state: State) -> Result:
    running = state.leaving == "running"
    return Result(
        stdout=state.written(STDOUT),
        stderr=state.written(STDERR),
        code=state.status,
        files=state.files,
        seconds=FOREVER if running else state.seconds,
        chunks=state.output,
        steps=state.steps,
        stopped=state.leaving == "stopped",
    )


# --- the tree -------------------------------------------------------------------------


def execute(state: State, node: Node) -> State:
    """The state after a part of a script; nothing happens where it is left already."""
    if state.leaving:
        return state
    if state.depth > _DEEPEST:
        state = state.complained("nested too deeply", 2)
        return replace(state, leaving="exit")
    try:
        inner = _execute(replace(state, depth=state.depth + 1), node)
    except ShellRefused as refusal:
        inner = replace(state.complained(str(refusal), 2), leaving="exit")
    if sum(len(text) for _, text in inner.output) > ROOM:
        cut = replace(inner, output=inner.output[:-1])
        inner = replace(cut.complained("out of memory", 2), leaving="exit")
    return replace(inner, depth=state.depth)


def _execute(state: State, node: Node) -> State:
    match node:
        case Simple():
            return checked(_simple(state, node))
        case Pipeline():
            return _pipeline(state, node)
        case AndOr():
            return _and_or(state, node)
        case Script():
            return _script(state, node)
        case Function():
            functions = {**state.functions, node.name: node.body}
            return replace(state, functions=functions, status=0)
        case _:
            return redirected(
                state, node.redirects, lambda inner: _compound(inner, node), _subshell
            )


def _compound(state: State, node: If | Loop | For | Case | Group) -> State:
    match node:
        case If():
            return _if(state, node)
        case Loop():
            return _loop(state, node)
        case For():
            return _for(state, node)
        case Case():
            return _case(state, node)
        case Group(subshell=True):
            inner = _subshell(state, node.script)
            kept = inner.leaving if inner.leaving in {"running", "stopped"} else ""
            state = replace(state.after_inner(inner), status=inner.status, leaving=kept)
            output = (*state.output, *inner.output)
            return checked(replace(state, output=output, input=inner.input))
        case Group():
            return execute(state, node.script)


def _tested(state: State, node: Node) -> State:
    inner = execute(replace(state, tested=True), node)
    return replace(inner, tested=state.tested)


def _script(state: State, script: Script) -> State:
    for node, background in script.items:
        state = _background(state, node) if background else execute(state, node)
    return state


def _background(state: State, node: Node) -> State:
    """``command &``: it has its own shell, and this one goes on at once."""
    if state.leaving:
        return state
    inner = _subshell(replace(state, input=""), node)
    running = inner.leaving in {"running", "stopped"}
    # Ctrl-C is for the command in front, so what it would say is not said here.
    said = tuple(chunk for chunk in inner.output if chunk[1] != CTRL_C)
    after = state.after_inner(inner)
    return replace(
        after,
        seconds=state.seconds,
        status=0,
        output=(*state.output, *said),
        background=max(state.background, 100) + 1,
        background_runs=after.background_runs or running,
    )


def _subshell(state: State, node: Node) -> State:
    """A node in a shell of its own: its last state."""
    return execute(replace(state, output=(), leaving=""), node)


def _pipeline(state: State, node: Pipeline) -> State:
    *firsts, last = node.commands
    if not firsts:
        state = _tested(state, last) if node.negated else execute(state, last)
    else:
        state = _piped(state, node.commands)
    if node.negated:
        return replace(state, status=int(not state.status))
    return checked(state)


def _piped(state: State, commands: tuple[Node, ...]) -> State:
    outer, text = state, state.input
    leaving, inner = "", state
    for turn, command in enumerate(commands):
        inner = _subshell(replace(state, input=text, tested=True), command)
        state = outer = outer.after_inner(inner)
        if inner.leaving in {"running", "stopped"}:
            leaving = leaving or inner.leaving
        if turn < len(commands) - 1:
            text = inner.written(STDOUT)
            errors = tuple(chunk for chunk in inner.output if chunk[0] == STDERR)
        else:
            errors = inner.output
        outer = state = replace(outer, output=(*outer.output, *errors))
    status = INTERRUPTED if leaving == "stopped" else inner.status
    return replace(outer, status=status, leaving=leaving)


def _and_or(state: State, node: AndOr) -> State:
    operators = [operator for operator, _ in node.rest]
    state = _tested(state, node.first)
    for turn, (operator, following) in enumerate(node.rest):
        if state.leaving:
            return state
        if (state.status == 0) != (operator == "&&"):
            continue
        is_last = turn == len(operators) - 1
        state = execute(state, following) if is_last else _tested(state, following)
    return state


def _if(state: State, node: If) -> State:
    state = _tested(state, node.condition)
    if state.leaving:
        return state
    if state.status == 0:
        return execute(state, node.then)
    if node.otherwise is None:
        return replace(state, status=0)
    return execute(state, node.otherwise)


def _loop(state: State, node: Loop) -> State:
    status, around = 0, state.loops
    state = replace(state, loops=around + 1)
    while True:
        state = step(state)
        state = _tested(state, node.condition)
        if not state.leaving and (state.status == 0) == node.until:
            return replace(state, status=status, loops=around)
        state = execute(state, node.body)
        status = state.status
        state, over = turn_over(state)
        if over:
            return replace(state, loops=around)


def _for(state: State, node: For) -> State:
    words = list(state.arguments)
    if node.words is not None:
        state, words = expand_words(state, node.words, _subshell)
    around = state.loops
    state = replace(state, status=0, loops=around + 1)
    for word in words:
        state = execute(step(state).with_variable(node.name, word), node.body)
        state, over = turn_over(state)
        if over:
            break
    return replace(state, loops=around)


def _case(state: State, node: Case) -> State:
    state, text = expand_text(state, node.word, _subshell)
    for patterns, script in node.branches:
        for pattern in patterns:
            state, wanted = expand_text(state, pattern, _subshell)
            if matches_pattern(text, wanted):
                return execute(replace(state, status=0), script)
    return replace(state, status=0)


# --- one command ----------------------------------------------------------------------


def _simple(state: State, node: Simple) -> State:
    state = step(state)
    if state.leaving:
        return state
    state = replace(state, substituted=None)
    state, words = expand_words(state, node.words, _subshell)
    given: dict[str, str] = {}
    for name, value in node.assignments:
        state, given[name] = expand_text(state, value, _subshell)
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

    return redirected(state, node.redirects, action, _subshell)


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
    left = "" if inner.leaving == "return" else inner.leaving
    return replace(inner, arguments=state.arguments, leaving=left)


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
    return replace(state, leaving=state.leaving or "exit") if name == "exec" else state
