"""Variables in a text, as in a shell.

```
 $NAME  ${NAME}     the value; empty, with a warning, where it is unset
 ${NAME:-default}   the default where NAME is unset or empty;        ${NAME-default}
 ${NAME:?words}     refused with these words where unset or empty;       ${NAME?words}
 ${NAME:+other}     the other text where NAME is set and not empty;      ${NAME+other}
 $$                 one dollar sign; without a colon, empty counts as a value
```

What stands after the operator is interpolated in turn, if it is used. A dollar sign
that begins none of these stays one; ``${`` that begins none is refused.

Invariants: what is replaced is not looked at again; the work, the depth and the length
of all that comes out are bounded.
"""

import re
from collections.abc import Mapping

from minidock.errors import Exhausted, InvalidParameter, NotFound, Refusal

__all__ = [
    "DEPTH",
    "LENGTH",
    "WORK",
    "MissingVariable",
    "Substitution",
    "WrongTemplate",
    "substituted",
]

_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[_a-zA-Z][_a-zA-Z0-9]*)"
    r"|\{(?:(?P<braced>[_a-zA-Z][_a-zA-Z0-9]*(?::?[-+?].*)?)\}|(?P<invalid>)))"
)
_BRACE = re.compile("[{}]")
DEPTH = 50  # variables in the defaults of variables in the defaults ...
WORK = 20_000_000  # letters that are looked at, where each variable looks at all
LENGTH = 16_000_000  # letters that variables of one file become
_BRACED = re.compile(r"(?P<name>[_a-zA-Z0-9]+)(?P<operator>:?[-+?])?(?P<rest>.*)")


class WrongTemplate(InvalidParameter):
    """A text in which ``${`` begins nothing that can be replaced."""


class MissingVariable(NotFound):
    """A variable that a text insists on, and that is not there."""


class Substitution:
    """The variables that a file's texts are filled with, and how much may come out."""

    __slots__ = ("left", "missing", "variables", "warnings")

    def __init__(
        self, variables: Mapping[str, str], warnings: list[str] | None = None
    ) -> None:
        self.variables = variables
        self.warnings = warnings
        self.missing: set[str] = set()
        self.left = LENGTH

    def of(self, template: str, depth: int = 0) -> str:
        """A text with its variables replaced; see :func:`substituted`."""
        if "$" not in template:
            return template
        if depth > DEPTH or template.count("${") * len(template) > WORK:
            raise _too_much("too many variables in one text")
        found: list[str] = []
        at = 0
        while (match := _VARIABLE.search(template, at)) is not None:
            found.append(template[at : match.start()])
            at = match.end()
            if match["escaped"]:
                value = "$"
            elif match["named"]:
                value = self.looked_up(match["named"])
            else:
                inner, at = _inner(match, template)
                value = self.chosen(inner, depth)
            found.append(value)
            self.left -= len(value)
            if self.left < 0:
                raise _too_much("the variables of one file become too long")
        return "".join(found) + template[at:]

    def chosen(self, parts: re.Match[str], depth: int) -> str:
        """What a variable in braces becomes, by its operator."""
        name, operator = parts["name"], parts["operator"]
        if operator is None:
            return self.looked_up(name)
        value = self.variables.get(name)
        missing = value is None or (operator.startswith(":") and not value)
        kind = operator[-1]
        if kind == "+" and missing:
            return value or ""
        if kind != "+" and not missing and value is not None:
            return value
        other = self.of(parts["rest"], depth + 1)
        if kind in "+-":
            return other
        raise MissingVariable(
            f"required variable {name} is missing a value: {other}",
            asked=f"interpolate ${{{name}{operator}...}}",
            rule="a variable with ? has to have a value",
            remedy=f"set {name} in the environment, in .env, or in a file named with "
            "--env-file",
        )

    def looked_up(self, name: str) -> str:
        """The value of a variable; a warning where it has none."""
        value = self.variables.get(name)
        if value is None:
            if self.warnings is not None and name not in self.missing:
                self.missing.add(name)
                self.warnings.append(
                    f'The "{name}" variable is not set. Defaulting to a blank string.'
                )
            return ""
        return value


def substituted(
    template: str, variables: Mapping[str, str], warnings: list[str] | None = None
) -> str:
    """A text with its variables replaced; O(length) for each variable in it.

    Raises:
        WrongTemplate: ``${`` begins nothing that can be replaced.
        MissingVariable: a variable with ``?`` has no value.
        Exhausted: more variables, or variables in variables, than anybody writes.

    >>> substituted("$A-${B:-${C:-x}}-$$A-${A:+set}", {"A": "1"})
    '1-x-$A-set'
    >>> substituted("${A?is needed}", {})
    Traceback (most recent call last):
    ...
    k8s_bridge.compose.template.MissingVariable: required variable A is missing a \
value: is needed
    """
    return Substitution(variables, warnings).of(template)


def _too_much(text: str) -> Refusal:
    return Exhausted(
        text,
        asked="interpolate a text",
        rule=f"at most {DEPTH} levels of variables, {WORK:,} letters times variables "
        f"in one text, and {LENGTH:,} letters altogether are replaced",
        remedy="keep long texts in files of their own",
    )


def _inner(match: re.Match[str], template: str) -> tuple[re.Match[str], int]:
    """What stands between the braces of a variable, and where it ends."""
    if match["invalid"] is not None:
        raise _wrong()
    start = match.start("braced")
    end = _closing(template, start, match.end())
    parts = _BRACED.fullmatch(template, start, end)
    if parts is None:
        raise _wrong()
    return parts, end + 1


def _wrong() -> Refusal:
    return WrongTemplate(
        "invalid interpolation format",
        asked="interpolate a text",
        rule="${ begins a variable: ${NAME}, ${NAME:-default}, ${NAME:?words} "
        "or ${NAME:+other}",
        remedy="escape any $ that is meant as such with another one: $$",
    )


def _closing(text: str, start: int, end: int) -> int:
    """Where the brace before a position is closed; the last one if none closes it.

    Docker passes over whatever follows an opening brace, also a closing one, so that
    ``${A:-{}`` is complete.
    """
    depth = 1
    at = start + 1
    while (brace := _BRACE.search(text, at, end)) is not None:
        at = brace.end()
        if brace[0] == "{":
            depth += 1
            at += 1
        else:
            depth -= 1
            if depth == 0:
                return at - 1
    return end - 1
