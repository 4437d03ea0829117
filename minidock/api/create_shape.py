"""What the body of ``POST /containers/create`` may hold, and of which kind it is.

```
Config ─ Hostname, Env, Cmd ...       what an image can say too
 ├─ HostConfig ─ Memory, PortBindings ...   what only this host can say
 └─ NetworkingConfig ─ EndpointsConfig ─ {network: EndpointSettings}
```

A field that is not named here is ignored, as Go ignores it. Docker's source: moby,
``api/types/container`` (config.go and hostconfig.go).
"""

from minidock.api.decode import Shape
from minidock.api.networks import ENDPOINT

__all__ = ["CONFIG", "HOST_CONFIG", "RESOURCES"]

_TEXTS = "map[string]string"

_RATE: Shape = {"": "ThrottleDevice", "Path": "string", "Rate": "uint64"}

RESOURCES: Shape = {
    "": "container.UpdateConfig",
    "CpuShares": "int64",
    "Memory": "int64",
    "NanoCpus": "int64",
    "CgroupParent": "string",
    "BlkioWeight": "uint16",
    "BlkioWeightDevice": ({"": "WeightDevice", "Path": "string", "Weight": "uint16"},),
    "BlkioDeviceReadBps": (_RATE,),
    "BlkioDeviceWriteBps": (_RATE,),
    "BlkioDeviceReadIOps": (_RATE,),
    "BlkioDeviceWriteIOps": (_RATE,),
    "CpuPeriod": "int64",
    "CpuQuota": "int64",
    "CpuRealtimePeriod": "int64",
    "CpuRealtimeRuntime": "int64",
    "CpusetCpus": "string",
    "CpusetMems": "string",
    "Devices": (
        {
            "": "DeviceMapping",
            "PathOnHost": "string",
            "PathInContainer": "string",
            "CgroupPermissions": "string",
        },
    ),
    "DeviceCgroupRules": "[]string",
    "DeviceRequests": (
        {
            "": "DeviceRequest",
            "Driver": "string",
            "Count": "int",
            "DeviceIDs": "[]string",
            "Capabilities": "[][]string",
            "Options": _TEXTS,
        },
    ),
    "KernelMemory": "int64",
    "KernelMemoryTCP": "int64",
    "MemoryReservation": "int64",
    "MemorySwap": "int64",
    "MemorySwappiness": "int64",
    "OomKillDisable": "bool",
    "PidsLimit": "int64",
    "Ulimits": ({"": "Ulimit", "Name": "string", "Hard": "int64", "Soft": "int64"},),
    "CpuCount": "int64",
    "CpuPercent": "int64",
    "IOMaximumIOps": "uint64",
    "IOMaximumBandwidth": "uint64",
    "RestartPolicy": {
        "": "container.RestartPolicy",
        "Name": "string",
        "MaximumRetryCount": "int",
    },
}
"""What a running container can be given too (``POST /containers/{id}/update``)."""

_MOUNT: Shape = {
    "": "mount.Mount",
    "Type": "string",
    "Source": "string",
    "Target": "string",
    "ReadOnly": "bool",
    "Consistency": "string",
    "BindOptions": {
        "": "mount.BindOptions",
        "Propagation": "string",
        "NonRecursive": "bool",
        "CreateMountpoint": "bool",
        "ReadOnlyNonRecursive": "bool",
        "ReadOnlyForceRecursive": "bool",
    },
    "VolumeOptions": {
        "": "mount.VolumeOptions",
        "NoCopy": "bool",
        "Labels": _TEXTS,
        "Subpath": "string",
        "DriverConfig": {"": "mount.Driver", "Name": "string", "Options": _TEXTS},
    },
    "ImageOptions": {"": "mount.ImageOptions", "Subpath": "string"},
    "TmpfsOptions": {
        "": "mount.TmpfsOptions",
        "SizeBytes": "int64",
        "Mode": "uint32",
        "Options": "[][]string",
    },
}

HOST_CONFIG: Shape = {
    **RESOURCES,
    "": "container.HostConfig",
    "Binds": "[]string",
    "ContainerIDFile": "string",
    "LogConfig": {"": "container.LogConfig", "Type": "string", "Config": _TEXTS},
    "NetworkMode": "string",
    "PortBindings": {
        "": "nat.PortMap",
        "*": ({"": "PortBinding", "HostIp": "string", "HostPort": "string"},),
    },
    "AutoRemove": "bool",
    "VolumeDriver": "string",
    "VolumesFrom": "[]string",
    "ConsoleSize": "[2]uint",
    "Annotations": _TEXTS,
    "CapAdd": "strslice",
    "CapDrop": "strslice",
    "CgroupnsMode": "string",
    "Dns": "[]string",
    "DnsOptions": "[]string",
    "DnsSearch": "[]string",
    "ExtraHosts": "[]string",
    "GroupAdd": "[]string",
    "IpcMode": "string",
    "Cgroup": "string",
    "Links": "[]string",
    "OomScoreAdj": "int",
    "PidMode": "string",
    "Privileged": "bool",
    "PublishAllPorts": "bool",
    "ReadonlyRootfs": "bool",
    "SecurityOpt": "[]string",
    "StorageOpt": _TEXTS,
    "Tmpfs": _TEXTS,
    "UTSMode": "string",
    "UsernsMode": "string",
    "ShmSize": "int64",
    "Sysctls": _TEXTS,
    "Runtime": "string",
    "Isolation": "string",
    "Mounts": (_MOUNT,),
    "MaskedPaths": "[]string",
    "ReadonlyPaths": "[]string",
    "Init": "bool",
}

CONFIG: Shape = {
    "Hostname": "string",
    "Domainname": "string",
    "User": "string",
    "AttachStdin": "bool",
    "AttachStdout": "bool",
    "AttachStderr": "bool",
    "ExposedPorts": "map",
    "Tty": "bool",
    "OpenStdin": "bool",
    "StdinOnce": "bool",
    "Env": "[]string",
    "Cmd": "strslice",
    "Healthcheck": {
        "": "container.HealthConfig",
        "Test": "[]string",
        "Interval": "int64",
        "Timeout": "int64",
        "StartPeriod": "int64",
        "StartInterval": "int64",
        "Retries": "int",
    },
    "ArgsEscaped": "bool",
    "Image": "string",
    "Volumes": "map",
    "WorkingDir": "string",
    "Entrypoint": "strslice",
    "NetworkDisabled": "bool",
    "MacAddress": "string",
    "OnBuild": "[]string",
    "Labels": _TEXTS,
    "StopSignal": "string",
    "StopTimeout": "int",
    "Shell": "strslice",
    "HostConfig": HOST_CONFIG,
    "NetworkingConfig": {
        "": "network.NetworkingConfig",
        "EndpointsConfig": {"": "map", "*": ENDPOINT},
    },
}
