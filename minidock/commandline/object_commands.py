"""The commands about images, networks and volumes: how they are typed, their flags.

```
docker images    =   docker image ls        docker network create      (one spelling)
docker rmi       =   docker image rm        docker volume create       (one spelling)
```

A table, read by :mod:`minidock.commandline.command`, of the programs 28.2 and 20.10.

Invariant: names and spellings are unique.
"""

from minidock.commandline.command import Command

__all__ = ["OBJECT_COMMANDS"]

OBJECT_COMMANDS = (
    Command(
        name="images",
        spelling="image ls",
        arguments="0-1",
        usage="[OPTIONS] [REPOSITORY[:TAG]]",
        summary="List images",
        flags="""
        -a all bool, digests bool, -f filter filter, format string, no-trunc bool,
        -q quiet bool, tree bool @28 >=1.47
        """,
    ),
    Command(
        name="image inspect",
        arguments="1+",
        usage="[OPTIONS] IMAGE [IMAGE...]",
        summary="Display detailed information on one or more images",
        flags="-f format string, platform string @28 >=1.49",
    ),
    Command(
        name="image prune",
        arguments="0",
        usage="[OPTIONS]",
        summary="Remove unused images",
        flags="-a all bool, filter filter, -f force bool",
    ),
    Command(
        name="rmi",
        spelling="image rm",
        arguments="1+",
        usage="[OPTIONS] IMAGE [IMAGE...]",
        summary="Remove one or more images",
        flags="-f force bool, no-prune bool, platform strings @28 >=1.50",
    ),
    Command(
        name="pull",
        spelling="image pull",
        arguments="1",
        usage="[OPTIONS] NAME[:TAG|@DIGEST]",
        summary="Download an image from a registry",
        old_summary="Pull an image or a repository from a registry",
        flags="""
        -a all-tags bool, disable-content-trust bool=true, platform string,
        -q quiet bool
        """,
    ),
    Command(
        name="push",
        spelling="image push",
        arguments="1",
        usage="[OPTIONS] NAME[:TAG]",
        summary="Upload an image to a registry",
        old_summary="Push an image or a repository to a registry",
        flags="""
        -a all-tags bool, disable-content-trust bool=true, platform string @28 >=1.46,
        -q quiet bool
        """,
    ),
    Command(
        name="tag",
        spelling="image tag",
        arguments="2",
        usage="SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        summary="Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    ),
    Command(
        name="history",
        spelling="image history",
        arguments="1",
        usage="[OPTIONS] IMAGE",
        summary="Show the history of an image",
        flags="""
        format string, -H human bool=true, no-trunc bool, platform string @28 >=1.48,
        -q quiet bool
        """,
    ),
    Command(
        name="search",
        arguments="1",
        usage="[OPTIONS] TERM",
        summary="Search Docker Hub for images",
        old_summary="Search the Docker Hub for images",
        flags="""
        -f filter filter, format string, limit int @28, limit int=25 @20,
        no-trunc bool
        """,
    ),
    Command(
        name="save",
        spelling="image save",
        arguments="1+",
        usage="[OPTIONS] IMAGE [IMAGE...]",
        summary="Save one or more images to a tar archive (streamed to STDOUT"
        " by default)",
        flags="-o output string, platform string @28 >=1.48",
    ),
    Command(
        name="load",
        spelling="image load",
        arguments="0",
        usage="[OPTIONS]",
        summary="Load an image from a tar archive or STDIN",
        flags="-i input string, platform string @28 >=1.48, -q quiet bool",
    ),
    Command(
        name="import",
        spelling="image import",
        arguments="1+",
        usage="[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        summary="Import the contents from a tarball to create a filesystem image",
        flags="-c change list, -m message string, platform string",
    ),
    Command(
        name="build",
        spelling="image build",
        arguments="1",
        usage="[OPTIONS] PATH | URL | -",
        summary="Build an image from a Dockerfile",
        flags="""
        add-host host, build-arg list, cache-from strings, cgroup-parent string,
        compress bool, cpu-period int, cpu-quota int, -c cpu-shares int,
        cpuset-cpus string, cpuset-mems string, disable-content-trust bool=true,
        -f file string, force-rm bool, iidfile string, isolation string, label label,
        -m memory bytes, memory-swap bytes, network string=default, no-cache bool,
        platform string @28, pull bool, -q quiet bool, rm bool=true,
        security-opt strings, shm-size bytes, squash bool, -t tag list, target string,
        ulimit ulimit
        """,
    ),
    Command(
        name="network create",
        arguments="1",
        usage="[OPTIONS] NETWORK",
        summary="Create a network",
        flags="""
        attachable bool, aux-address map, config-from string, config-only bool,
        -d driver string=bridge, gateway strings, ingress bool, internal bool,
        ip-range strings, ipam-driver string=default, ipam-opt map,
        ipv4 bool=true @28, ipv6 bool, label label, -o opt map, scope string,
        subnet strings
        """,
    ),
    Command(
        name="network ls",
        arguments="0",
        usage="[OPTIONS]",
        summary="List networks",
        flags="-f filter filter, format string, no-trunc bool, -q quiet bool",
    ),
    Command(
        name="network rm",
        arguments="1+",
        usage="NETWORK [NETWORK...]",
        summary="Remove one or more networks",
        flags="-f force bool @28",
    ),
    Command(
        name="network inspect",
        arguments="1+",
        usage="[OPTIONS] NETWORK [NETWORK...]",
        summary="Display detailed information on one or more networks",
        flags="-f format string, -v verbose bool",
    ),
    Command(
        name="network connect",
        arguments="2",
        usage="[OPTIONS] NETWORK CONTAINER",
        summary="Connect a container to a network",
        flags="""
        alias strings, driver-opt strings, gw-priority int @28, ip string, ip6 string,
        link link, link-local-ip strings
        """,
    ),
    Command(
        name="network disconnect",
        arguments="2",
        usage="[OPTIONS] NETWORK CONTAINER",
        summary="Disconnect a container from a network",
        flags="-f force bool",
    ),
    Command(
        name="network prune",
        arguments="0",
        usage="[OPTIONS]",
        summary="Remove all unused networks",
        flags="filter filter, -f force bool",
    ),
    Command(
        name="volume create",
        arguments="0-1",
        usage="[OPTIONS] [VOLUME]",
        summary="Create a volume",
        flags="""
        availability string=active @28 >=1.42, -d driver string=local,
        group string @28 >=1.42, label label, name string hidden,
        limit-bytes bytes @28 >=1.42, -o opt map, required-bytes bytes @28 >=1.42,
        scope string=single @28 >=1.42, secret map @28 >=1.42,
        sharing string=none @28 >=1.42, topology-preferred list @28 >=1.42,
        topology-required list @28 >=1.42, type string=block @28 >=1.42
        """,
    ),
    Command(
        name="volume ls",
        arguments="0",
        usage="[OPTIONS]",
        summary="List volumes",
        flags="""
        cluster bool @28 >=1.42, -f filter filter, format string, -q quiet bool
        """,
    ),
    Command(
        name="volume rm",
        arguments="1+",
        usage="[OPTIONS] VOLUME [VOLUME...]",
        summary="Remove one or more volumes",
        flags="-f force bool",
    ),
    Command(
        name="volume inspect",
        arguments="1+",
        usage="[OPTIONS] VOLUME [VOLUME...]",
        summary="Display detailed information on one or more volumes",
        flags="-f format string",
    ),
    Command(
        name="volume prune",
        arguments="0",
        usage="[OPTIONS]",
        summary="Remove unused local volumes",
        old_summary="Remove all unused local volumes",
        flags="-a all bool @28 >=1.42, filter filter, -f force bool",
    ),
    Command(
        name="volume update",
        arguments="1",
        usage="[OPTIONS] [VOLUME]",
        new=True,
        summary="Update a volume (cluster volumes only)",
        flags="availability string=active @28",
    ),
)
