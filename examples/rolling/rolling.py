"""Replace a running service by a newer image, and go back if the new one is ill.

    python rolling.py web nginx:1.27

Everybody reaches the service by its name on the network ``front``. The new container
joins first under a name of its own; only when it is healthy does it take the name, and
the old one goes.
"""

import sys
import time

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

NETWORK = "front"
PATIENCE = 30.0
PAUSE = 0.5


class RollbackError(Exception):
    """The new container never became healthy; the old one still serves."""


def rolling_update(
    client: docker.DockerClient, service: str, image: str, sleep=time.sleep
) -> Container:
    """The container that serves now."""
    try:
        network = client.networks.get(NETWORK)
    except NotFound:
        network = client.networks.create(NETWORK, labels={"made-by": "rolling"})
    old = client.containers.list(filters={"label": f"service={service}"})
    client.images.pull(image)
    new = client.containers.run(
        image,
        detach=True,
        network=NETWORK,
        labels={"service": service},
        healthcheck={"test": "wget -q -O- http://localhost/", "interval": 10**9},
    )
    if not _healthy(new, sleep):
        new.remove(force=True)
        raise RollbackError(f"{image} never became healthy")
    network.disconnect(new)
    network.connect(new, aliases=[service])
    for container in old:
        container.remove(force=True)
    return new


def _healthy(container: Container, sleep) -> bool:
    waited = 0.0
    while waited < PATIENCE:
        try:
            container.reload()
        except APIError:  # the engine is busy: ask again
            pass
        else:
            health = container.attrs["State"].get("Health", {}).get("Status")
            if health == "healthy":
                return True
            if container.status == "exited":
                return False
        sleep(PAUSE)
        waited += PAUSE
    return False


if __name__ == "__main__":
    print(rolling_update(docker.from_env(), *sys.argv[1:3]).name)
