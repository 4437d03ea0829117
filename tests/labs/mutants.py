"""Wrong answers: those that minidock makes of a solution, and those that it cannot guess.

An expectation that none of them fails expects nothing. Where a lab needs a wrong answer
that nobody can guess, it stands in ``WRONG``.
"""

import re
from collections.abc import Iterator

from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from minidock.labs import wrong
from minidock.labs.answers import without_comments
from minidock.labs.lab import Lab, Matched

WRONG: dict[str, list[str]] = {
    "two-hosts": [
        f"{host}$ minidock host iptables {line}"
        for host in ("one", "two")
        for line in (
            "-A INPUT -p udp --dport 4789 -j ACCEPT",
            "-F INPUT",
            "-P INPUT ACCEPT",
        )
    ],
}
"""Wrong answers by the name of their lab."""

_QUICK = settings(phases=[Phase.generate], derandomize=True, database=None)


def wrong_answers(lab: Lab) -> Iterator[str]:
    yield from WRONG.get(lab.name, [])
    yield from _forbidden(lab)
    yield from wrong.wrong_answers(lab)


def _forbidden(lab: Lab) -> Iterator[str]:
    """The solution with what the answer must lack."""
    for expectation in lab.expectations:
        question = expectation.question
        if isinstance(question, Matched) and not question.has:
            pattern = re.compile(question.pattern, re.MULTILINE)
            added = find(
                st.from_regex(pattern),
                lambda text, sought=pattern: bool(
                    sought.search(without_comments(f"{lab.solution}\n{text}", lab.kind))
                ),
                settings=_QUICK,
            )
            yield f"{lab.solution}\n{added}"
