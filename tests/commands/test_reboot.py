"""A daemon that starts again, held against what a real 20.10 engine did.

The real one was ended by SIGTERM and by SIGKILL with the same containers and networks.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock import Engine
from minidock.commands.invariants import broken
from minidock.commands.reboot import renewed

ENDS = pytest.mark.parametrize("graceful", [True, False], ids=["SIGTERM", "SIGKILL"])


def engine() -> Engine:
    return Engine("20.10")


def run(docker: Engine, name: str, *words: str) -> None:
    done = docker(["run", "-d", "--name", name, *words])
    assert done.ok, done.stderr


def inspect(docker: Engine, name: str):
    return docker.api("GET", f"/containers/{name}/json").body


def ipam(docker: Engine, name: str):
    return docker.api("GET", f"/networks/{name}").body["IPAM"]["Config"]


def status(docker: Engine, name: str) -> tuple[str, int]:
    state = inspect(docker, name)["State"]
    return state["Status"], state["ExitCode"]


# --- examples -------------------------------------------------------------------------


@ENDS
def test_networks_keep_their_ids_and_subnets_but_bridge_has_another_id(graceful):
    docker = engine()
    docker("network create auto1")
    docker("network create --subnet 10.9.0.0/16 exp1")
    docker("network create --subnet 10.10.0.0/16 --gateway 10.10.0.9 exp2")
    docker("network create --subnet 10.11.0.0/16 --ip-range 10.11.5.0/24 exp3")
    ids = {n.name: n.id for n in docker.networks.list()}
    assert ipam(docker, "bridge") == [{"Subnet": "172.17.0.0/16"}]
    assert ipam(docker, "exp1") == [{"Subnet": "10.9.0.0/16"}]
    docker.restart_daemon(graceful=graceful)
    after = {n.name: n.id for n in docker.networks.list()}
    assert {name for name in ids if ids[name] != after[name]} == {"bridge"}
    assert ipam(docker, "bridge") == [
        {"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}
    ]
    assert ipam(docker, "auto1") == [
        {"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}
    ]
    assert ipam(docker, "exp1") == [{"Subnet": "10.9.0.0/16", "Gateway": "10.9.0.1"}]
    assert ipam(docker, "exp2") == [{"Subnet": "10.10.0.0/16", "Gateway": "10.10.0.9"}]
    assert ipam(docker, "exp3") == [
        {"Subnet": "10.11.0.0/16", "IPRange": "10.11.5.0/24", "Gateway": "10.11.5.0"}
    ]
    assert broken(docker.world) == []


@ENDS
def test_the_cursors_of_pools_and_host_ports_are_back_at_the_start(graceful):
    docker = engine()
    for name in ("auto1", "auto2", "auto3"):
        docker(f"network create {name}")
    docker("network rm auto2")
    run(docker, "gone", "-p", "80", "nginx")
    docker("rm -f gone")
    docker.restart_daemon(graceful=graceful)
    docker("network create after1")
    assert ipam(docker, "after1")[0]["Subnet"] == "172.19.0.0/16"
    run(docker, "new", "-p", "80", "nginx")
    assert "0.0.0.0:32768" in str(docker("port new"))


@ENDS
@pytest.mark.parametrize(
    ("policy", "image", "code"),
    [("no", "nginx", 0), ("no", "busybox sleep 1000", 137)],
)
def test_a_container_without_a_policy_has_ended_with_its_own_code(
    graceful, policy, image, code
):
    docker = engine()
    run(docker, "web", "--restart", policy, *image.split())
    docker.restart_daemon(graceful=graceful)
    assert status(docker, "web") == ("exited", code)
    assert inspect(docker, "web")["NetworkSettings"]["IPAddress"] == ""


@ENDS
def test_always_comes_back_whoever_stopped_it(graceful):
    docker = engine()
    run(docker, "runs", "--restart", "always", "-p", "8080:80", "nginx")
    run(docker, "stopped", "--restart", "always", "nginx")
    run(docker, "paused", "--restart", "always", "nginx")
    docker("create --name created --restart always nginx")
    docker("stop stopped")
    docker("pause paused")
    before = inspect(docker, "runs")
    docker.restart_daemon(graceful=graceful)
    after = inspect(docker, "runs")
    for name in ("runs", "stopped", "paused"):
        assert status(docker, name) == ("running", 0)
    assert status(docker, "created") == ("created", 0)
    assert (
        after["NetworkSettings"]["SandboxID"]
        != (before["NetworkSettings"]["SandboxID"])
    )
    assert (
        after["NetworkSettings"]["EndpointID"]
        != (before["NetworkSettings"]["EndpointID"])
    )
    assert after["State"]["FinishedAt"] > before["State"]["StartedAt"]
    assert after["RestartCount"] == 0
    assert str(docker("port runs")).startswith("80/tcp -> 0.0.0.0:8080")


def test_unless_stopped_comes_back_unless_somebody_stopped_it():
    docker = engine()
    run(docker, "runs", "--restart", "unless-stopped", "nginx")
    run(docker, "stopped", "--restart", "unless-stopped", "nginx")
    docker("stop stopped")
    docker.restart_daemon()
    assert status(docker, "runs")[0] == "running"
    assert status(docker, "stopped")[0] == "exited"
    docker("start stopped")
    docker.restart_daemon()
    assert status(docker, "stopped")[0] == "running"


def test_unless_stopped_stays_down_after_a_kill_of_the_daemon():
    # Odd on purpose: the next daemon stops what still runs, and that counts as a hand.
    docker = engine()
    run(docker, "runs", "--restart", "unless-stopped", "nginx")
    docker.restart_daemon(graceful=False)
    assert status(docker, "runs")[0] == "exited"


@ENDS
def test_on_failure_comes_back_only_if_it_failed(graceful):
    docker = engine()
    run(docker, "failed", "--restart", "on-failure", "busybox", "sleep", "1000")
    run(docker, "well", "--restart", "on-failure", "nginx")
    run(docker, "byhand", "--restart", "on-failure", "busybox", "sleep", "1000")
    docker("stop byhand")
    docker.restart_daemon(graceful=graceful)
    assert status(docker, "failed")[0] == "running"
    assert status(docker, "byhand")[0] == "running"
    assert status(docker, "well") == ("exited", 0)


@ENDS
def test_fixed_addresses_stay_and_links_are_made_anew(graceful):
    docker = engine()
    docker("network create --subnet 10.9.0.0/16 exp1")
    always = ("--restart", "always")
    run(docker, "db", *always, "redis")
    run(docker, "web", *always, "--link", "db:database", "nginx")
    run(docker, "two", *always, "--network", "exp1", "--ip", "10.9.0.77", "nginx")
    docker.restart_daemon(graceful=graceful)
    place = inspect(docker, "two")["NetworkSettings"]["Networks"]["exp1"]
    assert place["IPAddress"] == "10.9.0.77"
    address = inspect(docker, "db")["NetworkSettings"]["IPAddress"]
    hosts = str(docker("exec web cat /etc/hosts"))
    assert f"{address}\tdatabase" in hosts


@ENDS
def test_who_shared_the_namespace_of_one_that_stays_down_stays_down(graceful):
    docker = engine()
    run(docker, "base", "busybox", "sleep", "1000")
    shares = ("--restart", "always", "--network", "container:base")
    run(docker, "shared", *shares, "busybox", "sleep", "1000")
    docker.restart_daemon(graceful=graceful)
    state = inspect(docker, "shared")["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 137)
    assert state["Error"].startswith("cannot join network of a non running container")


@ENDS
def test_execs_and_throw_away_containers_are_gone(graceful):
    docker = engine()
    run(docker, "web", "--restart", "always", "nginx")
    run(docker, "once", "--rm", "nginx")
    made = docker.api("POST", "/containers/web/exec", {"Cmd": ["sleep", "100"]}).body
    docker.api("POST", f"/exec/{made['Id']}/start", {"Detach": True})
    docker.restart_daemon(graceful=graceful)
    assert docker.api("GET", f"/exec/{made['Id']}/json").status == 404
    assert inspect(docker, "web")["ExecIDs"] is None
    assert docker.api("GET", "/containers/once/json").status == 404


def test_the_events_begin_with_the_new_daemon():
    docker = engine()
    run(docker, "web", "--restart", "always", "nginx")
    run(docker, "job", "nginx")
    docker.restart_daemon()
    told = [e.action for e in docker.events if e.type in {"container", "network"}]
    assert told == ["connect", "start"]


def test_after_a_kill_the_events_tell_who_was_stopped_first():
    docker = engine()
    run(docker, "web", "--restart", "always", "nginx")
    docker.restart_daemon(graceful=False)
    told = [e.action for e in docker.events if e.type == "container"]
    assert told == ["kill", "die", "stop", "start"]


def test_the_rules_of_docker0_come_first_after_a_restart():
    docker = engine()
    docker("network create auto1")
    docker("network create --internal inner")
    docker.restart_daemon()
    forward = [
        line for line in docker.rules().splitlines() if line.startswith("-A FORWARD")
    ]
    assert forward[0] == "-A FORWARD -j DOCKER-USER"
    assert forward[1] == "-A FORWARD -j DOCKER-ISOLATION-STAGE-1"
    assert forward[2].startswith("-A FORWARD -o docker0 -m conntrack")


# --- laws -----------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "run -d --name web -p 8080:80 -p 80 --restart always nginx",
        "run -d --name db --restart unless-stopped redis",
        "run -d --name job --restart on-failure busybox sleep 1000",
        "run -d --name tmp --rm nginx",
        "stop web",
        "stop db",
        "kill job",
        "pause db",
        "rm -f web",
        "network create mynet",
        "network create --subnet 10.9.0.0/16 --ipv6 --subnet fd00:7::/64 both",
        "network connect mynet web",
        "network connect both db",
        "network rm mynet",
    ]
)


@given(
    lines=st.lists(LINES, max_size=10),
    ends=st.lists(st.booleans(), min_size=1, max_size=3),
    era=st.sampled_from(["17.12", "20.10", "28"]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_stood_the_world_is_in_order_after_dockerd_restarts(lines, ends, era):
    docker = Engine(era)
    for line in lines:
        docker(line)
    names = {c.name for c in docker.world.containers.values()}
    for graceful in ends:
        docker.restart_daemon(graceful=graceful)
        assert broken(docker.world) == []
    kept = {c.name for c in docker.world.containers.values()}
    assert names - kept <= {"tmp"}
    docker("network disconnect -f bridge web")
    for name in kept:
        docker(f"rm -f {name}")
    for name in ("mynet", "both"):
        docker(f"network rm {name}")
    assert not list(docker.world.ports.holdings())
    assert len(docker.world.pools) == 1
    assert broken(docker.world) == []


def test_a_restart_of_an_empty_engine_changes_the_id_of_bridge_and_no_more():
    first = Engine("28").world
    again = renewed(first, 5)
    assert broken(again) == []
    assert len(set(first.networks) & set(again.networks)) == 2
    assert {n.name for n in again.networks.values()} == {"bridge", "host", "none"}
