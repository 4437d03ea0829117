"""What the page asks, as JSON in and JSON out.

```
 {"do": "run", "text": "docker ps"} ─▶ Page.answer ─▶ {"entries": [...], ...}
 {"do": "look", "place": 3}
 {"do": "check", "lab": "...", "answer": "..."}
```

Texts, numbers and lists, nothing that could run. What is wrong with a question is said
in three parts under ``refused``.

Invariants: every question gets an answer that is a JSON object, and no exception; a
drawing is sent only when it is another one than the last.
"""

import json
from collections.abc import Callable, Mapping

from minidock.errors import InvalidParameter, Refusal
from minidock.model.document import Json
from minidock.playground.exercises import checked, hinted, listed, shown, solved
from minidock.playground.line import Kind
from minidock.playground.session import Entry, Session
from minidock.playground.share import Shared, packed, unpacked
from minidock.playground.told import entry_json, journey_json

__all__ = ["Page"]

_MOST = 300_000
"""Characters of a question: an answer to an exercise, and room around it."""

Asked = Mapping[str, Json]
Told = dict[str, Json]


class Page:
    """One open page: its session, and what it has been shown.

    >>> page = Page()
    >>> told = json.loads(page.answer('{"do": "run", "text": "network create app"}'))
    >>> [entry["ok"] for entry in told["entries"]], told["place"]
    ([True], 1)
    >>> json.loads(page.answer("what?"))["refused"]["text"]
    'the page asked something that is no JSON object'
    """

    def __init__(self) -> None:
        self._session = Session()
        self._drawn = ""
        self._acts: dict[str, Callable[[Asked], Told]] = {
            "start": self._start,
            "run": self._run,
            "replay": self._replay,
            "look": self._look,
            "until": self._until,
            "complete": self._complete,
            "share": self._share,
            "open": self._open,
            "labs": lambda _: {"labs": listed()},
            "lab": lambda asked: shown(_text(asked, "lab")),
            "hint": lambda asked: hinted(_text(asked, "lab"), _number(asked, "number")),
            "solution": lambda asked: solved(_text(asked, "lab")),
            "check": lambda asked: checked(_text(asked, "lab"), _text(asked, "answer")),
        }

    def answer(self, question: str) -> str:
        """Answer one question."""
        try:
            told = self._answer(question)
        except Refusal as refusal:
            told = {"refused": _parts(refusal)}
        except Exception as error:  # noqa: BLE001 - a page shows no traceback
            told = {"refused": _parts(_fault(error))}
        return json.dumps(told, ensure_ascii=True, separators=(",", ":"))

    def _answer(self, question: str) -> Told:
        try:
            asked = json.loads(question) if len(question) <= _MOST else None
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            raise _odd("something that is no JSON object")
        act = self._acts.get(str(asked.get("do")))
        if act is None:
            raise _odd(f"for {str(asked.get('do'))[:40]!r}, which it cannot")
        return act(asked)

    # --- typing -----------------------------------------------------------------------

    def _start(self, _: Asked) -> Told:
        self._session, self._drawn = Session(), ""
        return self._state([])

    def _run(self, asked: Asked) -> Told:
        text = _text(asked, "text")
        if any(line.kind is Kind.UNFINISHED for line in self._session.read(text)):
            return {"unfinished": True}
        if isinstance(columns := asked.get("columns"), int):
            self._session.columns = max(40, min(columns, 200))
        return self._state(self._session.run(text))

    def _replay(self, asked: Asked) -> Told:
        with_python = asked.get("python") is True
        done, number = self._session.replay(_texts(asked), with_python=with_python)
        return {**self._state(done), "done": number}

    def _state(self, entries: "list[Entry] | tuple[Entry, ...]") -> Told:
        session = self._session
        last = len(session.entries) - 1
        journeys = [entry.journey for entry in entries if entry.journey is not None]
        return {
            "entries": [entry_json(entry) for entry in entries],
            "place": last,
            "lines": list(session.lines),
            "svg": self._new_drawing(session.picture(last)),
            "journey": journey_json(journeys[-1]) if journeys else None,
        }

    def _new_drawing(self, svg: str) -> str | None:
        if svg == self._drawn:
            return None
        self._drawn = svg
        return svg

    # --- looking back -----------------------------------------------------------------

    def _look(self, asked: Asked) -> Told:
        place = _number(asked, "place")
        entry = self._session.entry(place)
        self._drawn = ""
        return {
            "entry": entry_json(entry),
            "place": place,
            "svg": self._session.picture(place),
            "changes": [
                {"title": section.title, "lines": list(section.lines)}
                for section in self._session.changes(place).sections
            ],
            "journey": journey_json(entry.journey) if entry.journey else None,
        }

    def _until(self, asked: Asked) -> Told:
        self._session, self._drawn = self._session.until(_number(asked, "place")), ""
        return self._state([])

    def _complete(self, asked: Asked) -> Told:
        return {"words": list(self._session.completions(_text(asked, "text"))[:200])}

    # --- links ------------------------------------------------------------------------

    def _share(self, asked: Asked) -> Told:
        lab, answer = _text(asked, "lab"), _text(asked, "answer")
        shared = Shared(lines=self._session.lines, lab=lab, answer=answer)
        return {"link": packed(shared)}

    def _open(self, asked: Asked) -> Told:
        shared = unpacked(_text(asked, "link"))
        return {
            "lines": list(shared.lines),
            "lab": shared.lab,
            "answer": shared.answer,
        }


def _text(asked: Asked, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise _odd(f"without the text {name!r}")
    return value


def _texts(asked: Asked) -> list[str]:
    value = asked.get("lines")
    lines = value if isinstance(value, list) else [None]
    texts = [line for line in lines if isinstance(line, str)]
    if len(texts) < len(lines):
        raise _odd("without a list of lines")
    return texts


def _number(asked: Asked, name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _odd(f"without the number {name!r}")
    return value


def _odd(what: str) -> InvalidParameter:
    return InvalidParameter(
        f"the page asked {what}",
        asked="something of the playground",
        rule="page and playground speak of a few things only",
        remedy="load the page again",
    )


def _fault(error: Exception) -> Refusal:
    return InvalidParameter(
        f"the playground stumbled: {type(error).__name__}",
        asked="something that nobody thought of",
        rule="every line gets an answer, so this is a fault of minidock",
        remedy="another line; and please report this one",
    )


def _parts(refusal: Refusal) -> Json:
    return {"text": refusal.text, "why": refusal.explain()}
