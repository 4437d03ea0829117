"""A headless Chromium, driven over its DevTools protocol: enough to look and to click.

Real input events go in, so what a person could not click cannot be clicked here.
"""

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
--disable-background-networking --disable-component-update --disable-dev-shm-usage
--disable-extensions --disable-default-apps --hide-scrollbars --mute-audio
--remote-debugging-port=0 --remote-allow-origins=*
""".split()


def program() -> str:
    """Chromium's path; skips the test where there is none."""
    pytest.importorskip("websocket", reason="websocket-client is not installed")
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no chromium on this machine")


class Browser:
    """One page of a browser, and everything that it reported."""

    def __init__(self, address: str) -> None:
        import websocket

        self._socket = websocket.create_connection(
            address, timeout=30, suppress_origin=True
        )
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        self._socket.close()

    def call(self, method: str, **params: object) -> dict:
        """Send a command and give its result; what is reported meanwhile is noted."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps(command))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._note(message.get("method", ""), message.get("params", {}))

    def _note(self, method: str, params: dict) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] != "log":
            self.complaints.append(json.dumps(params["args"]))

    # -- what a person does --

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )

    def theme(self, name: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": name}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def click(self, selector: str) -> None:
        """Click in the middle of the upper edge's inside, where names stand."""
        place = self.look(
            f"(() => {{ const n = document.querySelector({json.dumps(selector)});"
            " n.scrollIntoView({block: 'center', inline: 'center'});"
            " const r = n.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + Math.min(r.height / 2, 14)]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=place[0],
                y=place[1],
                button="left",
                clickCount=1,
            )

    def press(self, key: str) -> None:
        codes = {
            "Enter": (13, "\r"),
            "Tab": (9, ""),
            "End": (35, ""),
            "Home": (36, ""),
            "ArrowLeft": (37, ""),
            "ArrowRight": (39, ""),
        }
        code, text = codes[key]
        for kind in ("keyDown", "keyUp"):
            said = {"text": text} if text and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                **said,
            )

    # -- what a person sees --

    def look(self, expression: str) -> object:
        """The value of an expression in the page."""
        result = self.call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def text(self, selector: str) -> str:
        """The visible text of the first match, or "" where there is none."""
        place = json.dumps(selector)
        return str(self.look(f"document.querySelector({place})?.innerText ?? ''"))

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait until an expression is true, as it is for an element."""
        end = time.monotonic() + seconds
        while not self.look(f"Boolean({expression})"):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)

    def shot(self, path: Path) -> None:
        """A picture of the page, to look at."""
        picture = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(picture["data"]))


@contextmanager
def browser_in(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in a folder, which is ended with its children."""
    command = [program(), *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    log = folder / "chromium.log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written)
    try:
        page = Browser(_address(folder, process, log))
        try:
            yield page
            with suppress(Exception):
                page.call("Browser.close")
        finally:
            page.close()
    finally:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(folder: Path, process: subprocess.Popen, log: Path) -> str:
    """Where the first page of a browser that has just started is to be driven."""
    end = time.monotonic() + 60
    port = folder / "DevToolsActivePort"
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")
        with suppress(OSError, IndexError, ValueError):
            number = int(port.read_text().splitlines()[0])
            list_url = f"http://127.0.0.1:{number}/json/list"
            with urllib.request.urlopen(list_url, timeout=5) as answer:
                pages = json.load(answer)
            for page in pages:
                if page["type"] == "page":
                    return page["webSocketDebuggerUrl"]
        time.sleep(0.05)
    raise AssertionError("chromium opened no page in a minute")
