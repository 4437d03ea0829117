r"""Build the documentation's site: two of them, English and Chinese, in one folder.

```
mkdocs.yml ─┬─ nav without 中文 ─▶ zensical ─▶ build/site/    lang="en"
            └─ nav of 中文 ──────▶ zensical ─▶ build/site/zh/ lang="zh"
docs/ ── sitepages.py ─▶ build/site-stage/{en,zh}/docs: zensical reads it
build/playground ────────────────────────────▶ build/site/playground/
```

    python -m tools.site [--out FOLDER]

Two, because a site has one language: its own words, and a search that knows where
Chinese words end. Each page leads to its twin. The site needs no server: it can be read
from the disk, with search, and asks no other machine for anything.

Invariant: warnings are errors; a page that would have a broken link is not built.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from tools.sitepages import Pages, Place

__all__ = ["Broken", "build", "main"]

ROOT = Path(__file__).resolve().parents[1]
PLAYGROUND = ROOT / "build" / "playground"
_CHINESE = "中文"

Item = Any
"""A path, or a title with a path or items: as YAML has it."""
Config = dict[str, Any]


class Broken(Exception):
    """The site cannot be built as it should be; each argument says one reason."""


def build(out: Path, root: Path = ROOT) -> int:
    """Build both sites into a folder; how many pages they have.

    Raises:
        Broken: a link leads nowhere, or the generator warned.
    """
    playground = PLAYGROUND if (PLAYGROUND / "index.html").exists() else None
    pages = Pages(root, playground=playground is not None)
    if pages.lost:
        raise Broken(*pages.lost)
    stage = out.parent / f"{out.name}-stage"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    config = yaml.safe_load((root / "mkdocs.yml").read_text("utf-8"))
    for site, folder in (("en", out), ("zh", out / "zh")):
        made = _config(config, site, pages, root)
        _write(pages, site, stage / site / "docs")
        _zensical(made, stage / site, folder)
    _join_twins(out, pages)
    if playground:
        shutil.copytree(playground, out / "playground")
    shutil.rmtree(stage)
    return sum(place.path.endswith(".md") for place in pages.texts)


def _config(config: Config, site: str, pages: Pages, root: Path) -> Config:
    """The part of mkdocs.yml that is about one of the sites."""
    made = deepcopy(config)
    nav = made["nav"]
    chinese = next(item[_CHINESE] for item in nav if _CHINESE in item)
    if site == "zh":
        made["theme"]["language"] = "zh"
        nav = [path.removeprefix("zh/") for path in chinese]
    made["nav"] = _standing([item for item in nav if _CHINESE not in item], site, pages)
    for plugin in made["plugins"]:
        if isinstance(plugin, dict) and "mkdocstrings" in plugin:
            plugin["mkdocstrings"]["handlers"]["python"]["paths"] = [str(root)]
    made |= {"docs_dir": "docs", "site_dir": "site"}
    return made


def _standing(nav: list[Item], site: str, pages: Pages) -> list[Item]:
    """The navigation without lessons that are not written yet."""
    found: list[Item] = []
    for item in nav:
        if isinstance(item, dict):
            [(title, inside)] = item.items()
            if isinstance(inside, list):
                found.append({title: _standing(inside, site, pages)})
            else:
                found.append(item)
        elif Place(site, item) in pages.texts or not item.startswith("lessons/"):
            found.append(item)
    return found


def _write(pages: Pages, site: str, docs: Path) -> None:
    for place, text in pages.texts.items():
        if place.site == site:
            target = docs / place.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
    for place, source in pages.files.items():
        if place.site == site:
            target = docs / place.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _zensical(config: Config, stage: Path, out: Path) -> None:
    file = stage / "mkdocs.yml"
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    file.write_text(text, "utf-8")
    words = [sys.executable, "-m", "zensical", "build", "--strict", "-f", str(file)]
    done = subprocess.run(  # noqa: S603 - our own words
        words,
        capture_output=True,
        text=True,
        check=False,
        cwd=stage,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # it asks tools.docstrings
    )
    said = done.stdout + done.stderr
    if done.returncode or "warning" in said.lower():
        raise Broken(said)
    shutil.copytree(stage / "site", out, dirs_exist_ok=True)


def _join_twins(out: Path, pages: Pages) -> None:
    """Let each page's switch of languages lead to the same page in the other one."""
    for page in out.rglob("*.html"):
        path = page.relative_to(out).as_posix()
        chinese = path.startswith("zh/")
        here = Place("zh" if chinese else "en", path.removeprefix("zh/"))
        up = "../" * path.count("/")
        text = page.read_text("utf-8")
        # the theme would look for a map of the site at these, one for each page
        new = re.sub(r'<link rel="alternate" [^>]*>', "", text)
        for site in ("en", "zh"):
            link = f'href="{up}{_twin(here, site, pages).url}" hreflang="{site}"'
            new = re.sub(rf'href="[^"]*" hreflang="{site}"', link, new)
        if new != text:
            page.write_text(new, "utf-8")


def _twin(here: Place, site: str, pages: Pages) -> Place:
    """The same page in a language; the first page where there is none."""
    twin = Place(site, re.sub(r"\.html$", ".md", here.path))
    is_there = site == here.site or twin in pages.texts
    return twin if is_there else Place(site, "index.md")


def main(words: list[str] | None = None) -> int:
    """The command: 0, or 1 and the reasons."""
    parser = argparse.ArgumentParser(prog="tools.site", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    out = parser.parse_args(words).out.resolve()
    try:
        count = build(out)
    except Broken as broken:
        sys.stderr.write("\n".join(map(str, broken.args)) + "\n")
        return 1
    sys.stdout.write(f"{count} pages in {out}: open {out / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
