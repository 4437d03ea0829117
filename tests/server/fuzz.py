"""Bytes that no client would send, for a minute: ``python -m tests.server.fuzz``.

```
seeds (requests as clients send them) ──▶ cut, doubled, flipped, mixed ──▶ a real socket
                                                                              │
        every answer is below 500, but for those that a real engine gives ◀───┤
        afterwards: as many threads and files as before, about as much memory ┘
```

The server runs in a process of its own, so that what it leaks can be seen from outside.
"""

import argparse
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

__all__ = ["Report", "fuzz"]

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
# moby answers these with 500, too: the recordings have them
_DOCKERS = re.compile(
    rb"EOF|json: cannot unmarshal|invalid character|invalid reference|strconv|"
    rb"invalid filter|error while looking|no such host|failed to|cannot|Invalid|"
    rb"invalid|could not|unexpected|no Host in|not (?:a )?|swarm"
)


class Report(NamedTuple):
    sent: int
    statuses: Counter[int]
    bad: list[tuple[bytes, bytes]]
    """What was sent, and the answer that should not have come."""
    threads: tuple[int, int]
    files: tuple[int, int]
    memory: tuple[int, int]
    """Kilobytes before and after."""
    log: str
    """What the server wrote on its standard error."""

    @property
    def leaks(self) -> list[str]:
        found = []
        if self.threads[1] > self.threads[0]:
            found.append(f"threads {self.threads}")
        if self.files[1] > self.files[0]:
            found.append(f"files {self.files}")
        if self.memory[1] > self.memory[0] + 60_000:
            found.append(f"memory {self.memory}")
        return found


def _seeds() -> list[bytes]:
    asked: list[tuple[str, str, object]] = [
        ("GET", "/_ping", None),
        ("GET", "/v1.51/networks?filters=%7B%22name%22%3A%5B%22a%22%5D%7D", None),
        ("GET", "/v1.24/containers/json?all=1&limit=3", None),
        ("POST", "/v1.51/networks/create", {"Name": "a", "IPAM": {"Config": [{}]}}),
        ("POST", "/containers/create?name=box", {"Image": "alpine", "Cmd": ["cat"]}),
        ("POST", "/containers/box/start", None),
        ("POST", "/containers/box/attach?stream=1&stdin=1&stdout=1", None),
        ("GET", "/containers/box/logs?stdout=1&follow=1&tail=5", None),
        ("POST", "/containers/box/exec", {"Cmd": ["ls"], "AttachStdout": True}),
        ("POST", "/networks/a/connect", {"Container": "box"}),
        ("POST", "/containers/box/wait?condition=next-exit", None),
        ("GET", "/events?since=1&until=2", None),
        ("DELETE", "/containers/box?force=1", None),
        ("POST", "/images/create?fromImage=alpine&tag=latest", None),
        ("PUT", "/containers/box/archive?path=/", "tar"),
        ("GET", "/images/alpine/json", None),
        ("POST", "/volumes/create", {"Name": "v"}),
    ]
    made = []
    for method, path, body in asked:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        head += "Content-Type: application/json\r\n"
        made.append(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        cut = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (data[:5], data[5:]) if p)
        head += "Transfer-Encoding: chunked\r\n\r\n"
        made.append(head.encode() + cut + b"0\r\n\r\n")
    made.append(
        made[12].replace(
            b"\r\nHost", b"\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nHost"
        )
    )
    return made


_PIECES = (
    b"\r\n", b"\n", b"\0", b"%00", b"%zz", b"../", b"//", b"\xff\xfe", b"HTTP/1.1",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: x\r\n", b": ",
    b'{"a":', b"[[[[", b"null", b"-1", b"99999999999999999999", b"Expect: 100-continue\r\n",
    b"Connection: close\r\n", b"?", b"&", b"=", b"1e999", b"\\ud800", b"\xe2\x80\xa8",
)  # fmt: skip


