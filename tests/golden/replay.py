"""Replay recordings of a real engine against the library.

    python -m tests.golden.replay [-v] [--server] [--era 20.10] [--show N] FILE...

Each FILE is a recording: ``{scenario, dockerd_args, steps: [...]}``, a step is a command
(``cli``, ``cli20``, ``host``, ``ctr``: ``cmd rc stdout stderr``) or a call (``api``:
``method path request status json|raw``). A new engine is made with the file's
``dockerd_args`` in the lab of :mod:`tests.golden.fixtures`; the steps are put to it in
order; each answer is compared by :mod:`tests.golden.normalise`. Nothing is known about
any particular recording.

```
recording ──▶ step ──▶ minishell ──▶ World ──▶ engine        World is the only class
                │                      │                     that knows the engine
                └──── normalise ◀──────┘
                          │
   matched | differs (where, how) | cannot be answered (why)
```

For each file, and in total, the steps that matched, differed and could not be answered;
With ``--server`` the ``api`` and ``cli`` steps go through a real socket, the latter by the
real docker programs (:mod:`tests.golden.serving`).

``-v`` shows every difference, ``--show N`` at most N lines of each. The last line is
``matched A of B``, where B counts the steps that could be answered.
"""

import argparse
import collections
import json
import math
import re
import shlex
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from minidock.model.archive import bytes_of, text_of
from tests.golden import fixtures, reaching, streaming
from tests.golden.minishell import Answer, Shell, quote
from tests.golden.normalise import Comparer, Difference

__all__ = ["Outcome", "Report", "World", "main", "replay"]

_CLI = {"cli": "28", "cli20": "20.10"}
_OUTSIDE = {"host", "ctr"}
_READ_ARCHIVES = {"import", "load"}
_BUILDS = re.compile(r"docker build -t (\S+)")
_SENDS_FILE = re.compile(r"curl .*-X (\w+) .*-T (\S+) 'http://d(/\S+)'")
_HEADINGS = {"section", "note"}
# Long enough that a number in a command is not taken for the head of an id.
_ID_IN_COMMAND = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{5,64}(?![0-9a-zA-Z])")
_ID_IN_PATH = re.compile(r"(?<=/)(?:sha256:)?[0-9a-f]{3,64}(?=[/?]|$)")
# Steps that take interfaces away; the kernel tells of the lost carrier a second late.
_REMOVES = re.compile(
    r"cli\S* .*\bdocker (?:container )?(?:stop|rm|kill|restart|network disconnect)\b"
    r"|api (?:DELETE|POST \S+/(?:stop|kill|restart|disconnect)\b)"
)
_CARRIER_LAG = 1000
_NO_PROGRAM = re.compile(r'exec: "([^"]+)": executable file not found')
_RAW = re.compile(r"printf '([^']*)' \| socat \S+ - UNIX-CONNECT:\S+")
_DATE = re.compile(r"^Date: .*$", re.MULTILINE)
# The recording abbreviates: the moments of `docker events`, and its repeated options.
_EVENTS = re.compile(r"docker events (?:--since T0 --until NOW|\.\.\.)")
# The lab imported its images before the first step: ours are there from the start.
_IMPORTS = re.compile(
    r"(?:(?:\S+ image (?:tag|import) |.*\"Action\":\"(?:tag|import)\").*\n)+"
)
_SEVERAL = re.compile(r"Multiple IDs found with provided prefix: (\w+)")
_OF_CONNECTIONS = {
    "Date", "Content-Length", "Transfer-Encoding", "Connection", "Exit-Code"
}  # fmt: skip
_HOST_FILE = re.compile(r"cat (/etc/\S+)")


# -- the engine, in one place ----------------------------------------------------------


class Unanswerable(Exception):
    """This step cannot be answered; the text says why."""


