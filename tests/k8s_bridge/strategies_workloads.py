"""What runs, how often and where: everything that a service can say about it."""

from hypothesis import strategies as st

from k8s_bridge.application import (
    Condition,
    Dependency,
    Healthcheck,
    Hook,
    Lifecycle,
    Mode,
    Program,
    Resources,
    Restart,
    Scheduling,
    Security,
    Service,
    Setting,
    Update,
    Variable,
)
from k8s_bridge.cron import TimeTable
from tests.k8s_bridge.strategies_values import made_of

__all__ = [
    "dependencies",
    "lifecycles",
    "programs",
    "resources",
    "schedulings",
    "securities",
    "settings_of",
]

_times = st.sampled_from([0, 1, 1_500_000_000, 30_000_000_000, 700_000_000_000])
_words = st.sampled_from(["a", "$(A)", "$$", "it's", "two words", "$A", "ü"])
_commands = st.lists(_words, max_size=3).map(tuple)
_variables = st.lists(
    st.builds(Variable, st.sampled_from(["A", "B", "a.b", "", "a=b"]), _words),
    max_size=3,
).map(tuple)

healthchecks = made_of(
    Healthcheck,
    command=_commands,
    interval=_times,
    timeout=_times,
    retries=st.integers(0, 4),
    start_period=_times,
    start_interval=_times,
)

_hooks = made_of(
    Hook,
    command=_commands,
    user=st.sampled_from(["", "root"]),
    privileged=st.booleans(),
    working_dir=st.sampled_from(["", "/srv", "/with space"]),
    env=_variables,
)

lifecycles = made_of(
    Lifecycle,
    status=st.sampled_from(["running", "running", "exited", "created"]),
    restart=st.sampled_from(Restart),
    retries=st.integers(0, 2),
    removed_when_done=st.booleans(),
    stop_timeout=st.sampled_from([None, -1, 0, 10]),
    stop_signal=st.sampled_from(["", "SIGINT", "int", "9", "SIGTERM", "x y"]),
    init=st.booleans(),
    healthcheck=st.none() | healthchecks,
    post_start=st.lists(_hooks, max_size=2).map(tuple),
    pre_stop=st.lists(_hooks, max_size=2).map(tuple),
)

_constraints = st.sampled_from(
    [
        "node.hostname == web-1",
        "node.role==manager",
        "node.role != worker",
        "node.platform.arch == x86_64",
        "node.labels.disk == ssd",
        "node.labels.bad key == ssd",
        "node.labels.zone != two words",
        "node.labels.-bad != x",
        "node.id == abc",
        "engine.labels.operatingsystem == ubuntu 24",
        "nonsense",
        "",
    ]
)
_preferences = st.sampled_from(
    ["spread=node.labels.zone", "node.labels.rack", "node.labels.zone", "x", ""]
)

schedulings = made_of(
    Scheduling,
    mode=st.sampled_from([Mode.REPLICATED, Mode.REPLICATED, *Mode]),
    replicas=st.sampled_from([None, None, 0, 1, 3]),
    update=st.none()
    | made_of(
        Update,
        parallelism=st.integers(0, 3),
        delay=_times,
        start_first=st.booleans(),
        failure_action=st.sampled_from(["", "pause", "continue", "rollback"]),
        monitor=_times,
    ),
    constraints=st.lists(_constraints, max_size=3).map(tuple),
    preferences=st.lists(_preferences, max_size=2).map(tuple),
    max_per_node=st.integers(0, 2),
    endpoint_mode=st.sampled_from(["", "vip", "dnsrr"]),
    cron=st.sampled_from(["", "", "", "", "0 3 * * 7", "@daily"]).map(TimeTable),
    timezone=st.sampled_from(["", "Europe/Paris", "Local", "no zone"]),
    overlap=st.sampled_from(["", "Forbid"]),
    identity=st.booleans(),
    labels=st.lists(
        st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=2
    ).map(tuple),
)

programs = made_of(
    Program,
    image=st.just("nginx"),
    built=st.booleans(),
    platform=st.sampled_from(
        ["", "linux", "linux/amd64", "linux/arm64/v8", "x86_64", "?", "a/b c"]
    ),
    pull=st.sampled_from(["", "always", "missing", "if_not_present", "daily", "build"]),
    command=st.none() | _commands,
    args=st.none() | _commands,
    env=_variables,
    working_dir=st.sampled_from(["", "/srv", "srv"]),
    user=st.sampled_from(["", "1000:1000", "www", "root:0", "99999999999"]),
    groups=st.lists(st.sampled_from(["5", "www", "5"]), max_size=2).map(tuple),
    tty=st.booleans(),
    stdin=st.booleans(),
)

