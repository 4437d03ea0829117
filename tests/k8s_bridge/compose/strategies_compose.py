"""Services as people write them, and as nobody should: one strategy per attribute."""

from hypothesis import strategies as st

NETWORKS = ("front", "back", "default")
VOLUMES = ("data", "cache", "v1")
STORED = ("key", "cert")

words = st.sampled_from(
    (
        "a",
        "web",
        "y-x",
        "a.b",
        "A_B",
        "1",
        "yes",
        "null",
        "é",
        "a b",
        "0x10",
        "1e3",
        "$$x",
    )
)
texts = st.one_of(words, st.text("ab1 :=/.,-_\"'\\#\t", max_size=6))
names = st.sampled_from(("A", "B", "a.b/c", "x_1", "UP", "k", ""))
wholes = st.one_of(
    st.integers(-2, 5000),
    st.sampled_from(("0", "3", "-1", "12", "+4", "x", "1.5", "")),
    st.sampled_from((2.0, 3.7, 0.0)),
)
decimals = st.sampled_from(
    (0, 1, 0.5, 1.25, 0.1, "0.5", "2", ".5", "1e-2", "x", 3.333333333)
)
flags = st.sampled_from((True, False, "true", "no", "Y", "off", "TRUE", "1", ""))
sizes = st.sampled_from(
    (
        0,
        1,
        1024,
        1.5,
        "64m",
        "1.5g",
        "10kb",
        "1 GiB",
        "7",
        "-1",
        "x",
        "5t",
        "0.5",
        "1b",
        "",
    )
)
lengths = st.sampled_from(
    (
        "1s",
        "90s",
        "1m30s",
        "500ms",
        "1.5h",
        "0s",
        "0",
        "2d",
        "1w",
        "1us",
        "10",
        "",
        "-3s",
        "1h1ms",
    )
)
scalars = st.one_of(words, st.integers(-1, 10), st.booleans(), st.none(), st.just(1.5))
pairs = st.one_of(
    st.dictionaries(names, scalars, max_size=3),
    st.lists(st.builds("{}={}".format, names, texts), max_size=3),
    st.lists(words, max_size=2),
)
lists = st.lists(texts, max_size=3)
one_or_more = st.one_of(texts, lists)
commands = st.one_of(
    st.none(),
    texts,
    lists,
    st.sampled_from(("sh -c 'a b'", 'echo "x y" > f', "a && b")),
)
paths = st.sampled_from(
    ("/a", "./b", "../c", "~/d", "e", "/f/../g/", "c:\\h", "./i j", ".", "//k", "/l/")
)
addresses = st.sampled_from(("127.0.0.1", "::1", "[::1]", "0.0.0.0", "1.2.3", "host"))
numbers = st.sampled_from(
    ("80", "8080", "0", "90-92", "8000-8002", "70000", "", "x", "53")
)
protocols = st.sampled_from(("", "/tcp", "/udp", "/UDP", "/sctp", "/x"))


def record(required=(), **optional):
    """A mapping with some of these keys."""
    given = {key: optional.pop(key) for key in required}
    return st.fixed_dictionaries(given, optional=optional)


