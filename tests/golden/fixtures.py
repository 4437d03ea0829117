"""The lab in which the recordings were made, as plain data.

```
 dkup 192.0.2.1/24 ───veth─── eth0 192.0.2.2/24   docker host "vm"
 (the only router and          resolv.conf: nameserver 192.0.2.1, search example.test
  nameserver)                  images: busybox:latest, web:1.0
```

What a recording says about its own start (which files the host had, whether images
were there, which processes listen) is read from the recording by :func:`lab_of`: these
are facts about the host, which no engine could compute.
"""

import copy
import datetime as dt
import hashlib
import re
from functools import cache

from minidock.model.archive import Entry, write

__all__ = [
    "BUSYBOX",
    "LAB",
    "WEB",
    "file_of",
    "host_facts",
    "images",
    "lab_of",
    "listeners",
    "noise",
]

_SECOND = 1_000_000_000
_LAYER = "sha256:5503b2af941022cc2e1a54d3bb5bc8a2d9f6eff59587d6d4e77cf02ed3e61762"
"""The digest of the tar from which the images were imported."""
_SIZE = 65472657  # one layer: the tar file of a static busybox with curl, dig, getent

_EMPTY_CONFIG = {
    "Hostname": "", "Domainname": "", "User": "", "AttachStdin": False,
    "AttachStdout": False, "AttachStderr": False, "Tty": False, "OpenStdin": False,
    "StdinOnce": False, "Env": None, "Cmd": None, "Image": "", "Volumes": None,
    "WorkingDir": "", "Entrypoint": None, "OnBuild": None, "Labels": None,
}  # fmt: skip

BUSYBOX = {
    "RepoTags": ["busybox:latest"],
    "RepoDigests": [],
    "Comment": "Imported from -",
    "DockerVersion": "20.10.24+dfsg1",
    "Author": "",
    "Config": _EMPTY_CONFIG | {"Cmd": ["sh"]},
    "Architecture": "amd64",
    "Os": "linux",
    "Size": _SIZE,
    "Layers": [_LAYER],
    "Listens": [],
}

WEB = BUSYBOX | {
    "RepoTags": ["web:1.0"],
    "Config": _EMPTY_CONFIG
    | {
        "ExposedPorts": {"443/tcp": {}, "53/udp": {}, "80/tcp": {}},
        "Env": ["FOO=bar"],
        "Cmd": ["httpd", "-f", "-p", "80", "-h", "/var/www"],
        "Labels": {"org.test": "web"},
    },
    "Listens": ["80/tcp"],
}

LAB = {
    "hostname": "vm",
    "operating_system": "Debian GNU/Linux 12 (bookworm)",
    "kernel": "6.18.44-fc-v657",
    "cpus": 2,
    "memory": 25276510208,  # 23.54GiB
    "interfaces": [
        {
            "name": "eth0",
            "index": 2,
            "mac": "52:9f:cc:32:79:6c",
            "addresses": ["192.0.2.2/24"],
            "mtu": 1500,
            "peer": "if2",
            "netns": "dkup",
        }
    ],
    "routes": [
        {"destination": "default", "gateway": "192.0.2.1", "device": "eth0"},
        {"destination": "192.0.2.0/24", "device": "eth0", "source": "192.0.2.2"},
    ],
    "files": {"/etc/resolv.conf": "nameserver 192.0.2.1\nsearch example.test\n"},
    # The router answers for one name, by UDP; nobody else out there answers.
    "outside_servers": ["192.0.2.1"],
    "outside_names": [("ext.example.test", "192.0.2.1")],
    "port_range": [32768, 60999],
    # The kernel of the lab has no SCTP: `-p 80/sctp` fails when the container starts.
    "sctp": False,
    # Nor has it dummy, 802.1Q and ipvlan links, which macvlan networks could want.
    "link_kinds": ["macvlan"],
    "images": [BUSYBOX, WEB],
    "image_gap": 0.35,  # seconds between the two imports
    "age": 1.0,  # seconds between the last import and the first step
}

_NO_IMAGES = (
    re.compile(r"\A\[\]\s*\Z"),
    re.compile(r"^ ?Images: 0$", re.MULTILINE),
    re.compile(r"\AREPOSITORY[^\n]*\n\Z"),
)
_LISTENS = re.compile(r"a host process listens on (.+)")
_PORT = re.compile(r"(?:(\d+(?:\.\d+){3}):)?(\d+)/(tcp|udp)")


def lab_of(recording: dict) -> dict:
    """The lab as this recording found it."""
    lab = copy.deepcopy(LAB)
    lab["now"] = _first_moment(recording)
    commands = [step.get("cmd", "") for step in recording["steps"]]
    lab["legacy"] = any(line.startswith("iptables-legacy") for line in commands)
    if _started_without_images(recording["steps"]):
        lab["images"] = []
    for step in recording["steps"]:
        if step["kind"] == "host" and step["cmd"].startswith("cat /etc/"):
            name = step["cmd"].removeprefix("cat ").strip()
            lab["files"][name] = step["stdout"]
            break
    return lab


def _first_moment(recording: dict) -> int:
    """When the first step was made: the end, less the time that all steps took."""
    end = recording.get("recorded") or "2026-11-24T19:00:00Z"
    took = sum(step.get("ms") or 0 for step in recording["steps"])
    moment = dt.datetime.fromisoformat(end)
    return int(moment.timestamp()) * _SECOND - took * 1_000_000


