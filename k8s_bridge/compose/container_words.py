"""The words of the Compose specification that tell a container what to be.

```
 image, command, environment, volumes, networks, ...      CONTAINER
 a text | a flag | texts | KEY=value pairs | hosts        what their values are made of
```

A service, a job and what runs before a service have all of these.

Invariant: a shape here is a value that never changes, so that it may be used twice.
Units and their notations are read later (:mod:`k8s_bridge.compose.units`); here a size
is a number or a word.
"""

import re

from k8s_bridge.compose.shapes import Either, Listing, Mapping, Record, Scalar, Shape

__all__ = [
    "CONTAINER",
    "DEVICE_REQUEST",
    "DRIVER_OPTIONS",
    "FILLED",
    "FLAG",
    "GRANTS",
    "HOOK",
    "HOSTS",
    "NULL",
    "NUMBER",
    "ONE_OR_MORE",
    "PAIRS",
    "PORT",
    "TEXT",
    "TEXTS",
    "TRUTH",
    "ULIMITS",
    "UNIQUE_TEXTS",
    "WHOLE",
    "named",
    "one_of",
]

NAME = re.compile(r"^[a-zA-Z0-9._-]+$")
FILLED = re.compile(r"^.+$")

TEXT = Scalar(("string",))
FLAG = Scalar(("boolean", "string"))
TRUTH = Scalar(("boolean",))
WHOLE = Scalar(("integer", "string"))
NUMBER = Scalar(("number", "string"))
NULL = Scalar(("null",))
TEXTS = Listing(TEXT)
UNIQUE_TEXTS = Listing(TEXT, unique=True)
ONE_OR_MORE = Either((TEXT, UNIQUE_TEXTS))
COMMAND = Either((NULL, TEXT, TEXTS))
SIMPLE = Scalar(("string", "number", "boolean", "null"))
PAIRS = Either((Mapping(SIMPLE, FILLED), UNIQUE_TEXTS))
DRIVER_OPTIONS = Mapping(NUMBER, FILLED, closed=False)


def one_of(*choices: str) -> Scalar:
    """One of a few words."""
    return Scalar(("string",), choices=choices)


def named(value: Shape) -> Mapping:
    """Values under names that follow Compose's notation of names."""
    return Mapping(value, NAME)


