"""What a person may choose about the translation; all of it has a default.

Docker has no words for these: they are questions that only a cluster raises.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from k8s_bridge.mapping.names import dns_label, is_dns_label
from minidock.errors import InvalidParameter
from minidock.net.prefix import Prefix

__all__ = ["Options", "Policies", "Publish"]


class Publish(StrEnum):
    """How a published port is opened to the outside."""

    LOADBALANCER = "loadbalancer"
    NODEPORT = "nodeport"
    HOSTPORT = "hostport"


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
    match pods by address.

    >>> Options(publish="nodeport").publish
    <Publish.NODEPORT: 'nodeport'>
    >>> Options(publish="ingress")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 'ingress' is no way to choose publish
    """

    namespace: str = ""
    publish: Publish | str = Publish.LOADBALANCER
    policies: Policies | str = Policies.AUTO
    outside: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    outside_except: tuple[str, ...] = ()
    volume_size: str = "1Gi"

    def __post_init__(self) -> None:
        """Takes the words as texts too; refuses what is no range."""
        object.__setattr__(self, "publish", _word(Publish, self.publish))
        object.__setattr__(self, "policies", _word(Policies, self.policies))
        for text in (*self.outside, *self.outside_except):
            Prefix.parse(text)
        if self.namespace and not is_dns_label(self.namespace):
            raise InvalidParameter(
                f"{self.namespace!r} is no namespace",
                asked=f"manifests for namespace {self.namespace!r}",
                rule="a namespace is a DNS label: a-z, 0-9 and -, at most 63 of them",
                remedy=f"namespace {dns_label(self.namespace)}",
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
