import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.environment import label_map, last_of_each, no_files
from minidock.commandline.grammar import Cli, CommandRefusal, parse
from minidock.commandline.mounts import split_volumes
from minidock.commandline.operations import (
    exec_request,
    filters_query,
    update_request,
    volume_create_request,
)
from minidock.commandline.reference import check_reference, read_reference

HOSTS = st.text("abc019", min_size=1, max_size=9)
NAMES = st.lists(HOSTS, min_size=1, max_size=3).map(".".join)


def request(line, build, cli=Cli.V28, **options):
    return build(parse(line.split(), cli), cli, **options)


def test_exec_sends_what_the_program_sends():
    container, body = request(
        "exec -d -e A=1 -e HOME -w /x -u u --privileged -t c ls -la",
        exec_request,
        environment={"HOME": "/root"},
    )
    assert container == "c"
    assert body == {
        "User": "u",
        "Privileged": True,
        "Tty": True,
        "ConsoleSize": [0, 0],
        "AttachStdin": False,
        "AttachStderr": False,
        "AttachStdout": False,
        "Detach": True,
        "DetachKeys": "",
        "Env": ["A=1", "HOME=/root"],
        "WorkingDir": "/x",
        "Cmd": ["ls", "-la"],
    }


@pytest.mark.parametrize(("cli", "version"), [(Cli.V28, "1.41"), (Cli.V20, "1.41")])
def test_an_old_engine_is_not_told_the_size_of_the_console(cli, version):
    body = request("exec -t c ls", exec_request, cli, api_version=version)[1]
    assert "ConsoleSize" not in body


def test_exec_refuses_a_missing_file():
    with pytest.raises(CommandRefusal) as caught:
        request("exec --env-file nosuch c ls", exec_request)
    assert caught.value.stderr == "open nosuch: no such file or directory\n"


def test_update_leaves_the_limit_of_processes_alone_unless_it_is_given():
    assert request("update -c 3 c", update_request)["PidsLimit"] is None
    assert request("update --pids-limit 0 c", update_request)["PidsLimit"] == 0
    assert (
        request("update --kernel-memory 4m c", update_request)["KernelMemory"]
        == 4 << 20
    )


def test_volume_create_of_the_old_program_sends_empty_maps():
    assert request("volume create -o b=1 -o a v", volume_create_request, Cli.V20) == {
        "Driver": "local",
        "DriverOpts": {"a": "", "b": "1"},
        "Labels": {},
        "Name": "v",
    }


@given(st.lists(st.tuples(NAMES, NAMES)))
def test_filters_name_every_value_once(pairs):
    text = filters_query(f"{name}={value}" for name, value in pairs)
    found = json.loads(text) if text else {}
    assert {(n, v) for n, values in found.items() for v in values} == set(pairs)


@given(st.lists(st.tuples(NAMES, NAMES)))
def test_the_last_label_of_a_key_wins(pairs):
    flags = [f"{key}={value}" for key, value in pairs]
    assert label_map([], flags, no_files, Cli.V28) == dict(pairs)


@given(st.lists(st.tuples(NAMES, NAMES)))
def test_a_repeated_variable_keeps_its_first_place_and_last_value(pairs):
    flags = last_of_each([f"{key}={value}" for key, value in pairs])
    assert flags == [f"{key}={value}" for key, value in dict(pairs).items()]


@given(HOSTS, NAMES, st.sampled_from(Cli))
def test_the_full_name_of_an_image_stands_for_itself(domain, path, cli):
    full = read_reference(f"{domain}.test/{path}:1", cli)
    assert read_reference(f"{full.name}:{full.tag}", cli) == full
    assert read_reference(full.familiar, cli).name == full.name


@given(st.text(max_size=20), st.sampled_from(Cli))
def test_any_text_names_an_image_or_says_why_not(text, cli):
    fault = check_reference(text, cli)
    assert fault or read_reference(text, cli).path


@given(st.text(max_size=20), st.sampled_from(Cli))
def test_a_volume_binds_or_names_a_path_or_is_refused(text, cli):
    try:
        binds, paths = split_volumes((text,), cli)
    except ValueError:
        assert cli is Cli.V28  # 20.10 takes anything
    else:
        assert len(binds) + len(paths) == 1


def test_one_letter_before_the_colon_is_a_windows_drive_because_docker_says_so():
    assert split_volumes(("v:/data",), Cli.V28) == ([], ["v:/data"])
    assert split_volumes(("vv:/data",), Cli.V28) == (["vv:/data"], [])
