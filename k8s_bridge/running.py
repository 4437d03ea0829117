"""What is executed, how often, when again, and how it is confined.

```
 Program      image, command, environment      Resources    CPU, memory
 Lifecycle    restart, health, hooks           Security     privileges, namespaces
 Scheduling   how many, where, how replaced    Dependency   who must be there first
```

Invariant: times are nanoseconds, sizes bytes, CPUs thousandths; 0, "" and None say that
nobody asked. Docker's words: *Config*, *HostConfig*; Compose's: *deploy*.
"""

from enum import StrEnum
from typing import NamedTuple

from k8s_bridge.cron import TimeTable

__all__ = [
    "Condition",
    "Dependency",
    "Healthcheck",
    "Hook",
    "Lifecycle",
    "Mode",
    "Program",
    "Resources",
    "Restart",
    "Scheduling",
    "Security",
    "Update",
    "Variable",
]


class Variable(NamedTuple):
    """An environment variable."""

    name: str
    value: str


class Healthcheck(NamedTuple):
    """A command that tells whether a service works; times are nanoseconds, 0 unset.

    ``image_knows`` says that the command is the image's own and not known here.
    """

    command: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    retries: int = 0
    start_period: int = 0
    start_interval: int = 0
    image_knows: bool = False


class Hook(NamedTuple):
    """A command run in the container after its start or before its stop."""

    command: tuple[str, ...]
    user: str = ""
    privileged: bool = False
    working_dir: str = ""
    env: tuple[Variable, ...] = ()


class Program(NamedTuple):
    """What is executed; only what differs from the image, None where it does not.

    ``built`` says that the image is made by building and lies in no registry yet;
    ``container_name`` is a name of the container that the service does not have.
    """

    image: str = ""
    image_known: bool = True
    built: bool = False
    container_name: str = ""
    platform: str = ""
    pull: str = ""
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    env: tuple[Variable, ...] = ()
    unset: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()
    tty: bool = False
    stdin: bool = False
    stdin_once: bool = False


class Restart(StrEnum):
    """When a program that ended is started again, in Docker's words.

    UNSET means that nobody said anything: Docker then does as for NO.
    """

    UNSET = ""
    NO = "no"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"
    UNLESS_STOPPED = "unless-stopped"


class Lifecycle(NamedTuple):
    """From start to end; ``init``: an init process reaps, and passes signals on."""

    status: str = "running"
    restart: Restart = Restart.UNSET
    retries: int = 0
    removed_when_done: bool = False
    stop_timeout: int | None = None
    stop_signal: str = ""
    init: bool = False
    healthcheck: Healthcheck | None = None
    post_start: tuple[Hook, ...] = ()
    pre_stop: tuple[Hook, ...] = ()


class Condition(StrEnum):
    """What must be true of a service before another one starts, in Compose's words."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


class Dependency(NamedTuple):
    """A service that must be there first; ``restart``: its restart is followed."""

    service: str
    condition: Condition = Condition.STARTED
    required: bool = True
    restart: bool = False


class Mode(StrEnum):
    """How many of a service there are, in Swarm's and Compose's words."""

    REPLICATED = "replicated"
    GLOBAL = "global"
    REPLICATED_JOB = "replicated-job"
    GLOBAL_JOB = "global-job"


class Update(NamedTuple):
    """How new containers take the place of old ones; times are nanoseconds."""

    parallelism: int = 1
    delay: int = 0
    start_first: bool = False
    failure_action: str = ""
    monitor: int = 0


class Scheduling(NamedTuple):
    """How many there are, where they may run, how they are replaced.

    ``replicas`` is None where nobody said a number; ``constraints`` and ``preferences``
    are Swarm's texts, as ``node.labels.disk == ssd``; ``cron`` is "" for a service that
    runs at once, in ``timezone`` ("" for the cluster's); ``overlap`` is Kubernetes'
    word for what happens if the last run is not over, "" for its default, which is to
    run both. ``identity`` says that each of them is one of its own: with a name, and
    volumes that the others do not share. ``labels`` are those of the service, not of
    its containers.

    >>> Scheduling(cron=TimeTable("0 3 * * *")).cron
    '0 3 * * *'
    """

    mode: Mode = Mode.REPLICATED
    replicas: int | None = None
    update: Update | None = None
    constraints: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    max_per_node: int = 0
    endpoint_mode: str = ""
    cron: TimeTable = TimeTable("")
    timezone: str = ""
    overlap: str = ""
    identity: bool = False
    labels: tuple[tuple[str, str], ...] = ()


class Resources(NamedTuple):
    """Limits and wishes: bytes, thousandths of a CPU; 0 means unset."""

    memory: int = 0
    memory_reservation: int = 0
    cpus: int = 0
    cpu_shares: int = 0
    cpu_reservation: int = 0
    gpus: int = 0
    shm_size: int = 0


class Security(NamedTuple):
    """What the program may do to the kernel it runs on."""

    privileged: bool = False
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    pid_mode: str = ""
    ipc_mode: str = ""
    uts_mode: str = ""
    userns_mode: str = ""
    runtime: str = ""
    devices: tuple[str, ...] = ()
