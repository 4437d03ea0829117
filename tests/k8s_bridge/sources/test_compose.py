"""What each key of a Compose file means in the neutral model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.application import (
    Attachment,
    Condition,
    Dependency,
    Link,
    Mode,
    MountKind,
    NetworkMode,
    Port,
    Publication,
    Restart,
    Update,
    Variable,
)
from tests.k8s_bridge.sources.composed import DEFAULT, read, service_of, web
from tests.k8s_bridge.sources.test_compose_keys import SERVICE


def test_a_service_is_on_the_default_network_of_its_project():
    application = read({"web": service_of()})
    assert application.name == "shop"
    [network] = application.networks
    assert (network.name, network.implicit) == ("shop_default", True)
    [attachment] = application.service("web").networking.attachments
    assert attachment == Attachment(network="shop_default")


def test_networks_go_by_their_real_names():
    networks = {
        "front": {"name": "shop_front", "internal": True, "driver": "bridge"},
        "back": {"name": "others", "external": True},
        "apart": {
            "name": "shop_apart",
            "driver_opts": {"com.docker.network.bridge.enable_icc": "false"},
        },
    }
    node = service_of(networks={"front": {"aliases": ["www", "web"]}, "back": None})
    application = read({"web": node}, networks=networks)
    front, back, apart = application.networks
    assert (front.internal, front.implicit) == (True, False)
    assert (back.name, back.external) == ("others", True)
    assert not apart.icc
    attachments = application.service("web").networking.attachments
    assert attachments == (
        Attachment(network="shop_front", aliases=("www",)),
        Attachment(network="others"),
    )


def test_a_network_with_priority_comes_first():
    networks = {name: {"name": f"shop_{name}"} for name in "ab"}
    node = service_of(networks={"a": None, "b": {"priority": 10}})
    service = read({"web": node}, networks=networks).service("web")
    assert [a.network for a in service.networking.attachments] == ["shop_b", "shop_a"]


def test_links_hold_on_each_network():
    services = {"web": service_of(links=["db", "db:data"]), "db": service_of()}
    [attachment] = read(services).service("web").networking.attachments
    assert attachment.links == (Link("db", "db"), Link("db", "data"))


def test_a_host_name_resolves_on_user_defined_networks():
    [attachment] = web(hostname="h").networking.attachments
    assert attachment.aliases == ("h",)


@pytest.mark.parametrize(
    ("mode", "kind", "shares"),
    [
        ("host", NetworkMode.HOST, ""),
        ("none", NetworkMode.NONE, ""),
        ("service:db", NetworkMode.SHARED, "db"),
        ("container:some-db", NetworkMode.SHARED, "db"),
        ("container:foreign", NetworkMode.SHARED, "foreign"),
    ],
)
def test_network_modes(mode, kind, shares):
    db = service_of(container_name="some-db")
    services = {"web": service_of(network_mode=mode), "db": db}
    networking = read(services).service("web").networking
    assert (networking.mode, networking.shares) == (kind, shares)
    assert networking.attachments == ()


def test_docker_s_own_bridge_is_a_network_too():
    application = read({"web": service_of(network_mode="bridge")}, networks={})
    [network] = application.networks
    assert (network.name, network.default) == ("bridge", True)
    [attachment] = application.service("web").networking.attachments
    assert attachment.network == "bridge"


def test_ports_and_what_is_exposed():
    ports = [
        {"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"},
        {"mode": "ingress", "target": 81, "published": "8000-8010"},
        {"mode": "host", "host_ip": "127.0.0.1", "target": 53, "protocol": "udp"},
        {"target": 5, "name": "api", "app_protocol": "http"},
    ]
    networking = web(ports=ports, expose=["53/udp", "8000-8002"]).networking
    assert networking.published == (
        Publication(Port(80), host_port=8080),
        Publication(Port(81), host_port=8000, host_port_end=8010),
        Publication(Port(53, "udp"), host_address="127.0.0.1", mode="host"),
        Publication(Port(5), name="api", app_protocol="http"),
    )
    exposed = [str(port) for port in networking.exposed]
    assert exposed == ["53/udp", "8000/tcp", "8001/tcp", "8002/tcp"]


def test_addresses_for_names():
    hosts = ["a=1.2.3.4", "b=::1", "h=host-gateway"]
    expected = (("a", "1.2.3.4"), ("b", "::1"), ("h", "host-gateway"))
    assert web(extra_hosts=hosts).networking.extra_hosts == expected


def test_variables_keep_their_order_and_null_unsets():
    environment = {"B": "1", "A": "", "NONE": None, "N": 5, "T": True}
    program = web(environment=environment).program
    assert program.env == (
        Variable("B", "1"),
        Variable("A", ""),
        Variable("N", "5"),
        Variable("T", "true"),
    )
    assert program.unset == ("NONE",)


@pytest.mark.parametrize(
    ("entrypoint", "command", "expected"),
    [
        (None, None, (None, None)),
        (None, ["a"], (None, ("a",))),
        (["e"], None, (("e",), None)),
        (["e"], ["a"], (("e",), ("a",))),
        ([], ["a"], (("a",), None)),
        (None, [], (None, None)),
    ],
)
def test_entrypoint_and_command(entrypoint, command, expected):
    program = web(entrypoint=entrypoint, command=command).program
    assert (program.command, program.args) == expected


def test_an_image_that_is_only_built_is_named_by_project_and_service():
    program = web(image="", build={"context": "/srv"}).program
    assert (program.image, program.built) == ("shop-web", True)
    both = web(image="me/web:1", build={"context": "/srv"}).program
    assert (both.image, both.built) == ("me/web:1", False)


def test_a_container_name_is_one_that_the_service_does_not_have():
    assert web(container_name="one").program.container_name == "one"
    assert web(container_name="web").program.container_name == ""


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, (Restart.UNSET, 0)),
        ({"restart": "no"}, (Restart.NO, 0)),
        ({"restart": "always"}, (Restart.ALWAYS, 0)),
        ({"restart": "unless-stopped"}, (Restart.UNLESS_STOPPED, 0)),
        ({"restart": "on-failure"}, (Restart.ON_FAILURE, 0)),
        ({"restart": "on-failure:3"}, (Restart.ON_FAILURE, 3)),
        (
            {"deploy": {"restart_policy": {"condition": "any"}}, "restart": "no"},
            (Restart.ALWAYS, 0),
        ),
        ({"deploy": {"restart_policy": {"condition": "none"}}}, (Restart.NO, 0)),
        (
            {
                "deploy": {
                    "restart_policy": {"condition": "on-failure", "max_attempts": 5}
                }
            },
            (Restart.ON_FAILURE, 5),
        ),
    ],
)
def test_restart_policies(keys, expected):
    lifecycle = web(**keys).lifecycle
    assert (lifecycle.restart, lifecycle.retries) == expected


@pytest.mark.parametrize("check", [{"disable": True}, {"test": ["NONE"]}])
def test_a_health_check_that_is_switched_off(check):
    assert web(healthcheck=check).lifecycle.healthcheck is None


def test_a_health_check_of_a_shell_and_of_the_image():
    times = {"interval": "1m30s", "timeout": "500ms", "start_period": "5s"}
    test = ["CMD-SHELL", "curl x || exit 1"]
    check = web(healthcheck={"test": test, "retries": 5, **times}).lifecycle.healthcheck
    assert check.command == ("/bin/sh", "-c", "curl x || exit 1")
    assert (check.interval, check.timeout) == (90_000_000_000, 500_000_000)
    assert (check.retries, check.start_period) == (5, 5_000_000_000)
    plain = web(healthcheck={"test": ["CMD", "a", "b"]}).lifecycle.healthcheck
    assert plain.command == ("a", "b")
    image = web(healthcheck={"interval": "5s"}).lifecycle.healthcheck
    assert (image.command, image.image_knows) == ((), True)


def test_the_end_of_a_program():
    lifecycle = web(stop_grace_period="1m30.5s", stop_signal="SIGINT").lifecycle
    assert (lifecycle.stop_timeout, lifecycle.stop_signal) == (91, "SIGINT")
    assert web().lifecycle.stop_timeout is None
    assert web(stop_grace_period="0s").lifecycle.stop_timeout == 0


def test_hooks():
    hook = {"command": ["a"], "user": "root", "environment": {"A": "1"}}
    lifecycle = web(post_start=[hook], pre_stop=[{"command": ["b"]}]).lifecycle
    [started] = lifecycle.post_start
    assert (started.command, started.user) == (("a",), "root")
    assert started.env == (Variable("A", "1"),)
    assert lifecycle.pre_stop[0].command == ("b",)


def test_what_must_be_there_first():
    wanted = {
        "db": {"condition": "service_healthy", "restart": True, "required": True},
        "job": {"condition": "service_completed_successfully", "required": False},
    }
    services = {
        "web": service_of(depends_on=wanted),
        "db": service_of(),
        "job": service_of(),
    }
    assert read(services).service("web").dependencies == (
        Dependency("db", Condition.HEALTHY, restart=True),
        Dependency("job", Condition.COMPLETED, required=False),
    )


def test_how_many_and_where():
    deploy = {
        "mode": "replicated",
        "replicas": 3,
        "labels": {"tier": "front"},
        "endpoint_mode": "dnsrr",
        "update_config": {"parallelism": 2, "delay": "10s", "order": "start-first"},
        "placement": {
            "constraints": ["node.role == worker"],
            "preferences": [{"spread": "node.labels.zone"}],
            "max_replicas_per_node": 2,
        },
    }
    scheduling = web(deploy=deploy).scheduling
    assert (scheduling.mode, scheduling.replicas) == (Mode.REPLICATED, 3)
    assert scheduling.update == Update(
        parallelism=2, delay=10_000_000_000, start_first=True
    )
    assert scheduling.constraints == ("node.role == worker",)
    assert scheduling.preferences == ("node.labels.zone",)
    assert (scheduling.max_per_node, scheduling.endpoint_mode) == (2, "dnsrr")
    assert scheduling.labels == (("tier", "front"),)
    assert web(deploy={"mode": "global"}).scheduling.mode is Mode.GLOBAL


@pytest.mark.parametrize(
    ("keys", "replicas"),
    [
        ({}, None),
        ({"scale": 0}, 0),
        ({"deploy": {"replicas": 0}}, 0),
        ({"scale": 2, "deploy": {"replicas": 2}}, 2),
    ],
)
def test_replicas_are_kept_when_they_are_none(keys, replicas):
    assert web(**keys).scheduling.replicas == replicas


def test_limits_and_wishes():
    asked = {
        "limits": {"cpus": 0.5, "memory": "67108864"},
        "reservations": {
            "cpus": 0.25,
            "memory": "33554432",
            "devices": [
                {"capabilities": ["gpu"], "count": 2},
                {"capabilities": ["gpu"], "device_ids": ["0", "1"]},
                {"capabilities": ["tpu"], "count": 9},
            ],
        },
    }
    resources = web(deploy={"resources": asked}).resources
    assert (resources.cpus, resources.cpu_reservation) == (500, 250)
    assert (resources.memory, resources.memory_reservation) == (64 << 20, 32 << 20)
    assert resources.gpus == 4
    plain = web(mem_limit="1024", cpus=1.5, cpu_shares=512, shm_size="67108864")
    assert (plain.resources.memory, plain.resources.cpus) == (1024, 1500)
    assert (plain.resources.cpu_shares, plain.resources.shm_size) == (512, 0)
    assert web(cpu_quota=50000, cpu_period=100000).resources.cpus == 500
    assert web(gpus=[{"count": -1}]).resources.gpus == 0


def test_rights():
    devices = [
        {"source": "/dev/a", "target": "/dev/b", "permissions": "r"},
        {"source": "vendor.com/gpu=all", "target": "vendor.com/gpu=all"},
    ]
    services = {
        "web": service_of(
            devices=devices,
            pid="service:db",
            ipc="container:some-db",
            sysctls={"net.core.somaxconn": 1024},
            cap_add=["NET_ADMIN"],
        ),
        "db": service_of(container_name="some-db"),
    }
    security = read(services).service("web").security
    assert security.devices == ("/dev/a:/dev/b:r", "vendor.com/gpu=all")
    assert (security.pid_mode, security.ipc_mode) == ("container:db", "container:db")
    assert security.sysctls == (("net.core.somaxconn", "1024"),)


def test_mounts():
    volumes = [
        {"type": "volume", "source": "data", "target": "/d", "read_only": True},
        {"type": "volume", "target": "/anon"},
        {"type": "bind", "source": "/srv/x", "target": "/x", "bind": {"selinux": "z"}},
        {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1024", "mode": 0o755}},
        {"type": "image", "source": "busybox", "target": "/i"},
        {"type": "npipe", "source": "x", "target": "/n"},
    ]
    tmpfs = ["/run", "/tmp:size=64m,mode=755,ro"]
    mounts = web({"/srv/x": b"1"}, volumes=volumes, tmpfs=tmpfs).mounts
    kinds = [mount.kind for mount in mounts]
    assert kinds == [
        MountKind.VOLUME,
        MountKind.ANONYMOUS,
        MountKind.BIND,
        MountKind.TMPFS,
        MountKind.IMAGE,
        MountKind.OTHER,
        MountKind.TMPFS,
        MountKind.TMPFS,
    ]
    data, _, bind, memory, *_, last = mounts
    assert (data.source, data.read_only) == ("data", True)
    assert bind.options == ("z",)
    assert bind.content.files[0].data == b"1"
    assert (memory.size, memory.options) == (1024, ("mode=755",))
    assert (last.size, last.options, last.read_only) == (64 << 20, ("mode=755",), True)


def test_volumes_of_another_service_are_taken_over():
    services = {
        "a": service_of(
            volumes=[
                {"type": "volume", "source": "data", "target": "/d"},
                {"type": "volume", "target": "/anon/x"},
            ]
        ),
        "b": service_of(volumes_from=["a:ro"]),
        "c": service_of(volumes_from=["container:of-b", "container:foreign"]),
    }
    services["b"]["container_name"] = "of-b"
    application = read(services, volumes={"data": {"name": "shop_data"}})
    taken = application.service("b").mounts
    assert [(m.kind, m.source, m.target, m.read_only) for m in taken] == [
        (MountKind.VOLUME, "data", "/d", True),
        (MountKind.VOLUME, "a-anon-x", "/anon/x", True),
    ]
    assert [m.source for m in application.service("c").mounts] == ["data", "a-anon-x"]
    assert application.service("a").mounts[1].source == "a-anon-x"
    assert [volume.name for volume in application.volumes] == ["data", "a-anon-x"]


def test_volumes_from_in_a_circle_end():
    services = {
        "a": service_of(volumes_from=["b"]),
        "b": service_of(volumes_from=["a"], tmpfs=["/run"]),
    }
    assert [m.target for m in read(services).service("a").mounts] == ["/run"]


def test_named_volumes():
    options = {"type": "nfs", "device": ":/x", "o": "addr=1.2.3.4"}
    volumes = {
        "data": {"name": "shop_data", "driver_opts": options, "labels": {"a": "b"}},
        "old": {"name": "others", "external": True},
    }
    data, old = read({}, volumes=volumes).volumes
    assert (data.name, data.docker_name) == ("data", "shop_data")
    assert dict(data.options) == options
    assert data.labels == (("a", "b"),)
    assert (old.docker_name, old.external) == ("others", True)


def test_configs_and_secrets_and_where_their_files_lie():
    node = service_of(
        configs=[{"source": "a"}, {"source": "b", "target": "etc/b", "mode": "0440"}],
        secrets=[
            {"source": "pw", "target": "/run/secrets/pw"},
            {"source": "key", "target": "own", "uid": "5"},
        ],
    )
    application = read(
        {"web": node},
        files={"/srv/pw": b"hunter2"},
        environment={"KEY": "k"},
        configs={"a": {"name": "shop_a", "content": "x"}, "b": {"file": "/nosuch"}},
        secrets={
            "pw": {"file": "/srv/pw"},
            "key": {"environment": "KEY"},
            "gone": {"environment": "GONE"},
            "theirs": {"name": "real", "external": True},
        },
    )
    service = application.service("web")
    targets = [(grant.target, grant.mode) for grant in service.configs]
    assert targets == [("/a", None), ("/etc/b", 0o440)]
    assert [g.target for g in service.secrets] == [
        "/run/secrets/pw",
        "/run/secrets/own",
    ]
    assert service.secrets[1].uid == "5"
    assert [config.data for config in application.configs] == [b"x", None]
    assert [s.data for s in application.secrets] == [b"hunter2", b"k", None, None]
    assert "hunter2" not in repr(application)


def test_the_engine_s_socket_is_a_bind_mount():
    [mount] = web(use_api_socket=True).mounts
    assert (mount.kind, mount.source) == (MountKind.BIND, "/var/run/docker.sock")


def test_a_service_that_no_container_provides_is_none():
    services = {
        "cloud": service_of(provider={"type": "robot"}),
        "web": service_of(depends_on={"cloud": {"condition": "service_started"}}),
    }
    application = read(services)
    assert [service.name for service in application.services] == ["web"]
    assert application.service("web").dependencies == ()
    assert "services.cloud.provider" in [s.path for s in application.settings]


def test_a_job_runs_by_each_of_its_time_tables():
    jobs = {
        "nightly": service_of(
            triggers={"schedule": [{"cron": "0 3 * * *"}, {"cron": "@daily"}]}
        ),
        "by-hand": service_of(triggers={"manual": True}),
    }
    first, second, hand = read({}, jobs=jobs, networks={}).services
    assert (first.name, first.scheduling.cron) == ("nightly", "0 3 * * *")
    assert (second.name, second.scheduling.cron) == ("nightly-2", "@daily")
    assert (hand.lifecycle.status, hand.scheduling.mode) == (
        "created",
        Mode.REPLICATED_JOB,
    )
    assert [n.name for n in read({}, jobs=jobs, networks={}).networks] == [
        "shop_default"
    ]


def test_what_is_of_another_kind_reads_as_if_it_were_not_there():
    node = service_of(ports="80", volumes=5, environment=[1], deploy=[], healthcheck=1)
    assert read({"web": node, "odd": None}, networks=DEFAULT).services[0].mounts == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99999) | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["source", "target", "type", "x"]), inner)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(SERVICE)), _JSON, max_size=6))
def test_no_compose_model_makes_the_reader_fail(keys):
    node = {"image": "nginx", **keys}
    application = read({"web": node, "db": service_of(**keys)})
    told = [s for service in application.services for s in service.settings]
    assert all(setting.path for setting in (*told, *application.settings))
