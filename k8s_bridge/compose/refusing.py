"""The refusals of the Compose reader: file and line, the rule, and what would work.

```
 compose.yaml:7: mapping key "image" already defined at line 5
 └─ place ────┘  └─ text: docker compose's own words where it has some ───┘
```

Invariant: every refusal that is about something written says where it is written.
"""

from minidock.errors import InvalidParameter, Refusal

__all__ = ["refusal"]


def refusal(
    place: str,
    text: str,
    *,
    rule: str,
    remedy: str,
    category: type[Refusal] = InvalidParameter,
) -> Refusal:
    """A refusal that begins with the file and the line it is about.

    >>> str(refusal("c.yaml:3", "no such thing", rule="...", remedy="..."))
    'c.yaml:3: no such thing'
    """
    where = f"{place}: " if place else ""
    return category(
        where + text, asked=f"read {place or 'a file'}", rule=rule, remedy=remedy
    )
