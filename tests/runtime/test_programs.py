"""Programs in containers, as `docker exec`, `docker run` and `docker logs` show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.runtime.lines import LINES
from minidock.runtime.patterns import expression
from tests.runtime.pretended import container, host, sh

DOCKER = host(
    "pull -q busybox",
    "pull -q nginx",
    "run -d --name box -h box.lab busybox sleep 100000",
)


def executed(docker, *words: str) -> tuple[str, str, int]:
    output = docker.command_line(["exec", *words])
    return output.stdout, output.stderr, output.code


# --- docker run -----------------------------------------------------------------------


def test_a_foreground_run_shows_both_streams_and_ends_with_the_code():
    docker = host("pull -q busybox")
    line = ["run", "--rm", "busybox", "sh", "-c", "echo a; echo b >&2; exit 3"]
    output = docker.command_line(line)
    assert (output.stdout, output.stderr, output.code) == ("a\n", "b\n", 3)
    assert docker("ps -aq").stdout == ""


def test_a_script_that_comes_to_a_long_sleep_runs_on_and_its_log_has_the_start():
    docker = host("pull -q busybox")
    script = "echo out1; echo err1 >&2; sleep 100000; echo never"
    docker.command_line(["run", "-d", "--name", "lg", "busybox", "sh", "-c", script])
    assert container(docker, "lg").state.running
    output = docker("logs lg")
    assert (output.stdout, output.stderr) == ("out1\n", "err1\n")


def test_a_foreground_run_waits_for_a_short_sleep():
    docker = host("pull -q busybox")
    script = "date +%s; sleep 5; date +%s"
    output = docker.command_line(["run", "busybox", "sh", "-c", script])
    first, second = output.stdout.split()
    assert int(second) - int(first) == 5


def test_a_program_behind_an_entrypoint_script_is_run():
    docker = host("pull -q nginx")
    assert docker("run --rm nginx echo hi").stdout == "hi\n"


def test_an_image_of_a_single_program_runs_no_other():
    docker = host("pull -q traefik/whoami")
    output = docker("run --name who --entrypoint sh traefik/whoami")
    assert 'exec: "sh": executable file not found in $PATH' in output.stderr
    assert output.code == 127
    assert not container(docker, "who").state.running


# --- docker exec ----------------------------------------------------------------------


def test_files_outlive_the_exec_that_wrote_them():
    docker = host("pull -q busybox", "run -d --name box busybox sleep 100000")
    executed(docker, "box", "sh", "-c", "mkdir -p /data; echo hi > /data/f")
    assert executed(docker, "box", "cat", "/data/f") == ("hi\n", "", 0)
    docker("restart -t 0 box")
    assert executed(docker, "box", "ls", "/data") == ("f\n", "", 0)
    executed(docker, "box", "rm", "-r", "/data")
    assert executed(docker, "box", "ls", "/data")[2] == 1


def test_a_detached_exec_runs_on_until_its_container_stops():
    docker = host("pull -q busybox", "run -d --name box busybox sleep 100000")
    assert docker("exec -d box sleep 1000").code == 0
    (exec_id,) = container(docker, "box").execs
    assert docker.world.execs[exec_id].running
    assert "sleep 1000" in executed(docker, "box", "ps")[0]
    docker("restart -t 0 box")
    assert container(docker, "box").execs == ()
    assert not docker.world.execs[exec_id].running
    assert docker.world.execs[exec_id].exit_code == 137


def test_an_exec_has_the_folder_the_user_and_the_variables_that_were_asked_for():
    line = "exec -w /tmp -u nobody -e A=1 box sh -c 'pwd; whoami; echo $A'"
    assert DOCKER(line).stdout == "/tmp\nnobody\n1\n"


def test_an_exec_that_never_ends_is_ended_as_with_ctrl_c():
    _, stderr, code = executed(DOCKER, "box", "sh", "-c", "sleep infinity; echo never")
    assert "Ctrl-C" in stderr
    assert code == 130


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("hostname", "box.lab\n"),
        ("hostname -s", "box\n"),
        ("hostname -i", "172.17.0.2\n"),
        ("whoami", "root\n"),
        ("id -u", "0\n"),
        ("ls /etc", "group\nhostname\nhosts\npasswd\nresolv.conf\n"),
        ("date -u +%Y", "2023\n"),
        (
            "ps",
            "PID   USER     COMMAND\n    1 root     sleep 100000\n    7 root     ps\n",
        ),
        (
            "route -n",
            (
                "Kernel IP routing table\n"
                "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
                "0.0.0.0         172.17.0.1      0.0.0.0         UG    0      0        0 eth0\n"
                "172.17.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0\n"
            ),
        ),
        ("busybox echo a", "a\n"),
        ("/bin/echo a", "a\n"),
        (
            "ip route",
            (
                "default via 172.17.0.1 dev eth0 \n"
                "172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.2 \n"
            ),
        ),
    ],
)
def test_a_program_reads_the_world(line, printed):
    assert DOCKER(f"exec box {line}").stdout == printed


def test_ifconfig_shows_the_address_of_the_sandbox():
    stdout = executed(DOCKER, "box", "ifconfig", "eth0")[0]
    assert "inet addr:172.17.0.2  Bcast:172.17.255.255  Mask:255.255.0.0\n" in stdout


# --- laws -----------------------------------------------------------------------------

TEXT = st.text(alphabet="ab1 .\n\t", max_size=30)


def filtered(text: str, command: str) -> str:
    quoted = text.replace("'", "'\\''")
    return sh(DOCKER, "box", f"printf %s '{quoted}' | {command}")[0]


@given(TEXT)
def test_head_and_tail_together_are_the_whole(text):
    first, rest = filtered(text, "head -n 2"), filtered(text, "tail -n +3")
    assert first + rest == text


@given(TEXT)
def test_sorting_lines_twice_is_sorting_them_once(text):
    once = filtered(text, "sort")
    assert filtered(once, "sort") == once
    assert filtered(text, "sort | uniq") == filtered(text, "sort -u")


@given(TEXT, st.sampled_from(["a", "b1", "\\.", "^a", "b$", "[ab]", "a*"]))
def test_grep_and_its_opposite_share_the_lines_between_them(text, pattern):
    with_it = filtered(text, f"grep '{pattern}'").splitlines()
    without = filtered(text, f"grep -v '{pattern}'").splitlines()
    assert sorted(with_it + without) == sorted(
        text.split("\n")[: None if text[-1:] not in ("\n", "") else -1]
    )


@given(st.text(max_size=20))
def test_a_fixed_pattern_finds_itself(text):
    found = expression(text, fixed=True)
    assert found is not None
    assert found.search(f"<{text}>")


@given(st.text(alphabet="ab*+?()[]{}\\|^$.", max_size=12), st.booleans())
def test_any_text_is_a_pattern_of_grep_or_is_refused(text, extended):
    found = expression(text, extended=extended)
    assert found is None or found.search("aabb") is None or found.search("aabb")


@given(
    st.sampled_from(sorted({*LINES, "sort", "grep", "sed", "awk", "printf", "test"})),
    st.lists(
        st.one_of(
            st.sampled_from(["-n", "-c", "1", "-", "x", "-k2", "s/a/b/"]),
            st.text(max_size=6),
        ),
        max_size=4,
    ),
)
def test_any_arguments_of_a_program_get_an_answer(program, arguments):
    _, _, code = (
        executed(DOCKER, "box", program, *arguments)
        if all("\0" not in a for a in arguments)
        else ("", "", 0)
    )
    assert 0 <= code <= 255


@pytest.mark.parametrize(
    ("pattern", "letter"),
    [("[a||b]", "|"), ("[&&]", "&"), ("[a~~]", "~"), ("[--/]", ".")],
)
def test_letters_that_mean_something_to_python_are_letters_in_brackets(pattern, letter):
    found = expression(pattern)
    assert found is not None
    assert found.fullmatch(letter)
