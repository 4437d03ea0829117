"""Every attribute of the normal form: how its value is written, and when.

```
 SERVICE   CONTAINER and what Compose does around it      build, depends_on, deploy, ...
 JOB       the same, and what starts it                   triggers
 NETWORK, VOLUME, CONFIG, SECRET                          what services share
```

Invariant: what :mod:`~k8s_bridge.compose.vocabulary` lets in and Compose acts on has a
row here, but for what the loader has used up (extends, env_file, label_file). The
fields, and which of them are left out, are those of ``docker compose config``.
"""

from k8s_bridge.compose.container_form import (
    AMOUNT,
    CONTAINER,
    DECIMAL,
    GRANTS,
    HOOK,
    HOOKS,
    OPT_OUT,
    REQUESTS,
    SAID_COUNT,
    SAID_LENGTH,
    SAID_TRUTH,
    TEXT,
    TEXTS,
    TRUTH,
    ULIMITS,
    WHOLE,
    WORDS,
    number_words,
    optional,
    written_hosts,
)
from k8s_bridge.compose.forms import (
    Field,
    Fields,
    Form,
    Held,
    Unfit,
    anything_text,
    count,
    each,
    nonzero_length,
    of_keys,
    record,
    text,
    truth,
    unknowns,
    whole,
    words,
)
from k8s_bridge.compose.scalars import Value

__all__ = ["CONFIG", "FILES", "JOB", "NETWORK", "SECRET", "SERVICE", "VOLUME"]


def printed_text(value: Value) -> str:
    """A scalar as text."""
    return str(anything_text(value))


def _test(value: Value) -> Value:
    return ["CMD-SHELL", value] if isinstance(value, str) else words(value)


def _context(value: Value) -> Value:
    if not isinstance(value, str):
        raise Unfit("expected key=value")
    return value


def _options(value: Value) -> Value:
    """The options of a provider: each a list of texts."""
    many = each(anything_text)
    lists = of_keys(lambda v: many(v if isinstance(v, list) else [v]))(value)
    if not isinstance(lists, dict):
        return lists
    return {key: texts for key, texts in lists.items() if texts}


def _keys(value: Value) -> Value:
    """The keys that a build may use; only the default one needs no path."""
    if not isinstance(value, dict):
        return value
    for key, path in value.items():
        if path is None and key != "default":
            raise Unfit(f'invalid ssh key "{key}"')
    return [
        key if path is None else f"{key}={printed_text(path)}"
        for key, path in sorted(value.items())
    ]


_BUILD = optional(
    {
        "context": TEXT,
        "dockerfile": TEXT,
        "dockerfile_inline": TEXT,
        "entitlements": WORDS,
        "args": Field(unknowns),
        "provenance": Field(anything_text),
        "sbom": Field(anything_text),
        "ssh": Field(_keys),
        "labels": TEXTS,
        "cache_from": WORDS,
        "cache_to": WORDS,
        "no_cache": TRUTH,
        "no_cache_filter": WORDS,
        "additional_contexts": Field(of_keys(_context)),
        "pull": TRUTH,
        "extra_hosts": Field(written_hosts),
        "isolation": TEXT,
        "network": TEXT,
        "target": TEXT,
        "secrets": GRANTS,
        "shm_size": AMOUNT,
        "tags": WORDS,
        "ulimits": ULIMITS,
        "platforms": WORDS,
        "privileged": TRUTH,
    }
)
_UPDATE = optional(
    {
        "parallelism": SAID_COUNT,
        "delay": Field(nonzero_length),
        "failure_action": TEXT,
        "monitor": Field(nonzero_length),
        "max_failure_ratio": DECIMAL,
        "order": TEXT,
    }
)
_RESOURCE: dict[str, Field] = {
    "cpus": DECIMAL,
    "memory": AMOUNT,
    "pids": WHOLE,
    "devices": REQUESTS,
    "generic_resources": Field(
        each(
            record(
                {
                    "discrete_resource_spec": optional(
                        {
                            "kind": Field(text, Held.ALWAYS),
                            "value": Field(
                                lambda value: 0 if value is None else whole(value),
                                Held.ALWAYS,
                            ),
                        }
                    )
                }
            )
        )
    ),
}


def _group(fields: Fields) -> Field:
    """A group of fields that is always written."""
    form = record(fields)
    return Field(lambda value: form(value or {}), Held.ALWAYS)


