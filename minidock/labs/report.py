"""What a check found: each expectation, and each line of the answer that was refused.

```
Report ── findings   Finding(that, ok, seen, why)       one for each expectation
       ├─ refused    RefusedLine(number, text, said, why)
       └─ nothing    why there is nothing to check      an empty answer, the skeleton
```

Codes: 0 passed, 1 failed, 2 nothing to check.

Invariant: a report that passed has no refused line, and all its findings are ok.
"""

from dataclasses import dataclass

from minidock.model.document import Json
from minidock.views.markup import table

__all__ = ["Finding", "RefusedLine", "Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether one expectation is met.

    Attributes:
        that: the expectation's sentence.
        ok: whether it is so.
        seen: what is to be seen instead; "" if it is so.
        why: what the lab says about it, in terms of its lesson; "" if it is so.
    """

    that: str
    ok: bool
    seen: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line of the answer that did not do what it should.

    Attributes:
        number: which line of the answer, from 1; 0: none in particular.
        text: the line.
        said: what was printed.
        why: what was asked, which rule refused, what would work; a line each.
    """

    number: int
    text: str
    said: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found."""

    lab: str
    findings: tuple[Finding, ...]
    refused: tuple[RefusedLine, ...] = ()
    nothing: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer does all that it should."""
        met = all(finding.ok for finding in self.findings)
        return met and not self.refused and not self.nothing

    @property
    def code(self) -> int:
        """The exit code: 0 passed, 1 failed, 2 nothing to check."""
        return 2 if self.nothing else 0 if self.passed else 1

    @property
    def outcome(self) -> str:
        """The same as a word: passed, failed or nothing.

        >>> Report(lab="x", findings=(Finding(that="it is so", ok=True),)).outcome
        'passed'
        """
        return ("passed", "failed", "nothing")[self.code]

    @property
    def html(self) -> str:
        """A table for a notebook: each expectation, and each line that was refused."""
        met = sum(finding.ok for finding in self.findings)
        caption = f"{self.lab}: {self.outcome}, {met} of {len(self.findings)} are met"
        rows = [
            ("ok" if found.ok else "not ok", found.that, found.seen, found.why)
            for found in self.findings
        ]
        rows += [
            (f"line {line.number}", line.text, line.said, line.why)
            for line in self.refused
        ]
        rows += [("nothing", self.nothing, "", "")] if self.nothing else []
        return table("report", caption, ("", "what", "seen", "why"), rows)

    def _repr_html_(self) -> str:
        return self.html

    @property
    def json(self) -> dict[str, Json]:
        """The report as JSON; its keys are described in docs/reference/labs.md."""
        return {
            "lab": self.lab,
            "outcome": self.outcome,
            "nothing": self.nothing or None,
            "expectations": [
                {
                    "that": finding.that,
                    "ok": finding.ok,
                    "seen": finding.seen or None,
                    "why": finding.why or None,
                }
                for finding in self.findings
            ],
            "refused": [
                {
                    "line": line.number,
                    "text": line.text,
                    "said": line.said,
                    "why": line.why or None,
                }
                for line in self.refused
            ],
        }
