"""What a person may choose about the translation; all of it has a default.

Docker has no words for these: they are questions that only a cluster raises.
"""

from dataclasses import dataclass
from enum import StrEnum

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

    >>> Options().publish
    <Publish.LOADBALANCER: 'loadbalancer'>
    """

    namespace: str = ""
    publish: Publish = Publish.LOADBALANCER
    policies: Policies = Policies.AUTO
    outside: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    outside_except: tuple[str, ...] = ()
    volume_size: str = "1Gi"
