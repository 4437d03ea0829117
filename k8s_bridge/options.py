"""What a person may choose about the translation; all of it has a default.

Docker has no words for these: they are questions that only a cluster raises.
"""

import re
from enum import StrEnum
from typing import NamedTuple, Self, TypeVar

from k8s_bridge.names import dns_label, is_dns_label, is_dns_subdomain
from minidock.errors import InvalidParameter
from minidock.net.prefix import Prefix

__all__ = ["Binds", "Options", "Policies", "Publish"]

_SIZE = re.compile(r"[1-9][0-9]*([KMGTPE]i?)?")


class Publish(StrEnum):
    """How a published port is opened to the outside."""

    LOADBALANCER = "loadbalancer"
    NODEPORT = "nodeport"
    HOSTPORT = "hostport"
    INGRESS = "ingress"


class Binds(StrEnum):
    """What takes the place of a host's files; auto: by what lies there and its use."""

    AUTO = "auto"
    HOSTPATH = "hostpath"
    CLAIM = "claim"
    CONFIGMAP = "configmap"


class Policies(StrEnum):
    """When networks become NetworkPolicies; auto: once a network separates anything."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _Choices(NamedTuple):
    """What was chosen, word by word."""

    namespace: str
    publish: Publish
    policies: Policies
    outside: tuple[str, ...]
    outside_except: tuple[str, ...]
    volume_size: str
    wait_image: str
    kubectl_image: str
    liveness: bool
    storage_class: str
    binds: Binds
    env_secrets: bool
    ingress_class: str
    ingress_namespace: str
    host: str
    origins: bool


class Options(_Choices):
    """The choices.

    ``outside`` are the source ranges that may use published ports. ``outside_except``
    are ranges cut out of them: the cluster's pod range, on clusters whose policies
    match pods by address. ``storage_class`` and ``ingress_class`` are the cluster's
    words, "" for its defaults; ``host`` is the name under which an Ingress answers
    where no label says one, ``ingress_namespace`` where the controller's pods are, whom
    policies let in. ``env_secrets`` puts what looks secret into Secrets, ``origins``
    writes the file and line of an object into an annotation.

    ``wait_image`` has a shell and ``getent``, ``kubectl_image`` has ``kubectl``: init
    containers are made of them, for services that wait for others. ``liveness`` lets a
    kubelet start a container again whose health check fails, as Swarm does; Docker
    alone only marks it.

    >>> Options(publish="nodeport").publish
    <Publish.NODEPORT: 'nodeport'>
    >>> Options(publish="door")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 'door' is no way to choose publish
    """

    __slots__ = ()

    def __new__(
        cls,
        *,
        namespace: str = "",
        publish: Publish | str = Publish.LOADBALANCER,
        policies: Policies | str = Policies.AUTO,
        outside: tuple[str, ...] = ("0.0.0.0/0", "::/0"),
        outside_except: tuple[str, ...] = (),
        volume_size: str = "1Gi",
        wait_image: str = "alpine:3.22",
        kubectl_image: str = "registry.k8s.io/kubectl:v1.36.1",
        liveness: bool = False,
        storage_class: str = "",
        binds: Binds | str = Binds.AUTO,
        env_secrets: bool = False,
        ingress_class: str = "",
        ingress_namespace: str = "ingress-nginx",
        host: str = "",
        origins: bool = False,
    ) -> Self:
        """Takes the words as texts too; refuses what is no range."""
        for text in (*outside, *outside_except):
            Prefix.parse(text)
        for name in filter(None, (namespace, ingress_namespace)):
            _check_namespace(name)
        _check_classes(storage_class, ingress_class, host)
        if not _SIZE.fullmatch(volume_size):
            raise InvalidParameter(
                f"{volume_size!r} is no size of a volume",
                asked=f"claims of {volume_size!r}",
                rule="a size is a number with a unit: Mi, Gi, Ti or M, G, T",
                remedy="1Gi",
            )
        return super().__new__(
            cls,
            namespace=namespace,
            publish=_word(Publish, publish),
            policies=_word(Policies, policies),
            outside=outside,
            outside_except=outside_except,
            volume_size=volume_size,
            wait_image=wait_image,
            kubectl_image=kubectl_image,
            liveness=liveness,
            storage_class=storage_class,
            binds=_word(Binds, binds),
            env_secrets=env_secrets,
            ingress_class=ingress_class,
            ingress_namespace=ingress_namespace,
            host=host,
            origins=origins,
        )

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, object]]:
        """How a copy is made."""
        return (), self._asdict()


def _check_namespace(name: str) -> None:
    if not is_dns_label(name):
        raise InvalidParameter(
            f"{name!r} is no namespace",
            asked=f"manifests for namespace {name!r}",
            rule="a namespace is a DNS label: a-z, 0-9 and -, at most 63 of them",
            remedy=f"namespace {dns_label(name)}",
        )


def _check_classes(storage: str, ingress: str, host: str) -> None:
    names = {
        "storage class": storage,
        "ingress class": ingress,
        "host": host.removeprefix("*."),
    }
    for what, name in names.items():
        if name and not is_dns_subdomain(name):
            raise InvalidParameter(
                f"{name!r} is no {what}",
                asked=f"{what} {name!r}",
                rule="it is DNS labels with dots between them: a-z, 0-9 and -",
                remedy=f"{what} {dns_label(name)}",
            )


_Word = TypeVar("_Word", bound=StrEnum)


def _word(kind: type[_Word], text: str) -> _Word:
    if text in list(kind):
        return kind(text)
    raise InvalidParameter(
        f"{text!r} is no way to choose {kind.__name__.lower()}",
        asked=f"{kind.__name__.lower()} {text!r}",
        rule="there are: " + ", ".join(kind),
        remedy=f"{kind.__name__.lower()} {next(iter(kind))}",
    )
