"""Something to hold that shows itself: text when printed, a picture in a notebook.

```
print(picture)      picture.text
picture             picture.svg       in a notebook, by _repr_svg_
```

Invariant: each form is made only when somebody asks, and once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Picture"]


@dataclass(frozen=True)  # without slots: cached_property keeps what was drawn
class Picture:
    """A text and a picture of one thing.

    >>> shown = Picture("pool of app", lambda: "x # .", lambda: "<svg/>")
    >>> print(shown)
    x # .
    >>> shown
    <Picture: pool of app>
    """

    title: str
    as_text: Callable[[], str] = field(repr=False)
    as_svg: Callable[[], str] = field(repr=False)

    @cached_property
    def text(self) -> str:
        """For a terminal of 80 columns."""
        return self.as_text()

    @cached_property
    def svg(self) -> str:
        """A self-contained picture."""
        return self.as_svg()

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"