_DEPLOY = optional(
    {
        "mode": TEXT,
        "replicas": SAID_COUNT,
        "labels": TEXTS,
        "update_config": _UPDATE,
        "rollback_config": _UPDATE,
        "resources": _group(
            {"limits": optional(_RESOURCE), "reservations": optional(_RESOURCE)}
        ),
        "restart_policy": optional(
            {
                "condition": TEXT,
                "delay": SAID_LENGTH,
                "max_attempts": SAID_COUNT,
                "window": SAID_LENGTH,
            }
        ),
        "placement": _group(
            {
                "constraints": WORDS,
                "preferences": Field(each(record({"spread": TEXT}))),
                "max_replicas_per_node": Field(count),
            }
        ),
        "endpoint_mode": TEXT,
    }
)
_DEVELOP = optional(
    {
        "watch": Field(
            each(
                record(
                    {
                        "path": TEXT,
                        "action": TEXT,
                        "target": TEXT,
                        "exec": Field(
                            lambda value: HOOK({} if value is None else value),
                            Held.ALWAYS,
                        ),
                        "include": WORDS,
                        "ignore": WORDS,
                        "initial_sync": TRUTH,
                    }
                )
            )
        )
    }
)
_PORTS = Field(
    each(
        record(
            {
                "name": TEXT,
                "mode": TEXT,
                "host_ip": TEXT,
                "target": Field(count),
                "published": TEXT,
                "protocol": TEXT,
                "app_protocol": TEXT,
            }
        )
    )
)

# where files of variables are not read before the start, they are named
_FILES: dict[str, Field] = {
    "env_file": Field(
        each(
            record(
                {
                    "path": TEXT,
                    "required": OPT_OUT,
                    "format": TEXT,
                }
            )
        )
    ),
    "label_file": WORDS,
}
_SERVICE: dict[str, Field] = {
    **CONTAINER,
    "attach": SAID_TRUTH,
    "build": _BUILD,
    "container_name": TEXT,
    "depends_on": Field(
        of_keys(
            record(
                {
                    "condition": TEXT,
                    "restart": TRUTH,
                    "required": Field(truth, Held.ALWAYS),
                }
            )
        )
    ),
    "deploy": _DEPLOY,
    "develop": _DEVELOP,
    "expose": Field(number_words),
    "external_links": WORDS,
    "healthcheck": optional(
        {
            "test": Field(_test),
            "timeout": SAID_LENGTH,
            "interval": SAID_LENGTH,
            "retries": SAID_COUNT,
            "start_period": SAID_LENGTH,
            "start_interval": SAID_LENGTH,
            "disable": TRUTH,
        }
    ),
    "links": WORDS,
    "ports": _PORTS,
    "post_start": HOOKS,
    "pre_start": Field(each(record({**CONTAINER, **_FILES, "per_replica": TRUTH}))),
    "pre_stop": HOOKS,
    "profiles": WORDS,
    "provider": optional({"type": TEXT, "options": Field(_options)}),
    "restart": TEXT,
    "scale": SAID_COUNT,
    "stdin_open": TRUTH,
    "tty": TRUTH,
}
SERVICE: Form = record(_SERVICE)
FILES: Form = record(_FILES)
JOB: Form = record(
    {
        **_SERVICE,
        **_FILES,
        "triggers": optional(
            {
                "manual": TRUTH,
                "schedule": Field(
                    each(
                        record(
                            {
                                "cron": TEXT,
                                "timezone": TEXT,
                                "concurrency": TEXT,
                                "missed_fires": TEXT,
                            }
                        )
                    )
                ),
            }
        ),
    }
)
_IPAM = _group(
    {
        "driver": TEXT,
        "config": Field(
            each(
                record(
                    {
                        "subnet": TEXT,
                        "gateway": TEXT,
                        "ip_range": TEXT,
                        "aux_addresses": TEXTS,
                    }
                )
            )
        ),
        "options": TEXTS,
    }
)
NETWORK: Form = record(
    {
        "name": TEXT,
        "driver": TEXT,
        "driver_opts": TEXTS,
        "ipam": _IPAM,
        "external": TRUTH,
        "internal": TRUTH,
        "attachable": TRUTH,
        "labels": TEXTS,
        "enable_ipv4": SAID_TRUTH,
        "enable_ipv6": SAID_TRUTH,
    }
)
VOLUME: Form = record(
    {
        "name": TEXT,
        "driver": TEXT,
        "driver_opts": TEXTS,
        "external": TRUTH,
        "labels": TEXTS,
    }
)
_STORED: dict[str, Field] = {
    "name": TEXT,
    "file": TEXT,
    "environment": TEXT,
    "external": TRUTH,
    "labels": TEXTS,
    "driver": TEXT,
    "driver_opts": TEXTS,
    "template_driver": TEXT,
}
SECRET: Form = record(_STORED)
CONFIG: Form = record({**_STORED, "content": TEXT})
