"""What runs after a start and before a stop, and which signal stops a program."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.application import Hook, Lifecycle, Security, Variable
from tests.k8s_bridge.made import service, translated
from tests.k8s_bridge.shapes import container_of, hows, judge


def _lifecycle(security=None, **parts):
    web = service(
        "web",
        "post_start",
        "pre_stop",
        "stop_signal",
        lifecycle=Lifecycle(**parts),
        security=security or Security(),
    )
    result = translated(web)
    judge(result)
    return container_of(result, "web").get("lifecycle", {}), result


def _command(*hooks):
    found, _ = _lifecycle(post_start=hooks)
    return found["postStart"]["exec"]["command"]


def test_one_hook_is_its_own_words_which_nobody_expands():
    assert _command(Hook(command=("echo", "$(date)"))) == ["echo", "$(date)"]


def test_a_folder_and_variables_need_a_shell():
    hook = Hook(
        command=("save", "two words"), working_dir="/a b", env=(Variable("A", "1 2"),)
    )
    assert _command(hook) == [
        "/bin/sh",
        "-c",
        "cd '/a b' && env 'A=1 2' save 'two words'",
    ]


def test_several_hooks_run_one_after_the_other():
    first = Hook(command=("one",), working_dir="/srv")
    assert _command(first, Hook(command=("two",))) == [
        "/bin/sh",
        "-c",
        "(cd /srv && one) && two",
    ]


def test_what_a_hook_cannot_be_is_lost():
    hook = Hook(command=("x",), user="root", privileged=True)
    _, result = _lifecycle(pre_stop=(hook,))
    told = hows(result, "pre_stop")
    assert any(how.startswith("lost: user root") for how in told)
    assert any(how.startswith("lost: privileged") for how in told)


def test_a_signal_is_sent_from_inside_and_waited_for():
    found, result = _lifecycle(stop_signal="SIGINT")
    line = found["preStop"]["exec"]["command"][2]
    assert line == "kill -INT 1; while kill -0 1 2>/dev/null; do sleep 1; done"
    assert hows(result, "stop_signal")[0].startswith("changed: INT")


@pytest.mark.parametrize(
    ("signal", "parts", "security"),
    [
        ("SIGKILL", {}, None),
        ("9", {}, None),
        ("no signal", {}, None),
        ("INT", {"init": True}, None),
        ("INT", {}, Security(pid_mode="host")),
    ],
)
def test_a_signal_that_cannot_be_sent_is_lost(signal, parts, security):
    # On the node's own processes, 1 would be the node's init.
    found, result = _lifecycle(security, stop_signal=signal, **parts)
    assert "preStop" not in found
    assert hows(result, "stop_signal")[0].startswith("lost")


def test_a_hook_of_ones_own_keeps_its_place():
    found, result = _lifecycle(stop_signal="INT", pre_stop=(Hook(command=("x",)),))
    assert found["preStop"]["exec"]["command"] == ["x"]
    assert hows(result, "stop_signal")[0].startswith("lost")


def test_the_usual_signal_needs_nothing():
    found, _ = _lifecycle(stop_signal="SIGTERM")
    assert found == {}


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
@given(
    st.lists(
        st.text(st.characters(codec="ascii", exclude_characters="\0\n"), max_size=5),
        max_size=3,
    )
)
def test_a_shell_hands_a_hook_its_words_as_they_are(words):
    hook = Hook(command=("printf", "%s\\n", *words), env=(Variable("A", "1"),))
    from k8s_bridge.mapping.hooks import _command as command_of

    shell, flag, line = command_of((hook,))
    done = subprocess.run(
        [shell, flag, line], capture_output=True, text=True, check=True
    )
    plain = subprocess.run(hook.command, capture_output=True, text=True, check=True)
    assert done.stdout == plain.stdout
