"""GET /containers/json: which containers a filter leaves, and what it refuses."""

import json
from urllib.parse import quote

import pytest

from minidock.engine import Engine


@pytest.fixture(scope="module")
def docker():
    engine = Engine("20.10")
    engine("pull nginx")
    engine("pull busybox")
    engine("network create alpha")
    engine("run -d --name c1 --network alpha -p 8080:80 -v vol:/data --label x=1 nginx")
    engine("create --name c2 busybox true")
    engine("run --name c3 busybox false")
    engine("run -d --name c4 -v /host:/mnt --expose 100-102/udp busybox sleep 1000")
    engine("pause c4")
    return engine


def listed(docker, filters, query="all=1"):
    path = f"/containers/json?{query}&filters={quote(json.dumps(filters))}"
    response = docker.api("GET", path)
    if response.status != 200:
        return response.status, response.message
    return "".join(item["Names"][0].removeprefix("/c") for item in response.body)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, "4321"),
        ({"exited": ["1"]}, "3"),
        ({"exited": ["0"]}, ""),
        ({"health": ["none"]}, "4321"),
        ({"health": ["starting"]}, ""),
        ({"is-task": ["true"]}, ""),
        ({"is-task": ["false"]}, "4321"),
        ({"publish": ["8080"]}, "1"),
        ({"publish": ["8000-9000"]}, "1"),
        ({"publish": ["8080/udp"]}, ""),
        ({"expose": ["101/udp"]}, "4"),
        ({"expose": ["100-200/udp"]}, "4"),
        ({"volume": ["vol"]}, "1"),
        ({"volume": ["/data"]}, "1"),
        ({"volume": ["/host"]}, "4"),
        ({"volume": ["nosuch"]}, ""),
        ({"before": ["c3"]}, "21"),
        ({"since": ["c2"]}, "43"),
        ({"status": ["paused", "created"]}, "42"),
        ({"network": ["alpha"]}, "1"),
        ({"network": ["alph"]}, ""),
        ({"network": []}, ""),
        ({"id": [""]}, ""),
    ],
)
def test_which_containers_fit_a_filter(docker, filters, names):
    assert listed(docker, filters) == names


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, "41"),
        ({"exited": ["1"]}, ""),
        ({"since": ["c1"]}, "4"),
        ({"status": ["exited"]}, "3"),
        ({"status": []}, "41"),
    ],
)
def test_only_a_status_asks_for_stopped_containers_too(docker, filters, names):
    assert listed(docker, filters, "all=0") == names


@pytest.mark.parametrize(
    ("filters", "status", "text"),
    [
        ({"exited": ["x"]}, 500, 'strconv.Atoi: parsing "x": invalid syntax'),
        ({"health": ["bogus"]}, 400, "Unrecognised filter value for health: bogus"),
        ({"is-task": ["bogus"]}, 400, "Invalid filter 'is-task=[bogus]'"),
        ({"publish": ["x"]}, 500, ("error while looking up for publish x: "
         'strconv.ParseUint: parsing "x": invalid syntax')),
        ({"before": ["nosuch"]}, 500, "no such container nosuch"),
        ({"status": ["bogus"]}, 400, "Invalid filter 'status=bogus'"),
    ],
)  # fmt: skip
def test_how_a_filter_is_refused(docker, filters, status, text):
    assert listed(docker, filters) == (status, text)


def test_the_limit_is_a_number(docker):
    assert listed(docker, {}, "all=1&limit=2") == "43"
    refused = (500, 'strconv.Atoi: parsing "x": invalid syntax')
    assert listed(docker, {}, "limit=x") == refused


def test_sizes_are_told_when_they_are_asked_for(docker):
    plain = docker.api("GET", "/containers/json").body[0]
    sized = docker.api("GET", "/containers/json?size=1").body[0]
    assert "SizeRootFs" not in plain
    assert sized["SizeRootFs"] > 0


def test_quiet_beats_a_format_in_28_and_loses_to_it_before(docker):
    new = docker.command_line("ps -q --format '{{.Names}}'", cli="28")
    assert new.stderr.startswith("WARNING: Ignoring custom format")
    assert len(new.stdout.split()[0]) == 12
    old = docker.command_line("ps -q --format '{{.Names}}'", cli="20.10")
    assert (old.stdout, old.stderr) == ("c4\nc1\n", "")


def test_a_format_can_ask_for_one_label(docker):
    output = docker("ps --format '{{.Label \"x\"}}|{{.Mounts}}|{{.LocalVolumes}}'")
    assert output.stdout == "|/host|0\n1|vol|1\n"


def test_a_field_that_is_not_there_is_named_with_its_type(docker):
    output = docker("ps --format '{{.Bogus}}'")
    assert output.stderr.endswith("in type *formatter.ContainerContext\n")
    assert output.stderr.startswith("failed to execute template: ")
