"""Compose projects in their normal form, for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from k8s_bridge.application import Application, Service
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.sources.compose import application_from_compose

DEFAULT = {"default": {"name": "shop_default", "ipam": {}}}


@dataclass(frozen=True)
class Normal:
    """A project that was loaded already."""

    model: dict
    places: Mapping = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/srv"


def service_of(**keys: object) -> dict:
    """A service in its normal form."""
    usual = {"command": None, "entrypoint": None, "image": "nginx"}
    apart = "network_mode" in keys or "networks" in keys
    return {**usual, **({} if apart else {"networks": {"default": None}}), **keys}


def model_of(services: dict, **top: object) -> dict:
    """A project "shop" with these services."""
    return {"name": "shop", "networks": DEFAULT, "services": services, **top}


def read(
    services: dict,
    *,
    files: Mapping[str, bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    places: Mapping | None = None,
    **top: object,
) -> Application:
    """The Application of services in their normal form."""
    model = model_of(services, **top)
    project = Normal(model, places or {}, environment or {})
    return application_from_compose(project, InMemory(files or {}))


def web(files: Mapping[str, bytes] | None = None, **keys: object) -> Service:
    """The one service of a project that has these keys."""
    return read({"web": service_of(**keys)}, files=files).service("web")
