"""Whether a translated lesson still says what the lesson says.

The first line of a translation holds a seal: the fingerprint of the English prose that
was translated. Sessions are compared as they are, since they are the same in every
language; only Python comments may be translated.

`python -m tests.docs.translations` prints what is missing or out of date;
`python -m tests.docs.translations --seal PAGE...` is for whoever has just translated.
"""

import hashlib
import re
import sys
from pathlib import Path

from tests.docs.lessons import LESSONS, chinese, english

__all__ = ["seal", "sealed", "sessions"]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SEAL = re.compile(r"\A<!-- translated from ([0-9a-f]{12}) -->\n")
_COMMENT = re.compile(r"(?m)^((?:>>> |\.\.\. )?)\s*# .*\n|  # .*$")


def sessions(text: str) -> list[str]:
    """What a page runs, without the comments of its Python."""
    return [
        _COMMENT.sub("", body) if language == "python" else body
        for language, body in _FENCE.findall(text)
        if language in {"python", "console"}
    ]


def seal(english_text: str) -> str:
    """The fingerprint of a page's prose: all that stands outside its sessions."""
    prose = " ".join(_FENCE.sub("", english_text).split())
    return hashlib.sha256(prose.encode()).hexdigest()[:12]


def sealed(chinese_text: str) -> str:
    """The fingerprint that a translation carries; "" if none."""
    found = _SEAL.match(chinese_text)
    return found[1] if found else ""


def _faults(lesson: str) -> list[str]:
    page, other = english(lesson), chinese(lesson)
    if not page.exists() or not other.exists():
        return [f"{lesson}: {'no page' if not page.exists() else 'no translation'}"]
    text, translated = page.read_text("utf-8"), other.read_text("utf-8")
    faults = []
    if seal(text) != sealed(translated):
        faults.append(f"{lesson}: the English page has changed since it was translated")
    if sessions(text) != sessions(translated):
        faults.append(f"{lesson}: the sessions differ")
    return faults


def _reseal(page: Path) -> None:
    text = _SEAL.sub("", page.read_text("utf-8"))
    mark = seal(english(page.stem).read_text("utf-8"))
    page.write_text(f"<!-- translated from {mark} -->\n{text}", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seal"]:
        for name in sys.argv[2:]:
            _reseal(chinese(Path(name).stem))
    found = [fault for lesson in LESSONS for fault in _faults(lesson)]
    print(*found, f"{len(found)} faults", sep="\n")
    sys.exit(bool(found))
