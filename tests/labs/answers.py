"""Answers that people give: right ones that differ from the solution, and near misses.

A right answer passes, however it says it. A near miss fails the expectation that is named
beside it, so that its ``why`` is what the learner reads.
"""

__all__ = ["NEAR_MISSES", "RIGHT"]

_OVERLAY_RULE = (
    "{host}$ minidock host iptables -I INPUT -i eth0 -p udp -m udp "
    "-s {other} --dport 4789 -j ACCEPT"
)

_PARTNER = (
    "docker network create --subnet 10.5.0.0/24 "
    "-o com.docker.network.bridge.name=brp "
    "-o com.docker.network.host_ipv4=192.0.2.80 partner\n"
    "minidock host ip addr add 192.0.2.80/32 dev eth0\n"
    "docker run -d --name cart --net partner nginx\n"
)

RIGHT: list[tuple[str, str]] = [
    (
        "01-an-address-is-a-number",
        """
BYTES = [str(number) for number in range(256)]

def number_of(text):
    parts = text.split(".")
    if len(parts) != 4 or not set(parts) <= set(BYTES):
        raise ValueError(text)
    return int.from_bytes(bytes(map(int, parts)), "big")

def text_of(number):
    return ".".join(map(str, number.to_bytes(4, "big")))

def container(n):
    return text_of(number_of("172.17.0.1") + n)
""",
    ),
    (
        "02-a-prefix-is-a-question",
        """
def kept(text, length):
    return number_of(text) & (2**32 - 2 ** (32 - length))

def contains(prefix, text):
    network, length = prefix.split("/")
    return kept(text, int(length)) == number_of(network)

def together(one, other):
    for length in range(32, -1, -1):
        if kept(one, length) == kept(other, length):
            return f"{text_of(kept(one, length))}/{length}"
""",
    ),
    (
        "03-who-gives-out-addresses",
        """
docker network create lab --subnet=10.9.0.0/29 --ip-range=10.9.0.4/30 --gateway=10.9.0.1
docker create --name w1 --net lab nginx
docker create --name w2 --net lab nginx
docker create --name w3 --net lab nginx
docker start w1 w2 w3
docker run -d --net=lab --name db --ip=10.9.0.2 redis
""",
    ),
    (
        "04-a-cable-with-two-ends",
        """
docker run -d --name app --network front --network back busybox sleep 1d
docker run -d --name watch --net container:app busybox sleep 1d
docker run -d --name vault --net none nginx
""",
    ),
    (
        "06-leaving-the-house",
        _PARTNER,
    ),
    (
        "07-coming-in",
        """
minidock host iptables -t raw -I PREROUTING -s 198.51.100.0/24 -p tcp --dport 8080 -j DROP
docker run -d --name admin --network shop -p 127.0.0.1:0:80 nginx
""",
    ),
    (
        "09-the-resolver",
        """
docker network create word
docker network disconnect back pg-old
docker network connect back pg-old
docker network connect --alias database word pg-new
docker network connect word api
""",
    ),
    (
        "11-two-hosts",
        "\n".join(
            _OVERLAY_RULE.format(host=host, other=other)
            for host, other in [("one", "192.0.2.12"), ("two", "192.0.2.11")]
        ),
    ),
    (
        "12-when-the-store-disagrees",
        """
from minidock.registry.errors import Modified, NotFound

def next_vni(store):
    try:
        store.create("next-vni", "257")
        return 256
    except Modified:
        pass
    try:
        seen = store.get("next-vni")
        store.compare_and_swap("next-vni", str(int(seen.value) + 1), seen.version)
        return int(seen.value)
    except (Modified, NotFound):
        return next_vni(store)
""",
    ),
    (
        "14-the-same-wish-in-kubernetes",
        """
docker network create shop
docker run -d --name database --network shop postgres:16
docker run -d --name web --network shop -p 8080:80 nginx
docker run -d --name spy --network none redis
""",
    ),
]
"""Right answers, beside the exercise that they are given to."""

NEAR_MISSES: list[tuple[str, str, str]] = [
    (
        "03-who-gives-out-addresses",
        "a fourth web server is refused",
        """
docker network create --subnet 10.9.0.0/29 --gateway 10.9.0.1 lab
docker run -d --name db --network lab --ip 10.9.0.2 redis
docker run -d --name w1 --network lab nginx
docker run -d --name w2 --network lab nginx
docker run -d --name w3 --network lab nginx
""",
    ),
    (
        "07-coming-in",
        "198.51.100.7 is dropped on port 8080",
        """
minidock host iptables -I INPUT -s 198.51.100.0/24 -p tcp --dport 8080 -j DROP
docker run -d --name admin --network shop -p 127.0.0.1::80 nginx
""",
    ),
    (
        "08-the-default-bridge-has-no-names",
        "app has no links",
        """
docker network create shop
docker network connect shop db
docker network disconnect bridge db
docker rm -f app
docker run -d --name app --network shop --link db:database busybox sleep 1d
""",
    ),
    (
        "09-the-resolver",
        "nobody was stopped, restarted, renamed or made again",
        """
docker network disconnect back pg-old
docker network connect back pg-old
docker network disconnect back pg-new
docker network connect --alias database back pg-new
docker restart pg-new
""",
    ),
]
"""Answers that are nearly right, with the expectation that they do not meet."""
