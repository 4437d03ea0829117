"""``minidock laws``: what the tests hold true for everything that can be invented.

```
laws.json ──▶ Law, Law, ... ──▶ those with the words ──▶ text by concept, or JSON
```

The file is written from the tests (`python -m tests.laws --write`) and comes with the
package, which has no tests.

Invariant: a law is printed as it stands on the page of laws, and in that order.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

from minidock.cli.answers import said, said_json
from minidock.cli.arguments import Parser
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.errors import NotFound

__all__ = ["Law", "all_laws", "laws", "speaking_of"]


class Law(NamedTuple):
    """One law: its sentence, what it is about, and the test that tries to break it."""

    concept: str
    law: str
    why: str
    """One more sentence; often empty."""
    test: str
    """The file below the project, ``::``, and the test's name."""


def all_laws() -> tuple[Law, ...]:
    """Every law, by concept, from the ground up.

    >>> all_laws()[0].concept
    'Prefixes'
    """
    text = (files("minidock.cli") / "laws.json").read_text(encoding="utf-8")
    return tuple(Law(**item) for item in json.loads(text))


def speaking_of(words: Sequence[str]) -> tuple[Law, ...]:
    """The laws in which all these words stand: concept, sentence, why, or test.

    >>> speaking_of(["address", "comes back"])[0].law
    'An address comes back from its text.'
    >>> speaking_of(["blockchain"])
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: no law speaks of blockchain
    """
    wanted = [word.lower() for word in words]
    found = tuple(
        law
        for law in all_laws()
        if all(word in "\n".join(law).lower() for word in wanted)
    )
    if not found:
        raise NotFound(
            f"no law speaks of {' '.join(words)}",
            asked=f"list the laws that speak of {' '.join(words)}",
            rule="a law is listed if all the words stand in its sentence, its "
            "concept or its test",
            remedy="minidock laws, which lists all of them, or a shorter word",
        )
    return found


def laws(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock laws [WORD...]`: the laws, each as a sentence."""
    del bench  # laws hold on every host
    parser = Parser("laws", "print the laws that the tests try to break")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only laws with it")
    parser.add_argument("--tests", action="store_true", help="name the tests, too")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    found = speaking_of(arguments.words)
    if as_data:
        return said_json([law._asdict() for law in found])
    return said(_text(found, tests=arguments.tests))


def _text(found: Sequence[Law], *, tests: bool) -> str:
    parts = []
    for concept, group in groupby(found, key=lambda law: law.concept):
        parts.append(f"{concept}\n")
        for law in group:
            parts.append(f"  {law.law}\n")
            parts += [f"      {law.test}\n"] if tests else []
        parts.append("\n")
    count = f"{len(found)} laws" if len(found) > 1 else "1 law"
    return "".join(parts) + count + "\n"