class World:
    """The library behind the few verbs that a replay needs."""

    on_wire = False
    """Whether headers are those of a socket."""

    def __init__(self, era: str, dockerd_args: list[str], lab: dict) -> None:
        from minidock.engine import Engine

        self.engine = Engine(
            era,
            daemon_args=dockerd_args,
            host=fixtures.host_facts(lab),
            seed="golden",
            now=lab["now"],
            images=fixtures.images(lab, lab["now"]),
        )

    def docker(
        self, words: list[str], cli: str, environment: dict[str, str], stdin: str = ""
    ) -> Answer | None:
        """A docker command line, without the word ``docker``."""
        output = self.engine.command_line(
            words,
            cli=cli,
            environment=environment,
            stdin=bytes_of(stdin),
            read_file=_read_file,
        )
        if "minidock has no docker" in output.stderr:
            return None
        return _answer(output)

    def api(self, method: str, path: str, body: object, headers: dict) -> tuple:
        """(status, JSON value or None, text or None, headers) of a call."""
        response = self.engine.api(method, path, body, headers=headers)
        if response.stream is not None:
            text = streaming.text_of(self.engine, response)
            return response.status, None, text, dict(response.headers)
        value = response.body
        if response.lines is not None:
            value = response.lines[0] if len(response.lines) == 1 else response.lines
        return response.status, value, response.text, dict(response.headers)

    def raw(self, sent: bytes) -> str | None:
        """What a connection answers to these bytes; None where there is no socket."""
        del sent
        return None

    def close(self) -> None:
        """Give up what is held open."""

    def host(self, line: str) -> Answer | None:
        """A command, or a whole pipeline, on the Docker host."""
        return _answer(self.engine.host_command(line))

    def container(self, name: str, line: str) -> Answer | None:
        """The same in a container's network namespace; of programs that look names
        up, which the runtime knows, one command at a time."""
        answer = self.engine.container_command(name, line)
        return _answer(self._lookup(name, line) if answer is None else answer)

    def _lookup(self, name: str, line: str) -> object:
        from minidock.commands.lookup import find_container
        from minidock.runtime.lookups import LOOKUPS

        words = shlex.split(line)
        if not words or words[0] not in LOOKUPS or set("|;&") & set(words):
            return None
        world = self.engine.world
        return LOOKUPS[words[0]](world, find_container(world, name), words)

    def outside(self, line: str) -> Answer | None:
        """A command on the machines behind the host's card."""
        return _answer(self.engine.outside_command(line))

    def now(self) -> int:
        """The engine's clock, nanoseconds since 1970."""
        return self.engine.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.engine.advance(seconds)

    def listen(self, protocol: str, port: int, address: str) -> None:
        """A process on the host opens a socket."""
        self.engine.listen(protocol, port, address)

    def write_host_file(self, name: str, text: str) -> None:
        """Somebody edited a file of the host."""
        self.engine.write_host_file(name, text)


def _read_file(name: str) -> str:
    data = fixtures.file_of(name)
    if data is None:
        raise FileNotFoundError(2, "No such file or directory", name)
    return text_of(data)


def _answer(output: object) -> Answer | None:
    if output is None:
        return None
    return Answer(output.stdout, output.stderr, output.code)


# -- one recording ---------------------------------------------------------------------


@dataclass
class Outcome:
    """What became of one step."""

    number: int
    title: str
    differences: list[Difference] = field(default_factory=list)
    unanswered: str = ""


@dataclass
class Report:
    """What became of one recording."""

    name: str
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def unanswered(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.unanswered]

    @property
    def differing(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.differences and not o.unanswered]

    @property
    def answered(self) -> int:
        return len(self.outcomes) - len(self.unanswered)

    @property
    def matched(self) -> int:
        return self.answered - len(self.differing)


