"""Docker's containers and networks as Kubernetes manifests, reported and proved."""

from k8s_bridge.application import Application
from k8s_bridge.options import Options, Policies, Publish
from k8s_bridge.report import Entry, Outcome, Report
from k8s_bridge.sources.world import application_from_engine, application_from_inspect
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
    "application_from_engine",
    "application_from_inspect",
    "translate",
]
