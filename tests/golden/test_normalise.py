"""The comparison minds what must be equal, and only that; the replay counts rightly."""

import json
from pathlib import Path

import pytest

from tests.golden import fixtures
from tests.golden.minishell import Answer, Shell
from tests.golden.mirror import mirrored, mirrored_json
from tests.golden.normalise import Comparer, texts_of
from tests.golden.pieces import Pairing, pieces
from tests.golden.replay import World, _print_report, replay

RECORDINGS = sorted(
    (Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10").glob(
        "*.json"
    )
)
ONE, TWO = "8185491abcf7" * 5 + "8185", "5d1c0a9be2f4" * 5 + "5d1c"
OTHER = "f" * 12


def differs(recorded, ours, command="docker ps", steps=()):
    return bool(Comparer(steps).texts("stdout", recorded, ours, command))


# -- texts -----------------------------------------------------------------------------


def test_another_id_is_the_same_when_it_stays_the_same():
    comparer = Comparer()
    assert not comparer.texts("stdout", ONE + "\n", TWO + "\n")
    assert not comparer.texts("stdout", f"{ONE[:12]} web", f"{TWO[:12]} web")
    assert comparer.texts("stdout", f"{ONE[:12]} web", f"{OTHER} web")


def test_two_ids_never_become_one():
    comparer = Comparer()
    assert not comparer.texts("stdout", ONE[:12], TWO[:12])
    assert comparer.texts("stdout", OTHER, TWO[:12])


def test_a_step_that_differs_pairs_nothing():
    comparer = Comparer()
    assert comparer.texts("stdout", f"{ONE[:12]} web", f"{TWO[:12]} wob")
    assert not comparer.texts("stdout", ONE[:12], OTHER)


def test_an_id_is_not_the_same_as_a_short_id():
    assert differs(ONE, TWO[:12])


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ("Up 2 seconds (Paused)", "Up About a minute (Paused)"),
        ('"Created": "2026-11-24T18:52:45.666Z"', '"Created": "2027-01-01T00:00:00Z"'),
        ("users:((pid=266,fd=4))", "users:((pid=1,fd=4))"),
        (";; id: NOERROR, id: 4711", ";; id: NOERROR, id: 1"),
        (":INPUT ACCEPT [0:0]", ":INPUT ACCEPT [7:999]"),
        ("hello_timer    0.00 x", "hello_timer   14.39 x"),
        ("vethab852c9@if4", "veth0000001@if4"),
        (
            "inet6 fe80::42:5ff:fe39:2a32/64 scope link tentative",
            "inet6 fe80::42:1ff:fe02:304/64 scope link",
        ),
    ],
)
def test_what_no_engine_fixes_is_not_compared(recorded, ours):
    assert not differs(recorded, ours)
    assert differs(recorded + "a", ours + "b")


def test_never_is_a_time_of_its_own():
    assert differs(
        '"FinishedAt": "0001-01-01T00:00:00Z"', '"FinishedAt": "2026-11-24T18:52:45Z"'
    )


def test_a_table_without_durations_is_compared_with_its_gaps():
    assert differs("NAME      DRIVER\n", "NAME     DRIVER\n", "docker network ls")


def test_a_table_with_durations_may_have_other_gaps():
    recorded = "CREATED         PORTS\n2 seconds ago   80/tcp\n"
    ours = "CREATED             PORTS\nAbout a minute ago   80/tcp\n"
    assert not differs(recorded, ours)
    assert differs(recorded, ours.replace("80/tcp", "81/tcp"))


def test_an_address_is_compared_and_a_random_mac_is_not():
    recorded = "link/ether 02:42:05:39:2a:32 bridge_id 8000.2:42:5:39:2a:32"
    ours = "link/ether 02:42:0a:00:00:01 bridge_id 8000.2:42:a:0:0:1"
    assert not differs(recorded, ours)
    assert differs(recorded, ours.replace("8000.2:42:a:0:0:1", "8000.2:42:a:0:0:2"))


def test_a_mac_that_an_address_explains_is_compared():
    steps = [{"stdout": "inet 172.17.0.2/16 link/ether 02:42:ac:11:00:02"}]
    assert differs("02:42:ac:11:00:02", "02:42:ac:11:00:03", steps=steps)
    assert not differs("02:42:ac:11:00:02", "02:42:ac:11:00:02", steps=steps)


def test_a_mac_that_a_command_named_is_compared():
    steps = [{"cmd": "docker run --mac-address 02:aa:bb:cc:dd:04 busybox"}]
    assert differs("02:aa:bb:cc:dd:04", "02:aa:bb:cc:dd:05", steps=steps)


