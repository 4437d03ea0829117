"""The little shell in which the recordings' commands are written.

```
docker ps -aq | xargs docker rm -f          a list of pipelines of commands
docker run --link $(docker inspect ...):x   words with quotes and substitutions
for i in $(seq 20); do ...; done            the one loop they use
```

A command is looked up here (sort, grep, head, tail, wc, xargs, echo, seq ...), else it is
handed to ``dispatch(words, stdin)``, which answers an :class:`Answer`, or None for "this
cannot be answered". What cannot be answered is collected in :attr:`Shell.unanswered`,
while the rest of the line still runs, so that the state it leaves is as close as possible.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.golden.filters import FILTERS, Answer
from tests.golden.shellwords import (
    Loop,
    Pipeline,
    Reader,
    Sequence,
    ShellSyntax,
    Simple,
    Word,
    quote,
)

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)

__all__ = ["Answer", "Shell", "ShellSyntax", "quote"]


Dispatch = Callable[[list[str], str], Answer | None]


@dataclass
class Shell:
    """Runs lines; remembers what it could not answer.

    >>> shell = Shell(lambda words, stdin: Answer("b\\na\\n"))
    >>> shell.run("list | sort; echo $?").stdout
    'a\\nb\\n0\\n'
    """

    dispatch: Dispatch
    unanswered: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=lambda: {"?": "0"})
    environment: dict[str, str] = field(default_factory=dict)
    """What stood as ``NAME=value`` in front of the command that is dispatched."""

    def run(self, line: str) -> Answer:
        """Run a line; a line that cannot be read is unanswered."""
        try:
            sequence = Reader(line).sequence()
        except ShellSyntax as fault:
            self.unanswered.append(f"shell syntax: {fault}")
            return Answer()
        return self._sequence(sequence)

    def _sequence(self, sequence: Sequence) -> Answer:
        out = err = ""
        code, link = 0, ";"
        for pipeline, following in sequence.items:
            if (link == "&&" and code) or (link == "||" and not code):
                link = following
                continue
            if following == "&":
                self.unanswered.append("runs in parallel: the order is not fixed")
            answer = self._pipeline(pipeline)
            out, err, code = out + answer.stdout, err + answer.stderr, answer.code
            self.variables["?"] = str(code)
            link = following
        return Answer(out, err, code)

    def _pipeline(self, pipeline: Pipeline) -> Answer:
        stdin, err = "", ""
        answer = Answer()
        for command in pipeline.commands:
            if isinstance(command, Loop):
                answer = self._loop(command)
            else:
                answer = self._simple(command, stdin)
            answer = self._redirected(answer, command.redirects)
            stdin, err = answer.stdout, err + answer.stderr
        return Answer(answer.stdout, err, answer.code)

    def _loop(self, loop: Loop) -> Answer:
        out = err = ""
        code = 0
        for item in [text for word in loop.items for text in self._expand(word)]:
            self.variables[loop.variable] = item
            answer = self._sequence(loop.body)
            out, err, code = out + answer.stdout, err + answer.stderr, answer.code
        return Answer(out, err, code)

    def _simple(self, command: Simple, stdin: str) -> Answer:
        for operator, target in command.redirects:
            if operator == "<":
                read = self._read(target)
                if read is None:
                    return Answer()
                stdin = read
        words = [text for word in command.words for text in self._expand(word)]
        return self.execute(words, stdin) if words else Answer()

    def _read(self, target: str) -> str | None:
        if target == "/dev/null":
            return ""
        answer = self.dispatch(["cat", target], "")
        if answer is None:
            self.unanswered.append(f"reads the file {target}")
        return None if answer is None else answer.stdout

    def _redirected(
        self, answer: Answer, redirects: tuple[tuple[str, str], ...]
    ) -> Answer:
        out, err, code = answer
        for operator, target in redirects:
            if operator == "2>&1":
                out, err = out + err, ""
            elif operator in {">&2", "1>&2"}:
                out, err = "", err + out
            elif operator in {"2>", "2>>"}:
                err = ""
            elif operator in {">", ">>", "1>", "1>>"}:
                out = ""
            if ">" in operator and target not in {"", "/dev/null"}:
                self.unanswered.append(f"writes the file {target}")
        return Answer(out, err, code)

    def _expand(self, word: Word) -> list[str]:
        """A word's texts: an unquoted substitution is split at white space."""
        fields, open_field = [""], False
        for part in word.parts:
            text = part.text
            if part.kind == "run":
                text = self.run(part.text).stdout.rstrip("\n")
            elif part.kind == "variable":
                text = self.variables.get(part.text, "")
            if part.kind == "text" or part.quoted:
                fields[-1] += text
                open_field = open_field or part.quoted or bool(text)
                continue
            pieces = text.split()
            fields[-1] += pieces[0] if pieces else ""
            fields += pieces[1:]
            open_field = open_field or bool(pieces)
        return fields if open_field else []

    def execute(self, words: list[str], stdin: str) -> Answer:
        """Run one command of plain words."""
        self.environment = {}
        while words and (match := _ASSIGNMENT.fullmatch(words[0])):
            self.environment[match[1]] = match[2]
            words = words[1:]
        if not words:
            self.unanswered.append("sets a variable of the shell")
            return Answer()
        builtin = FILTERS.get(words[0])
        if words[0] == "xargs":
            return self._xargs(words[1:], stdin)
        # `cat FILE` and `sleep` belong to the host, `cat` alone is a filter.
        of_files = words[0] == "cat" and len(words) > 1
        if builtin is not None and not of_files and words[-1] != "/dev/urandom":
            answer = builtin(words[1:], stdin)
        else:
            answer = self.dispatch(words, stdin)
        if answer is None:
            self.unanswered.append(" ".join(words)[:60])
            return Answer()
        return answer

    def _xargs(self, words: list[str], stdin: str) -> Answer:
        items, batch = stdin.split(), 0
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if option == "-r" and not items:
                return Answer()
            if option.startswith("-n"):
                batch = int(option[2:] or words.pop(0))
        batches = [items[at : at + batch] for at in range(0, len(items), batch or 1)]
        out = err = ""
        code = 0
        for some in batches if batch else [items]:
            answer = self.execute([*(words or ["echo"]), *some], "")
            out, err = out + answer.stdout, err + answer.stderr
            # xargs says 123 for any failure of its command.
            code = 123 if 0 < answer.code < 126 else answer.code or code
        return Answer(out, err, code)
