"""Why a field of Kubernetes has no place in Docker.

```
 spec.template.spec.tolerations[0].key ─▶ "tolerations" ─▶ one host has no taints
```

Invariant: what a cluster writes into objects by itself is nobody's wish, and gets no
word ("" as reason).
"""

__all__ = ["reason_of"]

_SERVERS = frozenset(
    "apiVersion kind status uid resourceVersion creationTimestamp generation "
    "managedFields selfLink namespace ownerReferences clusterIP clusterIPs ipFamilies "
    "ipFamilyPolicy internalTrafficPolicy revisionHistoryLimit nodeName schedulerName "
    "terminationMessagePath terminationMessagePolicy enableServiceLinks "
    "publishNotReadyAddresses selector sessionAffinity restartPolicy dnsPolicy "
    "podManagementPolicy serviceName completionMode manualSelector".split()
)
_WHY = {
    "tolerations": "one host has no taints",
    "affinity": "one host has no other places to choose",
    "nodeSelector": "one host has no other places to choose",
    "topologySpreadConstraints": "one host has no zones",
    "serviceAccountName": "Docker has no API that a container could be let into",
    "serviceAccount": "Docker has no API that a container could be let into",
    "automountServiceAccountToken": "Docker has no API that needs a token",
    "imagePullSecrets": "docker login is the user's, not the container's",
    "priorityClassName": "nobody is evicted from a Docker host",
    "readinessGates": "nothing else decides whether a container is healthy",
    "fsGroup": "Docker changes no owner of a volume's files",
    "accessModes": "a Docker volume is on one host, and all of its containers mount it",
    "storageClassName": "the host's disk is the only class",
    "volumeMode": "a Docker volume is always a file system",
    "egress": "Docker filters by network, not by what leaves a container",
    "ingress": "Docker filters by network, not by port or address",
    "podSelector": "Docker filters by network: put those into one that may talk",
    "rules": "Docker has no reverse proxy: run one, as traefik, that reads labels",
    "tls": "Docker has no reverse proxy: run one, as traefik, that reads labels",
    "activeDeadlineSeconds": "Docker ends no container after a time",
    "annotations": "a note for a program of the cluster",
    "valueFrom": "a value that only the cluster knows",
    "envFrom": "what it names is not among these manifests",
    "livenessProbe": "Docker has one health check: it is the readiness probe's",
    "volumes": "no such volume on a Docker host",
    "externalTrafficPolicy": "on one host there is no second hop",
    "loadBalancerIP": "the address is the host's",
    "externalName": "a name that stands for another one: nothing does that in Docker",
    "rollingUpdate": "one host replaces container by container",
}


def reason_of(path: tuple[str | int, ...]) -> str:
    """Why nothing stands for a field, "" if it needs no word.

    >>> reason_of(("spec", "tolerations", 0, "key"))
    'one host has no taints'
    >>> reason_of(("metadata", "uid"))
    ''
    """
    words = [step for step in path if isinstance(step, str)]
    if words[:1] == ["metadata"] and words[-1] == "name":
        return ""
    if any(word in _SERVERS for word in words):
        return ""
    known = (_WHY[word] for word in reversed(words) if word in _WHY)
    return next(known, "Docker has no word for it")
