"""Commands that change the host: kept, undone, refused, and strung together."""

import pytest

from minidock.engine import Engine
from minidock.registry.memory import MemoryStore
from minidock.runtime.hostcalls import host_calls


def user_chain(docker, program="iptables"):
    return docker.host_command(f"{program} -S DOCKER-USER").stdout.splitlines()[1:]


@pytest.fixture
def docker():
    return Engine()


def test_a_rule_of_ones_own_is_in_what_iptables_save_prints(docker):
    docker.host_command("iptables -I DOCKER-USER -i eth0 -j DROP")
    docker.host_command("ip6tables -A DOCKER-USER -s fd00::/8 -j REJECT")
    assert "-A DOCKER-USER -i eth0 -j DROP" in docker.rules()
    assert "REJECT --reject-with icmp6-port-unreachable" in (
        docker.host_command("ip6tables-save").stdout
    )


def test_it_is_kept_in_the_store_and_undone_like_any_change():
    store = MemoryStore()
    docker = Engine("20.10", store=store)
    docker("network create mynet")
    docker.host_command("iptables -D FORWARD -j DOCKER-USER")
    docker.host_command("ufw allow 22 && ufw enable")
    docker.outside_command("ip route add 10.81.0.0/24 via 192.0.2.2")
    again = Engine(store=store)
    assert again.world.host == docker.world.host
    assert again.rules() == docker.rules()
    docker.back(4)
    assert not docker.world.host.firewall
    assert Engine(store=store).rules() == docker.rules()


def test_two_engines_on_one_store_change_the_rules_that_are_there():
    store = MemoryStore()
    one, other = Engine(store=store), Engine(store=store)
    one.host_command("iptables -A DOCKER-USER -s 10.0.0.1 -j DROP")
    refused = other.host_command("iptables -D DOCKER-USER -s 10.0.0.9 -j DROP")
    assert refused.code == 1
    assert other.host_command("iptables -N mine").code == 0
    assert one.host_command("iptables -N mine").stderr == (
        "iptables: Chain already exists.\n"
    )
    assert one.rules() == other.rules()


def test_a_refused_command_changes_nothing(docker):
    before = docker.world
    for line in (
        "iptables -A NOPE -j DROP",
        "iptables -A DOCKER-USER -m recent --set -j DROP",
        "iptables -D DOCKER-USER 7",
        "iptables -t nut -F",
        "ip6tables -A DOCKER-USER -s 10.0.0.1 -j DROP",
        "iptables-legacy -F",
    ):
        assert docker.host_command(line).code in {1, 2, 3, 4}, line
    assert docker.world is before
    assert len(docker.history) == 1


def test_a_command_that_changes_nothing_is_no_step_to_undo(docker):
    assert docker.host_command("iptables -Z").code == 0
    assert docker.host_command("ufw disable").code == 0
    assert len(docker.history) == 1


def test_several_commands_stand_in_one_line(docker):
    line = "iptables -N mine && iptables -A mine -s 10.0.0.1 -j DROP; iptables -S mine"
    assert docker.host_command(line).stdout == (
        "-N mine\n-A mine -s 10.0.0.1/32 -j DROP\n"
    )
    line = "iptables -N mine && iptables -A mine -j DROP; iptables -S mine"
    stopped = docker.host_command(line)
    assert stopped.stderr == "iptables: Chain already exists.\n"
    assert "-A mine -j DROP" not in stopped.stdout


def test_a_semicolon_in_quotes_ends_no_command():
    (call,) = host_calls("iptables -A INPUT -m comment --comment 'a; b && c' -j DROP")
    assert call.words[6] == "a; b && c"


def test_sudo_and_yes_stand_before_a_command_as_people_write_them(docker):
    assert docker.host_command("sudo iptables -A DOCKER-USER -j DROP").code == 0
    assert docker.host_command("echo y | sudo ufw enable").code == 0
    assert docker.world.host.ufw.enabled


def test_a_deleted_jump_stays_away_until_docker_writes_it_again():
    jump = "-A FORWARD -j DOCKER-USER"
    for era, comes_back in (("20.10", True), ("28", False)):
        docker = Engine(era)
        docker.host_command("iptables -D FORWARD -j DOCKER-USER")
        docker("run -d --name web -p 8080:80 nginx")
        assert jump not in docker.rules()
        docker("network create mynet")
        assert (jump in docker.rules()) == comes_back
        docker("network rm mynet")
        assert (jump in docker.rules()) == comes_back