HOSTS = Either(
    (Mapping(Either((TEXT, TEXTS)), FILLED), UNIQUE_TEXTS),
)
GRANTS = Listing(
    Either(
        (
            TEXT,
            Record(
                {
                    "source": TEXT,
                    "target": TEXT,
                    "uid": TEXT,
                    "gid": TEXT,
                    "mode": NUMBER,
                }
            ),
        )
    )
)
ULIMITS = Mapping(
    Either(
        (
            WHOLE,
            Record({"hard": WHOLE, "soft": WHOLE}, required=("soft", "hard")),
        )
    ),
    re.compile(r"^[a-z]+$"),
    closed=False,
)
HOOK = Record(
    {
        "command": COMMAND,
        "user": TEXT,
        "privileged": FLAG,
        "working_dir": TEXT,
        "environment": PAIRS,
    },
    required=("command",),
)
DEVICE_REQUEST: dict[str, Shape] = {
    "capabilities": UNIQUE_TEXTS,
    "count": WHOLE,
    "device_ids": UNIQUE_TEXTS,
    "driver": TEXT,
    "options": PAIRS,
}
_volume = Record(
    {
        "type": one_of("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
        "source": TEXT,
        "target": TEXT,
        "read_only": FLAG,
        "consistency": TEXT,
        "bind": Record(
            {
                "propagation": TEXT,
                "create_host_path": FLAG,
                "recursive": one_of("enabled", "disabled", "writable", "readonly"),
                "selinux": one_of("z", "Z"),
            }
        ),
        "volume": Record({"labels": PAIRS, "nocopy": FLAG, "subpath": TEXT}),
        "tmpfs": Record({"size": Scalar(("integer", "string"), low=0), "mode": NUMBER}),
        "image": Record({"subpath": TEXT}),
    },
    required=("type",),
)
_attachment = Record(
    {
        "aliases": UNIQUE_TEXTS,
        "interface_name": TEXT,
        "ipv4_address": TEXT,
        "ipv6_address": TEXT,
        "link_local_ips": UNIQUE_TEXTS,
        "mac_address": TEXT,
        "driver_opts": DRIVER_OPTIONS,
        "priority": Scalar(("number",)),
        "gw_priority": Scalar(("number",)),
    }
)
PORT = Record(
    {
        "name": TEXT,
        "mode": TEXT,
        "host_ip": TEXT,
        "target": WHOLE,
        "published": WHOLE,
        "protocol": TEXT,
        "app_protocol": TEXT,
    }
)
_rate = Listing(Record({"path": TEXT, "rate": WHOLE}, extensible=False))
_weight = Listing(Record({"path": TEXT, "weight": WHOLE}, extensible=False))

CONTAINER: dict[str, Shape] = {
    "annotations": PAIRS,
    "blkio_config": Record(
        {
            "device_read_bps": _rate,
            "device_read_iops": _rate,
            "device_write_bps": _rate,
            "device_write_iops": _rate,
            "weight": WHOLE,
            "weight_device": _weight,
        },
        extensible=False,
    ),
    "cap_add": UNIQUE_TEXTS,
    "cap_drop": UNIQUE_TEXTS,
    "cgroup": one_of("host", "private"),
    "cgroup_parent": TEXT,
    "command": COMMAND,
    "configs": GRANTS,
    "cpu_count": Scalar(("integer", "string"), low=0),
    "cpu_percent": Scalar(("integer", "string"), low=0, high=100),
    "cpu_shares": NUMBER,
    "cpu_quota": NUMBER,
    "cpu_period": NUMBER,
    "cpu_rt_period": NUMBER,
    "cpu_rt_runtime": NUMBER,
    "cpus": NUMBER,
    "cpuset": TEXT,
    "credential_spec": Record({"config": TEXT, "file": TEXT, "registry": TEXT}),
    "device_cgroup_rules": UNIQUE_TEXTS,
    "devices": Listing(
        Either(
            (
                TEXT,
                Record(
                    {"source": TEXT, "target": TEXT, "permissions": TEXT},
                    required=("source",),
                ),
            )
        )
    ),
    "dns": ONE_OR_MORE,
    "dns_opt": UNIQUE_TEXTS,
    "dns_search": ONE_OR_MORE,
    "domainname": TEXT,
    "entrypoint": COMMAND,
    "env_file": Either(
        (
            TEXT,
            Listing(
                Either(
                    (
                        TEXT,
                        Record(
                            {"path": TEXT, "format": TEXT, "required": FLAG},
                            required=("path",),
                            extensible=False,
                        ),
                    )
                )
            ),
        )
    ),
    "label_file": Either((TEXT, TEXTS)),
    "environment": PAIRS,
    "extra_hosts": HOSTS,
    "gpus": Either((one_of("all"), Listing(Record(DEVICE_REQUEST, open=True)))),
    "group_add": Listing(NUMBER, unique=True),
    "hostname": TEXT,
    "image": TEXT,
    "init": FLAG,
    "ipc": TEXT,
    "isolation": TEXT,
    "labels": PAIRS,
    "logging": Record(
        {
            "driver": TEXT,
            "options": Mapping(
                Scalar(("string", "number", "null")), FILLED, closed=False
            ),
        }
    ),
    "mac_address": TEXT,
    "mem_limit": NUMBER,
    "mem_reservation": WHOLE,
    "mem_swappiness": WHOLE,
    "memswap_limit": NUMBER,
    "network_mode": TEXT,
    "models": Either(
        (
            UNIQUE_TEXTS,
            Mapping(
                Either((NULL, Record({"endpoint_var": TEXT, "model_var": TEXT}))),
                NAME,
                closed=False,
            ),
        )
    ),
    "networks": Either((UNIQUE_TEXTS, named(Either((NULL, _attachment))))),
    "oom_kill_disable": FLAG,
    "oom_score_adj": Scalar(("integer", "string"), low=-1000, high=1000),
    "pid": Scalar(("string", "null")),
    "pids_limit": NUMBER,
    "platform": TEXT,
    "privileged": FLAG,
    "pull_policy": Scalar(
        ("string",),
        pattern=re.compile(
            r"^(always|never|build|if_not_present|missing|refresh|daily|weekly"
            r"|every_([0-9]+[wdhms])+)$"
        ),
    ),
    "pull_refresh_after": TEXT,
    "read_only": FLAG,
    "runtime": TEXT,
    "security_opt": UNIQUE_TEXTS,
    "shm_size": NUMBER,
    "secrets": GRANTS,
    "sysctls": PAIRS,
    "stop_grace_period": TEXT,
    "stop_signal": TEXT,
    "storage_opt": Record({}, open=True),
    "tmpfs": ONE_OR_MORE,
    "ulimits": ULIMITS,
    "use_api_socket": TRUTH,
    "user": TEXT,
    "uts": TEXT,
    "userns_mode": TEXT,
    "volumes": Listing(Either((TEXT, _volume)), unique=True),
    "volumes_from": UNIQUE_TEXTS,
    "working_dir": TEXT,
}
