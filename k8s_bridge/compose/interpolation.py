"""Variables in the values of a Compose file, and the types that they then have.

```
 image: "web:${TAG:-1}"  ─▶ image: "web:1"
 scale: "${N}"           ─▶ scale: "3"     ─▶ scale: 3
                            replaced          a number, as the attribute wants
```

:mod:`~k8s_bridge.compose.template` has the grammar of variables. Docker compose calls
the second step a *cast*; it applies to every text there, with or without a variable.

Invariant: keys are never touched, and a part without variables stays the same object.
"""

from collections.abc import Mapping

from k8s_bridge.compose.casts import CASTS, NONE, Cast, Casts
from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.places import Path, nearest
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.template import Substitution, WrongTemplate
from minidock.errors import Exhausted, InvalidParameter, NotFound, Refusal

__all__ = ["interpolated"]


class _At(Exception):
    """A refusal on its way up, with the path that it comes from, innermost first."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.text)
        self.refused = refused
        self.path: list[str | int] = []


def interpolated(
    tree: Tree, variables: Mapping[str, str]
) -> tuple[Tree, tuple[str, ...]]:
    """A file with its variables replaced, and the warnings; O(size).

    Raises:
        InvalidParameter: a variable is written wrongly, or a value has no fitting type.
        NotFound: a variable that has to be set is not.

    >>> tree = Tree({"services": {"web": {"image": "web:$TAG", "scale": "${N:-2}"}}})
    >>> interpolated(tree, {"TAG": "1"})[0].value
    {'services': {'web': {'image': 'web:1', 'scale': 2}}}
    >>> interpolated(tree, {"TAG": "1", "N": "many"})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: error while interpolating services.web.scale: \
failed to cast to expected type: "many" is not a whole number
    """
    warnings: list[str] = []
    texts = Substitution(variables, warnings)
    try:
        value = _walked(tree.value, CASTS, texts)
    except _At as wrong:
        raise _placed(wrong, tree.places) from None
    return Tree(value, tree.places), tuple(dict.fromkeys(warnings))


def _walked(value: Value, casts: Casts, texts: Substitution) -> Value:
    if type(value) is str:
        cast: Cast | None = casts.get("") if casts else None
        if cast is None and "$" not in value:
            return value
        try:
            text = texts.of(value)
            return text if cast is None else cast(text)
        except Refusal as refused:
            raise _At(refused) from None
    if isinstance(value, dict):
        return _walked_mapping(value, casts, texts)
    if isinstance(value, list):
        return _walked_list(value, casts, texts)
    return value


def _walked_mapping(
    value: dict[str, Value], casts: Casts, texts: Substitution
) -> Value:
    every: Casts = casts.get("*") or NONE
    changed: dict[str, Value] = {}
    for key, item in value.items():
        if type(item) is str and not casts and "$" not in item:
            continue
        try:
            walked = _walked(item, casts.get(key, every), texts)
        except _At as wrong:
            wrong.path.append(key)
            raise
        if walked is not item:
            changed[key] = walked
    return {**value, **changed} if changed else value


def _walked_list(value: list[Value], casts: Casts, texts: Substitution) -> Value:
    every: Casts = casts.get("[]") or casts.get("*") or NONE
    walked: list[Value] = []
    for number, item in enumerate(value):
        try:
            walked.append(_walked(item, every, texts))
        except _At as wrong:
            wrong.path.append(number)
            raise
    same = all(new is old for new, old in zip(walked, value, strict=True))
    return value if same else walked


def _placed(wrong: _At, places: Mapping[Path, str]) -> Refusal:
    path = tuple(reversed(wrong.path))
    refused = wrong.refused
    name = ".".join(f"[{step}]" if isinstance(step, int) else step for step in path)
    kinds = (NotFound, Exhausted, InvalidParameter)
    category = next(kind for kind in kinds if isinstance(refused, kind))
    return refusal(
        nearest(places, path),
        f"invalid interpolation format for {name}. You may need to escape any $ with "
        "another $"
        if isinstance(refused, WrongTemplate)
        else f"error while interpolating {name}: {refused.text}",
        rule=refused.rule,
        remedy=refused.remedy,
        category=category,
    )
