"""``k8s-bridge fields``: what becomes of every Compose key and docker run flag.

```
 k8s-bridge fields [WORD] [--markdown]
```
"""

import argparse
import sys

from k8s_bridge.fieldtable.page import as_markdown, as_text
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Tries every key that Compose knows and every flag of docker run, and prints "
        "what the report says of each: kept, changed (how) or lost (why)."
    )
    parser.add_argument(
        "word", nargs="?", default="", metavar="WORD", help="only those with it"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="the whole table as the reference page"
    )


def run(chosen: argparse.Namespace) -> int:
    """Prints the table."""
    if chosen.markdown and chosen.word:
        raise InvalidParameter(
            "a page of some keys only",
            asked=f"the page of what has {chosen.word} in it",
            rule="the page has all keys and flags",
            remedy=f"k8s-bridge fields {chosen.word}",
        )
    sys.stdout.write(as_markdown() if chosen.markdown else as_text(chosen.word))
    return 0
