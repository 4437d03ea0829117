"""Every flag of docker run, and every key that it sends, ends in the report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge import application_from_inspect, translate
from k8s_bridge.sources.fields import network_settings, service_settings
from k8s_bridge.sources.run import Client, application_from_lines
from minidock.commandline.grammar import Cli, parse
from minidock.commandline.requests import container_request
from minidock.model.document import freeze
from tests.k8s_bridge.shapes import answers, inspect_of, judge

# One use of each flag and the path under which the report must mention it.
FLAGS = """
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
health-interval --health-interval=3s             Config.Healthcheck
health-retries --health-retries=3                Config.Healthcheck
health-start-interval --health-start-interval=1s Config.Healthcheck
health-start-period --health-start-period=1s     Config.Healthcheck
health-timeout --health-timeout=1s               Config.Healthcheck
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
_WITHOUT_TRACE = {"detach"}  # it decides nothing about the container
# The client refuses these against an engine on Linux; saved JSON may have them.
WINDOWS = {
    "cpu-count": "CpuCount",
    "cpu-percent": "CpuPercent",
    "io-maxbandwidth": "IOMaximumBandwidth",
    "io-maxiops": "IOMaximumIOps",
}
ROWS = [row.split() for row in FLAGS.strip().splitlines()]


def _words(use: str) -> list[str]:
    return [word.replace("c_1:1_rmw", "c 1:1 rmw") for word in _split(use)]


def _split(use: str) -> list[str]:
    return use.replace("_--", " --").split(" ")


def _request(words: list[str]) -> dict:
    parsed = parse(["run", *words, "nginx"], Cli.V28)
    files = {"vars": "A=1\n"}
    return dict(container_request(parsed, cli=Cli.V28, env_files=files.get).body)


def _sent(body: dict) -> set[str]:
    """The paths of what a request asks for, as inspect spells them."""
    plain = _request([])
    found = set()
    for key, value in body.items():
        if key == "NetworkingConfig":
            for name, endpoint in value["EndpointsConfig"].items():
                network = name.replace("default", "bridge")
                where = f"NetworkSettings.Networks.{network}"
                found |= {f"{where}.{k}" for k, v in endpoint.items() if v}
        elif key == "HostConfig":
            usual = plain[key]
            found |= {f"{key}.{k}" for k, v in value.items() if v != usual.get(k)}
        elif value and value != plain.get(key):
            found.add(f"Config.{key}")
    # Filled in by Docker: the address family's empty record, the tty's size.
    return {path for path in found if not path.endswith(".ConsoleSize")}


def test_the_table_has_every_flag_of_docker_run():
    options = set(parse(["run", "nginx"], Cli.V28).options)
    assert {row[0] for row in ROWS} | WINDOWS.keys() == options - _WITHOUT_TRACE


@pytest.mark.parametrize(("flag", "use", "path"), ROWS, ids=[row[0] for row in ROWS])
def test_what_a_flag_sends_is_in_the_report(flag, use, path):
    body = _request(_words(use))
    result = translate(application_from_inspect([inspect_of("web", body)]))
    paths = {entry.path for entry in result.report.entries}
    assert _sent(body) <= paths
    if not path.startswith("--"):
        assert path in paths
    judge(result)


@pytest.mark.parametrize(
    "flag", [row for row in ROWS if row[2].startswith("--")], ids=str
)
def test_what_a_flag_keeps_from_the_engine_is_in_the_report_too(flag):
    application = application_from_lines([f"docker run -d {flag[1]} nginx"])
    paths = {entry.path for entry in translate(application).report.entries}
    assert flag[2] in paths


@pytest.mark.parametrize("key", WINDOWS.values())
def test_what_only_windows_has_is_in_the_report(key):
    inspect = inspect_of("web", {"HostConfig": {key: 1}})
    report = translate(application_from_inspect([inspect])).report
    assert f"HostConfig.{key}" in [entry.path for entry in report.lost]


def test_variables_of_a_file_and_of_the_terminal_are_read():
    client = Client(environment={"HOME": "/me"}, read_file={"vars": "A=1"}.get)
    line = "docker run -d --env-file vars -e HOME nginx"
    program = application_from_lines([line], client).services[0].program
    assert dict(program.env) == {"A": "1", "HOME": "/me"}


def test_a_mac_address_that_was_asked_for_is_told_from_one_that_was_given():
    asked = "docker run -d --mac-address 02:42:ac:11:00:55 --name aa nginx"
    report = translate(application_from_lines([asked, "docker run -d nginx"])).report
    lost = [e.subject for e in report.lost if e.path == "Config.MacAddress"]
    assert lost == ["aa"]


def test_what_the_image_says_is_no_setting():
    container = answers("02-published-port", "/containers/web/json")[0]
    image = answers("10-images-rest", "/images/web:1.0/json")[0]
    document, config = freeze(container), freeze(image["Config"])
    alone = {setting.path for setting in service_settings(document, None)}
    assert {"Config.Env", "Config.Cmd", "Config.Labels", "Config.ExposedPorts"} <= alone
    known = {setting.path for setting in service_settings(document, config)}
    assert known == {
        "Name",
        "Config.Image",
        "HostConfig.NetworkMode",
        "HostConfig.PortBindings",
        "HostConfig.RestartPolicy",
        "HostConfig.CgroupnsMode",  # 20.10 says host, a pod has one of its own
    }


def test_the_default_bridge_has_no_settings():
    bridge = answers("02-published-port", "/networks/bridge")[0]
    assert list(network_settings(freeze(bridge))) == []


def test_each_option_of_a_network_is_a_setting():
    network = {
        "Name": "front",
        "Internal": True,
        "Labels": {"a": "b"},
        "Options": {"com.docker.network.bridge.enable_icc": "false", "x": ""},
    }
    found = {s.path: s.attribute for s in network_settings(freeze(network))}
    assert found == {
        "Internal": "internal",
        "Labels": "network_labels",
        "Options.com.docker.network.bridge.enable_icc": "icc",
        "Options.x": "options",
    }


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_key_that_nobody_knows_is_a_setting(key, value):
    inspect = freeze({"Name": "/web", "HostConfig": {key: value}})
    paths = [setting.path for setting in service_settings(inspect, None)]
    usual = value in ("runc", "private", "default", "io.containerd.runc.v2")
    assert f"HostConfig.{key}" in paths or usual