class Replay:
    """Puts the steps of one recording to a world."""

    def __init__(self, recording: dict, world: World) -> None:
        self.world = world
        self.steps = recording["steps"]
        self.comparer = Comparer(self.steps)
        self._since_removal = math.inf  # milliseconds
        self._built: set[str] = set()
        """Images that the lab's builder made: there is none here."""
        self._started = world.now()

    def run(self, name: str) -> Report:
        report = Report(name)
        for number, step in enumerate(self.steps):
            if step["kind"] in _HEADINGS:
                for protocol, port, address in fixtures.listeners(step["text"]):
                    self.world.listen(protocol, port, address)
                continue
            if step["kind"] == "table":
                report.outcomes += self._rows(number, step)
                continue
            outcome = Outcome(number, _title(step))
            self.comparer.lagging = self._since_removal < _CARRIER_LAG
            try:
                outcome.differences = self._step(self._with_our_head(step))
            except Unanswerable as reason:
                outcome.unanswered = str(reason)
            except Exception as fault:  # noqa: BLE001  # a fault of the library is a difference
                outcome.differences = [_raised(fault)]
            report.outcomes.append(outcome)
            took = max(step.get("ms") or 0, 1)
            self.world.advance(took / 1000)
            self._since_removal += took
            if _REMOVES.match(outcome.title):
                self._since_removal = 0
        return report

    def _with_our_head(self, step: dict) -> dict:
        """A step whose id's head means several things, with a head that ours share.

        Which ids begin alike is chance; that an engine refuses such a head is not.
        """
        found = _SEVERAL.search(json.dumps(step))
        if found is None:
            return step
        ids = list(self.world.engine.world.containers)
        head = collections.Counter(one[0] for one in ids).most_common(1)[0][0]
        ours = re.compile(rf"(?<![0-9a-zA-Z.]){found[1]}(?![0-9a-zA-Z.])")
        told = {"path", "cmd", "raw", "stderr"} & set(step)
        changed = {key: ours.sub(head, step[key]) for key in told}
        if "json" in step:
            changed["json"] = json.loads(ours.sub(head, json.dumps(step["json"])))
        return step | changed

    def _rows(self, number: int, step: dict) -> list[Outcome]:
        """A table of who reached whom: every row is a step."""
        found = []
        for row in step["rows"]:
            title = f"{row['src']} {row['kind']} {row['dst']} {row['port']}".rstrip()
            outcome = Outcome(number, f"row {title} ({row['what']})")
            outcome.differences = reaching.row_difference(self.world.engine, row)
            found.append(outcome)
        return found

    def _check_built(self, step: dict) -> None:
        text = step.get("cmd") or step.get("path") or ""
        if match := _BUILDS.search(text):
            self._built.add(match[1])
        for name in self._built:
            row = r"^" + r"\s+".join(map(re.escape, name.split(":"))) + r"\s"
            listed = re.search(row, step.get("stdout") or "", re.MULTILINE)
            if listed or re.search(rf"(?<![\w:]){re.escape(name)}(?![\w.-])", text):
                raise Unanswerable(f"{name} comes from a Dockerfile: nothing is built")

    def _check_sent(self, step: dict) -> None:
        """A file that curl sends arrives; what curl prints is the server's to answer."""
        match = _SENDS_FILE.search(step.get("cmd") or "")
        data = fixtures.file_of(match[2]) if match else None
        if match and data is not None:
            self.world.api(match[1], match[3], data, {})
            raise Unanswerable("curl: the headers of an answer are the server's")

    def _step(self, step: dict) -> list[Difference]:
        kind = step["kind"]
        self._check_built(step)
        self._check_sent(step)
        if kind == "addresses":
            reaching.start_servers(self.world.engine, step)
            raise Unanswerable("addresses: the lab started its servers")
        if kind == "uplink":
            return self._uplink(step)
        if kind == "api":
            return self._api(step)
        if kind in _CLI or kind in _OUTSIDE:
            return self._command(step)
        raise Unanswerable(f"steps of kind {kind} are not replayed")

    def _command(self, step: dict) -> list[Difference]:
        spoken = _RAW.fullmatch(step["cmd"])
        if spoken:
            sent = spoken[1].encode().decode("unicode_escape").encode("latin-1")
            answer = self.world.raw(sent)
            if answer is None:
                raise Unanswerable("cli: bytes on a socket")
            said = [_plain_lines(text) for text in (step["stdout"], answer)]
            return self.comparer.texts("stdout", *said)
        line = self._translated(_ID_IN_COMMAND, self._written_out(step["cmd"]))
        shell = Shell(
            lambda words, stdin: self._dispatch(step, words, stdin, shell.environment)
        )
        answer = None
        if step["kind"] in _OUTSIDE and not re.search(r"\bdocker |[$;&\n]", line):
            # The library may know a pipeline as a whole (`ps | grep docker-proxy`).
            answer = self._outside(step, line)
        if answer is None:
            answer = shell.run(line)
        self._check_host_file(step, answer)
        if shell.unanswered:
            raise Unanswerable(f"{step['kind']}: {_first_words(shell.unanswered[0])}")
        self._check_program(step, answer)
        found: list[Difference] = []
        if answer.code != step["rc"]:
            found.append(Difference("exit status", str(step["rc"]), str(answer.code)))
        for name, ours in (("stdout", answer.stdout), ("stderr", answer.stderr)):
            recorded = self._echoed(step["cmd"], step[name] or "")
            if line.startswith("docker events"):
                recorded = _IMPORTS.sub("", recorded, count=1)
            found += self.comparer.texts(name, recorded, ours, step["cmd"])
        return found

    def _written_out(self, command: str) -> str:
        """The command with the moments that the recording only names."""
        if _EVENTS.match(command) is None:
            return command
        first, now = map(_seconds, self._moments())
        return _EVENTS.sub(f"docker events --since {first} --until {now}", command)

    def _moments(self) -> tuple[int, int]:
        """When the replay began, and now; nanoseconds."""
        return self._started, self.world.now()

    def _uplink(self, step: dict) -> list[Difference]:
        """Commands on the machines behind the host's card."""
        place = reaching.asked(step["cmd"])
        if place is not None:
            answer = reaching.serve(self.world.engine, "outside", place)
            return self.comparer.texts("stdout", step["stdout"], answer.stdout)
        for line in step["cmd"].split("; "):
            if self.world.outside(line) is None:
                raise Unanswerable(f"uplink: {_first_words(line)}")
        return []

    def _echoed(self, command: str, text: str) -> str:
        """A recorded output in which heads of ids are echoed, with our heads."""
        for head in set(_ID_IN_COMMAND.findall(command)):
            if len(head) not in {12, 64}:
                ours = self.comparer.pairing.ours(head)
                text = re.sub(rf"(?<!\w){head}(?!\w)", ours, text)
        return text

    def _dispatch(
        self, step: dict, words: list[str], stdin: str, environment: dict[str, str]
    ) -> Answer | None:
        if words[0] == "sleep" and len(words) == 2:
            self.world.advance(float(words[1]))
            return Answer()
        if words[0] == "docker":
            cli = _CLI.get(step["kind"], "28")
            if stdin and words[1] not in _READ_ARCHIVES:
                return None
            more = (stdin,) if stdin else ()
            return self.world.docker(words[1:], cli, environment, *more)
        if words[:2] == ["head", "-c"] and words[-1] == "/dev/urandom":
            return Answer(text_of(fixtures.noise(int(words[2]))))
        if words[0] == "cat" and (data := fixtures.file_of(words[1])) is not None:
            return Answer(text_of(data))
        if environment:
            return None
        return self._outside(step, " ".join(map(quote, words)))

    def _outside(self, step: dict, line: str) -> Answer | None:
        place = reaching.asked(line)
        if place is not None:
            source = step["container"] if step["kind"] == "ctr" else "host"
            return reaching.serve(self.world.engine, source, place)
        if step["kind"] == "ctr":
            return self.world.container(step["container"], line)
        return self.world.host(line)

    def _check_host_file(self, step: dict, answer: Answer) -> None:
        """A file that was edited outside the recording is a fact, no answer."""
        match = _HOST_FILE.fullmatch(step["cmd"].strip())
        if step["kind"] == "host" and match and answer.stdout != step["stdout"]:
            self.world.write_host_file(match[1], step["stdout"])
            raise Unanswerable(f"host: {match[1]} was edited between two steps")

    def _check_program(self, step: dict, answer: Answer) -> None:
        """A program that ran in the recording and is not simulated is no answer."""
        missing = _NO_PROGRAM.search(answer.stdout + answer.stderr)
        if missing and not _NO_PROGRAM.search(step["stdout"] + step["stderr"]):
            raise Unanswerable(f"{step['kind']}: {missing[1]} in a container")

    def _api(self, step: dict) -> list[Difference]:
        path = self._translated(_ID_IN_PATH, step["path"])
        body = self._translated_body(step.get("request"))
        if body == "<0 bytes>":
            body = b""
        headers = step.get("request_headers") or {}
        status, value, text, answered = self.world.api(
            step["method"], path, body, headers
        )
        found: list[Difference] = []
        if status != step["status"]:
            found.append(Difference("status", str(step["status"]), str(status)))
        found += self._body(step, value, text)
        return found + _headers(step.get("headers"), answered)

    def _body(self, step: dict, value: object, text: str | None) -> list[Difference]:
        if "json" in step:
            if value is None and text:
                try:
                    value = json.loads(text)
                except json.JSONDecodeError:
                    return [Difference("body", json.dumps(step["json"]), text)]
            return self.comparer.json("body", step["json"], value)
        ours = (
            text if text is not None else ("" if value is None else json.dumps(value))
        )
        recorded = step.get("raw") or ""
        if step["path"].startswith("/events"):
            recorded = _IMPORTS.sub("", recorded, count=1)
        return self.comparer.texts("body", recorded, ours)

    def _translated(self, pattern: re.Pattern[str], text: str) -> str:
        """Recorded ids that have a counterpart, written as ours."""

        def ours(match: re.Match[str]) -> str:
            head, colon, digits = match[0].rpartition(":")
            return head + colon + self.comparer.pairing.ours(digits)

        return pattern.sub(ours, text)

    def _translated_body(self, body: object) -> object:
        if isinstance(body, str):
            return self._translated(_ID_IN_COMMAND, body)
        if isinstance(body, dict):
            return {key: self._translated_body(item) for key, item in body.items()}
        if isinstance(body, list):
            return [self._translated_body(item) for item in body]
        return body


