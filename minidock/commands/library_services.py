"""The catalogue's registries of services, monitors and tools.

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["SERVICES"]

SERVICES = (
    Entry(
        repository="registry",
        about="The Docker Registry 2.0 implementation for storing and distributing "
        "Docker images",
        stars=3886,
        releases="""
        2025-04-03 3.0.0 base=alpine:3.21 size=50.1MB : 3 3.0 3.0.0
        2023-10-02 2.8.3 base=alpine:3.18 size=17.4MB : latest 2 2.8 2.8.3
        """,
        listens="5000/tcp",
        recipe="""
        FROM {base}
        RUN 640kB install certificates
        COPY {size} registry /bin/registry
        COPY 341B config-example.yml /etc/docker/registry/config.yml
        VOLUME /var/lib/registry
        EXPOSE 5000
        COPY 155B docker-entrypoint.sh /entrypoint.sh
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["/etc/docker/registry/config.yml"]
        """,
    ),
    Entry(
        repository="docker",
        about="Docker in Docker!",
        stars=2379,
        releases="""
        2023-10-26 24.0.7 base=alpine:3.18 : latest dind 24 24.0 24.0.7 24-dind
        2023-04-05 20.10.24 base=alpine:3.17 : 20 20.10 20.10.24 20-dind
        """,
        listens="2375/tcp 2376/tcp",
        recipe="""
        FROM {base}
        ENV DOCKER_VERSION={version}
        RUN 153MB install Docker, buildx and compose
        ENV DOCKER_TLS_CERTDIR=/certs
        RUN 128MB install iptables, git and what else the engine calls
        VOLUME /var/lib/docker
        EXPOSE 2375 2376
        ENTRYPOINT ["dockerd-entrypoint.sh"]
        CMD []
        """,
    ),
    Entry(
        repository="hashicorp/consul",
        about="Automatic build of Consul based on the current release",
        stars=67,
        releases="""
        2023-11-03 1.17.0 base=alpine:3.18 size=143MB : latest 1.17 1.17.0
        2023-10-31 1.16.3 base=alpine:3.18 size=143MB : 1.16 1.16.3
        """,
        listens="8300/tcp 8301/tcp 8301/udp 8302/tcp 8302/udp 8500/tcp 8600/tcp "
        "8600/udp",
        recipe="""
        FROM {base}
        LABEL org.opencontainers.image.title=consul
        LABEL org.opencontainers.image.version={version}
        ENV BIN_NAME=consul
        ENV VERSION={version}
        ENV PRODUCT_VERSION={version}
        RUN {size} install consul
        VOLUME /consul/data
        EXPOSE 8300 8301 8301/udp 8302 8302/udp 8500 8600 8600/udp
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["agent", "-dev", "-client", "0.0.0.0"]
        """,
    ),
    Entry(
        repository="consul",
        about="Consul is a datacenter runtime that provides service discovery, "
        "configuration, and orchestration.",
        stars=1424,
        # As on the real registry there is no tag "latest" any more.
        releases="""
        2023-06-30 1.15.4 base=alpine:3.18 size=148MB : 1.15 1.15.4
        2023-06-30 1.14.8 base=alpine:3.18 size=146MB : 1.14 1.14.8
        """,
        listens="8300/tcp 8301/tcp 8301/udp 8302/tcp 8302/udp 8500/tcp 8600/tcp "
        "8600/udp",
        recipe="""
        FROM {base}
        ENV CONSUL_VERSION={version}
        RUN {size} install consul
        VOLUME /consul/data
        EXPOSE 8300 8301 8301/udp 8302 8302/udp 8500 8600 8600/udp
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["agent", "-dev", "-client", "0.0.0.0"]
        """,
    ),
    Entry(
        repository="hashicorp/vault",
        about="Official vault docker images",
        stars=74,
        releases="""
        2023-11-09 1.15.2 base=alpine:3.18 size=384MB : latest 1.15 1.15.2
        2023-11-09 1.14.6 base=alpine:3.18 size=240MB : 1.14 1.14.6
        """,
        listens="8200/tcp",
        recipe="""
        FROM {base}
        LABEL name=Vault
        ENV NAME=vault
        ENV VERSION={version}
        RUN {size} install vault
        VOLUME /vault/logs /vault/file
        EXPOSE 8200
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["server", "-dev"]
        """,
    ),
    Entry(
        repository="quay.io/coreos/etcd",
        releases="""
        2023-10-27 v3.5.10 size=61.8MB : latest v3.5.10
        2023-05-11 v3.5.9 size=61.4MB : v3.5.9
        2023-05-11 v3.4.26 size=85.8MB : v3.4.26
        """,
        listens="2379/tcp 2380/tcp",
        recipe="""
        FROM scratch
        ADD {size} etcd, etcdctl and etcdutl in /usr/local/bin/
        WORKDIR /var/etcd/
        EXPOSE 2379 2380
        CMD ["/usr/local/bin/etcd"]
        """,
    ),
    Entry(
        repository="bitnami/etcd",
        about="Bitnami container image for etcd",
        stars=125,
        releases="""
        2023-11-07 3.5.10 base=debian:11-slim : latest 3 3.5 3.5.10
        """,
        listens="2379/tcp 2380/tcp",
        recipe="""
        FROM {base}
        LABEL org.opencontainers.image.title=etcd
        LABEL org.opencontainers.image.version={version}
        ENV APP_VERSION={version}
        RUN 88.9MB install etcd
        ENV PATH=/opt/bitnami/common/bin:/opt/bitnami/etcd/bin:/usr/local/sbin:\
