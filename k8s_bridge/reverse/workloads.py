"""A workload as services: one for each container, all in the first one's network.

```
 Deployment web          ─▶ service web        restart: always, deploy.replicas
   containers app, proxy      service proxy    network_mode: service:web
   initContainers setup       service setup    must have completed before
```

Invariant: a container is one service; the first one has the workload's name.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from k8s_bridge.application import (
    Condition,
    Dependency,
    Lifecycle,
    Mode,
    Networking,
    NetworkMode,
    Port,
    Publication,
    Restart,
    Scheduling,
    Security,
    Service,
    Update,
)
from k8s_bridge.cron import TimeTable
from k8s_bridge.mapping.plan import NONE_KEY
from k8s_bridge.mapping.waiting import ORDER
from k8s_bridge.reverse.labels import docker_name, labels_of, notes_of
from k8s_bridge.reverse.node import Node
from k8s_bridge.reverse.parts import healthcheck, hooks, program, resources, security
from k8s_bridge.reverse.stores import Mounted, Stores, claim, mounted

__all__ = ["KINDS", "Workload", "workload_of"]

KINDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
_SECOND = 1_000_000_000
_FOR_EVER = 2**31 - 1
_NETWORK = "network.minidock/"


@dataclass(frozen=True)
class Workload:
    """A workload, the services that it became, the labels and networks of its pods."""

    root: Node
    pod: Node
    services: tuple[Service, ...]
    labels: Mapping[str, str]
    networks: tuple[str, ...]
    isolated: bool

    @property
    def base(self) -> Service:
        """The service whose network namespace it is."""
        return self.services[0]

    def port(self, name: object, fallback: int) -> int:
        """The number of a port that has a name, or is one."""
        if isinstance(name, int):
            return name
        for container in self.pod("containers").nodes():
            for port in container("ports").nodes():
                if port("name").text == name and name:
                    return port("containerPort").number
        return fallback


def workload_of(root: Node, stores: Stores) -> Workload:
    """Reads a workload and what its pods mount."""
    kind = root("kind").text
    keeper = root("spec")
    job = keeper("jobTemplate")("spec") if kind == "CronJob" else keeper
    template = root if kind == "Pod" else job("template")
    pod = template("spec")
    for template_of in keeper("volumeClaimTemplates").nodes():
        template_of.kept("volumes")
        made = claim(template_of)
        stores.volumes[made.name] = made
    labels = dict(template("metadata")("labels").pairs)
    keys = [k.removeprefix(_NETWORK) for k in labels if k.startswith(_NETWORK)]
    scheduling, lifecycle = _kept(root, keeper, job, pod)
    services = tuple(
        _services(
            root,
            template,
            pod,
            stores=stores,
            scheduling=scheduling,
            lifecycle=lifecycle,
        )
    )
    return Workload(
        root=root,
        pod=pod,
        services=services,
        labels=labels,
        networks=tuple(key for key in keys if key != NONE_KEY),
        isolated=NONE_KEY in keys,
    )


def _services(
    root: Node,
    template: Node,
    pod: Node,
    *,
    stores: Stores,
    scheduling: Scheduling,
    lifecycle: Lifecycle,
) -> Iterator[Service]:
    containers = list(pod("containers").nodes())
    gates = [g for g in pod("initContainers").nodes() if not _is_gate(g, root)]
    shared = Counter(
        m("name").text for c in (*containers, *gates) for m in c("volumeMounts").nodes()
    )
    names = _names(root, template, containers)
    dependencies = tuple(_dependencies(root))
    marks = [labels_of(template), notes_of(template)]
    firsts = [f"{names[0]}-{gate('name').text}" for gate in gates]
    for index, (container, name) in enumerate(zip(containers, names, strict=True)):
        service = _service(
            container, pod, stores, shared=shared, name=name, lifecycle=lifecycle
        )
        if index:
            service = _joined(service, names[0])
        else:
            waits = (*dependencies, *(Dependency(f, _DONE) for f in firsts))
            service = _base(
                service, pod, scheduling=scheduling, dependencies=waits, marks=marks
            )
        yield service
    before: tuple[Dependency, ...] = dependencies
    for gate, name in zip(gates, firsts, strict=True):
        once = Lifecycle(restart=Restart.NO)
        service = _service(gate, pod, stores, shared=shared, name=name, lifecycle=once)
        yield service._replace(dependencies=before)
        before = (Dependency(name, _DONE),)


_DONE = Condition.COMPLETED


def _names(root: Node, template: Node, containers: list[Node]) -> list[str]:
    """Docker's names where the object remembers them, else the objects' own."""
    known = template("metadata")("annotations")("minidock/docker-name").passed().text
    listed = known.split(",") if known else []
    if len(listed) == len(containers):
        return listed
    name = docker_name(root) or root("metadata")("name").text
    names = [name]
    for container in containers[1:]:
        wanted = container("name").text
        names.append(f"{name}-{wanted}" if wanted in names else wanted)
    return names


def _is_gate(container: Node, root: Node) -> bool:
    """Whether an init container only waits, as k8s-bridge makes them."""
    ours = container("name").text.startswith("wait-for-")
    if ours and root("metadata")("annotations")(ORDER):
        container.changed("depends_on")
        return True
    container.changed("a service that must have completed before")
    return False


def _dependencies(root: Node) -> Iterator[Dependency]:
    order = root("metadata")("annotations")(ORDER)
    for entry in filter(None, order.kept("depends_on").text.split(",")):
        name, _, condition = entry.rpartition(":")
        if name and condition in list(Condition):
            yield Dependency(name, Condition(condition))


def _service(
    container: Node,
    pod: Node,
    stores: Stores,
    *,
    shared: Mapping[str, int],
    name: str,
    lifecycle: Lifecycle,
) -> Service:
    container("name").passed()
    seen = mounted(container, pod, stores, shared)
    check = healthcheck(container)
    limits = resources(container)
    return Service(
        name=name,
        program=program(container, pod, stores.texts),
        lifecycle=lifecycle._replace(
            healthcheck=check,
            post_start=hooks(container, "postStart", "post_start"),
            pre_stop=hooks(container, "preStop", "pre_stop"),
        ),
        networking=Networking(exposed=tuple(_ports(container))),
        resources=limits._replace(shm_size=seen.shm_size),
        security=_security(container, pod, seen),
        mounts=seen.mounts,
        configs=seen.configs,
        secrets=seen.secrets,
    )


def _ports(container: Node) -> Iterator[Port]:
    seen = set()
    for port in container("ports").nodes():
        number = port("containerPort").number
        protocol = port("protocol").text.lower() or "tcp"
        if port("hostPort"):
            port("hostPort").kept("ports, mode host")
            port("hostIP").kept("ports, mode host")
        port("containerPort").kept("expose")
        port("protocol").passed()
        port("name").passed()
        if number and (number, protocol) not in seen:
            seen.add((number, protocol))
            yield Port(number, protocol)


def _security(container: Node, pod: Node, seen: Mounted) -> Security:
    """Of a pod in the node's IPC namespace, who has a /dev/shm of its own is not."""
    found = security(container, pod)._replace(devices=seen.devices)
    return found._replace(ipc_mode="") if seen.shm_size else found


