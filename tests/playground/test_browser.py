"""The playground in a real browser, as a person uses it: by keys, and by looking.

python -m pytest -s tests/playground/test_browser.py     # prints what it measured
"""

import base64
import json
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from minidock.labs.catalogue import packaged
from minidock.playground.session import Session
from minidock.playground.share import Shared, packed

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

PATIENCE = 120_000  # milliseconds: a machine that does ten things at once is slow
expect.set_options(timeout=PATIENCE)
pytestmark = pytest.mark.timeout(600)

HTML = '<img src=x onerror="document.title=\'owned\'"><b id="owned">'


@pytest.fixture(scope="module")
def browser(site) -> Iterator[object]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


class Tab:
    """One page of one person, and everything that went wrong or went out."""

    def __init__(self, browser, site, **options) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.site = site
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.context.on("request", lambda request: self._asked(request.url))
        self.context.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _asked(self, url: str) -> None:
        if not url.startswith(("blob:", "data:")):
            self.hosts.add(urlsplit(url).netloc)

    def _said(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)

    def open(self, fragment: str = "") -> "Tab":
        self.page.goto(self.site.address + (f"#{fragment}" if fragment else ""))
        return self.wait()

    def wait(self) -> "Tab":
        self.page.locator("html[data-ready]").wait_for(timeout=PATIENCE)
        return self

    @property
    def entries(self):
        return self.page.locator("#log .entry")

    def type(self, line: str) -> str:
        """Type a line as a person does; what it printed."""
        number = self.entries.count()
        self.page.fill("#line", line)
        self.page.press("#line", "Enter")
        entry = self.entries.nth(number)
        entry.wait_for()
        return entry.inner_text()

    def drawing(self):
        return self.page.locator("#drawing svg")

    def drawn(self) -> str:
        """The texts of the drawing, in its order."""
        return "\n".join(self.drawing().locator("text").all_text_contents())

    def close(self) -> None:
        self.context.close()
        assert self.faults == []
        assert self.hosts <= {urlsplit(self.site.address).netloc}


@pytest.fixture
def tab(browser, site) -> Iterator[Tab]:
    tab = Tab(browser, site, viewport={"width": 1280, "height": 800})
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def shared_tab(browser, site) -> Iterator[Tab]:
    """One tab for what does not care what was typed before."""
    tab = Tab(browser, site, viewport={"width": 1280, "height": 800}).open()
    yield tab
    tab.close()


@pytest.fixture
def fresh(shared_tab) -> Tab:
    shared_tab.page.click("#over")
    expect(shared_tab.entries).to_have_count(0)
    expect(shared_tab.page.locator("#step")).to_have_text("step 0 of 0")
    return shared_tab


# --- the first visit ------------------------------------------------------------------


