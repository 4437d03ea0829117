"""One wish for a container, in the words of docker run and in those of Compose."""

import shlex
from dataclasses import dataclass, field

from hypothesis import strategies as st

NETWORKS = ("front", "back")
NAMES = ("web", "db", "cache")
IMAGES = ("nginx", "redis:7", "ghcr.io/me/app:1.2", "busybox")


@dataclass(frozen=True)
class Wish:
    """A container: what both sides can say about it."""

    name: str
    image: str = "nginx"
    words: tuple[str, ...] = ()  # of docker run
    keys: dict = field(default_factory=dict)  # of Compose

    @property
    def line(self) -> str:
        """The docker run line; command words come last."""
        command = self.keys.get("command") or ()
        parts = ("docker", "run", "-d", "--name", self.name, *self.words)
        return shlex.join((*parts, self.image, *command))

    @property
    def service(self) -> dict:
        """The service in Compose's normal form."""
        usual = {"command": None, "entrypoint": None, "image": self.image}
        return {**usual, **self.keys}


_TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]))
_WORD = st.text("abcxyz019-_./$(){}", min_size=1, max_size=8).filter(
    lambda text: not text.startswith("-")
)
_NAME = st.text("abcxyz", min_size=1, max_size=6)
_ENV = st.dictionaries(st.text("ABC_", min_size=1, max_size=5), _TEXT, max_size=4)
_LABELS = st.dictionaries(_NAME, st.text("abc XYZ01-_", max_size=8), max_size=3)
_SECONDS = st.integers(1, 90)


def _flag(key: str, word: str) -> st.SearchStrategy:
    return st.just(((word,), {key: True}))


def _text(key: str, word: str, values: st.SearchStrategy[str]) -> st.SearchStrategy:
    return values.map(lambda text: ((f"{word}={text}",), {key: text}))


def _texts(key: str, word: str, values: st.SearchStrategy[str]) -> st.SearchStrategy:
    some = st.lists(values, min_size=1, max_size=3, unique=True)
    return some.map(
        lambda texts: (tuple(f"{word}={text}" for text in texts), {key: texts})
    )


def _pairs(key: str, word: str, values: st.SearchStrategy[dict]) -> st.SearchStrategy:
    return values.map(
        lambda found: (tuple(f"{word}={k}={v}" for k, v in found.items()), {key: found})
    )


def _command(words: list[str]) -> tuple[tuple[str, ...], dict]:
    return (), {"command": words}


def _entrypoint(word: str) -> tuple[tuple[str, ...], dict]:
    return (f"--entrypoint={word}",), {"entrypoint": [word]}


def _healthcheck(found: tuple[str, int, int, int]) -> tuple[tuple[str, ...], dict]:
    line, interval, timeout, retries = found
    words = (
        f"--health-cmd={line}",
        f"--health-interval={interval}s",
        f"--health-timeout={timeout}s",
        f"--health-retries={retries}",
    )
    check = {
        "test": ["CMD-SHELL", line],
        "interval": f"{interval}s",
        "timeout": f"{timeout}s",
        "retries": retries,
    }
    return words, {"healthcheck": check}


def _ports(found: list[tuple[int, int, str, str]]) -> tuple[tuple[str, ...], dict]:
    words, ports = [], []
    for target, published, protocol, address in found:
        before = f"{address}:" if address else ""
        words.append(f"--publish={before}{published or ''}:{target}/{protocol}")
        port = {"mode": "ingress", "target": target, "protocol": protocol}
        port |= {"published": str(published)} if published else {}
        port |= {"host_ip": address} if address else {}
        ports.append(port)
    return tuple(words), {"ports": ports}


def _mounts(found: list[tuple[str, str, bool]]) -> tuple[tuple[str, ...], dict]:
    words, volumes = [], []
    for target, source, read_only in found:
        end = ":ro" if read_only else ""
        words.append(f"--volume={source}:{target}{end}")
        kind = "bind" if source.startswith("/") else "volume"
        mount = {"type": kind, "source": source, "target": target, kind: {}}
        volumes.append({**mount, **({"read_only": True} if read_only else {})})
    return tuple(words), {"volumes": volumes}


