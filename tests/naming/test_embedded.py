"""Docker's name server 127.0.0.11: what recordings of real engines show, then laws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.naming.embedded import Question, address_in, answer, ask
from minidock.naming.records import dns_names, link_aliases
from minidock.naming.servers import Contact, Status
from minidock.net.address import V4, V6
from tests.naming.named_worlds import WORDS, built, container, plans, said
from tests.strategies import addresses


def lab(*lines, era="20.10", **facts):
    docker = Engine(era, **facts)
    docker("pull busybox")
    for line in lines:
        said(docker, line)
    return docker


def run(name, options=""):
    return f"run -d --name {name} {options} busybox sleep 9999"


def told(docker, asker, *question, tcp=False):
    return answer(docker.world, container(docker, asker), Question(*question, tcp=tcp))


def values(docker, asker, *question):
    return [record.value for record in told(docker, asker, *question).records]


@pytest.fixture
def attached():
    """The two containers of the recording 08."""
    return lab(
        "network create --subnet 10.70.0.0/24 mnet",
        run("c1", "--network mnet --network-alias web --network-alias www"),
        run(
            "c2", "--network mnet --network-alias web --hostname h2 --domainname d.test"
        ),
    )


@pytest.mark.parametrize(
    ("question", "status", "records"),
    [
        (("c2", "A"), "NOERROR", ["10.70.0.3"]),
        (("C2", "A"), "NOERROR", ["10.70.0.3"]),
        (("c2.", "A"), "NOERROR", ["10.70.0.3"]),
        (("c2.mnet", "A"), "NOERROR", ["10.70.0.3"]),
        (("c2.MNET", "A"), "NXDOMAIN", []),
        (("web", "A"), "NOERROR", ["10.70.0.2", "10.70.0.3"]),
        (("h2", "A"), "NOERROR", ["10.70.0.3"]),
        (("h2.d.test", "A"), "NXDOMAIN", []),
        (("c2", "AAAA"), "NOERROR", []),
        (("c2", "MX"), "NOERROR", []),
        (("c2", "TXT"), "NXDOMAIN", []),
        (("c2", "SRV"), "NXDOMAIN", []),
        (("nosuch", "A"), "NXDOMAIN", []),
        (("nosuch", "MX"), "NXDOMAIN", []),
        (("3.0.70.10.in-addr.arpa", "PTR"), "NOERROR", ["c2.mnet."]),
        (("1.0.70.10.in-addr.arpa", "PTR"), "NXDOMAIN", []),
        (("99.0.70.10.in-addr.arpa", "PTR"), "NXDOMAIN", []),
    ],
)
def test_the_answers_are_those_of_the_recorded_engine(
    attached, question, status, records
):
    found = told(attached, "c1", *question)
    assert found.status == status
    assert [record.value for record in found.records] == records


def test_the_short_id_is_a_name_and_the_long_one_is_not(attached):
    other = container(attached, "c2")
    assert values(attached, "c1", other.short_id) == ["10.70.0.3"]
    assert values(attached, "c1", other.id) == []


def test_before_20_10_the_hostname_was_no_name():
    lines = ["network create app", run("db", "--network app --hostname h1")]
    assert values(lab(*lines, era="17.12"), "db", "h1") == []
    assert values(lab(*lines, era="20.10"), "db", "h1") == ["172.18.0.2"]


def test_own_answers_live_600_seconds_and_those_from_outside_their_own_time(attached):
    assert [record.ttl for record in told(attached, "c1", "web").records] == [600, 600]
    outside = told(attached, "c1", "example.net")
    assert [record.ttl for record in outside.records] == [60]
    assert outside.forwarded_to == "192.0.2.1"


def test_without_a_user_network_nobody_listens_at_127_0_0_11():
    docker = lab(run("c0"))
    found = told(docker, "c0", "c0")
    assert (found.status, found.contact) == (Status.REFUSED, Contact.CLOSED)


def test_the_default_bridge_has_no_names_even_for_those_who_have_the_server():
    docker = lab(
        "network create u", run("onb"), run("web", "--network u"),
        "network connect bridge web",
    )  # fmt: skip
    assert told(docker, "web", "onb").status is Status.NXDOMAIN
    assert told(docker, "web", "onb.bridge").status is Status.NXDOMAIN
    question = ("2.0.17.172.in-addr.arpa", "PTR")
    assert told(docker, "web", *question).status is Status.NXDOMAIN


def test_a_link_alias_hides_the_real_container_of_that_name():
    docker = lab(
        "network create u",
        run("db", "--network u --hostname dbhost"),
        run("db2", "--network u"),
        run("lk", "--network u --link db2:db"),
    )
    assert values(docker, "lk", "db") == ["172.18.0.3"]
    assert values(docker, "lk", "db.u") == ["172.18.0.3"]
    assert values(docker, "lk", "dbhost") == ["172.18.0.2"]
    assert values(docker, "db2", "db") == ["172.18.0.2"]
    # Odd on purpose: an alias is compared as written, a name without case.
    assert values(docker, "lk", "DB") == ["172.18.0.2"]


def test_a_link_to_somebody_who_is_not_there_hides_the_name_too():
    docker = lab(
        "network create u",
        run("db", "--network u"),
        run("lk", "--network u --link xx:db"),
    )
    assert told(docker, "lk", "db").status is Status.NXDOMAIN
    said(docker, run("xx", "--network u"))
    assert values(docker, "lk", "db") == ["172.18.0.4"]


def test_networks_are_asked_by_name_and_internal_ones_last():
    docker = lab(
        "network create n4", "network create n1", "network create --internal aaint",
        run("tt", "--network n4"), "network connect n1 tt", "network connect aaint tt",
        run("qq", "--network n4"), "network connect aaint qq", "network connect n1 qq",
    )  # fmt: skip
    for network in ("n1", "n4", "aaint"):
        assert told(docker, "qq", "tt").network == network
        said(docker, f"network disconnect {network} tt")
    assert told(docker, "qq", "tt").status is Status.NXDOMAIN


def test_dots_may_be_in_the_name_and_in_the_network():
    docker = lab("network create b.c", run("a.b", "--network b.c"))
    assert values(docker, "a.b", "a.b.b.c") == ["172.18.0.2"]
    assert values(docker, "a.b", "a.b") == ["172.18.0.2"]
    assert values(docker, "a.b", "a.b.c") == []


def test_a_paused_container_keeps_its_name_and_a_stopped_one_loses_it(attached):
    said(attached, "pause c2")
    assert values(attached, "c1", "c2") == ["10.70.0.3"]
    said(attached, "unpause c2")
    said(attached, "stop -t 0 c2")
    assert told(attached, "c1", "c2").status is Status.NXDOMAIN
    assert values(attached, "c1", "web") == ["10.70.0.2"]


def test_single_words_stay_inside_where_ndots_was_set():
    docker = lab(
        "network create u", run("web", "--network u --dns-opt ndots:2"),
        run("db", "--network u"),
    )  # fmt: skip
    inside = told(docker, "web", "nosuch")
    assert (inside.status, inside.forwarded_to) == (Status.NOERROR, "")
    assert told(docker, "web", "no.such").status is Status.NXDOMAIN
    assert told(docker, "web", "nosuch", "TXT").status is Status.NXDOMAIN
    assert told(docker, "db", "nosuch").status is Status.NXDOMAIN


@pytest.mark.parametrize(
    ("era", "status"),
    [("17.12", "TIMEOUT"), ("20.10", "TIMEOUT"), ("28", "SERVFAIL")],
)
def test_if_nobody_outside_answers_older_servers_are_silent_too(era, status):
    docker = lab(
        "network create u",
        "network create --internal int",
        run("web", "--network u --dns 203.0.113.9"),
        run("in1", "--network int"),
        run("in2", "--network int"),
        era=era,
    )
    assert told(docker, "web", "example.com").status == status
    assert told(docker, "in1", "example.com").status == status
    assert told(docker, "in1", "in2").status is Status.NOERROR


def test_a_resolver_on_the_host_is_asked_for_containers_and_was_for_internal_ones():
    lines = [
        "network create u", "network create --internal int", run("lo1", "--network u"),
        run("lo2", "--network u --dns-search x.test"), run("lo3", "--network int"),
    ]  # fmt: skip
    found = {}
    for era in ("20.10", "28"):
        docker = lab(era=era)
        docker.write_host_file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
        docker.listen("udp", 53, "127.0.0.53")
        for line in lines:
            said(docker, line)
        names = ("lo1", "lo2", "lo3")
        found[era] = [bool(values(docker, name, "example.org")) for name in names]
    # With --dns-search, 20.10 asked 127.0.0.53 from the container; CVE-2024-29018.
    assert found == {"20.10": [True, False, True], "28": [True, True, False]}


def test_without_a_listener_the_hosts_loopback_resolver_answers_nobody():
    docker = lab("network create u", era="28")
    docker.write_host_file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
    said(docker, run("lo1", "--network u"))
    assert told(docker, "lo1", "example.org").status is Status.SERVFAIL


def test_the_next_server_is_asked_when_one_is_silent():
    docker = lab(
        "network create u", run("web", "--network u --dns 203.0.113.9 --dns 9.9.9.9")
    )
    assert told(docker, "web", "example.org").forwarded_to == "9.9.9.9"


def test_only_three_servers_are_asked():
    silent = " ".join(f"--dns 203.0.113.{n}" for n in (7, 8, 9))
    docker = lab("network create u", run("web", f"--network u {silent} --dns 9.9.9.9"))
    assert told(docker, "web", "example.org").status is Status.TIMEOUT


def test_other_servers_are_closed_silent_or_out_of_reach():
    docker = lab(
        "network create u", run("web", "--network u"), run("lone", "--network none")
    )
    for asker, server, contact in (
        ("web", "172.18.0.1", "connection refused"),
        ("web", "172.18.0.2", "connection refused"),
        ("web", "172.18.0.9", "timed out"),
        ("web", "127.0.0.1", "connection refused"),
        ("web", "203.0.113.1", "timed out"),
        ("web", "192.0.2.1", "answers"),
        ("lone", "192.0.2.1", "network unreachable"),
        ("lone", "127.0.0.11", "connection refused"),
        ("web", "fd00::1", "network unreachable"),
    ):
        found = ask(docker.world, container(docker, asker), server, Question("x"))
        assert found.contact == contact, (asker, server)


# --- laws -----------------------------------------------------------------------------

LAWS = settings(max_examples=25, deadline=None)


@LAWS
@given(plan=plans)
def test_the_name_of_an_address_leads_back_to_the_address(plan):
    named = built(plan)
    for asker in named.running:
        for other in named.running:
            for endpoint in other.endpoints:
                if asker.endpoint_on(endpoint.network) is None:
                    continue
                question = Question(endpoint.address.reverse_pointer, "PTR")
                (record,) = answer(named.world, asker, question).records
                assert record.value == f"{other.name}.{endpoint.network}."
                links = link_aliases(asker.endpoint_on(endpoint.network))
                if other.name not in links:
                    back = answer(named.world, asker, Question(record.value)).records
                    assert str(endpoint.address) in [one.value for one in back]


@LAWS
@given(plan=plans)
def test_each_of_a_container_s_names_finds_it_and_no_other_word_does(plan):
    named = built(plan)
    for other in named.running:
        for endpoint in other.endpoints:
            names = dns_names(named.world, other, endpoint)
            links = link_aliases(endpoint)
            for word in {*names, other.hostname, "nobody"} - set(links):
                question = Question(f"{word}.{endpoint.network}")
                records = answer(named.world, other, question).records
                found = str(endpoint.address) in [one.value for one in records]
                assert found == (word in names), word


@LAWS
@given(plan=plans, alias=st.sampled_from(["shared", "a.b"]))
def test_an_alias_shared_by_several_gives_all_their_addresses(plan, alias):
    named = built(plan)
    for asker in named.running:
        found = answer(named.world, asker, Question(alias))
        if not found.network:
            continue
        holders = {
            str(endpoint.address)
            for other in named.running
            for endpoint in other.endpoints
            if endpoint.network == found.network
            and alias in (endpoint.settings.aliases or ())
        }
        assert {record.value for record in found.records} == holders


@LAWS
@given(plan=plans)
def test_a_link_alias_never_means_the_container_of_that_name(plan):
    named = built(plan)
    for asker in named.running:
        for endpoint in asker.endpoints:
            for alias, target in link_aliases(endpoint).items():
                scoped = f"{alias}.{endpoint.network}"
                found = answer(named.world, asker, Question(scoped)).records
                meant = [
                    str(other.endpoint_on(endpoint.network).address)
                    for other in named.running
                    if other.endpoint_on(endpoint.network)
                    and target in names_on(named.world, other, endpoint.network)
                ]
                assert sorted(record.value for record in found) == sorted(meant)


def names_on(world, other, network):
    aliases = other.endpoint_on(network).settings.aliases or ()
    hostname = {other.hostname} if world.era.hostname_in_dns else set()
    return {other.name, other.short_id, *hostname, *aliases}


@LAWS
@given(plan=plans, word=st.sampled_from(WORDS))
def test_the_case_of_a_name_does_not_matter_except_in_a_link_alias(plan, word):
    named = built(plan)
    for asker in named.running:
        links = {a for e in asker.endpoints for a in link_aliases(e)}
        if word in links:
            continue
        lower = answer(named.world, asker, Question(word))
        upper = answer(named.world, asker, Question(word.upper()))
        assert [r.value for r in lower.records] == [r.value for r in upper.records]
        assert lower.status == upper.status


@LAWS
@given(plan=plans, word=st.sampled_from(WORDS))
def test_a_known_name_without_an_address_of_the_family_is_not_asked_outside(plan, word):
    named = built(plan)
    for asker in named.running:
        known = answer(named.world, asker, Question(word)).network
        six = answer(named.world, asker, Question(word, "AAAA"))
        if known:
            assert (six.status, six.records, six.forwarded_to) == ("NOERROR", (), "")


@given(address=addresses(V4) | addresses(V6))
def test_a_reverse_name_stands_for_its_address(address):
    assert address_in(address.reverse_pointer) == address
    assert address_in(address.reverse_pointer.upper() + ".") == address
