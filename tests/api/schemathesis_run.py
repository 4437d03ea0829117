"""schemathesis against the API: whatever its Swagger file allows, and what it does not.

```
Swagger file ── the operations that we serve ──▶ cases ──▶ engine ──▶ checks
                                                  half of them name what is there
```

`python -m tests.api.schemathesis_run --version 1.44 [--examples N] [--seed N]` runs it in
process; with `--socket` over real sockets, each operation on a server of its own. It prints how many operations
and cases there were, what broke the file, and each answer of 500 and above.
"""

import argparse
import contextlib
import json
import re
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from minidock.api.routes import ROUTES
from minidock.engine import Engine
from minidock.server.live import Live
from minidock.server.serving import serve
from tests.api.furnished import NAMES, furnished
from tests.api.swagger import swagger
from tests.api.wsgi import Application

__all__ = ["REAL_ERRORS", "Report", "run"]

REAL_ERRORS: tuple[tuple[str, str], ...] = (
    (
        r"strconv\.(Atoi|ParseInt|ParseUint|ParseBool): parsing",
        "a number of the query that is none: Go's bare error, which has no category",
    ),
    (r"is not paused$", "recorded: unpause of what is not paused"),
    (r"cannot remove the default link name", "recorded: a container's own name"),
    (r"^POST /networks/create 500: This node is not a swarm", "recorded: overlay"),
    (r"/top 500: ps: exit status 1", "ps refuses what it is asked for"),
    (r"/logs 501: configured logging driver does not", "--log-driver none keeps none"),
    (r" 503: This node is not (a swarm manager|part of a swarm)", "recorded: no swarm"),
    (
        r" 503: swarm mode is no part of this engine",
        "a swarm needs more than one engine",
    ),
    (r"^POST /build.* 501: minidock builds no images", "there is no builder"),
    (r" 501: .*(BuildKit|builder)", "the same"),
    (r"dial tcp: lookup .* on \S+: no such host", "recorded: nothing is reached"),
    (r"/exec 500: Invalid escape keys", "the daemon's bare error, without a category"),
    (r"http: no Host in request URL$", "recorded: nothing to import from"),
    (r" 503: This node is not (a swarm manager|part of a swarm)", "recorded: no swarm"),
    (r"^POST /swarm/(init|join) 503: ", "no swarm can be made: said in our own words"),
    (r"^POST /(build|session|grpc)\S* 501: ", "no builder: said in our own words"),
    (r" 500: Error processing tar file", "recorded: an import of what is no tar"),
    (r"dial tcp: lookup \S+ on \S+ no such host$", "recorded: no registry's network"),
)
"""What a real engine answers with 500 or above, as patterns, each with its reason."""


@schemathesis.serializer("application/x-tar")
def as_tar(context: schemathesis.SerializationContext, value: object) -> bytes:
    """A body that should be a tar: a text that is none, which must be refused."""
    del context
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


MADE = {
    "POST /containers/create": ("/containers/{id}/json", "/containers/json?all=1"),
    "POST /networks/create": ("/networks/{id}", "/networks"),
    "POST /volumes/create": ("/volumes/{id}", "/volumes"),
}
"""What shows a thing that was made."""

UNSERVED = set("swarm services nodes tasks secrets configs plugins".split())
"""The first words of paths where no engine without a swarm has anything."""

ENDLESS = {"GET /events", "GET /containers/{id}/attach/ws", "POST /session"}
"""Nothing that one answer could be held to."""