def _tmpfs(found: tuple[str, int]) -> tuple[tuple[str, ...], dict]:
    line = f"{found[0]}:size={found[1]}m"
    return (f"--tmpfs={line}",), {"tmpfs": [line]}


def _hosts(found: dict[str, str]) -> tuple[tuple[str, ...], dict]:
    # In Compose's order: it sorts them.
    words = tuple(f"--add-host={n}={address}" for n, address in sorted(found.items()))
    return words, {"extra_hosts": [word.partition("=")[2] for word in words]}


def _device(names: tuple[str, str, str]) -> tuple[tuple[str, ...], dict]:
    source, target, rights = names
    line = f"/dev/{source}:/dev/{target}:{rights}"
    device = {"source": f"/dev/{source}", "target": f"/dev/{target}"}
    return (f"--device={line}",), {"devices": [{**device, "permissions": rights}]}


_PATHS = st.sampled_from(["/data", "/srv/x", "/etc/app.conf", "/var/lib/y"])
_SOURCES = st.sampled_from(["data", "logs", "/host/a", "/host/b.conf"])
_ADDRESSES = st.sampled_from(["1.2.3.4", "10.0.0.5", "fd00::5"])
_PORT = st.tuples(
    st.integers(1, 65535),
    st.just(0) | st.integers(1, 65535),
    st.sampled_from(["tcp", "udp"]),
    st.sampled_from(["", "127.0.0.1"]),
)

_ASPECTS: tuple[st.SearchStrategy, ...] = (
    st.lists(_WORD, min_size=1, max_size=3).map(_command),
    _WORD.map(_entrypoint),
    _pairs("environment", "--env", _ENV),
    _pairs("labels", "--label", _LABELS),
    _pairs("sysctls", "--sysctl", st.just({"net.core.somaxconn": "1024"})),
    st.tuples(st.text("ab|$ ", min_size=1), _SECONDS, _SECONDS, st.integers(1, 9)).map(
        _healthcheck
    ),
    st.lists(_PORT, min_size=1, max_size=3, unique_by=lambda p: p[1] or p).map(_ports),
    st.lists(
        st.tuples(_PATHS, _SOURCES, st.booleans()),
        min_size=1,
        max_size=3,
        unique_by=lambda m: m[0],
    ).map(_mounts),
    st.tuples(st.sampled_from(["/run", "/tmp"]), st.integers(1, 99)).map(_tmpfs),
    st.dictionaries(_NAME, _ADDRESSES, min_size=1, max_size=3).map(_hosts),
    st.tuples(_NAME, _NAME, st.sampled_from(["r", "rw", "rwm"])).map(_device),
    _texts("cap_add", "--cap-add", st.sampled_from(["NET_ADMIN", "CAP_SYS_TIME"])),
    _texts("cap_drop", "--cap-drop", st.sampled_from(["ALL", "CHOWN"])),
    _texts("dns", "--dns", st.sampled_from(["1.1.1.1", "8.8.8.8"])),
    _texts("dns_opt", "--dns-option", st.sampled_from(["ndots:2", "rotate"])),
    _texts("dns_search", "--dns-search", st.sampled_from(["a.example", "b.example"])),
    _texts("expose", "--expose", st.sampled_from(["8080/tcp", "53/udp", "9000/tcp"])),
    _texts("group_add", "--group-add", st.sampled_from(["5", "audio"])),
    _texts(
        "security_opt", "--security-opt", st.sampled_from(["no-new-privileges:true"])
    ),
    _text("hostname", "--hostname", st.sampled_from(["h", "web", "My-Host"])),
    _text("platform", "--platform", st.sampled_from(["linux/arm64", "linux/amd64"])),
    _text("pull_policy", "--pull", st.sampled_from(["always", "missing", "never"])),
    _text(
        "restart",
        "--restart",
        st.sampled_from(["no", "always", "unless-stopped", "on-failure"]),
    ),
    st.integers(1, 9).map(
        lambda n: ((f"--restart=on-failure:{n}",), {"restart": f"on-failure:{n}"})
    ),
    _text("stop_signal", "--stop-signal", st.sampled_from(["SIGINT", "SIGUSR1"])),
    _text("user", "--user", st.sampled_from(["5", "1000:1000", "app"])),
    _text("working_dir", "--workdir", st.sampled_from(["/srv", "/a/b"])),
    _text("ipc", "--ipc", st.sampled_from(["host", "shareable"])),
    _text("pid", "--pid", st.just("host")),
    _text("uts", "--uts", st.just("host")),
    _text("domainname", "--domainname", st.just("example.com")),
    _SECONDS.map(lambda n: ((f"--stop-timeout={n}",), {"stop_grace_period": f"{n}s"})),
    st.integers(6, 512).map(
        lambda n: ((f"--memory={n}m",), {"mem_limit": str(n << 20)})
    ),
    st.integers(1, 10).map(lambda n: ((f"--cpus={n / 10}",), {"cpus": n / 10})),
    st.integers(2, 4096).map(lambda n: ((f"--cpu-shares={n}",), {"cpu_shares": n})),
    st.integers(1, 99).map(
        lambda n: ((f"--shm-size={n}m",), {"shm_size": str(n << 20)})
    ),
    st.integers(1, 4).map(lambda n: ((f"--gpus={n}",), {"gpus": [{"count": n}]})),
    _flag("init", "--init"),
    _flag("privileged", "--privileged"),
    _flag("read_only", "--read-only"),
    _flag("stdin_open", "--interactive"),
    _flag("tty", "--tty"),
    st.just((("--no-healthcheck",), {"healthcheck": {"disable": True}})),
)


