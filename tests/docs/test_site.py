"""The site is whole: every link leads somewhere, and nothing comes from another machine."""

import contextlib
import re
import shutil
import time
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.lessons import LESSONS, chinese, english

pytest.importorskip("zensical", reason="zensical, which builds the site, is not here")
pytest.importorskip("mkdocstrings_handlers", reason="mkdocstrings-python is not here")

from tools.docstrings import fenced
from tools.site import Broken, build
from tools.sitepages import Pages

ROOT = Path(__file__).resolve().parents[2]
FETCHED = {
    "img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src",
    "audio": "src", "object": "data", "embed": "src", "link": "href",
}  # fmt: skip


class Page(HTMLParser):
    """What a built page asks for, leads to, and can be led to."""

    def __init__(self, text):
        super().__init__()
        self.language, self.ids, self.links, self.fetched = "", set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids.update(found[key] for key in ("id", "name") if found.get(key))
        if tag == "html":
            self.language = found.get("lang", "")
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in FETCHED and found.get(FETCHED[tag]):
            self.fetched.append(found[FETCHED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built once for all workers: whoever makes the folder builds it."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):
        shared = shared.parent
    out, whole = shared / "site", shared / "site-is-whole"
    with contextlib.suppress(FileExistsError):
        (shared / "site-lock").mkdir()
        try:
            build(out)
        except BaseException:
            shutil.rmtree(out, ignore_errors=True)
            whole.write_text("no")
            raise
        whole.write_text("yes")
    for _ in range(2400):
        if whole.exists():
            break
        time.sleep(0.1)
    if whole.read_text() != "yes":
        pytest.fail("the site could not be built")
    return out


@pytest.fixture(scope="module")
def pages(site):
    return {
        page: Page(page.read_text("utf-8"))
        for page in sorted(site.rglob("*.html"))
        if page.name != "404.html" and "playground" not in page.parts
    }


def faults_of(pages, page, target):
    """Why a link inside the site leads nowhere; "" if it leads somewhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return ""
    there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not there.is_file():
        return f"{page.name} -> {target}: no such file"
    anchor = unquote(parts.fragment)
    known = pages[there].ids if there in pages else {anchor}
    if anchor and not anchor.startswith("__") and anchor not in known:
        return f"{page.name} -> {target}: no such place in it"
    return ""


def test_every_link_and_picture_of_the_site_leads_somewhere(pages):
    assert len(pages) > 50
    faults = {
        faults_of(pages, page, target)
        for page, read in pages.items()
        for target in [*read.links, *read.fetched]
    } - {""}
    assert sorted(faults) == []


def test_a_link_that_leads_nowhere_is_noticed(pages):
    page = next(iter(pages))
    assert "no such file" in faults_of(pages, page, "nowhere.html")
    assert "no such place" in faults_of(pages, page, "#nowhere")


def test_no_page_asks_another_machine_for_anything(site, pages):
    asked = {
        target
        for page, read in pages.items()
        for target in read.fetched
        if urlsplit(target).scheme not in {"", "data"} or urlsplit(target).netloc
    }
    assert asked == set()
    styles = [file for file in site.rglob("*.css") if "playground" not in file.parts]
    assert styles != []
    for file in styles:
        text = file.read_text("utf-8")
        assert "url(http" not in text, file
        assert "@import" not in text, file


@pytest.mark.parametrize(
    ("language", "folder", "where"), [("en", "", english), ("zh", "zh", chinese)]
)
def test_the_lessons_are_in_the_navigation_in_their_order(
    site, pages, language, folder, where
):
    written = [lesson for lesson in LESSONS if where(lesson).exists()]
    assert written != []
    page = site / folder / "lessons" / f"{written[0]}.html"
    nav = [
        (page.parent / link).resolve().stem
        for link in pages[page].links
        if not link.startswith("#")
    ]
    in_order = list(dict.fromkeys(stem for stem in nav if stem in written))
    # the page itself is a link to its own beginning
    assert [stem for stem in in_order if stem != written[0]] == written[1:]
    assert pages[page].language == language


def test_every_page_of_the_documentation_is_in_the_navigation():
    nav = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    docs = ROOT / "docs"
    written = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    missing = {path for path in written if f" {path}\n" not in nav}
    assert {path for path in missing if not path.startswith("playground/")} == set()


def test_a_page_leads_to_its_twin_in_the_other_language(pages, site):
    both = [
        name for name in LESSONS if chinese(name).exists() and english(name).exists()
    ]
    assert both != []
    for lesson in both:
        for here, there in (("", "zh/"), ("zh/", "")):
            page = site / f"{here}lessons" / f"{lesson}.html"
            twin = site / f"{there}lessons" / f"{lesson}.html"
            links = [(page.parent / link).resolve() for link in pages[page].links]
            assert twin in links


def test_fences_and_details_are_rendered_and_not_shown_as_they_are_written(pages):
    for page in pages:
        if page.parent.name != "lessons":
            continue
        text = page.read_text("utf-8")
        assert "<p>```" not in text, page
        assert "&lt;details" not in text, page
        assert 'markdown="1"' not in text, page
        assert text.count("<summary>") == _source(page).count("<summary>"), page


def _source(page):
    where = chinese if page.parent.parent.name == "zh" else english
    return where(page.stem).read_text("utf-8")


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    api = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
    if chromium is None:
        pytest.skip("there is no chromium")
    with api.sync_playwright() as driver:
        shown = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield shown
        shown.close()


@pytest.fixture
def served(site):
    handler = partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


SEEN = ["index.html", "lessons/06-leaving-the-house.html", "reference/laws.html"]
SEEN += ["reference/python/net.html", "zh/lessons/06-leaving-the-house.html"]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_browser_asks_nobody_else_and_no_page_is_wider_than_a_telephone(
    site, browser, served, width
):
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type == "error" and faults.append(said.text))
    for path in [path for path in SEEN if (site / path).exists()]:
        page.goto(f"{served}/{path}", wait_until="networkidle")
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wide) <= 0, path
    page.close()
    assert len(asked) > len(SEEN)
    assert [url for url in asked if not url.startswith((served, "data:"))] == []
    assert faults == []


@pytest.mark.parametrize(
    ("path", "word"),
    [("lessons/07-coming-in.html", "masquerade"), ("zh/index.html", "网桥")],
)
def test_search_finds_words_of_both_languages_from_the_disk(site, browser, path, word):
    page = browser.new_page()
    page.goto((site / path).as_uri())
    page.wait_for_function("document.documentElement.classList.contains('js')")
    page.get_by_role("button", name=re.compile("Search|查找|搜索")).first.click()
    page.keyboard.type(word)
    found = page.get_by_text(re.compile(r"^\d+ results?$"))
    found.wait_for(timeout=20_000)
    assert int(found.inner_text().split()[0]) > 0
    page.close()


def test_a_link_out_of_the_repository_is_refused(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Hm\n\n[so](../../etc/passwd)\n")
    assert Pages(tmp_path).lost == ["docs/index.md: ../../etc/passwd"]
    with pytest.raises(Broken, match="etc/passwd"):
        build(tmp_path / "site", tmp_path)


def test_code_that_a_page_links_to_becomes_a_page(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "pool.py").write_text("print('```')\n")
    page = tmp_path / "docs" / "index.md"
    page.write_text(
        "# Hm\n\n[so](../pool.py) `[no](../pool.py)`\n\n```sh\n[no](x)\n```\n"
    )
    texts = {place.path: text for place, text in Pages(tmp_path).texts.items()}
    assert "[so](code/pool.py.md) `[no](../pool.py)`" in texts["index.md"]
    assert "``````python\nprint('```')\n``````" in texts["code/pool.py.md"]


def test_sessions_of_a_docstring_become_fences_once():
    text = "One.\n\n    >>> 1\n    1\n\nTwo.\n\n```\n>>> 2\n```"
    once = fenced(text)
    assert once.count("```pycon") == 1
    assert fenced(once) == once
