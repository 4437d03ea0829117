"""Who listens in a machine that is built for real."""

from minidock.engine import Engine
from minidock.host.machine import machine
from minidock.views.linux_plan import plan
from minidock.views.linux_servers import OUTSIDE_PORTS, Task, servers
from minidock.views.questions import CLOSED_PORT, questions


def served(*lines, era="28", daemon=()):
    engine = Engine(era, daemon_args=daemon)
    for line in lines:
        assert engine(line).ok, line
    return servers(engine.world, machine(engine.world), "p")


def on_port(found, port):
    return [
        (s.netns, s.protocol, s.address, s.task, s.name, s.target, s.target_port)
        for s in found
        if s.port == port
    ]


def test_a_containers_program_answers_in_its_sandbox():
    found = served("run -d --name web nginx")
    here = [s for s in found if s.netns == "p-web"]
    assert {(s.protocol, s.port, s.task, s.name) for s in here} == {
        ("tcp", 80, Task.ANSWER, "web")
    }


def test_docker_proxy_relays_to_the_container():
    found = served("run -d --name web -p 127.0.0.1:8080:80 nginx")
    assert on_port(found, 8080) == [
        ("p", "tcp", "127.0.0.1", Task.RELAY, "docker-host", "172.17.0.2", 80)
    ]


def test_without_the_proxy_dockerd_only_holds_the_port():
    found = served(
        "run -d --name web -p 8080:80 nginx", daemon=["--userland-proxy=false"]
    )
    assert {task for _, _, _, task, *_ in on_port(found, 8080)} == {Task.HOLD}


def test_frozen_programs_hold_their_ports():
    found = served("run -d --name web nginx", "pause web")
    there = [s for s in found if s.netns == "p-web"]
    assert there
    assert {s.task for s in there} == {Task.HOLD}


def test_since_28_a_proxy_answers_datagrams_from_where_it_was_asked():
    """moby pull request 48571; before, answers from a second address got lost."""
    for era, same in (("17.12", False), ("20.10", False), ("28", True)):
        found = served("run -d --name web -p 8080:80/udp nginx", era=era)
        relays = [s for s in found if s.task is Task.RELAY]
        assert relays
        assert {s.same_source for s in relays} == {same}


def test_the_world_outside_listens_on_a_few_ports():
    found = [s for s in served() if s.netns == "p+outside"]
    assert [(s.protocol, s.port) for s in found] == list(OUTSIDE_PORTS)
    assert {s.name for s in found} == {"outside"}


def test_nobody_listens_on_the_port_that_should_be_closed():
    found = served("run -d --name web -p 8080:80 nginx")
    assert CLOSED_PORT not in {s.port for s in found}


def test_rules_stand_before_the_first_cable():
    engine = Engine()
    engine("run -d --name web nginx")
    waves = plan(engine.world, machine(engine.world), "p").waves
    programs = [
        {command.program for chain in wave for command in chain} for wave in waves
    ]
    assert programs == [
        {"sysctl", "iptables-restore", "ip6tables-restore"},
        {"ip"},
        {"ip", "sysctl"} & programs[2],
    ]
    links = [c.text for c in waves[1][0] if c.program == "ip"]
    assert "type bridge" in links[0]
    assert "type veth" in links[0]


def test_who_shares_a_namespace_asks_once():
    engine = Engine()
    engine("run -d --name web nginx")
    engine("run -d --name side --network container:web redis")
    engine("run -d --name top --network host redis")
    asked = questions(engine.world, machine(engine.world))
    assert {q.source for q in asked} == {"web", "docker-host", "outside"}