short_ports = st.one_of(
    st.builds("{}{}".format, numbers, protocols),
    st.builds("{}:{}{}".format, numbers, numbers, protocols),
    st.builds("{}:{}:{}".format, addresses, numbers, numbers),
)
ports = st.lists(
    st.one_of(
        st.integers(0, 70000),
        short_ports,
        record(
            target=wholes,
            published=st.one_of(wholes, numbers),
            protocol=st.sampled_from(("tcp", "udp", "UDP")),
            mode=st.sampled_from(("host", "ingress")),
            host_ip=addresses,
            name=words,
            app_protocol=words,
        ),
    ),
    max_size=4,
)
options = st.sampled_from(("", ":ro", ":rw,z", ":nocopy", ":rshared,ro", ":x", ":Z,ro"))
sources = st.one_of(paths, st.sampled_from(VOLUMES))
volumes = st.lists(
    st.one_of(
        paths,
        st.builds("{}:{}{}".format, sources, paths, options),
        record(
            ("type", "target"),
            type=st.sampled_from(("bind", "volume", "tmpfs", "image", "npipe")),
            source=sources,
            target=paths,
            read_only=flags,
            consistency=words,
            bind=record(
                propagation=words,
                create_host_path=flags,
                selinux=st.sampled_from("zZ"),
                recursive=st.sampled_from(("enabled", "readonly")),
            ),
            volume=record(nocopy=flags, subpath=words, labels=pairs),
            tmpfs=record(size=sizes, mode=st.sampled_from((0o700, "0700", 1.0))),
            image=record(subpath=words),
        ),
    ),
    max_size=3,
)
grants = st.lists(
    st.one_of(
        st.sampled_from(STORED),
        record(
            ("source",),
            source=st.sampled_from((*STORED, "no")),
            target=st.sampled_from(("/x", "y", "")),
            uid=words,
            gid=words,
            mode=st.sampled_from((0o440, "0440", "x", 288, 0)),
        ),
    ),
    max_size=2,
)
requests = st.lists(
    record(
        ("capabilities",),
        capabilities=lists,
        count=st.one_of(wholes, st.just("all")),
        device_ids=lists,
        driver=words,
        options=pairs,
    ),
    max_size=2,
)
updates = record(
    parallelism=wholes,
    delay=lengths,
    failure_action=words,
    monitor=lengths,
    max_failure_ratio=decimals,
    order=st.sampled_from(("start-first", "stop-first")),
)
resources = record(cpus=decimals, memory=sizes.filter(lambda v: type(v) is str))
deploys = record(
    mode=words,
    endpoint_mode=words,
    replicas=wholes,
    labels=pairs,
    update_config=updates,
    rollback_config=updates,
    resources=record(
        limits=st.one_of(resources, record(pids=wholes)),
        reservations=st.one_of(
            resources,
            record(
                devices=requests,
                generic_resources=st.lists(
                    record(discrete_resource_spec=record(kind=words, value=wholes)),
                    max_size=2,
                ),
            ),
        ),
    ),
    restart_policy=record(
        condition=words, delay=lengths, max_attempts=wholes, window=lengths
    ),
    placement=record(
        constraints=lists,
        preferences=st.lists(record(spread=words), max_size=2),
        max_replicas_per_node=wholes,
    ),
)
healthchecks = record(
    test=st.one_of(
        texts, st.lists(st.sampled_from(("CMD", "CMD-SHELL", "NONE", "x")), max_size=3)
    ),
    interval=lengths,
    timeout=lengths,
    start_period=lengths,
    start_interval=lengths,
    retries=wholes,
    disable=flags,
)
ulimits = st.dictionaries(
    st.sampled_from(("nofile", "nproc", "UP")),
    st.one_of(wholes, record(("soft", "hard"), soft=wholes, hard=wholes)),
    max_size=2,
)
contexts = st.sampled_from(
    (
        ".",
        "./d",
        "/abs",
        "https://x/y.git",
        "git@x:y",
        "github.com/x",
        "~/z",
        "",
        "x.git",
    )
)
hosts = st.one_of(
    st.dictionaries(
        words,
        st.one_of(addresses, st.lists(addresses, min_size=1, max_size=2)),
        max_size=2,
    ),
    st.lists(
        st.builds("{}{}{}".format, words, st.sampled_from("=:"), addresses), max_size=3
    ),
)
builds = st.one_of(
    contexts,
    record(
        context=contexts,
        dockerfile=st.sampled_from(("D", "")),
        dockerfile_inline=st.just("FROM x"),
        entitlements=lists,
        args=pairs,
        labels=pairs,
        cache_from=lists,
        cache_to=lists,
        no_cache=flags,
        no_cache_filter=one_or_more,
        additional_contexts=st.dictionaries(words, contexts, max_size=2),
        network=words,
        provenance=flags,
        sbom=flags,
        pull=flags,
        target=words,
        shm_size=sizes,
        extra_hosts=hosts,
        isolation=words,
        privileged=flags,
        secrets=grants,
        tags=lists,
        ulimits=ulimits,
        platforms=lists,
    ),
)
networks = st.one_of(
    st.lists(st.sampled_from(NETWORKS), max_size=3),
    st.dictionaries(
        st.sampled_from((*NETWORKS, "no")),
        st.one_of(
            st.none(),
            record(
                aliases=lists,
                interface_name=words,
                ipv4_address=words,
                ipv6_address=words,
                link_local_ips=lists,
                mac_address=words,
                driver_opts=st.dictionaries(
                    names, st.one_of(words, st.integers(0, 9)), max_size=2
                ),
                priority=st.integers(0, 5),
                gw_priority=st.sampled_from((0, 2, 2.5)),
            ),
        ),
        max_size=2,
    ),
)
hooks = st.lists(
    record(
        ("command",),
        command=commands,
        user=words,
        privileged=flags,
        working_dir=words,
        environment=pairs,
    ),
    max_size=2,
)
blkio = record(
    weight=wholes,
    weight_device=st.lists(record(path=words, weight=wholes), max_size=1),
    device_read_bps=st.lists(record(path=words, rate=sizes), max_size=1),
    device_write_iops=st.lists(record(path=words, rate=sizes), max_size=1),
)
watches = st.lists(
    record(
        ("path", "action"),
        path=paths,
        action=st.sampled_from(("rebuild", "sync", "restart", "sync+exec")),
        target=words,
        ignore=one_or_more,
        include=one_or_more,
        initial_sync=st.booleans(),
        exec=record(("command",), command=commands, environment=pairs),
    ),
    max_size=2,
)

