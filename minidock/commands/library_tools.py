"""The catalogue's monitors, build servers, network tools and training images.

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["TOOLS"]

TOOLS = (
    Entry(
        repository="prom/prometheus",
        about="The Prometheus monitoring system and time series database.",
        stars=1752,
        releases="""
        2023-10-12 v2.47.2 : latest v2.47.2
        2023-09-04 v2.47.0 : v2.47.0
        2022-12-16 v2.41.0 : v2.41.0
        """,
        listens="9090/tcp",
        recipe="""
        FROM busybox
        LABEL maintainer=The Prometheus Authors <prometheus-developers@googlegroups.com>
        COPY 240MB prometheus promtool to /bin
        COPY 934B prometheus.yml /etc/prometheus/prometheus.yml
        WORKDIR /prometheus
        USER nobody
        EXPOSE 9090
        VOLUME /prometheus
        ENTRYPOINT ["/bin/prometheus"]
        CMD ["--config.file=/etc/prometheus/prometheus.yml", \
"--storage.tsdb.path=/prometheus", \
"--web.console.libraries=/usr/share/prometheus/console_libraries", \
"--web.console.templates=/usr/share/prometheus/consoles"]
        """,
    ),
    Entry(
        repository="prom/node-exporter",
        about="Exporter for machine metrics",
        stars=334,
        releases="""
        2023-05-29 v1.6.0 : latest v1.6.0
        """,
        listens="9100/tcp",
        recipe="""
        FROM busybox
        COPY 18.5MB node_exporter /bin/node_exporter
        EXPOSE 9100
        USER nobody
        ENTRYPOINT ["/bin/node_exporter"]
        """,
    ),
    Entry(
        repository="jenkins/jenkins",
        about="The leading open source automation server",
        stars=3802,
        releases="""
        2023-11-06 2.430 base=debian:12-slim : latest jdk17 2.430
        2023-10-18 2.414.3 base=debian:12-slim : lts lts-jdk17 2.414.3
        """,
        listens="8080/tcp 50000/tcp",
        recipe="""
        FROM {base}
        RUN 151MB install curl, fonts, git and unzip
        ENV LANG=C.UTF-8
        ENV JENKINS_HOME=/var/jenkins_home
        ENV JENKINS_SLAVE_AGENT_PORT=50000
        ENV REF=/usr/share/jenkins/ref
        VOLUME /var/jenkins_home
        ENV JENKINS_VERSION={version}
        RUN 90.6MB install jenkins.war
        ENV COPY_REFERENCE_FILE_LOG=/var/jenkins_home/copy_reference_file.log
        EXPOSE 8080 50000
        ENV JAVA_HOME=/opt/java/openjdk
        COPY 151MB a Java runtime to /opt/java/openjdk
        USER jenkins
        ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/jenkins.sh"]
        """,
    ),
    Entry(
        repository="portainer/portainer-ce",
        about="Portainer CE - a lightweight service delivery platform for "
        "containerized applications",
        stars=2160,
        releases="""
        2023-10-23 2.19.1 : latest 2.19.1
        """,
        listens="8000/tcp 9000/tcp 9443/tcp",
        recipe="""
        FROM scratch
        COPY 285MB portainer to /
        VOLUME /data
        WORKDIR /
        EXPOSE 9000 9443 8000
        ENTRYPOINT ["/portainer"]
        """,
    ),
    Entry(
        repository="gitea/gitea",
        about="Gitea: Git with a cup of tea - A painless self-hosted Git service.",
        stars=741,
        releases="""
        2023-10-03 1.20.5 base=alpine:3.18 : latest 1 1.20 1.20.5
        """,
        listens="22/tcp 3000/tcp",
        recipe="""
        FROM {base}
        EXPOSE 22 3000
        RUN 52.1MB install bash, git, openssh, s6 and sqlite
        ENV USER=git
        ENV GITEA_CUSTOM=/data/gitea
        VOLUME /data
        COPY 112MB gitea to /app/gitea
        ENTRYPOINT ["/usr/bin/entrypoint"]
        CMD ["/bin/s6-svscan", "/etc/s6"]
        """,
    ),
    Entry(
        repository="minio/minio",
        about="Multi-Cloud Object Storage",
        stars=849,
        releases="""
        2023-11-06 RELEASE.2023-11-06T22-26-08Z base=debian:12-slim : latest \
