"""The commands about containers: how they are typed and what their flags are.

```
docker run ...   =   docker container run ...      one command, two spellings
docker ps        =   docker container ls
```

A table, read by :mod:`minidock.commandline.command`. Docker keeps it in
``docker/cli``, ``cli/command/container``; the entries were read off the help of the
programs 28.2 and 20.10 and tried on both.

Invariant: names and spellings are unique.
"""

from minidock.commandline.command import Command

__all__ = ["CONTAINER_COMMANDS"]

_CREATE = """
    add-host host, annotation map @28 >=1.43, -a attach stream,
    blkio-weight uint16, blkio-weight-device weight, cap-add list, cap-drop list,
    cgroup-parent string, cgroupns string, cidfile string,
    cpu-count int hidden windows, cpu-percent int hidden windows, cpu-period int,
    cpu-quota int, cpu-rt-period int, cpu-rt-runtime int, -c cpu-shares int,
    cpus decimal, cpuset-cpus string, cpuset-mems string, device list,
    device-cgroup-rule rule, device-read-bps bps, device-read-iops iops,
    device-write-bps bps, device-write-iops iops, disable-content-trust bool=true,
    dns dns, dns-opt list >dns-option hidden, dns-option list, dns-search domain,
    domainname string, entrypoint string, -e env env, env-file list, expose list,
    gpus gpus, group-add list, health-cmd string, health-interval duration,
    health-retries int, health-start-interval duration @28 >=1.44,
    health-start-period duration, health-timeout duration, -h hostname string,
    init bool, -i interactive bool, io-maxbandwidth bytes hidden windows,
    io-maxiops uint hidden windows, ip string, ip6 string, ipc string,
    isolation string, kernel-memory bytes, -l label label, label-file list,
    link link, link-local-ip list, log-driver string, log-opt list,
    mac-address string, -m memory bytes, memory-reservation bytes,
    memory-swap swap, memory-swappiness int=-1, mount mount, name string,
    net network >network hidden, net-alias list >network-alias hidden,
    network network, network-alias list, no-healthcheck bool,
    oom-kill-disable bool, oom-score-adj int, pid string, pids-limit int,
    platform string, privileged bool, -p publish list, -P publish-all bool,
    pull string=missing, -q quiet bool @28, read-only bool, restart string=no,
    rm bool, runtime string, security-opt list, shm-size bytes,
    stop-signal string @28, stop-signal string=SIGTERM @20, stop-timeout int,
    storage-opt list, sysctl sysctl, tmpfs list, -t tty bool, ulimit ulimit,
    use-api-socket bool @28, -u user string, userns string, uts string,
    -v volume list, volume-driver string, volumes-from list, -w workdir string
"""

# 28 calls the flag --timeout and keeps --time as an old spelling; in both, what counts
# is kept as "timeout".
_STOP = """
    -s signal string @28, -t timeout int @28, time int @28 >timeout deprecated,
    -t time int=10 @20 >timeout
"""

