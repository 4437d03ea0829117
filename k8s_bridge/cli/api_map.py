"""``k8s-bridge api-map``: Docker's API calls beside Kubernetes'.

```
 k8s-bridge api-map [WORD] [--markdown]
```
"""

import argparse
import sys

from k8s_bridge.apimap.page import as_markdown, as_text
from minidock.errors import InvalidParameter

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.description = (
        "Each call of the Docker Engine API, the call of the Kubernetes API that asks "
        "the same, a command line for both, and what differs."
    )
    parser.add_argument(
        "word",
        nargs="?",
        default="",
        metavar="WORD",
        help="only calls with this in a path or a command line",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="the whole map as the reference page"
    )


def run(chosen: argparse.Namespace) -> int:
    """Prints the map."""
    if chosen.markdown and chosen.word:
        raise InvalidParameter(
            "a page of some calls only",
            asked=f"the page of the calls about {chosen.word}",
            rule="the page has all calls",
            remedy=f"k8s-bridge api-map {chosen.word}",
        )
    sys.stdout.write(as_markdown() if chosen.markdown else as_text(chosen.word))
    return 0
