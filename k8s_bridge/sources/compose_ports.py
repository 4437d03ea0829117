"""One published port of Compose's long form.

Docker calls it a *port binding*; every port of a range has one of its own already.
"""

from k8s_bridge.application import Port, Publication
from k8s_bridge.sources.compose_values import Node, bounds, text, whole

__all__ = ["publication_of"]


def publication_of(port: Node) -> Publication:
    """The publication that an entry of ``ports`` asks for.

    >>> str(publication_of({"target": 80, "published": "8080", "protocol": "tcp"}))
    '8080:80/tcp'
    >>> publication_of({"target": 80, "published": "8000-8010"}).host_port_end
    8010
    """
    first, last = bounds(text(port, "published"))
    return Publication(
        Port(whole(port, "target"), text(port, "protocol") or "tcp"),
        host_port=first,
        host_address=text(port, "host_ip"),
        host_port_end=last if last > first else 0,
        name=text(port, "name"),
        app_protocol=text(port, "app_protocol"),
        mode="host" if text(port, "mode") == "host" else "",
    )
