"""Pages as the site wants them, from pages as the repository has them.

```
docs/lessons/07-coming-in.md ───▶ en: lessons/07-coming-in.md
docs/zh/lessons/07-coming-in.md ▶ zh: lessons/07-coming-in.md
minidock/ipam/pool.py (linked) ─▶ en: code/minidock/ipam/pool.py.md
docs/notebooks/tour.ipynb ──────▶ en: notebooks/tour.md and pictures
```

Prose is kept as it is. Changed are links, which lead to where their target is in the
site; `<details>`, whose contents are Markdown here, too; and sessions, for colour.

Invariant: a link leads to a page of one of the sites, never out of their folder.
"""

import html
import json
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Pages", "Place"]

_FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1`*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)[^`].*?\1", re.DOTALL)
_LINK = re.compile(r"(?<=\]\()(?P<target>[^)\s]+)(?=(\s+\"[^\"]*\")?\))")
_DOCTEST = re.compile(r"^( *)```python(?=\n *>>> )", re.MULTILINE)
_PICTURE = re.compile(r"(?<!\[)!\[[^\]]*\]\((?P<file>[^)\s]+\.svg)\)")
_CODE_PAGE = "---\nsearch: {exclude: true}\nhide: [toc]\n---\n"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LANGUAGES = {
    ".py": "python", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".cff": "yaml",
    ".json": "json", ".js": "javascript", ".sh": "sh", ".ini": "ini",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: in which site ("en", "zh"), and at which path there."""

    site: str
    path: str

    @property
    def url(self) -> str:
        """The path from the top of both sites, as it is built."""
        path = re.sub(r"\.md$", ".html", self.path)
        return path if self.site == "en" else f"{self.site}/{path}"


@dataclass
class Pages:
    """The pages of a repository, by their places; code that they link to joins them."""

    root: Path
    playground: bool = False
    """Whether the playground stands beside the pages."""
    texts: dict[Place, str] = field(default_factory=dict)
    files: dict[Place, Path] = field(default_factory=dict)
    """Pictures and the like, which are copied."""
    lost: list[str] = field(default_factory=list)
    """Links that lead nowhere."""

    def __post_init__(self) -> None:
        docs = self.root / "docs"
        for file in sorted(docs.rglob("*")):
            within = file.relative_to(docs)
            if not file.is_file() or within.parts[0] == "playground":
                continue
            if file.suffix in {".md", ".ipynb"}:
                self._page(file)
            elif file.suffix in {".svg", ".png", ".css", ".js"}:
                # each site has its own, so that each is whole
                self.files[Place("en", within.as_posix())] = file
                self.files[Place("zh", within.as_posix())] = file
        if not self.playground:
            self.texts[_PLAYGROUND] = _NO_PLAYGROUND

    def place(self, target: Path) -> Place | None:
        """Where a file or folder of the repository is in the site; None if nowhere."""
        if not target.exists() or not target.is_relative_to(self.root):
            return None
        path = target.relative_to(self.root).as_posix()
        if path.startswith("docs/playground"):
            return _PLAYGROUND
        if path.startswith("docs/zh/"):
            return Place("zh", _as_page(path.removeprefix("docs/zh/")))
        inside = path.removeprefix("docs/")
        if inside != path and target.suffix in {".md", ".ipynb", ".svg", ".png"}:
            return Place("en", _as_page(inside))
        # a page README.md is the one of its folder, in a site as on a disk
        path = re.sub(r"\bREADME\.md$", "index.md", path)
        return Place("en", f"code/{path.removesuffix('.md')}.md")

    def _page(self, file: Path) -> None:
        place = self.place(file)
        if place is None or place in self.texts:
            return
        self.texts[place] = ""  # so that circles of links end
        text = file.read_text("utf-8")
        if file.suffix == ".ipynb":
            text = self._notebook(text, place)
        self.texts[place] = self._written(text, file, place)

    def _written(self, text: str, file: Path, place: Place) -> str:
        """A page's text with its links and details as the site wants them."""
        parts, end = [], 0
        for fence in _FENCE.finditer(text):
            parts += [self._prose(text[end : fence.start()], file, place), fence[0]]
            end = fence.end()
        parts.append(self._prose(text[end:], file, place))
        text = _DOCTEST.sub(r"\1```pycon", "".join(parts))
        return _CONSOLE.sub(_session, text)

    def _prose(self, text: str, file: Path, place: Place) -> str:
        kept: list[str] = []

        def keep(code: re.Match[str]) -> str:
            kept.append(code[0])
            return f"\0{len(kept) - 1}\0"

        text = _CODE.sub(keep, text)
        text = re.sub(r"<details( open)?>", r'<details\1 markdown="1">', text)
        # a picture opens by itself, to be enlarged: on a telephone it is small
        text = _PICTURE.sub(r"[\g<0>](\g<file>)", text)
        text = _LINK.sub(lambda link: self._link(link["target"], file, place), text)
        return re.sub(r"\0(\d+)\0", lambda mark: kept[int(mark[1])], text)

    def _link(self, target: str, file: Path, place: Place) -> str:
        path, mark, anchor = target.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return target
        wanted = Path(os.path.normpath(file.parent / path))
        there = self.place(wanted)
        if there is None:
            self.lost.append(f"{file.relative_to(self.root)}: {target}")
            return target
        self._join(wanted, there)
        if there.path.endswith((".svg", ".png")):
            there = Place(place.site, there.path)  # both sites have the pictures
        if there.site == place.site and there.path.endswith(".md"):
            return _between(place.path, there.path) + mark + anchor
        return _between(place.url, there.url) + mark + anchor

    def _join(self, target: Path, place: Place) -> None:
        """Make a page of code that a page links to, unless it is there."""
        if place in self.texts or not place.path.startswith("code/"):
            return
        if target.suffix == ".md":
            self._page(target)
            return
        name = target.relative_to(self.root).as_posix()
        head = f"{_CODE_PAGE}# `{name}`\n\n"
        self.texts[place] = head + "\n".join(_listing(target)) + "\n"

    def _notebook(self, text: str, place: Place) -> str:
        """A notebook as a page: cells, stored outputs, pictures as files."""
        parts = []
        for cell in json.loads(text)["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                parts.append(source)
                continue
            parts.append(f"```python\n{source}\n```")
            for output in cell["outputs"]:
                data = output.get("data", {"text/plain": output.get("text", "")})
                if "image/svg+xml" in data:
                    parts.append(self._drawn("".join(data["image/svg+xml"]), place))
                elif "text/html" in data:
                    parts.append(_SCROLLS.format("".join(data["text/html"])))
                else:
                    shown = "".join(data["text/plain"]).rstrip()
                    parts.append(f"```text\n{shown}\n```")
        return "\n\n".join(parts) + "\n"

    def _drawn(self, svg: str, place: Place) -> str:
        stem = place.path.removesuffix(".md")
        number = sum(other.path.startswith(f"{stem}-") for other in self.texts) + 1
        picture = Place("en", f"{stem}-{number}.svg")
        self.texts[picture] = svg
        name = posixpath.basename(picture.path)
        title = re.search(r"<title[^>]*>(.*?)</title>", svg, re.DOTALL)
        alt = title[1] if title else ""
        return f'<a href="{name}"><img src="{name}" alt="{alt}"></a>'


_PLAYGROUND = Place("en", "playground/index.html")
_SCROLLS = (
    '<div class="md-typeset__scrollwrap"><div class="md-typeset__table">{}</div></div>'
)
_NO_PLAYGROUND = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>The playground</title>
<p>The playground was not built:
<code>make playground</code>, then <code>make docs</code>.</p>
<p><a href="../index.html">Back to the pages</a></p></html>
"""


def _session(fence: re.Match[str]) -> str:
    """A session of a shell, coloured by what is typed and what is printed.

    Pygments would take `#` for a prompt, and a number within an address for a number.
    """
    lines = []
    for line in html.escape(fence[1], quote=False).splitlines():
        if line.startswith("$ "):
            typed = f'<span class="typed">{line[2:]}</span>'
            lines.append(f'<span class="gp">$ </span>{typed}')
        else:
            lines.append(f'<span class="go">{line}</span>' if line else "")
    # a blank line would end the block of HTML, unless it has something on it
    body = "\n".join(line or "<span></span>" for line in lines)
    block = f"<pre><code>{body}\n</code></pre>"
    return f'<div class="language-console highlight">{block}</div>'


def _as_page(path: str) -> str:
    return re.sub(r"\.ipynb$", ".md", path)


def _between(here: str, there: str) -> str:
    return posixpath.relpath(there, posixpath.dirname(here) or ".")


def _listing(target: Path) -> Iterator[str]:
    """A file in a fence; of a folder, what is in it."""
    if target.is_dir():
        yield from ("A folder:", "")
        for item in sorted(target.iterdir()):
            if not item.name.startswith(("_", ".")):
                yield f"* `{item.name}{'/' if item.is_dir() else ''}`"
    else:
        yield f"``````{_LANGUAGES.get(target.suffix, 'text')}"
        yield target.read_text("utf-8").rstrip("\n")
        yield "``````"
