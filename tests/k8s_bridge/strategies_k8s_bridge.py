"""Applications for the laws of k8s_bridge: small, with the names that collide."""

from hypothesis import strategies as st

from k8s_bridge.application import (
    Application,
    Attachment,
    Lifecycle,
    Link,
    Network,
    Networking,
    NetworkMode,
    Port,
    Program,
    Publication,
    Restart,
    Service,
)
from k8s_bridge.options import Binds, Options, Policies, Publish
from tests.k8s_bridge.strategies_storage import grants, mounts, stored, volumes
from tests.k8s_bridge.strategies_values import made_of
from tests.k8s_bridge.strategies_workloads import (
    dependencies,
    lifecycles,
    programs,
    resources,
    schedulings,
    securities,
    settings_of,
)

__all__ = ["applications", "choices", "docker_names", "ports", "topologies"]

# Names that are the same for DNS, need a change, or look like what a change makes.
_LIKELY = ["web", "Web", "WEB", "web_1", "web-1", "web.1", "web-published", "1st", "db"]
_LIKELY += ["none", "x" * 63, "x" * 64, "X" * 64, "-", "..", "network-web", "isolated"]
docker_names = st.sampled_from(_LIKELY) | st.from_regex(
    r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,70}", fullmatch=True
)

ports = st.builds(
    Port, st.sampled_from([80, 53, 443, 65535]), st.sampled_from(["tcp", "udp", "sctp"])
)
_publications = made_of(
    Publication,
    port=ports,
    host_port=st.sampled_from([0, 80, 81, 30080, 65535]),
    host_address=st.sampled_from(
        ["", "0.0.0.0", "::", "127.0.0.1", "::1", "192.0.2.2"]
    ),
    host_port_end=st.sampled_from([0, 0, 65535]),
    name=st.sampled_from(["", "http", "80-tcp", "Odd Name", "x" * 70]),
    app_protocol=st.sampled_from(["", "http", "no/such/thing"]),
    mode=st.sampled_from(["", "ingress", "host"]),
)


@st.composite
def _networks(draw) -> tuple[Network, ...]:
    names = draw(st.lists(docker_names, max_size=3, unique=True))
    own = [
        Network(
            name=name,
            internal=draw(st.booleans()),
            icc=draw(st.booleans()),
            implicit=draw(st.booleans()),
        )
        for name in names
        if name not in ("none", "bridge", "host")
    ]
    return (Network(name="bridge", default=True, icc=draw(st.booleans())), *own)


@st.composite
def _attachment(draw, network: Network, names: list[str]) -> Attachment:
    targets = st.sampled_from([*names, "gone"])
    links = st.builds(Link, targets, docker_names)
    aliases = draw(st.lists(docker_names, max_size=2, unique=True))
    return Attachment(
        network=network.name,
        aliases=tuple(aliases),
        links=tuple(draw(st.lists(links, max_size=2))),
    )


def _unopposed(publications: list[Publication]) -> tuple[Publication, ...]:
    """Without two claims of one host port, which Docker would have refused."""
    found: dict[object, Publication] = {}
    for publication in publications:
        number = publication.host_port or object()
        found.setdefault((number, publication.port.protocol), publication)
    return tuple(found.values())


@st.composite
def _networking(draw, networks: tuple[Network, ...], names: list[str]) -> Networking:
    mode = draw(st.sampled_from([*NetworkMode, NetworkMode.NETWORKS]))
    if mode is not NetworkMode.NETWORKS:
        shares = draw(st.sampled_from([*names, "gone"]))
        return Networking(mode=mode, shares=shares if mode == "shared" else "")
    chosen = draw(st.lists(st.sampled_from(networks), min_size=1, unique=True))
    return Networking(
        mode=mode,
        attachments=tuple(draw(_attachment(network, names)) for network in chosen),
        exposed=tuple(draw(st.lists(ports, max_size=2, unique=True))),
        published=_unopposed(draw(st.lists(_publications, max_size=3))),
        hostname=draw(st.just("") | docker_names),
    )


@st.composite
def _service(
    draw, name: str, networks: tuple[Network, ...], names: list[str]
) -> Service:
    parts = {
        "program": programs,
        "lifecycle": lifecycles,
        "resources": resources,
        "security": securities(names),
        "scheduling": schedulings,
        "dependencies": dependencies(names),
        "mounts": mounts,
        "configs": grants,
        "secrets": grants,
    }
    # All at once would be slow, and show less of what went wrong.
    chosen = draw(st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True))
    plain = Service(
        name=name,
        program=Program(image="nginx"),
        networking=draw(_networking(networks, names)),
        labels=tuple(
            draw(
                st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
            ).items()
        ),
    )
    service = plain._replace(**{part: draw(parts[part]) for part in chosen})
    return service._replace(settings=settings_of(service))


@st.composite
def _bare_service(
    draw, name: str, networks: tuple[Network, ...], names: list[str]
) -> Service:
    """What decides who reaches whom, and under which name."""
    return Service(
        name=name,
        program=Program(image="nginx"),
        lifecycle=Lifecycle(restart=draw(st.sampled_from(Restart))),
        networking=draw(_networking(networks, names)),
    )


choices = made_of(
    Options,
    namespace=st.sampled_from(["", "prod"]),
    publish=st.sampled_from(Publish),
    policies=st.sampled_from(Policies),
    binds=st.sampled_from(Binds),
    env_secrets=st.booleans(),
    storage_class=st.sampled_from(["", "fast"]),
    host=st.sampled_from(["", "shop.example", "*.shop.example"]),
)


@st.composite
def applications(draw, most: int = 3) -> Application:
    """Up to three services on up to four networks, in every mode, with all they have."""
    networks = draw(_networks())
    names = draw(st.lists(docker_names, min_size=1, max_size=most, unique=True))
    services = tuple(draw(_service(name, networks, names)) for name in names)
    return Application(
        services=services,
        networks=networks,
        volumes=draw(volumes),
        configs=draw(stored),
        secrets=draw(stored),
    )


@st.composite
def topologies(draw, most: int = 4) -> Application:
    """Up to four services with nothing but networks, names and ports."""
    networks = draw(_networks())
    names = draw(st.lists(docker_names, min_size=1, max_size=most, unique=True))
    services = tuple(draw(_bare_service(name, networks, names)) for name in names)
    return Application(services=services, networks=networks)
