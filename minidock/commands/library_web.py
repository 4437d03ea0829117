"""The catalogue's web servers, proxies and what is reached with a browser.

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["WEB"]

WEB = (
    Entry(
        repository="nginx",
        about="Official build of Nginx.",
        stars=19229,
        releases="""
        2025-06-24 1.29.0 base=debian:12-slim size=117MB : 1.29 1.29.0
        2025-04-23 1.28.0 base=debian:12-slim size=117MB : stable 1.28 1.28.0
        2025-04-16 1.27.5 base=debian:12-slim size=117MB : 1.27 1.27.5
        2024-04-23 1.26.0 base=debian:12-slim size=113MB : 1.26 1.26.0
        2023-10-24 1.25.3 base=debian:12-slim size=112MB : latest mainline 1 1.25 1.25.3
        2023-10-24 1.25.3 base=alpine:3.18 size=35.2MB : alpine 1-alpine 1.25-alpine \
mainline-alpine 1.25.3-alpine
        2023-04-11 1.24.0 base=debian:11-slim size=61.5MB : 1.24 1.24.0
        2023-04-11 1.24.0 base=alpine:3.17 size=34MB : stable-alpine 1.24-alpine
        2022-10-19 1.22.1 base=debian:11-slim size=61.4MB : 1.22 1.22.1
        2021-11-17 1.21.4 base=debian:11-slim size=60.8MB : 1.21 1.21.4
        2021-04-13 1.19.10 base=debian:10-slim size=64MB : 1.19 1.19.10
        2018-02-20 1.13.9 base=debian:9-slim size=53.7MB : 1.13 1.13.9
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        LABEL maintainer=NGINX Docker Maintainers <docker-maint@nginx.com>
        ENV NGINX_VERSION={version}
        ENV NJS_VERSION=0.8.2
        ENV PKG_RELEASE=1
        RUN {size} install nginx, its modules and the libraries they need
        COPY 1.62kB docker-entrypoint.sh /
        COPY 2.12kB 10-listen-on-ipv6-by-default.sh /docker-entrypoint.d
        COPY 3.02kB 20-envsubst-on-templates.sh /docker-entrypoint.d
        COPY 4.62kB 30-tune-worker-processes.sh /docker-entrypoint.d
        ENTRYPOINT ["/docker-entrypoint.sh"]
        EXPOSE 80
        STOPSIGNAL SIGQUIT
        CMD ["nginx", "-g", "daemon off;"]
        """,
    ),
    Entry(
        repository="httpd",
        about="The Apache HTTP Server Project",
        stars=4640,
        releases="""
        2023-11-01 2.4.58 base=debian:12-slim size=93MB : latest 2 2.4 2.4.58 bookworm
        2023-10-20 2.4.58 base=alpine:3.18 size=51.6MB : alpine 2-alpine 2.4-alpine
        2022-09-13 2.4.54 base=debian:11-slim size=64.9MB : 2.4.54
        2021-10-12 2.4.51 base=debian:11-slim size=63.2MB : 2.4.51
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        ENV HTTPD_PREFIX=/usr/local/apache2
        ENV PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        WORKDIR /usr/local/apache2
        ENV HTTPD_VERSION={version}
        RUN {size} build and install httpd with the libraries it needs
        STOPSIGNAL SIGWINCH
        COPY 138B httpd-foreground /usr/local/bin/
        EXPOSE 80
        CMD ["httpd-foreground"]
        """,
    ),
    Entry(
        repository="caddy",
        about="Caddy 2 is a powerful, enterprise-ready, open source web server with "
        "automatic HTTPS written in Go.",
        stars=631,
        releases="""
        2025-04-18 2.10.0 base=alpine:3.21 size=43.5MB : 2.10 2.10.0
        2023-10-11 2.7.5 base=alpine:3.18 size=41.9MB : latest 2 2.7 2.7.5 alpine
        2023-02-14 2.6.4 base=alpine:3.17 size=40.2MB : 2.6 2.6.4
        """,
        listens="80/tcp 2019/tcp",
        recipe="""
        FROM {base}
        RUN 1.2MB install certificates and the list of media types
        ENV CADDY_VERSION=v{version}
        RUN {size} install caddy
        ENV XDG_CONFIG_HOME=/config
        ENV XDG_DATA_HOME=/data
        LABEL org.opencontainers.image.title=Caddy
        LABEL org.opencontainers.image.version=v{version}
        EXPOSE 80 443 443/udp 2019
        WORKDIR /srv
        CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", \
"caddyfile"]
        """,
    ),
    Entry(
        repository="haproxy",
        about="HAProxy - The Reliable, High Performance TCP/HTTP Load Balancer",
        stars=1874,
        releases="""
        2025-05-28 3.2.0 base=debian:12-slim size=31.2MB : 3.2 3.2.0
        2024-05-29 3.0.0 base=debian:12-slim size=29.6MB : 3.0 3.0.0
        2023-11-01 2.8.3 base=debian:12-slim size=29MB : latest lts 2.8 2.8.3
        2023-11-01 2.8.3 base=alpine:3.18 size=18.1MB : alpine lts-alpine 2.8-alpine
        2023-08-15 2.6.15 base=debian:12-slim size=26.9MB : 2.6
        2023-08-15 1.8.31 base=debian:10-slim size=24.3MB : 1.8
        """,
        recipe="""
        FROM {base}
        ENV HAPROXY_VERSION={version}
        ENV HAPROXY_URL=https://www.haproxy.org/download/src/haproxy-{version}.tar.gz
        RUN {size} build and install haproxy
        STOPSIGNAL SIGUSR1
        COPY 755B docker-entrypoint.sh /usr/local/bin/
        USER haproxy
        WORKDIR /var/lib/haproxy
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
        """,
    ),
    Entry(
        repository="traefik",
        about="Traefik, The Cloud Native Edge Router",
        stars=3138,
        releases="""
        2025-07-09 v3.4.4 base=alpine:3.22 size=212MB : v3.4 v3.4.4
        2024-04-29 v3.0.0 base=alpine:3.19 size=160MB : v3.0 v3.0.0
        2023-10-11 v2.10.5 base=alpine:3.18 size=140MB : latest v2.10 v2.10.5
        2021-09-20 v2.5.3 base=alpine:3.14 size=90.8MB : v2.5 v2.5.3
        2023-01-09 v1.7.34 base=alpine:3.15 size=76.7MB : v1.7 1.7
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        RUN 1.78MB install certificates and time zones
        RUN {size} install traefik
        COPY 466B entrypoint.sh /
        EXPOSE 80
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["traefik"]
        LABEL org.opencontainers.image.title=Traefik
        LABEL org.opencontainers.image.version={version}
        """,
    ),
    Entry(
        repository="traefik/whoami",
        about="Tiny Go webserver that prints OS information and HTTP request to output",
        stars=52,
        releases="""
        2023-04-21 v1.10.1 size=6.31MB : latest v1.10 v1.10.1
        2022-02-09 v1.8.0 size=6.21MB : v1.8 v1.8.0
        """,
        listens="80/tcp",
        recipe="""
        FROM scratch
        COPY {size} whoami with certificates and time zones to /
        EXPOSE 80
        ENTRYPOINT ["/whoami"]
        """,
    ),
    Entry(
        repository="tomcat",
        about="Apache Tomcat is an open source implementation of the Java Servlet and "
        "JavaServer Pages technologies",
        stars=3630,
        releases="""
        2023-11-04 10.1.15 base=eclipse-temurin:21-jdk : latest 10 10.1 10.1.15 jdk21
        2023-11-04 9.0.82 base=eclipse-temurin:17-jdk : 9 9.0 9.0.82
        2023-11-04 8.5.95 base=eclipse-temurin:11-jdk : 8 8.5 8.5.95
        """,
        listens="8080/tcp",
        recipe="""
        FROM {base}
        ENV CATALINA_HOME=/usr/local/tomcat
        ENV PATH=/usr/local/tomcat/bin:/opt/java/openjdk/bin:/usr/local/sbin:\
