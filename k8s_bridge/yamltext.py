r"""Plain data as YAML text, for people and for every reader of YAML.

```
 {"name": "web",              name: web
  "args": ["yes", "a: b"],    args:
  "conf": "a\nb\n"}           - 'yes'          some reader takes yes for a truth
                              - 'a: b'
                              conf: |          lines stay lines
                                a
                                b
```

YAML 1.1, which Kubernetes reads, takes ``yes``, ``0o17``, ``1e3`` and ``53:53`` for
something else than text: such texts are quoted. Nothing needs to be installed, and it
is several times faster than a writer for all of YAML. Invariant: reading the text back
gives the same data, by the rules of YAML 1.1 and of 1.2.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeGuard

__all__ = ["document"]

# What some reader takes for a number, a truth, a date or nothing.
_NOT_TEXT = re.compile(
    r"""(?ix)
    y | yes | n | no | true | false | on | off | null | ~ | nan | inf
    | [-+]? ( 0[xob][0-9a-f_]+ | [0-9][0-9_]* ( :[0-5]?[0-9] )* ) ( \.[0-9_]* )?
    | [-+]? ( \.[0-9_]+ | [0-9][0-9_]* ( \.[0-9_]* )? ) ( e[-+]?[0-9]+ )?
    | [-+]? \. ( inf | nan ) | \.nan
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} .*
    | = | <<
    """
)
_INDICATORS = frozenset("#,[]{}&*!|>'\"%@`")
# What some reader does not take as it is, or takes for the end of a line.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ODD_LINES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LONGEST_KEY = 1000  # a reader looks no further than 1,024 letters for the colon
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def document(value: object) -> str:
    r"""One document, without a line that begins it; O(size).

    Mappings have texts as keys; texts, numbers, truths and None are scalars.

    >>> print(document({"a": ["yes", {"b": 1, "c": {}}], "d": "x\ny"}))
    a:
    - 'yes'
    - b: 1
      c: {}
    d: |-
      x
      y
    <BLANKLINE>
    """
    out: list[str] = []
    if _is_mapping(value) and value:
        _mapping(value, "", "", out)
    elif isinstance(value, (list, tuple)) and value:
        _sequence(value, "", "", out)
    else:
        out.append(f"{_scalar(value, '')}\n")
    return "".join(out)


def _mapping(
    value: Mapping[str, object], first: str, indent: str, out: list[str]
) -> None:
    """The entries of a mapping; the first one begins with ``first``."""
    for key, item in value.items():
        name = _flat(key) if type(key) is str else _flat(str(key))
        if len(name) > _LONGEST_KEY:
            out.append(f"{first}? {name}\n{indent}:")
        else:
            out.append(f"{first}{name}:")
        first = indent
        if type(item) is str and "\n" not in item:  # by far the most
            out.append(f" {_flat(item)}\n")
        elif item and _is_mapping(item):
            out.append("\n")
            deeper = f"{indent}  "
            _mapping(item, deeper, deeper, out)
        elif item and isinstance(item, (list, tuple)):
            out.append("\n")
            _sequence(item, indent, indent, out)
        else:
            out.append(f" {_scalar(item, indent)}\n")


def _sequence(
    value: list[object] | tuple[object, ...], first: str, indent: str, out: list[str]
) -> None:
    deeper = f"{indent}  "
    for item in value:
        begin = f"{first}- "
        first = indent
        if type(item) is str and "\n" not in item:
            out.append(f"{begin}{_flat(item)}\n")
        elif item and _is_mapping(item):
            _mapping(item, begin, deeper, out)
        elif item and isinstance(item, (list, tuple)):
            _sequence(item, begin, deeper, out)
        else:
            out.append(f"{begin}{_scalar(item, indent)}\n")


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether it has keys; plain dicts first, as nearly all are that."""
    return type(value) is dict or isinstance(value, Mapping)


def _scalar(value: object, indent: str) -> str:
    if isinstance(value, str):
        text = str(value)
        return _lines(text, indent) if "\n" in text else _flat(text)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_mapping(value):
        return "{}"
    return "[]" if isinstance(value, (list, tuple)) else str(value)


def _lines(text: str, indent: str) -> str:
    """A text of several lines as it is, below its key; quoted where that would not do.

    A blank at the end of a line could not be seen.
    """
    rows = text.split("\n")
    if not text.strip() or _ODD_LINES.search(text) or _ends_blank(rows):
        return _quoted(text)
    start = "2" if text[0] in " \n\t" else ""  # else it is read off the first line
    end = ""
    if not text.endswith("\n"):
        end = "-"
    elif text.endswith("\n\n"):
        end = "+"
    if rows[-1] == "":
        rows.pop()
    body = "\n".join(f"{indent}  {row}" if row else "" for row in rows)
    return f"|{start}{end}\n{body}"


def _ends_blank(rows: list[str]) -> bool:
    return any(row[-1:] in (" ", "\t") for row in rows)


@lru_cache(maxsize=8192)
def _flat(text: str) -> str:
    """A text on one line: plain where it can be, else quoted."""
    if _ODD.search(text):
        return _quoted(text)
    return text if _is_plain(text) else "'" + text.replace("'", "''") + "'"


def _is_plain(text: str) -> bool:
    if not text or text[0] in _INDICATORS or " " in (text[0], text[-1]):
        return False
    if text[0] in "-?:" and (len(text) == 1 or text[1] == " "):
        return False
    if text.startswith(("---", "...")) or text.endswith(":"):
        return False
    return ": " not in text and " #" not in text and not _NOT_TEXT.fullmatch(text)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if not _ODD_LINES.match(letter):
        return letter
    code = ord(letter)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
