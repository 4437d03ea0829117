"""A host on which every kind of answer has something to show, and calls to make on it.

Containers in all states, on all kinds of networks, with ports, links, mounts, health and
labels; and for every operation requests that go through, and such that are refused.
"""

import json
from urllib.parse import quote

from minidock.engine import Engine
from minidock.model.document import Json

__all__ = ["CALLS", "NAMES", "furnished", "requests"]

_LINES = """
pull -q nginx
pull -q redis
pull -q busybox
pull -q training/webapp
tag nginx shop/web:1.0
network create mynet
network create --subnet 10.5.0.0/24 --gateway 10.5.0.1 --label a=b --ipv6 --internal net2
volume create vol --label x=y
volume create spare
run -d --name web -p 8080:80 -p 53:53/udp --label a=b nginx
run -d --name db --network mynet --network-alias d -v vol:/data -v /etc:/e:ro --tmpfs /t redis
run -d --name app -P --link web:w training/webapp
run -d --name checked --health-cmd true --health-interval 1s --restart always -m 100m -e A=b nginx
run -d --name paused nginx
pause paused
create --name idle --network net2 --ip 10.5.0.9 --mac-address 02:42:ac:11:00:99 busybox sh
run --name dead busybox false
run -d --name hosted --network host nginx
run -d --name lonely --network none nginx
run -d --name shared --network container:web redis
run -d --privileged --name mighty --pid host --ulimit nofile=3 --device /dev/null --cap-add ALL nginx
run -d --name asked --dns 1.1.1.1 --add-host a:1.2.3.4 --log-driver none --init --read-only nginx
network connect --alias front mynet web
create --name mounted --mount type=bind,source=/tmp,target=/x,readonly --mount type=tmpfs,target=/y nginx
run --rm --name gone busybox true
exec web true
""".strip().splitlines()

NAMES = {
    "containers": (
        "web db app checked paused idle dead hosted lonely shared mighty asked mounted "
        "gone"
    ).split(),
    "networks": "bridge host none mynet net2 nosuch".split(),
    "images": "nginx redis busybox training/webapp shop/web:1.0 nosuch".split(),
    "volumes": "vol spare nosuch".split(),
    "exec": "ready done nosuch".split(),
    "distribution": "nginx nosuch".split(),
}
"""What a path's word may be, by the path's first word."""


def furnished(era: str = "28") -> Engine:
    """The host; a line that is refused is a fault of this file."""
    docker = Engine(era)
    for line in _LINES:
        text = line if era == "28" else line.replace("--ipv6 ", "")
        output = docker(text)
        if output.code and "dead" not in text:
            raise AssertionError(f"{text}: {output.stderr}")
    return docker


_ALL = {"label": ["a=b"]}


def _filtered(filters: Json) -> str:
    return f"?filters={quote(json.dumps(filters))}"


