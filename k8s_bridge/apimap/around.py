"""Docker's calls about networks, volumes and the engine.

```
 network ──▶ a label on pods, and a NetworkPolicy about it
 volume  ──▶ a claim, and what a storage class makes for it
 engine  ──▶ the API server, and nodes
```
"""

__all__ = ["ENGINE", "NETWORKS", "VOLUMES"]

NETWORKS = """
GET /networks = docker network ls
GET /networks/
> GET /apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies = kubectl get networkpolicies
There is one network for all pods; what tells networks apart are policies. Those that
k8s-bridge makes are called network-NAME.

GET /networks/{id} = docker network inspect front
> GET /apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name} = kubectl get networkpolicy network-front -o json
> GET /api/v1/namespaces/{namespace}/pods = kubectl get pods -l network.minidock/front=true -o wide
Containers are the pods that have the label. Subnet and gateway are the cluster's, and
the same for all.

POST /networks/create = docker network create back
> POST /apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies = kubectl create -f network-back.yaml
k8s-bridge run writes the policy. Docker isolates what nobody mentions; Kubernetes opens
what no policy selects. It takes a network plugin that enforces policies.

DELETE /networks/{id} = docker network rm spare
> DELETE /apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name} = kubectl delete networkpolicy network-spare
Docker refuses while there are endpoints. Kubernetes does not, and the pods are open then
if no other policy selects them.

POST /networks/{id}/connect = docker network connect spare web
> PATCH /api/v1/namespaces/{namespace}/pods/{name} = kubectl label pod web network.minidock/spare=true
Works while the pod runs, since the label is not in the Deployment's selector. To last,
it belongs into the template, too. No address and no interface is added.

POST /networks/{id}/disconnect = docker network disconnect front web
> PATCH /api/v1/namespaces/{namespace}/pods/{name} = kubectl label pod web network.minidock/front-
The last label gone, a pod is open to everybody: k8s-bridge's label for no network
(network.minidock/none) closes it.

POST /networks/prune = docker network prune -f
> DELETE /apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name} = kubectl delete networkpolicies -l app.kubernetes.io/managed-by=k8s-bridge
By label only: nothing knows which policies select no pod.
"""

VOLUMES = """
GET /volumes = docker volume ls
> GET /api/v1/namespaces/{namespace}/persistentvolumeclaims = kubectl get persistentvolumeclaims
A claim is what pods name; the PersistentVolume behind it belongs to no namespace.

POST /volumes/create = docker volume create spare
> POST /api/v1/namespaces/{namespace}/persistentvolumeclaims = kubectl create -f data-persistentvolumeclaim.yaml
A claim must say how large it is, and whether one node or many mount it. Driver and
options are the storage class's.

GET /volumes/{id} = docker volume inspect data
> GET /api/v1/namespaces/{namespace}/persistentvolumeclaims/{name} = kubectl get persistentvolumeclaim data -o json
Mountpoint is the node's secret; spec.volumeName leads to the PersistentVolume.

DELETE /volumes/{id} = docker volume rm spare
> DELETE /api/v1/namespaces/{namespace}/persistentvolumeclaims/{name} = kubectl delete persistentvolumeclaim data
Docker refuses while it is used; Kubernetes waits until it is not. Whether the bytes go,
too, the storage class decides (reclaimPolicy).

POST /volumes/prune = docker volume prune -f
> DELETE /api/v1/namespaces/{namespace}/persistentvolumeclaims/{name} = kubectl delete persistentvolumeclaims -l app.kubernetes.io/managed-by=k8s-bridge
By label only: unused claims are not known as such.
"""

ENGINE = """
GET /_ping
HEAD /_ping
> GET /readyz = kubectl get --raw /readyz
/livez and /healthz beside it; Docker's answer has the API version as a header.

GET /version = docker version
> GET /version/ = kubectl version
Docker negotiates one version for all; in Kubernetes each group of kinds has its own, and
it is in the path.

GET /info = docker info
> GET /api/v1/nodes = kubectl get nodes -o wide
There are many hosts: kernel, runtime and capacity are in each node's status.

GET /events = docker events --since 0 --until 1
> GET /api/v1/namespaces/{namespace}/events = kubectl get events
A watch (watch=true) on any kind tells of changes; objects of kind Event tell reasons,
and are kept for an hour.

GET /system/df = docker system df
> GET /api/v1/nodes/{name}/proxy/{path} = kubectl get --raw /api/v1/nodes/NODE/proxy/stats/summary
Each kubelet knows its own disk; it removes unused images by itself.

GET /plugins = docker plugin ls
> GET /apis/storage.k8s.io/v1/csidrivers = kubectl get csidrivers
Storage drivers and network plugins are installed as workloads, with manifests of theirs.

GET /plugins/privileges
GET /plugins/{id}/json = docker plugin inspect ID
POST /plugins/pull = docker plugin install ID
POST /plugins/create = docker plugin create ID .
POST /plugins/{id}/enable = docker plugin enable ID
POST /plugins/{id}/disable = docker plugin disable ID
POST /plugins/{id}/upgrade = docker plugin upgrade ID
POST /plugins/{id}/push = docker plugin push ID
POST /plugins/{id}/set = docker plugin set ID KEY=VALUE
DELETE /plugins/{id} = docker plugin rm ID
No call: a driver is a DaemonSet and some objects that its makers publish as manifests.
"""