CONTAINER_COMMANDS = (
    Command(
        name="run",
        spelling="container run",
        interspersed=False,
        arguments="1+",
        usage="[OPTIONS] IMAGE [COMMAND] [ARG...]",
        summary="Create and run a new container from an image",
        old_summary="Run a command in a new container",
        flags=f"""{_CREATE},
        -d detach bool, detach-keys string, sig-proxy bool=true
        """,
    ),
    Command(
        name="create",
        spelling="container create",
        interspersed=False,
        arguments="1+",
        usage="[OPTIONS] IMAGE [COMMAND] [ARG...]",
        summary="Create a new container",
        flags=_CREATE,
    ),
    Command(
        name="start",
        spelling="container start",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Start one or more stopped containers",
        flags="""
        -a attach bool, checkpoint string hidden experimental,
        checkpoint-dir string hidden experimental, detach-keys string,
        -i interactive bool
        """,
    ),
    Command(
        name="stop",
        spelling="container stop",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Stop one or more running containers",
        flags=_STOP,
    ),
    Command(
        name="restart",
        spelling="container restart",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Restart one or more containers",
        flags=_STOP,
    ),
    Command(
        name="kill",
        spelling="container kill",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Kill one or more running containers",
        flags="-s signal string @28, -s signal string=KILL @20",
    ),
    Command(
        name="pause",
        spelling="container pause",
        arguments="1+",
        usage="CONTAINER [CONTAINER...]",
        summary="Pause all processes within one or more containers",
    ),
    Command(
        name="unpause",
        spelling="container unpause",
        arguments="1+",
        usage="CONTAINER [CONTAINER...]",
        summary="Unpause all processes within one or more containers",
    ),
    Command(
        name="wait",
        spelling="container wait",
        arguments="1+",
        usage="CONTAINER [CONTAINER...]",
        summary="Block until one or more containers stop, then print their exit codes",
    ),
    Command(
        name="rename",
        spelling="container rename",
        arguments="2",
        usage="CONTAINER NEW_NAME",
        summary="Rename a container",
    ),
    Command(
        name="rm",
        spelling="container rm",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Remove one or more containers",
        flags="-f force bool, -l link bool, -v volumes bool",
    ),
    Command(
        name="update",
        spelling="container update",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Update configuration of one or more containers",
        flags="""
        blkio-weight uint16, cpu-period int, cpu-quota int, cpu-rt-period int,
        cpu-rt-runtime int, -c cpu-shares int, cpus decimal, cpuset-cpus string,
        cpuset-mems string, kernel-memory bytes, -m memory bytes,
        memory-reservation bytes, memory-swap swap, pids-limit int, restart string
        """,
    ),
    Command(
        name="ps",
        spelling="container ls",
        arguments="0",
        usage="[OPTIONS]",
        summary="List containers",
        flags="""
        -a all bool, -f filter filter, format string, -n last int=-1, -l latest bool,
        no-trunc bool, -q quiet bool, -s size bool
        """,
    ),
    Command(
        name="container inspect",
        arguments="1+",
        usage="[OPTIONS] CONTAINER [CONTAINER...]",
        summary="Display detailed information on one or more containers",
        flags="-f format string, -s size bool",
    ),
    Command(
        name="inspect",
        arguments="1+",
        usage="[OPTIONS] NAME|ID [NAME|ID...]",
        summary="Return low-level information on Docker objects",
        flags="-f format string, -s size bool, type string",
    ),
    Command(
        name="exec",
        spelling="container exec",
        interspersed=False,
        arguments="2+",
        usage="[OPTIONS] CONTAINER COMMAND [ARG...]",
        summary="Execute a command in a running container",
        old_summary="Run a command in a running container",
        flags="""
        -d detach bool, detach-keys string, -e env env, env-file list,
        -i interactive bool, privileged bool, -t tty bool, -u user string,
        -w workdir string
        """,
    ),
    Command(
        name="attach",
        spelling="container attach",
        arguments="1",
        usage="[OPTIONS] CONTAINER",
        summary="Attach local standard input, output, and error streams to a running"
        " container",
        flags="detach-keys string, no-stdin bool, sig-proxy bool=true",
    ),
    Command(
        name="logs",
        spelling="container logs",
        arguments="1",
        usage="[OPTIONS] CONTAINER",
        summary="Fetch the logs of a container",
        flags="""
        details bool, -f follow bool, since string, -n tail string=all,
        -t timestamps bool, until string
        """,
    ),
    Command(
        name="top",
        spelling="container top",
        interspersed=False,
        arguments="1+",
        usage="CONTAINER [ps OPTIONS]",
        summary="Display the running processes of a container",
    ),
    Command(
        name="port",
        spelling="container port",
        arguments="1-2",
        usage="CONTAINER [PRIVATE_PORT[/PROTO]]",
        summary="List port mappings or a specific mapping for the container",
    ),
    Command(
        name="stats",
        spelling="container stats",
        arguments="0+",
        usage="[OPTIONS] [CONTAINER...]",
        summary="Display a live stream of container(s) resource usage statistics",
        flags="-a all bool, format string, no-stream bool, no-trunc bool",
    ),
    Command(
        name="diff",
        spelling="container diff",
        arguments="1",
        usage="CONTAINER",
        summary="Inspect changes to files or directories on a container's filesystem",
    ),
    Command(
        name="cp",
        spelling="container cp",
        arguments="2",
        usage="[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\t"
        "docker {path} [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
        summary="Copy files/folders between a container and the local filesystem",
        flags="-a archive bool, -L follow-link bool, -q quiet bool @28",
    ),
    Command(
        name="commit",
        spelling="container commit",
        arguments="1-2",
        usage="[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
        summary="Create a new image from a container's changes",
        flags="""
        -a author string, -c change list, -m message string, -p pause bool=true
        """,
    ),
    Command(
        name="export",
        spelling="container export",
        arguments="1",
        usage="[OPTIONS] CONTAINER",
        summary="Export a container's filesystem as a tar archive",
        flags="-o output string",
    ),
    Command(
        name="container prune",
        arguments="0",
        usage="[OPTIONS]",
        summary="Remove all stopped containers",
        flags="filter filter, -f force bool",
    ),
)
