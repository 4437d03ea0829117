"""Which keys Compose has, and what the neutral model calls them.

```
 key of Compose        word of the model     who says what becomes of it
 services.X.mem_limit  memory                a mapping's note about "memory"
 services.X.ports[0]   published@80:80/tcp   a note about exactly it, else "published"
 services.X.develop    develop               mapping/limits.py: Kubernetes has none
```

A table, so that a law can go through it: each key of Compose's schema is here or has a
function in :mod:`k8s_bridge.sources.compose_settings`.
Source: the Compose specification's schema, as Docker Compose 5.6 has it.
"""

__all__ = [
    "ENDPOINT",
    "ENTRIES",
    "HIDDEN",
    "ITEMS",
    "NETWORK",
    "STORED",
    "VALUES",
    "VOLUME",
]

# Keys of a service whose whole value is one setting.
VALUES = {
    "annotations": "annotations",
    "attach": "attach",
    "blkio_config": "blkio",
    "cap_add": "cap_add",
    "cap_drop": "cap_drop",
    "cgroup": "cgroupns",
    "cgroup_parent": "cgroup",
    "command": "args",
    "container_name": "container_name",
    "cpu_count": "windows_cpu",
    "cpu_percent": "windows_cpu",
    "cpu_period": "cpu_period",
    "cpu_quota": "cpu_quota",
    "cpu_rt_period": "cpu_realtime",
    "cpu_rt_runtime": "cpu_realtime",
    "cpu_shares": "cpu_shares",
    "cpus": "cpus",
    "cpuset": "cpuset",
    "credential_spec": "credential_spec",
    "dns": "dns",
    "dns_opt": "dns_options",
    "dns_search": "dns_search",
    "domainname": "domainname",
    "env_file": "env_file",
    "extends": "extends",
    "extra_hosts": "extra_hosts",
    "gpus": "gpus",
    "group_add": "groups",
    "healthcheck": "healthcheck",
    "hostname": "hostname",
    "image": "image",
    "init": "init",
    "ipc": "ipc_mode",
    "isolation": "isolation",
    "label_file": "label_file",
    "labels": "labels",
    "mac_address": "mac_address",
    "mem_limit": "memory",
    "mem_reservation": "memory_reservation",
    "mem_swappiness": "swap",
    "memswap_limit": "swap",
    "network_mode": "network_mode",
    "oom_kill_disable": "oom",
    "oom_score_adj": "oom",
    "pid": "pid_mode",
    "pids_limit": "pids_limit",
    "platform": "platform",
    "privileged": "privileged",
    "profiles": "profiles",
    "pull_policy": "pull",
    "pull_refresh_after": "pull_refresh",
    "read_only": "read_only",
    "restart": "restart",
    "runtime": "runtime",
    "scale": "replicas",
    "security_opt": "security_options",
    "shm_size": "shm_size",
    "stdin_open": "stdin",
    "stop_grace_period": "stop_timeout",
    "stop_signal": "stop_signal",
    "storage_opt": "storage_options",
    "sysctls": "sysctls",
    "tty": "tty",
    "ulimits": "ulimits",
    "use_api_socket": "use_api_socket",
    "user": "user",
    "userns_mode": "userns_mode",
    "uts": "uts_mode",
    "working_dir": "working_dir",
}

# Keys whose value may hold what nobody should read in a report: only names are shown.
HIDDEN = {
    "build": "build",
    "develop": "develop",
    "environment": "env",
    "logging": "logging",
    "models": "models",
    "provider": "provider",
}

# Keys with a list: each item is a setting.
ITEMS = {
    "device_cgroup_rules": "device_rules",
    "expose": "exposed",
    "external_links": "external_links",
    "links": "links",
    "post_start": "post_start",
    "pre_start": "pre_start",
    "pre_stop": "pre_stop",
}

# Keys below ``deploy``, by their path there.
ENTRIES = {
    ("endpoint_mode",): "endpoint_mode",
    ("labels",): "deploy_labels",
    ("mode",): "mode",
    ("placement", "constraints"): "constraints",
    ("placement", "max_replicas_per_node"): "max_per_node",
    ("placement", "preferences"): "preferences",
    ("replicas",): "replicas",
    ("resources", "limits", "cpus"): "cpus",
    ("resources", "limits", "memory"): "memory",
    ("resources", "limits", "pids"): "pids_limit",
    ("resources", "reservations", "cpus"): "cpu_reservation",
    ("resources", "reservations", "devices"): "gpus",
    ("resources", "reservations", "generic_resources"): "generic_resources",
    ("resources", "reservations", "memory"): "memory_reservation",
    ("restart_policy", "condition"): "restart",
    ("restart_policy", "delay"): "restart_delay",
    ("restart_policy", "max_attempts"): "restart",
    ("restart_policy", "window"): "restart_delay",
    ("rollback_config",): "rollback",
    ("update_config", "delay"): "update@delay",
    ("update_config", "failure_action"): "update@failure_action",
    ("update_config", "max_failure_ratio"): "failure_ratio",
    ("update_config", "monitor"): "update@monitor",
    ("update_config", "order"): "update@order",
    ("update_config", "parallelism"): "update@parallelism",
}

# Keys of a service on one of its networks.
ENDPOINT = {
    "aliases": "aliases",
    "driver_opts": "endpoint_options",
    "gw_priority": "gateway_priority",
    "interface_name": "interface_name",
    "ipv4_address": "static_address",
    "ipv6_address": "static_address",
    "link_local_ips": "static_address",
    "mac_address": "mac_address",
    "priority": "gateway_priority",
}

NETWORK = {
    "attachable": "attachable",
    "driver": "driver",
    "enable_ipv4": "ipv4",
    "enable_ipv6": "ipv6",
    "external": "external",
    "internal": "internal",
    "ipam": "ipam",
    "labels": "network_labels",
}

VOLUME = {
    "driver": "driver",
    "driver_opts": "driver_opts",
    "external": "external",
    "labels": "labels",
}

# Keys of a config or a secret.
STORED = {
    "content": "content",
    "driver": "driver",
    "driver_opts": "driver",
    "environment": "environment",
    "external": "external",
    "file": "file",
    "labels": "labels",
    "template_driver": "template_driver",
}
