"""The page at /ui in a real browser, against a real server."""

import http.client
import json
from collections.abc import Iterator

import pytest

from minidock.engine import Engine
from minidock.server.live import Live
from minidock.server.serving import serve
from tests.server.browser import Browser, browser_in, program

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program()
    with browser_in(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


class Shown:
    """An engine on a socket, and the browser that looks at its page."""

    def __init__(self, browser: Browser, live: Live) -> None:
        self.browser = browser
        self.live = live
        self.server = serve(live)
        self.address = self.server.addresses[0]

    def call(self, method: str, path: str, body: object = None) -> str:
        """One call of the API, as another client would make it."""
        host = self.address.removeprefix("tcp://")
        connection = http.client.HTTPConnection(host, timeout=20)
        try:
            text = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        assert answer.status < 300, said
        return said

    def run(self, name: str, image: str, network: str = "app", **more: object) -> None:
        """A container, by the two calls that docker run makes."""
        self.call("POST", f"/images/create?fromImage={image}&tag=latest")
        host = {"NetworkMode": network, **more}
        body = {"Image": image, "HostConfig": host, "Labels": {"note": HOSTILE}}
        made = json.loads(self.call("POST", f"/containers/create?name={name}", body))
        self.call("POST", f"/containers/{made['Id']}/start")

    def open(self, hash_: str = "") -> None:
        self.browser.open("about:blank")
        self.browser.open(self.address.replace("tcp", "http") + "/ui" + hash_)
        self.browser.until("document.querySelector('#live.on') && state.version")

    def end(self, name: str) -> str:
        """The container's place in the drawing, as a selector."""
        selector = f"#drawing [data-end='{name}']"
        self.browser.until(f'document.querySelector("{selector}")')
        return selector


@pytest.fixture
def shown(browser: Browser) -> Iterator[Shown]:
    engine = Engine()
    for line in (
        "network create app",
        "network create --internal back",
        "run -d --name web -p 8080:80 --network app nginx",
        "run -d --name db --network back redis",
        "network connect back web",
    ):
        assert engine(line).ok
    live = Live(engine)
    shown = Shown(browser, live)
    try:
        browser.requests.clear()
        browser.complaints.clear()
        browser.size(1280, 900)
        browser.theme("light")
        yield shown
        browser.look("1")  # takes in what was reported last
        base = shown.address.replace("tcp", "http") + "/"
        away = [r for r in browser.requests if not r.startswith((base, "data:,"))]
        assert [r for r in away if r != "about:blank"] == []
        assert browser.complaints == []
        browser.open("about:blank")
    finally:
        shown.server.close()
        live.close()


def _says(selector: str, text: str) -> str:
    """A creation and a start are two changes, and may be seen apart."""
    return (
        f"document.querySelector('{selector}').innerText.includes({json.dumps(text)})"
    )


def test_a_container_appears_while_one_looks(shown: Shown) -> None:
    shown.open()
    browser = shown.browser
    browser.look("window.before = true")
    assert browser.look("document.querySelectorAll('#drawing .container').length") == 2
    shown.run("cache", "redis")
    shown.end("cache")
    browser.until(_says("#counts", "3 of 3 containers running"))
    browser.until(_says("#events", "container start cache"))
    assert browser.look("window.before") is True, "the page was loaded anew"
    shown.call("DELETE", "/containers/cache?force=1")
    browser.until("!document.querySelector(\"[data-end='cache']\")")
    browser.until(_says("#counts", "2 of 2 containers running"))


def test_two_clicks_show_a_packets_journey(shown: Shown) -> None:
    shown.open()
    browser = shown.browser
    browser.click(shown.end("web"))
    assert "From web" in browser.text("#hint")
    browser.click(shown.end("db"))
    browser.until("document.querySelector('#verdict')")
    known = shown.live.engine.trace("web", "db:6379/tcp")
    assert browser.text("#why") == f"{known.why}."
    assert "DELIVERED" in browser.text("#verdict").upper()
    assert browser.look("document.querySelectorAll('.hop').length") == len(known.hops)
    assert "-j ACCEPT" in browser.text("#decided")
    bubbles = "document.querySelectorAll('#drawing g.bubble').length"
    assert browser.look(bubbles) > 3
    assert browser.look("document.querySelector('#drawing g.caption')") is None


def test_the_keyboard_alone_is_enough(shown: Shown) -> None:
    shown.open()
    browser = shown.browser

    def tab_to(name: str) -> None:
        for _ in range(40):
            browser.press("Tab")
            if browser.look("document.activeElement.dataset.end") == name:
                return
        raise AssertionError(f"Tab never came to {name}")

    tab_to("web")
    browser.press("Enter")
    tab_to("db")
    browser.press("Enter")
    browser.until("document.querySelector('#verdict.good')")
    assert browser.look("document.activeElement.dataset.end") == "db"
    browser.look("document.querySelector('#tab-journey').focus()")
    browser.press("ArrowRight")
    assert browser.look("document.activeElement.id") == "tab-containers"
    assert "172.19.0.2/16" in browser.text("#panel-containers")


def test_a_journey_follows_the_world(shown: Shown) -> None:
    shown.open("#from=web&to=db")
    browser = shown.browser
    browser.until("document.querySelector('#verdict.good')")
    shown.call("POST", "/networks/back/disconnect", {"Container": "web"})
    browser.until("document.querySelector('#verdict.bad')")
    assert browser.text("#why").startswith("db ")
    assert "What would work" in browser.text("#verdict")
    shown.call("POST", "/networks/back/connect", {"Container": "web"})
    browser.until("document.querySelector('#verdict.good')")


def test_the_page_comes_back_with_its_server(shown: Shown) -> None:
    shown.open("#from=web&to=db")
    browser = shown.browser
    browser.until("document.querySelector('#verdict.good')")
    shown.server.close()
    browser.until("!document.querySelector('#live.on')")
    assert browser.text("#live") == "not connected, trying again"
    shown.server = serve(shown.live, [shown.address])
    assert shown.live.engine("network disconnect back web").ok
    browser.until("document.querySelector('#live.on')")
    browser.until("document.querySelector('#verdict.bad')")
    # What the browser itself says of a server that is away is no fault of the page.
    browser.complaints.clear()


def test_from_outside_the_published_port_is_asked_first(shown: Shown) -> None:
    shown.open()
    browser = shown.browser
    browser.click(shown.end("outside"))
    browser.click(shown.end("web"))
    browser.until("document.querySelector('#verdict.good')")
    assert browser.look("document.querySelector('#port').value") == "host:8080/tcp"
    browser.click("#tab-rules")
    browser.until("document.querySelector('#rules-text .hit')")
    hits = "[...document.querySelectorAll('#rules-text .hit')].map((n) => n.innerText)"
    assert any("--to-destination 172." in hit for hit in browser.look(hits))


def test_who_reaches_whom_leads_to_the_journey(shown: Shown) -> None:
    shown.open()
    browser = shown.browser
    browser.click("#tab-reach")
    browser.click("#ask-all")
    cell = "[aria-label='web to db:6379/tcp: delivered']"
    browser.until(f'document.querySelector("{cell}")')
    browser.click(cell)
    browser.until("document.querySelector('#verdict.good')")


def test_names_and_labels_stay_texts(shown: Shown) -> None:
    shown.call("POST", "/networks/create", {"Name": HOSTILE, "Labels": {"a": HOSTILE}})
    shown.run("odd", "redis", network=HOSTILE)
    shown.open("#from=odd&to=%3Cimg%20src%3Dx%3E")
    browser = shown.browser
    shown.end("odd")
    for panel in ("containers", "networks", "ports", "rules"):
        browser.click(f"#tab-{panel}")
    browser.until("document.querySelector('#rules-text span')")
    browser.click("#tab-containers")
    browser.look(
        "document.querySelectorAll('#containers details').forEach("
        "(item) => { item.open = true; })"
    )
    assert HOSTILE in browser.text("#containers")
    browser.click("#tab-networks")
    assert HOSTILE in browser.text("#networks")
    assert HOSTILE in browser.text("#events")
    assert browser.look("document.querySelectorAll('img, iframe, object').length") == 0
    assert "owned" not in str(browser.look("document.title"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_nothing_is_cut_off(shown: Shown, theme: str) -> None:
    browser = shown.browser
    browser.size(390, 844, phone=True)
    browser.theme(theme)
    shown.open("#from=web&to=db")
    browser.until("document.querySelector('#verdict.good')")
    for panel in ("journey", "containers", "networks", "ports", "rules", "reach"):
        browser.click(f"#tab-{panel}")
        assert browser.look("document.documentElement.scrollWidth") <= 390, panel
    dark = browser.look("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(18, 22, 27)") == (theme == "dark")


def test_fifty_containers_are_drawn_and_can_be_chosen(shown: Shown) -> None:
    for number in range(50):
        assert shown.live.engine(f"run -d --name c{number} --network app nginx").ok
    shown.open()
    browser = shown.browser
    shown.end("c49")
    browser.click(shown.end("c3"))
    browser.click(shown.end("c48"))
    browser.until("document.querySelector('#verdict.good')")
    assert browser.text("#why").startswith("c48 answers on 80/tcp")
