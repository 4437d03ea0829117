"""Every answer is what moby's own Swagger files promise."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minidock.api.http import Response
from minidock.api.routes import ROUTES
from minidock.api.swarm import SWARM_ROUTES
from minidock.engine import Engine
from tests.api.furnished import furnished, requests
from tests.api.swagger import FOLDER, NULLS, RECORDED_NULLS, swagger
from tests.test_run_flags import LINES

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"moby's Swagger files are not at {FOLDER}"
)

VERSIONS = [("28", "1.44"), ("28", "1.51"), ("20.10", "1.41")]
GOLDEN = [
    FOLDER.parent / "golden" / "docker-20.10",
    Path(__file__).parents[1] / "golden" / "docker-20.10",
]
REFUSED = {
    "GET /containers/{id}/attach/ws",
    "POST /auth",
    "POST /build",
    "POST /session",
    "POST /images/{id}/push",
    *(f"{method} {path}" for method, path, _ in SWARM_ROUTES if path != "/plugins"),
}
"""Never served: no WebSockets, no registry takes or knows anybody, no builder, no swarm."""


def described(version):
    """The routes that the file of a version describes."""
    return [
        (method, path, operation)
        for method, path, _ in ROUTES
        if (operation := swagger(version).operation(method, path)) is not None
    ]


def faults_of(docker, version, method, path, *, body=None, operation):
    response = docker.api(method, f"/v{version}{path}", body)
    found = swagger(version).violations(operation, response)
    return response.status, [f"{method} {path}: {fault}" for fault in found]


def with_execs(docker, path):
    """The path with the ids of an exec that waits, and of one that has ended."""
    for word, started in (("/ready/", False), ("/done/", True)):
        if word in path:
            made = docker.api("POST", "/containers/web/exec", {"Cmd": ["true"]})
            if started:
                docker.api("POST", f"/exec/{made.body['Id']}/start", {})
            return path.replace(word, f"/{made.body['Id']}/")
    return path


@pytest.mark.parametrize(("era", "version"), VERSIONS)
def test_every_operation_answers_as_the_file_says(era, version):
    docker = furnished(era)
    start, faults, seen = len(docker.history) - 1, [], {}
    for method, path, operation in described(version):
        for text, body in requests(method, path):
            asked = with_execs(docker, text)
            status, found = faults_of(
                docker, version, method, asked, body=body, operation=operation
            )
            faults += found
            seen.setdefault(f"{method} {path}", set()).add(status)
            docker.back_to(start)
    assert faults == []
    failed = {name for name, codes in seen.items() if min(codes) >= 400}
    assert failed <= REFUSED  # each operation went through at least once


def recorded_steps():
    for folder in GOLDEN:
        for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            # With swarm on, an engine answers what is never ours to answer.
            if not file.name.startswith("13"):
                steps = json.loads(file.read_text(encoding="utf-8"))["steps"]
                yield from (s for s in steps if s["kind"] == "api" and "json" in s)


def recorded_operation(file, method, path):
    words = path.partition("?")[0].removeprefix("/v1.41").split("/")
    for operation in sorted(file.operations, key=lambda one: one.path.count("{")):
        shape = operation.path.split("/")
        if operation.method == method and len(shape) == len(words):
            pairs = zip(shape, words, strict=True)
            if all(a == b or (a[:1] == "{" and b) for a, b in pairs):
                return operation
    return None


def test_a_real_engine_breaks_the_file_only_by_the_nulls_that_we_name():
    steps, broken = list(recorded_steps()), set()
    for version in ("1.44", "1.51"):
        file, strict = swagger(version), swagger(version, frozenset())
        for step in steps:
            if operation := recorded_operation(file, step["method"], step["path"]):
                response = Response(status=step["status"], body=step["json"])
                broken.update(strict.violations(operation, response))
                assert file.violations(operation, response) == []
    assert all("None is not of type" in fault for fault in broken)
    if GOLDEN[0].is_dir():
        assert {fault.partition(": ")[0] for fault in broken} == RECORDED_NULLS


def test_we_answer_null_only_where_it_is_named():
    docker, used = furnished(), set()
    for version in ("1.44", "1.51"):
        file = swagger(version, frozenset())
        for method, path, operation in described(version):
            for text, body in requests(method, path):
                answer = docker.api(method, f"/v{version}{text}", body)
                used.update(file.violations(operation, answer))
    places = {fault.partition(": ")[0] for fault in used}
    assert all("None is not of type" in fault for fault in used)
    assert places <= NULLS


NETWORKS = st.builds(
    "network create {} {} n{}".format,
    st.sampled_from(
        ["", "--internal", "--label x=y", "--attachable", "-o com.docker.network.driver.mtu=1400"]
    ),
    st.sampled_from(["", "--subnet 10.{0}.0.0/24", "--ipv6", "--driver bridge"]),
    st.integers(0, 3),
)  # fmt: skip
RUNS = st.builds(
    "{} --name c{} {} {}".format,
    st.sampled_from(["run -d", "create", "run"]),
    st.integers(0, 4),
    st.lists(
        st.sampled_from(
            [
                *[line for line in LINES if "--name" not in line],
                "--network n1",
                "--network host",
                "--network none",
                "--link c0:zero",
                "-p 80",
                "-v data:/data",
                "-v /data",
            ]
        ),
        max_size=4,
        unique=True,
    ).map(" ".join),
    st.sampled_from(["nginx", "redis", "busybox true", "busybox sh -c 'exit 3'"]),
)
CHANGES = st.builds(
    "{} c{}".format,
    st.sampled_from(
        [
            "start",
            "stop",
            "pause",
            "unpause",
            "kill",
            "rm -f",
            "restart",
            "network connect n1",
            "network disconnect n1",
            "exec",
            "rename other",
        ]
    ),
    st.integers(0, 4),
).map(lambda line: f"{line} true" if line.startswith("exec") else line)
READS = ("/info", "/version", "/networks", "/containers/json?all=1", "/volumes")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(NETWORKS, max_size=3),
    st.lists(RUNS | CHANGES, min_size=1, max_size=8),
    st.sampled_from(VERSIONS),
)
def test_whatever_was_done_every_answer_fits_docker_s_own_schema(
    networks, lines, era_version
):
    era, version = era_version
    docker = Engine(era)
    for image in ("nginx", "redis", "busybox"):
        docker(f"pull -q {image}")
    for number, line in enumerate([*networks, *lines]):
        docker(line.format(20 + number) if "{0}" in line else line)
    paths = [("GET", path, path.partition("?")[0]) for path in READS]
    for network in docker.api("GET", "/networks").body:
        paths.append(("GET", f"/networks/{network['Id']}", "/networks/{id}"))
    for container in docker.api("GET", "/containers/json?all=1").body:
        name = container["Id"]
        paths.append(("GET", f"/containers/{name}/json", "/containers/{id}/json"))
        paths.append(("GET", f"/containers/{name}/top", "/containers/{id}/top"))
    for method, path, template in paths:
        operation = swagger(version).operation(method, template)
        _, faults = faults_of(docker, version, method, path, operation=operation)
        assert faults == []


def test_a_wrong_answer_is_noticed():
    operation = swagger("1.51").operation("GET", "/networks/{id}")
    body = Engine().api("GET", "/networks/bridge").body
    file = swagger("1.51")
    assert file.violations(operation, Response(body=body)) == []
    assert file.violations(operation, Response(body=body | {"Internal": 5})) == [
        "Network.Internal: 5 is not of type 'boolean'"
    ]
    late = Response(body=body | {"Created": "yesterday"})
    assert file.violations(operation, late) == [
        "Network.Created: 'yesterday' is not a 'dateTime'"
    ]
    assert file.violations(operation, Response(status=500, text="sorry")) == [
        "500 without a message"
    ]