def _host_ports(pod: Node) -> Iterator[Publication]:
    """The ports of the node that a pod's containers are opened on."""
    for container in pod("containers").nodes():
        for port in container("ports").nodes():
            if port("hostPort").number:
                protocol = port("protocol").text.lower() or "tcp"
                yield Publication(
                    Port(port("containerPort").number, protocol),
                    host_port=port("hostPort").number,
                    host_address=port("hostIP").text,
                    mode="host",
                )


def _joined(service: Service, base: str) -> Service:
    networking = Networking(
        mode=NetworkMode.SHARED, shares=base, exposed=service.networking.exposed
    )
    return service._replace(networking=networking)


def _base(
    service: Service,
    pod: Node,
    *,
    scheduling: Scheduling,
    dependencies: tuple[Dependency, ...],
    marks: list[tuple[tuple[str, str], ...]],
) -> Service:
    """The first service: it has what the pod as a whole has."""
    on_host = pod("hostNetwork").kept("network_mode: host").value is True
    networking = service.networking._replace(
        mode=NetworkMode.HOST if on_host else NetworkMode.NETWORKS,
        published=() if on_host else tuple(_host_ports(pod)),
        hostname=pod("hostname").kept("hostname").text,
        extra_hosts=tuple(_hosts(pod)),
        dns=pod("dnsConfig")("nameservers").kept("dns").texts,
        dns_search=pod("dnsConfig")("searches").kept("dns_search").texts,
        dns_options=tuple(_dns_options(pod)),
    )
    groups = pod("securityContext")("supplementalGroups").kept("group_add").value
    numbers = groups if isinstance(groups, list) else []
    os = pod("nodeSelector")("kubernetes.io/os").kept("platform").text
    machine = pod("nodeSelector")("kubernetes.io/arch").kept("platform").text
    own = service.program._replace(
        groups=tuple(str(group) for group in numbers),
        platform=f"{os}/{machine}" if os and machine else os,
    )
    init = pod("shareProcessNamespace").changed("init").value is True
    labels, annotations = marks
    return service._replace(
        program=own,
        networking=networking,
        lifecycle=service.lifecycle._replace(init=init),
        scheduling=scheduling,
        dependencies=dependencies,
        labels=labels,
        annotations=annotations,
    )


