"""Docker's calls about containers, and what runs in them.

```
 container ──▶ a pod, most often kept by a Deployment, which makes it again
 exec      ──▶ a subresource of the pod: one connection, nothing that is kept
```
"""

__all__ = ["CONTAINERS"]

CONTAINERS = """
GET /containers/json = docker ps
> GET /api/v1/namespaces/{namespace}/pods = kubectl get pods
Filters by label become a label selector, those by state a field selector on
status.phase. A pod of several containers is one row.

POST /containers/create = docker create nginx
> POST /apis/apps/v1/namespaces/{namespace}/deployments = kubectl create deployment web --image=nginx --replicas=0
Created and not started is a Deployment of no replicas: a pod starts once a node has it.
docker run --restart no is a pod of its own: POST /api/v1/namespaces/{namespace}/pods.

POST /containers/{id}/start = docker start web
> PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale = kubectl scale deployment web --replicas=1
A pod that has ended never starts again; its controller makes another one.

POST /containers/{id}/stop = docker stop web
> PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale = kubectl scale deployment web --replicas=0
The pod is gone with all that it wrote outside of volumes. docker stop -t is
terminationGracePeriodSeconds.

POST /containers/{id}/restart = docker restart web
> PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name} = kubectl rollout restart deployment web
A new annotation in the pod template makes new pods, with new addresses.

POST /containers/{id}/kill = docker kill web
> DELETE /api/v1/namespaces/{namespace}/pods/{name} = kubectl delete pod web --grace-period=0 --force
Only SIGKILL: another signal goes through exec, or is what a stop sends (stopSignal of
the image, or of the pod since 1.33). A Deployment makes the next pod at once.

DELETE /containers/{id} = docker rm -f web
> DELETE /apis/apps/v1/namespaces/{namespace}/deployments/{name} = kubectl delete deployment web
Whoever deletes the pod alone gets another one. docker rm --volumes has no counterpart
but claims of the pod's own (ephemeral volumes), which go with it.

POST /containers/prune = docker container prune -f
> DELETE /api/v1/namespaces/{namespace}/pods/{name} = kubectl delete pods --field-selector=status.phase=Succeeded
kubectl deletes one by one; the API takes a DELETE of the whole collection, too. Only
pods without a controller stay after their end; Jobs have ttlSecondsAfterFinished.

GET /containers/{id}/json = docker inspect web
> GET /api/v1/namespaces/{namespace}/pods/{name} = kubectl get pod web -o json
State is status.containerStatuses, the address status.podIP, RestartCount restartCount;
Config and HostConfig are spec.

GET /containers/{id}/logs = docker logs --tail 10 web
> GET /api/v1/namespaces/{namespace}/pods/{name}/log = kubectl logs --tail=10 web
follow, tail (tailLines), since (sinceSeconds, sinceTime) and timestamps are there;
standard output and standard error are not told apart, and there is no until.

GET /containers/{id}/top = docker top web
> POST /api/v1/namespaces/{namespace}/pods/{name}/exec = kubectl exec web -- ps
The image must have ps: nobody looks from the node.

GET /containers/{id}/stats = docker stats --no-stream web
> GET /apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods/{name} = kubectl top pod web
CPU and memory, where a metrics server runs; network and disk are in the node's
/api/v1/nodes/{name}/proxy/stats/summary.

POST /containers/{id}/wait = docker wait web
> GET /api/v1/namespaces/{namespace}/pods = kubectl wait pod web --for=jsonpath='{.status.phase}'=Succeeded
A watch (watch=true) on the pod until it has ended; the exit code is in
status.containerStatuses[].state.terminated.

POST /containers/{id}/update = docker update --cpus 0.5 web
> PATCH /api/v1/namespaces/{namespace}/pods/{name}/resize = kubectl patch pod web --subresource=resize -p '{"spec":{"containers":[{"name":"web","resources":{"limits":{"cpu":"500m"}}}]}}'
CPU and memory of a running pod, since 1.35 everywhere; everything else is a new pod
from a changed template. docker update --restart has no counterpart.

POST /containers/{id}/attach
GET /containers/{id}/attach/ws
> POST /api/v1/namespaces/{namespace}/pods/{name}/attach = kubectl attach web
One WebSocket (or SPDY) connection, whose channels are stdin, stdout, stderr, errors and
the size of the terminal.

POST /containers/{id}/resize
POST /exec/{id}/resize
> POST /api/v1/namespaces/{namespace}/pods/{name}/attach = kubectl attach -it web
No call of its own: the size goes through the fifth channel of the connection.

POST /containers/{id}/exec = docker exec web hostname
POST /exec/{id}/start = docker exec web hostname
> POST /api/v1/namespaces/{namespace}/pods/{name}/exec = kubectl exec web -- hostname
One connection asks and runs. There is no user, no environment and no folder to choose,
and nothing that could be left behind (docker exec -d).

GET /exec/{id}/json
The exit code comes through the error channel of the connection, then it is forgotten.

HEAD /containers/{id}/archive
GET /containers/{id}/archive = docker cp web:/etc/hostname -
> POST /api/v1/namespaces/{namespace}/pods/{name}/exec = kubectl cp web:/etc/hostname hostname
tar within the container, through exec: the image must have tar, and the pod must run.

PUT /containers/{id}/archive
> POST /api/v1/namespaces/{namespace}/pods/{name}/exec = kubectl cp page.html web:/tmp/page.html
The same the other way round. What should be there from the start is a ConfigMap.

GET /containers/{id}/changes = docker diff web
GET /containers/{id}/export = docker export -o web.tar web
A container's own layer is the node's affair; only tar through exec sees it.

POST /commit = docker commit web snapshot
Pods do not become images. Images are built, and pushed to a registry.

POST /containers/{id}/pause = docker pause web
POST /containers/{id}/unpause = docker unpause web
Nothing freezes a pod. kubectl rollout pause only holds changes of a Deployment back.

POST /containers/{id}/rename = docker rename web www
A name never changes: make another object, and delete the first one. What others resolve
is the name of a Service, and a second Service is a second name.
"""