def test_a_link_local_address_follows_its_mac():
    comparer = Comparer()
    assert not comparer.texts("stdout", "02:42:05:39:2a:32", "02:42:01:02:03:04")
    assert not comparer.texts(
        "stdout", "fe80::42:5ff:fe39:2a32", "fe80::42:1ff:fe02:304"
    )
    assert comparer.texts("stdout", "fe80::42:5ff:fe39:2a32", "fe80::42:1ff:fe02:305")


def test_a_namespace_that_has_a_name_may_be_shown_by_number():
    assert not differs(
        "ff:ff link-netns dk promiscuity", "ff:ff link-netnsid 0 promiscuity"
    )
    assert differs(
        "ff:ff link-netnsid 1 promiscuity", "ff:ff link-netnsid 0 promiscuity"
    )


def test_a_lost_carrier_may_be_told_late_and_only_then():
    recorded = (
        "docker0          UP             02:42:05:39:2a:32 <BROADCAST,MULTICAST,UP> \n"
    )
    ours = "docker0          DOWN           02:42:05:39:2a:32 <NO-CARRIER,BROADCAST,MULTICAST,UP> \n"
    assert differs(recorded, ours, "ip -br link")
    comparer = Comparer()
    comparer.lagging = True
    assert not comparer.texts("stdout", recorded, ours, "ip -br link")
    up = recorded.replace(",UP>", ",UP,LOWER_UP>")
    assert comparer.texts("stdout", up, ours, "ip -br link")


def test_rules_are_compared_in_order_and_without_dates():
    recorded = "# Generated by iptables-nft-save v1.8.9 on Tue\n*nat\n-A A -j B\n-A A -j C\nCOMMIT\n# Completed on Tue\n"
    assert not differs(
        recorded, "*nat\n-A A -j B\n-A A -j C\nCOMMIT\n", "iptables-nft-save"
    )
    assert differs(
        recorded, "*nat\n-A A -j C\n-A A -j B\nCOMMIT\n", "iptables-nft-save"
    )


def test_random_ports_of_the_resolver_are_not_compared():
    rule = "-A DOCKER_OUTPUT -d 127.0.0.11/32 -p tcp -m tcp --dport 53 -j DNAT --to-destination 127.0.0.11:{}\n"
    back = "-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p tcp -m tcp --sport {} -j SNAT --to-source :53\n"
    recorded = rule.format(37409) + back.format(37409)
    ours = rule.format(40001) + back.format(40001)
    assert not differs(recorded, ours, "iptables-nft-save")
    assert differs(
        recorded, ours.replace("--dport 53", "--dport 54"), "iptables-nft-save"
    )


def test_rows_that_differ_in_their_id_only_may_change_places():
    comparer = Comparer()
    comparer.pairing.pair("id", ONE, TWO)
    recorded = f"{ONE[:12]}   dup\n{OTHER}   dup\n"
    assert not comparer.texts(
        "stdout", recorded, f"{'e' * 12}   dup\n{TWO[:12]}   dup\n"
    )
    assert comparer.texts("stdout", recorded, f"{'e' * 12}   dup\n{TWO[:12]}   dap\n")


def test_answers_for_a_shared_name_come_in_any_order():
    answers = ["web.\t600\tIN\tA\t10.70.0.2", "web.\t600\tIN\tA\t10.70.0.3"]
    assert not differs("\n".join(answers), "\n".join(answers[::-1]), "dig web A")
    assert differs("\n".join(answers), answers[0], "dig web A")


def test_a_name_that_docker_made_up_is_paired():
    steps = [
        {"json": [{"Names": ["/recursing_hoover"]}]},
        {"cmd": "docker network create some_net"},
    ]
    assert not differs("recursing_hoover", "happy_kepler", steps=steps)
    assert differs("some_net", "another_net", steps=steps)


# -- JSON ------------------------------------------------------------------------------


def test_json_differences_name_their_place():
    (difference,) = Comparer().json("body", {"A": [{"B": 1}]}, {"A": [{"B": 2}]})
    assert str(difference) == "body.A[0].B: recorded '1', ours '2'"


def test_null_and_empty_are_two_things():
    assert Comparer().json("body", {"Config": None}, {"Config": []})
    assert Comparer().json("body", {"Config": {}}, {"Config": []})


def test_true_and_one_are_two_things():
    assert Comparer().json("body", {"Internal": True}, {"Internal": 1})