@schemathesis.serializer("application/x-tar")
def _tar(context: schemathesis.SerializationContext, value: object) -> bytes:
    """A body that the file calls a tar: whatever was drawn, as bytes."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@dataclass
class Report:
    """What a run found."""

    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    violations: dict[str, str] = field(default_factory=dict)
    unexpected: dict[str, str] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    undocumented: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not self.violations and not self.unexpected


def document(version: str, *, unserved: bool = True) -> dict[str, object]:
    """The Swagger file with the calls that we serve, if only to say that we cannot."""
    served = [
        (method, path)
        for method, path, _ in ROUTES
        if f"{method} {path}" not in ENDLESS
        and method != "INPUT"
        and (unserved or path.split("/")[1] not in UNSERVED)
    ]
    return swagger(version).restricted(served)


class Run:
    """Cases of each operation, what they are answered, and what is held against it."""

    def __init__(
        self,
        version: str,
        *,
        socket: bool = False,
        era: str = "28",
        unserved: bool = True,
    ) -> None:
        self.report, self.era, self.socket = Report(), era, socket
        self.version, self.file = version, swagger(version)
        self.engine = furnished(era)
        self.exec = _made_exec(self.engine)
        self.start = len(self.engine.history) - 1
        self.url: str | None = None
        app = Application(self.engine, document(version, unserved=unserved))
        self.schema = schemathesis.openapi.from_wsgi("/swagger.json", app)
        if socket:
            self.schema.app = None

    def operations(self) -> list[schemathesis.APIOperation]:
        return [result.ok() for result in self.schema.get_all_operations()]

    def all(self, examples: int, key: int) -> None:
        for operation in self.operations():
            if not self.socket:
                self.of(operation, examples, key)
                continue
            engine = furnished(self.era)
            # From the engine's own day on: to catch up with ours would be years of
            # health checks.
            late = time.time_ns() - engine.now
            live = Live(engine, clock=lambda late=late: time.time_ns() - late)
            server = serve(live)
            address = server.addresses[0].removeprefix("tcp://")
            self.url = f"http://{address}/v{self.version}"
            self.of(operation, examples, key)
            server.close()
            live.close()

    def call(self, case: schemathesis.Case) -> schemathesis.Response | None:
        """The answer; None for one that goes on."""
        if self.url is None:
            return case.call()
        try:
            return case.call(base_url=self.url, timeout=1)
        except (requests.ReadTimeout, requests.ConnectionError) as error:
            if "Read timed out" in str(error):
                return None
            raise

    def of(self, operation: schemathesis.APIOperation, examples: int, key: int) -> None:
        """Run one operation's cases: what the file allows, and what it does not."""
        kind = operation.path.strip("/").split("/")[0]
        known = [*NAMES.get(kind, []), self.exec]
        if kind in UNSERVED:  # whatever is asked, the answer is the same
            examples = 1
        for mode in schemathesis.GenerationMode:

            @seed(key)
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(
                case=operation.as_strategy(generation_mode=mode),
                word=st.none() | st.sampled_from(known),
            )
            def check(case: schemathesis.Case, word: str | None) -> None:
                if word is not None and case.path_parameters:
                    for name in case.path_parameters:
                        case.path_parameters[name] = word
                self.one(operation.label, case)

            # An operation without parameters has nothing that is not allowed.
            with contextlib.suppress(schemathesis.errors.InvalidSchema):
                try:
                    check()
                except BaseException as error:
                    if "Unsatisfiable" not in type(error).__name__:
                        raise

    def one(self, label: str, case: schemathesis.Case) -> None:
        try:
            response = self.call(case)
        except Exception:  # noqa: BLE001 - whatever it is, a client would see it
            self.report.unexpected.setdefault(label, traceback.format_exc(limit=-3))
            response = None
        if response is not None:
            self.hold(label, case, response)
            if response.status_code == 201 and label in MADE and not self.socket:
                self.read_back(label, response)
            self.report.statuses[response.status_code] += 1
        self.report.operations[label] += 1
        self.engine.back_to(self.start)

    def read_back(self, label: str, response: schemathesis.Response) -> None:
        """What was made is shown, and what is shown fits the file too."""
        made = response.json()
        name = made.get("Id") or made.get("Name")
        for path in MADE[label]:
            asked = path.replace("{id}", name)
            answer = self.engine.api("GET", f"/v{self.version}{asked}")
            template = path.partition("?")[0]
            operation = self.file.operation("GET", template)
            if operation is not None:
                for fault in self.file.violations(operation, answer):
                    self.report.violations.setdefault(f"{label}, then {path}", fault)

    def hold(
        self, label: str, case: schemathesis.Case, response: schemathesis.Response
    ) -> None:
        """What the file says against what was answered."""
        if response.status_code >= 500:
            reason = _real_reason(label, response)
            self.report.errors[f"{label} {response.status_code}: {reason}"] += 1
            if not reason:
                self.report.unexpected.setdefault(
                    f"{label}: {response.status_code}", _reason(response)
                )
        checks = [response_schema_conformance]
        if response.status_code == 200 and response.content:
            # The file names a type for answers that have no body, and none for refusals.
            checks.append(content_type_conformance)
        for check in checks:
            for failure in _failures(case, response, check):
                name = f"{label} {response.status_code} {failure.title}"
                self.report.violations.setdefault(name, str(failure)[:600])
        if _failures(case, response, status_code_conformance):
            self.report.undocumented[f"{label} {response.status_code}"] += 1


def _failures(case, response, check) -> list[Failure]:
    try:
        case.validate_response(response, checks=[check])
    except FailureGroup as group:
        return list(group.exceptions)
    except Failure as failure:
        return [failure]
    return []


def _reason(response: schemathesis.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.content.decode("utf-8", "replace")[:200]


def _real_reason(label: str, response: schemathesis.Response) -> str:
    """Why a real engine would say so too; "" where it would not."""
    text = f"{label} {response.status_code}: {_reason(response)}"
    fitting = (
        reason for pattern, reason in REAL_ERRORS if re.search(pattern, text, re.DOTALL)
    )
    return next(fitting, "")


def run(
    version: str,
    examples: int,
    key: int = 1,
    *,
    socket: bool = False,
    unserved: bool = True,
) -> Report:
    """All operations, each with so many cases of both kinds."""
    running = Run(version, socket=socket, unserved=unserved)
    running.all(examples, key)
    return running.report


def _made_exec(engine: Engine) -> str:
    made = engine.api("POST", "/containers/web/exec", {"Cmd": ["true"]})
    assert isinstance(made.body, dict)
    return str(made.body["Id"])


def _main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.api.schemathesis_run")
    parser.add_argument("--version", default="1.51")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", action="store_true")
    chosen = parser.parse_args(arguments)
    report = run(chosen.version, chosen.examples, chosen.seed, socket=chosen.socket)
    cases = sum(report.operations.values())
    print(f"{len(report.operations)} operations, {cases} cases at {chosen.version}")
    print("statuses", dict(sorted(report.statuses.items())))
    for title, found in (
        ("violations", report.violations),
        ("unexpected", report.unexpected),
        ("500 and above", report.errors),
        ("statuses that the file forgets", report.undocumented),
    ):
        print(f"{title}: {len(found)}")
        for name, what in found.items():
            print(
                f"  {name}\n    {what}"
                if isinstance(what, str)
                else f"  {what:5} {name}"
            )
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
