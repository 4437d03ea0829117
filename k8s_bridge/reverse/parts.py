"""Parts of a container, read from its fields: program, health, resources, security.

```
 image, command, args, env ─▶ Program      resources       ─▶ Resources
 probes                    ─▶ Healthcheck  securityContext ─▶ Security
```

Invariant: each field that is read says what becomes of it.
"""

import shlex
from collections.abc import Iterator, Mapping

from k8s_bridge.application import (
    Healthcheck,
    Hook,
    Program,
    Resources,
    Security,
    Variable,
)
from k8s_bridge.reverse.amounts import expanded, quantity_of
from k8s_bridge.reverse.node import Node

__all__ = ["Texts", "healthcheck", "hooks", "program", "resources", "security"]

_SECOND = 1_000_000_000
_NEVER = 2**31 - 1
_PULL = {"Always": "always", "Never": "never", "IfNotPresent": "missing"}
# The texts of ConfigMaps and Secrets, by kind and name.
Texts = Mapping[tuple[str, str], Mapping[str, bytes]]


def program(node: Node, pod: Node, texts: Texts) -> Program:
    """What is executed."""
    variables = dict(_variables(node, texts))
    context = node("securityContext")
    user = _number(context("runAsUser"), pod("securityContext")("runAsUser"))
    group = _number(context("runAsGroup"), pod("securityContext")("runAsGroup"))
    return Program(
        image=node("image").kept("image").text,
        pull=_PULL.get(node("imagePullPolicy").kept("pull_policy").text, ""),
        command=_words(node("command").kept("entrypoint"), variables),
        args=_words(node("args").kept("command"), variables),
        env=tuple(Variable(name, value) for name, value in variables.items()),
        working_dir=node("workingDir").kept("working_dir").text,
        user=f"{user}:{group}" if group else user,
        tty=node("tty").kept("tty").value is True,
        stdin=node("stdin").kept("stdin_open").value is True,
        stdin_once=node("stdinOnce").kept("stdin_open").value is True,
    )


def _number(*nodes: Node) -> str:
    for node in nodes:
        node.kept("user")
    return next((str(n.value) for n in nodes if isinstance(n.value, int)), "")


def _words(node: Node, variables: Mapping[str, str]) -> tuple[str, ...] | None:
    if not node:
        return None
    return tuple(expanded(word, variables) for word in node.texts)


def _variables(node: Node, texts: Texts) -> Iterator[tuple[str, str]]:
    known: dict[str, str] = {}
    for source in node("envFrom").nodes():
        known |= dict(_all_of(source, texts))
    for item in node("env").nodes():
        name, place = item("name").text, item("valueFrom")
        if place:
            found = _looked_up(place, texts)
            if found is not None:
                item.changed("environment, the value in clear")
                known[name] = found
        else:
            item.kept("environment")
            known[name] = expanded(item("value").text, known)
    yield from known.items()


_SOURCES = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
_WHOLE = {"configMapRef": "ConfigMap", "secretRef": "Secret"}


def _looked_up(place: Node, texts: Texts) -> str | None:
    for word, kind in _SOURCES.items():
        reference = place(word)
        data = texts.get((kind, reference("name").text), {})
        if reference and reference("key").text in data:
            return data[reference("key").text].decode("utf-8", "replace")
    return None


def _all_of(source: Node, texts: Texts) -> Iterator[tuple[str, str]]:
    for word, kind in _WHOLE.items():
        data = texts.get((kind, source(word)("name").text))
        if source(word) and data is not None:
            source.changed("environment, all of it written out in clear")
            prefix = source("prefix").text
            for key, value in data.items():
                yield prefix + key, value.decode("utf-8", "replace")