def test_a_missing_key_and_an_extra_key_are_named():
    (difference,) = Comparer().json("body", {"A": 1, "B": 1}, {"A": 1, "C": 1})
    assert (difference.recorded, difference.ours) == ("B", "C")


def test_networks_links_and_deleted_networks_are_sets():
    networks = [{"Name": "a", "IPAM": {}}, {"Name": "b", "IPAM": {}}]
    assert not Comparer().json("body", networks, networks[::-1])
    links = {"HostConfig": {"Links": ["/db:/web/db", "/db:/web/x"]}}
    swapped = {"HostConfig": {"Links": ["/db:/web/x", "/db:/web/db"]}}
    assert not Comparer().json("body", links, swapped)
    assert not Comparer().json(
        "body", {"NetworksDeleted": ["a", "b"]}, {"NetworksDeleted": ["b", "a"]}
    )
    assert Comparer().json("body", {"Cmd": ["a", "b"]}, {"Cmd": ["b", "a"]})


def test_an_object_whose_keys_are_ids_is_matched_by_content():
    recorded = {ONE: {"Name": "web"}, "f" * 64: {"Name": "db"}}
    ours = {"e" * 64: {"Name": "db"}, TWO: {"Name": "web"}}
    comparer = Comparer()
    assert not comparer.json("body.Containers", recorded, ours)
    assert comparer.pairing.ours(ONE) == TWO


def test_timers_and_address_detection_of_printed_interfaces_are_not_compared():
    recorded = {"gc_timer": 299.58, "addr_info": [{"local": "::1", "tentative": True}]}
    ours = {"gc_timer": 300.0, "addr_info": [{"local": "::1"}]}
    assert not Comparer().json("stdout", recorded, ours)
    assert Comparer().json("stdout", {"mtu": 1500}, {"mtu": 1400})


def test_process_numbers_of_top_are_not_compared_and_commands_are():
    recorded = {"Processes": [["root", "16579", "18:57", "sleep 100000"]]}
    ours = {"Processes": [["root", "1750", "00:00", "sleep 100000"]]}
    assert not Comparer().json("body", recorded, ours)
    assert Comparer().json(
        "body", recorded, {"Processes": [["root", "1", "00:00", "sh"]]}
    )
    assert not differs(
        "root   16579  18:57  sh\n", "root   17  00:00  sh\n", "docker top web"
    )


def test_lists_of_another_length_are_shown_by_name():
    (difference,) = Comparer().json(
        "body", [{"Name": "a"}, {"Name": "b"}], [{"Name": "a"}]
    )
    assert difference.recorded == '2 items: "a", "b"'


def test_a_pid_must_be_there_or_not():
    assert not Comparer().json("body", {"Pid": 26692}, {"Pid": 5})
    assert Comparer().json("body", {"Pid": 26692}, {"Pid": 0})


def test_printed_json_is_compared_with_the_order_of_its_keys():
    assert not differs('{"A":1,"B":2}\n', '{"A":1,"B":2}\n')
    assert differs('{"A":1,"B":2}\n', '{"B":2,"A":1}\n')
    assert differs('{\n    "A": 1\n}\n', '{"A":1}\n')


def test_json_inside_a_line_is_compared_as_json():
    recorded = f'["/db:/web/db","/db:/web/alias"] {{"bridge":"{ONE}"}}\n'
    ours = f'["/db:/web/alias","/db:/web/db"] {{"bridge":"{TWO}"}}\n'
    assert not differs(recorded, ours)
    assert differs(recorded, ours.replace("bridge", "host"))


# -- laws over every recording ---------------------------------------------------------


@pytest.mark.skipif(not RECORDINGS, reason="the recordings are not here")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_the_same_world_with_other_ids_and_times_always_matches(path):
    steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
    comparer = Comparer(steps)
    said = "\n".join(texts_of(steps))
    for number, step in enumerate(steps):
        if "json" in step:
            ours = mirrored_json(step["json"], said)
            assert not comparer.json(f"step {number}", step["json"], ours)
        for key in ("stdout", "stderr"):
            text = step.get(key) or ""
            ours = mirrored(text, said)
            assert not comparer.texts(f"step {number}", text, ours, step.get("cmd", ""))


