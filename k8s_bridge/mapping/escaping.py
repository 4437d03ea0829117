"""Texts that a kubelet leaves as they are.

```
 $(HOME)  ─▶  $$(HOME)     a kubelet would read a reference to a variable
 a$$b     ─▶  a$$$b        and would make one dollar of two
 $HOME    ─▶  $HOME        a shell's variable is none of its business
```

A kubelet expands command, args, the values of variables and the commands of probes; it
does not expand the commands of lifecycle hooks. Kubernetes calls this *dependent
environment variables*.

Invariant: expanding the escaped text gives the text.
"""

__all__ = ["escape"]


def escape(text: str) -> str:
    """A text that Kubernetes expands to exactly this one.

    >>> escape("$(HOME) costs $5"), escape("a$$b")
    ('$$(HOME) costs $5', 'a$$$b')
    """
    following = (*text[1:], "")
    return "".join(
        "$$" if letter == "$" and after in ("$", "(") else letter
        for letter, after in zip(text, following, strict=False)
    )
