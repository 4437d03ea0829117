"""Whatever is asked, the answer is a status and a JSON document, never a stumble."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.api.routes import ROUTES
from minidock.engine import Engine

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"

WORDS = st.sampled_from(
    ["", "web", "db", "nosuch", "bridge", "mynet", "nginx", "a/b", "0", "%", "é", "-"]
)
KEYS = st.sampled_from(
    """Name Image Cmd Env Labels Hostname User ExposedPorts HostConfig NetworkingConfig
    Driver IPAM Options Internal EnableIPv6 Config Subnet Gateway IPRange
    AuxiliaryAddresses Container EndpointConfig IPAMConfig IPv4Address Aliases Links
    PortBindings HostIp HostPort NetworkMode RestartPolicy MaximumRetryCount Binds
    Mounts Target Source Type Dns ExtraHosts EndpointsConfig 80/tcp mynet bridge
    Entrypoint StopTimeout Tty AttachStdout PublishAllPorts Force Detach Memory
    MacAddress Ulimits Tmpfs VolumesFrom LogConfig CapAdd""".split()
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        """web x 10.0.0.0/8 172.17.0.9 ::1 80 8080-8090 host container:web a:b a=b
        bridge none default /data:/data""".split()
    ),
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
QUERIES = st.dictionaries(
    st.sampled_from(
        "name filters all limit force v t signal fromImage tag repo term link ps_args "
        "h w since before size digests verbose scope type condition noprune".split()
    ),
    st.one_of(
        WORDS,
        st.sampled_from(
            """1 true {} [] { {"label":["a"]} {"label":{"a":true}} {"name":1}
            {"nosuch":["x"]} -1 9999999999999999999 SIGX""".split()
        ),
    ),
    max_size=3,
)


def host() -> Engine:
    docker = Engine("20.10")
    docker("pull nginx")
    docker("network create mynet")
    docker("run -d --name web -p 8080:80 nginx")
    docker("create --name db --network mynet nginx")
    return docker


HOST = host()
START = len(HOST.history) - 1


@settings(max_examples=400)
@given(
    st.sampled_from([(method, path) for method, path, _ in ROUTES]),
    WORDS,
    st.one_of(st.none(), DOCUMENTS, st.dictionaries(KEYS, DOCUMENTS, max_size=5)),
    QUERIES,
)
def test_every_request_gets_a_status_and_a_refusal_names_its_reason(
    route, word, body, query
):
    method, path = route
    text = "&".join(f"{key}={value}" for key, value in query.items())
    before = HOST.world
    answer = HOST.api(method, f"{path.replace('{id}', word)}?{text}", body)
    assert 200 <= answer.status < 600
    if answer.status >= 400 and method != "HEAD":  # which has no body
        assert answer.message
    if answer.status in {400, 404} and path != "/containers/{id}/start":
        assert HOST.world is before
    HOST.back_to(START)


def test_every_route_is_in_the_reference():
    page = REFERENCE.read_text()
    for method, path, _ in ROUTES:
        assert f"| {method} | `{path}` |" in page