def _headers(recorded: dict | None, ours: dict) -> list[Difference]:
    """The differences of two heads; those of one connection only do not count."""
    if recorded is None or not ours:  # a fake engine in a test gives none
        return []
    names = (set(recorded) | set(ours)) - _OF_CONNECTIONS
    return [
        Difference(name, recorded.get(name, ""), ours.get(name, ""))
        for name in sorted(names)
        if recorded.get(name) != ours.get(name)
    ]


def _raised(fault: Exception) -> Difference:
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return Difference("raised", "", f"{type(fault).__name__}: {fault} ({place})")


def _seconds(moment: int) -> str:
    whole, rest = divmod(moment, 1_000_000_000)
    return f"{whole}.{rest:09d}"


def _plain_lines(text: str) -> str:
    return _DATE.sub("Date: D", text.replace("\r\n", "\n"))


def _title(step: dict) -> str:
    if step["kind"] == "api":
        return f"api {step['method']} {step['path']}"
    container = f" {step['container']}" if step["kind"] == "ctr" else ""
    return f"{step['kind']}{container} {step['cmd']}"


def _first_words(command: str) -> str:
    words = command.split()
    return " ".join(words[: 3 if words and words[0] == "docker" else 2])


def replay(
    recording: dict, name: str = "", *, era: str = "20.10", world: type[World] = World
) -> Report:
    """Replay one recording and report what became of each step."""
    lab = fixtures.lab_of(recording)
    made = world(era, list(recording.get("dockerd_args") or []), lab)
    try:
        return Replay(recording, made).run(name or recording.get("scenario", ""))
    finally:
        made.close()


