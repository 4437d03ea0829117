"""The normal form of what a container is told: one row for each attribute.

```
 CONTAINER["mem_limit"]  = amount     "1.5g"  ─▶ "1610612736"
 CONTAINER["init"]       = truth      kept even if false, for it may undo the image's
 CONTAINER["command"]    = command    always there: null is the image's own
```

Invariant: each attribute of :data:`~k8s_bridge.compose.container_words.CONTAINER` has
its row here, but for the files of variables and labels.
"""

from k8s_bridge.compose.forms import (
    Field,
    Fields,
    Held,
    Unfit,
    amount,
    command,
    count,
    decimal,
    each,
    length,
    of_keys,
    record,
    strict_count,
    strict_texts,
    text,
    texts,
    truth,
    unknowns,
    whole,
    words,
)
from k8s_bridge.compose.scalars import Value, printed

__all__ = [
    "AMOUNT",
    "CONTAINER",
    "DECIMAL",
    "GRANTS",
    "HOOK",
    "HOOKS",
    "OPT_OUT",
    "REQUESTS",
    "SAID_COUNT",
    "SAID_LENGTH",
    "SAID_TRUTH",
    "TEXT",
    "TEXTS",
    "TRUTH",
    "ULIMITS",
    "WHOLE",
    "WORDS",
    "number_words",
    "optional",
    "written_hosts",
]

TEXT, TRUTH, WHOLE, DECIMAL = map(Field, (text, truth, whole, decimal))
WORDS, TEXTS, AMOUNT = Field(words), Field(texts), Field(amount)
SAID_TRUTH = Field(truth, Held.GIVEN)
SAID_COUNT = Field(count, Held.GIVEN)
SAID_LENGTH = Field(length, Held.GIVEN)
COMMAND = Field(command, Held.ALWAYS)
OPT_OUT = Field(truth, Held.DENIED)


def optional(fields: Fields) -> Field:
    """A group of fields that is written once it was said, even if it is empty."""
    return Field(record(fields), Held.GIVEN)


def _mode(value: Value) -> Value:
    """A file's mode as an octal number with a leading zero."""
    if isinstance(value, str):
        try:
            number = int(value.removeprefix("+"), 8)
        except ValueError:
            raise Unfit(
                f'strconv.ParseInt: parsing "{value}": invalid syntax'
            ) from None
        return f"0{number:o}"
    if isinstance(value, int):
        return f"0{value:o}"
    raise Unfit("unexpected value type float64 for mode")


def _plain_mode(value: Value) -> Value:
    if not isinstance(value, (int, float)):
        raise Unfit("expected type 'uint32', got unconvertible type 'string'")
    return int(value)


def _ulimit(value: Value) -> Value:
    if isinstance(value, dict):
        limit = Field(_ulimit_number)
        return record({"soft": limit, "hard": limit})(value)
    return _ulimit_number(value) or {}


def _ulimit_number(value: Value) -> Value:
    # a number in quotes was read as one before, but for those of a build
    if isinstance(value, (float, str)):
        kind = "string" if isinstance(value, str) else "float64"
        raise Unfit(f"invalid type {kind} for ulimits")
    return whole(value)


def _device_count(value: Value) -> Value:
    if value == "all":
        return -1
    if isinstance(value, float):
        raise Unfit("invalid type float64 for device count")
    try:
        return whole(value)
    except Unfit:
        raise Unfit(
            f"invalid value \"{value}\", the only value allowed is 'all' or a number"
        ) from None


def written_hosts(value: Value) -> Value:
    """Each host with each of its addresses."""
    if not isinstance(value, dict):
        return value
    return [
        *sorted(
            f"{host}={text(address)}"
            for host, addresses in value.items()
            for address in (addresses if isinstance(addresses, list) else [addresses])
        )
    ]


def _filled_words(value: Value) -> Value:
    """Texts without those that are empty; Compose does so for ``dns`` only."""
    texts = words(value)
    return [item for item in texts if item] if isinstance(texts, list) else texts


def number_words(value: Value) -> Value:
    """Texts and whole numbers, as texts."""
    return each(_number_word)(value)


def _number_word(value: Value) -> Value:
    if isinstance(value, float):
        raise Unfit(f"unsupported value {printed(value)}")
    return text(value)