def _mutated(dice: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((0, 1, 1, 2, 3, 8))):
        place = dice.randrange(len(data) + 1)
        kind = dice.randrange(6)
        if kind == 0:
            data[place:place] = dice.choice(_PIECES)
        elif kind == 1:
            del data[place : place + dice.randrange(1, 20)]
        elif kind == 2 and place < len(data):
            data[place] = dice.randrange(256)
        elif kind == 3:
            data[place:place] = data[place : place + dice.randrange(1, 60)]
        elif kind == 4:
            data += dice.choice(seeds)
        else:
            del data[place:]
    if dice.random() < 0.03:
        data = bytearray(dice.randbytes(dice.randrange(1, 2000)))
    return bytes(data)


def _exchange(address: tuple[str, int], data: bytes, dice: random.Random) -> bytes:
    """Send it, at once or in two parts, and read for a moment."""
    answer = b""
    with socket.create_connection(address, timeout=5) as client:
        client.settimeout(0.05)
        try:
            cut = dice.randrange(len(data) + 1) if dice.random() < 0.3 else len(data)
            client.sendall(data[:cut])
            if cut < len(data):
                client.sendall(data[cut:])
            if dice.random() < 0.5:
                client.shutdown(socket.SHUT_WR)
            while len(answer) < 100_000 and (more := client.recv(65536)):
                answer += more
        except OSError:
            pass
    return answer


class _Process:
    """What can be seen of the server from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._folder = Path(f"/proc/{process.pid}")

    def threads(self) -> int:
        return sum(1 for _ in (self._folder / "task").iterdir())

    def files(self) -> int:
        return sum(1 for _ in (self._folder / "fd").iterdir())

    def memory(self) -> int:
        found = re.search(r"VmRSS:\s+(\d+)", (self._folder / "status").read_text())
        return int(found.group(1)) if found else 0


def _bad_answers(answer: bytes) -> bool:
    for part in re.split(rb"(?=HTTP/1\.[01] \d{3} )", answer):
        found = _STATUS.match(part)
        if found and int(found.group(1)) >= 500:
            body = part.partition(b"\r\n\r\n")[2]
            if b"fault in minidock" in body or not _DOCKERS.search(body):
                return True
    return b"Traceback" in answer


def fuzz(seconds: float, seed: int) -> Report:
    """Send for so long; the same seed sends the same."""
    dice, seeds = random.Random(seed), _seeds()
    statuses: Counter[int] = Counter()
    bad: list[tuple[bytes, bytes]] = []
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "minidock", "serve", "-H", "tcp://127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            found = re.search(r"tcp://(\S+):(\d+)", process.stdout.readline())
            assert found is not None
            address = (found.group(1), int(found.group(2)))
            for data in seeds * 2:  # everything that is loaded late is loaded now
                _exchange(address, data, dice)
            time.sleep(2)
            seen = _Process(process)
            before = (seen.threads(), seen.files(), seen.memory())
            end, sent = time.monotonic() + seconds, 0
            while time.monotonic() < end:
                data = _mutated(dice, seeds)
                answer = _exchange(address, data, dice)
                sent += 1
                statuses.update(int(status) for status in _STATUS.findall(answer))
                if _bad_answers(answer):
                    bad.append((data, answer))
            after = _settled(seen, before)
        finally:
            process.terminate()
            process.wait(timeout=20)
            if process.stdout is not None:
                process.stdout.close()
        log.seek(0)
        written = log.read()
    pairs = list(zip(before, after, strict=True))
    return Report(sent, statuses, bad, *pairs, log=written)


def _settled(seen: _Process, before: tuple[int, int, int]) -> tuple[int, int, int]:
    """What is left once those who went away have been noticed."""
    end = time.monotonic() + 45
    while time.monotonic() < end:
        after = (seen.threads(), seen.files(), seen.memory())
        if after[0] <= before[0] and after[1] <= before[1]:
            break
        time.sleep(0.5)
    return after


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    report = fuzz(arguments.seconds, arguments.seed)
    print(f"sent {report.sent}, answers {dict(sorted(report.statuses.items()))}")
    print(
        f"threads {report.threads}, files {report.files}, memory kB {report.memory}: "
        + (", ".join(report.leaks) or "no leak")
    )
    for data, answer in report.bad[:10]:
        print("BAD", data, "\n   ", answer[-400:])
    if report.log:
        print("LOG", report.log[-3000:])
    return 1 if report.bad or report.leaks or report.log else 0


if __name__ == "__main__":
    raise SystemExit(main())