# -- printing --------------------------------------------------------------------------


def _print_report(report: Report, *, verbose: bool, show: int) -> None:
    print(
        f"{report.name}: {report.matched} matched, {len(report.differing)} differ, "
        f"{len(report.unanswered)} cannot be answered"
    )
    reasons = collections.Counter(outcome.unanswered for outcome in report.unanswered)
    for reason, count in reasons.most_common():
        print(f"    {count:4} x {reason}")
    for outcome in report.differing if verbose else ():
        print(f"  step {outcome.number}: {outcome.title}")
        for difference in outcome.differences:
            lines = str(difference).splitlines()
            for line in lines[:show]:
                print(f"      {line}")
            if len(lines) > show:
                print(f"      ... {len(lines) - show} more lines")


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 if every step that could be answered matched."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.replay")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("-v", "--verbose", action="store_true", help="show differences")
    parser.add_argument("--era", default="20.10", help="the library's era")
    parser.add_argument("--show", type=int, default=40, help="lines of a difference")
    parser.add_argument("--server", action="store_true", help="through a real socket")
    options = parser.parse_args(arguments)
    world = World
    if options.server:
        from tests.golden.serving import ServedWorld as world  # noqa: N813
    matched = answered = differing = unanswered = 0
    for file in options.files:
        recording = json.loads(file.read_text(encoding="utf-8"))
        report = replay(recording, file.name, era=options.era, world=world)
        _print_report(report, verbose=options.verbose, show=options.show)
        matched += report.matched
        answered += report.answered
        differing += len(report.differing)
        unanswered += len(report.unanswered)
    print(f"in total: {differing} differ, {unanswered} cannot be answered")
    print(f"matched {matched} of {answered}")
    return 0 if matched == answered else 1


if __name__ == "__main__":
    sys.exit(main())
