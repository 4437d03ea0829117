"""Starting, stopping and restarting: what goes back, and what a failure leaves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.invariants import broken
from minidock.engine import Engine


def lab(era="20.10"):
    docker = Engine(era)
    docker("pull nginx")
    docker("network create --subnet 10.70.0.0/24 mnet")
    return docker


def inspected(docker, name):
    return docker.api("GET", f"/containers/{name}/json").body


def start(docker, name):
    response = docker.api("POST", f"/containers/{name}/start")
    return response.status, response.message


def test_a_shared_namespace_is_remembered_by_id_and_survives_a_rename():
    docker = lab()
    docker("run -d --name base --hostname bh --network mnet nginx")
    base = inspected(docker, "base")["Id"]
    docker("run -d --name it --network container:base nginx")
    assert inspected(docker, "it")["HostConfig"]["NetworkMode"] == f"container:{base}"
    docker("rename base other")
    assert docker("restart -t 0 it").ok


def test_pid_and_ipc_modes_are_remembered_by_id_too():
    docker = lab()
    docker("run -d --name base nginx")
    docker("create --name it --pid container:base --ipc container:base nginx")
    shared = f"container:{inspected(docker, 'base')['Id']}"
    config = inspected(docker, "it")["HostConfig"]
    assert (config["PidMode"], config["IpcMode"]) == (shared, shared)


def test_a_sharer_takes_host_name_and_files_of_the_other_when_it_starts():
    docker = lab()
    docker("run -d --name base --hostname bh --domainname bd nginx")
    docker("create --name it --network container:base nginx")
    before = inspected(docker, "it")
    assert before["Config"]["Hostname"] == before["Id"][:12]
    assert before["HostsPath"] == ""
    docker("start it")
    after, base = inspected(docker, "it"), inspected(docker, "base")
    assert (after["Config"]["Hostname"], after["Config"]["Domainname"]) == ("bh", "bd")
    for key in ("HostsPath", "HostnamePath", "ResolvConfPath"):
        assert after[key] == base[key]


def test_a_sharer_of_a_sharer_uses_the_first_ones_files():
    docker = lab()
    docker("run -d --name base nginx")
    docker("run -d --name mid --network container:base nginx sleep 9999")
    docker("run -d --name it --network container:mid nginx sleep 9999")
    assert (
        inspected(docker, "it")["HostsPath"] == inspected(docker, "base")["HostsPath"]
    )
    there = docker.container_command("it", "ip route").stdout
    assert there == docker.container_command("base", "ip route").stdout


def test_a_sharer_lives_on_when_the_other_stops_and_cannot_come_back_alone():
    docker = lab()
    docker("run -d --name base nginx")
    docker("run -d --name it --network container:base nginx sleep 9999")
    base = inspected(docker, "base")["Id"]
    docker("stop base")
    assert inspected(docker, "it")["State"]["Running"]
    text = f"cannot join network of a non running container: {base}"
    output = docker("restart -t 0 it")
    assert output.stderr.endswith(f"Cannot restart container it: {text}\n")
    assert start(docker, "it") == (409, text)
    docker("rm base")
    assert start(docker, "it") == (404, f"No such container: {base}")


def test_host_mode_shows_the_hosts_name():
    docker = lab()
    docker("create --name it --network host nginx")
    assert inspected(docker, "it")["Config"]["Hostname"] == docker.world.host.hostname


def test_the_hosts_own_sysctls_are_not_a_containers_to_set():
    docker = lab()
    docker("create --name it --network host --sysctl net.ipv4.ip_forward=1 nginx")
    text = (
        "failed to create shim task: OCI runtime create failed: runc create failed: "
        'sysctl "net.ipv4.ip_forward" not allowed in host network namespace: unknown'
    )
    assert start(docker, "it") == (500, text)
    state = inspected(docker, "it")["State"]
    assert (state["Status"], state["ExitCode"]) == ("created", 128)
    assert state["Error"] == text


def test_a_failed_start_leaves_the_aliases_that_it_had_added():
    docker = lab()
    body = {
        "Image": "nginx",
        "HostConfig": {"NetworkMode": "mnet"},
        "NetworkingConfig": {
            "EndpointsConfig": {"mnet": {"IPAMConfig": {"IPv4Address": "1.2.3.4"}}}
        },
    }
    docker.api("POST", "/containers/create?name=it", body)
    assert start(docker, "it")[0] == 500
    shown = inspected(docker, "it")
    assert shown["NetworkSettings"]["Networks"]["mnet"]["Aliases"] == [shown["Id"][:12]]


@pytest.mark.parametrize(("cli", "hint"), [("28", True), ("20.10", False)])
def test_28_points_to_its_help_when_a_start_fails_and_20_10_does_not(cli, hint):
    docker = lab()
    output = docker.command_line("run -d --network nosuch nginx", cli=cli)
    assert output.code == 125
    assert output.stderr.startswith(
        "docker: Error response from daemon: network nosuch"
    )
    assert ("--help" in output.stderr) is hint


def test_ports_are_shown_only_where_the_default_route_leads_outside():
    docker = lab()
    docker("network create --internal inner")
    docker("run -d --name it --network inner -p 80 nginx")
    assert inspected(docker, "it")["NetworkSettings"]["Ports"] == {}
    assert docker.api("GET", "/containers/json").body[0]["Ports"] == []
    docker("network connect mnet it")
    assert inspected(docker, "it")["NetworkSettings"]["Ports"]["80/tcp"]


VERBS = st.sampled_from(
    ["start", "stop -t 0", "restart -t 0", "kill", "pause", "unpause"]
)
NAMES = st.sampled_from(["base", "it"])


@settings(max_examples=30, deadline=None)
@given(mode=st.sampled_from(["mnet", "host", "container:base"]),
       steps=st.lists(st.tuples(VERBS, NAMES), max_size=8))  # fmt: skip
def test_whatever_is_started_and_stopped_the_world_stays_in_order(mode, steps):
    docker = lab()
    docker("create --name base -p 80 nginx")
    docker(f"create --name it --network {mode} nginx")
    for verb, name in steps:
        docker(f"{verb} {name}")
        assert broken(docker.world) == []
    running = [c for c in docker.world.containers.values() if c.state.running]
    held = {key for members in docker.world.members.values() for key in members}
    own = {c.id for c in running if not c.network_mode.startswith("container:")}
    assert held == own


@pytest.mark.parametrize(
    ("era", "before"),
    [("20.10", ""), ("28", "failed to set up container networking: ")],
)
@pytest.mark.parametrize(
    ("wish", "spoilt_by", "answer"),
    [
        ("--network mnet --ip 10.70.0.9", "run -d --network mnet --ip 10.70.0.9 nginx",
         (403, "Address already in use")),
        ("-p 80:80", "run -d -p 80:80 nginx", (500, "port is already allocated")),
        ("--network mnet", "network rm mnet", (404, "not found")),
    ],
)  # fmt: skip
def test_from_28_on_whatever_the_network_refuses_says_what_was_being_set_up(
    era, before, wish, spoilt_by, answer
):
    docker = lab(era)
    docker(f"create --name late {wish} nginx")
    assert docker(spoilt_by).ok
    status, message = start(docker, "late")
    assert (status, message[-len(answer[1]) :]) == answer
    assert message.startswith(before)
    assert message.count("failed to set up") == bool(before)
    assert inspected(docker, "late")["State"]["Error"] == message


@pytest.mark.parametrize("era", ["20.10", "28"])
def test_a_missing_program_or_a_dead_link_is_no_fault_of_the_network(era):
    docker = lab(era)
    docker("run -d --name db nginx")
    docker("create --name web --link db:db nginx")
    docker("stop db")
    assert start(docker, "web")[1].startswith("Cannot link to a non running container")
    docker("create --name odd nginx nosuch")
    assert "failed to set up" not in start(docker, "odd")[1]