ATTRIBUTES = {
    "annotations": pairs,
    "attach": flags,
    "blkio_config": blkio,
    "build": builds,
    "cap_add": lists,
    "cap_drop": lists,
    "cgroup": st.sampled_from(("host", "private", "x")),
    "cgroup_parent": words,
    "command": commands,
    "configs": grants,
    "cpu_count": wholes,
    "cpu_percent": wholes,
    "cpu_period": wholes,
    "cpu_quota": wholes,
    "cpu_rt_period": wholes,
    "cpu_rt_runtime": wholes,
    "cpu_shares": wholes,
    "cpus": decimals,
    "cpuset": words,
    "credential_spec": record(config=words, file=words, registry=words),
    "deploy": deploys,
    "develop": record(watch=watches),
    "device_cgroup_rules": lists,
    "devices": st.lists(
        st.one_of(
            st.builds("{}:{}".format, paths, paths),
            paths,
            record(("source",), source=paths, target=paths, permissions=words),
        ),
        max_size=2,
    ),
    "dns": one_or_more,
    "dns_opt": lists,
    "dns_search": one_or_more,
    "domainname": words,
    "entrypoint": commands,
    "environment": pairs,
    "expose": st.lists(st.one_of(numbers, st.integers(0, 99)), max_size=3),
    "external_links": lists,
    "extra_hosts": hosts,
    "gpus": st.one_of(st.just("all"), requests),
    "group_add": st.lists(st.one_of(words, st.integers(0, 9)), max_size=3),
    "healthcheck": healthchecks,
    "hostname": words,
    "init": flags,
    "ipc": words,
    "isolation": words,
    "labels": pairs,
    "logging": record(
        driver=words,
        options=st.dictionaries(
            names, st.one_of(words, st.integers(0, 9), st.none(), st.just(1.5))
        ),
    ),
    "mac_address": words,
    "mem_limit": sizes,
    "mem_reservation": sizes,
    "mem_swappiness": sizes,
    "memswap_limit": sizes,
    "networks": networks,
    "oom_kill_disable": flags,
    "oom_score_adj": wholes,
    "pid": words,
    "pids_limit": wholes,
    "platform": words,
    "ports": ports,
    "post_start": hooks,
    "pre_stop": hooks,
    "privileged": flags,
    "profiles": st.just([]),
    "provider": record(
        ("type",),
        type=words,
        options=st.dictionaries(
            names, st.one_of(words, st.booleans(), lists), max_size=2
        ),
    ),
    "pull_policy": st.sampled_from(
        ("always", "if_not_present", "every_2d", "x", "daily")
    ),
    "pull_refresh_after": words,
    "read_only": flags,
    "restart": words,
    "runtime": words,
    "scale": wholes,
    "secrets": grants,
    "security_opt": lists,
    "shm_size": sizes,
    "stdin_open": flags,
    "stop_grace_period": lengths,
    "stop_signal": words,
    "storage_opt": st.dictionaries(names, scalars, max_size=2),
    "sysctls": pairs,
    "tmpfs": one_or_more,
    "tty": flags,
    "ulimits": ulimits,
    "use_api_socket": st.booleans(),
    "user": words,
    "userns_mode": words,
    "uts": words,
    "volumes": volumes,
    "working_dir": words,
    "x-note": scalars,
}


