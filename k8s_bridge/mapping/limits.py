"""What cannot be expressed in Kubernetes, whatever its value, and why.

A table instead of code: an attribute of the neutral model beside the reason that the
report gives. Settings that some mapping translates are not here.
"""

from k8s_bridge.report import Note, changed, lost

__all__ = ["LIMITS"]

_NODE = "is decided by the node's runtime, not by a pod"

_LOST = {
    "blkio": "block device weights and rates have no field",
    "capabilities": "give --cap-add and --cap-drop instead",
    "cgroup": "the kubelet makes a pod's cgroups",
    "cgroupns": f"the cgroup namespace {_NODE}",
    "config_from": "a network's configuration template has no counterpart",
    "cpu_realtime": "real-time CPU time has no field",
    "cpuset": "a kubelet pins CPUs by its own static policy",
    "device_rules": "a rule for device numbers has no field: privileged, or a plugin",
    "endpoint_options": "driver options of an endpoint have no counterpart",
    "gateway_priority": "a pod has one interface and one default route",
    "ingress": "swarm's routing mesh is what a Service of type NodePort does by itself",
    "isolation": "isolation of Windows containers: choose a runtime class",
    "kernel_memory": "kernel memory is counted with the rest",
    "logging": f"where logs go {_NODE}",
    "mac_address": "a pod's MAC address is chosen by the network plugin",
    "masked_paths": "procMount can only unmask all paths, and only in a user namespace",
    "network_disabled": "give --network none instead",
    "network_labels": "no object stands for a network that could carry its labels",
    "oom": "the kernel's out-of-memory score follows from the pod's quality of service",
    "options": "an option of Docker's network driver",
    "pids_limit": "the number of processes is limited by the kubelet, for every pod",
    "rollback": "kubectl rollout undo goes back as it went forward",
    "static_address": "a pod's address is chosen by the network plugin",
    "storage_options": f"the size of the root file system {_NODE}",
    "swap": f"swap {_NODE}",
    "ulimits": f"ulimits: {_NODE.removeprefix('is ')}",
    "volume_driver": "a StorageClass chooses what makes a volume",
    "windows_cpu": "only Windows has it",
    "windows_io": "only Windows has it",
    # What only Compose and Swarm have.
    "credential_spec": "a credential specification is for Windows",
    "cron_concurrency": "a run that is still busy is not waited for: concurrencyPolicy",
    "cron_missed": "what was missed is made up for within startingDeadlineSeconds",
    "cron_timezone": "the cluster's own, unless the CronJob says a timeZone",
    "develop": "what happens on a developer's desk: nothing is watched in a cluster",
    "entrypoint_reset": "an image's ENTRYPOINT can only be replaced: give all of it",
    "external_links": "another project's container: an ExternalName Service names it",
    "failure_ratio": "an update stops at the first pod that does not become ready",
    "foreign_volumes": "the volumes of a container that no service here has",
    "generic_resources": "a swarm's word: device plugins have names of their own",
    "interface_name": "a pod's interface is called eth0 by the network plugin",
    "models": "a model runner is Docker's own: run one as a service",
    "pre_start": "a container before the service's own is not translated",
    "provider": "a program on the Docker host provides it, no container",
    "pull_refresh": "a node pulls always, never, or when the image is missing",
    "restart_delay": "a kubelet waits 10 s, then twice as long each time, at most 300",
}

_CHANGED = {
    "args_escaped": "about how an image for Windows was built: nothing to carry over",
    "attach": "about the terminal that called docker: kubectl attach does it",
    "attachable": "every pod can be labelled into a network",
    "cidfile": "about the docker client: nothing to carry over",
    "client": "about the docker client: nothing to carry over",
    "invented_name": "Docker would have invented a name: this one is the image's",
    "console_size": "about the terminal that called docker: nothing to carry over",
    "on_build": "about building images: nothing to carry over",
    "shell": "used for the shell form of the health check",
    # What only Compose and Swarm have.
    "build": "build the image and push it where the nodes can pull it",
    "cron_manual": "by hand it runs with kubectl create job --from=cronjob/NAME",
    "env_file": "its variables are among the others",
    "extends": "what it takes over is written out",
    "extension": "a word of somebody's own, which Docker passes over too",
    "external": "others made the network: whoever carries its label is on it",
    "network_name": "its label has this name, so that two projects meet on it",
    "label_file": "its labels are among the others",
    "profiles": "chosen when translating: services of other profiles are left out",
}

LIMITS: dict[str, Note] = {
    **{attribute: lost(attribute, why) for attribute, why in _LOST.items()},
    **{attribute: changed(attribute, why) for attribute, why in _CHANGED.items()},
}