resources = made_of(
    Resources,
    memory=st.sampled_from([0, 1500, 64 << 20]),
    memory_reservation=st.sampled_from([0, 32 << 20, 1 << 40]),
    cpus=st.sampled_from([0, 250, 2000]),
    cpu_shares=st.sampled_from([0, 2, 4096]),
    gpus=st.integers(0, 1),
    shm_size=st.sampled_from([0, 1 << 20]),
)

_devices = ["/dev/fuse", "/dev/a:/dev/b:r", "/dev/a-b", "/dev/a/b", "/b", "x.com/y=z"]


def securities(names: list[str]) -> st.SearchStrategy[Security]:
    """What a service may do, with namespaces shared with others of these names."""
    modes = st.sampled_from(
        ["", "", "host", "private", *(f"service:{n}" for n in names)]
    )
    return made_of(
        Security,
        privileged=st.booleans(),
        read_only=st.booleans(),
        pid_mode=modes,
        ipc_mode=modes,
        uts_mode=st.sampled_from(["", "host"]),
        userns_mode=st.sampled_from(["", "host"]),
        runtime=st.sampled_from(["", "gvisor", "Not A Name"]),
        sysctls=st.lists(
            st.sampled_from(
                [("net.core.somaxconn", "1"), ("kernel.shmmax", "1"), ("Bad", "1")]
            ),
            max_size=2,
        ).map(tuple),
        devices=st.lists(st.sampled_from(_devices), max_size=3).map(tuple),
    )


def dependencies(names: list[str]) -> st.SearchStrategy[tuple[Dependency, ...]]:
    """Whom a service waits for: any of these names, or one that is not there."""
    return st.lists(
        st.builds(
            Dependency,
            st.sampled_from([*names, "gone"]),
            st.sampled_from(Condition),
            required=st.booleans(),
            restart=st.booleans(),
        ),
        max_size=3,
        unique_by=lambda dependency: dependency.service,
    ).map(tuple)


# What a service says with each word; the words are those of the sources.
_SAID = {
    "args": lambda s: s.program.args,
    "auto_remove": lambda s: s.lifecycle.removed_when_done,
    "build": lambda s: s.program.built,
    "command": lambda s: s.program.command,
    "constraints": lambda s: s.scheduling.constraints,
    "cpu_shares": lambda s: s.resources.cpu_shares,
    "cpus": lambda s: s.resources.cpus,
    "cron": lambda s: s.scheduling.cron,
    "cron_concurrency": lambda s: s.scheduling.overlap,
    "cron_timezone": lambda s: s.scheduling.timezone,
    "deploy_labels": lambda s: s.scheduling.labels,
    "dependencies": lambda s: s.dependencies,
    "devices": lambda s: s.security.devices,
    "endpoint_mode": lambda s: s.scheduling.endpoint_mode,
    "env": lambda s: s.program.env,
    "gpus": lambda s: s.resources.gpus,
    "groups": lambda s: s.program.groups,
    "healthcheck": lambda s: s.lifecycle.healthcheck,
    "identity": lambda s: s.scheduling.identity,
    "image": lambda s: s.program.image,
    "init": lambda s: s.lifecycle.init,
    "ipc_mode": lambda s: s.security.ipc_mode,
    "labels": lambda s: s.labels,
    "max_per_node": lambda s: s.scheduling.max_per_node,
    "memory": lambda s: s.resources.memory,
    "memory_reservation": lambda s: s.resources.memory_reservation,
    "mode": lambda s: s.scheduling.mode is not Mode.REPLICATED,
    "pid_mode": lambda s: s.security.pid_mode,
    "platform": lambda s: s.program.platform,
    "post_start": lambda s: s.lifecycle.post_start,
    "pre_stop": lambda s: s.lifecycle.pre_stop,
    "preferences": lambda s: s.scheduling.preferences,
    "privileged": lambda s: s.security.privileged,
    "pull": lambda s: s.program.pull,
    "read_only": lambda s: s.security.read_only,
    "replicas": lambda s: s.scheduling.replicas is not None,
    "restart": lambda _: True,
    "rollback": lambda s: s.scheduling.update,
    "runtime": lambda s: s.security.runtime,
    "status": lambda s: s.lifecycle.status != "running",
    "stdin": lambda s: s.program.stdin,
    "stop_signal": lambda s: s.lifecycle.stop_signal,
    "stop_timeout": lambda s: s.lifecycle.stop_timeout is not None,
    "sysctls": lambda s: s.security.sysctls,
    "tty": lambda s: s.program.tty,
    "update": lambda s: s.scheduling.update,
    "user": lambda s: s.program.user,
    "userns_mode": lambda s: s.security.userns_mode,
    "uts_mode": lambda s: s.security.uts_mode,
    "working_dir": lambda s: s.program.working_dir,
}


def settings_of(service: Service) -> tuple[Setting, ...]:
    """A setting for each word that a service uses, and one that nobody knows."""
    known = (Setting(f"key.{w}", w, "x") for w, said in _SAID.items() if said(service))
    return (*known, Setting("HostConfig.Future", "", "1"))
