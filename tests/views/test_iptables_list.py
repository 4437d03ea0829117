"""``iptables -L``: tests/firewall/test_real_iptables.py asks a real one, too."""

import pytest

from minidock.engine import Engine


def listing(line, *, era="28"):
    docker = Engine(era)
    docker("run -d --name web -p 8080:80 nginx")
    docker.host_command("iptables -I DOCKER-USER -i eth0 -p tcp --dport 22 -j DROP")
    return docker.host_command(line).stdout.splitlines()


def test_the_chains_are_listed_in_the_real_columns():
    assert listing("iptables -nL DOCKER-USER --line-numbers", era="20.10") == [
        "Chain DOCKER-USER (1 references)",
        "num  target     prot opt source               destination         ",
        "1    DROP       6    --  0.0.0.0/0            0.0.0.0/0            tcp dpt:22",
        "2    RETURN     0    --  0.0.0.0/0            0.0.0.0/0           ",
    ]


def test_only_verbose_shows_the_interfaces():
    assert listing("iptables -nvL DOCKER") == [
        "Chain DOCKER (1 references)",
        " pkts bytes target     prot opt in     out     source               destination         ",
        "    0     0 ACCEPT     6    --  !docker0 docker0  0.0.0.0/0            172.17.0.2           tcp dpt:80",
        "    0     0 DROP       0    --  !docker0 docker0  0.0.0.0/0            0.0.0.0/0           ",
    ]


def test_names_stand_for_numbers_where_nobody_asks_for_these():
    assert listing("iptables -L DOCKER-USER")[2] == (
        "DROP       tcp  --  anywhere             anywhere             tcp dpt:ssh"
    )
    assert listing("iptables -t nat -L POSTROUTING")[2] == (
        "MASQUERADE  all  --  172.17.0.0/16        anywhere            "
    )


def test_nat_shows_where_a_packet_is_sent():
    assert listing("iptables -t nat -nL DOCKER")[-1].endswith(
        "tcp dpt:8080 to:172.17.0.2:80"
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "iptables -S DOCKER-USER 1",
            ["-A DOCKER-USER -i eth0 -p tcp -m tcp --dport 22 -j DROP"],
        ),
        ("iptables -S INPUT", ["-P INPUT ACCEPT"]),
        ("iptables -C DOCKER-USER -i eth0 -p tcp --dport 22 -j DROP", []),
        ("iptables -t nat -L INPUT | head -1", ["Chain INPUT (policy ACCEPT)"]),
    ],
)
def test_rules_are_printed_one_by_one(line, shown):
    assert listing(line) == shown


def test_a_container_sees_the_rules_of_its_own_namespace():
    docker = Engine()
    docker("network create mynet")
    docker("run -d --name web --network mynet nginx")
    shown = docker.container_command("web", "iptables -t nat -S DOCKER_OUTPUT").stdout
    assert shown.splitlines()[0] == "-N DOCKER_OUTPUT"
    assert "-d 127.0.0.11/32" in shown
