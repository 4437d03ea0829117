"""Every word of the Compose specification, and the shape of its value.

The facts of the specification's JSON schema as of Compose 5.6, as a table of our own.

```
 document ─┬─ services ── SERVICE ─┬─ CONTAINER  what a container is told
           │                       ├─ _WORKLOAD  what Compose does around it
           │                       └─ deploy, develop, provider, ...
           ├─ networks, volumes, configs, secrets, models
           └─ jobs ────── _JOB     (CONTAINER, _WORKLOAD and what starts it)
```

Invariant: a key that is not here is refused, unless it begins with ``x-`` in a place
where Compose lets notes of the author's own stand.
"""

import re

from k8s_bridge.compose.container_words import (
    CONTAINER,
    DEVICE_REQUEST,
    DRIVER_OPTIONS,
    FILLED,
    FLAG,
    GRANTS,
    HOOK,
    HOSTS,
    NULL,
    NUMBER,
    ONE_OR_MORE,
    PAIRS,
    PORT,
    TEXT,
    TEXTS,
    TRUTH,
    ULIMITS,
    UNIQUE_TEXTS,
    WHOLE,
    named,
    one_of,
)
from k8s_bridge.compose.shapes import Either, Listing, Mapping, Record, Scalar, Shape

__all__ = ["DOCUMENT", "SERVICE"]

_build = Record(
    {
        "context": TEXT,
        "dockerfile": TEXT,
        "dockerfile_inline": TEXT,
        "entitlements": TEXTS,
        "args": PAIRS,
        "ssh": PAIRS,
        "labels": PAIRS,
        "cache_from": TEXTS,
        "cache_to": TEXTS,
        "no_cache": FLAG,
        "no_cache_filter": ONE_OR_MORE,
        "additional_contexts": PAIRS,
        "network": TEXT,
        "provenance": FLAG,
        "sbom": FLAG,
        "pull": FLAG,
        "target": TEXT,
        "shm_size": WHOLE,
        "extra_hosts": HOSTS,
        "isolation": TEXT,
        "privileged": FLAG,
        "secrets": GRANTS,
        "tags": TEXTS,
        "ulimits": ULIMITS,
        "platforms": TEXTS,
    }
)
_healthcheck = Record(
    {
        "disable": FLAG,
        "interval": TEXT,
        "retries": NUMBER,
        "test": Either((TEXT, TEXTS)),
        "timeout": TEXT,
        "start_period": TEXT,
        "start_interval": TEXT,
    }
)
_dependency = Record(
    {
        "restart": FLAG,
        "required": TRUTH,
        "condition": one_of(
            "service_started", "service_healthy", "service_completed_successfully"
        ),
    },
    required=("condition",),
)

_WORKLOAD: dict[str, Shape] = {
    "build": Either((TEXT, _build)),
    "depends_on": Either((UNIQUE_TEXTS, named(_dependency))),
    "healthcheck": _healthcheck,
    "ports": Listing(Either((NUMBER, PORT)), unique=True),
    "expose": Listing(NUMBER, unique=True),
    "stdin_open": FLAG,
    "tty": FLAG,
}

_resources: dict[str, Shape] = {"cpus": NUMBER, "memory": TEXT}
_update = Record(
    {
        "parallelism": WHOLE,
        "delay": TEXT,
        "failure_action": TEXT,
        "monitor": TEXT,
        "max_failure_ratio": NUMBER,
        "order": one_of("start-first", "stop-first"),
    }
)
_deploy = Record(
    {
        "mode": TEXT,
        "endpoint_mode": TEXT,
        "replicas": WHOLE,
        "labels": PAIRS,
        "rollback_config": _update,
        "update_config": _update,
        "resources": Record(
            {
                "limits": Record({**_resources, "pids": WHOLE}),
                "reservations": Record(
                    {
                        **_resources,
                        "generic_resources": Listing(
                            Record(
                                {
                                    "discrete_resource_spec": Record(
                                        {"kind": TEXT, "value": NUMBER}
                                    )
                                }
                            )
                        ),
                        "devices": Listing(
                            Record(DEVICE_REQUEST, required=("capabilities",))
                        ),
                    }
                ),
            }
        ),
        "restart_policy": Record(
            {
                "condition": TEXT,
                "delay": TEXT,
                "max_attempts": WHOLE,
                "window": TEXT,
            }
        ),
        "placement": Record(
            {
                "constraints": TEXTS,
                "preferences": Listing(Record({"spread": TEXT})),
                "max_replicas_per_node": WHOLE,
            }
        ),
    }
)
_develop = Record(
    {
        "watch": Listing(
            Record(
                {
                    "ignore": ONE_OR_MORE,
                    "include": ONE_OR_MORE,
                    "path": TEXT,
                    "action": one_of(
                        "rebuild", "sync", "restart", "sync+restart", "sync+exec"
                    ),
                    "target": TEXT,
                    "exec": HOOK,
                    "initial_sync": TRUTH,
                },
                required=("path", "action"),
            )
        )
    }
)
_option = Scalar(("string", "number", "boolean"))

