"""How a container is held: CPU, memory, user, capabilities, privileges.

```
 --memory 64m --cpus .5      ─▶ resources.limits      {memory: 64Mi, cpu: 500m}
 --cpu-shares 512            ─▶ resources.requests    {cpu: 500m}
 --user 1000:1001            ─▶ securityContext.runAsUser / runAsGroup
 --cap-add CAP_NET_ADMIN     ─▶ securityContext.capabilities.add [NET_ADMIN]
```

Invariant: a request is never above its limit, and no field contradicts another: the
API server would refuse both.
"""

from collections.abc import Iterator

from k8s_bridge.application import Resources, Security, Service
from k8s_bridge.mapping.part import Fields, Part, fields, merged
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["confinement", "quantity"]

_BINARY = (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10))
_HIGHEST_ID = 2**31 - 1


def quantity(size: int) -> str:
    """Bytes in the largest unit that holds them exactly.

    >>> quantity(64 << 20), quantity(1500)
    ('64Mi', '1500')
    """
    for unit, factor in _BINARY:
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def _cpu(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{thousandths}m" if rest else str(whole)


def confinement(service: Service) -> Part:
    """The ``resources`` and ``securityContext`` of a container."""
    resources = _resources(service.resources)
    user = _user(service.program.user)
    context = merged([user, *_security(service.security)])
    return Part(
        fields(resources=resources.fields, securityContext=context.fields),
        (*resources.notes, *context.notes),
    )


def _resources(wanted: Resources) -> Part:
    cpu_request = wanted.cpu_reservation or max(0, -(-wanted.cpu_shares * 1000 // 1024))
    capped = min(cpu_request, wanted.cpus) if wanted.cpus else cpu_request
    reserved = wanted.memory_reservation
    if wanted.memory:
        reserved = min(reserved, wanted.memory)
    limits = fields(
        cpu=_cpu(wanted.cpus) if wanted.cpus else "",
        memory=quantity(wanted.memory) if wanted.memory > 0 else "",
    )
    if wanted.gpus:
        limits["nvidia.com/gpu"] = str(wanted.gpus)
    requests = fields(
        cpu=_cpu(capped) if capped else "",
        memory=quantity(reserved) if reserved > 0 else "",
    )
    notes = tuple(_resource_notes(wanted, cpu_request > capped))
    return Part(fields(limits=limits, requests=requests), notes)


def _resource_notes(wanted: Resources, was_capped: bool) -> Iterator[Note]:
    yield kept("memory", "resources.limits.memory")
    yield kept("memory_reservation", "resources.requests.memory")
    yield kept("cpus", "resources.limits.cpu")
    if wanted.cpus:
        quota = "resources.limits.cpu, the quota by its period"
        yield changed("cpu_quota", quota)
        yield changed("cpu_period", quota)
    else:
        yield lost("cpu_period", "a period without a quota limits nothing")
        yield lost("cpu_quota", "a negative quota limits nothing")
    yield kept("cpu_reservation", "resources.requests.cpu")
    if wanted.cpu_reservation:
        yield changed("cpu_shares", "the reservation is what resources.requests has")
    elif was_capped:
        yield changed("cpu_shares", "resources.requests.cpu, cut down to the limit")
    else:
        yield changed(
            "cpu_shares", "resources.requests.cpu: 1024 shares ask for one CPU"
        )
    if wanted.gpus:
        yield changed("gpus", "limits nvidia.com/gpu; needs NVIDIA's device plugin")
    else:
        yield lost("gpus", "only a number of GPUs can be asked of a device plugin")


def _user(user: str) -> Part:
    """A numeric user; ``root`` is the one name whose number every image agrees on."""
    name, _, group = user.partition(":")
    uid, gid = _identity(name), _identity(group)
    bad = [
        word for word, number in ((name, uid), (group, gid)) if word and number is None
    ]
    notes = [
        lost(
            "user", f"{word!r}: only the image's /etc/passwd knows its number, give it"
        )
        for word in bad
    ]
    numbers: Fields = {"runAsUser": uid, "runAsGroup": gid}
    numbers = {key: number for key, number in numbers.items() if number is not None}
    if numbers:
        notes.append(kept("user", ", ".join(numbers)))
    return Part(numbers, tuple(notes))


def _identity(word: str) -> int | None:
    if word == "root":
        return 0
    if word.isdecimal() and word.isascii() and int(word) <= _HIGHEST_ID:
        return int(word)
    return None


def _security(wanted: Security) -> Iterator[Part]:
    yield Part(
        fields(privileged=wanted.privileged, readOnlyRootFilesystem=wanted.read_only),
        (
            kept("privileged", "securityContext.privileged"),
            kept("read_only", "securityContext.readOnlyRootFilesystem"),
        ),
    )
    capabilities = fields(
        add=[_capability(name) for name in wanted.cap_add],
        drop=[_capability(name) for name in wanted.cap_drop],
    )
    yield Part(
        fields(capabilities=capabilities),
        (
            kept("cap_add", "securityContext.capabilities.add, without CAP_"),
            kept("cap_drop", "securityContext.capabilities.drop, without CAP_"),
        ),
    )
    options = [_split(option) for option in wanted.options]
    yield _selinux([value for key, value in options if key == "label"])
    for key, value in options:
        if key != "label":
            yield _option(key, value, wanted)


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _split(option: str) -> tuple[str, str]:
    """One ``--security-opt``; old engines write a colon instead of the equals sign."""
    key, _, value = option.replace(":", "=", 1).partition("=")
    return key, value


def _option(key: str, value: str, wanted: Security) -> Part:
    if key == "no-new-privileges" and value == "false":
        return Part({}, (kept("security_options", f"{key}: false is the default"),))
    if key == "no-new-privileges":
        return _no_new_privileges(wanted)
    if key == "seccomp":
        return _seccomp(value)
    if key == "apparmor":
        return _apparmor(value)
    return Part({}, (lost("security_options", f"{key}={value}: no field for it"),))


def _no_new_privileges(wanted: Security) -> Part:
    names = {_capability(name) for name in wanted.cap_add}
    if wanted.privileged or names & {"SYS_ADMIN", "ALL"}:
        why = "no-new-privileges: the API server refuses it for a privileged container"
        return Part({}, (lost("security_options", why),))
    note = kept("security_options", "allowPrivilegeEscalation: false")
    return Part({"allowPrivilegeEscalation": False}, (note,))


def _seccomp(value: str) -> Part:
    types = {"unconfined": "Unconfined", "builtin": "RuntimeDefault"}
    if value not in types:
        why = "seccomp: the profile must first lie on every node (type Localhost)"
        return Part({}, (lost("security_options", why),))
    note = kept("security_options", f"seccompProfile {types[value]}")
    return Part({"seccompProfile": {"type": types[value]}}, (note,))


def _apparmor(value: str) -> Part:
    types = {"unconfined": "Unconfined", "docker-default": "RuntimeDefault"}
    profile = fields(type=types.get(value, "Localhost"))
    if value not in types:
        profile["localhostProfile"] = value
    note = kept(
        "security_options", "appArmorProfile; a named one must be on every node"
    )
    if not value or len(value) > 4095 or value != value.strip():
        return Part({}, (lost("security_options", "apparmor: no profile is named"),))
    return Part({"appArmorProfile": profile}, (note,))


def _selinux(labels: list[str]) -> Part:
    """All ``label=`` options together: Kubernetes has one object for them."""
    options: Fields = {}
    notes = []
    for label in labels:
        key, value = _split(label)
        if key in ("user", "role", "type", "level") and value:
            options[key] = value
            notes.append(kept("security_options", f"seLinuxOptions.{key}"))
        else:
            why = f"label={label}: SELinux cannot be switched off for one pod"
            notes.append(lost("security_options", why))
    return Part(fields(seLinuxOptions=options), tuple(notes))
