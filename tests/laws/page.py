"""The laws as a page for people, and as the data that `minidock laws` prints.

The page is `docs/reference/laws.md`; the data goes into the package, because a wheel has
no tests. Both are written by `python -m tests.laws --write`.
"""

import json
from itertools import groupby
from pathlib import PurePosixPath

from tests.laws.concepts import CONCEPTS
from tests.laws.reading import ROOT, Law

__all__ = ["DATA", "PAGE", "as_data", "as_page"]

PAGE = ROOT / "docs" / "reference" / "laws.md"
DATA = ROOT / "minidock" / "cli" / "laws.json"

_HEAD = """\
<!-- written by: python -m tests.laws --write -->

# The laws

What holds for *every* address, pool, rule, packet and World, not only for the examples of
the other pages. Each law is the name of a property test: Hypothesis invents cases until one
breaks it, and the suite fails until none does. Quote them; link to them; try to break them
([how to add one](../../CONTRIBUTING.md)).

There are {count} of them. `minidock laws` prints them, `minidock laws pool` those that
speak of pools.

"""


def as_page(laws: list[Law]) -> str:
    """The Markdown of the page."""
    about = {concept.title: concept.about for concept in CONCEPTS}
    parts = [_HEAD.format(count=len(laws))]
    for title, group in groupby(laws, key=lambda law: law.concept):
        parts.append(f"## {title}\n\n{about[title]}\n\n")
        parts += [_item(law) for law in group]
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def _item(law: Law) -> str:
    link = f"[{PurePosixPath(law.file).name}](../../{law.file})"
    why = f"\n  {law.why}" if law.why else ""
    return f"* **{law.sentence}** {link}{why}\n"


def as_data(laws: list[Law]) -> str:
    """The JSON of the package, one law on a line, so that differences can be read."""
    lines = [
        json.dumps(
            {
                "concept": law.concept,
                "law": law.sentence,
                "why": law.why,
                "test": f"{law.file}::{law.name}",
            },
            ensure_ascii=False,
        )
        for law in laws
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"
