"""The catalogue's databases, caches and queues.

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["DATA"]

DATA = (
    Entry(
        repository="redis",
        about="Redis is the world's fastest data platform for caching, vector search, "
        "and NoSQL databases.",
        stars=12508,
        releases="""
        2025-07-06 8.0.3 base=debian:12-slim size=53.4MB : 8 8.0 8.0.3
        2025-07-06 7.4.5 base=debian:12-slim size=42.4MB : 7.4 7.4.5
        2023-11-01 7.2.3 base=debian:12-slim size=63MB : latest 7 7.2 7.2.3 bookworm
        2023-11-01 7.2.3 base=alpine:3.18 size=22.9MB : alpine 7-alpine 7.2-alpine
        2023-11-01 6.2.14 base=debian:12-slim size=34.9MB : 6 6.2 6.2.14
        2023-11-01 6.2.14 base=alpine:3.18 size=20.8MB : 6-alpine 6.2-alpine
        2022-12-12 5.0.14 base=debian:11-slim size=29.6MB : 5 5.0 5.0.14
        2020-10-21 4.0.14 base=debian:10-slim size=20MB : 4 4.0 4.0.14
        """,
        listens="6379/tcp",
        recipe="""
        FROM {base}
        RUN 8.7kB add the user redis
        ENV GOSU_VERSION=1.16
        ENV REDIS_VERSION={version}
        ENV REDIS_DOWNLOAD_URL=http://download.redis.io/releases/redis-{version}.tar.gz
        RUN {size} build and install redis
        RUN 0B make /data
        VOLUME /data
        WORKDIR /data
        COPY 661B docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 6379
        CMD ["redis-server"]
        """,
    ),
    Entry(
        repository="memcached",
        about="Free & open source, high-performance, distributed memory object caching "
        "system.",
        stars=2209,
        releases="""
        2023-11-01 1.6.22 base=debian:12-slim size=9.8MB : latest 1 1.6 1.6.22
        2023-09-28 1.6.21 base=alpine:3.18 size=2.4MB : alpine 1-alpine 1.6-alpine
        """,
        listens="11211/tcp",
        recipe="""
        FROM {base}
        ENV MEMCACHED_VERSION={version}
        RUN {size} build and install memcached
        COPY 243B docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        USER memcache
        EXPOSE 11211
        CMD ["memcached"]
        """,
    ),
    Entry(
        repository="postgres",
        about="The PostgreSQL object-relational database system provides reliability "
        "and data integrity.",
        stars=12798,
        releases="""
        2025-05-08 17.5 base=debian:12-slim major=17 size=363MB : 17 17.5
        2023-11-09 16.1 base=debian:12-slim major=16 size=350MB : latest 16 16.1 \
bookworm
        2023-11-09 16.1 base=alpine:3.18 major=16 size=234MB : alpine 16-alpine
        2023-11-09 15.5 base=debian:12-slim major=15 size=343MB : 15 15.5
        2023-11-09 15.5 base=alpine:3.18 major=15 size=230MB : 15-alpine
        2023-11-09 14.10 base=debian:12-slim major=14 size=339MB : 14 14.10
        2023-11-09 13.13 base=debian:12-slim major=13 size=333MB : 13 13.13
        2023-11-09 12.17 base=debian:12-slim major=12 size=328MB : 12 12.17
        2022-02-10 9.6.24 base=debian:11-slim major=9.6 size=119MB : 9 9.6 9.6.24
        """,
        listens="5432/tcp",
        recipe="""
        FROM {base}
        RUN 7.3kB add the user postgres
        ENV GOSU_VERSION=1.16
        ENV LANG=en_US.utf8
        ENV PG_MAJOR={major}
        ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:\
/usr/lib/postgresql/{major}/bin
        ENV PG_VERSION={version}
        RUN {size} install PostgreSQL
        ENV PGDATA=/var/lib/postgresql/data
        RUN 0B make the data folder
        VOLUME /var/lib/postgresql/data
        COPY 12.8kB docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        STOPSIGNAL SIGINT
        EXPOSE 5432
        CMD ["postgres"]
        """,
    ),
    Entry(
        repository="mysql",
        about="MySQL is a widely used, open-source relational database management "
        "system (RDBMS).",
        stars=14671,
        releases="""
        2025-04-15 8.4.5 base=oraclelinux:9-slim major=8.4 size=658MB : lts 8.4 8.4.5
        2023-10-25 8.2.0 base=oraclelinux:8-slim major=innovation size=510MB : latest \