SERVICE = Record(
    {
        **CONTAINER,
        **_WORKLOAD,
        "deploy": Either((NULL, _deploy)),
        "develop": Either((NULL, _develop)),
        "profiles": UNIQUE_TEXTS,
        "restart": TEXT,
        "scale": WHOLE,
        "attach": FLAG,
        "container_name": Scalar(
            ("string",), pattern=re.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+")
        ),
        "provider": Record(
            {
                "type": TEXT,
                "options": Mapping(
                    Either((_option, Listing(_option))), FILLED, closed=False
                ),
            },
            required=("type",),
        ),
        "extends": Either(
            (
                TEXT,
                Record(
                    {"service": TEXT, "file": TEXT},
                    required=("service",),
                    extensible=False,
                ),
            )
        ),
        "links": UNIQUE_TEXTS,
        "external_links": UNIQUE_TEXTS,
        "pre_start": Listing(Record({**CONTAINER, "per_replica": FLAG}, bare=True)),
        "post_start": Listing(HOOK),
        "pre_stop": Listing(HOOK),
    },
    bare=True,
)

_schedule = Record(
    {
        "cron": TEXT,
        "timezone": TEXT,
        "concurrency": one_of("forbid", "queue"),
        "missed_fires": one_of("one", "skip"),
    },
    required=("cron",),
)
_JOB = Record(
    {
        **CONTAINER,
        **_WORKLOAD,
        "profiles": UNIQUE_TEXTS,
        "triggers": Record(
            {"manual": FLAG, "schedule": Listing(Either((TEXT, _schedule)))},
            any_of=("manual", "schedule"),
        ),
    },
    required=("triggers",),
    bare=True,
)

_external = Either((FLAG, Record({"name": TEXT})))
_loose_external = Either((FLAG, Record({"name": TEXT}, open=True)))
_network = Record(
    {
        "name": TEXT,
        "driver": TEXT,
        "driver_opts": DRIVER_OPTIONS,
        "ipam": Record(
            {
                "driver": TEXT,
                "config": Listing(
                    Record(
                        {
                            "subnet": TEXT,
                            "ip_range": TEXT,
                            "gateway": TEXT,
                            "aux_addresses": Mapping(TEXT, FILLED),
                        }
                    )
                ),
                "options": Mapping(TEXT, FILLED),
            }
        ),
        "external": _external,
        "internal": FLAG,
        "enable_ipv4": FLAG,
        "enable_ipv6": FLAG,
        "attachable": FLAG,
        "labels": PAIRS,
    }
)
_stored_volume = Record(
    {
        "name": TEXT,
        "driver": TEXT,
        "driver_opts": DRIVER_OPTIONS,
        "external": _external,
        "labels": PAIRS,
    }
)
_stored: dict[str, Shape] = {
    "name": TEXT,
    "environment": TEXT,
    "file": TEXT,
    "external": _loose_external,
    "labels": PAIRS,
    "template_driver": TEXT,
}
_model = Record(
    {
        "name": TEXT,
        "model": TEXT,
        "context_size": Scalar(("integer",)),
        "runtime_flags": TEXTS,
    },
    required=("model",),
)
_include = Either(
    (
        TEXT,
        Record(
            {
                "path": ONE_OR_MORE,
                "env_file": ONE_OR_MORE,
                "project_directory": TEXT,
            },
            extensible=False,
        ),
    )
)

DOCUMENT = Record(
    {
        "version": TEXT,
        "name": TEXT,
        "include": Listing(_include),
        "services": named(SERVICE),
        "models": named(_model),
        "networks": named(Either((NULL, _network))),
        "volumes": named(Either((NULL, _stored_volume))),
        "secrets": named(
            Record({**_stored, "driver": TEXT, "driver_opts": DRIVER_OPTIONS})
        ),
        "configs": named(Record({**_stored, "content": TEXT})),
        "jobs": named(_JOB),
    }
)