@pytest.mark.skipif(not RECORDINGS, reason="the recordings are not here")
def test_a_changed_line_of_plain_text_is_always_found():
    steps = json.loads(RECORDINGS[1].read_text(encoding="utf-8"))["steps"]
    comparer, changed = Comparer(steps), 0
    for step in steps[:30]:
        for at, line in list(enumerate((step.get("stdout") or "").splitlines()))[::5]:
            # Dates of rules, and lines that are nothing but ids, are not plain text.
            if line.startswith("#") or not any(
                p.text.strip() for p in pieces(line) if not p.kind
            ):
                continue
            lines = step["stdout"].splitlines()
            lines[at] = "x" + line
            ours = "\n".join(lines) + "\n"
            assert comparer.texts("stdout", step["stdout"], ours, step["cmd"])
            changed += 1
    assert changed > 50


# -- the one-to-one correspondence -----------------------------------------------------


def test_what_was_paired_can_be_taken_back():
    pairing = Pairing()
    pairing.pair("id", ONE, TWO)
    mark = pairing.mark()
    pairing.pair("id", OTHER, "e" * 12)
    pairing.back(mark)
    assert pairing.known("id", OTHER) is None
    assert pairing.ours(ONE[:20]) == TWO[:20]


def test_an_ambiguous_head_is_not_translated():
    pairing = Pairing()
    pairing.pair("id", "abc" + "0" * 61, "1" * 64)
    pairing.pair("id", "abd" + "0" * 61, "2" * 64)
    assert pairing.ours("ab") == "ab"
    assert pairing.ours("abd") == "222"


# -- the shell -------------------------------------------------------------------------


def shell_of(outputs):
    calls = []

    def dispatch(words, stdin):
        calls.append(words)
        return outputs.get(words[0])

    return Shell(dispatch), calls


def test_quotes_and_substitutions_make_words():
    shell, calls = shell_of({"docker": Answer("id1\n")})
    shell.run("docker run --link $(docker inspect -f '{{.Id}}' db):x 'a b' \"\" --y=''")
    assert calls == [
        ["docker", "inspect", "-f", "{{.Id}}", "db"],
        ["docker", "run", "--link", "id1:x", "a b", "", "--y="],
    ]


def test_assignments_before_a_command_are_its_environment():
    seen = []
    shell = Shell(lambda words, _: seen.append((words, shell.environment)) or Answer())
    shell.run("DOCKER_API_VERSION=1.24 docker version; docker ps")
    assert seen == [
        (["docker", "version"], {"DOCKER_API_VERSION": "1.24"}),
        (["docker", "ps"], {}),
    ]


def test_xargs_appends_what_was_printed_and_reports_123():
    shell, calls = shell_of({"docker": Answer("a\nb\n"), "fail": Answer("", "no\n", 1)})
    answer = shell.run("docker ps -aq | xargs fail -f; echo rc $?")
    assert calls[1] == ["fail", "-f", "a", "b"]
    assert answer.stdout == "rc 123\n"


def test_filters_work_on_what_was_printed():
    shell, _ = shell_of({"ps": Answer("z docker-proxy\na docker-proxy\nsh\n")})
    assert (
        shell.run("ps | grep '[d]ocker-proxy' | sort | head -1").stdout
        == "a docker-proxy\n"
    )


def test_a_loop_runs_its_body_for_each_item():
    shell, calls = shell_of({"docker": Answer("ok\n")})
    assert (
        shell.run("for i in $(seq 3); do docker create --name p$i; done").stdout
        == "ok\n" * 3
    )
    assert [words[-1] for words in calls] == ["p1", "p2", "p3"]


def test_what_cannot_be_answered_is_said_and_the_rest_still_runs():
    shell, calls = shell_of({"docker": Answer("ok\n")})
    assert shell.run("curl -s http://x; docker ps").stdout == "ok\n"
    assert shell.unanswered == ["curl -s http://x"]
    assert calls[-1] == ["docker", "ps"]


def test_parallel_commands_run_but_have_no_order():
    shell, calls = shell_of({"docker": Answer("ok\n")})
    shell.run("for i in 1 2; do docker run p$i & done; wait")
    assert len(calls) == 2
    assert "parallel" in shell.unanswered[0]


# -- the lab and the replay ------------------------------------------------------------


def test_a_note_opens_sockets_on_the_host():
    note = "a host process listens on 8200/tcp and 8201/udp"
    assert fixtures.listeners(note) == [("tcp", 8200, ""), ("udp", 8201, "")]


def test_a_recording_says_whether_images_were_there():
    empty = {"steps": [{"kind": "api", "path": "/images/json", "raw": "[]\n"}]}
    assert fixtures.lab_of(empty)["images"] == []
    run = {"steps": [{"kind": "cli", "cmd": "docker run busybox"}, *empty["steps"]]}
    assert len(fixtures.lab_of(run)["images"]) == 2


