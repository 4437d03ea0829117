"""The playground, built once and served on loopback, and a browser to look at it."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.playground import Missing, build

ROOT = Path(__file__).parents[2]


class Counting(http.server.SimpleHTTPRequestHandler):
    """What `python -m http.server` does, and how much it sent."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def copyfile(self, source, outputfile) -> None:
        data = source.read()
        self.server.sent.append((self.path, len(data)))
        outputfile.write(data)


class Site:
    """A folder on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = functools.partial(Counting, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.sent = []
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def sent(self) -> list[tuple[str, int]]:
        """Each file that was sent, and its octets."""
        return self.server.sent

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextmanager
def built(folder: Path) -> Iterator[Site]:
    for program in ("npm", "node"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    try:
        site = Site(build(folder, ROOT / "build" / "cache"))
    except Missing as missing:
        pytest.skip(str(missing))
    yield site
    site.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    with built(tmp_path_factory.mktemp("playground") / "out") as site:
        yield site
