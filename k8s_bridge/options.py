"""What a person may choose about the translation; all of it has a default.

Docker has no words for these: they are questions that only a cluster raises.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
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

    namespace: str = ""
    publish: Publish | str = Publish.LOADBALANCER
    policies: Policies | str = Policies.AUTO
    outside: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    outside_except: tuple[str, ...] = ()
    volume_size: str = "1Gi"
    wait_image: str = "alpine:3.22"
    kubectl_image: str = "registry.k8s.io/kubectl:v1.36.1"
    liveness: bool = False
    storage_class: str = ""
    binds: Binds | str = Binds.AUTO
    env_secrets: bool = False
    ingress_class: str = ""
    ingress_namespace: str = "ingress-nginx"
    host: str = ""
    origins: bool = False

    def __post_init__(self) -> None:
        """Takes the words as texts too; refuses what is no range."""
        object.__setattr__(self, "publish", _word(Publish, self.publish))
        object.__setattr__(self, "policies", _word(Policies, self.policies))
        object.__setattr__(self, "binds", _word(Binds, self.binds))
        for text in (*self.outside, *self.outside_except):
            Prefix.parse(text)
        for name in filter(None, (self.namespace, self.ingress_namespace)):
            _check_namespace(name)
        _check_classes(self)
        if not _SIZE.fullmatch(self.volume_size):
            raise InvalidParameter(
                f"{self.volume_size!r} is no size of a volume",
                asked=f"claims of {self.volume_size!r}",
                rule="a size is a number with a unit: Mi, Gi, Ti or M, G, T",
                remedy="1Gi",
            )


def _check_namespace(name: str) -> None:
    if not is_dns_label(name):
        raise InvalidParameter(
            f"{name!r} is no namespace",
            asked=f"manifests for namespace {name!r}",
            rule="a namespace is a DNS label: a-z, 0-9 and -, at most 63 of them",
            remedy=f"namespace {dns_label(name)}",
        )


def _check_classes(options: Options) -> None:
    names = {
        "storage class": options.storage_class,
        "ingress class": options.ingress_class,
        "host": options.host.removeprefix("*."),
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
