"""A real kernel takes the rules that we print, and prints them again."""

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.firewall.render import save
from minidock.host.rules import rules
from minidock.net.address import V4, V6
from tests.host.strategies_host import stories

PROGRAMS = {V4: "iptables", V6: "ip6tables"}
real_only = pytest.mark.skipif(
    os.geteuid() != 0
    or not all(map(shutil.which, ("unshare", "iptables-restore", "ip6tables-restore"))),
    reason="needs root, unshare and iptables-restore",
)


def put_and_looked_at(text, family):
    """What the kernel shows of a text in a network namespace of its own."""
    program = PROGRAMS[family]
    given = 'printf %s "$TEXT" |'
    commands = (
        f"{given} {program}-restore --test && {given} {program}-restore",
        f"{program}-save",
    )
    ran = subprocess.run(
        ["unshare", "--net", "sh", "-c", " && ".join(commands)],
        env={**os.environ, "TEXT": text},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + text
    shown = re.sub(r"\[\d+:\d+\]", "[0:0]", ran.stdout)
    return "".join(f"{x}\n" for x in shown.splitlines() if not x.startswith("#"))


@real_only
@settings(max_examples=25, deadline=None)
@given(stories(), st.sampled_from([V4, V6]))
def test_a_kernel_takes_the_rules_of_any_world_and_shows_the_same(story, family):
    text = save(rules(story.world, family))
    assert put_and_looked_at(text, family) == text


@real_only
@pytest.mark.parametrize("family", [V4, V6])
def test_a_kernel_takes_what_people_and_ufw_added(family):
    docker = Engine()
    docker("run -d --name web -p 8080:80 -p 8082:82/sctp nginx")
    program = PROGRAMS[family]
    for line in (
        "-I DOCKER-USER -i eth0 -p tcp -m multiport --dports 80,8000:8100 -j REJECT",
        "-I DOCKER-USER -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP",
        "-A INPUT -m limit --limit 3/min -j LOG --log-prefix 'who: '",
        "-A INPUT -m comment --comment 'the \"end\"' -p tcp --syn -j DROP",
    ):
        assert docker.host_command(f"{program} {line}").code == 0
    for line in ("limit ssh", "deny 8080", "reject out 25/tcp", "enable"):
        assert docker.host_command(f"ufw {line}").code == 0
    text = docker.host_command(f"{program}-save").stdout
    assert text.count("ufw") > 100
    assert put_and_looked_at(text, family) == text
