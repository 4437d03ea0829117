"""What a program gets for a name: the cases that people meet, then the laws."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.naming.resolver import names_of, resolve, resolve_on_host
from minidock.naming.servers import Status
from minidock.net.address import V4, V6, Address
from tests.naming.named_worlds import NETWORKS, WORDS, built, container, plans, said


def lab(*lines, era="28"):
    docker = Engine(era)
    docker("pull busybox")
    for line in lines:
        said(docker, line)
    return docker


def run(name, options=""):
    return f"run -d --name {name} {options} busybox sleep 9999"


def asked(docker, name, wanted, family=0):
    return resolve(docker.world, container(docker, name), wanted, family)


def texts(resolution):
    return [str(address) for address in resolution.addresses]


def test_an_address_is_its_own_answer():
    docker = lab(run("web"))
    found = asked(docker, "web", "10.1.2.3")
    assert (texts(found), found.source) == (["10.1.2.3"], "literal")
    wrong = asked(docker, "web", "10.1.2.3", V6)
    assert not wrong
    assert wrong.why == "10.1.2.3 is an IPv4 address: ask without -6"


def test_hosts_is_read_before_dns():
    docker = lab(
        "network create app",
        run("db", "--network app"),
        run("web", "--network app --add-host db:10.9.9.9"),
    )
    found = asked(docker, "web", "DB")
    assert (texts(found), found.source) == (["10.9.9.9"], "hosts")
    assert found.entry == "10.9.9.9 db"


def test_of_several_entries_in_hosts_the_first_counts_as_glibc_has_it():
    docker = lab(
        "network create app", run("web", "--network app"), "network connect bridge web"
    )
    own = container(docker, "web")
    found = asked(docker, "web", own.hostname)
    assert texts(found) == ["172.18.0.2"]


def test_localhost_is_the_ipv4_address_where_there_is_no_ipv6():
    docker = lab(run("web"))
    assert texts(asked(docker, "web", "localhost")) == ["127.0.0.1"]
    assert texts(asked(docker, "web", "localhost", V6)) == ["::1"]


def test_a_link_on_the_default_bridge_is_found_in_hosts():
    docker = lab(run("db"), run("web", "--link db:x"))
    found = asked(docker, "web", "x")
    assert (texts(found), found.source) == (["172.17.0.2"], "hosts")
    assert not asked(docker, "db", "web")


def test_a_name_on_a_user_network_says_which_entry_decided():
    docker = lab(
        "network create app",
        run("db", "--network app --network-alias store --hostname h1"),
        run("web", "--network app"),
    )
    for wanted, entry in (
        ("db", "endpoint name db on network app"),
        ("store", "alias store of db on network app"),
        ("h1", "hostname h1 of db on network app"),
        ("db.app", "endpoint name db on network app"),
    ):
        found = asked(docker, "web", wanted)
        assert (texts(found), found.entry) == (["172.18.0.2"], entry)
        assert (found.source, found.network) == ("embedded dns", "app")


def test_a_name_that_two_networks_answer_says_so():
    docker = lab(
        "network create app",
        "network create back",
        run("db", "--network back"),
        run("web", "--network back"),
        "network connect app db",
        "network connect app web",
    )
    found = asked(docker, "web", "db")
    assert (found.network, found.also) == ("app", ("back",))
    assert asked(docker, "web", "db.back").network == "back"
    assert asked(docker, "web", "db.back").also == ()


def test_gateway_priority_decides_which_network_is_asked_first():
    docker = lab(
        "network create app",
        "network create back",
        run("db", "--network back"),
        run("web", "--network app"),
        "network connect app db",
        "network connect --gw-priority 5 back web",
    )
    assert asked(docker, "web", "db").network == "back"


def test_both_families_come_ipv6_first():
    docker = lab(
        "network create --ipv6 six",
        run("db", "--network six"),
        run("web", "--network six"),
    )
    found = asked(docker, "web", "db")
    assert [address.family for address in found.addresses] == [V6, V4]
    assert [a.family for a in asked(docker, "web", "db", V4).addresses] == [V4]


def test_a_search_domain_is_added_as_ndots_says():
    docker = lab(
        "network create app",
        run("web", "--network app --dns-search com"),
        run("lone", "--dns-search com"),
    )
    for asker in ("web", "lone"):
        found = asked(docker, asker, "example", V4)
        assert (texts(found), found.full_name) == (["198.51.100.80"], "example.com")
    assert asked(docker, "web", "example.").why


def test_a_name_outside_is_found_through_the_name_server():
    docker = lab("network create app", run("web", "--network app"))
    found = asked(docker, "web", "example.net")
    assert (texts(found), found.source) == (["198.51.100.81"], "upstream")
    assert found.entry == "example.net known to 192.0.2.1 through 127.0.0.11"


def test_a_container_that_shares_a_network_uses_its_names():
    docker = lab(
        "network create app",
        run("db", "--network app"),
        run("web", "--network app --add-host here:10.0.0.7"),
        run("side", "--network container:web"),
    )
    assert texts(asked(docker, "side", "db")) == ["172.18.0.2"]
    assert texts(asked(docker, "side", "here")) == ["10.0.0.7"]


def test_host_mode_has_the_hosts_names():
    docker = lab(
        "network create app", run("db", "--network app"), run("h1", "--network host")
    )
    assert texts(asked(docker, "h1", "example.com", V4)) == ["198.51.100.80"]
    assert "host mode" in asked(docker, "h1", "db").why
    assert texts(resolve_on_host(docker.world, "localhost")) == ["127.0.0.1"]
    assert not resolve_on_host(docker.world, "db")


def test_reverse_names_come_from_hosts_and_then_from_dns():
    docker = lab(
        "network create app", run("db", "--network app"), run("web", "--network app")
    )
    web = container(docker, "web")
    own = web.endpoints[0].address
    assert names_of(docker.world, web, own) == (web.hostname,)
    db = container(docker, "db").endpoints[0].address
    assert names_of(docker.world, web, db) == ("db.app",)
    assert names_of(docker.world, web, Address.parse("172.18.0.99")) == ()


REASONS = [
    (
        [run("db"), run("web")],
        "db",
        ("the default bridge has no names: use --link or a user-defined network "
        "(docker network create app, then connect web and db)"),
    ),
    (
        ["network create app", run("db", "--network app"), run("web", "--network app"),
         "stop -t 0 db"],
        "db",
        "db is not running: docker start db",
    ),
    (
        ["network create app", "network create back", run("db", "--network back"),
         run("web", "--network app")],
        "db",
        ("db is only on network back, which web is not on: "
        "docker network connect back web"),
    ),
    (
        ["network create app", run("db"), run("web", "--network app")],
        "db",
        ("db is only on the default bridge, which has no names: "
        "docker network connect app db"),
    ),
    (
        ["network create app", run("db", "--network host"), run("web", "--network app")],
        "db",
        ("db is in host mode, and so has no name on any network: "
        "start it again with --network app"),
    ),
    (
        ["network create app", "network create back",
         run("db", "--network app"), "network connect --alias store back db",
         run("web", "--network app")],
        "store",
        None,
    ),
    (
        ["network create app", run("web", "--network app --link db:store")],
        "store",
        ("web links db as store on network app, where no running container is called "
        "db: start db on network app"),
    ),
    (
        ["network create app", run("web", "--network app")],
        "nosuch",
        ("no running container on network app has the name nosuch, and the DNS server "
        "192.0.2.1 does not know it either"),
    ),
    (
        ["network create --internal app", run("web", "--network app")],
        "example.com",
        ("no running container on network app has the name example.com, and web is only "
        "on internal networks, from which no DNS server outside can be asked: connect "
        "it to another network as well"),
    ),
    (
        ["network create app", run("web", "--network app --dns 203.0.113.9")],
        "example.com",
        ("no running container on network app has the name example.com, and no DNS "
        "server answers at 203.0.113.9: give one with --dns"),
    ),
    (
        [run("db"), run("web", "--network none")],
        "db",
        "web is on no network: docker network connect NET web",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "wanted", "why"), REASONS)
def test_without_an_address_one_sentence_says_why_and_what_would_work(
    lines, wanted, why
):
    docker = lab(*lines)
    found = asked(docker, "web", wanted)
    assert not found.addresses
    if why is None:
        assert found.why.startswith("on network app db is not called store")
    else:
        assert found.why == why


def test_what_the_reason_proposes_does_work():
    docker = lab(
        "network create app",
        "network create back",
        run("db", "--network back"),
        run("web", "--network app"),
    )
    said(docker, asked(docker, "web", "db").why.partition(": docker ")[2])
    assert asked(docker, "web", "db")


def test_a_family_that_a_network_does_not_have_is_named():
    docker = lab(
        "network create app", run("db", "--network app"), run("web", "--network app")
    )
    found = asked(docker, "web", "db", V6)
    assert found.why.startswith("db has no IPv6 address on network app")
    assert found.status is Status.NOERROR


def test_a_program_in_a_stopped_container_asks_nobody():
    docker = lab(run("web"), "stop -t 0 web")
    assert (
        asked(docker, "web", "localhost").why == "web is not running: docker start web"
    )


# --- laws -----------------------------------------------------------------------------

LAWS = settings(max_examples=25, deadline=None)
ASKED = st.sampled_from(
    [*WORDS, "shared", "a.b", "x", "host1", "nobody", "example.com"]
    + [f"{word}.{network}" for word in (*WORDS, "a.b") for network in NETWORKS]
)


def networks_of(one):
    return {endpoint.network for endpoint in one.endpoints if endpoint.attached}


def addresses_of(one, network=None):
    return {
        endpoint.address
        for endpoint in one.endpoints
        if endpoint.attached and network in {None, endpoint.network}
    }


@LAWS
@given(plan=plans, wanted=ASKED)
def test_a_name_resolves_only_to_containers_that_share_a_network_with_the_asker(
    plan, wanted
):
    named = built(plan)
    for asker in named.running:
        found = resolve(named.world, asker, wanted)
        if found.source != "embedded dns":
            continue
        assert found.network in networks_of(asker)
        near = set()
        for other in named.running:
            near |= addresses_of(other, found.network)
        assert set(found.addresses) <= near


@LAWS
@given(plan=plans)
def test_every_running_neighbour_is_found_by_its_name_and_network(plan):
    named = built(plan)
    for asker in named.running:
        links = {
            link.partition(":")[2]
            for endpoint in asker.endpoints
            for link in endpoint.settings.links or ()
        }
        for other in named.running:
            for network in networks_of(asker) & networks_of(other):
                if other.name in links:
                    continue
                found = resolve(named.world, asker, f"{other.name}.{network}")
                assert addresses_of(other, network) <= set(found.addresses)
                assert found.network == network


@LAWS
@given(plan=plans, wanted=ASKED)
def test_a_stopped_container_has_no_name(plan, wanted):
    named = built(plan)
    gone = {one.name for one in named.stopped}
    for asker in named.running:
        found = resolve(named.world, asker, wanted)
        if found.source == "embedded dns":
            assert not any(f" of {name} " in found.entry for name in gone)
            assert not any(f"endpoint name {name} " in found.entry for name in gone)


@LAWS
@given(plan=plans, wanted=ASKED, family=st.sampled_from([0, V4, V6]))
def test_a_name_has_an_address_or_a_reason_and_never_both(plan, wanted, family):
    named = built(plan)
    for asker in named.world.containers_in_order():
        found = resolve(named.world, asker, wanted, family)
        assert bool(found.addresses) != bool(found.why)
        assert bool(found.addresses) == (found.source != "none")
        assert all(family in {0, address.family} for address in found.addresses)


@LAWS
@given(plan=plans, wanted=ASKED)
def test_other_networks_that_know_a_name_give_other_addresses(plan, wanted):
    named = built(plan)
    for asker in named.running:
        found = resolve(named.world, asker, wanted)
        for network in found.also:
            assert network in networks_of(asker) - {found.network}
            there = resolve(named.world, asker, f"{wanted}.{network}", V4)
            assert set(there.addresses) - set(found.addresses)


@LAWS
@given(plan=plans, word=st.sampled_from(WORDS))
def test_a_new_name_takes_effect_at_once(plan, word):
    named = built(plan)
    assume(word in named.names)
    before = {one.id: resolve(named.world, one, word) for one in named.running}
    said(named.docker, f"rename {word} brandnew")
    owner = container(named.docker, "brandnew")
    for asker in named.running:
        found = resolve(named.world, asker, "brandnew")
        shares = networks_of(asker) & networks_of(owner)
        assert bool(found) == (bool(shares) and owner.state.running)
        if found:
            assert set(found.addresses) <= addresses_of(owner)
        old = before[asker.id]
        if old.entry.startswith("endpoint name"):
            assert resolve(named.world, asker, word).entry != old.entry
