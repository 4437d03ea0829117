"""Applications written down by hand, as short as what a test is about allows."""

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Attachment,
    Condition,
    Dependency,
    Healthcheck,
    Lifecycle,
    Network,
    Networking,
    Program,
    Scheduling,
    Service,
    Setting,
)
from k8s_bridge.translate import Translation

__all__ = ["CHECKED", "after", "app", "service", "translated"]

_FRONT = Network(name="front")
CHECKED = Lifecycle(healthcheck=Healthcheck(command=("true",)))


def service(name: str, *words: str, **parts: object) -> Service:
    """A service on network front; ``words`` are what the report is asked about."""
    networking = Networking(attachments=(Attachment(network="front"),))
    plain = Service(name=name, program=Program(image="nginx"), networking=networking)
    settings = tuple(Setting(word, word, "") for word in words)
    return plain._replace(settings=settings, **parts)


def after(*names: str, condition: Condition = Condition.HEALTHY) -> dict[str, object]:
    """The part of a service that waits for others."""
    return {"dependencies": tuple(Dependency(name, condition) for name in names)}


def app(*services: Service, networks: tuple[Network, ...] = (_FRONT,)) -> Application:
    """An application of these services."""
    return Application(services=services, networks=networks)


def translated(*services: Service, **options: object) -> Translation:
    """What these services become."""
    return translate(app(*services), Options(**options))


def scheduled(name: str, *words: str, **wanted: object) -> Service:
    """A service with this scheduling."""
    return service(name, *words, scheduling=Scheduling(**wanted))