def test_20_10_raises_its_jumps_above_ones_own_rule_with_each_network():
    docker = Engine("20.10")
    docker.host_command("iptables -I FORWARD -s 203.0.113.7 -j DROP")
    top = docker.host_command("iptables -S FORWARD 1").stdout
    assert top == "-A FORWARD -s 203.0.113.7/32 -j DROP\n"
    docker("network create mynet")
    top = docker.host_command("iptables -S FORWARD 1").stdout
    assert top == "-A FORWARD -j DOCKER-USER\n"


def test_without_iptables_docker_writes_nothing_and_people_may():
    docker = Engine(daemon_args=["--iptables=false", "--ip6tables=false"])
    docker.host_command("iptables -A INPUT -p icmp -j DROP")
    assert docker.host_command("iptables -S").stdout.splitlines()[-1] == (
        "-A INPUT -p icmp -j DROP"
    )


# Slips of the hand


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        ("ip addr add 10.0.0.1", 'Not enough information: "dev" argument', 255),
        ("ip addr add 10.0.0.1/24 dev", "Command line is not complete", 255),
        ("ip addr add 10.0.0.1/99 dev eth0", 'than "10.0.0.1/99".', 1),
        ("ip addr add 10.0.0.1/ dev eth0", 'than "10.0.0.1/".', 1),
        ("ip addr add 10.0.0/24 dev eth0", 'than "10.0.0/24".', 1),
        ("ip addr add 192.0.2.2/24 dev eth0", "File exists", 2),
        ("ip addr add 10.0.0.1/24 dev eth9", 'Cannot find device "eth9"', 2),
        ("ip addr del 10.0.0.1/24 dev eth0", "Cannot assign requested address", 2),
        ("ip addr del 172.17.0.1/16 dev docker0", 'cannot change "docker0"', 2),
        ("ip route add 10.0.0.0/8", "No such device", 2),
        ("ip route add 10.0.0.0/8 via", "Command line is not complete", 255),
        ("ip route add 10.0.0.0/8 via nowhere", 'than "nowhere".', 1),
        ("ip route add 10.0.0.0/8 via 203.0.113.1", "invalid gateway", 2),
        ("ip route del 10.0.0.0/8", "No such process", 2),
    ],
)
def test_a_slip_on_the_host_is_refused_in_ips_words_and_explained(
    docker, line, text, code
):
    before = docker.world.host
    output = docker.host_command(line)
    assert text in output.stderr
    assert output.code == code
    assert [part.partition(":")[0] for part in output.why.splitlines()] == [
        "asked",
        "rule",
        "try",
    ]
    assert docker.world.host == before


def test_ip_takes_the_device_before_the_address(docker):
    assert docker.host_command("ip addr add dev eth0 10.0.0.1/24").code == 0
    assert "10.0.0.1/24" in docker.host_command("ip -br addr").stdout


# The network outside


def test_machines_outside_have_routes_of_their_own(docker):
    line = "ip route add 10.81.0.0/24 via 192.0.2.2"
    assert docker.outside_command(line).code == 0
    (route,) = docker.world.host.outside_routes
    assert (str(route.destination), str(route.gateway)) == ("10.81.0.0/24", "192.0.2.2")
    assert docker.outside_command(line).stderr == "RTNETLINK answers: File exists\n"
    assert docker.outside_command("ip route").stdout == (
        "10.81.0.0/24 via 192.0.2.2 dev eth0\n"
    )
    assert docker.outside_command("ip route del 10.81.0.0/24").code == 0
    assert docker.outside_command("ip route del 10.81.0.0/24").code == 2
    assert docker.world.host.outside_routes == ()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("ip route add 10.0.0.0/24 via 203.0.113.9", "Nexthop has invalid gateway"),
        ("ip route add 10.0.0.0/24 via 192.0.2.2.", "any valid address"),
        ("ip route add 10.0.0.0/33 via 192.0.2.2", "any valid prefix"),
        ("ip addr add 10.0.0.1/24 dev eth0", "minidock knows no"),
    ],
)
def test_what_makes_no_sense_outside_is_refused(docker, line, text):
    output = docker.outside_command(line)
    assert output.code
    assert text in output.stderr
    assert output.why.startswith("asked: ")
    assert docker.outside_command("curl http://192.0.2.2") is None