/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        WORKDIR /opt/bitnami/etcd
        EXPOSE 2379 2380
        USER 1001
        ENTRYPOINT ["/opt/bitnami/scripts/etcd/entrypoint.sh"]
        CMD ["/opt/bitnami/scripts/etcd/run.sh"]
        """,
    ),
    Entry(
        repository="zookeeper",
        about="Apache ZooKeeper is an open-source server which enables highly reliable "
        "distributed coordination.",
        stars=1434,
        releases="""
        2023-11-01 3.9.1 base=eclipse-temurin:11-jre : latest 3.9 3.9.1
        2023-11-01 3.8.3 base=eclipse-temurin:11-jre : 3.8 3.8.3
        """,
        listens="2181/tcp 8080/tcp",
        recipe="""
        FROM {base}
        ENV ZOO_CONF_DIR=/conf
        ENV ZOO_DATA_DIR=/data
        ENV ZOO_DATA_LOG_DIR=/datalog
        ENV ZOO_LOG_DIR=/logs
        ENV ZOO_TICK_TIME=2000
        RUN 61.8MB install ZooKeeper {version}
        WORKDIR /apache-zookeeper-{version}-bin
        VOLUME /data /datalog /logs
        EXPOSE 2181 2888 3888 8080
        ENTRYPOINT ["/docker-entrypoint.sh"]
        CMD ["zkServer.sh", "start-foreground"]
        """,
    ),
    Entry(
        repository="elasticsearch",
        about="Elasticsearch is a powerful open source search and analytics engine "
        "that makes data easy to explore.",
        stars=6271,
        # As on the real registry there is no tag "latest": a version must be named.
        releases="""
        2023-11-07 8.11.0 base=ubuntu:20.04 size=1.34GB : 8.11.0
        2023-10-18 8.10.4 base=ubuntu:20.04 size=1.31GB : 8.10.4
        2023-10-10 7.17.14 base=ubuntu:20.04 size=569MB : 7.17.14
        """,
        listens="9200/tcp 9300/tcp",
        recipe="""
        FROM {base}
        RUN 9.9MB install unzip and zip
        WORKDIR /usr/share/elasticsearch
        COPY {size} elasticsearch with its own Java to /usr/share/elasticsearch
        ENV PATH=/usr/share/elasticsearch/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        ENV SHELL=/bin/bash
        EXPOSE 9200 9300
        LABEL org.label-schema.name=Elasticsearch
        LABEL org.label-schema.version={version}
        ENTRYPOINT ["/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh"]
        CMD ["eswrapper"]
        USER elasticsearch:root
        """,
    ),
    Entry(
        repository="kibana",
        about="Kibana gives shape to any kind of data - structured and unstructured - "
        "indexed in Elasticsearch.",
        stars=2731,
        releases="""
        2023-11-07 8.11.0 base=ubuntu:20.04 size=928MB : 8.11.0
        2023-10-10 7.17.14 base=ubuntu:20.04 size=752MB : 7.17.14
        """,
        listens="5601/tcp",
        recipe="""
        FROM {base}
        WORKDIR /usr/share/kibana
        COPY {size} kibana with its own Node.js to /usr/share/kibana
        EXPOSE 5601
        ENTRYPOINT ["/bin/tini", "--"]
        CMD ["/usr/local/bin/kibana-docker"]
        USER 1000
        """,
    ),
    Entry(
        repository="grafana/grafana",
        about="The official Grafana docker container",
        stars=3015,
        releases="""
        2025-06-11 12.0.2 base=alpine:3.21 size=642MB : 12.0.2
        2023-10-24 10.2.0 base=alpine:3.18 size=379MB : latest main 10.2.0
        2023-10-24 9.5.13 base=alpine:3.18 size=319MB : 9.5.13
        """,
        listens="3000/tcp",
        recipe="""
        FROM {base}
        LABEL maintainer=Grafana Labs <hello@grafana.com>
        ENV PATH=/usr/share/grafana/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        ENV GF_PATHS_CONFIG=/etc/grafana/grafana.ini
        ENV GF_PATHS_DATA=/var/lib/grafana
        ENV GF_PATHS_HOME=/usr/share/grafana
        ENV GF_PATHS_LOGS=/var/log/grafana
        ENV GF_PATHS_PLUGINS=/var/lib/grafana/plugins
        ENV GF_PATHS_PROVISIONING=/etc/grafana/provisioning
        WORKDIR /usr/share/grafana
        RUN 12.3MB install certificates, curl and time zones
        COPY {size} grafana to /usr/share/grafana
        EXPOSE 3000
        COPY 3.58kB run.sh /run.sh
        USER 472
        ENTRYPOINT ["/run.sh"]
        """,
    ),
)