innovation 8 8.2 8.2.0
        2023-10-25 8.0.35 base=oraclelinux:8-slim major=8.0 size=487MB : 8.0 8.0.35
        2021-10-19 8.0.27 base=debian:10-slim major=8.0 size=446MB : 8.0.27
        2023-10-25 5.7.44 base=oraclelinux:7-slim major=5.7 size=368MB : 5 5.7 5.7.44
        2022-01-28 5.6.51 base=debian:9 major=5.6 size=201MB : 5.6 5.6.51
        """,
        listens="3306/tcp 33060/tcp",
        recipe="""
        FROM {base}
        RUN 0B add the user mysql
        ENV GOSU_VERSION=1.16
        ENV MYSQL_MAJOR={major}
        ENV MYSQL_VERSION={version}-1.el8
        RUN {size} install the MySQL server
        ENV MYSQL_SHELL_VERSION={version}-1.el8
        VOLUME /var/lib/mysql
        COPY 14.1kB docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 3306 33060
        CMD ["mysqld"]
        """,
    ),
    Entry(
        repository="mariadb",
        about="MariaDB Server is a high performing open source relational database, "
        "forked from MySQL.",
        stars=5589,
        releases="""
        2025-05-30 11.8.2 base=ubuntu:24.04 size=252MB : lts 11.8 11.8.2
        2023-10-31 11.1.2 base=ubuntu:22.04 size=327MB : latest 11 11.1 11.1.2 jammy
        2023-10-31 10.11.5 base=ubuntu:22.04 size=325MB : 10 10.11 10.11.5
        2023-10-31 10.6.15 base=ubuntu:20.04 size=321MB : 10.6 10.6.15
        2021-08-31 10.6.4 base=ubuntu:20.04 size=336MB : 10.6.4 10.6.4-focal
        2023-10-31 10.5.22 base=ubuntu:20.04 size=321MB : 10.5 10.5.22
        2023-06-08 10.3.39 base=ubuntu:20.04 size=306MB : 10.3 10.3.39
        """,
        listens="3306/tcp",
        recipe="""
        FROM {base}
        RUN 331kB add the user mysql
        ENV GOSU_VERSION=1.14
        ENV LANG=C.UTF-8
        LABEL org.opencontainers.image.title=MariaDB Database
        LABEL org.opencontainers.image.version={version}
        ENV MARIADB_VERSION=1:{version}+maria~ubu2204
        RUN {size} install the MariaDB server
        VOLUME /var/lib/mysql
        COPY 25.7kB healthcheck.sh docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 3306
        CMD ["mariadbd"]
        """,
    ),
    Entry(
        repository="mongo",
        about="MongoDB document databases provide high availability and easy "
        "scalability.",
        stars=9964,
        releases="""
        2024-10-04 8.0.1 base=ubuntu:24.04 major=8.0 size=777MB : 8 8.0 8.0.1
        2023-10-13 7.0.2 base=ubuntu:22.04 major=7.0 size=679MB : latest 7 7.0 7.0.2
        2023-10-13 6.0.11 base=ubuntu:22.04 major=6.0 size=623MB : 6 6.0 6.0.11
        2023-10-13 5.0.22 base=ubuntu:20.04 major=5.0 size=605MB : 5 5.0 5.0.22
        2023-10-13 4.4.25 base=ubuntu:20.04 major=4.4 size=347MB : 4 4.4 4.4.25
        """,
        listens="27017/tcp",
        recipe="""
        FROM {base}
        RUN 8.9kB add the user mongodb
        ENV GOSU_VERSION=1.16
        ENV JSYAML_VERSION=3.13.1
        ENV MONGO_PACKAGE=mongodb-org
        ENV MONGO_REPO=repo.mongodb.org
        ENV MONGO_MAJOR={major}
        ENV MONGO_VERSION={version}
        RUN {size} install MongoDB
        VOLUME /data/db /data/configdb
        ENV HOME=/data/db
        COPY 14.1kB docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 27017
        CMD ["mongod"]
        """,
    ),
    Entry(
        repository="rabbitmq",
        about="RabbitMQ is an open source multi-protocol messaging broker.",
        stars=4964,
        releases="""
        2025-06-30 4.1.2 base=ubuntu:24.04 size=164MB : 4 4.1 4.1.2
        2023-11-02 3.12.8 base=ubuntu:22.04 size=141MB : latest 3 3.12 3.12.8
        2023-11-02 3.12.8 base=alpine:3.18 size=94.6MB : alpine 3-alpine 3.12-alpine
        2023-09-20 3.11.23 base=ubuntu:22.04 size=138MB : 3.11 3.11.23
        """,
        listens="5672/tcp 25672/tcp",
        recipe="""
        FROM {base}
        ENV RABBITMQ_DATA_DIR=/var/lib/rabbitmq
        ENV RABBITMQ_VERSION={version}
        ENV RABBITMQ_HOME=/opt/rabbitmq
        RUN {size} install Erlang and RabbitMQ
        ENV HOME=/var/lib/rabbitmq
        ENV LANG=C.UTF-8
        VOLUME /var/lib/rabbitmq
        COPY 3.7kB docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 4369 5671 5672 15691 15692 25672
        CMD ["rabbitmq-server"]
        """,
    ),
    Entry(
        repository="rabbitmq",
        releases="""
        2023-11-02 3.12.8 base=rabbitmq:3.12.8 : management 3-management 3.12-management
        2025-06-30 4.1.2 base=rabbitmq:4.1.2 : 4-management 4.1-management
        """,
        listens="5672/tcp 15672/tcp 25672/tcp",
        recipe="""
        FROM {base}
        RUN 30.7MB turn the management plugin on, with Python for rabbitmqadmin
        EXPOSE 15671 15672
        """,
    ),
    Entry(
        repository="nats",
        about="NATS is an open source, secure and high performance messaging system.",
        stars=526,
        releases="""
        2023-11-02 2.10.4 base=alpine:3.18 : alpine 2-alpine 2.10-alpine
        """,
        listens="4222/tcp 8222/tcp",
        recipe="""
        FROM {base}
        ENV NATS_SERVER={version}
        RUN 15.4MB install the NATS server
        COPY 524B nats-server.conf /etc/nats/
        COPY 275B docker-entrypoint.sh /usr/local/bin
        EXPOSE 4222 6222 8222
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["nats-server", "--config", "/etc/nats/nats-server.conf"]
        """,
    ),
    Entry(
        repository="nats",
        releases="""
        2025-07-03 2.11.6 size=17.4MB : 2.11 2.11.6
        2023-11-02 2.10.4 size=15.2MB : latest scratch 2 2.10 2.10.4
        """,
        listens="4222/tcp 8222/tcp",
        recipe="""
        FROM scratch
        COPY {size} nats-server and nats-server.conf to /
        EXPOSE 4222 6222 8222
        ENTRYPOINT ["/nats-server"]
        CMD ["--config", "nats-server.conf"]
        """,
    ),
    Entry(
        repository="influxdb",
        about="InfluxDB is a platform for collecting, storing, and processing time "
        "series data.",
        stars=1787,
        releases="""
        2023-11-02 2.7.3 base=debian:11-slim : latest 2 2.7 2.7.3
        """,
        listens="8086/tcp",
        recipe="""
        FROM {base}
        ENV INFLUXDB_VERSION={version}
        RUN 227MB install influxd and the influx command
        VOLUME /var/lib/influxdb2 /etc/influxdb2
        ENV INFLUX_CONFIGS_PATH=/etc/influxdb2/influx-configs
        EXPOSE 8086
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["influxd"]
        """,
    ),
    Entry(
        repository="cassandra",
        about="Apache Cassandra is an open-source distributed storage system.",
        stars=1514,
        releases="""
        2023-11-01 4.1.3 base=eclipse-temurin:11-jre : latest 4 4.1 4.1.3
        """,
        listens="7000/tcp 7199/tcp 9042/tcp",
        recipe="""
        FROM {base}
        ENV CASSANDRA_HOME=/opt/cassandra
        ENV CASSANDRA_CONF=/etc/cassandra
        ENV CASSANDRA_VERSION={version}
        RUN 101MB install Cassandra
        VOLUME /var/lib/cassandra
        EXPOSE 7000 7001 7199 9042 9160
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["cassandra", "-f"]
        """,
    ),
)
