"""Kubernetes' quantities as numbers, and texts as a kubelet expands them.

```
 64Mi ─▶ 67108864      500m CPU ─▶ 500 thousandths      $$(A) ─▶ $(A)
```
"""

import re
from collections.abc import Mapping
from fractions import Fraction

__all__ = ["expanded", "quantity_of"]

_QUANTITY = re.compile(
    r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,2}))?([a-zA-Z]*)"
)
_UNITS = {"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6)}
_UNITS |= {"m": Fraction(1, 1000)}
_UNITS |= {u: Fraction(1000 ** (n + 1)) for n, u in enumerate("kMGTPE")}
_UNITS |= {f"{u}i": Fraction(1024 ** (n + 1)) for n, u in enumerate("KMGTPE")}
_REFERENCE = re.compile(r"\$\$|\$\(([^)]*)\)")


def quantity_of(value: object, *, per: int = 1) -> int:
    """A quantity times ``per``, rounded up; 0 for what is none.

    >>> quantity_of("64Mi"), quantity_of("500m", per=1000), quantity_of("1.5", per=1000)
    (67108864, 500, 1500)
    """
    match = _QUANTITY.fullmatch(str(value))
    if match is None or match[3] not in _UNITS:
        return 0
    number = Fraction(match[1]) * Fraction(10) ** int(match[2] or 0)
    return -int(-number * _UNITS[match[3]] * per // 1)


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text as a kubelet gives it to the program.

    >>> expanded("$$(A) $(B) $(C) $D", {"B": "b"})
    '$(A) b $(C) $D'
    """

    def _one(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(_one, text)
