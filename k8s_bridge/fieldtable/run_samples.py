"""One use of each flag of docker run, and the path that the report has it under.

```
 memory   --memory=64m   HostConfig.Memory     what the engine hears, as inspect has it
 pull     --pull=always  --pull                what the docker program keeps to itself
```

Invariant: no flag is at its default, so that each must be in the report.
"""

__all__ = ["ROWS", "WINDOWS", "words_of"]

# One use of each flag and the path under which the report must mention it.
_FLAGS = """
add-host       --add-host=one:10.0.0.1           HostConfig.ExtraHosts
annotation     --annotation=a=b                  HostConfig.Annotations
attach         --attach=stdout                   Config.AttachStdout
blkio-weight   --blkio-weight=100                HostConfig.BlkioWeight
blkio-weight-device --blkio-weight-device=/dev/sda:100 HostConfig.BlkioWeightDevice
cap-add        --cap-add=NET_ADMIN               HostConfig.CapAdd
cap-drop       --cap-drop=MKNOD                  HostConfig.CapDrop
cgroup-parent  --cgroup-parent=/x                HostConfig.CgroupParent
cgroupns       --cgroupns=host                   HostConfig.CgroupnsMode
cidfile        --cidfile=/tmp/x                  --cidfile
cpu-period     --cpu-period=50000                HostConfig.CpuPeriod
cpu-quota      --cpu-quota=50000                 HostConfig.CpuQuota
cpu-rt-period  --cpu-rt-period=1000              HostConfig.CpuRealtimePeriod
cpu-rt-runtime --cpu-rt-runtime=1000             HostConfig.CpuRealtimeRuntime
cpu-shares     --cpu-shares=512                  HostConfig.CpuShares
cpus           --cpus=0.5                        HostConfig.NanoCpus
cpuset-cpus    --cpuset-cpus=0                   HostConfig.CpusetCpus
cpuset-mems    --cpuset-mems=0                   HostConfig.CpusetMems
device         --device=/dev/fuse                HostConfig.Devices
device-cgroup-rule --device-cgroup-rule=c_1:1_rmw HostConfig.DeviceCgroupRules
device-read-bps --device-read-bps=/dev/sda:1mb   HostConfig.BlkioDeviceReadBps
device-read-iops --device-read-iops=/dev/sda:10  HostConfig.BlkioDeviceReadIOps
device-write-bps --device-write-bps=/dev/sda:1mb HostConfig.BlkioDeviceWriteBps
device-write-iops --device-write-iops=/dev/sda:9 HostConfig.BlkioDeviceWriteIOps
disable-content-trust --disable-content-trust=false --disable-content-trust
dns            --dns=1.1.1.1                     HostConfig.Dns
dns-option     --dns-option=ndots:2              HostConfig.DnsOptions
dns-search     --dns-search=a.b                  HostConfig.DnsSearch
domainname     --domainname=a.b                  Config.Domainname
entrypoint     --entrypoint=/bin/sh              Config.Entrypoint
env            --env=A=1                         Config.Env
env-file       --env-file=vars                   Config.Env
expose         --expose=81                       Config.ExposedPorts
gpus           --gpus=1                          HostConfig.DeviceRequests
group-add      --group-add=5                     HostConfig.GroupAdd
health-cmd     --health-cmd=true                 Config.Healthcheck
health-interval --health-interval=3s_--health-cmd=true Config.Healthcheck
health-retries --health-retries=3_--health-cmd=true Config.Healthcheck
health-start-interval --health-start-interval=1s_--health-cmd=true Config.Healthcheck
health-start-period --health-start-period=1s_--health-cmd=true Config.Healthcheck
health-timeout --health-timeout=1s_--health-cmd=true Config.Healthcheck
hostname       --hostname=web                    Config.Hostname
init           --init                            HostConfig.Init
interactive    --interactive                     Config.OpenStdin
ip             --ip=10.0.0.9_--network=front     NetworkSettings.Networks.front.IPAMConfig
ip6            --ip6=fd00::9_--network=front     NetworkSettings.Networks.front.IPAMConfig
ipc            --ipc=host                        HostConfig.IpcMode
isolation      --isolation=process               HostConfig.Isolation
kernel-memory  --kernel-memory=4m                --kernel-memory
label          --label=a=b                       Config.Labels
label-file     --label-file=vars                 Config.Labels
link           --link=db:x                       HostConfig.Links
link-local-ip  --link-local-ip=169.254.1.1_--network=front NetworkSettings.Networks.front.IPAMConfig
log-driver     --log-driver=journald             HostConfig.LogConfig
log-opt        --log-opt=max-size=1m             HostConfig.LogConfig
mac-address    --mac-address=02:42:ac:11:00:55   NetworkSettings.Networks.bridge.MacAddress
memory         --memory=64m                      HostConfig.Memory
memory-reservation --memory-reservation=32m      HostConfig.MemoryReservation
memory-swap    --memory=64m_--memory-swap=-1     HostConfig.MemorySwap
memory-swappiness --memory-swappiness=10         HostConfig.MemorySwappiness
mount          --mount=type=tmpfs,dst=/t         HostConfig.Mounts
name           --name=web                        Name
network        --network=front                   HostConfig.NetworkMode
network-alias  --network=front_--network-alias=x NetworkSettings.Networks.front.Aliases
no-healthcheck --no-healthcheck                  Config.Healthcheck
oom-kill-disable --oom-kill-disable              HostConfig.OomKillDisable
oom-score-adj  --oom-score-adj=5                 HostConfig.OomScoreAdj
pid            --pid=host                        HostConfig.PidMode
pids-limit     --pids-limit=5                    HostConfig.PidsLimit
platform       --platform=linux/arm64            --platform
privileged     --privileged                      HostConfig.Privileged
publish        --publish=80:80                   HostConfig.PortBindings
publish-all    --publish-all                     HostConfig.PublishAllPorts
pull           --pull=always                     --pull
quiet          --quiet                           --quiet
read-only      --read-only                       HostConfig.ReadonlyRootfs
restart        --restart=always                  HostConfig.RestartPolicy
rm             --rm                              HostConfig.AutoRemove
runtime        --runtime=gvisor                  HostConfig.Runtime
security-opt   --security-opt=no-new-privileges  HostConfig.SecurityOpt
shm-size       --shm-size=1g                     HostConfig.ShmSize
stop-signal    --stop-signal=INT                 Config.StopSignal
stop-timeout   --stop-timeout=5                  Config.StopTimeout
storage-opt    --storage-opt=size=1G             HostConfig.StorageOpt
sysctl         --sysctl=net.ipv4.ip_forward=1    HostConfig.Sysctls
tmpfs          --tmpfs=/run                      HostConfig.Tmpfs
tty            --tty                             Config.Tty
ulimit         --ulimit=nofile=5                 HostConfig.Ulimits
use-api-socket --use-api-socket                  HostConfig.Mounts
user           --user=5                          Config.User
userns         --userns=host                     HostConfig.UsernsMode
uts            --uts=host                        HostConfig.UTSMode
volume         --volume=data:/x                  HostConfig.Binds
volume-driver  --volume-driver=x                 HostConfig.VolumeDriver
volumes-from   --volumes-from=db                 HostConfig.VolumesFrom
workdir        --workdir=/srv                    Config.WorkingDir
detach-keys    --detach-keys=ctrl-x              --detach-keys
sig-proxy      --sig-proxy=false                 --sig-proxy
"""
# The client refuses these against an engine on Linux; saved JSON may have them.
WINDOWS = {
    "cpu-count": "CpuCount",
    "cpu-percent": "CpuPercent",
    "io-maxbandwidth": "IOMaximumBandwidth",
    "io-maxiops": "IOMaximumIOps",
}
ROWS = tuple(tuple(row.split()) for row in _FLAGS.strip().splitlines())


def words_of(use: str) -> list[str]:
    """The words of a use: ``_--`` is between two, and one has blanks within.

    >>> words_of("--ip=10.0.0.9_--network=front")
    ['--ip=10.0.0.9', '--network=front']
    """
    words = use.replace("_--", " --").split(" ")
    return [word.replace("c_1:1_rmw", "c 1:1 rmw") for word in words]
