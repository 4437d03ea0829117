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
    "devices": "a device file needs a device plugin, or a privileged pod with hostPath",
    "endpoint_options": "driver options of an endpoint have no counterpart",
    "gateway_priority": "a pod has one interface and one default route",
    "init": "no init is added: put tini into the image, or share the process namespace",
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
    "static_address": "a pod's address is chosen by the network plugin",
    "stop_signal": "lifecycle.stopSignal is still alpha: set STOPSIGNAL in the image",
    "storage_options": f"the size of the root file system {_NODE}",
    "swap": f"swap {_NODE}",
    "ulimits": f"ulimits: {_NODE.removeprefix('is ')}",
    "volume_driver": "a StorageClass chooses what makes a volume",
    "windows_cpu": "only Windows has it",
    "windows_io": "only Windows has it",
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
}

LIMITS: dict[str, Note] = {
    **{attribute: lost(attribute, why) for attribute, why in _LOST.items()},
    **{attribute: changed(attribute, why) for attribute, why in _CHANGED.items()},
}
