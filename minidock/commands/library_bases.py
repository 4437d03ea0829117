"""The catalogue's base images: small systems that others are built from.

```
scratch ── alpine ─────────── nginx:alpine, redis:alpine, ...
        ├─ debian ── buildpack-deps ── python, node, ruby, golang
        ├─ ubuntu ─────────── mariadb, mongo, rabbitmq
        └─ busybox, hello-world, ...
```

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["BASES"]

BASES = (
    Entry(
        repository="alpine",
        about="A minimal Docker image based on Alpine Linux with a complete package "
        "index and only 5 MB in size!",
        stars=10421,
        releases="""
        2025-07-15 3.22.1 size=8.31MB : 3.22 3.22.1
        2025-02-14 3.21.3 size=7.83MB : 3.21 3.21.3
        2024-09-06 3.20.3 size=7.8MB : 3.20 3.20.3
        2024-01-27 3.19.1 size=7.38MB : 3.19 3.19.1
        2023-09-28 3.18.4 size=7.34MB : latest 3 3.18 3.18.4
        2023-08-07 3.17.5 size=7.06MB : 3.17 3.17.5
        2022-08-09 3.16.2 size=5.54MB : 3.16 3.16.2
        2022-04-04 3.15.4 size=5.57MB : 3.15 3.15.4
        2021-11-12 3.14.3 size=5.6MB : 3.14 3.14.3
        2021-04-14 3.12.7 size=5.58MB : 3.12 3.12.7
        2021-04-14 3.10.9 size=5.59MB : 3.10 3.10.9
        """,
        recipe="""
        FROM scratch
        ADD {size} alpine-minirootfs-{version}-x86_64.tar.gz in /
        CMD ["/bin/sh"]
        """,
    ),
    Entry(
        repository="busybox",
        about="Busybox base image.",
        stars=3146,
        releases="""
        2024-09-26 1.37.0 size=4.28MB : 1.37 1.37.0
        2023-07-18 1.36.1 size=4.26MB : latest stable 1 1.36 1.36.1 glibc musl
        2022-12-01 1.35.0 size=4.87MB : 1.35 1.35.0
        2021-11-12 1.34.1 size=1.24MB : 1.34 1.34.1
        2019-03-15 1.30.1 size=1.2MB : 1.30 1.30.1
        """,
        recipe="""
        FROM scratch
        ADD {size} busybox-{version}.tar.xz in /
        CMD ["sh"]
        """,
    ),
    Entry(
        repository="debian",
        about="Debian is a Linux distribution that's composed entirely of free and "
        "open-source software.",
        stars=4891,
        releases="""
        2025-08-12 13 size=120MB : 13 trixie
        2025-08-12 13 size=78.6MB : 13-slim trixie-slim
        2023-10-11 12.2 size=117MB : latest 12 12.2 bookworm stable
        2023-10-11 12.2 size=74.8MB : 12-slim bookworm-slim stable-slim
        2023-10-11 11.8 size=124MB : 11 11.8 bullseye
        2023-10-11 11.8 size=80.5MB : 11-slim bullseye-slim
        2023-10-11 10.13 size=114MB : 10 buster
        2023-10-11 10.13 size=69.3MB : 10-slim buster-slim
        2022-06-23 9.13 size=101MB : 9 stretch
        2022-06-23 9.13 size=55.4MB : 9-slim stretch-slim
        2021-03-30 8.11 size=129MB : 8 jessie
        """,
        recipe="""
        FROM scratch
        ADD {size} debian-{version}-rootfs.tar.xz in /
        CMD ["bash"]
        """,
    ),
    Entry(
        repository="ubuntu",
        about="Ubuntu is a Debian-based Linux operating system based on free software.",
        stars=16532,
        releases="""
        2024-10-11 24.04 size=78.1MB : 24.04 noble
        2023-10-05 22.04 size=77.8MB : latest 22.04 jammy
        2023-10-03 20.04 size=72.8MB : 20.04 focal
        2023-05-30 18.04 size=63.1MB : 18.04 bionic
        2021-08-31 16.04 size=135MB : 16.04 xenial
        2021-03-25 14.04 size=197MB : 14.04 trusty
        """,
        recipe="""
        FROM scratch
        LABEL org.opencontainers.image.ref.name=ubuntu
        LABEL org.opencontainers.image.version={version}
        ADD {size} ubuntu-{version}-rootfs.tar in /
        CMD ["/bin/bash"]
        """,
    ),
    Entry(
        repository="centos",
        about="DEPRECATED; The official build of CentOS.",
        stars=7636,
        releases="""
        2021-09-15 8 size=231MB : latest 8 centos8
        2021-09-15 7.9.2009 size=204MB : 7 centos7 7.9.2009
        """,
        recipe="""
        FROM scratch
        ADD {size} centos-{version}-rootfs.tar.xz in /
        LABEL org.label-schema.name=CentOS Base Image
        CMD ["/bin/bash"]
        """,
    ),
    Entry(
        repository="fedora",
        about="Official Docker builds of Fedora",
        stars=1157,
        releases="""
        2023-11-07 39 size=180MB : latest 39
        2023-04-18 38 size=190MB : 38
        """,
        recipe="""
        FROM scratch
        LABEL maintainer=Clement Verna <cverna@fedoraproject.org>
        ENV DISTTAG=f{version}container
        ENV FGC=f{version}
        ADD {size} fedora-{version}-x86_64.tar.xz in /
        CMD ["/bin/bash"]
        """,
    ),
    Entry(
        repository="oraclelinux",
        about="Official Docker builds of Oracle Linux.",
        stars=961,
        releases="""
        2023-10-31 9 size=235MB : 9
        2023-10-31 9 size=111MB : 9-slim
        2023-10-31 8 size=227MB : 8
        2023-10-31 8 size=109MB : 8-slim
        2023-10-31 7.9 size=232MB : 7 7.9
        2023-10-31 7.9 size=133MB : 7-slim
        """,
        recipe="""
        FROM scratch
        ADD {size} oraclelinux-{version}-amd64-rootfs.tar.xz in /
        CMD ["/bin/bash"]
        """,
    ),
    Entry(
        repository="hello-world",
        about="Hello World! (an example of minimal Dockerization)",
        stars=2095,
        releases="""
        2023-05-02 1 size=13.3kB : latest linux
        2018-04-11 1 size=1.85kB : @sha256:083de497cff944f969d8499ab94f07134c50bcf5e6b9\
559b27182d3fa80ce3f7
        """,
        recipe="""
        FROM scratch
        COPY {size} hello /
        CMD ["/hello"]
        """,
    ),
    Entry(
        repository="buildpack-deps",
        about="A collection of common build dependencies used for installing various "
        "modules, e.g., gems.",
        stars=203,
        releases="""
        2023-10-11 12 base=debian:bookworm : latest stable bookworm
        2023-10-11 11 base=debian:bullseye : bullseye
        2023-10-11 10 base=debian:buster : buster
        """,
        recipe="""
        FROM {base}
        RUN 48.4MB install certificates, curl, wget and gnupg
        RUN 177MB install git, mercurial, openssh and subversion
        RUN 587MB install compilers and the headers of common libraries
        """,
    ),
    Entry(
        repository="registry.k8s.io/pause",
        releases="""
        2022-10-05 3.9 size=744kB : latest 3.9
        2021-08-23 3.6 size=683kB : 3.6
        """,
        recipe="""
        FROM scratch
        COPY {size} pause /pause
        USER 65535:65535
        ENTRYPOINT ["/pause"]
        """,
    ),
)
