"""dig, nslookup and getent: the texts that real ones print beside a real engine."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.naming.resolver import resolve
from minidock.net.address import V4
from minidock.runtime.lookups import LOOKUPS
from tests.naming.named_worlds import WORDS, built, container, plans, said

DIG = "; <<>> DiG 9.18.49-1~deb12u3-Debian <<>>"


def lab(era="20.10", *, search=()):
    docker = Engine(era, host=replace(Engine().world.host, search=search))
    docker("pull busybox")
    docker("pull debian")
    for line in (
        "network create u",
        "network create --internal int",
        "network create --ipv6 --subnet fd00:5::/64 --subnet 10.5.0.0/24 six",
        "run -d --name web --network u debian sleep 9999",
        "run -d --name db --network u --network-alias both debian sleep 9999",
        "run -d --name db2 --network u --network-alias both debian sleep 9999",
        "run -d --name box --network u busybox sleep 9999",
        "run -d --name in1 --network int debian sleep 9999",
        "run -d --name boxin --network int busybox sleep 9999",
        "run -d --name none1 --network none debian sleep 9999",
        "run -d --name boxno --network none busybox sleep 9999",
        "run -d --name six1 --network six debian sleep 9999",
        "run -d --name six2 --network six debian sleep 9999",
        "run -d --name lone debian sleep 9999",
    ):
        said(docker, line)
    return docker


@pytest.fixture(scope="module")
def docker():
    return lab()


def run(docker, name, line):
    words = line.split()
    return LOOKUPS[words[0]](docker.world, container(docker, name), words)


# --- dig ------------------------------------------------------------------------------


def test_dig_shows_the_whole_answer(docker):
    assert run(docker, "web", "dig db").stdout == (
        f"\n{DIG} db\n;; global options: +cmd\n"
        ";; Got answer:\n"
        ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 62882\n"
        ";; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0\n\n"
        ";; QUESTION SECTION:\n;db.\t\t\t\tIN\tA\n\n"
        ";; ANSWER SECTION:\ndb.\t\t\t600\tIN\tA\t172.18.0.3\n\n"
        ";; Query time: 0 msec\n;; SERVER: 127.0.0.11#53(127.0.0.11) (UDP)\n"
        ";; WHEN: Tue Nov 14 22:13:20 UTC 2023\n;; MSG SIZE  rcvd: 38\n\n"
    )


@pytest.mark.parametrize(
    ("line", "stdout"),
    [
        ("dig +short db", "172.18.0.3\n"),
        ("dig db db2 +short", None),
        ("dig +short both", "172.18.0.3\n172.18.0.4\n"),
        ("dig +short nosuch", ""),
        ("dig +short -x 172.18.0.3", "db.u.\n"),
        ("dig +short -t a DB.u.", "172.18.0.3\n"),
        ("dig +identify +short db", "172.18.0.3 from server 127.0.0.11 in 0 ms.\n"),
        ("dig db +noall", ""),
        ("dig db +noall +answer +nottlid", "db.\t\t\tIN\tA\t172.18.0.3\n"),
        ("dig +nocl +noall +answer db", "db.\t\t\t600\tA\t172.18.0.3\n"),
        ("dig -q db -t A +noall +answer", "db.\t\t\t600\tIN\tA\t172.18.0.3\n"),
        ("dig @192.0.2.1 example.net +short", "198.51.100.81\n"),
    ],
)
def test_dig_shows_the_parts_that_are_asked_for(docker, line, stdout):
    finished = run(docker, "web", line)
    assert finished.code == 0
    if stdout is not None:
        assert finished.stdout == stdout


def test_options_before_the_first_name_hold_for_all_and_later_ones_for_one(docker):
    assert run(docker, "web", "dig +short db db2").stdout == "172.18.0.3\n172.18.0.4\n"
    mixed = run(docker, "web", "dig db +short db2").stdout
    assert mixed.startswith("172.18.0.3\n;; Got answer:\n")


def test_the_columns_of_dig_grow_for_long_names(docker):
    reverse = (
        "3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.0.0.d.f.ip6.arpa."
    )
    shown = run(docker, "six1", "dig -x fd00:5::3").stdout
    assert f";{reverse} IN PTR\n" in shown
    assert f"{reverse} 600 IN PTR six2.six.\n" in shown
    plain = run(docker, "web", "dig -x 172.18.0.3 +noall +question +answer").stdout
    name = "3.0.18.172.in-addr.arpa."
    assert plain == f";{name}\tIN\tPTR\n{name} 600\tIN\tPTR\tdb.u.\n"


def test_the_size_of_an_answer_is_that_of_its_message(docker):
    for line, size in (
        ("dig db", 38),
        ("dig nosuch", 24),
        ("dig DB.u", 42),
        ("dig", 17),
    ):
        shown = run(docker, "web", line).stdout
        assert f";; MSG SIZE  rcvd: {size}\n" in shown
    # 182 for the name s2.six. on a real engine, which is two letters shorter.
    assert "rcvd: 184\n" in run(docker, "six1", "dig -x fd00:5::3").stdout


@pytest.mark.parametrize(
    ("asker", "line", "stdout", "code"),
    [
        (
            "in1",
            "dig example.com +time=1",
            ";; communications error to 127.0.0.11#53: timed out\n"
            * 3
            + f"\n{DIG} example.com +time=1\n;; global options: +cmd\n"
            ";; no servers could be reached\n",
            9,
        ),
        (
            "in1",
            "dig +short +tries=1 example.com",
            (
                ";; communications error to 127.0.0.11#53: timed out\n"
                ";; no servers could be reached\n"
            ),
            9,
        ),
        (
            "web",
            "dig @172.18.0.1 db",
            ";; communications error to 172.18.0.1#53: connection refused\n"
            * 3
            + f"\n{DIG} @172.18.0.1 db\n; (1 server found)\n"
            ";; global options: +cmd\n;; no servers could be reached\n",
            9,
        ),
        (
            "web",
            "dig +short c2 ANY",
            ";; communications error to 127.0.0.11#53: end of file\n" * 3
            + ";; no servers could be reached\n",
            9,
        ),
        (
            "none1",
            "dig web",
            (
                ";; UDP setup with 192.0.2.1#53(192.0.2.1) for web failed: "
                "network unreachable.\n;; no servers could be reached\n"
            )
            * 3,
            9,
        ),
    ],
)
def test_dig_tells_how_a_server_failed(docker, asker, line, stdout, code):
    finished = run(docker, asker, line)
    assert (finished.stdout, finished.code) == (stdout, code)


@pytest.mark.parametrize(
    ("line", "stderr", "code"),
    [
        ("dig foo..bar", "dig: 'foo..bar' is not a legal name (empty label)\n", 10),
        (f"dig {'a' * 64}", (f"dig: '{'a' * 64}' is not a legal name "
         "(label too long)\n"), 10),
        ("dig @nosuch db", "dig: couldn't get address for 'nosuch': not found\n", 1),
    ],
)  # fmt: skip
def test_dig_refuses_what_cannot_be_asked(docker, line, stderr, code):
    finished = run(docker, "web", line)
    assert (finished.stdout, finished.stderr, finished.code) == ("", stderr, code)


@pytest.mark.parametrize("option", ["+bogus", "-t", "-z"])
def test_dig_refuses_unknown_options(docker, option):
    finished = run(docker, "web", f"dig {option}")
    assert finished.code == 1
    assert finished.stderr.startswith(f"Invalid option: {option}\nUsage:  dig ")


def test_a_newer_engine_says_servfail_and_offers_no_recursion():
    shown = run(lab("28"), "in1", "dig example.com +noall +comments").stdout
    assert "status: SERVFAIL" in shown
    assert ";; flags: qr rd; QUERY" in shown
    assert ";; WARNING: recursion requested but not available\n" in shown


# --- nslookup -------------------------------------------------------------------------

SERVER = "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11#53\n\n"
ANSWER = "Non-authoritative answer:\n"
ELSEWHERE = "Authoritative answers can be found from:\n\n"


@pytest.mark.parametrize(
    ("asker", "line", "stdout", "code"),
    [
        ("web", "db", f"{SERVER}{ANSWER}Name:\tdb\nAddress: 172.18.0.3\n\n", 0),
        ("six1", "six2", (f"{SERVER}{ANSWER}Name:\tsix2\nAddress: 10.5.0.3\n"
         "Name:\tsix2\nAddress: fd00:5::3\n\n"), 0),
        ("web", "nosuch", f"{SERVER}** server can't find nosuch: NXDOMAIN\n\n", 1),
        ("web", "-type=AAAA db", f"{SERVER}{ANSWER}*** Can't find db: No answer\n\n", 0),
        ("web", "-type=mx db",
         f"{SERVER}{ANSWER}*** Can't find db: No answer\n\n{ELSEWHERE}", 0),
        ("web", "172.18.0.3",
         f"3.0.18.172.in-addr.arpa\tname = db.u.\n\n{ELSEWHERE}", 0),
        ("web", "-type=ptr 172.18.0.3", (f"{SERVER}{ANSWER}3.0.18.172.in-addr.arpa\tname "
         f"= db.u.\n\n{ELSEWHERE}"), 0),
        ("web", "172.18.0.99",
         "** server can't find 99.0.18.172.in-addr.arpa: NXDOMAIN\n\n", 1),
        ("web", "db 172.18.0.1",
         ";; communications error to 172.18.0.1#53: connection refused\n" * 3
         + ";; no servers could be reached\n\n", 1),
        ("in1", "-timeout=1 -retry=1 example.com",
         (";; communications error to 127.0.0.11#53: timed out\n"
         ";; no servers could be reached\n\n"), 1),
        ("lone", "db", ("Server:\t\t192.0.2.1\nAddress:\t192.0.2.1#53\n\n"
         "** server can't find db: NXDOMAIN\n\n"), 1),
    ],
)  # fmt: skip
def test_nslookup_of_bind(docker, asker, line, stdout, code):
    finished = run(docker, asker, f"nslookup {line}")
    assert (finished.stdout, finished.code) == (stdout, code)


UNREACHABLE = (
    "nslookup: can't connect to remote host (192.0.2.1): Network is unreachable\n"
)
BOX = "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n"


@pytest.mark.parametrize(
    ("asker", "line", "said"),
    [
        ("box", "db",
         (f"{BOX}{ANSWER}Name:\tdb\nAddress: 172.18.0.3\n\n{ANSWER}\n", "", 0)),
        ("box", "-type=a db",
         (f"{BOX}{ANSWER}Name:\tdb\nAddress: 172.18.0.3\n\n", "", 0)),
        ("box", "nosuch",
         (BOX + "** server can't find nosuch: NXDOMAIN\n\n" * 2, "", 1)),
        ("box", "172.18.0.3",
         (f"{BOX}{ANSWER}3.0.18.172.in-addr.arpa\tname = db.u\n\n", "", 0)),
        ("box", "db 172.18.0.1",
         (";; connection timed out; no servers could be reached\n\n",
          "nslookup: write to '172.18.0.1': Connection refused\n", 1)),
        ("boxin", "example.com",
         (";; connection timed out; no servers could be reached\n\n", "", 1)),
        ("boxno", "web",
         ("", UNREACHABLE, 1)),
        ("box", "-type=foo db", ("", 'nslookup: invalid query type "foo"\n', 1)),
        ("box", "db nosuch", ("", "nslookup: bad address 'nosuch'\n", 1)),
    ],
)  # fmt: skip
def test_nslookup_of_busybox(docker, asker, line, said):
    finished = run(docker, asker, f"nslookup {line}")
    assert (finished.stdout, finished.stderr, finished.code) == said


def test_busybox_asks_for_a_word_with_the_search_domains_only():
    docker = lab(search=("example.test",))
    failed = run(docker, "box", "nslookup db")
    assert failed.code == 1
    assert failed.stdout == BOX + (
        "** server can't find db.example.test: NXDOMAIN\n\n" * 2
    )
    assert resolve(docker.world, container(docker, "box"), "db")
    for line in ("nslookup db.u", "nslookup db 127.0.0.11"):
        assert "Address: 172.18.0.3\n" in run(docker, "box", line).stdout
    assert run(docker, "web", "nslookup db").code == 0


def test_of_a_server_that_failed_bind_says_so_first():
    finished = run(lab("28"), "in1", "nslookup example.com")
    assert finished.stdout == (
        f";; Got SERVFAIL reply from 127.0.0.11\n{SERVER}"
        "** server can't find example.com: SERVFAIL\n\n"
    )


# --- getent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asker", "line", "stdout", "code"),
    [
        ("web", "hosts db", "172.18.0.3      db\n", 0),
        ("web", "hosts both", "172.18.0.3      both\n172.18.0.4      both\n", 0),
        ("web", "hosts nosuch db", "172.18.0.3      db\n", 2),
        ("web", "hosts example.net", "198.51.100.81   example.net\n", 0),
        ("web", "hosts 172.18.0.3", "172.18.0.3      db.u\n", 0),
        ("web", "hosts 172.18.0.99", "", 2),
        ("web", "hosts localhost",
         "::1             localhost ip6-localhost ip6-loopback\n", 0),
        ("web", "ahosts localhost", ("127.0.0.1       STREAM localhost\n"
         "127.0.0.1       DGRAM  \n127.0.0.1       RAW    \n"), 0),
        ("web", "ahosts db", ("172.18.0.3      STREAM db\n172.18.0.3      DGRAM  \n"
         "172.18.0.3      RAW    \n"), 0),
        ("web", "ahostsv6 db", "", 2),
        ("web", "ahosts 10.0.0.1", ("10.0.0.1        STREAM 10.0.0.1\n"
         "10.0.0.1        DGRAM  \n10.0.0.1        RAW    \n"), 0),
        ("six1", "hosts six2", "fd00:5::3       six2\n", 0),
        ("six1", "ahosts six2", ("fd00:5::3       STREAM six2\n"
         "fd00:5::3       DGRAM  \nfd00:5::3       RAW    \n10.5.0.3        STREAM \n"
         "10.5.0.3        DGRAM  \n10.5.0.3        RAW    \n"), 0),
        ("six1", "hosts fd00:5::3", "fd00:5::3       six2.six\n", 0),
        ("none1", "hosts web", "", 2),
        ("in1", "hosts example.com", "", 2),
        ("web", "passwd root", "", 2),
    ],
)  # fmt: skip
def test_getent(docker, asker, line, stdout, code):
    finished = run(docker, asker, f"getent {line}")
    assert (finished.stdout, finished.code) == (stdout, code)


def test_getent_lists_the_hosts_file_and_ipv6_loopback_as_ipv4(docker):
    own = container(docker, "web")
    assert run(docker, "web", "getent hosts").stdout == (
        "127.0.0.1       localhost\n"
        "127.0.0.1       localhost ip6-localhost ip6-loopback\n"
        f"172.18.0.2      {own.hostname}\n"
    )


@pytest.mark.parametrize("line", ["getent", "getent foo bar"])
def test_getent_refuses_what_it_does_not_understand(docker, line):
    finished = run(docker, "web", line)
    assert finished.code == 1
    assert "Try `getent --help'" in finished.stderr


# --- laws -----------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(plan=plans, word=st.sampled_from((*WORDS, "shared", "db.app")))
def test_nslookup_and_its_like_say_what_the_resolver_says(plan, word):
    named = built(plan)
    for asker in named.running:
        found = resolve(named.world, asker, word, V4)
        wanted = sorted(str(address) for address in found.addresses)
        hosts = LOOKUPS["getent"](named.world, asker, ["getent", "hosts", word])
        lines = hosts.stdout.splitlines()
        assert sorted(line.split()[0] for line in lines) == wanted
        assert hosts.code == (0 if wanted else 2)
        if found.source != "hosts":
            shown = LOOKUPS["dig"](named.world, asker, ["dig", "+short", word]).stdout
            told = [line for line in shown.splitlines() if line[0] != ";"]
            assert sorted(told) == wanted


def test_docker_exec_runs_them(docker):
    assert docker("exec web dig +short db").stdout == "172.18.0.3\n"
    assert docker("exec box nslookup db.u").ok
    assert docker("exec web getent hosts db").stdout == "172.18.0.3      db\n"
