"""Whatever is typed, docker answers with a text and a code, never with a stumble."""

from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine

VERBS = st.sampled_from(
    """run create start stop restart kill pause unpause rename rm ps inspect port top exec
    images pull rmi tag history search network volume version info logs wait ls
    container image system login nosuch""".split()
)
SUBVERBS = st.sampled_from(
    "create ls inspect rm connect disconnect prune nosuch".split()
)
FLAGS = st.sampled_from(
    """-d -p -P --name --net --network --network-alias --ip --ip6 --mac-address --link
    --expose -e --label -l --add-host --dns --dns-search --hostname -h --rm -f -a -q
    --filter --format --no-trunc --subnet --gateway --ip-range --aux-address --driver
    --internal --ipv6 -o --opt --restart --user -v --mount --memory --cpus -it --nosuch
    --help -z --time --signal --force --volumes --type --size --all --quiet""".split()
)
VALUES = st.sampled_from(
    """web db nginx redis busybox mynet bridge host none container:web container:nosuch
    8080:80 80 8080-8081:80-81 [::1]:80:80 127.0.0.1::80 80/udp 70000:1 a:b:c:d 10.9.0.0/16
    10.9.0.1 fd00::/64 fd00::1 172.17.0.1 172.17.0.200 x=10.9.0.5 a=b macvlan ipvlan
    parent=eth0 parent=eth0.5 macvlan_mode=vepa com.docker.network.bridge.name=br9
    name=web label=a status=running {{.Names}} {{.Nope}} {{json . {{range}} db:alias always
    on-failure:3 2g -1 0 /data data:/data:ro type=volume,source=d,target=/x 'a b' é 🐳
    sleep 1000 env cat /etc/hosts SIGTERM""".split()
)
LINES = st.builds(
    lambda verb, sub, rest: [verb, *sub, *rest],
    VERBS,
    st.lists(SUBVERBS, max_size=1),
    st.lists(st.one_of(FLAGS, VALUES), max_size=7),
)


def host(era: str) -> Engine:
    docker = Engine(era)
    docker("pull nginx")
    docker("network create mynet")
    docker("run -d --name web -p 8080:80 nginx")
    docker("run -d --name db --network mynet --network-alias data redis")
    return docker


HOSTS = {era: host(era) for era in ("17.12", "20.10", "28")}
STARTS = {era: len(docker.history) - 1 for era, docker in HOSTS.items()}


@settings(max_examples=400)
@given(st.sampled_from(sorted(HOSTS)), LINES)
def test_every_command_line_gets_a_code_and_a_refused_one_says_why(era, words):
    docker = HOSTS[era]
    output = docker.command_line(words)
    assert 0 <= output.code <= 255
    if output.code and not output.stdout:
        assert output.stderr or words[0] in {"exec", "run", "start", "wait"}
    assert docker.draw().text
    assert docker.rules()
    docker.back_to(STARTS[era])


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_a_line_that_is_no_command_is_answered_too(text):
    assert 0 <= HOSTS["28"](text).code <= 255
    HOSTS["28"].back_to(STARTS["28"])
