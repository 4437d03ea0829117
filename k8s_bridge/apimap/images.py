"""Docker's calls about images: almost none has a counterpart.

```
 docker:      client ─▶ engine ─▶ registry, and the engine keeps images by name
 kubernetes:  a pod names an image ─▶ the kubelet of its node pulls it, and prunes
```
"""

__all__ = ["IMAGES"]

IMAGES = """
GET /images/json = docker images
> GET /api/v1/nodes/{name} = kubectl get node NODE -o jsonpath='{.status.images}'
For each node, and at most its fifty largest ones.

POST /images/create = docker pull redis
The kubelet pulls when a pod needs it (imagePullPolicy); a DaemonSet that uses the image
gets it onto all nodes.

GET /images/{id}/json = docker image inspect nginx
GET /images/{id}/history = docker history nginx
GET /distribution/{id}/json
The registry's own API tells: GET /v2/NAME/manifests/TAG, as crane and skopeo do.

GET /images/search = docker search nginx
Docker Hub's affair, not the engine's.

POST /images/{id}/tag = docker tag nginx shop/web:1
POST /images/{id}/push = docker push shop/web:1
A registry's affair: PUT /v2/NAME/manifests/TAG gives a tag, without a node.

DELETE /images/{id} = docker rmi -f redis
POST /images/prune = docker image prune -f
The kubelet removes images that no pod uses when its disk fills up
(imageGCHighThresholdPercent).

POST /images/load = docker load -i web.tar
GET /images/get = docker save -o both.tar nginx redis
GET /images/{id}/get = docker save -o web.tar nginx
Nodes take images from registries only; whoever has a node's shell can use ctr images
import.

POST /auth
> POST /api/v1/namespaces/{namespace}/secrets = kubectl create secret docker-registry hub --docker-username=me --docker-password=PASSWORD
Docker only tries the password. In Kubernetes it is kept in a Secret that pods name as
imagePullSecrets.

POST /build = docker build -t shop/web:1 .
POST /build/prune = docker builder prune -f
POST /build/cancel
POST /session
POST /grpc
Kubernetes builds nothing. BuildKit can run in a pod (docker buildx create --driver
kubernetes), and push what it made.
"""
