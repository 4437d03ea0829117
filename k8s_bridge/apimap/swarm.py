"""Docker's calls about swarms: of all of Docker the closest to Kubernetes.

```
 service ──▶ a Deployment for the tasks, a Service for the name
 task    ──▶ a pod          node ──▶ a node          stack ──▶ a namespace, or a label
 secret  ──▶ a Secret       config ──▶ a ConfigMap
```
"""

__all__ = ["SWARM"]

SWARM = """
GET /swarm
> GET /api/v1/namespaces/{namespace}/services = kubectl cluster-info
A cluster has no object of its own: kubectl asks for services of kube-system. Join tokens are Secrets of the namespace kube-system.

POST /swarm/init = docker swarm init --advertise-addr 127.0.0.1
POST /swarm/join
POST /swarm/leave = docker swarm leave --force
POST /swarm/update = docker swarm update --autolock=false
GET /swarm/unlockkey = docker swarm unlock-key
POST /swarm/unlock = docker swarm unlock
No call: kubeadm (init, join, reset) or a provider makes and unmakes clusters.

GET /nodes = docker node ls
> GET /api/v1/nodes = kubectl get nodes
Managers and workers are told apart by a label, node-role.kubernetes.io/control-plane.

GET /nodes/{id} = docker node inspect self
> GET /api/v1/nodes/{name} = kubectl get node NODE -o json
Resources are status.capacity, Availability is spec.unschedulable.

POST /nodes/{id}/update = docker node update --availability drain ID
> PATCH /api/v1/nodes/{name} = kubectl cordon NODE
Pause is cordon. Drain is kubectl drain, which also evicts pods one by one, each with a
POST to its subresource eviction. Labels are labels.

DELETE /nodes/{id} = docker node rm ID
> DELETE /api/v1/nodes/{name} = kubectl delete node NODE
The kubelet of a machine that runs makes its node again.

GET /services = docker service ls
> GET /apis/apps/v1/namespaces/{namespace}/deployments = kubectl get deployments
Mode global is a DaemonSet, replicated-job a Job.

GET /services/{id} = docker service inspect ID
> GET /apis/apps/v1/namespaces/{namespace}/deployments/{name} = kubectl get deployment web -o json
UpdateStatus is status.conditions.

POST /services/create = docker service create --name web -p 80:80 nginx
> POST /apis/apps/v1/namespaces/{namespace}/deployments = kubectl create deployment web --image=nginx
> POST /api/v1/namespaces/{namespace}/services = kubectl expose deployment web --port=80
Two objects: what runs, and who answers to the name. Swarm's virtual address is a
Service's clusterIP, its endpoint mode dnsrr a headless Service, its ingress network a
NodePort on every node.

POST /services/{id}/update = docker service scale ID=3
> PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale = kubectl scale deployment web --replicas=3
> PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name} = kubectl set image deployment web nginx=nginx:1.29
A rolling update both times: parallelism is maxUnavailable or maxSurge, delay is
minReadySeconds, roll-back is kubectl rollout undo.

DELETE /services/{id} = docker service rm ID
> DELETE /apis/apps/v1/namespaces/{namespace}/deployments/{name} = kubectl delete deployment web
> DELETE /api/v1/namespaces/{namespace}/services/{name} = kubectl delete service web
Both objects.

GET /services/{id}/logs = docker service logs ID
> GET /api/v1/namespaces/{namespace}/pods/{name}/log = kubectl logs -l app=web --prefix
One call for each pod: the API knows no logs of a Deployment.

GET /tasks = docker service ps ID
> GET /api/v1/namespaces/{namespace}/pods = kubectl get pods -l app=web -o wide
Ended tasks are listed for a while; ended pods of a Deployment are gone.

GET /tasks/{id}
> GET /api/v1/namespaces/{namespace}/pods/{name} = kubectl get pod web -o json
DesiredState has no counterpart: a pod that should not be there is deleted.

GET /tasks/{id}/logs = docker service logs ID
> GET /api/v1/namespaces/{namespace}/pods/{name}/log = kubectl logs web
As for containers.

GET /secrets = docker secret ls
> GET /api/v1/namespaces/{namespace}/secrets = kubectl get secrets
The data comes with the list, to whoever may list: Docker never gives it back.

POST /secrets/create = docker secret create pw pw.txt
> POST /api/v1/namespaces/{namespace}/secrets = kubectl create secret generic pw --from-file=pw=pw.txt
Kept in etcd as it is, unless the API server was told to encrypt; in base64 on the wire.

GET /secrets/{id} = docker secret inspect ID
> GET /api/v1/namespaces/{namespace}/secrets/{name} = kubectl get secret pw -o json
With the data.

POST /secrets/{id}/update
> PATCH /api/v1/namespaces/{namespace}/secrets/{name} = kubectl label secret pw tier=back
Docker changes labels only. Kubernetes changes data, too, and mounted files follow,
unless the Secret says immutable.

DELETE /secrets/{id} = docker secret rm ID
> DELETE /api/v1/namespaces/{namespace}/secrets/{name} = kubectl delete secret pw
Docker refuses while a service uses it; Kubernetes does not.

GET /configs = docker config ls
> GET /api/v1/namespaces/{namespace}/configmaps = kubectl get configmaps
A ConfigMap holds several files, at most 1 MiB together.

POST /configs/create = docker config create conf nginx.conf
> POST /api/v1/namespaces/{namespace}/configmaps = kubectl create configmap conf --from-file=nginx.conf
Bytes that are no UTF-8 go into binaryData.

GET /configs/{id} = docker config inspect ID
> GET /api/v1/namespaces/{namespace}/configmaps/{name} = kubectl get configmap conf -o json
Data is text here, base64 there.

POST /configs/{id}/update
> PATCH /api/v1/namespaces/{namespace}/configmaps/{name} = kubectl label configmap conf tier=front
As for secrets.

DELETE /configs/{id} = docker config rm ID
> DELETE /api/v1/namespaces/{namespace}/configmaps/{name} = kubectl delete configmap conf
As for secrets.
"""
