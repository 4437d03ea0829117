"""Docker's containers and networks as Kubernetes manifests, reported and proved.

The face loads what is asked of it when it is first asked: ``import k8s_bridge`` costs
nothing.
"""

import sys

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from k8s_bridge.application import Application
    from k8s_bridge.options import Options, Policies, Publish
    from k8s_bridge.report import Entry, Outcome, Report
    from k8s_bridge.sources.compose import application_from_compose
    from k8s_bridge.sources.disk import load_compose
    from k8s_bridge.sources.world import (
        application_from_engine,
        application_from_inspect,
    )
    from k8s_bridge.translate import Translation, translate

__all__ = [
    "Application",
    "Entry",
    "Options",
    "Outcome",
    "Policies",
    "Publish",
    "Report",
    "Translation",
    "application_from_compose",
    "application_from_engine",
    "application_from_inspect",
    "load_compose",
    "translate",
]

# The module below k8s_bridge that has each name.
_HOMES = {
    "Application": "application",
    "Entry": "report",
    "Options": "options",
    "Outcome": "report",
    "Policies": "options",
    "Publish": "options",
    "Report": "report",
    "Translation": "translate",
    "application_from_compose": "sources.compose",
    "application_from_engine": "sources.world",
    "application_from_inspect": "sources.world",
    "load_compose": "sources.disk",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - only when something is asked

    found: object = getattr(import_module(f"k8s_bridge.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Face(type(sys)):  # type: ignore[misc]  # the type of modules, without its import
    """This package, which has a function and a module of one name."""

    @property
    def translate(self) -> object:
        """The function, whoever has imported the module."""
        from k8s_bridge.translate import translate  # noqa: PLC0415 - when asked for

        return translate

    @translate.setter
    def translate(self, module: object) -> None:
        """Python would put the module here once it is imported."""


sys.modules[__name__].__class__ = _Face
