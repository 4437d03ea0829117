"""``$((expression))``: whole numbers of 64 bits, with C's operators.

```
 1 + 2 * 3    ──▶  binary(+, 1, binary(*, 2, 3))  ──▶  7
 i = i + 1    ──▶  7, and the variable i is 7
```

The expression is read by precedence climbing. A name stands for the number that its
variable holds, 0 if it holds none.

Source: POSIX.1, 2.6.4 "Arithmetic Expansion". Texts of refusals: busybox.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["ArithmeticRefused", "calculate"]

_TOKEN = re.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]+|\d+)|([A-Za-z_]\w*)|(<<|>>|<=|>=|==|!=|&&|\|\||\*\*"
    r"|[-+*/%&|^]=|[-+*/%<>=!~&|^?:()]))",
    re.ASCII,
)
_ROW = (
    {"||"},
    {"&&"},
    {"|"},
    {"^"},
    {"&"},
    {"==", "!="},
    {"<", "<=", ">", ">="},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "%"},
    {"**"},
)
_DEEPEST = 40


class ArithmeticRefused(Exception):
    """It is no expression, or divides by zero; the text is busybox's."""


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise ArithmeticRefused("divide by zero")
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ArithmeticRefused("exponent less than 0")
    return pow(left, right, 1 << 64)


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "||": lambda left, right: int(bool(left or right)),
    "&&": lambda left, right: int(bool(left and right)),
    "|": operator.or_,
    "^": operator.xor,
    "&": operator.and_,
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "<<": lambda left, right: left << (right & 63),
    ">>": lambda left, right: left >> (right & 63),
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": lambda left, right: left - right * _quotient(left, right),
    "**": _power,
}


def calculate(text: str, variables: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The value of an expression, and the variables that it sets; O(length).

    >>> calculate("1 + 2 * 3", {})
    (7, {})
    >>> calculate("i = i + 1", {"i": "4"})
    (5, {'i': '5'})
    >>> calculate("1 / 0", {})
    Traceback (most recent call last):
    ...
    minidock.runtime.arithmetic.ArithmeticRefused: divide by zero
    """
    reader = _Reader(_tokens(text), variables)
    if not reader.tokens:
        return 0, {}
    value = reader.expression()
    if reader.tokens:
        raise ArithmeticRefused("arithmetic syntax error")
    return value, reader.set


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ArithmeticRefused("arithmetic syntax error")
        found.append(match[0].strip())
        place = match.end()
    return found


def _wrapped(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    variables: Mapping[str, str]
    set: dict[str, str] = field(default_factory=dict)
    depth: int = 0

    def _take(self, *texts: str) -> str:
        if self.tokens and self.tokens[0] in texts:
            return self.tokens.pop(0)
        return ""

    def expression(self) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ArithmeticRefused("arithmetic syntax error")
        value = self._assignment()
        if value is None:
            value = self._binary(0)
            if self._take("?"):
                then = self.expression()
                if not self._take(":"):
                    raise ArithmeticRefused("arithmetic syntax error")
                otherwise = self.expression()
                value = then if value else otherwise
        self.depth -= 1
        return value

    def _assignment(self) -> int | None:
        if len(self.tokens) < 2 or not re.match(r"[A-Za-z_]", self.tokens[0]):
            return None
        sign = self.tokens[1]
        if sign != "=" and sign not in {"+=", "-=", "*=", "/=", "%="}:
            return None
        name = self.tokens[0]
        del self.tokens[:2]
        value = self.expression()
        if sign != "=":
            value = _OPERATORS[sign[0]](self._variable(name), value)
        self.set[name] = str(_wrapped(value))
        return _wrapped(value)

    def _binary(self, row: int) -> int:
        if row == len(_ROW):
            return self._unary()
        value = self._binary(row + 1)
        while sign := self._take(*_ROW[row]):
            value = _wrapped(_OPERATORS[sign](value, self._binary(row + 1)))
        return value

    def _unary(self) -> int:
        signs = []
        while sign := self._take("-", "+", "!", "~"):
            signs.append(sign)
        value = self._primary()
        for sign in reversed(signs):
            if sign == "!":
                value = int(not value)
            elif sign != "+":
                value = _wrapped(-value if sign == "-" else ~value)
        return value

    def _primary(self) -> int:
        if self._take("("):
            value = self.expression()
            if not self._take(")"):
                raise ArithmeticRefused("arithmetic syntax error")
            return value
        token = self.tokens.pop(0) if self.tokens else ""
        if token[:1].isdigit():
            return _number(token)
        if re.match(r"[A-Za-z_]", token):
            return self._variable(token)
        raise ArithmeticRefused("arithmetic syntax error")

    def _variable(self, name: str) -> int:
        text = self.set.get(name, self.variables.get(name, "")).strip()
        sign = -1 if text.startswith("-") else 1
        digits = text.lstrip("+-")
        if not digits:
            return 0
        if not re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+", digits, re.ASCII):
            raise ArithmeticRefused("arithmetic syntax error")
        return _wrapped(sign * _number(digits))


def _number(text: str) -> int:
    if len(text) > 40:
        raise ArithmeticRefused("arithmetic syntax error")
    if text[:2] in {"0x", "0X"}:
        return _wrapped(int(text, 16))
    octal = text.startswith("0") and len(text) > 1 and not set(text) & set("89")
    return _wrapped(int(text, 8 if octal else 10))