class FakeWorld(World):
    """Knows one container, and remembers what it was asked."""

    def now(self):
        return 0

    def __init__(self, era, dockerd_args, lab):
        self.made = (era, dockerd_args, lab)
        self.asked = []
        FakeWorld.last = self

    def docker(self, words, cli, environment):
        self.asked.append((cli, words, environment))
        return {"run": Answer(TWO + "\n"), "ps": Answer(f"{TWO[:12]} wob\n")}.get(
            words[0]
        )

    def api(self, method, path, body, headers):
        self.asked.append((method, path, body, headers))
        return 200, {"Id": TWO}, None, {}

    def host(self, _line):
        return None

    def container(self, name, line):
        self.asked.append((name, line))
        return Answer("hello\n")

    def outside(self, _line):
        return None

    def advance(self, seconds):
        self.asked.append(seconds)

    def listen(self, protocol, port, _address):
        self.asked.append((protocol, port))


RECORDING = {
    "scenario": "small",
    "dockerd_args": ["--icc=false"],
    "steps": [
        {"kind": "section", "text": "begin"},
        {"kind": "cli20", "cmd": "docker run web", "rc": 0, "stdout": ONE + "\n", "stderr": "", "ms": 400},
        {"kind": "api", "method": "GET", "path": f"/containers/{ONE[:12]}/json", "request": None, "status": 200, "json": {"Id": ONE}, "ms": 0},
        {"kind": "note", "text": "a host process listens on 8200/tcp"},
        {"kind": "cli", "cmd": "docker ps", "rc": 0, "stdout": f"{ONE[:12]} web\n", "stderr": "", "ms": 1},
        {"kind": "ctr", "container": "web", "cmd": "hostname", "rc": 0, "stdout": "hello\n", "stderr": "", "ms": 1},
        {"kind": "host", "cmd": "curl -s http://x", "rc": 0, "stdout": "", "stderr": "", "ms": 1},
        {"kind": "uplink", "cmd": "ip route", "rc": 0, "stdout": "", "stderr": "", "ms": 1},
    ],
}  # fmt: skip


def test_the_replay_counts_what_matched_differed_and_was_not_answered(capsys):
    report = replay(RECORDING, "small.json", world=FakeWorld)
    assert (report.matched, report.answered) == (3, 4)
    assert [outcome.number for outcome in report.differing] == [4]
    _print_report(report, verbose=True, show=40)
    printed = capsys.readouterr().out
    assert "small.json: 3 matched, 1 differ, 2 cannot be answered" in printed
    assert "host: curl -s" in printed
    assert f"recorded '{TWO[:12]} web\\n'" in printed or "-" in printed


def test_the_replay_asks_with_the_ids_of_our_world():
    replay(RECORDING, world=FakeWorld)
    world = FakeWorld.last
    assert world.made[:2] == ("20.10", ["--icc=false"])
    assert ("20.10", ["run", "web"], {}) in world.asked
    assert ("GET", f"/containers/{TWO[:12]}/json", None, {}) in world.asked
    assert ("web", "hostname") in world.asked
    assert ("tcp", 8200) in world.asked
    assert 0.4 in world.asked


def test_heads_of_ids_are_asked_and_echoed_as_ours():
    class Echo(FakeWorld):
        def docker(self, words, cli, environment):
            return (
                Answer(words[-1] + "\n")
                if words[0] == "rm"
                else super().docker(words, cli, environment)
            )

    removal = {
        "kind": "cli",
        "cmd": f"docker rm {ONE[:7]}",
        "rc": 0,
        "stdout": ONE[:7] + "\n",
        "stderr": "",
        "ms": 1,
    }
    report = replay({"steps": [*RECORDING["steps"][:2], removal]}, world=Echo)
    assert report.matched == report.answered == 2


def test_a_program_that_is_not_simulated_is_not_answered():
    class Bare(FakeWorld):
        def docker(self, *_):
            return Answer("", 'exec: "dig": executable file not found in $PATH', 126)

    step = {
        "kind": "cli",
        "cmd": "docker exec web dig x",
        "rc": 0,
        "stdout": "x\n",
        "stderr": "",
        "ms": 1,
    }
    (outcome,) = replay({"steps": [step]}, world=Bare).unanswered
    assert outcome.unanswered == "cli: dig in a container"


def test_a_fault_of_the_library_is_a_difference():
    class Broken(FakeWorld):
        def docker(self, *_):
            raise KeyError("run")

    report = replay(RECORDING, world=Broken)
    assert "KeyError" in str(report.differing[0].differences[0])
