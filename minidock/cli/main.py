"""The command ``minidock``: words in, an exit code out.

```
argv ──▶ options ──┬─ --help, --version ──▶ a page, at once
                   └─ a command ──▶ dispatch ──▶ what it prints, and its code
```

Codes: docker's own for docker's commands; 1 for a refusal, 2 for words that make no
sense, 70 for a fault of this program, 130 after an interrupt.

Invariant: whatever is typed, no traceback; a person gets three parts instead.
"""

import os
import sys
from collections.abc import Sequence

from minidock.cli.terminal import Terminal
from minidock.errors import InvalidParameter, Refusal

__all__ = ["main"]


def main(argv: Sequence[str] | None = None, terminal: Terminal | None = None) -> int:
    """Run one command line, without the program's own name.

    Args:
        argv: the words; those of the process if None.
        terminal: where to read and write; the process's streams if None.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    where = terminal or Terminal()
    try:
        return _run(words, where)
    except Refusal as refusal:
        _explain(where, refusal)
        return 2 if isinstance(refusal, InvalidParameter) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # whoever read us has stopped; nothing more can be said, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if where.environment.get("MINIDOCK_TRACEBACK"):
            raise
        _explain(where, _fault(words, error))
        return 70


def _run(words: Sequence[str], terminal: Terminal) -> int:
    # Each late, and serve first: whoever starts a server waits for its first answer.
    if words[:1] == ["serve"]:
        from minidock.cli.serve import serve  # noqa: PLC0415

        return serve(words[1:], terminal)
    from minidock.cli.options import read_options  # noqa: PLC0415
    from minidock.cli.pages import help_page, version_line  # noqa: PLC0415

    options = read_options(words, terminal.environment)
    if options.version:
        terminal.write(version_line())
        return 0
    if options.help or not options.words or options.words == ("help",):
        terminal.write(help_page())
        return 0
    if options.words[0] == "serve":
        from minidock.cli.serve import serve  # noqa: PLC0415

        rest, state = options.words[1:], options.state
        return serve(rest, terminal, era=options.era, state=state)
    from minidock.cli.dispatch import dispatch  # noqa: PLC0415 - help comes first

    return dispatch(options, terminal)


def _explain(terminal: Terminal, refusal: Refusal) -> None:
    lines = [f"minidock: {refusal.text}"]
    lines += [f"  {line}" for line in refusal.explain().splitlines()]
    text = "".join(f"{line}\n" for line in lines)
    terminal.write("", text, text)


def _fault(words: Sequence[str], error: Exception) -> Refusal:
    """What to say when the program itself is wrong."""
    return Refusal(
        f"fault in minidock: {type(error).__name__}: {error}",
        asked="minidock " + " ".join(words),
        rule="this should never happen, whatever is typed",
        remedy="the same with MINIDOCK_TRACEBACK=1, and tell the maintainers",
    )


if __name__ == "__main__":
    sys.exit(main())
