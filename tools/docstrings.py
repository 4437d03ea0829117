"""Sessions in docstrings, as fences: an extension of griffe, which reads them.

```
>>> Address(1)              ```pycon
Address.parse('0.0.0.1')    >>> Address(1)
                            Address.parse('0.0.0.1')
                            ```
```

To Markdown, `>>>` is a quotation of a quotation, and `['a', 'b']` is a link.
"""

import re

from griffe import Extension, Object

__all__ = ["Sessions", "fenced"]

_FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^( *)>>> .*(?:\n\1\S.*)*", re.MULTILINE)


def fenced(text: str) -> str:
    r"""A docstring with its sessions in fences; what is in a fence already stays.

    >>> fenced("One more.\n\n>>> 1 + 1\n2\n\nAnd on.").splitlines()
    ['One more.', '', '```pycon', '>>> 1 + 1', '2', '```', '', 'And on.']
    """
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [_wrapped(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, _wrapped(text[end:])])


def _wrapped(text: str) -> str:
    return _SESSION.sub(lambda found: _fence(found[0], found[1]), text)


def _fence(session: str, indent: str) -> str:
    return f"{indent}```pycon\n{session}\n{indent}```"


class Sessions(Extension):
    """Puts the sessions of every docstring in fences."""

    def on_object(self, *, obj: Object, **_: object) -> None:
        """Called by griffe for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)
