"""The table of all stores: ``python -m tests.registry``.

Runs the contract over every class that keeps it, and counts. A new store needs no entry
here: a class ``Test...(StoreContract)`` with a ``name``, in a file beside this one, is
found.
"""

import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

_OUTCOMES = ("passed", "failed", "skipped")


class Counts:
    """A plugin of pytest that counts the outcomes for each store."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the laws, and leave each file's other tests out."""
        laws = [item for item in items if _is_law(item)]
        self.names = {item.nodeid: item.cls.name for item in laws}
        items[:] = laws

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """An outcome; of a law that passed, only that of its call counts."""
        if report.when == "call" or report.outcome != "passed":
            self.counts[self.names[report.nodeid]][report.outcome] += 1

    def table(self) -> str:
        """A line for each store."""
        width = max(map(len, self.counts), default=5)
        lines = [f"{'store':{width}}" + "".join(f"{o:>9}" for o in _OUTCOMES)]
        for name, counts in self.counts.items():
            lines.append(
                f"{name:{width}}" + "".join(f"{counts[o]:9}" for o in _OUTCOMES)
            )
        return "\n".join(lines)


def _is_law(item: pytest.Item) -> bool:
    """By name: what is imported before pytest runs cannot show its assertions."""
    bases = getattr(getattr(item, "cls", None), "__mro__", ())
    return any(base.__name__ == "StoreContract" for base in bases)


def main() -> int:
    """Run and print."""
    counts = Counts()
    words = ["-q", "--no-header", "--no-summary"]
    ended = pytest.main([*words, str(Path(__file__).parent)], plugins=[counts])
    print(f"\n{counts.table()}")
    return int(ended)


if __name__ == "__main__":
    sys.exit(main())
