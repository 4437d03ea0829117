"""Published ports, as few as people would write them."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.model.container import Container, Endpoint
from minidock.model.document import Document
from minidock.net.address import V6, Address
from minidock.ports.mapping import PortMapping
from minidock.views.published import published

HOSTS = [Address.parse(text) for text in ("0.0.0.0", "::", "127.0.0.1", "192.0.2.2")]
INSIDE = Address.parse("172.17.0.2")


def holding(*mappings):
    """A container whose endpoint publishes (host address, host port, port, protocol)."""
    made = tuple(
        PortMapping(
            container_port=inside,
            protocol=protocol,
            container_address=INSIDE,
            host_ip=host,
            host_port=outside,
        )
        for host, outside, inside, protocol in mappings
    )
    return Container(
        id="c",
        name="c",
        created=0,
        sequence=0,
        image="nginx",
        image_id="",
        path="",
        config=Document(),
        host_config=Document(),
        hostname="c",
        endpoints=(Endpoint(network="bridge", mappings=made),),
    )


def shown(*mappings):
    return [(port.sockets, port.target) for port in published(holding(*mappings))]


def test_both_families_of_one_port_are_one():
    any4, any6, *_ = HOSTS
    assert shown((any4, 80, 8080, "tcp"), (any6, 80, 8080, "tcp")) == [
        (("0.0.0.0:80", "[::]:80"), "8080/tcp")
    ]


def test_neighbours_that_lead_to_neighbours_are_a_run():
    any4 = HOSTS[0]
    assert shown(*((any4, 9000 + n, 80 + n, "tcp") for n in range(3))) == [
        (("0.0.0.0:9000-9002",), "80-82/tcp")
    ]


def test_a_gap_or_another_protocol_ends_a_run():
    any4 = HOSTS[0]
    ports = (any4, 80, 80, "tcp"), (any4, 81, 81, "udp"), (any4, 82, 82, "tcp")
    assert [target for _, target in shown(*ports)] == ["80/tcp", "81/udp", "82/tcp"]


def test_only_loopback_addresses_make_a_port_local():
    here = published(holding((HOSTS[2], 80, 80, "tcp")))
    both = published(holding((HOSTS[2], 80, 80, "tcp"), (HOSTS[3], 80, 80, "tcp")))
    assert [port.local for port in here] == [True]
    assert [port.local for port in both] == [False]


def one_by_one(port):
    """Every mapping that a Port stands for: socket by socket, number by number."""
    target, protocol = port.target.split("/")
    inside = numbers(target)
    for socket in port.sockets:
        host, _, ports = socket.rpartition(":")
        address = Address.parse(host.strip("[]"))
        assert host.startswith("[") == (address.family == V6)
        for outside, port_inside in zip(numbers(ports), inside, strict=True):
            yield address, outside, port_inside, protocol


def numbers(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(HOSTS),
            st.integers(8000, 8012),
            st.integers(80, 84),
            st.sampled_from(["tcp", "udp"]),
        ),
        unique_by=lambda item: (item[0], item[1], item[3]),
        max_size=25,
    )
)
def test_the_published_ports_that_are_drawn_are_exactly_the_mappings(mappings):
    ports = list(published(holding(*mappings)))
    assert sorted(x for port in ports for x in one_by_one(port)) == sorted(mappings)
    assert len({port.key for port in ports}) == len(ports)
