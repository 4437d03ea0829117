"""What a real ufw 0.36.2 printed and left in the kernel, and why it guards no container."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.ufw_words import read_rule, spoken
from minidock.engine import Engine
from minidock.errors import ProgramRefusal
from minidock.firewall.invariants import broken
from minidock.host.rules import rules
from minidock.net.address import V4, V6


def ufw(docker, line):
    return docker.host_command(f"ufw {line}")


def chain(docker, name, program="iptables"):
    return docker.host_command(f"{program} -S {name}").stdout.splitlines()


@pytest.fixture
def docker():
    made = Engine()
    assert made("run -d --name web -p 8080:80 nginx").ok
    return made


def test_denying_a_published_port_does_not_stop_it_because_it_is_forwarded(docker):
    ufw(docker, "enable")
    assert ufw(docker, "deny 8080").stdout == "Rule added\nRule added (v6)\n"
    # The denial hangs in INPUT, where packets for the host itself come by ...
    assert chain(docker, "ufw-user-input") == [
        "-N ufw-user-input",
        "-A ufw-user-input -p tcp -m tcp --dport 8080 -j DROP",
        "-A ufw-user-input -p udp -m udp --dport 8080 -j DROP",
    ]
    before = chain(docker, "ufw-before-input")
    assert before[-1] == "-A ufw-before-input -j ufw-user-input"
    # ... and in FORWARD Docker's rules, which accept the packet, stand above ufw's.
    jumps = [line.split()[-1] for line in chain(docker, "FORWARD")[1:]]
    assert jumps[:2] == ["DOCKER-USER", "DOCKER-FORWARD"]
    assert all(name.startswith("ufw-") for name in jumps[2:])
    assert "--dport 80 -j ACCEPT" in chain(docker, "DOCKER")[1]


def test_a_rule_in_docker_user_is_the_cure(docker):
    line = "iptables -I DOCKER-USER -i eth0 -p tcp --dport 80 -j DROP"
    assert docker.host_command(line).code == 0
    assert chain(docker, "DOCKER-USER")[1:] == [
        "-A DOCKER-USER -i eth0 -p tcp -m tcp --dport 80 -j DROP"
    ]


STORY = """\
allow 22                 | Rules updated|Rules updated (v6)
status                   | Status: inactive
enable                   | Firewall is active and enabled on system startup
deny 8080                | Rule added|Rule added (v6)
deny 8080                | Skipping adding existing rule|Skipping adding existing rule (v6)
allow 8080               | Rule updated|Rule updated (v6)
allow from 203.0.113.7   | Rule added
allow from fd00::1       | Rule added (v6)
allow 99999              ! ERROR: Bad port
allow foo                ! ERROR: Could not find a profile matching 'foo'
allow 80/icmp            ! ERROR: Bad port
allow 8000:8100          ! ERROR: Must specify 'tcp' or 'udp' with multiple ports
insert 1 deny from 198.51.100.1 | Rule inserted
insert 99 deny 5         ! ERROR: Invalid position '99'
delete deny 4444         | Could not delete non-existent rule|Could not delete non-existent rule (v6)
delete allow 22          | Rule deleted|Rule deleted (v6)
delete 99                ! ERROR: Could not find rule '99'
--force delete 1         | Rule deleted
default reject incoming  | Default incoming policy changed to 'reject'|(be sure to update your rules accordingly)
default foo incoming     ! ERROR: Invalid syntax
foo                      ! ERROR: Invalid syntax
reload                   | Firewall reloaded
disable                  | Firewall stopped and disabled on system startup
"""


def test_ufw_says_what_the_real_one_says(docker):
    for line in STORY.splitlines():
        words, sign, said = re.fullmatch(r"(.*?) ([|!]) (.*)", line).groups()
        output = ufw(docker, words.strip())
        assert (output.stdout or output.stderr).splitlines() == said.split("|"), words
        assert output.code == int(sign == "!"), words


def test_the_status_is_listed_in_the_real_columns(docker):
    for line in (
        "allow 22/tcp comment 'my ssh'",
        "deny from 203.0.113.0/24 to any port 80 proto tcp",
        "allow in on eth0 to any port 81",
        "deny out 26",
        "route allow in on eth0 out on docker0",
        "enable",
    ):
        assert ufw(docker, line).code == 0
    assert ufw(docker, "status").stdout.splitlines() == [
        "Status: active",
        "",
        "To                         Action      From",
        "--                         ------      ----",
        "22/tcp                     ALLOW       Anywhere                   # my ssh",
        "80/tcp                     DENY        203.0.113.0/24            ",
        "81 on eth0                 ALLOW       Anywhere                  ",
        "22/tcp (v6)                ALLOW       Anywhere (v6)              # my ssh",
        "81 (v6) on eth0            ALLOW       Anywhere (v6)             ",
        "",
        "26                         DENY OUT    Anywhere                  ",
        "26 (v6)                    DENY OUT    Anywhere (v6)             ",
        "",
        "Anywhere on docker0        ALLOW FWD   Anywhere on eth0          ",
        "Anywhere (v6) on docker0   ALLOW FWD   Anywhere (v6) on eth0     ",
        "",
    ]
    numbered = ufw(docker, "status numbered").stdout.splitlines()
    assert numbered[4] == (
        "[ 1] 22/tcp                     ALLOW IN    Anywhere                   # my ssh"
    )
    assert numbered[7].endswith("DENY OUT    Anywhere                   (out)")
    verbose = ufw(docker, "status verbose").stdout.splitlines()
    assert verbose[2] == "Default: deny (incoming), allow (outgoing), deny (routed)"


def test_the_defaults_are_the_policies_of_the_built_in_chains(docker):
    ufw(docker, "default allow incoming")
    ufw(docker, "default deny outgoing")
    ufw(docker, "enable")
    saved = docker.host_command("iptables-save -t filter").stdout
    assert ":INPUT ACCEPT" in saved
    assert ":OUTPUT DROP" in saved
    assert ":FORWARD DROP" in saved


def test_switched_off_it_leaves_empty_chains_and_their_jumps_as_ufw_does(docker):
    before = rules(docker.world)
    ufw(docker, "deny 8080")
    ufw(docker, "enable")
    ufw(docker, "disable")
    left = rules(docker.world)
    assert {c.name for c in left.table("filter").chains if c.name[:4] == "ufw-"} == {
        f"ufw-{stage}-{way}"
        for stage in "before-logging before after after-logging reject track".split()
        for way in ("input", "forward", "output")
    }
    added = [r for r in left if r not in before]
    assert {r.chain for r in added} == {"INPUT", "FORWARD", "OUTPUT"}
    assert left.chain("filter", "INPUT").policy == "ACCEPT"
    ufw(docker, "enable")
    ufw(docker, "disable")
    assert rules(docker.world) == left


@pytest.mark.parametrize(
    ("line", "again"),
    [
        ("allow http", "allow 80/tcp"),
        ("allow ssh", "allow 22/tcp"),
        ("deny out 26", "deny out 26"),
        ("allow 80,443/tcp", "allow 80,443/tcp"),
        (
            "allow proto udp from any to 192.0.2.2 port 53",
            "allow to 192.0.2.2 port 53 proto udp",
        ),
        ("allow in on eth0 to any port 81", "allow in on eth0 to any port 81"),
        ("route deny 8080", "route deny 8080"),
        (
            "route allow proto tcp from any to 172.17.0.2 port 80",
            "route allow to 172.17.0.2 port 80 proto tcp",
        ),
    ],
)
def test_a_rule_is_said_again_in_one_spelling(line, again):
    assert spoken(read_rule(line.split()).rules[0]) == again


@pytest.mark.parametrize(
    "line",
    [
        "allow",
        "allow from",
        "allow 80 81",
        "insert x allow 80",
        "allow from nowhere",
        "allow from 10.0.0.1 to fd00::1",
        "allow proto foo from any",
        "maybe 80",
    ],
)
def test_words_that_are_no_rule_are_refused_and_change_nothing(docker, line):
    before = docker.world
    output = ufw(docker, line)
    assert output.code == 1
    assert output.stderr.startswith("ERROR: ")
    assert docker.world is before
    with pytest.raises(ProgramRefusal):
        read_rule(line.split())


RULES = st.sampled_from(
    "allow 22/tcp|deny 8080|reject 25/tcp|limit ssh|allow from 203.0.113.7|"
    "deny out 26|route deny 8080|allow from fd00::1 to any port 22|allow 80,443/tcp|"
    "prepend deny from 198.51.100.0/24|delete 1|delete deny 8080|enable|disable|reload|"
    "default allow incoming|default reject incoming|logging off|logging on|reset".split(
        "|"
    )
)


@settings(max_examples=25, deadline=None)
@given(st.lists(RULES, max_size=8))
def test_whatever_ufw_did_the_rules_are_sound_and_docker_keeps_its_own(lines):
    docker = Engine()
    before = {v: rules(docker.world, v) for v in (V4, V6)}
    for line in lines:
        ufw(docker, line)
    for family, old in before.items():
        made = rules(docker.world, family)
        assert broken(made) == ()
        assert [r for r in made if "ufw" not in repr(r)] == list(old)