def _on_networks(found: list[tuple[str, list[str]]]) -> tuple[tuple[str, ...], dict]:
    words: list[str] = []
    networks = {}
    for network, aliases in found:
        parts = (f"name={network}", *(f"alias={alias}" for alias in aliases))
        words.append(f"--network={','.join(parts)}")
        networks[network] = {"aliases": aliases} if aliases else None
    return tuple(words), {"networks": networks}


def _modes(others: tuple[str, ...]) -> st.SearchStrategy:
    plain = st.sampled_from(["host", "none", "bridge"]).map(
        lambda mode: ((f"--network={mode}",), {"network_mode": mode})
    )
    if not others:
        return plain
    shared = st.sampled_from(others).map(
        lambda name: (
            (f"--network=container:{name}",),
            {"network_mode": f"service:{name}"},
        )
    )
    return plain | shared


def _places(others: tuple[str, ...]) -> st.SearchStrategy:
    aliases = st.lists(st.sampled_from(["www", "api"]), max_size=2, unique=True)
    some = st.lists(
        st.tuples(st.sampled_from(NETWORKS), aliases),
        min_size=1,
        max_size=2,
        unique_by=lambda entry: entry[0],
    ).map(_on_networks)
    return some | some | _modes(others)


# A shared or missing network has no name, host name or port of its own: Docker refuses.
_OF_A_NETWORK = ("hostname", "domainname", "dns", "dns_opt", "dns_search")
_OF_A_NETWORK += ("extra_hosts", "expose", "ports", "uts")


@st.composite
def wishes(draw: st.DrawFn) -> list[Wish]:
    """Some containers on two networks; each may join one that came before it."""
    made: list[Wish] = []
    count = draw(st.integers(1, 3))
    for name in NAMES[:count]:
        own = tuple(w.name for w in made if "networks" in w.keys)
        place_words, place_keys = draw(_places(own))
        words, keys = list(place_words), dict(place_keys)
        aspects = draw(st.lists(st.sampled_from(range(len(_ASPECTS))), max_size=5))
        for number in dict.fromkeys(aspects):
            more, added = draw(_ASPECTS[number])
            if keys.keys() & added.keys():
                continue
            if "network_mode" in keys and set(added) & set(_OF_A_NETWORK):
                continue
            words += more
            keys |= added
        made.append(Wish(name, draw(st.sampled_from(IMAGES)), tuple(words), keys))
    return made
