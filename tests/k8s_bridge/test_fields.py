"""Every flag of docker run, and every key that it sends, ends in the report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge import application_from_inspect, translate
from k8s_bridge.fieldtable.run_samples import ROWS, WINDOWS, words_of
from k8s_bridge.sources.fields import network_settings, service_settings
from k8s_bridge.sources.run import Client, application_from_lines
from minidock.commandline.grammar import Cli, parse
from minidock.commandline.requests import container_request
from minidock.model.document import freeze
from tests.k8s_bridge.shapes import answers, inspect_of, judge

_WITHOUT_TRACE = {"detach"}  # it decides nothing about the container


def _request(words: list[str]) -> dict:
    parsed = parse(["run", *words, "nginx"], Cli.V28)
    files = {"vars": "A=1\n"}
    return dict(container_request(parsed, cli=Cli.V28, env_files=files.get).body)


def _sent(body: dict) -> set[str]:
    """The paths of what a request asks for, as inspect spells them."""
    plain = _request([])
    found = set()
    for key, value in body.items():
        if key == "NetworkingConfig":
            for name, endpoint in value["EndpointsConfig"].items():
                network = name.replace("default", "bridge")
                where = f"NetworkSettings.Networks.{network}"
                found |= {f"{where}.{k}" for k, v in endpoint.items() if v}
        elif key == "HostConfig":
            usual = plain[key]
            found |= {f"{key}.{k}" for k, v in value.items() if v != usual.get(k)}
        elif value and value != plain.get(key):
            found.add(f"Config.{key}")
    # Filled in by Docker: the address family's empty record, the tty's size.
    return {path for path in found if not path.endswith(".ConsoleSize")}


def test_the_table_has_every_flag_of_docker_run():
    options = set(parse(["run", "nginx"], Cli.V28).options)
    assert {row[0] for row in ROWS} | WINDOWS.keys() == options - _WITHOUT_TRACE


@pytest.mark.parametrize(("flag", "use", "path"), ROWS, ids=[row[0] for row in ROWS])
def test_what_a_flag_sends_is_in_the_report(flag, use, path):
    body = _request(words_of(use))
    result = translate(application_from_inspect([inspect_of("web", body)]))
    paths = {entry.path for entry in result.report.entries}
    assert _sent(body) <= paths
    if not path.startswith("--"):
        assert path in paths
    judge(result)


@pytest.mark.parametrize(
    "flag", [row for row in ROWS if row[2].startswith("--")], ids=str
)
def test_what_a_flag_keeps_from_the_engine_is_in_the_report_too(flag):
    application = application_from_lines([f"docker run -d {flag[1]} nginx"])
    paths = {entry.path for entry in translate(application).report.entries}
    assert flag[2] in paths


@pytest.mark.parametrize("key", WINDOWS.values())
def test_what_only_windows_has_is_in_the_report(key):
    inspect = inspect_of("web", {"HostConfig": {key: 1}})
    report = translate(application_from_inspect([inspect])).report
    assert f"HostConfig.{key}" in [entry.path for entry in report.lost]


def test_variables_of_a_file_and_of_the_terminal_are_read():
    client = Client(environment={"HOME": "/me"}, read_file={"vars": "A=1"}.get)
    line = "docker run -d --env-file vars -e HOME nginx"
    program = application_from_lines([line], client).services[0].program
    assert dict(program.env) == {"A": "1", "HOME": "/me"}


def test_a_mac_address_that_was_asked_for_is_told_from_one_that_was_given():
    asked = "docker run -d --mac-address 02:42:ac:11:00:55 --name aa nginx"
    report = translate(application_from_lines([asked, "docker run -d nginx"])).report
    lost = [e.subject for e in report.lost if e.path == "Config.MacAddress"]
    assert lost == ["aa"]


def test_what_the_image_says_is_no_setting():
    container = answers("02-published-port", "/containers/web/json")[0]
    image = answers("10-images-rest", "/images/web:1.0/json")[0]
    document, config = freeze(container), freeze(image["Config"])
    alone = {setting.path for setting in service_settings(document, None)}
    assert {"Config.Env", "Config.Cmd", "Config.Labels", "Config.ExposedPorts"} <= alone
    known = {setting.path for setting in service_settings(document, config)}
    assert known == {
        "Name",
        "Config.Image",
        "HostConfig.NetworkMode",
        "HostConfig.PortBindings",
        "HostConfig.RestartPolicy",
        "HostConfig.CgroupnsMode",  # 20.10 says host, a pod has one of its own
    }


def test_the_default_bridge_has_no_settings():
    bridge = answers("02-published-port", "/networks/bridge")[0]
    assert list(network_settings(freeze(bridge))) == []


def test_each_option_of_a_network_is_a_setting():
    network = {
        "Name": "front",
        "Internal": True,
        "Labels": {"a": "b"},
        "Options": {"com.docker.network.bridge.enable_icc": "false", "x": ""},
    }
    found = {s.path: s.attribute for s in network_settings(freeze(network))}
    assert found == {
        "Internal": "internal",
        "Labels": "network_labels",
        "Options.com.docker.network.bridge.enable_icc": "icc",
        "Options.x": "options",
    }


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_key_that_nobody_knows_is_in_the_report(key, value):
    inspect = freeze({"Name": "/web", "HostConfig": {key: value}})
    paths = [setting.path for setting in service_settings(inspect, None)]
    usual = value in ("runc", "private", "default", "io.containerd.runc.v2")
    assert f"HostConfig.{key}" in paths or usual
