"""The compound commands of a shell: conditions, loops and choices.

```
 a && b || c      and_or       if a; then b; fi      then
 while a; do b    loop         for x in w; do b      for_each, for_rest
 case w in p)     case
```

Each can stop where a command inside of it waits, and leaves a frame that says where.
They run what is inside by a ``Runner``, which is the shell itself (shell.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from minidock.runtime.shell_commands import step, turn_over
from minidock.runtime.shell_frames import InAndOr, InFor, InLoop
from minidock.runtime.shell_state import State
from minidock.runtime.shell_tree import AndOr, Case, For, If, Node
from minidock.runtime.shell_words import Run, expand_text, expand_words, matches_pattern

__all__ = [
    "Runner",
    "after_body",
    "and_or",
    "case",
    "for_each",
    "for_rest",
    "loop",
    "then",
]


class Runner(NamedTuple):
    """How a compound command runs what is inside of it."""

    execute: Callable[[State, Node], State]
    tested: Callable[[State, Node], State]
    """The same for a condition, whose failure `set -e` does not mind."""
    told: Run
    """What a ``$( )`` prints."""


def and_or(run: Runner, state: State, node: AndOr, first: int) -> State:
    """What follows ``&&`` and ``||``, from the command at ``first`` on."""
    for place in range(first, len(node.rest)):
        operator, following = node.rest[place]
        if state.leaving:
            return state
        if (state.status == 0) != (operator == "&&"):
            continue
        is_last = place == len(node.rest) - 1
        state = (
            run.execute(state, following) if is_last else run.tested(state, following)
        )
        if state.waiting:
            return state.framed(InAndOr(node=node, place=place + 1))
    return state


def then(run: Runner, state: State, node: If) -> State:
    """After the condition of an `if`."""
    if state.leaving:
        return state
    if state.status == 0:
        return run.execute(state, node.then)
    if node.otherwise is None:
        return replace(state, status=0)
    return run.execute(state, node.otherwise)


def loop(run: Runner, state: State, frame: InLoop) -> State:
    """A loop goes on, before its condition (its body is done) or after it."""
    node, status, done = frame.node, frame.status, frame.body
    while True:
        if done:
            state = step(state)
            if state.waiting:
                return state.framed(replace(frame, body=True, status=status))
            state = run.tested(state, node.condition)
        if state.waiting:
            return state.framed(replace(frame, body=False, status=status))
        if not state.leaving and (state.status == 0) == node.until:
            return replace(state, status=status, loops=frame.around)
        state = run.execute(state, node.body)
        if state.waiting:
            return state.framed(replace(frame, body=True))
        status, done = state.status, True
        state, over = turn_over(state)
        if over:
            return replace(state, loops=frame.around)


def after_body(run: Runner, state: State, frame: InLoop) -> State:
    """After the body of a loop: the next turn, or what follows it."""
    status = state.status
    state, over = turn_over(state)
    if over:
        return replace(state, loops=frame.around)
    return loop(run, state, replace(frame, status=status))


def for_each(run: Runner, state: State, node: For) -> State:
    """`for`: its words, and then its body for each of them."""
    words: Sequence[str] = state.arguments
    if node.words is not None:
        state, words = expand_words(state, node.words, run.told)
    around = state.loops
    state = replace(state, status=0, loops=around + 1)
    return for_rest(run, state, InFor(node=node, around=around, words=tuple(words)))


def for_rest(run: Runner, state: State, frame: InFor) -> State:
    """The words of a `for` that are left."""
    for place, word in enumerate(frame.words):
        named = state.with_variable(frame.node.name, word)
        state = run.execute(named, frame.node.body)
        if state.waiting:
            return state.framed(replace(frame, words=frame.words[place + 1 :]))
        state, over = turn_over(state)
        if over:
            break
    return replace(state, loops=frame.around)


def case(run: Runner, state: State, node: Case) -> State:
    """`case`: the script of the first pattern that fits."""
    state, text = expand_text(state, node.word, run.told)
    for patterns, script in node.branches:
        for pattern in patterns:
            state, wanted = expand_text(state, pattern, run.told)
            if matches_pattern(text, wanted):
                return run.execute(replace(state, status=0), script)
    return replace(state, status=0)