/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        WORKDIR /usr/local/tomcat
        ENV TOMCAT_VERSION={version}
        RUN 19.5MB install Tomcat and its native library
        EXPOSE 8080
        ENTRYPOINT []
        CMD ["catalina.sh", "run"]
        """,
    ),
    Entry(
        repository="wordpress",
        about="The WordPress rich content management system can utilize plugins, "
        "widgets, and themes.",
        stars=5478,
        releases="""
        2025-04-30 6.8.1 base=php:8.2-apache : 6.8 6.8.1
        2023-11-08 6.4.1 base=php:8.2-apache : latest apache 6 6.4 6.4.1 php8.2
        2023-10-12 6.3.2 base=php:8.0-apache : 6.3 6.3.2 php8.0
        2021-11-10 5.8.2 base=php:7.4-apache : 5 5.8 5.8.2 php7.4
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        RUN 144MB install ghostscript and PHP's extensions
        RUN 71.2MB install WordPress {version}
        VOLUME /var/www/html
        COPY 5.74kB wp-config-docker.php /usr/src/wordpress/
        COPY 4.92kB docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["apache2-foreground"]
        """,
    ),
    Entry(
        repository="adminer",
        about="Database management in a single PHP file.",
        stars=742,
        releases="""
        2025-03-05 5.0.4 base=alpine:3.21 : 5 5.0.4
        2023-09-30 4.8.1 base=alpine:3.18 : latest standalone 4 4.8.1
        """,
        listens="8080/tcp",
        recipe="""
        FROM {base}
        RUN 242MB install PHP and its database drivers
        STOPSIGNAL SIGINT
        WORKDIR /var/www/html
        ENV ADMINER_VERSION={version}
        RUN 478kB install adminer
        USER adminer
        EXPOSE 8080
        ENTRYPOINT ["entrypoint.sh", "docker-php-entrypoint"]
        CMD ["php", "-S", "[::]:8080", "-t", "/var/www/html"]
        """,
    ),
    Entry(
        repository="phpmyadmin",
        about="phpMyAdmin - A web interface for MySQL and MariaDB.",
        stars=902,
        releases="""
        2023-10-19 5.2.1 base=php:8.2-apache : latest apache 5 5.2 5.2.1
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        ENV MAX_EXECUTION_TIME=600
        ENV MEMORY_LIMIT=512M
        ENV UPLOAD_LIMIT=2048K
        ENV VERSION={version}
        RUN 58.4MB install phpMyAdmin and PHP's extensions
        ENTRYPOINT ["/docker-entrypoint.sh"]
        CMD ["apache2-foreground"]
        """,
    ),
    Entry(
        repository="nextcloud",
        about="A safe home for all your data",
        stars=3970,
        releases="""
        2023-10-26 27.1.3 base=php:8.2-apache : latest apache production stable 27 27.1
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        RUN 196MB install PHP's extensions
        ENV PHP_MEMORY_LIMIT=512M
        ENV PHP_UPLOAD_LIMIT=512M
        VOLUME /var/www/html
        ENV NEXTCLOUD_VERSION={version}
        RUN 509MB install Nextcloud
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["apache2-foreground"]
        """,
    ),
    Entry(
        repository="ghost",
        about="Publish by web and email newsletter, with member signups and "
        "subscription payments.",
        stars=1648,
        releases="""
        2023-11-03 5.71.0 base=node:18-slim : latest 5 5.71 5.71.0
        """,
        listens="2368/tcp",
        recipe="""
        FROM {base}
        ENV NODE_ENV=production
        ENV GHOST_INSTALL=/var/lib/ghost
        ENV GHOST_CONTENT=/var/lib/ghost/content
        ENV GHOST_VERSION={version}
        RUN 341MB install Ghost
        WORKDIR /var/lib/ghost
        VOLUME /var/lib/ghost/content
        ENTRYPOINT ["docker-entrypoint.sh"]
        EXPOSE 2368
        CMD ["node", "current/index.js"]
        """,
    ),
)