RELEASE.2023-11-06T22-26-08Z
        """,
        listens="9000/tcp",
        recipe="""
        FROM {base}
        ENV MINIO_ROOT_USER_FILE=access_key
        ENV MINIO_ROOT_PASSWORD_FILE=secret_key
        COPY 98.2MB minio /opt/bin/
        EXPOSE 9000
        VOLUME /data
        ENTRYPOINT ["/usr/bin/docker-entrypoint.sh"]
        CMD ["minio"]
        """,
    ),
    Entry(
        repository="sonarqube",
        about="SonarQube is an open source platform for continuous inspection of code "
        "quality.",
        stars=1839,
        releases="""
        2023-11-01 10.2.1 base=eclipse-temurin:17-jre : latest community
        """,
        listens="9000/tcp",
        recipe="""
        FROM {base}
        ENV SONARQUBE_HOME=/opt/sonarqube
        ENV SONAR_VERSION={version}
        RUN 590MB install SonarQube
        WORKDIR /opt/sonarqube
        EXPOSE 9000
        USER sonarqube
        STOPSIGNAL SIGINT
        ENTRYPOINT ["/opt/sonarqube/docker/entrypoint.sh"]
        """,
    ),
    Entry(
        repository="nicolaka/netshoot",
        about="a Docker + Kubernetes network trouble-shooting swiss-army container",
        stars=1214,
        releases="""
        2023-05-03 v0.11 : latest v0.11
        """,
        recipe="""
        FROM alpine
        RUN 458MB install curl, dig, iperf3, iproute2, nmap, tcpdump and many more
        ENV HOSTNAME=netshoot
        WORKDIR /root
        CMD ["zsh"]
        """,
    ),
    Entry(
        repository="curlimages/curl",
        about="official docker image for curl - command line tool and library for "
        "transferring data with URLs",
        stars=327,
        releases="""
        2023-10-11 8.4.0 : latest 8.4.0
        2022-12-21 7.87.0 : 7.87.0
        """,
        recipe="""
        FROM alpine
        ENV CURL_CA_BUNDLE=/cacert.pem
        COPY 9.1MB curl and libcurl to /usr
        USER curl_user
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["curl"]
        """,
    ),
    # The images of the notes that this project started from. What they show of the link
    # variables of training/mysql mixes two ports up (5432 beside 5000): 5000 is the
    # port of training/webapp, and a MySQL server listens on 3306. Here each exposes
    # its own.
    Entry(
        repository="training/webapp",
        about="A small Python web application for training",
        stars=26,
        releases="""
        2015-05-27 1 base=ubuntu:14.04 : latest
        """,
        listens="5000/tcp",
        recipe="""
        FROM {base}
        RUN 147MB install python and pip
        COPY 7.67kB requirements.txt app.py /opt/webapp/
        RUN 4.64MB install flask
        WORKDIR /opt/webapp
        EXPOSE 5000
        CMD ["python", "app.py"]
        """,
    ),
    Entry(
        repository="training/mysql",
        about="A MySQL server for training",
        stars=3,
        releases="""
        2015-05-27 5.5 base=ubuntu:14.04 : latest 5.5
        """,
        listens="3306/tcp",
        recipe="""
        FROM {base}
        RUN 151MB install the MySQL server
        VOLUME /var/lib/mysql
        EXPOSE 3306
        CMD ["mysqld_safe"]
        """,
    ),
    Entry(
        repository="training/postgres",
        about="A PostgreSQL server for training",
        stars=12,
        releases="""
        2015-05-27 9.3 base=ubuntu:14.04 : latest
        """,
        listens="5432/tcp",
        recipe="""
        FROM {base}
        RUN 168MB install the PostgreSQL server
        VOLUME /etc/postgresql /var/log/postgresql /var/lib/postgresql
        USER postgres
        EXPOSE 5432
        CMD ["su", "postgres", "-c", "/usr/lib/postgresql/9.3/bin/postgres"]
        """,
    ),
)
