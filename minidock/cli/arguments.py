"""Arguments of our own commands: argparse, with refusals in three parts.

Invariant: reading arguments never prints and never ends the process.
"""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from minidock.errors import InvalidParameter

__all__ = ["Arguments", "Parser"]

_WIDTH = 80  # the same page on every terminal

Arguments = argparse.Namespace


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=_WIDTH)


class Parser(argparse.ArgumentParser):
    """A parser for one command of ours.

    >>> parser = Parser("back", "undo the last command")
    >>> parser.read(["now"])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: unrecognized arguments: now
    """

    def __init__(self, name: str, summary: str) -> None:
        super().__init__(
            prog=f"minidock {name}",
            description=summary[:1].upper() + summary[1:] + ".",
            add_help=False,
            allow_abbrev=False,
            formatter_class=_formatter,
        )
        # newer versions of argparse colour their help on a terminal
        self.color = False
        self.add_argument(
            "-h", "--help", action="store_true", help="print this page and stop"
        )

    def read(self, words: Sequence[str]) -> Arguments | None:
        """The arguments; None where the page of help was asked for.

        Raises:
            InvalidParameter: the words do not fit.
        """
        if any(word in {"-h", "--help"} for word in words):
            return None
        return self.parse_args(list(words))

    def error(self, message: str) -> NoReturn:
        """Refuse in three parts instead of ending the process."""
        raise InvalidParameter(
            message,
            asked=self.prog,
            rule=" ".join(self.format_usage().split()),
            remedy=self._meant(message) or f"{self.prog} --help",
        )

    def _meant(self, message: str) -> str:
        """The word that was meant by one that nobody knows; "" if that is not clear."""
        import difflib  # noqa: PLC0415 - nobody waits for it who types what is known
        import re  # noqa: PLC0415 - the same

        wrong = re.search(
            r"unrecognized arguments: (-\S+)|invalid choice: '(.*?)'", message
        )
        if wrong is None:
            return ""
        known = [name for action in self._actions for name in action.option_strings]
        for action in self._actions:
            known += [str(choice) for choice in action.choices or ()]
        found = difflib.get_close_matches(wrong[1] or wrong[2], known, 1)
        return f"{self.prog} {found[0]}" if found else ""