def test_the_first_command_is_there_soon_and_everything_works_offline_afterwards(
    tab, site, capsys
):
    site.sent.clear()
    start = time.monotonic()
    tab.open()
    ready = time.monotonic() - start
    said = tab.type("docker run -d --name web -p 8080:80 nginx")
    first = time.monotonic() - start
    octets = sum(size for _, size in site.sent)
    assert "Status: Downloaded newer image for nginx:latest" in said
    expect(tab.drawing()).to_contain_text("nginx")

    tab.page.locator("html[data-kept]").wait_for(state="attached", timeout=PATIENCE)
    all_octets = sum(size for _, size in site.sent)
    site.sent.clear()
    tab.context.set_offline(True)
    start = time.monotonic()
    tab.page.reload()
    tab.wait()
    again = time.monotonic() - start
    tab.type("docker run -d --name db redis")
    expect(tab.drawing()).to_contain_text("redis")
    assert "apiVersion: apps/v1" in tab.type(
        "from k8s_bridge import translate; print(translate(docker).yaml)"
    )
    assert site.sent == []
    with capsys.disabled():
        print(
            f"\nplayground: ready after {ready:.1f} s, first command {first:.1f} s, "
            f"{octets / 1e6:.1f} MB sent for it ({all_octets / 1e6:.1f} MB with what "
            f"is kept for later); offline again after {again:.1f} s; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )


def test_nothing_is_fetched_twice(browser, site):
    site.sent.clear()
    tab = Tab(browser, site).open()
    tab.page.locator("html[data-kept]").wait_for(state="attached", timeout=PATIENCE)
    large = [path for path, size in site.sent if size > 1_000_000]
    tab.close()
    assert len(large) == len(set(large))


# --- typing ---------------------------------------------------------------------------


def test_a_container_that_is_run_is_in_the_drawing(fresh):
    assert "web" not in fresh.drawn()
    fresh.type("docker run -d --name web nginx")
    assert {"web", "nginx", "172.17.0.2/16"} <= set(fresh.drawn().split())


def test_a_layer_that_is_pulled_has_one_line_as_on_a_terminal(fresh):
    said = fresh.type("docker pull nginx")
    assert said.count("Pull complete") >= 2
    for word in ("Pulling fs layer", "Waiting", "Verifying Checksum"):
        assert word not in said
    assert "Status: Downloaded newer image for nginx:latest" in said


def test_a_refusal_says_why_and_what_would_work(fresh):
    fresh.type("docker network create app")
    fresh.type("docker network create app")
    entry = fresh.entries.last
    entry.get_by_text("Why, and what would work").click()
    expect(entry.locator("dt")).to_have_text(["asked", "rule", "try"])


def test_python_shows_its_value_and_its_error_and_no_traceback(fresh):
    assert "42" in fresh.type(">>> 6 * 7")
    said = fresh.type("1 / 0")
    assert "ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said


def test_unfinished_python_waits_for_more_lines(fresh):
    page = fresh.page
    page.fill("#line", "for n in range(3):")
    page.press("#line", "Enter")
    expect(page.locator("#line")).to_have_value(re.compile(r"range\(3\):\n    "))
    page.locator("#line").press_sequentially("print(n * n)")
    page.press("#line", "Enter")
    expect(fresh.entries.last.locator(".printed")).to_have_text("0\n1\n4")


def test_up_and_down_walk_through_what_was_typed(fresh):
    fresh.type("docker network create app")
    fresh.type("docker ps")
    line = fresh.page.locator("#line")
    line.fill("dra")
    for key, text in (
        ("ArrowUp", "docker ps"),
        ("ArrowUp", "docker network create app"),
        ("ArrowDown", "docker ps"),
        ("ArrowDown", "dra"),
    ):
        line.press(key)
        expect(line).to_have_value(text)


def test_tab_completes_and_escape_tab_leaves(fresh):
    fresh.type("docker run -d --name zebra nginx")
    line = fresh.page.locator("#line")
    line.fill("docker exec ze")
    line.press("Tab")
    expect(line).to_have_value("docker exec zebra ")
    line.press("Escape")
    line.press("Tab")
    expect(line).not_to_be_focused()


def test_a_text_of_the_host_is_never_markup(fresh):
    fresh.type(f"docker run -d --name web --label 'note={HTML}' nginx")
    fresh.type(f"docker run -d --name bad --hostname '{HTML}' nginx")
    fresh.type(f">>> print({HTML!r})")
    fresh.type(f"docker network create '{HTML}'")
    assert fresh.page.locator("#owned").count() == 0
    assert fresh.page.title() == "minidock playground"


def test_a_drawing_with_a_script_in_it_is_not_shown(fresh):
    for part in (
        "<script>document.title='owned'</script>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        "<rect onload='1'/>",
        "<a href='javascript:1'><text>x</text></a>",
        "<image href='http://198.51.100.1/x.png'/>",
        "<rect fill='url(http://198.51.100.1/x)'/>",
        "<style>*{fill:red}</style>",
    ):
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'>{part}</svg>"
        text = f"class V:\n    def _repr_svg_(self): return {svg!r}\nV()"
        fresh.type(text)
        assert fresh.entries.last.locator("img").count() == 0, part
    fresh.type("docker.draw()")
    expect(fresh.entries.last.locator("img")).to_have_count(1)
    # a browser says on its console that it did not take the style
    fresh.faults[:] = [fault for fault in fresh.faults if "inline style" not in fault]


def test_python_in_the_page_reaches_no_network_and_no_store_of_the_page(fresh):
    for name in ("fetch", "XMLHttpRequest", "WebSocket", "caches", "indexedDB"):
        said = fresh.type(f"import js; js.{name}")
        assert "AttributeError" in said, name
    for text in (
        "from pyodide.code import run_js; run_js('1 + 1')",
        "import js; js.Function('return 1')()",
        "import js; js.eval('1')",
    ):
        assert "unsafe-eval" in fresh.type(text), text
    # what the browser says about it on its console is what this test is about
    fresh.faults[:] = [fault for fault in fresh.faults if "unsafe-eval" not in fault]


def test_an_endless_loop_is_stopped_and_what_was_done_before_is_still_there(fresh):
    fresh.type("docker network create app")
    fresh.type("x = 42")
    fresh.page.fill("#line", "while True: pass")
    fresh.page.press("#line", "Enter")
    fresh.page.get_by_role("button", name="Stop").click()
    expect(fresh.page.get_by_text("2 lines were run again")).to_be_visible()
    assert "42" in fresh.type("x")
    assert "app" in fresh.drawn().split()


def test_a_python_that_ended_starts_again_and_what_was_done_before_is_still_there(
    fresh,
):
    fresh.type("docker network create app")
    fresh.page.fill("#line", "import os; os._exit(3)")
    fresh.page.press("#line", "Enter")
    expect(fresh.page.get_by_text("1 line was run again")).to_be_visible()
    assert "app" in fresh.type("docker network ls")


def test_a_line_that_ends_python_whenever_it_is_run_again_is_left_out(fresh):
    later = time.time() + 3
    fresh.type(f"import os, time; time.time() < {later} or os._exit(3)")
    time.sleep(max(0.0, later - time.time()))
    fresh.page.fill("#line", "os._exit(3)")
    fresh.page.press("#line", "Enter")
    expect(fresh.page.get_by_text("this is an empty host")).to_be_visible()
    assert "bridge" in fresh.type("docker network ls")


# --- looking back, and along a journey ------------------------------------------------


def test_steps_are_looked_back_at_and_gone_on_from(fresh):
    page = fresh.page
    for line in ("docker network create app", "docker network create back"):
        fresh.type(line)
    page.get_by_role("button", name="Look one step back").click()
    expect(page.locator("#step")).to_have_text("step 1 of 2")
    assert "back" not in fresh.drawn().split()
    page.get_by_role("button", name="Look one step forward").click()
    expect(page.locator("#past")).to_be_hidden()
    assert "back" in fresh.drawn().split()
    page.get_by_role("button", name="Look one step back").click()
    page.get_by_role("button", name="Go on from here").click()
    expect(page.locator("#step")).to_have_text("step 1 of 1")
    assert "app" in fresh.type("docker network ls --format '{{.Name}}'")


def test_each_of_many_fast_clicks_is_a_step(fresh):
    for name in ("one", "two", "three", "four"):
        fresh.type(f"docker network create {name}")
    click = "n => { for (let i = 0; i < n; i++) document.getElementById(%r).click(); }"
    fresh.page.evaluate(click % "earlier", 3)
    expect(fresh.page.locator("#step")).to_have_text("step 1 of 4")
    fresh.page.evaluate(click % "later", 9)
    expect(fresh.page.locator("#step")).to_have_text("step 4 of 4")


def test_what_a_step_changed_is_shown(fresh):
    fresh.page.get_by_role("tab", name="What changed").click()
    fresh.type("docker network create app")
    panel = fresh.page.locator("#panel-changes")
    expect(panel).to_contain_text("+ app: bridge 172.18.0.0/16")
    fresh.type("docker ps")
    expect(panel).to_contain_text("changed nothing")


def test_a_journey_is_walked_forward_and_back(fresh):
    page = fresh.page
    fresh.type("docker run -d --name web -p 8080:80 nginx")
    fresh.type("trace outside host:8080")
    expect(page.locator("#verdict")).to_contain_text("delivered")
    count = page.locator("#hops li").count()
    assert count > 5
    marked = page.locator("#drawing [data-hops].now")
    expect(page.locator("#hop-text")).to_contain_text(f"Hop 1 of {count}")
    first = marked.first.get_attribute("data-hops")
    for _ in range(count - 1):
        page.get_by_role("button", name="One hop forward").click()
    expect(page.locator("#hop-text")).to_contain_text(f"Hop {count} of {count}")
    assert str(count) in marked.first.get_attribute("data-hops").split("-")
    expect(page.get_by_role("button", name="One hop forward")).to_be_disabled()
    page.get_by_role("slider").focus()
    for _ in range(count - 1):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#hop-text")).to_contain_text(f"Hop 1 of {count}")
    assert marked.first.get_attribute("data-hops") == first
    page.locator("#hops button", has_text="nat").first.click()
    expect(page.locator("#hop-text .rule")).to_contain_text("DNAT")


def test_who_guesses_first_does_not_see_the_decision(fresh):
    page = fresh.page
    fresh.type("docker run -d --name web nginx")
    fresh.type("trace outside web:80")
    decision = page.locator("#hop-text .decided")
    expect(decision).to_be_visible()
    page.get_by_label("Guess first").check()
    expect(decision).to_have_count(0)
    expect(page.locator("#verdict")).not_to_contain_text("answers")
    page.get_by_role("button", name="Show what is decided here").click()
    expect(decision).to_be_visible()
    page.get_by_label("Guess first").uncheck()


# --- exercises and lessons ------------------------------------------------------------


def exercise():
    """Lesson 3's, or the first that there is."""
    labs = {lab.lesson: lab for lab in packaged().values()}
    if not labs:
        pytest.skip("there is no exercise yet")
    return labs.get(3) or next(iter(labs.values()))


def test_an_exercise_is_failed_hinted_at_and_solved(fresh):
    lab = exercise()
    page = fresh.page
    page.get_by_role("tab", name="Exercises").click()
    page.get_by_role("combobox", name="Exercise").select_option(lab.name)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#report .verdict")).to_contain_text("Nothing to check")
    expect(page.locator("#report .findings")).to_have_count(0)
    page.get_by_label("Your answer").fill("docker network create mine")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#report .verdict")).to_have_text("Not yet:")
    expect(page.locator("#report .findings > li")).to_have_count(len(lab.expectations))
    for number in range(len(lab.hints)):
        page.locator("#hint").click()
        expect(page.locator("#hints > li")).to_have_count(number + 1)
    page.get_by_role("button", name="Solution").click()
    solution = page.locator("#solved").inner_text()
    page.get_by_label("Your answer").fill(solution)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#report .verdict")).to_have_text("Solved. All of it is so:")
    expect(page.locator("#report .ok")).to_have_count(len(lab.expectations))


def test_a_lesson_is_read_beside_the_host_and_its_sessions_are_run(fresh):
    page = fresh.page
    page.get_by_role("tab", name="Lessons").click()
    page.get_by_role("combobox", name="Lesson").select_option("07-coming-in")
    lesson = page.locator("#lesson")
    expect(lesson.locator("h2").first).to_have_text("7. Coming in")
    number = fresh.entries.count()
    lesson.get_by_role("button", name="Run this session").first.click()
    fresh.entries.nth(number).wait_for()
    assert fresh.entries.nth(number).locator(".typed").inner_text().startswith("$ ")


# --- links ----------------------------------------------------------------------------


def test_a_shared_link_leads_to_the_same_world(tab, browser, site):
    tab.open()
    for line in (
        "docker network create app",
        "docker run -d --name web --network app nginx",
    ):
        tab.type(line)
    tab.page.get_by_role("button", name="Share").click()
    expect(tab.page.get_by_role("dialog", name="Share this state")).to_be_visible()
    expect(tab.page.get_by_label("Link")).to_have_value(re.compile("#1"))
    link = tab.page.get_by_label("Link").input_value()
    tab.page.get_by_role("button", name="Close").click()
    drawn = tab.drawing().inner_html()
    assert tab.page.url == link
    tab.page.reload()
    tab.wait()
    assert tab.drawing().inner_html() == drawn
    expect(tab.entries).to_have_count(2)


def test_python_in_a_link_waits_until_its_reader_has_seen_it(browser, site):
    lines = ("docker network create app", ">>> print('ran')", "docker network rm app")
    tab = Tab(browser, site).open(packed(Shared(lines=lines)))
    waiting = tab.page.locator("#waiting")
    expect(waiting).to_contain_text("print('ran')")
    expect(tab.entries).to_have_count(1)
    assert "app" in tab.drawn().split()
    tab.page.get_by_role("button", name="Run these lines").click()
    expect(tab.entries).to_have_count(3)
    expect(waiting).to_be_hidden()
    assert "app" not in tab.drawn().split()
    tab.close()


def hostile_links() -> dict[str, str]:
    raw = json.dumps({"lines": [HTML], "lab": HTML, "answer": HTML}).encode()
    whole = packed(Shared(lines=("docker network create app",)))
    return {
        "html": HTML,
        "html in a name": "1."
        + base64.urlsafe_b64encode(zlib.compress(raw)).decode().rstrip("="),
        "cut": whole[:-7],
        "another version": "9" + whole[1:],
    }


@pytest.mark.parametrize("name", list(hostile_links()))
def test_a_link_that_was_cut_or_is_hostile_is_refused(fresh, name):
    page = fresh.page
    page.goto(fresh.site.address + "#" + hostile_links()[name])
    refused = page.locator("#log .refused").last
    expect(refused).to_contain_text("try")
    assert page.locator("#owned").count() == 0
    assert page.title() == "minidock playground"
    assert "172.17.0.0/16" in fresh.drawn()


def test_a_link_that_nests_is_refused_and_python_survives_it(fresh):
    code = base64.urlsafe_b64encode(zlib.compress(b"[" * 60_000)).decode().rstrip("=")
    fresh.page.goto(f"{fresh.site.address}#1.{code}")
    expect(fresh.page.locator("#log .refused").last).to_contain_text("it nests")
    assert "bridge" in fresh.type("docker network ls")


def test_two_links_one_after_the_other_meet_an_empty_host_each(fresh):
    first, second = (
        packed(Shared(lines=("docker network create app", f"docker network ls {flag}")))
        for flag in ("-q", "--no-trunc")
    )
    fresh.page.evaluate(f"location.hash = '{first}'; location.hash = '{second}'")
    expect(fresh.entries).to_have_count(2)
    expect(fresh.entries.last).to_contain_text("--no-trunc")
    fresh.type("docker ps")
    expect(fresh.entries).to_have_count(3)
    expect(fresh.page.locator("#log .refused")).to_have_count(0)


def test_a_link_to_an_exercise_that_is_not_here_says_so(fresh):
    fresh.page.goto(f"{fresh.site.address}#{packed(Shared(lab='no-such-one'))}")
    said = fresh.page.get_by_text("names an exercise that is not here: no-such-one")
    expect(said).to_be_visible()


def test_html_in_a_link_is_shown_as_the_text_that_it_is(fresh):
    page = fresh.page
    page.goto(fresh.site.address + "#" + packed(Shared(lines=(HTML,))))
    expect(fresh.entries.first.locator(".typed")).to_contain_text(HTML)
    assert page.locator("#owned").count() == 0
    assert page.title() == "minidock playground"


# --- keys, names, small screens -------------------------------------------------------


def test_everything_is_reached_by_keys_alone(fresh):
    page = fresh.page
    page.locator(".skip").focus()
    seen: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        held = page.evaluate(
            """() => {
              const it = document.activeElement;
              const box = it.getBoundingClientRect();
              const line = getComputedStyle(it).outlineStyle;
              return [it.id || it.textContent.trim(), box.width > 0, line !== "none"];
            }"""
        )
        if held[0] in seen:
            break
        assert held[1], held
        assert held[2], f"the focus cannot be seen on {held[0]}"
        seen.append(held[0])
    for wanted in ("share", "over", "theme", "log", "line", "run", "drawing"):
        assert wanted in seen, (wanted, seen)
    assert "tab-journey" in seen or "tab-lesson" in seen or "tab-lab" in seen
    page.locator("[role=tab][aria-selected=true]").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Journey")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="What changed")).to_be_focused()
    expect(page.locator("#panel-changes")).to_be_visible()


def test_every_control_has_a_name_and_every_part_a_landmark(fresh):
    fresh.type("docker run -d --name web nginx")
    fresh.type("trace outside web:80")
    page = fresh.page
    if packaged():
        page.get_by_role("tab", name="Exercises").click()
        page.get_by_role("combobox", name="Exercise").select_option(exercise().name)
        page.get_by_role("button", name="Check").wait_for()
    snapshot = page.locator("body").aria_snapshot()
    controls = re.findall(
        r"- (button|textbox|combobox|slider|checkbox|tab|link|progressbar)\b(.*)",
        snapshot,
    )
    assert len(controls) > 20
    nameless = [(kind, rest) for kind, rest in controls if not rest.startswith(' "')]
    assert nameless == []
    for landmark in ("banner", "main", "contentinfo", "log ", "tablist ", "region "):
        assert f"- {landmark.strip()}" in snapshot, landmark
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def contrast(page, selector: str) -> float:
    """How far a text stands out from what is behind it (WCAG 2.2, 1.4.3)."""
    return page.evaluate(
        """(selector) => {
          const lum = (rgb) => {
            const [r, g, b] = rgb.map((v) => v / 255)
              .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
          let it = document.querySelector(selector);
          const fore = numbers(getComputedStyle(it).color).slice(0, 3);
          let back = [255, 255, 255];
          for (; it; it = it.parentElement) {
            const found = numbers(getComputedStyle(it).backgroundColor);
            if (found.length < 4 || found[3] > 0) { back = found.slice(0, 3); break; }
          }
          const [a, b] = [lum(fore), lum(back)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_both_themes_and_the_switch_overrules_the_system(
    fresh, scheme
):
    page = fresh.page
    page.emulate_media(color_scheme=scheme)
    fresh.type("docker network create app")
    fresh.type("docker network create app")
    for selector in (
        "h1",
        "h1 .soft",
        "#state",
        "#run",
        "#keys",
        ".typed",
        ".printed",
        ".refused summary",
        "#examples button",
        "[role=tab]",
        "footer",
    ):
        assert contrast(page, selector) >= 4.5, selector
    back = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    theme = page.locator("#theme")
    for _ in range(3):
        theme.click()
        if theme.inner_text() == f"Theme: {'dark' if scheme == 'light' else 'light'}":
            break
    other = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert other != back
    while theme.inner_text() != "Theme: auto":
        theme.click()
    page.emulate_media(color_scheme="no-preference")


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(fresh, width):
    page = fresh.page
    fresh.type("docker run -d --name web -p 8080:80 nginx")
    fresh.type("trace outside host:8080")
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for name in ("What changed", "Exercises", "Lessons", "Journey"):
        page.get_by_role("tab", name=name).click()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 800})


# --- what is shown agrees with what is computed ---------------------------------------


def test_the_browser_draws_the_world_that_any_python_computes(fresh):
    session = Session()
    lines = (
        "docker network create --internal back",
        "docker run -d --name web -p 8080:80 nginx",
    )
    for line in lines:
        fresh.type(line)
        session.run(line)
    expected = re.findall(r"<text[^>]*>([^<]*)<", session.picture(2))
    assert fresh.drawn().split("\n") == expected