def _started_without_images(steps: list[dict]) -> bool:
    """Whether the first answer that speaks of images says that there are none."""
    for step in steps:
        command = step.get("cmd", "")
        if re.match(r"docker (run|create|import|pull|build|load)\b", command):
            return False
        asks = command in {"docker info", "docker images", "docker image ls"}
        if asks or step.get("path", "").split("?")[0].endswith("/images/json"):
            text = step.get("stdout") or step.get("raw") or ""
            return any(pattern.search(text) for pattern in _NO_IMAGES)
    return False


@cache
def file_of(name: str) -> bytes | None:
    """What the lab had in a file that recordings read; None for no such file.

    The image's tar has the recorded size; what its programs hold is left out.
    """
    if name != "img/busybox.tar":
        return {"/etc/hostname": b"vm\n"}.get(name)
    links = [Entry(path=f"bin/{word}", target="busybox") for word in _WORDS]
    return write([Entry(path="bin/busybox", data=bytes(_SIZE), mode=0o755), *links])


_WORDS = ("cat", "httpd", "ls", "sh", "sleep", "touch", "true")


def noise(count: int) -> bytes:
    """As many bytes of no meaning, always the same ones."""
    return b"".join(
        hashlib.sha256(str(number).encode()).digest() for number in range(count)
    )[:count]


def listeners(note: str) -> list[tuple[str, int, str]]:
    """(protocol, port, address) of each socket that a note says the host opened.

    >>> listeners("a host process listens on 8200/tcp and 127.0.0.1:53/udp")
    [('tcp', 8200, ''), ('udp', 53, '127.0.0.1')]
    >>> listeners("anet sorts before mnet: default route?")
    []
    """
    match = _LISTENS.search(note)
    found = _PORT.findall(match[1]) if match else []
    return [(protocol, int(port), address) for address, port, protocol in found]


def host_facts(lab: dict):
    """The lab's host as the library's value."""
    from minidock.model.host import HostFacts, HostInterface, HostRoute
    from minidock.net.address import Address
    from minidock.net.mac import MAC
    from minidock.net.prefix import Prefix
    from minidock.topology.interface import InterfaceKind

    def with_length(text):
        address, _, length = text.partition("/")
        return Address.parse(address), int(length)

    def route(facts):
        whole = facts["destination"] == "default"
        return HostRoute(
            destination=None if whole else Prefix.parse(facts["destination"]),
            device=facts["device"],
            gateway=Address.parse(facts["gateway"]) if "gateway" in facts else None,
            source=Address.parse(facts["source"]) if "source" in facts else None,
            kernel="source" in facts,
        )

    resolv = lab["files"]["/etc/resolv.conf"].splitlines()
    words = [line.split() for line in resolv if line.split()]
    return HostFacts(
        hostname=lab["hostname"],
        registry=False,  # nothing can leave the lab
        kernel=lab["kernel"],
        operating_system=lab["operating_system"],
        cpus=lab["cpus"],
        memory=lab["memory"],
        interfaces=tuple(
            HostInterface(
                name=card["name"],
                index=card["index"],
                mac=MAC.parse(card["mac"]),
                addresses=tuple(map(with_length, card["addresses"])),
                mtu=card["mtu"],
                peer=card["peer"],
                netns=card["netns"],
            )
            for card in lab["interfaces"]
        ),
        routes=tuple(map(route, lab["routes"])),
        nameservers=tuple(line[1] for line in words if line[0] == "nameserver"),
        search=tuple(
            name for line in words if line[0] == "search" for name in line[1:]
        ),
        resolv_options=tuple(
            o for line in words if line[0] == "options" for o in line[1:]
        ),
        resolv_conf=lab["files"]["/etc/resolv.conf"],
        outside_servers=tuple(lab["outside_servers"]),
        outside_names=tuple(lab["outside_names"]),
        port_range=tuple(lab["port_range"]),
        legacy_firewall=lab.get("legacy", False),
        sctp=lab["sctp"],
        link_kinds=frozenset(map(InterfaceKind, lab["link_kinds"])),
    )


def images(lab: dict, now: int) -> tuple:
    """The lab's images as the library's values; ``now`` is the first step's moment."""
    from minidock.model.document import Document, freeze
    from minidock.model.image import Image, Layer

    last = len(lab["images"]) - 1
    made = [
        now - int((lab["age"] + (last - number) * lab["image_gap"]) * _SECOND)
        for number in range(last + 1)
    ]
    return tuple(
        Image(
            id="sha256:" + hashlib.sha256(facts["RepoTags"][0].encode()).hexdigest(),
            created=made[number],
            tagged=made[number] + _SECOND // 1000,
            docker_version=facts["DockerVersion"],
            size=facts["Size"],
            config=freeze(facts["Config"]),
            references=tuple(facts["RepoTags"]),
            layers=(
                Layer(
                    created_by="",
                    size=facts["Size"],
                    comment=facts["Comment"],
                    digest=facts["Layers"][0],
                ),
            ),
            architecture=facts["Architecture"],
            os=facts["Os"],
            author=facts["Author"],
            comment=facts["Comment"],
            listens=tuple(facts["Listens"]),
            labels=freeze(facts["Config"]["Labels"] or {}) or Document(),
        )
        for number, facts in enumerate(lab["images"])
    )
