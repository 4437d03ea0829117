"""Everything stored: which object holds it, and what that is called.

```
 named volumes   ─┐
 bind mounts     ─┼─▶ claims        one namespace of names for each kind
 configs         ─┼─▶ ConfigMaps
 secrets         ─┼─▶ Secrets
 PASSWORD=...    ─┘   (variables, on request)
```

Invariants: names of one kind are valid and different; what others made and keep has the
name that it has there. Docker's words: *volume*, *bind mount*, *config*, *secret*.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Application, MountKind, Service, Stored, Volume
from k8s_bridge.mapping.backing import Backing, backing_of
from k8s_bridge.mapping.binds import Bind, Way, binds_of
from k8s_bridge.mapping.contents import Item, fits, is_key, key_of
from k8s_bridge.mapping.part import Fields
from k8s_bridge.names import assign, dns_label, is_dns_subdomain
from k8s_bridge.options import Binds, Options

__all__ = ["Store", "Vault", "secret_names", "store_of"]

_SECRET_VARIABLE = re.compile(
    r"""(?ix) (?: .*_ | )
    (?: passw(or)?d | passphrase | pwd | pass | secret(s)? | token | (api|auth|private|
        secret|access|encryption|signing|license)_?key | key | credential(s)? )
    (?: _ .* | )"""
)
# Names of files and places, which only look like the secrets that lie there.
_NO_SECRET = re.compile(r"(?i).*_(file|path|dir|url|name|id|length|ttl|expiry|header)")


class Vault(NamedTuple):
    """A config or a secret, the object that has it, and the key of its data.

    ``made`` says that the object is ours; otherwise somebody else must make it.
    """

    stored: Stored
    name: str
    key: str
    made: bool

    @property
    def item(self) -> Item:
        """Its data, as the one file that it is."""
        return Item(self.key, self.stored.name, self.stored.data or b"", 0o644)


class Store(NamedTuple):
    """What holds each volume, bind mount, config and secret; see the picture above.

    ``volumes`` has each volume, ``backings`` what it is kept on, ``claims`` its claim.
    ``places`` has the object for each bind mount that is none of the node's.
    ``environment`` has the Secret with a service's variables.
    """

    volumes: dict[str, Volume]
    backings: dict[str, Backing]
    claims: dict[str, str]
    binds: dict[str, Bind]
    places: dict[str, str]
    configs: dict[str, Vault]
    secrets: dict[str, Vault]
    environment: dict[str, str]

    def secret_variables(self, service: Service) -> dict[str, Fields]:
        """Where the value of each variable is that lies in the service's Secret."""
        name = self.environment.get(service.name, "")
        return {
            variable: {"secretKeyRef": {"name": name, "key": variable}}
            for variable in (secret_names(service) if name else ())
        }


def store_of(application: Application, options: Options) -> Store:
    """Decides what holds what; O(mounts + grants + variables).

    >>> store_of(Application(volumes=(Volume(name="data"),)), Options()).claims
    {'data': 'data'}
    """
    volumes = _volumes(application)
    binds = binds_of(application, Binds(options.binds))
    claims, claimed = _names(
        {v.name: v.docker_name if v.external else "" for v in volumes.values()},
        [bind for bind in binds.values() if bind.way is Way.CLAIM],
    )
    maps, mapped = _names(
        _kept(application.configs),
        [bind for bind in binds.values() if bind.way is Way.MAP],
    )
    secrets, hidden = _names(
        _kept(application.secrets),
        [bind for bind in binds.values() if bind.way is Way.SECRET],
    )
    taken = {*secrets.values(), *hidden.values()}
    return Store(
        volumes=volumes,
        backings={name: backing_of(volume) for name, volume in volumes.items()},
        claims=claims,
        binds=binds,
        places=claimed | mapped | hidden,
        configs=_vaults(application.configs, maps),
        secrets=_vaults(application.secrets, secrets),
        environment=_environment(application, taken) if options.env_secrets else {},
    )


def _volumes(application: Application) -> dict[str, Volume]:
    """Those that are declared, in order, and those that are only mounted."""
    volumes = {volume.name: volume for volume in application.volumes}
    for service in application.services:
        for mount in service.mounts:
            if mount.kind is MountKind.VOLUME and mount.source not in volumes:
                name = mount.source
                volumes[name] = Volume(name=name, docker_name=name)
    return volumes


def _kept(stored: Iterable[Stored]) -> dict[str, str]:
    return {s.name: _elsewhere(s) for s in stored}


def _elsewhere(stored: Stored) -> str:
    """The name that somebody else gives it, "" if it is ours to name."""
    return stored.docker_name if stored.external else ""


def _names(
    stored: dict[str, str], binds: list[Bind]
) -> tuple[dict[str, str], dict[str, str]]:
    """Names for what has one in Docker, and for what has only a path.

    ``stored`` has the name that an object has elsewhere, "" for those of our own.
    """
    foreign = {name: _foreign(there) for name, there in stored.items() if there}
    own = assign(
        (name for name in stored if name not in foreign), taken=set(foreign.values())
    )
    wanted = dict(zip((bind.source for bind in binds), _wishes(binds), strict=True))
    taken = {*foreign.values(), *own.values()}
    given = assign(wanted.values(), taken=taken)
    named = {name: foreign.get(name) or own[name] for name in stored}
    return named, {source: given[wish] for source, wish in wanted.items()}


def _foreign(name: str) -> str:
    return name if is_dns_subdomain(name) else dns_label(name)


def _wishes(binds: Iterable[Bind]) -> Iterator[str]:
    """The service and the last word of the path; a number where two wish the same."""
    seen: set[str] = set()
    for bind in binds:
        text = f"{bind.service}-{bind.name}" if bind.name != bind.service else bind.name
        first = wish = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        turn = 1
        while wish in seen:
            turn += 1
            wish = f"{first}-{turn}"
        seen.add(wish)
        yield wish


def _vaults(stored: Iterable[Stored], names: dict[str, str]) -> dict[str, Vault]:
    return {s.name: _vault(s, names[s.name]) for s in stored}


def _vault(stored: Stored, name: str) -> Vault:
    key = stored.name if is_key(stored.name) else key_of(stored.name)
    vault = Vault(stored, name, key, made=False)
    made = not stored.external and stored.data is not None and fits([vault.item])
    return Vault(stored, name, key, made)


def _environment(application: Application, taken: set[str]) -> dict[str, str]:
    services = [s for s in application.services if secret_names(s)]
    names = assign((f"{s.name}-env" for s in services), taken=taken)
    return {service.name: names[f"{service.name}-env"] for service in services}


def secret_names(service: Service) -> tuple[str, ...]:
    """The variables that look secret and have a value."""
    return tuple(
        v.name
        for v in service.program.env
        if v.value and is_key(v.name) and looks_secret(v.name)
    )


def looks_secret(name: str) -> bool:
    return bool(_SECRET_VARIABLE.fullmatch(name)) and not _NO_SECRET.fullmatch(name)