def services(most=4):
    """A service with a few attributes; its image is there, since all need one."""
    chosen = st.lists(
        st.sampled_from(sorted(ATTRIBUTES)), max_size=most, unique=True
    ).flatmap(
        lambda keys: st.fixed_dictionaries({key: ATTRIBUTES[key] for key in keys})
    )
    return chosen.map(lambda attributes: {"image": "nginx", **attributes})


mostly = st.sampled_from((True, False, "true", "no", True, False, "x"))
external = st.one_of(mostly, record(name=words))
driver_options = st.dictionaries(
    names, st.one_of(words, st.integers(0, 9), st.just(1.5)), max_size=2
)
top_networks = st.one_of(
    st.none(),
    record(
        name=words,
        driver=words,
        driver_opts=driver_options,
        external=external,
        internal=mostly,
        attachable=mostly,
        enable_ipv4=mostly,
        enable_ipv6=mostly,
        labels=pairs,
        ipam=record(
            driver=words,
            options=st.dictionaries(names, words, max_size=1),
            config=st.lists(
                record(
                    subnet=words,
                    gateway=words,
                    ip_range=words,
                    aux_addresses=st.dictionaries(names, words, max_size=1),
                ),
                max_size=2,
            ),
        ),
    ),
)
top_volumes = st.one_of(
    st.none(),
    record(name=words, external=external),
    record(
        name=words,
        driver=st.sampled_from(("local", "nfs")),
        driver_opts=st.one_of(
            driver_options,
            st.fixed_dictionaries({"o": st.just("bind"), "device": paths}),
        ),
        labels=pairs,
    ),
)
described = {"name": words, "labels": pairs, "template_driver": words}
top_secrets = st.one_of(
    record(("file",), file=paths, **described),
    record(("environment",), environment=words, **described),
    record(("external",), external=external, **described),
    record(file=paths, environment=words, external=external, driver=words),
)
top_configs = st.one_of(top_secrets, record(("content",), content=texts, **described))


def projects():
    """A document whose one service uses everything that is declared beside it."""
    return st.fixed_dictionaries(
        {
            "services": st.just(
                {
                    "web": {
                        "image": "nginx",
                        "networks": ["front", "back"],
                        "volumes": ["data:/data", "cache:/cache"],
                        "configs": ["key"],
                        "secrets": ["cert"],
                    }
                }
            ),
            "networks": st.fixed_dictionaries(
                {"front": top_networks, "back": top_networks}
            ),
            "volumes": st.fixed_dictionaries(
                {"data": top_volumes, "cache": top_volumes}
            ),
            "configs": st.fixed_dictionaries({"key": top_configs}),
            "secrets": st.fixed_dictionaries({"cert": top_secrets}),
            "x-note": scalars,
        }
    )


SHARED = {
    "networks": dict.fromkeys(NETWORKS),
    "volumes": dict.fromkeys(VOLUMES),
    "configs": {name: {"content": "x"} for name in STORED},
    "secrets": {name: {"file": f"./{name}"} for name in STORED},
}
