"""Random Docker hosts, as the command lines that make them."""

from random import Random

__all__ = ["lines_of"]

_IMAGES = ("nginx", "redis", "postgres", "busybox sleep 1d")
_PORTS = {"nginx": 80, "redis": 6379, "postgres": 5432, "busybox sleep 1d": 80}
_ICC = "com.docker.network.bridge.enable_icc=false"


def lines_of(seed: int) -> list[str]:
    """Up to four networks and seven containers, in every mode; the same for a seed."""
    random = Random(seed)
    networks = [f"net{number}" for number in range(random.randint(1, 4))]
    lines = []
    for name in networks:
        internal = " --internal" if random.random() < 0.3 else ""
        icc = f" -o {_ICC}" if random.random() < 0.15 else ""
        lines.append(f"docker network create{internal}{icc} {name}")
    made: list[str] = []
    owners: list[str] = []
    for number in range(random.randint(2, 7)):
        lines += _container(random, number, networks, made, owners)
    return lines


def _container(
    random: Random, number: int, networks: list[str], made: list[str], owners: list[str]
) -> list[str]:
    name = f"c{number}"
    image = random.choice(_IMAGES)
    words = [f"docker run -d --name {name}"]
    more = []
    mode = random.random()
    if mode < 0.06:
        words.append("--network host")
    elif mode < 0.12:
        words.append("--network none")
    elif mode < 0.2 and owners:
        words.append(f"--network container:{random.choice(owners)}")
    else:
        owners.append(name)
        chosen = random.sample(networks, random.randint(0, min(3, len(networks))))
        words += [f"--network {chosen[0]}"] if chosen else []
        more = [f"docker network connect {other} {name}" for other in chosen[1:]]
        if not chosen and made and random.random() < 0.3:
            words.append(f"--link {random.choice(made)}")
        if not chosen:
            made.append(name)
        words += _published(random, image, number)
    return [" ".join([*words, image]), *more]


def _published(random: Random, image: str, number: int) -> list[str]:
    words = []
    if random.random() < 0.4:
        address = random.choice(["", "", "127.0.0.1:"])
        words.append(f"-p {address}{8000 + number}:{_PORTS[image]}")
    if random.random() < 0.1:
        words.append(f"-p {9000 + number}:53/udp")
    return words
