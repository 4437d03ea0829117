"""The same command lines put to a real iptables in a network namespace of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from minidock.engine import Engine

_PROGRAMS = ("unshare", "iptables", "ip6tables", "iptables-restore")
real_only = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, _PROGRAMS)),
    reason="needs root, unshare and iptables",
)

SET_UP = """
iptables -N DOCKER-USER
iptables -t nat -N DOCKER
iptables -N DOCKER
iptables -A FORWARD -j DOCKER-USER
iptables -A DOCKER-USER -j RETURN
iptables -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
"""

REFUSED = """
iptables -N DOCKER
iptables -X DOCKER-USER
iptables -X NOPE
iptables -X FORWARD
iptables -F NOPE
iptables -Z NOPE
iptables -A NOPE -j DROP
iptables -A FORWARD -j NOPE
iptables -A DOCKER-USER -j DOCKER-USER
iptables -D FORWARD
iptables -D FORWARD 9
iptables -D FORWARD 0
iptables -D FORWARD 1 -j DROP
iptables -D FORWARD -j DROP
iptables -D NOPE -j DROP
iptables -C FORWARD -j DROP
iptables -I FORWARD 9 -j DROP
iptables -I FORWARD 0 -j DROP
iptables -I FORWARD foo -j DROP
iptables -R FORWARD 9 -j DROP
iptables -R FORWARD -j DROP
iptables -P NOPE DROP
iptables -P DOCKER DROP
iptables -P FORWARD REJECT
iptables -P FORWARD
iptables -P FORWARD DROP -j DROP
iptables -t nat -P PREROUTING DROP
iptables -t nut -A FORWARD -j DROP
iptables -t nut -L
iptables -A FORWARD --dport 80 -j DROP
iptables -A FORWARD -p icmp --dport 80 -j DROP
iptables -A FORWARD --bogus 80 -j DROP
iptables -A FORWARD -m bogus -j DROP
iptables -A FORWARD -j
iptables -A FORWARD -p tcp --dport 99999 -j DROP
iptables -A FORWARD -p tcp --dport foo -j DROP
iptables -A FORWARD -s 300.1.1.1 -j DROP
iptables -A FORWARD -s fe80::1 -j DROP
ip6tables -A FORWARD -s 1.2.3.4 -j DROP
iptables -A FORWARD -s 10.0.0.0/33 -j DROP
iptables -A FORWARD ! -s 1.2.3.4,5.6.7.8 -j DROP
iptables -A FORWARD -p foo -j DROP
iptables -A FORWARD -m conntrack --ctstate OLD -j DROP
iptables -A FORWARD -o abcdefghijklmnopqrst -j DROP
iptables -A FORWARD -j REJECT --reject-with bogus
iptables -A FORWARD -j MASQUERADE
iptables -A FORWARD -j DNAT --to 1.2.3.4
iptables -A FORWARD -j CHECKSUM --checksum-fill
iptables -A FORWARD -p udp -j REJECT --reject-with tcp-reset
iptables -t nat -A PREROUTING -p tcp -j DNAT
iptables -t nat -A PREROUTING -p tcp -j SNAT --to 1.2.3.4
iptables -t nat -A PREROUTING -j DNAT --to 1.2.3.4:80
iptables -t nat -A PREROUTING -j REJECT
iptables -t nat -A PREROUTING -j DROP
iptables -t nat -A POSTROUTING -i eth0 -j MASQUERADE
iptables -A INPUT -o eth0 -j DROP
iptables -A OUTPUT -i eth0 -j DROP
iptables -N
iptables
iptables -A
iptables foo
iptables -A FORWARD foo
iptables -A FORWARD -j DROP foo
iptables -N a-chain-with-a-name-that-is-much-too-long
iptables -N ACCEPT
iptables -N -x
iptables -A FORWARD -A FORWARD -j DROP
iptables -A FORWARD -j DROP -j DROP
iptables -A FORWARD -p tcp -p udp -j DROP
iptables -F -j DROP
iptables -L -j DROP
iptables -L NOPE
iptables -S NOPE
iptables -L DOCKER bar
iptables -L -n -t nat --line-numbers PREROUTING
iptables -j DROP
"""

RULES = """
-j REJECT
-p tcp -j REJECT --reject-with tcp-reset
-j REJECT --reject-with port-unreach
-j REJECT --reject-with icmp-admin-prohibited
-j LOG
-j LOG --log-prefix "drop me: " --log-level 4
-j LOG --log-prefix word --log-level info
-m comment --comment "hello world" -j ACCEPT
-m comment --comment word -j ACCEPT
-m comment --comment 'quo"te' -j ACCEPT
-m comment --comment '' -j ACCEPT
-p tcp -m multiport --dports 80,443,8000:8100 -j ACCEPT
-p tcp -m multiport --sports 80 -j ACCEPT
-p tcp -m multiport --ports 80,81 -j ACCEPT
-p tcp -m multiport ! --dports 80,81 -j ACCEPT
-p tcp -m tcp --dport 90 -m conntrack --ctstate NEW -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW LIMIT BLOCK] "
-m limit --limit 5/second -j ACCEPT
-m limit -j ACCEPT
-m limit --limit 10/h -j ACCEPT
-m state --state NEW,ESTABLISHED -j ACCEPT
-m state ! --state INVALID -j ACCEPT
-p tcp --syn -j ACCEPT
-p tcp ! --syn -j ACCEPT
-p tcp --tcp-flags SYN,ACK SYN -j ACCEPT
-p tcp --tcp-flags ALL NONE -j ACCEPT
-p icmp --icmp-type echo-request -j ACCEPT
-p icmp --icmp-type 3/4 -j ACCEPT
-p icmp --icmp-type destination-unreachable -j ACCEPT
-p icmp ! --icmp-type 8 -j ACCEPT
-m conntrack --ctorigdst 1.2.3.4 --ctorigdstport 80 --ctdir ORIGINAL -j ACCEPT
-p tcp -m conntrack --ctorigdstport 80 -j ACCEPT
-m conntrack ! --ctorigsrc 10.0.0.0/8 --ctstate NEW -j DROP
-m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT
-i eth0 -m iprange ! --src-range 192.0.2.1-192.0.2.3 -j DROP
-i br+ -j ACCEPT
-i + -j ACCEPT
-d 10.1.2.3/16 -j ACCEPT
-d 10.1.2.3/255.255.0.0 -j ACCEPT
-s 0.0.0.0/0 -j ACCEPT
-p all -j ACCEPT
-p 6 -j ACCEPT
-p TCP -j ACCEPT
-p 47 -j ACCEPT
! -p tcp -j ACCEPT
-p tcp -m tcp --dport 80:90 ! --sport 5 -j ACCEPT
-p tcp --dport :90 -j ACCEPT
-p tcp --dport 90: -j ACCEPT
-p tcp --dport http -j ACCEPT
-m addrtype ! --dst-type LOCAL -j ACCEPT
-m addrtype --dst-type MULTICAST,BROADCAST -j ACCEPT
-m addrtype --dst-type LOCAL --src-type LOCAL -j ACCEPT
-j RETURN
-j ACCEPT -m comment --comment after -p tcp --dport 5
-m comment --comment x -m conntrack --ctstate NEW -s 1.1.1.1 -i eth0 -j DROP
-s 1.2.3.4,5.6.7.8 -j DROP
! -d 10.0.0.0/8 ! -i lo -j DROP
"""

RULES_6 = """
-j REJECT
-p tcp -j REJECT --reject-with tcp-reset
-j REJECT --reject-with icmp6-adm-prohibited
-p icmpv6 --icmpv6-type echo-request -j ACCEPT
-p ipv6-icmp --icmpv6-type 135 -j ACCEPT
-s fd00::1 -d ::/0 -j ACCEPT
-p tcp --dport 80 -j LOG
"""

EDITS = """
iptables -w -A DOCKER-USER -p tcp --dport 6 -j DROP
iptables --wait 5 -A DOCKER-USER -p tcp --dport 7 -j DROP
iptables -w5 -A DOCKER-USER -p tcp --dport 8 -j DROP
iptables --append DOCKER-USER --protocol udp --destination-port 9 --jump DROP
iptables -I DOCKER-USER 2 -p udp --dport 10 -j DROP
iptables -I DOCKER-USER 2 -s 10.0.0.1,10.0.0.2 -j DROP
iptables -S DOCKER-USER
iptables -R DOCKER-USER 1 -j ACCEPT
iptables -A DOCKER-USER -j ACCEPT
iptables -D DOCKER-USER 9
iptables -D DOCKER-USER 1
iptables -D DOCKER-USER -p udp --dport 10 -j DROP
iptables -S DOCKER-USER
iptables -S DOCKER-USER 2
iptables -L DOCKER-USER 2 -n
iptables -C DOCKER-USER -p udp --dport 9 -j DROP
iptables -P FORWARD DROP
iptables -nvL
iptables -nL --line-numbers -t nat
iptables -Z
iptables -F DOCKER-USER
iptables -D FORWARD -j DOCKER-USER
iptables -X DOCKER-USER
iptables -t nat -F
iptables -t nat -X
iptables -t nat -S
iptables -F
iptables -X
iptables -P FORWARD ACCEPT
iptables -S
"""

LISTINGS = ("-S U", "-nL U", "-L U", "-nvL U --line-numbers", "-vL", "-nL")


def cases():
    yield "refusals", SET_UP + REFUSED
    yield "edits", SET_UP + EDITS
    for program, rules in (("iptables", RULES), ("ip6tables", RULES_6)):
        lines = [f"{program} -N U", f"{program} -A INPUT -j U"]
        lines += [f"{program} -A U {rule}" for rule in rules.strip().splitlines()]
        lines += [f"{program} {listing}" for listing in LISTINGS]
        yield f"rules of {program}", "\n".join(lines)


RUNNER = """
import json, subprocess, sys
for line in json.load(sys.stdin):
    ran = subprocess.run(line, shell=True, capture_output=True, text=True)
    print(json.dumps([ran.stdout, ran.stderr, ran.returncode]))
"""


def real(lines):
    """What each line does in one network namespace that is gone afterwards."""
    ran = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", RUNNER],
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


@real_only
@pytest.mark.parametrize("script", [pytest.param(s, id=name) for name, s in cases()])
def test_a_real_iptables_answers_the_same(script):
    version = subprocess.run(
        ["iptables", "-V"], check=True, capture_output=True, text=True
    )
    if version.stdout.strip() != "iptables v1.8.9 (nf_tables)":
        pytest.skip("texts and columns are those of iptables v1.8.9 (nf_tables)")
    lines = [line for line in script.splitlines() if line]
    docker = Engine(daemon_args=["--iptables=false", "--ip6tables=false"])
    for line, (stdout, stderr, code) in zip(lines, real(lines), strict=True):
        ours = docker.host_command(line)
        assert ours is not None, line
        # Some texts have an empty line more at their end; ours never has two.
        said = (ours.code, ours.stderr.rstrip())
        assert said == (code, stderr.rstrip()), line
        assert ours.stdout.splitlines() == stdout.splitlines(), line
