import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.attachments import Attachment, endpoint_body
from minidock.commandline.catalogue import COMMANDS
from minidock.commandline.grammar import Cli, CommandRefusal, parse
from minidock.commandline.networks import (
    network_connect_request,
    network_create_request,
)
from minidock.commandline.requests import container_request

CLIS = st.sampled_from(Cli)
FLAGS = [flag for flag in COMMANDS["run"].flags_of(Cli.V28) if flag.name != "help"]
TEXTS = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        ["a", "a=b", "a:b", "/a:/b", "1", "1g", "80:80", "1.2.3.4", "name=n,ip=1"]
    ),
)


def run(line, cli=Cli.V28, **options):
    return container_request(parse(["run", *line.split()], cli), cli=cli, **options)


def test_what_the_client_does_itself_stands_beside_the_body():
    request = run(
        "-d --rm --name web --pull always --platform arm64 -q --cidfile f nginx"
    )
    assert (request.name, request.image, request.platform) == (
        "web",
        "nginx",
        "linux/arm64",
    )
    assert (request.detach, request.remove, request.quiet) == (True, True, True)
    assert (request.pull, request.cidfile, request.attach) == ("always", "f", ())


@pytest.mark.parametrize(
    ("line", "attach"),
    [
        ("nginx", ("stdout", "stderr")),
        ("-i nginx", ("stdin", "stdout", "stderr")),
        ("-a stderr nginx", ("stderr",)),
        ("-i -a stdout nginx", ("stdin", "stdout")),
        ("-dit nginx", ()),
    ],
)
def test_the_streams_of_a_foreground_run(line, attach):
    assert run(line).attach == attach


def test_an_old_engine_takes_no_mac_address_per_network():
    line = "--mac-address 02:aa:bb:cc:dd:01 busybox"
    assert run(line).body["NetworkingConfig"]
    with pytest.raises(CommandRefusal) as caught:
        run(line, api_version="1.41")
    assert caught.value.code == 125
    assert caught.value.stderr == (
        'docker: "specify mac-address per network" requires API version 1.44, but the'
        " Docker daemon API version is 1.41\n\nRun 'docker run --help' for more information\n"
    )


def test_create_prints_a_late_fault_bare_where_run_dresses_it_up():
    for command, code, start in (
        ("create", 1, "invalid"),
        ("run", 125, "docker: invalid"),
    ):
        with pytest.raises(CommandRefusal) as caught:
            container_request(parse([command, "a:b:c"], Cli.V28), cli=Cli.V28)
        assert caught.value.code == code
        assert caught.value.stderr.startswith(f"{start} reference format\n")


def test_of_several_faults_the_first_in_dockers_order_is_told():
    line = "--pid foo --mac-address bad --expose x -p y --network  nginx".replace(
        "  ", " a "
    )
    for fault, fixed in (
        ("bad is not a valid mac address", line.replace("--mac-address bad ", "")),
        ("invalid containerPort: y", None),
    ):
        with pytest.raises(CommandRefusal) as caught:
            run(line)
        assert fault in caught.value.stderr
        line = fixed or line


def test_two_networks_are_both_in_the_body():
    body = run("--network a --network name=b,alias=x --ip 10.0.0.5 nginx").body
    endpoints = body["NetworkingConfig"]["EndpointsConfig"]
    assert body["HostConfig"]["NetworkMode"] == "a"
    assert endpoints["a"]["IPAMConfig"] == {"IPv4Address": "10.0.0.5"}
    assert endpoints["b"]["Aliases"] == ["x"]


def test_a_name_server_on_the_local_host_is_warned_about():
    assert run("--dns 127.0.0.1 nginx").warnings == (
        "WARNING: Localhost DNS (127.0.0.1) may fail in containers.",
    )


def test_the_long_form_is_folded_to_lower_case_because_docker_does_so():
    assert (
        run("--network name=App,alias=Web nginx").body["HostConfig"]["NetworkMode"]
        == "app"
    )


def test_the_old_program_silently_drops_addresses_without_a_network():
    config = run("--ip 10.0.0.5 nginx", Cli.V20).body["NetworkingConfig"]
    assert config == {"EndpointsConfig": {}}


def test_a_range_larger_than_its_subnet_passes_because_only_its_address_counts():
    parsed = parse(
        [
            "network",
            "create",
            "--subnet",
            "10.0.0.0/16",
            "--ip-range",
            "10.0.0.0/8",
            "n",
        ],
        Cli.V28,
    )
    config = network_create_request(parsed, Cli.V28)["IPAM"]["Config"]
    assert config == [{"Subnet": "10.0.0.0/16", "IPRange": "10.0.0.0/8"}]


@pytest.mark.parametrize("cli", Cli)
def test_connect_sends_empty_objects_where_create_sends_null(cli):
    body = network_connect_request(parse(["network", "connect", "n", "c"], cli), cli)[1]
    created = endpoint_body(Attachment(network="n"), cli)
    assert body["EndpointConfig"].keys() == created.keys()
    assert body["EndpointConfig"]["IPAMConfig"] == {}
    assert created["IPAMConfig"] is None


@given(
    st.lists(st.tuples(st.sampled_from(FLAGS), TEXTS), max_size=4),
    st.text(max_size=6),
    CLIS,
)
def test_any_flags_give_a_request_or_a_refusal(given_flags, image, cli):
    words = [f"--{flag.name}={text}" for flag, text in given_flags]
    try:
        parsed = parse(["run", *words, "--", image], cli)
        request = container_request(parsed, cli=cli)
    except CommandRefusal as refusal:
        assert refusal.code in (1, 125)  # noqa: PT017  # either outcome is right
    else:
        assert request.body["Image"] == image


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["subnet", "gateway", "ip-range", "aux-address"]), TEXTS
        )
    ),
    CLIS,
)
def test_any_address_pools_give_a_request_or_a_refusal(pools, cli):
    words = [f"--{name}={text}" for name, text in pools]
    try:
        parsed = parse(["network", "create", *words, "n"], cli)
        body = network_create_request(parsed, cli)
    except CommandRefusal as refusal:
        assert refusal.code in (1, 125)  # noqa: PT017  # either outcome is right
    else:
        assert len(body["IPAM"]["Config"]) <= len(pools)