ULIMITS = Field(of_keys(_ulimit))
GRANTS = Field(
    each(
        record(
            {
                "source": TEXT,
                "target": TEXT,
                "uid": TEXT,
                "gid": TEXT,
                "mode": Field(_mode, Held.GIVEN),
            }
        )
    )
)
REQUESTS = Field(
    each(
        record(
            {
                "capabilities": WORDS,
                "driver": TEXT,
                "count": Field(_device_count),
                "device_ids": WORDS,
                "options": TEXTS,
            }
        )
    )
)
HOOK = record(
    {
        "command": COMMAND,
        "user": TEXT,
        "privileged": TRUTH,
        "working_dir": TEXT,
        "environment": Field(unknowns),
    }
)
HOOKS = Field(each(HOOK))
_RATES = Field(
    each(
        lambda value: (
            {
                "Path": text(value.get("path")),
                "Rate": amount(value.get("rate")) or "0",
            }
            if isinstance(value, dict)
            else value
        )
    )
)
_WEIGHTS = Field(
    each(
        lambda value: (
            {
                "Path": text(value.get("path")),
                "Weight": strict_count(value.get("weight") or 0),
            }
            if isinstance(value, dict)
            else value
        )
    )
)
_MOUNTS = Field(
    each(
        record(
            {
                "type": TEXT,
                "source": TEXT,
                "target": TEXT,
                "read_only": TRUTH,
                "consistency": TEXT,
                "bind": optional(
                    {
                        "selinux": TEXT,
                        "propagation": TEXT,
                        "create_host_path": OPT_OUT,
                        "recursive": TEXT,
                    }
                ),
                "volume": optional({"labels": TEXTS, "nocopy": TRUTH, "subpath": TEXT}),
                "tmpfs": optional({"size": AMOUNT, "mode": Field(_plain_mode)}),
                "image": optional({"subpath": TEXT}),
            }
        )
    )
)
_ATTACHMENTS = Field(
    of_keys(
        record(
            {
                "aliases": WORDS,
                "driver_opts": TEXTS,
                "gw_priority": WHOLE,
                "interface_name": TEXT,
                "ipv4_address": TEXT,
                "ipv6_address": TEXT,
                "link_local_ips": WORDS,
                "mac_address": TEXT,
                "priority": WHOLE,
            }
        )
    )
)
CONTAINER: dict[str, Field] = {
    "annotations": TEXTS,
    "blkio_config": optional(
        {
            "weight": Field(strict_count),
            "weight_device": _WEIGHTS,
            "device_read_bps": _RATES,
            "device_read_iops": _RATES,
            "device_write_bps": _RATES,
            "device_write_iops": _RATES,
        }
    ),
    "cap_add": WORDS,
    "cap_drop": WORDS,
    "cgroup": TEXT,
    "cgroup_parent": TEXT,
    "command": COMMAND,
    "configs": GRANTS,
    "cpu_count": WHOLE,
    "cpu_percent": DECIMAL,
    "cpu_period": WHOLE,
    "cpu_quota": WHOLE,
    "cpu_rt_period": WHOLE,
    "cpu_rt_runtime": WHOLE,
    "cpu_shares": WHOLE,
    "cpus": DECIMAL,
    "cpuset": TEXT,
    "credential_spec": optional({"config": TEXT, "file": TEXT, "registry": TEXT}),
    "device_cgroup_rules": WORDS,
    "devices": Field(
        each(record({"source": TEXT, "target": TEXT, "permissions": TEXT}))
    ),
    "dns": Field(_filled_words),
    "dns_opt": WORDS,
    "dns_search": WORDS,
    "domainname": TEXT,
    "entrypoint": COMMAND,
    "environment": Field(unknowns),
    "extra_hosts": Field(written_hosts),
    "gpus": REQUESTS,
    "group_add": Field(number_words),
    "hostname": TEXT,
    "image": TEXT,
    "init": SAID_TRUTH,
    "ipc": TEXT,
    "isolation": TEXT,
    "labels": TEXTS,
    "logging": optional({"driver": TEXT, "options": TEXTS}),
    "mac_address": TEXT,
    "mem_limit": AMOUNT,
    "mem_reservation": AMOUNT,
    "mem_swappiness": AMOUNT,
    "memswap_limit": AMOUNT,
    "models": Field(of_keys(record({"endpoint_var": TEXT, "model_var": TEXT}))),
    "network_mode": TEXT,
    "networks": _ATTACHMENTS,
    "oom_kill_disable": TRUTH,
    "oom_score_adj": WHOLE,
    "pid": TEXT,
    "pids_limit": WHOLE,
    "platform": TEXT,
    "privileged": TRUTH,
    "pull_policy": TEXT,
    "pull_refresh_after": TEXT,
    "read_only": TRUTH,
    "runtime": TEXT,
    "secrets": GRANTS,
    "security_opt": WORDS,
    "shm_size": AMOUNT,
    "stop_grace_period": SAID_LENGTH,
    "stop_signal": TEXT,
    "storage_opt": Field(strict_texts),
    "sysctls": TEXTS,
    "tmpfs": WORDS,
    "ulimits": ULIMITS,
    "use_api_socket": TRUTH,
    "user": TEXT,
    "userns_mode": TEXT,
    "uts": TEXT,
    "volumes": _MOUNTS,
    "volumes_from": WORDS,
    "working_dir": TEXT,
}