CALLS: dict[str, list[tuple[str, Json]]] = {
    "GET /containers/json": [
        ("", None),
        ("?all=1&size=1", None),
        (_filtered(_ALL), None),
        (_filtered({"bogus": ["x"]}), None),
        ("?limit=x", None),
    ],
    "POST /containers/create": [
        ("", {"Image": "nginx"}),
        ("?name=made", {"Image": "nginx", "HostConfig": {"Memory": 2**26}}),
        ("?name=web", {"Image": "nginx"}),
        ("?name=-", {"Image": "nginx"}),
        ("", {"Image": "nosuch"}),
        ("", {}),
        ("", [1]),
        ("", None),
        ("", "{"),
    ],
    "GET /containers/{}/json": [("", None), ("?size=1", None)],
    "GET /containers/{}/logs": [("?stdout=1", None), ("", None)],
    "GET /containers/{}/stats": [("?stream=0", None)],
    "POST /containers/{}/update": [("", {"CpuShares": 7}), ("", {"CpuShares": "x"})],
    "POST /containers/{}/rename": [("?name=other", None), ("?name=web", None)],
    "POST /containers/{}/exec": [("", {"Cmd": ["true"]}), ("", {}), ("", {"Cmd": 5})],
    "POST /containers/{}/kill": [("", None), ("?signal=NOPE", None)],
    "DELETE /containers/{}": [("", None), ("?force=1&v=1", None), ("?link=1", None)],
    "GET /containers/{}/archive": [("?path=/etc/hostname", None), ("", None)],
    "HEAD /containers/{}/archive": [("?path=/etc/hostname", None)],
    "PUT /containers/{}/archive": [("?path=/tmp", None), ("?path=/nosuch", None)],
    "POST /commit": [
        ("?container=web&repo=kept&tag=1", None),
        ("?container=web&changes=RUN+x", None),
        ("?container=nosuch", None),
    ],
    "GET /system/df": [("", None), ("?type=volume", None)],
    "GET /images/get": [("?names=nginx&names=redis", None), ("?names=nosuch", None)],
    "POST /containers/{}/resize": [("?h=24&w=80", None), ("?h=x", None)],
    "POST /exec/{}/resize": [("?h=24&w=80", None), ("?h=x", None)],
    "GET /containers/{}/top": [
        ("", None),
        ("?ps_args=aux", None),
        ("?ps_args=-x", None),
    ],
    "POST /exec/{}/start": [("", {}), ("", {"Detach": True})],
    "GET /networks": [("", None), (_filtered(_ALL), None), ("?filters=x", None)],
    "POST /networks/create": [
        ("", {"Name": "more"}),
        ("", {"Name": "mynet"}),
        ("", {"Name": "bridge"}),
        ("", {"Name": "far", "Driver": "nosuch"}),
        ("", {"Name": "out", "IPAM": {"Config": [{"Subnet": "10.5.0.0/16"}]}}),
        ("", {}),
        ("", "{"),
    ],
    "POST /networks/{}/connect": [
        ("", {"Container": "db"}),
        ("", {"Container": "nosuch"}),
        ("", {"Container": "web", "EndpointConfig": {"Aliases": ["x"]}}),
    ],
    "POST /networks/{}/disconnect": [
        ("", {"Container": "web"}),
        ("", {"Container": "nosuch", "Force": True}),
    ],
    "GET /images/json": [("", None), ("?all=1&digests=1&shared-size=1", None)],
    "POST /images/create": [("?fromImage=alpine&tag=latest", None), ("", None)],
    "GET /images/search": [("?term=nginx", None), ("", None)],
    "POST /images/{}/tag": [("?repo=again&tag=2", None), ("?repo=A", None)],
    "DELETE /images/{}": [("", None), ("?force=1", None)],
    "POST /volumes/create": [
        ("", {}),
        ("", {"Name": "vol"}),
        ("", {"Name": "lv", "Labels": {"a": "b"}, "DriverOpts": {"type": "tmpfs"}}),
        ("", {"Name": "x", "Driver": "nosuch"}),
        ("", "x"),
    ],
    "GET /volumes": [("", None), (_filtered({"dangling": ["true"]}), None)],
    "POST /images/prune": [("", None), (_filtered({"dangling": ["false"]}), None)],
    "GET /events": [("?since=0&until=1", None)],
    "POST /auth": [("", {"username": "u", "password": "p"})],
}
"""Queries and bodies of an operation; the others are called as they are."""


def requests(method: str, path: str) -> list[tuple[str, Json]]:
    """Each request to make for a route: the rest of its path, and its body."""
    plain = path.replace("{id}", "{}").replace("{name}", "{}").rstrip("/") or "/"
    calls = CALLS.get(f"{method} {plain}", [("", None)])
    if "{}" not in plain:
        return [(plain + query, body) for query, body in calls]
    kind = plain.split("/")[1]
    return [
        (plain.replace("{}", name) + query, body)
        for name in NAMES.get(kind, ["nosuch"])
        for query, body in calls
    ]