def healthcheck(node: Node) -> Healthcheck | None:
    """The readiness probe, else the liveness probe; a startup probe gives patience."""
    probe = node("readinessProbe") or node("livenessProbe")
    command = _test(probe) if probe else ()
    if not command:
        return None
    period = probe("periodSeconds").number or 10
    probe.changed("healthcheck; Docker shows it and closes nothing")
    if node("livenessProbe").value == probe.value:
        node("livenessProbe").changed("healthcheck; Docker starts nothing again")
    startup = node("startupProbe")
    patience = 0
    if startup:
        every = startup("periodSeconds").number or 10
        tries = startup("failureThreshold").number or 3
        patience = 60 if tries >= _NEVER else every * tries
        startup.changed("healthcheck.start_period")
    return Healthcheck(
        command=command,
        interval=period * _SECOND,
        timeout=(probe("timeoutSeconds").number or 1) * _SECOND,
        retries=probe("failureThreshold").number or 3,
        start_period=patience * _SECOND,
        start_interval=(startup("periodSeconds").number if startup else 0) * _SECOND,
    )


def _test(probe: Node) -> tuple[str, ...]:
    """The words of a test; what a kubelet asks from outside, a shell asks inside."""
    words = probe("exec")("command").texts
    if words:
        return tuple(expanded(word, {}) for word in words)
    http, socket = probe("httpGet"), probe("tcpSocket")
    if http("port").number:
        path = http("path").text or "/"
        scheme = http("scheme").text.lower() or "http"
        url = f"{scheme}://127.0.0.1:{http('port').number}{path}"
        return ("/bin/sh", "-c", f"wget -q -O /dev/null {shlex.quote(url)}")
    if socket("port").number:
        return ("/bin/sh", "-c", f"nc -z 127.0.0.1 {socket('port').number}")
    return ()


def hooks(node: Node, word: str, key: str) -> tuple[Hook, ...]:
    """The hook after the start (postStart), or before the stop (preStop)."""
    found = node("lifecycle")(word)("exec")("command")
    if not found:
        return ()
    return (Hook(command=found.kept(key).texts),)


def resources(node: Node) -> Resources:
    """Limits and requests."""
    limits, requests = node("resources")("limits"), node("resources")("requests")
    return Resources(
        memory=quantity_of(limits("memory").kept("mem_limit").value),
        cpus=quantity_of(limits("cpu").kept("cpus").value, per=1000),
        gpus=quantity_of(limits("nvidia.com/gpu").kept("gpus").value),
        memory_reservation=quantity_of(
            requests("memory").kept("mem_reservation").value
        ),
        cpu_reservation=quantity_of(
            requests("cpu").kept("deploy.resources.reservations.cpus").value, per=1000
        ),
    )


def security(node: Node, pod: Node) -> Security:
    """What the program may do; the pod's own context holds where it says nothing."""
    context, shared = node("securityContext"), pod("securityContext")
    capabilities = context("capabilities")
    sysctls = [item.kept("sysctls") for item in shared("sysctls").nodes()]
    return Security(
        privileged=context("privileged").kept("privileged").value is True,
        read_only=context("readOnlyRootFilesystem").kept("read_only").value is True,
        cap_add=capabilities("add").kept("cap_add").texts,
        cap_drop=capabilities("drop").kept("cap_drop").texts,
        options=tuple(_options(context, shared)),
        sysctls=tuple((s("name").text, str(s("value").value)) for s in sysctls),
        pid_mode="host" if pod("hostPID").kept("pid").value is True else "",
        ipc_mode="host" if pod("hostIPC").kept("ipc").value is True else "",
        runtime=pod("runtimeClassName").kept("runtime").text,
    )


def _options(context: Node, shared: Node) -> Iterator[str]:
    if context("allowPrivilegeEscalation").kept("security_opt").value is False:
        yield "no-new-privileges:true"
    seccomp = context("seccompProfile") or shared("seccompProfile")
    known = {"Unconfined": "unconfined", "RuntimeDefault": "builtin"}
    if seccomp("type").text in known:
        yield f"seccomp={known[seccomp.kept('security_opt')('type').text]}"
    apparmor = context("appArmorProfile") or shared("appArmorProfile")
    known = {"Unconfined": "unconfined", "RuntimeDefault": "docker-default"}
    name = known.get(apparmor("type").text, apparmor("localhostProfile").text)
    if name:
        apparmor.kept("security_opt")
        yield f"apparmor={name}"
    labels = context("seLinuxOptions") or shared("seLinuxOptions")
    for key, value in labels.pairs.items():
        labels(key).kept("security_opt")
        yield f"label={key}:{value}"