def _hosts(pod: Node) -> Iterator[tuple[str, str]]:
    for alias in pod("hostAliases").nodes():
        alias.kept("extra_hosts")
        for name in alias("hostnames").texts:
            yield name, alias("ip").text


def _dns_options(pod: Node) -> Iterator[str]:
    for option in pod("dnsConfig")("options").nodes():
        option.kept("dns_opt")
        name, value = option("name").text, option("value").text
        yield f"{name}:{value}" if value else name


def _kept(
    root: Node, keeper: Node, job: Node, pod: Node
) -> tuple[Scheduling, Lifecycle]:
    """How many, in which mode, and when again: what the kind of object says."""
    kind = root("kind").text
    policy = pod("restartPolicy").kept("restart").text or "Always"
    seconds = pod("terminationGracePeriodSeconds").kept("stop_grace_period").value
    lifecycle = Lifecycle(stop_timeout=seconds if isinstance(seconds, int) else None)
    own = () if kind == "Pod" else (*labels_of(root), *notes_of(root))
    scheduling = Scheduling(labels=own)
    if kind in ("Deployment", "StatefulSet", "DaemonSet"):
        lifecycle = lifecycle._replace(restart=Restart.ALWAYS)
        return _controlled(kind, keeper, scheduling), lifecycle
    if kind == "Pod":
        again = {"Never": Restart.NO, "OnFailure": Restart.ON_FAILURE}
        restart = again.get(policy, Restart.ALWAYS)
        return scheduling, lifecycle._replace(restart=restart)
    return _job(kind, keeper, job, scheduling), _job_life(job, policy, lifecycle)


def _controlled(kind: str, keeper: Node, scheduling: Scheduling) -> Scheduling:
    replicas = keeper("replicas").kept("deploy.replicas").value
    return scheduling._replace(
        mode=Mode.GLOBAL if kind == "DaemonSet" else Mode.REPLICATED,
        replicas=replicas if isinstance(replicas, int) else None,
        identity=kind == "StatefulSet",
        update=_update(keeper),
    )


def _update(keeper: Node) -> Update | None:
    pause = keeper("minReadySeconds").kept("deploy.update_config.monitor").number
    strategy = keeper("strategy") or keeper("updateStrategy")
    strategy("type").passed()
    keeper("progressDeadlineSeconds").passed()
    rolling = strategy("rollingUpdate")
    surge, gone = rolling("maxSurge").value, rolling("maxUnavailable").value
    start_first = gone == 0 and surge not in (None, 0)
    number = surge if start_first else gone
    if isinstance(number, int) or number == "100%":
        rolling.kept("deploy.update_config")
        return Update(
            parallelism=number if isinstance(number, int) else 0,
            start_first=start_first,
            monitor=pause * _SECOND,
        )
    return Update(monitor=pause * _SECOND) if pause else None


def _job(kind: str, keeper: Node, job: Node, scheduling: Scheduling) -> Scheduling:
    completions = job("completions").kept("deploy.replicas").value
    job("parallelism").kept("deploy.replicas")
    suspended = (keeper if kind == "CronJob" else job)("suspend")
    replicas = completions if isinstance(completions, int) else None
    if suspended.kept("deploy.replicas: 0").value is True:
        replicas = 0
    timetable = keeper("schedule").changed(
        "label k8s-bridge.cron: no engine has a clock"
    )
    zone = keeper("timeZone").lost("the label has a time table only")
    overlap = keeper("concurrencyPolicy").lost("the label has a time table only")
    return scheduling._replace(
        mode=Mode.REPLICATED_JOB if kind == "Job" else Mode.REPLICATED,
        replicas=replicas,
        cron=TimeTable(timetable.text),
        timezone=zone.text,
        overlap=overlap.text,
    )


def _job_life(job: Node, policy: str, lifecycle: Lifecycle) -> Lifecycle:
    tries = job("backoffLimit").kept("restart").value
    number = tries if isinstance(tries, int) else 6
    restart, retries = Restart.NO, 0
    if policy == "OnFailure":
        restart = Restart.ON_FAILURE
        retries = 0 if number >= _FOR_EVER else number
    elif number:
        job("backoffLimit").lost("with restartPolicy Never only a new pod is tried")
    gone = job("ttlSecondsAfterFinished")
    if gone.value is not None:
        gone.kept("--rm") if gone.value == 0 else gone.changed("--rm, at once")
    return lifecycle._replace(
        restart=restart,
        retries=retries,
        removed_when_done=gone.value is not None,
    )
