"""The catalogue's programming languages.

A table; :mod:`minidock.commands.library_entry` says how to read it.
"""

from minidock.commands.library_entry import Entry

__all__ = ["LANGUAGES"]

LANGUAGES = (
    Entry(
        repository="python",
        about="Python is an interpreted, interactive, object-oriented, open-source "
        "programming language.",
        stars=9175,
        releases="""
        2025-06-11 3.13.5 base=buildpack-deps:bookworm libs=24MB size=74MB : 3.13 3.13.5
        2025-06-11 3.13.5 base=debian:12-slim libs=9.23MB size=36.3MB : 3.13-slim
        2023-11-01 3.12.0 base=buildpack-deps:bookworm libs=24MB size=68MB : latest 3 \
3.12 3.12.0 bookworm
        2023-11-01 3.12.0 base=debian:12-slim libs=9.23MB size=46.6MB : slim 3-slim \
3.12-slim
        2023-10-03 3.12.0 base=alpine:3.18 libs=1.36MB size=43.1MB : alpine 3-alpine \
3.12-alpine
        2023-11-01 3.11.6 base=buildpack-deps:bookworm libs=24MB size=66.2MB : 3.11
        2023-11-01 3.11.6 base=debian:12-slim libs=9.23MB size=46.3MB : 3.11-slim
        2023-10-10 3.11.6 base=alpine:3.18 libs=1.36MB size=43.3MB : 3.11-alpine
        2023-11-01 3.10.13 base=buildpack-deps:bookworm libs=24MB size=64.8MB : 3.10
        2023-11-01 3.10.13 base=debian:12-slim libs=9.23MB size=44.8MB : 3.10-slim
        2023-10-10 3.10.13 base=alpine:3.18 libs=1.36MB size=41.9MB : 3.10-alpine
        2023-11-01 3.9.18 base=buildpack-deps:bookworm libs=24MB size=62.5MB : 3.9
        2023-11-01 3.9.18 base=debian:12-slim libs=9.23MB size=42.6MB : 3.9-slim
        2023-11-01 3.8.18 base=buildpack-deps:bookworm libs=24MB size=61.1MB : 3.8
        2023-06-13 3.7.17 base=buildpack-deps:bookworm libs=24MB size=56.2MB : 3.7
        2023-06-13 3.7.17 base=alpine:3.18 libs=1.36MB size=41.4MB : 3.7-alpine
        2020-04-29 2.7.18 base=buildpack-deps:buster libs=19MB size=54.7MB : 2 2.7
        """,
        recipe="""
        FROM {base}
        ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:\
/sbin:/bin
        ENV LANG=C.UTF-8
        RUN {libs} install the libraries that Python needs
        ENV PYTHON_VERSION={version}
        RUN {size} build and install Python
        ENV PYTHON_PIP_VERSION=23.2.1
        RUN 12.2MB install pip
        CMD ["python3"]
        """,
    ),
    Entry(
        repository="node",
        about="Node.js is a JavaScript-based platform for server-side and networking "
        "applications.",
        stars=13104,
        releases="""
        2025-07-15 22.17.1 base=buildpack-deps:bookworm size=178MB : lts 22 22.17
        2025-07-15 22.17.1 base=alpine:3.22 size=152MB : lts-alpine 22-alpine
        2023-10-24 21.1.0 base=buildpack-deps:bookworm size=172MB : latest current 21
        2023-10-24 21.1.0 base=alpine:3.18 size=132MB : alpine current-alpine 21-alpine
        2023-10-24 20.9.0 base=buildpack-deps:bookworm size=168MB : 20 20.9 20.9.0 iron
        2023-10-24 20.9.0 base=debian:12-slim size=165MB : slim 20-slim
        2023-10-24 20.9.0 base=alpine:3.18 size=129MB : 20-alpine
        2023-10-18 18.18.2 base=buildpack-deps:bookworm size=165MB : 18 18.18 hydrogen
        2023-10-18 18.18.2 base=debian:12-slim size=168MB : 18-slim
        2023-10-18 18.18.2 base=alpine:3.18 size=167MB : 18-alpine
        2023-08-09 16.20.2 base=buildpack-deps:buster size=108MB : 16 16.20 gallium
        2023-08-09 16.20.2 base=alpine:3.18 size=110MB : 16-alpine
        2023-02-16 14.21.3 base=buildpack-deps:buster size=101MB : 14 14.21 fermium
        2023-02-16 14.21.3 base=alpine:3.17 size=112MB : 14-alpine
        2022-04-05 12.22.12 base=buildpack-deps:buster size=89MB : 12 12.22 erbium
        2021-04-06 10.24.1 base=buildpack-deps:buster size=81MB : 10 10.24 dubnium
        """,
        recipe="""
        FROM {base}
        RUN 8.93kB add the user node
        ENV NODE_VERSION={version}
        RUN {size} install Node.js
        ENV YARN_VERSION=1.22.19
        RUN 7.43MB install yarn
        COPY 388B docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["docker-entrypoint.sh"]
        CMD ["node"]
        """,
    ),
    Entry(
        repository="golang",
        about="Go (golang) is a general purpose, higher-level, imperative programming "
        "language.",
        stars=4617,
        releases="""
        2025-07-08 1.24.5 base=debian:bookworm libs=489MB size=247MB : 1.24 1.24.5
        2023-11-08 1.21.4 base=debian:bookworm libs=477MB size=220MB : latest 1 1.21
        2023-11-08 1.21.4 base=alpine:3.18 libs=520kB size=211MB : alpine 1-alpine \
1.21-alpine
        2023-11-08 1.20.11 base=debian:bookworm libs=477MB size=258MB : 1.20 1.20.11
        2023-11-08 1.20.11 base=alpine:3.18 libs=520kB size=246MB : 1.20-alpine
        2023-09-06 1.19.13 base=debian:bookworm libs=477MB size=149MB : 1.19 1.19.13
        2022-08-02 1.17.13 base=debian:bullseye libs=403MB size=415MB : 1.17 1.17.13
        """,
        recipe="""
        FROM {base}
        RUN {libs} install a compiler, git and certificates
        ENV GOLANG_VERSION={version}
        RUN {size} install Go
        ENV GOTOOLCHAIN=local
        ENV GOPATH=/go
        ENV PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        WORKDIR /go
        """,
    ),
    Entry(
        repository="php",
        about="While designed for web development, the PHP scripting language also "
        "provides general-purpose use.",
        stars=7456,
        releases="""
        2025-07-03 8.4.10 base=debian:12-slim : 8.4 8.4-cli 8.4.10
        2023-11-01 8.2.12 base=debian:12-slim : latest cli 8 8-cli 8.2 8.2-cli 8.2.12
        2023-11-01 8.1.25 base=debian:12-slim : 8.1 8.1-cli 8.1.25
        2022-11-15 7.4.33 base=debian:11-slim : 7 7-cli 7.4 7.4-cli 7.4.33
        """,
        recipe="""
        FROM {base}
        RUN 309MB install a compiler and PHP's build dependencies
        ENV PHP_INI_DIR=/usr/local/etc/php
        ENV PHP_VERSION={version}
        RUN 12.1MB fetch the sources
        RUN 107MB build and install PHP
        ENTRYPOINT ["docker-php-entrypoint"]
        CMD ["php", "-a"]
        """,
    ),
    Entry(
        repository="php",
        releases="""
        2025-07-03 8.4.10 base=debian:12-slim : 8.4-apache
        2023-11-01 8.2.12 base=debian:12-slim : apache 8-apache 8.2-apache 8.2.12-apache
        2023-11-01 8.1.25 base=debian:12-slim : 8.1-apache
        2023-11-01 8.0.30 base=debian:12-slim : 8.0-apache
        2022-11-15 7.4.33 base=debian:11-slim : 7-apache 7.4-apache
        """,
        listens="80/tcp",
        recipe="""
        FROM {base}
        RUN 309MB install a compiler and PHP's build dependencies
        ENV PHP_INI_DIR=/usr/local/etc/php
        ENV APACHE_CONFDIR=/etc/apache2
        ENV APACHE_ENVVARS=/etc/apache2/envvars
        RUN 20.3MB install the Apache server
        ENV PHP_VERSION={version}
        RUN 12.1MB fetch the sources
        RUN 89.6MB build and install PHP
        ENTRYPOINT ["docker-php-entrypoint"]
        STOPSIGNAL SIGWINCH
        COPY 1.35kB apache2-foreground /usr/local/bin/
        WORKDIR /var/www/html
        EXPOSE 80
        CMD ["apache2-foreground"]
        """,
    ),
    Entry(
        repository="php",
        releases="""
        2023-11-01 8.2.12 base=debian:12-slim size=97.2MB : fpm 8-fpm 8.2-fpm
        2023-11-01 8.2.12 base=alpine:3.18 size=66.4MB : fpm-alpine 8-fpm-alpine \
8.2-fpm-alpine
        """,
        listens="9000/tcp",
        recipe="""
        FROM {base}
        ENV PHP_INI_DIR=/usr/local/etc/php
        ENV PHP_VERSION={version}
        RUN 12.1MB fetch the sources
        RUN {size} build and install PHP
        ENTRYPOINT ["docker-php-entrypoint"]
        WORKDIR /var/www/html
        STOPSIGNAL SIGQUIT
        EXPOSE 9000
        CMD ["php-fpm"]
        """,
    ),
    Entry(
        repository="ruby",
        about="Ruby is a dynamic, reflective, object-oriented, general-purpose, "
        "open-source programming language.",
        stars=2357,
        releases="""
        2023-11-01 3.2.2 base=buildpack-deps:bookworm size=80.1MB : latest 3 3.2 3.2.2
        2023-11-01 3.2.2 base=debian:12-slim size=105MB : slim 3-slim 3.2-slim
        2023-09-28 3.2.2 base=alpine:3.18 size=84MB : alpine 3-alpine 3.2-alpine
        2023-11-01 2.7.8 base=buildpack-deps:bullseye size=64.4MB : 2 2.7 2.7.8
        """,
        recipe="""
        FROM {base}
        ENV LANG=C.UTF-8
        ENV RUBY_VERSION={version}
        RUN {size} build and install Ruby
        ENV GEM_HOME=/usr/local/bundle
        ENV BUNDLE_SILENCE_ROOT_WARNING=1
        ENV BUNDLE_APP_CONFIG=/usr/local/bundle
        ENV PATH=/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        CMD ["irb"]
        """,
    ),
    Entry(
        repository="eclipse-temurin",
        about="Official Images for OpenJDK binaries built by Eclipse Temurin.",
        stars=432,
        releases="""
        2023-11-01 21.0.1 size=317MB base=ubuntu:22.04 : latest 21 21-jdk
        2023-11-01 21.0.1 size=146MB base=ubuntu:22.04 : 21-jre
        2023-11-01 17.0.9 size=281MB base=ubuntu:22.04 : 17 17-jdk
        2023-11-01 17.0.9 size=138MB base=ubuntu:22.04 : 17-jre
        2023-11-01 17.0.9 size=141MB base=alpine:3.18 : 17-jre-alpine
        2023-11-01 11.0.21 size=265MB base=ubuntu:22.04 : 11 11-jdk
        2023-11-01 11.0.21 size=124MB base=ubuntu:22.04 : 11-jre
        2023-11-01 8.0.392 size=103MB base=ubuntu:22.04 : 8 8-jdk 8-jre
        """,
        recipe="""
        FROM {base}
        ENV JAVA_HOME=/opt/java/openjdk
        ENV PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        ENV LANG=en_US.UTF-8
        ENV LC_ALL=en_US.UTF-8
        RUN 50.1MB install certificates, fonts and locales
        ENV JAVA_VERSION=jdk-{version}
        RUN {size} install Java
        COPY 1.18kB entrypoint.sh /__cacert_entrypoint.sh
        ENTRYPOINT ["/__cacert_entrypoint.sh"]
        CMD ["jshell"]
        """,
    ),
    Entry(
        repository="openjdk",
        about="Pre-release / non-production builds of OpenJDK",
        stars=3886,
        releases="""
        2022-05-06 18.0.1.1 base=oraclelinux:8-slim size=361MB : latest 18 18-jdk
        2022-04-19 17.0.2 base=oraclelinux:8-slim size=362MB : 17 17-jdk
        2022-07-19 11.0.16 base=debian:11 size=530MB : 11 11-jdk
        2022-07-19 11.0.16 base=debian:11-slim size=142MB : 11-jre-slim
        2022-07-19 8u342 base=debian:11 size=402MB : 8 8-jdk
        """,
        recipe="""
        FROM {base}
        ENV JAVA_HOME=/usr/local/openjdk
        ENV PATH=/usr/local/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:\
/usr/bin:/sbin:/bin
        ENV LANG=C.UTF-8
        ENV JAVA_VERSION={version}
        RUN {size} install OpenJDK
        CMD ["jshell"]
        """,
    ),
)
